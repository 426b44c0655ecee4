"""What a panel may read about a listed person: the chronology and what other agencies hold, as known at T."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from records import Snapshot
from records.contract import TABLES
from records.knowledge import as_known
from records.purposes import Reading, for_purpose
from values import AsOf

_KINDS = {
    (True, True): "domestic abuse crime",
    (True, False): "domestic incident, not a crime",
    (False, True): "other crime",
    (False, False): "other incident, not a crime",
}
_OFFENCES = {
    "violence_injury": "violence with injury",
    "violence_no_injury": "violence without injury",
    "stalking_fear": "stalking involving fear or serious alarm",
    "sexual": "sexual offence",
    "robbery_burglary": "robbery or burglary",
    "emergency_worker": "assault on an emergency worker",
    "breach": "breach of an order",
    "threats": "threats to kill",
    "damage": "criminal damage",
    "kidnap": "kidnap or false imprisonment",
    "other": "other offence",
}
_HIDDEN = frozenset(
    {"person_id", "victim_id", "known_from", "known_to", "known_from_assumed", "area", "hearing_id", "order_id"}
)
_NOT_RECORDED = "not recorded"
_NEEDED = {
    "incidents": ("incident_id", "occurred_from", "reported_on", "is_crime", "domestic", "offence_code"),
    "involvements": ("incident_id", "person_id", "role"),
}


def _text(value: Any) -> str | None:
    if pd.isna(value):
        return None
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)


def _words(value: Any) -> str:
    return _NOT_RECORDED if pd.isna(value) else str(value).replace("_", " ")


def _shown(value: Any) -> str | bool | None:
    return bool(value) if isinstance(value, (bool, np.bool_)) else _text(value)


def _newest(row: Mapping[str, Any]) -> str:
    """Return the latest ISO date in a row, to sort by."""
    return max((value for value in row.values() if isinstance(value, str) and value[:2] in ("19", "20")), default="")


def _rows_of(snapshot: Reading, table: str, as_of: AsOf, people: Iterable[str]) -> pd.DataFrame | None:
    """Return the rows of an optional table that concern `people` as known at T; None where there is no such table."""
    if not snapshot.has(table):
        return None
    known = as_known(snapshot, table, as_of)
    column = "perpetrator_id" if table == "marac_hearings" else "person_id"
    return known[known[column].isin(set(people))].rename(columns={column: "person_id"})


class CaseFiles:
    """Gathers the case files of many people at once.

    Parameters
    ----------
    snapshot
        The records.
    as_of
        Only row versions known at the end of this day are read.
    people
        Person identifiers, as the snapshot writes them.
    """

    def __init__(self, snapshot: Snapshot, as_of: AsOf, people: Iterable[str]) -> None:
        self.snapshot: Reading = for_purpose(snapshot, "display", "A case file", _NEEDED)
        self.as_of, self.people = as_of, set(people)
        self._incidents = self._gather_incidents()
        tables = ("marac_hearings", "orders", "custody", "management", "needs", "safety_checks")
        self._tables = {name: _rows_of(self.snapshot, name, as_of, self.people) for name in tables}
        self._addresses = _rows_of(self.snapshot, "addresses", as_of, self.people)

    def _gather_incidents(self) -> pd.DataFrame:
        involved = as_known(self.snapshot, "involvements", self.as_of)
        mine = involved[involved["person_id"].isin(self.people) & involved["role"].isin(["suspect", "victim"])]
        incidents = as_known(self.snapshot, "incidents", self.as_of)
        incidents = incidents[incidents["incident_id"].isin(set(mine["incident_id"]))]
        families = self.snapshot.offences.set_index("offence_code")["family"]
        incidents = incidents.assign(family=incidents["offence_code"].map(families))
        columns = ["incident_id", "occurred_from", "reported_on", "is_crime", "domestic", "family", "offence_code"]
        columns += [name for name in ("reported_by", "children_present") if name in incidents]
        rows = mine.merge(incidents[columns], on="incident_id", how="inner", validate="many_to_one")
        rows = rows[rows["occurred_from"] <= pd.Timestamp(self.as_of.day)]
        others = involved[involved["role"].isin(["suspect", "victim"])]
        others = others[others["incident_id"].isin(set(rows["incident_id"]))]
        self._counterparts = {
            key: list(group) for key, group in others.groupby(["incident_id", "role"])["person_id"] if len(group)
        }
        order = ["person_id", "occurred_from", "incident_id", "role"]
        return rows.sort_values(order, ascending=[True, False, True, True])

    def _others(self, row: Mapping[str, Any]) -> list[str]:
        opposite = "victim" if row["role"] == "suspect" else "suspect"
        return [
            other for other in self._counterparts.get((row["incident_id"], opposite), []) if other != row["person_id"]
        ]

    def chronology(self, person_id: str) -> list[dict[str, Any]]:
        """Return the person's incidents, newest first; other people only as "Person A", "Person B", …"""
        mine = self._incidents[self._incidents["person_id"] == person_id]
        names: dict[str, str] = {}
        entries: list[dict[str, Any]] = mine.to_dict("records")  # type: ignore[assignment]
        for row in reversed(entries):
            for other in self._others(row):
                names.setdefault(other, f"Person {_letters(len(names))}")
        return [self._entry(row, names) for row in entries]

    def _entry(self, row: Mapping[str, Any], names: dict[str, str]) -> dict[str, Any]:
        kind = _KINDS[bool(row["domestic"]) if pd.notna(row["domestic"]) else False, bool(row["is_crime"])]
        offence = (
            _words(row["family"])
            if pd.notna(row["family"])
            else f"code {row['offence_code']} (not in the offence table)"
        )
        return {
            "ref": f"incident:{row['incident_id']}",
            "date": _text(row["occurred_from"]),
            "reported": _text(row["reported_on"]),
            "kind": kind,
            "role": row["role"],
            "status": _words(row["status"]) if "status" in self._incidents else _NOT_RECORDED,
            "offence": offence if row["is_crime"] else "no offence recorded",
            "counterpart": ", ".join(names[other] for other in self._others(row)) or "not identified",
            "reported_by": _words(row.get("reported_by")),
            "children_present": _yes_no(row.get("children_present")),
        }

    def other_agencies(self, person_id: str) -> dict[str, Any]:
        """Return the person's hearings, orders, custody, management, needs and safety checks; None = not available."""
        result: dict[str, Any] = {}
        for name, frame in self._tables.items():
            if frame is None:
                result[name] = None
                continue
            mine = frame[frame["person_id"] == person_id]
            shown = [column for column in mine.columns if column not in _HIDDEN]
            rows = [{column: _shown(row[column]) for column in shown} for _, row in mine.iterrows()]
            result[name] = sorted([self._held(name, row) for row in rows], key=_newest, reverse=True)
        return result

    def _held(self, table: str, row: dict[str, Any]) -> dict[str, Any]:
        """Say whose record it is, where not everybody at the panel is shown it."""
        if table == "safety_checks":  # whom nobody may contact, everybody has to know
            return row
        sources = self.snapshot.sources
        agency = row.get("agency") or sources.of(f"{table}.{TABLES[table].key[0]}").controller
        return row if agency in sources.shared else {**row, "held_by": [agency]}

    def addresses(self, person_id: str) -> list[str]:
        """Return the person's addresses as known at T: area and postcode."""
        if self._addresses is None:
            return []
        mine = self._addresses[self._addresses["person_id"] == person_id]
        return [
            ", ".join(part for part in (_text(row.get("postcode")), _text(row.get("area"))) if part)
            for row in mine.to_dict("records")
        ]


def _yes_no(value: Any) -> bool | None:
    """Return a flag; None where it is not recorded, which is no "no"."""
    return None if pd.isna(value) else bool(value)


def _letters(number: int) -> str:
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = string.ascii_uppercase[rest] + letters
    return letters
