"""Errors planted one by one into a copy of the code, each of which one named test must see."""
