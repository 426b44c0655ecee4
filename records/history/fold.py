# ruff: noqa: S608 - every name in the SQL comes from the contract, every path is a literal
"""What all deliveries together say was known when: later ones add, correct and withdraw, none rewrites the past.

A pure function of the set of deliveries. Each source tells its own story of a row (a table and a key); a delivery
may only change what that story says after the source's previous delivery of the table:

* a version dated after the previous delivery holds from its own date;
* a version dated before it, and new to us, holds from the extract date: we learnt it only then;
* a row that a full delivery no longer holds was withdrawn on its extract date, unless a row of that table is in
  quarantine whose key cannot be read: it may be that one;
* a row that says what it said before says nothing.

So as of any earlier date the answer stays what it was. Where two sources tell of the same row, the statement that
began last holds; when its source withdraws it, the other source's statement holds again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from records.contract import ASSUMED, TABLES, Table
from records.errors import CommunitiesUnreadable, DeliveryUnreadable
from records.history.deliveries import Delivery
from records.split import FOLDER as COMMUNITIES
from records.storage.database import literal, quoted

ORPHANS = "orphans"
UNTOLD = Path("quarantine", "untold.parquet")
"""In a delivery: the rows in quarantine whose key cannot be read (``table_name``, ``source``, ``row``)."""
MENDED = Path("quarantine", "mended.parquet")
"""In a replay: the source rows of which nothing is kept out any more (``source``, ``row``)."""
_BEGINNING = date(1800, 1, 1)
_OWN = ("seq", "part", "delivery", "row", "file", "line")


@dataclass(frozen=True)
class Folded:
    """What the deliveries come to.

    Parameters
    ----------
    tables
        For each table the DuckDB relation with the contract's columns, and the columns that were ever delivered.
    orphans
        DuckDB table: ``delivery``, ``table_name``, ``row``, ``file``, ``line``, ``column_name``, ``position`` of
        each row that points to a row nobody has delivered yet.
    """

    tables: Mapping[str, tuple[str, tuple[str, ...]]]
    orphans: str = ORPHANS


@dataclass(frozen=True)
class Unit:
    """A delivery with the rows of it that were mended since.

    Parameters
    ----------
    seq
        Its place among all units: by extract date, then revision, then name.
    parts
        The delivery, then its replays.
    """

    seq: int
    parts: tuple[Delivery, ...]

    @property
    def source(self) -> str:
        """Who delivered it."""
        return self.parts[0].manifest.source

    @property
    def extract_date(self) -> date:
        """The day it was taken."""
        return self.parts[0].manifest.extract_date

    def holds(self, table: str) -> bool:
        """Say whether it delivered the table."""
        return any(table in part.tables for part in self.parts)

    def full(self, table: str) -> bool:
        """Say whether a row of the table that it lacks was withdrawn."""
        root = self.parts[0]
        return root.manifest.kind == "full" and table in root.tables


def came_back(replay: Delivery) -> str:
    """Select the source rows (`source`, `row`) that a replay holds, mended or not."""
    bad, links = (_parquet(replay.path / MENDED.parent / f"{name}.parquet") for name in ("bad", "links"))
    return (
        f"SELECT source, row FROM {_parquet(replay.path / MENDED)} UNION SELECT source, row FROM {bad} "
        f"UNION SELECT source, source_row FROM {links}"
    )


def arranged(deliveries: Sequence[Delivery]) -> list[Unit]:
    """Return the deliveries in the order of what they say, replays with the delivery they mend."""
    once = {each.name: each for each in deliveries}.values()
    ordered = sorted(once, key=lambda each: (each.manifest.extract_date, each.manifest.revision, each.name))
    roots = [each for each in ordered if each.replays is None]
    replays = [each for each in ordered if each.replays is not None]
    return [
        Unit(seq, (root, *(replay for replay in replays if replay.replays == root.name)))
        for seq, root in enumerate(roots)
    ]


def find_orphans(db: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery]) -> str:
    """Return the relation with the rows that point to a row nobody has delivered yet (see `Folded`)."""
    return _fold(db, deliveries, tell=False).orphans


def fold(db: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery]) -> Folded:
    """Fold deliveries into one history of every table.

    Parameters
    ----------
    db
        The workbench; relations are made in it.
    deliveries
        Those that count, in any order.

    Raises
    ------
    DeliveryUnreadable, CommunitiesUnreadable
        If a stored table may not or cannot be read.
    """
    return _fold(db, deliveries, tell=True)


def _fold(db: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery], tell: bool) -> Folded:
    units = arranged(deliveries)
    latest = max((unit.extract_date for unit in units), default=_BEGINNING)
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE {ORPHANS} (delivery VARCHAR, table_name VARCHAR, row BIGINT, file VARCHAR, "
        "line BIGINT, column_name VARCHAR, position INTEGER)"
    )
    tables: dict[str, tuple[str, tuple[str, ...]]] = {}
    for table in TABLES.values():
        telling = [unit for unit in units if unit.holds(table.name)]
        if telling:
            story = _Story(db, table, telling, latest)
            story.gather()
            story.set_orphans_aside(tables)
            tables[table.name] = (story.tell() if tell else story.kept, story.delivered)
    return Folded(tables)


@dataclass(frozen=True)
class Shrinkage:
    """Rows of a table that a full delivery would withdraw, and how many its source held before."""

    withdrawn: int
    before: int

    def exceeds(self, limit: float, least: int) -> bool:
        """Say whether at least `least` rows and more than the share `limit` would go."""
        return self.withdrawn >= least and self.withdrawn > limit * self.before


def shrinkage(db: duckdb.DuckDBPyConnection, before: Sequence[Delivery], arriving: Delivery) -> dict[str, Shrinkage]:
    """Return what a delivery would withdraw from each table of its source.

    Parameters
    ----------
    db
        The workbench.
    before
        The deliveries that count already.
    arriving
        The delivery, wherever its date puts it among them.
    """
    units = arranged([*before, arriving])
    own = [unit for unit in units if unit.source == arriving.manifest.source]
    (new,) = [unit for unit in own if arriving in unit.parts]
    found = {}
    for name in arriving.tables:
        earlier = [unit for unit in own if unit.seq < new.seq and unit.holds(name)]
        if earlier and new.full(name) and arriving.replays is None:
            story = _Story(db, TABLES[name], [*earlier, new], new.extract_date)
            story.gather()
            found[name] = story.withdrawn_by(new)
    return found


@dataclass
class _Story:
    """The history of one table while it is being put together."""

    db: duckdb.DuckDBPyConnection
    table: Table
    units: list[Unit]
    latest: date
    given: str = ""
    kept: str = ""
    content: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        name = self.table.name
        self.given, self.kept = f"given_{name}", f"kept_{name}"
        self.content = [quoted(each.name) for each in self.table.columns if each.name not in self.table.key]

    @property
    def delivered(self) -> tuple[str, ...]:
        """The columns that were ever delivered, in the contract's order."""
        held = {name for unit in self.units for part in unit.parts for name in part.tables.get(self.table.name, ())}
        return tuple(name for name in self.table.names if name in held)

    @property
    def key(self) -> str:
        return ", ".join(quoted(name) for name in self.table.key)

    @property
    def names(self) -> str:
        return ", ".join(quoted(name) for name in self.table.names)

    def same_key(self, one: str, other: str) -> str:
        """Compare keys so that two missing parts are the same."""
        tests = (f"{one}.{quoted(name)} IS NOT DISTINCT FROM {other}.{quoted(name)}" for name in self.table.key)
        return " AND ".join(tests)

    def view(self, name: str, query: str) -> str:
        """Make a view, and say its name."""
        self.db.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")
        return name

    def count(self, query: str) -> int:
        """Count the rows of a query."""
        (rows,) = self.db.execute(f"SELECT count(*) FROM {query}").fetchall()[0]
        return int(rows)

    def gather(self) -> None:
        """Put the rows of all deliveries side by side; what a replay mended replaces the row it mends."""
        name = self.table.name
        mended = [unit for unit in self.units if len(unit.parts) > 1]
        as_delivered = [unit for unit in self.units if unit not in mended]
        if not mended:
            self.view(self.given, self._rows(self.table, as_delivered))
            return
        rows = [self._rows(self.table, as_delivered)] if as_delivered else []
        self.view(f"all_{name}", " UNION ALL ".join([*rows, self._dated_together(self.table, mended)]))
        self.db.execute(
            f"CREATE OR REPLACE TEMP TABLE mended_{name} AS "
            f"SELECT * FROM all_{name} AS older WHERE NOT EXISTS (SELECT 1 FROM all_{name} AS newer "
            "WHERE newer.mends AND newer.seq = older.seq AND newer.file = older.file AND newer.line = older.line "
            f"AND newer.part > older.part) QUALIFY row_number() OVER (PARTITION BY seq, {self.key}, known_from "
            "ORDER BY part DESC, file, line) = 1"
        )
        columns = ", ".join((*_OWN, self.names))
        self.view(
            self.given,
            f"SELECT {columns} FROM (SELECT * REPLACE (least(known_to, lead(known_from) OVER "
            f"(PARTITION BY seq, {self.key} ORDER BY known_from)) AS known_to) FROM mended_{name})",
        )

    def _rows(self, table: Table, units: list[Unit]) -> str:
        """Select the stored rows of a table."""
        names = ", ".join(quoted(each) for each in table.names)
        return " UNION ALL ".join(
            f"SELECT {unit.seq} AS seq, {place} AS part, {literal(part.name)} AS delivery, row, file, line, {names}, "
            f"{'true' if place and table.name not in part.merged else 'false'} AS mends "
            f"FROM {self._stored(part, table)}"
            for unit in units
            for place, part in enumerate(unit.parts)
            if table.name in part.tables
        )

    def _dated_together(self, table: Table, units: list[Unit]) -> str:
        """Select the rows of mended deliveries as they would have been dated had they come whole."""
        rows = self._rows(table, units)
        if table.recorded_with is None or table.recorded_on is None:
            return rows
        having = [unit for unit in units if unit.holds(table.recorded_with)]
        if not having:
            return rows
        columns = ", ".join((*_OWN, *(quoted(each) for each in table.names), "mends"))
        on = quoted(table.recorded_on)
        first = (
            f"SELECT seq, {on}, min(known_from) AS first FROM "
            f"({self._dated_together(TABLES[table.recorded_with], having)}) GROUP BY ALL"
        )
        known = f"CASE WHEN {ASSUMED} THEN least(known_from, coalesce(first, known_from)) ELSE known_from END"
        return (
            f"SELECT {columns} FROM (SELECT * REPLACE ({known} AS known_from) "
            f"FROM ({rows}) LEFT JOIN ({first}) USING (seq, {on}))"
        )

    def _stored(self, part: Delivery, table: Table) -> str:
        """Return the stored rows of a delivery, once they have shown that they can be read."""
        stored = f"read_parquet({literal(str(part.file(table.name)))})"
        try:
            self.db.execute(f"SELECT known_from FROM {stored} LIMIT 0")
        except duckdb.Error as error:
            if table.name == COMMUNITIES:
                raise CommunitiesUnreadable(
                    f"The communities of the delivery {part.name} cannot be read.",
                    "Check the permissions of the communities folder, or restore it from backup.",
                ) from error
            raise DeliveryUnreadable(
                f"{table.name}.parquet of the delivery {part.name} cannot be read.", "Restore it from backup."
            ) from error
        return stored

    def set_orphans_aside(self, tables: Mapping[str, object]) -> None:
        """Keep the rows whose targets are there, and list the others."""
        name = self.table.name
        pointing = [column for column in self.table.columns if column.points_to in tables]
        for position, column in enumerate(pointing):
            self.db.execute(
                f"INSERT INTO {ORPHANS} SELECT delivery, {literal(name)}, row, file, line, {literal(column.name)}, "
                f"{position} FROM {self.given} AS given WHERE NOT EXISTS "
                f"(SELECT 1 FROM ids_{column.points_to} AS target WHERE target.id = given.{quoted(column.name)})"
            )
        if not self.count(f"{ORPHANS} WHERE table_name = {literal(name)}"):
            self.kept = self.given
        else:
            self._leave_out_orphans()
        if any(column.points_to == name for each in TABLES.values() for column in each.columns):
            own = quoted(self.table.key[0])
            once = "DISTINCT " if len(self.units) > 1 else ""  # one delivery hardly repeats an id
            self.db.execute(f"CREATE OR REPLACE TEMP TABLE ids_{name} AS SELECT {once}{own} AS id FROM {self.kept}")

    def _leave_out_orphans(self) -> None:
        """Keep the rest; a version that ended where an orphan began goes on."""
        lost = f"(SELECT DISTINCT delivery, row FROM {ORPHANS} WHERE table_name = {literal(self.table.name)})"
        kept = f"SELECT given.* FROM {self.given} AS given ANTI JOIN {lost} AS lost USING (delivery, row)"
        if all(column.name in self.table.key for column in self.table.columns if column.points_to):
            self.view(self.kept, kept)  # all versions of such a key are orphans, or none is
            return
        columns = ", ".join((*_OWN, self.names))
        following = f"lead(known_from) OVER (PARTITION BY seq, {self.key} ORDER BY known_from)"
        self.view(
            self.kept,
            f"WITH kept AS ({kept}), gone AS (SELECT given.* FROM {self.given} AS given "
            f"SEMI JOIN {lost} AS lost USING (delivery, row)) "
            f"SELECT {columns} FROM (SELECT * REPLACE (CASE WHEN EXISTS (SELECT 1 FROM gone WHERE gone.seq = kept.seq "
            f"AND gone.known_from = kept.known_to AND {self.same_key('gone', 'kept')}) THEN {following} "
            "ELSE known_to END AS known_to) FROM kept)",
        )

    def tell(self) -> str:
        """Return the relation with the folded versions of the table."""
        name = self.table.name
        if len(self.units) == 1 and (self.units[0].extract_date == self.latest or not self._undated()):
            return self.view(f"folded_{name}", f"SELECT {self.names} FROM {self.kept}")
        self._name_units()
        if len(self.units) == 1:
            told = f"SELECT seq, {self.names} FROM {self.kept}"
        else:
            self._note_events()
            told = self._one_source_each()
        self.db.execute(f"CREATE OR REPLACE TEMP TABLE told_{name} AS {told}")
        if len({unit.source for unit in self.units}) > 1:
            self._settle_between_sources()
        self.db.execute(f"CREATE OR REPLACE TEMP TABLE versions_{name} AS {self._dated()}")
        self.db.execute(f"DROP TABLE told_{name}")
        return self.view(f"folded_{name}", f"SELECT * FROM versions_{name}")

    def _name_units(self) -> None:
        """Say of each delivery what it may change: what lies after the source's previous one."""
        self.db.execute(
            f"CREATE OR REPLACE TEMP TABLE units_{self.table.name} "
            "(seq INTEGER, teller VARCHAR, previous DATE, taken DATE, next_full INTEGER, next_taken DATE)"
        )
        self.db.executemany(f"INSERT INTO units_{self.table.name} VALUES (?, ?, ?, ?, ?, ?)", list(self._spans()))

    def _spans(self) -> Iterator[tuple[int, str, date, date, int | None, date | None]]:
        for unit in self.units:
            of_source = [other for other in self.units if other.source == unit.source]
            before = [other.extract_date for other in of_source if other.seq < unit.seq]
            after = [other for other in of_source if other.seq > unit.seq and self._withdraws(other)]
            following = (after[0].seq, after[0].extract_date) if after else (None, None)
            yield (unit.seq, unit.source, before[-1] if before else _BEGINNING, unit.extract_date, *following)

    def _withdraws(self, unit: Unit) -> bool:
        """Say whether a row that the unit lacks was withdrawn: it is full, and the key of each of its rows is read.

        A row whose key came back readable says which row it is, whatever else is still wrong with it.
        """
        root, *replays = unit.parts
        if not unit.full(self.table.name) or not (root.path / UNTOLD).exists():
            return unit.full(self.table.name)
        left = self._untold(root)
        for replay in replays:
            if (replay.path / MENDED).exists():  # not yet in one that is being written
                still = f" EXCEPT {self._untold(replay)}" if (replay.path / UNTOLD).exists() else ""
                left += f" EXCEPT ({came_back(replay)}{still})"
        return not self.count(f"({left})")

    def _untold(self, part: Delivery) -> str:
        told = literal(self.table.name)
        return f"SELECT source, row FROM {_parquet(part.path / UNTOLD)} WHERE table_name = {told}"

    def _note_events(self) -> None:
        """List what happened to each row: it was said to be so, or it was gone."""
        name, content = self.table.name, ", ".join(self.content) or "0 AS nothing"
        nothing = ", ".join(f"NULL AS {each}" for each in self.content) or "0 AS nothing"
        self.view(f"seen_{name}", self._seen())
        self.db.execute(
            f"CREATE OR REPLACE TEMP TABLE events_{name} AS WITH version AS (SELECT given.*, teller, previous, taken, "
            f"lead(known_from) OVER (PARTITION BY seq, {self.key} ORDER BY known_from) AS following "
            f"FROM {self.kept} AS given JOIN units_{name} USING (seq)) "
            # said to be so from its own day, where that lies after the previous delivery
            f"SELECT seq, teller, known_from AS day, true AS alive, {ASSUMED}, {self.key}, {content} "
            "FROM version WHERE known_from > previous UNION ALL "
            # the state that it dates before the previous delivery: learnt on the day of the extract
            f"SELECT seq, teller, taken, true, false, {self.key}, {content} FROM version "
            "WHERE known_from <= previous AND following IS NULL AND known_to IS NULL UNION ALL "
            # ended without a successor; learnt of on the day of the extract where that lies before the previous one
            "SELECT seq, teller, CASE WHEN known_to > previous THEN known_to ELSE taken END, false, false, "
            f"{self.key}, {nothing} FROM version WHERE known_to IS NOT NULL "
            "AND (following IS NULL OR (known_to < following AND known_to > previous)) UNION ALL "
            # no longer in the next full delivery
            f"SELECT next_full, teller, next_taken, false, false, {self.key}, {nothing} FROM (SELECT *, "
            f"lead(seq) OVER (PARTITION BY teller, {self.key} ORDER BY seq) AS again FROM seen_{name}) "
            "WHERE next_full IS NOT NULL AND (again IS NULL OR again > next_full)"
        )

    def _seen(self) -> str:
        """Select each key with the units that hold it, in quarantine or not: what is kept out is not withdrawn."""
        kept_out = [
            f"SELECT {unit.seq} AS seq, {self.key} FROM read_parquet({literal(str(path))})"
            for unit in self.units
            for part in unit.parts
            if (path := part.kept_out(self.table.name)) is not None
        ]
        every = " UNION ALL ".join([f"SELECT seq, {self.key} FROM {self.given}", *kept_out])
        return (
            f"SELECT DISTINCT seq, teller, next_full, next_taken, {self.key} FROM ({every}) "
            f"JOIN units_{self.table.name} USING (seq)"
        )

    def _one_source_each(self) -> str:
        """Select the versions that each source tells of: repeats left out, each ended by what came next."""
        row = f"row({', '.join(self.content) or '0'})"
        story = f"PARTITION BY teller, {self.key}"
        return (
            f"WITH last AS (SELECT * FROM events_{self.table.name} QUALIFY lead(day) OVER ({story} ORDER BY day, seq) "
            "IS DISTINCT FROM day), "
            f"news AS (SELECT * FROM last WINDOW told AS ({story} ORDER BY day) "
            "QUALIFY NOT coalesce(alive AND lag(alive) OVER told AND lag(seq) OVER told <> seq "
            f"AND lag({row}) OVER told IS NOT DISTINCT FROM {row}, false)), "
            f"closed AS (SELECT * RENAME (day AS known_from), lead(day) OVER ({story} ORDER BY day) AS known_to "
            "FROM news) "
            f"SELECT seq, {self.names} FROM closed WHERE alive"
        )

    def _settle_between_sources(self) -> None:
        """Let the statement that began last hold, where several sources tell of the same row."""
        name = self.table.name
        told = f"told_{name}"
        self.db.execute(
            f"CREATE OR REPLACE TEMP TABLE shared_{name} AS SELECT {self.key} FROM {told} "
            f"JOIN units_{name} USING (seq) GROUP BY ALL HAVING count(DISTINCT teller) > 1"
        )
        shared = (
            f"SELECT told.* FROM {told} AS told SEMI JOIN shared_{name} AS shared ON {self.same_key('told', 'shared')}"
        )
        self.db.execute(
            f"CREATE OR REPLACE TEMP TABLE settled_{name} AS WITH several AS ({shared}), "
            f"days AS (SELECT {self.key}, known_from AS day FROM several UNION "
            f"SELECT {self.key}, known_to FROM several WHERE known_to IS NOT NULL), "
            f"spans AS (SELECT *, lead(day) OVER (PARTITION BY {self.key} ORDER BY day) AS until FROM days), "
            "held AS (SELECT several.*, spans.day, spans.until FROM spans JOIN several ON "
            f"{self.same_key('spans', 'several')} AND several.known_from <= spans.day "
            "AND (several.known_to IS NULL OR several.known_to > spans.day) "
            "QUALIFY row_number() OVER (PARTITION BY "
            + ", ".join(f"spans.{quoted(each)}" for each in self.table.key)
            + ", spans.day ORDER BY several.known_from DESC, several.seq DESC) = 1), "
            f"runs AS (SELECT *, count_if(turned) OVER (PARTITION BY {self.key} ORDER BY day) AS run FROM (SELECT *, "
            "coalesce(lag((seq, known_from)) OVER near <> (seq, known_from) OR lag(until) OVER near <> day, true) "
            f"AS turned FROM held WINDOW near AS (PARTITION BY {self.key} ORDER BY day))) "
            f"SELECT * EXCLUDE (day, until, run, turned) REPLACE (min(day) OVER whole AS known_from, "
            f"until AS known_to) FROM runs WINDOW whole AS (PARTITION BY {self.key}, run) "
            "QUALIFY row_number() OVER (whole ORDER BY day DESC) = 1"
        )
        self.db.execute(
            f"DELETE FROM {told} AS told USING shared_{name} AS shared WHERE {self.same_key('told', 'shared')}"
        )
        self.db.execute(f"INSERT INTO {told} SELECT seq, {self.names} FROM settled_{name}")

    def _undated(self) -> str:
        """Return the test for a value that is overwritten without a date; empty where no column is."""
        tests = [
            f"({quoted(each.name)} IS NOT NULL" + (f" AND {quoted(each.dated_by)} IS NULL)" if each.dated_by else ")")
            for each in self.table.columns
            if each.overwritten
        ]
        return " OR ".join(tests)

    def _dated(self) -> str:
        """Select the versions so that an undated value counts from the extract that first brought it.

        What is only assumed to have been known is unknown before the snapshot's extract date. A delivery taken
        before the latest had told it on its own day: from there on it is a version that is not assumed.
        """
        name, undated = self.table.name, self._undated()
        told = f"FROM told_{name} JOIN units_{name} USING (seq)"
        if not undated:
            return f"SELECT {self.names} {told}"
        latest = f"DATE {literal(self.latest.isoformat())}"
        parts = (
            f"{ASSUMED} AND taken < {latest} AND known_from < taken AND (known_to IS NULL OR known_to > taken) "
            f"AND ({undated})"
        )
        first = self._replacing(known_to="taken")
        rest = self._replacing(known_from="taken", known_from_assumed="false")
        whole = self._replacing(known_from_assumed=f"{ASSUMED} AND NOT (taken < {latest} AND known_from >= taken)")
        return (
            f"SELECT {whole} {told} WHERE NOT coalesce({parts}, false) UNION ALL "
            f"SELECT {first} {told} WHERE {parts} UNION ALL SELECT {rest} {told} WHERE {parts}"
        )

    def _replacing(self, **by: str) -> str:
        return ", ".join(f"{by[name]} AS {quoted(name)}" if name in by else quoted(name) for name in self.table.names)

    def withdrawn_by(self, new: Unit) -> Shrinkage:
        """Count the rows of the story so far that `new` lacks."""
        self.kept = self.given
        self._name_units()
        self._note_events()
        stood = (
            f"SELECT {self.key}, alive FROM events_{self.table.name} WHERE seq < {new.seq} "
            f"QUALIFY row_number() OVER (PARTITION BY {self.key} ORDER BY day DESC, seq DESC) = 1"
        )
        lacking = (
            f"SELECT before.* FROM ({stood}) AS before ANTI JOIN (SELECT * FROM seen_{self.table.name} "
            f"WHERE seq = {new.seq}) AS seen ON {self.same_key('before', 'seen')} WHERE alive"
        )
        return Shrinkage(self.count(f"({lacking})"), self.count(f"({stood}) WHERE alive"))


def _parquet(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"
