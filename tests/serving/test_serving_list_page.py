from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient


def order(text: str) -> list[str]:
    """Return, in the order of the page: the numbers of people, LINE, TIED and BELOW."""
    ranked = text[text.index('<section id="ranked"') :].split("</section>")[0]
    marks = r'id="P-[^"]*-(\d{4})"|(Capacity line)|(interchangeable to the ranking)|(People below are next)'
    names = {1: "", 2: "LINE", 3: "TIED", 4: "BELOW"}
    return [names[found.lastindex or 1] or str(int(found[1])) for found in re.finditer(marks, ranked)]


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        (0, "LINE BELOW 0 1 2 3 4 5"),
        (2, "0 1 LINE BELOW 2 3 4 5"),
        (3, "0 1 2 LINE BELOW 3 4 5"),
        (6, "0 1 2 3 4 5 LINE BELOW"),
    ],
)
def test_the_line_is_drawn_once_after_the_last_row_above_it(
    chair_opens: Callable[[Any], tuple[TestClient, str]], made_up: Any, above: int, expected: str
) -> None:
    for number, row in enumerate(made_up.rows):
        row["above_line"] = number < above
    client, run = chair_opens(made_up)
    assert order(client.get(f"/lists/{run}").text) == expected.split()


@pytest.mark.parametrize(
    ("above", "tied", "notice", "expected"),
    [
        (2, 3, "3 people share place 3; 1 place is left", "0 1 LINE TIED 2 3 4 BELOW 5"),
        (0, 4, "4 people share place 1; 3 places are left", "LINE TIED 0 1 2 3 BELOW 4 5"),
        (1, 5, "5 people share place 2; 2 places are left", "0 LINE TIED 1 2 3 4 5"),
    ],
)
def test_people_who_tie_at_the_line_stand_below_it_as_interchangeable(
    chair_opens: Callable[[Any], tuple[TestClient, str]],
    made_up: Any,
    above: int,
    tied: int,
    notice: str,
    expected: str,
) -> None:
    for number, row in enumerate(made_up.rows):
        row["above_line"] = number < above
        row["at_line"] = above <= number < above + tied
        if row["at_line"]:
            row |= {"place": above + 1, "tied": True}
    client, run = chair_opens(made_up)
    text = client.get(f"/lists/{run}").text
    assert order(text) == expected.split()
    assert f"{notice} left: interchangeable".replace("left left", "left") in text


def test_a_list_on_which_nobody_is_ranked_still_shows_the_line(
    chair_opens: Callable[[Any], tuple[TestClient, str]], made_up: Any
) -> None:
    gone = {row["person"] for row in made_up.rows if row["section"] == "ranked"}
    made_up.rows[:] = [row for row in made_up.rows if row["person"] not in gone]
    for person in gone:
        del made_up.cases[person], made_up.identities[person]
    client, run = chair_opens(made_up)
    text = client.get(f"/lists/{run}").text
    assert "Nobody is ranked" in text
    assert order(text) == ["LINE", "BELOW"]


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (12, "12 people share the place at which this list ends and are left off"),
        (1, "1 person shares the place at which this list ends and is left off"),
        ("fewer than 10", "Fewer than 10 people share the place at which this list ends and are left off"),
        (0, None),
        (None, None),
    ],
)
def test_people_who_tie_at_the_end_of_the_list_are_said_to_be_left_off(
    chair_opens: Callable[[Any], tuple[TestClient, str]], made_up: Any, count: Any, sentence: str | None
) -> None:
    if count is not None:
        made_up.header["counts"]["tied_beyond_list"] = count
    client, run = chair_opens(made_up)
    text = client.get(f"/lists/{run}").text
    assert ("at which this list ends" in text) is (sentence is not None)
    assert sentence is None or sentence in text


@pytest.mark.parametrize("section", ["referred", "apart"])
def test_a_hold_outside_the_held_section_is_shown_and_cleared_kind_by_kind(
    chair_opens: Callable[[Any], tuple[TestClient, str]], made_up: Any, section: str
) -> None:
    held = next(row for row in made_up.rows if row["section"] == "held")
    row = next(row for row in made_up.rows if row["section"] == section)
    row["hold"] = {**held["hold"], "kind": "identity", "kinds": ["identity", "safety"]}
    client, run = chair_opens(made_up)
    case = f"/lists/{run}/cases/{row['person']}"
    assert "On hold: Identity not certain at the line, safety concern." in client.get(f"/lists/{run}").text
    form = client.get(f"{case}/decision").text
    assert re.findall(r'name="kind" value="(\w+)"', form) == ["identity", "safety"]
    csrf = client.get("/api/v1/session").json()["csrf"]
    refused = client.post(f"{case}/hold", data={"csrf": csrf, "kind": "safety", "hold_reason": " "})
    assert refused.status_code == 422
    assert refused.text.count('id="hold-reason"') == 1
    asked = {"csrf": csrf, "decision": "accept_direct", "reason_code": "pattern", "reason": "Yes", "sensitive": "no"}
    asked |= {"offer": "declined", "support_service": "IDVA service"}
    for kind, left in (("safety", "identity"), ("identity", None)):
        assert client.post(f"{case}/decision", data=asked).status_code == 422
        cleared = client.post(f"{case}/hold", data={"csrf": csrf, "kind": kind, "hold_reason": "Checked by phone"})
        assert cleared.status_code == 303
        assert re.findall(r'name="kind" value="(\w+)"', client.get(f"{case}/decision").text) == ([left] if left else [])
    assert "Hold cleared: " in client.get(case).text
    assert client.get(case).text.count("Checked by phone") == 2
    assert client.post(f"{case}/decision", data=asked).status_code == 303
