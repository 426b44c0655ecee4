"""Keyed pseudonyms: one random key a person, so that destroying the key erases the link."""

from __future__ import annotations

import hmac
import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U to misread aloud


def new_key() -> bytes:
    """Return a fresh random 32-byte key for one person."""
    return secrets.token_bytes(32)


def pseudonym(key: bytes, person_id: str) -> str:
    """Return the pseudonym of `person_id` under `key`, such as ``P-7K3M-9QXD-W2BC``.

    Sixty bits of HMAC-SHA-256 in Crockford's base 32; without the key it cannot be recomputed.
    """
    if len(key) < 16:
        raise ValueError("A pseudonym key has at least 16 bytes.")
    number = int.from_bytes(hmac.digest(key, person_id.encode("utf-8"), "sha256")[:8], "big") >> 4
    letters = "".join(_ALPHABET[(number >> shift) & 31] for shift in range(55, -1, -5))
    return f"P-{letters[:4]}-{letters[4:8]}-{letters[8:]}"
