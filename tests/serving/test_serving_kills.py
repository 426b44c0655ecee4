"""An act that was acknowledged is there exactly once, whatever is killed meanwhile.

Five rounds of the day here; ``scripts/prove service_kills`` makes a hundred.
"""

from __future__ import annotations

import datetime
import signal
import subprocess
import sys

import pytest

from benchmarks import service_kills
from benchmarks.service_kills import NobodyKilled, kill_process, killed


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
    of_the_day = 1 + datetime.date.today().toordinal() % 10
    assert killed(database, victim, of_the_day) == {
        "decisions_lost": 0,
        "decisions_doubled": 0,
        "releases_lost": 0,
        "releases_doubled": 0,
        "released_by_half": 0,
        "published_twice": 0,
        "ledger_verifies": True,
    }


def test_a_kill_counts_only_if_the_process_ended_of_it() -> None:
    done = subprocess.Popen([sys.executable, "-c", "pass"], start_new_session=True)
    done.wait()
    assert not kill_process(done)
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as alive:
        assert kill_process(alive)
    assert alive.returncode == -signal.SIGKILL


def test_a_round_that_kills_nobody_is_drawn_again_and_never_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    moments: list[float] = []

    def late(database: str, victim: str, moment: float) -> tuple[bool, dict[str, int]]:
        moments.append(moment)
        return False, {}

    monkeypatch.setattr(service_kills, "_round", late)
    with pytest.raises(NobodyKilled, match="sqlite batch 1"):
        killed("sqlite", "batch", 1)
    assert len(set(moments)) == 5
