"""MARAC hearings, and abuse that went on after a referral."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from benchmarks.oracle.person import EVER, Person
from benchmarks.oracle.world import Incident


def followed(person: Person, incidents: Sequence[Incident]) -> float:
    """Count the incidents with a victim that came after a referral of that victim, within 365 days."""
    referred = [
        (row["victim_id"], row["referred_at"] or row["heard_at"])
        for row in person.world.hearings
        if row["perpetrator_id"] == person.name
    ]

    def after(incident: Incident, victim: str) -> bool:
        return any(
            victim == heard and referral < incident.on <= referral + timedelta(days=365) for heard, referral in referred
        )

    return person.with_victims(incidents, lambda met: len([1 for each, pair in met if after(each, pair.victim)]))


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of this group."""
    heard = [row for row in person.world.hearings if row["perpetrator_id"] == person.name]
    two_years = person.recent(730, heard, "heard_at")
    times = Counter(row["victim_id"] for row in heard)

    def marked(column: str, *values: object) -> float:
        return person.if_recorded(len([row for row in two_years if row[column] in values]), f"marac_hearings.{column}")

    partners = [row for row in two_years if row["referring_agency"] not in (None, "police")]
    told: dict[str, float] = {
        "days_since_last_marac": person.ago(row["heard_at"] for row in heard),
        "marac_hearings_365": len(person.recent(365, heard, "heard_at")),
        "marac_hearings_730": len(two_years),
        "marac_hearings_ever": len(person.recent(EVER, heard, "heard_at")),
        "marac_victims_ever": len(times),
        "marac_victims_again_ever": len([victim for victim, number in times.items() if number >= 2]),
        "marac_repeat_current_730": followed(person, person.last(730, person.dv)),
        "marac_repeat_older_730": followed(person, person.last(730, person.crimes)),
        "marac_repeat_marked_730": marked("repeat", True),
        "marac_visible_high_risk_730": marked("criterion", "visible_high_risk"),
        "marac_professional_judgement_730": marked("criterion", "professional_judgement"),
        "marac_potential_escalation_730": marked("criterion", "potential_escalation"),
        "marac_by_police_730": marked("referring_agency", "police"),
        "marac_by_partners_730": person.if_recorded(len(partners), "marac_hearings.referring_agency"),
        "marac_as_victim_ever": len([row for row in person.world.hearings if row["victim_id"] == person.name]),
    }
    return {name: person.if_delivered(value, "marac_hearings") for name, value in told.items()}
