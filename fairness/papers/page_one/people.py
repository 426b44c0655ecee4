"""What the numbers mean for people: how many, and both harms side by side."""

from __future__ import annotations

from collections.abc import Iterator

from fairness.papers.page_one.found import Answer, Cell, Found, Part
from fairness.papers.wording import CASES, COUNTED, in_100, whom

_MISSED = "Behind each person missed is a victim whom a panel would not have reached through the list."
_PASSED = (
    "A pass is about differences between groups. How much is missed of everybody's is another question; the "
    "evaluation report answers it."
)
_MEANING = {
    (True, True): "Where more is missed, this group's victims go without help more often than others'.",
    (True, False): (
        "Where less is missed, this group's people are listed more readily, and others' victims are reached less. "
        "Closer policing or recording looks like this, and so does a real difference; figures cannot say which."
    ),
    (False, True): "More of this group's people are dealt with like this than of others.",
    (False, False): "Fewer of this group's people are dealt with like this than of others.",
}
_BESIDE = {
    "fpr": "The opposite error, which does not decide: being above the cut-off though no later harm followed.",
    "missed_harm": "The opposite error, which does not decide: later harm that was missed.",
}


def people(found: Found) -> Answer:
    """Say how many people a gap is about."""
    question = "What do the numbers mean for people?"
    if not found.told:
        return Answer("people", question, (_MISSED, "No figure can be given here.", *_either_way(found)))
    part, cell = found.told[0]
    meaning = _PASSED if found.verdict == "pass" else _MEANING[cell["metric"] == "missed_harm", _more(cell)]
    return Answer("people", question, (_MISSED, *_expected(cell), meaning, *_other_harm(part, cell)))


def _either_way(found: Found) -> Iterator[str]:
    """Say what both directions mean where neither may be told: an inequality narrows what a small count can be."""
    if found.verdict == "pass" or not found.telling:
        return
    _, cell = found.telling[0]
    reader = "a governance reviewer reads it on the audit's page" if found.gate else "who ran the audit reads it there"
    yield f"Which way the gap goes would narrow what a small count can be, so it is not told; {reader}. " + " ".join(
        _MEANING[cell["metric"] == "missed_harm", more] for more in (True, False)
    )


def _more(cell: Cell) -> bool:
    return cell["ratio"] is None or cell["ratio"] > 1


def _expected(cell: Cell) -> Iterator[str]:
    if cell["others_value"] is None:
        return
    expected = round(cell["n"] * cell["others_value"])
    gap = cell["events"] - expected
    difference = "the same" if gap == 0 else f"{abs(gap):,} {'more' if gap > 0 else 'fewer'}"
    who = whom(cell["table"], cell["characteristic"], cell["group"])
    yield (
        f"At everybody else's rate about {expected:,} of these {cell['n']:,} {who} would be {COUNTED[cell['metric']]}; "
        f"it is {cell['events']:,}, {difference}."
    )


def _other_harm(part: Part, cell: Cell) -> Iterator[str]:
    """Tell the harm that does not decide beside the one that does: protection withheld, and intrusion for nothing."""
    other = "fpr" if cell["metric"] != "fpr" else "missed_harm"
    key = (cell["table"], cell["characteristic"], cell["group"], other)
    for each in part["cells"]:
        if (each["table"], each["characteristic"], each["group"], each["metric"]) == key and each["value"] is not None:
            yield (
                f"{_BESIDE[other]} It befell {in_100(each['value'])} of theirs {CASES[other]}, and "
                f"{in_100(each['others_value'])} of everybody else's."
            )
