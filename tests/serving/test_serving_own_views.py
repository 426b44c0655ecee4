"""A chair's view of a case on the record alone: recorded where no place is shown, kept, and counted only if it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.accounts import Accounts
from serving.access.viewing import Viewing
from serving.errors import FilingConflict, FilingRefused, NotFound, NotPermitted
from serving.panel import own_views
from serving.panel.own_views import Leaning
from serving.web import WebSettings, create_app
from serving.web.pages.oversight import overseen

DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def browse(service: Service) -> Callable[[str], TestClient]:
    """Sign a made-up user in to the pages."""
    app = create_app(service, WebSettings(demo=True, mark="OFFICIAL"))

    def signed_in(user: str) -> TestClient:
        client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        assert client.post("/sign-in", data={"user": user}).status_code == 303
        return client

    return signed_in


def csrf(client: TestClient) -> str:
    return str(client.get("/api/v1/session").json()["csrf"])


def test_a_view_is_kept_once_and_says_whether_the_place_was_seen(
    service: Service, released: str, made_up: Any, chair: Person
) -> None:
    first, second, third = (row["person"] for row in made_up.rows[:3])
    with pytest.raises(FilingRefused, match="needs a reason"):
        own_views.record(service, chair, released, first, Leaning.PLACE, " ")
    own_views.record(service, chair, released, first, Leaning.PLACE, " Two victims ")
    with pytest.raises(FilingConflict, match="is on file"):
        own_views.record(service, chair, released, first, Leaning.NO_PLACE, "On second thoughts")
    service.note("chair", "view.case", released, {"person": second, "view": "why"})
    service.note("chair", "view.own_view", released, {"person": third})
    service.note("other", "view.list", released)
    own_views.record(service, chair, released, second, Leaning.NO_PLACE, "Moved away")
    own_views.record(service, chair, released, third, Leaning.CANNOT_TELL, "Too little")
    service.note("chair", "view.list", released)
    other = Person("chair-2", "C", Role.CHAIR)
    own_views.record(service, other, released, first, Leaning.PLACE, "Two victims")
    found = {(each.by, each.person): each.document for each in own_views.own_views(service, released)}
    assert found["chair", first] == {"leaning": "place", "words": "Two victims", "place_seen": False}
    assert [found["chair", each]["place_seen"] for each in (second, third)] == [True, False]
    assert found["chair-2", first]["place_seen"] is False
    with pytest.raises(NotPermitted):
        own_views.record(service, Person("m", "M", Role.PANEL_MEMBER), released, first, Leaning.PLACE, "x")
    far = Person("far", "Far", Role.CHAIR, frozenset({"ashford"}))
    with pytest.raises(NotFound):
        own_views.record(Viewing(service, far), far, released, first, Leaning.PLACE, "x")
    for role, read in ((Role.PANEL_MEMBER, 0), (Role.REVIEWER, 4)):
        assert len(own_views.own_views(Viewing(service, Person("r", "R", role)), released)) == read


def test_the_pages_on_which_it_is_recorded_show_no_place_band_or_reason(
    browse: Callable[[str], TestClient], service: Service, released: str, made_up: Any, database: Any
) -> None:
    client, row = browse("chair"), made_up.rows[1]
    case = f"/lists/{released}/cases/{row['person']}"
    start, page = client.get(f"/lists/{released}/own-views").text, client.get(f"{case}/own-view").text
    for text in (start, page):
        assert row["person"] in text
        for told in (
            "very high",
            "moj-badge",
            "Place </span>",
            "domestic incidents as suspect",
            "V100",
            "above the line",
        ):
            assert told not in text
    assert "Violence with injury" in page
    order = [start.index(each["person"]) for each in made_up.rows if each["section"] != "apart"]
    assert order == sorted(order)
    typed = {"csrf": csrf(client), "leaning": "place", "words": "<b>Two</b> victims"}
    empty = client.post(f"{case}/own-view", data={**typed, "leaning": "", "words": "x" * 4001})
    assert empty.status_code == 422
    assert "Say what you would decide" in empty.text
    assert "Shorten this to 4,000 characters" in empty.text
    assert "x" * 4001 in empty.text
    typed["csrf"] += ".page"
    done, twice = (client.post(f"{case}/own-view", data=typed) for _ in range(2))
    assert (twice.status_code, twice.headers["location"]) == (303, done.headers["location"])
    assert len(own_views.own_views(service, released)) == 1
    assert (done.status_code, done.headers["location"]) == (303, f"/lists/{released}/own-views?done=view")
    assert "Your view is on file" in client.get(done.headers["location"]).text
    shown = re.sub(r"\s+", " ", re.sub("</?(bdi|strong)>", "", client.get(case).text))
    assert "before the place was seen: I would give a place. &lt;b&gt;Two&lt;/b&gt; victims" in shown
    assert "Two&lt;/b&gt; victims" in client.get(f"{case}/decision").text
    assert "Two&lt;/b&gt; victims" not in browse("member").get(case).text
    again = client.post(f"{case}/own-view", data={**typed, "words": "Another"})
    assert (again.status_code, "Your view of this case is on file" in again.text) == (409, True)
    assert service.verify().ok


def test_what_panels_judged_for_themselves_is_counted_for_those_who_may_read_it(
    browse: Callable[[str], TestClient], service: Service, released: str, made_up: Any, chair: Person, clock: Any
) -> None:
    person = made_up.rows[3]["person"]
    own_views.record(service, chair, released, person, Leaning.NO_PLACE, "Moved away")
    service.decide(released, person, chair, "not_suitable", "agency_information", "Moved away")
    told = {}
    for user in ("reviewer-1", "admin"):
        text = browse(user).get("/oversight").text
        told[user] = re.findall(r"<td[^>]*>([^<]*)</td>", text.partition('id="judgement"')[2])
        assert "0 of 1 (0%)" in text
    assert told["reviewer-1"] == ["1", "0", "0", "1", "1", "1"]
    clock.forward(days=60)
    (ended,) = overseen(Viewing(service, Person("reviewer-1", "R", Role.REVIEWER)))
    assert (ended.run.state, ended.stopped) == ("expired", False)
    assert ended.figures is not None
    assert (ended.figures.decided, ended.figures.ordered, ended.figures.own_first) == (1, 1, 1)
    assert told["admin"] == ["1", "0", "0", "1", "not shown to you", "not shown to you"]


def test_a_program_records_and_reads_views_by_the_same_rules(
    browse: Callable[[str], TestClient], released: str, made_up: Any
) -> None:
    page, view = f"/api/v1/lists/{released}/cases/{made_up.rows[0]['person']}/own-view", {"leaning": "place"}
    client = browse("chair")
    headers = {"X-CSRF-Token": csrf(client), "Idempotency-Key": "key-of-one-view"}
    for words, kind in ((" ", "filing-refused"), ("\0", "not-valid"), ("x" * 4001, "not-valid")):
        refused = client.post(page, json={**view, "words": words}, headers=headers)
        assert (refused.status_code, refused.json()["type"].partition("#")[2]) == (422, kind)
    answers = [client.post(page, json={**view, "words": "Two victims"}, headers=headers) for _ in range(2)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(201, answers[0].json())] * 2
    other = client.post(
        page, json={**view, "words": "Another"}, headers={**headers, "Idempotency-Key": "another-view-key"}
    )
    assert (other.status_code, other.json()["type"].partition("#")[2]) == (409, "filed-meanwhile")
    assert [each["document"]["place_seen"] for each in client.get(page).json()["own_views"]] == [False]
    assert browse("member").get(page).json() == {"own_views": []}


def test_a_place_counts_as_seen_by_whom_and_wherever_it_was(
    service: Service, released: str, made_up: Any, chair: Person
) -> None:
    accounts, mark = Accounts(service.stores), {"staff_number": "4711"}
    accounts.add(Person("chair-2", "An earlier account", Role.CHAIR), "test", identity=mark)
    accounts.block("chair-2", "test")
    accounts.add(chair, "test", identity=mark)
    people = [row["person"] for row in made_up.rows]
    for number, (actor, action, subject, detail, is_seen) in enumerate(
        (
            ("chair", "view.exports", released, {}, False),
            ("chair", "view.case", "R2", {"person": people[1], "before": "R0"}, False),
            ("chair", "view.case", "R2", {"person": people[2], "before": released}, True),
            ("chair-2", "view.case", released, {"person": people[3]}, True),
            ("operator", "view.list", released, {"person": people[4]}, False),
            ("operator", "view.list", released, {"person": people[5], "account": "chair-2"}, True),
            ("chair", "view.changes", "R2", {"before": released}, True),
        )
    ):
        service.note(actor, action, subject, detail)
        own_views.record(service, chair, released, people[number], Leaning.PLACE, "Two victims")
        (found,) = own_views.own_views(service, released, people[number])
        assert found.document["place_seen"] is is_seen, (action, detail)
    with pytest.raises(FilingConflict):
        own_views.record(service, Person("chair-2", "C", Role.CHAIR), released, people[0], Leaning.PLACE, "Once more")


def test_the_history_of_a_case_on_the_next_list_tells_of_its_place_on_this_one(
    browse: Callable[[str], TestClient], service: Service, released: str, made_up: Any, reviewer: Person
) -> None:
    newer = made_up.but(header={**made_up.header, "as_of": "2026-04-30"})
    run, person = newer.into(service), made_up.rows[0]["person"]
    service.review(run, reviewer, "approve", "Audit read", acknowledged=made_up.gate["acknowledge"])
    service.publish(run)
    client = browse("chair")
    for view in ("why", "history"):
        assert client.get(f"/lists/{run}/cases/{person}/{view}").status_code == 200
    told = {each["detail"]["view"]: each["detail"].get("before") for each in service.views(run)}
    assert told == {"why": None, "history": released}
