"""History: deliveries, kept as they were accepted, folded into one snapshot of what was known when.

The third step of the way, after `records.intake`: `deliveries` keeps, `fold` joins, `publishing` writes and hashes.
"""
