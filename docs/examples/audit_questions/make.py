"""Make the three audits that the questions are about, and page one of each report; everybody in them is made up.

    python docs/examples/audit_questions/make.py [FOLDER]

writes ``refused.md``, ``insufficient.md`` and ``passed.md`` (page one alone) and ``answers.md`` beside this file, and
the whole reports as ``.html`` into FOLDER where one is named.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fairness import audit, combine, load_policy
from fairness.papers import audit_report

HERE = Path(__file__).parent
NAMES = ("refused", "insufficient", "passed")
BACKTEST, LIST = "backtest over all areas", "this list"
Shares = dict[str, float]
ETHNICITY: Shares = {"W1": 0.5, "A2": 0.2, "B2": 0.12, "": 0.14, "NS": 0.03, "M1": 0.01}
OTHERS: dict[str, Shares] = {
    "insufficient": ETHNICITY | {"W1": 0.55, "B2": 0.07},
    "passed": ETHNICITY | {"W1": 0.48, "M1": 0.03},
}
LISTS = 3
SEX: Shares = {"male": 0.78, "female": 0.21, "": 0.01}
VICTIM_SEX: Shares = {"female": 0.7, "male": 0.27, "": 0.03}
MISSED: dict[str, Shares] = {
    "refused": {"A2": 0.66},
    "insufficient": {"B2": 0.57},
    "passed": {},
}
"""Share of later harm that is missed where it is not that of the others, by code of ethnicity."""
MISSED_ELSE = {"refused": 0.46}
"""Share that everybody else misses where it is not a half, so that of everybody's about a half is missed."""
PEOPLE = {"refused": 16_000, "insufficient": 12_000, "passed": 30_000}
OUTCOMES, LISTED_IN_VAIN = 0.25, 0.15


def table(name: str) -> pd.DataFrame:
    """Return the audited table of one of `NAMES`; the same in every run."""
    people = PEOPLE[name]
    rows = np.arange(people)
    frame = pd.DataFrame(
        {
            "person_id": [f"made-up-{i}" for i in rows],
            "victim_id": [f"victim-{i}" for i in rows],
            "split": rows % LISTS,
            "ethnicity_self": _spread(OTHERS.get(name, ETHNICITY), people, 2**0.5),
            "sex": _spread(SEX, people, 3**0.5),
            "victim_sex": _spread(VICTIM_SEX, people, 5**0.5),
        }
    )
    frame["outcome"] = 0
    frame["selected"] = 0
    for code, part in frame.groupby("ethnicity_self").groups.items():
        chosen = np.asarray(part)
        harmed, others = np.split(chosen, [round(OUTCOMES * len(chosen))])
        frame.loc[harmed, "outcome"] = 1
        found = 1 - MISSED[name].get(str(code), MISSED_ELSE.get(name, 0.5))
        frame.loc[_evenly(harmed, found), "selected"] = 1
        frame.loc[_evenly(others, LISTED_IN_VAIN), "selected"] = 1
    return frame


def _spread(shares: Shares, people: int, step: float) -> np.ndarray[Any, Any]:
    """Return a code for each person, in these shares, spread evenly by steps of an irrational number."""
    place = np.arange(people) * step % 1
    return np.array(list(shares), dtype=object)[
        np.searchsorted(np.cumsum([*shares.values()])[:-1], place, side="right")
    ]


def _evenly(rows: np.ndarray[Any, Any], share: float) -> np.ndarray[Any, Any]:
    """Return a share of rows, spread evenly over them, so that nothing else than the ethnicity tells who it is."""
    steps = np.floor(np.arange(1, len(rows) + 1) * share)
    return rows[np.diff(np.concatenate([[0.0], steps])) > 0]


def gate_document(name: str) -> dict[str, Any]:
    """Return the audit of one of `NAMES` as a scoring run stores it: a backtest, and a list whose outcomes are open."""
    policy, rows = load_policy(), table(name)
    latest = rows.head(400).drop(columns="split").assign(outcome=pd.NA, selected=np.arange(400) < 20)
    reports = {
        BACKTEST: audit(rows, policy, evidence="backtest"),
        LIST: audit(latest.astype({"selected": int}), policy, evidence="list"),
    }
    verdict = combine(reports, policy)
    return verdict.to_dict() | {"audits": {key: report.to_dict() for key, report in reports.items()}}


def report(document: dict[str, Any]) -> dict[str, Any]:
    """Return the report of such an audit; its list awaits a review."""
    return audit_report(document, title="Castlebridge, list as of 31 March 2026", synthetic=True, state="awaiting")


def page_one(made: dict[str, Any]) -> str:
    """Return page one as text."""
    lines = [f"# Fairness audit: {made['title']}", "", "Synthetic data: everybody in these records is made up.", ""]
    for answer in made["page_one"]:
        lines += [f"## {answer['question']}", "", *answer["says"], *(f"- {point}" for point in answer["points"]), ""]
    return "\n".join(lines)


def answers_to_questions(documents: dict[str, dict[str, Any]]) -> str:
    """Return the right answers, which ``answers.py`` takes from the stored audits and not from the pages."""
    spec = importlib.util.spec_from_file_location("audit_questions_answers", HERE / "answers.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError("answers.py")
    answers = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = answers
    spec.loader.exec_module(answers)
    return str(answers.as_text(documents))


def main() -> None:
    """Write page one of each report and the answers, and the whole reports where a folder is named."""
    documents = {name: gate_document(name) for name in NAMES}
    (HERE / "answers.md").write_text(answers_to_questions(documents), encoding="utf-8")
    for name, document in documents.items():
        made = report(document)
        (HERE / f"{name}.md").write_text(page_one(made), encoding="utf-8")
        if len(sys.argv) > 1:
            from drive_panel.workflows.audit_report import content_of

            place = Path(sys.argv[1]) / f"{name}.html"
            place.write_text(str(content_of(made, ".html")), encoding="utf-8")


if __name__ == "__main__":
    main()
