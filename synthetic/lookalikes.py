"""Different people who look alike on paper: relatives at one address, father and son of one name, twins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthetic import parameters
from synthetic.people import Bools, Ints
from synthetic.recording import victim_numbers
from synthetic.world import World

RELATIVE, FATHER_SON, TWINS = "relative", "father_son", "twins"
_FAMILIAL = ("parent", "child", "sibling", "other_family")
_YEAR = parameters.YEAR


@dataclass(frozen=True)
class LookAlikes:
    """Pairs of people; nobody is in two of them.

    Attributes
    ----------
    first, second
        Person numbers.
    kind
        `relative` (one family name and address), `father_son` (one full name and address; the father first) or
        `twins` (one family name, address and date of birth).
    """

    first: Ints
    second: Ints
    kind: npt.NDArray[np.object_]

    def of(self, *kinds: str) -> tuple[Ints, Ints]:
        """Return the pairs of the kinds named."""
        rows = np.isin(self.kind.astype(str), kinds)
        return self.first[rows], self.second[rows]


def _relatives(world: World, people: pd.DataFrame, free: Bools, size: int, rng: np.random.Generator) -> Ints:
    """Return pairs of relatives who are suspect and victim of one another and live in one area."""
    couples = world.couples
    pairs = pd.DataFrame({"first": couples["suspect"].to_numpy(), "second": victim_numbers(world).to_numpy()})
    area = people["area"].to_numpy()
    related = couples["relationship"].isin(_FAMILIAL).to_numpy() & (area[pairs["first"]] == area[pairs["second"]])
    pairs = pairs[related & free[pairs["first"]] & free[pairs["second"]]]
    pairs = pairs.iloc[rng.permutation(len(pairs))].drop_duplicates("first").drop_duplicates("second")
    return np.asarray(pairs.to_numpy(dtype=np.int64)[:size])


def neighbours(people: pd.DataFrame, who: Ints, by: npt.NDArray[np.float64]) -> Ints:
    """Pair people of one area who stand next to each other in the order of `by`."""
    area = pd.factorize(people["area"])[0][who]
    ordered = who[np.lexsort((by, area))]
    pairs = ordered[: len(ordered) // 2 * 2].reshape(-1, 2)
    where = people["area"].to_numpy()
    return np.asarray(pairs[where[pairs[:, 0]] == where[pairs[:, 1]]])


def _fathers_and_sons(people: pd.DataFrame, free: Bools, size: int, rng: np.random.Generator) -> Ints:
    men = np.flatnonzero(free & people["male"].to_numpy(dtype=bool))
    pairs = neighbours(people, men, rng.random(len(men)))
    birth = people["birth"].to_numpy()
    older = birth[pairs[:, 0]] <= birth[pairs[:, 1]]
    pairs = np.where(older[:, None], pairs, pairs[:, ::-1])
    gap = (birth[pairs[:, 1]] - birth[pairs[:, 0]]) / _YEAR
    youngest, oldest = parameters.FATHER_AGE
    return np.asarray(pairs[(gap >= youngest) & (gap <= oldest)][:size])


def _twins(people: pd.DataFrame, free: Bools, size: int, rng: np.random.Generator) -> Ints:
    who = np.flatnonzero(free)
    pairs = neighbours(people, who, people["birth"].to_numpy(dtype=np.float64)[who])
    return np.asarray(pairs[rng.permutation(len(pairs))][:size])


def draw_lookalikes(world: World, people: pd.DataFrame, on_record: Bools, rng: np.random.Generator) -> LookAlikes:
    """Choose who looks like whom, by the shares of people in `parameters`.

    Relatives are suspect and victim of one another; fathers and sons and twins are people of one area who appear
    in no incident together, which is the harder case for linkage.
    """
    pairs_wanted = {kind: round(share * on_record.sum() / 2) for kind, share in parameters.LOOK_ALIKE.items()}
    free = on_record.copy()
    found: list[Ints] = []
    for kind in (RELATIVE, FATHER_SON, TWINS):
        size = pairs_wanted[kind]
        if kind == RELATIVE:
            pairs = _relatives(world, people, free, size, rng)
        else:
            pairs = (_fathers_and_sons if kind == FATHER_SON else _twins)(people, free, size, rng)
        free[pairs] = False
        found.append(pairs)
    both = np.concatenate(found)
    kinds = np.repeat(np.array([RELATIVE, FATHER_SON, TWINS], dtype=object), [len(pairs) for pairs in found])
    return LookAlikes(both[:, 0], both[:, 1], kinds)
