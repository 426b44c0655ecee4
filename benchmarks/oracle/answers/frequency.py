"""Recency and frequency."""

from __future__ import annotations

from benchmarks.oracle.person import EVER, Person
from benchmarks.oracle.world import Incident

VIOLENCE = ("homicide", "rape", "sexual", "violence_injury", "violence_no_injury", "strangulation")


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of these groups."""
    dv, crimes, any_kind = person.dv, person.crimes, person.any
    non_crimes = [each for each in dv if not each.crime]
    others = [each for each in any_kind if not each.domestic]

    def count(days: int | None, incidents: list[Incident]) -> int:
        return len(person.last(days, incidents))

    violence = person.ago(each.on for each in dv if each.family in VIOLENCE)
    return {
        "days_since_last_domestic": person.ago(each.on for each in dv),
        "days_since_last_domestic_crime": person.ago(each.on for each in crimes),
        "days_since_last_incident_any": person.ago(each.on for each in any_kind),
        "days_since_last_report": person.ago(each.told for each in person.last(EVER, dv, "told")),
        "days_since_last_violence": person.if_recorded(violence, "incidents.offence_code"),
        "days_since_first_domestic": person.ago((each.on for each in dv), min),
        "domestic_incidents_30": count(30, dv),
        "domestic_incidents_90": count(90, dv),
        "domestic_incidents_180": count(180, dv),
        "domestic_incidents_365": count(365, dv),
        "domestic_incidents_730": count(730, dv),
        "domestic_incidents_ever": count(EVER, dv),
        "domestic_crimes_90": count(90, crimes),
        "domestic_crimes_365": count(365, crimes),
        "domestic_crimes_730": count(730, crimes),
        "domestic_crimes_ever": count(EVER, crimes),
        "domestic_non_crimes_365": count(365, non_crimes),
        "domestic_non_crimes_730": count(730, non_crimes),
        "incidents_any_365": count(365, any_kind),
        "incidents_any_ever": count(EVER, any_kind),
        "other_incidents_730": count(730, others),
        "other_incidents_ever": count(EVER, others),
    }
