"""The made-up extract: the core tables of the data contract, with explicit `known_from`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from synthetic import agencies, parameters
from synthetic.agencies import PersonIds, Tables
from synthetic.columns import codes, days, flags, numbered, write_csv
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


def incident_ids(rows: pd.DataFrame) -> pa.Array:
    """Return the ids of recorded incidents, which stand in the order of recording."""
    return numbered("I", np.arange(1, len(rows) + 1))


def incidents_table(rows: pd.DataFrame) -> pa.Table:
    """Return `incidents`; a corrected row comes as two versions."""
    number = np.arange(len(rows))
    first = rows.assign(number=number, known=rows["recorded"].astype(np.float64))
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
        "force": codes(np.full(len(every), FORCE)),
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
    ticks = ("weapon", "injury", "children_present", "alcohol", "drugs")
    return pa.table(columns | {name: flags(every[name]) for name in ticks})


def _suspect_versions(rows: pd.DataFrame, in_place: bool) -> pd.DataFrame:
    """Return one row a version of each suspect's involvement: recorded, arrested, closed, convicted."""
    rows = rows.assign(
        arrested=rows["arrested"].where(rows["arrested"] <= EXTRACT),
        closed=rows["closed"].where(rows["closed"] <= EXTRACT),
        convicted=rows["convicted"].where(rows["convicted"] <= EXTRACT),
    )
    recorded = rows["recorded"].astype(np.float64)
    final = np.where(rows["charged"].notna(), "charged", "nfa")
    base = pd.DataFrame(
        {"number": rows["number"], "person": rows["suspect"], "role": "suspect", "status": "alleged",
         "status_at": recorded, "arrested": rows["arrested"], "known": recorded}
    )  # fmt: skip
    closed = base.assign(status=final, status_at=rows["closed"], known=rows["closed"])
    convicted = base.assign(status="convicted", status_at=rows["convicted"], known=rows["convicted"])
    if in_place:  # the system keeps the last status only, without its date
        last = np.where(rows["convicted"].notna(), "convicted", np.where(rows["closed"].notna(), final, "alleged"))
        return base.assign(status=last, status_at=np.nan)
    late = base["arrested"] > base["known"]
    first = base.assign(arrested=base["arrested"].where(~late))
    later = base[late].assign(known=lambda frame: frame["arrested"])
    return pd.concat([first, later, closed[closed["known"].notna()], convicted[convicted["known"].notna()]])


def involvements_table(rows: pd.DataFrame, ids: PersonIds, in_place: bool) -> pa.Table:
    """Return `involvements`; statuses come as later versions unless they are overwritten `in_place`."""
    rows = rows.assign(number=np.arange(len(rows)))
    both = rows[rows["both_roles"]]
    second = both.assign(suspect=both["victim"], arrested=np.nan, charged=np.nan, convicted=np.nan)
    suspects = pd.concat([_suspect_versions(rows, in_place), _suspect_versions(second, in_place)])
    hurt = pd.concat([rows[rows["victim"] >= 0], both.assign(victim=both["suspect"])])
    victims = pd.DataFrame(
        {"number": hurt["number"], "person": hurt["victim"], "role": "victim", "status": "", "status_at": np.nan,
         "arrested": np.nan, "known": hurt["recorded"].astype(np.float64)}
    )  # fmt: skip
    every = pd.concat([suspects, victims]).sort_values(["known", "number", "role", "person"], kind="stable")
    return pa.table(
        {
            "incident_id": numbered("I", every["number"] + 1),
            "person_id": ids(every["person"]),
            "role": codes(every["role"]),
            "status": codes(every["status"]),
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
                "source": codes(np.full(size, SOURCE)),
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


def police_tables(
    world: World,
    base: pd.DataFrame,
    rows: pd.DataFrame,
    ids: PersonIds,
    settings: ForceSettings,
    in_place: bool = False,
) -> Tables:
    """Return what the police hold: people, incidents, who was involved and against whom.

    Parameters
    ----------
    world
        What happened.
    base
        The incidents as recorded before planted defects; who is on record follows from them.
    rows
        The incidents as recorded, with planted defects, in the order of recording.
    ids
        The ids of people.
    settings
        Size and seed.
    in_place
        Overwrite involvement statuses without a date (the plant `retro_status`).
    """
    return person_tables(world, base, ids, settings) | {
        "incidents": incidents_table(rows),
        "involvements": involvements_table(rows, ids, in_place),
        "dyads": dyads_table(rows, world, ids, stream(settings.seed, "dyads")),
    }


def manifest_text(settings: ForceSettings) -> str:
    """Return the manifest, which marks every row as made up."""
    return (
        f"source: {SOURCE}\nextract_date: {EXTRACT_DATE}\nperiod: {settings.start} to {EXTRACT_DATE}\nsynthetic: true\n"
    )


def write_extract(tables: Tables, folder: Path, settings: ForceSettings) -> None:
    """Write one CSV a table and `manifest.yaml`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tables.items():
        write_csv(content, folder / f"{name}.csv")
    (folder / "manifest.yaml").write_text(manifest_text(settings), encoding="utf-8")
