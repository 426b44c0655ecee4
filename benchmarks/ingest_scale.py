"""A made-up extract of any size in seconds: what ingest must read at the scale of a large force.

Plausible in its columns, widths and shares, in about one bad row in a thousand and in about one row in ten thousand
that comes twice; it says nothing about domestic abuse. The synthetic force (`drive-panel synth`) is the one to learn
from.

    python benchmarks/ingest_scale.py OUT --incidents 2000000
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

FAMILY = ("Smith", "Jones", "Taylor", "Brown", "Khan", "Patel", "O''Brien", "Nowak", "Evans", "Begum")
GIVEN = ("Alex", "Sam", "Jo", "Chris", "Zoë", "Mo", "Lee", "Pat", "Ash", "Max")
MANIFEST = "source: scale\nextract_date: 2025-12-31\nperiod: 2016 to 2025\nsynthetic: true\n"
FIRST_DAY = "DATE '2016-01-01'"
BAD, TWICE = 1000, 10_000


def _draw(salt: str, number: str, below: int | str) -> str:
    """Return SQL for a whole number in [0, below) that depends on `number` and `salt` alone."""
    return f"(hash({number}, '{salt}') % {below})::BIGINT"


def _of(values: tuple[str, ...], salt: str, number: str) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"[{listed}][1 + {_draw(salt, number, len(values))}]"


def _rows(count: int) -> str:
    """Return SQL for the numbers of the rows of a table, as ``t(i)``."""
    again = f"SELECT i FROM range({count}) r(i) WHERE {_draw('twice', 'i', TWICE)} = 0"
    return f"(SELECT i FROM range({count}) r(i) UNION ALL {again}) t"


def _persons(count: int) -> str:
    bad = _draw("bad person", "i", BAD)
    day = f"(DATE '1950-01-01' + {_draw('born', 'i', 20000)}::INT)"
    born = f"CASE WHEN {bad} = 0 THEN strftime({day}, '%d/%m/%Y') ELSE {day}::VARCHAR END"
    return f"""
        SELECT 'P' || i AS person_id, {_of(GIVEN, "given", "i")} AS given_name,
            {_of(FAMILY, "family", "i")} AS family_name,
            {born} AS date_of_birth,
            CASE WHEN {_draw("pnc", "i", 3)} = 0 THEN format('{{:02d}}/{{:07d}}A', i % 100, i) ELSE '' END AS pnc_id,
            'niche' AS source
        FROM {_rows(count)}
    """


def _incidents(count: int) -> str:
    bad = _draw("bad incident", "i", BAD)
    day = f"({FIRST_DAY} + {_draw('day', 'i', 3640)}::INT)"
    occurred = f"CASE WHEN {bad} = 0 THEN 'unknown' ELSE {day}::VARCHAR END"
    reported = f"({day} + {_draw('lag', 'i', 10)}::INT)::VARCHAR"
    tick = "CASE WHEN {} = 0 THEN 'true' ELSE 'false' END"
    return f"""
        SELECT 'I' || i AS incident_id, 'northshire' AS force, 'area_' || {_draw("area", "i", 12)} AS area,
            {occurred} AS occurred_from, {reported} AS reported_on,
            {_of(("00806", "00501", "19501", "00813", "12511", ""), "offence", "i")} AS offence_code,
            CASE WHEN {_draw("crime", "i", 3)} = 0 THEN 'false' ELSE 'true' END AS is_crime, 'true' AS domestic,
            {_of(("1", "14", "15", "16", ""), "outcome", "i")} AS outcome_code,
            {_of(("dash", "dara"), "tool", "i")} AS risk_tool,
            {_of(("standard", "medium", "high"), "grade", "i")} AS risk_grade,
            {tick.format(_draw("weapon", "i", 12))} AS weapon, {tick.format(_draw("injury", "i", 3))} AS injury,
            {tick.format(_draw("children", "i", 4))} AS children_present,
            {_of(("victim", "third_party", "police"), "by", "i")} AS reported_by
        FROM {_rows(count)}
    """


def _involvements(incidents: int, persons: int) -> str:
    side = "CASE WHEN i % 2 = 0 THEN 'suspect' ELSE 'victim' END"
    bad = _draw("bad involvement", "i", BAD)
    person = f"CASE WHEN {bad} = 0 THEN 'P?' ELSE 'P' || {_draw('who', 'i', persons)} END"
    return f"""
        SELECT 'I' || (i // 2) AS incident_id, {person} AS person_id, {side} AS role,
            {_of(("alleged", "charged", "convicted", "nfa"), "status", "i")} AS status
        FROM {_rows(2 * incidents)}
    """


def _dyads(incidents: int, persons: int) -> str:
    return f"""
        SELECT 'I' || i AS incident_id, 'P' || {_draw("who", "2 * i", persons)} AS suspect_id,
            'P' || {_draw("who", "2 * i + 1", persons)} AS victim_id,
            {_of(("partner", "ex_partner", "parent", "child", "sibling", "other_family"), "tie", "i")} AS relationship,
            'recorded' AS relationship_source
        FROM {_rows(incidents)} WHERE {_draw("dyad", "i", 20)} > 0
    """


def write_extract(folder: Path, incidents: int) -> None:
    """Write manifest and four CSV tables of `incidents` incidents into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.yaml").write_text(MANIFEST, encoding="utf-8")
    persons = max(2, incidents * 6 // 10)
    queries = {
        "persons": _persons(persons),
        "incidents": _incidents(incidents),
        "involvements": _involvements(incidents, persons),
        "dyads": _dyads(incidents, persons),
    }
    with duckdb.connect() as db:
        db.execute("SET threads = 2")
        for name, query in queries.items():
            db.execute(f"COPY ({query}) TO '{folder / name}.csv' (HEADER)")


def main() -> None:
    """Write an extract."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--incidents", type=int, default=2_000_000)
    asked = parser.parse_args()
    write_extract(asked.out, asked.incidents)


if __name__ == "__main__":
    main()
