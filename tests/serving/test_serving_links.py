"""Two records side by side: who may look, what answers come to, and what the next linkage reads back."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.accounts import Accounts
from serving.access.cases import Cases, Restriction
from serving.access.links import answer, challenges, close_challenge, review_of, reviews
from serving.access.viewing import Viewing
from serving.errors import FilingConflict, FilingRefused, NotFound, NotPermitted, StoreError
from serving.links import Answer, Outcome, name_of, note_read, open_pairs, outcome_of, publish, settled
from serving.panel.requests import challenge_link, link_challenges
from serving.release.erasing import erase
from serving.web import WebSettings, create_app
from serving.web.pages.links import compared

on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
PAIR = ("R01", "R02")


def steward(user: str = "first", *areas: str) -> Person:
    return Person(user, user.title(), Role.DATA_SCIENTIST, frozenset(areas or ("*",)))


def seen_by(service: Service, user: str = "first", *areas: str) -> Viewing:
    return Viewing(service, steward(user, *areas))


def say(service: Service, user: str, said: str, pair: str = "", number: int = 1) -> int:
    return answer(
        seen_by(service, user), pair or name_of(service.stores, *PAIR), said, "The custody photographs", number
    )


def outcome(service: Service, user: str = "first") -> Outcome:
    return review_of(seen_by(service, user), name_of(service.stores, *PAIR)).outcome


def test_what_changes_who_is_whom_takes_two_people_and_disagreement_changes_nothing() -> None:
    for together, *said in product((True, False), *[[None, *Answer]] * 3):
        answers = {f"human-{number}": each for number, each in enumerate(said) if each is not None}
        same, different = said.count(Answer.SAME), said.count(Answer.DIFFERENT)
        if same and different:
            expected = Outcome.DISAGREED
        elif same:
            expected = Outcome.SAME if same > 1 else Outcome.SECOND
        elif different:
            expected = Outcome.DIFFERENT if different > 1 or not together else Outcome.SECOND
        else:
            expected = Outcome.OPEN
        assert outcome_of(answers, together) is expected, (together, said)
        takes_two = expected is Outcome.SAME or (expected is Outcome.DIFFERENT and together)
        one_human = outcome_of(answers, together, lambda one, other: False)
        assert one_human is (Outcome.SECOND if takes_two else expected), (together, said)


@on_both
def test_two_reviewers_settle_a_pair_and_it_is_read_back_once(service: Service, make_pair: Any) -> None:
    publish(service.stores, [make_pair()])
    say(service, "first", "same")
    assert (outcome(service), settled(service.stores)) == (Outcome.SECOND, [])
    say(service, "first", "same")  # the same person again is one person
    assert outcome(service) is Outcome.SECOND
    say(service, "second", "same")
    (found,) = settled(service.stores)
    assert (found.outcome, found.pair.content["record_l"]) == (Outcome.SAME, "R01")
    assert sorted(each.by for each in found.answers) == ["first", "second"]
    with pytest.raises(FilingConflict, match="Others settled this"):
        say(service, "third", "different")
    say(service, "second", "different")  # a mistake is taken back while nothing has read it
    assert (outcome(service), settled(service.stores)) == (Outcome.DISAGREED, [])
    say(service, "second", "same")
    note_read(service.stores, settled(service.stores))
    assert settled(service.stores) == []
    acts = [entry.action for entry in service.ledger() if "link" in entry.action]
    assert acts == ["links.read", *["filed.link_answer"] * 5, "links.published"]
    assert service.verify().ok


def test_a_pair_that_comes_up_again_after_it_was_read_is_asked_anew(service: Service, make_pair: Any) -> None:
    publish(service.stores, [make_pair()])
    say(service, "first", "different")
    note_read(service.stores, settled(service.stores))
    publish(service.stores, [make_pair(together=True, why="challenge")])
    assert outcome(service) is Outcome.OPEN
    say(service, "first", "different", number=2)
    assert outcome(service) is Outcome.SECOND  # it would take apart what stands together


def test_two_accounts_of_one_human_being_are_one_reviewer(service: Service, make_pair: Any) -> None:
    for user in ("first", "second"):
        Accounts(service.stores).add(steward(user), "test", identity={"staff_number": "4711"})
        Accounts(service.stores).block(user, "test")
    publish(service.stores, [make_pair()])
    say(service, "first", "same")
    say(service, "second", "same")
    assert outcome(service) is Outcome.SECOND
    assert review_of(seen_by(service, "second"), name_of(service.stores, *PAIR)).mine is not None


@on_both
def test_whoever_knows_one_of_them_is_out_under_every_account_and_their_answer_counts_no_more(
    service: Service, make_pair: Any
) -> None:
    for user in ("first", "again"):
        Accounts(service.stores).add(steward(user), "test", identity={"staff_number": "4711"})
        Accounts(service.stores).block(user, "test")
    same_person = make_pair(1)[0], "P-PAIR-0000-L", "P-PAIR-0001-R"
    publish(service.stores, [make_pair(), same_person, make_pair(2)])
    say(service, "first", "same")
    number = answer(seen_by(service, "first"), name_of(service.stores, *PAIR), "knows", "", 1)
    for user in ("first", "again"):
        assert [each.pair.content["record_l"] for each in reviews(seen_by(service, user))] == ["R21"]
        with pytest.raises(NotFound, match="no such pair"):
            say(service, user, "same")
    say(service, "second", "same")
    found = review_of(seen_by(service, "second"), name_of(service.stores, *PAIR))
    assert (found.outcome, found.answered, found.others) == (Outcome.SECOND, 1, ())
    say(service, "third", "same")
    assert outcome(service, "third") is Outcome.SAME
    assert service.filed(["link_answer"])[1].number == number
    assert service.verify().ok


def test_only_who_manages_the_account_finds_and_lifts_that_somebody_knows_a_record(
    service: Service, make_pair: Any, chair: Person
) -> None:
    areas = ("castlebridge", "ashford")
    here, elsewhere = (Person(area, area, Role.ADMINISTRATOR, frozenset({area})) for area in areas)
    Accounts(service.stores).add(steward("first", "castlebridge"), "test")
    publish(service.stores, [make_pair()])
    answer(seen_by(service, "first", "castlebridge"), name_of(service.stores, *PAIR), "knows", "", 1)
    found = {person.user: Viewing(service, person).conflicts() for person in (here, elsewhere, chair)}
    assert {user: len(rows) for user, rows in found.items()} == {"castlebridge": 2, "ashford": 0, chair.user: 0}
    for row in found["castlebridge"]:
        Viewing(service, here).lift_conflict("first", row["person"], "Another of that name")
    assert len(reviews(seen_by(service, "first", "castlebridge"))) == 1
    with pytest.raises(NotFound):
        Viewing(service, elsewhere).lift_conflict("first", "P-PAIR-0000-L", "x")


@on_both
def test_no_entry_joins_a_recusal_with_its_pair_and_only_who_manages_access_reads_that_there_is_one(
    service: Service, make_pair: Any
) -> None:
    Accounts(service.stores).add(steward(), "test")
    publish(service.stores, [make_pair()])
    pair = name_of(service.stores, *PAIR)
    answer(seen_by(service), pair, "knows", "", 1)
    admin = Person("admin", "Ada", Role.ADMINISTRATOR)
    Viewing(service, admin).lift_conflict("first", "P-PAIR-0000-L", "Another of that name")
    people = {"P-PAIR-0000-L", "P-PAIR-0000-R"}
    said = [(each.action, each.subject, each.detail) for each in service.ledger()]
    assert [row for row in said if pair in str(row) and any(person in str(row) for person in people)] == []
    assert [subject for action, subject, _ in said if action == "conflict.declared"] == ["L-known", "L-known"]
    program = Person("t", "t", Role.SERVICE, scopes=frozenset({"read:ledger"}))
    told = {
        reader.user: sum("P-PAIR" in f"{each.subject} {each.detail}" for each in Viewing(service, reader).ledger())
        for reader in (Person("rita", "Rita", Role.REVIEWER), program, admin)
    }
    assert told == {"rita": 0, "t": 0, "admin": 3}
    assert [row["person"] for row in Viewing(service, admin).conflicts()] == ["P-PAIR-0000-R"]
    assert service.verify().ok


def test_of_real_people_only_reviewers_who_are_told_apart_are_two(service: Service, make_pair: Any) -> None:
    publish(service.stores, [make_pair(synthetic=False)])
    say(service, "first", "same")
    say(service, "second", "same")
    assert outcome(service) is Outcome.SECOND
    for number, user in enumerate(("first", "second")):
        Accounts(service.stores).add(steward(user), "test", identity={"staff_number": f"471{number}"})
    assert outcome(service) is Outcome.SAME


def test_a_reviewer_reads_what_others_said_once_they_have_answered(service: Service, make_pair: Any) -> None:
    publish(service.stores, [make_pair()])
    say(service, "first", "cannot_tell")
    name = name_of(service.stores, *PAIR)
    before = review_of(seen_by(service, "second"), name)
    assert (before.answered, before.others, before.mine) == (1, (), None)
    say(service, "second", "different")
    assert [each.by for each in review_of(seen_by(service, "second"), name).others] == ["first"]


@pytest.mark.parametrize(
    ("areas", "readers"),
    [
        (("castlebridge",), {"castlebridge", "castlebridge+ashford", "*"}),
        (("castlebridge", "ashford"), {"castlebridge+ashford", "*"}),
        ((), {"*"}),
    ],
)
def test_a_pair_is_for_those_who_work_wherever_its_records_are(
    service: Service, make_pair: Any, areas: tuple[str, ...], readers: set[str]
) -> None:
    content, left, right = make_pair()
    publish(service.stores, [({**content, "areas": list(areas)}, left, right)])
    name, found = name_of(service.stores, *PAIR), set()
    for mine in ("castlebridge", "ashford", "castlebridge+ashford", "*"):
        seen = seen_by(service, "local", *mine.split("+"))
        if reviews(seen):
            found.add(mine)
            answer(seen, name, "cannot_tell", "Too little", 1)
        else:
            with pytest.raises(NotFound, match="no such pair"):
                answer(seen, name, "same", "x", 1)
    assert found == readers


@pytest.mark.parametrize("side", ["L", "R"])
def test_a_pair_about_a_restricted_person_is_for_named_people_only(service: Service, make_pair: Any, side: str) -> None:
    publish(service.stores, [make_pair(), make_pair(1)])
    Accounts(service.stores).add(steward(), "test")
    Cases(service.stores).restrict([Restriction(f"P-PAIR-0000-{side}", "officer", "subject")])
    assert [each.pair.content["record_l"] for each in reviews(seen_by(service))] == ["R11"]
    with pytest.raises(NotFound):
        review_of(seen_by(service), name_of(service.stores, *PAIR))
    Cases(service.stores).grant(f"P-PAIR-0000-{side}", "first", "test", "Reviews the links")
    assert len(reviews(seen_by(service))) == 2


def test_nobody_reviews_their_own_record_or_one_of_their_household(service: Service, make_pair: Any) -> None:
    publish(service.stores, [make_pair()])
    me = Person("made", "Made0 Up", Role.DATA_SCIENTIST)
    Accounts(service.stores).add(me, "test", identity={"date_of_birth": "1990-01-01"})
    neighbour = Person("other", "Some Upp", Role.DATA_SCIENTIST)
    Accounts(service.stores).add(neighbour, "test", identity={"postcode": "zz56hl"})
    assert reviews(Viewing(service, me)) == reviews(Viewing(service, neighbour)) == []
    assert len(reviews(seen_by(service))) == 1


def test_a_demonstration_shows_made_up_records_only(service: Service, make_pair: Any) -> None:
    publish(service.stores, [make_pair(synthetic=False), make_pair(1)])
    found = reviews(Viewing(service, steward(), made_up_only=True))
    assert [each.pair.content["record_l"] for each in found] == ["R11"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DATA_SCIENTIST])
def test_no_other_role_reviews_links(service: Service, make_pair: Any, role: Role) -> None:
    publish(service.stores, [make_pair()])
    seen = Viewing(service, Person("somebody", "Some Body", role))
    for reach in (lambda: reviews(seen), lambda: challenges(seen), lambda: answer(seen, "L-1", "same", "x", 1)):
        with pytest.raises(NotPermitted):
            reach()


@on_both
def test_no_name_or_record_lies_open_in_the_database_and_an_erased_person_is_in_no_pair(
    service: Service, make_pair: Any, database: Any
) -> None:
    publish(service.stores, [make_pair(), make_pair(1)])
    say(service, "first", "cannot_tell")
    held = database.content()
    for secret in (b"Made0", b"R01", b"1990-01-01", b"ZZ5 6HL", b"93/4927510D"):
        assert secret not in held
    assert erase(service.stores, "P-PAIR-0000-R", "test") == 1
    assert [each.pair.content["record_l"] for each in reviews(seen_by(service))] == ["R11"]
    assert service.verify().ok


def test_a_pair_that_sql_moved_to_another_person_is_shown_to_nobody(
    service: Service, make_pair: Any, database: Any
) -> None:
    publish(service.stores, [make_pair()])
    database.sql("DROP TRIGGER record_pairs_update", "UPDATE record_pairs SET person_l = 'P-OTHER'")
    assert reviews(seen_by(service)) == []
    database.sql("UPDATE record_pairs SET person_l = 'P-PAIR-0000-L', pair = 'L-other'")
    with pytest.raises(StoreError, match="belongs elsewhere"):
        reviews(seen_by(service))


def test_an_answer_needs_a_reason_and_is_about_what_was_read(service: Service, make_pair: Any) -> None:
    publish(service.stores, [make_pair()])
    name = name_of(service.stores, *PAIR)
    with pytest.raises(FilingRefused, match="needs a reason"):
        answer(seen_by(service), name, "same", " ", 1)
    with pytest.raises(FilingRefused, match="no such answer"):
        answer(seen_by(service), name, "perhaps", "x", 1)
    publish(service.stores, [make_pair(weight=7.0)])
    with pytest.raises(FilingConflict, match="linked anew"):
        answer(seen_by(service), name, "same", "x", 1)


def test_linkage_takes_out_what_is_no_longer_open_but_nothing_that_was_settled_meanwhile(
    service: Service, make_pair: Any
) -> None:
    assert publish(service.stores, [make_pair(), make_pair(1)]) == 2
    assert publish(service.stores, [make_pair(), make_pair(1)]) == 2  # the same again is no round of its own
    say(service, "first", "different")
    publish(service.stores, [make_pair(2)])
    with service.stores.panel.read() as connection:
        assert [each.content["record_l"] for each in open_pairs(service.stores, connection)] == ["R21"]
    (found,) = settled(service.stores)
    assert found.pair.content["record_l"] == "R01"
    note_read(service.stores, [found])
    publish(service.stores, [])
    assert (reviews(seen_by(service)), settled(service.stores)) == ([], [])
    assert len([entry for entry in service.ledger() if entry.action == "links.published"]) == 3


def test_a_challenge_of_the_panel_is_in_the_same_queue_and_its_answer_on_the_case(
    service: Service, released: str, made_up: Any, chair: Person
) -> None:
    person = made_up.rows[0]["person"]
    number = challenge_link(service, chair, released, person, "INC000 is the brother's")
    seen = seen_by(service)
    assert [(each.number, each.document["why"]) for each in challenges(seen)] == [(number, "INC000 is the brother's")]
    assert challenges(seen_by(service, "far", "ashford")) == []
    with pytest.raises(FilingRefused, match="what came of it"):
        close_challenge(seen, number, " ")
    close_challenge(seen, number, "Two brothers; taken apart")
    with pytest.raises(FilingConflict, match="answered already"):
        close_challenge(seen, number, "Again")
    with pytest.raises(NotFound):
        close_challenge(seen_by(service, "far", "ashford"), number, "Again")
    (told,) = link_challenges(service, released, person)
    assert (told.document["outcome"], told.document["challenged_by"], told.by) == (
        "Two brothers; taken apart",
        "chair",
        "first",
    )
    Cases(service.stores).restrict([Restriction(made_up.rows[1]["person"], "officer", "victim")])
    challenge_link(service, chair, released, made_up.rows[1]["person"], "Another's")
    assert challenges(seen_by(service)) == []


@pytest.mark.parametrize(
    ("compares", "weight", "mark", "speaks"),
    [
        ("same", 7.0, "Same", "speaks strongly for one person"),
        ("one slip", 4.5, "Alike", "speaks for one person"),
        ("different", -7.9, "Different", "speaks strongly against one person"),
        ("one digit differs, ten years or more apart", -2.0, "Different", "speaks against one person"),
        ("not recorded in one of them", 0.0, "Not compared", "says little"),
        ("none in common", None, "Different", "not weighed"),
    ],
)
def test_every_line_says_in_a_word_how_it_compares(compares: str, weight: float | None, mark: str, speaks: str) -> None:
    found = compared(["family name", "Up", "Upp", compares, weight])
    assert (found.mark, found.speaks) == (mark, speaks)


@pytest.fixture
def browse(service: Service) -> Callable[..., tuple[TestClient, str]]:
    app = create_app(service, WebSettings(demo=False))

    def signed_in(person: Person) -> tuple[TestClient, str]:
        client = TestClient(app, base_url="https://panel.example", follow_redirects=False)
        Accounts(service.stores).make_up(person)
        client.cookies.set("__Host-panel", app.state.web.sessions.start(person))
        return client, app.state.web.sessions.find(client.cookies.get("__Host-panel", "")).csrf

    return signed_in


def test_the_queue_names_nobody_and_a_pair_that_was_looked_at_is_noted(
    service: Service, make_pair: Any, browse: Any
) -> None:
    content, left, right = make_pair()
    content["rows"][0][1] = "<script>alert(1)</script>"
    publish(service.stores, [(content, left, right)])
    client, csrf = browse(steward())
    name, queue = name_of(service.stores, *PAIR), client.get("/links").text
    assert "Linkage left it open" in queue
    for secret in ("Made0", "Upp", "R01", left):
        assert secret not in queue
    page = client.get(f"/links/{name}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert re.findall(r'govuk-tag--\w+">([^<]+)<', page) == [
        "Same", "Alike", "Different", "Not compared", "Same", "Different",
    ]  # fmt: skip
    assert (service.views(name)[0]["action"], service.views(name)[0]["actor"]) == ("view.link", "first")
    form = {"csrf": f"{csrf}.page", "said": "", "reason": "Photographs differ", "number": "1"}
    refused = client.post(f"/links/{name}", data=form)
    assert (refused.status_code, "Photographs differ" in refused.text) == (422, True)
    for _ in range(2):  # a double click answers once
        sent = client.post(f"/links/{name}", data=form | {"said": "different"})
        assert sent.headers["location"] == f"/links/{name}?done=answered"
    assert "You, 1 April 2026" in client.get(f"/links/{name}?done=answered").text
    assert len(service.filed(["link_answer"])) == 1
    assert client.get("/links/L-nothing").status_code == 404
    for _ in range(2):  # a double click on what closes the pair is told the same
        sent = client.post(f"/links/{name}", data=form | {"csrf": f"{csrf}.other", "said": "knows", "reason": ""})
        assert sent.headers["location"] == "/links?done=recused"
    assert (client.get(f"/links/{name}").status_code, len(service.filed(["link_answer"]))) == (404, 2)
