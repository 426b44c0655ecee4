"""The people of a made-up force: suspects with latent risk, and the victims they bring into the records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthetic import parameters
from synthetic.settings import EXTRACT_DATE, ForceSettings
from values import day_number

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

EXTRACT = day_number(EXTRACT_DATE)


def pick(rng: np.random.Generator, shares: Mapping[str, float], size: int) -> npt.NDArray[Any]:
    """Draw `size` names with the given shares (renormalised)."""
    weights = np.array(list(shares.values()))
    edges = np.cumsum(weights / weights.sum())[:-1]
    return np.array(list(shares))[np.searchsorted(edges, rng.random(size), side="right")]


def _severity(frailty: Floats, rng: np.random.Generator) -> Floats:
    """Return lognormal factors, a little higher for frail people, with mean 1 over the people drawn."""
    factor = frailty**parameters.SEVERITY_WITH_FRAILTY * np.exp(
        rng.normal(0.0, parameters.SEVERITY_SIGMA, len(frailty))
    )
    return np.asarray(factor / factor.mean())


def draw_suspects(settings: ForceSettings, size: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw `size` candidate suspects: who they are and how they behave.

    Returns
    -------
    DataFrame
        One row a candidate: `male`, `ethnicity` (true 18 code), `area`, `birth` (day number), `frailty`
        (mean 1), `severity` (factor, mean 1), `newness` (probability that an incident has a new victim),
        `background` (incidents a day at onset), `offspring` (incidents set off by one), `onset` and
        `death` (day numbers).
    """
    span = settings.years + parameters.BURN_IN_YEARS
    male = rng.random(size) < parameters.MALE_SUSPECTS
    frailty = np.exp(rng.normal(-(parameters.FRAILTY_SIGMA**2) / 2, parameters.FRAILTY_SIGMA, size))
    frailty *= np.where(male, 1.0, parameters.FEMALE_FRAILTY)
    onset = EXTRACT - rng.integers(0, int(span * parameters.YEAR), size)
    age = np.minimum(16.5 + rng.gamma(*parameters.AGE_GAMMA, size), parameters.OLDEST)
    return pd.DataFrame(
        {
            "male": male,
            "ethnicity": pick(rng, parameters.ETHNICITY, size),
            "area": pick(rng, settings.areas, size),
            "birth": (onset - age * parameters.YEAR).astype(np.int64),
            "frailty": frailty,
            "severity": _severity(frailty, rng),
            "newness": rng.beta(*parameters.NEW_VICTIM_SHAPE, size),
            "background": parameters.BACKGROUND_PER_YEAR / parameters.YEAR * frailty,
            "offspring": np.minimum(
                parameters.OFFSPRING_MOST, parameters.OFFSPRING * frailty**parameters.OFFSPRING_EXPONENT
            ),
            "onset": onset,
            "death": onset + rng.exponential(parameters.YEAR / parameters.DEATHS_PER_YEAR, size).astype(np.int64),
        }
    )


def _community_like(rng: np.random.Generator, suspects: pd.DataFrame, intimate: Bools) -> npt.NDArray[Any]:
    same = rng.random(len(suspects)) < np.where(
        intimate, parameters.SAME_COMMUNITY["intimate"], parameters.SAME_COMMUNITY["family"]
    )
    return np.where(same, suspects["ethnicity"].to_numpy(), pick(rng, parameters.ETHNICITY, len(suspects)))


def draw_victims(suspects: pd.DataFrame, settings: ForceSettings, rng: np.random.Generator) -> pd.DataFrame:
    """Draw one victim for each row of `suspects` (a suspect repeats once a victim).

    Returns
    -------
    DataFrame
        One row a victim: `male`, `ethnicity`, `area`, `birth`, and `relationship` (what the victim is to
        the suspect).
    """
    size = len(suspects)
    relationship = pick(rng, parameters.RELATIONSHIPS, size)
    intimate = np.isin(relationship, ["partner", "ex_partner"])
    by_man = np.where(intimate, parameters.FEMALE_VICTIM_OF_MAN["intimate"], parameters.FEMALE_VICTIM_OF_MAN["family"])
    by_woman = np.where(
        intimate, parameters.FEMALE_VICTIM_OF_WOMAN["intimate"], parameters.FEMALE_VICTIM_OF_WOMAN["family"]
    )
    female = rng.random(size) < np.where(suspects["male"], by_man, by_woman)
    gap = np.select(
        [relationship == "parent", relationship == "child"],
        [-rng.normal(27, 5, size).clip(17, 45), rng.normal(27, 5, size).clip(17, 45)],
        rng.normal(0, 5, size),
    )
    youngest = suspects["onset"].to_numpy() - int(16.5 * parameters.YEAR)  # both are 16 or over (DA Act 2021)
    oldest = suspects["onset"].to_numpy() - int(parameters.OLDEST * parameters.YEAR)
    birth = np.clip(suspects["birth"].to_numpy() + gap * parameters.YEAR, oldest, youngest).astype(np.int64)
    moved = rng.random(size) < 0.08
    return pd.DataFrame(
        {
            "male": ~female,
            "ethnicity": _community_like(rng, suspects, intimate),
            "area": np.where(moved, pick(rng, settings.areas, size), suspects["area"].to_numpy()),
            "birth": birth,
            "relationship": relationship,
        }
    )


def communities_of(ethnicity: pd.Series | npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the community (white, mixed, asian, black, other) of each 18+1 code."""
    return pd.Series(ethnicity).str[0].map(dict(parameters.COMMUNITY_OF_LETTER)).to_numpy(dtype=object)
