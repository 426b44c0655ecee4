"""One training run in MLflow: what was declared, found and decided, on what, with what, and the bundle as a model."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from models import Bundle
from training.experiment import Experiment
from training.tracking.datasets import dataset_hashes, log_datasets
from training.tracking.environment import environment
from training.tracking.figures import log_figures, parameters
from training.tracking.papers import write_papers
from training.tracking.registry import register
from training.tracking.store import Store, open_store

ATTEMPT = "attempt"
RUNNING, KILLED = "RUNNING", "KILLED"


def log_experiment(
    experiment: Experiment, bundle: Bundle, home: Path, *, snapshot: str, reports: Sequence[Path] = ()
) -> str:
    """Log a training run and register its bundle; return MLflow's run id.

    A run that was killed while it was logged is taken up by the training that goes on from it, so that one training
    leaves one finished run. What is logged twice says the same twice.

    Parameters
    ----------
    experiment, bundle
        The run with its final decision, and the bundle saved from it.
    home
        Folder of the MLflow store (``mlflow.db`` and ``artifacts/``), made if missing, for the owner only.
    snapshot
        Hash of the records it was trained on.
    reports
        Files of the evaluation report, logged as they are.

    Raises
    ------
    MirrorFailed
        If the store cannot be read or written.

    Notes
    -----
    Logged are settings and seed, every measure with its interval (pooled and by test date), hashes of records, labels
    and indicators, code and environment, the selection record, the model card, the evaluation report, each indicator's
    own area under the curve, and what moves the margin, in groups of at least ten people.
    """
    attempt = experiment.stages.value("mlflow-attempt", str, lambda: uuid4().hex)
    with open_store(home) as store:
        run = _taken_up(store, attempt, _tags(experiment, bundle, attempt), bundle.hash.short)
        with store.pointed_to(), store.mlflow.start_run(run_id=run) as begun:
            found = environment()
            hashes = dataset_hashes(experiment, snapshot)
            store.mlflow.set_tags({"code": found["code"], "requirements_lock": found["requirements_lock"], **hashes})
            store.mlflow.log_params(parameters(experiment, bundle))
            log_figures(store.client, run, experiment, begun.info.start_time)
            log_datasets(store.mlflow, experiment, hashes)
            with tempfile.TemporaryDirectory() as folder:
                write_papers(Path(folder), experiment, bundle, {"environment": found, "datasets": hashes})
                store.client.log_artifacts(run, folder)
            for report in reports:
                store.client.log_artifact(run, str(report), "evaluation")
            register(store, run, bundle, experiment.decision.promoted)
        _make_private(home)
        return run


def _make_private(home: Path) -> None:
    """Take from everybody but the owner what MLflow gave them: it copies files with the permissions they had."""
    for place in home.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # a journal of the database, gone meanwhile
            place.chmod(0o700 if place.is_dir() else 0o600)


def _tags(experiment: Experiment, bundle: Bundle, attempt: str) -> dict[str, str]:
    return {
        ATTEMPT: attempt,
        "bundle": str(bundle.hash),
        "catalogue": str(experiment.catalogue.version),
        "promoted": str(experiment.decision.promoted).lower(),
        "for_panel": str(experiment.settings.for_panel).lower(),
        # MLflow would otherwise note the login name and the path of the program.
        "mlflow.user": "drive-panel",
        "mlflow.source.name": "drive-panel train",
    }


def _taken_up(store: Store, attempt: str, tags: Mapping[str, str], name: str) -> str:
    """Return the run of this attempt, made if it is not there; whoever held the store before and left one is dead."""
    experiment = [store.experiment()]
    for run in store.client.search_runs(experiment, f"attributes.status = '{RUNNING}'"):
        if run.data.tags.get(ATTEMPT) != attempt:
            store.client.set_terminated(run.info.run_id, KILLED)
    found = store.client.search_runs(experiment, f"tags.{ATTEMPT} = '{attempt}'")
    run = found[0] if found else store.client.create_run(experiment[0], tags=dict(tags), run_name=name)
    return str(run.info.run_id)
