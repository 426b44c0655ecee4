"""Moves away: from when on somebody lives where these records do not follow them.

Elsewhere is an area of which no incident was known when an own address there became known. Later incidents there do not
make it ours in hindsight, so that a label rests on nothing that was learnt after it was due. That an address ended
tells nothing: record systems overwrite it without saying when.

A stay elsewhere begins with the first address there after the last of ours. Whoever was away at T has not moved after
T, nor by being recorded there again or moving on; their label stays as observed. Whoever moves away is lost from that
day on, back again or not: what they did meanwhile is not recorded here. Who comes back and leaves again moves again.
"""

from __future__ import annotations

import pandas as pd

from features.source import RecordSource
from records.errors import PurposeBreach


def moves_away(records: RecordSource) -> pd.DataFrame | None:
    """Return person_id, moved_on, known_from, known_to, ours_from: a row for each version of an address elsewhere.

    `moved_on` is the day on which the stay elsewhere began, as known with the address; an address without a date counts
    from when it was known. `ours_from` is when the first incident in its area became known, missing if never.
    None where addresses were not delivered, or a site forbids to train with them or with areas.
    """
    if not records.has("addresses"):
        return None
    try:
        incidents = records.table("incidents", ["area", "known_from"])
        own = records.table("addresses", ["person_id", "area", "from", "known_from", "known_to"])
    except PurposeBreach:  # not silence: moves are then named among what is not available
        return None
    own = own[own["area"].notna()]
    ours_from = own["area"].map(incidents.groupby("area")["known_from"].min())
    moved_on = own["from"].where(own["from"].notna(), own["known_from"])
    return _stays_elsewhere(own.assign(ours_from=ours_from, moved_on=moved_on).drop(columns=["area", "from"]))


def _stays_elsewhere(own: pd.DataFrame) -> pd.DataFrame:
    """Keep addresses elsewhere and date each by its stay, from what was known of the person when it became known."""
    away = own[~(own["ours_from"] <= own["known_from"])].reset_index(drop=True)
    pairs = away.reset_index().merge(own, on="person_id", suffixes=("", "_before"))
    known, before = pairs["known_from_before"] <= pairs["known_from"], pairs["moved_on_before"] <= pairs["moved_on"]
    pairs = pairs[known & before]
    ours = pairs["ours_from_before"] <= pairs["known_from"]
    last_ours = pairs["moved_on_before"].where(ours).groupby(pairs["index"]).transform("max")
    stay = pairs[~ours & ~(pairs["moved_on_before"] <= last_ours)]
    began = stay.groupby("index")["moved_on_before"].min()  # none if an address of ours counts from the same day
    return away.assign(moved_on=began.reindex(away.index)).dropna(subset="moved_on")
