"""The right answers to the ten questions, each with what a page must hold, taken from a stored audit alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fairness.cells import BEYOND_BY_CHANCE, ONLY_REFUSE
from fairness.power import decision_odds, rates_at, trials_to_settle

BACKTEST = "backtest over all areas"
EXCUSED = (ONLY_REFUSE, BEYOND_BY_CHANCE)
HEAD = """# Answers

Those of [ten questions about an audit](questions.md), for each of the three pages, taken from the stored audits by
`answers.py`. `python docs/examples/audit_questions/make.py` writes them again;
`tests/fairness/test_fairness_audit_questions.py` checks that each page holds what answers each question.
"""
NAMES = {
    "asian": "Asian",
    "black": "Black",
    "white": "White",
    "mixed": "Mixed",
    "not stated": "asked but declined to say",
}
Document = dict[str, Any]
Cell = dict[str, Any]


@dataclass(frozen=True)
class Right:
    """One right answer: what to say, and the words and figures that a page must hold for a reader to say it."""

    text: str
    holds: tuple[str, ...]


def right_answers(document: Document) -> dict[int, Right]:
    """Return the answers of one stored audit by the number of the question."""
    audit, verdict = document["audits"][BACKTEST], document["verdict"]
    cells = telling(document)
    return {
        1: _said(verdict),
        2: _may(verdict),
        3: _groups(audit),
        4: _figures(cells[0], audit),
        5: _ratio(cells[0]),
        6: _range(audit, document, verdict),
        7: _chance(audit, verdict),
        8: _settle(cells, audit, document),
        9: _unassessed(document, audit),
        10: _next(verdict),
    }


def telling(document: Document) -> list[Cell]:
    """Return the binding cells of the backtest that have the gate's verdict, the surest first."""
    cells = document["audits"][BACKTEST]["cells"]
    return sorted(
        (c for c in cells if c["binding"] and c["verdict"] == document["verdict"]), key=lambda c: c["p_value"]
    )


def as_text(documents: dict[str, Document]) -> str:
    """Return the answers of all audits as one page."""
    lines = [HEAD]
    for name, document in documents.items():
        lines += [f"## {name}", ""]
        lines += [f"{number}. {right.text}" for number, right in right_answers(document).items()]
        lines.append("")
    return "\n".join(lines)


def _said(verdict: str) -> Right:
    return {
        "refuse": Right("Refused.", ("Refused.",)),
        "insufficient": Right(
            "Neither: it is not settled, and that is not a pass.", ("neither refused nor passed", "not a pass")
        ),
        "pass": Right("It passed.", ("Passed.",)),
    }[verdict]


def _may(verdict: str) -> Right:
    return {
        "refuse": Right(
            "No, and nobody can override that.", ("No panel can be shown this list", "nobody can override")
        ),
        "insufficient": Right(
            "Only if two different governance reviewers waive the missing evidence.",
            ("only if two different governance reviewers", "waive"),
        ),
        "pass": Right(
            "Yes, once one governance reviewer releases it; a pass releases nothing by itself.",
            ("One governance reviewer may now release it", "releases nothing by itself"),
        ),
    }[verdict]


def _groups(audit: Document) -> Right:
    by_verdict: dict[str, list[str]] = {}
    for cell in audit["cells"]:
        if cell["binding"] and cell["verdict"] != "not_assessable":
            whose = cell["characteristic"].replace("victim_", "victims' ").removesuffix("_group")
            by_verdict.setdefault(cell["verdict"], []).append(f"{whose} {_name(cell['group'])}")
    words = {"refuse": "Refused for", "pass": "Passed for", "insufficient": "Not settled for"}
    told = [f"{words[v]}: {', '.join(by_verdict[v])}." if v in by_verdict else f"{words[v]}: nobody." for v in words]
    judged = [cell for cell in audit["cells"] if cell["binding"] and cell["verdict"] != "not_assessable"]
    return Right(" ".join(told), tuple({_name(cell["group"]) for cell in judged}))


def _name(group: str) -> str:
    return NAMES.get(group, group)


def _figures(cell: Cell, audit: Document) -> Right:
    others = f"{100 * cell['others_value']:.0f} in 100"
    cut_off = next(t["selected"] for t in audit["tables"] if t["table"] == "subjects")
    text = (
        f"{cell['n']} had later harm and {cell['events']} of them were missed; of everybody else's, {others}. Missed "
        f"means later harm, but ranked below the cut-off of the trial, which is after the first {cut_off:,}."
    )
    return Right(text, (str(cell["n"]), str(cell["events"]), others, f"{cut_off:,}"))


def _ratio(cell: Cell) -> Right:
    low, high = f"{cell['ratio_low']:.2f}", f"{cell['ratio_high']:.2f}"
    return Right(f"{cell['ratio']:.2f} times; between {low} and {high}.", (f"{cell['ratio']:.2f}", f"{low} and {high}"))


def _range(audit: Document, document: Document, verdict: str) -> Right:
    low, high = audit["margin"]
    lies = {
        "refuse": "No: all of it lies outside.",
        "insufficient": "In part: it reaches beyond.",
        "pass": "Yes, wholly.",
    }
    chosen = document["policy"]["chosen_by"]
    return Right(
        f"{low:g} to {high:g} times as often, chosen by {chosen}. {lies[verdict]}", (f"{low:g} to {high:g}", chosen)
    )


def _chance(audit: Document, verdict: str) -> Right:
    often, unseen = f"at most {100 * audit['alpha']:g} times in 100", _unseen(audit)
    return {
        "refuse": Right(f"Not likely: if every gap lay in the range, chance would refuse anybody {often}.", (often,)),
        "insufficient": Right(
            "That there is no gap at all is not likely; whether it is too small to matter or one that matters cannot "
            "be said yet.",
            ("too small to matter or one that matters", "nobody can say yet"),
        ),
        "pass": Right(
            f"If the gap of a group that had to pass lay outside the range, chance would let the list pass {often}. "
            f"That does not hold for a group that could not be assessed: with a gap just outside in the smallest of "
            f"them it would pass up to {unseen} times in 100.",
            (often, f"up to {unseen} times in 100", "That does not hold"),
        ),
    }[verdict]


def _unseen(audit: Document) -> str:
    """Return how often in 100 the list passes at most, with a gap just outside in the smallest group not assessed."""
    family = [
        c for c in audit["cells"] if c["binding"] and (c["verdict"] != "not_assessable" or c["reason"] in EXCUSED)
    ]
    small = [c for c in family if not c["required"]]
    excused = [c for c in small if c["verdict"] == "not_assessable"]
    if not excused:
        return "0"
    least = min(excused, key=lambda c: c["n"])
    n, others = (round(least[side] / least["design_effect"]) for side in ("n", "others_n"))
    overall = (least["events"] + least["others_value"] * least["others_n"]) / (least["n"] + least["others_n"])
    stops = [
        decision_odds(
            n, others, *map(float, rates_at(overall, n / (n + others), end)), margin=tuple(audit["margin"]),
            alpha=audit["alpha"], cells=len(family), excused_among=len(small),
        ).stops
        for end in audit["margin"]
    ]  # fmt: skip
    return f"{100 * (1 - min(stops)):.0f}"


def _settle(cells: list[Cell], audit: Document, document: Document) -> Right:
    verdict, first = document["verdict"], cells[0]
    enough = document["policy"]["floor"]["outcomes_to_pass"]
    if verdict == "refuse":
        return Right(
            "It is settled; only another ranking, trained again and audited anew, can pass.",
            ("it is settled", "trains again"),
        )
    if verdict == "pass":
        return Right(
            "Nothing is open for the groups that passed; a group that could not be assessed needs about "
            f"{enough} people with later harm.",
            ("Nothing is open", f"about {enough} people"),
        )
    judged = [c for c in audit["cells"] if c["binding"] and c["verdict"] != "not_assessable"]
    others = first["others_n"]
    need = trials_to_settle(
        (first["events"], first["n"], round(first["others_value"] * others), others),
        effect=first["design_effect"],
        margin=tuple(audit["margin"]),
        alpha=audit["alpha"],
        cells=len(judged),
    )
    if need is None:
        raise ValueError("this audit cannot be settled")
    need = -(-need // 10) * 10  # as the page rounds it up
    which = "a pass" if audit["margin"][0] < first["ratio"] < audit["margin"][1] else "a refusal"
    least = f"{first['minimum_detectable_ratio']:.2f}"
    text = (
        f"About {need} people of that group with later harm, {need - first['n']} more, if the figure seen is true; "
        f"that would be {which}. "
        f"With those of today a true gap of {least} times or more would be refused four times in five."
    )
    return Right(text, (str(need), str(need - first["n"]), least, f"That would be {which}"))


def _unassessed(document: Document, audit: Document) -> Right:
    gaps = [
        f"{gap['characteristic'].replace('victim_', 'victims: ').removesuffix('_group')} {_name(gap['group'])}"
        for gap in document["not_assessable"]
    ]
    cells = [c for c in audit["cells"] if (c["characteristic"], c["metric"]) == ("ethnicity_group", "selection")]
    total = sum(c["rows"] for c in cells)
    shares = {c["group"]: f"{100 * c['rows'] / total:.0f} in 100" for c in cells}
    unknown = sum(c["rows"] for c in cells if c["group"] in ("not recorded", "not stated", "observed only"))
    enough = document["policy"]["floor"]["outcomes_to_pass"]
    text = (
        f"{', '.join(gaps)}: fewer than about {enough} with later harm. That is not a pass. Ethnicity is not known for "
        f"{100 * unknown / total:.0f} in 100: not recorded {shares['not recorded']}, declined "
        f"{shares['not stated']}, known only from an officer's view none."
    )
    return Right(
        text,
        (
            f"{100 * unknown / total:.0f} in 100",
            shares["not recorded"],
            shares["not stated"],
            "that is not a pass",
            f"fewer than about {enough}",
            "none known only from an officer's view",
        ),
    )


def _next(verdict: str) -> Right:
    return {
        "refuse": Right(
            "A governance reviewer records the refusal; the panel works without ranks; a data scientist "
            "looks for the cause and trains again.",
            ("governance reviewer records", "data scientist looks"),
        ),
        "insufficient": Right(
            "One governance reviewer refuses, or two different ones waive with a reason and a last "
            "day, and the second waiver releases the list; whoever trained the ranking may do neither.",
            ("two different", "The second waiver releases", "may do neither"),
        ),
        "pass": Right(
            "A governance reviewer acknowledges who could not be assessed and releases or refuses exactly "
            "this list; whoever trained the ranking may do neither.",
            ("acknowledges each group", "may do neither"),
        ),
    }[verdict]
