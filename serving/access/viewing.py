"""The service as one person may see it: the one place where rows are held back.

Every page and every call of the API works on a `Viewing` and never on the service behind it. What lies outside the
person's areas does not exist for them; a restricted case exists for named people only; a case in which somebody
declared a conflict of interest is closed to them; whom a provider sends see the cases that are with their provider.
What another agency holds is shown as not shown, by `serving.redaction`.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any

from sqlalchemy import Connection, select

from serving import cards
from serving.access.accounts import Account, Accounts
from serving.access.accounts.one_person import accounts_of
from serving.access.accounts.rows import no_such_user
from serving.access.cases import CLOSING, Cases, Closed, is_known, likeness
from serving.access.sites import Site, Sites
from serving.access.tokens import ServiceToken, Tokens
from serving.cards import Card, CardKind
from serving.documents import Document
from serving.errors import ClockBehind, DemoRefused, NoLiveRelease, NotFound, NotPermitted
from serving.evidence import of_areas
from serving.filing import Draft, Filed
from serving.ledger import Entry
from serving.links import is_of_pair, is_pair
from serving.panel.meetings import need_in_room
from serving.panel.recording import Opening
from serving.people import GIVEN_BY_COMMAND, Permission, Person, Role
from serving.redaction import for_reader, may_read
from serving.release.before import Before
from serving.release.reading import Case, ReleasedList, opened
from serving.release.runs import RunDetail, RunSummary
from serving.release.stopping import Stop
from serving.repeats import Repeat
from serving.service import Service
from serving.storage import tables

# Counts that the rows shown could be compared with.
_COUNTED = frozenset({"held", "apart"})
# Entries of the ledger read at a time, and how often for one answer: nobody makes the service read all of it.
_PART, _MOST_PARTS = 200, 25
_WORDS = re.compile(r"[\w-]+")


def no_such_run() -> NotFound:
    """Return what is said of a run that is not there, and of one that lies elsewhere."""
    return NotFound("There is no such run.", "Check the address, or go to the list of runs.")


def no_such_area() -> NotFound:
    """Return what is said of an area that is not there, and of one that is not the person's."""
    return NotFound("There is no such area.", "Go back to the start page.")


def no_such_person() -> NotFound:
    """Return what is said of a case that is not there, and of one that is not for these eyes."""
    return NotFound("There is no such person on this list.", "Go back to the list.")


class Viewing(Service):
    """What one person sees of the service.

    Parameters
    ----------
    service
        The service behind it, whose databases and clock this one shares.
    person
        Who asks.
    made_up_only
        Whether runs of real people are refused (demonstrations).
    session
        Tells the person's sessions apart, so that the views of each make a batch of their own.

    Attributes
    ----------
    sent
        The form that asks, where one does: what it asks for is done once, however often it is sent.
    """

    def __init__(self, service: Service, person: Person, made_up_only: bool = False, session: str = "") -> None:
        self.stores = service.stores
        self._delivered = Sites(service.stores).delivered_by(person)
        self.person = person if self._delivered is None else _within(person, self._delivered)
        self.made_up_only = made_up_only
        self.session = session
        self._areas: dict[str, str] = {}
        self.sent: Repeat | None = None

    @cached_property
    def closed(self) -> Closed:
        """The cases that the person may not open; read once a request."""
        closed = Cases(self.stores).closed_to(self.person)
        return closed if self._delivered is None else replace(closed, but=Sites(self.stores).accepted(self._delivered))

    @cached_property
    def own(self) -> dict[str, Any]:
        """What is known of the person's own identity."""
        return {"name": self.person.name, **Accounts(self.stores).identity(self.person.user)}

    @cached_property
    def selves(self) -> tuple[Mapping[str, Any], ...]:
        """Whose own cases, and those of whose households, are left out: the person's, where enough is known of them."""
        return tuple(filter(is_known, [self.own]))

    def area(self, run: str) -> str:
        """Return the area of a run; one outside the person's areas is not found, in the same words."""
        if run not in self._areas:
            query = select(tables.runs.c.area, tables.runs.c.record).where(tables.runs.c.run == run)
            with self.stores.panel.read() as connection:
                row = connection.execute(query).first()
            if row is None or not self.person.covers(row.area):
                raise no_such_run()
            if self.made_up_only and not json.loads(row.record)["synthetic"]:
                raise DemoRefused("This run is not of made-up people.", "Demo mode shows made-up people only.")
            self._areas[run] = row.area
        return self._areas[run]

    def runs(self, areas: Collection[str] | None = None) -> list[RunSummary]:
        """Return the runs of the person's areas."""
        mine = self.person.areas
        return super().runs(mine if areas is None else areas if "*" in mine else mine & set(areas))

    def run(self, run: str) -> RunDetail:
        """Return a run of the person's areas."""
        self.area(run)
        return super().run(run)

    def audit(self, run: str) -> Document:
        """Return the audit of a run of the person's areas."""
        self.area(run)
        return super().audit(run)

    def state(self, run: str) -> str:
        """Return where a run of the person's areas stands."""
        self.area(run)
        return super().state(run)

    def review(self, run: str, reviewer: Person, *args: Any, **options: Any) -> Any:
        """Review a run of the person's areas, as nobody else."""
        self._only(reviewer)
        self.area(run)
        return super().review(run, reviewer, *args, **{"repeat": self.sent, **options})

    def what_changed(self, run: str, reader: Person) -> Document | None:
        """Return what changed on a list of the person's areas, without the cases that are closed to them."""
        self._only(reader)
        self.area(run)
        changed = super().what_changed(run, reader)
        if changed is None:
            return None
        lines = [line for line in changed["lines"] if not self.closed.shuts(line["person"])]
        left_out = len(changed["lines"]) - len(lines)
        return {**changed, "lines": lines, "not_named": changed["not_named"] + left_out}

    def to_review(self, run: str) -> dict[str, str]:
        """Return what an act of review is bound to, of a run of the person's areas."""
        self.area(run)
        return super().to_review(run)

    def released_list(self, run: str) -> ReleasedList:
        """Return a released list without the cases that are closed to the person."""
        self.area(run)
        with self._noting_views(run):
            return self._open(super().released_list(run))

    def live_list(self, run: str) -> ReleasedList | None:
        """Return a list as `released_list` does; None where it may not be read now, which nobody is told of."""
        self.area(run)
        found = super().live_list(run)
        return found and self._open(found)

    def list_before(self, run: str) -> Before | None:
        """Return the list that the panel had before one that may be read now, without cases closed to the person."""
        self.released_list(run)
        before = super().list_before(run)
        return before and replace(before, found=self._open(before.found))

    def newer_list(self, run: str, person: str) -> ReleasedList | None:
        """Return the newer list on which the panel decides about somebody, without cases closed to the person."""
        self.area(run)
        newer = super().newer_list(run, person)
        return newer and self._open(newer)

    def case(self, run: str, person: str) -> Case:
        """Return a case that is open to the person; raises an alarm where somebody reaches for what is not theirs.

        Raises
        ------
        NotFound
            If there is no such case, or it is closed to the person.
        NotPermitted
            If the person declared a conflict of interest in it, or it is their own.
        """
        self.area(run)
        with self._noting_views(run):
            found = self._found(run, person)
        kind = self._likeness(found.released, person)
        if kind:
            Cases(self.stores).alarm(self.person, run, person, kind)
        if kind in CLOSING:
            raise NotPermitted("This case is not open to you.", "An administrator has been told. Speak to the chair.")
        row, document = (for_reader(each, self.person) for each in (found.row, found.document))
        return replace(found, released=self._open(found.released), row=row, document=document)

    def identities(self, found: ReleasedList) -> dict[str, dict[str, Any]]:
        """Return who the people of a list are, as far as their cases are open to the person."""
        self.person.need(Permission.SEE_IDENTITY)
        self.area(found.run)
        return {person: who for person, who in super().identities(found).items() if not self.closed.shuts(person)}

    def decide(self, run: str, person: str, by: Person, *args: Any, **options: Any) -> int:
        """Record a decision on a case that is open to the person."""
        self._only(by)
        with self._noting_refusals(by.user, "decision", run):
            self.case(run, person)
            need_in_room(self, by, self.area(run), person)
        still = {"repeat": self.sent, "is_open": partial(self._refuse_closed, person)}
        return super().decide(run, person, by, *args, **{**still, **options})

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
        """Clear a hold of a case that is open to the person."""
        self._only(by)
        with self._noting_refusals(by.user, "clearance", run):
            self.case(run, person)
            need_in_room(self, by, self.area(run), person)
        still = is_open or partial(self._refuse_closed, person)
        super().clear_hold(run, person, kind, by, reason, repeat or self.sent, still)

    def listed(self, run: str, person: str) -> None:
        """Pass if the case is on a released list and open to the person, without reading more of it."""
        self.area(run)
        found = super().released_list(run)
        self._admit(run, person)
        found.row(person)

    def declare_conflict(self, run: str, person: str) -> None:
        """Recuse the person from a case that they can see on a list."""
        self.person.need(Permission.DECLARE_CONFLICT)
        if self.is_done():
            return
        self.listed(run, person)
        Cases(self.stores).declare(run, person, self.person, self.sent)

    def stop(self, by: Person, area: str, reason: str, repeat: Repeat | None = None) -> None:
        """Stop the lists of an area of the person's, as nobody else."""
        self._works_in(by, area)
        super().stop(by, area, reason, repeat or self.sent)

    def let_go_on(self, by: Person, area: str, reason: str, repeat: Repeat | None = None) -> None:
        """Let the lists of an area of the person's go on, as nobody else."""
        self._works_in(by, area)
        super().let_go_on(by, area, reason, repeat or self.sent)

    def stops(self) -> list[Stop]:
        """Return the stops in force that hold for an area of the person's."""
        return [each for each in super().stops() if each.area == "*" or self.person.covers(each.area)]

    def file(
        self,
        by: Person,
        draft: Draft,
        repeat: Repeat | None = None,
        *,
        beside: Sequence[Draft] = (),
        sealed: Mapping[str, Any] | None = None,
        is_open: Opening | None = None,
    ) -> int:
        """Put a document on file in the person's areas, about nobody whose case is closed to them."""
        for each in (draft, *beside):
            self._works_in(by, each.area)
            if sealed is None and self.closed.shuts(each.person):
                raise no_such_person()
        about = [each.person for each in (draft, *beside) if each.person and sealed is None]
        still = is_open or partial(self._refuse_any, about)
        return super().file(by, draft, repeat or self.sent, beside=beside, sealed=sealed, is_open=still)

    def filed(
        self,
        kinds: Collection[str],
        *,
        subject: str | None = None,
        areas: Collection[str] | None = None,
        person: str | None = None,
    ) -> list[Filed]:
        """Return documents on file in the person's areas, none about a closed case or in another agency's words."""
        mine = None if "*" in self.person.areas else self.person.areas | {"*"}
        within = mine if areas is None else set(areas) if mine is None else mine & set(areas)
        found = super().filed(kinds, subject=subject, areas=within, person=person)
        own = self._own_referrals(found) | self._own_cases(each.person for each in found)
        return [
            each
            for each in found
            if not self.closed.shuts(each.person) and each.person not in own and may_read(each.agency, self.person)
        ]

    def referred(self, found: Sequence[Filed]) -> dict[str, dict[str, Any]]:
        """Return who was referred, for roles that see names and as far as their referrals are open to the person."""
        if not self.person.may(Permission.SEE_IDENTITY):
            return {}
        return super().referred([each for each in found if not self.closed.shuts(each.person)])

    def recuse(self, referral: Filed) -> None:
        """Recuse the person from somebody who was referred and whom no list holds."""
        self.person.need(Permission.DECLARE_CONFLICT)
        self._works_in(self.person, referral.area)
        Cases(self.stores).declare(referral.document["run"], str(referral.person), self.person, self.sent)

    def conflicts(self) -> list[dict[str, Any]]:
        """Return the conflicts of interest that stand in the person's areas.

        One that was declared in the review of links is about no list: who manages the account finds it, nobody else.
        """
        found = Cases(self.stores).conflicts()
        managed = (
            {account.user for account in self.accounts()} if self.person.may(Permission.MANAGE_ACCESS) else set[str]()
        )
        return [
            row
            for row in found
            if (row["user"] in managed if is_pair(row["run"]) else self._mine(row["run"]))
            and row["person"] not in self.closed.unseen
        ]

    def alarms(self) -> list[dict[str, Any]]:
        """Return the newest alarms in the person's areas, for those who see who has access."""
        self.person.need(Permission.SEE_ACCESS)
        # Restricting cases is an administrator's work; nobody else learns of one that they are not named for.
        shut = self.closed.related if self.person.may(Permission.MANAGE_ACCESS) else self.closed.unseen
        return [row for row in Cases(self.stores).alarms() if self._mine(row["run"]) and row["person"] not in shut]

    def accounts(self) -> list[Account]:
        """Return the accounts that lie within the person's areas, for those who see who has access."""
        self.person.need(Permission.SEE_ACCESS)
        return [account for account in Accounts(self.stores).all() if self._holds(account.areas)]

    def tokens(self) -> list[ServiceToken]:
        """Return the service accounts that lie within the person's areas, for those who see who has access."""
        self.person.need(Permission.SEE_ACCESS)
        return [token for token in Tokens(self.stores).all() if self._holds(token.areas)]

    def sites(self) -> list[Site]:
        """Return the sites that lie within the person's areas, for those who see who has access."""
        self.person.need(Permission.SEE_ACCESS)
        return [site for site in Sites(self.stores).all() if self._holds(site.areas)]

    def block(self, user: str, active: bool) -> None:
        """Block an account within the person's areas, or let it in again, but never their own.

        One beyond their areas is not found.
        """
        if user == self.person.user:
            raise NotPermitted("You cannot block yourself.", "Ask another administrator.")
        self._managed(user)
        Accounts(self.stores).block(user, self.person.user, active, self.sent)

    def account(self, user: str) -> Account:
        """Return an account within the person's areas; one beyond them is not found."""
        self._managed(user)
        return Accounts(self.stores).find(user)

    def change_account(
        self, user: str, role: Role, areas: Collection[str], agency: str, read: int | None = None
    ) -> None:
        """Give an account within the person's areas another role, other areas or another agency.

        Roles that release lists or give access are given from the command line only: whoever runs the machine is the
        second person that this takes.

        Raises
        ------
        NotFound, NotPermitted, FilingConflict
            The last if somebody changed it since the change that was read (`read`; see `Accounts.change`).
        """
        before = self.account(user)
        with self.stores.panel.read() as connection:
            mine = accounts_of(connection, self.person.user)
        if user in mine:
            raise NotPermitted("You cannot change your own account.", "Ask another administrator.")
        if role is not before.role and role in GIVEN_BY_COMMAND:
            raise NotPermitted(
                f"The role {role.label.lower()} is not given from a page.", f"drive-panel users role {user} {role}"
            )
        if not self._holds(frozenset(areas)):
            raise NotPermitted("You cannot give areas that are not yours.", "Choose some of your own areas.")
        Accounts(self.stores).change(user, self.person.user, role, areas, agency, self.sent, read)

    def sign_out(self, user: str) -> None:
        """End every session of an account within the person's areas; one beyond them is not found."""
        self._managed(user)
        Accounts(self.stores).sign_out(user, self.person.user, self.sent)

    def lift_conflict(self, user: str, person: str, reason: str) -> None:
        """Lift somebody's conflict of interest in the person's areas."""
        if self.is_done():
            return
        if not any((row["user"], row["person"]) == (user, person) for row in self.conflicts()):
            raise NotFound("There is no such conflict of interest.", "Read the list again.")
        Cases(self.stores).lift_conflict(user, person, self.person, reason, self.sent)

    def decisions(
        self, since: datetime | None = None, run: str | None = None, person: str | None = None
    ) -> list[dict[str, Any]]:
        """Return decisions in the person's areas on cases that are open to them."""
        return self._rows(super().decisions(since, run, person))

    def deferred(self, by: date) -> frozenset[str]:
        """Return who was ever deferred until a day, of cases that are open to the person."""
        return frozenset(person for person in super().deferred(by) if not self.closed.shuts(person))

    def clearances(self, run: str | None = None) -> list[dict[str, Any]]:
        """Return hold clearances in the person's areas on cases that are open to them."""
        return self._rows(super().clearances(run))

    def ledger(self, limit: int | None = 200, before: int | None = None) -> list[Entry]:
        """Return the newest entries that are for the person's eyes; see `ledger_part`."""
        return self.ledger_part(limit, before)[0]

    def ledger_part(self, limit: int | None = 200, before: int | None = None) -> tuple[list[Entry], int | None]:
        """Return entries of the person's areas and about themselves, none about a case whose existence is not told.

        Where few entries are theirs the answer is shorter than `limit`, or empty, and `before` goes on all the same.
        """
        seen: list[Entry] = []
        for _ in range(_MOST_PARTS):
            entries, before = super().ledger_part(None if limit is None else _PART, before)
            seen += [entry for entry in entries if self._sees_entry(entry)]
            if limit is not None and len(seen) > limit:
                return seen[:limit], seen[limit - 1].seq
            if before is None or len(seen) == limit:
                break
        return seen, before

    def evidence(self) -> Document | None:
        """Return the newest evidence over time, with single lists of the person's areas only."""
        found = super().evidence()
        return None if found is None else of_areas(found, self.person)

    def cards(self, kind: CardKind, *, subject: str | None = None, limit: int | None = None) -> list[Card]:
        """Return what batch work said of itself, about all areas together or one of the person's."""
        found = cards.read(self.stores, kind, subject=subject, limit=limit, reader=self.person)
        return [cards.for_reader(each, self.person) for each in found]

    def views(self, subject: str | None = None, limit: int | None = 200) -> list[dict[str, Any]]:
        """Return who saw what of one run of the person's areas, for those who see the ledger; of no closed case."""
        self.person.need(Permission.SEE_LEDGER)
        if subject is None:
            raise NotFound("There is no such run.", "Ask who saw one run.")
        self.area(subject)
        seen = super().views(subject, limit)
        return [view for view in seen if not self.closed.unseen & {view["detail"].get("person")}]

    def note(
        self, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None, session: str = ""
    ) -> None:
        """Write down what the person does in this session; who waits for their turn to write keeps nothing open."""
        self.stores.panel.let_go()
        super().note(actor, action, subject, detail, session or self.session)

    @contextlib.contextmanager
    def _noting_views(self, run: str) -> Iterator[None]:
        """Store that somebody wanted to see a list that is not live, among what they saw."""
        try:
            yield
        except NoLiveRelease as refused:
            if not isinstance(refused, ClockBehind):  # which has an entry of its own
                self.note(self.person.user, "view.refused", run, {"why": type(refused).__name__})
            raise

    @cached_property
    def _run_areas(self) -> dict[str, str]:
        with self.stores.panel.read() as connection:
            return {row.run: row.area for row in connection.execute(select(tables.runs.c.run, tables.runs.c.area))}

    def _sees_entry(self, entry: Entry) -> bool:
        # Keys of rows in the detail name people too, so that every word of an entry is looked at.
        if not self.closed.unseen.isdisjoint(_WORDS.findall(f"{entry.subject} {entry.detail}")):
            return False
        if is_of_pair(entry) and not self.person.may(Permission.MANAGE_ACCESS):  # two of them tell who may be one
            return False
        if "*" in self.person.areas:
            return True
        content = entry.content
        named = {entry.subject, str(content.get("run")), *content.get("of", ())}
        areas = {self._run_areas[run] for run in named & self._run_areas.keys()}
        areas |= {content["area"]} if "area" in content else set(content.get("areas", ()))
        if areas:
            return all(map(self.person.covers, areas))
        return self.person.user in (entry.actor, entry.subject)

    def _managed(self, user: str) -> None:
        self.person.need(Permission.MANAGE_ACCESS)
        if not self._holds(Accounts(self.stores).find(user).areas):
            raise no_such_user()

    def _holds(self, areas: frozenset[str]) -> bool:
        """Say whether somebody's areas all are the person's too: who manages one area does not manage another."""
        return "*" in self.person.areas or (bool(areas) and areas <= self.person.areas)

    def is_done(self) -> bool:
        """Say whether the form that asks was sent before, and did what it asks for."""
        return self.sent is not None and self.answered(self.sent)

    def _works_in(self, actor: Person, area: str) -> None:
        self._only(actor)
        if not self.person.covers(area):
            raise no_such_area()

    def _only(self, actor: Person) -> None:
        if actor.user != self.person.user:
            raise NotPermitted("Nobody acts for somebody else.", "Sign in yourself.")

    def _found(self, run: str, person: str) -> Case:
        # First whether the list is live: else what is said of one that is not would differ for a restricted case.
        try:
            found = super().case(run, person)
        except NotFound:
            self._admit(run, person)
            raise
        self._admit(run, person)
        return found

    def _admit(self, run: str, person: str) -> None:
        if person in self.closed.unseen:
            kind = "related" if person in self.closed.related else "restricted"
            Cases(self.stores).alarm(self.person, run, person, kind)
        _refuse(self.closed, person)

    def _refuse_closed(self, person: str, connection: Connection) -> None:
        """Pass if a case is open to the person as things stand within a transaction; whatever is read before is old."""
        _refuse(replace(Cases(self.stores).closed_in(connection, self.person), but=self.closed.but), person)

    def _refuse_any(self, people: Collection[str], connection: Connection) -> None:
        """Pass if the cases of all of some people are open to the person within a transaction."""
        for each in people:
            self._refuse_closed(each, connection)

    def _open(self, found: ReleasedList) -> ReleasedList:
        own = self._own_records(found)
        counts = {name: count for name, count in found.header["counts"].items() if name not in _COUNTED}
        header = {**found.header, "counts": counts}
        rows = [row for row in found.rows if row["person"] not in own and not self.closed.shuts(row["person"])]
        not_shown = found.not_shown + len(found.rows) - len(rows)
        shown = tuple(for_reader(row, self.person) for row in rows)
        return replace(found, header=header, rows=shown, not_shown=not_shown)

    def _own_records(self, found: ReleasedList) -> frozenset[str]:
        """Return the cases that are the person's own or of their household, as far as their own identity is known."""
        return self._ours(super().identities(found)) if self.selves else frozenset()

    def _own_referrals(self, found: Sequence[Filed]) -> frozenset[str]:
        """Return the pseudonyms among what is on file under which the person or their household was referred."""
        sealed = [each for each in found if "sealed" in each.document]
        return self._ours(super().referred(sealed)) if sealed and self.selves else frozenset()

    def _ours(self, known: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
        return frozenset(
            person for person, who in known.items() if any(likeness(mine, who) in CLOSING for mine in self.selves)
        )

    def _own_cases(self, people: Iterable[str | None]) -> frozenset[str]:
        """Return who among people of any list, live or not, is the person themselves or of their household."""
        asked = {person for person in people if person}
        if not asked or not self.selves:
            return frozenset()
        table = tables.identities.c
        query = select(table.run, table.person, table.sealed).where(table.person.in_(sorted(asked)))
        with self.stores.panel.read() as connection:
            sealed = connection.execute(query).all()
        # One and the same person may have been known under other names when another list was made.
        known = [{row.person: opened(self.stores, row.run, row.person, row.sealed)} for row in sealed]
        return frozenset(person for one in known for person in self._ours(one))

    def _likeness(self, found: ReleasedList, person: str) -> str:
        if self.person.scopes:  # a program has no name of its own
            return ""
        table = tables.identities.c
        query = select(table.sealed).where(table.run == found.run, table.person == person)
        with self.stores.panel.read() as connection:
            sealed = connection.execute(query).scalar()
        if sealed is None:
            return ""
        return likeness(self.own, self.stores.seal.open(found.run, person, sealed))

    def _rows(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        mine = [row for row in rows if not self.closed.shuts(row["person"]) and self._mine(row["run"])]
        own = self._own_cases(row["person"] for row in mine)
        return [row for row in mine if row["person"] not in own]

    def _mine(self, run: str) -> bool:
        try:
            self.area(run)
        except NotFound:
            return False
        return True


def _refuse(closed: Closed, person: str) -> None:
    if person in closed.unseen or closed.is_elsewhere(person):
        raise no_such_person()
    if person in closed.declared:
        raise NotPermitted(
            "You declared a conflict of interest in this case.", "A chair or an administrator can lift it."
        )


def _within(person: Person, areas: frozenset[str]) -> Person:
    """Return the person in those of their areas alone where the organisation that sends them works."""
    return replace(person, areas=areas if "*" in person.areas else person.areas & areas)
