# ruff: noqa: S608 - every name is quoted, every value a literal
"""Text into the contract's kinds, as SQL over a staged column: its value, and why it has none.

What SQL cannot say exactly (a date in an unusual but legal form) is decided by `records.reading.parsing`, once for each
distinct text.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import duckdb
import pyarrow

from records.declaration import Column
from records.reading.parsing import EARLIEST, FLAGS, Refused, london_day
from records.reading.staging import plain_columns
from records.reading.undecoded import PATTERN as UNDECODED
from records.storage.database import literal, quoted
from records.storage.spill import number

SQL_TYPES = {"id": "VARCHAR", "text": "VARCHAR", "code": "VARCHAR", "date": "DATE", "flag": "BOOLEAN", "int": "BIGINT"}
"""The DuckDB type of each kind."""
_UNUSUAL = "[^ -~]|^ | $"
_BLANKS = literal("".join(each for each in map(chr, range(sys.maxunicode + 1)) if each.isspace()))
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_CONTROL_OR_BREAK = r"[\x00-\x1f\x7f]"
_INVISIBLE = (
    r"[\x{80}-\x{9f}\x{ad}\x{61c}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{180e}\x{200b}-\x{200f}\x{2028}-\x{202e}"
    r"\x{2060}-\x{206f}\x{3164}\x{feff}\x{ffa0}\x{fff9}-\x{fffb}\x{e0000}-\x{e007f}]"
)
_INTEGER = r"[0-9]{1,9}(\.0+)?"
_CLOCK = r"(19[1-9]|20[0-9])[0-9]-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
_OFFSET = r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"


@dataclass
class Read:
    """A staged column as its kind.

    Attributes
    ----------
    column
        Its declaration.
    value, reason
        SQL over the staged relation: the value (NULL where missing or refused), the reason why it is refused or NULL.
    join
        SQL of a join that `value` needs, or blank.
    """

    column: Column
    value: str
    reason: str
    join: str = ""


def read_columns(db: duckdb.DuckDBPyConnection, relation: str, columns: dict[str, Column]) -> list[Read]:
    """Say how to read staged columns as their kinds.

    Parameters
    ----------
    db
        A `records.storage.database.workbench`.
    relation
        A staged relation.
    columns
        Declarations by the (unquoted) name of the column in `relation`.
    """
    if not columns:
        return []
    rare = _rare(db, relation, [name for name in columns if name not in plain_columns(db, relation)])
    return [_read(db, relation, name, column, name in rare) for name, column in columns.items()]


def _rare(db: duckdb.DuckDBPyConnection, relation: str, names: list[str]) -> set[str]:
    """Return the columns that hold anything but printable ASCII without blanks around it: only they need all tests."""
    if not names:
        return set()
    tests = ", ".join(f"bool_or(regexp_matches({quoted(name)}, '{_UNUSUAL}'))" for name in names)
    found = db.execute(f"SELECT {tests} FROM {quoted(relation)}").fetchone() or ()
    return {name for name, unusual in zip(names, found, strict=True) if unusual}


def missing(column: Column) -> Read:
    """Read a column that was not delivered: all missing, which is no fault of a row."""
    return Read(column, f"NULL::{SQL_TYPES[column.kind]}", "NULL::VARCHAR")


def _read(db: duckdb.DuckDBPyConnection, relation: str, name: str, column: Column, rare: bool) -> Read:
    raw = f"t.{quoted(name)}"
    text = f"trim({raw}, {_BLANKS})" if rare else raw
    refused = _refusals(column, text) if rare else []
    refused.append(f"WHEN {text} = '' THEN {literal('missing_required') if column.required else 'NULL'}")
    value, join = f"nullif({text}, '')", ""
    if column.kind == "date":
        value = _day(text)
        odd = _odd_days(db, relation, raw, f"({value}) IS NULL AND {text} <> ''")
        if odd:
            join = f"LEFT JOIN {odd} ON {odd}.text = {raw}"
            value = f"coalesce({value}, {odd}.day)"
    elif column.kind == "flag":
        listed = {spelt: "true" if flag else "false" for spelt, flag in FLAGS.items()}
        value = (
            f"CASE lower({text}) {' '.join(f'WHEN {literal(each)} THEN {flag}' for each, flag in listed.items())} END"
        )
    elif column.kind == "int":
        value = f"CASE WHEN regexp_full_match({text}, '{_INTEGER}') THEN split_part({text}, '.', 1)::BIGINT END"
    unread = {"date": "bad_date", "flag": "bad_flag", "int": "bad_integer"}.get(column.kind)
    if unread:
        refused.append(f"WHEN ({value}) IS NULL THEN '{unread}'")
    if not (unread or column.required or rare):
        return Read(column, value, "NULL::VARCHAR", join)
    reason = f"CASE {' '.join(refused)} END"
    return Read(column, value, reason, join)


def _refusals(column: Column, text: str) -> list[str]:
    """Refuse what no value of any kind, or of this kind, may hold."""
    control = _CONTROL if column.kind == "text" else _CONTROL_OR_BREAK
    found = [
        f"WHEN regexp_matches({text}, '{UNDECODED}') THEN 'undecodable'",
        f"WHEN regexp_matches({text}, '{control}') THEN 'control_character'",
    ]
    if column.kind in ("id", "code"):
        found.append(f"WHEN regexp_matches({text}, '{_INVISIBLE}') THEN 'invisible_character'")
    return found


def _day(text: str) -> str:
    """Return SQL for the London day of the usual forms of a date or date-time, NULL for any other text."""
    day = f"TRY_CAST({text} AS DATE)"
    return (
        f"CASE WHEN length({text}) = 10 THEN "
        f"CASE WHEN {day}::VARCHAR = {text} AND {day} >= DATE '{EARLIEST.isoformat()}' THEN {day} END "
        f"WHEN regexp_full_match({text}, '{_CLOCK}') THEN TRY_CAST({text} AS TIMESTAMP)::DATE "
        f"WHEN regexp_full_match({text}, '{_CLOCK}{_OFFSET}') THEN TRY_CAST({text} AS TIMESTAMPTZ)::DATE END"
    )


def _odd_days(db: duckdb.DuckDBPyConnection, relation: str, raw: str, odd: str) -> str:
    """Make a table of the days behind unusual texts; blank where none of them is a day."""
    texts = db.execute(f"SELECT DISTINCT {raw} FROM {quoted(relation)} t WHERE {odd}").fetchall()
    days = {}
    for (text,) in texts:
        try:
            days[text] = london_day(text.strip())
        except Refused:
            continue
    if not days:
        return ""
    name = f"odd_days_{number(db)}"
    db.register("found_days", pyarrow.table({"text": list(days), "day": list(days.values())}))
    db.execute(f"CREATE TABLE {name} AS SELECT * FROM found_days")
    db.unregister("found_days")
    return name
