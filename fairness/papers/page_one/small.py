"""How often a list passes although a group that could not be assessed has a gap: computed from the decision itself."""

from __future__ import annotations

from collections.abc import Iterator

from fairness.cells import BEYOND_BY_CHANCE, ONLY_REFUSE
from fairness.papers.page_one.found import Cell, Found, Part
from fairness.papers.wording import whom
from fairness.power import decision_odds, rates_at
from fairness.verdict import CellVerdict

_PLAIN_GAP = 1.5


def unseen(found: Found) -> str:
    """Say what a gap in a group that did not have to pass would have done; empty where every group had to."""
    if not found.gaps:
        return ""
    says = "That does not hold for a group that could not be assessed"
    excused = list(_excused(found))
    told = [pair for pair in excused if not pair[1].get("suppressed")]
    if not excused:
        return f"{says}: where it is too small to judge at all, no gap in it stops a list."
    if not told:
        return f"{says}: a gap in one may well stop no list."
    part, cell = min(told, key=lambda pair: (pair[1]["n"] / pair[1]["design_effect"], pair[1]["group"]))
    edge = max(let_through(part, cell, end, found) for end in part["margin"])
    plain = let_through(part, cell, _PLAIN_GAP, found)
    who = whom(cell["table"], cell["characteristic"], cell["group"])
    which = "that can stop a list" if len(told) == len(excused) else "whose figures can be told"
    smallest = f", the smallest {which}," if len(found.gaps) > 1 else ""
    return (
        f"{says}: were the true gap of {who}{smallest} just outside, the list would still pass up to {_times(edge)}; "
        f"were it {_PLAIN_GAP:g} times as often, {_times(plain)}."
    )


def let_through(part: Part, cell: Cell, ratio: float, found: Found) -> float:
    """Return the chance that a true `ratio` in this group alone would not have stopped the list."""
    own, others = (max(round(cell[side] / cell["design_effect"]), 1) for side in ("n", "others_n"))
    overall = (cell["events"] + (cell["others_value"] or 0.0) * cell["others_n"]) / (cell["n"] + cell["others_n"])
    p1, p2 = (float(p) for p in rates_at(overall, own / (own + others), ratio))
    judged = [each for each in part["cells"] if each["binding"] and _is_judged(part, each, found)]
    odds = decision_odds(
        own, others, p1, p2, margin=tuple(part["margin"]), alpha=part["alpha"], cells=len(judged),
        excused_among=sum(not each["required"] for each in judged),
    )  # fmt: skip
    return 1 - odds.stops


def _times(share: float) -> str:
    return f"{100 * share:.0f} times in 100" if share >= 0.015 else "hardly ever (fewer than 2 times in 100)"


def _is_judged(part: Part, cell: Cell, found: Found) -> bool:
    return cell["verdict"] != CellVerdict.NOT_ASSESSABLE.value or any(cell is each for _, each in _excused(found))


def _excused(found: Found) -> Iterator[tuple[Part, Cell]]:
    """Return the checks that could have stopped the list and did not have to pass."""
    for part in found.required:
        for gap in found.gaps:
            if gap["reason"] in (ONLY_REFUSE, BEYOND_BY_CHANCE) and gap.get("audit") in (None, part["name"]):
                yield from ((part, cell) for cell in part["cells"] if cell["binding"] and _key(cell) == _key(gap))


def _key(of: Cell) -> tuple[object, ...]:
    return tuple(of[each] for each in ("table", "characteristic", "group", "metric"))
