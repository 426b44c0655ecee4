# ruff: noqa: S608 - names enter through quoted(), values through literal()
"""How the rows kept out of a delivery stand now: what replays mended, what they left wrong, what an erasure took.

A row that came back and failed again is wrong in the way of its last replay. A row whose text an erasure took away
counts as erased, as if it had been delivered after the erasure: what was read stays accepted plus quarantined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from records.erasing.tombstones import Tombstones
from records.history.deliveries import Delivery
from records.history.fold import MENDED, ORPHANS, came_back
from records.intake.checking import ORPHANS as ORPHAN_POSITION
from records.storage.database import literal

FOLDER = "quarantine"
ERASED, ERASED_POSITION = "erased", -1
"""The reason of a row that names an erased person; nothing else is said of it."""
_APART = 1 << 40  # more than the rows of a delivery: rows made in a replay have numbers of their own
_COLUMNS = "table_name, source, row, file, line, column_name, reason, position"
_NO_ROW = "SELECT NULL::VARCHAR AS source, NULL::BIGINT AS row, 0 AS turn WHERE false"


def stand(
    db: duckdb.DuckDBPyConnection, delivery: Delivery, replays: Sequence[Delivery], texts: Mapping[str, str]
) -> None:
    """Make the relations that say what is kept out of a delivery now.

    ``now_faults`` holds what is wrong (`table_name`, `source`, `row`, `file`, `line`, `column_name`, `reason`,
    `position`), ``now_links`` which source rows went into which row of a table, ``now_bad`` the source rows in
    quarantine (`source`, `row`), ``now_unmended`` what was wrong at delivery with rows that are not mended since,
    ``now_replayed`` the source rows that came back, and in which replay last (`turn`, from 1).

    Parameters
    ----------
    db
        A workbench in which the orphans of all deliveries were found. The names are the same for every delivery: one
        is looked at, at a time.
    delivery
        A delivery that has its own rows (no replay).
    replays
        The deliveries that mended rows of it, in their order.
    texts
        For each source a query of its kept rows as they came last; it may read ``now_replayed``.
    """
    turns = dict(enumerate(replays, 1))
    back = " UNION ALL ".join(f"SELECT *, {turn} AS turn FROM ({came_back(each)})" for turn, each in turns.items())
    _table(db, "now_replayed", f"SELECT source, row, max(turn) AS turn FROM ({back or _NO_ROW}) GROUP BY ALL")
    own = _file(delivery, "links")
    _view(db, "now_links", " UNION ALL ".join([f"SELECT * FROM {own}", *(_links(r, t) for t, r in turns.items())]))
    _view(
        db,
        "now_found",
        " UNION ALL ".join([_own(delivery, "now_replayed"), *(_failed(r, t) for t, r in turns.items())]),
    )
    _view(
        db,
        "now_mended",
        " UNION ".join([_settled(), *(f"SELECT source, row FROM {_parquet(r.path / MENDED)}" for r in replays)]),
    )
    _view(db, "now_unmended", _own(delivery, "now_mended"))
    _view(
        db,
        "now_wrong",
        f"(SELECT source, row FROM {_file(delivery, 'bad')} UNION SELECT l.source, l.source_row FROM {own} l "
        f"JOIN ({_orphans(delivery)}) o USING (table_name, row)) EXCEPT SELECT source, row FROM now_mended",
    )
    gone = Tombstones(delivery.path.parents[1]).any  # without an erasure nothing is gone: nobody has to look
    if gone:
        _table(db, "now_gone", _gone(texts))
    _view(db, "now_bad", f"SELECT * FROM now_wrong{' UNION SELECT * FROM now_gone' if gone else ''}")
    _view(db, "now_faults", _told() if gone else "SELECT * FROM now_found")


def _links(replay: Delivery, turn: int) -> str:
    """Return what was made of the rows that came back in `replay` last."""
    return (
        f"SELECT l.table_name, l.source, l.source_row, l.row + {turn * _APART} AS row FROM {_file(replay, 'links')} l "
        f"JOIN now_replayed r ON r.source = l.source AND r.row = l.source_row AND r.turn = {turn}"
    )


def _orphans(delivery: Delivery) -> str:
    return (
        f"SELECT table_name, NULL AS source, row, file, line, column_name, 'orphan' AS reason, "
        f"{ORPHAN_POSITION} + position AS position FROM {ORPHANS} WHERE delivery = {literal(delivery.name)}"
    )


def _all(delivery: Delivery) -> str:
    return f"SELECT {_COLUMNS} FROM {_file(delivery, 'faults')} UNION ALL {_orphans(delivery)}"


def _own(delivery: Delivery, without: str) -> str:
    """Return what was wrong at delivery, but for the source rows in `without`."""
    left = (
        f"SELECT l.table_name, l.row FROM {_file(delivery, 'links')} l "
        f"JOIN {without} r ON r.source = l.source AND r.row = l.source_row"
    )
    return (
        f"SELECT {_COLUMNS} FROM ({_all(delivery)}) f WHERE (f.table_name, f.row) NOT IN ({left}) AND NOT EXISTS "
        f"(SELECT 1 FROM {without} r WHERE f.table_name = '' AND r.source = f.source AND r.row = f.row)"
    )


def _failed(replay: Delivery, turn: int) -> str:
    """Return what is wrong with the rows that came back in `replay` last."""
    return (
        f"SELECT table_name, source, row + {turn * _APART} AS row, file, line, column_name, reason, position "
        f"FROM ({_all(replay)}) f WHERE table_name <> '' "
        f"AND (f.table_name, f.row + {turn * _APART}) IN (SELECT table_name, row FROM ({_links(replay, turn)})) "
        f"UNION ALL SELECT {_COLUMNS} FROM {_file(replay, 'faults')} f WHERE table_name = '' "
        f"AND (f.source, f.row, {turn}) IN (SELECT source, row, turn FROM now_replayed)"
    )


def _settled() -> str:
    """Return the rows that came back and of which nothing is wrong any more: what they point to may have come since."""
    return (
        "SELECT source, row FROM now_replayed EXCEPT (SELECT l.source, l.source_row FROM now_links l "
        f"SEMI JOIN now_found f USING (table_name, row) WHERE l.row >= {_APART} "
        "UNION SELECT source, row FROM now_found WHERE table_name = '')"
    )


def _gone(texts: Mapping[str, str]) -> str:
    """Return the rows whose text was kept and is no longer there."""
    there = "".join(f" EXCEPT SELECT {literal(key)}, row FROM ({text})" for key, text in texts.items())
    never_kept = f"(SELECT * FROM now_found WHERE reason = {literal(ERASED)})"
    return (
        f"SELECT source, row FROM now_wrong UNION SELECT source, source_row FROM now_links{there} "
        "EXCEPT SELECT source, row FROM now_mended EXCEPT SELECT source, row FROM {0} "
        "EXCEPT (SELECT l.source, l.source_row FROM now_links l SEMI JOIN {0} f USING (table_name, row))"
    ).format(never_kept)


def _told() -> str:
    """Return what is wrong; of what was made only of rows that are gone, that it is erased.

    An orphan that is gone points to nothing any more: it is told without its place.
    """
    made = (
        "SELECT l.table_name, l.row FROM now_links l LEFT JOIN now_gone g ON g.source = l.source "
        "AND g.row = l.source_row GROUP BY ALL HAVING bool_and(g.row IS NOT NULL)"
    )
    gone = (
        f"(f.table_name, f.row) IN ({made}) OR (f.table_name = '' AND (f.source, f.row) IN "
        "(SELECT source, row FROM now_gone))"
    )
    erased = f"'', {literal(ERASED)}, {ERASED_POSITION}"
    return (
        f"SELECT f.* FROM now_found f WHERE NOT ({gone}) UNION ALL SELECT DISTINCT f.table_name, f.source, f.row, "
        f"f.file, f.line, {erased} FROM now_found f WHERE {gone} UNION ALL SELECT m.table_name, NULL, m.row, NULL, "
        f"NULL, {erased} FROM ({made}) m ANTI JOIN now_found f USING (table_name, row)"
    )


def _file(delivery: Delivery, name: str) -> str:
    return _parquet(delivery.path / FOLDER / f"{name}.parquet")


def _parquet(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"


def _view(db: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    db.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")


def _table(db: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")
