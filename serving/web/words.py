"""The one place that turns codes, dates and names into words for a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from serving.jobs import PAPERS, PUBLISH, REPORT
from serving.panel import REASON_CODES, Decision, Elsewhere, Offer, Opinion, Override
from serving.panel.own_views import Leaning

_LONDON = ZoneInfo("Europe/London")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO_WITHIN = re.compile(r"(?<![\w:-])(\d{4}-(?:0[1-9]|1[0-2]))(?:-(0[1-9]|[12]\d|3[01]))?(?![\w:-])")
_SHORT_FORMS = re.compile(r"\b(pnc|cro|marac|iom|mappa|matac|idva)\b", re.IGNORECASE)
_PROPER = ("asian", "black", "white")
_SPELT = {
    "v100": "V100",
    "rfgv": "RFGV",
    "recency": "Most recent first",
    "elastic_net": "Elastic net",
    "prior_count": "Earlier incidents",
    "lightgbm": "Gradient boosting (LightGBM)",
    "marac": "MARAC",
    "iom": "IOM",
    "mappa": "MAPPA",
    "matac": "MATAC",
    "pdp": "PDP",
    "idva": "IDVA",
    "nfa": "no further action",
    "counter_allegation": "Counter-allegation",
    "safety_concern": "Safety concern",
    "safety": "Safety concern",
    "identity": "Identity not certain at the line",
    "not_asked": "Not asked yet",
    "clear": "Clear",
    "asked": "Asked, no answer yet",
    "concern": "Concern raised",
    "approve": "Approved",
    "refuse": "Refused",
    "waive": "Waived",
    "withdraw": "Withdrawn",
}
_JOBS = {
    PUBLISH: "Publication of a released list",
    REPORT: "Full report of an audit",
    PAPERS: "Governance papers",
}
_VERDICTS = {
    "pass": (
        "green",
        "Passed",
        "The fairness audit passed: every binding check that could be assessed, in the audit that has to pass, lies "
        "within its margin. What could not be assessed is named below, and did not pass.",
    ),
    "refuse": (
        "red",
        "Refused",
        "The fairness audit refused this list: at least one binding check lies outside its margin.",
    ),
    "insufficient": (
        "yellow",
        "Insufficient evidence",
        "The fairness audit could not decide: there is not enough evidence to say that the checks pass.",
    ),
}


def day(value: str | date | None) -> str:
    """Write a date as on a letter.

    >>> day("2026-03-03")
    '3 March 2026'
    """
    if value is None or value == "":
        return "no date"
    when = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{when.day} {when:%B %Y}"


def moment(value: str | datetime) -> str:
    """Write a time in London, to the minute.

    >>> moment("2026-04-01T09:05:00+00:00")
    '1 April 2026 at 10:05am'
    """
    when = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(_LONDON)
    clock = f"{when.hour % 12 or 12}:{when:%M}{'am' if when.hour < 12 else 'pm'}"
    return f"{day(when.date())} at {clock}"


def words(code: Any) -> str:
    """Write a code, a number or a small list as words.

    >>> words("children_linked"), words(None), words(True), words("2026-03-03")
    ('Children linked', 'not known', 'Yes', '3 March 2026')
    """
    if code is None:
        return "not known"
    if isinstance(code, bool) or code in ("True", "False"):
        return "Yes" if code in (True, "True") else "No"
    if isinstance(code, float):
        return f"{code:g}"
    if isinstance(code, (list, tuple)):
        return ", ".join(words(item) for item in code) or "none"
    if isinstance(code, Mapping):
        return "; ".join(f"{words(key)}: {words(item)}" for key, item in code.items()) or "none"
    text = str(code)
    if _ISO_DAY.fullmatch(text):
        return day(text)
    if text in _SPELT:
        return _SPELT[text]
    if not re.fullmatch(r"[a-z0-9_ ]+", text):
        return text
    spaced = _SHORT_FORMS.sub(lambda form: form[0].upper(), text.replace("_", " "))
    return spaced[:1].upper() + spaced[1:]


def inside(code: Any) -> str:
    """Write a code as words within a line, where only names and short forms have capitals.

    >>> inside("not_recorded"), inside("pnc_id"), inside("asian")
    ('not recorded', 'PNC id', 'Asian')
    """
    text = words(code)
    return text if text.lower() in _PROPER or text[1:2].isupper() else text[:1].lower() + text[1:]


def community(characteristic: str, group: str) -> str:
    """Write a group of people.

    >>> community("ethnicity_group", "asian")
    'Ethnicity group: Asian'
    """
    return f"{words(characteristic)}: {inside(group)}"


def dated(text: str) -> str:
    """Write the dates within a text as on a letter; a number of a run or a meeting begins with one and stays.

    >>> dated("Since 2025-04-30, and public order in 2019-04."), dated("2026-03-31-oakley-1f")
    ('Since 30 April 2025, and public order in April 2019.', '2026-03-31-oakley-1f')
    """

    def written(found: re.Match[str]) -> str:
        try:
            when = date.fromisoformat(f"{found[1]}-{found[2] or '01'}")
        except ValueError:
            return found[0]
        return day(when) if found[2] else f"{when:%B %Y}"

    return _ISO_WITHIN.sub(written, text)


def area_name(code: str) -> str:
    """Write an area.

    >>> area_name("harrow_vale")
    'Harrow Vale'
    """
    return code.replace("_", " ").title()


def ordinal(place: int | None) -> str:
    """Write a place.

    >>> [ordinal(n) for n in (1, 2, 3, 11, 22)], ordinal(None)
    (['1st', '2nd', '3rd', '11th', '22nd'], 'not ranked')
    """
    if place is None:
        return "not ranked"
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def full_name(identity: Mapping[str, Any] | None, person: str, synthetic: bool) -> str:
    """Write a person's name, marked where it is made up; the pseudonym where names are not shown."""
    if identity is None:
        return person
    name = " ".join(str(identity[key]) for key in ("given_name", "family_name") if identity.get(key))
    return f"{name or person}{' (synthetic)' if synthetic else ''}"


def verdict(code: str) -> tuple[str, str, str]:
    """Return a verdict's colour, name and sentence; an unknown one is no pass."""
    return _VERDICTS.get(code, ("grey", words(code), f"The audit says: {words(code)}."))


def job_label(kind: str) -> str:
    """Return a kind of long work in words.

    >>> job_label("report")
    'Full report of an audit'
    """
    return _JOBS.get(kind) or words(kind)


def decision_label(code: str) -> str:
    """Return a decision in words."""
    return Decision(code).label


def offer_label(code: str) -> str:
    """Return what came of an offer of support in words."""
    return Offer(code).label


def elsewhere_label(code: str) -> str:
    """Return where somebody is referred to in words."""
    return Elsewhere(code).label


def leaning_label(code: str) -> str:
    """Return what a chair would decide on the record alone in words."""
    return Leaning(code).label


def override_label(code: str) -> str:
    """Return how a decision goes against the order in words."""
    return Override(code).label


def opinion_label(code: str) -> str:
    """Return what a panel makes of a reason in words."""
    return Opinion(code).label


def reason_label(code: str) -> str:
    """Return a decision's reason code in words."""
    return REASON_CODES.get(code, words(code))


def number(value: float | int | None, places: int = 2) -> str:
    """Write a measured value; what is not there is said to be so.

    >>> number(1234), number(0.125), number(None)
    ('1,234', '0.12', 'not available')
    """
    if value is None:
        return "not available"
    return f"{value:,}" if isinstance(value, int) else f"{value:.{places}f}"
