"""High-harm, serial, repeat and MARAC repeat: separate, named definitions, never one fuzzy flag.

Agencies disagree on who is serial (4 to 20 in 100 of the same people, and different ones), so each definition is
a criterion of its own with its source.
"""

from __future__ import annotations

from collections.abc import Iterator

from features.kinds import Flag, Kind
from models.criteria import Criterion, State, SuitabilityParameters, cited, number_of, once
from models.history import KnownEvent, PersonRecord
from values import Window

_NO_HEARINGS = "MARAC hearings were not delivered."


def high_harm(record: PersonRecord, p: SuitabilityParameters) -> Criterion:
    """Answer whether a recent event was of high harm (Drive: risk of serious harm or murder)."""
    incidents = record.domestic(Kind.INCIDENT, p.high_harm)
    hearings = record.domestic(Kind.HEARING, p.recent)
    serious = [e for e in incidents if _serious(e, record, p)]
    events = once([*serious, *hearings])
    state: State = "met" if events else "not met"
    gaps = []
    if not events and any(e.crime and e.harm < 0 for e in incidents):
        gaps.append("The harm of some offences is not known.")
    if not events and "marac_hearings" not in record.available:
        gaps.append(_NO_HEARINGS)
    return Criterion(
        "high_harm",
        "High harm",
        f"A domestic offence of the families {', '.join(sorted(p.high_harm_families))}, of at least "
        f"{p.high_harm_days:g} harm days, or graded high, within {_span(p.high_harm.days)}; or heard at MARAC within "
        f"{_span(p.recent.days)}. No statutory definition exists (Drive: risk of serious harm or murder).",
        "unknown" if gaps else state,
        "priority",
        cited(events),
        " ".join(gaps)
        or f"{number_of(len(once(serious)), 'serious incident')}, {number_of(len(once(hearings)), 'MARAC hearing')}.",
    )


def serial_northumbria(record: PersonRecord, p: SuitabilityParameters) -> Criterion:
    """Answer whether the person is serial by the Northumbria MATAC definition."""
    pairs = record.by_victim(p.serial)
    events = once(e for found in pairs.values() for e in found)
    return _serial(
        record,
        p,
        "serial_northumbria",
        "Serial (Northumbria MATAC)",
        f"Suspect in more than one domestic incident, crime or not, against at least {p.serial_victims} different "
        f"victims within {_span(p.serial.days)} (Northumbria MATAC definition; the age of victims is not checked).",
        len(pairs) if len(events) > 1 else min(len(pairs), 1),
        events,
    )


def serial_college(record: PersonRecord, p: SuitabilityParameters) -> Criterion:
    """Answer whether the person is serial by the definition of unconnected victims."""
    pairs = {victim: tuple(e for e in found if e.crime) for victim, found in record.by_victim(p.serial).items()}
    pairs = {victim: found for victim, found in pairs.items() if found}
    return _serial(
        record,
        p,
        "serial_college",
        "Serial (unconnected victims)",
        f"Recorded domestic crimes against at least {p.serial_victims} victims who do not appear in the same "
        f"incident, within {_span(p.serial.days)} (in common use after the College of Policing; to be confirmed "
        "with the partner).",
        _unconnected(pairs),
        once(e for found in pairs.values() for e in found),
    )


def repeat(record: PersonRecord, p: SuitabilityParameters) -> Criterion:
    """Answer whether there are several incidents against the same victim (Bristol evaluation)."""
    pairs = record.by_victim(p.repeat)
    most = max((len(once(found)) for found in pairs.values()), default=0)
    events = once(e for found in pairs.values() if len(once(found)) > 1 for e in found)
    return Criterion(
        "repeat",
        "Repeat",
        f"At least two domestic incidents against the same victim within {_span(p.repeat.days)} "
        "(University of Bristol evaluation of Drive).",
        _unless_unidentified(record, p.repeat, most > 1),
        "priority",
        cited(events),
        f"At most {number_of(most, 'incident')} against the same victim.",
    )


def marac_repeat_older(record: PersonRecord, p: SuitabilityParameters) -> Criterion:
    """Answer whether a further crime followed a MARAC referral (older SafeLives definition)."""
    return _marac_repeat(
        record,
        p,
        "marac_repeat_older",
        "MARAC repeat (older definition)",
        "A further incident against the same victim that would be a crime, within 12 months of the last referral "
        "(older SafeLives definition).",
        crimes_only=True,
    )


def marac_repeat_current(record: PersonRecord, p: SuitabilityParameters) -> Criterion:
    """Answer whether any abuse followed a MARAC referral (current SafeLives definition)."""
    return _marac_repeat(
        record,
        p,
        "marac_repeat_current",
        "MARAC repeat (current definition)",
        "Any instance of abuse against the same victim, crime or not, within 12 months of the last referral "
        "(current SafeLives definition; breaches without a recorded victim are not counted).",
        crimes_only=False,
    )


def _serious(event: KnownEvent, record: PersonRecord, p: SuitabilityParameters) -> bool:
    return (
        event.family in p.high_harm_families
        or bool(event.flags & Flag.STRANGULATION)
        or event.harm >= round(p.high_harm_days * 100)
        or event.event_ref in record.high_grade
    )


def _serial(
    record: PersonRecord,
    p: SuitabilityParameters,
    name: str,
    label: str,
    definition: str,
    victims: int,
    events: tuple[KnownEvent, ...],
) -> Criterion:
    met = victims >= p.serial_victims
    return Criterion(
        name,
        label,
        definition,
        _unless_unidentified(record, p.serial, met),
        "priority",
        cited(events) if met else (),
        f"{number_of(victims, 'such victim')} recorded.",
    )


def _unless_unidentified(record: PersonRecord, window: Window, met: bool) -> State:
    """Return unknown instead of not met where an incident has no identified victim."""
    if met:
        return "met"
    identified = {e.event_ref for e in record.domestic(Kind.DYAD, window)}
    incidents = {e.event_ref for e in record.domestic(Kind.INCIDENT, window)}
    return "unknown" if incidents - identified else "not met"


def _unconnected(pairs: dict[str, tuple[KnownEvent, ...]]) -> int:
    """Return 2 where two victims share no incident, else 1 or 0; more where more are pairwise unconnected.

    Victims are taken by first incident and id; a greedy choice, which never overstates.
    """
    chosen: list[set[str]] = []
    for _, found in sorted(pairs.items(), key=lambda item: (min(e.occurred for e in item[1]), item[0])):
        refs = {e.event_ref for e in found}
        if all(not refs & other for other in chosen):
            chosen.append(refs)
    return len(chosen)


def _marac_repeat(
    record: PersonRecord, p: SuitabilityParameters, name: str, label: str, definition: str, *, crimes_only: bool
) -> Criterion:
    if "marac_hearings" not in record.available:
        return Criterion(name, label, definition, "unknown", "priority", (), _NO_HEARINGS)
    events = once(event for pair in _after_referral(record, p, crimes_only) for event in pair)
    further = sum(e.kind is not Kind.HEARING for e in events)
    return Criterion(
        name,
        label,
        definition,
        "met" if further else "not met",
        "priority",
        cited(events),
        f"{number_of(further, 'further incident')} within {_span(p.marac_repeat_days)} of a referral.",
    )


def _after_referral(
    record: PersonRecord, p: SuitabilityParameters, crimes_only: bool
) -> Iterator[tuple[KnownEvent, KnownEvent]]:
    """Yield each hearing with each further incident of the same pair that followed its referral."""
    pairs = record.by_victim(p.recent)
    for hearing in record.events:
        if hearing.kind is not Kind.HEARING or not hearing.counterpart:
            continue
        for event in pairs.get(hearing.counterpart, ()):
            days = (event.occurred - hearing.reported).days
            if 0 < days <= p.marac_repeat_days and (event.crime or not crimes_only):
                yield hearing, event


def _span(days: int | None) -> str:
    """Return a window in words.

    >>> _span(365), _span(1095), _span(90), _span(None)
    ('12 months', '3 years', '90 days', 'all of history')
    """
    if days is None:
        return "all of history"
    if days == 365:
        return "12 months"
    return f"{days // 365} years" if days % 365 == 0 else f"{days} days"
