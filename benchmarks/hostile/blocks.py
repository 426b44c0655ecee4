"""A hundred hostile files at a time, the same ones for the same number."""

from __future__ import annotations

import random

from benchmarks.hostile import whole
from benchmarks.hostile.extracts import Extract, mapped, plain

FILES = 100
_ROWS = 10


def block(number: int) -> list[Extract]:
    """Return the extracts of one block: a hundred hostile files in all.

    Six extracts that follow the contract and two that need a mapping hold ten files each, full of hostile rows;
    the others are hostile as a whole, one file each, taken from every kind in turn, with one giant or bomb a block.

    Parameters
    ----------
    number
        Which block, from 1.
    """
    rng = random.Random(f"hostile block {number}")
    made = [plain(rng, _ROWS) for _ in range(6)]
    made += [mapped(rng, _ROWS, books=books) for books in (False, True)]
    made.append(whole.GIANTS[number % len(whole.GIANTS)](rng))
    kinds = [list(kind(rng)) for kind in whole.KINDS]
    left = FILES - sum(extract.hostile for extract in made)
    for turn in range(left):
        each = kinds[(number + turn) % len(kinds)]
        made.append(each[(number * 2 + turn // len(kinds)) % len(each)])
    return made
