"""Where a run stands: its reviews, its release, whether that is live and genuine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, select

from serving.errors import ListChanged, NoLiveRelease, NotFound
from serving.ledger import TRAINED, act
from serving.release.rules import Act, Review, RunFacts, State, state_of
from serving.release.stopping import refuse_stopped
from serving.storage import tables
from serving.storage.stores import Stores

_MAKING = ("run.recorded", *(f"review.{each.value}" for each in Act))
"""What the ledger calls the acts that make a run, its reviews and its release."""
_NOTHING = "Ask a governance reviewer; nothing of this list is shown until it has a live release."


@dataclass(frozen=True)
class Standing:
    """A run's row, its reviews, its release and the state that they make.

    Parameters
    ----------
    trainers
        Everybody who trained the bundle, by the run's record and by the ledger, also since the run was scored.
    unknown_trainers
        Those who are no users of this service; not asked of made-up lists.
    today
        The day in London on which this is so: what the gate passed by lapses, whoever looks when.
    """

    row: Mapping[str, Any]
    reviews: Sequence[Mapping[str, Any]]
    release: Mapping[str, Any] | None
    state: State
    published: bool
    trainers: frozenset[str] = frozenset()
    unknown_trainers: frozenset[str] = frozenset()
    today: date = date.min

    @property
    def facts(self) -> RunFacts:
        """What the rules of release need to know."""
        record, gate = json.loads(self.row["record"]), json.loads(self.row["gate"])
        lapses = [(each["what"], date.fromisoformat(each["on"])) for each in gate.get("lapses", ())]
        lapsed = [f"{what} ended on {day}" for what, day in lapses if day < self.today]
        return RunFacts(
            run=self.row["run"],
            verdict=gate["verdict"],
            trainers=self.trainers,
            unknown_trainers=self.unknown_trainers,
            for_panel=record["bundle"]["for_panel"],
            acknowledge=frozenset(gate["acknowledge"]),
            blocks=(*gate.get("blocks", ()), *lapsed),
            lapses=tuple(lapses),
        )

    @property
    def past(self) -> list[Review]:
        """The reviews as the rules read them."""
        return [
            Review(
                reviewer=row["reviewer"],
                act=Act(row["act"]),
                reason=row["reason"],
                expires=date.fromisoformat(row["expires"]) if row["expires"] else None,
                acknowledged=frozenset(json.loads(row["acknowledged"])),
            )
            for row in self.reviews
        ]


def run_row(connection: Connection, run: str, audit: bool = True) -> Mapping[str, Any]:
    """Return the row of `run`, without the text of its audit where nobody will read that; or raise `NotFound`."""
    columns = (column for column in tables.runs.c if audit or column is not tables.runs.c.audit)
    found = connection.execute(select(*columns).where(tables.runs.c.run == run)).mappings().first()
    if found is None:
        raise NotFound("There is no such run.", "`drive-panel runs` prints all of them.")
    return dict(found)


def standing(stores: Stores, connection: Connection, row: Mapping[str, Any]) -> Standing:
    """Return where a run stands, by rows that the ledger vouches for.

    Raises
    ------
    ListChanged
        If a row of the run, its reviews or its release was changed or put in without an act.
    """
    known = ("standing", row["run"], "audit" in row)
    return stores.panel.once(connection, known, lambda: _standing(stores, connection, row))


def _standing(stores: Stores, connection: Connection, row: Mapping[str, Any]) -> Standing:
    run = row["run"]
    reviews = _rows(connection, tables.reviews, run, tables.reviews.c.review)
    releases = _rows(connection, tables.releases, run, tables.releases.c.release)
    entries = stores.ledger.genuine(connection, run, _MAKING)
    vouched = {(made["table"], made["key"], made["row"]) for entry in entries for made in entry.content.get("acts", [])}
    for table, rows in ((tables.runs, [row]), (tables.reviews, reviews), (tables.releases, releases)):
        for item in rows:
            entered = _entered(stores, connection, item) if table is tables.runs else act(table, item)
            if (entered["table"], entered["key"], entered["row"]) not in vouched:
                raise ListChanged(
                    f"The ledger does not vouch for a row of {table.name}.",
                    "Run `drive-panel ledger verify` and tell the administrator.",
                )
    release = releases[0] if releases else None
    expires = date.fromisoformat(release["expires"]) if release else None
    trainers = _trainers(stores, connection, row)
    unknown = _unknown(connection, row, trainers)
    today = stores.today()
    found = Standing(row, reviews, release, State.AWAITING, _is_published(connection, run), trainers, unknown, today)
    state = state_of(found.past, expires, today, found.facts.verdict)
    # A withdrawal stands by its ledger entry, even where somebody removed its row.
    if any(entry.action == "review.withdraw" for entry in entries):
        state = State.WITHDRAWN
    return replace(found, state=state)


def _trainers(stores: Stores, connection: Connection, row: Mapping[str, Any]) -> frozenset[str]:
    record = json.loads(row["record"])
    entries = stores.ledger.genuine(connection, record["hashes"]["bundle"])
    since = {entry.actor for entry in entries if entry.action == TRAINED}
    return frozenset({record["trained_by"], *record.get("trainers", ()), *since})


def _unknown(connection: Connection, row: Mapping[str, Any], trainers: frozenset[str]) -> frozenset[str]:
    if json.loads(row["record"])["synthetic"]:
        return frozenset()
    query = select(tables.users.c.user).where(tables.users.c.user.in_(trainers))
    return trainers - frozenset(connection.execute(query).scalars())


def _entered(stores: Stores, connection: Connection, row: Mapping[str, Any]) -> dict[str, str]:
    """Return how the ledger refers to a run's row.

    An audit is a megabyte. Where it was not read, its row is taken as it was when all of it was last read, at most as
    long ago as pinned files may be, and only while everything else of the row is the same. An audit that is shown is
    always read.
    """
    rest = {name: value for name, value in row.items() if name != "audit"}
    known = stores.seen.get(row["run"], rest) if "audit" not in row else None
    if known is None:
        whole = row if "audit" in row else run_row(connection, row["run"])
        known = act(tables.runs, whole)
        stores.seen.keep(row["run"], {name: value for name, value in whole.items() if name != "audit"}, known)
    return known


def live_release(stores: Stores, connection: Connection, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the live release of exactly this run's list.

    Raises
    ------
    NoLiveRelease
        With the state that stands in the way, or that somebody stopped the lists of the area.
    ClockBehind
        If the clock was set back, so that nobody can say whether it is live.
    ListChanged
        If a document, release or pinned file is not what was released.
    """
    stores.ledger.in_time(connection, stores.now())
    refuse_stopped(stores.ledger, connection, row["area"])
    found = standing(stores, connection, row)
    if found.release is None or found.state is not State.RELEASED:
        raise NoLiveRelease(f"This list is not released: it is {_in_words(found.state)}.", _NOTHING)
    if found.release["list_hash"] != row["list_hash"]:
        raise ListChanged("The release is for another list.", _NOTHING)
    changed = stores.watch.changed(row["run"], json.loads(row["files"]))
    if changed:
        raise ListChanged(f"The {changed} file is not the one that this list was reviewed with.", _NOTHING)
    return found.release


def _in_words(state: State) -> str:
    return "awaiting review" if state is State.AWAITING else state.value


def _rows(connection: Connection, table: Table, run: str, order: Any) -> list[Mapping[str, Any]]:
    return [
        dict(item) for item in connection.execute(select(table).where(table.c.run == run).order_by(order)).mappings()
    ]


def _is_published(connection: Connection, run: str) -> bool:
    query = select(tables.published.c.run).where(tables.published.c.run == run)
    return connection.execute(query).first() is not None
