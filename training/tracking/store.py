"""The MLflow store of a workspace: one database and one folder of artifacts, for the owner and one writer at a time."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.errors import MirrorFailed

DATABASE = "mlflow.db"
EXPERIMENT = "drive-panel"
_LOCK = ".lock"
_POINTERS = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")
PATIENCE = 600.0
"""Seconds to wait for another process that writes; a run of a large force is logged in less than one minute."""
_ASK_AGAIN = 0.1


def mlflow_environment() -> dict[str, str]:
    """Return the variables under which MLflow tells nobody anything, runs no jobs and prints nobody's values."""
    return {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        # It would otherwise print the table that a model does not accept.
        "MLFLOW_DISABLE_SCHEMA_DETAILS": "true",
    }


def quiet_mlflow() -> Any:
    """Import MLflow with its telemetry off, whatever the environment says, and its chatter off."""
    os.environ.update(mlflow_environment())
    with warnings.catch_warnings():
        # MLflow's own classes, at the version locked, warn about themselves while they are imported.
        warnings.filterwarnings("ignore", message=".*Any type hint is inferred as AnyType", category=UserWarning)
        import mlflow
        import mlflow.pyfunc

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return mlflow


@dataclass(frozen=True)
class Store:
    """An open store.

    Attributes
    ----------
    mlflow
        The package, imported quietly.
    client
        A client of this store, whatever store the package points to.
    uri
        Of the database, for tracking and registry.
    home
        The folder.
    """

    mlflow: Any
    client: Any
    uri: str
    home: Path

    def experiment(self) -> str:
        """Return the id of the workspace's one experiment, made if missing."""
        found = self.client.get_experiment_by_name(EXPERIMENT)
        artifacts = (self.home / "artifacts").resolve()
        artifacts.mkdir(exist_ok=True, mode=0o700)
        return str(found.experiment_id if found else self.client.create_experiment(EXPERIMENT, artifacts.as_uri()))

    @contextlib.contextmanager
    def pointed_to(self) -> Iterator[None]:
        """Let the package itself point to this store, then to where it pointed before."""
        before = [os.environ.get(name) for name in _POINTERS]  # the package keeps there where it points
        self.mlflow.set_tracking_uri(self.uri)
        self.mlflow.set_registry_uri(self.uri)
        try:
            yield
        finally:
            self.mlflow.set_tracking_uri(before[0])
            self.mlflow.set_registry_uri(before[1])
            if before[1] is None:
                del os.environ[_POINTERS[1]]


@contextlib.contextmanager
def open_store(home: Path, patience: float = PATIENCE) -> Iterator[Store]:
    """Hold the store in the folder `home` for writing; it is made if missing, for the owner only.

    Parameters
    ----------
    home
        The folder of ``mlflow.db`` and ``artifacts/``.
    patience
        Seconds to wait for another process that writes.

    Raises
    ------
    MirrorFailed
        If another process does not let go of it, or MLflow cannot read or write it.
    """
    mlflow = quiet_mlflow()
    with _failures_told(), _only_writer(home, patience):
        database = (home / DATABASE).resolve()
        uri = f"sqlite:///{database}"
        store = Store(mlflow, mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri), uri, home)
        store.experiment()
        database.chmod(0o600)
        yield store


@contextlib.contextmanager
def _only_writer(home: Path, patience: float) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    until = time.monotonic() + patience
    with open(home / _LOCK, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise MirrorFailed("Another process writes into MLflow.", "Wait until it is done.") from None
                time.sleep(_ASK_AGAIN)
        yield


@contextlib.contextmanager
def _failures_told() -> Iterator[None]:
    """Turn what MLflow, its database or the disk refuse into one error; what they said may hold anything."""
    from alembic.util import CommandError
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, CommandError, OSError) as error:
        raise MirrorFailed(
            f"The MLflow store cannot be read or written ({type(error).__name__}).",
            "Check that its disk has room and the files are yours; move the folder mlflow away if it is damaged.",
        ) from error
