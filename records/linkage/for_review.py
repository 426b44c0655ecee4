"""The pairs that people are asked about: the queue, records of challenged persons, decisions that contradict."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from records.linkage.crosswalk import Crosswalk
from records.linkage.decisions import LINK, Decision
from records.linkage.model import COMPARISONS
from records.linkage.review import Values, impact_of, queue, weighed
from records.linkage.tables import behind
from records.snapshot import Snapshot

QUEUED, CHALLENGED, CONTRADICTED = "queue", "challenge", "contradiction"
MOST_RECORDS = 20
"""Of a challenged person with more records than this, those that say most are shown."""
_ABSENT = "not recorded in one of them"

Pair = tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """Two records about which people are asked.

    Attributes
    ----------
    record_l, record_r
        Their ids, the smaller first.
    person_l, person_r
        The person keys under which they stand; one and the same where they are linked.
    areas
        Where they have an address or are in an incident.
    why
        ``queue`` (linkage left it open), ``challenge`` (a panel said that a link is wrong) or ``contradiction`` (what
        people decided cannot all hold).
    rows
        (what, value of the first, value of the second, how they compare, weight in bits or None).
    probability, weight, start, bar
        As `Comparison`; None for pairs that linkage did not leave open, whose weights are not kept.
    impact
        The events that the smaller side would bring.
    """

    record_l: str
    record_r: str
    person_l: str
    person_r: str
    areas: tuple[str, ...]
    why: str
    rows: tuple[tuple[str, str, str, str, float | None], ...]
    probability: float | None = None
    weight: float | None = None
    start: float | None = None
    bar: str = ""
    impact: int = 0


def for_review(
    snapshot: Snapshot,
    crosswalk: Crosswalk,
    decided: Mapping[Pair, Decision],
    challenged: Collection[str],
    most: int,
) -> list[Asked]:
    """Return the pairs to ask about: contradictions, what a challenge is about, then the queue, `most` of it.

    Parameters
    ----------
    snapshot
        The snapshot of person records, or one linked from it.
    decided
        The decisions that hold.
    challenged
        Keys of persons whose links a panel challenged.
    most
        How many pairs of the queue, those that matter most first.
    """
    base = behind(snapshot)
    open_ = queue(crosswalk, impact_of(base))
    keys = crosswalk.keys
    touched = open_[
        open_["record_l"].map(keys).isin(list(challenged)) | open_["record_r"].map(keys).isin(list(challenged))
    ]
    impact = {(row["record_l"], row["record_r"]): int(row["impact"]) for row in open_.to_dict("records")}
    why: dict[Pair, str] = dict.fromkeys(contradictions(crosswalk, decided), CONTRADICTED)
    values_of_challenged = Values(base, [record for record, key in keys.items() if key in challenged])
    for pair in [*_within(crosswalk, challenged, values_of_challenged), *_pairs(touched)]:
        why.setdefault(pair, CHALLENGED)
    for pair in _pairs(open_.head(most)):
        why.setdefault(pair, QUEUED)
    records = sorted({record for pair in why for record in pair})
    values, areas = Values(base, records), _areas(base, records)
    grey = {(row["record_l"], row["record_r"]): row for row in crosswalk.grey.to_dict("records")}
    return [
        _asked(pair, reason, keys, values, areas, grey.get(pair), impact.get(pair, 0)) for pair, reason in why.items()
    ]


def contradictions(crosswalk: Crosswalk, decided: Mapping[Pair, Decision]) -> list[Pair]:
    """Return the pairs whose decision does not hold in a crosswalk, since other decisions stand against it."""
    keys = crosswalk.keys
    known = [(pair, each) for pair, each in sorted(decided.items()) if pair[0] in keys and pair[1] in keys]
    return [pair for pair, each in known if (keys[pair[0]] == keys[pair[1]]) != (each.decision == LINK)]


def _within(crosswalk: Crosswalk, persons: Collection[str], values: Values) -> list[Pair]:
    """Return the pairs of the record of each person that says most with each of their others."""
    found = []
    for _, records in crosswalk.persons[crosswalk.persons["person_id"].isin(list(persons))].groupby("person_id"):
        told = sorted(records["record_id"], key=lambda record: (-_says(values, record), record))[:MOST_RECORDS]
        found += [(min(told[0], other), max(told[0], other)) for other in told[1:]]
    return found


def _says(values: Values, record: str) -> int:
    return sum(bool(values.of(record, comparison.name)) for comparison in COMPARISONS)


def _asked(
    pair: Pair,
    why: str,
    keys: Mapping[str, str],
    values: Values,
    areas: Mapping[str, set[str]],
    grey: Mapping[Any, Any] | None,
    impact: int,
) -> Asked:
    left, right = pair
    where = tuple(sorted(areas.get(left, set()) | areas.get(right, set())))
    if grey is None:
        rows = tuple(_unweighed(values, left, right))
        return Asked(left, right, keys[left], keys[right], where, why, rows)
    found = weighed(grey, values)
    return Asked(
        left,
        right,
        keys[left],
        keys[right],
        where,
        why,
        found.rows,
        found.probability,
        found.weight,
        found.start,
        found.bar,
        impact,
    )


def _unweighed(values: Values, left: str, right: str) -> Iterable[tuple[str, str, str, str, None]]:
    for comparison in COMPARISONS:
        one, other = values.of(left, comparison.name), values.of(right, comparison.name)
        if comparison.name == "company":  # told by weights alone
            continue
        said = _ABSENT if not one or not other else "same" if one == other else "different"
        yield comparison.label, one, other, said, None


def _areas(snapshot: Snapshot, records: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    shown = snapshot.reading("display")  # of pages: areas say who may look
    involved = shown.table("involvements", ["incident_id", "person_id"])
    involved = involved[involved["person_id"].isin(records)]
    incidents = shown.table("incidents", ["incident_id", "area"]).drop_duplicates()
    tables = [involved.merge(incidents, on="incident_id")[["person_id", "area"]]]
    if shown.has("addresses.area"):
        addresses = shown.table("addresses", ["person_id", "area"])
        tables.append(addresses[addresses["person_id"].isin(records)])
    for record, area in pd.concat(tables).dropna().drop_duplicates().itertuples(index=False):
        found.setdefault(str(record), set()).add(str(area))
    return found


def _pairs(frame: pd.DataFrame) -> list[Pair]:
    return [(str(left), str(right)) for left, right in zip(frame["record_l"], frame["record_r"], strict=True)]
