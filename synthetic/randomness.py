"""One stream of random numbers for each part of the world.

A part that draws more or less leaves the others as they are, so that a force with a planted defect is the
same force underneath.
"""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, part: str) -> np.random.Generator:
    """Return the generator of one named part of the world."""
    return np.random.default_rng([seed, zlib.crc32(part.encode("ascii"))])
