"""A case says how sure it is that its records are one person's: in the same sentences on pages and on paper."""

from __future__ import annotations

from typing import Any

import pytest

from serving.people import Person, Role
from serving.redaction import RECORD, for_reader
from serving.web.link_words import BEFORE, link_sentences, waiting
from values import digest

ALONE: dict[str, Any] = {
    "records": 1,
    "sources": [{"source": "Niche", "records": 1, "held_by": []}],
    "least_sure": None,
    "decided": None,
    "waiting": 0,
    "births_contradict": False,
}


@pytest.fixture
def links(made_up: Any) -> dict[str, Any]:
    """The links of somebody with five records, of whom a review decided some and others wait."""
    found: dict[str, Any] = made_up.cases[made_up.rows[0]["person"]]["link_certainty"]
    return found


TOLD = [
    "5 person records are put together: 3 from Niche, 2 from housing.",
    "The least sure link among them rests on the weights of linkage: match probability 93.4 % "
    "(records are linked without a person from 90 %, put before one from 20 %).",
    "Reviewers of record links decided on 1 pair with one of these records, last on 3 March 2026.",
    "2 possible further records wait for review: more or less may belong to this person. None of it raises the place.",
    "As many of the records say one date of birth as another, so that none is taken.",
]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, TOLD),
        (None, [BEFORE]),
        (
            ALONE,
            [
                "Built on one person record only, from Niche: nothing was put together.",
                "No further record waits for review.",
            ],
        ),
        (
            {**ALONE, "sources": [], "compared": False, "waiting": None, "linked_from": None, "asked_from": None},
            [
                "Built on one person record only: nothing was put together.",
                "Linkage did not compare this record with others: further records of this person may stand apart, "
                "on this list or on none.",
            ],
        ),
        (
            {
                "least_sure": {"how": "clerical", "probability": None},
                "waiting": 1,
                "births_contradict": False,
            },
            [
                TOLD[0],
                "They stand together because people decided so, not by a match probability.",
                TOLD[2],
                f"{waiting(1)}: more or less may belong to this person. None of it raises the place.",
            ],
        ),
        (
            {"least_sure": {"how": "pnc", "probability": 0.99999}, "decided": None, "waiting": 0},
            [
                TOLD[0],
                "The least sure link among them rests on one PNC id in common, and the weights: match probability "
                "over 99.9 % (records are linked without a person from 90 %, put before one from 20 %).",
                "No person has reviewed a link of theirs.",
                "No further record waits for review.",
                TOLD[4],
            ],
        ),
    ],
)
def test_what_is_known_of_the_links_is_said_in_sentences(
    links: dict[str, Any], changes: dict[str, Any] | None, said: list[str]
) -> None:
    assert link_sentences({} if changes is None else {"link_certainty": links | changes}) == said


def test_a_member_is_told_nothing_of_record_systems_of_other_agencies_nor_how_many_records_they_hold(
    made_up: Any, links: dict[str, Any]
) -> None:
    case = made_up.cases[made_up.rows[0]["person"]]
    police, housing, chair = (
        for_reader(case, Person("p", "P", role, agency=agency))["link_certainty"]
        for role, agency in ((Role.PANEL_MEMBER, "police"), (Role.PANEL_MEMBER, "Housing"), (Role.CHAIR, ""))
    )
    assert housing == chair == links
    assert police == {**links, "records": None, "sources": [links["sources"][0], {"source": RECORD}]}
    assert link_sentences({"link_certainty": police})[0] == (
        "Person records: 3 from Niche; others held by another agency, not shown to you."
    )


def test_a_chair_reads_it_on_the_case_and_only_what_waits_on_the_list(
    chair_opens: Any, made_up: Any, links: dict[str, Any]
) -> None:
    first, second, third = made_up.rows[:3]
    made_up.cases[second["person"]]["link_certainty"] = links | ALONE
    second["case"] = digest(made_up.cases[second["person"]])
    client, run = chair_opens(made_up)
    for person, said in (
        (first["person"], TOLD),
        (second["person"], link_sentences({"link_certainty": links | ALONE})),
    ):
        page = client.get(f"/lists/{run}/cases/{person}").text
        assert [sentence for sentence in said if f"<li>{sentence}</li>" not in page] == []
        assert f'href="/lists/{run}/cases/{person}/information#one-person"' in page
    assert BEFORE in client.get(f"/lists/{run}/cases/{third['person']}").text
    listed = client.get(f"/lists/{run}").text
    assert listed.count("for review") == 1
    assert f'/cases/{first["person"]}#one-person">2 possible further records wait for review<' in listed
    answered = client.get(f"/api/v1/lists/{run}/cases/{first['person']}").json()
    assert answered["case"]["link_certainty"] == links
    assert answered["row"]["links_waiting"] == 2
