"""Which victim: recorded pairs first, derived pairs where one suspect and one victim leave no choice.

A pair is recorded in `dyads`. Where no pair of an incident is known on a day, and exactly one suspect and
exactly one victim are known on that day, the pair follows from them; with two of either the victim stays
unknown. What was known changes over time, so a derived pair has its own days of knowledge.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.kinds import FOREVER, Role
from features.knowledge import known_together

PAIR = ["incident", "suspect", "victim", "known_from", "known_to"]
TOLD = ["relationship", "stated"]


def pairs_known(involvements: pd.DataFrame, recorded: pd.DataFrame | None) -> pd.DataFrame:
    """Return every suspect-victim pair with the days on which it was known.

    Parameters
    ----------
    involvements
        Versions with integer ``incident``, ``person``, ``role`` and their days of knowledge.
    recorded
        Versions of the `dyads` table with integer ``incident``, ``suspect``, ``victim``, the flags of their
        ``relationship`` and the day from which these are ``stated``; None if not delivered.

    Returns
    -------
    DataFrame
        ``incident, suspect, victim, known_from, known_to, relationship, stated, derived``. A recorded pair counts
        only while its suspect is also involved in the incident as suspect: a withdrawn suspect takes the pair along.
        The relationship of a derived pair is not recorded.
    """
    empty = pd.DataFrame({name: np.empty(0, dtype=np.int32) for name in [*PAIR, *TOLD]})
    dyads = empty if recorded is None else recorded[[*PAIR, *TOLD]]
    suspects = involvements.loc[involvements["role"] == Role.SUSPECT].drop(columns="role")
    named = known_together(dyads, suspects.rename(columns={"person": "suspect"}), ["incident", "suspect"])
    derived = _derived(involvements, named[PAIR])
    derived = derived.assign(relationship=np.int32(0), stated=derived["known_from"], derived=True)
    return pd.concat([named[[*PAIR, *TOLD]].assign(derived=False), derived], ignore_index=True)


def _derived(involvements: pd.DataFrame, dyads: pd.DataFrame) -> pd.DataFrame:
    """Sweep each incident's days of change; the sum of one code is that code."""
    changes = pd.concat(
        [
            _changes(involvements, involvements["role"] == Role.SUSPECT, "suspects", "suspect"),
            _changes(involvements, involvements["role"] == Role.VICTIM, "victims", "victim"),
            _changes(dyads.rename(columns={"suspect": "person"}), None, "dyads", "named"),
        ],
        ignore_index=True,
    ).fillna(0)
    columns = ["suspects", "suspect", "victims", "victim", "dyads"]
    points = changes.groupby(["incident", "day"], sort=True)[columns].sum()
    points = points[(points != 0).any(axis=1)].astype(np.int64)
    state = points.groupby(level="incident").cumsum().reset_index()
    following = state.groupby("incident")["day"].shift(-1).fillna(FOREVER).astype(np.int64)
    alone = (state["suspects"] == 1) & (state["victims"] == 1) & (state["dyads"] == 0)
    state = state.assign(known_from=state["day"], known_to=following)
    state = state[alone & (state["suspect"] != state["victim"]) & (state["known_from"] < FOREVER)]
    return state[PAIR].astype(np.int32).reset_index(drop=True)


def _changes(versions: pd.DataFrame, mask: pd.Series[bool] | None, count: str, total: str) -> pd.DataFrame:
    """Return +1 / +code on the day a version becomes known, and their negatives when it ends."""
    chosen = versions if mask is None else versions[mask]
    person = chosen["person"].to_numpy(dtype=np.int64)
    return pd.DataFrame(
        {
            "incident": np.tile(chosen["incident"].to_numpy(dtype=np.int64), 2),
            "day": np.concatenate([chosen["known_from"], chosen["known_to"]]).astype(np.int64),
            count: np.repeat([1, -1], len(chosen)),
            total: np.concatenate([person, -person]),
        }
    )
