"""Two records taken together have the indicators of the one person behind them."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features import CATALOGUE, build_stream, compute, compute_pooled
from values import AsOf

T = AsOf.parse("2024-06-30")
NAMES = list(CATALOGUE.names)
PEOPLE = ("person_id", "suspect_id", "victim_id", "perpetrator_id")


def split(world: Any, person: str) -> Any:
    """Give half of a person's incidents, hearings, orders and custody to a second record of them."""
    other = world.shuffled(0)
    for name, frame in other._frames.items():
        keys = [column for column in ("incident_id", "hearing_id", "order_id", "starts_on") if column in frame]
        if not keys:
            continue
        half = frame[keys[0]].astype(str).map(lambda text: zlib.crc32(text.encode()) % 2 == 0).to_numpy()
        for column in set(PEOPLE) & set(frame.columns):
            frame[column] = frame[column].mask(half & (frame[column] == person).to_numpy(), f"{person}-again")
        other._frames[name] = frame
    return other


def of(table: pd.DataFrame) -> np.ndarray:
    return table[NAMES].to_numpy(dtype=np.float64)


@pytest.mark.parametrize("number", range(4))
def test_a_split_person_taken_together_has_the_indicators_of_the_whole(world: Any, number: int) -> None:
    stream = build_stream(world)
    person = str(stream.person_ids[number])
    whole = compute(stream, pd.DataFrame({"person_id": [person], "as_of": [pd.Timestamp(T.day)]}))
    parts = build_stream(split(world, person))
    halves = pd.DataFrame({"person_id": [person, f"{person}-again"], "as_of": pd.Timestamp(T.day)})
    assert not np.array_equal(of(compute(parts, halves))[0], of(whole)[0], equal_nan=True)
    for pair in ((person, f"{person}-again"), (f"{person}-again", person)):
        np.testing.assert_array_equal(of(compute_pooled(parts, [pair], T)), of(whole))


def test_one_event_under_two_records_counts_once(source_of: Any, an_incident: Any, an_involvement: Any) -> None:
    day = "2024-03-01"
    rows = {
        "incidents": [an_incident("I1", day)],
        "involvements": [an_involvement("I1", person, "suspect", day) for person in ("A", "B")],
    }
    stream = build_stream(source_of(rows))
    together = compute_pooled(stream, [("A", "B")], T)
    assert together["domestic_incidents_365"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("of_a", "of_b"),
    [
        ({"known_from": "2024-04-01"}, {}),
        ({"relationship": "partner"}, {}),
        ({"relationship": "partner"}, {"relationship": "partner", "known_from_assumed": True}),
    ],
    ids=["recorded later", "relationship of one", "stated later"],
)
def test_one_event_counts_once_however_differently_the_two_records_have_it(
    source_of: Any, an_incident: Any, an_involvement: Any, of_a: dict[str, Any], of_b: dict[str, Any]
) -> None:
    day = "2024-03-01"
    pair = {"incident_id": "I1", "victim_id": "V", "known_from": day}
    rows = {
        "incidents": [an_incident("I1", day)],
        "involvements": [
            an_involvement("I1", "A", "suspect", of_a.get("known_from", day)),
            an_involvement("I1", "B", "suspect", day),
            an_involvement("I1", "V", "victim", day),
        ],
        "dyads": [{**pair, "suspect_id": "A", **of_a}, {**pair, "suspect_id": "B", **of_b}],
    }
    together = compute_pooled(build_stream(source_of(rows)), [("A", "B")], T).iloc[0]
    assert together[["domestic_incidents_365", "same_victim_most_365", "victims_365"]].tolist() == [1.0, 1.0, 1.0]
    assert together["ipv_incidents_365"] == pytest.approx(1.0 if "relationship" in of_a else np.nan, nan_ok=True, abs=0)


def test_pairs_keep_their_order_and_somebody_without_events_adds_nothing(world: Any) -> None:
    stream = build_stream(world)
    first, second = str(stream.person_ids[0]), str(stream.person_ids[1])
    alone = compute(stream, pd.DataFrame({"person_id": [second, first], "as_of": pd.Timestamp(T.day)}))
    pooled = compute_pooled(stream, [(second, "nobody"), (first, "nobody")], T)
    np.testing.assert_array_equal(of(pooled), of(alone))
