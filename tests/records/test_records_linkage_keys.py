from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.errors import LinkageError
from records.linkage import LINK, SEPARATE, Decision, Decisions, LinkageSettings, load_settings
from records.linkage.keys import assign_keys, list_changes

DAY = date(2026, 1, 2)
PARTITIONS = st.lists(st.integers(0, 4), min_size=1, max_size=12)


def parts(numbers: list[int]) -> list[list[str]]:
    people: dict[int, list[str]] = {}
    for place, number in enumerate(numbers):
        people.setdefault(number, []).append(f"R{place:02}")
    return sorted(people.values())


def crosswalk(persons: list[list[str]], before: dict[str, str]) -> dict[str, str]:
    found = assign_keys(persons, before)
    return {record: key for records, key in zip(persons, found, strict=True) for record in records}


def test_a_new_person_is_named_after_the_smallest_record() -> None:
    assert assign_keys([["R2", "R1"], ["R3"]], {}) == ["R1", "R3"]


def test_a_merge_keeps_the_larger_persons_key_and_a_split_leaves_it_with_the_larger_part() -> None:
    before = {"R1": "R1", "R2": "R2", "R3": "R2", "R4": "R2"}
    assert assign_keys([["R1", "R2", "R3", "R4"]], before) == ["R2"]
    assert assign_keys([["R1"], ["R2"], ["R3", "R4"]], before) == ["R1", "R2.2", "R2"]


def test_a_record_whose_name_is_another_persons_key_gets_a_key_of_its_own() -> None:
    before = {"R1": "R1", "R2": "R1", "R3": "R1"}
    assert assign_keys([["R1"], ["R2", "R3"]], before) == ["R1.2", "R1"]


@given(PARTITIONS, PARTITIONS)
def test_keys_are_unique_kept_where_nothing_changed_and_every_change_is_listed(old: list[int], new: list[int]) -> None:
    first = crosswalk(parts(old), {})
    assert crosswalk(parts(old), first) == first
    second = crosswalk(parts(new), first)
    assert len(set(second.values())) == len(parts(new))
    told = list_changes(first, second, set())
    moved = {record for record in second if record in first and second[record] != first[record]}
    listed = {record for change in told for record in change["records"]}
    assert moved <= listed or {first[r] for r in moved} & {key for change in told for key in change["keys"]}


def test_decisions_survive_a_torn_line_and_the_last_word_on_a_pair_holds(tmp_path: Path) -> None:
    kept = Decisions(tmp_path)
    kept.add([Decision.of(("b", "a"), LINK, "Reviewer One", "same tattoo", DAY)])
    with kept.path.open("a", encoding="utf-8") as file:
        file.write('{"record_l": "a", "rec')
    assert [each.decision for each in kept.all()] == [LINK]
    kept.add([Decision.of(("a", "b"), SEPARATE, "Reviewer Two", "twins", DAY)])
    assert [each.decision for each in kept.all()] == [LINK, SEPARATE]
    assert kept.current()["a", "b"].reviewer == "Reviewer Two"
    assert kept.path.stat().st_mode & 0o777 == 0o600
    assert [json.loads(line)["record_l"] for line in kept.path.read_text().splitlines()] == ["a", "a"]


def test_a_broken_decision_in_the_middle_is_an_error_that_names_the_line(tmp_path: Path) -> None:
    kept = Decisions(tmp_path)
    kept.add([Decision.of(("a", "b"), LINK, "R", "why", DAY)])
    kept.path.write_text("nonsense\n" + kept.path.read_text())
    with pytest.raises(LinkageError, match="line 1"):
        kept.all()


@pytest.mark.parametrize(("by", "reason", "word"), [("", "x", LINK), ("x", " ", LINK), ("x", "x", "maybe")])
def test_a_decision_needs_a_reviewer_a_reason_and_a_known_word(by: str, reason: str, word: str) -> None:
    with pytest.raises(LinkageError):
        Decision.of(("a", "b"), word, by, reason, DAY)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("upper: 0.5\nlower: 0.9\n", "out of order"),
        ("upper: 0.5\nuper: 1\n", "line 2"),
        ("upper: high\n", "line 1"),
        ("- upper\n", "names and values"),
        ("upper: [\n", "not YAML"),
    ],
)
def test_wrong_settings_name_the_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "linkage.yaml"
    path.write_text(text)
    with pytest.raises(LinkageError, match=message):
        load_settings(path)


def test_settings_default_to_what_is_committed(tmp_path: Path) -> None:
    path = tmp_path / "linkage.yaml"
    assert load_settings(path) == LinkageSettings(upper=0.9, lower=0.2)
    path.write_text("upper: 0.97\n")
    assert load_settings(path) == LinkageSettings(upper=0.97)
