"""Suitability criteria: rules beside the score, never mixed into it.

Each returns met, not met or unknown with the events behind it; unknown keeps a person in, marked. Refusing to
engage is not among them: it changes the work from direct to disruption and excludes nobody.
"""

from __future__ import annotations

from datetime import date

from features.kinds import Kind
from models import definitions
from models.criteria import Criterion, State, SuitabilityParameters, cited, number_of, once
from models.history import PersonRecord

_DEFAULT = SuitabilityParameters()
_WORDS = {"ex_partner": "ex-partner", "other_family": "other family"}
_OWN_SCHEMES = {"mappa": "MAPPA", "iom": "IOM", "matac": "MATAC", "pdp": "PDP"}


def assess(
    record: PersonRecord, area: str | None, parameters: SuitabilityParameters = _DEFAULT
) -> tuple[Criterion, ...]:
    """Return every suitability criterion of one person, always the same ones in the same order.

    Parameters
    ----------
    record
        What is known of the person at T; see `gather_records`.
    area
        The delivery area; None for a list over all areas, where the criterion is unknown.
    parameters
        Windows and thresholds.
    """
    serious = definitions.high_harm(record, parameters)
    return (
        _adult(record),
        _relationship(record, parameters),
        serious,
        definitions.serial_northumbria(record, parameters),
        definitions.serial_college(record, parameters),
        definitions.repeat(record, parameters),
        definitions.marac_repeat_older(record, parameters),
        definitions.marac_repeat_current(record, parameters),
        _recent(record, parameters),
        _area(record, area, parameters),
        _custody(record),
        _managed(record),
        _restart(record, serious, parameters),
    )


def _adult(record: PersonRecord) -> Criterion:
    states: dict[str, State] = {"yes": "met", "no": "not met"}
    state = states.get(record.adult, "unknown")
    words = {"met": "Recorded as 18 or over.", "not met": "Recorded as under 18."}
    return Criterion(
        "adult",
        "Adult",
        "Aged 18 or over at the date of the list (Drive is an adult service; the Domestic Abuse Act 2021 needs "
        "both to be 16 or over).",
        state,
        "eligibility",
        (),
        words.get(state, "The date of birth is not recorded."),
    )


def _relationship(record: PersonRecord, p: SuitabilityParameters) -> Criterion:
    counted = [e for e in record.domestic(Kind.INCIDENT, p.serial) if e.event_ref in record.relationships]
    kinds = sorted({kind for e in counted for kind in record.relationships[e.event_ref]})
    detail = f"Recorded victims: {', '.join(_WORDS.get(kind, kind) for kind in kinds)}." if kinds else ""
    return Criterion(
        "intimate_or_family",
        "Intimate or family relationship",
        "The victim of a domestic incident is recorded as partner, ex-partner or family (Drive Project).",
        "met" if kinds else "unknown",
        "eligibility",
        cited(counted),
        (detail or "No relationship is recorded.") + _as_recorded(record),
    )


def _recent(record: PersonRecord, p: SuitabilityParameters) -> Criterion:
    events = once(record.domestic(Kind.INCIDENT, p.recent))
    return Criterion(
        "recent",
        "Recent",
        f"Recorded as suspect in a domestic incident that occurred in the last {p.recent.days} days (twelve months; "
        "comparators use one to three years).",
        "met" if events else "not met",
        "eligibility",
        cited(events),
        f"{number_of(len(events), 'domestic incident')}.",
    )


def _area(record: PersonRecord, area: str | None, p: SuitabilityParameters) -> Criterion:
    own, victims = area in record.homes, area in record.victim_homes
    there = once(e for e in record.domestic(Kind.INCIDENT, p.serial) if area is not None and e.area == area)
    known = bool(record.homes and record.victim_homes) and area is not None
    who = " and ".join(word for word, lives in (("the person", own), ("a victim", victims)) if lives)
    here = f"{number_of(len(there), 'domestic incident')} recorded there."
    return Criterion(
        "area",
        "Delivery area",
        "The person or a victim lives in the delivery area.",
        "met" if own or victims else "not met" if known else "unknown",
        "eligibility",
        cited(there),
        f"Known to live there: {who}. {here}" if who else f"Nobody is known to live there. {here}",
    )


def _custody(record: PersonRecord) -> Criterion:
    if "custody" not in record.available:
        state: State = "unknown"
        detail = "Custody was not delivered."
    else:
        state = "met" if record.custody else "not met"
        detail = " ".join(
            f"In custody since {spell.starts_on.isoformat()}; {_release(spell.expected_release or spell.ends_on)}."
            for spell in record.custody
        ) + (_as_recorded(record) if record.custody else "No current spell is recorded.")
    return Criterion(
        "custody",
        "In custody",
        "In custody or on remand: deferred with the release date, not rejected.",
        state,
        "defer",
        (),
        detail,
    )


def _managed(record: PersonRecord) -> Criterion:
    names = [_OWN_SCHEMES.get(scheme, scheme) for scheme in record.schemes]
    missing = "management" not in record.available
    found = f"Managed under {', '.join(names)}." if names else "No current scheme is recorded."
    return Criterion(
        "already_managed",
        "Already managed",
        "Managed under MAPPA, IOM, MATAC or PDP: shown, the panel decides.",
        "unknown" if missing else "met" if names else "not met",
        "display",
        (),
        "Management schemes were not delivered." if missing else found + _as_recorded(record),
    )


def _restart(record: PersonRecord, serious: Criterion, p: SuitabilityParameters) -> Criterion:
    graded = once(e for e in record.domestic(Kind.INCIDENT, p.recent) if e.event_ref in record.graded)
    state: State = "unknown"
    detail = "Not known whether children's social care works with the family."
    if serious.state == "met":
        state, detail = "not met", "High harm is recorded."
    elif record.childrens_social_care and serious.state == "not met" and graded:
        state, detail = "met", "Referred by children's social care; no incident is graded high."
    elif record.childrens_social_care:
        detail = "Referred by children's social care; the level of risk is not established."
    return Criterion(
        "restart",
        "Restart",
        "Low or medium risk and known to children's social care: consider Restart (Drive Partnership).",
        state,
        "route",
        cited(graded) if state == "met" else (),
        detail,
    )


def _release(day: date | None) -> str:
    return f"release expected {day.isoformat()}" if day else "no release date is recorded"


def _as_recorded(record: PersonRecord) -> str:
    """Say so where an overwritten column may hold what was recorded after T."""
    if record.as_of.day >= record.extract_date:
        return ""
    return f" As recorded on {record.extract_date.isoformat()}, after the date of the list."
