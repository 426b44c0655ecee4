"""What would settle it, in numbers: how many more people with the outcome, in which group, on how many more lists."""

from __future__ import annotations

from math import ceil

from fairness.papers.origin_words import TITLE
from fairness.papers.page_one.found import MOST, Answer, Cell, Found, Part
from fairness.papers.wording import CASES, sentence, whom
from fairness.power import trials_to_settle

_HOW_MANY = "If the figure seen is the true one, it would be settled four times in five by this many people in all:"
_FURTHER = "A list that goes further down the same order, as the gate's own audits do."
_HOPELESS = 20
"""More than this many times the cases at hand are not told as a number to wait for."""


def settle(found: Found) -> Answer:
    """Say what would change or settle the verdict."""
    says, points = {"refuse": _refused, "pass": _passed, "insufficient": _open}[found.verdict](found)
    return Answer("settle", "What would settle it?", says, points)


def _refused(found: Found) -> tuple[tuple[str, ...], tuple[str, ...]]:
    says = (
        "Nothing more is needed: it is settled. More records of the same kind would not be expected to undo it; only "
        "another ranking can pass. A data scientist looks for the cause (recording, policing, which indicators differ) "
        "and trains again; the new ranking is audited from the start.",
    )
    return (*says, *_origin(found)), ()


def _origin(found: Found) -> tuple[str, ...]:
    """Return what the diagnosis found of the first group that was refused, and where the rest stands."""
    if not found.origins:
        return ()
    return (
        f"What is known so far: {' '.join(found.origins[0]['summary'][:2])} That does not say why. More stands behind "
        f"this page, under ‘{TITLE}’.",
    )


def _passed(found: Found) -> tuple[tuple[str, ...], tuple[str, ...]]:
    seen = [cell["minimum_detectable_ratio"] for _, cell in found.told if cell["minimum_detectable_ratio"]]
    says = ["Nothing is open for the groups that passed."]
    if seen:
        says.append(
            f"In each of them a true gap of {max(seen):.2f} times or more would have been refused four times in five. "
            "A smaller one beyond the agreed range would mostly have left the list not settled, or refused."
        )
    if found.gaps and found.enough:
        says.append(
            f"A group that could not be assessed needs about {found.enough:,} people with later harm to have to be "
            "judged; how many settle it depends on its gap."
        )
    return (*says, "The next lists are audited again."), ()


def _open(found: Found) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if found.shallow:
        return (_FURTHER,), ()
    if not found.telling:
        need = f"{found.enough:,} people with later harm each" if found.enough else "enough people with later harm"
        return (f"Past lists over all areas in which at least two groups of one characteristic have {need}.",), ()
    points = [_needs(part, cell, found) for part, cell in found.told[:MOST]]
    if not points:
        return ("More people with later harm in groups whose figures are withheld.",), ()
    enough = (
        f"About {found.enough:,} with later harm only make a group large enough to have to be judged."
        if found.enough
        else ""
    )
    return tuple(filter(None, (enough, _HOW_MANY))), tuple(points)


def _needs(part: Part, cell: Cell, found: Found) -> str:
    who, now = sentence(whom(cell["table"], cell["characteristic"], cell["group"])), cell["n"]
    judged = [c for c in part["cells"] if c["binding"] and c["verdict"] != "not_assessable"]
    need = trials_to_settle(
        (cell["events"], now, round(cell["others_n"] * (cell["others_value"] or 0)), cell["others_n"]),
        effect=cell["design_effect"], margin=tuple(part["margin"]), alpha=part["alpha"], cells=len(judged),
    )  # fmt: skip
    cases = CASES[cell["metric"]]
    if need is None or need > _HOPELESS * now:
        return (
            f"{who}: more than {_HOPELESS} times the {now:,} {cases} of today, as the figure seen lies at an end of "
            f"the agreed range.{_reach(cell)}"
        )
    need = max(_about(need), found.enough or 0)
    which = "a pass" if part["margin"][0] < cell["ratio"] < part["margin"][1] else "a refusal"
    return (
        f"{who}: about {need:,} {cases}, which is {_two_figures(need - now):,} more than the {now:,} of today"
        f"{_lists(part, now, need)}. That would be {which}.{_reach(cell)}"
    )


def _reach(cell: Cell) -> str:
    """Return the smallest gap that today's numbers would find, where it lies on the side of the one seen."""
    least = cell["minimum_detectable_ratio"]
    if least is None or (cell["ratio"] or 2.0) < 1:
        return ""
    return f" With those of today a true gap of {least:.2f} times or more would be refused four times in five."


def _two_figures(count: int) -> int:
    return max(round(count, 2 - len(str(count))), 0)


def _about(count: int) -> int:
    """Return a count rounded up to two figures: more would claim to know it better than anybody can."""
    step: int = 10 ** max(len(str(count)) - 2, 0)
    return ceil(count / step) * step


def _lists(part: Part, now: int, need: int) -> str:
    """Return the same need in lists, where the audit pooled several."""
    lists = part.get("lists", 1)
    if part["evidence"] != "backtest" or need <= now:
        return ""
    more = ceil(lists * (need - now) / now)
    return f" (about {more:,} more past {'list' if more == 1 else 'lists'} like {'this' if lists == 1 else 'these'})"
