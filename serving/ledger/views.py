"""Views: each is stored before its page is sent, and entered in the ledger together with the others of a minute.

A view is a signed row of its own, so that nothing is shown before it is durably written; what one person sees
within `LONGEST` makes one batch, and one entry of the ledger lists the batch with the hash of each row. A batch
that a killed process left behind is listed by whoever comes next.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, exists, func, insert, select

from serving.ledger.entries import VIEWED, act
from serving.storage import tables
from values import canonical_json

if TYPE_CHECKING:
    from serving.storage.stores import Acting, Stores

LONGEST = timedelta(minutes=1)
MOST = 200
_LEFT = timedelta(minutes=5)
"""Nobody has written to a batch for so long: the process that opened it is gone."""


@dataclass
class _Batch:
    name: str
    since: datetime
    views: int = 0

    def is_over(self, now: datetime) -> bool:
        return self.views >= MOST or not timedelta(0) <= now - self.since < LONGEST


class ViewLog:
    """Writes views in batches, one for each person and session.

    Parameters
    ----------
    stores
        The databases, the ledger and the clock.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._open: dict[tuple[str, str], _Batch] = {}
        self._lock = threading.Lock()

    def note(self, actor: str, action: str, subject: str, detail: Mapping[str, Any], session: str = "") -> None:
        """Store one view; batches that are over are listed in the same transaction.

        Raises
        ------
        ClockBehind, StoreError
            Then nothing may be shown.
        """
        key = (actor, session)
        with self._lock:  # writers take turns in the database anyway, and a batch is never written to once it is over
            with self._stores.acting() as acting:
                over = [each for each, batch in self._open.items() if batch.is_over(acting.now)]
                _list(acting, [self._open[each].name for each in over])
                fresh = key in over or key not in self._open
                batch = _Batch(secrets.token_hex(8), acting.now) if fresh else self._open[key]
                row = {
                    "batch": batch.name,
                    "number": batch.views + 1,
                    "at": acting.now.isoformat(),
                    "actor": actor,
                    "action": action,
                    "subject": subject,
                    "detail": canonical_json(dict(detail)),
                }
                row["signature"] = self._stores.ledger.sign_view(row)
                acting.connection.execute(insert(tables.views).values(**row))
            for each in over:
                del self._open[each]
            batch.views += 1
            self._open[key] = batch

    def close(self) -> None:
        """List every batch of this process, and those that a killed one left behind."""
        with self._lock, self._stores.acting() as acting:
            own = [batch.name for batch in self._open.values()]
            _list(acting, [*own, *_left_behind(acting.connection, acting.now - _LEFT)])
            self._open.clear()  # a view after this begins a new batch, whether or not these are listed now


def read_views(stores: Stores, which: ColumnElement[bool], limit: int | None) -> list[dict[str, Any]]:
    """Return views (actor, action, subject, detail, at), the newest first, as far as this service wrote them."""
    columns = tables.views.c
    newest = (columns.at.desc(), columns.batch, columns.number.desc())
    query = select(tables.views).where(which).order_by(*newest).limit(limit)
    with stores.panel.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    told = ("actor", "action", "subject", "at")
    genuine = [row for row in rows if stores.ledger.is_waiting(row)]
    return [{**{key: row[key] for key in told}, "detail": json.loads(row["detail"])} for row in genuine]


def _list(acting: Acting, batches: Iterable[str]) -> None:
    """Enter batches in the ledger, but for those that another process has entered."""
    for name in dict.fromkeys(batches):
        query = select(tables.views).where(tables.views.c.batch == name).order_by(tables.views.c.number)
        rows = [dict(row) for row in acting.connection.execute(query).mappings()]
        if rows and not _is_listed(acting.connection, name):
            detail = {
                "views": len(rows),
                "from": rows[0]["at"],
                "until": rows[-1]["at"],
                "of": sorted({row["subject"] for row in rows}),
                "acts": [act(tables.views, row) for row in rows],
            }
            acting.enter(rows[0]["actor"], VIEWED, name, detail)


def _is_listed(connection: Connection, batch: str) -> bool:
    ledger = tables.ledger.c
    query = select(ledger.seq).where(ledger.subject == batch, ledger.action == VIEWED)
    return connection.execute(query).first() is not None


def _left_behind(connection: Connection, since: datetime) -> list[str]:
    views, ledger = tables.views.c, tables.ledger.c
    listed = exists().where(ledger.subject == views.batch, ledger.action == VIEWED)
    query = select(views.batch).where(~listed).group_by(views.batch).having(func.max(views.at) < since.isoformat())
    return list(connection.execute(query).scalars())
