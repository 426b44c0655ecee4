"""Pins of the files that a release depends on, and the check that they still are what was reviewed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from serving.errors import RunRefused
from values import digest, digest_file

INTERVAL = timedelta(seconds=30)


def fingerprint(path: Path) -> str:
    """Return the hash of a file, or of every file below a folder with its name."""
    if path.is_dir():
        inside = sorted(item for item in path.rglob("*") if item.is_file())
        return digest({item.relative_to(path).as_posix(): digest_file(item) for item in inside})
    return digest_file(path)


def pin(files: Mapping[str, Path], workspace: Path, hashes: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return where each file lies and what it holds now.

    A bundle must hold what its ``bundle.json`` lists, and that file must have the hash that the list's header
    names; so must a policy or governance file.

    Raises
    ------
    RunRefused
        If a file is missing or is not what the run names.
    """
    pins = {}
    for name, path in sorted(files.items()):
        if not path.exists():
            raise RunRefused(f"The {name} file of the run is missing.", "Score again with files that are there.")
        if path.is_dir():
            _check_bundle(path, hashes.get(name))
        elif hashes.get(name) != digest_file(path):
            raise RunRefused(f"The {name} file does not have the hash that the list's header names.", "Score again.")
        pins[name] = {"path": _portable(path, workspace), "hash": fingerprint(path)}
    return pins


def changed(pins: Mapping[str, Mapping[str, str]], workspace: Path) -> str:
    """Return the name of the first pinned file that is missing or changed, or nothing."""
    for name, pinned in sorted(pins.items()):
        path = workspace / pinned["path"]
        try:
            same = path.exists() and fingerprint(path) == pinned["hash"]
        except OSError:
            same = False
        if not same:
            return name
    return ""


def _portable(path: Path, workspace: Path) -> str:
    full = path.resolve()
    base = workspace.resolve()
    return full.relative_to(base).as_posix() if full.is_relative_to(base) else str(full)


def _check_bundle(folder: Path, named: str | None) -> None:
    try:
        listed = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))["files"]
        wrong = [name for name, hashed in listed.items() if digest_file(folder / name) != hashed]
    except (OSError, ValueError, KeyError, AttributeError):
        raise RunRefused("The bundle has no readable list of its files.", "Register the bundle again.") from None
    if digest_file(folder / "bundle.json") != named:
        raise RunRefused("The bundle is not the one that the list's header names.", "Score again.")
    if wrong:
        raise RunRefused(f"The bundle's file {wrong[0]} was changed.", "Restore or register the bundle again.")


class FileWatch:
    """Re-verifies pinned files at first use and at least every 30 seconds.

    Parameters
    ----------
    workspace
        Folder that relative paths start from.
    clock
        Gives the time now.
    """

    def __init__(self, workspace: Path, clock: Callable[[], datetime]) -> None:
        self._workspace = workspace
        self._clock = clock
        self._seen: dict[str, tuple[datetime, str]] = {}
        self._lock = threading.Lock()

    def changed(self, run: str, pins: Mapping[str, Mapping[str, str]]) -> str:
        """Return the name of a changed file of `run`, or nothing."""
        now = self._clock()
        with self._lock:
            seen = self._seen.get(run)
        if seen is not None and timedelta(0) <= now - seen[0] < INTERVAL:
            return seen[1]
        result = changed(pins, self._workspace)
        with self._lock:
            self._seen[run] = (now, result)
        return result


class Seen:
    """Remembers for as long as files may go unverified what was found out about something that is large to read.

    Parameters
    ----------
    clock
        Gives the time now.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Mapping[str, Any], dict[str, str]]] = {}
        self._lock = threading.Lock()

    def get(self, name: str, beside: Mapping[str, Any]) -> dict[str, str] | None:
        """Return what was kept under `name`, if that is not long ago and what stood `beside` it is the same."""
        with self._lock:
            kept = self._kept.get(name)
        if kept is None or kept[1] != beside or not timedelta(0) <= self._clock() - kept[0] < INTERVAL:
            return None
        return kept[2]

    def keep(self, name: str, beside: Mapping[str, Any], found: dict[str, str]) -> None:
        """Keep what was found, with what stood beside it."""
        with self._lock:
            self._kept[name] = (self._clock(), beside, found)
