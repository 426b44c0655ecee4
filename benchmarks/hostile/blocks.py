"""Fifty hostile files at a time, the same ones for the same number."""

from __future__ import annotations

import random

from benchmarks.hostile import whole
from benchmarks.hostile.extracts import Extract, mapped, plain

FILES = 50
_ROWS = 10


def block(number: int) -> list[Extract]:
    """Return the extracts of one block: fifty hostile files in all.

    Three extracts that follow the contract and one that needs a mapping hold ten files each, full of hostile rows;
    the others are hostile as a whole, one file each, one of every kind, with a giant or a bomb in every other block.
    Two hundred blocks hold every variant of every kind.

    Parameters
    ----------
    number
        Which block, from 1.
    """
    rng = random.Random(f"hostile block {number}")
    made = [plain(rng, _ROWS) for _ in range(3)]
    made.append(mapped(rng, _ROWS, books=number % 2 == 0))
    if number % 2 == 0:
        made.append(whole.GIANTS[number // 2 % len(whole.GIANTS)](rng))
    left = FILES - sum(extract.hostile for extract in made)
    for turn in range(left):
        variants = list(whole.KINDS[(number + turn) % len(whole.KINDS)](rng))
        random.Random("the same every time").shuffle(variants)
        made.append(variants[number % len(variants)])
    return made
