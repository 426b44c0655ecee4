"""The rankers that a training run may name, made from settings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
        if settings.cuts:
            parameters["cuts"] = {name: list(cuts) for name, cuts in settings.cuts.items()}
    try:
        return KINDS[settings.kind](**parameters)
    except TypeError:
        known = ", ".join(sorted(KINDS[settings.kind]().get_params(deep=False)))
        raise SettingsError(
            f"Ranker {settings.kind} does not take these parameters: {', '.join(sorted(settings.parameters))}.",
            f"Known are {known}.",
        ) from None


def require_indicators(settings: RankerSettings, names: Collection[str]) -> None:
    """Check what a ranker is declared to read differently.

    Raises
    ------
    SettingsError
        If it names an indicator that there is not, or that it leaves out, or its kind reads none differently.
    """
    changed = {*settings.cuts, *settings.directions}
    if unknown := sorted({*settings.without, *changed} - set(names)):
        raise SettingsError(
            f"Ranker {settings.name} names indicators that there are not: {', '.join(unknown)}.",
            "docs/indicators.md lists all.",
        )
    if torn := sorted(changed & set(settings.without)):
        raise SettingsError(
            f"Ranker {settings.name} leaves out what it also reads differently: {', '.join(torn)}.",
            "Do one of the two.",
        )
    if changed and settings.kind not in SEEDED:
        raise SettingsError(
            f"Ranker {settings.name} is of the kind {settings.kind}, which has no cuts or directions.",
            "Declare them for lightgbm.",
        )
    if settings.without and settings.kind not in LEARNED:
        raise SettingsError(
            f"Ranker {settings.name} is a simple list, which reads named columns only.",
            "Leave indicators out of others.",
        )


def columns_read(ranker: Any, indicators: list[str]) -> list[str]:
    """Return the indicators that `ranker` is fitted on, in order."""
    if ranker.kind in LEARNED:
        return indicators
    read: list[str] = ranker.columns()
    return read
