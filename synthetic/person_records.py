"""Person records as a force really holds them: several of one person, each wrong in its own way.

The plant `duplicate_records`. A record system makes a record when somebody writes down an event or an earlier
contact, without finding the ones that exist already. Every event of a person hangs on one of their records; some
records have no event in the extract at all.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from synthetic import corruption, parameters
from synthetic.agencies import PersonIds, Tables
from synthetic.columns import codes, days, flags, numbered, numbers_in, replaced
from synthetic.lookalikes import LookAlikes, draw_lookalikes
from synthetic.names import FAMILY_LONG, GIVEN, frequent_family, frequent_given, postcodes
from synthetic.people import EXTRACT, Bools, Ints, pick
from synthetic.randomness import stream
from synthetic.settings import ForceSettings
from synthetic.world import World
from values import day_number

PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
_PNC_SERIALS = 9_999_991  # the largest prime of seven digits: steps through all serials without a repeat
_NEVER = EXTRACT + 1


@dataclass(frozen=True)
class Reference:
    """A column of the extract that names people, and what tells one event of its table from another."""

    table: str
    columns: tuple[str, ...]
    event: str
    since: str = "known_from"


_INCIDENT = "incident_id"
REFERENCES = (
    Reference("involvements", ("person_id",), _INCIDENT),
    Reference("dyads", ("suspect_id", "victim_id"), _INCIDENT),
    Reference("marac_hearings", ("victim_id", "perpetrator_id"), "hearing_id"),
    Reference("orders", ("person_id",), "order_id", "starts_on"),
    Reference("custody", ("person_id",), "starts_on"),
    Reference("management", ("person_id",), "starts_on"),
    Reference("needs", ("person_id",), "known_from"),
    Reference("safety_checks", ("person_id", "victim_id"), "known_from"),
    Reference("restricted", ("person_id",), "known_from"),
    Reference("referrals", ("person_id",), "referral_id"),
    Reference("abuse_assessments", ("victim_id",), "referral_id", "assessed_on"),
)
"""Everything in the extract that names a person, besides the tables about persons themselves."""


def scatter(seed: int, kind: str, event: Ints, person: Ints) -> npt.NDArray[np.float64]:
    """Return numbers in [0, 1) that depend on seed, kind of event, event and person alone.

    The versions of one event, and the tables that mention it, are so written under one record without a list of
    who was drawn for what (the finaliser of SplitMix64).
    """
    salt = np.uint64(zlib.crc32(kind.encode("ascii")) + (seed << 32) & 0xFFFF_FFFF_FFFF_FFFF)
    mixed = event.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= person.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed += salt
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) / float(1 << 53)


@dataclass(frozen=True)
class Register:
    """All person records: those of a person stand together, the first before the others.

    Attributes
    ----------
    person
        Person number of each record.
    place
        0 for a person's first record, then 1, 2, ...
    since
        Day number on which each record was made.
    start, count
        First record and number of records of each person number.
    ids
        Id of each record; its order says nothing.
    """

    person: Ints
    place: Ints
    since: Ints
    start: Ints
    count: Ints
    ids: pa.Array

    def __len__(self) -> int:
        return len(self.person)


def _events_since(tables: Tables) -> dict[str, Ints]:
    """Return the first day of every row of each referring table, the same for all versions of one event."""
    incidents = tables["incidents"]
    number = numbers_in(incidents[_INCIDENT])
    first = np.full(int(number.max(initial=0)) + 1, _NEVER, dtype=np.int64)
    np.minimum.at(first, number, numbers_in(incidents["known_from"]))
    return {
        reference.table: first[numbers_in(tables[reference.table][_INCIDENT])]
        if reference.event == _INCIDENT
        else numbers_in(tables[reference.table][reference.since])
        for reference in REFERENCES
    }


def _first_days(tables: Tables, ids: PersonIds, since: dict[str, Ints]) -> Ints:
    """Return the day each person number first came on record, a day past the extract where never."""
    first = np.full(len(ids.numbers), _NEVER, dtype=np.int64)
    np.minimum.at(first, ids.people(tables["persons"]["person_id"]), numbers_in(tables["persons"]["known_from"]))
    for reference in REFERENCES:
        for column in reference.columns:
            np.minimum.at(first, ids.people(tables[reference.table][column]), since[reference.table])
    return first


def _attach(
    tables: Tables, ids: PersonIds, first: Ints, start: Ints, count: Ints, since: dict[str, Ints], seed: int
) -> dict[tuple[str, str], Ints]:
    """Say under which record each mention of a person is written: the first event under the first record."""
    attached = {}
    for reference in REFERENCES:
        event = numbers_in(tables[reference.table][reference.event])
        for column in reference.columns:
            person = ids.people(tables[reference.table][column])
            place = np.floor(scatter(seed, reference.event, event, person) * count[person]).astype(np.int64)
            attached[reference.table, column] = start[person] + np.where(
                since[reference.table] <= first[person], 0, place
            )
    return attached


def make_register(
    tables: Tables, people: pd.DataFrame, ids: PersonIds, settings: ForceSettings, rng: np.random.Generator
) -> tuple[Register, dict[tuple[str, str], Ints]]:
    """Draw how many records each person has, and hang every event on one of them.

    Returns
    -------
    tuple
        The register, and the record behind each row of each referring table and column.
    """
    since = _events_since(tables)
    first = _first_days(tables, ids, since)
    count = np.where(first < _NEVER, rng.geometric(1 / parameters.RECORDS_A_PERSON, len(first)), 0).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    attached = _attach(tables, ids, first, start, count, since, settings.seed)
    person = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(person)) - start[person]
    made = np.where(place == 0, first[person], _NEVER)
    for (name, _), record in attached.items():
        np.minimum.at(made, record, since[name])
    made = np.where(made < _NEVER, made, _earlier_contacts(tables, people, person, ids, settings, rng))
    ids_of_records = numbered("N", rng.permutation(len(person)) + 1)
    return Register(person, place, made, start, count, ids_of_records), attached


def _earlier_contacts(
    tables: Tables,
    people: pd.DataFrame,
    person: Ints,
    ids: PersonIds,
    settings: ForceSettings,
    rng: np.random.Generator,
) -> Ints:
    """Draw days of contacts that are no event of the extract: in a person's life and the force's history."""
    last = np.full(len(people), EXTRACT, dtype=np.int64)
    died = tables["persons"].filter(tables["persons"]["deceased_on"].is_valid())
    last[ids.people(died["person_id"])] = numbers_in(died["deceased_on"])
    grown = people["birth"].to_numpy(dtype=np.int64) + int(parameters.YOUNGEST_ON_RECORD * parameters.YEAR)
    first = np.minimum(np.maximum(grown, day_number(settings.start)), last)
    return np.asarray(rng.integers(first[person], last[person] + 1))


@dataclass(frozen=True)
class _People:
    """What is true of each person number: places in the name lists, day of birth, whose postcode, PNC id."""

    given: Ints
    family: Ints
    birth: Ints
    postcode: pa.Array
    pnc: pa.Array


def pnc_ids(people: int, arrested: Bools, rng: np.random.Generator) -> pa.Array:
    """Return valid PNC ids (``YY/NNNNNNNC``) of the people arrested; the letter is the rest of a division by 23."""
    factor, first = int(rng.integers(1, _PNC_SERIALS)), int(rng.integers(0, _PNC_SERIALS))
    serial = (np.arange(people, dtype=np.int64) * factor + first) % _PNC_SERIALS + 1
    year = rng.integers(1990, 2026, people) % 100
    letter = pa.array(list(PNC_LETTERS)).take(pa.array((year * 10_000_000 + serial) % len(PNC_LETTERS)))
    text = pc.binary_join_element_wise(numbered("", year, 2), numbered("", serial, 7), "/")
    text = pc.binary_join_element_wise(text, letter, "")
    return pc.if_else(pa.array(arrested), text, pa.scalar(None, pa.string()))


def _describe(
    tables: Tables,
    people: pd.DataFrame,
    alike: LookAlikes,
    ids: PersonIds,
    settings: ForceSettings,
    rng: np.random.Generator,
) -> _People:
    """Draw what is true of everyone, look-alikes included."""
    size = len(people)
    given, family = frequent_given(people["male"].to_numpy(dtype=bool), rng), frequent_family(rng, size)
    birth, home = people["birth"].to_numpy(dtype=np.int64).copy(), np.arange(size)
    family[alike.second] = family[alike.first]
    home[alike.second] = alike.first
    fathers, sons = alike.of("father_son")
    given[sons] = given[fathers]
    elder, younger = alike.of("twins")
    birth[younger] = birth[elder]
    same = given[elder] == given[younger]
    given[younger[same]] = (given[younger[same]] + 2) % len(GIVEN)  # a name of the same sex
    arrested = np.zeros(size, dtype=bool)
    persons = tables["persons"]
    arrested[ids.people(persons["person_id"])] = persons["pnc_id"].is_valid().to_numpy()
    postcode = _postcodes(people, settings, rng).take(pa.array(home))
    return _People(given, family, birth, postcode, pnc_ids(size, arrested, rng))


def _postcodes(people: pd.DataFrame, settings: ForceSettings, rng: np.random.Generator) -> pa.Array:
    return postcodes(pd.Index(list(settings.areas)).get_indexer(pd.Index(people["area"])), rng)


def _draw_corruptions(register: Register, male: Bools, birth: Ints, rng: np.random.Generator) -> dict[str, Bools]:
    """Say what goes wrong in which record; nothing does in a person's first."""
    later = register.place > 0
    drawn = {name: later & (rng.random(len(later)) < share) for name, share in parameters.CORRUPTION.items()}
    changed = np.where(male[register.person], parameters.FAMILY_CHANGED["male"], parameters.FAMILY_CHANGED["female"])
    drawn["family_changed"] = later & (rng.random(len(later)) < changed)
    possible = corruption.can_swap(birth)[register.person]  # so that 2 % of all records come out swapped
    share = parameters.CORRUPTION["birth_swapped"] / max(float(possible.mean()), 0.02)
    drawn["birth_swapped"] = later & possible & (rng.random(len(later)) < share)
    return drawn


def _written_names(
    register: Register, people: _People, wrong: dict[str, Bools], rng: np.random.Generator
) -> tuple[pa.Array, pa.Array]:
    given = pa.array(GIVEN).take(pa.array(people.given[register.person])).to_numpy(zero_copy_only=False)
    place = people.family[register.person]
    place = np.where(wrong["family_changed"], frequent_family(rng, len(place)), place)
    family = pa.array(FAMILY_LONG).take(pa.array(place)).to_numpy(zero_copy_only=False)
    short, typo = wrong["given_short"], wrong["given_typo"]
    given[short] = corruption.other_forms(given[short].tolist(), rng)
    given[typo] = corruption.typing_errors(given[typo].tolist(), rng)
    typo = wrong["family_typo"]
    family[typo] = corruption.typing_errors(family[typo].tolist(), rng)
    swapped = wrong["names_swapped"]
    given, family = np.where(swapped, family, given), np.where(swapped, given, family)
    return pa.array(given, pa.string()), pa.array(family, pa.string())


def _written_births(register: Register, people: _People, wrong: dict[str, Bools], rng: np.random.Generator) -> pa.Array:
    birth = people.birth[register.person]
    swapped, digit = wrong["birth_swapped"], wrong["birth_digit"]
    birth[swapped] = corruption.swapped_dates(birth[swapped])
    birth[digit] = corruption.one_digit_wrong(birth[digit], rng)
    return days(np.where(wrong["birth_missing"], np.nan, birth))


def _without(values: pa.Array | pa.ChunkedArray, missing: Bools) -> pa.Array | pa.ChunkedArray:
    return pc.if_else(pa.array(missing), pa.scalar(None, values.type), values)


def _other_ethnicity(written: pa.ChunkedArray, wrong: Bools, rng: np.random.Generator) -> pa.Array:
    """Return the codes with another code where the record contradicts the person's first."""
    other = codes(pick(rng, parameters.ETHNICITY, len(written)))
    same = pc.fill_null(pc.equal(other, written), False)
    other = pc.if_else(same, pc.if_else(pc.equal(other, "W1"), "A2", "W1"), other)
    return pc.if_else(pc.and_(pa.array(wrong), written.is_valid()), other, written)


def _person_tables(
    tables: Tables, register: Register, people: _People, world_people: pd.DataFrame, ids: PersonIds,
    wrong: dict[str, Bools], settings: ForceSettings, rng: np.random.Generator,
) -> Tables:  # fmt: skip
    row = np.full(len(world_people), -1, dtype=np.int64)
    row[ids.people(tables["persons"]["person_id"])] = np.arange(tables["persons"].num_rows)
    taken = pa.array(row[register.person])
    given, family = _written_names(register, people, wrong, rng)
    since, of_person = days(register.since), pa.array(register.person)
    moved = _postcodes(world_people.iloc[register.person], settings, rng)
    postcode = pc.if_else(pa.array(wrong["postcode_moved"]), moved, people.postcode.take(of_person))
    persons, communities = tables["persons"].take(taken), tables["communities"].take(taken)
    ethnicity = _other_ethnicity(communities["ethnicity_self"], wrong["ethnicity_other"], rng)
    written = {
        "persons": {
            "person_id": register.ids,
            "given_name": given,
            "family_name": family,
            "date_of_birth": _written_births(register, people, wrong, rng),
            "pnc_id": _without(people.pnc.take(of_person), wrong["pnc_missing"]),
            "deceased_on": persons["deceased_on"],
            "source": persons["source"],
            "known_from": since,
        },
        "addresses": {
            "person_id": register.ids,
            "area": tables["addresses"].take(taken)["area"],
            "postcode": _without(postcode, wrong["postcode_missing"]),
            "from": since,
            "known_from": since,
        },
        "communities": {name: communities[name] for name in communities.column_names}
        | {
            "person_id": register.ids,
            "sex": _without(communities["sex"], wrong["sex_missing"]),
            "ethnicity_self": _without(ethnicity, wrong["ethnicity_missing"]),
            "known_from": since,
        },
    }
    order = pc.sort_indices(register.ids)
    return {name: pa.table(columns).take(order) for name, columns in written.items()}


def duplicate_records(
    tables: Tables, world: World, people: pd.DataFrame, ids: PersonIds, settings: ForceSettings
) -> tuple[Tables, Tables]:
    """Split everyone into person records, and make some people look alike.

    Parameters
    ----------
    tables
        The extract with one record a person.
    people
        Everyone by person number (see `extract.people_of`).
    ids
        The ids of people; they stay in the truth and leave the extract.

    Returns
    -------
    tuple
        The extract with record ids in every column that names a person, and the truth: `person_records`
        (record, person, its place among the person's records, what is wrong with it), `lookalikes`.
    """
    rng = stream(settings.seed, "duplicate records")
    register, attached = make_register(tables, people, ids, settings, rng)
    alike = draw_lookalikes(world, people, register.count > 0, rng)
    true = _describe(tables, people, alike, ids, settings, rng)
    wrong = _draw_corruptions(register, people["male"].to_numpy(dtype=bool), true.birth, rng)
    changed = dict(tables)
    for (name, column), record in attached.items():
        changed[name] = replaced(changed[name], column, register.ids.take(pa.array(record)))
    changed |= _person_tables(tables, register, true, people, ids, wrong, settings, rng)
    truth = {
        "person_records": pa.table(
            {"record_id": register.ids, "person": ids(register.person), "place": pa.array(register.place)}
            | {name: flags(hit) for name, hit in wrong.items()}
        ),
        "lookalikes": pa.table(
            {"person_a": ids(alike.first), "person_b": ids(alike.second), "kind": codes(alike.kind)}
        ),
    }
    return changed, truth
