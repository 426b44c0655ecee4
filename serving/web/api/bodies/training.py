"""How models were made and compared, and how good the records are."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from serving.web.api.bodies.fields import Page


class Trained(BaseModel):
    """A training run, and what became of it; `scores` where its bundle ranked the next lists from then on."""

    number: int
    at: str
    bundle: str
    kind: str
    promoted: bool
    for_panel: bool
    scores: bool
    trained_by: str
    extract_date: date
    verdict: str
    mlflow_run: str | None


class Ranks(BaseModel):
    """What ranks an area now: its live list and the bundle that made it, null where no list is live."""

    area: str
    run: str | None
    bundle: str | None


class ModelRuns(Page):
    """Training runs, the newest first, for who sees how models were made; what ranks the caller's areas for everybody.

    `decided` is what became of the last training, in sentences.
    """

    models: list[Trained]
    decided: list[str]
    ranks: list[Ranks]


class CardOut(BaseModel):
    """What batch work said of itself: counts without small numbers, figures of a model, and nobody."""

    number: int
    at: str
    subject: str
    area: str
    card: dict[str, Any]


class Model(BaseModel):
    """How a bundle was made and why, what it scored in the caller's areas, and its lists in the shadow of others."""

    model: CardOut
    scored: list[CardOut]
    shadows: list[CardOut]


class DataQuality(BaseModel):
    """What the newest look at the records found, null where nobody looked, and those before it, the newest first."""

    quality: CardOut | None
    earlier: list[CardOut]


class Faced(BaseModel):
    """Something that two bundles have, each its own."""

    name: str
    first: str
    second: str


class FigureOut(BaseModel):
    """A measure with its interval."""

    value: float | None
    low: float | None
    high: float | None


class FacedFigures(BaseModel):
    """A measure of two bundles; null where one has none."""

    title: str
    says: str
    first: FigureOut | None
    second: FigureOut | None


class Comparison(BaseModel):
    """Two bundles side by side; their figures compare only where `same_lists`.

    `moves` says how many people would change sides, as far as that was ever counted; `only` names the indicators that
    the one reads and the other does not, `both` counts those that both read.
    """

    bundles: list[str]
    same_lists: bool
    moves: list[str]
    facts: list[Faced]
    hashes: list[Faced]
    measures: list[FacedFigures]
    only: list[list[str]]
    both: int
