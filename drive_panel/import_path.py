"""Keeps the user's own folders from hiding a room.

The rooms have everyday names (`models`, `features`, …) and analysts often work in a folder that holds packages of
the same names. The working folder is therefore taken off the import path before any room is imported; where a room
is hidden all the same (PYTHONPATH), the program stops rather than run somebody else's code on case data.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from pathlib import Path

ROOMS = (
    "values",
    "records",
    "features",
    "synthetic",
    "models",
    "training",
    "fairness",
    "serving",
    "drive_panel",
)
HOUSE = Path(__file__).resolve().parent.parent


def _without_working_folder(path: list[str]) -> list[str]:
    here = Path.cwd()
    if here == HOUSE:
        return path
    return [entry for entry in path if entry != "" and Path(entry).resolve() != here]


def hidden_rooms(path: list[str]) -> dict[str, str]:
    """Return the rooms that `path` would take from somewhere else, with the place they would come from."""
    hidden = {}
    for room in ROOMS:
        spec = PathFinder.find_spec(room, path)
        if spec is None:
            continue
        found = spec.origin or next(iter(spec.submodule_search_locations or []), "")
        if HOUSE not in Path(found).resolve().parents:
            hidden[room] = found
    return hidden


def protect() -> None:
    """Take the working folder off the import path; stop if a room is hidden all the same.

    Raises
    ------
    SystemExit
        With status 1 and both paths, if an entry of the import path hides a room.
    """
    sys.path[:] = _without_working_folder(sys.path)
    hidden = hidden_rooms(sys.path)
    if hidden:
        room, place = next(iter(hidden.items()))
        raise SystemExit(
            f"drive-panel: the package '{room}' at {place} hides drive-panel's own at {HOUSE / room}. "
            "Take that folder off PYTHONPATH and try again."
        )
