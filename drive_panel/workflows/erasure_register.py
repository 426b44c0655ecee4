"""Who was erased, kept outside every backup, so that a backup restored later is erased again before anybody reads it.

The register names nobody: pseudonyms whose keys are destroyed, and keyed hashes of ids (`records.erasing.tombstones`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from drive_panel.clock import now
from drive_panel.errors import WorkspaceError
from drive_panel.workspace import Workspace
from records.erasing.tombstones import Tombstones
from values import canonical_json


@dataclass(frozen=True)
class Register:
    """What the register says: everybody erased so far.

    Parameters
    ----------
    pseudonyms
        As lists and the ledger name them.
    tombstones
        Keyed hashes of the ids of people, incidents and referrals.
    """

    pseudonyms: tuple[str, ...] = ()
    tombstones: frozenset[str] = frozenset()


def enter(workspace: Workspace, pseudonyms: Sequence[str]) -> None:
    """Append an erasure to the register; it is on the disk when this returns."""
    _append(
        workspace.erasure_register,
        {
            "at": now().isoformat(),
            "pseudonyms": sorted(pseudonyms),
            "tombstones": sorted(Tombstones(workspace.records).lines),
        },
    )


def begin(workspace: Workspace) -> None:
    """Make the register and the key of its hashes, where nobody was erased yet; a backup needs both from its start."""
    Tombstones(workspace.records).add({})
    if not workspace.erasure_register.exists():
        enter(workspace, [])


def read(place: Path) -> Register:
    """Read a register.

    Raises
    ------
    WorkspaceError
        If it cannot be read or a line of it is damaged.
    """
    try:
        lines = [json.loads(line) for line in place.read_text(encoding="utf-8").splitlines()]
        names = dict.fromkeys(name for line in lines for name in line["pseudonyms"])
        return Register(tuple(names), frozenset(mac for line in lines for mac in line["tombstones"]))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise WorkspaceError(
            f"The erasure register {place.name} cannot be read.",
            "Name the register of the lost workspace, kept on another disk (DRIVE_PANEL_ERASURES).",
        ) from problem


def _append(place: Path, entry: dict[str, object]) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(place, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(canonical_json(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as problem:
        raise WorkspaceError(
            f"The erasure register {place.name} cannot be written.", "Make its folder writable, then erase again."
        ) from problem
