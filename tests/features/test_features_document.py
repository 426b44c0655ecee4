"""docs/indicators.md: its example is true, its tutorial runs, every entry says what it must."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features import CATALOGUE, Catalogue, build_stream, compute
from features.kinds import Flag, Kind
from features.measures import Count
from features.prose import ADDING, READING
from features.selection import Selection
from features.specification import specification
from values import Window

DOCUMENT = Path(__file__).parents[2] / "docs" / "indicators.md"
T = "2024-02-29"


def rows(text: str, columns: int) -> list[list[str]]:
    """Return the cells of every table row with so many columns, without headings."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [cells for cells in lines if len(cells) == columns and cells[0] not in ("indicator", "incident")]


@pytest.fixture
def example(source_of: Any, an_incident: Any, an_involvement: Any) -> Any:
    """The incidents of the worked example, as the document tells them."""
    told = rows(READING, 5)
    assert [cells[0] for cells in told] == ["I1", "I2", "I3", "I4"]
    return source_of(
        {
            "incidents": [
                an_incident(key, day, reported_on=reported, known_from=reported) for key, day, reported, _, _ in told
            ],
            "involvements": [
                an_involvement(key, person, role, reported)
                for key, _, reported, victim, _ in told
                for person, role in (("ann", "suspect"), (victim, "victim"))
            ],
        }
    )


def numbers(source: Any, day: str) -> pd.Series[Any]:
    asked = pd.DataFrame({"person_id": ["ann"], "as_of": pd.to_datetime([day])})
    return compute(build_stream(source), asked).iloc[0]


def test_the_worked_example_is_what_is_computed(example: Any) -> None:
    told = {cells[0].strip("`"): float(cells[1]) for cells in rows(READING, 3)}
    assert len(told) == 11
    computed = numbers(example, T)
    assert {name: computed[name] for name in told} == told
    assert numbers(example, "2024-02-19")["domestic_incidents_ever"] == 2


def test_the_days_before_t_in_the_example_are_right() -> None:
    for _, day, _, _, age in rows(READING, 5):
        assert (pd.Timestamp(T) - pd.Timestamp(day)).days == int(age)


def test_the_tutorial_runs_and_its_indicator_is_computed(example: Any) -> None:
    told: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", ADDING, flags=re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        exec(block, told)
    catalogue: Catalogue = told["catalogue"]
    assert len(catalogue) == len(CATALOGUE) + 1
    spine = pd.DataFrame({"person_id": ["ann"], "as_of": pd.to_datetime([T])})
    assert compute(build_stream(example), spine, catalogue)["threats_365"].item() == 0


def test_every_indicator_has_an_entry_with_all_it_must_say() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    entries = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", text, flags=re.DOTALL | re.MULTILINE))
    assert set(entries) == set(CATALOGUE.names)
    for indicator in CATALOGUE:
        entry = entries[indicator.name]
        assert indicator.question in entry
        assert f"[{indicator.name}](#{indicator.name})" in text
        for line in ("Unit", "Computed", "Push", "Source", "Missing", "Reads"):
            assert re.search(rf"^- {line}: \S", entry, flags=re.MULTILINE), (indicator.name, line)


def test_what_is_computed_is_told_apart() -> None:
    """Two indicators with the same words would be one, or one of them would be told wrongly."""
    told: dict[tuple[str, str], str] = {}
    for indicator in CATALOGUE:
        key = (specification(indicator.measure), indicator.clock)
        assert key not in told, (indicator.name, told.get(key))
        told[key] = indicator.name


def test_a_window_is_told_in_ages() -> None:
    domestic = Selection(Kind.INCIDENT, flags=Flag.DOMESTIC)
    assert specification(Count(domestic, Window(365))) == (
        "number of incidents as suspect (domestic), 0 to 364 days old"
    )
    assert specification(Count(domestic, Window(180), skip=180)).endswith("180 to 359 days old")
