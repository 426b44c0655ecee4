"""Orders, custody, hearings, schemes and needs of a case in words: what it is first, then the rest, on pages and paper.

Only what is named here is told: what a later delivery adds to a record stays off pages and paper until somebody has
found words for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from serving.redaction import RECORD
from serving.web.words import day, words

Record = Mapping[str, Any]
_WHY = " Not known: "
"""Between a question that the ranking asks and why nothing answers it, as case documents hold them."""
_ORDERS = {
    "dvpn": "Domestic violence protection notice",
    "dvpo": "Domestic violence protection order",
    "dapn": "Domestic abuse protection notice",
    "dapo": "Domestic abuse protection order",
    "non_molestation": "Non-molestation order",
    "occupation": "Occupation order",
    "restraining": "Restraining order",
    "sexual_harm_prevention": "Sexual harm prevention order",
    "stalking_protection": "Stalking protection order",
    "other": "Another order",
}
_CUSTODY = {
    "police": "Police custody",
    "remand": "Custody on remand",
    "sentence": "Custody, serving a sentence",
    "recall": "Custody after recall",
    "other": "Custody",
}


def order(record: Record, as_of: str) -> tuple[str, list[str]]:
    """Return an order or a spell in custody, and what is known of it on the date of the list.

    >>> order({"kind": "dapo", "starts_on": "2025-07-11", "ends_on": "2026-07-11", "breached_at": None}, "2026-03-31")
    ('Domestic abuse protection order', ['from 11 July 2025 until 11 July 2026'])
    """
    known = _CUSTODY if "expected_release" in record else _ORDERS
    kind = record["kind"]
    told = _span(record, as_of)
    if record.get("breached_at"):
        told.append(f"breached on {day(record['breached_at'])}")
    if record.get("expected_release"):
        told.append(f"release expected on {day(record['expected_release'])}")
    return known.get(kind) or words(kind), told


def hearing(record: Record, as_of: str) -> tuple[str, list[str]]:
    """Return the day of a MARAC hearing, and why it was held.

    >>> hearing({"heard_at": "2024-01-04", "referring_agency": "police", "repeat": False, "children_count": "1"}, "")
    ('4 January 2024', ['referred by Police', 'not a repeat', '1 child'])
    """
    told = []
    if record.get("counterpart"):
        told.append(f"about {record['counterpart']}")
    if record.get("referring_agency") or record.get("referred_at"):
        by = f" by {words(record['referring_agency'])}" if record.get("referring_agency") else ""
        on = f" on {day(record['referred_at'])}" if record.get("referred_at") else ""
        told.append(f"referred{by}{on}")
    if record.get("criterion"):
        told.append(f"because: {words(record['criterion']).lower()}")
    if record.get("repeat") is not None:
        told.append("a repeat" if words(record["repeat"]) == "Yes" else "not a repeat")
    if record.get("children_count") is not None:
        count = words(record["children_count"])
        told.append(f"{count} {'child' if count == '1' else 'children'}")
    return words(record["heard_at"]) if record.get("heard_at") else "Not heard yet", told


def scheme(record: Record, as_of: str) -> tuple[str, list[str]]:
    """Return a scheme that manages the person, and since when."""
    return words(record["scheme"]), _span(record, as_of)


def need(record: Record, as_of: str) -> tuple[str, list[str]]:
    """Return a need, and whose record tells of it."""
    return words(record["need"]), [f"recorded by {words(record['agency'])}"] if record.get("agency") else []


_TOLD: Mapping[str, Callable[[Record, str], tuple[str, list[str]]]] = {
    "orders": order,
    "marac": hearing,
    "management": scheme,
    "needs": need,
}


def recorded(case: Mapping[str, Any], section: str, as_of: str) -> list[tuple[str, str]]:
    """Return the records of one section of a case as what each is, and what more is told; `as_of` is the list's date.

    What another agency holds is told to be there, and nothing of it.
    """
    found = [(RECORD, []) if each.get("kind") == RECORD else _TOLD[section](each, as_of) for each in case[section]]
    return [(lead, "; ".join(told)) for lead, told in found]


def not_known(sentences: Iterable[Any]) -> list[tuple[str, list[str]]]:
    """Return what is not known, put together by why it is not: each reason with its questions, as they first come.

    A sentence that gives no reason in this way stands alone, under none.

    >>> not_known(["Where? Not known: nobody asked.", "No housing.", "When? Not known: nobody asked."])
    [('Nobody asked.', ['Where?', 'When?']), ('', ['No housing.'])]
    """
    found: dict[str, list[str]] = {}
    for each in sentences:
        question, between, why = words(each).partition(_WHY)
        found.setdefault(why[:1].upper() + why[1:] if between else "", []).append(question)
    return list(found.items())


def _span(record: Record, as_of: str) -> list[str]:
    """Return from when until when, as far as it is recorded; what ended before the list's date is said to have."""
    starts, ends = record.get("starts_on"), record.get("ends_on")
    since = f"from {day(starts)}" if starts else ""
    if ends:
        over = "ended" if as_of and ends < as_of else "until"
        since = f"{since}{', ' if since and over == 'ended' else ' ' if since else ''}{over} {day(ends)}"
    elif starts:
        since += ", no end recorded"
    return [since] if since else []
