"""A mirror of each training run in MLflow: parameters, measures and aggregates, and the bundle as a model.

MLflow is where data scientists compare runs; it is not the record of what was live (that is the ledger), and
nothing about any one person enters it. It is imported only here and only when a run is logged, with its telemetry
switched off before.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from models import Bundle
from training import ablation, certificate, selection_words
from training.card import model_card
from training.experiment import Experiment
from training.plots import contribution_bins, draw_contributions
from training.selection import selection
from values import canonical_json

EXPERIMENT = "drive-panel"
MODEL = "drive-panel-ranker"
DATABASE = "mlflow.db"
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
_EXPLAINED_PEOPLE = 3_000
_PACKAGES = ("lightgbm", "numpy", "pandas", "scikit-learn")


def log_experiment(experiment: Experiment, bundle: Bundle, home: Path, reports: Sequence[Path] = ()) -> str:
    """Log a training run and register its bundle; return MLflow's run id.

    Parameters
    ----------
    experiment, bundle
        The run and the bundle saved from it.
    home
        Folder of the MLflow store (``mlflow.db`` and ``artifacts/``), made if missing, for the owner only.
    reports
        Files of the evaluation report, logged as they are.

    Notes
    -----
    Logged are settings, the measures with their bounds, the selection record (JSON and Markdown), each
    indicator's own area under the curve, and a plot of mean contributions in bins of at least ten people. The
    registered model gets the alias ``candidate``, and ``champion`` where the bundle is meant for a panel.
    """
    mlflow = _mlflow()
    with _store(mlflow, home) as experiment_id:
        tags = {
            "bundle": str(bundle.hash),
            "catalogue": str(experiment.catalogue.version),
            "promoted": str(experiment.decision.promoted).lower(),
            "for_panel": str(experiment.settings.for_panel).lower(),
            # MLflow would otherwise note the login name and the path of the program.
            "mlflow.user": "drive-panel",
            "mlflow.source.name": "drive-panel train",
        }
        with mlflow.start_run(experiment_id=experiment_id, run_name=bundle.hash.short, tags=tags) as run:
            mlflow.log_params(_parameters(experiment, bundle))
            mlflow.log_metrics(_metrics(experiment))
            _log_artifacts(mlflow, experiment, bundle)
            for report in reports:
                mlflow.log_artifact(str(report), "evaluation")
            _register(mlflow, experiment, bundle)
        return str(run.info.run_id)


def _mlflow() -> Any:
    """Import MLflow with its telemetry off, whatever the environment says, and its chatter off."""
    os.environ.update(_QUIET)
    with warnings.catch_warnings():
        # MLflow's own classes, at the version locked, warn about themselves while they are imported.
        warnings.filterwarnings("ignore", message=".*Any type hint is inferred as AnyType", category=UserWarning)
        import mlflow
        import mlflow.pyfunc

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return mlflow


@contextlib.contextmanager
def _store(mlflow: Any, home: Path) -> Iterator[str]:
    """Point MLflow at the workspace's store for the time of one run, then back."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    database = (home / DATABASE).resolve()
    mlflow.set_tracking_uri(f"sqlite:///{database}")
    mlflow.set_registry_uri(f"sqlite:///{database}")
    try:
        found = mlflow.get_experiment_by_name(EXPERIMENT)
        database.chmod(0o600)
        artifacts = (home / "artifacts").resolve()
        artifacts.mkdir(exist_ok=True, mode=0o700)
        yield found.experiment_id if found else mlflow.create_experiment(EXPERIMENT, artifacts.as_uri())
    finally:
        mlflow.set_tracking_uri(before[0])
        mlflow.set_registry_uri(before[1])


def _parameters(experiment: Experiment, bundle: Bundle) -> dict[str, str]:
    settings = experiment.settings
    return {
        "champion": experiment.decision.champion,
        "candidates": ",".join(ranker.name for ranker in settings.candidates),
        "incumbents": ",".join(ranker.name for ranker in settings.incumbents),
        "label": settings.label.kind,
        "horizon_days": str(settings.label.horizon_days),
        "lag_days": str(settings.label.lag_days),
        "seed": str(settings.seed),
        "extract_date": str(experiment.extract_date),
        "test_dates": ",".join(str(split.test) for split in experiment.splits),
        "indicators": str(len(bundle.indicators)),
        "bundle": str(bundle.hash),
        **{
            f"{ranker.name}.{name}": str(value)
            for ranker in settings.rankers
            for name, value in ranker.parameters.items()
        },
        **{f"{each.name}.tuned": str(each.adopted).lower() for each in experiment.tuned},
    }


def _metrics(experiment: Experiment) -> dict[str, float]:
    """Return every stated figure under a name that MLflow accepts."""
    metrics: dict[str, float] = {}
    for row in experiment.candidates:
        for bound in ("value", "low", "high"):
            if row[bound] is not None:
                suffix = "" if bound == "value" else f".{bound}"
                metrics[f"{row['name']}.{row['metric'].replace(':', '.')}{suffix}"] = row[bound]
    metrics["alarms"] = float(len(experiment.alarms))
    return metrics


def selection_record(experiment: Experiment, bundle: Bundle) -> dict[str, Any]:
    """Return what was compared, what was decided and why, as plain JSON values (aggregates only)."""
    return {"bundle": str(bundle.hash), "kind": bundle.kind, **bundle.card, **model_card(experiment)}


def selection_page(experiment: Experiment, bundle: Bundle) -> str:
    """Return the selection record as a Markdown page for people."""
    decision = experiment.decision
    lines = [
        f"# Selection record {bundle.hash.short}",
        "",
        f"Champion: **{decision.champion}**. "
        + ("The model is promoted." if decision.promoted else "The simple list stays."),
        "",
        "| condition | holds | figures |",
        "|---|---|---|",
        *(f"| {c.name} | {'yes' if c.holds else 'no'} | {c.why} |" for c in decision.conditions),
        "",
        "| ranker | measure | value | low | high |",
        "|---|---|---|---|---|",
        *(
            f"| {row['name']} | {row['metric']} | {_shown(row['value'])} | {_shown(row['low'])} "
            f"| {_shown(row['high'])} |"
            for row in experiment.candidates
        ),
        "",
        *_listed(selection_words.lines(selection(experiment))),
        "",
        *_listed(certificate.lines(bundle.card["certificate"])),
        *_listed(ablation.lines(list(experiment.ablations))),
    ]
    return "\n".join(lines) + "\n"


def _listed(lines: list[str]) -> list[str]:
    """Return lines as Markdown: what is indented becomes a list."""
    return [f"- {line.strip()}" if line.startswith(" ") else f"\n{line}\n" for line in lines]


def _shown(value: float | None) -> str:
    return "not stated" if value is None else f"{value:.4g}"


def _log_artifacts(mlflow: Any, experiment: Experiment, bundle: Bundle) -> None:
    with tempfile.TemporaryDirectory() as folder:
        drafts = Path(folder)
        record = canonical_json(selection_record(experiment, bundle))
        (drafts / "selection.json").write_text(record, encoding="utf-8")
        (drafts / "selection.md").write_text(selection_page(experiment, bundle), encoding="utf-8")
        aucs = {name: round(area, 6) for name, area in experiment.indicator_aucs.items()}
        (drafts / "indicator_auc.json").write_text(json.dumps(aucs, indent=1), encoding="utf-8")
        rows = experiment.test_rows
        if len(rows) > _EXPLAINED_PEOPLE:
            generator = np.random.default_rng(experiment.settings.seed)
            rows = np.sort(generator.choice(rows, _EXPLAINED_PEOPLE, replace=False))
        table = experiment.material.indicators.iloc[rows].reset_index(drop=True)
        bins = contribution_bins(table, bundle.contributions(table))
        (drafts / "contributions.png").write_bytes(draw_contributions(bins))
        mlflow.log_artifacts(folder)


def _register(mlflow: Any, experiment: Experiment, bundle: Bundle) -> None:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):  # it prints what it registers
        # An example would be a row of a person; the signature is stated instead.
        warnings.filterwarnings("ignore", message=".*input example was not provided", category=UserWarning)
        info = mlflow.pyfunc.log_model(
            name="ranker",
            python_model=str(Path(__file__).with_name("registered_model.py")),
            artifacts={"bundle": str(bundle.path)},
            signature=ModelSignature(
                inputs=Schema([ColSpec("double", name) for name in bundle.indicators]),
                outputs=Schema([ColSpec("double")]),
            ),
            # Stated, because MLflow otherwise loads the model once more in a subprocess to guess them.
            pip_requirements=[f"{package}=={version(package)}" for package in _PACKAGES],
            registered_model_name=MODEL,
            tags={"bundle": str(bundle.hash)},
        )
    client = mlflow.MlflowClient()
    number = str(info.registered_model_version)
    client.set_model_version_tag(MODEL, number, "bundle", str(bundle.hash))
    client.set_registered_model_alias(MODEL, "candidate", number)
    if experiment.settings.for_panel:
        client.set_registered_model_alias(MODEL, "champion", number)
