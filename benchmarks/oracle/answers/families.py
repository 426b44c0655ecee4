"""Offence families and breaches of orders."""

from __future__ import annotations

from benchmarks.oracle.person import NAN, Person

FAMILIES = {
    "coercive_control": ("coercive_control",),
    "stalking_harassment": ("stalking", "stalking_fear", "harassment"),
    "sexual": ("rape", "sexual"),
    "threats": ("threats",),
    "breach_offences": ("breach",),
}


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of these groups."""
    recent = person.last(730, person.dv)
    strangled = [each for each in recent if each.row["strangulation"] or each.family == "strangulation"]
    breaches = person.world.breaches
    mine = [row for row in breaches if row["person_id"] == person.name]
    return {
        **{
            f"{name}_730": person.if_recorded(
                len([each for each in recent if each.family in families]), "incidents.offence_code"
            )
            for name, families in FAMILIES.items()
        },
        "strangulation_730": person.if_recorded(len(strangled), "incidents.strangulation", "incidents.offence_code"),
        "order_breaches_730": (
            len([row for row in mine if person.world.age(row["breached_at"]) < 730]) if breaches else NAN
        ),
    }
