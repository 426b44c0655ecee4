"""What is being done is always seen: on a terminal of any height, and in a file, also when a step comes again."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest

from drive_panel.output import progress_bars

MANY = """
from drive_panel.output import progress_bars
with progress_bars() as progress:
    for phase in ("rehearsal", "training"):
        for number in range(20):
            for done in range(3):
                progress(f"{phase}: step {number}", done, 2)
    progress("training: fit [1]", 0, 2)
    input()
    raise SystemExit(1)
"""


def test_in_a_file_a_step_that_comes_again_is_told_again(capsys: pytest.CaptureFixture[str]):
    with progress_bars() as progress:
        for step in ("fit", "log [1]", "fit"):
            for done in range(3):
                progress(step, done, 2)
    assert capsys.readouterr().err.splitlines() == ["… fit", "… log [1]", "… fit"]


def test_a_terminal_of_ten_lines_shows_the_step_of_now_below_all_that_are_done():
    here, there = pty.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 80, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    command = [sys.executable, "-c", MANY]
    with subprocess.Popen(command, stdin=there, stderr=there, env=environment | {"TERM": "xterm"}):
        os.close(there)
        shown = ""
        while "training: fit" not in shown:
            shown += os.read(here, 65536).decode(errors="replace")
        os.write(here, b"\n")
        with contextlib.suppress(OSError):  # Linux ends a terminal that nobody has open with an error
            while more := os.read(here, 65536):
                shown += more.decode(errors="replace")
    os.close(here)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    done = [f"{phase}: step {number}" for phase in ("rehearsal", "training") for number in range(20)]
    assert re.findall(r"✓ (.+?) 0:00:\d\d", plain) == done
    assert re.search(r"training: fit \[1\] .* 0/2 ", plain)
    assert re.findall(r"✗ (.+?) 0:00:\d\d", plain) == ["training: fit [1]"]
