"""Tuning is measured on rankers that differ in nothing else, and the committed result is of the same settings."""

from __future__ import annotations

import json

from benchmarks import tuning
from benchmarks.prove import RESULTS


def test_each_ranker_that_learns_is_compared_with_itself_as_declared():
    settings = tuning.settings()
    for kind in tuning.KINDS:
        tuned, declared = settings.ranker(kind), settings.ranker(kind + tuning.DECLARED)
        assert (tuned.tune, declared.tune) == (True, False)
        assert tuned == declared.model_copy(update={"name": kind, "tune": True})
    assert settings.tuning.trials == tuning.TRIALS


def test_the_committed_result_is_of_these_settings():
    found = json.loads((RESULTS / "tuning.json").read_text(encoding="utf-8"))
    assert (found["persons"], found["years"], found["trials"]) == (tuning.PERSONS, tuning.YEARS, tuning.TRIALS)
    assert [force["seed"] for force in found["forces"]] == list(tuning.SEEDS)
    for force in found["forces"]:
        for ranker in force["rankers"]:
            assert ranker["adopted"] is True
            low, high = ranker["harm_found_more"]["flat"][1:]
            assert low < 0 < high  # as the guide says: not clearly more harm
