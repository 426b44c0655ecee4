"""Who reported, what was newly reported, and how late."""

from __future__ import annotations

from statistics import mean

from benchmarks.oracle.person import NAN, Person, harm, share
from benchmarks.oracle.world import Incident

REPORTERS = ("victim", "third_party", "police")


def delays(incidents: list[Incident]) -> list[int]:
    """Return the days from the last day of conduct to the report, where one is recorded."""
    return [(each.told - each.on).days for each in incidents if each.row["reported_on"]]


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of these groups."""
    dv, crimes, last = person.dv, person.crimes, person.last
    two_years = last(730, dv)

    def by(reporter: str, incidents: list[Incident]) -> list[Incident]:
        return [each for each in incidents if each.row["reported_by"] == reporter]

    def late(days: int, incidents: list[Incident]) -> int:
        return len([each for each in last(days, incidents, "told") if (each.told - each.on).days > 365])

    known = [each for each in two_years if each.row["reported_by"] in REPORTERS]
    reported_harm = person.if_recorded(harm(by("victim", last(730, crimes)), sum), "incidents.offence_code")
    who = {
        "victim_reported_365": len(by("victim", last(365, dv))),
        "victim_reported_730": len(by("victim", two_years)),
        "victim_reported_share_730": share(len(by("victim", two_years)), len(known)),
        "harm_victim_reported_730": reported_harm,
        "days_since_last_victim_reported": person.ago(each.on for each in by("victim", dv)),
        "third_party_reported_730": len(by("third_party", two_years)),
        "police_generated_730": len(by("police", two_years)),
        "police_generated_share_730": share(len(by("police", two_years)), len(known)),
    }
    when: dict[str, float] = {
        "newly_reported_non_recent_90": late(90, dv),
        "newly_reported_non_recent_365": late(365, dv),
        "newly_reported_non_recent_crimes_365": late(365, crimes),
        "report_delay_mean_730": mean(delays(two_years)) if delays(two_years) else NAN,
        "report_delay_max_ever": max(delays(dv), default=NAN),
    }
    return {
        **{name: person.if_recorded(value, "incidents.reported_by") for name, value in who.items()},
        **{name: person.if_recorded(value, "incidents.reported_on") for name, value in when.items()},
        "incidents_reported_90": len(last(90, dv, "told")),
        "incidents_reported_365": len(last(365, dv, "told")),
    }
