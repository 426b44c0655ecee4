"""Computing: machine code and plain Python agree, missing tables, cohort, evidence, removal."""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
from typing import Any

import numba
import numpy as np
import pandas as pd
import pytest

from features import CATALOGUE, build_stream, compute, compute_without, events_behind, kernel, select_cohort
from features.measures import Count
from features.selection import Selection
from values import AsOf

T = AsOf.parse("2023-06-30")


def bits(table: pd.DataFrame) -> bytes:
    return table[list(CATALOGUE.names)].to_numpy(dtype=np.float64).tobytes()


def test_plain_python_gives_the_same_bits(world: Any, spine_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = build_stream(world)
    told = compute(stream, spine_of(stream))
    monkeypatch.setattr(kernel, "fold_for", lambda steps: kernel.fold)
    assert bits(compute(stream, spine_of(stream))) == bits(told)


_ASK = """
import pickle, sys
from features import CATALOGUE, compute
with open(sys.argv[1], "rb") as file:
    stream, few, many = pickle.load(file)
for spine in (few, many):
    print(compute(stream, spine)[list(CATALOGUE.names)].to_numpy().tobytes().hex(), "numba" in sys.modules)
"""


def test_a_few_people_are_answered_without_a_compiler_and_many_with_it(many: Any, spine_of: Any, tmp_path: Any) -> None:
    few = spine_of(many).iloc[:6]
    with (tmp_path / "asked").open("wb") as file:
        pickle.dump((many, few, spine_of(many)), file)
    asked = subprocess.run([sys.executable, "-c", _ASK, tmp_path / "asked"], capture_output=True, text=True, check=True)
    (first, first_compiled), (second, second_compiled) = [line.split() for line in asked.stdout.splitlines()]
    assert (first_compiled, second_compiled) == ("False", "True")
    assert first == bits(compute(many, few)).hex()
    assert second == bits(compute(many, spine_of(many))).hex()


def refuse(error: Exception, only_cached: bool) -> Any:
    real = numba.njit

    def njit(*args: Any, **options: Any) -> Any:
        if options.get("cache") or not only_cached:
            raise error
        return real(*args, **options)

    return njit


def test_without_a_compiler_the_plain_fold_is_used_and_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(numba, "njit", refuse(numba.errors.TypingError("no"), only_cached=False))
    with caplog.at_level(logging.WARNING, logger="features.kernel"):
        assert kernel.compiled_fold.__wrapped__() is kernel.fold
    assert "plain Python: the same numbers" in caplog.text


@pytest.mark.parametrize("error", [RuntimeError("no locator available"), EOFError("Ran out of input")])
def test_where_machine_code_cannot_be_kept_or_read_the_fold_is_still_compiled_and_said(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(numba, "njit", refuse(error, only_cached=True))
    with caplog.at_level(logging.WARNING, logger="features.kernel"):
        assert kernel.compiled_fold.__wrapped__() is not kernel.fold
    assert "NUMBA_CACHE_DIR" in caplog.text


def test_one_row_and_many_rows_give_the_same_numbers(world: Any, spine_of: Any) -> None:
    stream = build_stream(world)
    spine = spine_of(stream)
    many = compute(stream, spine)
    for row in (0, 7, len(spine) - 1):
        one = compute(stream, spine.iloc[[row]])
        assert bits(one) == bits(many.iloc[[row]])


def test_an_empty_spine_gives_an_empty_table(world: Any, spine_of: Any) -> None:
    stream = build_stream(world)
    told = compute(stream, spine_of(stream).iloc[:0])
    assert told.shape == (0, 2 + len(CATALOGUE))


def test_people_without_events_have_counts_of_zero_and_no_days_since(world: Any) -> None:
    told = compute(build_stream(world), pd.DataFrame({"person_id": ["nobody"], "as_of": ["2023-06-30"]})).iloc[0]
    assert told["domestic_incidents_365"] == 0
    assert told["victims_1095"] == 0
    assert told["harm_730"] == 0
    assert np.isnan(told["days_since_last_domestic"])


def test_a_missing_table_makes_its_indicators_not_available(
    source_of: Any, an_incident: Any, an_involvement: Any
) -> None:
    source = source_of(
        {
            "incidents": [an_incident("I1", "2023-01-01")],
            "involvements": [an_involvement("I1", "ann", "suspect", "2023-01-01")],
        }
    )
    told = compute(build_stream(source), pd.DataFrame({"person_id": ["ann"], "as_of": ["2023-06-30"]})).iloc[0]
    marac = [name for name in CATALOGUE.names if CATALOGUE.group_of(name) == "marac"]
    assert told[marac].isna().all()
    assert np.isnan(told["order_breaches_730"])
    assert np.isnan(told["alcohol_730"]), "a column nobody filled in is not available"
    assert np.isnan(told["victim_incidents_730"]), "nobody is recorded as a victim"
    assert told["strangulation_730"] == 0, "offence codes say it"
    assert np.isnan(told["victims_1095"]), "no victim is identified for anybody"
    assert told["domestic_incidents_365"] == 1


def test_delivered_but_empty_hearings_are_a_count_of_zero(
    source_of: Any, an_incident: Any, an_involvement: Any
) -> None:
    tables = {
        "incidents": [an_incident("I1", "2023-01-01")],
        "involvements": [an_involvement("I1", "ann", "suspect", "2023-01-01")],
        "marac_hearings": [],
    }
    told = compute(build_stream(source_of(tables)), pd.DataFrame({"person_id": ["ann"], "as_of": ["2023-06-30"]}))
    assert told["marac_hearings_365"].tolist() == [0.0]


def test_counts_are_the_events_behind_them(world: Any, spine_of: Any) -> None:
    stream = build_stream(world)
    told = compute(stream, spine_of(stream, ["2023-06-30"])).set_index("person_id")
    counts = [indicator for indicator in CATALOGUE if isinstance(indicator.measure, Count)]
    assert len(counts) > 20
    for person in stream.person_ids.tolist():
        for indicator in counts:
            facts = events_behind(stream, indicator, person, T)
            assert len(facts) == told.at[person, indicator.name], (person, indicator.name)
            assert all(fact.occurred <= T.day for fact in facts)
            assert facts == sorted(facts, key=lambda fact: fact.occurred)


def test_evidence_names_victims_and_the_worst_crime(world: Any, spine_of: Any) -> None:
    stream = build_stream(world)
    told = compute(stream, spine_of(stream, ["2023-06-30"])).set_index("person_id")
    for person in stream.person_ids.tolist():
        victims = {fact.counterpart for fact in events_behind(stream, CATALOGUE["victims_ever"], person, T)}
        new = {fact.counterpart for fact in events_behind(stream, CATALOGUE["new_victims_365"], person, T)}
        worst = {fact.harm for fact in events_behind(stream, CATALOGUE["harm_max_ever"], person, T)}
        opposed = events_behind(stream, CATALOGUE["counter_allegations_ever"], person, T)
        followed = events_behind(stream, CATALOGUE["marac_repeat_current_730"], person, T)
        row = told.loc[person].fillna(0)
        assert (len(victims), len(new)) == (row["victims_ever"], row["new_victims_365"])
        assert worst in (set(), {row["harm_max_ever"]})
        assert len(opposed) == row["counter_allegations_ever"]
        assert len(followed) == row["marac_repeat_current_730"]
        assert {fact.role for fact in opposed} <= {"victim"}
    assert told["marac_repeat_current_730"].sum() > 0
    assert told["counter_allegations_ever"].sum() > 0


def test_nothing_stands_behind_a_person_without_events(world: Any) -> None:
    stream = build_stream(world)
    assert all(events_behind(stream, indicator, "nobody", T) == [] for indicator in CATALOGUE)


def test_removing_events_equals_never_having_recorded_them(world: Any) -> None:
    stream = build_stream(world)
    people = stream.person_ids.tolist()
    requests = []
    for person in people:
        cited = events_behind(stream, CATALOGUE["domestic_incidents_730"], person, T)
        requests.append((person, T, frozenset(fact.event_ref for fact in cited[::2])))
    requests.append((people[0], T, frozenset({"incident:unheard_of"})))
    told = compute_without(stream, requests)
    assert told["person_id"].tolist() == [*people, people[0]]
    for number, (person, _, removed) in enumerate(requests):
        alone = compute(stream.without(removed), pd.DataFrame({"person_id": [person], "as_of": [T.day]}))
        assert bits(alone) == bits(told.iloc[[number]]), person


def test_removing_nothing_for_nobody_gives_an_empty_table(world: Any) -> None:
    assert len(compute_without(build_stream(world), [])) == 0


@pytest.fixture
def towns(source_of: Any, an_incident: Any, an_involvement: Any) -> Any:
    """Ann offends in castlebridge, bo lives there, cy's victim lives there, di is long ago, ed not domestic."""
    day = {"ann": "2023-01-01", "bo": "2023-01-01", "cy": "2021-07-01", "di": "2021-06-30", "ed": "2023-01-01"}
    incidents = [
        an_incident(f"I-{p}", d, area="castlebridge" if p == "ann" else "eastmere", domestic=p != "ed")
        for p, d in day.items()
    ]
    involved = [an_involvement(f"I-{p}", p, "suspect", d) for p, d in day.items()]
    involved += [an_involvement(f"I-{p}", f"victim of {p}", "victim", d) for p, d in day.items()]
    homes = [
        {"person_id": "bo", "area": "castlebridge", "from": "2020-01-01", "known_from": "2020-01-01"},
        {"person_id": "victim of cy", "area": "castlebridge", "known_from": "2020-01-01"},
        {"person_id": "cy", "area": "eastmere", "known_from": "2020-01-01"},
        {"person_id": "victim of ann", "area": "northby", "to": "2023-06-30", "known_from": "2020-01-01"},
        {"person_id": "victim of bo", "area": "northby", "from": "2023-07-01", "known_from": "2020-01-01"},
        {"person_id": "ann", "area": "southby", "known_from": "2023-07-01"},
    ]
    return build_stream(source_of({"incidents": incidents, "involvements": involved, "addresses": homes}))


@pytest.mark.parametrize(
    ("area", "months", "domestic_only", "people"),
    [
        (None, 24, True, ["ann", "bo", "cy"]),
        (None, None, True, ["ann", "bo", "cy", "di"]),
        (None, 24, False, ["ann", "bo", "cy", "ed"]),
        ("castlebridge", 24, True, ["ann", "bo", "cy"]),
        ("eastmere", 24, True, ["bo", "cy"]),
        ("northby", 24, True, []),
        ("southby", 24, True, []),
        ("atlantis", 24, True, []),
    ],
)
def test_the_cohort_is_recent_suspects_with_a_tie_to_the_area(
    towns: Any, area: str | None, months: int | None, domestic_only: bool, people: list[str]
) -> None:
    assert select_cohort(towns, T, area, months, domestic_only)["person_id"].tolist() == people


def test_the_cohort_follows_what_was_known(towns: Any) -> None:
    assert select_cohort(towns, AsOf.parse("2022-12-31"))["person_id"].tolist() == ["cy", "di"]
    assert select_cohort(towns, T.plus(1), "northby")["person_id"].tolist() == ["bo"]


def test_a_selection_of_late_reports_looks_at_both_days(world: Any) -> None:
    stream = build_stream(world)
    selection = Selection(CATALOGUE["newly_reported_non_recent_90"].measure.selections[0].kind, late_by=365)
    late = stream.take(selection.rows(stream))
    assert len(late) > 0
    assert ((late.reported - late.occurred) > 365).all()
