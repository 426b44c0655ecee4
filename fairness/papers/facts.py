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


def counted(counts: Mapping[str, int]) -> list[str]:
    """Return counts in words; those of fewer than ten are not told.

    >>> counted({"accept_direct": 31, "defer": 4})
    ['accept direct: 31', 'defer: fewer than 10']
    """
    return [
        f"{name.replace('_', ' ')}: {count if count == 0 or count >= SMALLEST else f'fewer than {SMALLEST}'}"
        for name, count in sorted(counts.items())
    ]
