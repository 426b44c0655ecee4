"""A grown world as tables of the data contract, the offence reference of the package beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.worlds.history import Grown, Ints
from benchmarks.worlds.kinds import HAPPENINGS, PARTS, PLACE, YEAR_DAYS
from records.reference import load_reference
from values import AsOf

START = date(2012, 1, 1)
AREAS = ("north", "south")
LAG_DAYS = 90
_NO_DAY = np.datetime64("NaT", "s")
_BY_CHANCE = {"alcohol": 0.3, "drugs": 0.03, "children_present": 0.3, "injury": 0.1, "weapon": 0.05}


def year_end(years: int) -> AsOf:
    """Return the day on which `years` years of a world are over."""
    return AsOf(START + timedelta(days=YEAR_DAYS * years))


def person_name(number: int) -> str:
    """Return the identifier of a person of a world."""
    return f"SYNTHETIC-{number:06d}"


@dataclass(frozen=True)
class WorldRecords:
    """What `features` and `training` need of a snapshot: tables in memory, everything known on the day it happened."""

    content: Mapping[str, pd.DataFrame]
    extract_date: date

    @property
    def tables(self) -> frozenset[str]:
        """Names of the tables."""
        return frozenset(self.content)

    @property
    def offences(self) -> pd.DataFrame:
        """The shipped offence reference."""
        return load_reference().offences

    def has(self, name: str) -> bool:
        """Say whether there is a table `name`."""
        return name in self.content

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return table `name`."""
        frame = self.content[name]
        return frame.copy() if columns is None else frame[list(columns)].copy()


def records_of(grown: Grown, rng: np.random.Generator) -> WorldRecords:
    """Write down what happened: a day within its part of the year, a victim, and what is recorded by chance."""
    happened = grown.counts[grown.counts > 0]
    person, year, kind, part = (np.repeat(index, happened) for index in np.nonzero(grown.counts))
    before = np.concatenate([[0], np.cumsum(PARTS)[:-1]])[part]
    offset = before + rng.integers(1, np.asarray(PARTS)[part] + 1)
    day = np.datetime64(START, "s") + (year * YEAR_DAYS + offset).astype("timedelta64[D]")
    incident = np.char.mod("E%07d", np.arange(len(person))).astype(object)
    suspect = np.array([person_name(number) for number in range(len(grown.counts))], dtype=object)
    victim = _victims(person, kind)
    flags = {name: rng.random(len(person)) < chance for name, chance in _BY_CHANCE.items()}
    if grown.world.leaks:
        flags["drugs"] |= _followed(grown, person, year)
    pairs = {"incident_id": incident, "suspect_id": suspect[person], "victim_id": victim}
    people = {"person_id": np.concatenate([suspect[person], victim]), "incident_id": np.tile(incident, 2)}
    people |= {"role": np.repeat(np.array(["suspect", "victim"], dtype=object), len(person))}
    people |= {"arrested_at": np.full(2 * len(person), _NO_DAY)}
    alive = {"person_id": suspect, "deceased_on": np.full(len(suspect), _NO_DAY)}
    tables = {
        "incidents": _known({**_incidents(incident, person, kind, day), **flags}, day),
        "involvements": _known(people, np.tile(day, 2)),
        "dyads": _known(pairs, day),
        "persons": _known(alive, np.full(len(suspect), np.datetime64(START, "s"))),
    }
    return WorldRecords(tables, year_end(grown.counts.shape[1]).plus(LAG_DAYS).day)


def _known(columns: Mapping[str, Any], day: Any) -> pd.DataFrame:
    """Return a table whose rows are known from `day` on and stay as they are."""
    return pd.DataFrame({**columns, "known_from": day, "known_to": np.full(len(day), _NO_DAY)})


def _incidents(incident: Any, person: Ints, kind: Ints, day: Any) -> dict[str, Any]:
    codes = np.array([each.offence for each in HAPPENINGS], dtype=object)[kind]
    return {
        "incident_id": incident,
        "area": np.asarray(AREAS, dtype=object)[person % len(AREAS)],
        "occurred_from": day,
        "reported_on": day,
        "offence_code": pd.array(codes, dtype="str"),
        "is_crime": pd.array(codes != np.array(None), dtype="boolean"),
        "domestic": pd.array(np.ones(len(person), dtype=np.bool_), dtype="boolean"),
        "reported_by": np.full(len(person), "victim", dtype=object),
    }


def _victims(person: Ints, kind: Ints) -> Any:
    """Return each incident's victim: one victim a person, and another for each incident that says so."""
    new = np.array([each.new_victim for each in HAPPENINGS])[kind]
    usual = np.char.mod("SYNTHETIC-V%06d", person)
    others = np.char.mod("SYNTHETIC-W%07d", np.arange(len(person)))
    return np.where(new, others, usual).astype(object)


def _followed(grown: Grown, person: Ints, year: Ints) -> npt.NDArray[np.bool_]:
    """Say for each incident whether a serious crime follows in the next year or the one after it."""
    serious = grown.counts[:, :, PLACE["serious"]].sum(axis=2) > 0
    later = np.pad(serious, ((0, 0), (0, 2)))
    return np.asarray(later[person, year + 1] | later[person, year + 2])
