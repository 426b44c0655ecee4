"""What every section of the page says: its words, plots and tables, from the document's numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from records.quality import plots
from records.quality.blocks import Block, Heading, Plot, Section, Table, Text
from records.quality.over_time import lag_section, regimes_section, volumes_section
from records.quality.words import day, number, share, withheld, words

Document = Mapping[str, Any]


def sections(document: Document) -> list[Section]:
    """Return the sections in the order of the page."""
    makers = (
        _deliveries, _completeness, _communities, lag_section, _unmapped, _dates, _copies, _links,
        regimes_section, volumes_section, _undated, _people, _linkage, _method,
    )  # fmt: skip
    return [make(document) for make in makers]


def _deliveries(document: Document) -> Section:
    loads = document["deliveries"]
    if not loads["available"]:
        says = ["What was read and kept out is not available: no delivery is stored beside this snapshot."]
        return Section("deliveries", "What was delivered", says)
    says = [
        "Accepted and quarantined rows together are the rows read. A quarantined row is not lost: it lies in the "
        "quarantine folder with file, line, column, reason and remedy, and can be mended and delivered again."
    ]
    rows = [
        [row["name"], day(row["extract_date"]) if row["extract_date"] else "not available", row["source"] or ""]
        + [number(row[key]) for key in ("read", "accepted", "quarantined")]
        for row in loads["deliveries"]
    ]
    head = ["Delivery", "Extract taken on", "Source", "Read", "Accepted", "Quarantined"]
    reasons = [[words(name), number(rows)] for name, rows in loads["reasons"].items()]
    blocks: list[Block] = [
        Table("Deliveries", head, rows, texts=3),
        Table("Why rows were kept out", ["Reason", "Rows"], reasons),
    ]
    return Section("deliveries", "What was delivered", says, blocks)


def _completeness(document: Document) -> Section:
    says = [
        "How often each column is recorded, out of the rows that could have it: an outcome is asked of crimes only, a "
        "risk grade of domestic incidents only. Where a blank is ordinarily an answer (it has not ended, nobody died) "
        "the row says so. An unmapped value is recorded, but no list holds it.",
        "In the plots the filled part is recorded and known, the hatched part recorded but unmapped, the empty part "
        "not recorded.",
    ]
    blocks: list[Block] = []
    for table in document["completeness"]["tables"]:
        blocks.append(Heading(words(table["table"]).capitalize()))
        if not table["delivered"]:
            blocks.append(Text("Not delivered. What depends on it is not available; that does not mean there is none."))
            continue
        count = f"{number(table['rows'])} rows in {number(table['versions'])} versions."
        assumed = f" For {number(table['known_from_assumed'])} rows the day from which they were known is assumed."
        blocks.append(Text(count + (assumed if table["known_from_assumed"] else "")))
        blocks += _columns(table)
    return Section("completeness", "How complete each column is", says, blocks)


def _columns(table: Mapping[str, Any]) -> list[Block]:
    bars, rows = [], []
    for column in table["columns"]:
        known = column["share_recorded"] if column["delivered"] else None
        foreign = (column["unmapped"] or 0) / column["of"] if column["of"] else 0.0
        told = "not delivered" if not column["delivered"] else "no such row" if known is None else share(known)
        note = (
            "not delivered"
            if not column["delivered"]
            else "a blank is an answer"
            if column["blank_is_ordinary"]
            else ""
        )
        bars.append((words(column["column"]), None if known is None else known - foreign, foreign, told))
        counts = [
            number(column[key]) if column["delivered"] else "not delivered" for key in ("of", "recorded", "missing")
        ]
        unmapped = "no codes" if column["unmapped"] is None else number(column["unmapped"])
        rows.append([words(column["column"]), column["of_what"], note, *counts, unmapped, share(known)])
    name = words(table["table"])
    title = f"{name.capitalize()}: share recorded, by column"
    says = "; ".join(f"{label} {told}" for label, _, _, told in bars)
    svg = plots.bars(f"complete-{table['table']}", title, says, bars)
    head = ["Column", "Out of", "Note", "Rows", "Recorded", "Not recorded", "Unmapped", "Share recorded"]
    return [Plot(title, svg), Table(f"{name.capitalize()} by column", head, rows, texts=3, folded=True)]


def _communities(document: Document) -> Section:
    part = document["communities"]
    title = "How complete people are recorded, by community"
    if not part["available"]:
        says = [
            "Not available: the table communities was not delivered or may not be read. Nothing is known by community."
        ]
        return Section("communities", title, says)
    smallest = part["smallest_cell"]
    says = [
        "Missing records are not spread evenly. What is missing more often for one group makes indicators work "
        "differently for it. Subjects are people suspected in a domestic incident, victims people recorded as victims.",
        "Ethnicity is self-defined. People who did not state it, people of whom it was not recorded, and people who "
        "were only described by an officer are groups of their own; none is merged into another.",
        f"A number that counts fewer than {smallest} people, or leaves fewer than {smallest} of a group, is withheld, "
        "and so are further numbers from which it could be worked out. Withheld does not mean none.",
    ]
    blocks: list[Block] = [_recorded(part)]
    for population in part["populations"]:
        blocks += _population(population)
    return Section("communities", title, says, blocks)


def _recorded(part: Mapping[str, Any]) -> Table:
    rows = [
        [words(row["characteristic"]), number(row["people"])]
        + [withheld(row[key]) for key in ("recorded", "not_stated", "unmapped", "not_recorded")]
        for row in part["characteristics"]
    ]
    head = ["Characteristic", "People", "Recorded", "Not stated", "Unmapped", "Not recorded"]
    return Table("How protected characteristics are recorded, all people", head, rows)


def _population(population: Mapping[str, Any]) -> list[Block]:
    name = population["population"]
    blocks: list[Block] = [Heading(f"{name.capitalize()}: {withheld(population['people'])} people")]
    if population["not_delivered"]:
        blocks.append(Text(f"Not delivered, so missing for everybody: {', '.join(population['not_delivered'])}."))
    for characteristic in population["characteristics"]:
        kind = characteristic["characteristic"]
        if not characteristic["shown"]:
            blocks.append(Text(f"By {kind}: withheld, the groups are too small."))
            continue
        blocks += _by(population, kind, characteristic["groups"])
    return blocks


def _by(population: Mapping[str, Any], kind: str, groups: Sequence[Mapping[str, Any]]) -> list[Block]:
    name, rows, bars = population["population"], [], []
    drawn = _most_missing(population)
    for group in groups:
        row = [group["group"], withheld(group["people"])]
        for each in population["fields"]:
            cells = {cell["group"]: cell for cell in each["by"].get(kind, [])}
            cell = cells.get(group["group"], {"share": None, "missing": None})
            row.append("withheld" if cell["missing"] is None else f"{number(cell['missing'])} ({share(cell['share'])})")
            if each is drawn:
                told = "withheld" if cell["share"] is None else share(cell["share"])
                bars.append((group["group"], cell["share"], 0.0, told))
        rows.append(row)
    total = ["all", withheld(population["people"])]
    total += [
        "withheld" if each["missing"] is None else f"{number(each['missing'])} ({share(each['share'])})"
        for each in population["fields"]
    ]
    head = ["Group", "People", *(f"No {each['label']}" for each in population["fields"])]
    table = Table(f"{name.capitalize()} without …, by {kind}", head, [*rows, total])
    if drawn is None:
        return [table]
    title = f"{name.capitalize()}: share without {drawn['label']}, by {kind}"
    says = "; ".join(f"{label} {told}" for label, _, _, told in bars)
    return [Plot(title, plots.bars(f"missing-{name}-{kind}", title, says, bars)), table]


def _most_missing(population: Mapping[str, Any]) -> Any:
    """Return the field that is missing most often (the groups' own fields apart), which is the one drawn."""
    shown = [each for each in population["fields"] if each["shown"] and each["field"] not in ("sex", "ethnicity_self")]
    return max(shown, key=lambda each: each["share"] or 0.0, default=None)


def _unmapped(document: Document) -> Section:
    says = [
        "Codes that no list of the contract and no reference table holds, as they were delivered. They are kept and "
        "counted, never turned into zero: a harm weight or a relationship behind such a code is unknown."
    ]
    blocks: list[Block] = []
    for column in document["unmapped"]["columns"]:
        rows = [[code["code"], number(code["rows"])] for code in column["codes"]]
        more = column["codes_in_all"] - len(rows)
        caption = (
            f"{column['column']}: {number(column['rows'])} values, {number(column['codes_in_all'])} different codes"
        )
        blocks.append(Table(caption + (f", the {len(rows)} most frequent" if more else ""), ["Code", "Rows"], rows))
    if not blocks:
        blocks.append(Text("None: every code is known."))
    return Section("unmapped", "Codes that nobody knows", says, blocks)


def _checks(part: Mapping[str, Any], caption: str) -> Table:
    rows = [
        [
            check["meaning"].capitalize(),
            check["do"],
            number(check["rows"]) if check["available"] else "not available",
            number(check["of"]) if check["available"] and check["of"] is not None else "",
            share(check["share"]) if check["available"] and check["of"] is not None else "",
        ]
        for check in part["checks"]
    ]
    return Table(caption, ["What", "What to do", "Rows", "Out of", "Share"], rows, texts=2)


def _kept_out(document: Document, key: str, what: str) -> str:
    rows = document["deliveries"][key]
    if rows is None:
        return f"How many rows were kept out as {what} is not available for this snapshot."
    return f"{number(rows)} rows were kept out as {what} when they were delivered; they are in quarantine."


def _dates(document: Document) -> Section:
    says = [
        _kept_out(document, "orders", "impossible dates"),
        "What follows was accepted, because each date alone can be right. It is odd enough to look at.",
    ]
    return Section("dates", "Dates in an odd order", says, [_checks(document["dates"], "Odd dates")])


def _copies(document: Document) -> Section:
    says = [
        _kept_out(document, "duplicates", "copies"),
        "What follows has numbers of its own, but looks like something already there. People who share a name and a "
        "birth date can be two people (twins share more than that): only linkage with a look at the evidence decides.",
    ]
    return Section("copies", "What looks like a copy", says, [_checks(document["copies"], "Possible copies")])


def _links(document: Document) -> Section:
    says = [
        _kept_out(document, "orphans", "orphans (they point to a row that is not there)"),
        "What follows was accepted, but leads nowhere.",
    ]
    return Section("links", "Rows that lead nowhere", says, [_checks(document["links"], "Loose ends")])


def _undated(document: Document) -> Section:
    part = document["undated"]
    says = [
        "Record systems overwrite some columns without saying since when the value holds. In a first load such a value "
        "is known from the extract date only: a page may show it, but no indicator and no label may use it for an "
        "earlier day. This is what that costs."
    ]
    lost = [
        [
            f"{row['table']}.{row['column']}",
            row["dated_by"] or "nothing",
            number(row["recorded"]),
            number(row["undated"]),
            share(row["share_undated"]),
        ]
        for row in part["columns"]
    ]
    head = ["Column", "Dated by", "Values", "Usable from the extract only", "Share"]
    blocks: list[Block] = [Table("Overwritten columns", head, lost, texts=2)]
    none = [[words(row["table"]), number(row["rows"]), number(row["of"])] for row in part["no_history"]]
    blocks.append(Table("Rows that do not say since when they were known", ["Table", "Rows", "Out of"], none))
    counts = {
        state: sum(row["state"] == state for row in part["indicators"]) for state in ("fed", "in part", "not fed")
    }
    if part["indicators"]:
        told = (
            f"{counts['fed']} indicators have all they read, {counts['in part']} a part, {counts['not fed']} nothing."
        )
        blocks += [Heading("Indicators"), Text(told)]
        rows = [
            [
                words(row["indicator"]),
                row["state"],
                ", ".join([*row["absent_tables"], *row["absent"], *row["empty"]]),
                ", ".join(row["undated"]),
            ]
            for row in part["indicators"]
            if row["state"] != "fed" or row["undated"]
        ]
        head = ["Indicator", "State", "Absent or empty", "Partly without a date"]
        blocks.append(Table("Indicators that lack something", head, rows, texts=4))
    return Section("undated", "What columns without a date cost", says, blocks)


def _people(document: Document) -> Section:
    part = document["people"]
    says = [
        "Serial abuse is counted by distinct victims. Where no suspect and victim pair is recorded it follows when an "
        "incident has exactly one suspect and one victim; otherwise the victim is unknown and counts for nobody."
    ]
    incidents = part["incidents"]
    labels = {
        "recorded": "The pair is recorded",
        "derived": "The pair follows from one suspect and one victim",
        "unknown": "Who acted against whom is unknown",
        "without_victim": "No victim is identified at all",
        "without_suspect": "No suspect is identified at all",
    }
    of = incidents["incidents"]
    rows = [[text, number(incidents[key]), share(incidents[key] / of if of else None)] for key, text in labels.items()]
    blocks: list[Block] = [Table(f"{number(of)} domestic incidents", ["How", "Incidents", "Share"], rows)]
    pairs = part["relationships"]
    if pairs["available"]:
        labels = {
            "recorded": "Recorded",
            "inferred": "Inferred",
            "source_not_stated": "Recorded, without saying how it is known",
            "unknown": "Unknown",
        }
        of = pairs["pairs"]
        rows = [[text, number(pairs[key]), share(pairs[key] / of if of else None)] for key, text in labels.items()]
        blocks.append(Table(f"Relationship of {number(of)} pairs", ["How", "Pairs", "Share"], rows))
        by = [[row["relationship"].replace("_", " "), number(row["pairs"])] for row in pairs["by_relationship"]]
        blocks.append(Table("Pairs by relationship", ["Relationship", "Pairs"], by, folded=True))
    else:
        blocks.append(Text("The table dyads was not delivered: no relationship is known."))
    rows = [
        [f"{row['role']}s", number(row["people"])]
        + [
            f"{number(row[key])} ({share(row[key] / row['people'])})"
            for key in ("without_date_of_birth", "without_pnc_id", "without_full_name")
        ]
        for row in part["persons"]["by_role"]
    ]
    head = ["People", "In all", "Without date of birth", "Without PNC id", "Without full name"]
    blocks.append(Table("People in domestic incidents", head, rows))
    return Section("people", "Who did what to whom", says, blocks)


def _linkage(document: Document) -> Section:
    part = document["linkage"]
    if not part["available"]:
        says = ["Not available: person records have not been linked. One person under two numbers counts as two."]
        return Section("linkage", "Linkage", says)
    rows: list[list[str]] = []
    for key, value in part.items():
        if isinstance(value, dict):
            rows += [[f"{words(key)}: {words(name)}", number(count)] for name, count in value.items()]
        elif key != "available":
            rows.append([words(key), value if isinstance(value, str) else number(value)])
    says = [
        "Person records that are the same person share one key. Pairs in the grey band wait for a person to decide."
    ]
    return Section("linkage", "Linkage", says, [Table("Linkage", ["What", "Value"], rows)])


def _method(document: Document) -> Section:
    rows = [
        [words(name), ", ".join(map(str, value)) if isinstance(value, list) else str(value)]
        for name, value in document["settings"].items()
    ]
    says = ["The same snapshot gives the same report. The JSON file of the same name holds every number on this page."]
    return Section("method", "How this was made", says, [Table("Settings", ["Setting", "Value"], rows)])
