"""Alternatives fitted on the past of the same test dates as the champion, and the harm that each would have found.

Nothing is saved and nothing is promoted: a chosen alternative is trained by `train`, under every rule of promotion.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from features.catalogue import Catalogue
from training.alternatives import CHAMPION, Alternative, ReductionSettings
from training.backtest import backtest, depths
from training.evaluate import Copies, Interval, draw_copies, found_at, totals
from training.fitting import fit, margin
from training.lists import Floats, Ints, Lists
from training.material import Material
from training.reductions import reduce, reweighed
from training.settings import RankerSettings, TrainSettings
from training.stages import Stages
from values import Progress, silent

BASE = "as_trained"
Groups = Callable[[str], Ints]
"""A characteristic -> the code of the group of every row of the material."""


@dataclasses.dataclass(frozen=True, eq=False)
class Workbench:
    """The material of a training run, and who is beaten.

    Attributes
    ----------
    material, settings, catalogue
        As of the run that made the champion.
    champion
        The ranker that scores, with its parameters as adopted.
    base
        What alternatives differ from: the champion where it is a booster, else the first candidate that is one.
    groups
        Communities as numbers, for challengers only.
    """

    material: Material
    settings: TrainSettings
    catalogue: Catalogue
    champion: RankerSettings
    base: RankerSettings
    groups: Groups

    def declared(self, alternatives: Sequence[Alternative]) -> dict[str, RankerSettings]:
        """Return by name the rankers that settings alone make: the champion, the base where it is another, the rest."""
        rankers = {CHAMPION: self.champion}
        if self.base != self.champion:
            rankers[BASE] = self.base
        rankers |= {each.name: each.ranker(self.base) for each in alternatives if not each.reads}
        return {name: ranker.model_copy(update={"name": name}) for name, ranker in rankers.items()}

    def lists(
        self, alternatives: Sequence[Alternative], reductions: ReductionSettings, progress: Progress = silent
    ) -> tuple[Lists, Ints]:
        """Return the lists of the test dates with every ranker's margins, and the rows of the material they hold.

        Raises
        ------
        SettingsError
            If an alternative names an indicator that there is not.
        LibraryMissing
            If a reduction is asked for without fairlearn.
        """
        first, *others = self.declared(alternatives).values()
        tried = self.settings.model_copy(update={"candidates": tuple(others), "incumbents": (first,)})
        lists, rows = backtest(self.material, tried, self.catalogue, progress, Stages())
        share = self._share_above(lists, rows)
        margins = {CHAMPION: lists.margins[CHAMPION], **lists.margins}
        challengers = [each for each in alternatives if each.reads]
        for number, each in enumerate(challengers):
            progress("fit challengers", number, len(challengers))
            margins[each.name] = self._challenged(each, reductions, share)
        progress("fit challengers", len(challengers), len(challengers))
        return dataclasses.replace(lists, margins=margins), rows

    def _challenged(self, alternative: Alternative, reductions: ReductionSettings, share: float) -> Floats:
        codes, ranker, use = self.groups(alternative.reads), alternative.ranker(self.base), self.material.use
        found = []
        for (rows, weight), tested in zip(use.fitted, use.tested, strict=True):
            outcome = self.material.labels["outcome"].to_numpy(np.float64)[rows]
            fitted: Any
            if alternative.reweigh:
                equal = rows, reweighed(codes[rows], outcome, weight)
                fitted = fit(self.material, ranker, self.catalogue, self.settings.seed, equal)
            else:
                fitted = reduce(
                    self.material,
                    ranker,
                    self.catalogue,
                    self.settings.seed,
                    (rows, weight),
                    codes[rows],
                    share,
                    reductions,
                )
            found.append(margin(self.material, fitted, tested))
        return np.concatenate(found)

    def _share_above(self, lists: Lists, rows: Ints) -> float:
        """Return what share of people lie above the audit depth of the base."""
        depth = depths(self.material, lists, rows, self.settings.seed)
        return depth.get(BASE, depth[CHAMPION]) * lists.splits / len(rows)


@dataclasses.dataclass(frozen=True)
class HarmFound:
    """What one ranker finds, by weight set.

    Attributes
    ----------
    at_places
        Harm days found in one round of lists of k places in each area.
    against_champion
        The same less that of the champion, on the same draws.
    at_depth
        Share of all harm days above the line of the audit depth.
    """

    at_places: Mapping[str, Interval]
    against_champion: Mapping[str, Interval]
    at_depth: Mapping[str, Interval]


def harm_found(lists: Lists, above: Mapping[str, Floats], k: int, *, draws: int, seed: int) -> dict[str, HarmFound]:
    """Return the harm that each ranker of `lists` finds, with 95 % intervals over people drawn anew.

    Parameters
    ----------
    lists
        With the margins of every ranker, among them ``champion``.
    above
        By ranker: 1 for rows above the line of the audit depth, which is kept as it was drawn.
    k
        Places in each area; this line is drawn anew in every draw.
    """
    copies, values = draw_copies(lists.people, draws, seed), _weighted(lists)
    everyone = _shares(lists, values, copies)
    points = {name: found_at(lists, margins, values, [k])[:, 0] for name, margins in lists.margins.items()}
    drawn = {name: found_at(lists, margins, values, [k], copies)[:, 0] for name, margins in lists.margins.items()}
    out = {}
    for name in lists.margins:
        depth = _shares(lists, values * above[name][:, None], copies)

        def by_set(point: Floats, many: Floats) -> dict[str, Interval]:
            columns = enumerate(lists.harm)
            return {weights: Interval.of(point[0, at], many[:, at], lists.people) for at, weights in columns}

        out[name] = HarmFound(
            by_set(points[name], drawn[name]),
            by_set(points[name] - points[CHAMPION], drawn[name] - drawn[CHAMPION]),
            by_set(*(_quotient(part, whole) for part, whole in zip(depth, everyone, strict=True))),
        )
    return out


def _weighted(lists: Lists) -> Floats:
    return np.stack([days * lists.weight for days in lists.harm.values()], axis=1)


def _shares(lists: Lists, values: Floats, copies: Copies) -> tuple[Floats, Floats]:
    return totals(lists, values), totals(lists, values, copies)


def _quotient(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))
