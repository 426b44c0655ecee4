"""The cards of batch work withhold every small count, and go without a database that nobody named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drive_panel.settings import DatabaseURLs
from drive_panel.workflows import cards
from drive_panel.workspace import Workspace
from fairness.exchange import Exchange
from serving import Service
from serving.cards import CardKind
from values import Hash

SNAPSHOT = Hash("d" * 64)


def quality_document() -> dict[str, Any]:
    def column(name: str, recorded: int, blank: bool = False) -> dict[str, Any]:
        told = {"column": name, "recorded": recorded, "of": 200, "share_recorded": recorded / 200}
        return {**told, "delivered": True, "blank_is_ordinary": blank}

    def check(rows: int) -> dict[str, Any]:
        return {"meaning": f"{rows} odd", "do": "Ask.", "available": True, "rows": rows}

    columns = [column("pnc_id", 40), column("cro_id", 3), column("whole", 200), column("to", 5, blank=True)]
    delivery = {"name": "d1", "source": "rms", "extract_date": "2026-03-31", "read": 20, "accepted": 8}
    delivery |= {"quarantined": 12, "reasons": {"orphan": 9, "future_date": 10}, "notes": ["Mrs Smith's row"]}
    return {
        **dict.fromkeys(("synthetic", "extract_date", "period", "source"), "x"),
        "deliveries": {"available": True, "deliveries": [delivery]},
        "linkage": {"available": True},
        "completeness": {
            "tables": [{"table": "restricted", "meaning": "m", "delivered": True, "rows": 9, "columns": columns}]
        },
        "findings": [{"section": section, "text": "3 people"} for section in ("dates", "volumes", "lag")],
        "dates": {"checks": [check(0), check(9), check(10)]},
        "copies": {"checks": []},
        "links": {"checks": [{"available": False, "rows": 4}]},
    }


def test_a_card_of_data_quality_holds_no_small_count_and_no_note() -> None:
    found = cards.quality(quality_document())
    assert [each["rows"] for each in found["checks"]] == [None, 10]
    assert found["deliveries"][0]["reasons"] == {"orphan": None, "future_date": 10}
    assert [each["rows"] for each in found["tables"]] == [None]
    assert [(each["column"], each["share"]) for each in found["least_recorded"]] == [("cro_id", None), ("pnc_id", 0.2)]
    assert [(each["section"], each["names_areas"]) for each in found["findings"]] == [("volumes", True), ("lag", False)]
    assert "Smith" not in str(found)


def test_a_proof_tells_no_number_of_people_below_ten_and_never_in_how_many_something_moved() -> None:
    result = {"checked": 205, "cohorts_checked": 2, "as_of": "2026-03-31", "seed": 0, "holds": False, "rows": 9}
    result |= {"moved": ["incidents_730"], "people_moved": {"incidents_730": 1}, "cohorts_moved": {"east": 1}}
    found = cards.time_travel(result, SNAPSHOT)
    assert (found["people"], found["moved"], found["cohorts_moved"]) == (None, ["incidents_730"], ["east"])
    assert "people_moved" not in found
    assert cards.time_travel({**result, "rows": 10}, SNAPSHOT)["people"] == 10


def test_a_shadow_is_kept_beside_its_run_without_small_counts_and_without_the_file_that_says_who(
    tmp_path: Path,
) -> None:
    workspace = Workspace.open(tmp_path)
    shadowed = {"run": "RUN-1", "bundle": "a" * 64, "kind": "recency", "places": 40, "enter": 9, "leave": 11}
    shadowed |= {"kept": 0.725, "rank_correlation": None, "file": str(tmp_path / "who.csv")}
    card = {"bundle": "b" * 64, "as_of": "2026-03-31"}

    def keep(service: Service) -> None:
        cards.keep_scoring(service, "RUN-1", "east", card, shadowed)

    with cards.batch_service(workspace) as service:
        keep(service)
        (shadow,) = service.cards(CardKind.SHADOW)
        assert (shadow.subject, shadow.area) == ("RUN-1", "east")
        assert shadow.document == {
            "run": "RUN-1",
            "bundle": "a" * 64,
            "kind": "recency",
            "live": "b" * 64,
            "as_of": "2026-03-31",
            "places": 40,
            "enter": None,
            "leave": 11,
            "rank_correlation": None,
        }


def test_the_fairness_rule_names_who_would_be_missed_more_in_whole_points() -> None:
    def exchange(group: str, change: float, worse: bool) -> Exchange:
        return Exchange("subjects", "sex", group, 200, 30, 10, change, 0.004, 0.0123, worse)

    found = cards._communities([exchange("female", 0.0349, True), exchange("male", -0.02, False)])
    told = {"table": "subjects", "characteristic": "sex", "group": "female", "change": 0.03, "p": 0.01}
    assert found == {"compared": 2, "worse": [told]}


def test_where_nobody_said_how_the_database_is_reached_a_command_goes_on_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = Workspace.open(tmp_path, DatabaseURLs(web="postgresql://panel@db/panel"))
    cards.keep(workspace, CardKind.QUALITY, "d" * 64, {}, "batch")
    assert "The service's pages do not show this" in capsys.readouterr().err
