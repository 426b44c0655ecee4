# ruff: noqa: S608 - every name in the SQL is written here
"""Who did what to whom: relationships, victims who are not identified, people without date of birth or PNC id."""

from __future__ import annotations

from typing import Any

from records.quality.settings import QualitySettings
from records.quality.source import Source


def people(source: Source, settings: QualitySettings) -> dict[str, Any]:
    """Count what is known about the pair behind each domestic incident, and about the suspects and victims.

    Returns
    -------
    dict
        ``incidents``: domestic incidents by how their victim is known; ``relationships``: pairs by how their
        relationship is known; ``persons``: suspects and victims without date of birth or PNC id.
    """
    return {
        "incidents": _victims(source),
        "relationships": _relationships(source, settings),
        "persons": _identified(source),
    }


def _victims(source: Source) -> dict[str, Any]:
    """Where no pair is recorded, it follows when an incident has exactly one suspect and one victim; else unknown."""
    pairs = (
        "SELECT DISTINCT incident_id FROM now_dyads"
        if source.has("dyads")
        else "SELECT NULL AS incident_id WHERE false"
    )
    return source.row(
        f"""
        WITH roles AS (
            SELECT incident_id, count(*) FILTER (role = 'suspect') AS suspects,
                   count(*) FILTER (role = 'victim') AS victims
            FROM now_involvements GROUP BY incident_id),
        pairs AS ({pairs}),
        stands AS (
            SELECT coalesce(suspects, 0) AS suspects, coalesce(victims, 0) AS victims,
                   pairs.incident_id IS NOT NULL AS paired
            FROM incidents LEFT JOIN roles USING (incident_id)
            LEFT JOIN pairs ON pairs.incident_id = incidents.incident_id WHERE domestic)
        SELECT count(*) AS incidents, count(*) FILTER (suspects = 0) AS without_suspect,
               count(*) FILTER (victims = 0) AS without_victim,
               count(*) FILTER (paired) AS recorded,
               count(*) FILTER (NOT paired AND suspects = 1 AND victims = 1) AS derived,
               count(*) FILTER (NOT paired AND NOT (suspects = 1 AND victims = 1)) AS unknown
        FROM stands
        """
    )


def _relationships(source: Source, settings: QualitySettings) -> dict[str, Any]:
    if not source.has("dyads"):
        return {"available": False}
    counts = source.row(
        """
        SELECT count(*) AS pairs,
               count(*) FILTER (relationship IS NOT NULL AND relationship_source = 'recorded') AS recorded,
               count(*) FILTER (relationship IS NOT NULL AND relationship_source = 'inferred') AS inferred,
               count(*) FILTER (relationship IS NOT NULL AND coalesce(relationship_source, '') NOT IN
                                ('recorded', 'inferred')) AS source_not_stated,
               count(*) FILTER (relationship IS NULL) AS unknown
        FROM now_dyads
        """
    )
    by = source.rows(
        "SELECT relationship, count(*) AS pairs FROM now_dyads WHERE relationship IS NOT NULL "
        "GROUP BY ALL ORDER BY pairs DESC, relationship"
    )
    return {"available": True, **counts, "by_relationship": by[: settings.codes]}


def _identified(source: Source) -> dict[str, Any]:
    rows = source.rows(
        """
        SELECT role, count(*) AS people, count(*) FILTER (NOT "has date_of_birth") AS without_date_of_birth,
               count(*) FILTER (NOT "has pnc_id") AS without_pnc_id,
               count(*) FILTER (NOT ("has given_name" AND "has family_name")) AS without_full_name
        FROM (SELECT DISTINCT role, person_id FROM now_involvements JOIN incidents USING (incident_id)
              WHERE domestic AND role IN ('suspect', 'victim'))
        JOIN now_persons USING (person_id) GROUP BY role ORDER BY role
        """
    )
    columns = ("date_of_birth", "pnc_id", "given_name", "family_name")
    return {"delivered": {name: source.delivered(f"persons.{name}") for name in columns}, "by_role": rows}
