"""Planted defects of the finished tables: who is who, what is missing, what no list holds.

Failures are numbered as in docs/synthetic-force.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from synthetic import parameters
from synthetic.agencies import PersonIds, Tables
from synthetic.bias_plants import partners_only
from synthetic.columns import codes, days, flags, numbers_in, replaced
from synthetic.lookalikes import neighbours
from synthetic.people import EXTRACT, Bools, Ints, communities_of
from synthetic.person_records import REFERENCES, duplicate_records, scatter
from synthetic.randomness import stream
from synthetic.recording import victim_numbers
from synthetic.settings import ForceSettings, Plant
from synthetic.world import World

ABOUT_PERSONS = ("persons", "addresses", "communities")
_NO_LIST_HOLDS = (
    ("incidents", "incident_id", "offence_code", "98765"),
    ("incidents", "incident_id", "outcome_code", "97"),
    ("incidents", "incident_id", "risk_grade", "extreme"),
    ("dyads", "incident_id", "relationship", "acquaintance"),
    ("marac_hearings", "hearing_id", "criterion", "local_threshold"),
    ("communities", "person_id", "ethnicity_self", "Z9"),
)


@dataclass(frozen=True)
class Made:
    """A force as it stands before a table plant.

    Attributes
    ----------
    tables
        The extract.
    world, people, ids, settings
        What happened, everyone by person number, their ids, and what was asked for.
    truth
        Truth that the plants so far have added, by name of the file.
    """

    tables: Tables
    world: World
    people: pd.DataFrame
    ids: PersonIds
    settings: ForceSettings
    truth: Tables = field(default_factory=dict)

    def people_in(self, table: str, column: str) -> Ints:
        """Return the person numbers behind a column, whether it holds person or record ids."""
        found = self.tables[table][column]
        if "person_records" not in self.truth:
            return self.ids.people(found)
        records = self.truth["person_records"]
        owner = np.full(len(records) + 1, -1, dtype=np.int64)
        owner[numbers_in(records["record_id"])] = self.ids.people(records["person"])
        return np.asarray(owner[numbers_in(found)])

    def changed(self, tables: Tables, truth: Tables | None = None) -> Made:
        """Return the force with other tables and more truth."""
        return replace(self, tables=self.tables | tables, truth=self.truth | (truth or {}))

    def overwritten(self, plant: str, table: str, key: str, column: str, hit: Bools, value: str | None) -> Made:
        """Write one value over the rows under `hit`, and note what stood there."""
        content = self.tables[table]
        rows = pa.array(np.flatnonzero(hit))
        note = pa.table(
            {
                "plant": codes([plant] * len(rows)),
                "table": codes([table] * len(rows)),
                "key": content[key].take(rows),
                "column": codes([column] * len(rows)),
                "was": content[column].take(rows),
                "became": pa.array([value] * len(rows), pa.string()),
            }
        )
        earlier = self.truth.get("planted_values")
        notes = note if earlier is None else pa.concat_tables([earlier, note])
        written = pc.if_else(pa.array(hit), pa.scalar(value, pa.string()), content[column])
        return self.changed({table: replaced(content, column, written)}, {"planted_values": notes})


def _duplicate_records(made: Made, plant: Plant) -> Made:
    return made.changed(*duplicate_records(made.tables, made.world, made.people, made.ids, made.settings))


def _first_record(made: Made) -> pa.Array:
    """Return, for each person number, the id of the first record; missing for people not on record."""
    records = made.truth.get("person_records")
    if records is None:
        found, person = made.tables["persons"]["person_id"], made.people_in("persons", "person_id")
    else:
        records = records.filter(pc.equal(records["place"], 0))
        found, person = records["record_id"], made.ids.people(records["person"])
    row = np.full(len(made.people), -1, dtype=np.int64)
    row[person] = np.arange(len(person))
    return found.combine_chunks().take(pa.array(row, mask=row < 0))


def _wrong_merges(made: Made, plant: Plant) -> Made:
    """Put two suspects, near in age and of one sex and area, under the first one's record."""
    rng = stream(made.settings.seed, "plant wrong_merges")
    record, people = _first_record(made), made.people
    may = np.arange(len(people)) < len(made.world.suspects)
    may &= record.is_valid().to_numpy(zero_copy_only=False)
    may[made.people_in("restricted", "person_id")] = False
    groups = people.assign(area=people["area"].astype(str) + np.where(people["male"], " male", " female"))
    who = np.flatnonzero(may)
    pairs = neighbours(groups, who, people["birth"].to_numpy(dtype=np.float64)[who])
    pairs = pairs[rng.permutation(len(pairs))][: int(plant.options.get("n", parameters.WRONG_MERGES))]
    kept, lost = (record.take(pa.array(pairs[:, side])) for side in (0, 1))
    tables = {name: _renamed(made.tables[name], ("person_id",), lost, kept) for name in ABOUT_PERSONS}
    tables = {name: _one_each(content, kept) for name, content in tables.items()}
    for reference in REFERENCES:
        tables[reference.table] = _renamed(made.tables[reference.table], reference.columns, lost, kept)
    truth = {
        "wrong_merges": pa.table(
            {"record_id": kept, "person_a": made.ids(pairs[:, 0]), "person_b": made.ids(pairs[:, 1])}
        )
    }
    if "person_records" in made.truth:
        truth["person_records"] = _renamed(made.truth["person_records"], ("record_id",), lost, kept)
    return made.changed(tables, truth)


def _renamed(content: pa.Table, columns: tuple[str, ...], old: pa.Array, new: pa.Array) -> pa.Table:
    for column in columns:
        found = pc.index_in(content[column], value_set=old)
        content = replaced(content, column, pc.coalesce(new.take(found.combine_chunks()), content[column]))
    return content


def _one_each(content: pa.Table, kept: pa.Array) -> pa.Table:
    """Keep one row of each merged person, known since the earlier of the two."""
    merged = np.flatnonzero(pc.is_in(content["person_id"], value_set=kept).to_numpy())
    since = numbers_in(content["known_from"])
    frame = pd.DataFrame({"row": merged, "id": content["person_id"].take(pa.array(merged)), "since": since[merged]})
    frame = frame.sort_values(["since", "row"], kind="stable")
    dropped = np.zeros(len(content), dtype=bool)
    dropped[frame.loc[frame.duplicated("id"), "row"]] = True
    return content.filter(pa.array(~dropped))


def _partner_agency_only(made: Made, plant: Plant) -> Made:
    """Leave nothing of the police about the people of this plant: they came on record with their first hearing."""
    hidden = partners_only(made.world, plant, made.settings)
    heard, perpetrator = made.tables["marac_hearings"], made.people_in("marac_hearings", "perpetrator_id")
    first = np.full(len(made.people), EXTRACT + 1, dtype=np.int64)
    np.minimum.at(first, perpetrator, numbers_in(heard["heard_at"]))
    tables = {}
    for name in ABOUT_PERSONS:
        content, person = made.tables[name], made.people_in(name, "person_id")
        ours = np.isin(person, hidden)
        for column in {"known_from", "from"} & set(content.column_names):
            content = replaced(content, column, days(np.where(ours, first[person], numbers_in(content[column]))))
        tables[name] = content
    ours = np.isin(made.people_in("persons", "person_id"), hidden)
    unarrested = pc.if_else(pa.array(ours), pa.scalar(None, pa.string()), tables["persons"]["pnc_id"])
    tables["persons"] = replaced(tables["persons"], "pnc_id", unarrested)
    for name in ("orders", "custody", "management", "needs"):
        ours = np.isin(made.people_in(name, "person_id"), hidden)
        if name == "needs":
            ours &= pc.equal(made.tables[name]["agency"], "police").to_numpy()
        tables[name] = made.tables[name].filter(pa.array(~ours))
    by_police = np.isin(perpetrator, hidden) & pc.equal(heard["referring_agency"], "police").to_numpy()
    made = made.changed(tables)
    return made.overwritten(plant.name, "marac_hearings", "hearing_id", "referring_agency", by_police, "idva")


def _unrecorded_ethnicity(made: Made, plant: Plant) -> Made:
    """Blank some recorded codes and make others not stated: two different states (failure 7)."""
    area = plant.options.get("area", next(iter(made.settings.areas)))
    community = plant.options.get("community", "black")
    person = made.people_in("communities", "person_id")
    suspects = made.world.suspects
    chosen = np.zeros(len(made.people), dtype=bool)
    chosen[: len(suspects)] = (suspects["area"] == area).to_numpy() & (
        communities_of(suspects["ethnicity"]) == community
    )
    written = made.tables["communities"]["ethnicity_self"]
    can = chosen[person] & pc.fill_null(pc.not_equal(written, "NS"), False).to_numpy()
    draw = stream(made.settings.seed, "plant unrecorded_ethnicity").random(len(person))
    blank, named = parameters.UNRECORDED["blank"], parameters.UNRECORDED["not_stated"]
    where = ("communities", "person_id", "ethnicity_self")
    made = made.overwritten(plant.name, *where, can & (draw < blank), None)
    return made.overwritten(plant.name, *where, can & (draw >= blank) & (draw < blank + named), "NS")


def _relationship_missing(made: Made, plant: Plant) -> Made:
    suspect, victim = made.people_in("dyads", "suspect_id"), made.people_in("dyads", "victim_id")
    draw = scatter(made.settings.seed, "relationship", np.minimum(suspect, victim), np.maximum(suspect, victim))
    hit = draw < parameters.RELATIONSHIP_MISSING
    if "area" in plant.options:
        hit &= (made.people["area"].to_numpy() == plant.options["area"])[suspect]
    hit &= pc.not_equal(made.tables["dyads"]["relationship_source"], "unknown").to_numpy()
    made = made.overwritten(plant.name, "dyads", "incident_id", "relationship", hit, None)
    return made.overwritten(plant.name, "dyads", "incident_id", "relationship_source", hit, "unknown")


def _unmapped_codes(made: Made, plant: Plant) -> Made:
    for table, key, column, code in _NO_LIST_HOLDS:
        content = made.tables[table]
        number = numbers_in(content[key])  # the versions of one row get the same unknown code
        draw = scatter(made.settings.seed, f"unmapped {column}", number, np.zeros_like(number))
        hit = (draw < parameters.UNMAPPED_SHARE) & content[column].is_valid().to_numpy()
        made = made.overwritten(plant.name, table, key, column, hit, code)
    return made


def _regime_break(made: Made, plant: Plant) -> Made:
    """Leave out the columns that would name the break which `regime_plants` makes."""
    incidents = made.tables["incidents"]
    blank = pa.nulls(len(incidents), pa.string())
    for column in ("counting_regime", "risk_tool", "risk_tool_version"):
        incidents = replaced(incidents, column, blank)
    return made.changed({"incidents": incidents})


def _serial_flags(made: Made, plant: Plant) -> Made:
    """Let three agencies flag serial perpetrators, each by its own definition and each seeing other people.

    Police (scheme `matac`): two recorded victims in three years, most of them noticed. Probation (`iom`) and the
    third sector (`pdp`, the contract has no scheme of theirs) see only part of what happened and flag others too.
    Robinson, Clancy and Hanks 2014: 4 % to 20 % by agency, at most 1 in 100 flagged by all.
    """
    rng = stream(made.settings.seed, "plant serial_flags")
    world, size = made.world, len(made.world.suspects)
    recent = (world.events["occurred"] > EXTRACT - 3 * 365).to_numpy()
    victim = victim_numbers(world).to_numpy()[world.events["couple"]]
    pairs = pd.DataFrame({"person": world.events["person"], "victim": victim})
    truly = pairs.groupby("person")["victim"].nunique().reindex(range(size), fill_value=0).to_numpy() > 1
    recorded = pairs[recent].groupby("person")["victim"].nunique().reindex(range(size), fill_value=0).to_numpy()
    known = np.flatnonzero(recorded > 0)
    shares = (parameters.SERIAL_POLICE, parameters.SERIAL_PROBATION, parameters.SERIAL_THIRD_SECTOR)
    seen = (recorded > 1, truly, truly)
    flagged = [
        rng.random(len(known)) < np.where(of[known], share[0], share[1]) for of, share in zip(seen, shares, strict=True)
    ]
    first = world.events[recent].groupby("person")["recorded"].min().reindex(known).to_numpy()
    record = _first_record(made)
    parts = [made.tables["management"]]
    for scheme, flag in zip(("matac", "iom", "pdp"), flagged, strict=True):
        starts = first[flag] + np.floor(rng.random(flag.sum()) * (EXTRACT + 1 - first[flag]))
        parts.append(
            pa.table(
                {
                    "person_id": record.take(pa.array(known[flag])),
                    "scheme": codes(np.full(len(starts), scheme)),
                    "starts_on": days(starts),
                    "ends_on": pa.nulls(len(starts), pa.date32()),
                    "known_from": days(starts),
                }
            )
        )
    truth = {"person": made.ids(known)} | {
        name: flags(flag) for name, flag in zip(("police", "probation", "third_sector"), flagged, strict=True)
    }
    return made.changed(
        {"management": pa.concat_tables(parts)},
        {"serial_flags": pa.table(truth | {"truly_serial": flags(truly[known])})},
    )


# In this order, whatever the order asked for: records are split and merged before single values are touched.
_HOW: Mapping[str, Callable[[Made, Plant], Made]] = {
    "partner_agency_only": _partner_agency_only,
    "duplicate_records": _duplicate_records,
    "serial_flags": _serial_flags,
    "wrong_merges": _wrong_merges,
    "regime_break": _regime_break,
    "unrecorded_ethnicity": _unrecorded_ethnicity,
    "relationship_missing": _relationship_missing,
    "unmapped_codes": _unmapped_codes,
}


NEEDING_ALL = frozenset(_HOW) | {"deliveries"}
"""Plants for which all tables must be in memory at once."""


def plant_tables(
    tables: Tables, world: World, people: pd.DataFrame, ids: PersonIds, settings: ForceSettings
) -> tuple[Tables, Tables]:
    """Plant every defect of the finished tables that was asked for; return the extract and the truth about it."""
    made = Made(tables, world, people, ids, settings)
    asked = {plant.name: plant for plant in settings.plants}
    for name, how in _HOW.items():
        if name in asked:
            made = how(made, asked[name])
    return made.tables, made.truth
