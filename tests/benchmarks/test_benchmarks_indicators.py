"""Every engine answers every indicator alike, from the same rows; the input and the batch are what they say."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.indicators import floor, report, speed
from benchmarks.indicators import ours as own
from benchmarks.indicators.claims import CLAIMS
from benchmarks.indicators.equal import answers, differences
from benchmarks.indicators.events import as_of_dates, made
from benchmarks.indicators.inputs import Events
from benchmarks.indicators.ours import stream_of
from benchmarks.indicators.questions import question, questions
from benchmarks.indicators.run import INSTALL, RIVALS, asked, engine, measured
from benchmarks.indicators.start import ASKED
from benchmarks.indicators.terms import MISSING, AskedOn, CannotExpress
from features import CATALOGUE, Catalogue
from features.events import ROW_COLUMNS, ROW_TYPES
from features.indicators import compute_numbers
from features.kinds import FOREVER, SORT_CODE, Flag, Kind, Role
from features.measures import (
    After,
    Count,
    DaysSince,
    Delay,
    Difference,
    Distinct,
    Gap,
    Largest,
    Measure,
    Meets,
    MostWithOne,
    New,
    Ratio,
    Repeated,
    Reversed,
    Slope,
    Total,
)
from features.selection import Selection
from values import Window

INCIDENTS, COPIES, DATES = 600, 3, 12

installed = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            importlib.util.find_spec(name) is None, reason=f"{name} is not installed. Run: {INSTALL}"
        ),
    )
    for name in RIVALS
]


@pytest.fixture(scope="module")
def force(tmp_path_factory: pytest.TempPathFactory) -> Events:
    """A made-up force of two hundred incidents, three times over."""
    return made(tmp_path_factory.mktemp("force"), INCIDENTS, base=INCIDENTS // COPIES)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory, force: Events) -> Events:
    """Rows drawn at random: crowded histories of few people, corrected, withdrawn, late, stated late, all kinds."""
    folder = tmp_path_factory.mktemp("crowd")
    random, count, people = np.random.default_rng(4), 15_000, 60
    end, longest = force.days(1)[0], 2600
    occurred = end - random.integers(0, longest, count)
    late = np.where(random.random(count) < 0.2, random.integers(0, 900, count), random.integers(0, 3, count))
    known_from = occurred + late
    lasted = random.integers(1, 900, count)
    known_to = np.where(random.random(count) < 0.25, known_from + lasted, FOREVER)
    kind = random.choice([Kind.INCIDENT, Kind.DYAD, Kind.HEARING, Kind.ORDER, Kind.BREACH, Kind.CUSTODY], count)
    paired = np.isin(kind, [Kind.DYAD, Kind.HEARING])
    rows = {
        "person": random.integers(0, people, count),
        "occurred": occurred,
        "event_id": random.integers(0, count // 3, count),
        "kind": kind,
        "role": random.choice([Role.SUSPECT, Role.SUSPECT, Role.VICTIM, Role.WITNESS], count),
        "counterpart": np.where(paired & (random.random(count) < 0.9), random.integers(0, 5, count), -1),
        "known_from": known_from,
        "known_to": known_to,
        "reported": occurred + random.choice([0, 0, 3, 500], count),
        "family": np.array([random.choice([-1, *SORT_CODE[one].values()]) for one in kind]),
        "harm": random.choice([-1, 0, 100, 1950, 36500], count),
        "flags": np.bitwise_or.reduce([np.where(random.random(count) < 0.6, int(flag), 0) for flag in Flag]),
        "area": random.integers(-1, 3, count),
        "stated": known_from + np.where(random.random(count) < 0.3, random.integers(0, 700, count), 0),
    }
    table = pd.DataFrame({name: rows[name].astype(ROW_TYPES[name]) for name in ROW_COLUMNS})
    table.to_parquet(folder / "rows.parquet", index=False)
    asked = [(person, f"P{person:02}", as_of.day) for as_of in as_of_dates(DATES) for person in range(people + 2)]
    spine = pd.DataFrame(asked, columns=["person", "person_id", "as_of"])
    spine = spine.astype({"person": np.int32, "as_of": "datetime64[ms]"})
    spine.to_parquet(folder / f"spine-{DATES}.parquet", index=False)
    people_asked = pd.DataFrame({"person": range(people + 2), "person_id": [f"P{n:02}" for n in range(people + 2)]})
    people_asked.to_parquet(folder / "people.parquet", index=False)
    told = {
        **force.about,
        "people": people + 2,
        "recorded": force.about["recorded"] | {"orders.breached_at": [[0, end]]},
    }
    (folder / "about.json").write_text(json.dumps(told), encoding="utf-8")
    return Events(folder)


@pytest.mark.parametrize("rival", installed)
@pytest.mark.parametrize("which", ["force", "crowd"])
def test_every_cell_of_a_rival_is_ours(which: str, rival: str, request: pytest.FixtureRequest) -> None:
    events = request.getfixturevalue(which)
    assert sum(differences(answers("ours", events, DATES), answers(rival, events, DATES)).values()) == 0


PAIR = Selection(Kind.DYAD, flags=Flag.DOMESTIC)
OPPOSED = Selection(Kind.DYAD, Role.VICTIM, flags=Flag.DOMESTIC)
PARTNER = Selection(Kind.DYAD, flags=Flag.DOMESTIC | Flag.IPV)
GRADED = Selection(Kind.INCIDENT, flags=Flag.DOMESTIC | Flag.HIGH)
CRIME = Selection(Kind.INCIDENT, flags=Flag.DOMESTIC | Flag.CRIME)
BREACHES = Selection(Kind.INCIDENT, families=("breach", "threats", "stalking"))
YEAR, EVER = Window(365), Window(None)
INDICATOR = CATALOGUE["domestic_incidents_ever"]
MEASURES: dict[str, Measure] = {
    "high": Count(GRADED, YEAR),
    "late": Count(dataclasses.replace(CRIME, late_by=30), YEAR, clock="reported"),
    "partners": Distinct(PARTNER, EVER),
    "earlier": Distinct(PAIR, YEAR, skip=365),
    "reported": Distinct(PAIR, YEAR, clock="reported", of="event"),
    "families": Distinct(BREACHES, EVER, of="family"),
    "families_or_none": Distinct(CRIME, YEAR, of="family", unknown_as_zero=True),
    "new": New(PAIR, YEAR, clock="reported"),
    "most": MostWithOne(PARTNER, YEAR),
    "repeated": Repeated(PAIR, EVER, least=3),
    "days_since": DaysSince(GRADED, EVER, clock="reported"),
    **{f"gap_{how}": Gap(CRIME, Window(800), skip=100, how=how) for how in ("mean", "min", "max", "last", "std")},
    **{f"delay_{how}": Delay(CRIME, YEAR, how=how) for how in ("mean", "max")},
    "slope": Slope(CRIME, Window(1095), skip=30),
    "harm": Total(CRIME, YEAR, clock="reported"),
    "most_harm": Largest(CRIME, YEAR, skip=90),
    "after": After(PARTNER, EVER, anchor=PARTNER, within=200),
    **{f"reversed_{how}": Reversed(PAIR, EVER, other=OPPOSED, how=how) for how in ("count", "share", "balance")},
    "difference": Difference(Gap(CRIME, EVER, how="last"), Gap(CRIME, EVER, how="mean")),
    "ratio": Ratio(Count(GRADED, EVER), (Count(CRIME, EVER),), rest=True),
    "meets": Meets(((Distinct(PARTNER, EVER), 2), (Count(CRIME, EVER), 4))),
}


def test_the_measures_below_are_all_that_can_be_declared() -> None:
    assert {type(measure) for measure in MEASURES.values()} == _simple_and_composed(Measure)


def _simple_and_composed(measure: type[Measure]) -> set[type[Measure]]:
    below = {each for each in measure.__subclasses__() if each.__module__ == Measure.__module__}
    own = set() if measure.__name__.startswith("_") or measure is Measure else {measure}
    return own.union(*(_simple_and_composed(each) for each in below))


@pytest.mark.parametrize("rival", installed)
def test_a_rival_answers_every_measure_as_we_do(rival: str, crowd: Events) -> None:
    planted = (dataclasses.replace(INDICATOR, name=name, measure=measure) for name, measure in MEASURES.items())
    catalogue = Catalogue(planted)
    spine = pd.read_parquet(crowd.spine(DATES)).sort_values(["person_id", "as_of"], ignore_index=True)
    days = spine["as_of"].to_numpy().astype("datetime64[D]").astype(np.int64)
    values = compute_numbers(stream_of(crowd), spine["person"].to_numpy(np.int64), days, catalogue)
    module = engine(rival)
    told = module.frame(module.compute(crowd, DATES, {name: question(each) for name, each in MEASURES.items()}))
    theirs = told.sort_values(["person_id", "as_of"], ignore_index=True)
    for name, ours in zip(MEASURES, values, strict=True):
        assert theirs[name].to_numpy(np.float64, na_value=np.nan) == pytest.approx(ours, nan_ok=True), name
        assert len(set(ours[~np.isnan(ours)])) > 1, f"{name} has one value only"


def test_crowded_rows_move_every_indicator(crowd: Events) -> None:
    told = answers("ours", crowd, DATES)
    still = [name for name in CATALOGUE.names if told[name].nunique() < 2]
    assert not still, f"these have one value only, so that no engine's error in them would show: {still}"


def test_one_changed_cell_is_a_difference(force: Events) -> None:
    ours = answers("ours", force, 1)
    theirs = ours.copy()
    theirs.loc[3, "domestic_incidents_ever"] += 1
    assert {name: cells for name, cells in differences(ours, theirs).items() if cells} == {"domestic_incidents_ever": 1}
    assert sum(differences(ours, ours.iloc[1:].reset_index(drop=True)).values()) == len(ours) * len(CATALOGUE)


def test_whole_numbers_are_equal_and_fractions_near(force: Events) -> None:
    ours = answers("ours", force, 1)
    ours["domestic_incidents_ever"], ours["harm_730"] = 1_000_000.0, 1_000_000.5
    theirs = ours.assign(domestic_incidents_ever=1_000_001.0, harm_730=1_000_001.5)
    found = {name: cells for name, cells in differences(ours, theirs).items() if cells}
    assert found == {"domestic_incidents_ever": len(ours)}


@pytest.mark.parametrize("name", CATALOGUE.names)
def test_every_indicator_can_be_asked(name: str) -> None:
    question(CATALOGUE[name].measure)


@dataclasses.dataclass(frozen=True)
class Fewer(Count):
    """A measure of which the rivals know nothing."""

    by: int = 0


def test_a_measure_that_was_never_taught_is_named() -> None:
    with pytest.raises(CannotExpress, match="The measure Fewer has no question"):
        question(Fewer(Selection(Kind.INCIDENT), Window(90)))


def test_what_was_not_delivered_is_missing_and_what_came_later_is_asked_from_then(crowd: Events) -> None:
    days, tables = crowd.days(2), frozenset({"incidents", "involvements"})
    without = questions(CATALOGUE, tables, {}, days)
    assert without["marac_hearings_ever"] == without["alcohol_730"] == MISSING
    late = questions(CATALOGUE, tables, {"incidents.alcohol": [[days[1], FOREVER]]}, days)
    assert late["alcohol_730"] == question(CATALOGUE["alcohol_730"].measure).where(AskedOn((days[1],)))


def test_rows_stand_in_the_order_of_their_recording_and_copies_are_people_of_their_own(force: Events) -> None:
    rows = pd.read_parquet(force.rows)
    people = pd.read_parquet(force.people)
    each = len(people) // COPIES
    assert rows["known_from"].is_monotonic_increasing
    assert not rows["person"].is_monotonic_increasing
    assert list(rows.columns) == list(ROW_COLUMNS)
    assert people["person_id"].is_unique
    assert people["person_id"].is_monotonic_increasing
    copies = [part for _, part in rows.groupby(rows["person"] // each)]
    assert len({len(part) for part in copies}) == 1
    for number, part in enumerate(copies):
        assert int(copies[0]["occurred"].sum() - part["occurred"].sum()) == 3 * number * len(part)
        assert set(part.loc[part["counterpart"] >= 0, "counterpart"] // each) == {number}
        assert not set(part["event_id"]) & set(copies[number - 1]["event_id"])
        assert (part["known_to"] == FOREVER).sum() == (copies[0]["known_to"] == FOREVER).sum() > 0


def test_asked_is_everybody_with_a_known_domestic_incident_as_suspect_in_two_years(force: Events) -> None:
    rows, spine = pd.read_parquet(force.rows), pd.read_parquet(force.spine(12))
    assert spine["as_of"].nunique() == 12
    day = pd.Timestamp(2025, 6, 30)
    number = (day - pd.Timestamp(0)).days
    suspects = rows[(rows["kind"] == Kind.INCIDENT) & (rows["role"] == Role.SUSPECT) & (rows["flags"] % 2 == 1)]
    known = suspects[(suspects["known_from"] <= number) & (suspects["known_to"] > number)]
    recent = known[(known["occurred"] <= number) & (known["occurred"] > number - 730)]
    assert sorted(spine.loc[spine["as_of"] == day, "person"]) == sorted(recent["person"].unique())


def test_the_floor_puts_every_column_into_the_order_of_person_day_and_event(force: Events) -> None:
    rows = pd.DataFrame(floor.compute(force, 1, {}))
    wanted = pd.read_parquet(force.rows).sort_values(list(ROW_COLUMNS), ignore_index=True)
    pd.testing.assert_frame_equal(rows.sort_values(list(ROW_COLUMNS), ignore_index=True)[list(ROW_COLUMNS)], wanted)
    key = ["person", "occurred", "event_id"]
    pd.testing.assert_frame_equal(rows[key], wanted[key])


def test_a_key_counts_from_the_smallest_value() -> None:
    nation = {"person": 2**25 - 1, "occurred": 2**13 - 1, "event_id": 2**25 - 1}
    key = floor.packed({name: np.array([17_000, 17_000 + most], dtype=np.int32) for name, most in nation.items()})
    assert key.tolist() == [0, 2**63 - 1]


def test_a_key_that_does_not_fit_one_number_is_an_error() -> None:
    wide = {name: np.array([0, 2**30], dtype=np.int32) for name in ("person", "occurred", "event_id")}
    with pytest.raises(OverflowError, match="93 bits"):
        floor.packed(wide)


def test_answers_written_block_by_block_are_those_held_in_memory(
    force: Events, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "BLOCK", 50)
    own.compute_to_file(force, DATES, {}, tmp_path / "answers.parquet")
    written = pd.read_parquet(tmp_path / "answers.parquet")
    held = own.compute(force, DATES, {})
    pd.testing.assert_frame_equal(written, held, check_dtype=False)


@pytest.mark.parametrize("name", ["ours", *installed])
def test_answers_taken_in_batches_are_those_held_in_memory(
    force: Events, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "BLOCK", 50)
    module, questions = engine(name), asked(force, DATES)
    held = module.frame(module.compute(force, DATES, questions))
    taken = [_copied(batch) for batch in module.batches(force, DATES, questions)]
    by = ["person_id", "as_of"]
    answers = pd.concat(taken, ignore_index=True).sort_values(by, ignore_index=True)
    pd.testing.assert_frame_equal(answers, held.sort_values(by, ignore_index=True), check_dtype=False)
    told = measured(name, force, DATES, None, in_batches=True)
    assert told["rows_handed_over"] == len(held) == len(pd.read_parquet(force.spine(DATES)))


def _copied(batch: Any) -> pd.DataFrame:
    """Keep a batch as a data frame; the next one may be written over it."""
    frame = batch if isinstance(batch, pd.DataFrame) else batch.to_pandas()
    return frame.copy()


def test_a_stopped_batch_goes_on_where_it_stopped(force: Events, tmp_path: Path) -> None:
    entries = (speed.Entry("floor", 1), speed.Entry("ours", 12, speed.TO_PARQUET))
    partial = tmp_path / "rounds.jsonl"
    there = {"round": 0, "entry": "floor 1", "seconds": 7.0, "peak_bytes": 7, "load_before": 0.0}
    partial.write_text(json.dumps(there) + '\n{"round": 0, "entry": "ours 1', encoding="utf-8")
    done = speed.batch(force, entries, 1, partial)
    assert done[0] == there
    assert done[1]["entry"] == "ours 12 to Parquet"
    assert done[1]["peak_bytes"] > 10_000_000
    assert 0 < done[1]["processor_seconds"] <= done[1]["whole_processor_seconds"]


def results(seconds: float) -> dict[str, Any]:
    """Made-up results in which every entry takes 100 seconds and ours takes `seconds`."""
    parts: dict[str, Any] = {}
    stamp = {
        "indicators": 1,
        "catalogue": "0" * 64,
        "code": "1" * 64,
        "versions": {},
        "machine": dict.fromkeys(("cores", "memory_gib"), 2),
    }
    stamp["machine"] |= {"system": "s", "python": "3"}
    asked = {"1": 1, "12": 12, "24": 24}
    for incidents, entries in speed.BATCHES.items():
        figures = {}
        for entry in entries:
            took = seconds if entry.engine == "ours" else 100.0
            timed = dict.fromkeys(report.FIGURES, took) | {"system_seconds": took / 10}
            rounds = [{"load_before": 0.5}] * 3
            figures[entry.name] = {**vars(entry), **timed, "peak_bytes": 10**9, "rounds": rounds}
        about = {"incidents": incidents, "rows": 10**6, "people": 5, "asked": asked}
        parts[str(incidents)] = {**stamp, "input": about, "entries": figures}
    took = {
        "answer_seconds": 1.0,
        "whole_seconds": 1.2,
        "whole_processor_seconds": 1.0,
        "rounds": [{"load_before": 0.5}] * 3,
    }
    starts = {f"{name}, {asked}": took for name in ("cold", "cached") for asked in ASKED}
    return {**parts, "start": {**stamp, "starts": starts}}


def test_each_claim_is_judged_against_its_limit() -> None:
    quick = {claim.what: claim.figure(results(10.0)) for claim in CLAIMS}
    assert quick["2 million incidents, one date in batches: times the floor"] == pytest.approx(0.1)
    assert quick["2 million incidents, 12 dates in batches: processor time as a share of polars's"] == pytest.approx(
        0.1
    )
    page = report.document(results(30.0), json.loads(report.CLUSTER.read_text(encoding="utf-8")))
    judged = {
        line.split(" | ")[0][2:]: line.split(" | ")[-1][:-2] for line in page.splitlines() if line.startswith("| ")
    }
    assert judged["2 million incidents, 12 dates in batches: processor time as a share of polars's"] == "yes"
    assert judged["2 million incidents, 12 dates in batches: processor time as a share of pandas's"] == "**no**"
    assert judged["First answer about ten people, no compiled code kept, seconds"] == "yes"
    assert judged["First answer about ten people, compiled code kept, seconds"] == "**no**"


def test_the_page_is_that_of_the_committed_results() -> None:
    there = report.DOCUMENT.exists()
    assert there == speed.RESULT.exists()
    if there:
        stored = json.loads(speed.RESULT.read_text(encoding="utf-8"))
        cluster = json.loads(report.CLUSTER.read_text(encoding="utf-8"))
        assert report.DOCUMENT.read_text(encoding="utf-8") == report.document(stored, cluster)
