# ruff: noqa: S608 - every name in the SQL is written here
"""How long it takes from an incident to its report and to the record, by year and area."""

from __future__ import annotations

from typing import Any

from records.quality.settings import QualitySettings
from records.quality.source import Source

STEPS = {
    "occurred_to_reported": ("occurred_from", "reported_on", "from the incident to the report"),
    "reported_to_recorded": ("reported_on", "recorded_on", "from the report to the record"),
    "occurred_to_recorded": ("occurred_from", "recorded_on", "from the incident to the record"),
}


def recording_lag(source: Source, settings: QualitySettings) -> dict[str, Any]:
    """Measure days between incident, report and record of domestic incidents, by year of report and area.

    The record counts from the first known version; a day that was only assumed from the report would be a lag of
    zero by construction and is left out and counted. So is everything reported within the longest of
    ``slow_days`` before the extract: what is still unrecorded then is not in it, and the rest would look quick.
    """
    last = settings.slow_days[-1]
    extract = source.snapshot.extract_date
    source.db.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE lags AS
        WITH first AS (
            SELECT incident_id, min_by(known_from, known_from) AS recorded_on,
                   min_by(known_from_assumed, known_from) AS assumed
            FROM all_incidents GROUP BY incident_id)
        SELECT i.area, i.occurred_from, i.reported_on, CASE WHEN NOT f.assumed THEN f.recorded_on END AS recorded_on,
               f.assumed, year(i.day) AS year, i.day > CAST(? AS DATE) - {last} AS too_recent
        FROM incidents i JOIN first f USING (incident_id) WHERE i.domestic
        """,
        [extract],
    )
    left_out = source.row(
        "SELECT count(*) FILTER (too_recent) AS too_recent, count(*) FILTER (assumed) AS assumed, "
        "count(*) FILTER (reported_on IS NULL) AS not_reported, count(*) AS incidents FROM lags"
    )
    steps = [
        {"step": name, "meaning": meaning, **_step(source, start, end, settings)}
        for name, (start, end, meaning) in STEPS.items()
    ]
    return {"left_out": left_out, "late_after_days": list(settings.slow_days), "steps": steps}


def _step(source: Source, start: str, end: str, settings: QualitySettings) -> dict[str, Any]:
    days = f"date_diff('day', {start}, {end})"
    late = ", ".join(
        f"count(*) FILTER (days > {limit}) AS over_{limit}, count(*) FILTER (days > {limit}) / count(*) "
        f"AS share_over_{limit}"
        for limit in settings.slow_days
    )
    rows = source.rows(
        f"""
        SELECT grouping(year) AS no_year, grouping(area) AS no_area, year, area, count(*) AS incidents,
               quantile_cont(days, 0.25) AS lower_quartile, quantile_cont(days, 0.5) AS median,
               quantile_cont(days, 0.75) AS upper_quartile, quantile_cont(days, 0.9) AS ninetieth, {late}
        FROM (SELECT year, area, {days} AS days FROM lags
              WHERE NOT too_recent AND {start} IS NOT NULL AND {end} IS NOT NULL)
        GROUP BY GROUPING SETS ((), (year), (area), (year, area))
        HAVING count(*) > 0 ORDER BY year, area
        """
    )
    parts: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for row in rows:
        parts.setdefault((row.pop("no_year"), row.pop("no_area")), []).append(row)
    everything = parts.get((1, 1), [])
    return {
        "available": bool(everything),
        "all": everything[0] if everything else None,
        "by_year": parts.get((0, 1), []),
        "by_area": sorted(parts.get((1, 0), []), key=lambda row: -row["incidents"]),
        "by_year_and_area": parts.get((0, 0), []),
    }
