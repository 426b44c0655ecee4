"""The sections behind page one, as plain values: paragraphs, interval plots and tables.

A block is ``{"kind": "text", "text"}``, ``{"kind": "intervals", "title", "says", "margin", "rows"}`` or
``{"kind": "table", "caption", "head", "rows", "texts", "folded"}``; the first `texts` columns are words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from fairness.papers import labels
from fairness.papers.equality import equality
from fairness.papers.wording import (
    MEASURES,
    VERDICTS,
    WITHHELD,
    group_in_words,
    heading,
    interval,
    measure_title,
    whom,
)
from fairness.sensitivity import RECORDS_CANNOT_SHOW

Block = dict[str, Any]
Cell = Mapping[str, Any]
_HEAD = (
    "Group", "People", "Counted", "Share (interval)", "Everybody else", "Times as often (interval)",
    "Smallest gap it could find", "Verdict",
)  # fmt: skip


def sections(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the sections of a report in the order of the page."""
    return [
        _checks(document),
        _gaps(document),
        _labels(document),
        _beside(document),
        equality(document),
        _words(document),
    ]


def section(name: str, title: str, says: Sequence[str], blocks: Sequence[Block]) -> dict[str, Any]:
    """Return one section as plain values."""
    return {"id": name, "title": title, "says": list(says), "blocks": list(blocks)}


def table(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1, folded: bool = False
) -> Block:
    """Return a table block."""
    return {
        "kind": "table",
        "caption": caption,
        "head": list(head),
        "rows": [list(row) for row in rows],
        "texts": texts,
        "folded": folded,
    }


def _checks(document: Mapping[str, Any]) -> dict[str, Any]:
    says = (
        "Each line is the interval of one community's ratio to everybody else; the shaded part is the agreed range. A "
        "check passes only where the whole line lies in the shade. The table beside each plot holds the same numbers.",
    )
    blocks: list[Block] = []
    for part in document["audits"]:
        for title, cells in _by_measure([cell for cell in part["cells"] if cell["binding"]]):
            full = f"{part['name']}: {title}"
            blocks += [_intervals(full, cells, part), table(full, _HEAD, [_row(cell) for cell in cells])]
    if not blocks:
        blocks = [
            {"kind": "text", "text": "No check decides here: no community that the policy names is in the table."}
        ]
    return section("checks", "Checks that decide", says, blocks)


def _intervals(title: str, cells: Sequence[Cell], part: Mapping[str, Any]) -> Block:
    rows = [
        {
            "label": group_in_words(cell["group"]),
            "ratio": cell["ratio"],
            "low": cell["ratio_low"],
            "high": cell["ratio_high"],
            "verdict": VERDICTS[cell["verdict"]],
            "withheld": bool(cell.get("suppressed")),
        }
        for cell in cells
    ]
    low, high = part["margin"]
    told = "; ".join(f"{row['label']}: {_drawn(cell)}" for row, cell in zip(rows, cells, strict=True))
    says = f"Ratio to everybody else with {part['ratio_level']:.0%} interval; agreed range {low:g} to {high:g}. {told}."
    return {"kind": "intervals", "title": title, "says": says, "margin": [low, high], "rows": rows}


def _drawn(cell: Cell) -> str:
    if cell.get("suppressed"):
        return WITHHELD
    ratio = "no ratio" if cell["ratio"] is None else f"{cell['ratio']:.2f}"
    return f"{ratio} ({interval(cell)}), {VERDICTS[cell['verdict']].lower()}"


def _row(cell: Cell) -> list[str]:
    group, verdict = group_in_words(cell["group"]), VERDICTS[cell["verdict"]]
    if cell.get("suppressed"):
        return [group, *[WITHHELD] * 6, verdict]
    share = "no cases" if cell["value"] is None else f"{cell['value']:.1%} ({cell['low']:.1%} to {cell['high']:.1%})"
    others = "no cases" if cell["others_value"] is None else f"{cell['others_value']:.1%}"
    ratio = f"{'no ratio' if cell['ratio'] is None else format(cell['ratio'], '.2f')} ({interval(cell)})"
    least = cell["minimum_detectable_ratio"]
    seen = "none reliably" if least is None else f"{least:.2f}"
    return [group, f"{cell['n']:,}", f"{cell['events']:,}", share, others, ratio, seen, verdict]


def _by_measure(cells: Sequence[Cell]) -> Iterator[tuple[str, list[Cell]]]:
    def key(cell: Cell) -> tuple[str, str, str]:
        return cell["table"], cell["characteristic"], cell["metric"]

    for (name, characteristic, metric), group in groupby(sorted(cells, key=key), key):
        yield f"{heading(name, characteristic)}, {measure_title(metric).lower()}", list(group)


def _gaps(document: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        [whom(gap["table"], gap["characteristic"], gap["group"]), gap.get("audit") or "", gap["reason"]]
        for gap in document["not_assessable"]
    ]
    says = ("These never count as passed. Each is acknowledged by name before a release.",)
    return section(
        "gaps", "What could not be assessed", says, [table("Not assessable", ("Who", "Audit", "Why"), rows, 3)]
    )


def _labels(document: Mapping[str, Any]) -> dict[str, Any]:
    blocks: list[Block] = [
        table(f"{part['name']}: wrong recording that would turn a check", labels.HEAD, labels.rows_of(part), 3)
        for part in document["audits"]
        if part["label_sensitivity"]
    ]
    says = (RECORDS_CANNOT_SHOW, labels.EXPLAINED)
    return section("labels", labels.TITLE, says, blocks)


_LOOK = "alert"


def _beside(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what to look at of the cells that do not decide, and how many there are of each characteristic."""
    says = (
        "What does not decide. Here is what stands out, and how much there is; every cell is in the workbook (sheet "
        f"Cells), the CSV and the JSON file. Groups with a count under {document['smallest']} are withheld, and "
        "further ones until they cannot be worked out from what is left.",
    )
    look, counted, blocks = [], [], []
    for part in document["audits"]:
        cells = [cell for cell in part["cells"] if not cell["binding"]]
        for group in _by_characteristic(cells):
            title = heading(group[0]["table"], group[0]["characteristic"])
            counted.append([part["name"], title, *_numbers(group)])
            look += [
                [title, measure_title(cell["metric"]), *_row(cell)[:-1]] for cell in group if cell["verdict"] == _LOOK
            ]
        blocks += _left_out(part)
    alerts = (
        table("To look at", ("Characteristic", "Measure", *_HEAD[:-1]), look, texts=3)
        if look
        else {"kind": "text", "text": "Nothing stands out."}
    )
    head = ("Audit", "Characteristic", "Groups", "Cells", "Withheld", "Not assessable", "To look at")
    summary = [table("What there is", head, counted, texts=2)] if counted else []
    return section("beside", "What does not decide", says, [alerts, *summary, *blocks])


def _numbers(cells: Sequence[Cell]) -> list[str]:
    withheld = sum(1 for cell in cells if cell.get("suppressed"))
    groups = len({cell["group"] for cell in cells})
    verdicts = [cell["verdict"] for cell in cells]
    counts = (groups, len(cells), withheld, verdicts.count("not_assessable"), verdicts.count(_LOOK))
    return [f"{count:,}" for count in counts]


def _left_out(part: Mapping[str, Any]) -> list[Block]:
    texts = [f"{part['name']}: withheld until the list is released."] if part["withheld"] else []
    for name, *characteristics in part.get("left_out", ()):
        title = " and ".join(heading(name, each) for each in characteristics)
        texts.append(f"{part['name']}: {title} in detail is left out; it is told in groups.")
    return [{"kind": "text", "text": text} for text in texts]


def every_cell(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return every cell that does not decide, as an appendix."""
    says = [
        "Every group on every measure that does not decide; the same cells are in the workbook, the CSV and the JSON "
        "file."
    ]
    blocks: list[Block] = []
    for part in document["audits"]:
        cells = [cell for cell in part["cells"] if not cell["binding"]]
        blocks += [_characteristic(part["name"], group) for group in _by_characteristic(cells)]
    return section("cells", "All cells", says, blocks)


def _by_characteristic(cells: Sequence[Cell]) -> Iterator[list[Cell]]:
    for _, group in groupby(cells, lambda cell: (cell["table"], cell["characteristic"])):
        yield list(group)


def _characteristic(audit: str, cells: Sequence[Cell]) -> Block:
    caption = f"{audit}: {heading(cells[0]['table'], cells[0]['characteristic'])}"
    rows = [[measure_title(cell["metric"]), *_row(cell)] for cell in cells]
    return table(caption, ("Measure", *_HEAD), rows, texts=2, folded=True)


def _words(document: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        ["Person, victim", "One person on one list that was looked at, or one person and one victim of theirs. "
         "Whoever was on several lists counts once for each."],
        ["Backtest", "The ranking tried on past lists, for which it is now known what happened."],
        ["Later harm", "The outcome that was audited, recorded after the date of the list. In a backtest: a new "
         "victim, a MARAC hearing, or serious harm, as known when the follow-up ended."],
        ["Cut-off", "In a backtest the audit depth: the shortest list that finds the share of later harm that the "
         "policy declares, far longer than one meeting's places. In the audit of a list: its places."],
        ["Everybody else", "All others of the same table, whatever their group, recorded or not."],
        ["Interval", "What chance between cases leaves open. It is wide where cases are few: four of four is 40% to "
         "100%, not 100%."],
        ["Smallest gap it could find", "The smallest real gap above 1 that this check would refuse four times "
         "in five."],
        *[[metric.replace("_", " "), f"In the workbook: the share {words}."] for metric, words in MEASURES.items()],
    ]  # fmt: skip
    says = ("No group has a line of its own, and nobody's group is guessed from a name or an address.",)
    return section("words", "Words", says, [table("What the words mean", ("Word", "Meaning"), rows, 2)])
