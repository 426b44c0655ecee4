"""Page one of an audit report: what everybody asks, answered in plain English from the audit alone.

Every word that a reader may not know is explained where it first stands. No answer calls a list good or a group equal,
and what could not be settled is never worded, coloured or counted as passed.
"""

from __future__ import annotations

from collections.abc import Callable

from fairness.papers.page_one.chance import chance
from fairness.papers.page_one.found import Answer, Found
from fairness.papers.page_one.groups import groups
from fairness.papers.page_one.next_step import limits, next_step
from fairness.papers.page_one.people import people
from fairness.papers.page_one.settle import settle
from fairness.papers.page_one.unassessed import unassessed, unknown
from fairness.papers.page_one.verdict import checked, verdict

__all__ = ["QUESTIONS", "Answer", "Found", "page_one"]

QUESTIONS: tuple[Callable[[Found], Answer], ...] = (
    verdict,
    checked,
    groups,
    chance,
    people,
    settle,
    unassessed,
    unknown,
    limits,
    next_step,
)
"""Who answers which question, in the order of the page."""


def page_one(found: Found) -> list[Answer]:
    """Return the answers in the order of the page."""
    return [question(found) for question in QUESTIONS]
