"""What page one is written from: the verdict, the audits it rests on, and the checks that make it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Cell = Mapping[str, Any]
Part = Mapping[str, Any]
MOST = 3
"""Groups told in full; further ones are counted, and every one is in the report's tables."""


def in_words(part: Part) -> str:
    """Return an audit's name in words that need no explanation."""
    if part["evidence"] == "backtest":
        return "past lists over all areas" if part["area"] is None else "this area's own past lists"
    return "this list" if part["evidence"] == "list" else str(part["name"])


@dataclass(frozen=True)
class Answer:
    """One question of page one with its answer: sentences, then points."""

    id: str
    question: str
    says: tuple[str, ...]
    points: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain JSON values."""
        return {"id": self.id, "question": self.question, "says": list(self.says), "points": list(self.points)}


@dataclass(frozen=True)
class Found:
    """What page one is written from.

    Parameters
    ----------
    verdict
        Of the gate, or of the one audit of a table.
    parts
        What `shown` returned of each audit, with its ``name``.
    gaps
        What could not be assessed and is acknowledged by name, each with its ``audit``.
    gate
        True for a run, whose release rests on the verdict; False for any other table.
    policy
        ``name``, and where the audit names them ``chosen_by``, ``floor``, ``audit_depth_share`` and ``area_evidence``.
    blocks
        What forbids a release whatever the gate says.
    state
        Of the run: awaiting a review, or what reviewers have done since.
    origins
        Where gaps may come from, as `fairness.papers.origins` tells it; None where training kept no diagnosis.
    """

    verdict: str
    parts: Sequence[Part]
    gaps: Sequence[Mapping[str, Any]]
    gate: bool
    policy: Mapping[str, Any] = field(default_factory=dict)
    blocks: Sequence[str] = ()
    state: str = "awaiting"
    origins: Sequence[Mapping[str, Any]] | None = None

    @property
    def shallow(self) -> bool:
        """Whether the table finds so few outcomes that it would have passed whatever it does; a refusal stands."""
        return self.verdict == "insufficient" and any(part.get("shallow") for part in self.parts)

    @property
    def past_review(self) -> str:
        """What reviewers have done; empty where nobody is known to: the gate alone makes a run refused."""
        by_the_gate = self.state == "refused" and self.verdict == "refuse"
        return "" if by_the_gate else self.state

    @property
    def required(self) -> list[Part]:
        """The audits that have to pass; the others can only refuse."""
        return [part for part in self.parts if not self.gate or self._must_pass(part)]

    def _must_pass(self, part: Part) -> bool:
        if part["evidence"] != "backtest":
            return False
        return part["area"] is None or self.policy.get("area_evidence") == "must_pass"

    @property
    def telling(self) -> list[tuple[Part, Cell]]:
        """The checks that make the verdict, each with its audit, the surest first."""
        return self.judged(self.verdict)

    def judged(self, verdict: str) -> list[tuple[Part, Cell]]:
        """Return the checks that decide and came to `verdict`; any audit refuses, those required do the rest."""
        parts = self.parts if verdict == "refuse" else self.required
        found = [(part, cell) for part in parts for cell in part["cells"] if cell["binding"]]
        found = [(part, cell) for part, cell in found if cell["verdict"] == verdict]
        return sorted(found, key=lambda pair: (pair[1]["p_value"] is None, pair[1]["p_value"]))

    @property
    def told(self) -> list[tuple[Part, Cell]]:
        """Those of `telling` whose figures are not withheld."""
        return [(part, cell) for part, cell in self.telling if not cell.get("suppressed")]

    @property
    def main(self) -> Part:
        """The audit that page one tells of: the one that refused, or the first."""
        return self.telling[0][0] if self.telling else self.parts[0]

    @property
    def enough(self) -> int | None:
        """People with the outcome from which a group has to pass; None where the audit does not say."""
        floor = self.policy.get("floor")
        return None if floor is None else int(floor["outcomes_to_pass"])
