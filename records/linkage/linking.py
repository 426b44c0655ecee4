# ruff: noqa: S608 - every name in the SQL is one of ours
"""Linkage from a snapshot to a crosswalk."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from records.linkage.agreement import Name
from records.linkage.clusters import Described, Group, Link, gather_persons, weakest_holding
from records.linkage.crosswalk import Crosswalk, latest_crosswalk, store_crosswalk
from records.linkage.decisions import LINK, Decision, Decisions
from records.linkage.keys import assign_keys, list_changes
from records.linkage.model import COLUMNS, COMPARISONS, Weights
from records.linkage.pairs import PAIRS, score
from records.linkage.person_records import APART, RECORDS, gather
from records.linkage.settings import LinkageSettings
from records.linkage.tables import behind, evidence
from records.linkage.training import learn
from records.snapshot import Snapshot
from values import Progress, silent

_PNC = next(each for each in COMPARISONS if each.name == "pnc")
_PNC_SAME = [level.name for level in _PNC.levels].index("same")
_STEPS = 5


def link(
    db: duckdb.DuckDBPyConnection,
    root: Path,
    snapshot: Snapshot,
    settings: LinkageSettings,
    progress: Progress = silent,
) -> Crosswalk:
    """Link the person records of `snapshot` and publish the crosswalk; the same input gives the same version.

    A version made from the same snapshot, settings and decisions is returned as it is.

    Parameters
    ----------
    db
        A `records.storage.database.workbench`.
    root
        The record store's folder.
    snapshot
        A snapshot of person records, or a linked one made from it.
    settings
        Thresholds and training.
    progress
        Told of each step.
    """
    snapshot = behind(snapshot)
    decisions = Decisions(root)
    inputs = {"snapshot": str(snapshot.hash), "settings": settings.to_dict(), "decisions": str(decisions.hash)}
    previous = latest_crosswalk(root)
    if previous is not None and previous.card["inputs"] == inputs:
        return previous
    progress("gather records", 0, _STEPS)
    records = gather(db, evidence(db, snapshot))
    progress("learn weights", 1, _STEPS)
    weights = learn(db, records, settings, progress)
    progress("compare pairs", 2, _STEPS)
    score(db, weights, settings)
    progress("gather persons", 3, _STEPS)
    described = _described(db)
    groups, left_off = _persons(db, described, settings, decisions.current())
    before = previous.keys if previous is not None else {}
    persons = _table(groups, described, before)
    grey = _grey(db, settings, persons, left_off, decisions.current())
    progress("write crosswalk", 4, _STEPS)
    card = _card(inputs, weights, previous, persons, grey, decisions.current())
    card["counts"]["unlinkable"] = _unlinkable(db, weights, settings)
    found = store_crosswalk(root, persons, grey, card)
    progress("write crosswalk", _STEPS, _STEPS)
    return found


def _described(db: duckdb.DuckDBPyConnection) -> dict[str, Described]:
    rows = db.execute(
        "SELECT record_id, dob, pnc, given, family, forms, given_root, given_count, given_listed "
        f"FROM {RECORDS} ORDER BY record_id"
    ).fetchall()
    return {
        record: Described(
            dob or "", pnc or "", Name(given, family or "", tuple(forms), root, count, listed) if given else None
        )
        for record, dob, pnc, given, family, forms, root, count, listed in rows
    }


def _apart(db: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Return for each record with a candidate the records it appears beside in some event."""
    rows = db.execute(
        f"SELECT record_l, record_r FROM {APART} WHERE record_l IN (SELECT record_l FROM {PAIRS} UNION SELECT record_r "
        f"FROM {PAIRS}) AND record_r IN (SELECT record_l FROM {PAIRS} UNION SELECT record_r FROM {PAIRS})"
    ).fetchall()
    return _both_ways(rows)


def _both_ways(pairs: list[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for left, right in pairs:
        found.setdefault(left, set()).add(right)
        found.setdefault(right, set()).add(left)
    return found


def _persons(
    db: duckdb.DuckDBPyConnection,
    described: Mapping[str, Described],
    settings: LinkageSettings,
    decided: Mapping[tuple[str, str], Decision],
) -> tuple[list[Group], list[Link]]:
    rows = db.execute(
        f"SELECT record_l, record_r, weight, probability, level_pnc FROM {PAIRS} "
        "WHERE bar IS NULL AND probability >= ?",
        [settings.upper],
    ).fetchall()
    links = [
        Link(left, right, weight, probability, "pnc" if level == _PNC_SAME else "model")
        for left, right, weight, probability, level in rows
    ]
    present = {pair: each for pair, each in decided.items() if pair[0] in described and pair[1] in described}
    links += [Link(*pair, 0.0, 1.0, "clerical") for pair, each in present.items() if each.decision == LINK]
    separated = _both_ways([pair for pair, each in present.items() if each.decision != LINK])
    return gather_persons(described, links, _apart(db), separated)


def _table(groups: list[Group], described: Mapping[str, Described], before: Mapping[str, str]) -> pd.DataFrame:
    """Return the crosswalk: record_id, person_id, match_probability, how, birth_contradicts."""
    keys = assign_keys([group.records for group in groups], before)
    rows: list[tuple[str, str, float, str, bool]] = []
    for group, key in zip(groups, keys, strict=True):
        held = weakest_holding(group, key)
        unsure = _birth_contradicts(described[record].birth for record in group.records)
        for record in group.records:
            # the record that the others hang on is as sure as its surest link
            link = held.get(record) or max(
                (each for each in group.links if record in each.pair), key=lambda each: each.probability, default=None
            )
            rows.append(
                (record, key, link.probability, link.how, unsure) if link else (record, key, 1.0, "single", unsure)
            )
    columns = {"record_id": "str", "person_id": "str", "match_probability": "float64", "how": "str"}
    return pd.DataFrame(sorted(rows), columns=[*columns, "birth_contradicts"]).astype(columns)


def _birth_contradicts(births: Iterable[str]) -> bool:
    """Say whether two dates of birth are given by as many records as each other, and no other by more."""
    counts = [count for _, count in Counter(birth for birth in births if birth).most_common(2)]
    return len(counts) == 2 and counts[0] == counts[1]


def _grey(
    db: duckdb.DuckDBPyConnection,
    settings: LinkageSettings,
    persons: pd.DataFrame,
    left_off: list[Link],
    decided: Mapping[tuple[str, str], Decision],
) -> pd.DataFrame:
    """Return the pairs of records of different persons that nobody has decided, with the weight of each comparison."""
    db.register("link_persons", persons)
    db.register("link_chains", _pairs_frame([each.pair for each in left_off]))
    db.register("link_decided", _pairs_frame(list(decided)))
    details = ", ".join(f"weight_{name}, level_{name}" for name in COLUMNS)
    frame = db.execute(
        f"""
        SELECT p.record_l, p.record_r, probability,
               coalesce(bar, CASE WHEN c.record_l IS NOT NULL THEN 'chain' END, '') AS bar, weight, {details}
        FROM {PAIRS} p JOIN link_persons a ON a.record_id = p.record_l JOIN link_persons b ON b.record_id = p.record_r
        LEFT JOIN link_chains c ON c.record_l = p.record_l AND c.record_r = p.record_r
        ANTI JOIN link_decided d ON d.record_l = p.record_l AND d.record_r = p.record_r
        WHERE a.person_id <> b.person_id
        ORDER BY p.record_l, p.record_r
        """
    ).df()
    levels = {f"level_{name}": "Int64" for name in COLUMNS}
    for name in ("link_persons", "link_chains", "link_decided"):
        db.unregister(name)
    return frame.astype({"record_l": "str", "record_r": "str", "bar": "str", **levels})


def _unlinkable(db: duckdb.DuckDBPyConnection, weights: Weights, settings: LinkageSettings) -> int:
    """Return how many records would not be linked even to a record that says exactly the same."""
    parts = []
    for comparison in COMPARISONS:
        column = {"birth": "dob", "place": "postcodes"}.get(comparison.name, comparison.name)
        agree, chance = weights.levels[comparison.name][0]
        if comparison.levels[1].frequency and weights.counts_frequencies:
            share = f"count(*) OVER (PARTITION BY {column}) / count({column}) OVER ()"
            parts.append(f"CASE WHEN {column} IS NULL THEN 0 ELSE log2({agree} / ({share})) END")
        else:
            parts.append(f"CASE WHEN {column} IS NULL THEN 0 ELSE {math.log2(agree / chance)} END")
    least = math.log2(settings.upper / (1 - settings.upper)) - math.log2(weights.prior / (1 - weights.prior))
    [(count,)] = db.execute(
        f"SELECT count(*) FROM (SELECT {' + '.join(parts)} AS most FROM {RECORDS}) WHERE most < {least}"
    ).fetchall()
    return int(count)


def _pairs_frame(pairs: list[tuple[str, str]]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["record_l", "record_r"]).astype("str")


def _card(
    inputs: Mapping[str, Any],
    weights: Weights,
    previous: Crosswalk | None,
    persons: pd.DataFrame,
    grey: pd.DataFrame,
    decided: Mapping[tuple[str, str], Decision],
) -> dict[str, Any]:
    keys = dict(zip(persons["record_id"], persons["person_id"], strict=True))
    sizes = persons.groupby("person_id").size().value_counts().sort_index()
    changes = list_changes(previous.keys, keys, {record for pair in decided for record in pair}) if previous else []
    return {
        "inputs": dict(inputs),
        "model": {"hash": str(weights.hash), **weights.to_dict()},
        "previous": str(previous.version) if previous else None,
        "counts": {
            "records": len(persons),
            "persons": int(persons["person_id"].nunique()),
            "linked": int((persons["how"] != "single").sum()),
            "how": {str(name): int(count) for name, count in persons["how"].value_counts().sort_index().items()},
            "births_contradict": int(persons.loc[persons["birth_contradicts"], "person_id"].nunique()),
            "grey": len(grey),
            "grey_by_bar": {str(name): int(count) for name, count in grey["bar"].value_counts().sort_index().items()},
            "sizes": {str(size): int(count) for size, count in sizes.items()},
            "decisions": len(decided),
        },
        "changes": changes,
    }
