"""Of whom accounts are: one human being has one account in force."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, select, update

from serving.access.accounts.proofs import newest_change, proves, vouch
from serving.access.accounts.rows import SEALED, row_of
from serving.access.humans import Humans, added, marks_of
from serving.errors import NotPermitted
from serving.keys import Signer
from serving.people import Person
from serving.storage import tables
from serving.storage.stores import Acting, Stores
from serving.storage.tables import users
from values import canonical_json

_TWICE = "user.twice"


class TwoAccounts(NotPermitted):
    """Somebody would have a second account in force beside `other`."""

    def __init__(self, other: str, asked_for: str) -> None:
        super().__init__(
            "Another account of the same person is in force.",
            "One person has one account: an administrator changes that one, or blocks it first.",
        )
        self.other, self.asked_for = other, asked_for


def humans(connection: Connection, signer: Signer) -> Humans:
    """Return whose each account is, as far as that is known."""
    query = select(users, newest_change().label("newest")).where(users.c.human.is_not(None))
    rows = [dict(row) for row in connection.execute(query).mappings()]
    proved = frozenset(row["user"] for row in rows if proves(signer, row, row["newest"]))
    return Humans({row["user"]: json.loads(row["human"]) for row in rows}, proved)


def accounts_of(connection: Connection, user: str) -> frozenset[str]:
    """Return every account of whoever holds one, blocked ones too."""
    rows = connection.execute(select(users.c.user, users.c.human).where(users.c.human.is_not(None)))
    return Humans({row.user: json.loads(row.human) for row in rows}, frozenset()).accounts(user)


def recognise(stores: Stores, acting: Acting, person: Person, identity: Mapping[str, str]) -> None:
    """Keep who somebody is, sealed and as marks, beside what was known before; refuse a second account."""
    user, signer = person.user, acting.ledger.signer
    row = row_of(acting.connection, user)
    before = stores.seal.open(SEALED, user, row["sealed"]) if row["sealed"] else {}
    known = {**before, **identity}
    marks = added(json.loads(row["human"] or "{}"), marks_of(signer, {"name": person.name, **known}, person.agency))
    kept = {
        "sealed": row["sealed"] if known == before else stores.seal.close(SEALED, user, known),
        "human": canonical_json(marks) if marks else None,
    }
    acting.connection.execute(update(users).where(users.c.user == user).values(**kept))
    vouch(acting.connection, signer, user)
    refuse_second(acting, user)


def refuse_second(acting: Acting, user: str) -> None:
    """Pass unless another account of the same person is in force beside this one."""
    same = accounts_of(acting.connection, user) - {user}
    others = select(users.c.user).where(users.c.user.in_(same), users.c.active).order_by(users.c.user)
    other = acting.connection.execute(others).scalars().first()
    if other is not None and row_of(acting.connection, user)["active"]:
        raise TwoAccounts(other, user)


@contextmanager
def noting_twice(stores: Stores, by: str) -> Iterator[None]:
    """Enter that somebody would have had two accounts, once until something else is done to the first."""
    try:
        yield
    except TwoAccounts as refused:
        detail = {"asked_for": refused.asked_for}
        entries = tables.ledger.c
        newest = select(entries.action, entries.detail).where(entries.subject == refused.other)
        with stores.panel.read() as connection:
            told = connection.execute(newest.order_by(entries.seq.desc()).limit(1)).first()
        if told is None or tuple(told) != (_TWICE, canonical_json(detail)):
            with stores.acting() as acting:
                acting.enter(by, _TWICE, refused.other, detail)
        raise
