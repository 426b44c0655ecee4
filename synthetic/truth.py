"""What nobody in a real force could know, kept beside the extract and never inside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from synthetic.agencies import PersonIds
from synthetic.columns import codes, days, flags, numbered
from synthetic.extract import people_of
from synthetic.people import communities_of
from synthetic.planted import Planted
from synthetic.plants import DESCRIPTIONS
from synthetic.recording import victim_numbers
from synthetic.risk import true_risk
from synthetic.settings import ForceSettings
from synthetic.world import World

TOLD_OF_ROWS = ("label", "event", "kind", "both_roles", "suspect", "victim")
"""What the truth reads of the recorded incidents."""
_LATENT = ("frailty", "severity", "newness", "background", "offspring")


def _persons(world: World, ids: PersonIds) -> pa.Table:
    people = people_of(world)
    size, suspects = len(people), world.suspects
    used = np.zeros(size, dtype=bool)
    used[: len(suspects)] = True
    used[victim_numbers(world)] = True
    latent = suspects[list(_LATENT)].reindex(range(size))
    return pa.table(
        {
            "person_id": ids(np.arange(size)),
            "suspect": flags(np.arange(size) < len(suspects)),
            "sex": codes(np.where(people["male"], "male", "female")),
            "ethnicity": codes(people["ethnicity"]),
            "community": codes(communities_of(people["ethnicity"])),
            "area": codes(people["area"]),
            "date_of_birth": days(people["birth"]),
            "onset": days(suspects["onset"].reindex(range(size))),
            "death": days(suspects["death"].reindex(range(size)).clip(upper=2_000_000)),
        }
        | {name: pa.array(latent[name].to_numpy(), from_pandas=True) for name in _LATENT}
    ).filter(pa.array(used))


def _incident_of(rows: pd.DataFrame, size: int) -> pa.Array:
    number = np.full(size, -1)
    own = (rows["event"] >= 0).to_numpy()
    number[rows["event"].to_numpy()[own]] = np.flatnonzero(own) + 1
    return numbered("I", number)


def _events(world: World, rows: pd.DataFrame, ids: PersonIds) -> pa.Table:
    events = world.events
    return pa.table(
        {
            "event": pa.array(np.arange(len(events))),
            "incident_id": _incident_of(rows, len(events)),
            "person_id": ids(events["person"]),
            "victim_id": ids(victim_numbers(world).to_numpy()[events["couple"]]),
            "occurred": days(events["occurred"]),
            "reported": days(events["reported"]),
            "recorded": days(events["recorded"]),
            "family": codes(events["family"]),
            "crime": flags(events["crime"]),
            "serious": flags(events["serious"]),
            "new_victim": flags(events["new_victim"]),
            "heard": flags(events.index.isin(world.hearings["event"])),
        }
    )


def _roles(world: World, rows: pd.DataFrame, ids: PersonIds) -> pa.Table:
    """Return who really was the primary perpetrator where both people are recorded as suspects."""
    turned = rows["kind"].isin(["reversed", "planted_reversal"]).to_numpy()
    picked = rows[turned | rows["both_roles"].to_numpy(dtype=bool)]
    number = np.flatnonzero(turned | rows["both_roles"].to_numpy(dtype=bool)) + 1
    turned = picked["kind"].isin(["reversed", "planted_reversal"]).to_numpy()
    return pa.table(
        {
            "incident_id": numbered("I", number),
            "recorded_suspect": ids(picked["suspect"]),
            "recorded_victim": ids(picked["victim"]),
            "primary_perpetrator": ids(np.where(turned, picked["victim"], picked["suspect"])),
            "kind": codes(np.where(turned, picked["kind"], "both_roles")),
        }
    )


def _planted(planted: Planted, rows: pd.DataFrame, ids: PersonIds) -> pa.Table:
    touched = planted.touched
    place = pd.Series(np.arange(1, len(rows) + 1), index=rows["label"])
    number = touched["row"].map(place).fillna(-1).astype(np.int64)
    return pa.table(
        {
            "plant": codes(touched["plant"]),
            "change": codes(touched["change"]),
            "incident_id": numbered("I", number),
            "event": pa.array(touched["event"].to_numpy(dtype=np.int64)),
            "person_id": ids(touched["suspect"].to_numpy(dtype=np.int64)),
        }
    )


def truth_tables(
    world: World, planted: Planted, rows: pd.DataFrame, ids: PersonIds, settings: ForceSettings
) -> dict[str, pa.Table]:
    """Return the truth: persons, events, risk, roles, plants and planted rows.

    Parameters
    ----------
    world, planted
        What happened, and what was planted.
    rows
        The recorded incidents in the order of their ids, with `label` (their label in the planted rows);
        the columns `TOLD_OF_ROWS` suffice.
    ids
        The ids of people.
    settings
        What was asked for.
    """
    risk = true_risk(world, settings)
    return {
        "persons": _persons(world, ids),
        "events": _events(world, rows, ids),
        "risk": pa.table(
            {
                "person_id": ids(risk["person"]),
                "as_of": pa.array(risk["as_of"].to_numpy().astype("datetime64[D]")),
                "risk": pa.array(risk["risk"].to_numpy()),
                "outcome": pa.array(risk["outcome"], from_pandas=True),
            }
        ),
        "roles": _roles(world, rows, ids),
        "plants": pa.table(
            {
                "plant": codes([str(plant) for plant in settings.plants]),
                "description": codes([DESCRIPTIONS[plant.name] for plant in settings.plants]),
            }
        ),
        "planted_rows": _planted(planted, rows, ids),
    }


def write_truth(tables: dict[str, pa.Table], folder: Path) -> None:
    """Write one Parquet file a table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tables.items():
        pq.write_table(content, folder / f"{name}.parquet")
