"""Files that the batch side made and a workspace keeps: read only as they were made.

The ledger holds the hash of each; the file itself proves nothing.
"""

from __future__ import annotations

from pathlib import Path

from serving.errors import ListChanged, NotFound
from values import digest_bytes


def read_as_made(place: Path, hashed: str, what: str, again: str) -> bytes:
    """Return a file whose content has the hash that the ledger holds.

    Parameters
    ----------
    what, again
        What it is called, such as ``report``, and how to make it again.

    Raises
    ------
    NotFound, ListChanged
        If it is not there any more; if it is another one.
    """
    try:
        content = place.read_bytes()
    except OSError:
        raise NotFound(f"The {what} is not there any more.", again) from None
    if digest_bytes(content) != hashed:
        raise ListChanged(f"The {what} is not the one that was made.", again)
    return content
