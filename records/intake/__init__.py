"""Intake: staged text against the contract; sound rows become a delivery, the others wait in quarantine.

The second step of the way, after `records.reading`: `ingest` leads it. Accepted and kept-out rows are all rows read.
"""
