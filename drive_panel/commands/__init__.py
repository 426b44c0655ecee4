"""The commands, grouped by who uses them; each is a thin face over one workflow."""
