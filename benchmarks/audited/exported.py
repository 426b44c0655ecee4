"""Audits as they leave, one and two at a time: tables with small groups everywhere, and lists that differ by a few."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

CHARACTERISTICS = {
    "sex": ["male", "female", "", "NS"],
    "ethnicity_self": ["W1", "W9", "A1", "A2", "B2", "M1", "NS", ""],
    "age_band": ["18-24", "25-34", "35-49", "50 and over"],
    "disability": ["no", "yes", ""],
    "religion": ["none", "Christian", "Muslim", "Sikh", "NS", ""],
}
KINDS = ("one more", "an area", "cumulative", "a part", "again")


@dataclass(frozen=True)
class Pair:
    """Two lists of which one holds the other, in the order in which they leave, and the counts withheld below."""

    kind: str
    lists: tuple[pd.DataFrame, pd.DataFrame]
    inside: tuple[tuple[int, int], ...]
    smallest: tuple[int, int] = (10, 10)


def exported(seed: int) -> pd.DataFrame:
    """Return one list of people, the same for the same seed."""
    return _people(np.random.default_rng([seed, 7]))


def exported_pair(seed: int) -> Pair:
    """Return two lists that leave one after the other, the same for the same seed."""
    rng = np.random.default_rng([seed, 2])
    whole = _people(rng, area=True)
    kind = KINDS[seed % len(KINDS)]
    if kind == "again":
        smallest = (10, 5) if rng.random() < 0.5 else (10, 10)
        return Pair(kind, (whole, whole), ((0, 1), (1, 0)), smallest)
    people = whole["person_id"].drop_duplicates().to_numpy()
    if kind == "one more":
        kept = rng.permutation(people)[: max(1, len(people) - int(rng.integers(1, 4)))]
    elif kind == "an area":
        kept = whole.loc[whole["area"] == whole["area"].iloc[0], "person_id"].to_numpy()
    elif kind == "cumulative":
        kept = people[: max(1, int(len(people) * rng.uniform(0.5, 0.95)))]
    else:
        kept = rng.permutation(people)[: max(1, int(len(people) * rng.uniform(0.2, 0.8)))]
    part = whole[whole["person_id"].isin(kept)].reset_index(drop=True)
    if rng.random() < 0.5:
        return Pair(kind, (part, whole), ((0, 1),))
    return Pair(kind, (whole, part), ((1, 0),))


def _people(rng: np.random.Generator, *, area: bool = False) -> pd.DataFrame:
    return people_drawn(rng, int(rng.choice([15, 40, 120, 400, 1500, 4000, 20000])), area=area)


def people_drawn(rng: np.random.Generator, count: int, *, area: bool = False) -> pd.DataFrame:
    """Return a list of so many people; some lists tell of victims, of a score, of areas."""
    score = rng.normal(size=count).round(int(rng.integers(1, 4)))
    line = max(1, int(count * rng.choice([0.003, 0.02, 0.1, 0.4])))
    selected = np.zeros(count, dtype=np.int64)
    selected[np.lexsort((rng.random(count), -score))[:line]] = 1
    harmed = rng.random(count) < rng.choice([0.02, 0.1, 0.4])
    unknown = rng.random(count) < rng.choice([0.0, 0.01, 0.3, 1.0], p=[0.5, 0.2, 0.2, 0.1])
    table = pd.DataFrame({"person_id": [f"p{i}" for i in range(count)], "selected": selected})
    table["outcome"] = np.where(unknown, None, harmed.astype(int).astype(object))
    if rng.random() < 0.3:
        table["score"] = score
    names = rng.permutation(list(CHARACTERISTICS))[: int(rng.integers(2, 4))]
    for name in names:
        table[name] = _drawn(rng, CHARACTERISTICS[name], count)
    if area or rng.random() < 0.3:
        table["area"] = rng.choice(["north", "south", "east"], count, p=rng.dirichlet([2.0, 1.0, 0.3]))
    return _with_victims(rng, table) if rng.random() < 0.3 else table


def _drawn(rng: np.random.Generator, values: list[str], count: int) -> list[str]:
    """Return groups of which some are large and some hold hardly anybody."""
    kept = values[: int(rng.integers(2, len(values) + 1))]
    shares = rng.dirichlet(np.full(len(kept), rng.choice([0.3, 1.0])))
    return list(rng.choice(kept, count, p=shares))


def _with_victims(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    victims = rng.choice([1, 2, 3], len(table), p=[0.8, 0.15, 0.05])
    rows = table.loc[table.index.repeat(victims)].reset_index(drop=True)
    rows["victim_id"] = [f"v{i}" if rng.random() < 0.9 else "" for i in range(len(rows))]
    rows.loc[rows.duplicated(["person_id", "victim_id"]), "victim_id"] = "v"
    rows = rows.drop_duplicates(["person_id", "victim_id"]).reset_index(drop=True)
    rows["victim_sex"] = _drawn(rng, ["female", "male", ""], len(rows))
    return rows
