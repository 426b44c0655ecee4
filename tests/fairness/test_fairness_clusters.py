"""Rows of one person are not as many witnesses."""

from __future__ import annotations

import numpy as np
import pytest

from fairness.clusters import design_effects
from fairness.groups import from_labels
from fairness.metrics import METRICS
from fairness.tables import AuditTable
from fairness.verdict import outside_p_value

SELECTION = METRICS["selection"]


def _table(person: np.ndarray, selected: np.ndarray, group: np.ndarray) -> AuditTable:
    found = from_labels("victim_sex", group.astype(object))
    return AuditTable("dyads", selected.astype(np.int64), person.astype(np.int64), {"victim_sex": found})


def test_one_row_a_person_has_no_design_effect():
    table = _table(np.arange(50), np.arange(50) % 2, np.where(np.arange(50) < 20, "a", "b"))
    effects = design_effects(table, table.characteristics["victim_sex"], SELECTION)
    assert effects.rate.tolist() == effects.ratio.tolist() == [1.0, 1.0]


def test_three_alike_rows_a_person_count_as_one():
    person = np.repeat(np.arange(400), 3)
    selected = np.repeat(np.random.default_rng(1).integers(0, 2, 400), 3)
    table = _table(person, selected, np.where(person < 150, "a", "b"))
    effects = design_effects(table, table.characteristics["victim_sex"], SELECTION)
    assert effects.rate == pytest.approx([3.0, 3.0], rel=0.03)
    assert effects.ratio == pytest.approx([3.0, 3.0], rel=0.03)


@pytest.mark.parametrize("chosen", [0, 1])
def test_rates_of_zero_or_one_take_the_largest_effect_possible(chosen):
    person = np.repeat(np.arange(100), 4)
    table = _table(person, np.full(400, chosen), np.where(person < 40, "a", "b"))
    effects = design_effects(table, table.characteristics["victim_sex"], SELECTION)
    assert effects.ratio.tolist() == [4.0, 4.0]


def test_clustered_lists_without_a_gap_beyond_the_margin_are_seldom_refused():
    rng = np.random.default_rng(11)
    refused, naive = 0, 0
    for _ in range(300):
        person = np.repeat(np.arange(300), rng.integers(1, 6, 300))
        group = np.where(np.arange(300) < 90, "a", "b")[person]
        rate = np.where(np.arange(300) < 90, 0.5, 0.4)
        selected = (rng.random(300) < rate).astype(int)[person]
        table = _table(person, selected, group)
        effect = design_effects(table, table.characteristics["victim_sex"], SELECTION).ratio[0]
        counts = np.array(
            [
                selected[group == "a"].sum(),
                (group == "a").sum(),
                selected[group == "b"].sum(),
                (group == "b").sum(),
            ]
        )
        refused += bool(outside_p_value(*(counts / effect), (0.8, 1.25)) <= 0.05)
        naive += bool(outside_p_value(*counts, (0.8, 1.25)) <= 0.05)
    # At the very end of the margin the level is 5 %; as independent rows it would be far above.
    assert refused / 300 <= 0.09
    assert naive / 300 >= 0.12
