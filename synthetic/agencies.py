"""What other agencies and later stages leave in the records: orders, custody, management, needs, referrals."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from synthetic import parameters
from synthetic.columns import codes, days, flags, numbered, numbers_in
from synthetic.people import EXTRACT, pick
from synthetic.recording import victim_numbers
from synthetic.world import World
from values import day_number

_DRIVE = day_number(parameters.DRIVE_FROM)
_DAPO = day_number(parameters.DAPO_FROM)

Tables = dict[str, pa.Table]


class PersonIds:
    """Gives person numbers the ids by which the records know them; the order of ids says nothing."""

    def __init__(self, size: int, rng: np.random.Generator) -> None:
        self.numbers = rng.permutation(size) + 1

    def __call__(self, person: npt.ArrayLike) -> pa.Array:
        """Return the ids of person numbers; -1 is missing."""
        person = np.asarray(person, dtype=np.int64)
        return numbered("P", np.where(person < 0, -1, self.numbers[np.maximum(person, 0)]))

    def people(self, column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
        """Return the person numbers behind a column of ids."""
        owner = np.full(len(self.numbers) + 1, -1, dtype=np.int64)
        owner[self.numbers] = np.arange(len(self.numbers))
        return np.asarray(owner[numbers_in(column)])


def hearings_table(world: World, ids: PersonIds) -> pa.Table:
    """Return `marac_hearings`."""
    hearings, couples = world.hearings, world.couples
    couple = hearings["couple"].to_numpy()
    return pa.table(
        {
            "hearing_id": numbered("H", np.arange(1, len(hearings) + 1), 6),
            "victim_id": ids(victim_numbers(world).to_numpy()[couple]),
            "perpetrator_id": ids(couples["suspect"].to_numpy()[couple]),
            "referred_at": days(hearings["referred"]),
            "heard_at": days(hearings["heard"]),
            "referring_agency": codes(hearings["agency"]),
            "criterion": codes(hearings["criterion"]),
            "repeat": flags(hearings["repeat"]),
            "children_count": pa.array(hearings["children"].to_numpy()),
            "area": codes(couples["area"].to_numpy()[couple]),
            "known_from": days(hearings["heard"]),
        }
    )


def _orders(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    breach = rows[(rows["family"] == "breach").to_numpy()]
    starts = breach["occurred"].to_numpy() - rng.integers(10, 200, len(breach))
    kind = np.where(breach["code"] == "00831", "restraining", "non_molestation")
    broken = pd.DataFrame(
        {"person": breach["suspect"], "kind": kind, "starts": starts, "length": 365,
         "breached": breach["occurred"].astype(np.float64), "told": breach["recorded"].astype(np.float64)}
    )  # fmt: skip
    other = rows[rows["crime"].to_numpy(dtype=bool) & rows["domestic"].to_numpy(dtype=bool)]
    other = other[rng.random(len(other)) < parameters.ORDER_AFTER_CRIME]
    begin = other["recorded"].to_numpy() + rng.integers(1, 20, len(other))
    kind = pick(rng, parameters.ORDER_KINDS, len(other))
    kind = np.where((kind == "dvpo") & (begin >= _DAPO), "dapo", kind)
    length = np.select([kind == "dvpo", kind == "bail_conditions"], [28, 90], 365)
    kept = pd.DataFrame(
        {"person": other["suspect"], "kind": kind, "starts": begin, "length": length, "breached": np.nan,
         "told": np.nan}
    )  # fmt: skip
    orders = pd.concat([broken, kept[kept["starts"] <= EXTRACT]], ignore_index=True)
    return orders.sort_values(["starts", "person"], kind="stable", ignore_index=True)


def orders_table(rows: pd.DataFrame, ids: PersonIds, rng: np.random.Generator) -> pa.Table:
    """Return `orders`; a breach comes as a later version of the order's row."""
    orders = _orders(rows, rng).reset_index(names="number")
    first = orders.assign(breached=np.nan, known=orders["starts"].astype(np.float64))
    second = orders[orders["told"].notna()].assign(known=lambda frame: frame["told"])
    orders = pd.concat([first, second]).sort_values(["known", "number"], kind="stable")
    return pa.table(
        {
            "order_id": numbered("O", orders["number"] + 1, 6),
            "person_id": ids(orders["person"]),
            "kind": codes(orders["kind"]),
            "starts_on": days(orders["starts"]),
            "ends_on": days(orders["starts"] + orders["length"]),
            "breached_at": days(orders["breached"]),
            "known_from": days(orders["known"]),
        }
    )


def custody_table(world: World, ids: PersonIds) -> pa.Table:
    """Return `custody`; its end is overwritten in place, as record systems do."""
    spells = world.custody[world.custody["starts"] <= EXTRACT]
    spells = spells.drop_duplicates(["person", "starts", "kind"]).sort_values(["starts", "person"], kind="stable")
    return pa.table(
        {
            "person_id": ids(spells["person"]),
            "starts_on": days(spells["starts"]),
            "ends_on": days(spells["ends"].where(spells["ends"] <= EXTRACT)),
            "expected_release": days(spells["ends"]),
            "kind": codes(spells["kind"]),
            "known_from": days(spells["starts"]),
        }
    )


def management_table(rows: pd.DataFrame, ids: PersonIds, rng: np.random.Generator) -> pa.Table:
    """Return `management`: MAPPA after serious convictions, IOM and MATAC for some frequent suspects."""
    convicted = rows[rows["serious"].to_numpy(dtype=bool) & (rows["convicted"] <= EXTRACT).to_numpy()]
    mappa = convicted.groupby("suspect")["convicted"].min().reset_index(name="starts").assign(scheme="mappa")
    last = rows.groupby("suspect")["recorded"].agg(["size", "max"]).reset_index()
    often = last[last["size"] >= 5]
    often = often.assign(scheme=pick(rng, {"": 0.6, "iom": 0.2, "matac": 0.2}, len(often)), starts=often["max"])
    found = pd.concat([mappa, often.loc[often["scheme"] != "", ["suspect", "starts", "scheme"]]])
    found = found.sort_values(["starts", "suspect", "scheme"], kind="stable")
    ends = found["starts"] + 540
    return pa.table(
        {
            "person_id": ids(found["suspect"]),
            "scheme": codes(found["scheme"]),
            "starts_on": days(found["starts"]),
            "ends_on": days(ends.where(ends <= EXTRACT)),
            "known_from": days(found["starts"]),
        }
    )


def needs_table(world: World, rows: pd.DataFrame, ids: PersonIds, rng: np.random.Generator) -> pa.Table:
    """Return `needs` of people who were charged or heard at MARAC; never scored."""
    heard = world.hearings.assign(suspect=world.couples["suspect"].to_numpy()[world.hearings["couple"].to_numpy()])[
        ["suspect", "heard"]
    ].rename(columns={"heard": "known"})
    charged = rows.loc[(rows["charged"] <= EXTRACT).to_numpy(), ["suspect", "charged"]]
    seen = pd.concat([heard, charged.rename(columns={"charged": "known"})])
    seen = seen.groupby("suspect")["known"].min().reset_index()
    seen = seen[rng.random(len(seen)) < parameters.NEEDS_RECORDED]
    seen = seen.loc[seen.index.repeat(rng.integers(1, 3, len(seen)))]
    seen = seen.assign(
        need=pick(rng, parameters.NEEDS, len(seen)), agency=pick(rng, parameters.NEEDS_AGENCIES, len(seen))
    )
    seen = seen.drop_duplicates(["suspect", "need", "agency"]).sort_values(["known", "suspect"], kind="stable")
    return pa.table(
        {
            "person_id": ids(seen["suspect"]),
            "need": codes(seen["need"]),
            "agency": codes(seen["agency"]),
            "known_from": days(seen["known"]),
        }
    )


def safety_table(world: World, ids: PersonIds, rng: np.random.Generator) -> pa.Table:
    """Return `safety_checks` of some couples heard in the last year, by the victim's IDVA."""
    recent = world.hearings[world.hearings["heard"] > EXTRACT - 365].drop_duplicates("couple", keep="last")
    recent = recent[rng.random(len(recent)) < parameters.SAFETY_CHECKED]
    on = np.minimum(recent["heard"].to_numpy() + rng.integers(0, 15, len(recent)), EXTRACT)
    couple = recent["couple"].to_numpy()
    return pa.table(
        {
            "person_id": ids(world.couples["suspect"].to_numpy()[couple]),
            "victim_id": ids(victim_numbers(world).to_numpy()[couple]),
            "status": codes(pick(rng, parameters.SAFETY, len(recent))),
            "by_agency": codes(np.full(len(recent), "idva")),
            "checked_on": days(on),
            "known_from": days(on),
        }
    ).take(pa.array(np.argsort(on, kind="stable")))


def service_tables(world: World, ids: PersonIds, rng: np.random.Generator) -> Tables:
    """Return `referrals`, `interventions` and `abuse_assessments` of the Drive service; it has no effect here."""
    cases = _referred(world, rng)
    size = len(cases)
    number = numbered("R", np.arange(1, size + 1), 5)
    decided = cases["referred"].to_numpy() + rng.integers(7, 36, size)
    decision = pick(rng, parameters.DECISIONS, size)
    accepted = (decision == "accepted") & (decided <= EXTRACT)
    started = np.where(accepted, decided + rng.integers(7, 31, size), np.nan)
    started = np.where(started <= EXTRACT, started, np.nan)
    ended = started + rng.integers(150, 366, size)
    ended = np.where(ended <= EXTRACT, ended, np.nan)
    done: pa.Array = pa.array(rng.random(size) < 0.7, mask=np.isnan(ended))
    settled = pa.array(np.flatnonzero(decided <= EXTRACT))
    return {
        "referrals": pa.table(
            {
                "referral_id": number,
                "person_id": ids(cases["suspect"]),
                "area": codes(cases["area"]),
                "referred_at": days(cases["referred"]),
                "route": codes(pick(rng, parameters.ROUTES, size)),
                "known_from": days(cases["referred"]),
            }
        ),
        "interventions": pa.table(
            {
                "referral_id": number,
                "decision": codes(decision),
                "decided_at": days(decided),
                "mode": codes(np.where(accepted, pick(rng, parameters.MODES, size), "")),
                "started_on": days(started),
                "ended_on": days(ended),
                "completed": done,
                "known_from": days(decided),
            }
        ).take(settled),
        "abuse_assessments": _assessments(number, ids(cases["victim"]), started, ended, rng),
    }


def _referred(world: World, rng: np.random.Generator) -> pd.DataFrame:
    hearings = world.hearings[world.hearings["heard"] >= _DRIVE]
    couple = hearings["couple"].to_numpy()
    cases = pd.DataFrame(
        {
            "suspect": world.couples["suspect"].to_numpy()[couple],
            "victim": victim_numbers(world).to_numpy()[couple],
            "area": world.couples["area"].to_numpy()[couple],
            "referred": hearings["heard"].to_numpy() + rng.integers(3, 26, len(hearings)),
        }
    )
    cases = cases[(rng.random(len(cases)) < parameters.REFERRED_AFTER_HEARING) & (cases["referred"] <= EXTRACT)]
    return cases.drop_duplicates("suspect").sort_values(["referred", "suspect"], kind="stable", ignore_index=True)


def _assessments(number: pa.Array, victim: pa.Array, started: Any, ended: Any, rng: np.random.Generator) -> pa.Table:
    parts = []
    for stage, when in (("intake", started), ("closure", ended)):
        rows = np.flatnonzero(~np.isnan(when))
        shares = parameters.GRID[stage]
        grid = {kind: codes(pick(rng, shares, len(rows))) for kind in parameters.ABUSE}
        change = pick(rng, {"reduced": 0.7, "unchanged": 0.2, "increased": 0.05, "unknown": 0.05}, len(rows))
        on = days(when[rows])
        parts.append(
            pa.table(
                {
                    "referral_id": number.take(pa.array(rows)),
                    "victim_id": victim.take(pa.array(rows)),
                    "stage": codes(np.full(len(rows), stage)),
                    **grid,
                    "idva_risk_change": codes(np.where(stage == "closure", change, "")),
                    "assessed_on": on,
                    "known_from": on,
                }
            )
        )
    return pa.concat_tables(parts)


def restricted_table(suspects: int, ids: PersonIds, rng: np.random.Generator) -> pa.Table:
    """Return `restricted`: a few suspects who work for an agency of the panel."""
    rows = np.flatnonzero(rng.random(suspects) < parameters.RESTRICTED)
    return pa.table(
        {
            "person_id": ids(rows),
            "reason": codes(pick(rng, {"officer": 0.6, "panel_member": 0.1, "related": 0.3}, len(rows))),
            "known_from": days(np.full(len(rows), EXTRACT)),
        }
    )
