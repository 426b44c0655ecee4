# ruff: noqa: S608 - every name is one of the contract's or ours, every path a literal
"""A linked snapshot: person keys in place of record ids, and one history a person."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from records.contract import ASSUMED, TABLES, Table
from records.erasing.tombstones import naming
from records.history.deliveries import write_rows
from records.history.publishing import store_snapshot
from records.linkage.crosswalk import Crosswalk
from records.linkage.tables import behind, relations
from records.snapshot import Snapshot
from records.split import communities_file
from records.storage.database import literal, quoted
from records.storage.files import write_private
from values import Progress, canonical_json, digest_file, silent

KEYS = "link_keys"
VOTED = ("persons", "communities")
"""The tables about people themselves: what most records of a person say holds."""


@dataclass(frozen=True)
class Applied:
    """A linked snapshot and what had to be set aside for it.

    Attributes
    ----------
    snapshot
        The linked snapshot.
    set_aside
        Rows by table that name one person on both sides once linked: a dyad of a person with themself.
    merged
        Rows by table that fell together because they say one thing about one person.
    """

    snapshot: Snapshot
    set_aside: dict[str, int]
    merged: dict[str, int]


def apply(
    db: duckdb.DuckDBPyConnection, snapshot: Snapshot, crosswalk: Crosswalk, progress: Progress = silent
) -> Applied:
    """Return the linked snapshot of `snapshot` under `crosswalk`, made if it is not there yet.

    Every column that names a person holds the person key. Rows of one key that came from several records become one
    history: of two statements about one moment the one that was known later holds. What is said about the person
    (names, date of birth, ids, characteristics) is what most of their records say at that moment; where as many say
    one date of birth as another it is missing, for nobody knows.

    Parameters
    ----------
    db
        A `records.storage.database.workbench`.
    snapshot
        The snapshot of person records, or a linked one made from it.
    crosswalk
        Which record is which person; a record it does not know stays as it is.
    progress
        Told of each table.
    """
    snapshot = behind(snapshot)
    tables = sorted(relations(db, snapshot))
    _register(db, crosswalk)
    made: dict[str, tuple[str, Sequence[str]]] = {}
    set_aside: dict[str, int] = {}
    merged: dict[str, int] = {}
    for done, name in enumerate(tables):
        progress("link tables", done, len(tables))
        source = f"base_{name}"
        if naming(TABLES[name], "persons"):
            set_aside[name], merged[name] = _rewrite(db, TABLES[name], source)
            source = f"linked_{name}"
        made[name] = (source, snapshot.card["tables"][name]["delivered"])
    progress("link tables", len(tables), len(tables))
    linked = {"base": str(snapshot.hash), "crosswalk": str(crosswalk.version)}
    found = store_snapshot(
        db, snapshot.path.parent, snapshot.card["deliveries"], made, snapshot.reference, progress, linked=linked
    )
    _communities(db, snapshot, found)
    return Applied(found, _some(set_aside), _some(merged))


def _some(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def _register(db: duckdb.DuckDBPyConnection, crosswalk: Crosswalk) -> None:
    db.register("given_keys", crosswalk.persons[["record_id", "person_id"]])
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE {KEYS} AS SELECT record_id, person_id, "
        "count(*) OVER (PARTITION BY person_id) > 1 AS several FROM given_keys"
    )
    db.unregister("given_keys")


def _rewrite(db: duckdb.DuckDBPyConnection, table: Table, source: str) -> tuple[int, int]:
    """Make ``linked_<table>`` from `source`; return the rows set aside and the rows that fell together."""
    people = naming(table, "persons")
    _with_keys(db, table, source, people)
    aside = 0
    if len(people) > 1:
        same = f"{quoted(people[0])} = {quoted(people[1])} AND origin_0 <> origin_1"
        [(aside,)] = db.execute(f"SELECT count(*) FROM keyed WHERE {same}").fetchall()
        if aside:
            db.execute(f"DELETE FROM keyed WHERE {same}")
    _split_shared(db, table, len(people))
    [(before,)] = db.execute("SELECT count(*) FROM shared").fetchall()
    columns = [each for each in table.names if each not in ("known_from", "known_to", ASSUMED)]
    _intervals(db)
    (_vote if table.name in VOTED else _choose)(db, table, columns)
    _join_up(db, table, columns)
    [(after,)] = db.execute("SELECT count(*) FROM folded").fetchall()
    names = ", ".join(quoted(name) for name in table.names)
    db.execute(
        f"CREATE OR REPLACE TABLE linked_{table.name} AS SELECT {names} FROM keyed WHERE NOT shared "
        f"UNION ALL SELECT {names} FROM folded"
    )
    for name in ("keyed", "shared", "spans", "chosen", "folded"):
        db.execute(f"DROP TABLE IF EXISTS {name}")
    return int(aside), int(before - after)


def _with_keys(db: duckdb.DuckDBPyConnection, table: Table, source: str, people: Sequence[str]) -> None:
    """Make ``keyed``: the rows under person keys, their record ids, and whether other rows may meet them."""
    columns, joins, several = [], [], []
    for name in table.names:
        if name in people:
            place = people.index(name)
            columns.append(f"coalesce(k{place}.person_id, s.{quoted(name)}) AS {quoted(name)}")
        else:
            columns.append(f"s.{quoted(name)}")
    for place, name in enumerate(people):
        columns.append(f"s.{quoted(name)} AS origin_{place}")
        joins.append(f"LEFT JOIN {KEYS} k{place} ON k{place}.record_id = s.{quoted(name)}")
        several.append(f"coalesce(k{place}.several, false)")
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE keyed AS SELECT {', '.join(columns)}, {' OR '.join(several)} AS shared "
        f"FROM {source} s {' '.join(joins)}"
    )


def _split_shared(db: duckdb.DuckDBPyConnection, table: Table, people: int) -> None:
    """Make ``shared``: the rows whose key is told by several records; numbered by key as ``chain``."""
    key = ", ".join(quoted(name) for name in table.key)
    origin = " || chr(31) || ".join(f"origin_{place}" for place in range(people))
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE shared AS SELECT * FROM (SELECT *, {origin} AS origin, "
        f"dense_rank() OVER (ORDER BY {key}) AS chain, min({origin}) OVER (PARTITION BY {key}) AS low, "
        f"max({origin}) OVER (PARTITION BY {key}) AS high, rowid AS place FROM keyed WHERE shared) WHERE low <> high"
    )
    db.execute("UPDATE keyed SET shared = false WHERE shared AND rowid NOT IN (SELECT place FROM shared)")


def _intervals(db: duckdb.DuckDBPyConnection) -> None:
    """Make ``spans``: for each key the stretches of time between two changes of what any record says."""
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE spans AS
        SELECT chain, since, lead(since) OVER (PARTITION BY chain ORDER BY since) AS until
        FROM (SELECT chain, known_from AS since FROM shared
              UNION SELECT chain, known_to FROM shared WHERE known_to IS NOT NULL)
        """
    )


_ACTIVE = "spans JOIN shared USING (chain) WHERE known_from <= since AND (known_to IS NULL OR known_to > since) "


def _choose(db: duckdb.DuckDBPyConnection, table: Table, columns: Sequence[str]) -> None:
    """Make ``chosen``: for each stretch the statement that was known last; of two of one day the fuller one."""
    names = ", ".join(quoted(name) for name in columns)
    filled = " + ".join(f"CAST({quoted(name)} IS NOT NULL AS INTEGER)" for name in columns)
    order = ", ".join(f"{quoted(name)} NULLS LAST" for name in columns)
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE chosen AS SELECT chain, since, until, {names}, "
        f"{ASSUMED} AND known_from = since AS {ASSUMED} FROM {_ACTIVE} QUALIFY row_number() OVER "
        f"(PARTITION BY chain, since ORDER BY known_from DESC, {filled} DESC, {order}) = 1"
    )


_TOGETHER = {"persons": (("given_name", "family_name"),)}
_UNSURE_IF_TIED = frozenset({"date_of_birth"})


def _vote(db: duckdb.DuckDBPyConnection, table: Table, columns: Sequence[str]) -> None:
    """Make ``chosen``: for each stretch and column what most records of the person say."""
    key = table.key[0]
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE active AS SELECT *, row_number() OVER (PARTITION BY chain, since, origin "
        f"ORDER BY known_from DESC, place) AS version FROM {_ACTIVE}"
    )
    db.execute("DELETE FROM active WHERE version > 1")
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE chosen AS SELECT chain, since, any_value(until) AS until, "
        f"any_value({quoted(key)}) AS {quoted(key)}, bool_and({ASSUMED}) AND max(known_from) = since AS {ASSUMED} "
        "FROM active GROUP BY chain, since"
    )
    together = _TOGETHER.get(table.name, ())
    singles = [(name,) for name in columns if name != key and not any(name in each for each in together)]
    for names in [*together, *singles]:
        _vote_for(db, names)
    db.execute("DROP TABLE active")


def _vote_for(db: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    """Add the most frequent value of `names` (taken together) to ``chosen``."""
    listed = ", ".join(quoted(name) for name in names)
    said = " OR ".join(f"{quoted(name)} IS NOT NULL" for name in names)
    tied = "count(*) OVER (PARTITION BY chain, since, votes) > 1"
    length = " + ".join(f"length(coalesce(CAST({quoted(name)} AS VARCHAR), ''))" for name in names)
    # of equally frequent values the one known last; then the longer, for a short form says less
    order = f"votes DESC, latest DESC, {length} DESC, {listed}"
    values = (
        ", ".join(f"CASE WHEN {tied} THEN NULL ELSE {quoted(name)} END AS {quoted(name)}" for name in names)
        if set(names) <= _UNSURE_IF_TIED
        else listed
    )
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE chosen AS SELECT chosen.*, {', '.join('w.' + quoted(name) for name in names)} "
        f"FROM chosen LEFT JOIN (SELECT chain, since, {values} FROM (SELECT chain, since, {listed}, count(*) AS votes, "
        f"max(known_from) AS latest FROM active WHERE {said} GROUP BY chain, since, {listed}) "
        f"QUALIFY row_number() OVER (PARTITION BY chain, since ORDER BY {order}) = 1) w USING (chain, since)"
    )


def _join_up(db: duckdb.DuckDBPyConnection, table: Table, columns: Sequence[str]) -> None:
    """Make ``folded``: neighbouring stretches that say the same become one version."""
    content = f"struct_pack({', '.join(f'{quoted(name)} := {quoted(name)}' for name in columns)})"
    db.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE folded AS
        WITH told AS (SELECT *, {content} AS content FROM chosen),
        turns AS (SELECT *, content IS DISTINCT FROM lag(content) OVER w
                            OR since IS DISTINCT FROM lag(until) OVER w AS turn
                  FROM told WINDOW w AS (PARTITION BY chain ORDER BY since)),
        runs AS (SELECT *, sum(CAST(turn AS INTEGER)) OVER (PARTITION BY chain ORDER BY since) AS run FROM turns)
        SELECT {", ".join(f"first({quoted(name)}) AS {quoted(name)}" for name in columns)}, min(since) AS known_from,
               CASE WHEN bool_or(until IS NULL) THEN NULL ELSE max(until) END AS known_to,
               arg_min({ASSUMED}, since) AS {ASSUMED}
        FROM runs GROUP BY chain, run
        """
    )


def _communities(db: duckdb.DuckDBPyConnection, base: Snapshot, linked: Snapshot) -> None:
    """Put the communities of the linked people beside those of the records."""
    root = base.path.parents[1]
    path = communities_file(root, base.hash)
    if not path.is_file() or communities_file(root, linked.hash).with_suffix(".json").is_file():
        return
    table = TABLES["communities"]
    db.execute(f"CREATE OR REPLACE TEMP VIEW base_communities AS SELECT * FROM read_parquet({literal(str(path))})")
    _rewrite(db, table, "base_communities")
    order = ", ".join(quoted(name) for name in (*table.key, "known_from"))
    place = communities_file(root, linked.hash)
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    write_rows(db, f"(SELECT * FROM linked_communities ORDER BY {order})", draft)
    draft.replace(place)
    write_private(place.with_suffix(".json"), canonical_json({"sha256": digest_file(place)}).encode())
