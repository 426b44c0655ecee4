"""Whoever shares the place at the line is on the agenda, in the pack and in the API, and is not told to stand below."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from serving import Person, Service
from serving.panel.meetings import call_meeting
from serving.web import WebSettings, create_app


@pytest.fixture
def meeting(service: Service, made_up: Any, reviewer: Person, chair: Person) -> str:
    """A meeting on a list with three places: one above the line, three who share the second."""
    for number, row in enumerate(row for row in made_up.rows if row["section"] == "ranked"):
        row |= {"above_line": number < 1, "at_line": 1 <= number < 4}
        if row["at_line"]:
            row |= {"place": 2, "tied": True}
    run = made_up.into(service)
    service.review(run, reviewer, "approve", "Read", acknowledged=made_up.gate["acknowledge"])
    service.publish(run)
    return call_meeting(service, chair, "castlebridge", date(2026, 4, 30), 6, run)


@pytest.fixture
def client(service: Service) -> TestClient:
    app = create_app(service, WebSettings(demo=True), service.publish)
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
    client.post("/sign-in", data={"user": "chair"})
    return client


def test_who_shares_the_place_at_the_line_is_decided_on_at_the_meeting(
    client: TestClient, meeting: str, made_up: Any
) -> None:
    above, *tied = (row["person"] for row in made_up.rows[:4])
    text = re.sub(r"\s+", " ", client.get(f"/meetings/{meeting}").text)
    assert '4 <span class="dp-small">of 1 above the line and 3 who share the place at it' in text
    assert "Share the place at the line: 2 places for 3 people" in text
    assert "The line of the list is drawn for 3" in text  # the meeting has six places
    part = text[text.index('id="at-line"') : text.index('id="held"')]
    assert [person for person in (above, *tied) if person in part] == tied
    agenda = client.get(f"/api/v1/meetings/{meeting}").json()["agenda"]
    assert (agenda["to_decide"], agenda["at_line"]) == ([above], tied)


def test_the_paper_pack_has_a_brief_of_each_and_calls_none_of_them_below(
    client: TestClient, meeting: str, made_up: Any
) -> None:
    page = client.get(f"/meetings/{meeting}/exports").text
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token is not None
    made = client.post(f"/meetings/{meeting}/exports", data={"csrf": token[1], "what": "pack.pdf", "reader": "own"})
    assert made.status_code == 200
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(made.content)).pages))
    below = text[text.index("Rankedbelowtheline") : text.index("Actionsstillopen")]
    for row in made_up.rows[1:4]:
        assert row["person"] not in below
        assert text.count(row["person"]) >= 2  # on the agenda, and over a brief
    assert made_up.rows[4]["person"] in below
