"""What a profile says of indicators, and that no person can be read out of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import CATALOGUE
from features.profile import Facts, ProfileSettings, RuleChange, facts_of, page, profile
from features.profile.bins import Bins, frozen_bins
from features.profile.clusters import clusters, rank_correlations
from features.profile.distribution import spread
from features.profile.drift import chance_index, cliffs_delta, level_of, stability_index
from features.profile.rules import side_of
from values import day_number

NAN = np.nan
LINEAGE = {"file": "x.parquet", "hash": "a" * 64, "snapshot": "b" * 64, "catalogue": "c" * 64, "synthetic": True}
FACTS = Facts("frequency", "How many?", "incidents", 365, frozenset({"incidents.is_crime"}))
JUNE = RuleChange("June", "Something changed.", "a circular", date(2023, 6, 1), frozenset({"incidents.is_crime"}))


class Columns:
    """Columns held in memory: for each date a mapping of names to numbers."""

    def __init__(self, dates: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
        self.names = list(next(iter(dates.values())))
        sizes = {day: len(next(iter(columns.values()))) for day, columns in dates.items()}
        numbers = [np.full(size, day_number(date.fromisoformat(day)), dtype=np.int32) for day, size in sizes.items()]
        self.days = np.concatenate(numbers)
        self._columns = {
            name: np.concatenate([np.asarray(columns[name], dtype=np.float64) for columns in dates.values()])
            for name in self.names
        }

    def column(self, name: str) -> Any:
        return self._columns[name]


def profiled(dates: Mapping[str, Mapping[str, Sequence[float]]], **options: Any) -> dict[str, Any]:
    table = Columns(dates)
    return profile(table, dict.fromkeys(table.names, FACTS), lineage=LINEAGE, **options)


def numbers_in(value: Any) -> Iterator[float]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from numbers_in(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from numbers_in(each)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield float(value)


def test_small_counts_are_cut_at_every_whole_number_and_the_last_bin_is_open() -> None:
    values = np.repeat([0.0, 1.0, 2.0, 3.0, 9.0], [50, 40, 30, 12, 10])
    bins = frozen_bins([values], 8, 10)
    assert bins.labels[:4] == ("0", "1", "2", "3")
    assert bins.labels[-1].endswith(" or more")
    assert bins.count(values)[:4].tolist() == [50, 40, 30, 12]


def test_a_bin_that_is_small_on_every_date_is_joined_with_its_neighbour() -> None:
    first, later = np.repeat([0.0, 1.0, 2.0], [50, 20, 9]), np.repeat([0.0, 1.0, 2.0], [50, 20, 9])
    assert frozen_bins([first, later], 8, 10).labels == ("0", "1 or more")
    later = np.repeat([0.0, 1.0, 2.0], [50, 20, 10])
    assert frozen_bins([first, later], 8, 10).labels == ("0", "1", "2 or more")


def test_a_small_bin_between_large_ones_is_joined_with_the_next() -> None:
    assert frozen_bins([np.repeat([0.0, 1.0, 2.0], [50, 9, 50])], 8, 10).labels == ("0", "1 or more")
    assert frozen_bins([np.repeat([0.0, 1.0, 2.0], [50, 10, 50])], 8, 10).labels == ("0", "1", "2 or more")


def test_no_edge_is_the_value_of_a_person_and_no_extreme_is_one() -> None:
    rng = np.random.default_rng(5)
    values = rng.gamma(1.0, 700.0, 1000) + 0.123
    bins = frozen_bins([values], 8, 10)
    assert not set(bins.edges) & set(values.tolist())
    assert values.min() < bins.edges[0]
    assert bins.edges[-1] < values.max()
    assert all(float(f"{edge:.2g}") == edge for edge in bins.edges)


def test_shares_keep_zero_apart() -> None:
    bins = frozen_bins([np.repeat([0.0, 0.25, 1.0], [30, 30, 30])], 8, 10)
    assert bins.labels == ("0", "over 0 to under 1", "1 or more")


def test_numbers_below_zero_have_no_bin_of_zero() -> None:
    bins = frozen_bins([np.linspace(-500, 500, 400)], 8, 10)
    assert bins.labels[0].startswith("under -")
    assert "0" not in bins.labels


def test_where_nobody_has_a_number_there_is_one_bin() -> None:
    assert frozen_bins([np.full(20, NAN)], 8, 10) == Bins((), whole=False)


def test_the_bins_of_the_first_date_count_the_later_ones() -> None:
    rng = np.random.default_rng(3)
    first, later = rng.poisson(3, 800), rng.poisson(30, 800)
    told = profiled({"2023-01-31": {"n": first}, "2024-01-31": {"n": later}})["indicators"][0]
    assert told["dates"][1]["counts"][-1] == 800
    assert told["dates"][1]["median"] == len(told["bins"]) - 1


def test_a_small_count_and_one_more_are_withheld() -> None:
    bins = Bins((1.0, 2.0), whole=True)
    told = spread(np.repeat([0.0, 1.0, 2.0], [100, 20, 3]), bins, 10)
    assert told["counts"] == [100, None, None]
    assert (told["missing"], told["people"]) == (0, 123)


def test_a_small_number_of_missing_is_withheld_like_any_other() -> None:
    told = spread(np.append(np.repeat([0.0, 1.0], [100, 20]), [NAN] * 4), Bins((1.0,), whole=True), 10)
    assert (told["missing"], told["share_missing"], told["counts"]) == (None, None, [100, None])


def test_of_fewer_people_than_the_smallest_cell_nothing_is_said() -> None:
    document = profiled({"2023-01-31": {"n": [1.0] * 9}, "2024-01-31": {"n": [1.0] * 40}})
    told = document["indicators"][0]
    first = told["dates"][0]
    assert first.pop("counts") == [None] * len(told["bins"])
    assert first.pop("as_of") == "2023-01-31"
    assert set(first.values()) == {None}
    assert told["drift"][0]["level"] == "not known"
    assert document["dates"][0]["people"] is None
    assert any("2023-01-31" in each["text"] for each in document["findings"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.one_of(st.integers(0, 6).map(float), st.just(NAN), st.floats(0, 900)), min_size=1, max_size=90),
        min_size=1,
        max_size=3,
    )
)
def test_no_count_of_one_to_nine_people_stands_in_the_document(parts: list[list[float]]) -> None:
    document = profiled({f"2023-0{number + 1}-28": {"n": part} for number, part in enumerate(parts)})
    told = document["indicators"][0]
    for each in told["dates"]:
        shown = [count for count in (*each["counts"], each["missing"], each["people"]) if count is not None]
        assert not [count for count in shown if 0 < count < 10]
        hidden = [count for count in (*each["counts"], each["missing"]) if count is None]
        assert len(hidden) != 1  # it would be the rest


def test_quartiles_and_the_stability_index_follow_from_what_is_shown() -> None:
    """Two worlds that differ only in what is withheld give one document (but for Cliff's delta, which needs many)."""
    first = np.repeat([0.0, 1.0, 2.0, 3.0], [30, 20, 15, 12])
    later = [np.repeat([0.0, 1.0, 2.0, 3.0], [40, 30, *last]) for last in ((3, 9), (5, 7))]
    one, two = (profiled({"2023-01-31": {"n": first}, "2024-01-31": {"n": values}}) for values in later)
    assert one["indicators"][0]["dates"][1]["counts"] == [40, 30, None, None]
    assert one["indicators"][0]["drift"][0]["psi"] is not None
    assert one == two


def test_a_quartile_that_depends_on_what_is_withheld_is_withheld_too() -> None:
    told = spread(np.repeat([0.0, 1.0, 2.0, 3.0], [6, 20, 20, 6]), Bins((1.0, 2.0, 3.0), whole=True), 10)
    assert told["counts"] == [None, 20, 20, None]
    assert (told["lower_quartile"], told["median"], told["upper_quartile"]) == (1, None, 2)
    told = spread(np.repeat([0.0, 1.0, 2.0, 3.0], [200, 20, 6, 6]), Bins((1.0, 2.0, 3.0), whole=True), 10)
    assert (told["lower_quartile"], told["median"], told["upper_quartile"]) == (0, 0, 0)


def test_no_mean_and_no_value_of_a_person_stands_in_the_document() -> None:
    rng = np.random.default_rng(8)
    values = np.append(rng.gamma(1.0, 300.0, 500) + 0.0625, [98765.4321])
    document = profiled({"2023-01-31": {"harm": values}, "2024-01-31": {"harm": values * 2}})
    text = json.dumps(document)
    assert "98765" not in text
    assert str(values.mean())[:7] not in text
    assert not {round(value, 9) for value in numbers_in(document)} & {round(value, 9) for value in values.tolist()}


def test_the_stability_index_and_cliffs_delta_are_those_of_their_definitions() -> None:
    p, q = np.array([0.6, 0.3, 0.1]), np.array([0.4, 0.4, 0.2])
    exact = float(((q - p) * np.log(q / p)).sum())
    found = stability_index((p * 1_000_000).astype(np.int64), (q * 1_000_000).astype(np.int64))
    assert found == pytest.approx(exact, abs=1e-5)
    first, later = [1.0, 2.0, 2.0, 5.0], [2.0, 3.0, 0.0]
    pairs = [np.sign(y - x) for x in first for y in later]
    assert cliffs_delta(np.array(first), np.array(later)) == pytest.approx(np.mean(pairs))


def test_what_chance_gives_is_a_chi_square_with_one_degree_fewer_than_bins_in_use() -> None:
    first, later = np.array([60, 40, 0]), np.array([150, 50, 0])
    assert chance_index(first, later, 0.05) == pytest.approx(3.8415 * (1 / 100 + 1 / 200), rel=1e-4)
    assert chance_index(np.array([100, 0]), np.array([200, 0]), 0.05) == 0.0


def test_two_draws_of_one_distribution_are_called_drift_no_more_often_than_declared() -> None:
    rng = np.random.default_rng(11)
    beyond = 0
    for _ in range(2000):
        one, two = (np.bincount(rng.poisson(1.5, 150).clip(max=5), minlength=6) for _ in range(2))
        beyond += stability_index(one, two) > chance_index(one, two, 0.01)
    assert beyond / 2000 < 0.02


def test_drift_is_graded_by_the_larger_of_index_and_delta() -> None:
    chosen = ProfileSettings()
    assert level_of(0.3, 0.01, 0.0, 0.0, chosen) == "large"
    assert level_of(0.3, 0.31, 0.0, 0.0, chosen) == "none"  # chance could give it
    assert level_of(0.05, 0.01, -0.5, 0.0, chosen) == "large"
    assert level_of(0.12, 0.01, 0.1, 0.0, chosen) == "moderate"
    assert level_of(0.05, 0.01, 0.34, 0.0, chosen) == "moderate"
    assert level_of(0.05, 0.01, None, -0.11, chosen) == "moderate"
    assert level_of(0.05, 0.01, 0.2, 0.05, chosen) == "none"


def test_a_planted_shift_is_found_and_steady_indicators_are_not() -> None:
    rng = np.random.default_rng(2)
    steady = [rng.poisson(2, 3000) for _ in range(2)]
    document = profiled(
        {
            "2023-01-31": {"moved": rng.poisson(2, 3000), "steady": steady[0]},
            "2024-01-31": {"moved": rng.poisson(5, 3000), "steady": steady[1]},
        }
    )
    levels = {each["name"]: each["drift"][0]["level"] for each in document["indicators"]}
    assert levels == {"moved": "large", "steady": "none"}
    (told,) = [each for each in document["findings"] if each["section"] == "drift"]
    assert "moved" in told["text"]
    assert "steady" not in told["text"]


def test_more_missing_on_the_later_date_is_drift() -> None:
    later = np.append(np.ones(400), np.full(100, NAN))
    document = profiled({"2023-01-31": {"n": np.ones(500)}, "2024-01-31": {"n": later}})
    told = document["indicators"][0]["drift"][0]
    assert told["missing"] == pytest.approx(0.2)
    assert told["level"] in ("moderate", "large")


def test_constant_and_always_missing_indicators_are_named() -> None:
    document = profiled(
        {
            "2023-01-31": {"same": [1.0] * 30, "none": [NAN] * 30, "varies": [0.0, 1.0] * 15},
            "2024-01-31": {"same": [1.0] * 29 + [NAN], "none": [NAN] * 30, "varies": [0.0, 1.0] * 15},
        }
    )
    standing = {each["name"]: each["standing"] for each in document["indicators"]}
    assert standing == {"same": "constant", "none": "always missing", "varies": None}
    texts = [each["text"] for each in document["findings"]]
    assert "Missing for everybody on every date: none." in texts
    assert "The same number for everybody who has one: same." in texts


def test_an_indicator_that_is_constant_on_each_date_but_not_the_same_is_not_constant() -> None:
    document = profiled({"2023-01-31": {"n": [1.0] * 30}, "2024-01-31": {"n": [2.0] * 30}})
    assert document["indicators"][0]["standing"] is None


@pytest.mark.parametrize(
    ("day", "window", "side"),
    [
        ("2023-05-31", 365, "before"),
        ("2023-06-01", 365, "mixed"),
        ("2024-05-29", 365, "mixed"),
        ("2024-05-30", 365, "after"),
        ("2030-01-01", None, "mixed"),
        ("2023-06-01", 1, "after"),
    ],
)
def test_a_date_knows_one_rule_only_if_its_whole_window_does(day: str, window: int | None, side: str) -> None:
    assert side_of(date.fromisoformat(day), window, date(2023, 6, 1)) == side


def test_dates_on_both_sides_of_a_rule_are_compared_and_those_between_are_counted() -> None:
    rng = np.random.default_rng(4)
    days = ["2022-06-30", "2023-03-31", "2023-09-30", "2024-06-30"]
    dates = {day: {"n": rng.poisson(4 if day < "2023-06" else 1, 900)} for day in days}
    document = profiled(dates, changes=[JUNE])
    told = document["indicators"][0]["rule_changes"]["June"]
    assert (told["before"], told["after"], told["mixed"]) == ("2023-03-31", "2024-06-30", 1)
    assert told["delta"] < -0.7
    (change,) = document["rule_changes"]
    assert change["dates_before"] == ["2022-06-30", "2023-03-31"]
    assert any("June: 1 indicators mix both rules" in each["text"] for each in document["findings"])


def test_an_indicator_that_reads_nothing_a_rule_touched_is_left_out() -> None:
    other = dataclasses.replace(FACTS, reads=frozenset({"orders.starts_on"}))
    dates = {"2022-06-30": {"n": [1.0] * 30}, "2024-06-30": {"n": [1.0] * 30}}
    document = profile(Columns(dates), {"n": other}, [JUNE], LINEAGE)
    assert document["indicators"][0]["rule_changes"] == {}


def test_where_all_of_history_counts_no_date_lies_wholly_after() -> None:
    ever = dataclasses.replace(FACTS, window=None)
    dates = {"2022-06-30": {"n": [1.0] * 30}, "2029-06-30": {"n": [1.0] * 30}}
    told = profile(Columns(dates), {"n": ever}, [JUNE], LINEAGE)["indicators"][0]["rule_changes"]["June"]
    assert (told["after"], told["delta"], told["mixed"]) == (None, None, 1)


def test_a_window_that_reaches_back_before_a_rule_mixes_it_although_no_date_lies_before() -> None:
    dates = {"2023-09-30": {"n": [1.0] * 30}, "2024-06-30": {"n": [1.0] * 30}}
    told = profiled(dates, changes=[JUNE])["indicators"][0]["rule_changes"]["June"]
    assert (told["before"], told["after"], told["mixed"], told["delta"]) == (None, "2024-06-30", 1, None)
    assert profiled({"2024-06-30": {"n": [1.0] * 30}}, changes=[JUNE])["indicators"][0]["rule_changes"] == {}


def test_planted_clusters_are_found_whichever_way_they_run() -> None:
    rng = np.random.default_rng(6)
    base, other = rng.normal(size=2000), rng.normal(size=2000)
    sample = np.column_stack([base, np.exp(base), -base + rng.normal(0, 0.1, 2000), other, rng.normal(size=2000)])
    found = clusters(["a", "b", "c", "d", "e"], sample, ProfileSettings())
    assert [each["indicators"] for each in found] == [["a", "b", "c"]]
    assert found[0]["lowest"] > 0.95


def test_every_two_of_a_cluster_reach_the_limit_and_not_only_neighbours() -> None:
    rng = np.random.default_rng(7)
    steps = rng.normal(size=(4000, 6)).cumsum(axis=1)  # each close to the next, the first far from the last
    names = list("abcdef")
    rho = np.abs(rank_correlations(steps, 100))
    for each in clusters(names, steps, ProfileSettings()):
        members = [names.index(name) for name in each["indicators"]]
        assert rho[np.ix_(members, members)].min() >= 0.8


def test_correlations_are_taken_over_people_who_have_both_numbers() -> None:
    rng = np.random.default_rng(9)
    one = rng.normal(size=1000)
    two = one.copy()
    two[:500] = NAN
    one_holed = one.copy()
    one_holed[520:] = NAN
    sample = np.column_stack([one, two, one_holed])
    rho = rank_correlations(sample, 100)
    assert rho[0, 1] == pytest.approx(1.0)
    assert np.isnan(rho[1, 2])  # twenty people only
    assert clusters(["one", "two", "holed"], sample, ProfileSettings())[0]["indicators"] in (
        ["one", "two"],
        ["one", "holed"],
    )


def test_the_same_indicators_give_the_same_profile_and_the_seed_chooses_the_sample() -> None:
    rng = np.random.default_rng(1)
    dates = {"2024-01-31": {"n": rng.poisson(2, 700), "m": rng.poisson(2, 700)}}
    few = ProfileSettings(sample=200)
    assert profiled(dates, settings=few) == profiled(dates, settings=few)
    assert profiled(dates, settings=few)["clusters"]["people"] == 200


def test_columns_that_no_catalogue_declares_are_profiled_all_the_same() -> None:
    document = profile(Columns({"2024-01-31": {"own": [0.0, 1.0] * 20}}), {}, lineage=LINEAGE)
    assert document["indicators"][0]["group"] == "not in this catalogue"
    assert "own" in page(document)


def test_what_the_catalogue_declares_is_taken_over() -> None:
    facts = facts_of(CATALOGUE)
    assert facts["domestic_incidents_365"].window == 365
    assert facts["domestic_incidents_ever"].window is None
    assert "incidents.domestic" in facts["domestic_incidents_365"].reads


def test_the_page_shows_withheld_counts_as_withheld_and_never_as_numbers() -> None:
    values = np.repeat([0.0, 1.0, 2.0], [100, 20, 3])
    later = np.repeat([0.0, 1.0, 2.0], [100, 20, 30])
    document = profiled({"2023-01-31": {"n": later}, "2024-01-31": {"n": values}})
    shown = page(document)
    assert ">withheld<" in shown
    assert "<td>3</td>" not in shown
    assert "Indicator profile" in shown
    assert "<script" not in shown


@pytest.mark.parametrize(
    "wrong", [{"smallest_cell": 0}, {"bins": 1}, {"fewest_compared": 3}, {"rho": 0.0}, {"rho": 1.5}]
)
def test_a_setting_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="out of range"):
        ProfileSettings(**wrong)
