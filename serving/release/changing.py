"""What changed between a list and the last released list of its area, for the reviewer who decides on it.

Whom it is about is sealed: before a release nothing of a list lies open in the database that pages read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from serving.documents import Document
from serving.errors import ListChanged
from serving.storage import tables
from serving.storage.stores import Acting, Stores
from values import canonical_json, digest

_FILES = ("bundle", "policy", "governance", "indicators")


@dataclass(frozen=True)
class Before:
    """The last released list of an area."""

    run: str
    release: str
    header: Document
    rows: Sequence[Document]


def last_released(stores: Stores, area: str, but: str) -> Before | None:
    """Return the list of an area that was released last, whether or not it is live still; None where none was.

    Parameters
    ----------
    but
        The run that is compared, which is no list before itself.
    """
    runs, releases = tables.runs.c, tables.releases.c
    query = (
        select(runs.run, releases.release)
        .join(tables.releases, releases.run == runs.run)
        .where(runs.area == area, runs.run != but)
        .order_by(releases.released_at.desc(), runs.run)
        .limit(1)
    )
    with stores.panel.read() as connection:
        found = connection.execute(query).first()
    if found is None:
        return None
    lists, rows = tables.scored_lists.c, tables.scored_rows.c
    with stores.scores.read() as connection:
        header = connection.execute(select(lists.header).where(lists.run == found.run)).scalar()
        texts = connection.execute(
            select(rows.document).where(rows.run == found.run, rows.document.is_not(None)).order_by(rows.position)
        ).scalars()
        documents = [json.loads(text) for text in texts]
    return Before(found.run, found.release, json.loads(header), documents) if header else None


def compared(before: Before, header: Document, rows: Sequence[Document]) -> tuple[Document, list[Document]]:
    """Return what changed in the open, and one line for each person who entered or left the line."""
    then, now = ({row["person"]: row for row in each} for each in (before.rows, rows))
    above_then, above_now = ([p for p, row in each.items() if row["above_line"]] for each in (then, now))
    entered = [p for p in above_now if p not in set(above_then)]
    left = [p for p in above_then if p not in set(above_now)]
    lines = [{"person": p, "how": "entered", "other": _where(then.get(p))} for p in entered]
    lines += [{"person": p, "how": "left", "other": _where(now.get(p))} for p in left]
    old, new = before.header["hashes"], header["hashes"]
    document = {
        "as_of": before.header["as_of"],
        "places": [before.header["places"], header["places"]],
        "files": {name: [old[name], new[name]] for name in _FILES if old[name] != new[name]},
        "entered": len(entered),
        "left": len(left),
        "stayed": len(above_now) - len(entered),
        "lines": [digest(line) for line in lines],
    }
    return document, lines


def _where(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "not on the list"
    return {"ranked": "below the line", "held": "on hold", "referred": "referred", "apart": "apart"}[row["section"]]


def change_row(run: str, before: Before, document: Document, acting: Acting) -> tuple[Table, dict[str, Any]]:
    """Return the row that keeps what changed."""
    row = {
        "run": run,
        "since": before.run,
        "release": before.release,
        "document": canonical_json(document),
        "at": acting.now.isoformat(),
    }
    return tables.changes, row


def store_lines(stores: Stores, connection: Connection, run: str, lines: Sequence[Document]) -> None:
    """Seal and store whom the changes of a run are about."""
    for position, line in enumerate(lines):
        sealed = stores.seal.close(run, _place(position), line)
        row = {"run": run, "position": position, "hash": digest(line), "sealed": sealed}
        connection.execute(insert(tables.change_lines).values(**row))


def what_changed(stores: Stores, connection: Connection, run: str) -> Document | None:
    """Return what changed since the last released list of the area; None where there was none when it was scored.

    Returns
    -------
    Document
        ``since`` (run), ``release``, ``as_of``, ``places`` (old, new), ``files`` (changed hashes by name, old and
        new), ``entered``, ``left``, ``stayed`` (people above the line), ``lines`` (``person``, ``how``, ``other``:
        where they stand on the other list), ``not_named`` (lines that are not among them: of people erased since).

    Raises
    ------
    ListChanged
        If a line is not the one that was stored.
    """
    found = connection.execute(select(tables.changes).where(tables.changes.c.run == run)).mappings().first()
    if found is None:
        return None
    document: Document = json.loads(found["document"])
    stored = _lines(connection, run)
    opened = [stores.seal.open(run, _place(row["position"]), row["sealed"]) for row in stored if row["sealed"]]
    kept = [row["hash"] for row in stored if row["sealed"]]
    if [row["hash"] for row in stored] != document["lines"] or [digest(line) for line in opened] != kept:
        raise ListChanged("What changed on this list is not what was stored.", "Verify the ledger.")
    more = {"since": found["since"], "release": found["release"], "lines": opened}
    return {**document, **more, "not_named": len(stored) - len(opened)}


def erase_lines(stores: Stores, connection: Connection, person: str) -> list[str]:
    """Take a pseudonym out of every stored change; return the hashes of the lines that went."""
    query = select(tables.change_lines).where(tables.change_lines.c.sealed.is_not(None))
    gone = []
    for row in connection.execute(query).mappings().all():
        if stores.seal.open(row["run"], _place(row["position"]), row["sealed"])["person"] == person:
            lines = tables.change_lines
            this = (lines.c.run == row["run"]) & (lines.c.position == row["position"])
            connection.execute(update(lines).where(this).values(sealed=None))
            gone.append(str(row["hash"]))
    return gone


def _lines(connection: Connection, run: str) -> list[dict[str, Any]]:
    lines = tables.change_lines
    query = select(lines).where(lines.c.run == run).order_by(lines.c.position)
    return [dict(row) for row in connection.execute(query).mappings()]


def _place(position: int) -> str:
    return f"change {position}"
