"""Erasing: when what is held is due for review, and taking a person out of everything that the store keeps.

`erasure` leads it, `search` shows that nothing is left, `tombstones` keep the person out of later extracts.
"""
