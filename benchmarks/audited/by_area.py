"""What leaves of the areas of one force, one list after the other, attacked: the whole and all of them, or all but one.

Each export is a report and then the long table of every number. Somebody who keeps all of them subtracts the areas from
the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.audited.disclosed import SMALLEST, leaving
from benchmarks.audited.exported import CHARACTERISTICS, people_drawn
from fairness import read_policy
from fairness.disclosure import Register
from fairness.recovery import Divided, recover, small_counts

_AREAS = ("north", "south", "east", "west", "centre", "coast")
_SIZES = (120, 1500, 10000, 20000, 40000)


@dataclass(frozen=True)
class Force:
    """Lists of a whole force and of its areas, in the order in which they leave.

    Attributes
    ----------
    lists
        The people of each list.
    whole
        The number of the list that holds them all.
    all_of_it
        Whether every area has a list.
    """

    lists: tuple[pd.DataFrame, ...]
    whole: int
    all_of_it: bool

    @property
    def parts(self) -> tuple[int, ...]:
        """The numbers of the lists of areas."""
        return tuple(number for number in range(len(self.lists)) if number != self.whole)


def force(seed: int) -> Force:
    """Return a force whose lists leave in any order, the same for the same seed."""
    rng = np.random.default_rng([seed, 13])
    people = people_drawn(rng, int(rng.choice(_SIZES)))
    person = pd.factorize(people["person_id"])[0]
    names = _AREAS[: int(rng.integers(3, 7))]
    area = rng.choice(names, person.max() + 1, p=rng.dirichlet([1.5] * len(names)))
    for name in rng.choice([each for each in people if each in CHARACTERISTICS], int(rng.integers(0, 4))):
        _nearly_leave(rng, people[name].to_numpy()[~people["person_id"].duplicated()], area)
    people["area"] = area[person]
    told = list(rng.permutation(people["area"].unique()))
    all_of_it = bool(rng.random() < 0.5)
    told = told if all_of_it else told[1:]
    order = [str(name) for name in rng.permutation(["", *told])]
    lists = tuple(people if not name else people[people["area"] == name].reset_index(drop=True) for name in order)
    return Force(lists, order.index(""), all_of_it)


def _nearly_leave(rng: np.random.Generator, groups: npt.NDArray[Any], area: npt.NDArray[Any]) -> None:
    """Let all but a few people of one group of one area live in another area."""
    left, new = rng.choice(np.unique(area), 2)
    there = rng.permutation(np.flatnonzero((groups == rng.choice(groups)) & (area == left)))
    area[there[int(rng.integers(0, 9)) :]] = new


def attacked(seed: int) -> dict[str, Any]:
    """Return the tally of one force; `together` of the counts recovered are what several lists left of the whole."""
    policy, register, made = read_policy(), Register(), force(seed)
    left = [leaving(people, policy, register) for people in made.lists]
    given: dict[str, Any] = {
        "inside": [(part, made.whole) for part in made.parts],
        "divided": [Divided(made.whole, made.parts, made.all_of_it)],
    }
    found = recover(left, SMALLEST, groupings=policy.grouping_pairs, **given)
    return {
        "lists": len(left),
        "figures": sum(len(each.exact["cells"]) for each in left),
        "shown": sum(1 for each in left for cell in each.shown["cells"] if cell["n"] is not None),
        "small": small_counts(left, SMALLEST, **given),
        "recovered": len(found),
        "together": sum(1 for each in found if isinstance(each.inside, tuple)),
    }
