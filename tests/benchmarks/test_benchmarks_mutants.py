"""The planted errors stand where they say, and what counts as seen is a failed assertion of the named test."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.mutants.mutant import Mutant
from benchmarks.mutants.planted import MUTANTS
from benchmarks.mutants.run import planted

ROOT = Path(__file__).parents[2]


def test_every_planted_error_has_its_place_and_its_test() -> None:
    wrong = []
    for mutant in MUTANTS:
        path, test = mutant.node.split("::")
        times = (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.text)
        if times != 1:
            wrong.append(f"{mutant.name}: {mutant.file} holds the text {times} times, not once")
        if f"def {test}(" not in (ROOT / path).read_text(encoding="utf-8"):
            wrong.append(f"{mutant.name}: {path} has no {test}")
    assert wrong == []


def test_there_are_many_errors_each_with_a_name_of_its_own() -> None:
    assert len(MUTANTS) >= 100
    assert [name for name, times in Counter(mutant.name for mutant in MUTANTS).items() if times > 1] == []
    assert [mutant.name for mutant in MUTANTS if mutant.text == mutant.instead] == []


@pytest.mark.parametrize(
    ("instead", "caught"),
    [
        ("return self.skip\n", False),  # nothing changed
        ("return self.skip +\n", False),  # does not even load
        ("return self.skip / None\n", False),  # fails, but not by an assertion
        ("return self.skip + 1\n", True),
    ],
)
def test_an_error_is_seen_only_by_a_failed_assertion(instead: str, caught: bool) -> None:
    seen_by = "behaviours::test_an_incident_of_the_day_itself_counts"
    mutant = Mutant("planted", "features/selection.py", "return self.skip\n", instead, seen_by)
    assert planted(mutant) == {"passes_without": True, "caught": caught}


def test_an_error_without_a_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "room.py").write_text("a = 1\na = 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="holds the text 2 times, not once"):
        Mutant("twice", "room.py", "a = 1", "a = 2", "behaviours::test").plant(tmp_path)
