"""Harm: sums, the worst, and how far one crime makes up the whole."""

from __future__ import annotations

from benchmarks.oracle.person import Person, harm, share


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of this group."""
    crimes = person.crimes
    reported = person.last(365, crimes, "told")
    weighed = {
        "harm_reported_365": harm(reported, sum),
        "harm_730": harm(person.last(730, crimes), sum),
        "harm_max_ever": harm(crimes, max),
        "harm_concentration_ever": share(harm(crimes, max), harm(crimes, sum)),
    }
    return {
        **{name: person.if_recorded(value, "incidents.offence_code") for name, value in weighed.items()},
        "crimes_reported_365": person.with_victims(reported, lambda pairs: len({key for key, _ in pairs})),
    }
