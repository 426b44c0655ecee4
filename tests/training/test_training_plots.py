"""Pictures and tables of what moves a margin: groups of ten people or more, and values that others compute too."""

from __future__ import annotations

import dataclasses
import json
import warnings
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pytest

from models import SuitabilityRanker
from models.trees import read_trees
from training.interactions import interactions
from training.plots import contribution_bins, write_explanations
from training.plots.interaction_grids import interaction_grids


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(3)
    table = pd.DataFrame({name: rng.poisson(2.0, 600).astype(float) for name in "abcdef"})
    table.loc[rng.random(600) < 0.3, "b"] = np.nan
    risk = (table["a"] > 2) * (table["b"].fillna(0) > 1) * 0.8 + 0.1 * (table["c"] > 1)
    followed = (rng.random(600) < risk).astype(float)
    return SuitabilityRanker({}, trees=25, min_people=10).fit(table, followed), table


def test_interactions_are_those_of_shap(fitted):
    with warnings.catch_warnings(action="ignore"):  # shap's own imports warn of what others changed
        import shap

    ranker, table = fitted
    text, people = ranker.files()["booster.txt"], table.head(50)
    theirs = shap.TreeExplainer(lightgbm.Booster(model_str=text)).shap_interaction_values(people)
    ours = interactions(read_trees(text), people.to_numpy())
    assert len(ours) > 5
    for a in range(6):
        for b in range(a + 1, 6):
            both = theirs[:, a, b] + theirs[:, b, a]
            assert np.abs(ours.get((a, b), np.zeros(50)) - both).max() < 1e-9


def test_every_field_of_a_grid_stands_for_ten_people_or_more(fitted):
    ranker, table = fitted
    found = interactions(read_trees(ranker.files()["booster.txt"]), table.to_numpy())
    grids, withheld = interaction_grids(table, found)
    assert (grids["people"] >= 10).all()
    assert withheld > 0
    pairs = grids.groupby(["first", "second"])["people"].sum()
    assert pairs.index[0] == ("a", "b")
    assert len(pairs) == 3
    strong = found[0, 1]
    everybody = (grids["interaction"] * grids["people"])[(grids["first"] == "a") & (grids["second"] == "b")].sum()
    assert everybody == pytest.approx(strong.sum(), abs=np.abs(strong).max() * 10 * withheld)


def test_every_dot_stands_for_ten_people_or_more():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"count": rng.poisson(1.0, 500).astype(float), "rare": np.r_[np.full(495, 0.0), range(1, 6)]})
    table.loc[:4, "count"] = np.nan
    contributions = table.fillna(0.0) * 0.5 + 0.1
    bins = contribution_bins(table, contributions.assign(base=1.0))
    assert (bins["people"] >= 10).all()
    assert set(bins["indicator"]) == {"count", "rare"}
    assert (bins["indicator"] == "rare").sum() == 1  # five people with other values are joined to the rest
    assert not bins["level"].isna().any()  # five people of whom nothing is known are not shown


@pytest.mark.parametrize("champion", ["lightgbm", "v100"])
def test_a_bundle_is_explained_on_each_person_once_with_a_table_beside_each_picture(run_world, tmp_path, champion):
    experiment = run_world("signal")
    decision = dataclasses.replace(experiment.decision, champion=champion)
    bundle = experiment.save_bundle(tmp_path / "bundles", decision)
    write_explanations(tmp_path / "told", experiment, bundle)
    about = json.loads((tmp_path / "told" / "about.json").read_text())
    last = experiment.material.use.tested[-1]
    assert (about["people"], about["as_of"], about["smallest_bin"]) == (len(last), "2024-12-31", 10)
    assert experiment.material.spine["person_id"].iloc[last].is_unique
    pictures = {place.stem for place in (tmp_path / "told").glob("*.png")}
    assert pictures == {"summary", "dependence"} | ({"interactions"} if champion == "lightgbm" else set())
    for name in pictures:
        table = pd.read_csv(tmp_path / "told" / f"{name}.csv")
        assert len(table) > 0
        assert (table["people"] >= 10).all()
    shown = pd.read_csv(tmp_path / "told" / "summary.csv")
    known = shown[shown["indicator"] == shown["indicator"].iloc[0]]
    people = experiment.material.table(last, bundle.indicators)
    exact = bundle.contributions(people)[known["indicator"].iloc[0]].mean()
    assert np.average(known["contribution"], weights=known["people"]) == pytest.approx(exact, abs=1e-4)


def test_of_many_people_some_are_drawn_by_the_seed(run_world, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("training.plots.explanations.EXPLAINED", 300)
    experiment = run_world("signal")
    decision = dataclasses.replace(experiment.decision, champion="recency")
    bundle = experiment.save_bundle(tmp_path / "bundles", decision)
    for name in ("one", "other"):
        write_explanations(tmp_path / name, experiment, bundle)
        assert json.loads((tmp_path / name / "about.json").read_text())["people"] == 300
    first, second = ((tmp_path / name / "summary.csv").read_text() for name in ("one", "other"))
    assert first == second
