"""The time-travel proof as a command."""

from __future__ import annotations

from typing import Any

import numpy as np

from drive_panel.errors import NotConfigured
from drive_panel.workflows import cards
from drive_panel.workflows.known import require_known
from drive_panel.workspace import Workspace
from features import build_stream, prove_time_travel, select_cohort
from records import RecordStore, Snapshot
from serving.cards import EVERYWHERE, CardKind
from values import AsOf, Progress, silent


def run(
    workspace: Workspace,
    as_of: AsOf,
    area: str | None = None,
    people: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Remove, then scramble, everything not known at `as_of`, and name every indicator and cohort that moves.

    Parameters
    ----------
    area
        Prove for the people of this area's cohort, and for its cohort alone; everybody and every area where None.
    people
        Prove for this many people of the cohort, chosen at random by `seed`.

    Raises
    ------
    NotConfigured
        If nobody is in the cohort to choose from.
    WorkspaceError
        If the records end before `as_of`: where nothing later is known there is nothing to prove.
    """
    snapshot = RecordStore(workspace.records).latest()
    require_known(as_of, ends=snapshot.extract_date)
    chosen = None if area is None and people is None else _chosen(snapshot, as_of, area, people, seed, progress)
    report = prove_time_travel(snapshot, as_of, person_ids=chosen, area=area, seed=seed, progress=progress)
    result = {
        "checked": report.checked,
        "moved": list(report.moved),
        "people_moved": dict(report.cells),
        "cohorts_checked": report.cohorts,
        "cohorts_moved": dict(report.cohorts_moved),
        "rows": report.rows,
        "as_of": str(as_of),
        "area": area,
        "seed": seed,
        "holds": report.holds,
    }
    card = cards.time_travel(result, snapshot.hash)
    cards.keep(workspace, CardKind.TIME_TRAVEL, str(snapshot.hash), card, "batch", area or EVERYWHERE)
    return result


def _chosen(
    snapshot: Snapshot, as_of: AsOf, area: str | None, people: int | None, seed: int, progress: Progress
) -> list[str]:
    stream = build_stream(snapshot, progress)
    cohort = select_cohort(stream, as_of, area)["person_id"].to_numpy()
    if not len(cohort):
        where = "any area" if area is None else f"'{area}'"
        areas = ", ".join(sorted(str(name) for name in stream.areas)[:20])
        raise NotConfigured(f"Nobody is in the cohort of {where} as of {as_of}.", f"Areas in the records: {areas}.")
    if people is None or people >= len(cohort):
        return [str(person) for person in cohort]
    return [str(person) for person in np.random.default_rng(seed).choice(cohort, people, replace=False)]


def describe(result: dict[str, Any]) -> list[str]:
    """Return what was proved in plain lines."""
    where = "" if result["area"] is None else f" in {result['area']}"
    lines = [
        f"{result['checked']} indicators of {result['rows']} people{where} and {result['cohorts_checked']} cohorts "
        f"checked as of {result['as_of']}, with everything learnt later removed and then replaced at random "
        f"(seed {result['seed']})."
    ]
    lines += [f"moved: {name}, in {result['people_moved'][name]} people" for name in result["moved"]]
    lines += [f"moved: the cohort of {area}, by {n} people" for area, n in result["cohorts_moved"].items()]
    return lines if len(lines) > 1 else [*lines, "moved: none"]
