"""What the records hold about protected characteristics, and how much of it is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synthetic import parameters
from synthetic.people import Bools, Ints, pick

_OBSERVED = {"W": "IC1", "M": "IC3", "A": "IC4", "B": "IC3", "O": "IC6"}
_SOUTHERN = ("W9",)
_EASTERN = ("A4",)


def _observed(ethnicity: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Return the IC code an officer would give; sometimes another group than the person would name."""
    seen = ethnicity.str[0].map(_OBSERVED)
    seen = seen.mask(ethnicity.isin(_SOUTHERN) & (rng.random(len(ethnicity)) < 0.4), "IC2")
    seen = seen.mask(ethnicity.isin(_EASTERN), "IC5")
    other = pick(rng, {"IC1": 0.4, "IC2": 0.15, "IC3": 0.15, "IC4": 0.15, "IC6": 0.1, "IC9": 0.05}, len(ethnicity))
    return seen.mask(rng.random(len(ethnicity)) < parameters.OBSERVED_WRONG, pd.Series(other, index=ethnicity.index))


def record_communities(
    people: pd.DataFrame, incidents: Ints, arrested: Bools, heard: Bools, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw what is recorded about each person.

    Whether ethnicity is recorded depends on arrest, on having one incident only and, for victims, on a MARAC
    hearing; never on the ethnicity itself.

    Parameters
    ----------
    people
        `male` and true `ethnicity`, one row a person.
    incidents
        Incidents recorded against each as suspect.
    arrested, heard
        Ever arrested; ever the victim at a MARAC hearing.

    Returns
    -------
    DataFrame
        `sex`, `ethnicity_self`, `ethnicity_observed`, `disability`, `sexual_orientation`; empty text where not
        recorded.
    """
    size = len(people)
    suspect = incidents > 0
    missing = np.select(
        [arrested, incidents > 1, suspect, heard],
        [*parameters.ETHNICITY_MISSING.values(), parameters.ETHNICITY_MISSING_MARAC_VICTIM],
        parameters.ETHNICITY_MISSING_VICTIM,
    )  # fmt: skip
    seen = np.select(
        [arrested, suspect],
        [parameters.OBSERVED["arrested"], parameters.OBSERVED["other"]],
        parameters.OBSERVED["victim"],
    )
    named = np.where(rng.random(size) < parameters.NOT_STATED, "NS", people["ethnicity"].to_numpy(dtype=str))
    sex = np.where(people["male"], "male", "female")
    unsexed = rng.random(size) < np.where(suspect, parameters.SEX_MISSING["suspect"], parameters.SEX_MISSING["victim"])
    disabled = rng.random(size) < np.where(suspect, parameters.DISABLED["suspect"], parameters.DISABLED["victim"])
    asked = rng.random(size) < np.where(heard, 0.95, 0.25)
    lgbt = rng.random(size) < parameters.LGBT_VICTIM
    return pd.DataFrame(
        {
            "sex": np.where(unsexed, "", sex),
            "ethnicity_self": np.where(rng.random(size) < missing, "", named),
            "ethnicity_observed": np.where(rng.random(size) < seen, _observed(people["ethnicity"], rng), ""),
            "disability": np.where(asked, np.where(disabled, "yes", "no"), ""),
            "sexual_orientation": np.where(asked, np.where(lgbt, "lgb", "heterosexual"), ""),
        }
    )
