"""What lists of different people of one whole tell of each other, and what they do not."""

from __future__ import annotations

import numpy as np
import pytest

from fairness.disclosure import Part
from fairness.disclosure.divided import Divided, Lot

NOTHING = frozenset()


def lot(*outcomes, hidden=(), named=True, loose=NOTHING, listed=True):
    """Return people without a selection, each group's (without, with the outcome); `hidden` says which withhold it."""
    counts = np.array([[without, 0, with_outcome, 0, 0, 0] for without, with_outcome in outcomes])
    flags = np.isin(np.arange(len(outcomes)), hidden)
    return Lot(counts, dict.fromkeys(Part, flags), named, loose, listed)


def told(own, *others, hidden=(), part=Part.OUTCOMES):
    """Say of which groups something is told beside the whole, of which all is told, if `own` withholds `hidden`."""
    counts = own.counts + sum(each.counts for each in others)
    nothing = dict.fromkeys(Part, np.zeros(len(counts), dtype=bool))
    divided = Divided(others, Lot(counts, nothing, True, NOTHING), own.counts)
    flags = np.isin(np.arange(len(counts)), hidden)
    return np.flatnonzero(divided.narrow(part, dict.fromkeys(Part, flags), True, NOTHING, 10)).tolist()


def test_the_last_of_a_whole_is_told_by_the_others_unless_they_withhold_the_same_groups():
    few = lot((4, 40), (80, 80), (90, 90), hidden=(0, 1))
    large = lot((80, 80), (80, 80), (90, 90))
    assert told(large, few) == [0]
    assert told(large, few, hidden=(0,)) == [0]
    assert told(large, few, hidden=(1, 2)) == [0]
    assert told(large, few, hidden=(0, 1)) == []


def test_whoever_is_on_no_list_can_be_of_any_group():
    few = lot((4, 40), (80, 80), hidden=(0, 1))
    anybody = lot((80, 80), (80, 80), hidden=(0, 1), named=False, loose=frozenset(Part), listed=False)
    assert told(lot((80, 80), (80, 80)), few, anybody) == []


def test_two_lists_with_few_between_them_tell_of_both_together():
    one, two = (lot((count, 0), (80, 0), hidden=(0, 1)) for count in (4, 5))
    assert told(lot((80, 80), (80, 80)), one, two) == [0]
    assert told(lot((80, 80), (80, 80)), one, two, hidden=(0, 1)) == []


@pytest.mark.parametrize(("count", "narrow"), [(3, [0]), (4, [])])
def test_three_lists_that_exchange_too_few_by_twos_are_taken_as_one_where_together_they_have_enough(count, narrow):
    lists = [lot((count, 0), (80, 0), hidden=(0, 1), named=False) for _ in range(3)]
    own, *others = lists
    whole = lot((3 * count, 0), (240, 0))
    hidden = dict.fromkeys(Part, np.array([True, True]))
    found = Divided(others, whole, own.counts).narrow(Part.OUTCOMES, hidden, False, NOTHING, 10)
    assert np.flatnonzero(found).tolist() == narrow


def test_a_total_tells_of_whoever_is_on_no_list_where_they_are_few():
    listed, unlisted = lot((80, 80)), lot((2, 0), named=False, loose=frozenset(Part), listed=False)
    whole = lot((162, 160))
    assert Divided([listed, unlisted], whole, np.array([[80, 0, 80, 0, 0, 0]])).totals_told(NOTHING, 10) == {
        Part.OUTCOMES,
        Part.ALARMS,
    }
