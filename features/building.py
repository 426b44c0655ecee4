"""Build the event stream from a snapshot: join row versions on what was known together."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.catalogue import CATALOGUE
from features.coalescing import coalesced
from features.dyads import pairs_known
from features.events import ROW_COLUMNS, ROW_TYPES, EventStream, Homes, Mask
from features.kinds import FAMILY_CODE, FOREVER, NO_FAMILY, OVERWRITTEN, SORT_CODE, TOOLS, Flag, Kind, Role
from features.knowledge import NEVER, Days, day_numbers, known_together, union_of_intervals, with_knowledge
from features.ordering import row_order
from features.overwritten import grade_of, relationship_of, stated_from
from features.source import RecordSource
from records.purposes import Reading, for_purpose
from values import Progress, silent

_FLAG_COLUMNS = {
    "domestic": Flag.DOMESTIC,
    "is_crime": Flag.CRIME,
    "weapon": Flag.WEAPON,
    "injury": Flag.INJURY,
    "strangulation": Flag.STRANGULATION,
    "children_present": Flag.CHILDREN,
    "alcohol": Flag.ALCOHOL,
    "drugs": Flag.DRUGS,
}
_REPORTED_BY = {
    "victim": Flag.VICTIM_REPORTED,
    "third_party": Flag.THIRD_PARTY_REPORTED,
    "police": Flag.POLICE_REPORTED,
}
_OPTIONAL = ("offence_code", "reported_by", "reported_on", *list(_FLAG_COLUMNS)[2:])
_NEGATIVE_CODES = frozenset({"none", "no", "not_recorded", "unknown", "false", "0", ""})
_MARAC = "marac_hearings"


def build_stream(source: RecordSource, progress: Progress = silent) -> EventStream:
    """Return every known event of every person as one sorted stream.

    Reads incidents, involvements, and where delivered dyads, marac_hearings, orders, custody and addresses.
    Relationship and risk grade, which record systems overwrite without a date, count from the day on which they
    were stated. The end of custody or of an order is not read, nor anything about outcomes or arrests, which
    belong to labels.

    Parameters
    ----------
    source
        A snapshot of records.
    progress
        Told after each of the four parts.

    Raises
    ------
    PurposeBreach
        If the stream, or an indicator of the catalogue, reads a column that may not be used for ranking.
    """
    source = for_purpose(source, "rank", "The event stream", NEEDED)
    if isinstance(source, Reading):
        CATALOGUE.require(source.sources)
    build = _Build(source)
    progress("events", 0, 4)
    pieces = build.incidents()
    progress("events", 1, 4)
    pieces += [*build.hearings(), *build.orders(), *build.custody()]
    progress("events", 2, 4)
    rows = _sorted_rows(pieces)
    progress("events", 3, 4)
    pairs = rows["kind"] == Kind.DYAD
    victims = (rows["kind"] == Kind.INCIDENT) & (rows["role"] == Role.VICTIM)
    for column, those in (("dyads.victim_id", pairs), ("involvements.role", victims)):
        build.recorded[column] = union_of_intervals(rows["known_from"][those], rows["known_to"][those])
    stream = EventStream(
        **rows,
        person_ids=build.people,
        event_refs=build.refs,
        areas=build.areas,
        homes=build.homes(),
        available=frozenset(source.tables),
        recorded=build.recorded,
    )
    progress("events", 4, 4)
    return stream


class _Build:
    """The tables of one snapshot with their identifiers turned into integers."""

    def __init__(self, source: RecordSource) -> None:
        self.tables = {name: source.table(name) for name in TABLES_READ if source.has(name)}
        self.people = _names(self.tables, PERSON_COLUMNS)
        self.refs = _references(self.tables)
        self.areas = _names(self.tables, dict.fromkeys(("incidents", "addresses", _MARAC), ("area",)))
        self._people, self._refs = pd.Index(self.people), pd.Index(self.refs)
        self._areas = pd.Index(self.areas)
        self.offences = source.offences
        self.extract_date = source.extract_date
        self.recorded: dict[str, npt.NDArray[np.int32]] = {}

    def person(self, names: pd.Series[Any]) -> npt.NDArray[np.int32]:
        return self._people.get_indexer(pd.Index(names)).astype(np.int32)

    def event(self, prefix: str, names: pd.Series[Any]) -> npt.NDArray[np.int32]:
        return self._refs.get_indexer(pd.Index(prefix + names.astype("str"))).astype(np.int32)

    def area(self, table: pd.DataFrame) -> npt.NDArray[np.int16]:
        if "area" not in table:
            return np.full(len(table), -1, dtype=np.int16)
        return self._areas.get_indexer(pd.Index(table["area"])).astype(np.int16)

    def incidents(self) -> list[pd.DataFrame]:
        """One row a person, role and version; one row a pair and version, and its mirror."""
        events = self._incident_versions()
        table = self.tables["involvements"]
        involved = with_knowledge(
            table,
            incident=self.event("incident:", table["incident_id"]),
            person=self.person(table["person_id"]),
            role=_roles(table["role"]),
        )
        pairs = pairs_known(involved, self._recorded_pairs())
        people = known_together(involved, events, ["incident"]).assign(kind=Kind.INCIDENT, counterpart=-1)
        people["flags"] |= people["grade"]
        dyads = known_together(pairs, events.drop(columns="stated"), ["incident"])
        dyads["flags"] |= dyads["relationship"] | np.where(dyads["derived"], int(Flag.DERIVED), 0)
        return [people.rename(columns={"incident": "event_id"}), *_mirrored(dyads, "incident", Kind.DYAD)]

    def _incident_versions(self) -> pd.DataFrame:
        table = self.tables["incidents"]
        for name in _OPTIONAL:
            if name in table:
                self._note(f"incidents.{name}", table, table[name].notna())
        either = _column(table, "strangulation").notna() | _column(table, "offence_code").notna()
        self._note("incidents.strangulation", table, either)  # the flag or the offence says it
        occurred, reported = _days_of_conduct(table)
        grade, stated = grade_of(table), stated_from(table, self.extract_date)
        self._note_stated("incidents.risk_grade", table, grade != 0, stated)
        self._note_stated("incidents.risk_tool", table, (grade & int(TOOLS)) != 0, stated)
        crime = _true(table["is_crime"])
        family, harm = _family_and_harm(_column(table, "offence_code"), crime, self.offences)
        flags = _flags(table) | np.where(family == FAMILY_CODE["strangulation"], int(Flag.STRANGULATION), 0)
        return with_knowledge(
            table,
            incident=self.event("incident:", table["incident_id"]),
            occurred=occurred,
            reported=reported,
            family=family,
            harm=harm,
            flags=flags.astype(np.int32),
            area=self.area(table),
            grade=grade,
            stated=stated,
        )

    def _note(self, column: str, table: pd.DataFrame, present: pd.Series[bool]) -> None:
        self._note_spans(column, with_knowledge(table[present]))

    def _note_stated(self, column: str, table: pd.DataFrame, present: Mask, stated: Days) -> None:
        self._note_spans(column, with_knowledge(table).assign(known_from=stated)[present])

    def _note_spans(self, column: str, known: pd.DataFrame) -> None:
        self.recorded[column] = union_of_intervals(known["known_from"].to_numpy(), known["known_to"].to_numpy())

    def _recorded_pairs(self) -> pd.DataFrame | None:
        table = self.tables.get("dyads")
        if table is None:
            return None
        relationship, stated = relationship_of(table), stated_from(table, self.extract_date)
        self._note_stated("dyads.relationship", table, relationship != 0, stated)
        pairs = with_knowledge(
            table,
            incident=self.event("incident:", table["incident_id"]),
            suspect=self.person(table["suspect_id"]),
            victim=self.person(table["victim_id"]),
            relationship=relationship,
            stated=stated,
        )
        return pairs[pairs["suspect"] != pairs["victim"]]

    def hearings(self) -> list[pd.DataFrame]:
        """One row a MARAC hearing for the person causing harm, and its mirror for the victim."""
        table = self.tables.get(_MARAC)
        if table is None:
            return []
        heard = day_numbers(table["heard_at"])
        referred = day_numbers(_column(table, "referred_at", "datetime64[s]"))
        for name in ("criterion", "referring_agency", "repeat"):
            self._note(f"{_MARAC}.{name}", table, _column(table, name).notna())
        flags = np.where(_true(_column(table, "repeat")), int(Flag.DOMESTIC | Flag.REPEAT), int(Flag.DOMESTIC))
        agency = _column(table, "referring_agency")
        flags |= np.where(agency == "police", int(Flag.POLICE_REFERRED), 0)
        flags |= np.where(agency.notna() & (agency != "police"), int(Flag.PARTNER_REFERRED), 0)
        rows = with_knowledge(
            table,
            suspect=self.person(table["perpetrator_id"]),
            victim=self.person(table["victim_id"]),
            event_id=self.event("hearing:", table["hearing_id"]),
            occurred=heard,
            reported=np.where(referred == NEVER, heard, referred),
            family=_sort(_column(table, "criterion"), Kind.HEARING),
            harm=-1,
            flags=flags,
            area=self.area(table),
        )
        return _mirrored(rows, "event_id", Kind.HEARING)

    def orders(self) -> list[pd.DataFrame]:
        """One row an order on the day it starts, one a breach on the day of the breach."""
        table = self.tables.get("orders")
        if table is None:
            return []
        pieces = [self._single(table, "order:" + table["order_id"], table["starts_on"], Kind.ORDER)]
        breached = table[_column(table, "breached_at", "datetime64[s]").notna()]
        if len(breached):
            refs = "order:" + breached["order_id"]
            breaches = self._single(breached, refs, breached["breached_at"], Kind.BREACH)
            breaches["known_from"] = breaches[["known_from", "occurred"]].max(axis=1)  # not before it happened
            self._note_spans("orders.breached_at", breaches)
            pieces.append(breaches)
        return pieces

    def custody(self) -> list[pd.DataFrame]:
        """One row a spell in custody, on the day it starts; its end is overwritten and not read."""
        table = self.tables.get("custody")
        if table is None:
            return []
        self._note("custody.kind", table, _column(table, "kind").notna())
        return [self._single(table, _spell_refs(table), table["starts_on"], Kind.CUSTODY)]

    def _single(self, table: pd.DataFrame, refs: pd.Series[Any], day: pd.Series[Any], kind: Kind) -> pd.DataFrame:
        return with_knowledge(
            table,
            person=self.person(table["person_id"]),
            event_id=self.event("", refs),
            occurred=day_numbers(day),
            reported=day_numbers(day),
            kind=kind,
            role=Role.SUSPECT,
            counterpart=-1,
            family=_sort(_column(table, "kind"), kind),
            harm=-1,
            flags=0,
            area=-1,
        )

    def homes(self) -> Homes:
        """Return the addresses' areas; an address without dates holds for as long as it is known."""
        table = self.tables.get("addresses")
        if table is None:
            none = np.empty(0, dtype=np.int32)
            return Homes(none, none.astype(np.int16), none, none, none, none)
        rows = with_knowledge(
            table,
            person=self.person(table["person_id"]),
            area=self.area(table),
            starts=day_numbers(_column(table, "from", "datetime64[s]")),
            ends=day_numbers(_column(table, "to", "datetime64[s]"), FOREVER),
        )
        rows = rows[rows["person"] >= 0].sort_values(list(rows.columns), kind="stable")
        return Homes(**{name: rows[name].to_numpy() for name in rows.columns})


PERSON_COLUMNS = {
    "involvements": ("person_id",),
    "dyads": ("suspect_id", "victim_id"),
    _MARAC: ("perpetrator_id", "victim_id"),
    "orders": ("person_id",),
    "custody": ("person_id",),
}
NEEDED = {
    "incidents": ("incident_id", "occurred_from", "is_crime", "domestic"),
    "involvements": ("incident_id", "person_id", "role"),
    "dyads": ("incident_id", "suspect_id", "victim_id"),
    _MARAC: ("hearing_id", "perpetrator_id", "victim_id", "heard_at"),
    "orders": ("order_id", "person_id", "starts_on"),
    "custody": ("person_id", "starts_on"),
    "addresses": ("person_id", "area"),
}
TABLES_READ = ("incidents", *PERSON_COLUMNS, "addresses")


def _names(tables: dict[str, pd.DataFrame], columns: dict[str, tuple[str, ...]]) -> npt.NDArray[np.str_]:
    found: set[str] = set()
    for name, table_columns in columns.items():
        for column in table_columns:
            if name in tables and column in tables[name]:
                found.update(np.asarray(tables[name][column].dropna().unique(), dtype=object))
    return np.array(sorted(found), dtype=np.str_)


def _references(tables: dict[str, pd.DataFrame]) -> npt.NDArray[np.str_]:
    keys = {"hearing:": (_MARAC, "hearing_id"), "incident:": ("incidents", "incident_id")}
    keys["order:"] = ("orders", "order_id")
    found = {
        prefix + key
        for prefix, (name, column) in keys.items()
        if name in tables
        for key in np.asarray(tables[name][column].unique(), dtype=object)
    }
    if "custody" in tables:
        found.update(_spell_refs(tables["custody"]))
    return np.array(sorted(found), dtype=np.str_)


def _spell_refs(table: pd.DataFrame) -> pd.Series[Any]:
    refs: pd.Series[Any] = "custody:" + table["person_id"] + ":" + table["starts_on"].dt.strftime("%Y-%m-%d")
    return refs


def _column(table: pd.DataFrame, name: str, dtype: str = "str") -> pd.Series[Any]:
    """Return an optional column, empty where the delivery does not have it."""
    return table[name] if name in table else pd.Series(None, index=table.index, dtype=dtype, name=name)


def _true(values: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    """Say where a flag is recorded as true, or a code as anything but none."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.fillna(False).to_numpy(dtype=np.bool_)
    return (values.notna() & ~values.isin(_NEGATIVE_CODES)).to_numpy(dtype=np.bool_)


def _sort(names: pd.Series[Any], kind: Kind) -> npt.NDArray[np.int8]:
    return np.asarray(names.map(SORT_CODE[kind]).fillna(NO_FAMILY), dtype=np.int8)


def _flags(table: pd.DataFrame) -> npt.NDArray[np.int64]:
    flags = np.where(_column(table, "reported_on").notna(), np.int64(Flag.REPORT_DATED), np.int64(0))
    for name, flag in _FLAG_COLUMNS.items():
        if name in table:
            flags |= np.where(_true(table[name]), int(flag), 0)
    if "reported_by" in table:
        for code, flag in _REPORTED_BY.items():
            by = int(flag | Flag.REPORTER)
            flags |= np.where((table["reported_by"] == code).to_numpy(dtype=np.bool_), by, 0)
    return flags


def _days_of_conduct(table: pd.DataFrame) -> tuple[Days, Days]:
    """Return the last day of the conduct and the day of the report.

    A pattern such as coercive control runs over months: its recency is that of its last day. Nothing that a
    report tells of can lie after it, so an ``occurred_to`` after the report is cut to the report.
    """
    first = day_numbers(table["occurred_from"])
    last = day_numbers(_column(table, "occurred_to", "datetime64[s]"))
    reported = day_numbers(_column(table, "reported_on", "datetime64[s]"))
    last = np.where(reported == NEVER, last, np.minimum(last, reported))
    occurred = np.maximum(first, last)
    return occurred, np.where(reported == NEVER, occurred, reported)


def _family_and_harm(
    codes: pd.Series[Any], crime: npt.NDArray[np.bool_], offences: pd.DataFrame
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int64]]:
    """Return offence family and harm in hundredths of days; a non-crime incident has the explicit harm 0."""
    row = pd.Index(offences["offence_code"]).get_indexer(pd.Index(codes))
    unmapped = FAMILY_CODE["unmapped"]
    families = offences["family"].map(FAMILY_CODE).fillna(unmapped).to_numpy(dtype=np.int8)
    days = offences["harm_days"].to_numpy(dtype=np.float64)
    hundredths = np.where(np.isnan(days), -1, np.rint(np.nan_to_num(days) * 100)).astype(np.int64)
    family = np.append(families, np.int8(unmapped))[row]
    harm = np.append(hundredths, np.int64(-1))[row]
    return (
        np.where(crime, family, FAMILY_CODE["non_crime"]).astype(np.int8),
        np.where(crime, harm, 0).astype(np.int64),
    )


def _roles(roles: pd.Series[Any]) -> npt.NDArray[np.int8]:
    codes = {role.name.lower(): int(role) for role in Role}
    return np.asarray(roles.map(codes).fillna(int(Role.OTHER)), dtype=np.int8)


def _mirrored(pairs: pd.DataFrame, event: str, kind: Kind) -> list[pd.DataFrame]:
    """Return each pair once for its suspect and once for its victim."""
    rows = pairs.rename(columns={event: "event_id"})
    suspect = rows.rename(columns={"suspect": "person", "victim": "counterpart"}).assign(role=Role.SUSPECT)
    victim = rows.rename(columns={"victim": "person", "suspect": "counterpart"}).assign(role=Role.VICTIM)
    return [suspect.assign(kind=kind), victim.assign(kind=kind)]


def _sorted_rows(pieces: list[pd.DataFrame]) -> dict[str, Any]:
    """Put all rows into the canonical order: person, day, event, then every other column; join equal versions."""
    pieces = [piece if "stated" in piece else piece.assign(stated=piece["known_from"]) for piece in pieces]
    columns = {
        name: np.concatenate([piece[name].to_numpy(dtype=ROW_TYPES[name]) for piece in pieces]) for name in ROW_COLUMNS
    }
    columns["stated"] = np.where(columns["flags"] & int(OVERWRITTEN), columns["stated"], 0)
    columns["stated"] = np.maximum(columns["stated"], columns["known_from"])
    kept = (columns["person"] >= 0) & (columns["event_id"] >= 0) & (columns["occurred"] != NEVER)
    columns = {name: values[kept] for name, values in columns.items()}
    order = row_order(columns)
    return coalesced({name: values[order] for name, values in columns.items()})
