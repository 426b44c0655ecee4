"""What is told of a measurement of the service is what was measured."""

from __future__ import annotations

import json

from benchmarks import service_load
from benchmarks.service.area import SECTIONS


def found(list_ms: float = 90.0, errors: dict[str, int] | None = None) -> dict[str, object]:
    seen = [("list", list_ms, 200)] * 20 + [("case", 40.0, 200)] * 20
    seen += [("case", 10.0, status) for status, many in (errors or {}).items() for _ in range(many)]
    asked = service_load._asked(["--sessions", "3"])
    held = {"memory_mb": {"rss": 190.0, "pss": 170.0}, "libraries": []}
    used = {"web": 1.0, "postgresql": 0.5, "clicking": 0.2}
    about = {"cores": 2, "memory_gib": 24, "system": "Linux", "python": "3.11.7"}
    return service_load._told(seen, asked, 61.0, 2.1, used, held) | {
        "area": {"cohort": 50_000, "runs": 12, **SECTIONS, "ledger_entries": 890},
        "postgresql": "15.18 (Debian)",
        "load_before": 0.1,
        "machine": about,
    }


def test_limits_are_judged_by_what_was_seen() -> None:
    assert all(found()["held"].values())
    slow = found(list_ms=151.0)["held"]
    assert (slow["list page"], slow["case page"]) == (False, True)
    assert found(errors={"500": 1})["held"]["no error"] is False
    assert found(errors={"ReadTimeout": 2})["errors"] == {"case: ReadTimeout": 2}


def test_quantiles_are_those_of_the_requests() -> None:
    assert service_load._quantiles([float(value) for value in range(1, 101)]) == {
        "requests": 100,
        "p50": 51.0,
        "p95": 96.0,
        "p99": 100.0,
        "most": 100.0,
    }


def test_the_page_tells_what_is_not_held() -> None:
    assert "| list page | **no** |" in service_load.page(found(list_ms=151.0))
    assert "12 released lists, each of three people a place (120)" in service_load.page(found())


def test_the_page_is_that_of_the_committed_result() -> None:
    there = service_load.PAGE.exists()
    assert there == service_load.RESULT.exists()
    if there:
        stored = json.loads(service_load.RESULT.read_text(encoding="utf-8"))
        assert service_load.PAGE.read_text(encoding="utf-8") == service_load.page(stored)
