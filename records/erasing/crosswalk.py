"""Taking a person's records out of every version of the crosswalk; each version gets a new hash, as snapshots do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from records.erasing.sought import Sought
from records.linkage.crosswalk import Crosswalk, read_crosswalk, store_crosswalk
from records.linkage.decisions import FOLDER, Decisions
from records.storage.files import write_private
from values import Hash, canonical_json

_LATEST = "latest"
_MADE = ("format", "content", "sha256")


def latest_version(root: Path) -> str | None:
    """Return the version that counts, if anything was linked."""
    place = root / FOLDER / _LATEST
    return place.read_text(encoding="utf-8").strip() if place.exists() else None


def keys_by_version(root: Path, records: Collection[str]) -> dict[str, list[str]]:
    """Return, for each version, the person keys that it gave to any of these records."""
    every = {each.version: each.persons for each in _versions(root)}
    return {v: sorted(set(p.loc[p["record_id"].isin(records), "person_id"])) for v, p in every.items()}


def rewrite_crosswalks(
    root: Path,
    ids: Collection[str],
    latest: str | None,
    moved: Mapping[str, str],
    move: Callable[[str, str], None],
) -> int:
    """Write every version anew without these records, and say how many there were.

    Parameters
    ----------
    root
        The record store's folder.
    ids
        Record and person ids that go.
    latest
        The version that counted before.
    moved
        Old hash → new hash of what was rewritten so far; read again after each `move`.
    move
        Told of each version and its successor before the old one goes.
    """
    count = 0
    for old in _versions(root):
        persons = old.persons[~(old.persons["record_id"].isin(ids) | old.persons["person_id"].isin(ids))]
        grey = old.grey[~(old.grey["record_l"].isin(ids) | old.grey["record_r"].isin(ids))]
        card = {key: value for key, value in old.card.items() if key not in _MADE}
        card = json.loads(_renamed(canonical_json(_without(card, Sought(frozenset(ids)))), moved))
        if old.version in (latest, moved.get(str(latest))):
            card["inputs"]["decisions"] = str(Decisions(root).hash)
        new = store_crosswalk(root, persons.reset_index(drop=True), grey.reset_index(drop=True), card)
        if new.version != old.version:
            move(old.version, new.version)
            shutil.rmtree(root / FOLDER / old.version, ignore_errors=True)
            count += 1
    if latest is not None:  # writing a version makes it the latest
        write_private(root / FOLDER / _LATEST, moved.get(latest, latest).encode())
    return count


def _versions(root: Path) -> list[Crosswalk]:
    """Return every stored version, each after the one that it followed."""
    folder = root / FOLDER
    found = [read_crosswalk(root, Hash(path.name)) for path in sorted(folder.glob("[0-9a-f]*")) if len(path.name) == 64]
    by_version = {str(each.version): each for each in found}
    return sorted(found, key=lambda each: (_depth(each, by_version), each.version))


def _depth(version: Crosswalk, every: Mapping[str, Crosswalk]) -> int:
    before, depth = every.get(str(version.card.get("previous"))), 0
    while before is not None:
        before, depth = every.get(str(before.card.get("previous"))), depth + 1
    return depth


def _without(value: Any, sought: Sought) -> Any:
    """Return a card without the entries of its lists that name a record that goes."""
    if isinstance(value, dict):
        return {key: _without(each, sought) for key, each in value.items()}
    if isinstance(value, list):
        return [_without(each, sought) for each in value if not sought.betrayed_by(canonical_json(each))]
    return value


def _renamed(text: str, moved: Mapping[str, str]) -> str:
    for old, new in moved.items():
        text = text.replace(old, new)
    return text
