"""Whether a learned model may take the simple list's place: no clear gain, no model.

The rule of record: harm found, averaged over the declared range of places and pooled over splits and areas, must
exceed that of *every* incumbent with the whole paired interval above zero under *every* declared harm-weight set,
on at least three test dates: one good year is not a better list.
A result that is too good to be true stops promotion, because in this field it has meant a leak.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from training.compare import Comparison

LEAST_DATES = 3
"""Fewest test dates on which a candidate is compared before it may be promoted."""


@dataclass(frozen=True)
class Alarm:
    """A result that is too good to be true, or too bad.

    Parameters
    ----------
    subject
        ``candidate NAME`` (`` at DATE``) or ``indicator NAME``.
    auc, limit
        The area under the curve reached and the limit passed.
    columns
        Contract columns ("table.column") to look at first, most suspicious first.
    indicators
        Indicators that rest on those columns.
    message
        One plain sentence for the reader of the run.
    kind
        ``too good``, which stops promotion, or ``too bad``.
    """

    subject: str
    auc: float
    limit: float
    columns: tuple[str, ...]
    indicators: tuple[str, ...]
    message: str
    kind: str = "too good"

    def to_dict(self) -> dict[str, object]:
        """Return the alarm as plain JSON values."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "auc": self.auc,
            "limit": self.limit,
            "columns": list(self.columns),
            "indicators": list(self.indicators),
            "message": self.message,
        }


@dataclass(frozen=True)
class Condition:
    """One condition of promotion: whether it holds, and the figures that say so."""

    name: str
    holds: bool
    why: str


@dataclass(frozen=True)
class PromotionDecision:
    """Which ranker is champion, whether a learned model was promoted, and every condition that was looked at.

    Parameters
    ----------
    promoted
        True only if a candidate (not an incumbent) is champion.
    champion
        Name of the ranker that the bundle is to hold.
    candidate
        The candidate that was considered; None if there was none.
    incumbent
        The simple list that stays if the candidate does not hold.
    conditions
        In the order they were looked at.
    """

    promoted: bool
    champion: str
    candidate: str | None
    incumbent: str
    conditions: tuple[Condition, ...]

    def with_condition(self, name: str, holds: bool, why: str) -> PromotionDecision:
        """Return the decision with a further condition; one that does not hold puts the simple list back.

        The place for conditions that this room cannot judge, such as missed harm by community.
        """
        conditions = (*self.conditions, Condition(name, holds, why))
        if holds or not self.promoted:
            return replace(self, conditions=conditions)
        return replace(self, promoted=False, champion=self.incumbent, conditions=conditions)

    def to_dict(self) -> dict[str, object]:
        """Return the decision as plain JSON values."""
        return {
            "promoted": self.promoted,
            "champion": self.champion,
            "candidate": self.candidate,
            "incumbent": self.incumbent,
            "conditions": [
                {"name": condition.name, "holds": condition.holds, "why": condition.why}
                for condition in self.conditions
            ],
        }


def best_incumbent(comparison: Comparison, incumbents: Sequence[str]) -> str:
    """Return the simple list that stays: the first declared, unless a later one clearly beats it.

    "Clearly" is the promotion rule itself, so that chance does not change a force's list from year to year.
    """
    best = incumbents[0]
    for other in incumbents[1:]:
        if comparison.beats(other, best):
            best = other
    return best


def decide(
    comparison: Comparison,
    candidates: Sequence[str],
    incumbents: Sequence[str],
    alarms: Sequence[Alarm] = (),
    *,
    dates: int,
    promote: str = "auto",
    primary: str = "flat",
    learned: Collection[str] = (),
) -> PromotionDecision:
    """Apply the promotion rule.

    Parameters
    ----------
    comparison
        Paired measures of all rankers.
    candidates, incumbents
        Names, incumbents in declared order.
    alarms
        Too-good alarms; any of them stops promotion.
    dates
        Test dates compared on; fewer than `LEAST_DATES` do not promote (a rehearsal with one date still runs).
    promote
        ``never`` keeps the simple list whatever the figures (a rehearsal).
    primary
        Weight set by which the candidate to be considered is chosen when several hold, or none.
    learned
        Incumbents that learn from outcomes. While an alarm sounds they may have learned the leak as well, so that
        only a list that learns nothing can stay (if there is one).
    """
    unlearned = [name for name in incumbents if name not in learned]
    simple = best_incumbent(comparison, (unlearned or incumbents) if alarms else incumbents)
    if not candidates:
        return PromotionDecision(False, simple, None, simple, ())
    holding = [name for name in candidates if all(comparison.beats(name, other) for other in incumbents)]
    candidate = max(holding or candidates, key=lambda name: comparison.value(name, f"harm_found:{primary}").value)
    decision = PromotionDecision(True, candidate, candidate, simple, ())
    if promote == "never":
        decision = decision.with_condition("promotion asked for", False, "the configuration says never")
    decision = decision.with_condition(
        "compared on at least three dates",
        dates >= LEAST_DATES,
        f"{dates} test {'date' if dates == 1 else 'dates'}",
    )
    for other in incumbents:
        decision = decision.with_condition(
            f"finds more harm than {other}",
            comparison.beats(candidate, other),
            _figures(comparison, candidate, other),
        )
    why = " ".join(alarm.message for alarm in alarms) or "no result above the declared limits"
    return decision.with_condition("not too good to be true", not alarms, why)


def _figures(comparison: Comparison, candidate: str, other: str) -> str:
    return "; ".join(
        f"{d.weights}: {d.interval.value:+.1f} harm days ({d.interval.low:+.1f} to {d.interval.high:+.1f})"
        for d in comparison.against(candidate, other)
    )
