"""Fit one declared ranker on some rows of the material, and take the margins it gives to others."""

from __future__ import annotations

from typing import Any

import numpy as np

from features.catalogue import Catalogue
from training.candidates import columns_read, make_ranker, require_indicators
from training.evaluate import auc
from training.lists import Floats, Ints
from training.material import Drawn, Material
from training.settings import RankerSettings
from training.stages import Stages

_BLOCK = 65_536  # rows scored together: a hundred megabytes of indicators


def unfitted(
    material: Material,
    settings: RankerSettings,
    catalogue: Catalogue,
    seed: int,
    without: frozenset[str] = frozenset(),
) -> tuple[Any, list[str]]:
    """Return a ranker as declared and the indicators that it reads, `without` some."""
    require_indicators(settings, material.names)
    left_out = without | set(settings.without)
    offered = [name for name in material.names if name not in left_out]
    declared = {**catalogue.monotone, **settings.directions}
    directions = {name: sign for name, sign in declared.items() if name in offered}
    ranker = make_ranker(settings, directions, seed)
    return ranker, columns_read(ranker, offered)


def fit(
    material: Material,
    settings: RankerSettings,
    catalogue: Catalogue,
    seed: int,
    training: Drawn,
    without: frozenset[str] = frozenset(),
) -> Any:
    """Return a ranker fitted on the rows and weights of `training`, `without` some indicators."""
    ranker, columns = unfitted(material, settings, catalogue, seed, without)
    rows, weight = training
    return ranker.fit(material.table(rows, columns), material.target(rows, settings.target), weight)


def fitted_once(
    material: Material,
    settings: RankerSettings,
    catalogue: Catalogue,
    seed: int,
    training: Drawn,
    stages: Stages,
    kept: str,
) -> Any:
    """Return a ranker fitted on the rows of `training`, as it reads back from what `stages` keeps of it."""
    ranker, columns = unfitted(material, settings, catalogue, seed)

    def find() -> dict[str, str]:
        return dict(fit(material, settings, catalogue, seed, training).files())

    files = stages.value(kept, dict[str, str], find)
    return type(ranker).restore(ranker.get_params(deep=False), columns, files)


def of_split(
    material: Material, settings: RankerSettings, catalogue: Catalogue, seed: int, number: int, stages: Stages
) -> Any:
    """Return the ranker that was fitted on the past of one split, and gave the list at its test date."""
    training = material.use.fitted[number]
    return fitted_once(material, settings, catalogue, seed, training, stages, f"split-{number}-{settings.name}")


def margin(material: Material, ranker: Any, rows: Ints) -> Floats:
    """Return the margin that a fitted ranker gives to each of these rows."""
    columns = [str(name) for name in ranker.feature_names_in_]
    parts = np.split(rows, range(_BLOCK, len(rows), _BLOCK))
    return np.concatenate(
        [np.asarray(ranker.predict(material.table(part, columns)), dtype=np.float64) for part in parts]
    )


def auc_without(
    material: Material,
    settings: RankerSettings,
    catalogue: Catalogue,
    seed: int,
    without: frozenset[str],
) -> float:
    """Return the last split's area under the curve of a ranker refitted without some indicators."""
    rows = material.use.tested[-1]
    lists = material.lists(rows, np.zeros(len(rows), dtype=np.int64))
    ranker = fit(material, settings, catalogue, seed, material.use.fitted[-1], without)
    return float(auc(lists, margin(material, ranker, rows))[0])
