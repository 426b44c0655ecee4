"""Harm: sums, the worst, the mean, and how far one crime makes up the whole."""

from __future__ import annotations

from statistics import mean

from benchmarks.oracle.person import EVER, NAN, Person, harm, share


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of this group."""
    year, two_years, ever = (person.last(days, person.crimes) for days in (365, 730, EVER))
    reported = person.last(365, person.crimes, "told")
    known = [each.harm for each in two_years if each.harm is not None]
    weighed = {
        "harm_reported_365": harm(reported, sum),
        "harm_365": harm(year, sum),
        "harm_730": harm(two_years, sum),
        "harm_ever": harm(ever, sum),
        "harm_max_365": harm(year, max),
        "harm_max_730": harm(two_years, max),
        "harm_max_ever": harm(ever, max),
        "harm_mean_730": mean(known) if known else NAN,
        "harm_concentration_730": share(harm(two_years, max), harm(two_years, sum)),
        "harm_concentration_ever": share(harm(ever, max), harm(ever, sum)),
    }
    return {
        **{name: person.if_recorded(value, "incidents.offence_code") for name, value in weighed.items()},
        "crimes_reported_365": person.with_victims(reported, lambda met: len({each.key for each, _ in met})),
    }
