"""The incidents as recorded with defects in them, and the list of what each defect touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from synthetic.people import EXTRACT, Bools, Ints, communities_of
from synthetic.recording import offence_if_crime
from synthetic.settings import ForceSettings, Plant
from synthetic.world import World


def nobody_referred() -> pd.DataFrame:
    """Return no referrals: `person`, `referred`."""
    return pd.DataFrame({"person": pd.Series(dtype=np.int64), "referred": pd.Series(dtype=np.int64)})


@dataclass(frozen=True)
class Planted:
    """The incidents as recorded with the defects in them.

    Attributes
    ----------
    rows
        As `recording.write_down` returns them.
    touched
        One row a touched incident: `plant`, `change` (added, removed, delayed, overwritten, set), `row`
        (label in `rows`, or -1 if removed), `event` (row of the world's events or -1), `suspect`.
    in_place
        Statuses are overwritten without a date.
    referred
        People referred to the service and when: `person`, `referred` (day number).
    """

    rows: pd.DataFrame
    touched: pd.DataFrame
    in_place: bool = False
    referred: pd.DataFrame = field(default_factory=nobody_referred)


RowPlant = Callable[[Planted, World, Plant, ForceSettings, np.random.Generator], Planted]


def touch(planted: Planted, rows: pd.DataFrame, changed: pd.DataFrame, plant: Plant, change: str) -> Planted:
    """Return `planted` with new `rows`, and with the `changed` ones noted."""
    kept = changed.index if change != "removed" else np.full(len(changed), -1)
    note = pd.DataFrame(
        {"plant": plant.name, "change": change, "row": np.asarray(kept, dtype=np.int64),
         "event": changed["event"].to_numpy(), "suspect": changed["suspect"].to_numpy()}
    )  # fmt: skip
    return replace(planted, rows=rows, touched=pd.concat([planted.touched, note], ignore_index=True))


def renumber(added: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Give added rows labels that `rows` does not have."""
    first = int(rows.index.max()) + 1
    return added.set_axis(pd.RangeIndex(first, first + len(added)), axis=0)


def target(planted: Planted, world: World, plant: Plant, settings: ForceSettings) -> Bools:
    """Say which rows are domestic incidents of the named community's suspects who live in the named area."""
    rows = planted.rows
    area = plant.options.get("area", next(iter(settings.areas)))
    community = plant.options.get("community", "black")
    chosen = (world.suspects["area"] == area).to_numpy() & (communities_of(world.suspects["ethnicity"]) == community)
    own = (rows["kind"] == "domestic").to_numpy()
    return np.asarray(own & chosen[np.where(own, rows["suspect"], 0)])


def police_generated(
    template: pd.DataFrame, occurred: Ints, planted: Planted, world: World, rng: np.random.Generator
) -> pd.DataFrame:
    """Return minor incidents that the police themselves report, each about the people of one row of `template`."""
    size = len(template)
    crime = rng.random(size) < 0.25
    nothing = np.full(size, np.nan)
    extra = template.assign(
        occurred=occurred, reported=occurred, recorded=occurred, kind="police_generated", event=-1, serious=False,
        crime=crime, code=offence_if_crime(crime, np.full(size, "12509")),
        family=np.where(crime, "public_order", "non_crime"),
        reported_by="police", strangled=False, injury=False, weapon=False, both_roles=False, risk_grade="standard",
        arrested=nothing, charged=nothing, convicted=nothing, corrected=nothing, correction="",
        closed=np.where(crime, occurred + 30, np.nan), outcome=np.where(crime, "16", ""),
    )  # fmt: skip
    death = world.suspects["death"].to_numpy()[extra["suspect"].to_numpy()]
    return renumber(extra[(occurred <= EXTRACT) & (occurred <= death)], planted.rows)


def no_crimes(rows: pd.DataFrame, hit: Bools) -> pd.DataFrame:
    """Return `rows` with those under `hit` recorded as incidents that are no crimes."""
    code = rows["code"].to_numpy(dtype=object).copy()
    code[hit] = None
    columns = {name: rows[name].mask(hit) for name in ("arrested", "charged", "convicted", "closed")}
    corrected = rows["corrected"].mask(hit & rows["correction"].isin(["code", "crime"]).to_numpy())
    return rows.assign(
        crime=rows["crime"].to_numpy(dtype=bool) & ~hit, code=code, serious=rows["serious"].to_numpy(dtype=bool) & ~hit,
        family=np.where(hit, "non_crime", rows["family"]), outcome=np.where(hit, "", rows["outcome"]),
        corrected=corrected, correction=np.where(corrected.isna(), "", rows["correction"]), **columns,
    )  # fmt: skip
