"""Recording a scoring run, and copying its list to the panel's database once it is released."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from serving.documents import RunDocuments, RunRecord, check_documents, hash_of_rows, list_hash
from serving.errors import ListChanged, RunRefused
from serving.files import pin
from serving.release.changing import change_row, compared, last_released, store_lines
from serving.release.standing import live_release, run_row
from serving.storage import tables
from serving.storage.stores import Stores
from values import Hash, canonical_json, digest


def record_run(stores: Stores, record: RunRecord, documents: RunDocuments) -> Hash:
    """Store a run; the full list goes to the unreleased store, everything else to the panel's.

    Raises
    ------
    RunRefused
        If the documents are inconsistent, or the run was recorded before with other content.
    """
    check_documents(record, documents)
    hashed = list_hash(documents.header, documents.rows)
    row = _run_row(stores, record, documents, hashed)
    # The unreleased list first: a run that the panel's database knows always has its list.
    with stores.scores.write() as connection:
        _store_scores(stores, connection, record.run, documents, hashed)
    before = last_released(stores, record.area, record.run)
    with stores.acting() as acting:
        known = acting.connection.execute(select(tables.runs).where(tables.runs.c.run == record.run))
        stored = known.mappings().first()
        if stored is None:
            detail = {"list_hash": hashed, "verdict": documents.gate["verdict"]}
            made = [(tables.runs, row)]
            if before is None:
                acting.enter(record.created_by, "run.recorded", record.run, detail, made)
            else:
                document, lines = compared(before, documents.header, documents.rows)
                made.append(change_row(record.run, before, document, acting))
                acting.enter(record.created_by, "run.recorded", record.run, detail, made)
                store_lines(stores, acting.connection, record.run, lines)
        elif any(stored[name] != row[name] for name in ("list_hash", "record", "audit", "gate")):
            raise RunRefused(
                f"The run {record.run} was recorded before with another audit, gate or record.",
                "A run is never rewritten: change its inputs, which gives it another name.",
            )
    return hashed


def _run_row(stores: Stores, record: RunRecord, documents: RunDocuments, hashed: Hash) -> dict[str, Any]:
    return {
        "run": record.run,
        "area": record.area,
        "as_of": record.as_of,
        "list_hash": hashed,
        "record": canonical_json(
            {
                "run": record.run,
                "capacity": dict(record.capacity),
                "hashes": dict(record.hashes),
                "bundle": documents.header["bundle"],
                "trained_by": record.trained_by,
                "trainers": sorted({record.trained_by, *record.trainers}),
                "synthetic": record.synthetic,
            }
        ),
        "files": canonical_json(pin(documents.files, stores.workspace, record.hashes)),
        "audit": canonical_json(documents.audit),
        "gate": canonical_json(documents.gate),
        "created_by": record.created_by,
        "created_at": stores.now().isoformat(),
    }


def _store_scores(stores: Stores, connection: Connection, run: str, documents: RunDocuments, hashed: Hash) -> None:
    known = select(tables.scored_lists.c.list_hash).where(tables.scored_lists.c.run == run)
    before = connection.execute(known).scalar()
    if before is not None:
        if before != hashed:
            raise RunRefused(f"Another list is called {run}.", "Score again with a later date.")
        return
    connection.execute(
        insert(tables.scored_lists).values(run=run, list_hash=hashed, header=canonical_json(documents.header))
    )
    _insert(
        connection,
        tables.scored_rows,
        (
            {
                "run": run,
                "position": position,
                "hash": digest(row),
                "person": row["person"],
                "document": canonical_json(row),
            }
            for position, row in enumerate(documents.rows)
        ),
    )
    _insert(
        connection,
        tables.scored_cases,
        (
            {"run": run, "hash": digest(case), "person": person, "document": canonical_json(case)}
            for person, case in documents.cases.items()
        ),
    )
    _insert(
        connection,
        tables.scored_identities,
        (
            {"run": run, "person": person, "sealed": stores.seal.close(run, person, dict(identity))}
            for person, identity in documents.identities.items()
        ),
    )


def _insert(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    values = [dict(row) for row in rows]
    if values:
        connection.execute(insert(table), values)


def publish(stores: Stores, run: str) -> None:
    """Copy exactly the released list from the unreleased store to the panel's database; twice does nothing.

    Raises
    ------
    NoLiveRelease
        If there is no live release of this run.
    ListChanged
        If the unreleased list no longer has the hash that was released.
    """
    with stores.scores.read() as connection:
        header, copies = _scored(connection, run)
    with stores.acting() as acting:
        row = run_row(acting.connection, run)
        release = live_release(stores, acting.connection, row)
        if hash_of_rows(header, [item["hash"] for item in copies["published_rows"]]) != release["list_hash"]:
            raise ListChanged("The stored list is not the one that was released.", "Score and review again.")
        done = select(tables.published.c.run).where(tables.published.c.run == run)
        if acting.connection.execute(done).first() is not None:
            return
        published = {
            "run": run,
            "release": release["release"],
            "list_hash": release["list_hash"],
            "header": canonical_json(header),
            "published_at": acting.now.isoformat(),
        }
        detail = {"release": release["release"], "list_hash": release["list_hash"]}
        acting.enter("batch", "list.published", run, detail, [(tables.published, published)])
        for table in (tables.published_rows, tables.published_cases, tables.identities):
            extra = {} if table is tables.identities else {"list_hash": release["list_hash"]}
            _insert(acting.connection, table, ({**item, **extra} for item in copies[table.name]))


def scored_hashes(stores: Stores, run: str) -> list[str]:
    """Return the hashes of a list's rows in the unreleased store; none in a process that does not open it."""
    if not stores.has_scores:
        return []
    query = select(tables.scored_rows.c.hash).where(tables.scored_rows.c.run == run)
    with stores.scores.read() as connection:
        return list(connection.execute(query.order_by(tables.scored_rows.c.position)).scalars())


def _scored(connection: Connection, run: str) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    query = select(tables.scored_lists.c.header).where(tables.scored_lists.c.run == run)
    header = connection.execute(query).scalar()
    if header is None:
        raise ListChanged("The unreleased store holds no such list.", "Score again.")
    copies = {}
    for source, target in (
        (tables.scored_rows, tables.published_rows),
        (tables.scored_cases, tables.published_cases),
        (tables.scored_identities, tables.identities),
    ):
        ordered = select(source).where(source.c.run == run).order_by(*source.primary_key)
        copies[target.name] = [dict(item) for item in connection.execute(ordered).mappings()]
    for item in copies["published_rows"] + copies["published_cases"]:
        if item["document"] is not None and digest(json.loads(item["document"])) != item["hash"]:
            raise ListChanged("A document in the unreleased store was changed.", "Restore it, or score again.")
    return json.loads(header), copies
