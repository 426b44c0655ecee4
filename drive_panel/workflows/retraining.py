"""What a newly trained bundle would change against the one that scores: who enters or leaves the line, and why.

By margin alone: holds, referrals and decisions in force come on top when an area is scored. How many people change
sides is in the result; who they are is in a private file, which an erasure reaches.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from drive_panel.workflows.release import batch_service
from drive_panel.workflows.shadow import private_csv
from drive_panel.workspace import Workspace
from features import CATALOGUE, EventStream, compute
from models import Bundle
from records import Snapshot
from training import drift
from training.cohorts import cohorts
from training.follow_up import FollowUp
from training.lists import Floats, by_lot, places_within, rows_by_value
from training.settings import TrainSettings
from values import AsOf, Hash, Progress

FOLDER = "retraining"
COLUMNS = ("area", "person_id", "move", "place_before", "place_after", "why")
_TYPICAL = 2_000  # people whose mean contribution stands for everybody's: one costs a tenth of a millisecond a tree
_GROUPS = 3


def against_live(
    workspace: Workspace,
    live: Hash | None,
    bundle: Bundle,
    snapshot: Snapshot,
    stream: EventStream,
    settings: TrainSettings,
    progress: Progress,
) -> dict[str, Any] | None:
    """Compare a new bundle with the live one on everybody as of the newest date; None where there is no live one.

    Returns
    -------
    dict
        live (its hash) and either same (True), or not_compared (why not), or rehearsal (whether no list of it could
        ever be released), as_of, areas, places (in all areas), enter and leave (people), groups (by move: how many
        people each group moves most), drift (of everybody, from the live bundle's frozen bins) and file (who).
    """
    if live is None:
        return None
    if live == bundle.hash:
        return {"live": live, "same": True}
    old = Bundle.load(workspace.bundles / live)
    if old.catalogue_version != bundle.catalogue_version:
        return {"live": live, "not_compared": "it was made with another catalogue of indicators"}
    if old.card["cohort"] != bundle.card["cohort"]:
        return {"live": live, "not_compared": "it was made for another cohort"}
    as_of = AsOf(snapshot.extract_date)
    progress("against the live bundle", 0, 3)
    people = cohorts(stream, [as_of], settings.cohort, FollowUp.of(snapshot))
    indicators = compute(stream, people[["person_id", "as_of"]], CATALOGUE)
    progress("against the live bundle", 1, 3)
    moves = _moves(people, old.margin(indicators), bundle.margin(indicators), settings)
    progress("against the live bundle", 2, 3)
    # Words also where nobody moves: an empty list would make numbers of the column.
    moves["why"] = pd.Series(_why(moves, indicators, old, bundle), index=moves.index, dtype="str")
    place = workspace.folder(FOLDER) / f"{bundle.hash.short}-against-{live.short}.csv"
    workspace.write(place, private_csv(moves[list(COLUMNS)]))
    with batch_service(workspace) as service:
        service.note("command-line", "export.retraining", bundle.hash, {"live": live, "rows": len(moves)})
    progress("against the live bundle", 3, 3)
    areas = people["area"].value_counts()
    return {
        "live": live,
        "rehearsal": not old.for_panel,
        "as_of": str(as_of),
        "areas": len(areas),
        "places": int(areas.clip(upper=settings.capacity.k).sum()),
        "enter": int((moves["move"] == "enters").sum()),
        "leave": int((moves["move"] == "leaves").sum()),
        "groups": {
            move: moves.loc[moves["move"] == move, "why"].str.split(", ").explode().value_counts().head(5).to_dict()
            for move in ("enters", "leaves")
        },
        "drift": drift.drift(old.card["frozen"], indicators, old.margin(indicators)) if "frozen" in old.card else None,
        "file": str(place),
    }


def _moves(people: pd.DataFrame, before: Floats, after: Floats, settings: TrainSettings) -> pd.DataFrame:
    """Return who stands among the k places of their area in one list only; who ties at the line is drawn by lot."""
    groups = rows_by_value(np.unique(people["area"].to_numpy(object), return_inverse=True)[1].astype(np.int64))
    places = [places_within(by_lot(each, people, settings.seed), groups) for each in (before, after)]
    table = people[["area", "person_id"]].assign(place_before=places[0], place_after=places[1])
    above = [place <= settings.capacity.k for place in places]
    table["move"] = np.select([above[1] & ~above[0], above[0] & ~above[1]], ["enters", "leaves"], default="")
    return table[table["move"] != ""].sort_values(["area", "move", "place_after", "person_id"])


def _why(moves: pd.DataFrame, indicators: pd.DataFrame, old: Bundle, new: Bundle) -> list[str]:
    """Return, for each person, the groups of indicators that count for more (or less, if they leave) than before.

    The two margins have scales of their own: what a group adds is counted from what it adds for people in general,
    in standard deviations of that bundle's margin.
    """
    if moves.empty:
        return []
    change = _counted(moves, indicators, new).sub(_counted(moves, indicators, old), fill_value=0.0)
    sign = np.where(moves["move"] == "enters", 1.0, -1.0)
    return [_strongest(change.loc[row] * way) for row, way in zip(moves.index, sign, strict=True)]


def _strongest(change: pd.Series[float]) -> str:
    strongest = change[change > 0].sort_values(ascending=False, kind="stable").head(_GROUPS)
    return ", ".join(str(group) for group in strongest.index)


def _counted(moves: pd.DataFrame, indicators: pd.DataFrame, bundle: Bundle) -> pd.DataFrame:
    spread = float(np.std(bundle.margin(indicators))) or 1.0
    typical = indicators.iloc[np.linspace(0, len(indicators) - 1, min(len(indicators), _TYPICAL)).astype(int)]
    own, usual = (_by_group(bundle, each) for each in (indicators.loc[moves.index], typical))
    return (own - usual.mean()) / spread


def _by_group(bundle: Bundle, indicators: pd.DataFrame) -> pd.DataFrame:
    parts = bundle.contributions(indicators).drop(columns="base")
    return parts.T.groupby([CATALOGUE.group_of(str(name)) for name in parts.columns]).sum().T


def describe(result: dict[str, Any] | None) -> list[str]:
    """Return the comparison with the live bundle in plain lines."""
    if result is None:
        return []
    if result.get("same"):
        return ["Against the live bundle: the same one."]
    name = f"Against the live bundle {result['live'][:12]}"
    if "not_compared" in result:
        return [f"{name}: not compared, {result['not_compared']}."]
    if result.get("rehearsal"):
        name += " (a rehearsal, of which no list could ever be released)"
    groups = {
        move: ", ".join(f"{group} ({number})" for group, number in counts.items()) or "none"
        for move, counts in result["groups"].items()
    }
    return [
        f"{name}, as of {result['as_of']}: of {result['places']} places in {result['areas']} areas {result['enter']} "
        f"would go to somebody else, by margin alone. Who: {result['file']}",
        f"  What counts for more with those who enter: {groups['enters']}",
        f"  What counts for less with those who leave: {groups['leaves']}",
        *(f"  {line}" for line in (drift.lines(result["drift"]) if result["drift"] else [])),
    ]
