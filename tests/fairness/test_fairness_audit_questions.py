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
NAMES = ("refused", "insufficient", "pass")
VERDICT = {"refused": "refuse", "insufficient": "insufficient", "pass": "pass"}
Cell = dict[str, Any]


@pytest.fixture(scope="module")
def made() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit_questions_make", FOLDER / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def documents(made: ModuleType) -> dict[str, dict[str, Any]]:
    return {name: made.gate_document(name) for name in NAMES}


@pytest.fixture(scope="module")
def pages(made: ModuleType, documents: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: made.page_one(made.report(document)) for name, document in documents.items()}


def answers(name: str) -> dict[int, str]:
    text = (FOLDER / "answers.md").read_text(encoding="utf-8")
    (part,) = re.findall(rf"^## {name}\n(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL)
    found = re.split(r"^(\d+)\. ", part, flags=re.MULTILINE)[1:]
    return {int(n): " ".join(body.split()) for n, body in zip(found[0::2], found[1::2], strict=True)}


def telling(document: dict[str, Any]) -> list[Cell]:
    """Return the binding cells of the backtest that have the gate's verdict, the surest first."""
    backtest = document["audits"]["backtest over all areas"]
    cells = [c for c in backtest["cells"] if c["binding"] and c["verdict"] == document["verdict"]]
    return sorted(cells, key=lambda cell: cell["p_value"])


def facts(document: dict[str, Any]) -> dict[int, list[str]]:
    """Return what a right answer holds, by question: figures of the stored audit, and nothing that the page wrote."""
    backtest, verdict = document["audits"]["backtest over all areas"], document["verdict"]
    cells = telling(document)
    first = cells[0]
    margin = [f"{end:g}" for end in backtest["margin"]]
    unrecorded = next(c["unrecorded"] for c in backtest["characteristics"] if c["characteristic"] == "ethnicity_group")
    settle = {
        "refuse": ["trains again"],
        "insufficient": [str(first["n"]), f"{first['minimum_detectable_ratio']:.2f}"],
        "pass": ["Nothing is open"],
    }
    return {
        1: {"refuse": ["Refused"], "insufficient": ["not a pass"], "pass": ["Passed"]}[verdict],
        2: {"refuse": ["nobody"], "insufficient": ["two different reviewers"], "pass": ["one reviewer"]}[verdict],
        3: [cell["group"] for cell in cells] if verdict == "pass" else [first["group"]],
        4: [str(first["events"]), str(first["n"]), f"{100 * first['others_value']:.0f} in 100"],
        5: [f"{first['ratio']:.2f}", f"{first['ratio_low']:.2f} to {first['ratio_high']:.2f}"],
        6: [f"{margin[0]} to {margin[1]}"],
        7: ["cannot" if verdict == "insufficient" else f"{100 * backtest['alpha']:g} times in 100"],
        8: settle[verdict],
        9: [f"{100 * unrecorded:.0f} in 100", *(gap["group"] for gap in document["not_assessable"] if gap["group"])],
        10: ["reviewer"],
    }


SPELT = {
    "not recorded": "nobody recorded",
    "not stated": "declined to say",
    "cannot": "too few cases to tell",
}
"""What answers say in the words of the audit, as the page says it in whole sentences."""


@pytest.mark.parametrize("name", NAMES)
def test_the_three_audits_come_to_the_verdicts_they_are_named_for(documents: dict[str, Any], name: str) -> None:
    assert documents[name]["verdict"] == VERDICT[name]


@pytest.mark.parametrize("name", NAMES)
def test_every_committed_answer_holds_the_figures_of_the_stored_audit(documents: dict[str, Any], name: str) -> None:
    given = answers(name)
    assert sorted(given) == list(range(1, 11))
    missing = {n: [f for f in wanted if f not in given[n]] for n, wanted in facts(documents[name]).items()}
    assert {n: lost for n, lost in missing.items() if lost} == {}


@pytest.mark.parametrize("name", NAMES)
def test_page_one_alone_holds_what_answers_each_question(
    documents: dict[str, Any], pages: dict[str, str], name: str
) -> None:
    page = pages[name]
    missing = {
        n: [fact for fact in wanted if fact not in page and SPELT.get(fact, fact) not in page]
        for n, wanted in facts(documents[name]).items()
    }
    assert {n: lost for n, lost in missing.items() if lost} == {}


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_pages_are_those_of_the_code(pages: dict[str, str], name: str) -> None:
    committed = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert committed == pages[name], "run: python docs/examples/audit_questions/make.py"


@pytest.mark.parametrize("name", NAMES)
def test_page_one_names_mechanisms_and_no_virtue(pages: dict[str, str], name: str) -> None:
    told = pages[name].removeprefix("# Fairness audit").lower()
    assert [word for word in (" fair", "unbias", "debias", "bias-free", "✓", "✔", "green") if word in told] == []
