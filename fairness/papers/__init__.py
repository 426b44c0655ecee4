"""What leaves an audit for people: its report with a page one in plain English.

Everything is made from stored documents of plain values; nothing here reads a table of people or another room.
"""

from fairness.papers.document import audit_report
from fairness.papers.workbook import workbook

__all__ = ["audit_report", "workbook"]
