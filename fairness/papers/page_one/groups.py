"""For whom: the groups behind the verdict told with figures, and every other group that was judged, by its result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fairness.groups import is_stated
from fairness.papers.page_one.found import MOST, Answer, Cell, Found, Part, in_words
from fairness.papers.wording import CASES, ENDED, group_in_words, in_100, listed, sentence, whom, whose
from fairness.tables import DYADS

_FIGURES_WITHHELD = (
    "its figures, and with them which way the gap goes, are withheld, because they are about few people or a list that "
    "is not released"
)
_QUESTION = {
    "refuse": "For whom was it refused?",
    "insufficient": "For whom is it not settled?",
    "pass": "For whom did it pass?",
}
_OTHER = {
    "insufficient": "Not settled (whether the gap is larger than agreed)",
    "pass": "Passed, each by itself (a gap larger than agreed is ruled out)",
    "refuse": "Refused",
}
_WITHIN = "Within the agreed range, as anybody would be on so short a list"
_AGAINST = ("refuse", "insufficient")


def groups(found: Found) -> Answer:
    """Name everybody who was judged, with what was found."""
    return Answer("whom", _QUESTION[found.verdict], _head(found), tuple(_points(found)))


def _head(found: Found) -> tuple[str, ...]:
    if found.telling:
        return ()
    if found.shallow:
        return ("For anybody: the list is too short to show a gap.",)
    if found.verdict == "refuse":
        reader = (
            "a governance reviewer reads it on the audit's page" if found.gate else "who ran the audit reads it there"
        )
        return (f"Which group it is cannot be told here: the name alone would tell of a few people; {reader}.",)
    if found.gate and not found.required:
        return ("For nobody in particular: there is no trial on past lists over all areas, and nothing else can pass.",)
    return (
        "For nobody in particular: no two groups of a characteristic that decides were large enough, or a "
        "characteristic that decides is not in the table.",
    )


def _points(found: Found) -> Iterator[str]:
    if found.verdict != "pass":
        yield from (told(part, cell, found) for part, cell in found.telling[:MOST])
        more = len(found.telling) - MOST
        if more > 0:
            yield f"And {more} more, in the section on checks that decide."
    apart = any(part not in found.required for part, _ in found.telling)
    elsewhere = " on past lists over all areas" if apart else ""
    refused = {_who(cell) for _, cell in found.judged("refuse")}
    for verdict in ("pass", "insufficient"):
        cells = [cell for _, cell in found.judged(verdict) if _who(cell) not in refused]
        if cells and (verdict != found.verdict or verdict == "pass"):
            what = _WITHIN if found.shallow else _OTHER[verdict]
            yield f"{what}{elsewhere}: {_named(cells)}."
    nobody = [_OTHER[v].partition(" (")[0].lower() for v in _AGAINST if v != found.verdict and not found.judged(v)]
    if nobody:
        yield f"{sentence(' or '.join(nobody))}: no group."
    if found.gaps:
        yield "Not judged, and so not passed: the groups named under ‘Who could not be assessed?’ below."
    if found.verdict == "pass" and found.told:
        yield f"The nearest to not passing: {told(*found.told[0], found)}"


def _who(cell: Cell) -> tuple[str, str, str]:
    return cell["table"], cell["characteristic"], cell["group"]


def _named(cells: Sequence[Cell]) -> str:
    """Return groups by characteristic, as few words as name them."""
    by_characteristic: dict[str, list[str]] = {}
    for cell in sorted(cells, key=lambda cell: (cell["table"] == DYADS, not is_stated(cell["group"]), cell["group"])):
        named = by_characteristic.setdefault(whose(cell["table"], cell["characteristic"]), [])
        named.append(group_in_words(cell["group"]))
    return "; ".join(f"{name} {listed(list(dict.fromkeys(named)))}" for name, named in by_characteristic.items())


def told(part: Part, cell: Cell, found: Found) -> str:
    """Return one check with its figures."""
    who = whom(cell["table"], cell["characteristic"], cell["group"])
    place = f" (on {in_words(part)})" if found.gate and part not in found.required else ""
    if cell.get("suppressed"):
        return f"{sentence(who)}{place}; {_FIGURES_WITHHELD}."
    return (
        f"{sentence(who)}{place}: of {cell['n']:,} {CASES[cell['metric']]}, {cell['events']:,} "
        f"({in_100(cell['value'])}) {ENDED[cell['metric']]}. Of everybody else's {cell['others_n']:,}, "
        f"{in_100(cell['others_value'])} {ENDED[cell['metric']]}. {_times(cell)}."
    )


def _times(cell: Cell) -> str:
    if cell["ratio"] is None:
        return "No ratio can be given: nobody else has any"
    less = ": less often" if cell["ratio"] < 1 else ""
    return f"That is {cell['ratio']:.2f} times as often{less}"
