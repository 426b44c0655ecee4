"""What each grade and each rule of the label means, in words; `training.labels` applies them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from training.settings import SERIOUS_FAMILIES, LabelSettings


@dataclass(frozen=True)
class Part:
    """One thing that can follow a date, and the grade that it gives.

    Parameters
    ----------
    name, grade, title
        Column of the labels, 1 to 3, and a title for readers.
    says
        What counts, in words; ``{serious_harm_days}`` is filled in from the settings.
    """

    name: str
    grade: int
    title: str
    says: str


PARTS: Mapping[str, Part] = {
    part.name: part
    for part in (
        Part(
            "serious",
            3,
            "Serious harm",
            "A domestic incident as suspect of more than {serious_harm_days:g} harm days, or of a family that no set "
            "of harm weights removes: {families}; also where only the strangulation flag says so.",
        ),
        Part(
            "new_victim",
            2,
            "New victim",
            "A domestic incident as suspect against somebody who is named in nothing that was known against the person "
            "at T. A victim of an older incident that became known after T is new.",
        ),
        Part("marac", 2, "MARAC hearing", "A MARAC hearing with the person as perpetrator."),
        Part("repeat_crime", 1, "Repeat crime", "A domestic incident as suspect that is recorded as a crime."),
    )
}
"""The parts of the ordered grade, highest first. The grade is that of the highest part that happened, else 0."""


@dataclass(frozen=True)
class Rule:
    """A rule by which an event or a person counts."""

    name: str
    says: str


def rules(settings: LabelSettings) -> tuple[Rule, ...]:
    """Return how time, custody, death and Drive itself enter the label, with the numbers of `settings`."""
    horizon, lag = settings.horizon_days, settings.lag_days
    largest = 1.0 / settings.smallest_probability
    qualifying = f"an event of grade {settings.qualifying_grade} or more"
    return (
        Rule(
            "Horizon",
            f"An event counts if it occurred after T and no later than {horizon} days after it, whenever that was "
            "reported.",
        ),
        Rule(
            "Known as at",
            f"The label is what was known {horizon + lag} days after T ({horizon} and a recording lag of {lag}): what "
            "was recorded later does not count, what was withdrawn by then does not count, and what was corrected by "
            "then counts as corrected.",
        ),
        Rule(
            "Precedence",
            f"On one day {qualifying} comes before custody and before death, and death before custody: the event is "
            "what custody followed.",
        ),
        Rule(
            "Custody",
            f"Somebody taken into custody before {qualifying} is censored: what they would have done is not known. "
            "They have no weight, and others who stayed free as long and had as much on record (domestic crimes of two "
            "years, and whether any custody was known) stand for them, by the inverse of the probability "
            "(Kaplan-Meier) of staying free that long.",
        ),
        Rule(
            "Moving away",
            "Somebody who moved to an address in none of the areas that the records hold incidents of, before "
            f"{qualifying} and before any custody, is censored and weighed as custody is: what they did elsewhere is "
            "not in the records. A move that nobody recorded by the day on which the label was due is not known to it.",
        ),
        Rule(
            "Truncated weights",
            f"No probability counts as less than {settings.smallest_probability:g}, so nobody stands for more than "
            f"{largest:g} people. The effective size says how many equally weighted people carry as much information.",
        ),
        Rule(
            "Death after T",
            "A competing event: somebody who died did not do what did not happen. The label stays as observed, with "
            "full weight.",
        ),
        Rule(
            "Death by T that became known later",
            "The person stays on the list of T, because at T nobody could tell, but has no weight: what could not "
            "happen is no good outcome. A death that was not recorded when the label was due is not known to it.",
        ),
        Rule(
            "Drive",
            "Somebody whose Drive case started before the horizon ended is left out of training and comparison: Drive "
            "may have changed the outcome. Rates are bounded by none or all of them having had it.",
        ),
    )


def describe_label(settings: LabelSettings) -> dict[str, Any]:
    """Return the definitions of the declared label as plain JSON values."""
    if settings.kind != "drive_grade":
        says = "An arrest as suspect within the horizon. It measures policing as much as behaviour: rehearsals only."
        grades: list[dict[str, Any]] = [{"name": "arrest", "grade": 1, "value": 1.0, "title": "Arrest", "says": says}]
    else:
        families = ", ".join(sorted(name.replace("_", " ") for name in SERIOUS_FAMILIES))
        filled = {"serious_harm_days": settings.serious_harm_days, "families": families}
        grades = [
            {
                "name": part.name,
                "grade": part.grade,
                "value": settings.grade_values[part.grade],
                "title": part.title,
                "says": part.says.format(**filled),
            }
            for part in PARTS.values()
        ]
    return {
        "kind": settings.kind,
        "grades": grades,
        "rules": [{"name": rule.name, "says": rule.says} for rule in rules(settings)],
    }
