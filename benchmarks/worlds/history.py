"""Grow a world: how often what happened to whom in each part of each year, and what was to be expected next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.worlds.kinds import HAPPENINGS, PARTS, PLACE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Expected = Mapping[str, tuple[float, float, float]]
"""By kind of incident, the expected number early, in the middle and late in a year."""

EARLY, MIDDLE, LATE = range(3)


@dataclass(frozen=True)
class Record:
    """All that is recorded at the end of a year: counts of shape (people, years, kinds, parts)."""

    counts: Ints

    def last_year(self, *kinds: str, part: int | None = None) -> Ints:
        """Return each person's incidents of these kinds in the year that ends, or in one part of it."""
        places = [PLACE[kind] for kind in kinds]
        parts = list(range(len(PARTS))) if part is None else [part]
        return np.asarray(self.counts[:, -1:][:, :, places][..., parts].sum(axis=(1, 2, 3)))

    def ever(self, *kinds: str) -> Ints:
        """Return each person's incidents of these kinds in all years so far."""
        return np.asarray(self.counts[:, :, [PLACE[kind] for kind in kinds]].sum(axis=(1, 2, 3)))


@dataclass(frozen=True)
class World:
    """A world and what has to come out of it.

    Parameters
    ----------
    name, story
        What it is called, and what in it goes before harm.
    styles
        What a year can look like: share of people, and the expected lesser incidents. Drawn anew each year for
        each person, so that lesser incidents tell of harm only what `serious` says they do.
    serious
        Serious crimes to be expected in the next year, given what is recorded at the end of this one.
    wanted
        ``model``: the model finds nearly all and more than every simple list. ``sum``: the sum of harm days stays.
        ``stop``: promotion stops and names the column that leaks.
    earlier
        Shares of people with 0, 1, 2, ... incidents against another victim in the first year.
    leaks
        Whether incidents of those whom a serious crime follows are marked in ``incidents.drugs`` as if known then.
    """

    name: str
    story: str
    styles: tuple[tuple[float, Expected], ...]
    serious: Callable[[Record], Floats]
    wanted: str
    earlier: tuple[float, ...] = (1.0,)
    leaks: bool = False


@dataclass(frozen=True)
class Grown:
    """A world's people over the years.

    Attributes
    ----------
    counts
        What happened, shape (people, years, kinds, parts).
    expected
        Incidents to be expected in each year given the record before it, shape (people, years, kinds).
    """

    world: World
    counts: Ints
    expected: Floats


def grow(world: World, people: int, years: int, rng: np.random.Generator) -> Grown:
    """Let `people` live `years` years in `world`."""
    counts = np.zeros((people, years, len(HAPPENINGS), len(PARTS)), dtype=np.int64)
    expected = np.zeros((people, years, len(HAPPENINGS)))
    shares = np.array([share for share, _ in world.styles])
    rates = np.stack([_rates(lesser) for _, lesser in world.styles])
    usual = np.tensordot(shares, rates, axes=1).sum(axis=1)
    serious = PLACE["serious"]
    for year in range(years):
        style = rng.choice(len(shares), people, p=shares)
        counts[:, year] = rng.poisson(rates[style])
        expected[:, year] = usual
        expected[:, year, serious] = world.serious(Record(counts[:, :year]))
        parts = np.array(PARTS) / sum(PARTS)
        counts[:, year, serious] = rng.poisson(expected[:, year, serious, None] * parts)
        if year == 0:
            counts[:, 0, PLACE["another"], EARLY] += rng.choice(len(world.earlier), people, p=world.earlier)
    return Grown(world, counts, expected)


def _rates(lesser: Expected) -> Floats:
    rates = np.zeros((len(HAPPENINGS), len(PARTS)))
    for kind, parts in lesser.items():
        rates[PLACE[kind]] = parts
    return rates
