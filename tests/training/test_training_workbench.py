"""Alternatives on the champion's own test dates: a planted proxy shows, reductions run, nothing of a group stays."""

from __future__ import annotations

import dataclasses
import sys

import numpy as np
import pytest
import yaml

from training.alternatives import (
    CHAMPION,
    Alternative,
    ReductionSettings,
    WorkbenchSettings,
    load_alternatives,
    train_config,
)
from training.errors import LibraryMissing, SettingsError
from training.lists import places_within, shortest_depth
from training.reductions import Mixture, reduce, reweighed
from training.settings import RankerSettings, TrainSettings, load_settings
from training.workbench import BASE, Workbench, harm_found

PROXY = "police_generated_730"  # nobody is police-generated in this world: the column is free for a plant
SMALL = ReductionSettings(iterations=3, rows=1500, trees=10)
BOOSTER = RankerSettings(kind="lightgbm", parameters={"trees": 30, "min_people": 30, "threads": 1})


@pytest.fixture(scope="module")
def planted(run_world):
    """Return a bench on which an indicator follows half of the people, whose past harm was recorded half as often."""
    experiment = run_world("signal")
    material, rng = experiment.material, np.random.default_rng(3)
    person = np.unique(material.spine["person_id"].to_numpy(object), return_inverse=True)[1]
    group = (rng.random(person.max() + 1) < 0.5).astype(np.int64)[person]
    values = material.values.copy()
    values[material.names.index(PROXY)] = group
    labels = material.labels.copy()
    trained = np.unique(np.concatenate([rows for rows, _ in material.use.fitted]))
    lost = np.zeros(len(labels), dtype=bool)
    lost[trained] = (group[trained] == 1) & (rng.random(len(trained)) < 0.7)
    labels.loc[lost, ["grade", "outcome"]] = 0
    labels.loc[lost, "y"] = 0.0
    material = dataclasses.replace(material, values=values, labels=labels)
    groups = {"half": group}.__getitem__
    return Workbench(material, experiment.settings, experiment.catalogue, BOOSTER, BOOSTER, groups), group


@pytest.fixture(scope="module")
def tried(planted):
    bench, _ = planted
    alternatives = (
        Alternative(name="without_proxy", without=(PROXY,)),
        Alternative(name="reweighed_half", reweigh="half"),
        Alternative(name="reduction_half", reduction="half"),
    )
    return bench.lists(alternatives, SMALL)


def missed(lists, rows, group, name):
    """Return how often harm of the planted half is missed, times as often as everyone else's, at the audit depth."""
    place = places_within(lists.margins[name], lists.rows_of_splits())
    below = place > shortest_depth(place, lists.outcome)
    harmed = lists.outcome == 1
    rates = [below[harmed & (group[rows] == half)].mean() for half in (1, 0)]
    return rates[0] / rates[1]


def test_the_disparity_of_a_planted_proxy_goes_when_it_is_left_out(tried, planted):
    lists, rows = tried
    group = planted[1]
    assert list(lists.margins) == [CHAMPION, "without_proxy", "reweighed_half", "reduction_half"]
    assert missed(lists, rows, group, CHAMPION) > 1.5
    assert missed(lists, rows, group, "without_proxy") == pytest.approx(1.0, abs=0.2)


def test_challengers_that_read_groups_while_they_are_fitted_narrow_the_disparity(tried, planted):
    lists, rows = tried
    group = planted[1]
    for name in ("reweighed_half", "reduction_half"):
        assert 0.7 < missed(lists, rows, group, name) < missed(lists, rows, group, CHAMPION) - 0.3


def test_a_reduction_reads_indicators_alone_and_holds_nothing_of_the_groups(planted):
    bench, group = planted
    rows, weight = bench.material.use.fitted[-1]
    made = reduce(bench.material, BOOSTER, bench.catalogue, 1, (rows, weight), group[rows], 0.2, SMALL)
    assert isinstance(made, Mixture)
    assert set(made.feature_names_in_) == set(bench.material.names)
    assert {f.name for f in dataclasses.fields(made)} == {"rankers", "weights", "feature_names_in_"}
    for ranker in made.rankers:
        assert set(vars(ranker)) <= {
            *ranker.get_params(), "booster_", "smallest_leaf_", "categories_", "feature_names_in_", "n_features_in_",
        }  # fmt: skip
    table = bench.material.table(rows[:50], bench.material.names)
    expected = sum(w * r.predict(table) for r, w in zip(made.rankers, made.weights, strict=True))
    assert made.predict(table) == pytest.approx(expected)


def test_without_fairlearn_a_reduction_says_what_to_do(planted, monkeypatch):
    bench, group = planted
    rows, weight = bench.material.use.fitted[-1]
    monkeypatch.setitem(sys.modules, "fairlearn.reductions", None)
    with pytest.raises(LibraryMissing, match="Reductions need fairlearn") as raised:
        reduce(bench.material, BOOSTER, bench.catalogue, 1, (rows, weight), group[rows], 0.2, SMALL)
    assert "scripts/setup --tests" in raised.value.remedy


def test_reweighed_outcomes_are_as_frequent_in_every_group_and_small_groups_are_taken_together():
    rng = np.random.default_rng(8)
    codes = rng.choice(3, 3000, p=[0.6, 0.395, 0.005]).astype(np.int64)
    outcome = (rng.random(3000) < np.array([0.3, 0.1, 0.2])[codes]).astype(float)
    weight = rng.random(3000)
    equal = reweighed(codes, outcome, weight)
    rates = [np.average(outcome[codes == code], weights=equal[codes == code]) for code in (0, 1)]
    assert rates == pytest.approx([np.average(outcome, weights=weight)] * 2)
    assert equal.sum() == pytest.approx(weight.sum())
    few = equal[codes == 2] / weight[codes == 2]
    assert few == pytest.approx(np.where(outcome[codes == 2] == 1, few.max(), few.min()))


def test_harm_is_that_of_the_comparison_and_the_champion_less_itself_is_nothing(tried, run_world):
    lists, _ = tried
    above = {name: np.ones(len(lists.outcome)) for name in lists.margins}
    found = harm_found(lists, above, 20, draws=50, seed=1)
    flat = found[CHAMPION].against_champion["flat"]
    assert (flat.value, flat.low, flat.high) == (0.0, 0.0, 0.0)
    assert found["without_proxy"].at_depth["flat"].value == pytest.approx(1.0)  # everybody is above the line
    value = found[CHAMPION].at_places["flat"].value
    top = places_within(lists.margins[CHAMPION], lists.groups()) <= 20
    assert value == pytest.approx((lists.harm["flat"] * lists.weight)[top].sum() / lists.splits, rel=0.1)
    assert found[CHAMPION].at_places["flat"].low < value < found[CHAMPION].at_places["flat"].high


def test_the_base_is_told_apart_from_a_simple_list_that_scores(planted):
    bench, _ = planted
    beside = dataclasses.replace(bench, champion=RankerSettings(kind="v100"))
    names = beside.declared([Alternative(name="shallow", parameters={"max_depth": 2})])
    assert {name: ranker.kind for name, ranker in names.items()} == {
        CHAMPION: "v100",
        BASE: "lightgbm",
        "shallow": "lightgbm",
    }
    left = Alternative(name="left", without=("harm_730",))
    assert left.ranker(BOOSTER.model_copy(update={"cuts": {"harm_730": (1,)}})).cuts == {}
    assert names["shallow"].parameters == {**BOOSTER.parameters, "max_depth": 2}


def test_what_the_page_prints_trains_exactly_the_alternative(tmp_path):
    chosen = Alternative(name="coarse", without=("harm_730",), cuts={"victims_730": (1, 3)}, directions={PROXY: -1})
    ranker = chosen.ranker(BOOSTER)
    file = tmp_path / "train.yaml"
    file.write_text(yaml.safe_dump(train_config({"seed": 5}, ranker)), encoding="utf-8")
    settings = load_settings(file)
    assert settings.candidates == (ranker,)
    assert settings.model_copy(update={"candidates": TrainSettings().candidates}) == TrainSettings(seed=5)
    with pytest.raises(SettingsError, match="called coarse already"):
        train_config({"incumbents": [{"kind": "v100", "name": "coarse"}]}, ranker)


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ("alternatives: []", "alternatives"),
        ("alternatives: [{name: champion, without: [harm_730]}]", "choose another name"),
        ("alternatives: [{name: both, reweigh: sex, reduction: sex}]", "not both"),
        ("alternatives: [{name: same}]", "declares nothing"),
        ("alternatives: [{name: a, reweigh: sex}, {name: a, reweigh: sex}]", "a name of its own"),
        ("alternatives: [{name: cut, cuts: {harm_730: [3, 1]}}]", "not rising numbers"),
        ("alternatives: [{name: line, threshold: 0.3}]", "threshold"),
    ],
)
def test_what_cannot_be_tried_is_named(tmp_path, declared, says):
    file = tmp_path / "alternatives.yaml"
    file.write_text(declared, encoding="utf-8")
    with pytest.raises(SettingsError, match=says):
        load_alternatives(file)


@pytest.mark.parametrize(
    ("ranker", "says"),
    [
        ({"without": ["no_such_indicator"]}, "indicators that there are not: no_such_indicator"),
        ({"without": ["harm_730"], "cuts": {"harm_730": [1]}}, "leaves out what it also reads differently"),
        ({"kind": "elastic_net", "cuts": {"harm_730": [1]}}, "has no cuts or directions"),
        ({"kind": "v100", "without": ["harm_730"]}, "reads named columns only"),
    ],
)
def test_a_ranker_that_cannot_be_read_so_is_refused_by_name(planted, ranker, says):
    bench, _ = planted
    wrong = RankerSettings.model_validate({"kind": "lightgbm", **ranker})
    with pytest.raises(SettingsError, match=says):
        dataclasses.replace(bench, champion=wrong, base=BOOSTER).lists((), SMALL)


def test_the_file_of_alternatives_in_the_guide_can_be_read(tmp_path):
    from pathlib import Path

    guide = (Path(__file__).parents[2] / "docs" / "guides" / "data-scientist.md").read_text(encoding="utf-8")
    block = guide.split("```yaml\nalternatives:")[1].split("```")[0]
    file = tmp_path / "alternatives.yaml"
    file.write_text(f"alternatives:{block}", encoding="utf-8")
    found = load_alternatives(file)
    assert isinstance(found, WorkbenchSettings)
    assert {each.name for each in found.alternatives if each.reads} == {"even_outcomes", "held_together"}
