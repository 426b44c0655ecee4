"""A step of long work is told with its phase, and which of how many that is."""

from __future__ import annotations

import pytest

from values import Phases


def test_steps_of_two_phases_by_one_name_are_told_apart():
    told: list[tuple[str, int, int]] = []
    phases = Phases(lambda step, done, total: told.append((step, done, total)), ["rehearsal", "training"])
    rehearsal, training = phases.begin("rehearsal"), phases.begin("training")
    rehearsal("fit", 1, 2)
    training("fit", 0, 18)
    assert told == [("1 of 2, rehearsal: fit", 1, 2), ("2 of 2, training: fit", 0, 18)]
    with pytest.raises(ValueError, match="'scoring' is not in list"):
        phases.begin("scoring")
