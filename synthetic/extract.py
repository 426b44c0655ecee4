"""The made-up extract: the core tables of the data contract, with explicit `known_from`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from synthetic import agencies, parameters
from synthetic.agencies import PersonIds, Tables
from synthetic.columns import codes, days, flags, numbered, same, write_csv
from synthetic.communities import record_communities
from synthetic.names import family_names, given_names, postcodes
from synthetic.people import EXTRACT, Ints, pick
from synthetic.randomness import stream
from synthetic.recording import regime_of, tool_of
from synthetic.settings import EXTRACT_DATE, ForceSettings
from synthetic.world import World

FORCE = "synthetic_force"
SOURCE = "synthetic force"
_INVERSE = {"parent": "child", "child": "parent"}


def people_of(world: World) -> pd.DataFrame:
    """Return everyone by person number: suspects, then victims (some numbers stay unused)."""
    columns = ["male", "ethnicity", "area", "birth"]
    return pd.concat([world.suspects[columns], world.couples[columns]], ignore_index=True)


_TICKS = ("weapon", "injury", "children_present", "alcohol", "drugs")
_INCIDENT_COLUMNS = (
    "recorded", "corrected", "correction", "code", "domestic", "crime", "outcome", "closed", "reported", "risk_grade",
    "area", "occurred", "strangled", "reported_by", *_TICKS,
)  # fmt: skip


def incidents_table(rows: pd.DataFrame) -> pa.Table:
    """Return `incidents`; a corrected row comes as two versions."""
    number = np.arange(len(rows))
    first = rows[list(_INCIDENT_COLUMNS)].assign(number=number, known=rows["recorded"].astype(np.float64))
    corrected = first[first["corrected"].notna()].assign(known=lambda frame: frame["corrected"])
    was = first["correction"].where(first["corrected"].notna(), "")
    wrong_code = np.where(first["code"] == "10501", "14900", "10501")
    first = first.assign(
        domestic=first["domestic"] ^ (was == "domestic"),
        code=first["code"].mask((was == "code").to_numpy(), pd.Series(wrong_code)).mask(was == "crime", None),
        crime=first["crime"] & (was != "crime"),
        outcome=np.where(was == "crime", "", first["outcome"]),
    )
    every = pd.concat([first, corrected]).sort_values(["known", "number"], kind="stable", ignore_index=True)
    closed = every["closed"].where((every["closed"] <= EXTRACT) & (every["outcome"] != ""))
    tool = tool_of(every["reported"]).where(every["risk_grade"] != "", "")
    ids = numbered("I", every["number"] + 1)
    columns: dict[str, pa.Array] = {
        "incident_id": ids,
        "event_group": numbered("E", every["number"] + 1),
        "force": same(FORCE, len(every)),
        "area": codes(every["area"]),
        "occurred_from": days(every["occurred"]),
        "occurred_to": days(every["occurred"]),
        "reported_on": days(every["reported"]),
        "offence_code": codes(every["code"]),
        "is_crime": flags(every["crime"]),
        "domestic": flags(every["domestic"]),
        "outcome_code": codes(every["outcome"].where(closed.notna(), "")),
        "outcome_at": days(closed),
        "risk_tool": codes(tool["risk_tool"]),
        "risk_tool_version": codes(tool["risk_tool_version"]),
        "risk_grade": codes(every["risk_grade"]),
        "strangulation": flags(every["strangled"]),
        "reported_by": codes(every["reported_by"]),
        "counting_regime": codes(regime_of(every["reported"])),
        "known_from": days(every["known"]),
    }
    return pa.table(columns | {name: flags(every[name]) for name in _TICKS})


_ROLES = ("suspect", "victim")
_STATUSES = ("", "alleged", "charged", "nfa", "convicted")


def _status(name: str) -> np.int8:
    return np.int8(_STATUSES.index(name))


def _roles(rows: pd.DataFrame, person: str, role: str, status: Any, **days_of: Any) -> pd.DataFrame:
    """Return involvements with codes and days as small as they go: at scale they are the largest frame by far."""
    columns = {
        "number": rows["number"].to_numpy(np.int32),
        "person": rows[person].to_numpy(np.int32),
        "role": np.int8(_ROLES.index(role)),
        "status": np.asarray(status, dtype=np.int8),
    }
    dated = {name: np.asarray(days_of[name], dtype=np.float32) for name in ("status_at", "arrested", "known")}
    return pd.DataFrame(columns | dated, index=rows.index)


def _suspect_versions(rows: pd.DataFrame, in_place: bool) -> pd.DataFrame:
    """Return one row a version of each suspect's involvement: recorded, arrested, closed, convicted."""
    arrested, closed, convicted = (
        rows[name].where(rows[name] <= EXTRACT) for name in ("arrested", "closed", "convicted")
    )
    recorded = rows["recorded"].astype(np.float32)
    final = np.where(rows["charged"].notna(), _status("charged"), _status("nfa"))
    known = {"status_at": recorded, "arrested": arrested, "known": recorded}
    base = _roles(rows, "suspect", "suspect", _status("alleged"), **known)
    if in_place:  # the system keeps the last status only, without its date
        last = np.where(convicted.notna(), _status("convicted"), np.where(closed.notna(), final, _status("alleged")))
        return base.assign(status=last, status_at=np.float32(np.nan))
    late = base["arrested"] > base["known"]
    first = base.assign(arrested=base["arrested"].where(~late))
    later = base[late].assign(known=lambda frame: frame["arrested"])
    parts = [first, later]
    for status, when in ((final, closed), (np.full(len(rows), _status("convicted")), convicted)):
        has = when.notna().to_numpy()
        day = when.to_numpy(np.float32)[has]
        parts.append(base[has].assign(status=status[has].astype(np.int8), status_at=day, known=day))
    return pd.concat(parts)


def involvements_table(rows: pd.DataFrame, ids: PersonIds, in_place: bool) -> pa.Table:
    """Return `involvements`; statuses come as later versions unless they are overwritten `in_place`."""
    columns = ["suspect", "victim", "both_roles", "recorded", "arrested", "charged", "closed", "convicted"]
    rows = rows[columns].assign(number=np.arange(len(rows)))
    both = rows[rows["both_roles"]]
    second = both.assign(suspect=both["victim"], arrested=np.nan, charged=np.nan, convicted=np.nan)
    suspects = pd.concat([_suspect_versions(rows, in_place), _suspect_versions(second, in_place)])
    hurt = pd.concat([rows[rows["victim"] >= 0], both.assign(victim=both["suspect"])])
    victims = _roles(hurt, "victim", "victim", _status(""), status_at=np.nan, arrested=np.nan, known=hurt["recorded"])
    every = pd.concat([suspects, victims], ignore_index=True)
    order = np.lexsort([every[name].to_numpy() for name in ("person", "role", "number", "known")])
    del suspects, victims, hurt
    every = every.take(order)
    return pa.table(
        {
            "incident_id": numbered("I", every["number"] + 1),
            "person_id": ids(every["person"]),
            "role": pa.array(_ROLES).take(pa.array(every["role"].to_numpy())),
            "status": codes(pa.array(_STATUSES).take(pa.array(every["status"].to_numpy()))),
            "status_at": days(every["status_at"]),
            "arrested_at": days(every["arrested"]),
            "known_from": days(every["known"]),
        }
    )


def dyads_table(rows: pd.DataFrame, world: World, ids: PersonIds, rng: np.random.Generator) -> pa.Table:
    """Return `dyads`: who acted against whom in each domestic incident."""
    couples = world.couples
    relationship = couples["relationship"].to_numpy(dtype=object)
    source = pick(rng, parameters.RELATIONSHIP_KNOWN, len(couples))
    together = rng.random(len(couples)) < pd.Series(relationship).map(dict(parameters.COHABITING)).to_numpy()
    first_seen = rows[rows["couple"] >= 0].groupby("couple")["occurred"].min().reindex(range(len(couples)))
    parted = first_seen - rng.integers(0, 400, len(couples))
    parted = parted.where((relationship == "ex_partner") & (rng.random(len(couples)) < 0.4))
    rows = rows.assign(number=np.arange(len(rows)), turned=rows["suspect"] >= len(world.suspects))
    rows = rows[rows["victim"] >= 0]
    both = rows[rows["both_roles"]]
    other = both.assign(suspect=both["victim"], victim=both["suspect"], turned=True)
    every = pd.concat([rows, other]).sort_values(["recorded", "number", "suspect"], kind="stable")
    couple = every["couple"].to_numpy()
    is_to = pd.Series(relationship[couple])
    is_to = is_to.where(~every["turned"].to_numpy(), is_to.replace(_INVERSE))
    return pa.table(
        {
            "incident_id": numbered("I", every["number"] + 1),
            "suspect_id": ids(every["suspect"]),
            "victim_id": ids(every["victim"]),
            "relationship": codes(np.where(source[couple] == "unknown", "", is_to)),
            "relationship_source": codes(source[couple]),
            "cohabiting": flags(together[couple]),
            "separated_on": days(parted.to_numpy()[couple]),
            "known_from": days(every["recorded"]),
        }
    )


def _first_known(rows: pd.DataFrame, size: int) -> Ints:
    first = np.full(size, EXTRACT + 1, dtype=np.int64)
    for role in ("suspect", "victim"):
        known = rows[rows[role] >= 0]
        np.minimum.at(first, known[role].to_numpy(), known["recorded"].to_numpy())
    return first


def person_tables(world: World, rows: pd.DataFrame, ids: PersonIds, settings: ForceSettings) -> Tables:
    """Return `persons`, `addresses` and `communities` of everyone on record in `rows`."""
    rng = stream(settings.seed, "person records")
    people = people_of(world)
    known = _first_known(rows, len(people))
    size = len(people)
    arrested, heard = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    arrested[rows["suspect"].to_numpy()[(rows["arrested"] <= EXTRACT).to_numpy()]] = True
    heard[len(world.suspects) + world.couples["victim"].to_numpy()[world.hearings["couple"].to_numpy()]] = True
    suspected = rows["suspect"].to_numpy()
    suspected = np.concatenate([suspected, rows["victim"].to_numpy()[rows["both_roles"].to_numpy(dtype=bool)]])
    incidents = np.bincount(suspected, minlength=size)
    written = record_communities(people, incidents, arrested, heard, rng)
    death = np.full(size, np.nan)
    death[: len(world.suspects)] = world.suspects["death"].where(world.suspects["death"] <= EXTRACT)
    given, family = given_names(rng, size), family_names(rng, size)
    pnc = pa.compute.if_else(pa.array(arrested), numbered("99/", np.arange(1, size + 1)), pa.scalar(None, pa.string()))
    area_number = pd.Index(list(settings.areas)).get_indexer(pd.Index(people["area"]))
    code = postcodes(area_number, rng)
    order = pa.array(np.array([n for n in np.argsort(ids.numbers, kind="stable") if known[n] <= EXTRACT]))
    person, since = ids(np.arange(size)), days(known)
    return {
        "persons": pa.table(
            {
                "person_id": person,
                "given_name": given,
                "family_name": family,
                "date_of_birth": days(people["birth"]),
                "pnc_id": pnc,
                "deceased_on": days(death),
                "source": same(SOURCE, size),
                "known_from": since,
            }
        ).take(order),
        "addresses": pa.table(
            {"person_id": person, "area": codes(people["area"]), "postcode": code, "from": since, "known_from": since}
        ).take(order),
        "communities": pa.table(
            {"person_id": person} | {name: codes(written[name]) for name in written} | {"known_from": since}
        ).take(order),
    }


def agency_tables(world: World, base: pd.DataFrame, ids: PersonIds, settings: ForceSettings) -> Tables:
    """Return what other agencies hold; planted defects in the police's records change nothing in it.

    Parameters
    ----------
    world
        What happened.
    base
        The incidents as recorded before planted defects.
    ids
        The ids of people.
    settings
        Size and seed.
    """
    rng = stream(settings.seed, "agencies")
    tables = {
        "marac_hearings": agencies.hearings_table(world, ids),
        "orders": agencies.orders_table(base, ids, rng),
        "custody": agencies.custody_table(world, ids),
        "management": agencies.management_table(base, ids, rng),
        "needs": agencies.needs_table(world, base, ids, rng),
        "safety_checks": agencies.safety_table(world, ids, rng),
        "restricted": agencies.restricted_table(len(world.suspects), ids, rng),
    }
    return tables | agencies.service_tables(world, ids, rng)


def incident_tables(
    world: World, rows: pd.DataFrame, ids: PersonIds, settings: ForceSettings, in_place: bool = False
) -> Iterator[tuple[str, pa.Table]]:
    """Make what the police hold about incidents, one table at a time: they are the largest.

    Parameters
    ----------
    world
        What happened.
    rows
        The incidents as recorded, with planted defects, in the order of recording.
    ids
        The ids of people.
    settings
        Size and seed.
    in_place
        Overwrite involvement statuses without a date (the plant `retro_status`).
    """
    yield "incidents", incidents_table(rows)
    yield "involvements", involvements_table(rows, ids, in_place)
    yield "dyads", dyads_table(rows, world, ids, stream(settings.seed, "dyads"))


def manifest_text(settings: ForceSettings) -> str:
    """Return the manifest, which marks every row as made up."""
    return (
        f"source: {SOURCE}\nextract_date: {EXTRACT_DATE}\nperiod: {settings.start} to {EXTRACT_DATE}\nsynthetic: true\n"
    )


def write_extract(tables: Iterable[tuple[str, pa.Table]], folder: Path, settings: ForceSettings) -> dict[str, int]:
    """Write one CSV a table, each before the next is made, and `manifest.yaml`; return the rows of each."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {}
    for name, content in tables:
        write_csv(content, folder / f"{name}.csv")
        rows[name] = content.num_rows
    (folder / "manifest.yaml").write_text(manifest_text(settings), encoding="utf-8")
    return rows
