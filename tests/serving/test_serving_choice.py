"""A list by queues, filters and order, all of it in the address; what changed since the last panel."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.cases import Cases, Restriction
from serving.panel import Offer, Particulars, Support
from serving.panel.since import changes, falling_due
from serving.web import WebSettings, create_app
from serving.web.pages.choice import Choice, queue
from values import digest

CHAIR = Person("chair", "Chair", Role.CHAIR)
OFFERED = Particulars(Support("IDVA", Offer.OFFERED))


def opened(service: Service) -> TestClient:
    app = create_app(service, WebSettings(demo=True), service.publish)
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
    client.post("/sign-in", data={"user": "chair"})
    return client


def released(service: Service, made: Any, reviewer: Person) -> str:
    run = str(made.into(service))
    service.review(run, reviewer, "approve", "Audit read", acknowledged=made.gate["acknowledge"])
    service.publish(run)
    return run


def people(text: str) -> list[int]:
    """Return the numbers of the people shown, in the order of the page."""
    return [int(found) for found in re.findall(r'id="P-[^"]*-(\d{4})"', text)]


@pytest.fixture
def decided(service: Service, made_up: Any, reviewer: Person) -> tuple[TestClient, str]:
    """A list of nine: 0 accepted, 1 deferred, 6 on hold, 7 referred, 8 shown apart."""
    run = released(service, made_up, reviewer)
    names = [row["person"] for row in made_up.rows]
    service.decide(run, names[0], CHAIR, "accept_direct", "pattern", "Agreed", particulars=OFFERED)
    service.decide(run, names[1], CHAIR, "defer", "information_missing", "Asked", date(2026, 4, 20))
    return opened(service), run


CHOSEN = [
    ("", [0, 1, 2, 3, 4, 5, 6, 7, 8]),
    ("?tab=to_decide", [2, 3, 4, 5, 7]),
    ("?tab=held", [6]),
    ("?tab=deferred", [1]),
    ("?tab=decided", [0]),
    ("?band=high", [2, 3]),
    ("?band=high&band=very+high", [0, 1, 2, 3]),
    ("?band=high&tab=decided", []),
    ("?hold=counter_allegation", [6]),
    ("?agency=probation", [7]),
    ("?decision=accept_direct", [0]),
    ("?met=serial&band=raised", [4, 5, 6]),
    ("?band=nonsense", []),
    ("?tab=nonsense", [0, 1, 2, 3, 4, 5, 6, 7, 8]),
    ("?since=last", [0, 1, 2, 3, 4, 5, 6, 7]),
    ("?as=table", [0, 1, 2, 3, 4, 5, 6, 7, 8]),
    ("?as=table&sort=v100&order=descending", [8, 7, 6, 5, 4, 3, 2, 1, 0]),
    ("?as=table&sort=place&order=descending", [6, 5, 4, 3, 2, 1, 0, 7, 8]),
    ("?as=table&sort=deadline", [6, 0, 1, 2, 3, 4, 5, 7, 8]),
    ("?as=table&sort=nonsense&order=sideways", [0, 1, 2, 3, 4, 5, 6, 7, 8]),
]


def test_the_address_says_who_of_a_list_is_shown_and_in_which_order(decided: tuple[TestClient, str]) -> None:
    client, run = decided
    for query, shown in CHOSEN:
        page = client.get(f"/lists/{run}{query}")
        assert people(page.text) == shown, query
        assert f"Showing <strong>{len(shown)} of 9</strong>" in page.text
        assert ("Nobody on this list is like that" in page.text) is (not shown)


def test_a_list_counts_its_queues_and_says_which_way_it_is_sorted(decided: tuple[TestClient, str]) -> None:
    client, run = decided
    text = client.get(f"/lists/{run}?tab=held&as=table&sort=v100").text
    tabs = re.findall(r">([\w ]+ \(\d\))</a>", text)
    assert tabs[:5] == ["Whole list (9)", "To decide (5)", "Held (1)", "Deferred (1)", "Decided (1)"]
    assert re.findall(r'aria-sort="(\w+)"><a[^>]*>(\w+)', text) == [("ascending", "V100")]
    assert 'href="/lists/' + run + '?tab=held&amp;as=table&amp;sort=v100&amp;order=descending"' in text


def test_a_filter_is_removed_by_its_tag_and_kept_by_every_other_link(decided: tuple[TestClient, str]) -> None:
    client, run = decided
    text = client.get(f"/lists/{run}?band=high&agency=%3Cscript%3E&since=last").text
    assert "<script>" not in text.replace("<script nonce", "").replace('<script type="module"', "")
    tags = re.findall(
        r'href="/lists/[^"?]*(\?[^"]*)"><span class="govuk-visually-hidden">Remove the filter </span>', text
    )
    assert tags == [
        "?agency=%3Cscript%3E&amp;since=last",
        "?band=high&amp;since=last",
        "?band=high&amp;agency=%3Cscript%3E",
    ]
    assert "?tab=decided&amp;band=high&amp;agency=%3Cscript%3E&amp;since=last" in text


def test_a_choice_reads_the_address_that_it_wrote() -> None:
    asked = "tab=held&band=high&band=lower&hold=identity&since=last&as=table&sort=recency&order=descending"
    choice = Choice.of(QueryParams(asked))
    assert choice.query == f"?{asked}"
    assert Choice.of(QueryParams(choice.query[1:])) == choice
    assert choice.told == {"tab": "held", "filters": ["band", "hold", "since"]}
    assert Choice.of(QueryParams("")).query == ""


def test_a_hold_that_was_cleared_waits_for_a_decision(made_up: Any) -> None:
    held = made_up.rows[6]
    standing, gone = (queue([held], {}, each)[0] for each in ({}, {held["person"]: {"counter_allegation": {}}}))
    assert (standing.tab, gone.tab) == ("held", "to_decide")


def test_the_ledger_keeps_which_filters_were_used_and_no_word_that_was_typed(
    service: Service, decided: tuple[TestClient, str]
) -> None:
    client, run = decided
    client.get(f"/lists/{run}?band=Jo+Bloggs&tab=held")
    seen = service.views(run, 1)[0]
    assert (seen["action"], seen["detail"]) == ("view.list", {"tab": "held", "filters": ["band"]})


def test_the_band_around_the_line_is_drawn_and_said_in_words(service: Service, made_up: Any, reviewer: Person) -> None:
    made_up.header["line_band"] = {"from_place": 2, "to_place": 5, "beyond_list": False, "refits": 4}
    run = released(service, made_up, reviewer)
    text = opened(service).get(f"/lists/{run}").text
    marks = re.findall(r'id="P-[^"]*-(\d{4})"|(From here the order)|(Capacity line:)|(Down to here the order)', text)
    assert ["".join(each)[-4:] for each in marks][:9] == [
        "0000",
        "rder",
        "0001",
        "0002",
        "ine:",
        "0003",
        "0004",
        "rder",
        "0005",
    ]
    assert "Places 2 to 5 are interchangeable." in text
    table = opened(service).get(f"/lists/{run}?as=table").text
    assert table.count("the line, interchangeable") == 4
    assert "the band goes on below the end".casefold() not in text.casefold()


def test_a_list_says_why_its_band_is_not_known(service: Service, made_up: Any, reviewer: Person) -> None:
    made_up.header["line_band"] = {"why_not": "Too few people changed sides."}
    run = released(service, made_up, reviewer)
    text = opened(service).get(f"/lists/{run}").text
    assert "are interchangeable is not available. Too few people changed sides." in text
    assert "dp-near" not in text


def row(person: str, band: str | None = "high", **changes: Any) -> dict[str, Any]:
    plain = {"person": person, "section": "ranked", "band": band, "above_line": False, "hold": None}
    return {**plain, **changes}


def names(found: Any) -> list[str]:
    return [each.person for each in found]


def test_what_changed_is_told_by_bands_and_sides_of_the_line() -> None:
    hold = {"kind": "identity", "kinds": ["identity"]}
    before = [
        row("up", "raised"),
        row("down", "very high", above_line=True),
        row("crossed", above_line=False),
        row("same", above_line=True),
        row("shares", above_line=False),
        row("gone"),
        row("to-drive"),
        row("held-before", section="held", hold=hold),
        row("back", section="apart"),
        row("unbanded", None),
    ]
    now = [
        row("up", "high"),
        row("down", "high", above_line=True),
        row("crossed", above_line=True),
        row("same", above_line=True),
        row("shares", above_line=False, at_line=True),
        row("to-drive", section="apart"),
        row("held-before", section="held", hold=hold),
        row("back", section="held", hold=hold),
        row("unbanded", "high"),
        row("new"),
    ]
    found = changes(before, now)
    assert names(found.entered) == ["back", "new"]
    assert names(found.left) == ["gone", "to-drive"]
    assert names(found.rose) == ["up", "crossed", "shares"]
    assert names(found.fell) == ["down"]
    assert names(found.held) == ["back"]


def test_a_deferral_falls_due_unless_somebody_decided_since() -> None:
    def made(number: int, person: str, decision: str, until: str | None = None) -> dict[str, Any]:
        return {"decision_id": number, "person": person, "decision": decision, "until": until}

    decisions = [
        made(1, "a", "defer", "2026-05-02"),
        made(2, "b", "defer", "2026-05-01"),
        made(3, "c", "defer", "2026-05-01"),
        made(4, "c", "not_suitable"),
        made(5, "d", "defer", "2026-05-03"),
    ]
    assert [each["person"] for each in falling_due(decisions, date(2026, 5, 2))] == ["b", "a"]


@pytest.fixture
def monthly(
    service: Service, made_up: Any, make: Callable[..., Any], reviewer: Person, clock: Any
) -> tuple[TestClient, str, str, list[str]]:
    """Two lists a month apart: the second without the first person, with somebody new, and with the third lower."""
    first = released(service, made_up, reviewer)
    names = [each["person"] for each in made_up.rows]
    service.decide(first, names[0], CHAIR, "accept_direct", "pattern", "Agreed", particulars=OFFERED)
    service.decide(first, names[1], CHAIR, "defer", "information_missing", "Asked", date(2026, 5, 20))
    clock.forward(days=20)
    later = make()
    later.header["as_of"] = "2026-04-30"
    gone, new = names[0], names[0].replace("0000", "0099")
    for kept in (later.cases, later.identities):
        kept[new] = kept.pop(gone)
    later.cases[new]["person"] = new
    later.identities[new]["family_name"] = "Newcomer"
    later.rows[0] |= {"person": new, "case": digest(later.cases[new])}
    later.rows[2]["band"] = "raised"
    for each in later.rows[3:6]:
        each["band"] = "raised"
    second = released(service, later, reviewer)
    return opened(service), first, second, [*names, new]


def test_the_page_of_changes_compares_with_the_list_that_the_panel_had(
    monthly: tuple[TestClient, str, str, list[str]], service: Service, clock: Any
) -> None:
    _, first, second, people = monthly
    clock.forward(days=20)
    client = opened(service)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(f"/lists/{second}/changes").text))
    assert client.get(f"/lists/{first}").status_code == 409  # its release has ended
    assert "Against the list as of 31 March 2026" in text
    assert "whose release has ended" in text
    for heading in ("New on the list (1)", "No longer on the list (1)", "Rose (0)", "Fell (2)", "Newly on hold (0)"):
        assert heading in text, heading
    assert "Decided since then (2)" in text
    assert "Deferrals falling due (1)" in text
    assert f"Synthetic Number0 (synthetic) {people[0]} was very high, above the line; accept for direct work" in text
    assert f"{people[2]} high, above the line → raised, above the line" in text
    assert service.views(second, 1)[0]["detail"] == {"before": first}
    shown = client.get(f"/lists/{second}?since=last").text
    assert re.findall(r'id="(P-[^"]*)"', shown) == [people[-1]]


def test_a_withdrawn_list_is_not_compared_with(
    monthly: tuple[TestClient, str, str, list[str]], service: Service, reviewer: Person
) -> None:
    client, first, second, _ = monthly
    service.review(first, reviewer, "withdraw", "A table was wrong")
    text = client.get(f"/lists/{second}/changes").text
    assert "There is no earlier list of this area" in text
    assert "Number0" not in text


def test_nobody_learns_of_a_closed_case_from_what_changed(
    monthly: tuple[TestClient, str, str, list[str]], service: Service
) -> None:
    client, _, second, people = monthly
    Cases(service.stores).restrict(
        [Restriction(people[0], "officer", "subject"), Restriction(people[2], "officer", "subject")]
    )
    text = client.get(f"/lists/{second}/changes").text
    assert people[0] not in text
    assert people[2] not in text
    assert "No longer on the list (0)" in text


def test_an_erased_person_is_not_told_as_having_left(
    monthly: tuple[TestClient, str, str, list[str]], service: Service
) -> None:
    client, _, second, people = monthly
    service.erase(people[0], "batch")
    text = client.get(f"/lists/{second}/changes").text
    assert "No longer on the list (0)" in text
    assert "Number0" not in text
