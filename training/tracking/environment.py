"""With what a run was made: the code, the locked packages and the versions that were there."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from training.unfinished import code_hash
from values import digest_file

_LOCK = "requirements.lock"
PACKAGES = ("lightgbm", "mlflow", "numba", "numpy", "optuna", "pandas", "scikit-learn", "scipy")


def environment() -> dict[str, Any]:
    """Return the hash of the code, the hash of the lock file, Python, system and package versions; no path, no name.

    Where no lock file lies beside the code its hash is ``not available``.
    """
    lock = Path(__file__).resolve().parents[2] / _LOCK
    return {
        "code": str(code_hash()),
        "requirements_lock": str(digest_file(lock)) if lock.is_file() else "not available",
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: version(name) for name in PACKAGES},
    }
