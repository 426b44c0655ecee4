"""What one suitability criterion is, and how its settings are named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from features import EventFact
from models.history import KnownEvent
from values import Window

State = Literal["met", "not met", "unknown"]
Effect = Literal["eligibility", "priority", "defer", "route", "display"]

YEAR = 365  # days, as in the Metropolitan Police V100
ONE_YEAR, TWO_YEARS, THREE_YEARS = Window(YEAR), Window(2 * YEAR), Window(3 * YEAR)


@dataclass(frozen=True)
class Criterion:
    """One criterion of one person: its state, and the events that a panel can check it by.

    Attributes
    ----------
    name
        Stable name.
    label
        Plain English.
    definition
        The definition in words, with its source.
    state
        ``met``, ``not met`` or ``unknown``; unknown keeps a person in, marked.
    effect
        What being met means: ``eligibility``, ``priority`` (high harm, serial, repeat), ``defer``, ``route`` (to
        another service) or ``display`` (shown, the panel decides).
    events
        The known events behind it, latest first.
    detail
        What was found, in one sentence.
    """

    name: str
    label: str
    definition: str
    state: State
    effect: Effect
    events: tuple[EventFact, ...] = ()
    detail: str = ""


@dataclass(frozen=True)
class SuitabilityParameters:
    """Settings of the criteria; a site may change them, and the defaults name their source.

    Attributes
    ----------
    recent
        Window of the last domestic incident: twelve months (Drive; comparators use 24 months, Cleveland MATAC).
    serial
        Window of serial definitions: three years (Northumbria MATAC).
    serial_victims
        Fewest different victims.
    repeat
        Window of repeat incidents against the same victim.
    marac_repeat_days
        Days after the last referral in which a further incident makes a MARAC repeat: twelve months (SafeLives).
    high_harm
        Window of high-harm events.
    high_harm_days
        Harm days of one offence from which it counts as high harm (illustrative: the middle of violence with
        injury in the Cambridge Crime Harm Index); harm families count whatever the weight.
    high_harm_families
        Offence families that count as high harm under any weights: indices give stalking and coercive control
        little weight although they go before homicide.
    """

    recent: Window = ONE_YEAR
    serial: Window = THREE_YEARS
    serial_victims: int = 2
    repeat: Window = TWO_YEARS
    marac_repeat_days: int = YEAR
    high_harm: Window = TWO_YEARS
    high_harm_days: float = 365.0
    high_harm_families: frozenset[str] = frozenset(
        {"homicide", "rape", "strangulation", "stalking_fear", "coercive_control"}
    )


def once(events: Iterable[KnownEvent]) -> tuple[KnownEvent, ...]:
    """Return each event once, latest first."""
    found = {event.event_ref: event for event in events}
    return tuple(sorted(found.values(), key=lambda e: (e.occurred, e.event_ref), reverse=True))


def cited(events: Iterable[KnownEvent]) -> tuple[EventFact, ...]:
    """Return each event once, latest first, as it is cited."""
    return tuple(event.fact() for event in once(events))


def number_of(count: int, noun: str) -> str:
    """Return ``1 incident`` or ``2 incidents``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
