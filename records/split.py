"""Where ingest puts the communities: a folder of their own, never inside a snapshot.

Writing stands apart from reading (`records.communities`), so that the rooms which import records cannot reach a
protected characteristic.
"""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from records.storage import private_folder, write_private
from values import Hash, canonical_json, digest_bytes

FOLDER = "communities"


def communities_file(root: Path, snapshot: Hash) -> Path:
    """Return the file with the communities of `snapshot`."""
    return root / FOLDER / f"{snapshot}.parquet"


def split_off(root: Path, snapshot: Hash, frame: pd.DataFrame) -> Hash:
    """Store the communities that came with `snapshot`; a later delivery of the same snapshot replaces them.

    Returns
    -------
    Hash
        The hash of the stored bytes, written beside them.
    """
    private_folder(root / FOLDER)
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    path, content = communities_file(root, snapshot), buffer.getvalue()
    stored = digest_bytes(content)
    write_private(path, content)
    write_private(path.with_suffix(".json"), canonical_json({"sha256": stored}).encode())
    return stored
