"""What the sections about time say: recording lag, rule changes, rows a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from records.quality import plots
from records.quality.blocks import Block, Heading, Plot, Section, Table, Text
from records.quality.regimes import BREAKS
from records.quality.words import number, ratio, share, words

Document = Mapping[str, Any]


def lag_section(document: Document) -> Section:
    """Return the section about days between incident, report and record."""
    part = document["lag"]
    out = part["left_out"]
    says = [
        "A list sees an incident only once it is recorded. Dots are medians, boxes the middle half, ticks the 90th "
        "percentile, in days on a scale that shrinks with length.",
        f"Of {number(out['incidents'])} domestic incidents {number(out['too_recent'])} are left out because they were "
        f"reported within {part['late_after_days'][-1]} days before the extract: what is still unrecorded would make "
        f"them look quick. For {number(out['assumed'])} the day of recording is only assumed; no lag is taken from it.",
    ]
    blocks: list[Block] = []
    for step in part["steps"]:
        blocks.append(Heading(step["meaning"].capitalize()))
        if not step["available"]:
            blocks.append(Text("Not available: the days are not recorded."))
            continue
        for by, rows in (("year", step["by_year"]), ("area", step["by_area"])):
            blocks += _lags(step, by, [(str(row[by]), row) for row in rows][:40], part["late_after_days"])
        both = [(f"{row['year']}, {row['area']}", row) for row in step["by_year_and_area"]]
        blocks.append(_lag_table(step, "year and area", both, part["late_after_days"]))
    return Section("lag", "How long it takes until an incident is recorded", says, blocks)


def _lags(step: Mapping[str, Any], by: str, rows: list[tuple[str, Any]], late: Sequence[int]) -> list[Block]:
    title = f"Days {step['meaning']}, by {by}"
    says = "; ".join(f"{label}: median {number(row['median'])}, 90th {number(row['ninetieth'])}" for label, row in rows)
    drawn = [("all", step["all"]), *rows]
    svg = plots.ranges(f"lag-{step['step']}-{by}", title, says, drawn)
    return [Plot(title, svg), _lag_table(step, by, drawn, late)]


def _lag_table(step: Mapping[str, Any], by: str, rows: list[tuple[str, Any]], late: Sequence[int]) -> Table:
    keys = ("incidents", "lower_quartile", "median", "upper_quartile", "ninetieth")
    head = [by.capitalize(), "Incidents", "Lower quartile", "Median", "Upper quartile", "90th percentile"]
    head += [f"Over {limit} days" for limit in late]
    body = [
        [label, *(number(row[k]) for k in keys), *(share(row[f"share_over_{n}"]) for n in late)] for label, row in rows
    ]
    return Table(f"Days {step['meaning']}, by {by}", head, body, folded=True)


def regimes_section(document: Document) -> Section:
    """Return the section about known and unknown changes of level."""
    part = document["regimes"]
    says = [
        f"Counts of domestic incidents a month, {part['months_each_side']} months after a change against as many "
        f"before it. The line is the {100 * part['level']:g}% interval of the ratio, widened by how much months vary "
        "anyway; of a hundred families without any change it misses one. A change that was announced is expected; one "
        "that was not needs a reason.",
        "A level that moves because a rule moved says nothing about how people behave. Train and test on one side of "
        "it, or report both sides.",
    ]
    blocks: list[Block] = []
    for position, known in enumerate(part["known"]):
        blocks += _break(position, known)
    blocks.append(Heading("Changes at other times"))
    rows = [
        [
            row["family"].replace("_", " "),
            row["month"],
            row["known"] or "unknown reason",
            number(row["before"]),
            number(row["after"]),
            ratio(row["ratio"]),
            f"{ratio(row['low'])} to {ratio(row['high'])}" if row["ratio"] else "",
        ]
        for row in part["elsewhere"]
    ]
    head = ["Offence family", "First month", "Near", "Before", "After", "Ratio", "Interval"]
    blocks.append(Text("Every month is tried for every family; the interval is corrected for the number of tries."))
    blocks.append(Table("Changes of level found in the data", head, rows, texts=3))
    blocks += [Heading("From DASH to DARA"), Text(_tool(part["risk_tool"]))]
    label = part["counting_regime"]
    if label["available"]:
        told = f"{number(label['contradicting'])} of {number(label['of'])} incidents"
        blocks.append(Text(f"{told} state a counting regime that the day of their report contradicts."))
    return Section("regimes", "What changed when recording rules changed", says, blocks)


def _break(position: int, known: Mapping[str, Any]) -> list[Block]:
    unsure = "" if known["verified"] else " Nobody has looked up the day."
    blocks: list[Block] = [
        Heading(f"{_letter(position)}. {known['name']}, from {known['month']}"),
        Text(f"{known['says']} Source: {known['source']}.{unsure}"),
    ]
    if not known["covered"]:
        return [*blocks, Text("These records do not cover a whole year on both sides.")]
    drawn = [
        (row["family"].replace("_", " "), row["ratio"], row["low"], row["high"])
        for row in known["families"]
        if row["ratio"] is not None
    ]
    title = f"Ratio after to before, {known['name']}"
    says = "; ".join(f"{name} {ratio(value)} ({ratio(low)} to {ratio(high)})" for name, value, low, high in drawn)
    if drawn:
        blocks.append(Plot(title, plots.ratios(f"break-{position}", title, says, drawn)))
    rows = [
        [
            row["family"].replace("_", " "),
            row["expected"] or "none",
            row["verdict"],
            number(row["before"]),
            number(row["after"]),
            ratio(row["ratio"]),
            f"{ratio(row['low'])} to {ratio(row['high'])}" if row["ratio"] is not None else "",
        ]
        for row in known["families"]
    ]
    head = ["Offence family", "Expected", "What is seen", "Before", "After", "Ratio", "Interval"]
    return [*blocks, Table(f"{known['name']}, by offence family", head, rows, texts=3)]


def _letter(position: int) -> str:
    return chr(ord("A") + position)


def _tool(tool: Mapping[str, Any]) -> str:
    if not tool["available"]:
        return "Not available: no risk tool is recorded."
    counts = f"{number(tool['dash'])} incidents name DASH, {number(tool['dara'])} name DARA."
    if tool["month"] is None:
        return f"{counts} In no month do most graded incidents name DARA."
    text = f"{counts} From {tool['month']} most incidents with a tool name DARA. The day differs from force to force."
    if "before" in tool and tool["before"]["share_high"] is not None and tool["after"]["share_high"] is not None:
        text += (
            f" Graded high: {share(tool['before']['share_high'])} of {number(tool['before']['graded'])} in the year "
            f"before, {share(tool['after']['share_high'])} of {number(tool['after']['graded'])} in the year after. "
            "Grades of two tools are not comparable."
        )
    return text


def volumes_section(document: Document) -> Section:
    """Return the section about rows a month."""
    part = document["volumes"]
    letters = ", ".join(f"{_letter(number_)} {each.name}" for number_, each in enumerate(BREAKS))
    says = [
        part["method"],
        "Squares mark blank months, triangles that point down falls, triangles that point up rises. Dashed lines mark "
        f"rule changes: {letters}. A flag says that something changed, not why.",
    ]
    blocks: list[Block] = []
    for table in part["tables"]:
        name = words(table["table"])
        blocks.append(Heading(f"{name.capitalize()} a month, by {table['clock']}"))
        if not table["available"]:
            blocks.append(Text("Not available: no row has a day."))
            continue
        blocks += _series(table, name)
    return Section("volumes", "Rows a month", says, blocks)


def _series(table: Mapping[str, Any], name: str) -> list[Block]:
    marks = {each.month: _letter(position) for position, each in enumerate(BREAKS)}
    blocks: list[Block] = []
    aside = [(table["undated"], "have no day"), (table["before"], "lie before the first month drawn")]
    if told := " and ".join(f"{number(rows)} rows {what}" for rows, what in aside if rows):
        blocks.append(Text(f"{told[0].upper()}{told[1:]}; they are not drawn."))
    for position, series in enumerate(table["series"]):
        title = f"{name}, {series['area']}"
        flags = [f"{each['kind']} {each['from']} to {each['to']}" for each in series["changes"]]
        says = f"{number(series['rows'])} rows; flagged: {'; '.join(flags) or 'nothing'}."
        if position:
            blocks.append(Text(f"{series['area']}: {says}"))
        svg = plots.months(
            f"months-{table['table']}-{position}", title, says, table["months"], series["counts"], series["changes"],
            marks, height=170 if position == 0 else 120,
        )  # fmt: skip
        blocks.append(Plot(title, svg))
    flagged = [
        [series["area"], change["kind"], change["from"], change["to"], number(change["months"]), ratio(change["ratio"])]
        for series in table["series"]
        for change in series["changes"]
    ]
    head = ["Area", "Kind", "From", "To", "Months", "Ratio to usual"]
    blocks.append(Table(f"{name.capitalize()}: changes flagged", head, flagged, texts=4))
    rows = [
        [month, *(number(series["counts"][position]) for series in table["series"])]
        for position, month in enumerate(table["months"])
    ]
    head = ["Month", *(series["area"] for series in table["series"])]
    return [*blocks, Table(f"{name.capitalize()} a month", head, rows, folded=True)]
