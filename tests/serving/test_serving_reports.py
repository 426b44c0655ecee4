"""Kept reports: given out as they were made, to whoever may see audits, and only of the list's present state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.reports import KINDS, Reports, place_of
from serving.web import WebSettings, create_app

USERS = ("chair", "member", "reviewer-1", "scientist", "admin")
SignIn = Callable[[str], TestClient]
Keep = Callable[..., dict[str, bytes]]


@pytest.fixture
def sign_in(service: Service) -> SignIn:
    elsewhere = Person("elsewhere", "Of another area", Role.REVIEWER, frozenset({"ashford"}))
    app = create_app(service, WebSettings(demo=True, users=(*WebSettings(demo=True).users, elsewhere)), service.publish)

    def make(user: str) -> TestClient:
        client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        assert client.post("/sign-in", data={"user": user}).status_code == 303
        return client

    return make


def test_without_a_report_the_page_offers_to_make_it_and_there_is_nothing_to_load(
    sign_in: SignIn, service: Service, released: str
) -> None:
    client = sign_in("reviewer-1")
    page = client.get(f"/audits/{released}").text
    assert "Nobody has made it yet." in page
    assert "Make the report</button>" in page
    assert f"/audits/{released}/report/" not in page
    assert client.get(f"/audits/{released}/report/pdf").status_code == 404


def test_each_kind_is_given_out_as_it_was_made_and_the_view_is_in_the_ledger(
    sign_in: SignIn, service: Service, released: str, tmp_path: Path, keep_report: Keep
) -> None:
    keep_report(service, tmp_path, released, "released", "first")
    files = keep_report(service, tmp_path, released, "released", "second")
    for user in USERS:
        client = sign_in(user)
        page = client.get(f"/audits/{released}").text
        assert [kind for kind in KINDS if f'href="/audits/{released}/report/{kind}"' in page] == list(KINDS)
        for kind, (_, media) in KINDS.items():
            answer = client.get(f"/audits/{released}/report/{kind}")
            assert (answer.status_code, answer.content) == (200, files[kind])
            assert answer.headers["content-type"] == media
            assert answer.headers["content-disposition"] == f'attachment; filename="audit-{released}.{kind}"'
    assert client.get(f"/audits/{released}/report/docx").status_code == 404
    seen = {
        (view["actor"], view["detail"]["kind"]) for view in service.views(released) if view["action"] == "view.report"
    }
    assert seen == {(user, kind) for user in USERS for kind in KINDS}
    assert sign_in("elsewhere").get(f"/audits/{released}/report/pdf").status_code == 404


def test_a_report_that_is_not_the_one_that_was_made_is_not_given_out(
    sign_in: SignIn, service: Service, released: str, tmp_path: Path, keep_report: Keep
) -> None:
    keep_report(service, tmp_path, released, "released")
    client = sign_in("reviewer-1")
    place_of(tmp_path, released, "json").write_bytes(b"made JSON")
    answer = client.get(f"/audits/{released}/report/json")
    assert answer.status_code == 409
    assert b"made JSON" not in answer.content
    place_of(tmp_path, released, "pdf").unlink()
    assert client.get(f"/audits/{released}/report/pdf").status_code == 404
    assert client.get(f"/audits/{released}/report/html").status_code == 200


def test_a_report_of_an_earlier_state_is_not_given_out(
    sign_in: SignIn, service: Service, released: str, tmp_path: Path, keep_report: Keep, reviewer: Person
) -> None:
    keep_report(service, tmp_path, released, "released")
    service.review(released, reviewer, "withdraw", "A wrong extract")
    client = sign_in("reviewer-1")
    page = client.get(f"/audits/{released}").text
    assert "The report speaks of an earlier state of this list, so it is not given out." in page
    assert f"/audits/{released}/report/" not in page
    assert client.get(f"/audits/{released}/report/html").status_code == 404
    keep_report(service, tmp_path, released, "withdrawn")
    assert client.get(f"/audits/{released}/report/html").status_code == 200


def test_a_report_that_the_ledger_does_not_know_is_none(service: Service, released: str, tmp_path: Path) -> None:
    place = place_of(tmp_path, released, "html")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"put there")
    assert Reports(service.stores).newest(released) is None
