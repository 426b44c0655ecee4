"""What somebody may try against a release, on both databases: each is refused, and in the ledger with who tried it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access import unsent
from serving.access.accounts import Accounts, Arrival
from serving.access.cases import Cases, Restriction
from serving.access.states import spend
from serving.access.tokens import Tokens
from serving.access.viewing import Viewing
from serving.errors import (
    DecisionConflict,
    ListChanged,
    NoLiveRelease,
    NotFound,
    NotPermitted,
    ReviewRefused,
    StoreError,
)
from serving.filing import filed
from serving.jobs import Jobs
from serving.keys import Signer
from serving.ledger import GENESIS
from serving.panel.referrals import Referred, refer, referrals
from serving.repeats import Repeat
from serving.storage.roles import WEB, WRITES
from serving.web import WebSettings, create_app
from serving.web.sessions import Sessions
from values import digest

DATABASES = ("sqlite", "postgresql")
NAMES = ["subjects/ethnicity/mixed"]


def tries(service: Service) -> list[tuple[str, str, str]]:
    """Who tried what, and why it was refused; oldest first."""
    return [
        (entry.actor, entry.action.removeprefix("refused."), entry.content["why"])
        for entry in reversed(service.ledger(None))
        if entry.action.startswith("refused.")
    ]


def accept(service: Service, run: str, made_up: Any, chair: Person) -> None:
    service.decide(run, made_up.rows[0]["person"], chair, "not_suitable", "pattern", "Agreed")


def test_a_decision_from_a_page_that_was_open_when_its_list_was_withdrawn(
    service: Service, released: str, made_up: Any, reviewer: Person, chair: Person
) -> None:
    service.review(released, reviewer, "withdraw", "Wrong extract")
    with pytest.raises(NoLiveRelease, match="withdrawn"):
        accept(service, released, made_up, chair)
    assert (tries(service), service.decisions()) == ([("chair", "decision", "NoLiveRelease")], [])


def test_a_decision_from_a_page_that_was_open_when_its_list_expired(
    service: Service, released: str, made_up: Any, chair: Person, clock: Any
) -> None:
    clock.forward(days=36)
    with pytest.raises(NoLiveRelease, match="expired"):
        accept(service, released, made_up, chair)
    assert tries(service) == [("chair", "decision", "NoLiveRelease")]


def test_a_clearance_from_a_page_that_was_open_when_its_list_was_withdrawn(
    service: Service, released: str, made_up: Any, reviewer: Person, chair: Person
) -> None:
    held = next(row["person"] for row in made_up.rows if row["section"] == "held")
    service.review(released, reviewer, "withdraw", "Wrong extract")
    with pytest.raises(NoLiveRelease):
        service.clear_hold(released, held, "counter_allegation", chair, "Checked")
    assert (tries(service), service.clearances()) == ([("chair", "clearance", "NoLiveRelease")], [])


@pytest.mark.parametrize("how", ["withdrawn", "stopped", "expired", "restricted", "recused"])
def test_nothing_is_recorded_where_a_list_or_case_closes_while_the_act_waits_for_its_turn(
    service: Service,
    another: Callable[[], Service],
    released: str,
    made_up: Any,
    reviewer: Person,
    chair: Person,
    clock: Any,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = next(row["person"] for row in made_up.rows if row["section"] == "held")
    viewing, there, reasons = Viewing(service, chair), another(), ["officer", "related"]
    closing: dict[str, Callable[[], Any]] = {
        "withdrawn": lambda: there.review(released, reviewer, "withdraw", "Wrong extract"),
        "stopped": lambda: there.stop(reviewer, "castlebridge", "Something is wrong"),
        "expired": lambda: clock.forward(days=36),
        "restricted": lambda: Cases(there.stores).restrict([Restriction(held, reasons.pop(), "victim")]),
        "recused": lambda: Cases(there.stores).declare(released, held, chair),
    }
    waiting, real = [closing[how]], service.stores.acting

    def acting(*args: Any) -> Any:
        if waiting:
            waiting.pop()()
        return real(*args)

    viewing.case(released, held)
    monkeypatch.setattr(service.stores, "acting", acting)
    refused = {"restricted": NotFound, "recused": NotPermitted}.get(how, NoLiveRelease)
    with pytest.raises(refused):
        viewing.decide(released, held, chair, "not_suitable", "pattern", "Agreed")
    assert (waiting, service.decisions()) == ([], [])
    again = Viewing(service, chair)
    if how == "restricted":  # for the clearance anew: what the panel reads is open, until its turn comes
        Cases(there.stores).lift(held, "admin", "Wrong person")
    elif how == "recused":
        admin = Person("admin", "A", Role.ADMINISTRATOR)
        Cases(there.stores).lift_conflict(chair.user, held, admin, "Wrong person")
    elif how == "stopped":
        there.let_go_on(Person("reviewer-2", "R", Role.REVIEWER), "castlebridge", "Nothing was wrong")
    if how in ("restricted", "recused", "stopped"):
        again.case(released, held)
        waiting.append(closing[how])
    with pytest.raises(refused):
        again.clear_hold(released, held, "counter_allegation", chair, "Checked")
    assert (waiting, service.clearances()) == ([], [])
    assert service.verify().ok


@pytest.mark.parametrize("how", ["withdrawn", "expired", "another policy"])
def test_a_page_asked_for_again_from_a_cache_when_its_list_is_not_live_any_more(
    service: Service, released: str, made_up: Any, reviewer: Person, chair: Person, clock: Any, how: str
) -> None:
    viewing, person = Viewing(service, chair), made_up.rows[0]["person"]
    viewing.case(released, person)
    if how == "withdrawn":
        service.review(released, reviewer, "withdraw", "Wrong extract")
    elif how == "another policy":
        made_up.files["policy"].write_text("margin: 0.1\n", encoding="utf-8")
    clock.forward(days=36 if how == "expired" else 1)
    with pytest.raises(NoLiveRelease):
        viewing.released_list(released)
    with pytest.raises(NoLiveRelease):
        viewing.decide(released, person, chair, "not_suitable", "pattern", "Agreed")
    seen = [(view["actor"], view["action"]) for view in service.views(released)]
    assert seen == [("chair", "view.refused"), ("chair", "view.refused")]
    assert [(actor, what) for actor, what, _ in tries(service)] == [("chair", "decision")]
    service.list_views()
    assert service.verify().ok


@pytest.mark.parametrize("name", ["policy", "governance"])
def test_a_policy_edited_after_the_approval(
    service: Service, released: str, made_up: Any, chair: Person, clock: Any, name: str
) -> None:
    made_up.files[name].write_text("margin: 0.1\n", encoding="utf-8")
    clock.forward(seconds=31)
    with pytest.raises(ListChanged, match=f"The {name} file"):
        accept(service, released, made_up, chair)
    with pytest.raises(ListChanged):
        service.released_list(released)
    assert tries(service) == [("chair", "decision", "ListChanged")]


def test_a_policy_edited_between_the_approval_and_the_publication(
    service: Service, made_up: Any, reviewer: Person, clock: Any
) -> None:
    run = made_up.into(service)
    service.review(run, reviewer, "approve", "Read", acknowledged=NAMES)
    made_up.files["policy"].write_text("margin: 0.1\n", encoding="utf-8")
    clock.forward(seconds=31)
    with pytest.raises(ListChanged, match="policy"):
        service.publish(run)


def test_an_approval_sent_again(service: Service, released: str, reviewer: Person) -> None:
    with pytest.raises(ReviewRefused, match="is released"):
        service.review(released, reviewer, "approve", "Again", acknowledged=NAMES)
    assert tries(service) == [("reviewer-1", "review.approve", "ReviewRefused")]
    assert len(service.run(released).reviews) == 1


def test_one_reviewer_who_waives_twice(service: Service, make: Callable[..., Any], reviewer: Person) -> None:
    run = make(verdict="insufficient").into(service)
    service.review(run, reviewer, "waive", "Small area", acknowledged=NAMES)
    with pytest.raises(ReviewRefused, match="waived this run already"):
        service.review(run, reviewer, "waive", "Again", acknowledged=NAMES)
    assert (service.state(run), tries(service)) == ("awaiting", [("reviewer-1", "review.waive", "ReviewRefused")])


def test_a_trainer_who_approves(service: Service, made_up: Any) -> None:
    run = made_up.but(trained_by="reviewer-9").into(service)
    with pytest.raises(ReviewRefused, match="trained this bundle"):
        service.review(run, Person("reviewer-9", "T", Role.REVIEWER), "approve", "Mine", acknowledged=NAMES)
    assert (service.state(run), tries(service)) == ("awaiting", [("reviewer-9", "review.approve", "ReviewRefused")])


@pytest.mark.parametrize(("verdict", "act"), [("pass", "approve"), ("insufficient", "waive")])
def test_two_reviewers_who_race_for_the_last_act(
    service: Service, another: Callable[[], Service], make: Callable[..., Any], verdict: str, act: str
) -> None:
    run = make(verdict=verdict).into(service)
    if act == "waive":
        service.review(run, Person("first", "F", Role.REVIEWER), "waive", "Small", acknowledged=NAMES)
    told: list[str] = []
    start = threading.Barrier(4)

    def race(process: Service, name: str) -> None:
        start.wait()
        try:
            told.append(process.review(run, Person(name, name, Role.REVIEWER), act, "Read", acknowledged=NAMES).state)
        except ReviewRefused as refused:
            told.append(refused.message)

    racers = [threading.Thread(target=race, args=(another(), f"r-{number}")) for number in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(told) == ["This run is released."] * 3 + ["released"]
    assert [why for _, _, why in tries(service)] == ["ReviewRefused"] * 3
    assert service.verify().ok


INSERTS = {
    "a ledger entry": "INSERT INTO ledger SELECT 2, hash, '2026-04-01', 'me', 'x', 'r', '{{}}', 'y', 'z' FROM ledger",
    "a review": "INSERT INTO reviews VALUES (9, '{run}', 'me', 'approve', 'r', '2026-05-01', '[]', '2026-04-01')",
    "a release": "INSERT INTO releases VALUES ('R-forged', '{run}', '{hash}', '2026-04-01', '2026-06-01')",
    "a key": "INSERT INTO reviewer_keys VALUES ('K-forged', 'me', '00', '[\"*\"]', 'me', '2026-04-01')",
}


@pytest.mark.parametrize("what", sorted(INSERTS))
def test_a_row_put_in_by_hand_counts_for_nothing_and_is_found(
    service: Service, made_up: Any, database: Any, what: str
) -> None:
    run = made_up.into(service)
    database.sql(INSERTS[what].format(run=run, hash=service.run(run).list_hash).replace("{{}}", "{}"))
    with pytest.raises((NoLiveRelease, StoreError)):
        service.publish(run)
    with pytest.raises((NoLiveRelease, StoreError)):
        service.released_list(run)
    found = service.verify()
    assert not found.ok
    assert found.why


def test_a_decision_and_a_clearance_put_in_by_hand_reach_no_scoring(
    service: Service, released: str, chair: Person, made_up: Any, database: Any
) -> None:
    first, second = made_up.rows[0]["person"], made_up.rows[1]["person"]
    number = service.decide(released, first, chair, "not_suitable", "pattern", "Agreed")
    database.sql(
        f"INSERT INTO decisions VALUES (99, '{released}', '{second}', 'chair', 'defer', 'other', 'x', NULL, false, '',"
        " NULL, '2026-04-01T09:00:00+00:00')"
    )
    database.sql(
        f"INSERT INTO decisions VALUES (100, '{released}', '{first}', 'chair', 'defer', 'other', 'x', NULL, false, '',"
        f" {number}, '2026-04-01T09:00:00+00:00')"
    )
    database.sql(
        f"INSERT INTO clearances VALUES ('{released}', '{second}', 'counter_allegation', 'chair', 'x', '2026-04-01')"
    )
    assert [(row["decision_id"], row["current"]) for row in service.decisions()] == [(number, True)]
    assert service.clearances() == []
    assert service.clearances() == []
    assert not service.verify().ok


def test_a_row_of_an_act_is_not_replaced_past_its_guard(service: Service, released: str) -> None:
    if service.stores.panel.path is None:
        pytest.skip("INSERT OR REPLACE is SQLite's own")
    with pytest.raises(Exception, match="never changed"), service.stores.panel.write() as connection:
        connection.exec_driver_sql("INSERT OR REPLACE INTO releases SELECT * FROM releases")
    assert service.state(released) == "released"


@pytest.mark.parametrize("table", ["published_rows", "published_cases"])
def test_rows_of_an_unreleased_list_cannot_be_put_in(service: Service, made_up: Any, database: Any, table: str) -> None:
    run = made_up.into(service)
    values = f"'{run}', 99, 'h', 'x', 'P', '{{}}'" if table == "published_rows" else f"'{run}', 'x', 'h', 'P', '{{}}'"
    with pytest.raises(Exception, match="no live release"):
        database.sql(f"INSERT INTO {table} VALUES ({values})")


@pytest.mark.parametrize(
    "table", ["runs", "reviews", "releases", "published", "ledger", "views", "changes", "reviewer_keys"]
)
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_rows_of_acts_are_neither_changed_nor_deleted(
    service: Service, released: str, made_up: Any, database: Any, table: str, verb: str
) -> None:
    column = {"ledger": "seq", "views": "number", "reviews": "review", "reviewer_keys": "key"}.get(table, "run")
    if table == "views":
        service.note("chair", "view.list", released)
    if table == "changes":
        made_up.but(header={**made_up.header, "as_of": "2026-04-30"}).into(service)
    if table == "reviewer_keys":
        Accounts(service.stores).add(Person("r", "Made Up", Role.REVIEWER), "admin")
        service.register_key("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "r", "admin")
    with pytest.raises(Exception, match="never changed"):
        database.sql(verb.format(table, column, column))


AT = "2026-04-01T09:00:00+00:00"
STOLEN = hashlib.sha256(b"stolen").hexdigest()
ARRIVAL = Arrival("issuer", "e-1", "eve@force", "E", Role.PANEL_MEMBER, frozenset({"castlebridge"}))


@dataclass
class Scene:
    """A released list and one that is not, somebody signed in, a program, a call that was answered."""

    service: Service
    released: str
    unreleased: str
    person: str
    held: str
    session: str
    token: str
    repeat: Repeat

    def __post_init__(self) -> None:
        self.sessions = Sessions(self.service, WebSettings(demo=False))

    def seen(self) -> list[Any]:
        """What the service says of everything that such a row could be about."""
        service = self.service
        runs = [(run.run, run.state, run.published) for run in service.runs()]
        acts = (service.decisions(), service.clearances(), service.views())
        return [
            runs,
            acts,
            filed(service.stores, ["minutes"]),
            self.sessions.find("stolen"),
            service.released_list(self.released),
        ]

    def nobody_gains(self) -> None:
        found = self.sessions.find(self.session)
        assert found is None or found.person.role is Role.PANEL_MEMBER

    def nobody_signs_in(self) -> None:
        self.nobody_gains()
        with pytest.raises(NotPermitted, match="not written by this service"):
            Accounts(self.service.stores).arrive(ARRIVAL)

    def no_program_reads(self) -> None:
        assert Tokens(self.service.stores).find(self.token) is None

    def no_answer_is_given(self) -> None:
        chair = Person("chair", "C", Role.CHAIR)
        with pytest.raises(DecisionConflict, match="kept was changed"):
            self.service.decide(self.released, self.person, chair, "not_suitable", "other", "x", repeat=self.repeat)

    def nothing_typed_is_told(self) -> None:
        assert [unsent.unsent(self.service.stores, user) for user in ("chair", "rival")] == [[], []]

    def nobody_was_referred(self) -> None:
        (found,) = referrals(self.service)
        assert "family_name" not in found.who

    def nothing_is_published(self) -> None:
        ended = Jobs(self.service.stores).work({"publish": lambda job, _: self.service.publish(job.subject)})
        assert ended is not None
        assert (ended.state, "not released" in ended.told) == ("failed", True)

    def nobody_signs_in_twice(self) -> None:
        assert not spend(self.service.stores, "stolen")  # which the pages enter as a replay
        self.service.note("nobody", "sign_in.refused", "replay")

    def nothing_comes_of_it(self) -> None:
        assert not self.service.verify().ok


# What SQL can do to each table that the web role may write, with what then does not happen. It is tried on SQLite: on
# PostgreSQL the role's address writes to none of them (test_serving_roles), and SQL by the owner is the same SQL.
BY_SQL: dict[str, list[tuple[str, Callable[[Scene], None]]]] = {
    "decisions": [
        (
            "INSERT INTO decisions VALUES (7, '{released}', '{person}', 'chair', 'defer', 'other', 'x', NULL, false,"
            " '', NULL, '{at}')",
            Scene.nothing_comes_of_it,
        )
    ],
    "clearances": [
        (
            "INSERT INTO clearances VALUES ('{released}', '{held}', 'counter_allegation', 'chair', 'x', '{at}')",
            Scene.nothing_comes_of_it,
        )
    ],
    "filed": [
        (
            "INSERT INTO filed VALUES (7, 'minutes', 'm', 'castlebridge', NULL, '', 'chair', '[]', NULL, '{at}')",
            Scene.nothing_comes_of_it,
        )
    ],
    "views": [
        (
            "INSERT INTO views VALUES ('b', 1, '{at}', 'rival', 'view.list', '{released}', '[]', '00')",
            Scene.nothing_comes_of_it,
        )
    ],
    "sessions": [
        (
            "INSERT INTO sessions SELECT '{stolen}', \"user\", name, role, areas, csrf, started_at, seen_at, NULL FROM"
            " sessions",
            Scene.nobody_gains,
        ),
        ("UPDATE sessions SET key = '{stolen}'", Scene.nobody_gains),
        ("UPDATE sessions SET areas = '[\"*\"]'", Scene.nobody_gains),
    ],
    "users": [
        ("UPDATE users SET role = 'governance_reviewer'", Scene.nobody_signs_in),
        ("UPDATE users SET areas = '[\"*\"]'", Scene.nobody_signs_in),
        (
            'INSERT INTO users ("user", name, role, areas, agency, login, active, added_by, added_at) VALUES'
            " ('mallory', 'M', 'governance_reviewer', '[\"*\"]', '', 'mallory@force', true, 'admin', '{at}')",
            lambda scene: _refused_as(scene, "mallory"),
        ),
    ],
    "service_tokens": [("UPDATE service_tokens SET revoked_at = '{at}'", Scene.no_program_reads)],
    "repeats": [
        ("UPDATE repeats SET answer = '[]'", Scene.no_answer_is_given),
        ("UPDATE repeats SET at = '2026-04-02T08:00:00+00:00'", Scene.no_answer_is_given),
    ],
    "unsent": [
        ("UPDATE unsent SET \"user\" = 'rival'", Scene.nothing_typed_is_told),
        ("UPDATE unsent SET page = '/elsewhere'", Scene.nothing_typed_is_told),
    ],
    "referred": [("DELETE FROM referred", Scene.nobody_was_referred)],
    "jobs": [
        (
            "INSERT INTO jobs VALUES ('J', 'publish', '{unreleased}', 'waiting', 'chair', '{at}', '{at}', NULL, 0, '',"
            " 0, 0, '')",
            Scene.nothing_is_published,
        )
    ],
    "spent_states": [("INSERT INTO spent_states VALUES ('{stolen}', '{at}')", Scene.nobody_signs_in_twice)],
}


def _refused_as(scene: Scene, user: str) -> None:
    with pytest.raises(NotPermitted, match="not written by this service"):
        Accounts(scene.service.stores).arrive(Arrival("issuer", "m-1", f"{user}@force", "M"))


@pytest.fixture
def scene(service: Service, released: str, made_up: Any, chair: Person) -> Scene:
    unreleased = made_up.but(header={**made_up.header, "as_of": "2026-02-28"}).into(service)
    people = [row["person"] for row in made_up.rows]
    held = next(row["person"] for row in made_up.rows if row["section"] == "held")
    session = Sessions(service, WebSettings(demo=False)).start(Accounts(service.stores).arrive(ARRIVAL))
    token = Tokens(service.stores).make("report", ["read:runs"], ["*"], date(2026, 5, 1), "admin")
    repeat = Repeat("chair", digest("key"), digest("asked"), service.stores.ledger.signer)
    service.decide(released, people[1], chair, "not_suitable", "pattern", "Agreed", repeat=repeat)
    service.note("chair", "view.list", released)
    unsent.keep(service.stores, "chair", "/page", [("reason", "Typed")])
    refer(service, chair, service.area(released), Referred("housing", "Asked", "", who={"family_name": "Bloggs"}))
    return Scene(service, released, unreleased, people[0], held, session, token, repeat)


def test_an_attack_is_tried_on_every_table_that_the_web_role_may_write() -> None:
    assert set(BY_SQL) == {table for table, rights in WRITES.items() if WEB in rights}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("statement", "outcome"),
    [
        pytest.param(*each, id=f"{table}-{number}")
        for table, attacks in BY_SQL.items()
        for number, each in enumerate(attacks)
    ],
)
def test_what_sql_does_to_a_table_of_the_web_role_counts_for_nothing_and_is_told(
    scene: Scene, database: Any, statement: str, outcome: Callable[[Scene], None]
) -> None:
    before = scene.seen()
    database.sql(statement.format(**scene.__dict__, at=AT, stolen=STOLEN))
    entries = len(scene.service.ledger(None))
    outcome(scene)
    assert scene.seen() == before
    assert len(scene.service.ledger(None)) > entries or not scene.service.verify().ok


@pytest.mark.parametrize("whose", ["another key", "the service's own key"])
def test_a_chain_rewritten_whole_in_its_place(
    service: Service, released: str, made_up: Any, chair: Person, database: Any, tmp_path: Path, whose: str
) -> None:
    rival = Signer(tmp_path / ("rival" if whose == "another key" else "keys"))
    statements, prev = ["DROP TRIGGER ledger_update"], GENESIS
    for entry in reversed(service.ledger(None)):
        written = replace(entry, prev=prev, actor="somebody else")
        prev = str(written.expected_hash)
        signature = rival.sign(f"{entry.seq}:{prev}")
        change = f"actor = 'somebody else', prev = '{written.prev}', hash = '{prev}', signature = '{signature}'"
        statements.append(f"UPDATE ledger SET {change} WHERE seq = {entry.seq}")
    database.sql(*statements)
    found = service.verify()
    assert (found.ok, found.first_broken) == (False, 1)
    if whose == "another key":
        for attempt in (
            lambda: accept(service, released, made_up, chair),
            lambda: service.released_list(released),
            lambda: service.note("chair", "view.list", released),
        ):
            with pytest.raises(ListChanged):
                attempt()
    else:  # the heads kept outside tell
        assert "rewritten or cut" in found.why


def test_a_token_that_a_browser_brings_along_is_never_the_session(service: Service, released: str) -> None:
    served = create_app(service, WebSettings(demo=True, mark="OFFICIAL"))
    client = TestClient(served, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
    cookie = WebSettings(demo=True).cookie
    member = Accounts(service.stores).make_up(Person("member", "M", Role.PANEL_MEMBER))
    planted = Sessions(service, WebSettings(demo=True)).start(member)
    for known in ("planted", planted):
        client.cookies.set(cookie, known)
        answer = client.post("/sign-in", data={"user": "chair"})
        given = answer.cookies[cookie]
        assert given not in ("planted", planted)
        attacker = TestClient(served, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        attacker.cookies.set(cookie, known)
        assert attacker.get("/api/v1/session").status_code == 401
        client.cookies.clear()
    assert [entry.action for entry in service.ledger(4)].count("session.ended") == 1
