"""Which events a measure looks at, and over which days."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np

from features.events import EventStream, Mask
from features.kinds import GRADES, NO_FLAG, OVERWRITTEN, RELATIONSHIPS, SORT_CODE, TOOLS, Flag, Kind, Role
from records.codes import NON_CRIME
from values import Window

Clock = Literal["occurred", "reported"]
Harm = Literal["any", "known", "unknown"]

_PERIOD = ("incidents.occurred_from", "incidents.occurred_to", "incidents.reported_on")
_PARTY = ("incidents.incident_id", "involvements.incident_id", "involvements.person_id", "involvements.role")
_KIND_COLUMNS: dict[Kind, tuple[str, ...]] = {
    Kind.INCIDENT: (*_PARTY, *_PERIOD),
    Kind.DYAD: (*_PARTY, *_PERIOD, "dyads.incident_id", "dyads.suspect_id", "dyads.victim_id"),
    Kind.HEARING: tuple(
        f"marac_hearings.{name}" for name in ("hearing_id", "victim_id", "perpetrator_id", "heard_at", "referred_at")
    ),
    Kind.ORDER: ("orders.order_id", "orders.person_id", "orders.starts_on"),
    Kind.BREACH: ("orders.order_id", "orders.person_id", "orders.breached_at"),
    Kind.CUSTODY: ("custody.person_id", "custody.starts_on"),
}
_FLAG_COLUMNS: dict[Flag, str] = {
    Flag.DOMESTIC: "incidents.domestic",
    Flag.CRIME: "incidents.is_crime",
    Flag.WEAPON: "incidents.weapon",
    Flag.INJURY: "incidents.injury",
    Flag.CHILDREN: "incidents.children_present",
    Flag.VICTIM_REPORTED: "incidents.reported_by",
    Flag.THIRD_PARTY_REPORTED: "incidents.reported_by",
    Flag.POLICE_REPORTED: "incidents.reported_by",
    Flag.ALCOHOL: "incidents.alcohol",
    Flag.DRUGS: "incidents.drugs",
    Flag.REPEAT: "marac_hearings.repeat",
    Flag.REPORT_DATED: "incidents.reported_on",
    Flag.REPORTER: "incidents.reported_by",
    Flag.POLICE_REFERRED: "marac_hearings.referring_agency",
    Flag.PARTNER_REFERRED: "marac_hearings.referring_agency",
    **dict.fromkeys(RELATIONSHIPS, "dyads.relationship"),
    **dict.fromkeys(GRADES, "incidents.risk_grade"),
    **dict.fromkeys(TOOLS, "incidents.risk_tool"),
}
_OFFENCE = ("incidents.offence_code", "incidents.is_crime")
_SORT_COLUMN = {
    Kind.HEARING: "marac_hearings.criterion",
    Kind.ORDER: "orders.kind",
    Kind.BREACH: "orders.kind",
    Kind.CUSTODY: "custody.kind",
}
_ALWAYS_RECORDED = frozenset({"incidents.domestic", "incidents.is_crime", "orders.kind"})


@dataclass(frozen=True)
class Span:
    """Ages in days that a measure counts: those of `window`, moved back by `skip` days.

    ``Span(Window(180), skip=180)`` is the half year before the last one.
    """

    window: Window
    clock: Clock = "occurred"
    skip: int = 0

    @property
    def low(self) -> int:
        """The youngest age that counts."""
        return self.skip

    @property
    def high(self) -> int | None:
        """The first age that is too old; None for all of history."""
        return None if self.window.days is None else self.skip + self.window.days


@dataclass(frozen=True)
class Selection:
    """Events of one kind in which the person has one role, narrowed by what is recorded about them.

    Attributes
    ----------
    flags
        All of these must be set.
    families
        The offence family (of a hearing the route, of an order or custody its kind) is one of these; any where empty.
    harm
        Whether the offence has a known harm weight.
    late_by
        Reported more than this many days after it occurred.
    """

    kind: Kind
    role: Role = Role.SUSPECT
    flags: Flag = NO_FLAG
    families: tuple[str, ...] = ()
    harm: Harm = "any"
    late_by: int | None = None

    def rows(self, stream: EventStream, stated: bool = True) -> Mask:
        """Say for each row of the stream whether it is selected; what was known when is not looked at.

        Parameters
        ----------
        stream
            The event stream.
        stated
            False for a day before the row's `stated`: none of its `OVERWRITTEN` flags is set.
        """
        if self.overwritten and not stated:
            return np.zeros(len(stream), dtype=np.bool_)
        rows = (stream.kind == int(self.kind)) & (stream.role == int(self.role))
        if self.flags:
            rows &= (stream.flags & int(self.flags)) == int(self.flags)
        if self.families:
            rows &= np.isin(stream.family, [SORT_CODE[self.kind][name] for name in self.families])
        if self.harm != "any":
            rows &= (stream.harm >= 0) == (self.harm == "known")
        if self.late_by is not None:
            rows &= stream.reported.astype(np.int64) - stream.occurred > self.late_by
        return np.asarray(rows, dtype=np.bool_)

    def of(self, kind: Kind) -> Selection:
        """Return the same selection of another kind of row."""
        return dataclasses.replace(self, kind=kind)

    def whose_harm_is(self, harm: Harm) -> Selection:
        """Return the same selection narrowed to known or unknown harm."""
        return dataclasses.replace(self, harm=harm)

    @property
    def overwritten(self) -> Flag:
        """The flags it asks for that record systems overwrite without a date."""
        return self.flags & OVERWRITTEN

    @property
    def whatever_is_stated(self) -> Selection:
        """The same selection without asking for what is overwritten."""
        return dataclasses.replace(self, flags=self.flags & ~OVERWRITTEN)

    @property
    def with_any_stated(self) -> Selection:
        """The events of which a relationship (a risk grade) is stated, whatever it is."""
        asked = Flag.RELATIONSHIP if self.flags & RELATIONSHIPS else NO_FLAG
        asked |= Flag.GRADED if self.flags & (GRADES | TOOLS) else NO_FLAG
        return dataclasses.replace(self, flags=self.whatever_is_stated.flags | asked)

    @property
    def columns(self) -> frozenset[str]:
        """The contract's columns that decide which rows are selected and when they happened."""
        columns = {*_KIND_COLUMNS[self.kind]}
        columns |= {_FLAG_COLUMNS[flag] for flag in self.flags if flag in _FLAG_COLUMNS}
        if self.flags & RELATIONSHIPS:
            columns.add("dyads.relationship_source")
        if self.flags & TOOLS:
            columns.add("incidents.risk_grade")
        if Flag.STRANGULATION in self.flags:
            columns |= {"incidents.strangulation", *_OFFENCE}
        if self.families:
            columns |= {_SORT_COLUMN[self.kind]} if self.kind in _SORT_COLUMN else {*_OFFENCE}
        if self.harm != "any":
            columns |= {*_OFFENCE}
        if self.late_by is not None:
            columns.add("incidents.reported_on")
        return frozenset(columns)

    @property
    def requires(self) -> frozenset[str]:
        """Optional columns without a single known value of which the selection says nothing at all.

        ``incidents.strangulation`` counts as recorded where the flag or the offence is; ``involvements.role``
        where anybody is recorded as a victim.
        """
        needed = {_FLAG_COLUMNS[flag] for flag in self.flags if flag in _FLAG_COLUMNS}
        if self.harm != "any" or not {*self.families} <= {NON_CRIME}:
            needed.add(_SORT_COLUMN.get(self.kind, "incidents.offence_code"))
        if Flag.STRANGULATION in self.flags:
            needed.add("incidents.strangulation")
        if self.kind == Kind.INCIDENT and self.role == Role.VICTIM:
            needed.add("involvements.role")
        if self.kind == Kind.DYAD:
            needed.add("dyads.victim_id")
        if self.kind == Kind.BREACH:
            needed.add("orders.breached_at")
        if self.late_by is not None:
            needed.add("incidents.reported_on")
        return frozenset(needed - _ALWAYS_RECORDED)

    @property
    def tables(self) -> frozenset[str]:
        """Tables without which nothing can be selected; dyads can be derived."""
        return frozenset(column.split(".")[0] for column in _KIND_COLUMNS[self.kind]) - {"dyads"}
