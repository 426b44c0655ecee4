"""How sure it is: what was agreed, by whom, where the figure lies, and what chance alone could do."""

from __future__ import annotations

from fairness.papers.page_one.found import Answer, Cell, Found, Part
from fairness.papers.page_one.small import unseen
from fairness.papers.wording import whom

_BY_CHANCE = "though where many groups are checked one may do so by chance"


def chance(found: Found) -> Answer:
    """Say whether chance alone could have made the verdict."""
    part, told = found.main, found.told
    says = [_agreed(part, found)]
    if told:
        says.append(_where(*told[0], found.verdict))
    says += [_alone(part, found), "An interval tells of chance only, not of wrong or missing records."]
    return Answer("sure", "How sure is that? Could it be chance?", tuple(says))


def _agreed(part: Part, found: Found) -> str:
    low, high = part["margin"]
    by = found.policy.get("chosen_by")
    chosen = f" Who chose it: {by}." if by else ""
    return (
        f"The agreed range, written down before the audit in the policy ‘{found.policy.get('name', '')}’: {low:g} to "
        f"{high:g} times as often as everybody else is no gap that matters. 1 is no gap at all.{chosen}"
    )


def _where(part: Part, cell: Cell, verdict: str) -> str:
    who = whom(cell["table"], cell["characteristic"], cell["group"])
    level = part["ratio_level"]
    nearest = ", the nearest to an end of that range," if verdict == "pass" else ""
    return (
        f"The true figure for {who}{nearest} most likely lies {_between(cell)}. This is its {level:.0%} interval: "
        f"of 100 intervals made like this, about {100 * level:.0f} hold the true figure, "
        f"{50 * (1 - level):.0f} lie above it and {50 * (1 - level):.0f} below."
    )


def _between(cell: Cell) -> str:
    if cell["ratio_high"] is None:
        return f"above {cell['ratio_low']:.2f}, with no upper end"
    return f"between {cell['ratio_low']:.2f} and {cell['ratio_high']:.2f}"


def _alone(part: Part, found: Found) -> str:
    often = f"at most {100 * part['alpha']:g} times in 100"
    if found.verdict == "refuse":
        whole = "All of that" if found.told else "The whole interval"
        return (
            f"{whole} lies outside the agreed range, so chance alone is not a likely explanation: if every gap truly "
            f"lay inside, an audit like this would refuse a list by chance {often}."
        )
    if found.verdict == "pass":
        none = (
            " 1 lies in it too, so there may be no gap at all." if found.told and _holds_none(found.told[0][1]) else ""
        )
        beside = f" {unseen(found)}".rstrip()
        return (
            f"All of it lies inside the agreed range, and so does that of every group that passed.{none} If the gap "
            f"of a group that had to pass truly lay outside, chance would let the list pass {often}.{beside}"
        )
    if found.shallow and not found.told:
        return "Chance is not what leaves it open: the list is too short to show a gap."
    if not found.told:
        return "No figure can be given here, so chance can be neither ruled out nor blamed."
    return _open(part, found.told[0][1])


def _open(part: Part, cell: Cell) -> str:
    """Say which of three is still possible: no gap, one too small to matter, one that matters."""
    low, high = part["margin"]
    if cell["ratio_low"] > high or (cell["ratio_high"] is not None and cell["ratio_high"] < low):
        return f"All of that lies beyond the agreed range, {_BY_CHANCE}. A gap that matters is likely, but not shown."
    inside = cell["ratio"] is not None and low <= cell["ratio"] <= high
    own = f"{cell['ratio']:.2f} itself lies inside the agreed range, but part" if inside else "Part"
    where = f"{own} of the interval lies beyond {'it' if inside else 'the agreed range, part inside'}."
    if _holds_none(cell):
        return f"{where} No gap at all, one too small to matter or one that matters: nobody can say yet which it is."
    return (
        f"{where} 1 lies outside the interval, so there likely is a gap ({_BY_CHANCE}); whether it is too small to "
        "matter or one that matters, nobody can say yet."
    )


def _holds_none(cell: Cell) -> bool:
    """Say whether no gap at all lies in the interval."""
    return bool(cell["ratio_low"] <= 1 and (cell["ratio_high"] is None or cell["ratio_high"] >= 1))
