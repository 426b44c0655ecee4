"""A bundle scored beside the one that scores: who would stand above the line instead. No such list can be released.

Nothing of it is stored as a run, so that there is nothing to audit, review or publish. How many people change sides is
in the result; who they are is in a private file, which an erasure reaches.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np
import pandas as pd

from drive_panel.errors import WorkspaceError
from drive_panel.workflows.listing import Standing
from drive_panel.workspace import Workspace
from models import Bundle
from records.reading.spreadsheets import neutral
from serving import Service
from training.over_time import rank_correlation
from values import Hash

FOLDER = "shadow"
COLUMNS = ("person_id", "move", "place", "place_in_shadow")


def shadow_bundle(workspace: Workspace, chosen: Hash, live: Bundle) -> Bundle:
    """Return the bundle to score beside the live one.

    Raises
    ------
    WorkspaceError
        If it is the live one, is not there, or was made for other people.
    """
    if chosen == live.hash:
        raise WorkspaceError(f"Bundle {chosen.short} is the one that scores.", "Name another one.")
    if not (workspace.bundles / chosen).is_dir():
        raise WorkspaceError(
            f"There is no bundle {chosen.short} in this workspace.", "Copy its hash from a training run."
        )
    bundle = Bundle.load(workspace.bundles / chosen)
    bundle.require_catalogue(live.catalogue_version)
    if bundle.card["cohort"] != live.card["cohort"]:
        raise WorkspaceError(
            f"Bundle {chosen.short} was made for another cohort than the one that scores.",
            "Two lists are compared for the same people only; train it with the same cohort.",
        )
    return bundle


def moved(live: Standing, shadow: Standing) -> pd.DataFrame:
    """Return who stands above the line in one of two lists only: person_id, move, place, place_in_shadow."""
    first, second = (
        standing.rows("ranked").assign(above=standing.selected)[["person_id", "place", "above"]]
        for standing in (live, shadow)
    )
    both = first.merge(second, on="person_id", suffixes=("", "_in_shadow"), validate="one_to_one")
    both = both[both["above"] != both["above_in_shadow"]]
    both = both.assign(move=np.where(both["above"], "leaves", "enters"))
    return both.sort_values(["move", "place", "person_id"])[list(COLUMNS)].reset_index(drop=True)


def beside(
    workspace: Workspace, service: Service, run: str, bundle: Bundle, live: Standing, shadow: Standing
) -> dict[str, Any]:
    """Compare a list with the one that another bundle would have given; write who moves into a private file.

    Returns
    -------
    dict
        run, bundle, kind, places, enter and leave (people), kept (share of the places), rank_correlation, file.
    """
    people = moved(live, shadow)
    enter, leave = (int((people["move"] == move).sum()) for move in ("enters", "leaves"))
    above = int(live.selected.sum())
    margins = live.rows("ranked")[["person_id", "margin"]].merge(shadow.rows("ranked"), on="person_id")
    place = workspace.folder(FOLDER) / f"{run}-{bundle.hash.short}.csv"
    workspace.write(place, private_csv(people))
    service.note("command-line", "export.shadow", run, {"bundle": bundle.hash, "rows": len(people)})
    found = {
        "run": run,
        "bundle": bundle.hash,
        "kind": bundle.kind,
        "places": above,
        "enter": enter,
        "leave": leave,
        "kept": round(1 - leave / above, 6) if above else None,
        "rank_correlation": rank_correlation(margins["margin_x"].to_numpy(), margins["margin_y"].to_numpy()),
    }
    workspace.write_document(place.with_suffix(".json"), found)
    return {**found, "file": str(place)}


def given(workspace: Workspace, bundle: Hash) -> list[dict[str, Any]]:
    """Return what was counted of the lists that a bundle gave in the shadow, in the order of their runs' names."""
    places = sorted((workspace.home / FOLDER).glob(f"*-{bundle.short}.json"))
    return [json.loads(place.read_text(encoding="utf-8")) for place in places]


def private_csv(people: pd.DataFrame) -> str:
    """Return a table about people as CSV, one line a person so that an erasure can take out a line."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(people.columns)
    rows = people.itertuples(index=False, name=None)
    writer.writerows([neutral(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue()


def describe(result: dict[str, Any] | None) -> list[str]:
    """Return a shadow list in plain lines."""
    if result is None:
        return []
    correlation = "none" if result["rank_correlation"] is None else f"{result['rank_correlation']:.2f}"
    return [
        f"In the shadow, {result['kind']} {result['bundle'][:12]}: of {result['places']} places {result['leave']} "
        f"would go to somebody else (rank correlation {correlation}). Who: {result['file']}",
        "  That list exists nowhere else: it cannot be audited, reviewed or released.",
    ]
