"""The time-travel proof as a command: whom it looks at, what it says, and that it fails on a planted leak."""

from __future__ import annotations

import dataclasses
import functools
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from drive_panel.cli import app
from drive_panel.output import DONE, INPUT_ERROR, USAGE
from drive_panel.workflows import timetravel
from drive_panel.workspace import Workspace
from features import EventStream, RecordSource, build_stream, prove_time_travel
from features.kinds import Flag
from records import RecordStore

DAYS = ["2024-01-10", "2024-02-10", "2024-03-10", "2024-05-10"]
PEOPLE = [f"P{number}" for number in range(12)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve people with four incidents each, the last after T; every third of them in the west."""
    folder = tmp_path_factory.mktemp("force")
    incidents = ["incident_id,force,area,occurred_from,reported_on,is_crime,domestic,drugs"]
    involvements = ["incident_id,person_id,role"]
    for number, person in enumerate(PEOPLE):
        for day in DAYS:
            key = f"I-{person}-{day}"
            area = "west" if number % 3 == 0 else "east"
            incidents.append(f"{key},north,{area},{day},{day},true,true,{str(day > '2024-04').lower()}")
            involvements += [f"{key},{person},suspect", f"{key},V{number},victim"]
    victims = [f"V{number}" for number in range(len(PEOPLE))]
    tables = {
        "manifest.yaml": ["source: made up", "extract_date: 2024-06-30", "synthetic: true"],
        "persons.csv": ["person_id,source", *(f"{person},rms" for person in [*PEOPLE, *victims])],
        "incidents.csv": incidents,
        "involvements.csv": involvements,
    }
    (folder / "extract").mkdir()
    for name, lines in tables.items():
        (folder / "extract" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    workspace = Workspace.open(folder / "workspace")
    RecordStore(workspace.records).ingest(folder / "extract")
    return workspace.home


def asked(home: Path, *words: str) -> tuple[int, dict[str, object]]:
    done = CliRunner().invoke(app, ["--home", str(home), "timetravel", "--as-of", "2024-03-31", *words, "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_everybody_and_every_area_are_proved_where_nothing_else_is_asked(home: Path) -> None:
    status, told = asked(home)
    assert status == DONE
    assert (told["moved"], told["cohorts_moved"], told["holds"]) == ([], {}, True)
    assert (told["rows"], told["cohorts_checked"]) == (24, 3)


def test_an_area_narrows_the_proof_to_its_cohort(home: Path) -> None:
    status, told = asked(home, "--area", "west")
    assert (status, told["rows"], told["cohorts_checked"]) == (DONE, 4, 2)


def test_a_sample_of_the_cohort_is_chosen_by_the_seed(home: Path) -> None:
    first, again, other = (asked(home, "--people", "5", "--seed", seed)[1] for seed in ("1", "1", "2"))
    assert first == again
    assert [first["rows"], other["rows"]] == [5, 5]
    snapshot = RecordStore(Workspace.open(home).records).latest()
    day = timetravel.AsOf.parse("2024-03-31")
    chosen = [timetravel._chosen(snapshot, day, None, 5, seed, lambda *told: None) for seed in (1, 1, 2)]
    assert chosen[0] == chosen[1] != chosen[2]
    assert set(chosen[0]) < set(PEOPLE)


def test_a_sample_larger_than_the_cohort_is_the_cohort(home: Path) -> None:
    assert asked(home, "--people", "500")[1]["rows"] == 12


def test_a_date_after_the_records_end_is_refused_where_nothing_could_move(home: Path) -> None:
    done = CliRunner().invoke(app, ["--home", str(home), "timetravel", "--as-of", "2034-03-31", "--json"])
    assert done.exit_code == INPUT_ERROR
    assert "nothing is known as of 2034-03-31" in json.loads(done.stdout)["error"]["message"]


def test_an_area_without_anybody_is_an_error_that_names_the_areas(home: Path) -> None:
    status, told = asked(home, "--area", "nowhere")
    assert status == INPUT_ERROR
    assert told["error"]["message"] == "Nobody is in the cohort of 'nowhere' as of 2024-03-31."
    assert told["error"]["remedy"] == "Areas in the records: east, west."


def test_no_people_at_all_are_a_wrong_call(home: Path) -> None:
    call = ["--home", str(home), "timetravel", "--as-of", "2024-03-31", "--people", "0"]
    assert CliRunner().invoke(app, call).exit_code == USAGE


def with_a_flag_of_what_came_later(source: RecordSource) -> EventStream:
    """Whoever is ever recorded with drugs is so in every incident: a column that is overwritten in place."""
    stream = build_stream(source)
    ever = np.unique(stream.person[(stream.flags & int(Flag.DRUGS)) != 0])
    flags = np.where(np.isin(stream.person, ever), stream.flags | np.int32(Flag.DRUGS), stream.flags)
    recorded = {**stream.recorded, "incidents.drugs": np.array([[0, 2**31 - 1]], dtype=np.int32)}
    return dataclasses.replace(stream, flags=flags.astype(np.int32), recorded=recorded)


def test_a_planted_leak_ends_in_failure_and_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leaking = functools.partial(prove_time_travel, build=with_a_flag_of_what_came_later)
    monkeypatch.setattr(timetravel, "prove_time_travel", leaking)
    done = CliRunner().invoke(app, ["--home", str(home), "timetravel", "--as-of", "2024-03-31"])
    assert done.exit_code == INPUT_ERROR
    assert "moved: drugs_730, in 12 people" in done.stdout
    assert "none" not in done.stdout


def test_a_proof_that_holds_says_what_was_looked_at(home: Path) -> None:
    done = CliRunner().invoke(app, ["--home", str(home), "timetravel", "--as-of", "2024-03-31", "--area", "east"])
    assert "of 8 people in east and 2 cohorts checked as of 2024-03-31" in done.stdout
    assert done.stdout.endswith("moved: none\n")
