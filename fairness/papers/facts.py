"""What papers are answered from: one run, as plain values that hold nothing about a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fairness.papers.shown import SMALLEST


@dataclass(frozen=True)
class RunFacts:
    """One scoring run.

    Parameters
    ----------
    run, area, as_of, state, synthetic
        As the service tells of it; `area` and `as_of` in words.
    list_hash, hashes
        Of the list, and of bundle, indicators, cohort, policy, governance and snapshot.
    report
        What `audit_report` returned of its audit.
    places, list_length
        Places of the panel at that meeting, and people on the list at most.
    bundle
        What the bundle says of itself: ``kind``, ``indicators`` (how many), ``reads`` (columns), ``card``.
    evaluation
        The evaluation report's document; empty where training left none.
    sources
        One entry a table of records: ``table``, ``controller``, ``basis``, ``confirm``, ``purposes``, ``retain_years``.
    runs, decisions
        How many runs are in each state, and how many decisions panels took of each kind, over all lists.
    overrides, ordered
        Decisions against the order of a list, and those that could have been, over all lists.
    """

    run: str
    area: str
    as_of: str
    state: str
    synthetic: bool
    list_hash: str
    hashes: Mapping[str, str]
    report: Mapping[str, Any]
    places: int
    list_length: int
    bundle: Mapping[str, Any]
    evaluation: Mapping[str, Any] = field(default_factory=dict)
    sources: Sequence[Mapping[str, Any]] = ()
    runs: Mapping[str, int] = field(default_factory=dict)
    decisions: Mapping[str, int] = field(default_factory=dict)
    overrides: int = 0
    ordered: int = 0

    @property
    def made_from(self) -> dict[str, str]:
        """The hashes that a paper answers for; where one differs, the paper is stale."""
        return {"run": self.run, "list": self.list_hash, **self.hashes}

    def measure(self, metric: str) -> str | None:
        """Return a measure of what ranks, with its interval; None where nobody measured it."""
        champion = self.evaluation.get("champion")
        for each in self.evaluation.get("measures", ()):
            if (each["name"], each["metric"]) == (champion, metric) and each["value"] is not None:
                low, high = each["low"], each["high"]
                told = "" if low is None or high is None else f" ({low:.3f} to {high:.3f})"
                return f"{each['value']:.3f}{told}"
        return None

    def answer(self, question: str) -> Sequence[str]:
        """Return what page one of the audit report says to a question, by its id."""
        for each in self.report["page_one"]:
            if each["id"] == question:
                return [*each["says"], *each["points"]]
        return ()


def against_order(overrides: int, ordered: int) -> str:
    """Return how often panels went against the order, in words from which no count of fewer than ten can be worked out.

    >>> against_order(31, 244), against_order(4, 244)
    ('13 in 100 of about 240 decisions.', 'Not given: it would tell of fewer than 10 decisions.')
    """
    if not ordered:
        return "No such decision yet."
    if any(0 < count < SMALLEST for count in (overrides, ordered - overrides)):
        return f"Not given: it would tell of fewer than {SMALLEST} decisions."
    return f"{100 * overrides / ordered:.0f} in 100 of about {round(ordered, -1)} decisions."


def counted(counts: Mapping[str, int]) -> list[str]:
    """Return counts in words; those of fewer than ten are not told.

    >>> counted({"accept_direct": 31, "defer": 4})
    ['accept direct: 31', 'defer: fewer than 10']
    """
    return [
        f"{name.replace('_', ' ')}: {count if count == 0 or count >= SMALLEST else f'fewer than {SMALLEST}'}"
        for name, count in sorted(counts.items())
    ]
