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


_MIDDLE = ("an", "er", "ing", "ton", "son", "ford", "ham", "worth", "wood", "smith", "well")
MALE, FEMALE = GIVEN[1::2], GIVEN[::2]
FAMILY_LONG = FAMILY + tuple(name + last for last in (*_MIDDLE, *_ENDING) for name in FAMILY)
"""Family names for registers in which names repeat as they do in England: few very frequent, a long tail."""


def given_root(name: str) -> str:
    """Return the first syllable of a made-up given name, its short form."""
    return next(first for first in sorted(_FIRST, key=len, reverse=True) if name.startswith(first))


def _skewed(size: int, flatness: float, fall: float, rng: np.random.Generator, draws: int) -> npt.NDArray[np.int64]:
    """Draw places of a list whose frequencies fall with rank (Zipf and Mandelbrot)."""
    weights = 1 / (np.arange(size) + flatness) ** fall
    edges = np.cumsum(weights / weights.sum())[:-1]
    rank = np.searchsorted(edges, rng.random(draws), side="right")
    return np.asarray(rng.permutation(size)[rank], dtype=np.int64)


def frequent_given(male: npt.NDArray[np.bool_], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw given names by sex as places in `GIVEN`; assumed: the most frequent is about 4 % of a sex."""
    place = _skewed(len(MALE), 10.0, 1.0, rng, len(male))
    return np.asarray(2 * place + np.where(male, 1, 0), dtype=np.int64)


def frequent_family(rng: np.random.Generator, size: int) -> npt.NDArray[np.int64]:
    """Draw family names as places in `FAMILY_LONG`; assumed: the most frequent is about 1 % of people."""
    return _skewed(len(FAMILY_LONG), 5.0, 0.7, rng, size)
