"""MARAC hearings, and abuse that went on after a referral."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from benchmarks.oracle.person import Person
from benchmarks.oracle.world import Incident


def followed(person: Person, incidents: Sequence[Incident]) -> float:
    """Count the incidents with a victim that came after a referral of that victim, within 365 days."""
    on = {each.key: each.on for each in incidents}
    referred = [
        (row["victim_id"], row["referred_at"] or row["heard_at"])
        for row in person.world.hearings
        if row["perpetrator_id"] == person.name
    ]
    return person.with_victims(
        incidents,
        lambda pairs: sum(
            any(
                victim == heard and referral < on[key] <= referral + timedelta(days=365) for heard, referral in referred
            )
            for key, victim in pairs
        ),
    )


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of this group."""
    heard = [row for row in person.world.hearings if row["perpetrator_id"] == person.name]
    told = {
        "days_since_last_marac": person.ago([row["heard_at"] for row in heard], max),
        "marac_hearings_365": len([row for row in heard if person.world.age(row["heard_at"]) < 365]),
        "marac_hearings_ever": len(heard),
        "marac_victims_ever": len({row["victim_id"] for row in heard}),
        "marac_repeat_current_730": followed(person, person.last(730, person.dv)),
        "marac_repeat_older_730": followed(person, person.last(730, person.crimes)),
    }
    return {name: person.if_delivered(value, "marac_hearings") for name, value in told.items()}
