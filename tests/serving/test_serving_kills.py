"""An act that was acknowledged is there exactly once, whatever is killed meanwhile.

Five rounds here; ``scripts/prove service_kills`` makes a hundred.
"""

from __future__ import annotations

import pytest

from benchmarks.service_kills import killed


@pytest.mark.parametrize(
    ("database", "victim"),
    [
        ("postgresql", "web"),
        ("postgresql", "batch"),
        ("postgresql", "database"),
        ("sqlite", "web"),
        ("sqlite", "database"),
    ],
)
def test_no_acknowledged_act_is_lost_or_doubled(database: str, victim: str) -> None:
    assert killed(database, victim, 1) == {
        "decisions_lost": 0,
        "decisions_doubled": 0,
        "releases_lost": 0,
        "releases_doubled": 0,
        "released_by_half": 0,
        "published_twice": 0,
        "ledger_verifies": True,
    }
