"""The check of ``python -m benchmarks.reasons --check``, on fewer people."""

from __future__ import annotations

import pytest

from benchmarks.reasons import broken, checked, make_world


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    world = make_world(tmp_path_factory.mktemp("world"), persons=2000, seed=6, trees=100, min_people=20)
    return checked(world, people=100, draws=30, every=10)


def test_reasons_and_bounds_hold(found):
    assert broken(found) == []
    assert found["people"] == 100
    assert found["sums_differ"] <= 1e-9
    assert found["reasons_citing_records"] > 300
    assert found["removals_tried_again"] > 30
    assert found["cited_but_not_known"] == found["failed_removal"] == 0
    assert found["bound"]["every missing number"]["people"] > 80
    assert {bound["outside"] for bound in found["bound"].values()} == {0}


@pytest.mark.parametrize(
    ("name", "value"),
    [("sums_differ", 2e-9), ("withheld_share", 0.11), ("cited_but_not_known", 1), ("failed_removal", 1)],
)
def test_what_does_not_hold_is_named(found, name, value):
    assert broken({**found, name: value}) == [name]
    wide = {"outside": 1, "width_ratio": 2.1}
    assert broken({**found, "bound": {"not known": wide}}) == ["outside", "bound_width_ratio"]
