"""Disowning what nobody vouches for, so that a service whose rows were damaged by SQL can go on.

Nothing genuine is ever taken out. Entries at the end that this service did not write are removed, and so are rows that
no entry made: both are given back first, to be kept as evidence. An entry or a row of an act that was changed stays as
it was found and counts for nothing. In each case a signed entry says what, with its hash, by whom and why; verifying
goes on past exactly that, and tells how much was disowned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, delete, select
from sqlalchemy.exc import IntegrityError

from serving.errors import NotDisowned
from serving.ledger.entries import ACT_TABLES, DISOWNED, Entry, row_key
from serving.storage.guards import lifted
from serving.storage.tables import ledger as entries
from values import digest

if TYPE_CHECKING:
    from serving.storage.stores import Stores

Keep = Callable[[list[dict[str, Any]]], None]
"""Keeps what is taken out, before it is; whatever it raises undoes all."""


def disown_entry(stores: Stores, seq: int, by: str, reason: str, keep: Keep) -> Entry:
    """Disown an entry that is not this service's: with all after it where none is, as it stands where others follow.

    Only the owner of the tables can. Returns the entry that says so.

    Raises
    ------
    NotDisowned
        If there is no such entry, it is genuine, was disowned before, or no reason is given.
    """
    _need(reason.strip(), "Disowning needs a reason.", "Say in a sentence what happened.")
    chain = stores.ledger
    kept = {head["seq"] for _, head in chain.heads.read() if head is not None and chain.is_head(head)}
    with stores.panel.write() as connection:
        found = list(reversed(chain.entries(connection)))
        late = [entry for entry in found if entry.seq >= seq]
        _need(late and late[0].seq == seq, "There is no such entry.", "`drive-panel ledger verify` names the first.")
        before = next((entry for entry in reversed(found) if entry.seq < seq), None)
        _need(not chain.holds(late[0]), f"Entry {seq} is this service's own.", "Nothing genuine is disowned.")
        done = chain.disowned(connection).entries.get(seq) == digest(late[0].__dict__)
        _need(not done, f"Entry {seq} was disowned before.", "Nothing is left to do.")
        removed = not any(entry.seq in kept or chain.holds(entry) for entry in late)
        taken, last = (late, before) if removed else (late[:1], late[-1])
        if last is not None and before is not None and not chain.holds(last):
            last = replace(last, at=before.at)  # a time that SQL gave it keeps nobody from going on
        keep([dict(entry.__dict__) for entry in taken])
        if removed:
            with lifted(connection):
                connection.execute(delete(entries).where(entries.c.seq >= seq))
        noted = [{"seq": entry.seq, "found": digest(entry.__dict__)} for entry in taken]
        detail = {"reason": reason.strip(), "removed": removed, "entries": noted}
        entry = chain.append_after(connection, stores.now(), by, DISOWNED, "ledger", detail, last)
    chain.witness(entry)
    return entry


def disown_row(stores: Stores, table: str, key: str, by: str, reason: str, keep: Keep) -> Entry:
    """Disown a row that no entry made, which is removed; or one that was changed or is gone, which stays as it is.

    Parameters
    ----------
    table, key
        As verifying names them, such as ``decisions`` and ``[99]``.

    Raises
    ------
    NotDisowned
        If the ledger vouches for the row as it is, it was disowned before, or no reason is given.
    """
    _need(reason.strip(), "Disowning needs a reason.", "Say in a sentence what happened.")
    _need(table in ACT_TABLES, f"{table} is no table of acts.", "`drive-panel ledger verify` names table and row.")
    with stores.panel.write() as connection:
        made = stores.ledger.made(connection).get((table, key))
        row = _row(connection, ACT_TABLES[table], key)
        found = digest(row) if row is not None else ""
        _need(made or row is not None, "There is no such row.", "`drive-panel ledger verify` names table and row.")
        _need(made != found, "The ledger vouches for this row.", "Nothing genuine is disowned.")
        known = stores.ledger.disowned(connection).rows.get((table, key))
        _need(known != found, "This row was disowned before.", "Nothing is left to do.")
        keep([row] if row is not None else [])
        removed = row is not None and made is None and _removed(connection, ACT_TABLES[table], row)
        noted = [{"table": table, "key": key, "found": found}]
        detail = {"reason": reason.strip(), "removed": removed, "rows": noted}
        last = stores.ledger.latest(connection)
        entry = stores.ledger.append_after(connection, stores.now(), by, DISOWNED, "ledger", detail, last)
    stores.ledger.witness(entry)
    return entry


def _row(connection: Connection, table: Table, key: str) -> dict[str, Any] | None:
    for row in connection.execute(select(table)).mappings():
        if row_key(table, row) == key:
            return dict(row)
    return None


def _removed(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Remove a row; where others rest on it, it stays, and counts for nothing."""
    this = [column == row[column.name] for column in table.primary_key]
    with lifted(connection):
        try:
            with connection.begin_nested():
                connection.execute(delete(table).where(*this))
        except IntegrityError:
            return False
    return True


def _need(holds: Any, message: str, remedy: str) -> None:
    if not holds:
        raise NotDisowned(message, remedy)
