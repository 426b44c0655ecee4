"""Stored lists, releases, panel decisions, the ledger, and the pages that show them.

A list is shown only while a release for exactly that list is live; every read verifies it again.
"""

from serving.batch import Batch
from serving.documents import RunRecord, list_hash, run_id
from serving.people import Person, Role, demo_people, demo_reviewer
from serving.release.reading import Case, ReleasedList
from serving.release.reviewing import ReviewResult
from serving.release.runs import RunDetail, RunSummary
from serving.service import Service

__all__ = [
    "Batch",
    "Case",
    "Person",
    "ReleasedList",
    "ReviewResult",
    "Role",
    "RunDetail",
    "RunRecord",
    "RunSummary",
    "Service",
    "demo_people",
    "demo_reviewer",
    "list_hash",
    "run_id",
]
