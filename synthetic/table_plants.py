"""Planted defects of the finished tables: who is who, what is missing, what is damaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from synthetic.agencies import PersonIds, Tables
from synthetic.person_records import duplicate_records
from synthetic.settings import ForceSettings, Plant
from synthetic.world import World


@dataclass(frozen=True)
class Made:
    """A force as it stands before a table plant.

    Attributes
    ----------
    tables
        The extract.
    truth
        Truth that the plants so far have added, by name of the file.
    world, people, ids, settings
        What happened, everyone by person number, their ids, and what was asked for.
    """

    tables: Tables
    world: World
    people: pd.DataFrame
    ids: PersonIds
    settings: ForceSettings
    truth: Tables = field(default_factory=dict)


def _duplicate_records(made: Made, plant: Plant) -> tuple[Tables, Tables]:
    return duplicate_records(made.tables, made.world, made.people, made.ids, made.settings)


# In this order, whatever the order asked for: records are split before anything is done to single rows.
_HOW: dict[str, Callable[[Made, Plant], tuple[Tables, Tables]]] = {
    "duplicate_records": _duplicate_records,
}


def plant_tables(
    tables: Tables, world: World, people: pd.DataFrame, ids: PersonIds, settings: ForceSettings
) -> tuple[Tables, Tables]:
    """Plant every defect of the finished tables that was asked for; return the extract and the truth about it."""
    made = Made(tables, world, people, ids, settings)
    asked = {plant.name: plant for plant in settings.plants}
    for name, how in _HOW.items():
        if name in asked:
            changed, truth = how(made, asked[name])
            made = Made(changed, world, people, ids, settings, made.truth | truth)
    return made.tables, made.truth
