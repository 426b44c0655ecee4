"""Two processes want the same training run: the second is told what the first is, and never of one that is dead."""

from __future__ import annotations

import fcntl
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from training.errors import RunBusy
from training.holding import LOCK, held

HOLD = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from training.holding import Holder, held

since = datetime(2026, 6, 30, 13, 2, tzinfo=UTC)
with held(Path(sys.argv[1]), Holder(command="drive-panel demo", process=os.getpid(), since=since)):
    print("held", flush=True)
    sys.stdin.read()
"""
UNNAMED = "Another drive-panel command is training on the same records and settings."


def hold(folder: Path) -> subprocess.Popen[str]:
    """Start a process that holds a folder until its input ends, and wait until it does."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def refused(folder: Path) -> RunBusy:
    with pytest.raises(RunBusy) as caught, held(folder):
        pass
    return caught.value


def left_by(folder: Path, text: bytes) -> str:
    """Return what is told of a holder that has not written itself down over what lies in the file."""
    (folder / LOCK).write_bytes(text)
    with open(folder / LOCK, "rb") as silent:
        fcntl.flock(silent, fcntl.LOCK_EX)
        return refused(folder).message


def test_the_second_is_told_what_the_first_is_until_it_ends(tmp_path: Path):
    first = hold(tmp_path)
    for _ in range(2):  # whoever comes second leaves the file as it was
        told = refused(tmp_path)
        who = f"`drive-panel demo` (process {first.pid}, since 14:02 on 30 June)"
        assert told.message == f"{who} is training on the same records and settings."
    assert told.remedy.startswith("Wait: each step is shown where that was started.")
    assert json.loads((tmp_path / LOCK).read_bytes()) == {
        "command": "drive-panel demo",
        "process": first.pid,
        "since": "2026-06-30T13:02:00Z",
    }
    assert first.communicate("")[0] == ""
    assert (tmp_path / LOCK).read_bytes() == b""
    with held(tmp_path):
        assert refused(tmp_path).message == UNNAMED


def test_a_killed_holder_holds_nothing_and_is_never_told_of(tmp_path: Path):
    killed = hold(tmp_path)
    killed.kill()
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    stale = (tmp_path / LOCK).read_bytes()
    assert str(killed.pid).encode() in stale
    assert left_by(tmp_path, stale) == UNNAMED
    with held(tmp_path):
        assert refused(tmp_path).message == UNNAMED


@pytest.mark.parametrize("text", [b"", b'{"command":"drive-pa', b"\xff\x00", b'{"command":"x","process":-1,"since":0}'])
def test_what_cannot_be_read_names_nobody(tmp_path: Path, text: bytes):
    assert left_by(tmp_path, text) == UNNAMED
