"""Canonical JSON and the one hash function of the project (SHA-256)."""

from __future__ import annotations

import hashlib
import json
import math
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

_HEX = re.compile(r"[0-9a-f]{64}")


class Hash(str):
    """A SHA-256 digest in lower-case hexadecimal; `short` is for people, never for comparison."""

    __slots__ = ()

    def __new__(cls, text: str) -> Hash:
        """Refuse anything but 64 lower-case hexadecimal digits."""
        if not _HEX.fullmatch(text):
            raise ValueError("A hash is 64 hexadecimal digits.")
        return super().__new__(cls, text)

    @property
    def short(self) -> str:
        """The first twelve digits."""
        return self[:12]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("Canonical JSON has no NaN or infinity; write null and say why.")
        return value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("Canonical JSON keys are strings.")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (str, bool, int)):
        return value
    raise TypeError(f"Canonical JSON cannot hold a {type(value).__name__}.")


def canonical_json(value: Any) -> str:
    """Write `value` as JSON that is the same text for the same content.

    Keys are sorted, there is no white space, text is UTF-8, dates are ISO; NaN, infinity and unknown types
    are refused rather than guessed.

    >>> canonical_json({"b": 1, "a": [True, None, date(2024, 2, 29)]})
    '{"a":[true,null,"2024-02-29"],"b":1}'
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_bytes(data: bytes) -> Hash:
    """Return the hash of `data`."""
    return Hash(hashlib.sha256(data).hexdigest())


def digest(value: Any) -> Hash:
    """Return the hash of the canonical JSON of `value`."""
    return digest_bytes(canonical_json(value).encode("utf-8"))


def digest_file(path: Path) -> Hash:
    """Return the hash of a file's bytes."""
    with path.open("rb") as file:
        return Hash(hashlib.file_digest(file, "sha256").hexdigest())
