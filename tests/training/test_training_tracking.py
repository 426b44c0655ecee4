from __future__ import annotations

import dataclasses
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import RFGV, Bundle, PriorCount, Recency, V100Sum
from training import Experiment
from training.errors import MirrorFailed, PersonInTable
from training.stages import Stages
from training.tracking import MODEL, Change, log_experiment, mirror
from training.tracking.pyfunc import input_example, refused_columns
from training.tracking.registry import register
from training.tracking.store import open_store
from values import digest_file

# MLflow's own imports, at the versions locked, warn about things that are not ours to change.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow"),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType:UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:mlflow"),
]
SNAPSHOT = "5" * 64


@dataclasses.dataclass(frozen=True)
class Logged:
    experiment: Experiment
    bundle: Bundle
    home: Path
    run: str


@pytest.fixture(scope="module")
def logged(run_world, tmp_path_factory):
    experiment = run_world("signal")
    decision = dataclasses.replace(experiment.decision, promoted=True, champion="lightgbm")
    folder = tmp_path_factory.mktemp("store")
    bundle = experiment.save_bundle(folder / "bundles", decision)
    experiment = dataclasses.replace(experiment, decision=decision)
    run = log_experiment(experiment, bundle, folder / "mlflow", snapshot=SNAPSHOT)
    return Logged(experiment, bundle, folder / "mlflow", run)


@pytest.fixture
def mlflow_at(logged):
    with open_store(logged.home) as store, store.pointed_to():
        yield store.mlflow


def rows(home: Path, query: str) -> list[tuple]:
    with sqlite3.connect(home / "mlflow.db") as store:
        return store.execute(query).fetchall()


def artifacts(logged: Logged) -> Path:
    return logged.home / "artifacts" / logged.run / "artifacts"


def test_the_run_holds_the_measures_with_their_bounds_pooled_and_by_date(logged, mlflow_at):
    run = mlflow_at.get_run(logged.run)
    assert (run.data.tags["bundle"], run.info.status) == (logged.bundle.hash, "FINISHED")
    assert (run.data.params["champion"], run.data.params["seed"]) == ("lightgbm", "2026")
    auc = logged.experiment.comparison.value("lightgbm", "auc")
    told = [run.data.metrics[f"lightgbm.auc{bound}"] for bound in ("", ".low", ".high")]
    assert told == pytest.approx([auc.value, auc.low, auc.high])
    history = mlflow_at.MlflowClient().get_metric_history(logged.run, "lightgbm.split.auc")
    assert [each.step for each in history] == [0, 1, 2]
    assert np.mean([each.value for each in history]) == pytest.approx(auc.value)
    assert run.data.metrics["lightgbm.split.auc.low"] < history[-1].value < run.data.metrics["lightgbm.split.auc.high"]
    beyond = logged.experiment.comparison.against("lightgbm", "v100")[0]
    name = f"lightgbm.harm_found_beyond.v100.{beyond.weights}"
    assert run.data.metrics[name] == pytest.approx(beyond.interval.value)


def test_the_run_says_on_what_and_with_what_it_was_made(logged, mlflow_at):
    run = mlflow_at.get_run(logged.run)
    datasets = {each.dataset.name: each.dataset for each in run.inputs.dataset_inputs}
    assert set(datasets) == {"records", "labels", "indicators"}
    for name, dataset in datasets.items():
        assert run.data.tags[f"{name}_hash"].startswith(dataset.digest)
        assert "/" not in dataset.source
    assert run.data.tags["records_hash"] == SNAPSHOT
    lock = Path(__file__).resolve().parents[2] / "requirements.lock"
    assert run.data.tags["requirements_lock"] == digest_file(lock)
    environment = json.loads((artifacts(logged) / "environment.json").read_text())
    assert (environment["code"], environment["packages"]["mlflow"]) == (run.data.tags["code"], "3.17.2")
    card = json.loads((artifacts(logged) / "model_card.json").read_text())
    record = json.loads((artifacts(logged) / "selection.json").read_text())
    assert card["decision"]["champion"] == record["decision"]["champion"] == "lightgbm"


def test_another_label_or_indicator_gives_another_hash(logged):
    from training.tracking.datasets import dataset_hashes

    material = logged.experiment.material
    first = dataset_hashes(logged.experiment, SNAPSHOT)
    values = np.array(material.values)
    values[3, 5] = 0.125
    labels = material.labels.assign(outcome=1 - material.labels["outcome"])
    for changed, names in (({"values": values}, {"indicators_hash"}), ({"labels": labels}, {"labels_hash"})):
        other = dataclasses.replace(logged.experiment, material=dataclasses.replace(material, **changed))
        second = dataset_hashes(other, SNAPSHOT)
        assert {name for name in first if first[name] != second[name]} == names
    assert dataset_hashes(logged.experiment, SNAPSHOT) == first


LOAD = """
import sys
import mlflow, numpy as np, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model(sys.argv[2])
table = pd.read_parquet(sys.argv[3])
np.save(sys.argv[4], model.predict(table))
example = model.input_example
assert example.iloc[1].isna().all() and not example.iloc[0].any() and len(example) == 2
for name in ("person_id", "ethnicity_self", "victim_sex", "PERSON_ID", "Surname", "nhs_number"):
    try:
        model.predict(table.assign(**{name: "somebody"}))
    except Exception as error:
        print(type(error).__name__, name in str(error), "somebody" in str(error))
for index in (["somebody"] * len(table), pd.RangeIndex(len(table), name="person_id")):
    try:
        model.predict(table.set_axis(index))
    except Exception as error:
        print(type(error).__name__, "rows" in str(error), "somebody" in str(error))
try:
    model.predict(table.assign(**{table.columns[0]: "somebody"}))
except Exception as error:
    print(type(error).__name__, "somebody" in str(error))
"""


def test_a_fresh_process_loads_the_model_and_gets_the_bundles_margin_but_for_nobody_by_name(logged, tmp_path):
    table = logged.experiment.material.indicators.head(400)
    table.to_parquet(tmp_path / "table.parquet")
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        LOAD,
        f"sqlite:///{logged.home / 'mlflow.db'}",
        f"models:/{MODEL}/1",
    ]
    done = subprocess.run(
        [*command, str(tmp_path / "table.parquet"), str(tmp_path / "margin.npy")],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert np.abs(np.load(tmp_path / "margin.npy") - logged.bundle.margin(table)).max() <= 1e-12
    assert done.stdout.splitlines() == ["PersonInTable True False"] * 8 + ["MlflowException False"]


def test_logging_leaves_the_package_pointing_where_it_pointed(logged, monkeypatch, tmp_path):
    elsewhere = f"sqlite:///{tmp_path}/elsewhere.db"
    for before in (None, elsewhere):
        with open_store(logged.home) as store:
            store.mlflow.set_tracking_uri(before)
            store.mlflow.set_registry_uri(before)
            with store.pointed_to():
                assert store.mlflow.get_registry_uri() == store.mlflow.get_tracking_uri() == store.uri
            assert [os.environ.get(f"MLFLOW_{name}_URI") for name in ("TRACKING", "REGISTRY")] == [before, before]
            store.mlflow.set_tracking_uri(None)
            store.mlflow.set_registry_uri(None)
            os.environ.pop("MLFLOW_REGISTRY_URI", None)


def test_every_column_that_says_who_or_what_community_is_refused_and_no_indicator_is(logged):
    refused = set(refused_columns())
    assert refused >= {
        "person_id", "victim_id", "perpetrator_id", "incident_id", "given_name", "family_name", "date_of_birth",
        "pnc_id", "postcode", "sex", "ethnicity_self", "ethnicity_observed", "religion", "disability", "need",
        "victim_ethnicity_self", "nationality", "age", "surname", "dob", "nino", "nhs_number", "email", "phone",
        "PERSON_ID", "Person_Id", "Person_id", "DOB", "Dob", "NHS_NUMBER", "Email", "VICTIM_SEX",
    }  # fmt: skip
    assert not refused & set(logged.experiment.catalogue.names)


@pytest.fixture(scope="module")
def every_kind(logged, tmp_path_factory):
    """Every other kind of ranker as a version of a store of its own, and what each has to answer."""
    experiment, folder = logged.experiment, tmp_path_factory.mktemp("Ränge aller Art")
    table = experiment.material.indicators
    sums = [kind().fit(table) for kind in (V100Sum, RFGV, Recency, PriorCount)]
    bundles = [
        Bundle.save(
            folder / "bundles", ranker, catalogue_version=str(experiment.catalogue.version),
            indicators=list(ranker.feature_names_in_), monotone={}, grade_values=(), calibration=None, bands=None,
            card={}, for_panel=True,
        )
        for ranker in [*sums, experiment.fitted("elastic_net").ranker]
    ]  # fmt: skip
    with open_store(folder / "mlflow") as store, store.pointed_to():
        for bundle in bundles:
            with store.mlflow.start_run(experiment_id=store.experiment()) as run:
                register(store, run.info.run_id, bundle, False)
    return folder / "mlflow", bundles


@pytest.mark.parametrize("number", range(5), ids=["v100", "rfgv", "recency", "prior_count", "elastic_net"])
def test_the_registered_model_gives_the_margin_of_every_kind_of_ranker(every_kind, logged, number):
    home, bundles = every_kind
    table = logged.experiment.material.indicators
    with open_store(home) as store, store.pointed_to():
        model = store.mlflow.pyfunc.load_model(f"models:/{MODEL}/{number + 1}")
        assert np.abs(model.predict(table) - bundles[number].margin(table)).max() <= 1e-12
        with pytest.raises(PersonInTable, match="person_id"):
            model.predict(table.assign(person_id=range(len(table))))
        indicators = table[list(bundles[number].indicators)]
        with pytest.raises(PersonInTable, match="shoe_size"):
            model.unwrap_python_model().predict(None, indicators.assign(shoe_size=9))
        for index in (range(1, 2 * len(table), 2), [f"{row}" for row in table.index]):
            named = indicators.set_axis(pd.Index(list(index)))
            with pytest.raises(PersonInTable, match="rows of the table are named"):
                model.predict(named)
    assert list(input_example(bundles[number])) == list(bundles[number].indicators)


def test_nothing_of_a_person_is_anywhere_in_the_store(logged):
    ids = {name.encode() for name in logged.experiment.material.spine["person_id"]}
    assert all(name.startswith(b"SYNTHETIC-") for name in ids)
    files = [file for file in logged.home.rglob("*") if file.is_file()]
    assert any(file.name == "selection.json" for file in files)
    for file in files:
        assert b"SYNTHETIC-" not in file.read_bytes(), file.name


def test_neither_login_nor_program_path_is_noted(logged):
    tags = dict(rows(logged.home, "select key, value from tags"))
    assert tags["mlflow.source.name"] == "drive-panel train"
    assert tags["mlflow.user"] == "drive-panel"
    assert {row[0] for row in rows(logged.home, "select user_id from runs")} <= {"drive-panel", "", None}


def test_nothing_is_pickled_and_the_store_is_the_owners(logged):
    names = {file.name for file in logged.home.rglob("*")}
    assert not any(name.endswith((".pkl", ".joblib", ".cloudpickle")) for name in names)
    loaded = "registered_model_meta"  # MLflow notes beside a model that it was loaded
    places = [place for place in (logged.home, *logged.home.rglob("*")) if place.name != loaded]
    assert {place.stat().st_mode & 0o777 for place in places if place.is_file()} == {0o600}
    assert {place.stat().st_mode & 0o777 for place in places if place.is_dir()} == {0o700}


def test_telemetry_and_jobs_are_off(logged):
    from mlflow.environment_variables import MLFLOW_SERVER_ENABLE_JOB_EXECUTION
    from mlflow.telemetry.utils import is_telemetry_disabled

    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert is_telemetry_disabled()
    assert MLFLOW_SERVER_ENABLE_JOB_EXECUTION.get() is False


def killed(work) -> None:
    """Do some work in a process of its own that kills itself with SIGKILL where the work says so."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL


def die(*_arguments, **_named) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


PLACES = {
    "the run was made": "training.tracking.experiment_log.dataset_hashes",
    "figures were logged": "training.tracking.experiment_log.write_papers",
    "half a model was logged": "mlflow.MlflowClient.log_model_artifacts",
    "a model was logged": "mlflow.register_model",
    "a version was made": "training.tracking.experiment_log._make_private",
}


def test_a_run_killed_while_it_was_logged_leaves_one_finished_run_and_one_version(logged, tmp_path):
    home, stages = tmp_path / "Läufe von heute" / "mlflow", tmp_path / "unfinished"
    stages.mkdir()
    experiment = dataclasses.replace(logged.experiment, stages=Stages(stages))
    for place in PLACES.values():
        patch = pytest.MonkeyPatch()

        def work(place=place, patch=patch):
            patch.setattr(place, die)
            log_experiment(experiment, logged.bundle, home, snapshot=SNAPSHOT)

        killed(work)
        assert rows(home, "select count(*) from runs") == [(1,)]
    run = log_experiment(experiment, logged.bundle, home, snapshot=SNAPSHOT)
    assert rows(home, "select run_uuid, status, lifecycle_stage from runs") == [(run, "FINISHED", "active")]
    assert rows(home, "select version, run_id from model_versions") == [(1, run)]
    models = rows(home, "select status, lifecycle_stage from logged_models order by status")
    assert [each for each in models if each[1] == "active"] == [(2, "active")]  # ready
    assert len(list((home / "artifacts" / "models").iterdir())) == 1
    history = rows(home, "select count(*) from metrics group by key, step")
    assert set(history) == {(1,)}

    again = log_experiment(dataclasses.replace(experiment, stages=Stages()), logged.bundle, home, snapshot=SNAPSHOT)
    assert again != run
    assert rows(home, "select version, run_id from model_versions") == [(1, run)]
    outputs = rows(home, "select source_id, destination_id from inputs where source_type = 'RUN_OUTPUT'")
    assert {source for source, _ in outputs} == {run, again}
    assert len({model for source, model in outputs if source == again}) == 1


def test_a_run_that_nobody_takes_up_is_marked_as_killed(logged, tmp_path):
    home = tmp_path / "mlflow"
    patch = pytest.MonkeyPatch()

    def work():
        patch.setattr("training.tracking.experiment_log.dataset_hashes", die)
        log_experiment(logged.experiment, logged.bundle, home, snapshot=SNAPSHOT)

    killed(work)
    with open_store(home) as store:
        assert [run.info.status for run in store.client.search_runs([store.experiment()])] == ["RUNNING"]
    log_experiment(logged.experiment, logged.bundle, home, snapshot=SNAPSHOT)
    assert sorted(rows(home, "select status from runs")) == [("FINISHED",), ("KILLED",)]


def aliases(home: Path) -> dict[str, str]:
    return dict(rows(home, "select alias, version from registered_model_aliases"))


def test_aliases_are_put_right_and_what_was_changed_by_hand_is_told(every_kind):
    home, bundles = every_kind
    first, second = bundles[0].hash, bundles[1].hash
    wanted = {"champion": first, "released-north": second, "released-elsewhere": "0" * 64}
    assert mirror(home, wanted, {first: "pass"}) == [
        Change("champion", None, first),
        Change("released-north", None, second),
    ]
    assert mirror(home, wanted, {first: "pass"}) == []
    assert aliases(home) == {"champion": 1, "released-north": 2}
    fairness = dict(rows(home, "select version, value from model_version_tags where key = 'fairness'"))
    assert (fairness[1], fairness[2]) == ("pass", "not audited")

    with open_store(home) as store:
        store.client.set_registered_model_alias(MODEL, "champion", "3")
        store.client.set_registered_model_alias(MODEL, "released-south", "3")
        store.client.set_registered_model_alias(MODEL, "mine", "3")
        store.client.set_registered_model_alias(MODEL, "released_by_me", "3")
    assert mirror(home, {"champion": first}, {}) == [
        Change("champion", bundles[2].hash, first),
        Change("released-north", second, None),
        Change("released-south", bundles[2].hash, None),
    ]
    assert aliases(home) == {"champion": 1, "mine": 3, "released_by_me": 3}


def test_a_version_whose_tag_was_changed_by_hand_gets_no_alias(every_kind):
    home, bundles = every_kind
    with open_store(home) as store:
        store.client.set_model_version_tag(MODEL, "4", "bundle", "a" * 64)
    assert mirror(home, {"champion": "a" * 64}, {}) == [Change("champion", bundles[0].hash, None)]


def test_a_store_that_cannot_be_read_or_is_held_is_told_without_a_word_of_its_own(tmp_path):
    (tmp_path / "mlflow").mkdir()
    assert mirror(tmp_path / "nothing", {"champion": "a" * 64}, {}) == []
    (tmp_path / "mlflow" / "mlflow.db").write_bytes(b"not a database, but Smith" * 100)
    with pytest.raises(MirrorFailed, match="cannot be read or written") as refused:
        mirror(tmp_path / "mlflow", {}, {})
    assert "Smith" not in str(refused.value)
    (tmp_path / "file").touch()
    with pytest.raises(MirrorFailed, match="cannot be read or written"), open_store(tmp_path / "file"):
        pass
    with open_store(tmp_path / "held"), pytest.raises(MirrorFailed, match="Another process writes"):
        mirror(tmp_path / "held", {}, {}, patience=0.0)
