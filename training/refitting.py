"""One ranker on one split, fitted again in other ways: on other rows, with another seed, without some indicators."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.catalogue import Catalogue
from training.fitting import fit, margin
from training.lists import Floats, Ints, Lists
from training.material import Material
from training.settings import RankerSettings, TrainSettings


@dataclass(frozen=True)
class Refitting:
    """A ranker, what it is fitted on and whom it then ranks.

    Attributes
    ----------
    training
        The rows fitted on, and the weight of each.
    rows
        The people of one test date, in canonical order.
    as_of
        That date.
    """

    material: Material
    settings: TrainSettings
    catalogue: Catalogue
    ranker: RankerSettings
    training: tuple[Ints, Floats]
    rows: Ints
    as_of: str

    def margin(self, *, seed: int | None = None, without: frozenset[str] = frozenset()) -> Floats:
        """Return the margins of the people after a fit, by default as declared."""
        seed = self.settings.seed if seed is None else seed
        fitted = fit(self.material, self.ranker, self.catalogue, seed, self.training, without)
        return margin(self.material, fitted, self.rows)

    def lists(self) -> Lists:
        """Return the people as a comparison table of one date, without margins."""
        return self.material.lists(self.rows, np.zeros(len(self.rows), dtype=np.int64))
