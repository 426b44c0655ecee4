"""What the API takes and gives: a module for what belongs together."""
