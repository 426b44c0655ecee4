"""The rankers that a training run may name, made from settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.bundle import KINDS
from training.errors import SettingsError
from training.settings import RankerSettings

LEARNED = frozenset({"lightgbm", "elastic_net"})
"""Kinds that read every indicator and learn from outcomes; the others read named columns."""
SEEDED = frozenset({"lightgbm"})


def make_ranker(settings: RankerSettings, monotone: Mapping[str, int], seed: int) -> Any:
    """Return an unfitted ranker.

    Raises
    ------
    SettingsError
        If the kind or a parameter is not known.
    """
    if settings.kind not in KINDS:
        raise SettingsError(f"There is no ranker {settings.kind!r}.", f"Known are {', '.join(sorted(KINDS))}.")
    parameters: dict[str, Any] = dict(settings.parameters)
    if settings.kind in SEEDED:
        parameters = {"monotone": dict(monotone), "seed": seed, **parameters}
    try:
        return KINDS[settings.kind](**parameters)
    except TypeError:
        known = ", ".join(sorted(KINDS[settings.kind]().get_params(deep=False)))
        raise SettingsError(
            f"Ranker {settings.kind} does not take these parameters: {', '.join(sorted(settings.parameters))}.",
            f"Known are {known}.",
        ) from None


def columns_read(ranker: Any, indicators: list[str]) -> list[str]:
    """Return the indicators that `ranker` is fitted on, in order."""
    if ranker.kind in LEARNED:
        return indicators
    read: list[str] = ranker.columns()
    return read
