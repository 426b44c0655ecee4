# ruff: noqa: S608 - every name in the SQL comes from the contract or is written here
"""Dates in an impossible or odd order, copies, and rows that point to nothing, among the rows that were accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from records.contract import TABLES
from records.quality.settings import QualitySettings
from records.quality.source import Source
from records.storage.database import quoted


@dataclass(frozen=True)
class Check:
    """A question about accepted rows whose answer should be none.

    Parameters
    ----------
    name
        Lower snake case.
    meaning
        What is counted, in words.
    needs
        Tables and columns without which it cannot be asked.
    rows
        SQL for the rows it is asked of.
    wrong
        SQL condition for the rows it counts.
    do
        What to do about them.
    purpose
        What the columns have to be open for.
    """

    name: str
    meaning: str
    needs: tuple[str, ...]
    rows: str
    wrong: str
    do: str
    purpose: Literal["audit", "link"] = "audit"


_SUSPECTS = "now_involvements v JOIN now_incidents i USING (incident_id)"
_PEOPLE = f"{_SUSPECTS} JOIN now_persons p USING (person_id)"

DATES = (
    Check(
        "recorded_before_report",
        "incidents recorded before the day they were reported",
        ("incidents.reported_on",),
        "all_incidents",
        "NOT known_from_assumed AND known_from < reported_on",
        "Ask which of the two days is overwritten; the report day should never move.",
    ),
    Check(
        "outcome_before_report",
        "outcomes before the day of the report",
        ("incidents.outcome_at", "incidents.reported_on"),
        "now_incidents",
        "outcome_at < reported_on",
        "Check how the outcome day is made.",
    ),
    Check(
        "arrest_before_incident",
        "arrests before the incident they are for",
        ("involvements.arrested_at",),
        _SUSPECTS,
        "v.arrested_at < i.occurred_from",
        "Check that the arrest belongs to the incident.",
    ),
    Check(
        "status_before_incident",
        "statuses that hold from before the incident",
        ("involvements.status_at",),
        _SUSPECTS,
        "v.status_at < i.occurred_from",
        "Check how the day of a status is made.",
    ),
    Check(
        "born_after_incident",
        "people born after an incident they were involved in",
        ("persons.date_of_birth",),
        _PEOPLE,
        "p.date_of_birth > i.occurred_from",
        "Look for a wrong date of birth, or for two people under one number.",
    ),
    Check(
        "suspect_under_ten",
        "suspects under ten years old, the age of criminal responsibility",
        ("persons.date_of_birth",),
        f"(SELECT * FROM {_PEOPLE} WHERE v.role = 'suspect')",
        "date_of_birth + INTERVAL 10 YEAR > occurred_from",
        "Look for a wrong date of birth, or a child recorded as suspect.",
    ),
    Check(
        "died_before_incident",
        "suspects who had died before the incident",
        ("persons.deceased_on",),
        f"(SELECT * FROM {_PEOPLE} WHERE v.role = 'suspect')",
        "deceased_on < occurred_from",
        "Look for two people under one number.",
    ),
    Check(
        "breach_after_end",
        "orders breached after their end",
        ("orders.breached_at", "orders.ends_on"),
        "now_orders",
        "breached_at > ends_on",
        "Check whether the order was extended.",
    ),
    Check(
        "first_of_january",
        "dates of birth on 1 January, beyond the one in 365 to expect",
        ("persons.date_of_birth",),
        "(SELECT * FROM now_persons WHERE date_of_birth IS NOT NULL)",
        "month(date_of_birth) = 1 AND day(date_of_birth) = 1",
        "1 January often stands for a day nobody knew; linkage should not trust it.",
    ),
    Check(
        "incident_first_of_january",
        "incidents on 1 January, beyond the one in 365 to expect",
        (),
        "now_incidents",
        "month(occurred_from) = 1 AND day(occurred_from) = 1",
        "1 January often stands for a day nobody knew; some excess is real.",
    ),
)

LINKS = (
    Check(
        "incident_without_people",
        "incidents that nobody is involved in",
        (),
        "now_incidents i LEFT JOIN (SELECT DISTINCT incident_id FROM now_involvements) v USING (incident_id)",
        "v.incident_id IS NULL",
        "They can never count for anybody: deliver their involvements.",
    ),
    Check(
        "person_without_role",
        "people who are involved in no incident",
        (),
        "now_persons p LEFT JOIN (SELECT DISTINCT person_id FROM now_involvements) v USING (person_id)",
        "v.person_id IS NULL",
        "Harmless, unless their involvements are in quarantine.",
    ),
    Check(
        "pair_without_suspect_role",
        "suspect and victim pairs whose suspect is not recorded as a suspect of that incident",
        ("dyads",),
        "now_dyads d LEFT JOIN (SELECT DISTINCT incident_id, person_id FROM now_involvements WHERE role = 'suspect') v "
        "ON v.incident_id = d.incident_id AND v.person_id = d.suspect_id",
        "v.person_id IS NULL",
        "Make the two tables from the same source.",
    ),
    Check(
        "pair_of_one_person",
        "pairs of a person with themself",
        ("dyads",),
        "now_dyads",
        "suspect_id = victim_id",
        "Look for two people under one number.",
    ),
)

COPIES = (
    Check(
        "same_name_and_birth",
        "people who share given name, family name and date of birth with another person number",
        ("persons.given_name", "persons.family_name", "persons.date_of_birth"),
        "(SELECT count(*) OVER (PARTITION BY lower(given_name), lower(family_name), date_of_birth) AS copies "
        "FROM link_persons WHERE given_name IS NOT NULL AND family_name IS NOT NULL AND date_of_birth IS NOT NULL)",
        "copies > 1",
        "Run drive-panel link: two records of one person hide that their victims have one perpetrator.",
        "link",
    ),
    Check(
        "same_pnc",
        "people who share a PNC id with another person number",
        ("persons.pnc_id",),
        "(SELECT count(*) OVER (PARTITION BY pnc_id) AS copies FROM link_persons WHERE pnc_id IS NOT NULL)",
        "copies > 1",
        "Run drive-panel link; a PNC id belongs to one person.",
        "link",
    ),
    Check(
        "same_incident",
        "suspects recorded twice with the same offence, area and day under different incident numbers",
        (),
        "(SELECT count(*) OVER (PARTITION BY v.person_id, i.offence_code, i.area, i.occurred_from, i.is_crime) "
        f"AS copies FROM {_SUSPECTS} WHERE v.role = 'suspect' AND i.offence_code IS NOT NULL)",
        "copies > 1",
        "Look whether one event is counted several times; several victims of one event are legal.",
    ),
)


def dates(source: Source, settings: QualitySettings) -> dict[str, Any]:
    """Count dates in an order that cannot be or hardly can, among accepted rows."""
    return {"checks": [*_ordered_pairs(source), *(_answer(source, check) for check in DATES)]}


def copies(source: Source, settings: QualitySettings) -> dict[str, Any]:
    """Count what looks like the same person or incident under two numbers. Exact copies are in quarantine."""
    return {"checks": [_answer(source, check) for check in COPIES]}


def links(source: Source, settings: QualitySettings) -> dict[str, Any]:
    """Count rows that lead nowhere. Rows that point to a row that is not there (orphans) are in quarantine."""
    return {"checks": [_answer(source, check) for check in LINKS]}


def _answer(source: Source, check: Check) -> dict[str, Any]:
    found: dict[str, Any] = {"check": check.name, "meaning": check.meaning, "do": check.do, "available": False}
    opened = source.snapshot if check.purpose == "audit" else source.linking
    if not all(opened.has(name) for name in check.needs):
        return found
    counts = source.row(f"SELECT count(*) AS of, count(*) FILTER ({check.wrong}) AS rows FROM {check.rows}")
    if check.name.endswith("first_of_january"):
        counts["rows"] = max(0, counts["rows"] - round(counts["of"] / 365.25))
    return {**found, "available": True, **counts, "share": counts["rows"] / counts["of"] if counts["of"] else None}


def _ordered_pairs(source: Source) -> list[dict[str, Any]]:
    """Ask the contract's own orders again of what is stored: ingest keeps such rows out, so the answer is zero."""
    wrong, pairs = 0, 0
    for name in sorted(source.snapshot.tables):
        for earlier, later in TABLES[name].in_order:
            pairs += 1
            wrong += source.row(f"SELECT count(*) AS rows FROM all_{name} WHERE {quoted(later)} < {quoted(earlier)}")[
                "rows"
            ]
    meaning = f"accepted rows that break one of the contract's own {pairs} orders of dates"
    do = "Nothing if it is zero: such rows are in quarantine. Otherwise ingest again."
    return [
        {"check": "contract", "meaning": meaning, "do": do, "available": True, "of": None, "rows": wrong, "share": None}
    ]
