"""Crosswalks on disk: which record is which person, version by version, each published whole."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from records.errors import LinkageError
from records.linkage.decisions import FOLDER
from records.storage.files import private_folder, published, write_private
from values import Hash, canonical_json, digest, digest_bytes

FORMAT = 1
_CARD, _LATEST = "card.json", "latest"


@dataclass(frozen=True)
class Crosswalk:
    """One version of who is who.

    Attributes
    ----------
    version
        Its hash: over both tables, the model, the thresholds, the decisions and the snapshot.
    persons
        record_id, person_id, match_probability (of the weakest link that holds the record in its person; 1 where it
        stands alone), how (single, model, pnc, clerical) and birth_contradicts (as many of the person's records say
        one date of birth as another, so that none is taken).
    grey
        Pairs of records for a person to decide: record_l, record_r, probability, bar (the rule that stood against
        linking them, empty where the probability is below the upper threshold), weight and level of each comparison.
    card
        Model, thresholds, snapshot, previous version, counts, changes.
    """

    version: Hash
    persons: pd.DataFrame
    grey: pd.DataFrame
    card: Mapping[str, Any]

    @cached_property
    def keys(self) -> dict[str, str]:
        """The person key of each record."""
        return dict(zip(self.persons["record_id"], self.persons["person_id"], strict=True))

    @property
    def grey_persons(self) -> pd.DataFrame:
        """Pairs of person keys that may be one: person_l, person_r, match_probability (of their likeliest pair)."""
        pairs = pd.DataFrame(
            {
                "one": self.grey["record_l"].map(self.keys),
                "other": self.grey["record_r"].map(self.keys),
                "match_probability": self.grey["probability"],
            }
        )
        pairs["person_l"] = pairs[["one", "other"]].min(axis=1).astype("str")
        pairs["person_r"] = pairs[["one", "other"]].max(axis=1).astype("str")
        pairs = pairs[pairs["person_l"] != pairs["person_r"]]
        likeliest = pairs.groupby(["person_l", "person_r"])["match_probability"].max()
        return likeliest.reset_index()


def store_crosswalk(root: Path, persons: pd.DataFrame, grey: pd.DataFrame, card: Mapping[str, Any]) -> Crosswalk:
    """Publish a version and make it the latest; the same content gives the same version."""
    tables = {"crosswalk": persons, "grey": grey}
    files = {f"{name}.parquet": _parquet(frame) for name, frame in tables.items()}
    content = {name: digest_bytes(frame.to_csv(index=False).encode("utf-8")) for name, frame in tables.items()}
    version = digest({**card, "format": FORMAT, "content": content})
    full = {
        **card,
        "format": FORMAT,
        "content": content,
        "sha256": {name: digest_bytes(data) for name, data in files.items()},
    }
    path = root / FOLDER / version
    if not path.exists():
        private_folder(root / FOLDER)
        with published(path) as draft:
            for name, data in files.items():
                write_private(draft / name, data)
            write_private(draft / _CARD, canonical_json(full).encode("utf-8"))
    write_private(root / FOLDER / _LATEST, version.encode())
    return read_crosswalk(root, version)


def read_crosswalk(root: Path, version: str) -> Crosswalk:
    """Return a stored version.

    Raises
    ------
    LinkageError
        If there is none, or a file no longer holds what was stored.
    """
    path = root / FOLDER / Hash(version)
    remedy = "Restore it from backup, or run drive-panel link again."
    try:
        card = json.loads((path / _CARD).read_text(encoding="utf-8"))
        frames = {}
        for name, sha256 in card["sha256"].items():
            data = (path / name).read_bytes()
            if digest_bytes(data) != sha256:
                raise LinkageError(f"{name} of crosswalk {version[:12]} does not hold what was stored.", remedy)
            frames[name] = pd.read_parquet(io.BytesIO(data))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LinkageError(f"The crosswalk {version[:12]} cannot be read.", remedy) from error
    return Crosswalk(Hash(version), frames["crosswalk.parquet"], frames["grey.parquet"], card)


def latest_crosswalk(root: Path) -> Crosswalk | None:
    """Return the latest version, if anything was linked yet."""
    try:
        return read_crosswalk(root, (root / FOLDER / _LATEST).read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return None


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()
