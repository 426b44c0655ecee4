"""The process that makes reports and papers is started once for all who ask while one works, and never hangs on."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from drive_panel import batch_side
from drive_panel.batch_side import Worker


def _join() -> None:
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and "_carry_on" in thread.name:
            thread.join(30)


def test_many_who_ask_at_once_are_served_by_two_processes_at_most(tmp_path: Path) -> None:
    place = tmp_path / "told"
    worker = Worker([sys.executable, "-c", f"import time; open({str(place)!r}, 'a').write('x'); time.sleep(0.5)"])
    for _ in range(20):
        worker()
    _join()
    assert 1 <= len(place.read_text(encoding="utf-8")) <= 2


def test_a_process_that_hangs_is_ended_and_the_next_one_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_side, "_MAKING_SECONDS", 0.5)
    place = tmp_path / "told"
    worker = Worker([sys.executable, "-c", f"import time; open({str(place)!r}, 'a').write('x'); time.sleep(60)"])
    worker()
    _join()
    worker()
    _join()
    assert place.read_text(encoding="utf-8") == "xx"
