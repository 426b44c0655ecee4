"""Kills a command at a chosen moment, runs it again, and compares the store with one that was never disturbed.

A moment is either a share of the time that the command takes, or the first sight of a file: the files that come and
go in an undisturbed run, in the order in which they appear, so that kills land before, within and after everything
that is written, between the publication of a snapshot and the move of ``latest`` too.
"""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from values import digest_file

ROOT = Path(__file__).resolve().parent.parent
MOMENTS = 20
_FIRST, _LAST = 0.35, 0.99
"""Shares of a run between which kills by time lie: before that a process has hardly begun."""
_DRAFT = re.compile(r"\.(draft|work)-[^/]*")
_CHANGING = re.compile(r"[0-9]{4}-[0-9-]+[0-9a-f]*|[0-9a-f]{12,}|(?<=\.)[0-9]+(?=\.|/|$)")


@dataclass(frozen=True)
class Act:
    """A command that may be killed.

    Attributes
    ----------
    command
        Its words after ``drive-panel --home DIR``; ``{extract}`` and ``{person}`` are filled in.
    before
        The commands that must have run.
    exact
        Whether every file it leaves is the same in every run (keys are drawn anew, so theirs are not).
    """

    command: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    exact: bool = True


INGEST = ("ingest", "{extract}")
ACTS = {
    "ingest": Act(INGEST),
    "ingest again": Act(("ingest", "{later}"), (INGEST,)),
    "link": Act(("link",), (INGEST,)),
    "erase": Act(
        ("erase", "{person}", "--by", "the made-up officer", "--reason", "made up"), (INGEST, ("link",)), exact=False
    ),
}


@functools.cache
def material() -> dict[str, str]:
    """Make the extracts that the commands work on, once a process: a small made-up force and what it sent later."""
    from synthetic import ForceSettings, make_force

    folder = Path(tempfile.mkdtemp(prefix="drive-panel-kills-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    make_force(folder / "force", ForceSettings(persons=300, years=3, seed=7))
    extract = folder / "force" / "extract"
    return {"extract": str(extract), "later": str(later(extract, folder / "later")), "person": _person(extract)}


def _person(extract: Path) -> str:
    import pandas as pd

    suspects = (
        pd.read_parquet(extract / "involvements.parquet") if (extract / "involvements.parquet").exists() else None
    )
    if suspects is None:
        suspects = pd.read_csv(extract / "involvements.csv", dtype=str)
    return str(suspects.loc[suspects["role"] == "suspect", "person_id"].iloc[0])


def later(extract: Path, target: Path) -> Path:
    """Write what the same source sends a month later: one row a table fewer, the manifest's date moved on."""
    target.mkdir()
    for path in sorted(extract.iterdir()):
        if path.suffix == ".csv":
            lines = path.read_bytes().splitlines(keepends=True)
            kept = lines if path.stem in ("persons", "incidents", "referrals") else lines[: max(1, len(lines) - 1)]
            (target / path.name).write_bytes(b"".join(kept))
        elif path.name == "manifest.yaml":
            day = re.search(r"extract_date: '?(\d{4})-(\d\d)-(\d\d)", text := path.read_text(encoding="utf-8"))
            if day is None:
                raise ValueError("the manifest of the made-up force names no day")
            moved = f"{day[1]}-{int(day[2]) + 1:02}-28"  # the made-up force is drawn in March
            (target / path.name).write_text(text.replace("-".join(day.groups()), moved), encoding="utf-8")
    return target


def arguments(home: Path, command: Sequence[str]) -> list[str]:
    """Return the command line of a command on the workspace `home`."""
    words = [word.format(**material()) for word in command]
    return [sys.executable, "-m", "drive_panel", "--home", str(home), *words]


def run(home: Path, command: Sequence[str]) -> None:
    """Run a command to its end.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    subprocess.run(arguments(home, command), check=True, capture_output=True, cwd=ROOT)


def run_watched(home: Path, command: Sequence[str], now: Callable[[float, list[str]], bool]) -> bool:
    """Run a command, killing it and all it started as soon as `now` says so; say whether it was killed.

    Parameters
    ----------
    now
        Told the seconds since the start and the files seen so far, in the order in which they appeared.
    """
    seen: dict[str, None] = {}
    started = time.monotonic()
    process = subprocess.Popen(
        arguments(home, command), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
    )
    while process.poll() is None:
        seen.update(dict.fromkeys(shape(path.relative_to(home).as_posix()) for path in _everything(home)))
        if now(time.monotonic() - started, list(seen)):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.001)
    return False


def shape(path: str) -> str:
    """Return a path without the parts that change from run to run.

    >>> shape("records/snapshots/.draft-x8f2k/persons.parquet")
    'records/snapshots/draft/persons.parquet'
    """
    return _CHANGING.sub("*", _DRAFT.sub(r"draft", path))


def _everything(home: Path) -> list[Path]:
    found = []
    for folder, folders, files in os.walk(home):
        found += [Path(folder) / name for name in (*folders, *files)]
    return found


@dataclass(frozen=True)
class Undisturbed:
    """What a run looks like that nobody kills."""

    seconds: float
    shapes: tuple[str, ...]
    files: dict[str, str]
    latest: str


@functools.cache
def undisturbed(name: str) -> Undisturbed:
    """Run an act to its end and remember what it did."""
    act = ACTS[name]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "workspace"
        for command in act.before:
            run(home, command)
        earlier = {shape(path.relative_to(home).as_posix()) for path in _everything(home)}
        seen: dict[str, None] = {}
        started = time.monotonic()
        run_watched(home, act.command, lambda _, shapes: bool(seen.update(dict.fromkeys(shapes))))
        seconds = time.monotonic() - started
        new = tuple(each for each in seen if each not in earlier)
        return Undisturbed(seconds, new, published(home), latest(home))


def latest(home: Path) -> str:
    """Return the hash of the latest snapshot."""
    return (home / "records" / "snapshots" / "latest").read_text(encoding="utf-8").strip()


def published(home: Path) -> dict[str, str]:
    """Return every file of the record store with its content."""
    files = [path for path in _everything(home / "records") if path.is_file()]
    return {path.relative_to(home).as_posix(): digest_file(path) for path in sorted(files)}


def killed(name: str, moment: int) -> dict[str, Any]:
    """Kill an act at one of `MOMENTS`, do it again, and say how the store differs from an undisturbed one.

    Parameters
    ----------
    moment
        From 1; odd ones by time, even ones by the files that appear.
    """
    act, usual = ACTS[name], undisturbed(name)
    share = (moment - 0.5) / MOMENTS
    with tempfile.TemporaryDirectory() as folder:
        for attempt in itertools.count():
            home = Path(folder) / f"workspace {attempt}"
            for command in act.before:
                run(home, command)
            if run_watched(home, act.command, _moment(usual, moment, share)):
                break
            share *= 0.9  # it was over before its time had come: kill another one earlier
        run(home, act.command)
        files = published(home)
        return {
            "same_snapshot": latest(home) == usual.latest,
            "missing_files": len(usual.files.keys() - files.keys()),
            "further_files": len(files.keys() - usual.files.keys()),
            "changed_files": sum(files[each] != usual.files[each] for each in files.keys() & usual.files.keys())
            if act.exact
            else 0,
            "wrong_modes": wrong_modes(home),
        }


def _moment(usual: Undisturbed, moment: int, share: float) -> Callable[[float, list[str]], bool]:
    if moment % 2:
        seconds = usual.seconds * (_FIRST + (_LAST - _FIRST) * share)
        return lambda elapsed, _: elapsed >= seconds
    awaited = usual.shapes[int(share * len(usual.shapes))]
    return lambda _, shapes: awaited in shapes


def wrong_modes(home: Path) -> int:
    """Count files that others than their owner may read."""
    modes = [(path.is_dir(), stat.S_IMODE(path.lstat().st_mode)) for path in _everything(home)]
    return sum(mode != (0o700 if is_folder else 0o600) for is_folder, mode in modes)


def together(name: str, other: str) -> tuple[str, str]:
    """Run two acts at once in one workspace; return the latest snapshot, and what one after the other ends in.

    One of the two may give up with a clear error (exit status 1); it is then done again.
    """
    with tempfile.TemporaryDirectory() as folder:
        homes = [Path(folder) / each for each in ("both", "sequence")]
        acts = [ACTS[name].command, ACTS[other].command]
        running = [
            subprocess.Popen(arguments(homes[0], each), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
            for each in acts
        ]
        codes = [process.wait() for process in running]
        for each, code in zip(acts, codes, strict=True):
            if code == 1:
                run(homes[0], each)
            elif code != 0:
                raise subprocess.CalledProcessError(code, each)
        for each in acts:
            run(homes[1], each)
        return latest(homes[0]), latest(homes[1])
