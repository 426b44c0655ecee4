"""The pairs that an audit by victims' communities counts, and the room's public face."""

from __future__ import annotations

from typing import Any

import pytest

import features
from features import build_stream
from features.victims import identified_victims
from values import AsOf

T = AsOf.parse("2023-06-30")


@pytest.fixture
def stream(source_of: Any, an_incident: Any, an_involvement: Any) -> Any:
    """Ann has cy twice and di once, di's pair long ago; bo's victim is unknown; eve's incident is not domestic."""
    told = [
        ("I1", "ann", "cy", "2023-01-01", True),
        ("I2", "ann", "cy", "2023-02-01", True),
        ("I3", "ann", "di", "2021-06-30", True),
        ("I4", "bo", None, "2023-01-01", True),
        ("I5", "eve", "cy", "2023-01-01", False),
    ]
    involved = [an_involvement(key, suspect, "suspect", day) for key, suspect, _, day, _ in told]
    involved += [an_involvement(key, victim, "victim", day) for key, _, victim, day, _ in told if victim]
    incidents = [an_incident(key, day, domestic=domestic) for key, _, _, day, domestic in told]
    return build_stream(source_of({"incidents": incidents, "involvements": involved}))


@pytest.mark.parametrize(
    ("day", "months", "pairs"),
    [
        (T, 24, [("ann", "cy"), ("bo", None), ("eve", None), ("nobody", None)]),
        (T, None, [("ann", "cy"), ("ann", "di"), ("bo", None), ("eve", None), ("nobody", None)]),
        (AsOf.parse("2020-01-01"), 24, [("ann", None), ("bo", None), ("eve", None), ("nobody", None)]),
    ],
)
def test_everybody_has_their_victims_known_then_or_one_row_without(
    stream: Any, day: AsOf, months: int | None, pairs: list[tuple[str, str | None]]
) -> None:
    told = identified_victims(stream, day, ["eve", "ann", "nobody", "bo", "ann"], months)
    victims = told["victim_id"].astype(object).where(told["victim_id"].notna(), None)
    assert list(zip(told["person_id"], victims, strict=True)) == pairs


def test_the_public_face_of_the_room() -> None:
    assert sorted(features.__all__) == [
        "CATALOGUE",
        "Catalogue",
        "EventFact",
        "EventStream",
        "Indicator",
        "PersonEvents",
        "RecordSource",
        "TimeTravelReport",
        "build_stream",
        "compute",
        "compute_pooled",
        "compute_without",
        "events_behind",
        "identified_victims",
        "prove_time_travel",
        "select_cohort",
    ]
