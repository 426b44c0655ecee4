"""One demonstration on a small made-up force, through the command line, that the tests look at and break."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

COMMAND = Path(sys.executable).with_name("drive-panel")


@dataclass(frozen=True)
class Done:
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)


@dataclass(frozen=True)
class Home:
    """A workspace and the command line over it."""

    path: Path

    def __call__(self, *arguments: str | Path, status: int | None = 0) -> Done:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [str(COMMAND), "--home", str(self.path), *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            cwd=self.path.parent,
            env=environment,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert status is None or done.returncode == status, done.stderr + done.stdout
        return Done(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Demo:
    """What the demonstration left behind."""

    home: Home
    result: dict[str, Any]

    def run(self, state: str) -> str:
        return next(run["run"] for run in self.result["runs"] if run["state"] == state)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demonstration at a fifth of its size."""
    home = Home(tmp_path_factory.mktemp("demo") / "workspace")
    done = home("demo", "--no-serve", "--persons", "16000", "--json")
    return Demo(home, done.json)


@pytest.fixture
def copy_of(demo: Demo, tmp_path: Path) -> Iterator[Callable[[], Home]]:
    """Return a function that copies the demonstration's workspace, so that a test may break it."""

    def copy() -> Home:
        target = tmp_path / f"copy-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(demo.home.path, target, ignore=shutil.ignore_patterns("force", "mlflow"))
        return Home(target)

    return copy
