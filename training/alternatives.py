"""What a data scientist declares to be tried beside the champion: indicators read otherwise, or challengers.

An alternative made of settings alone (left out, parted, directed, other parameters) can be trained by `train`. One that
reads a characteristic while it is fitted cannot: training never does. It is a challenger for comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, model_validator

from training.errors import SettingsError
from training.settings import Cuts, Declared, RankerSettings, load_declared

CHAMPION = "champion"
T = TypeVar("T")


class ReductionSettings(Declared):
    """How long a reduction searches (Agarwal and others 2018), and how far apart groups may be in it.

    Parameters
    ----------
    iterations
        Rankers fitted at each test date, at most.
    rows
        Person-dates that each is fitted on.
    trees
        Most trees of each.
    difference
        Largest difference of the share of harm found between a group and everybody that it aims at.
    """

    iterations: Annotated[int, Field(ge=2, le=50)] = 8
    rows: Annotated[int, Field(ge=200)] = 10_000
    trees: Annotated[int, Field(ge=5)] = 100
    difference: Annotated[float, Field(gt=0, lt=1)] = 0.02


class Alternative(Declared):
    """One thing to try.

    Parameters
    ----------
    name
        What it is called in results.
    without, cuts, directions
        As of `RankerSettings`.
    parameters
        Of the ranker, in place of the base's.
    reweigh
        A characteristic in whose groups outcomes are given equal weight while fitting (Kamiran and Calders 2012).
    reduction
        A characteristic between whose groups the share of harm found is held together while fitting, by fairlearn.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    without: tuple[str, ...] = ()
    cuts: Cuts = Field(default_factory=dict)
    directions: Mapping[str, Literal[-1, 0, 1]] = Field(default_factory=dict)
    parameters: Mapping[str, bool | int | float | str] = Field(default_factory=dict)
    reweigh: str = ""
    reduction: str = ""

    @model_validator(mode="after")
    def _something(self) -> Alternative:
        if self.name == CHAMPION:
            raise ValueError(f"{CHAMPION!r} is the bundle that scores; choose another name")
        if self.reweigh and self.reduction:
            raise ValueError("reweigh or reduction, not both")
        changed = (self.without, self.cuts, self.directions, self.parameters, self.reweigh, self.reduction)
        if not any(changed):
            raise ValueError("declares nothing that is to be different")
        return self

    @property
    def reads(self) -> str:
        """The characteristic that it reads while it is fitted; blank where it reads none."""
        return self.reweigh or self.reduction

    def ranker(self, base: RankerSettings) -> RankerSettings:
        """Return the base's settings with what is different here."""
        return base.model_copy(
            update={
                "name": self.name,
                "without": tuple(dict.fromkeys((*base.without, *self.without))),
                "cuts": {**self._kept(base.cuts), **self.cuts},
                "directions": {**self._kept(base.directions), **self.directions},
                "parameters": {**base.parameters, **self.parameters},
            }
        )

    def _kept(self, declared: Mapping[str, T]) -> dict[str, T]:
        """Return what the base declares of indicators that are not left out here."""
        return {name: value for name, value in declared.items() if name not in self.without}


class WorkbenchSettings(Declared):
    """A comparison: its `alternatives`, and how reductions search."""

    alternatives: Annotated[tuple[Alternative, ...], Field(min_length=1, max_length=40)]
    reductions: ReductionSettings = ReductionSettings()

    @model_validator(mode="after")
    def _named_once(self) -> WorkbenchSettings:
        names = [each.name for each in self.alternatives]
        if len(set(names)) != len(names):
            raise ValueError("each alternative has a name of its own")
        return self


def load_alternatives(path: Path) -> WorkbenchSettings:
    """Read the alternatives to try.

    Raises
    ------
    SettingsError
        If the file is missing, is not YAML, or a field is unknown or out of range (the field is named).
    """
    return load_declared(path, WorkbenchSettings)


def train_config(settings: Mapping[str, Any], ranker: RankerSettings) -> dict[str, Any]:
    """Return the training configuration in which `ranker` is the candidate; everything else stays as declared.

    Raises
    ------
    SettingsError
        If an incumbent has the candidate's name.
    """
    declared = ranker.model_dump(mode="json", exclude_defaults=True) | {"name": ranker.name}
    if any(each.get("name", each.get("kind")) == ranker.name for each in settings.get("incumbents", ())):
        raise SettingsError(f"A simple list is called {ranker.name} already.", "Rename the alternative.")
    return {**settings, "candidates": [declared]}
