"""Made-up names put together from syllables, and postcodes of an area that does not exist."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_FIRST = ("Al", "Bre", "Cor", "Dav", "El", "Fen", "Gal", "Hes", "Ist", "Jor", "Kel", "Lor", "Mar", "Nev", "Os", "Per")
_SECOND = ("ada", "ben", "cia", "dric", "eth", "fin", "gan", "ilo", "kin", "lis", "mund", "nor", "ric", "sel", "tha")
_PLACE = ("Ash", "Bram", "Cald", "Dun", "Elm", "Farn", "Gold", "Hart", "Ivel", "Kett", "Lang", "Mere", "Nor", "Oak")
_ENDING = ("acre", "bourn", "combe", "dale", "esk", "field", "gate", "holt", "ley", "mont", "shaw", "tarn", "wick")
_LETTERS = tuple("ABDEFGHJLNPQRSTUWXYZ")

GIVEN = tuple(first + second for first in _FIRST for second in _SECOND)
FAMILY = tuple(place + ending for place in _PLACE for ending in _ENDING)


def _take(words: tuple[str, ...], rng: np.random.Generator, size: int) -> pa.Array:
    return pa.array(words).take(pa.array(rng.integers(0, len(words), size)))


def given_names(rng: np.random.Generator, size: int) -> pa.Array:
    """Draw made-up given names."""
    return _take(GIVEN, rng, size)


def family_names(rng: np.random.Generator, size: int) -> pa.Array:
    """Draw made-up family names."""
    return _take(FAMILY, rng, size)


def postcodes(area_number: npt.NDArray[np.int64], rng: np.random.Generator) -> pa.Array:
    """Draw postcodes such as ``ZZ3 4QT``; there is no postcode area ZZ."""
    sectors = rng.integers(0, 10, len(area_number))
    letters = rng.integers(0, len(_LETTERS), (len(area_number), 2))
    pool = np.array([f"ZZ{a} {s}{x}{y}" for a in range(1, 100) for s in range(10) for x in _LETTERS for y in _LETTERS])
    count = len(_LETTERS)
    number = ((area_number * 10 + sectors) * count + letters[:, 0]) * count + letters[:, 1]
    return pa.array(pool).take(pa.array(number))
