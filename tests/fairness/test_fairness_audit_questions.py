"""Page one of an audit report answers the ten questions, and the committed pages and answers are those of the code."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "examples" / "audit_questions"
NAMES = ("refused", "insufficient", "passed")
VERDICT = {"refused": "refuse", "insufficient": "insufficient", "passed": "pass"}


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"audit_questions_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made() -> ModuleType:
    return load("make")


@pytest.fixture(scope="module")
def documents(made: ModuleType) -> dict[str, dict[str, Any]]:
    return {name: made.gate_document(name) for name in NAMES}


@pytest.fixture(scope="module")
def pages(made: ModuleType, documents: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: made.page_one(made.report(document)) for name, document in documents.items()}


@pytest.mark.parametrize("name", NAMES)
def test_the_three_audits_come_to_the_verdicts_they_are_named_for(documents: dict[str, Any], name: str) -> None:
    assert documents[name]["verdict"] == VERDICT[name]


@pytest.mark.parametrize("name", NAMES)
def test_page_one_alone_holds_what_answers_each_question(
    documents: dict[str, Any], pages: dict[str, str], name: str
) -> None:
    right = load("answers").right_answers(documents[name])
    assert sorted(right) == list(range(1, 11))
    assert all(each.holds for each in right.values())
    missing = {n: [each for each in one.holds if each not in pages[name]] for n, one in right.items()}
    assert {n: lost for n, lost in missing.items() if lost} == {}


def test_there_are_ten_questions_and_the_committed_answers_are_those_of_the_audits(
    made: ModuleType, documents: dict[str, Any]
) -> None:
    questions = re.findall(r"^(\d+)\. ", (FOLDER / "questions.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert questions == [str(n) for n in range(1, 11)]
    committed = (FOLDER / "answers.md").read_text(encoding="utf-8")
    assert committed == made.answers_to_questions(documents), "run: python docs/examples/audit_questions/make.py"


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_pages_are_those_of_the_code(pages: dict[str, str], name: str) -> None:
    committed = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert committed == pages[name], "run: python docs/examples/audit_questions/make.py"


@pytest.mark.parametrize("name", NAMES)
def test_page_one_explains_its_words_and_names_no_virtue(pages: dict[str, str], name: str) -> None:
    told = pages[name].removeprefix("# Fairness audit").lower()
    assert [word for word in (" fair", "unbias", "debias", "bias-free", "✓", "✔", "green") if word in told] == []
    unexplained = ("bundle", "backtest", "roster", "the line", "holm", "p-value", "cases", "design effect", "quantile")
    assert [word for word in unexplained if word in told] == []
    for word, meaning in {
        "later harm": "later harm is a new victim",
        "missed": "somebody is missed if",
        "marac hearing": "a meeting of agencies",
        "90% interval": "of 100 intervals made like this, about 90 hold the true figure",
        "cut-off": "the policy sets it where half of all later harm has been found",
    }.items():
        assert word in told
        assert meaning in told


def test_the_insufficient_page_names_a_number_that_would_settle_it(documents: dict[str, Any]) -> None:
    from fairness.power import decision_odds

    (cell,) = load("answers").telling(documents["insufficient"])
    need = int(re.search(r"about ([\d,]+) with later harm", page_of("insufficient")).group(1))  # type: ignore[union-attr]
    others = need * cell["others_n"] // cell["n"]
    odds = decision_odds(need, others, cell["value"], cell["others_value"], margin=(0.8, 1.25), alpha=0.05)
    assert 0.8 <= odds.passes <= 0.93
    fewer = decision_odds(
        cell["n"], cell["others_n"], cell["value"], cell["others_value"], margin=(0.8, 1.25), alpha=0.05
    )
    assert fewer.passes < 0.5


def page_of(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")
