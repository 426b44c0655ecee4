"""A command that is killed at any moment, run again, leaves what it leaves undisturbed; two at once do not mix.

A few moments here, one of them of the day; ``scripts/prove kills`` tries twenty of each command.
"""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest

from benchmarks.kills import killed, shape, together, undisturbed, wrong_modes


@pytest.mark.parametrize(("name", "moment"), [("ingest", None), ("ingest", 15), ("link", 18), ("erase", 10)])
def test_a_killed_command_run_again_leaves_what_an_undisturbed_one_leaves(name, moment):
    of_the_day = 1 + datetime.date.today().toordinal() % 20
    assert killed(name, moment or of_the_day) == {
        "same_snapshot": True,
        "missing_files": 0,
        "further_files": 0,
        "changed_files": 0,
        "wrong_modes": 0,
    }


def test_kills_by_file_land_before_within_and_after_the_publication_of_the_snapshot():
    shapes = list(undisturbed("ingest").shapes)
    published = next(at for at, each in enumerate(shapes) if each.startswith("records/snapshots/*"))
    assert any(each.startswith("records/snapshots/draft") for each in shapes[:published])
    assert shapes.index("records/snapshots/latest") > published


def test_two_ingests_at_once_end_where_one_after_the_other_ends():
    at_once, in_turn = together("ingest", "ingest again")
    assert at_once == in_turn


def test_what_changes_from_run_to_run_is_no_part_of_a_shape():
    assert shape("records/deliveries/2024-03-31-0a1b2c3d4e5f/persons.parquet") == "records/deliveries/*/persons.parquet"
    assert shape("records/snapshots/" + "0f" * 32) == "records/snapshots/*"
    assert shape("records/snapshots/.latest.4711") == "records/snapshots/.latest.*"


def test_a_file_that_others_may_read_is_counted(tmp_path: Path):
    (tmp_path / "open").write_text("x")
    os.chmod(tmp_path / "open", 0o644)
    (tmp_path / "private").mkdir(mode=0o700)
    assert wrong_modes(tmp_path) == 1
