"""`drive-panel train` killed with SIGKILL: the same command goes on where it stopped, to the same bundle."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from records import RecordStore

COMMAND = Path(sys.executable).with_name("drive-panel")


def test_a_killed_training_goes_on_to_the_same_bundle_and_leaves_nothing(small: Any, copy_of: Callable[[Any], Any]):
    home = copy_of(small.home)
    unfinished = home.path / "unfinished"
    process = subprocess.Popen(
        [str(COMMAND), "--home", str(home.path), "train"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not any(unfinished.glob("*/margin-1-v100.npy")):
        assert process.poll() is None, "training ended before it could be killed"
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL

    kept = sorted(unfinished.rglob("*"))
    modes = {stat.S_IMODE(place.stat().st_mode) for place in kept}
    assert modes == {0o700, 0o600}
    person = RecordStore(home.path / "records").latest().table("persons")["person_id"].iloc[0]
    assert not any(person.encode() in place.read_bytes() for place in kept if place.is_file())

    result = home("train", "--json").json
    assert (result["resumed"], result["bundle"]) == (True, small.trained["bundle"])
    assert result["candidates"] == small.trained["candidates"]
    assert small.trained["resumed"] is False
    assert not unfinished.exists()
    assert not (small.home.path / "unfinished").exists()
