"""Rows of the contract's tables, sound and spoilt, each with what must become of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any, Literal

from benchmarks.hostile import cells
from benchmarks.hostile.cells import EXTRACT_DATE, MARK, Cell
from records.contract import TABLES, Column, Table

Fate = Literal["accepted", "kept out", "copy", "unsure"]
FIRST_DAY = date(2015, 1, 1)


@dataclass
class Row:
    """One row as it will be delivered.

    Attributes
    ----------
    cells
        Text and meaning of each column, in the file's order.
    fate
        ``accepted``; ``kept out``; ``copy`` (of rows that are ``copy`` and equal, exactly one is accepted);
        ``unsure`` (either, but if accepted then unchanged).
    reasons
        For which reasons it may be kept out; empty where any will do.
    column
        The column at fault, where one is.
    raw
        The row as it stands in the file where its cells do not say so (broken quotes, wrong length).
    line
        The line on which it starts; filled in by whoever writes the file.
    """

    cells: dict[str, Cell]
    fate: Fate = "accepted"
    reasons: tuple[str, ...] = ()
    column: str | None = None
    raw: str | None = None
    line: int = 0

    def values(self) -> dict[str, Any]:
        """Return what its columns must hold once accepted."""
        return {name: cell.value for name, cell in self.cells.items()}


@dataclass
class Rows:
    """The rows of one table and the columns that its file holds."""

    table: Table
    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)


@dataclass
class Maker:
    """Makes the tables of one extract so that every row's fate is certain.

    Sound rows point to sound rows only. Spoilt rows are spoilt in one way each, have keys of their own, and no
    other row points to them, unless it is meant to be an orphan.
    """

    rng: random.Random
    codes: Mapping[str, Sequence[str]]
    tidy: frozenset[str] = frozenset()
    """Tables whose files can hold neither control characters nor bytes that are not text."""
    solid: dict[str, list[str]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    _used: set[tuple[str, ...]] = field(default_factory=set)
    _number: int = 0

    def make(self, names: Sequence[str], most: int = 24) -> dict[str, Rows]:
        """Make the tables `names` (in the contract's order), with at most about `most` rows each."""
        return {name: self._rows(TABLES[name], self.rng.randint(4, most)) for name in TABLES if name in names}

    def _rows(self, table: Table, size: int) -> Rows:
        columns = self._columns(table)
        made = Rows(table, columns)
        self._used.clear()
        spoilt: list[Row] = []
        for number in range(size):
            row = self._sound(table, columns)
            if row is None:
                break
            key = row.cells[table.key[0]].text
            # the first few are sound, so that there is something to point to
            if number >= 3 and self.rng.random() < 0.35:
                spoilt += self._spoilt(table, row)
                if spoilt and spoilt[-1].fate == "kept out":
                    self.lost.append(key)
            else:
                made.rows.append(row)
                self.solid.setdefault(table.name, []).append(key)
        for row in spoilt:
            made.rows.insert(self.rng.randint(0, len(made.rows)), row)
        return made

    def _columns(self, table: Table) -> tuple[str, ...]:
        """Choose the columns that the file holds: all that are required, most of the others, in any order."""
        names = [each.name for each in table.columns if each.required or self.rng.random() < 0.85]
        if self.rng.random() < 0.3:
            names.append("known_from")
            if self.rng.random() < 0.5:
                names.append("known_to")
        self.rng.shuffle(names)
        return tuple(names)

    def _sound(self, table: Table, columns: Sequence[str]) -> Row | None:
        """Return a sound row with a key of its own, None where every key is taken."""
        for _ in range(60):
            days = self._days(table, columns)
            row = Row({name: self._cell(table, table.column(name), days) for name in columns})
            key = tuple(str(row.cells[name].value) if name in row.cells else "" for name in table.key)
            if key not in self._used:
                self._used.add(key)
                return row
        return None

    def _days(self, table: Table, columns: Sequence[str]) -> dict[str, date | None]:
        """Return a day for each date column, in an order that can be; every other of those not required is blank."""
        start = FIRST_DAY + timedelta(days=self.rng.randrange(2000))
        days: dict[str, date | None] = {}
        later = {pair[1] for pair in table.in_order}
        for name in columns:
            column = table.column(name)
            if column.kind != "date":
                continue
            if not column.required and name != "known_from" and self.rng.random() < 0.3:
                days[name] = None
            else:
                days[name] = start + timedelta(days=self.rng.randint(1, 300) if name in later else 0)
        if "known_from" in columns:
            days["known_from"] = start + timedelta(days=self.rng.randint(300, 600))
        if days.get("known_to") is not None:
            days["known_to"] = start + timedelta(days=self.rng.randint(601, 900))
        return days

    def _cell(self, table: Table, column: Column, days: Mapping[str, date | None]) -> Cell:
        rng = self.rng
        if column.kind == "date":
            day = days[column.name]
            if day is None:
                return Cell(rng.choice(("", "", " ")), None)
            if column.name == "date_of_birth" and rng.random() < 0.6 and days.get("deceased_on") is None:
                return Cell(*rng.choice(list(cells.LONDON_DAYS.items())))
            if column.may_be_future and rng.random() < 0.2:
                return (
                    Cell("9999-12-31", date(9999, 12, 31))
                    if rng.random() < 0.5
                    else Cell("2096-02-29", date(2096, 2, 29))
                )
            return Cell(cells.dressed(day, rng) if rng.random() < 0.3 else day.isoformat(), day)
        if column.kind == "flag":
            return self._or_blank(column, Cell(*rng.choice(list(cells.FLAGS.items()))))
        if column.kind == "int":
            return self._or_blank(column, Cell(*rng.choice(list(cells.COUNTS.items()))))
        return self._words(table, column)

    def _or_blank(self, column: Column, cell: Cell) -> Cell:
        return Cell("", None) if not column.required and self.rng.random() < 0.2 else cell

    def _words(self, table: Table, column: Column) -> Cell:
        rng = self.rng
        if column.points_to is not None and column.points_to in self.solid:
            text = rng.choice(self.solid[column.points_to])
            return Cell(text, text.strip())
        if column.name == table.key[0]:
            self._number += 1
            text = rng.choice(cells.TEXTS) if rng.random() < 0.3 else f"{MARK}{self._number:06}"
            return Cell(text, text.strip())
        if column.kind == "code" and rng.random() < 0.8:
            known = sorted(column.codes) if column.codes is not None else list(self.codes[str(column.reference)])
            text = rng.choice(known)
        elif column.kind == "text" and rng.random() < 0.2:
            text = rng.choice((*cells.BIDI_TEXTS, *cells.MULTI_LINE))
        elif column.sealed and rng.random() < 0.5:
            text = f"{MARK}name {rng.randrange(1000)}"
        elif rng.random() < 0.5:
            text = rng.choice(cells.TEXTS)
        else:
            text = rng.choice(("east", "west", "niche", " padded ", "Northshire"))
        return self._or_blank(column, Cell(text, text.strip()))

    def _spoilt(self, table: Table, row: Row) -> list[Row]:
        ways: dict[str, list[Callable[[], list[Row]]]] = {}
        for reason, way in self._ways(table, row):
            ways.setdefault(reason, []).append(way)
        return self.rng.choice(ways[self.rng.choice(sorted(ways))])()

    def _ways(self, table: Table, row: Row) -> Iterator[tuple[str, Callable[[], list[Row]]]]:
        """Yield every way in which this row can be spoilt, under the reason that it is kept out for."""
        for name in row.cells:
            column = table.column(name)
            for text, reason in self._bad_texts(table, column):
                yield reason, partial(self._with, row, name, text, reason)
            if column.points_to is not None and column.points_to in self.solid:
                yield "orphan", partial(self._orphaned, row, name)
        yield "copy", lambda: [Row(row.cells, "copy", ("duplicate_row",)) for _ in range(self.rng.randint(2, 4))]
        rival = self._rival(table, row)
        if rival is not None:
            yield "rival", lambda: [Row(each, "kept out", ("conflicting_duplicate",)) for each in (row.cells, rival)]
        for earlier, later in (*table.in_order, ("known_from", "known_to")):
            first = row.cells.get(earlier)
            if later in row.cells and first is not None and first.value is not None and first.value > date(1950, 1, 1):
                before = first.value - timedelta(days=self.rng.randint(1, 400))
                if later == "known_to" and self.rng.random() < 0.5:
                    before = first.value
                text = before.isoformat()
                yield "order", partial(self._with, row, later, text, "impossible_order")

    def _bad_texts(self, table: Table, column: Column) -> Iterator[tuple[str, str]]:
        rng = self.rng
        if column.kind == "date":
            yield rng.choice(cells.NO_DAYS), "bad_date"
            if not column.may_be_future and column.name != "known_to":
                yield (EXTRACT_DATE + timedelta(days=rng.choice((1, 2, 400, 900_000)))).isoformat(), "future_date"
                yield "2024-03-31T23:30:00Z", "future_date"  # the clocks went forward that morning: it is 1 April
        if column.kind == "flag":
            yield rng.choice(cells.NO_FLAGS), "bad_flag"
        if column.kind == "int":
            yield rng.choice(cells.NO_COUNTS), "bad_integer"
        if column.required:
            yield rng.choice(("", " ", "   ")), "missing_required"
        if column.kind in ("id", "code"):
            yield f"x{rng.choice(cells.INVISIBLE)}y", "invisible_character"
        if table.name in self.tidy:
            return
        yield f"x{rng.choice(cells.CONTROLS)}y", "control_character"
        if column.kind in ("id", "code"):
            yield rng.choice(("a\tb", "a\nb")), "control_character"
        yield f"x{cells.undecodable(rng.choice(cells.BYTES))}y", "undecodable"

    def _with(self, row: Row, name: str, text: str, reason: str) -> list[Row]:
        """Return the row with another text in one column, which keeps it out."""
        reasons: tuple[str, ...] = (reason,)
        if reason in ("control_character", "undecodable"):
            # a date with a control character is no date either
            reasons = (reason, "bad_date", "bad_flag", "bad_integer", "control_character", "undecodable")
        return [Row({**row.cells, name: Cell(text, None)}, "kept out", reasons, name)]

    def _orphaned(self, row: Row, name: str) -> list[Row]:
        return self._with(row, name, self._nobody(), "orphan")

    def _nobody(self) -> str:
        """Return an id that no accepted row has: of nobody, or of a row that is kept out itself."""
        self._number += 1
        known = {each.strip() for ids in self.solid.values() for each in ids}
        while self.lost and self.rng.random() < 0.6:  # each is pointed to once, so that no two orphans are rivals
            each = self.lost.pop(self.rng.randrange(len(self.lost)))
            if each.strip() not in known:
                return each
        return f"{MARK}nobody{self._number}"

    def _rival(self, table: Table, row: Row) -> dict[str, Cell] | None:
        """Return a row with the same key and date of knowledge that says something else."""
        fixed = {*table.key, "known_from", "known_to", table.recorded_by}
        free = [name for name in row.cells if name not in fixed and table.column(name).kind == "text"]
        if not free or (table.recorded_by is not None and table.recorded_by not in row.cells):
            return None
        return {**row.cells, self.rng.choice(free): Cell(f"rival {MARK}", f"rival {MARK}")}


def unsplittable(rng: random.Random, columns: Sequence[str], row: Row, opened: bool) -> Row:
    """Return a row that cannot be split into the header's fields.

    Parameters
    ----------
    opened
        True where a quotation that never closes may be used: once a file, so that none closes another.
    """
    size, at = len(columns), rng.randrange(len(columns))
    ways = [
        (["x"] * (size + rng.choice((1, 2, 50))), "too_many_fields"),
        (["x"] * (size - 1), "too_few_fields"),
        (["x"], "too_few_fields"),
    ]
    broken = ['"ab"c', '"a"b"', '"a" ', '"a""b"c', '"ab" "c"']
    broken += ['"never closed'] * 3 if opened else []
    ways += [(["x"] * at + [text] + ["x"] * (size - at - 1), "bad_quoting") for text in broken]
    fields, reason = rng.choice(ways)
    return Row(row.cells, "kept out", (reason,), None, ",".join(fields))
