"""The committed answers about indicators are those that the code gives for the tables of the questions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features import CATALOGUE, build_stream, compute

FOLDER = Path(__file__).parents[2] / "docs" / "examples" / "indicator_questions"
NUMBER = re.compile(r"- (\w+), (\d{4}-\d\d-\d\d): `(\w+)` = (missing|[\d.]+)")
WEIGHTS = pd.DataFrame(
    {
        "offence_code": ["tenner", "nobody_knows"],
        "family": ["violence_no_injury", "violence_no_injury"],
        "harm_days": [10.0, float("nan")],
    }
)
Row = Mapping[str, str]


def parts(name: str) -> dict[int, str]:
    """Return the text of each question or answer by its number."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    found = re.split(r"^## (\d+)\. ", text, flags=re.MULTILINE)[1:]
    return {int(number): body.strip() for number, body in zip(found[0::2], found[1::2], strict=True)}


def tables(text: str) -> dict[str, list[Row]]:
    """Return the tables of a question by the name of their first column."""
    found: dict[str, list[Row]] = {}
    for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines())
        found[head[0]] = [dict(zip(head, row, strict=True)) for row in rows]
    return found


def names(cell: str) -> list[str]:
    return [name.strip() for name in cell.split(",")]


def incident_of(row: Row) -> dict[str, Any]:
    known = row.get("recorded", row["reported"])
    code = {"10": "tenner", "unknown": "nobody_knows", None: "tenner"}[row.get("harm")]
    grade = {"risk_grade": row["grade"], "risk_tool": "dara", "known_from_assumed": True} if "grade" in row else {}
    return {
        "incident_id": row["incident"],
        "area": "castlebridge",
        "occurred_from": row["occurred"],
        "reported_on": row["reported"],
        "known_from": known,
        "offence_code": code,
        "is_crime": row.get("crime", "yes") == "yes",
        "domestic": True,
        **grade,
    }


def records_of(asked: Mapping[str, Sequence[Row]]) -> dict[str, list[dict[str, Any]]]:
    """Return what the tables of a question say, as tables of the data contract."""
    made: dict[str, list[dict[str, Any]]] = {"incidents": [], "involvements": [], "dyads": []}
    for row in asked["incident"]:
        incident = incident_of(row)
        known = {"incident_id": row["incident"], "known_from": incident["known_from"]}
        made["incidents"].append(incident)
        for role in ("suspect", "victim"):
            made["involvements"] += [{**known, "person_id": name, "role": role} for name in names(row[role])]
        if row.get("pairs", "recorded") == "recorded":
            made["dyads"] += [
                {**known, "suspect_id": suspect, "victim_id": victim}
                for suspect in names(row["suspect"])
                for victim in names(row["victim"])
            ]
    for row in asked.get("hearing", ()):
        hearing = {"hearing_id": row["hearing"], "perpetrator_id": row["perpetrator"], "victim_id": row["victim"]}
        days = {"referred_at": row["referred"], "heard_at": row["heard"], "known_from": row["referred"]}
        made.setdefault("marac_hearings", []).append({**hearing, **days})
    return made


QUESTIONS, ANSWERS = parts("questions.md"), parts("answers.md")
NUMBERS = [(question, *found) for question, text in ANSWERS.items() for found in NUMBER.findall(text)]


def test_there_are_ten_questions_and_each_has_an_answer() -> None:
    assert list(QUESTIONS) == list(ANSWERS) == list(range(1, 11))
    titles = [[text.splitlines()[0] for text in each.values()] for each in (QUESTIONS, ANSWERS)]
    assert titles[0] == titles[1]


@pytest.mark.parametrize("question", sorted({number for number, *_ in NUMBERS}))
def test_every_number_that_is_asked_for_is_answered(question: int) -> None:
    asked = QUESTIONS[question].rsplit("\n\n", 1)[1]
    wanted = set(re.findall(r"`(\w+)`", asked))
    assert wanted
    assert wanted == {name for number, _, _, name, _ in NUMBERS if number == question}


@pytest.mark.parametrize(("question", "person", "day", "name", "answer"), NUMBERS)
def test_the_answer_is_what_the_code_computes(
    source_of: Callable[..., Any], question: int, person: str, day: str, name: str, answer: str
) -> None:
    stream = build_stream(source_of(records_of(tables(QUESTIONS[question])), WEIGHTS))
    spine = pd.DataFrame({"person_id": [person], "as_of": [pd.Timestamp(day)]})
    computed = compute(stream, spine, CATALOGUE.only([name]))[name].item()
    assert computed == pytest.approx(np.nan if answer == "missing" else float(answer), nan_ok=True, abs=0)


def test_what_reads_the_relationship_is_what_the_catalogue_says() -> None:
    offered = re.findall(r"`(\w+)`", QUESTIONS[5].split("\n\n")[-1])
    reading = [name for name in offered if "dyads.relationship" in CATALOGUE.reads_of(name)]
    assert len(offered) == 8
    assert re.findall(r"`(\w+)`", ANSWERS[5].split(": ", 1)[1]) == reading


def test_the_push_is_the_declared_one() -> None:
    (push,) = re.findall(r"push of `counter_allegation_share`: `(.)`", ANSWERS[7])
    assert push == CATALOGUE["counter_allegation_share"].push


def test_the_list_of_indicators_says_everything_that_is_asked() -> None:
    listed = (FOLDER.parents[1] / "indicators.md").read_text(encoding="utf-8")
    asked = {name for text in QUESTIONS.values() for name in re.findall(r"`([a-z]+_[a-z0-9_]+)`", text)}
    assert len(asked) > 25
    assert [name for name in sorted(asked) if f"### `{name}`\n" not in listed] == []
