"""What is recorded about the incidents: who reported, who was present, how late, how completely."""

from __future__ import annotations

from benchmarks.oracle.person import NAN, Person, share

FLAGS = {
    "children_present_365": ("children_present", True, 365),
    "victim_reported_730": ("reported_by", "victim", 730),
    "third_party_reported_730": ("reported_by", "third_party", 730),
    "police_generated_730": ("reported_by", "police", 730),
    "alcohol_730": ("alcohol", True, 730),
    "drugs_730": ("drugs", True, 730),
}


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of these groups."""
    recent = person.last(730, person.dv)
    crimes = [each for each in recent if each.crime]
    late = [each for each in person.last(90, person.dv, "told") if (each.told - each.on).days > 365]
    unweighed = [each for each in crimes if each.harm is None]
    unnamed = [each for each in recent if not each.victims_of(person.name)]
    return {
        **{
            name: person.if_recorded(
                len([each for each in person.last(days, person.dv) if each.row[column] == value]),
                f"incidents.{column}",
            )
            for name, (column, value, days) in FLAGS.items()
        },
        "newly_reported_non_recent_90": person.if_recorded(len(late), "incidents.reported_on"),
        "harm_unknown_share_730": person.if_recorded(share(len(unweighed), len(crimes)), "incidents.offence_code"),
        "victim_unknown_share_730": (share(len(unnamed), len(recent)) if person.world.anybody_identified else NAN),
    }
