"""One human being with two accounts is one person to every rule, by whatever is known of who they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from serving import Person, Role, Service
from serving.access.accounts import Accounts, Arrival
from serving.access.accounts.one_person import TwoAccounts
from serving.access.adding import add_account
from serving.access.cases import Cases
from serving.access.humans import Humans, marks_of
from serving.access.viewing import Viewing
from serving.errors import NotPermitted, ReviewRefused
from serving.keys import ReviewerKey, Signer
from serving.release import Act
from serving.release.signing import SignedReview, key_name, to_sign

on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
NAMES = ["subjects/ethnicity/mixed"]
JO = {"staff_number": "004711", "email": "Jo.Field@force.example", "date_of_birth": "1980-02-03"}


@pytest.fixture
def accounts(service: Service) -> Accounts:
    return Accounts(service.stores)


def a_reviewer(accounts: Accounts, user: str, identity: Mapping[str, str]) -> Person:
    return accounts.add(Person(user, "Jo Field", Role.REVIEWER), "admin", identity=identity).person


def twice(accounts: Accounts, identity: Mapping[str, str]) -> Callable[[], Person]:
    """Give Jo an account, and return what blocks it and gives Jo another."""
    a_reviewer(accounts, "jo", JO)

    def again() -> Person:
        accounts.block("jo", "admin")
        return a_reviewer(accounts, "jo.field", identity)

    return again


def tries(service: Service) -> list[tuple[str, str, str]]:
    return [
        (entry.actor, entry.action, entry.content["why"])
        for entry in service.ledger()
        if entry.action.startswith("refused.")
    ]


@on_both
def test_two_waivers_by_two_accounts_of_one_person_count_once(
    service: Service, make: Callable[..., Any], accounts: Accounts
) -> None:
    run = make(verdict="insufficient").into(service)
    again = twice(accounts, {"staff_number": "4711"})
    service.review(run, accounts.find("jo").person, "waive", "Small area", acknowledged=NAMES)
    second = again()
    with pytest.raises(ReviewRefused, match="waived this run already"):
        service.review(run, second, "waive", "Read anew", acknowledged=NAMES)
    assert (service.state(run), tries(service)) == ("awaiting", [("jo.field", "refused.review.waive", "ReviewRefused")])
    other = a_reviewer(accounts, "kim", {"staff_number": "4712"})
    assert service.review(run, other, "waive", "Read", acknowledged=NAMES).state == "released"
    assert service.verify().ok


def test_a_key_of_the_second_account_is_the_same_persons(
    service: Service, make: Callable[..., Any], accounts: Accounts, tmp_path: Path
) -> None:
    run = make(verdict="insufficient").into(service)
    again = twice(accounts, {"email": "JO.FIELD+panel@Force.example"})
    service.review(run, accounts.find("jo").person, "waive", "Small area", acknowledged=NAMES)
    again()
    key = ReviewerKey.make(tmp_path / "second.key", "a long made-up passphrase")
    name = service.register_key(key.public_key, "jo.field", "admin")
    assert name == key_name(key.public_key)
    text = to_sign(service.to_review(run), name, Act.WAIVE, "Read anew", None, NAMES, service.now())
    with pytest.raises(ReviewRefused, match="waived this run already"):
        service.review_signed(SignedReview(text, key.sign(text)))
    assert tries(service) == [("jo.field", "refused.review.waive", "ReviewRefused")]


@on_both
def test_who_trained_reviews_with_no_account_of_theirs(service: Service, made_up: Any, accounts: Accounts) -> None:
    accounts.add(
        Person("scientist", "Field, Jo", Role.DATA_SCIENTIST), "admin", identity={"date_of_birth": "1980-02-03"}
    )
    accounts.block("scientist", "admin")
    reviewer = a_reviewer(accounts, "jo", JO)
    run = made_up.into(service)
    with pytest.raises(ReviewRefused, match="trained this bundle"):
        service.review(run, reviewer, "approve", "Read", acknowledged=NAMES)
    assert tries(service) == [("jo", "refused.review.approve", "ReviewRefused")]


@on_both
def test_a_real_list_needs_reviewers_who_are_known_to_be_others(
    service: Service, make: Callable[..., Any], accounts: Accounts
) -> None:
    documents = make(verdict="insufficient")
    run = documents.but(header={**documents.header, "synthetic": False}).into(service)
    accounts.add(Person("scientist", "S", Role.DATA_SCIENTIST), "admin", identity={"staff_number": "1"})
    first, second = a_reviewer(accounts, "jo", {}), a_reviewer(accounts, "kim", {"staff_number": "3"})

    def waive(who: Person) -> str:
        return service.review(run, who, "waive", "Small area", acknowledged=NAMES).state

    with pytest.raises(ReviewRefused, match="Nothing tells whether jo and scientist are two people") as refused:
        waive(first)
    assert "users identify" in refused.value.remedy
    accounts.identify("jo", "admin", {"email": "jo@force.example"})
    with pytest.raises(ReviewRefused, match="jo and scientist"):
        waive(first)
    accounts.identify("jo", "admin", {"staff_number": "2"})
    assert waive(first) == "awaiting"
    accounts.add(Person("lee", "Lee", Role.REVIEWER), "admin", identity={"email": "lee@force.example"})
    accounts.identify("scientist", "admin", {"email": "s@force.example"})
    assert waive(second) == "released"
    assert [entry.action for entry in service.ledger() if entry.action == "user.identified"] == ["user.identified"] * 3


def test_marks_that_sql_changed_tell_nobody_apart(
    service: Service, make: Callable[..., Any], accounts: Accounts, database: Any
) -> None:
    documents = make(verdict="insufficient")
    run = documents.but(header={**documents.header, "synthetic": False}).into(service)
    accounts.add(Person("scientist", "S", Role.DATA_SCIENTIST), "admin", identity={"staff_number": "1"})
    again = twice(accounts, {"staff_number": "4711", "email": "new@force.example"})
    service.review(run, accounts.find("jo").person, "waive", "Small area", acknowledged=NAMES)
    second = again()
    other = next(iter(marks_of(service.stores.ledger.signer, {"staff_number": "9"}, "").values()))
    database.sql(f'UPDATE users SET human = \'{{"staff_number:":["{other[0]}"]}}\' WHERE "user" = \'jo\'')
    with pytest.raises(ReviewRefused, match=r"jo.field and jo are two people"):
        service.review(run, second, "waive", "Read anew", acknowledged=NAMES)


@on_both
def test_nobody_has_a_second_account_in_force(service: Service, accounts: Accounts) -> None:
    again = twice(accounts, {"staff_number": "4711"})
    with pytest.raises(TwoAccounts, match="Another account of the same person is in force"):
        a_reviewer(accounts, "jo.field", {"staff_number": "4711"})
    a_reviewer(accounts, "kim", {})
    for identity in ({"email": "jo.field@force.example"}, {"date_of_birth": "1980-02-03"}):
        with pytest.raises(TwoAccounts):
            accounts.identify("kim", "admin", identity)
    assert accounts.find("kim").known_by == ()
    again()
    with pytest.raises(TwoAccounts):
        accounts.block("jo", "admin", active=True)
    assert accounts.find("jo").active is False
    entries = [
        (entry.subject, entry.content["asked_for"]) for entry in service.ledger() if entry.action == "user.twice"
    ]
    assert entries == [("jo.field", "jo"), ("jo", "kim"), ("jo", "jo.field")]
    assert service.verify().ok


def arrival(subject: str, **identity: str) -> Arrival:
    login = f"{subject}@force.example"
    return Arrival("https://id.example", subject, login, "Jo Field", Role.REVIEWER, frozenset({"*"}), identity=identity)


def test_a_second_sign_in_of_one_person_is_refused_and_a_mark_stays(service: Service, accounts: Accounts) -> None:
    accounts.arrive(arrival("one", email="jo@force.example"))
    accounts.arrive(arrival("one", email="jo.new@force.example"))
    for _ in range(3):
        with pytest.raises(TwoAccounts):
            accounts.arrive(arrival("two", email="jo@force.example"))
    assert [account.user for account in accounts.all()] == ["one"]
    noted = [(entry.actor, entry.content) for entry in service.ledger() if entry.action == "user.twice"]
    assert noted == [("https://id.example", {"asked_for": "two"})]
    assert accounts.arrive(arrival("three", email="kim@force.example")).user == "three"


@on_both
def test_who_sees_names_by_an_administrators_hand_alone_signs_in_once_something_tells_who_they_are(
    service: Service, accounts: Accounts
) -> None:
    accounts.add(Person("ada", "Ada", Role.ADMINISTRATOR), "command-line:root")
    seen = Viewing(service, accounts.find("ada").person)
    areas = frozenset({"ashford"})

    def sign_in(user: str, **identity: str) -> str:
        return accounts.arrive(Arrival("https://id.example", user, f"{user}@x.example", user, identity=identity)).role

    for user, role in {"jo": Role.CHAIR, "kim": Role.PANEL_MEMBER, "ned": Role.DATA_SCIENTIST}.items():
        add_account(seen, Person(user, user, role, areas), f"{user}@x.example")
    for user in ("lee", "max"):
        accounts.add(Person(user, user, Role.CHAIR, areas), "command-line:root", f"{user}@x.example")
        assert sign_in(user) == "chair"
    seen.change_account("lee", Role.PANEL_MEMBER, areas, "")
    for user in ("jo", "kim", "lee", "ned"):
        with pytest.raises(NotPermitted, match="Nothing tells yet who holds this account"):
            sign_in(user, postcode="XX1 1AA")
    accounts.identify("jo", "command-line:root", {"staff_number": "4711"})
    accounts.change("lee", "command-line:root", agency="police")
    roles = [sign_in("jo"), sign_in("kim", email="kim@x.example"), sign_in("lee")]
    assert roles == ["chair", "panel_member", "panel_member"]


def test_a_declared_identity_is_kept_where_the_provider_says_less(service: Service, accounts: Accounts) -> None:
    accounts.add(Person("jo", "Jo Field", Role.REVIEWER), "admin", "jo@force.example", {"postcode": "XX1 1AA"})
    accounts.arrive(Arrival("https://id.example", "s1", "jo@force.example", "Jo Field"))
    assert accounts.identity("jo") == {"postcode": "XX1 1AA"}


def test_what_tells_people_apart_lies_in_no_database_in_the_clear(accounts: Accounts, database: Any) -> None:
    a_reviewer(accounts, "jo", JO)
    content = database.content()
    assert accounts.find("jo").known_by == ("born", "email", "staff_number")
    for clear in (b"4711", b"force.example", b"1980-02-03"):
        assert clear not in content


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"staff_number": "00-4711"}, {"staff_number": " 4711 "}, True),
        ({"staff_number": "4711"}, {"staff_number": "4712"}, False),
        ({"email": "Jo@Force.example "}, {"email": "jo+2@force.EXAMPLE"}, True),
        ({"email": "jo@force.example"}, {"email": "jo@other.example"}, False),
        (
            {"name": "Léa Field", "date_of_birth": "1980-02-03"},
            {"name": "FIELD Lea", "date_of_birth": "1980-02-03"},
            True,
        ),
        (
            {"name": "Lea Field", "date_of_birth": "1980-02-03"},
            {"name": "Lea Field", "date_of_birth": "1980-02-04"},
            False,
        ),
        ({"name": "Lea Field"}, {"name": "Lea Field"}, False),
        ({"email": "@"}, {"email": "@"}, False),
        ({"staff_number": "000"}, {"staff_number": "0"}, False),
    ],
)
def test_people_are_compared_whatever_the_spelling(
    tmp_path: Path, one: dict[str, str], other: dict[str, str], same: bool
) -> None:
    signer = Signer(tmp_path)
    marks = {"one": marks_of(signer, one, "police"), "other": marks_of(signer, other, "Police")}
    known = Humans(marks, frozenset(marks))
    assert (known.accounts("one") == {"one", "other"}) == same
    assert known.one_name("one") == "one"
    assert known.tells_apart("one", "other") == (not same and bool(marks["one"]))


def test_a_staff_number_is_its_agencys_own(tmp_path: Path) -> None:
    signer = Signer(tmp_path)
    marks = {agency: marks_of(signer, {"staff_number": "4711"}, agency) for agency in ("police", "probation")}
    known = Humans(marks, frozenset(marks))
    assert known.accounts("police") == {"police"}
    assert not known.tells_apart("police", "probation")


def test_accounts_are_one_persons_along_a_chain_of_marks() -> None:
    known = Humans(
        {"a": {"email": ["1"]}, "b": {"email": ["1"], "born": ["2"]}, "c": {"born": ["2"]}}, frozenset("abc")
    )
    assert known.accounts("c") == {"a", "b", "c"}
    assert not known.tells_apart("a", "c")


@on_both
def test_a_conflict_and_a_relation_hold_for_every_account_of_a_person(
    service: Service, released: str, made_up: Any, accounts: Accounts
) -> None:
    cases, people = Cases(service.stores), [row["person"] for row in made_up.rows]
    first = accounts.add(Person("jo", "Jo Field", Role.CHAIR), "admin", identity=JO).person
    cases.declare(released, people[0], first)
    cases.relate(people[1], "jo", "admin")
    accounts.block("jo", "admin")
    second = accounts.add(Person("jo.field", "Jo Field", Role.CHAIR), "admin", identity={"staff_number": "4711"}).person
    closed = cases.closed_to(second)
    assert (closed.declared, closed.related) == ({people[0]}, {people[1]})
    with pytest.raises(NotPermitted, match="Nobody lifts a conflict of their own"):
        cases.lift_conflict("jo", people[0], second, "I know better")
