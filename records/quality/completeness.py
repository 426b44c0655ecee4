# ruff: noqa: S608 - every name in the SQL comes from the contract
"""How much of every column is recorded, out of the rows for which it could be, and which codes nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from records.contract import TABLES
from records.declaration import Column
from records.quality.settings import QualitySettings
from records.quality.source import Source
from records.reference import Reference
from records.storage.database import literal, quoted

APPLIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "incidents.offence_code": ("is_crime", "crimes"),
        "incidents.outcome_code": ("is_crime", "crimes"),
        "incidents.outcome_at": ("outcome_code IS NOT NULL", "incidents with an outcome"),
        "incidents.risk_tool": ("domestic", "domestic incidents"),
        "incidents.risk_tool_version": ("risk_tool IS NOT NULL", "incidents with a risk tool"),
        "incidents.risk_grade": ("domestic", "domestic incidents"),
        "incidents.children_present": ("domestic", "domestic incidents"),
        "involvements.status": ("role = 'suspect'", "suspects"),
        "involvements.status_at": ("role = 'suspect' AND status IS NOT NULL", "suspects with a status"),
        "involvements.arrested_at": ("role = 'suspect'", "suspects"),
        "dyads.separated_on": ("relationship = 'ex_partner'", "former partners"),
        "custody.expected_release": ("ends_on IS NULL", "people held without an end"),
        "safety_checks.checked_on": ("status <> 'not_asked'", "checks that were made"),
        "interventions.mode": ("decision = 'accepted'", "accepted referrals"),
        "interventions.started_on": ("decision = 'accepted'", "accepted referrals"),
    }
)
"""Where a column can only be filled for some rows: which (SQL over the table), and in words."""

ORDINARY = frozenset(
    {
        "persons.deceased_on",
        "addresses.to",
        "incidents.event_group",
        "incidents.occurred_to",
        "involvements.arrested_at",
        "orders.ends_on",
        "orders.breached_at",
        "custody.ends_on",
        "management.ends_on",
        "restricted.related_user",
        "interventions.ended_on",
        "interventions.completed",
    }
)
"""Columns in which a blank is ordinarily an answer: it has not ended, nobody died, nobody was arrested."""


def completeness(source: Source, settings: QualitySettings) -> dict[str, Any]:
    """Count recorded, unmapped and missing values of every column, in rows as they stand at the extract.

    Returns
    -------
    dict
        ``tables``: one entry a table of the contract (communities apart) with its rows, versions and columns.
    """
    reference = source.snapshot.reference
    return {"tables": [_table(source, name, reference) for name in TABLES if name != "communities"]}


def _table(source: Source, name: str, reference: Reference) -> dict[str, Any]:
    table = TABLES[name]
    if not source.delivered(name):
        return {"table": name, "meaning": table.meaning, "delivered": False, "columns": []}
    counts = source.row(_question(source, name, reference))
    columns = []
    for column in table.columns:
        of, recorded = counts[f"of {column.name}"], counts[f"recorded {column.name}"]
        unmapped = counts.get(f"unmapped {column.name}")
        condition = APPLIES.get(f"{name}.{column.name}")
        columns.append(
            {
                "column": column.name,
                "meaning": column.meaning,
                "delivered": source.delivered(f"{name}.{column.name}"),
                "required": column.required,
                "of": of,
                "of_what": condition[1] if condition else "rows",
                "recorded": recorded,
                "unmapped": unmapped,
                "missing": of - recorded,
                "share_recorded": recorded / of if of else None,
                "blank_is_ordinary": f"{name}.{column.name}" in ORDINARY,
            }
        )
    return {
        "table": name,
        "meaning": table.meaning,
        "delivered": True,
        "rows": counts["rows"],
        "versions": counts["versions"],
        "known_from_assumed": counts["assumed"],
        "columns": columns,
    }


def _question(source: Source, name: str, reference: Reference) -> str:
    parts = ["count(*) AS rows", "count(*) FILTER (known_from_assumed) AS assumed"]
    parts.append(f"(SELECT count(*) FROM all_{name}) AS versions")
    for column in TABLES[name].columns:
        applies = APPLIES.get(f"{name}.{column.name}", ("true", ""))[0]
        value, recorded = quoted(column.name), quoted(f"has {column.name}")
        parts.append(f"count(*) FILTER ({applies}) AS {quoted(f'of {column.name}')}")
        parts.append(f"count(*) FILTER ({applies} AND {recorded}) AS {quoted(f'recorded {column.name}')}")
        known = known_codes(column, reference) if source.has(f"{name}.{column.name}") else None
        if known is not None:
            foreign = f"{applies} AND {value} NOT IN ({_listed(known)})"
            parts.append(f"count(*) FILTER ({foreign}) AS {quoted(f'unmapped {column.name}')}")
    return f"SELECT {', '.join(parts)} FROM now_{name}"


def known_codes(column: Column, reference: Reference) -> frozenset[str] | None:
    """Return the codes a column may hold, or None where it holds no codes."""
    return column.codes if column.reference is None else reference.codes(column.reference)


def _listed(codes: frozenset[str]) -> str:
    return ", ".join(literal(code) for code in sorted(codes))


def unmapped(source: Source, settings: QualitySettings) -> dict[str, Any]:
    """List the codes that no list holds, the most frequent first; they are kept as given and never count as zero."""
    reference = source.snapshot.reference
    found = []
    for name in sorted(source.snapshot.tables):
        for column in TABLES[name].columns:
            known = known_codes(column, reference)
            if known is None or not source.has(f"{name}.{column.name}"):
                continue
            value = quoted(column.name)
            codes = source.rows(
                f"SELECT {value} AS code, count(*) AS rows FROM now_{name} "
                f"WHERE {value} NOT IN ({_listed(known)}) GROUP BY ALL ORDER BY rows DESC, code"
            )
            if codes:
                found.append(
                    {
                        "column": f"{name}.{column.name}",
                        "codes": codes[: settings.codes],
                        "codes_in_all": len(codes),
                        "rows": sum(code["rows"] for code in codes),
                    }
                )
    return {"columns": found}
