"""What to look at first: sentences made from the numbers, each with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from records.quality.regimes import NOT_SEEN

Document = Mapping[str, Any]
Finding = dict[str, str]

_HALF, _TENTH, _LATE = 0.5, 0.1, 0.05


def findings(document: Document) -> list[Finding]:
    """Return what a reader should act on or know, in the order of the sections.

    Each has ``level`` (``act``: it can change a ranking or a verdict; ``know``: it limits what may be said),
    ``section``, ``text`` and ``do``.
    """
    rules = (_deliveries, _missing, _communities, _lag, _unmapped, _checks, _regimes, _volumes, _undated, _people)
    return [finding for rule in rules for finding in rule(document)]


def _finding(level: str, section: str, text: str, do: str) -> Finding:
    return {"level": level, "section": section, "text": text, "do": do}


def _percent(share: float) -> str:
    if 0 < share < 0.001:
        return "under 0.1%"
    return f"{100 * share:.1f}%" if share < _TENTH else f"{100 * share:.0f}%"


def _listed(names: list[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _deliveries(document: Document) -> Iterator[Finding]:
    loads = document["deliveries"]
    if not loads["available"]:
        text = "What was delivered and kept out is not available for this snapshot."
        yield _finding("know", "deliveries", text, "Read the load report that ingest printed.")
    elif loads["quarantined"]:
        share = loads["quarantined"] / loads["read"] if loads["read"] else 0.0
        text = f"{loads['quarantined']:,} of {loads['read']:,} delivered rows ({_percent(share)}) were kept out."
        level = "act" if share > 0.01 else "know"
        yield _finding(level, "deliveries", text, "Have the rows mended and delivered again.")


def _missing(document: Document) -> Iterator[Finding]:
    tables = document["completeness"]["tables"]
    absent = [each["table"] for each in tables if not each["delivered"]]
    if absent:
        text = f"Tables that were not delivered: {_listed(absent)}."
        yield _finding(
            "know", "completeness", text, "What depends on them is not available; it does not count as none."
        )
    columns = [(f"{each['table']}.{row['column']}", row) for each in tables for row in each["columns"]]
    lacking = [name for name, row in columns if not row["delivered"]]
    if lacking:
        text = f"Columns that were not delivered: {_listed(lacking)}."
        yield _finding("know", "completeness", text, "Ask whether the source holds them, and map them.")
    thin = [
        name
        for name, row in columns
        if row["delivered"] and not row["blank_is_ordinary"] and row["of"] and row["share_recorded"] < _HALF
    ]
    if thin:
        text = f"Recorded for fewer than half of the rows that could have them: {_listed(thin)}."
        yield _finding("act", "completeness", text, "Find out whether the source lacks them or the extract drops them.")


def _communities(document: Document) -> Iterator[Finding]:
    part = document["communities"]
    if not part["available"]:
        text = "Nothing can be said by community: the table communities is not there or may not be read."
        yield _finding("act", "communities", text, "Deliver it; without it no list can be audited or released.")
        return
    for population in part["populations"]:
        for field in population["fields"]:
            if field["field"] in ("sex", "ethnicity_self") and field["shown"] and field["share"] > _HALF:
                told = f"{_percent(field['share'])} of {population['population']}"
                text = f"{field['label'].capitalize()} is missing for {told}."
                do = "Above one half a characteristic cannot be assessed; ask the force to record it."
                yield _finding("act", "communities", text, do)
        yield from _uneven(population)


def _uneven(population: Mapping[str, Any]) -> Iterator[Finding]:
    """Name fields that are missing at least twice as often, and ten points more, in one group than in another."""
    for field in population["fields"]:
        for characteristic, cells in field["by"].items():
            named = ("not recorded", "observed only", "unmapped code")
            shown = [cell for cell in cells if cell["share"] is not None and cell["group"] not in named]
            if len(shown) < 2:
                continue
            low, high = (pick(shown, key=lambda cell: cell["share"]) for pick in (min, max))
            if high["share"] - low["share"] >= _TENTH and high["share"] >= 2 * low["share"]:
                told = f"{_percent(high['share'])} of {population['population']} in the group {high['group']}"
                text = (
                    f"{field['label'].capitalize()} is missing for {told} ({characteristic}), "
                    f"{_percent(low['share'])} in {low['group']}."
                )
                do = "Indicators that rest on it may treat these groups differently; look at their cells in the audit."
                yield _finding("act", "communities", text, do)


def _lag(document: Document) -> Iterator[Finding]:
    lag = document["lag"]
    late = lag["late_after_days"][-1]
    for step in lag["steps"]:
        if step["available"] and step["step"] == "reported_to_recorded":
            share = step["all"][f"share_over_{late}"]
            if share > _LATE:
                text = (
                    f"{_percent(share)} of domestic incidents were recorded more than {late} days after their report."
                )
                yield _finding("act", "lag", text, "A list sees nothing of them before; ask what delays them.")
        if not step["available"] and step["step"] == "reported_to_recorded":
            text = "How long recording takes cannot be measured: no row says since when it was known."
            yield _finding("know", "lag", text, "Deliver known_from (the day the record system first held the row).")


def _unmapped(document: Document) -> Iterator[Finding]:
    columns = document["unmapped"]["columns"]
    if columns:
        rows = sum(column["rows"] for column in columns)
        names = _listed([column["column"] for column in columns])
        text = f"{rows:,} values are codes that no list holds: {names}."
        yield _finding(
            "act", "unmapped", text, "Add them to the mapping or the reference table; until then they are unknown."
        )


def _checks(document: Document) -> Iterator[Finding]:
    for section, told in (("dates", "Odd dates"), ("copies", "Possible copies"), ("links", "Loose ends")):
        found = [check for check in document[section]["checks"] if check["available"] and check["rows"]]
        if found:
            text = "; ".join(f"{check['rows']:,} {check['meaning']}" for check in found[:4])
            more = f"; and {len(found) - 4} more kinds" if len(found) > 4 else ""
            yield _finding("know", section, f"{told}: {text}{more}.", "See the table for what to do about each kind.")


def _regimes(document: Document) -> Iterator[Finding]:
    part = document["regimes"]
    for known in part["known"]:
        odd = [row for row in known["families"] if row["verdict"] in ("against expectation", NOT_SEEN)]
        if odd:
            text = (
                f"{known['name']} ({known['month']}): not as announced for {_listed([row['family'] for row in odd])}."
            )
            yield _finding("know", "regimes", text, "Ask when and how the force took the rule over.")
    unknown = [row for row in part["elsewhere"] if row["known"] is None]
    if unknown:
        text = "Levels changed without a known reason: " + _listed(
            [f"{row['family']} in {row['month']}" for row in unknown]
        )
        do = "Ask about new systems, rules or teams; train and test on one side of such a change."
        yield _finding("act", "regimes", f"{text}.", do)
    if part["counting_regime"].get("contradicting"):
        told = f"{part['counting_regime']['contradicting']:,} incidents"
        text = f"{told} state a counting regime that the day of their report contradicts."
        yield _finding("know", "regimes", text, "Check how the column is made.")


def _volumes(document: Document) -> Iterator[Finding]:
    for table in document["volumes"]["tables"]:
        blank = [
            (series["area"], change)
            for series in table["series"]
            for change in series["changes"]
            if change["kind"] == "blank"
        ]
        if blank:
            places = _listed([f"{area} {change['from']} to {change['to']}" for area, change in blank])
            text = f"{table['table']}: months without a single row where many are usual: {places}."
            yield _finding("act", "volumes", text, "Ask for the missing months; nobody did nothing in them.")
        other = sum(len(series["changes"]) for series in table["series"]) - len(blank)
        if other:
            text = f"{table['table']}: changes of level or single odd months flagged: {other}."
            yield _finding("know", "volumes", text, "Look at the plots; a flag says that something changed, not why.")


def _undated(document: Document) -> Iterator[Finding]:
    part = document["undated"]
    lost = [row for row in part["columns"] if row["undated"]]
    if lost:
        values = sum(row["undated"] for row in lost)
        text = f"{values:,} values in {len(lost)} columns hold only from the extract date on: no day says since when."
        yield _finding("know", "undated", text, "Deliver the versions of rows with known_from to use their history.")
    unfed = [row["indicator"] for row in part["indicators"] if row["state"] == "not fed"]
    if unfed:
        yield _finding("act", "undated", f"Indicators without data: {_listed(unfed)}.", "Deliver what they read.")


def _people(document: Document) -> Iterator[Finding]:
    part = document["people"]
    incidents = part["incidents"]
    if incidents["incidents"] and incidents["unknown"] / incidents["incidents"] > _TENTH:
        share = incidents["unknown"] / incidents["incidents"]
        text = f"In {_percent(share)} of domestic incidents it is not known which suspect acted against which victim."
        yield _finding("act", "people", text, "Deliver dyads; victims of these incidents count for nobody.")
    pairs = part["relationships"]
    if pairs["available"] and pairs["pairs"] and pairs["unknown"] / pairs["pairs"] > _TENTH:
        text = f"The relationship is not recorded for {_percent(pairs['unknown'] / pairs['pairs'])} of pairs."
        yield _finding("know", "people", text, "They count neither as intimate partners nor as family.")
    if not document["linkage"]["available"]:
        text = "Person records have not been linked."
        yield _finding("act", "linkage", text, "Run drive-panel link: one person under two numbers looks like two.")
