"""Where ingest puts the communities: a folder of their own, never inside a snapshot.

Writing stands apart from reading (`records.communities`), so that the rooms which import records cannot reach a
protected characteristic.
"""

from __future__ import annotations

from pathlib import Path

from values import Hash

FOLDER = "communities"


def communities_file(root: Path, snapshot: Hash) -> Path:
    """Return the file with the communities of `snapshot`."""
    return root / FOLDER / f"{snapshot}.parquet"
