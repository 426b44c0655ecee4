"""How completely the incidents of the last 730 days are recorded."""

from __future__ import annotations

from benchmarks.oracle.answers.reporting import REPORTERS
from benchmarks.oracle.person import NAN, Person, share


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of this group."""
    recent = person.last(730, person.dv)
    crimes = [each for each in recent if each.crime]
    met = person.met(recent)
    named = [each for each in recent if each.victims_of(person.name)]
    related = {each.key for each, pair in met if pair.relationship}
    identified = person.world.anybody_identified
    unweighed = [each for each in crimes if each.harm is None]
    unmapped = [each for each in crimes if each.family == "unmapped"]
    undated = [each for each in recent if not each.row["reported_on"]]
    unsaid = [each for each in recent if each.row["reported_by"] not in REPORTERS]
    ungraded = [each for each in recent if not each.row["risk_grade"]]
    unrelated = [each for each in named if each.key not in related]
    derived = [pair for _, pair in met if pair.derived]
    shares = {
        "harm_unknown_share_730": (share(len(unweighed), len(crimes)), "incidents.offence_code"),
        "offence_unknown_share_730": (share(len(unmapped), len(crimes)), "incidents.offence_code"),
        "report_day_unknown_share_730": (share(len(undated), len(recent)), "incidents.reported_on"),
        "reporter_unknown_share_730": (share(len(unsaid), len(recent)), "incidents.reported_by"),
        "relationship_unknown_share_730": (share(len(unrelated), len(named)), "dyads.relationship"),
        "grade_unknown_share_730": (share(len(ungraded), len(recent)), "incidents.risk_grade"),
    }
    return {
        **{name: person.if_recorded(value, column) for name, (value, column) in shares.items()},
        "victim_unknown_share_730": share(len(recent) - len(named), len(recent)) if identified else NAN,
        "victim_derived_share_730": share(len(derived), len(met)),
    }
