"""The signed heads kept in a file outside the database: who rewrites the chain would have to rewrite it too."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serving.errors import StoreError
from serving.ledger.entries import Entry
from values import canonical_json

_KINDS = {"seq": int, "hash": str, "signature": str}


class HeadsFile:
    """Appends heads to ``heads.jsonl`` and reads them back."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entry: Entry) -> None:
        """Append the head of an entry that is committed."""
        line = canonical_json({name: getattr(entry, name) for name in _KINDS}) + "\n"
        try:
            handle = os.open(self.path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "a", encoding="utf-8") as file:
                file.write(line)
        except OSError as problem:
            raise StoreError(
                f"The act is stored but its signed head could not be written to {self.path.name}.",
                "Make the key folder writable.",
            ) from problem

    def read(self) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """Yield the number of each line and its head, None where the line is no head."""
        if not self.path.exists():
            return
        with self.path.open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                yield number, _head(line)


def _head(line: str) -> dict[str, Any] | None:
    try:
        head = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(head, dict) and all(isinstance(head.get(name), kind) for name, kind in _KINDS.items())
    return head if whole else None
