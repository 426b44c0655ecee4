"""What became of people who were referred to Drive, and who changed sides when another bundle made the next list.

Both are tables of 0/1 columns, one row a person and referral or list, for `fairness.decisions.by_community`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from drive_panel.workflows.released_lists import Listed
from records import Snapshot

STAGES = (("accepted", "disrupt_only", "started", "completed"),)
"""What may become of a referral; each lies within one before it, so that all of them are told or none."""
MOVES = (("entered", "stayed", "left"),)
"""How somebody may stand beside the list before; together they are two whole lists."""
_KNOWN = "known_to"


def referred(snapshot: Snapshot) -> pd.DataFrame | None:
    """Return everybody who was referred with what became of it, as known now; None where records hold none of it.

    Returns
    -------
    DataFrame
        person_id, as_of (of the extract), area, split and the columns of `STAGES`.
    """
    records = snapshot.reading("audit")
    if not (records.has("referrals") and records.has("interventions")):
        return None
    asked = _current(records.table("referrals", ["referral_id", "person_id", "area", _KNOWN]))
    wanted = ["referral_id", "decision", "mode", "started_on", "completed"]
    became = _current(records.table("interventions", [*wanted, _KNOWN]))
    found = asked.merge(became, on="referral_id", how="left")
    if found.empty:
        return None
    accepted = found["decision"].eq("accepted")
    stages = {
        "accepted": accepted,
        "disrupt_only": accepted & found["mode"].eq("disrupt_only"),
        "started": accepted & found["started_on"].notna(),
        "completed": accepted & found["completed"].eq(True),
    }
    told = {name: value.fillna(False).astype("int64") for name, value in stages.items()}
    as_of = pd.Timestamp(snapshot.extract_date).as_unit("s")
    return found[["person_id", "area"]].assign(as_of=as_of, split="referred", **told).reset_index(drop=True)


def moved(lists: Sequence[Listed]) -> pd.DataFrame | None:
    """Return who entered and left the places above the line where the bundle changed between an area's lists.

    Returns
    -------
    DataFrame or None
        Everybody who could have been on either of two such lists: person_id, as_of, area, split and the columns of
        `MOVES`. None where no bundle changed.
    """
    by_area: dict[str, list[Listed]] = {}
    for each in sorted(lists, key=lambda item: item.past.as_of):
        by_area.setdefault(each.past.area, []).append(each)
    pairs = [pair for of in by_area.values() for pair in pairwise(of) if _changed(*pair)]
    return pd.concat([_moves(*pair) for pair in pairs], ignore_index=True) if pairs else None


def _changed(before: Listed, after: Listed) -> bool:
    return bool(before.past.header["hashes"]["bundle"] != after.past.header["hashes"]["bundle"])


def _moves(before: Listed, after: Listed) -> pd.DataFrame:
    columns = ["person_id", "selected"]
    both = after.table[columns].merge(before.table[columns], on="person_id", how="outer", suffixes=("", "_before"))
    now, was = both["selected"].eq(1), both["selected_before"].eq(1)
    moves = {"entered": now & ~was, "stayed": now & was, "left": ~now & was}
    told = {name: value.astype("int64") for name, value in moves.items()}
    thread = {"as_of": after.table["as_of"].iloc[0], "area": after.past.area, "split": after.past.run}
    return both[["person_id"]].assign(**thread, **told)


def _current(versions: pd.DataFrame) -> pd.DataFrame:
    return versions[versions[_KNOWN].isna()].drop(columns=_KNOWN)
