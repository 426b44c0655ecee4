"""What `train` prints: the rules and, last, the decision; every figure only where asked."""

from __future__ import annotations

from typing import Any

from drive_panel.workflows.train import describe

RESULT: dict[str, Any] = {
    "tuning": {"trials": 0},
    "people": 45_000,
    "splits": ["2024-03-31"],
    "outcomes": 4_100,
    "conditions": [
        {"name": "finds more harm than V100", "holds": True, "why": "+300 harm days (100 to 500)."},
        {"name": "finds more harm than RFGV", "holds": False, "why": "+100 harm days (-50 to 250)."},
    ],
    "candidates": [{"name": "lightgbm", "metric": "auc", "value": 0.77, "low": 0.75, "high": 0.79}],
    "retraining": None,
    "alarms": [{"kind": "too_bad", "message": "Below chance at 2024-03-31."}],
    "report": {"html": "reports/e.html", "no_pdf": "No PDF: Pango is not there.", "json": "reports/e.json"},
    "backtest_verdict": "insufficient",
    "promoted": False,
    "champion": "rfgv",
    "bundle": "a" * 64,
}


def test_a_training_ends_with_its_decision_and_prints_no_figures_unasked() -> None:
    lines = describe(RESULT)
    assert lines[-1] == f"Not promoted; the simple list stays: rfgv, bundle {'a' * 64}"
    assert lines[-2] == "Mature backtest audit: insufficient"
    assert lines[-3] == "ALARM (too_bad): Below chance at 2024-03-31."
    assert "  does not hold: finds more harm than RFGV. +100 harm days (-50 to 250)." in lines
    assert any("--verbose" in line and "report" in line for line in lines)
    assert not any("auc" in line for line in lines)
