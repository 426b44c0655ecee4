"""The service as other rooms and the pages see it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, true

from serving import cards, evidence
from serving.cards import Card, CardKind
from serving.documents import Document
from serving.errors import (
    ClockBehind,
    DecisionConflict,
    DecisionRefused,
    NoLiveRelease,
    NotPermitted,
    ReviewRefused,
    ServingError,
)
from serving.filing import Draft, Filed, file, filed
from serving.ledger import Entry, Verification
from serving.ledger.checking import Checked
from serving.ledger.views import read_views
from serving.panel import recording as panel_recording
from serving.panel.decisions import Decision, DecisionAsked
from serving.panel.particulars import Particulars
from serving.panel.recording import Opening, whatever
from serving.people import Permission, Person
from serving.release import reading, reviewing, runs, stopping
from serving.release.after import newer_list
from serving.release.before import Before, list_before
from serving.release.changing import what_changed
from serving.release.reading import Case, ReleasedList
from serving.release.reviewing import ReviewResult
from serving.release.rules import Act, Review
from serving.release.runs import RunDetail, RunSummary
from serving.release.signing import facts_of
from serving.release.standing import run_row, standing
from serving.release.stopping import Stop
from serving.release.verifying import verify_published
from serving.repeats import Repeat
from serving.storage import referred, tables
from serving.storage.engines import Address
from serving.storage.stores import Stores


class Service:
    """Stored lists, releases, decisions and the ledger.

    Parameters
    ----------
    panel
        The database of runs, releases, published lists and decisions: an SQLite file, or a PostgreSQL URL.
    scores
        The database of unreleased lists; None in the web process, which never opens it.
    keys
        Folder of the keys and signed heads, made on first use.
    clock
        Gives the time now, with its time zone.
    workspace
        Where relative file pins start from; by default the folder that holds `keys`.
    reviewing
        The panel's database as the role reaches it that alone may store acts of review; by default `panel`.
    """

    def __init__(
        self,
        panel: Address,
        scores: Address | None,
        keys: Path,
        clock: Callable[[], datetime],
        workspace: Path | None = None,
        reviewing: Address | None = None,
    ) -> None:
        self.stores = Stores(panel, scores, keys, clock, workspace, reviewing)

    def in_one_state(self) -> Service:
        """Return the service for one request: what it reads is of one state until it writes; see `Stores`."""
        found = copy(self)
        found.stores = self.stores.in_one_state()
        return found

    def now(self) -> datetime:
        """Return the time now by the clock that was given."""
        return self.stores.now()

    def today(self) -> date:
        """Return today's date in London."""
        return self.stores.today()

    def close(self) -> None:
        """Enter the views that are not in the ledger yet, as far as that is possible now, and close the databases."""
        with contextlib.suppress(ServingError):
            self.stores.views.close()
        self.stores.close()

    def runs(self, areas: Collection[str] | None = None) -> list[RunSummary]:
        """Return all runs, or those of some areas (``*`` for every one), the newest date first."""
        return runs.runs(self.stores, areas)

    def run(self, run: str) -> RunDetail:
        """Return one run with its gate and reviews; raises `NotFound`."""
        return runs.run(self.stores, run)

    def area(self, run: str) -> str:
        """Return the area of a run, which is looked at before anything else of it; raises `NotFound`."""
        return runs.area(self.stores, run)

    def audit(self, run: str) -> Document:
        """Return the audit document of a run; raises `NotFound`, or `ListChanged` if it was changed."""
        return runs.audit(self.stores, run)

    def state(self, run: str) -> str:
        """Return awaiting, released, refused, withdrawn or expired; raises `NotFound`."""
        with self.stores.panel.read() as connection:
            return runs.stands(self.stores, connection, run).state.value

    def review(
        self,
        run: str,
        reviewer: Person,
        act: str,
        reason: str,
        expires: date | None = None,
        acknowledged: Collection[str] = (),
        repeat: Repeat | None = None,
    ) -> ReviewResult:
        """Approve, refuse, waive or withdraw; a release is made but not yet published.

        A call that is sent again (`repeat`) gets the first answer and does nothing twice.

        Raises
        ------
        NotFound, NotPermitted, ReviewRefused, GateRefused
            See `serving.release.rules.judge`.
        """
        if act not in tuple(Act):
            raise ReviewRefused("There is no such act of review.", f"Use {', '.join(Act)}.")
        asked = Review(reviewer.user, Act(act), reason, expires, frozenset(acknowledged))
        with self._noting_refusals(reviewer.user, f"review.{act}", run):
            return reviewing.review(self.stores, run, reviewer, asked, repeat)

    def to_review(self, run: str) -> dict[str, str]:
        """Return what of a run a reviewer's signature is bound to: run, list_hash, audit_hash, gate_hash."""
        with self.stores.panel.read() as connection:
            return facts_of(standing(self.stores, connection, run_row(connection, run)).row)

    def what_changed(self, run: str, reader: Person) -> Document | None:
        """Return what changed since the area's last released list, for a reviewer; see `changing.what_changed`."""
        reader.need(Permission.REVIEW)
        with self.stores.panel.read() as connection:
            runs.stands(self.stores, connection, run)
            return what_changed(self.stores, connection, run)

    def released_list(self, run: str) -> ReleasedList:
        """Return the list if its release is live and nothing was changed; see `reading.released_list`."""
        return reading.released_list(self.stores, run)

    def live_list(self, run: str) -> ReleasedList | None:
        """Return a list as `released_list` does; None where it may not be read now."""
        try:
            return reading.released_list(self.stores, run)
        except NoLiveRelease:
            return None

    def case(self, run: str, person: str) -> Case:
        """Return a person's row and case document; see `reading.case`."""
        return reading.case(self.stores, run, person)

    def identities(self, found: ReleasedList) -> dict[str, dict[str, Any]]:
        """Return who the people of a released list are; for roles that may see names."""
        return reading.identities(self.stores, found)

    def decide(
        self,
        run: str,
        person: str,
        by: Person,
        decision: str,
        reason_code: str,
        reason: str,
        until: date | None = None,
        sensitive: bool = False,
        *,
        safety_confirmed: str = "",
        particulars: Particulars | None = None,
        replaces: int | None = None,
        repeat: Repeat | None = None,
        is_open: Opening = whatever,
    ) -> int:
        """Record a panel decision and return its number; see `serving.panel.recording.decide`."""
        if decision not in tuple(Decision):
            raise DecisionRefused("There is no such decision.", f"Use {', '.join(Decision)}.")
        told = particulars or Particulars()
        asked = DecisionAsked(Decision(decision), reason_code, reason, until, sensitive, safety_confirmed, told)
        with self._noting_refusals(by.user, "decision", run):
            return panel_recording.decide(self.stores, run, person, by, asked, replaces, repeat, is_open)

    def is_done(self) -> bool:
        """Say whether what is asked was done before by the same form or call, which here nobody sends."""
        return False

    def answered(self, repeat: Repeat) -> bool:
        """Say whether a call that may come again was answered before; raises `KeyReused`."""
        with self.stores.panel.read() as connection:
            return repeat.first_answer(connection, self.now()) is not None

    def clear_hold(
        self,
        run: str,
        person: str,
        kind: str,
        by: Person,
        reason: str,
        repeat: Repeat | None = None,
        is_open: Opening | None = None,
    ) -> None:
        """Clear a hold; see `serving.panel.recording.clear_hold`."""
        with self._noting_refusals(by.user, "clearance", run):
            panel_recording.clear_hold(self.stores, run, person, kind, by, reason, repeat, is_open or whatever)

    def clearances(self, run: str | None = None) -> list[dict[str, Any]]:
        """Return the clearances themselves: person, kind, run, by, reason, at."""
        return panel_recording.clearances(self.stores, run)

    def decisions(
        self, since: datetime | None = None, run: str | None = None, person: str | None = None
    ) -> list[dict[str, Any]]:
        """Return decisions, oldest first, each with `current` (not replaced by a later one)."""
        return panel_recording.decisions(self.stores, since, run, person)

    def deferred(self, by: date) -> frozenset[str]:
        """Return who was ever deferred until a day or an earlier one, whatever became of it."""
        return panel_recording.deferred(self.stores, by)

    def stop(self, by: Person, area: str, reason: str, repeat: Repeat | None = None) -> None:
        """Stop every list of an area, or of every area (``*``); see `serving.release.stopping`."""
        stopping.stop(self.stores, by, area, reason, repeat)

    def let_go_on(self, by: Person, area: str, reason: str, repeat: Repeat | None = None) -> None:
        """Let the lists of an area be shown again; see `serving.release.stopping`."""
        stopping.let_go_on(self.stores, by, area, reason, repeat)

    def stops(self) -> list[Stop]:
        """Return the stops in force."""
        with self.stores.panel.read() as connection:
            return stopping.stops(self.stores.ledger, connection)

    def file(
        self,
        by: Person,
        draft: Draft,
        repeat: Repeat | None = None,
        *,
        beside: Sequence[Draft] = (),
        sealed: Mapping[str, Any] | None = None,
        is_open: Opening = whatever,
    ) -> int:
        """Put a document on file and return its number; see `serving.filing.file`.

        A call that is sent again (`repeat`) files nothing twice, and gets the first number. What is filed `beside` it
        is filed together with it or not at all; so is who it is about, where that is to be `sealed`. `is_open` is asked
        as by `decide`.
        """
        with self.stores.acting() as acting:
            first = repeat and repeat.first_answer(acting.connection, acting.now)
            if first:
                return int(first["number"])
            is_open(acting.connection)
            if sealed is not None:
                hashed = referred.keep(self.stores, acting, str(draft.person), sealed)
                draft = replace(draft, document={**draft.document, "sealed": hashed})
            number = file(acting, by, draft)
            for other in beside:
                file(acting, by, other)
            if repeat:
                repeat.keep(acting.connection, acting.now, {"number": number})
            return number

    def filed(
        self,
        kinds: Collection[str],
        *,
        subject: str | None = None,
        areas: Collection[str] | None = None,
        person: str | None = None,
    ) -> list[Filed]:
        """Return documents on file, oldest first, each with `current`; see `serving.filing.filed`."""
        return filed(self.stores, kinds, subject=subject, areas=areas, person=person)

    def referred(self, found: Sequence[Filed]) -> dict[str, dict[str, Any]]:
        """Return who the people are whom agencies referred and no list holds, by pseudonym; not those erased since."""
        return referred.opened(self.stores, {str(each.person): each.document["sealed"] for each in found})

    def list_before(self, run: str) -> Before | None:
        """Return the list that the area's panel had before a published one; see `serving.release.before`."""
        return list_before(self.stores, run)

    def newer_list(self, run: str, person: str) -> ReleasedList | None:
        """Return the newer list on which the panel decides about somebody; see `serving.release.after`."""
        with self.stores.panel.read() as connection:
            return newer_list(self.stores, connection, run, person)

    def evidence(self) -> Document | None:
        """Return the newest evidence over time, with ``gathered_at``; None where nobody gathered any."""
        return evidence.newest(self.stores)

    def cards(self, kind: CardKind, *, subject: str | None = None, limit: int | None = None) -> list[Card]:
        """Return what batch work said of itself, newest first; see `serving.cards`."""
        return cards.read(self.stores, kind, subject=subject, limit=limit)

    def note(
        self, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None, session: str = ""
    ) -> None:
        """Write down something that has no row of its own (a view, a sign-in, a new snapshot hash).

        Views (``view.…``) are stored at once and entered in the ledger in batches, one for each person and session;
        everything else is an entry of its own.
        """
        if action.startswith("view."):
            self.stores.views.note(actor, action, subject, detail or {}, session)
            return
        with self.stores.acting() as acting:
            acting.enter(actor, action, subject, detail or {})

    def views(self, subject: str | None = None, limit: int | None = 200) -> list[dict[str, Any]]:
        """Return who saw what (actor, action, subject, detail, at), newest first, as far as this service wrote it."""
        return read_views(self.stores, true() if subject is None else tables.views.c.subject == subject, limit)

    def ledger(self, limit: int | None = 200, before: int | None = None) -> list[Entry]:
        """Return the newest entries (of those numbered below `before`), newest first."""
        with self.stores.panel.read() as connection:
            return self.stores.ledger.entries(connection, limit, before)

    def ledger_part(self, limit: int | None = 200, before: int | None = None) -> tuple[list[Entry], int | None]:
        """Return entries as `ledger` does, and the `before` with which the next part begins; None after the last."""
        entries = Service.ledger(self, limit, before)
        return entries, entries[-1].seq if entries and entries[-1].seq > 1 else None

    def verify(self, against: str | None = None) -> Verification:
        """Verify the ledger (chain, signatures, rows of acts, heads, a printed head) and every published list."""
        with self.stores.panel.read() as connection:
            result = self.stores.ledger.verify(connection, against)
            return verify_published(self.stores, connection, result) if result.ok else result

    def checked(self, whole: bool = False) -> Checked:
        """Return whether the ledger is whole: what is new at once, all of it where that is asked; see `checking`."""
        with self.stores.panel.read() as connection:
            return self.stores.checking.checked(connection, self.verify, whole)

    @contextlib.contextmanager
    def _noting_refusals(self, actor: str, asked: str, run: str) -> Iterator[None]:
        """Enter in the ledger who tried what was refused; what is not there is nobody's run."""
        try:
            yield
        except (ReviewRefused, NotPermitted, NoLiveRelease, DecisionConflict) as refused:
            if self._knows(run) and not isinstance(refused, ClockBehind):  # which has an entry of its own
                self.note(actor, f"refused.{asked}", run, {"why": type(refused).__name__, "told": refused.message})
            raise

    def _knows(self, run: str) -> bool:
        with self.stores.panel.read() as connection:
            return connection.execute(select(tables.runs.c.run).where(tables.runs.c.run == run)).first() is not None
