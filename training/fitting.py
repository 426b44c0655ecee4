"""Fit one declared ranker on some rows of the material, and take the margins it gives to others."""

from __future__ import annotations

from typing import Any

import numpy as np

from features.catalogue import Catalogue
from training.candidates import columns_read, make_ranker
from training.evaluate import auc
from training.lists import Floats, Ints
from training.material import Material
from training.settings import RankerSettings, TrainSettings
from training.splits import Split


def fit(
    material: Material,
    ranker_settings: RankerSettings,
    catalogue: Catalogue,
    seed: int,
    training: tuple[Ints, Floats],
    without: frozenset[str] = frozenset(),
) -> Any:
    """Return a ranker fitted on the rows and weights of `training`, `without` some indicators."""
    offered = [name for name in material.indicators.columns if name not in without]
    directions = {name: sign for name, sign in catalogue.monotone.items() if name in offered}
    ranker = make_ranker(ranker_settings, directions, seed)
    rows, weight = training
    indicators = material.indicators.iloc[rows][columns_read(ranker, offered)]
    return ranker.fit(indicators, material.labels["y"].to_numpy()[rows], weight)


def margin(material: Material, ranker: Any, rows: Ints) -> Floats:
    """Return the margin that a fitted ranker gives to each of these rows."""
    columns = [str(name) for name in ranker.feature_names_in_]
    return np.asarray(ranker.predict(material.indicators.iloc[rows][columns]), dtype=np.float64)


def auc_without(
    material: Material,
    split: Split,
    settings: TrainSettings,
    catalogue: Catalogue,
    name: str,
    without: frozenset[str],
) -> float:
    """Return the last split's area under the curve of ranker `name` refitted without some indicators."""
    ranker_settings = next(ranker for ranker in (*settings.candidates, *settings.incumbents) if ranker.kind == name)
    rows = material.test_rows(split.test)
    lists = material.lists(rows, np.zeros(len(rows), dtype=np.int64))
    ranker = fit(material, ranker_settings, catalogue, settings.seed, material.training_rows(split.train), without)
    return float(auc(lists, margin(material, ranker, rows))[0])
