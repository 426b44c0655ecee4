"""A few records counted by hand: what each number means is tested on these."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Self

import pandas as pd

from benchmarks.oracle.source import PlainSource
from features import CATALOGUE, EventStream, build_stream, compute

T = date(2024, 2, 29)
EXTRACT = date(2024, 12, 31)

Rows = list[dict[str, Any]]


def ago(days: int) -> date:
    """Return the day so many days before T."""
    return T - timedelta(days=days)


def known(since: date, to: date | None = None, assumed: bool = False) -> dict[str, Any]:
    """Return when a version was known."""
    return {"known_from": since, "known_to": to, "known_from_assumed": assumed}


class Records:
    """What is recorded; by default about ann, on the day it happened. Days are counted back from `T`."""

    def __init__(self) -> None:
        self.rows: dict[str, Rows] = {"incidents": [], "involvements": []}

    def incident(
        self,
        days: int,
        *victims: str,
        suspects: Sequence[str] = ("ann",),
        told: int | None = None,
        known_to: int | None = None,
        **said: Any,
    ) -> Self:
        """Add an incident of so many days ago; reported and recorded `told` days ago."""
        key, recorded = f"I{len(self.rows['incidents'])}", ago(days if told is None else told)
        self.rows["incidents"].append(
            {
                "incident_id": key,
                "force": "made up",
                "area": "castlebridge",
                "occurred_from": ago(days),
                "occurred_to": None,
                "reported_on": recorded,
                "offence_code": "10501",
                "is_crime": True,
                "domestic": True,
                **known(recorded, None if known_to is None else ago(known_to)),
                **said,
            }
        )
        for role, people in (("suspect", suspects), ("victim", victims)):
            for person in people:
                self.rows["involvements"].append(
                    {"incident_id": key, "person_id": person, "role": role, **known(recorded)}
                )
        return self

    def pair(self, suspect: str, victim: str, **said: Any) -> Self:
        """Add a recorded pair to the incident added last."""
        last = self.rows["incidents"][-1]
        row = {"incident_id": last["incident_id"], "suspect_id": suspect, "victim_id": victim}
        self.rows.setdefault("dyads", []).append({**row, **known(last["known_from"]), **said})
        return self

    def hearing(self, days: int, victim: str = "vi", person: str = "ann", waited: int | None = 0, **said: Any) -> Self:
        """Add a hearing of so many days ago, referred `waited` days before."""
        rows = self.rows.setdefault("marac_hearings", [])
        referred = None if waited is None else ago(days + waited)
        row = {"hearing_id": f"H{len(rows)}", "victim_id": victim, "perpetrator_id": person}
        rows.append({**row, "referred_at": referred, "heard_at": ago(days), **known(ago(days)), **said})
        return self

    def order(self, days: int, breached: int | None = None, kind: str = "restraining", **said: Any) -> Self:
        """Add an order of ann, breached so many days ago."""
        rows = self.rows.setdefault("orders", [])
        row = {"order_id": f"O{len(rows)}", "person_id": "ann", "kind": kind, "starts_on": ago(days)}
        rows.append({**row, "breached_at": None if breached is None else ago(breached), **known(ago(days)), **said})
        return self

    def custody(self, days: int, kind: str | None = "remand") -> Self:
        """Add a spell of ann in custody."""
        row = {"person_id": "ann", "starts_on": ago(days), "kind": kind}
        self.rows.setdefault("custody", []).append({**row, **known(ago(days))})
        return self

    @property
    def stream(self) -> EventStream:
        """The event stream of what is recorded."""
        return build_stream(PlainSource(self.rows, EXTRACT))

    def tells(self, name: str, person: str = "ann", day: date = T) -> float:
        """Compute one indicator."""
        return float(self.table([name], [(person, day)])[name].iloc[0])

    def table(self, names: Sequence[str], asked: Sequence[tuple[str, date]]) -> pd.DataFrame:
        """Compute some indicators of people and days together."""
        spine = pd.DataFrame(list(asked), columns=["person_id", "as_of"])
        return compute(self.stream, spine, CATALOGUE.only(names))
