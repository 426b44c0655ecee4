"""Which cases of a list are restricted: of officers, panel members, users of the service and people related to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from records import Snapshot
from records.purposes import Reading, for_purpose
from serving.access.cases import Restriction

_READ = {"restricted": ("person_id", "reason")}
_RELATED = "restricted.related_user"
_VICTIMS = (("dyads", "suspect_id", "victim_id"), ("marac_hearings", "perpetrator_id", "victim_id"))


def restrictions(snapshot: Snapshot, pseudonyms: Mapping[str, str]) -> list[Restriction]:
    """Return why cases are restricted, by the pseudonyms of their subjects.

    Every version of the records counts, whenever it was known: a restriction that was taken back or came later than the
    list's date protects as well. A victim is anybody recorded as one beside the subject, whatever the incident.

    Parameters
    ----------
    pseudonyms
        By person, for everybody whose case is stored.
    """
    shown: Reading = for_purpose(snapshot, "display", "Restricted cases", _READ)
    if not shown.has("restricted"):
        return []
    table = shown.table("restricted")
    reasons: dict[str, set[tuple[str, str]]] = {}
    related = table["related_user"] if shown.has(_RELATED) else pd.Series("", index=table.index)
    for person, reason, user in zip(table["person_id"], table["reason"], related, strict=True):
        reasons.setdefault(str(person), set()).add((str(reason), _text(user)))
    concerned = [(person, person, "subject") for person in reasons if person in pseudonyms]
    concerned += [
        (subject, victim, "victim") for subject, victim in _pairs(shown) if subject in pseudonyms and victim in reasons
    ]
    return [
        Restriction(pseudonyms[subject], reason, through, user)
        for subject, person, through in dict.fromkeys(concerned)
        for reason, user in sorted(reasons[person])
    ]


def _pairs(shown: Reading) -> list[tuple[str, str]]:
    """Return (subject, victim) of everybody who was ever recorded as either in one record."""
    pairs: list[tuple[str, str]] = []
    for name, subject, victim in _VICTIMS:
        if shown.has(name):
            table = shown.table(name, [subject, victim]).dropna()
            pairs += list(zip(table[subject].map(str), table[victim].map(str), strict=True))
    involved = shown.table("involvements", ["incident_id", "person_id", "role"])
    suspects = involved.loc[involved["role"] == "suspect", ["incident_id", "person_id"]]
    victims = involved.loc[involved["role"] == "victim", ["incident_id", "person_id"]]
    both = suspects.merge(victims, on="incident_id", suffixes=("_subject", "_victim"))
    pairs += list(zip(both["person_id_subject"].map(str), both["person_id_victim"].map(str), strict=True))
    return list(dict.fromkeys(pairs))


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
