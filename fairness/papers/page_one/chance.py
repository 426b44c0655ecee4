"""How sure it is: what was agreed, by whom, where the figure lies, and what chance alone could do."""

from __future__ import annotations

from fairness.papers.page_one.found import Answer, Cell, Found, Part
from fairness.papers.wording import whom


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
    chosen = f", chosen by {by}" if by else ""
    return (
        f"Agreed beforehand (policy ‘{found.policy.get('name', '')}’{chosen}): {low:g} to {high:g} times as often as "
        "everybody else is no gap that matters. 1 is no gap at all."
    )


def _where(part: Part, cell: Cell, verdict: str) -> str:
    who = whom(cell["table"], cell["characteristic"], cell["group"])
    level = part["ratio_level"]
    nearest = ", the nearest to an end of that range," if verdict == "pass" else ""
    return (
        f"The true figure for {who}{nearest} most likely lies {_between(cell)}. This is its {level:.0%} interval: "
        f"of 100 intervals made like this, about {100 * level:.0f} hold the true figure."
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
            f"lay inside, an audit like this would refuse anybody by chance {often}."
        )
    if found.verdict == "pass":
        return (
            "Every group that had to pass has its whole interval inside the agreed range. If some gap truly lay "
            f"outside, chance would let it pass {often}."
        )
    if not found.told:
        return "No figure can be given here, so chance can be neither ruled out nor blamed."
    (low, high), cell = part["margin"], found.told[0][1]
    beyond = cell["ratio_low"] > high or (cell["ratio_high"] is not None and cell["ratio_high"] < low)
    where = (
        "All of that lies beyond the agreed range, but where many groups are checked one may do so by chance."
        if beyond
        else "Part of that lies inside the agreed range and part beyond it."
    )
    return f"{where} So it may be chance and it may be a gap that matters: nobody can say yet."
