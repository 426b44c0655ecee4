# ruff: noqa: S608 - every name in the SQL is written here
"""How completely people are recorded, by community: subjects and victims apart, small groups withheld."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from records.codes import SEXES, YES_NO
from records.quality.settings import QualitySettings
from records.quality.source import Source
from records.quality.suppression import hidden_counts, hidden_sizes
from records.storage.database import literal, quoted

FIELDS: Mapping[str, tuple[str, str, tuple[str, ...]]] = MappingProxyType(
    {
        "full_name": (
            "given and family name",
            'NOT (p."has given_name" AND p."has family_name")',
            ("persons.given_name",),
        ),
        "date_of_birth": ("date of birth", 'NOT p."has date_of_birth"', ("persons.date_of_birth",)),
        "pnc_id": ("PNC id", 'NOT p."has pnc_id"', ("persons.pnc_id",)),
        "cro_id": ("CRO number", 'NOT p."has cro_id"', ("persons.cro_id",)),
        "address": ("address", "home.person_id IS NULL", ("addresses",)),
        "postcode": (
            "postcode",
            "home.postcode IS NOT TRUE",
            ("addresses.postcode",),
        ),
        "relationship": (
            "relationship",
            "related.person_id IS NULL",
            ("dyads.relationship",),
        ),
        "risk_grade": ("risk grade", "NOT r.graded", ("incidents.risk_grade",)),
        "status": ("status", "NOT r.has_status", ("involvements.status",)),
        "sex": ("sex", "c.sex IS NULL", ()),
        "ethnicity_self": ("self-defined ethnicity", "c.ethnicity_self IS NULL", ()),
    }
)
"""What is looked at for every person: in words, SQL for its absence, and what must have been delivered."""

CHARACTERISTICS = ("sex", "ethnicity")
_SUBJECTS_ONLY = ("status",)
_PROTECTED = (
    "sex",
    "ethnicity_self",
    "ethnicity_observed",
    "disability",
    "sexual_orientation",
    "religion",
    "gender_reassignment",
)


def by_community(source: Source, settings: QualitySettings, communities: pd.DataFrame | None) -> dict[str, Any]:
    """Report what is missing for subjects and victims of each sex and ethnic group, and for the groups themselves.

    Parameters
    ----------
    source, settings
        The records, and the smallest cell.
    communities
        One row a version of a person, as the communities store gives it; None where none may be or was read.
    """
    if communities is None:
        return {"available": False, "smallest_cell": settings.smallest_cell}
    _prepare(source, communities)
    populations = [
        _population(source, name, role, settings) for name, role in (("subjects", "suspect"), ("victims", "victim"))
    ]
    recorded = [_recorded(source, column, settings) for column in _PROTECTED]
    return {
        "available": True,
        "smallest_cell": settings.smallest_cell,
        "characteristics": recorded,
        "populations": populations,
    }


def _prepare(source: Source, communities: pd.DataFrame) -> None:
    """Build one row a person and role with the person's groups and what is missing for them."""
    db, reference = source.db, source.snapshot.reference
    db.register("community_frame", communities[["person_id", *_PROTECTED, "known_from", "known_to"]])
    extract = f"DATE {literal(source.snapshot.extract_date.isoformat())}"
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE community AS SELECT * FROM community_frame "
        f"WHERE known_from <= {extract} AND (known_to IS NULL OR known_to > {extract})"
    )
    db.unregister("community_frame")
    db.register("ethnicity_frame", reference.tables["ethnicity"][["code", "group"]])
    db.execute('CREATE OR REPLACE TEMP TABLE ethnicity AS SELECT code, "group" AS name FROM ethnicity_frame')
    db.unregister("ethnicity_frame")
    graded, stated = source.delivered("incidents.risk_grade"), source.delivered("involvements.status")
    missing = ", ".join(
        f"({absent}) AS {quoted(f'no {name}')}"
        for name, (_, absent, needs) in FIELDS.items()
        if source.delivered(*needs)
    )
    db.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE people AS
        WITH roles AS (
            SELECT v.person_id, v.role, {"bool_or(i.graded)" if graded else "false"} AS graded,
                   {'bool_or(v."has status")' if stated else "false"} AS has_status
            FROM now_involvements v JOIN incidents i USING (incident_id)
            WHERE i.domestic AND v.role IN ('suspect', 'victim') GROUP BY ALL)
        SELECT r.role, {_sex()} AS sex, {_ethnicity()} AS ethnicity, {missing}
        FROM roles r JOIN now_persons p USING (person_id)
        LEFT JOIN community c ON c.person_id = r.person_id LEFT JOIN ethnicity e ON e.code = c.ethnicity_self
        {_joined(source)}
        """
    )


def _joined(source: Source) -> str:
    """Join what is asked of other tables, one row a person, for the tables that were delivered."""
    homes = 'SELECT person_id, bool_or("has postcode") AS postcode FROM now_addresses GROUP BY person_id'
    related = (
        'SELECT suspect_id AS person_id FROM now_dyads WHERE "has relationship" '
        'UNION SELECT victim_id FROM now_dyads WHERE "has relationship"'
    )
    return " ".join(
        f"LEFT JOIN ({sql}) {name} ON {name}.person_id = r.person_id"
        for table, name, sql in (("addresses", "home", homes), ("dyads", "related", related))
        if source.delivered(table)
    )


def _sex() -> str:
    known = ", ".join(literal(code) for code in sorted(SEXES))
    return f"CASE WHEN c.sex IS NULL THEN 'not recorded' WHEN c.sex IN ({known}) THEN c.sex ELSE 'unmapped code' END"


def _ethnicity() -> str:
    """Self-defined where there is one; who was only observed, and who was not asked, are groups of their own."""
    return (
        "CASE WHEN c.ethnicity_self IS NULL AND c.ethnicity_observed IS NOT NULL THEN 'observed only' "
        "WHEN c.ethnicity_self IS NULL THEN 'not recorded' WHEN e.name IS NULL THEN 'unmapped code' "
        "WHEN e.name = 'not_stated' THEN 'not stated' ELSE e.name END"
    )


def _population(source: Source, name: str, role: str, settings: QualitySettings) -> dict[str, Any]:
    fields = [
        field
        for field, (_, _, needs) in FIELDS.items()
        if source.delivered(*needs) and not (field in _SUBJECTS_ONLY and role != "suspect")
    ]
    tables = {each: _counts(source, role, each, fields) for each in CHARACTERISTICS}
    sizes = {each: {group: row["people"] for group, row in table.items()} for each, table in tables.items()}
    unsized = {each: hidden_sizes(sizes[each], settings.smallest_cell) for each in CHARACTERISTICS}
    people = sum(sizes["sex"].values())
    return {
        "population": name,
        "people": people if people == 0 or people >= settings.smallest_cell else None,
        "characteristics": [
            {
                "characteristic": each,
                "shown": unsized[each] is not None,
                "groups": [
                    {"group": group, "people": None if _in(group, unsized[each]) else number}
                    for group, number in sizes[each].items()
                ],
            }
            for each in CHARACTERISTICS
        ],
        "fields": [_field(field, tables, sizes, unsized, settings.smallest_cell) for field in fields],
        "not_delivered": [FIELDS[field][0] for field in FIELDS if not source.delivered(*FIELDS[field][2])],
    }


def _counts(source: Source, role: str, characteristic: str, fields: list[str]) -> dict[str, dict[str, int]]:
    sums = "".join(f", count(*) FILTER ({quoted(f'no {field}')}) AS {quoted(field)}" for field in fields)
    rows = source.rows(
        f"SELECT {characteristic} AS community, count(*) AS people {sums} FROM people WHERE role = ? "
        "GROUP BY ALL ORDER BY community",
        [role],
    )
    return {row.pop("community"): row for row in rows}


def _in(group: str, hidden: frozenset[str] | None) -> bool:
    return hidden is None or group in hidden


def _field(
    field: str,
    tables: Mapping[str, Mapping[str, Mapping[str, int]]],
    sizes: Mapping[str, Mapping[str, int]],
    unsized: Mapping[str, frozenset[str] | None],
    smallest: int,
) -> dict[str, Any]:
    """Return what is missing by group; where one characteristic cannot be protected, the total goes too."""
    counts = {each: {group: row[field] for group, row in table.items()} for each, table in tables.items()}
    hidden: dict[str, frozenset[str] | None] = {}
    for each, groups in unsized.items():
        if groups is not None:
            hidden[each] = hidden_counts(counts[each], sizes[each], groups, smallest)
    total, people = sum(counts["sex"].values()), sum(sizes["sex"].values())
    small = 0 < total < smallest or 0 < people - total < smallest or people < smallest
    shown = not small and all(each is not None for each in hidden.values())
    found: dict[str, Any] = {"field": field, "label": FIELDS[field][0], "shown": shown}
    if not shown:
        return {**found, "missing": None, "share": None, "by": {}}
    by = {
        each: [
            _cell(group, counts[each][group], sizes[each][group], _in(group, hidden[each])) for group in counts[each]
        ]
        for each in hidden
    }
    return {**found, "missing": total, "share": total / people, "by": by}


def _cell(group: str, missing: int, people: int, hidden: bool) -> dict[str, Any]:
    if hidden:
        return {"group": group, "missing": None, "share": None}
    return {"group": group, "missing": missing, "share": missing / people if people else None}


def _recorded(source: Source, column: str, settings: QualitySettings) -> dict[str, Any]:
    """Count people by how a protected characteristic is recorded; a count that is too small is withheld."""
    known = "true"
    if column in ("sex", "disability", "gender_reassignment"):
        codes = SEXES if column == "sex" else YES_NO
        known = f"{column} IN ({', '.join(literal(code) for code in sorted(codes))})"
    elif column.startswith("ethnicity"):
        listed = source.snapshot.reference.codes("ethnicity" if column == "ethnicity_self" else column)
        known = f"{column} IN ({', '.join(literal(code) for code in sorted(listed))})"
    counts = source.row(
        f"""
        SELECT count(*) FILTER ({column} IS NOT NULL AND {known} AND {column} <> 'NS') AS recorded,
               count(*) FILTER ({column} = 'NS') AS not_stated,
               count(*) FILTER ({column} IS NOT NULL AND NOT ({known})) AS unmapped,
               count(*) FILTER ({column} IS NULL) AS not_recorded
        FROM (SELECT DISTINCT person_id FROM now_persons) LEFT JOIN community USING (person_id)
        """
    )
    hidden = hidden_sizes(counts, settings.smallest_cell)
    shown = {state: None if _in(state, hidden) else number for state, number in counts.items()}
    return {"characteristic": column, "people": sum(counts.values()), **shown}
