"""Folders of training runs that are not finished, each named by all that decides the run's result.

A folder holds indicators and margins of people without their names. It goes when its run is finished, when a run
with another name begins, and with every erasure.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from features.catalogue import Catalogue
from records.storage.files import private_folder
from records.storage.locking import clear_litter
from training.errors import RunBusy
from training.holding import LOCK, Holder, held
from training.settings import TrainSettings
from training.stages import Stages
from values import Hash, digest, digest_file

_ROOMS = ("values", "records", "features", "models", "training")
_PACKAGES = ("lightgbm", "numba", "numpy", "optuna", "pandas", "scikit-learn", "scipy")


def run_name(snapshot: str, settings: TrainSettings, catalogue: Catalogue) -> Hash:
    """Return the digest of all that decides a run's result: records, settings, indicators, and the code that runs.

    The code is this project's own files and the versions of what it computes with: what another version has
    found is never taken up.
    """
    return digest(
        {
            "snapshot": snapshot,
            "settings": settings.model_dump(mode="json"),
            "catalogue": str(catalogue.version),
            "sources": _sources(),
            "packages": {name: version(name) for name in _PACKAGES},
        }
    )


def code_hash() -> Hash:
    """Return the digest of this project's own files that decide a run's result."""
    return digest(_sources())


def _sources() -> dict[str, Hash]:
    here = Path(__file__).resolve().parents[1]
    return {
        str(file.relative_to(here)): digest_file(file)
        for room in _ROOMS
        for file in sorted((here / room).rglob("*.py"))
    }


@contextlib.contextmanager
def unfinished_run(root: Path, name: Hash, fresh: bool = False, holder: Holder | None = None) -> Iterator[Stages]:
    """Hold the folder of a run; it vanishes if the block ends well, and waits to be gone on with if it does not.

    Parameters
    ----------
    root
        The folder of all unfinished runs. Others that nobody is at work on are removed.
    name
        See `run_name`.
    fresh
        Begin anew, whatever an earlier run has found.
    holder
        What is at work, told to whoever wants the same run meanwhile.

    Raises
    ------
    RunBusy
        If another process is at work on the same run.
    """
    private_folder(root)
    for other in root.iterdir():
        if other.name != name:
            with contextlib.suppress(RunBusy, OSError), held(other):
                _remove(other)
    folder = private_folder(root / name)
    with held(folder, holder):
        clear_litter(folder)
        if fresh:
            _empty(folder)
        yield Stages(folder)
        with contextlib.suppress(FileNotFoundError):  # an erasure was quicker
            _remove(folder)
    with contextlib.suppress(OSError):  # the folder of another run is there
        root.rmdir()


def clear_unfinished_runs(root: Path) -> None:
    """Remove every unfinished run, those at work too: they stop at their next finding with `RunRemoved`."""
    if root.is_dir():
        _remove(root)


def _empty(folder: Path) -> None:
    for kept in folder.iterdir():
        if kept.name != LOCK:
            kept.unlink()


def _remove(folder: Path) -> None:
    """Move a folder out of its process's reach, so that nothing is added to it, and delete it."""
    doomed = folder.with_name(f".draft-{os.getpid()}-{folder.name}")  # cleared as litter if this process is killed
    folder.rename(doomed)
    shutil.rmtree(doomed)
