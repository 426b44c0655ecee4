"""Places, ties, the line and the list's end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drive_panel.workflows import listing
from drive_panel.workflows.listing import stand
from values import Capacity


class Simple:
    """A simple list that reads one column."""

    def __init__(self, column: str = "score") -> None:
        self.column = column

    def fit(self, table: pd.DataFrame) -> Simple:
        return self

    def predict(self, table: pd.DataFrame) -> Any:
        return table[self.column].fillna(-1.0).to_numpy(dtype=float)

    def unscored(self, table: pd.DataFrame) -> Any:
        return table[self.column].isna().to_numpy()

    margin = predict


@pytest.fixture(autouse=True)
def one_simple_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "INCUMBENTS", {"other": lambda: Simple("other")})


def standing(scores: list[float], places: int, factor: int = 3, **sections: set[str]) -> listing.Standing:
    people = [f"N{number:03d}" for number in range(len(scores))]
    table = pd.DataFrame({"person_id": people, "score": scores, "other": [np.nan, *range(len(scores) - 1)]})
    names = {person: f"P-{number:03d}" for number, person in enumerate(people)}
    apart = {"held": set(), "apart": set(), "not_eligible": set()} | sections
    return stand(Simple(), table, names, Capacity(places, list_factor=factor), **apart)  # type: ignore[arg-type]


def test_people_who_tie_share_a_place_and_know_how_far_it_reaches():
    made = standing([5, 4, 4, 4, 1], places=2)
    assert made.table[["place", "last", "tied"]].to_numpy().tolist() == [
        [1, 1, False],
        [2, 4, True],
        [2, 4, True],
        [2, 4, True],
        [5, 5, False],
    ]


@pytest.mark.parametrize(
    ("reach", "band"),
    [
        (None, None),
        (0.0, (2, 2, False)),
        (1.0, (1, 3, False)),
        (2.5, (1, 4, False)),
        (4.0, (1, 6, True)),
    ],
)
def test_whom_refits_would_move_across_the_line_stand_in_its_band(
    reach: float | None, band: tuple[int, int, bool] | None
):
    made = standing([9, 8, 7, 6, 4.5, 4.2, 4], places=2).band(reach)
    assert (made and (made.from_place, made.to_place, made.beyond)) == band


def test_there_is_no_band_where_everybody_has_a_place():
    assert standing([3, 2, 1], places=3).band(5.0) is None


def test_a_tie_that_reaches_beyond_the_list_is_left_off_and_counted():
    made = standing([9, 8, *[1.0] * 20], places=2, factor=3)
    assert made.listed["place"].tolist() == [1, 2]
    assert made.tied_beyond == 20
    assert made.counts()["tied_beyond_list"] == 20


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.integers(1, 10))
def test_never_more_people_than_the_list_is_long_and_exactly_the_places_are_selected(scores: list[int], places: int):
    made = standing([float(score) for score in scores], places)
    assert len(made.listed) <= made.capacity.list_length
    assert made.selected.sum() == min(places, len(scores))
    above = made.listed[made.listed["last"] <= places]
    assert len(above) <= places


def test_held_people_take_no_place_but_are_told_the_one_they_would_have():
    made = standing([5, 4, 3], places=2, held={"N000"})
    assert made.listed["person_id"].tolist() == ["N001", "N002"]
    assert made.listed["place"].tolist() == [1, 2]
    assert made.held["place"].tolist() == [1]


def test_whom_a_simple_list_cannot_score_has_no_place_in_it():
    made = standing([5, 4, 3], places=2)
    assert pd.isna(made.table["place_other"].iloc[0])
    assert made.table["place_other"].iloc[1:].notna().all()


def test_who_would_cross_the_line_by_an_open_identity_is_shown_wherever_they_stand():
    sections = {"held": {"N003", "N004"}}
    beyond = standing([5, 4, 3, 2, 1], places=1, factor=1, **sections)
    assert beyond.held.empty
    across = standing([5, 4, 3, 2, 1], places=1, factor=1, across={"N004"}, **sections)
    assert across.held["person_id"].tolist() == ["N004"]
    assert across.line == 5.0
    assert across.held["place"].tolist() == [4]


def test_the_line_lies_below_everybody_where_there_is_no_place():
    assert standing([2, 1], places=1, held={"N000", "N001"}).line == -np.inf
