from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from fairness import Policy
from fairness.decisions import FEWEST, by_community, decompose
from fairness.disclosure import Register

ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.booleans()), min_size=2, max_size=60)


@given(ROWS)
def test_parts_add_up_to_the_difference_whatever_the_table(rows: list[tuple[bool, int, bool]]) -> None:
    group, band, decided = (np.array(column) for column in zip(*rows, strict=True))
    group = group.astype(bool)
    group[0], group[-1] = True, False
    found = decompose(group, band.astype(np.int64), decided.astype(bool), np.arange(group.size))
    difference = decided[group].mean() - decided[~group].mean()
    assert found.placement + found.panel == pytest.approx(found.difference, abs=1e-12)
    assert found.difference == pytest.approx(difference, abs=1e-12)


@given(ROWS)
def test_parts_of_everyone_else_are_those_of_the_group_turned(rows: list[tuple[bool, int, bool]]) -> None:
    group, band, decided = (np.array(column) for column in zip(*rows, strict=True))
    group = group.astype(bool)
    group[0], group[-1] = True, False
    person = np.arange(group.size)
    one = decompose(group, band.astype(np.int64), decided.astype(bool), person)
    other = decompose(~group, band.astype(np.int64), decided.astype(bool), person)
    assert (one.placement, one.panel) == pytest.approx((-other.placement, -other.panel), abs=1e-12)


def test_a_panel_that_decides_alike_in_each_band_has_no_part() -> None:
    band = np.repeat([0, 1, 0, 1], [30, 70, 70, 30])
    group = np.repeat([True, False], 100)
    decided = np.concatenate([np.arange(30) < 15, np.arange(70) < 7, np.arange(70) < 35, np.arange(30) < 3])
    found = decompose(group, band, decided, np.arange(200))
    assert found.difference == pytest.approx(0.22 - 0.38)
    assert found.panel == pytest.approx(0.0, abs=1e-12)
    assert found.placement_high is not None
    assert found.placement_high < 0


def test_a_panel_that_decides_otherwise_in_the_same_band_is_told_as_such() -> None:
    group = np.repeat([True, False], 200)
    decided = np.concatenate([np.arange(200) < 40, np.arange(200) < 120])
    found = decompose(group, np.zeros(400, dtype=np.int64), decided, np.arange(400))
    assert (found.placement, found.panel) == pytest.approx((0.0, -0.4))
    assert found.panel_low is not None
    assert found.panel_high is not None
    assert found.panel_low < -0.4 < found.panel_high < -0.3


def test_a_band_without_anybody_of_the_group_counts_as_placement() -> None:
    group = np.array([True] * 4 + [False] * 4)
    found = decompose(group, np.array([1, 1, 1, 1, 0, 0, 1, 1]), np.array([0, 0, 0, 0, 1, 1, 0, 0]) == 1, np.arange(8))
    assert (found.placement, found.panel) == pytest.approx((-0.5, 0.0))


def test_few_people_have_no_interval() -> None:
    rows = FEWEST - 1
    group = np.repeat([True, False], rows)
    found = decompose(group, np.zeros(2 * rows, dtype=np.int64), np.arange(2 * rows) % 2 == 0, np.arange(2 * rows))
    assert found.panel_low is None
    assert found.placement_high is None


def test_intervals_keep_their_level_where_few_of_many_are_accepted() -> None:
    rng, runs = np.random.default_rng(2), 200
    p1, p2, a1, a2 = (np.array(v) for v in ([0.08, 0.08, 0.84], [0.04, 0.04, 0.92], [0.4, 0.2, 0.0], [0.6, 0.4, 0.0]))
    truth = ((p1 - p2) * (a1 + a2) / 2).sum(), ((a1 - a2) * (p1 + p2) / 2).sum()
    group = np.repeat([True, False], [500, 5_000])
    held = np.zeros(2, dtype=np.int64)
    for _ in range(runs):
        band = np.concatenate([rng.choice(3, 500, p=p1), rng.choice(3, 5_000, p=p2)])
        decided = rng.random(5_500) < np.where(group, a1[band], a2[band])
        found = decompose(group, band, decided, np.arange(5_500))
        assert found.placement_low is not None
        assert found.placement_high is not None
        assert found.panel_low is not None
        assert found.panel_high is not None
        held += [
            found.placement_low <= truth[0] <= found.placement_high,
            found.panel_low <= truth[1] <= found.panel_high,
        ]
    assert (held >= binom.ppf(0.01, runs, 0.95)).all()


def table(groups: dict[str, tuple[int, int, int]]) -> pd.DataFrame:
    """group -> persons listed first, of them accepted, persons not listed."""
    rows = [
        (sex, "above" if i < listed else "not listed", int(i < accepted))
        for sex, (listed, accepted, rest) in groups.items()
        for i in range(listed + rest)
    ]
    made = pd.DataFrame(rows, columns=["sex", "position", "accepted"])
    people = [f"p{i}" for i in range(len(made))]
    return made.assign(person_id=people, area="x", split="l", ethnicity_self="NS")


def test_rates_by_community_hold_parts_and_the_ratio_within_places(shipped: Policy) -> None:
    found = by_community(table({"male": (60, 30, 400), "female": (40, 10, 100)}), shipped, [["accepted"]], "position")
    male = next(row for row in found["rows"] if row["group"] == "male")
    assert (male["n"], male["events"]) == (460, 30)
    assert male["parts"]["difference"] == pytest.approx(30 / 460 - 10 / 140, rel=1e-5)
    assert male["parts"]["placement"] + male["parts"]["panel"] == pytest.approx(male["parts"]["difference"], abs=1e-6)
    assert male["within"]["ratio"] == pytest.approx((30 / 60) / (10 / 40))


def test_a_group_of_few_shows_no_figure_and_not_alone(shipped: Policy) -> None:
    found = by_community(
        table({"male": (200, 100, 400), "female": (100, 40, 100), "not recorded": (5, 3, 20)}),
        shipped,
        [["accepted"]],
        "position",
    )
    rows = {row["group"]: row for row in found["rows"] if row["characteristic"] == "sex"}
    assert rows["not recorded"].get("suppressed")
    assert rows["female"].get("suppressed")
    assert "parts" not in rows["not recorded"]
    assert rows["male"]["events"] == 100


def test_a_group_hidden_for_one_decision_is_hidden_for_all(shipped: Policy) -> None:
    made = table({"male": (200, 100, 400), "female": (100, 40, 100)})
    made["refused"] = ((made["sex"] == "female") & (np.arange(len(made)) % 50 == 0)).astype(int)
    found = by_community(made, shipped, [["accepted", "refused"]], "position")
    assert all(row.get("suppressed") for row in found["rows"] if row["characteristic"] == "sex")
    apart = by_community(made, shipped, [["accepted"], ["refused"]], "position")["rows"]
    assert [row["kind"] for row in apart if not row.get("suppressed") and row["characteristic"] == "sex"] == [
        "accepted"
    ] * 2


def test_what_panels_decided_does_not_tell_by_an_earlier_gathering_of_three_more(shipped: Policy) -> None:
    register = Register()

    def women(accepted: int, listed: int) -> set[bool]:
        made = table({"male": (200, 100, 400), "female": (listed, accepted, 100)})
        rows = by_community(made, shipped, [["accepted"]], "position", register)["rows"]
        return {bool(row.get("suppressed")) for row in rows if row["group"] == "female"}

    assert women(40, 100) == {False}
    assert women(43, 103) == {True}
    assert women(40, 100) == {False}
