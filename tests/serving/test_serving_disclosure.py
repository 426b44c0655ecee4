from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from serving import Person, Service
from serving.release.disclosing import disclosed_audit
from serving.web import WebSettings, create_app

OUTSIDERS = ("chair", "member", "scientist", "admin")
POOLED = "backtest over all areas"


@pytest.fixture
def sign_in(service: Service) -> Callable[[str], TestClient]:
    app = create_app(service, WebSettings(demo=True), service.publish)

    def make(user: str) -> TestClient:
        client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        assert client.post("/sign-in", data={"user": user}).status_code == 303
        return client

    return make


def cell(audit: str, group: str, n: int, rows: int, value: float, **more: Any) -> dict[str, Any]:
    figures = {"low": 0.31, "high": 0.47, "ratio": 1.23, "ratio_low": 0.91, "ratio_high": 1.57}
    return {
        "audit": audit,
        "table": "subjects",
        "characteristic": "sex",
        "group": group,
        "metric": "selection",
        "binding": True,
        "rows": rows,
        "n": n,
        "events": 3,
        "value": value,
        "others_n": 400,
        "others_value": 0.5,
        "minimum_detectable_ratio": 1.4,
        "verdict": "pass",
        **figures,
        **more,
    }


@pytest.fixture
def audited(made_up: Any) -> Any:
    """A run with a large and two small cells of its backtest, and a large and a small cell of its list."""
    cells = [
        cell(POOLED, "female", 412, 412, 0.4111),
        cell(POOLED, "male", 9, 40, 0.7777),
        cell(POOLED, "other", 40, 9, 0.8888),
        cell("this list", "female", 33, 33, 0.2222),
        cell("this list", "male", 4, 4, 0.6666),
    ]
    report = {"evidence": "backtest", "margin": [0.8, 1.25], "cells": cells[:3], "alerts": [["subjects", "age", "60"]]}
    made_up.audit.clear()
    made_up.audit |= {
        "verdict": "pass",
        "cells": cells,
        "audits": {POOLED: report, "this list": {**report, "evidence": "list", "cells": cells[3:]}},
        "reasons": [f"{POOLED}: Passed.", "this list: Refused. 0.6666 (3 of 4)"],
        "binding": [{"audit": "this list", "group": "male", "verdict": "refuse"}],
        "incumbents": {"v100": 2, "recency": 12},
    }
    made_up.gate["reasons"] = list(made_up.audit["reasons"])
    return made_up


def release(service: Service, made: Any, reviewer: Person) -> str:
    run: str = made.into(service)
    service.review(run, reviewer, "approve", "Audit read", acknowledged=made.gate["acknowledge"])
    service.publish(run)
    return run


@pytest.mark.parametrize("user", OUTSIDERS)
def test_before_a_release_nobody_but_a_reviewer_reads_figures_of_the_list_or_of_few_people(
    service: Service, sign_in: Callable[[str], TestClient], audited: Any, user: str
) -> None:
    run = audited.into(service)
    client = sign_in(user)
    answer = client.get(f"/api/v1/audits/{run}").json()
    audit = answer["audit"]
    assert {one["audit"] for one in audit["cells"]} == {POOLED}
    assert "audits" not in audit
    assert "incumbents" not in audit
    assert (audit["withheld"], audit["binding"], audit["margin"]) == (["this list"], [], [0.8, 1.25])
    large, *small = audit["cells"]
    assert (large["n"], large["value"], "suppressed" in large) == (412, 0.4111, False)
    assert (large["others_n"], large["others_value"]) == (None, None)
    for one in small:
        assert one["suppressed"] is True
        assert all(one[name] is None for name in ("n", "rows", "events", "value", "low", "ratio", "ratio_low"))
        assert one["verdict"] == "pass"
    page = client.get(f"/audits/{run}").text
    for figure in ("0.6666", "66.7%", "22.2%", "0.7777", "77.8%", "0.8888", "88.9%", "3 of 4"):
        assert figure not in json.dumps(answer), figure
        assert figure not in page, figure
    assert page.count("fewer than 10") == 2
    assert "412" in page
    assert "shown while it has a live release" in page
    assert "margin from 0.80 to 1.25" in page
    assert "backtest over all areas, subjects, age, 60" in page


@pytest.mark.parametrize("user", OUTSIDERS)
def test_a_live_release_opens_the_large_cells_of_the_list_and_a_withdrawal_closes_them(
    service: Service, sign_in: Callable[[str], TestClient], audited: Any, reviewer: Person, user: str
) -> None:
    run = release(service, audited, reviewer)
    client = sign_in(user)
    audit = client.get(f"/api/v1/audits/{run}").json()["audit"]
    listed = {one["group"]: one for one in audit["cells"] if one["audit"] == "this list"}
    assert listed["female"]["value"] == 0.2222
    assert (listed["male"]["suppressed"], listed["male"]["n"], listed["male"]["value"]) == (True, None, None)
    assert (audit["withheld"], "audits" in audit) == ([], False)
    assert audit["incumbents"] == {"v100": "fewer than 10", "recency": 12}
    page = client.get(f"/audits/{run}").text
    assert "22.2%" in page
    assert not any(figure in page for figure in ("0.6666", "66.7%", "3 of 4"))
    assert page.count("fewer than 10") == 4
    service.review(run, reviewer, "withdraw", "Wrong extract")
    after = client.get(f"/api/v1/audits/{run}").json()["audit"]
    assert {one["audit"] for one in after["cells"]} == {POOLED}


def test_a_reviewer_reads_everything(
    service: Service, sign_in: Callable[[str], TestClient], audited: Any, reviewer: Person
) -> None:
    run = audited.into(service)
    client = sign_in("reviewer-1")
    answer = client.get(f"/api/v1/audits/{run}").json()
    assert (answer["audit"], answer["gate"]) == (audited.audit, audited.gate)
    page = client.get(f"/audits/{run}").text
    assert "66.7%" in page
    assert "fewer than 10" not in page


@given(
    cells=st.lists(
        st.builds(
            cell,
            st.sampled_from([POOLED, "this list", "renamed"]),
            st.sampled_from("abc"),
            st.integers(0, 20),
            st.integers(0, 20),
            st.floats(0, 1),
        )
    ),
    live=st.booleans(),
)
def test_no_small_cell_keeps_a_figure_and_no_unreleased_list_a_cell(cells: list[dict[str, Any]], live: bool) -> None:
    shown = disclosed_audit({"cells": cells, "audits": {"renamed": {"evidence": "list"}}}, live)["cells"]
    expected = [one for one in cells if live or one["audit"] == POOLED]
    assert len(shown) == len(expected)
    for before, after in zip(expected, shown, strict=True):
        small = before["n"] < 10 or before["rows"] < 10
        assert after.get("suppressed", False) is small
        assert not small or not any(isinstance(item, (int, float)) for key, item in after.items() if key not in KEPT)


KEPT = ("binding", "suppressed")


def test_a_large_cell_that_would_tell_a_small_one_is_withheld_with_its_sentence(
    service: Service, sign_in: Callable[[str], TestClient], audited: Any
) -> None:
    audited.audit["cells"][0] |= {"withheld": True}
    told = f"{POOLED}: Not settled. sex 'female' (subjects): 41.1% (170 of 412) against 50.0%"
    audited.audit["reasons"] = [told, f"{POOLED}: Not settled. sex 'other' (subjects): 12.0% (48 of 400)"]
    audited.gate["reasons"] = list(audited.audit["reasons"])
    run = audited.into(service)
    answer = sign_in("chair").get(f"/api/v1/audits/{run}").json()
    assert answer["audit"]["cells"][0]["suppressed"] is True
    assert "412" not in json.dumps(answer)
    assert "48 of 400" in json.dumps(answer["gate"])
    page = sign_in("chair").get(f"/audits/{run}").text
    assert "412" not in page
    assert "withheld" in page
    assert "Exact, not to leave" not in page
    exact = sign_in("reviewer-1").get(f"/audits/{run}").text
    assert "412" in exact
    assert "Exact, not to leave" in exact


@pytest.mark.parametrize(("said", "hidden"), [({"withheld_figures": ["people"]}, {"people"}), ({}, {"rows", "people"})])
def test_of_a_large_cell_those_figures_are_withheld_that_with_others_tell_a_small_one(
    said: dict[str, Any], hidden: set[str]
) -> None:
    (told,) = disclosed_audit({"cells": [cell(POOLED, "female", 412, 412, 0.4111, people=400, **said)]}, live=True)[
        "cells"
    ]
    assert {name for name in ("rows", "people", "n", "value") if told[name] is None} == hidden


def test_how_many_are_unrecorded_stays_with_reviewers() -> None:
    gap = {
        "table": "subjects",
        "characteristic": "sex",
        "reason": "the characteristic is unrecorded too often (62% of rows)",
    }
    sentence = f"{POOLED}: Not assessable. sex (subjects, missed harm): {gap['reason']}."
    told = disclosed_audit({"not_assessable": [gap], "reasons": [sentence]}, live=True)
    assert told["not_assessable"] == [gap | {"reason": "the characteristic is unrecorded too often"}]
    assert told["reasons"] == [sentence.replace(" (62% of rows)", "")]


def test_where_a_gap_may_come_from_is_exact_for_reviewers_and_without_withheld_figures_for_others(
    service: Service, sign_in: Callable[[str], TestClient], made_up: Any, make_origins: Callable[[str], Any]
) -> None:
    told = made_up.audit["origins"] = make_origins("refuse")
    run = made_up.into(service)
    page = sign_in("reviewer-1").get(f"/audits/{run}").text
    assert "People whose sex is recorded as female</h3>" in page
    assert "How many did the police generate?" in page
    assert "+0.73 (+0.51 to +0.95)" in page
    assert "<strong>Of this may leave:</strong> They stand apart through what the police generated." in page
    assert "None of it says why, and none of it decides." in page
    for user in OUTSIDERS:
        client = sign_in(user)
        answer = client.get(f"/api/v1/audits/{run}").json()["audit"]
        assert answer["origins"] == {"shown": told["shown"]}
        read = client.get(f"/audits/{run}").text
        assert "They stand apart through what the police generated." in read
        assert not any(figure in read for figure in ("0.73", "0.51", "put higher", "may leave"))


@pytest.mark.parametrize("kept", [{}, {"origins": None}])
def test_a_list_that_was_scored_before_says_that_nothing_is_known_of_where_a_gap_comes_from(
    service: Service, sign_in: Callable[[str], TestClient], made_up: Any, kept: dict[str, Any]
) -> None:
    made_up.audit.pop("origins")
    made_up.audit.update(kept)
    run = made_up.into(service)
    for user in ("reviewer-1", "chair"):
        client = sign_in(user)
        assert "Not available: nothing of it is stored with this list." in client.get(f"/audits/{run}").text
        assert client.get(f"/api/v1/audits/{run}").json()["audit"].get("origins") is None
