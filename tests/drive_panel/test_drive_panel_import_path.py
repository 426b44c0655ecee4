"""The user's own folders never hide a room."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOMS = ("models", "features", "records", "serving")


@pytest.fixture
def analyst_folder(tmp_path: Path) -> Path:
    """A working folder that holds packages of the same names as ours, and a workspace that was begun."""
    (tmp_path / "workspace" / "records").mkdir(parents=True)
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text("raise RuntimeError('the analyst\\'s own package was imported')\n")
    return tmp_path


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        command, cwd=folder, env=kept | environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_commands_work_from_a_folder_with_packages_of_the_same_names(analyst_folder: Path):
    script = Path(sys.executable).with_name("drive-panel")
    for command in ([str(script)], [sys.executable, "-m", "drive_panel"]):
        done = run(analyst_folder, *command, "runs", "--json")
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == '{"runs": []}'


def test_a_hidden_room_stops_the_program_and_names_both_paths(analyst_folder: Path):
    done = run(analyst_folder, sys.executable, "-m", "drive_panel", "runs", PYTHONPATH=str(analyst_folder / "."))
    assert done.returncode == 0, "the working folder itself is taken off the path even when PYTHONPATH names it"
    elsewhere = analyst_folder / "elsewhere"
    elsewhere.mkdir()
    done = run(elsewhere, sys.executable, "-m", "drive_panel", "runs", PYTHONPATH=str(analyst_folder))
    assert done.returncode == 1
    assert str(analyst_folder / "records") in done.stderr
    assert str(Path(__file__).resolve().parents[2] / "records") in done.stderr
