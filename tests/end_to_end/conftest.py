"""One demonstration on a small made-up force, through the command line, that the tests look at and break."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
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
    printed: str

    def run(self, state: str) -> str:
        return next(run["run"] for run in self.result["runs"] if run["state"] == state)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demonstration as a user runs it."""
    home = Home(tmp_path_factory.mktemp("demo") / "workspace")
    done = home("demo", "--no-serve", "--json")
    return Demo(home, done.json, done.err)


@dataclass(frozen=True)
class Small:
    """A small made-up force that was ingested, trained on and scored for one area."""

    home: Home
    extract: Path
    ingested: dict[str, Any]
    trained: dict[str, Any]
    scored: dict[str, Any]


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Return the small force's workspace; copy it before breaking it."""
    folder = tmp_path_factory.mktemp("small")
    home = Home(folder / "workspace")
    home("synth", folder / "force", "--persons", "6000", "--seed", "11")
    ingested = home("ingest", folder / "force" / "extract", "--json").json
    trained = home("train", "--json").json
    (home.path / "panels.yaml").write_text("panels:\n  castlebridge: {places: 10}\n", encoding="utf-8")
    scored = home("score", "--as-of", "2026-03-31", "--area", "castlebridge", "--json").json
    return Small(home, folder / "force" / "extract", ingested, trained, scored)


@pytest.fixture
def new_home(tmp_path: Path) -> Callable[[], Home]:
    """Return a function that makes an empty workspace."""

    def make() -> Home:
        home = Home(tmp_path / f"home-{len(list(tmp_path.iterdir()))}")
        home.path.mkdir()
        return home

    return make


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Home], Home]:
    """Return a function that copies a workspace, so that a test may break it."""

    def copy(home: Home) -> Home:
        target = tmp_path / f"copy-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(home.path, target, ignore=shutil.ignore_patterns("force", "mlflow"))
        return Home(target)

    return copy
