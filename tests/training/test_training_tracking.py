from __future__ import annotations

import dataclasses
import os
import sqlite3

import numpy as np
import pandas as pd
import pytest

from training.errors import TrainingError
from training.plots import contribution_bins

# MLflow's own imports, at the versions locked, warn about things that are not ours to change.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow"),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType:UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:mlflow"),
]


@pytest.fixture(scope="module")
def logged(run_world, tmp_path_factory):
    from training.tracking import log_experiment

    experiment = run_world("signal")
    decision = dataclasses.replace(experiment.decision, promoted=True, champion="lightgbm")
    folder = tmp_path_factory.mktemp("store")
    bundle = experiment.save_bundle(folder / "bundles", decision)
    experiment = dataclasses.replace(experiment, decision=decision)
    run = log_experiment(experiment, bundle, folder / "mlflow")
    return experiment, bundle, folder / "mlflow", run


@pytest.fixture
def mlflow_at(logged):
    import mlflow

    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    uri = f"sqlite:///{logged[2] / 'mlflow.db'}"
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    yield mlflow
    mlflow.set_tracking_uri(before[0])
    mlflow.set_registry_uri(before[1])


def test_the_run_holds_the_measures_and_the_bundle(logged, mlflow_at):
    experiment, bundle, _, run_id = logged
    run = mlflow_at.get_run(run_id)
    assert run.data.tags["bundle"] == bundle.hash
    assert run.data.params["champion"] == "lightgbm"
    auc = experiment.comparison.value("lightgbm", "auc")
    assert run.data.metrics["lightgbm.auc"] == pytest.approx(auc.value)
    assert run.data.metrics["lightgbm.auc.low"] == pytest.approx(auc.low)


def test_the_registered_model_returns_the_bundle_margin_for_indicators_only(logged, mlflow_at):
    experiment, bundle, _, _ = logged
    model = mlflow_at.pyfunc.load_model("models:/drive-panel-ranker@champion")
    table = experiment.material.indicators.head(20)
    assert np.array_equal(model.predict(table), bundle.margin(table))
    with pytest.raises(TrainingError, match="1 column"):
        model.unwrap_python_model().predict(None, table.assign(person_id="somebody"))


def test_no_person_is_anywhere_in_the_store(logged):
    experiment, _, home, _ = logged
    ids = {name.encode() for name in experiment.material.spine["person_id"]}
    assert all(name.startswith(b"SYNTHETIC-") for name in ids)
    files = [file for file in home.rglob("*") if file.is_file()]
    assert any(file.name == "selection.json" for file in files)
    for file in files:
        assert b"SYNTHETIC-" not in file.read_bytes(), file.name


def test_neither_login_nor_program_path_is_noted(logged):
    _, _, home, _ = logged
    with sqlite3.connect(home / "mlflow.db") as store:
        tags = dict(store.execute("select key, value from tags").fetchall())
        users = {row[0] for row in store.execute("select user_id from runs")}
    assert tags["mlflow.source.name"] == "drive-panel train"
    assert tags["mlflow.user"] == "drive-panel"
    assert users <= {"drive-panel", "", None}


def test_nothing_is_pickled_and_the_store_is_the_owners(logged):
    home = logged[2]
    names = {file.name for file in home.rglob("*")}
    assert not any(name.endswith((".pkl", ".joblib", ".cloudpickle")) for name in names)
    assert (home.stat().st_mode & 0o777, (home / "mlflow.db").stat().st_mode & 0o777) == (0o700, 0o600)


def test_telemetry_is_off(logged):
    from mlflow.telemetry.utils import is_telemetry_disabled

    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert is_telemetry_disabled()


def test_every_dot_of_the_plot_stands_for_ten_people_or_more():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"count": rng.poisson(1.0, 500).astype(float), "rare": np.r_[np.full(495, 0.0), range(1, 6)]})
    table.loc[:4, "count"] = np.nan
    contributions = table.fillna(0.0) * 0.5 + 0.1
    bins = contribution_bins(table, contributions.assign(base=1.0))
    assert (bins["people"] >= 10).all()
    assert set(bins["indicator"]) == {"count", "rare"}
    assert (bins["indicator"] == "rare").sum() == 1  # five people with other values are joined to the rest
    assert not bins["level"].isna().any()  # five people of whom nothing is known are not shown
