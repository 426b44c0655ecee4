"""What is due for review follows from the last entry, the site's periods and the decisions to keep."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from records.erasing.retention import DISPOSE, REVIEW, due
from records.purposes import load_sources
from values import AsOf


def frame(**columns: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(columns, dtype="str")
    return table.assign(known_from=pd.to_datetime(table["known_from"]).astype("datetime64[s]"))


HEARINGS = frame(
    hearing_id=["h1", "h2", "h3"],
    victim_id=["v1", "v1", "v2"],
    perpetrator_id=["s1", "s2", "s2"],
    known_from=["2015-05-01", "2020-02-29", "2025-01-01"],
)


def told(found: pd.DataFrame) -> list[tuple[str, str, str]]:
    rows = found[["person_id", "due_on", "what"]].itertuples(index=False)
    return [(person, day.date().isoformat(), what) for person, day, what in rows]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2018-04-30", []),
        ("2018-05-01", [("s1", "2018-05-01", REVIEW), ("v1", "2018-05-01", REVIEW)]),
        ("2023-02-28", [("s1", "2021-05-01", DISPOSE), ("s2", "2023-02-28", REVIEW), ("v1", "2023-02-28", REVIEW)]),
        ("2026-02-28", [("s1", "2021-05-01", DISPOSE), ("v1", "2026-02-28", DISPOSE)]),
    ],
)
def test_review_and_disposal_count_from_the_last_entry_known_then(day: str, expected: list[tuple[str, str, str]]):
    assert told(due({"marac_hearings": HEARINGS}, load_sources(), AsOf.parse(day))) == expected


def test_a_decision_to_keep_restarts_the_clock():
    kept = {"s1": date(2021, 6, 1)}
    assert "s1" not in {
        row[0] for row in told(due({"marac_hearings": HEARINGS}, load_sources(), AsOf.parse("2023-02-28"), kept))
    }
    later = told(due({"marac_hearings": HEARINGS}, load_sources(), AsOf.parse("2024-06-01"), kept))
    assert ("s1", "2024-06-01", REVIEW) in later


def test_what_hangs_on_a_referral_is_due_with_its_person():
    referrals = frame(referral_id=["r1"], person_id=["s1"], known_from=["2019-01-01"])
    interventions = frame(referral_id=["r1"], known_from=["2019-03-01"])
    found = due({"referrals": referrals, "interventions": interventions}, load_sources(), AsOf.parse("2022-03-01"))
    assert list(zip(found["table"], found["person_id"], strict=True)) == [("referrals", "s1"), ("interventions", "s1")]


def test_a_site_sets_its_own_periods(tmp_path: Path):
    place = tmp_path / "sources.yaml"
    place.write_text("tables: {marac_hearings: {retain_years: 10, review_years: 8}}\n", encoding="utf-8")
    found = due({"marac_hearings": HEARINGS}, load_sources(place), AsOf.parse("2023-05-01"))
    assert told(found) == [("s1", "2023-05-01", REVIEW)]
