"""Small counts by community cannot be read, nor worked out from what is shown around them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from records.quality.suppression import hidden_counts, hidden_sizes

SMALLEST = 10
sizes_of_groups = st.lists(st.one_of(st.integers(0, 30), st.integers(0, 3000)), min_size=1, max_size=8)


def named(numbers: list[int]) -> dict[str, int]:
    return {f"group {position}": number for position, number in enumerate(numbers)}


def narrowest(hidden: frozenset[str], counts: dict[str, int], sizes: dict[str, int], unsized: frozenset[str]) -> float:
    """Attack a published table by linear programming: how closely can a hidden count be bounded?

    Known are the total of the counts, the sizes that are shown, the sum of those that are not, and that a count is
    no larger than its group. Unknown are the hidden counts m and the hidden sizes n.
    """
    groups = sorted(hidden)
    loose = [group for group in groups if group in unsized]
    width = len(groups) + len(loose)
    bounds = [(0, None if group in unsized else sizes[group]) for group in groups] + [(0, None)] * len(loose)
    total = [[1.0] * len(groups) + [0.0] * len(loose)]
    known = [float(sum(counts[group] for group in groups))]
    above, limits = [], []
    if loose:
        total.append([0.0] * len(groups) + [1.0] * len(loose))
        known.append(float(sum(sizes[group] for group in loose)))
        for position, group in enumerate(loose):
            row = [0.0] * width
            row[groups.index(group)], row[len(groups) + position] = 1.0, -1.0
            above.append(row)
            limits.append(0.0)
    found = []
    for position in range(len(groups)):
        aim = [0.0] * width
        aim[position] = 1.0
        ends = [
            linprog(
                [sign * each for each in aim],
                A_ub=above or None,
                b_ub=limits or None,
                A_eq=total,
                b_eq=known,
                bounds=bounds,
            )
            for sign in (1, -1)
        ]
        assert all(end.success for end in ends)
        found.append(-ends[1].fun - ends[0].fun)
    return min(found, default=float("inf"))


@given(sizes_of_groups)
@settings(max_examples=60, deadline=None)
def test_no_small_group_size_is_shown_or_can_be_worked_out(numbers: list[int]) -> None:
    sizes = named(numbers)
    hidden = hidden_sizes(sizes, SMALLEST)
    if hidden is None:
        return
    shown = [size for group, size in sizes.items() if group not in hidden]
    assert not any(0 < size < SMALLEST for size in shown)
    everybody = dict.fromkeys(sizes, sum(numbers))
    assert narrowest(hidden, sizes, everybody, frozenset()) >= SMALLEST - 1e-6


@given(sizes_of_groups.flatmap(lambda numbers: st.tuples(st.just(numbers), *(st.integers(0, n) for n in numbers))))
@settings(max_examples=100, deadline=None)
def test_no_small_count_nor_its_complement_is_shown_or_can_be_worked_out(drawn: tuple[object, ...]) -> None:
    sizes = named(list(drawn[0]))  # type: ignore[call-overload]
    counts = dict(zip(sizes, (int(str(number)) for number in drawn[1:]), strict=True))
    unsized = hidden_sizes(sizes, SMALLEST)
    if unsized is None:
        return
    hidden = hidden_counts(counts, sizes, unsized, SMALLEST)
    if hidden is None or not any(counts.values()) or counts == sizes:
        return
    for group in set(sizes) - hidden:
        assert not 0 < counts[group] < SMALLEST
        assert not 0 < sizes[group] - counts[group] < SMALLEST
    assert narrowest(hidden, counts, sizes, unsized) >= SMALLEST - 1e-6


def test_a_table_without_small_counts_is_shown_whole() -> None:
    sizes = {"female": 400, "male": 3000, "not recorded": 50}
    assert hidden_sizes(sizes, SMALLEST) == frozenset()
    assert hidden_counts({"female": 40, "male": 0, "not recorded": 25}, sizes, frozenset(), SMALLEST) == frozenset()


def test_one_small_count_takes_the_next_larger_with_it() -> None:
    sizes = {"asian": 300, "black": 200, "white": 4000}
    counts = {"asian": 3, "black": 40, "white": 900}
    assert hidden_counts(counts, sizes, frozenset(), SMALLEST) == {"asian", "black"}


def test_nearly_everybody_is_as_telling_as_nearly_nobody() -> None:
    sizes = {"asian": 300, "black": 200, "white": 4000}
    counts = {"asian": 297, "black": 100, "white": 900}
    assert hidden_counts(counts, sizes, frozenset(), SMALLEST) == {"asian", "black"}


@pytest.mark.parametrize("sizes", [{"female": 3}, {"female": 4, "male": 4}])
def test_where_nothing_protects_nothing_is_shown(sizes: dict[str, int]) -> None:
    assert hidden_sizes(sizes, SMALLEST) is None
