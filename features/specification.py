"""A measure in words: what exactly is computed, for readers of docs/indicators.md."""

from __future__ import annotations

from functools import singledispatch

from features import measures
from features.kinds import NO_FLAG, Flag, Kind, Role
from features.selection import Selection, Span

_KINDS = {
    Kind.INCIDENT: "incidents",
    Kind.DYAD: "pairs of incidents",
    Kind.HEARING: "MARAC hearings",
    Kind.ORDER: "orders",
    Kind.BREACH: "breaches",
    Kind.CUSTODY: "spells in custody",
}
_ROLES = {
    Role.SUSPECT: "as suspect",
    Role.VICTIM: "as victim",
    Role.WITNESS: "as witness",
    Role.OTHER: "in another role",
}
_FLAGS = {
    Flag.CHILDREN: "children present",
    Flag.VICTIM_REPORTED: "reported by the victim",
    Flag.THIRD_PARTY_REPORTED: "reported by a third party",
    Flag.POLICE_REPORTED: "reported by the police",
    Flag.REPEAT: "marked as repeat",
    Flag.RELATIONSHIP: "relationship stated",
    Flag.IPV: "partner or former partner",
    Flag.EX_PARTNER: "former partner",
    Flag.FAMILIAL: "other family",
    Flag.GRADED: "grade stated",
    Flag.HIGH: "graded high",
    Flag.MEDIUM: "graded medium",
    Flag.STANDARD: "graded standard",
    Flag.DASH: "DASH",
    Flag.DARA: "DARA",
    Flag.OTHER_TOOL: "another tool",
    Flag.REPORT_DATED: "day of report recorded",
    Flag.REPORTER: "reporter recorded",
    Flag.POLICE_REFERRED: "referred by the police",
    Flag.PARTNER_REFERRED: "referred by another agency",
}
_MANY = 8  # families, beyond which they are all of them
_OF = {"counterpart": "victims", "event": "incidents", "family": "offence families"}
_GAPS = {
    "mean": "mean",
    "min": "smallest",
    "max": "largest",
    "last": "last",
    "std": "standard deviation",
}


def selected(selection: Selection) -> str:
    """Return which events a selection holds.

    >>> selected(Selection(Kind.INCIDENT, flags=Flag.DOMESTIC | Flag.WEAPON))
    'incidents as suspect (domestic, weapon)'
    """
    single = selection.kind in (Kind.ORDER, Kind.BREACH, Kind.CUSTODY)
    flags = selection.flags & ~Flag.DOMESTIC if selection.kind == Kind.HEARING else selection.flags
    told = [_FLAGS.get(flag, str(flag.name).lower()) for flag in flags if flag != NO_FLAG]
    if len(selection.families) > _MANY:
        told.append("of any family that the reference names")
    elif selection.families:
        told.append(f"of {' or '.join(name.replace('_', ' ') for name in selection.families)}")
    if selection.harm != "any":
        told.append(f"harm weight {selection.harm}")
    if selection.late_by is not None:
        told.append(f"reported more than {selection.late_by} days after")
    what = _KINDS[selection.kind] if single else f"{_KINDS[selection.kind]} {_ROLES[selection.role]}"
    return f"{what} ({', '.join(told)})" if told else what


def within(span: Span) -> str:
    """Return the days that are counted.

    >>> from values import Window
    >>> within(Span(Window(365))), within(Span(Window(180), skip=180))
    ('0 to 364 days old', '180 to 359 days old')
    """
    if span.high is None:
        return "of any age" if not span.low else f"at least {span.low} days old"
    return f"{span.low} to {span.high - 1} days old"


def _events(measure: measures.Measure) -> str:
    return f"{selected(measure.selections[0])}, {within(measure.span)}"


@singledispatch
def specification(measure: measures.Measure) -> str:
    """Return what is computed, in one phrase."""
    raise TypeError(f"No words for {type(measure).__name__}.")


@specification.register
def _(measure: measures.Count) -> str:
    return f"number of {_events(measure)}"


@specification.register
def _(measure: measures.Total) -> str:
    return f"sum of harm days of {_events(measure)}"


@specification.register
def _(measure: measures.Largest) -> str:
    return f"largest harm days among {_events(measure)}"


@specification.register
def _(measure: measures.Distinct) -> str:
    return f"number of different {_OF[measure.of]} among {_events(measure)}"


@specification.register
def _(measure: measures.New) -> str:
    return f"number of victims among {_events(measure)}, who are in none that is older"


@specification.register
def _(measure: measures.MostWithOne) -> str:
    return f"largest number with the same victim among {_events(measure)}"


@specification.register
def _(measure: measures.Repeated) -> str:
    return f"number of victims with at least {measure.least} of: {_events(measure)}"


@specification.register
def _(measure: measures.DaysSince) -> str:
    return f"days from the {measure.which} of the {selected(measure.selection)} to T"


@specification.register
def _(measure: measures.Gap) -> str:
    return f"{_GAPS[measure.how]} of the days between neighbours among {_events(measure)}"


@specification.register
def _(measure: measures.Delay) -> str:
    how = "mean" if measure.how == "mean" else "largest"
    return f"{how} of the days from conduct to report of {_events(measure)}"


@specification.register
def _(measure: measures.Slope) -> str:
    return (
        f"least-squares change a year of the harm days of {_events(measure)}, over at least {measure.least_days} days"
    )


@specification.register
def _(measure: measures.After) -> str:
    return (
        f"number of {_events(measure)}, that came 1 to {measure.within} days after the referral of "
        f"{selected(measure.anchor)} about the same victim"
    )


@specification.register
def _(measure: measures.Reversed) -> str:
    own, opposed = _events(measure), selected(measure.other)
    if measure.how == "count":
        return f"number of {opposed}, by people who are victims of {own}"
    both = "both only of pairs recorded both ways" if measure.how == "balance" else f"victims are those of {own}"
    return f"{opposed} by the victims ÷ (these + {own}); {both}"


@specification.register
def _(measure: measures.Ratio) -> str:
    whole = " + ".join(f"({specification(one)})" for one in measure.whole)
    ratio = f"({specification(measure.part)}) ÷ {f'({whole})' if len(measure.whole) > 1 else whole}"
    return f"1 - {ratio}" if measure.rest else ratio


@specification.register
def _(measure: measures.Difference) -> str:
    return f"({specification(measure.one)}) - ({specification(measure.other)})"


@specification.register
def _(measure: measures.Meets) -> str:
    minima = " and ".join(f"({specification(one)}) is at least {least}" for one, least in measure.minima)
    return f"1 if {minima}, else 0"
