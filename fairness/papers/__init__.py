"""What leaves an audit for people: its report with a page one in plain English, and the governance papers of a run.

Everything is made from stored documents of plain values; nothing here reads a table of people or another room.
"""

from fairness.papers.document import audit_report
from fairness.papers.facts import RunFacts
from fairness.papers.generated import paper_hash, papers
from fairness.papers.governance import Governance, open_points, read_governance
from fairness.papers.markdown import markdown
from fairness.papers.workbook import cell_rows, workbook

__all__ = [
    "Governance",
    "RunFacts",
    "audit_report",
    "cell_rows",
    "markdown",
    "open_points",
    "paper_hash",
    "papers",
    "read_governance",
    "workbook",
]
