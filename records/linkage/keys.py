"""Person keys that stay as records arrive, and the list of what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any


def assign_keys(persons: Sequence[Collection[str]], before: Mapping[str, str]) -> list[str]:
    """Return a key for each person: the key that most of its records had, or else its smallest record id.

    A key goes to the person who holds most of its records; of several keys a person keeps the one that most of its
    records had (at a tie the smaller key). So at a merge the larger part's key survives, at a split it stays with the
    larger part.

    Parameters
    ----------
    persons
        The records of each person; in order of their smallest record id.
    before
        The key that each record had.
    """
    claims = sorted(
        (-count, key, place)
        for place, records in enumerate(persons)
        for key, count in Counter(before[record] for record in records if record in before).items()
    )
    keys: dict[int, str] = {}
    taken: set[str] = set()
    for _, key, place in claims:
        if place not in keys and key not in taken:
            keys[place] = key
            taken.add(key)
    for place, records in enumerate(persons):
        if place not in keys:
            keys[place] = _fresh(sorted(records), taken)
            taken.add(keys[place])
    return [keys[place] for place in range(len(persons))]


def _fresh(records: Sequence[str], taken: Collection[str]) -> str:
    """Return the smallest record id that is nobody's key, or the smallest with a number behind it."""
    for record in records:
        if record not in taken:
            return record
    number = 2
    while f"{records[0]}.{number}" in taken:
        number += 1
    return f"{records[0]}.{number}"


def list_changes(before: Mapping[str, str], now: Mapping[str, str], decided: Collection[str]) -> list[dict[str, Any]]:
    """Return the merges and splits between two crosswalks.

    Each has `kind` (merge, split), `keys` (the keys concerned), `survives`, and the reason: a clerical decision where
    one of the records in `decided` moved, else new or changed records.
    """
    merged: dict[str, set[str]] = {}
    parted: dict[str, set[str]] = {}
    moved: dict[str, list[str]] = {}
    for record, key in now.items():
        old = before.get(record)
        if old is not None:
            merged.setdefault(key, set()).add(old)
            parted.setdefault(old, set()).add(key)
            if old != key:
                moved.setdefault(old, []).append(record)
                moved.setdefault(key, []).append(record)
    changes = [
        _change("merge", sorted(olds), key, moved, decided) for key, olds in sorted(merged.items()) if len(olds) > 1
    ]
    changes += [
        _change("split", sorted(news), old if old in news else "", moved, decided)
        for old, news in sorted(parted.items())
        if len(news) > 1
    ]
    return changes


def _change(
    kind: str, keys: list[str], survives: str, moved: Mapping[str, list[str]], decided: Collection[str]
) -> dict[str, Any]:
    records = sorted({record for key in keys for record in moved.get(key, ())})
    clerical = any(record in decided for record in [*records, *keys])
    return {
        "kind": kind,
        "keys": keys,
        "survives": survives,
        "records": records,
        "reason": "a clerical decision" if clerical else "records that arrived or changed",
    }
