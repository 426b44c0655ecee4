"""The diagnosis of a backtest: who reported, what drives errors, who is unrecorded, which indicators follow whom.

Here, and only here, rankers, records and communities meet; what comes out are figures about groups.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from drive_panel.workflows.audited import Communities
from fairness import AuditReport, Policy, select_at_audit_depth
from fairness.cells import Cell
from fairness.diagnosis import Reading, error_drivers, missed_harm_bounds, model_missing, read_again
from fairness.diagnosis.readings import MISSED
from fairness.groups import Characteristic
from fairness.policy_schema import Binding
from fairness.proxies import describe_proxy, scan_proxies
from fairness.report import rounded
from fairness.tables import RESERVED, SUBJECTS, split_table
from fairness.verdict import CellVerdict
from features import CATALOGUE, EventStream
from records import Snapshot
from training.experiment import Experiment
from training.follow_up import FollowUp
from training.lists import Ints
from training.read_again import (
    contributions,
    order_without_police_generated,
    outcome_reported_by,
    share_with_reporter,
)
from values import Progress

_EXPLAINED = 3_000  # rows whose contributions are averaged: more would narrow intervals that are narrow by then
_EXPLAINED_IN_AREA = 1_500  # rows with the outcome, of an area whose own backtest refused
_MODELLED = 2_000  # people among whom the unrecorded are told apart
_LOOKED_AT = 20_000  # people whose indicators are scanned
_NAMED = 3  # indicators named a community
_SCANNED = 0.9998  # of each interval: some two hundred indicators are looked at for each community
_OWN = ["row", "selected_unpoliced", "outcome_victim", "outcome_police"]
_AUDITED = ["person_id", "as_of", "area", "split", "score", "outcome", "selected"]
Told = dict[str, Any]
Read = tuple[str, str, Mapping[str, str]]
READINGS: tuple[Read, ...] = (
    ("audit", "all records (the audit)", {}),
    ("victim_outcomes", "victim-reported outcomes only", {"outcome": "outcome_victim"}),
    ("police_outcomes", "police-generated outcomes only", {"outcome": "outcome_police"}),
    ("without_police", "a history without police-generated incidents", {"selected": "selected_unpoliced"}),
    (
        "without_police_victim_outcomes",
        "such a history and victim-reported outcomes",
        {"selected": "selected_unpoliced", "outcome": "outcome_victim"},
    ),
)
"""Key, words, and which columns stand for outcome and selected."""


@dataclass(frozen=True)
class _Case:
    """One ranker's backtest beside communities: every tested row, and one row a victim of it."""

    experiment: Experiment
    name: str
    policy: Policy
    rows: pd.DataFrame
    joined: pd.DataFrame

    @property
    def communities(self) -> Mapping[str, Characteristic]:
        """The subjects' characteristics of every tested row, in the rows' order."""
        whole = self.joined.drop_duplicates("row").sort_values("row")
        victims = [column for column in whole.columns if column.startswith("victim_")]
        own = whole.drop(columns=[*victims, *_OWN], errors="ignore")
        return split_table(own, self.policy.grouping_pairs)[SUBJECTS].characteristics

    @property
    def binding(self) -> list[str]:
        """The subjects' characteristics that the policy binds."""
        return list(dict.fromkeys(each.characteristic for each in self.policy.binding if each.table == SUBJECTS))

    def reading(self, **columns: str) -> pd.DataFrame:
        """Return the audited table with `outcome` or `selected` taken from another column."""
        table = self.joined.assign(**{name: self.joined[column] for name, column in columns.items()})
        return table.drop(columns=_OWN, errors="ignore")


def diagnose(
    experiment: Experiment,
    name: str,
    snapshot: Snapshot,
    stream: EventStream,
    communities: Communities,
    policy: Policy,
    areas: Mapping[str, AuditReport],
    progress: Progress,
) -> Told:
    """Return where the disparities of ranker `name` over all splits may come from, as plain JSON values.

    Parameters
    ----------
    areas
        The backtest audit of each area: what one of them refused is looked at in that area too.

    Returns
    -------
    dict
        ``reporters`` (`fairness.diagnosis.read_again`, or why it is not available), ``drivers``, ``missingness``,
        ``bounds`` and ``proxies``; ``areas``: of each area whose own backtest refused, ``drivers``, ``readings`` and
        ``bounds`` of the groups that it refused; see docs/fairness.md.
    """
    rows = experiment.backtest(name).assign(row=range(len(experiment.test_rows)))
    rows = select_at_audit_depth(rows.assign(score=rows["order"]), policy)
    share = share_with_reporter(stream)
    why_not = _why_not(experiment, share)
    progress("diagnose the backtest", 0, 4)
    if not why_not:
        rows = _with_readings(rows, experiment, name, snapshot, stream, policy)
    kept = [column for column in (*_AUDITED, *_OWN) if column in rows]
    joined = communities.join(rows[kept], stream, experiment.settings.cohort.months)
    case = _Case(experiment, name, policy, rows, joined)
    progress("diagnose the backtest", 1, 4)
    reporters = {"available": False, "why": why_not} if why_not else _by_reporter(case, share)
    progress("diagnose the backtest", 2, 4)
    own = case.communities
    drivers = _drivers(case, {key: own[key] for key in case.binding if key in own})
    progress("diagnose the backtest", 3, 4)
    missing, proxies = _missing(case, own), _proxies(case, own)
    progress("diagnose the backtest", 4, 4)
    found: Told = rounded(
        {
            "reporters": reporters,
            "drivers": drivers,
            "missingness": missing,
            "bounds": missed_harm_bounds(case.reading(), policy),
            "proxies": proxies,
            "areas": dict(_refused_areas(case, areas, () if why_not else READINGS, own)),
        }
    )
    return found


def _refused_areas(
    case: _Case,
    areas: Mapping[str, AuditReport],
    readings: Sequence[Read],
    communities: Mapping[str, Characteristic],
) -> Iterator[tuple[str, Told]]:
    """Yield each area whose own backtest refused, with what sets the groups apart there that it refused."""
    for area, report in areas.items():
        refused = [c for c in report.binding if c.verdict == CellVerdict.REFUSE and c.metric == MISSED]
        if refused:
            yield area, _of_area(case, area, refused, readings, communities)


def _of_area(
    case: _Case,
    area: str,
    refused: Sequence[Cell],
    readings: Sequence[Read],
    communities: Mapping[str, Characteristic],
) -> Told:
    def kept(rows: Iterable[Told]) -> list[Told]:
        wanted = {(cell.table, cell.characteristic, cell.group) for cell in refused}
        return [row for row in rows if (row.get("table", SUBJECTS), row["characteristic"], row["group"]) in wanted]

    of_refused = {(cell.table, cell.characteristic) for cell in refused}
    bound = tuple(each for each in case.policy.binding if (each.table, each.characteristic) in of_refused)
    policy = case.policy.model_copy(update={"binding": bound})
    here = dataclasses.replace(case, policy=policy, joined=_joined_in(case, area, bound))
    harmed = (case.rows["outcome"] == 1).fillna(False).to_numpy(bool) & (case.rows["area"] == area).to_numpy(bool)
    rows = _drawn(case, np.flatnonzero(harmed).astype(np.int64), _EXPLAINED_IN_AREA)
    of_subjects = {cell.characteristic: communities[cell.characteristic] for cell in refused if cell.table == SUBJECTS}
    tables = (Reading(name, title, here.reading(**columns)) for name, title, columns in readings)
    again = read_again(tables, policy)["readings"] if readings else []
    return {
        "drivers": kept(_explained(case, rows, of_subjects)) if of_subjects else [],
        "readings": [{**each, "cells": kept(each["cells"])} for each in again],
        "bounds": kept(missed_harm_bounds(here.reading(), policy)),
    }


def _joined_in(case: _Case, area: str, bound: Sequence[Binding]) -> pd.DataFrame:
    """Return the rows of an area with what is bound, and one row a victim only where that is a victim's."""
    groupings = case.policy.groupings
    wanted = {
        groupings[each.characteristic].of if each.characteristic in groupings else each.characteristic for each in bound
    }
    table = case.joined[case.joined["area"] == area]
    own = {*RESERVED, *_OWN}
    if all(each.table == SUBJECTS for each in bound):
        table, own = table.drop_duplicates("row"), own - {"victim_id"}
    kept = [c for c in map(str, table.columns) if c.removesuffix("_self").removesuffix("_observed") in wanted | own]
    return table[kept]


def _why_not(experiment: Experiment, share: float) -> str:
    if experiment.settings.label.kind != "drive_grade":
        return "the outcome of this run is an arrest, which is the police's own."
    return "" if share else "the records do not hold who reported an incident (incidents.reported_by)."


def _with_readings(
    rows: pd.DataFrame, experiment: Experiment, name: str, snapshot: Snapshot, stream: EventStream, policy: Policy
) -> pd.DataFrame:
    follow_up = FollowUp.of(snapshot)
    for reporter in ("victim", "police"):
        rows[f"outcome_{reporter}"] = outcome_reported_by(experiment, stream, follow_up, reporter)
    again = rows.assign(score=order_without_police_generated(experiment, stream, name))
    return rows.assign(selected_unpoliced=select_at_audit_depth(again, policy)["selected"])


def _by_reporter(case: _Case, share: float) -> Told:
    return {"available": True, "recorded": share, **read_again(_readings(case), case.policy)}


def _readings(case: _Case) -> Iterator[Reading]:
    """Yield each reading as it is asked for, so that one table is held at a time."""
    for name, title, columns in READINGS:
        yield Reading(name, title, case.reading(**columns))


def _drivers(case: _Case, communities: Mapping[str, Characteristic]) -> list[Told]:
    known = case.rows["outcome"].notna().to_numpy(bool)
    outcome, above = (case.rows["outcome"] == 1).fillna(False).to_numpy(bool), case.rows["selected"].to_numpy() == 1
    told: Ints = np.flatnonzero(known & (outcome | above)).astype(np.int64)
    return _explained(case, _drawn(case, told, _EXPLAINED), communities)


def _explained(case: _Case, rows: Ints, communities: Mapping[str, Characteristic]) -> list[Told]:
    """Return what moves the margins of some rows apart, by community."""
    parts = contributions(case.experiment, case.name, rows)
    people = case.rows.iloc[rows][["person_id", "selected", "outcome"]].set_index(rows)
    families = {name: CATALOGUE.group_of(name) for name in parts.columns}
    return error_drivers(parts, people, {name: each.take(rows) for name, each in communities.items()}, families)


def _missing(case: _Case, communities: Mapping[str, Characteristic]) -> list[Told]:
    """Model who is unrecorded on everybody's newest list: its indicators, area and year."""
    newest = (
        case.rows.reset_index(drop=True).sort_values("as_of", kind="stable").drop_duplicates("person_id", keep="last")
    )
    rows = _drawn(case, newest.index.to_numpy(np.int64), _MODELLED)
    indicators = _indicators(case, rows)
    at = case.rows.iloc[rows]
    context = pd.DataFrame({"area": at["area"].to_numpy(), "year": at["as_of"].dt.year.to_numpy()}, indicators.index)
    return [
        model_missing(indicators, context, each.take(rows), seed=case.experiment.settings.seed)
        for name, each in communities.items()
        if not name.endswith("_group")  # the same people as of the characteristic that it groups
    ]


def _proxies(case: _Case, communities: Mapping[str, Characteristic]) -> list[Told]:
    """Scan the last list, on which everybody stands once."""
    split = case.experiment.lists.split
    rows = _drawn(case, np.flatnonzero(split == split.max()).astype(np.int64), _LOOKED_AT)
    indicators = _indicators(case, rows)
    told: list[Told] = []
    for name in (name for name in case.binding if name in communities):
        here = communities[name].take(rows)
        labels = pd.Series(np.array(here.groups, dtype=object)[here.codes], index=indicators.index)
        found = scan_proxies(indicators, labels, level=_SCANNED).groupby("group", sort=True).head(_NAMED)
        for row in found.sort_values("group", kind="stable").to_dict("records"):
            plain = {str(key): value for key, value in row.items()}
            told.append({"characteristic": name, **plain, "says": describe_proxy(plain, name)})
    return told


def _drawn(case: _Case, rows: Ints, most: int) -> Ints:
    """Return at most so many of the rows, ascending, drawn by the run's seed."""
    if len(rows) > most:
        rows = np.random.default_rng(case.experiment.settings.seed).choice(rows, most, replace=False)
    return np.sort(rows)


def _indicators(case: _Case, rows: Ints) -> pd.DataFrame:
    material = case.experiment.material
    return material.table(case.experiment.test_rows[rows], material.names)
