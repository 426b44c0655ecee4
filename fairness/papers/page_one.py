"""Page one of an audit report: nine questions that everybody asks, answered in plain English from the cells alone.

No answer calls a list good or a group equal. What could not be settled is never worded, coloured or counted as passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fairness.cells import ONLY_REFUSE, OTHERS_UNDER_FLOOR, UNDER_FLOOR
from fairness.papers.wording import (
    CASES,
    MEASURES,
    WITHHELD,
    group_in_words,
    heading,
    in_100,
    interval,
    listed,
    name_of,
    sentence,
    whom,
)
from fairness.papers.wording import VERDICTS as WORDS
from fairness.tables import DYADS

MOST = 3
"""Communities told in full; further ones are counted, and every one is in the report's tables."""
_FIGURES_WITHHELD = "its figures are withheld, because they are about few people or a list that is not released"
Cell = Mapping[str, Any]


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
    blocks
        What forbids a release whatever the gate says.
    state
        Of the run: awaiting a review, or what reviewers have done since.
    """

    verdict: str
    parts: Sequence[Mapping[str, Any]]
    gaps: Sequence[Mapping[str, Any]]
    gate: bool
    blocks: Sequence[str] = ()
    state: str = "awaiting"

    @property
    def telling(self) -> list[tuple[Mapping[str, Any], Cell]]:
        """The binding cells that make the verdict, each with its audit, the surest first."""
        wanted = self.verdict
        required = self.parts
        if wanted != "refuse":  # one area and one list are not required to pass; they do not make these verdicts
            over_all = [p for p in self.parts if p["evidence"] == "backtest" and p["area"] is None]
            required = over_all if self.gate else self.parts
        found = [(part, cell) for part in required for cell in part["cells"] if cell["binding"]]
        found = [(part, cell) for part, cell in found if cell["verdict"] == wanted]
        return sorted(found, key=lambda pair: (pair[1]["p_value"] is None, pair[1]["p_value"]))


def page_one(found: Found) -> list[Answer]:
    """Return the answers in the order of the page."""
    questions: tuple[Callable[[Found], Answer], ...] = (
        _verdict,
        _for_whom,
        _how_sure,
        _for_people,
        _settle,
        _not_assessed,
        _not_shown,
        _next,
    )
    return [question(found) for question in questions]


_VERDICT = {
    "refuse": "Refused. In at least one community the gap is larger than was agreed, beyond what chance explains.",
    "insufficient": (
        "Not settled. The evidence shows neither that every gap is within the agreed range nor that one is beyond it. "
        "This is not a pass."
    ),
    "pass": (
        "Passed. In every community that was large enough to be judged, a gap larger than was agreed is ruled out. "
        "A pass releases nothing by itself."
    ),
}
_MAY = {
    "refuse": "This list cannot be released, and nobody can waive a refusal.",
    "insufficient": "It can be released only if two different reviewers waive the missing evidence.",
    "pass": "It can be released by one reviewer, who may also refuse.",
}
_OUTSIDE = "This audit stands outside the gate: no list is released or held back by it."


def _verdict(found: Found) -> Answer:
    says = [_VERDICT[found.verdict], _MAY[found.verdict] if found.gate else _OUTSIDE]
    if found.gate:
        each = [f"{part['name']}: {WORDS[part['verdict']].lower()}" for part in found.parts]
        says.append(f"What was looked at: {'; '.join(each)}.")
    if found.blocks and found.state not in _DONE:
        says.append("Release is blocked besides, whatever this audit says (see the last question).")
    return Answer("verdict", "Was it refused?", tuple(says))


_WHOM = {
    "refuse": ("For whom was it refused?", "A gap beyond the agreed range is shown for:"),
    "insufficient": ("For whom is it not settled?", "Neither a gap nor its absence is shown for:"),
    "pass": ("For whom did it pass?", "A gap larger than agreed is ruled out for:"),
}


def _for_whom(found: Found) -> Answer:
    question, head = _WHOM[found.verdict]
    if found.verdict == "pass":
        return Answer("whom", question, (head,), tuple(_passed(found)))
    points = [_told(part, cell, found.gate) for part, cell in found.telling[:MOST]]
    more = len(found.telling) - len(points)
    if more > 0:
        points.append(f"And {more} more, in the section on checks that decide.")
    if not points:
        return Answer("whom", question, (_nothing_told(found),))
    return Answer("whom", question, (head,), tuple(points))


def _passed(found: Found) -> Iterator[str]:
    """Name everybody for whom it passed, and tell in full the one that was nearest to not passing."""
    by_characteristic: dict[tuple[str, str], list[str]] = {}
    for _, cell in found.telling:
        groups = by_characteristic.setdefault((cell["table"], cell["characteristic"]), [])
        groups.append(group_in_words(cell["group"]))
    for (table, characteristic), groups in by_characteristic.items():
        yield f"{heading(table, characteristic)}: {listed(sorted(groups))}."
    told = [(part, cell) for part, cell in found.telling if not cell.get("suppressed")]
    if told:
        yield f"The nearest to not passing: {_told(*told[0], found.gate)}"


def _nothing_told(found: Found) -> str:
    over_all = [p for p in found.parts if p["evidence"] == "backtest" and p["area"] is None]
    if found.gate and not over_all:
        return "For nobody in particular: there is no backtest over all areas, and nothing else can pass."
    return (
        "For nobody in particular: no two communities of a characteristic that decides were large enough, or a "
        "characteristic that decides is not in the table."
    )


def _told(part: Mapping[str, Any], cell: Cell, gate: bool) -> str:
    who = whom(cell["table"], cell["characteristic"], cell["group"])
    place = f" ({part['name']})" if gate else ""
    if cell.get("suppressed"):
        return f"{sentence(who)}{place}; {_FIGURES_WITHHELD}."
    return (
        f"{sentence(who)}{place}: of {cell['n']:,} {CASES[cell['metric']]}, {cell['events']:,} "
        f"({in_100(cell['value'])}) were {_ended(cell)}; of everybody else's, {in_100(cell['others_value'])}. "
        f"{_times(cell)} ({_level(part)} interval {interval(cell)})."
    )


def _ended(cell: Cell) -> str:
    """Return what became of the events, as words after "were"."""
    return {
        "missed_harm": "below the line (missed)",
        "selection": "above the line",
        "outcome": "followed by later harm",
        "found": "above the line (found)",
        "precision": "followed by later harm",
        "fpr": "above the line (listed without later harm)",
    }[cell["metric"]]


def _times(cell: Cell) -> str:
    if cell["ratio"] is None:
        return "No ratio can be given: nobody else has any"
    less = ", that is, less often" if cell["ratio"] < 1 else ""
    return f"That is {cell['ratio']:.2f} times as often as for everybody else{less}"


def _level(part: Mapping[str, Any]) -> str:
    return f"{part['ratio_level']:.0%}"


def _how_sure(found: Found) -> Answer:
    part = found.telling[0][0] if found.telling else found.parts[0]
    (low, high), alpha = part["margin"], f"{100 * part['alpha']:g}"
    agreed = f"It was agreed that a ratio from {low:g} to {high:g} is no gap that matters; 1 is no gap at all."
    sure = {
        "refuse": (
            "The whole interval lies outside that range. If every gap lay inside it, chance alone would refuse "
            f"anything in one audit at most {alpha} times in 100."
        ),
        "insufficient": (
            "The intervals reach both into that range and out of it, or lean towards a gap with too few cases to tell."
        ),
        "pass": (
            "Every interval that had to lies inside that range. If some gap lay outside it, chance alone would let it "
            f"pass at most {alpha} times in 100."
        ),
    }[found.verdict]
    limits = "An interval tells of chance between cases, not of wrong records."
    return Answer("sure", "How sure is that?", (agreed, sure, limits))


def _for_people(found: Found) -> Answer:
    told = [(part, cell) for part, cell in found.telling if not cell.get("suppressed")]
    says = [_CASE]
    if not told:
        return Answer("people", _PEOPLE, (*says, "No figure can be given here."))
    part, cell = told[0]
    if cell["others_value"] is not None:
        expected = cell["n"] * cell["others_value"]
        who = whom(cell["table"], cell["characteristic"], cell["group"])
        says.append(
            f"At everybody else's rate about {expected:,.0f} of the {cell['n']:,} {CASES[cell['metric']]} of {who} "
            f"would have been {_ended(cell)}, not {cell['events']:,}."
        )
    if found.verdict == "pass":
        says.append(_ALIKE)
    else:
        says.append(_MEANING[cell["metric"] == "missed_harm", (cell["ratio"] or 2.0) > 1])
    says += _other_harm(part, cell)
    return Answer("people", _PEOPLE, tuple(says))


_PEOPLE = "What do the numbers mean for people?"
_CASE = (
    "A case is one person on one list that was looked at, or one person and one victim. A missed case is a victim whom "
    "Drive could not have reached through the list; a person listed without later harm was intruded upon for nothing."
)
_ALIKE = (
    "A pass is about differences between communities. How much is missed of everybody's is another question, and the "
    "evaluation report answers it."
)
_MEANING = {
    (True, True): "Where more is missed, this community's victims are left without help more often than others.",
    (True, False): (
        "Where less is missed, this community's people are listed more readily, and others' victims are reached less. "
        "Closer policing or recording of a community looks like this, and so does a real difference; the figures alone "
        "cannot say which."
    ),
    (False, True): "More of this community's people are dealt with like this than of others.",
    (False, False): "Fewer of this community's people are dealt with like this than of others.",
}


def _other_harm(part: Mapping[str, Any], cell: Cell) -> Iterator[str]:
    """Tell the harm that does not decide beside the one that does: protection withheld, and intrusion for nothing."""
    other = "fpr" if cell["metric"] != "fpr" else "missed_harm"
    key = (cell["table"], cell["characteristic"], cell["group"], other)
    for each in part["cells"]:
        if (each["table"], each["characteristic"], each["group"], each["metric"]) == key and each["value"] is not None:
            yield (
                f"The other harm, which does not decide: {in_100(each['value'])} of their {CASES[other]} were "
                f"{_ended(each)}, against {in_100(each['others_value'])} of everybody else's."
            )


def _settle(found: Found) -> Answer:
    question = "What would settle it?"
    told = [cell for _, cell in found.telling if not cell.get("suppressed")]
    if found.verdict == "refuse":
        says = (
            "It is settled for this list and these records. More records of the same kind would not undo it. A "
            "data scientist looks for the cause (how that community is recorded and policed, which indicators differ) "
            "and trains again; the new bundle is audited anew.",
        )
        return Answer("settle", question, says)
    if found.verdict == "pass":
        seen = [cell["minimum_detectable_ratio"] for cell in told if cell["minimum_detectable_ratio"]]
        reach = f"A gap of {max(seen):.2f} times would have been refused four times in five in every one of them. " * (
            bool(seen)
        )
        says = (f"Nothing is open in the communities that were large enough. {reach}The next lists are audited again.",)
        return Answer("settle", question, says)
    points = [_needs(cell) for cell in told[:MOST]]
    says = (
        "More cases that were followed up long enough, not a wider range."
        if any(_short(cell) for cell in told)
        else "More records of the same kind may not: the gaps seen lie at the edge of the agreed range.",
    )
    return Answer("settle", question, says, tuple(points))


def _short(cell: Cell) -> bool:
    return cell["outcomes_to_settle"] is not None and cell["outcomes_to_settle"] > cell["n"]


def _needs(cell: Cell) -> str:
    who = sentence(whom(cell["table"], cell["characteristic"], cell["group"]))
    if _short(cell):
        need = (
            f"about {cell['outcomes_to_settle']:,} {CASES[cell['metric']]}, now {cell['n']:,}; then a list without a "
            "gap would pass four times in five"
        )
    else:
        need = (
            f"{cell['n']:,} cases are enough for a list without a gap to pass four times in five, and this did not pass"
        )
    seen = cell["minimum_detectable_ratio"]
    reach = f"a gap of {seen:.2f} times would be refused" if seen else "no gap would be refused reliably"
    return f"{who}: {need}. Now {reach}{' four times in five' if seen else ''}."


def _not_assessed(found: Found) -> Answer:
    question = "Who could not be assessed?"
    points = list(_gaps(found.gaps[: 2 * MOST], found.gate))
    more = len(found.gaps) - 2 * MOST
    if more > 0:
        points.append(f"And {more} more, in the section on what could not be assessed.")
    blank = _unrecorded(found.parts)
    if not points:
        return Answer("assessed", question, ("Nobody whom the policy names.", *blank))
    head = "These are counted but not judged. They never count as passed"
    acknowledge = "; a reviewer acknowledges each by name before a release." if found.gate else "."
    return Answer("assessed", question, (head + acknowledge, *blank), tuple(points))


def _gaps(gaps: Sequence[Mapping[str, Any]], gate: bool) -> Iterator[str]:
    """Name who could not be assessed, those together whose reason is the same."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for gap in gaps:
        key = (f" ({gap['audit']})" if gate else "", _WHY.get(gap["reason"], gap["reason"]))
        by_reason.setdefault(key, []).append(whom(gap["table"], gap["characteristic"], gap["group"]))
    for (place, why), people in by_reason.items():
        yield f"{sentence('; '.join(people))}{place}: {why}."


_WHY = {
    UNDER_FLOOR: "too few cases to judge at all",
    OTHERS_UNDER_FLOOR: "too few cases of everybody else to judge at all",
    ONLY_REFUSE: "cases enough to refuse a gap, too few to be required to pass; no gap was seen",
}


def _unrecorded(parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Tell of how many cases nobody stated the group, for the characteristics that decide."""
    part = next((part for part in parts if part["characteristics"]), None)
    if part is None:
        return
    deciding = {(cell["table"], cell["characteristic"]) for cell in part["cells"] if cell["binding"]}
    deciding |= {(gap["table"], gap["characteristic"]) for gap in part["not_assessable"]}
    shares = [
        f"{_short_name(each)} {WITHHELD if each['unrecorded'] is None else in_100(each['unrecorded'])}"
        for each in part["characteristics"]
        if (each["table"], each["characteristic"]) in deciding
    ]
    if shares:
        yield f"Cases in which nobody stated the group (each kind is a group of its own): {listed(shares)}."


def _short_name(each: Mapping[str, Any]) -> str:
    return f"{'victims’ ' if each['table'] == DYADS else ''}{name_of(each['characteristic'])}"


def _not_shown(found: Found) -> Answer:
    says = (
        "Harm that nobody reported or recorded: not listed does not mean low risk. Whether records mean the same in "
        "every community. Whether anything is lawful: no number decides that. That nothing was found is no proof that "
        "there is nothing.",
    )
    return Answer("limits", "What does this not show?", says)


_STEPS = {
    "refuse": (
        "A governance reviewer records the refusal.",
        "The panel works from referrals and the roster without ranks; nobody is taken off a panel's table by this.",
        "A data scientist looks for the cause and trains again.",
    ),
    "insufficient": (
        "One governance reviewer refuses; or two different reviewers waive, each with a reason and a last day, and "
        "acknowledge by name whoever could not be assessed.",
        "Whoever trained the bundle does neither.",
    ),
    "pass": (
        "A governance reviewer reads this report, acknowledges by name whoever could not be assessed, and releases "
        "exactly this list or refuses it. A release ends on its last day.",
        "Whoever trained the bundle does neither.",
    ),
}
_DONE = {
    "released": (
        "Reviewers have released exactly this list, until its last day.",
        "Whoever finds a fault tells a governance reviewer, who withdraws it; every page of it then stops.",
    ),
    "refused": (
        "A governance reviewer has recorded a refusal, which is final for this list.",
        "The panel works from referrals and the roster without ranks. A data scientist looks for the cause.",
    ),
    "withdrawn": ("It was released and has been withdrawn; no page shows it. A new list needs a new audit.",),
    "expired": ("Its release has ended. A new list needs a new audit.",),
}
_OUTSIDE_STEPS = ("Whoever answers for the table decides what follows, and says why.",)


def _next(found: Found) -> Answer:
    points = [f"Release is blocked: {block}." for block in found.blocks[:MOST]]
    more = len(found.blocks) - len(points)
    points += [f"And {more} more blocks, in the run's gate decision."] if more > 0 else []
    if found.state in _DONE:
        points, steps = [], _DONE[found.state]
    else:
        steps = _STEPS[found.verdict] if found.gate else _OUTSIDE_STEPS
    return Answer("next", "What happens next, and who does it?", (), (*points, *steps))


def measure_title(metric: str) -> str:
    """Return a measure as the title of a table or plot."""
    return sentence(f"share {MEASURES[metric]}")
