"""What leaves beside the cells of a report, attacked: the diagnosis of a backtest and the page of a run.

A diagnosis counts the same people again by other outcomes and another line; the page and its interface give cells of
their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.audited.disclosed import SMALLEST, Tally, elsewhere
from benchmarks.audited.exported import exported
from drive_panel.workflows.diagnosis import READINGS
from drive_panel.workflows.gate import page_cells
from fairness import audit, read_policy
from fairness.diagnosis import Reading, read_again
from fairness.disclosure import Register
from fairness.groups import is_unrecorded
from fairness.papers.shown import shown, shown_diagnosis
from fairness.policy_schema import Policy
from fairness.recovery import Export, Reread, recover, small_counts
from fairness.tables import SUBJECTS, split_table
from serving.release.disclosing import disclosed_audit

LISTS_A_BLOCK, LONG = 4, 1500
ROWS_BY_LINE, ROWS_BY_OUTCOME = ((0, 2, 4), (1, 3, 5)), ((0, 1), (2, 3), (4, 5))
HARMED, MISSED, FOUND = (2, 3), (2,), (3,)
AUDIT, VICTIMS, POLICE, OTHER_LINE, OTHER_LINE_VICTIMS = range(1, 6)
REREAD = (
    Reread((AUDIT,), 0, same=tuple((state,) for state in range(6))),
    Reread((VICTIMS,), 0, same=ROWS_BY_LINE, fewer=(HARMED, MISSED, FOUND)),
    Reread((POLICE,), 0, same=ROWS_BY_LINE, fewer=(HARMED, MISSED, FOUND)),
    Reread((VICTIMS, POLICE), 0, fewer=(HARMED, MISSED, FOUND)),
    Reread((OTHER_LINE,), 0, same=ROWS_BY_OUTCOME),
    Reread((OTHER_LINE_VICTIMS,), OTHER_LINE, same=ROWS_BY_LINE, fewer=(HARMED, MISSED, FOUND)),
    Reread((OTHER_LINE_VICTIMS,), VICTIMS, same=ROWS_BY_OUTCOME),
)
"""How the readings of `READINGS`, after the report itself, hang together, whoever reads them."""
_TOLD_BY_A_RATIO = ("n", "events", "value", "ratio", "ratio_low", "ratio_high", "others_n", "others_value")
_SHARE = re.compile(r"\((\d+)% of rows\)")


def read_again_and_attacked(block: int) -> dict[str, Any]:
    """Return the tally of a block of lists whose report, diagnosis and page leave."""
    tally, policy = Tally(), read_policy()
    for seed in range(block * LISTS_A_BLOCK, (block + 1) * LISTS_A_BLOCK):
        left = left_of(reread(seed), policy)
        if not tally.tables:
            careless = [Export(each.exact, each.exact) for each in left]
            tally.primary_rule = len(recover(careless, SMALLEST, groupings=policy.grouping_pairs, readings=REREAD))
        tally.tables += 1
        tally.figures += sum(len(each.exact["cells"]) for each in left)
        tally.shown += sum(1 for each in left for cell in each.shown["cells"] if cell.get("n") is not None)
        tally.small += small_counts(left, SMALLEST, readings=REREAD)
        tally.recovered += len(recover(left, SMALLEST, groupings=policy.grouping_pairs, readings=REREAD))
    return vars(tally)


def reread(seed: int) -> pd.DataFrame:
    """Return a long list with outcomes that victims and the police reported and another line."""
    rng = np.random.default_rng([seed, 11])
    drawn = (exported(int(number)) for number in rng.integers(2**31, size=1000))
    people = next(each for each in drawn if len(each) >= LONG and each["outcome"].eq(1).sum() >= LONG // 10)
    people = people.drop(columns="score", errors="ignore")
    person = pd.factorize(people["person_id"])[0]
    count = int(person.max()) + 1
    reporter = rng.choice(["victim", "police", "nobody"], count, p=rng.dirichlet([2.0, 1.0, 0.4]))[person]
    lost = (rng.random(count) < rng.choice([0.0, 0.02]))[person]
    outcome = people["outcome"].astype("Int8")
    for name in ("victim", "police"):
        read = outcome.where(outcome.isna() | (reporter == name), 0)
        people[f"outcome_{name}"] = read.mask(lost & (read == 0), pd.NA)
    people["selected_unpoliced"] = _another_line(rng, people["selected"].to_numpy(), person)
    return people


def _another_line(rng: np.random.Generator, selected: np.ndarray[Any, Any], person: np.ndarray[Any, Any]) -> Any:
    """Let some of the people above the line change places with people below it."""
    of_person = np.zeros(int(person.max()) + 1, dtype=np.int64)
    of_person[person] = selected
    above, below = (rng.permutation(np.flatnonzero(of_person == side)) for side in (1, 0))
    moved = min(len(above), len(below), int(rng.choice([0, 1, 4, len(above) // 3])))
    of_person[above[:moved]], of_person[below[:moved]] = 0, 1
    return of_person[person]


def left_of(people: pd.DataFrame, policy: Policy) -> list[Export]:
    """Return what leaves of a list: its report with page and diagnosis, and each reading, in the order of `REREAD`."""
    register = Register()
    own = ["outcome_victim", "outcome_police", "selected_unpoliced"]
    tables = {
        name: people.assign(**{column: people[source] for column, source in columns.items()}).drop(columns=own)
        for name, _, columns in READINGS
    }
    audited = tables["audit"]
    found = audit(audited, policy, evidence="backtest")
    as_list = audit(audited, policy, evidence="list")
    page = disclosed_audit(
        {
            "cells": [*page_cells("backtest", found, register), *page_cells("list", as_list, register)],
            "not_assessable": found.to_dict()["not_assessable"],
        },
        live=True,
    )
    report = found.to_dict()
    told = shown(report, register=register)
    readings = read_again([Reading(name, title, tables[name]) for name, title, _ in READINGS], policy)
    diagnosis = shown_diagnosis({"reporters": readings, "missingness": _missingness(audited, policy)}, told)
    exact = {name: audit(table, policy).to_dict() for name, table in tables.items()}
    whole = {
        **told,
        "characteristics": [*told["characteristics"], *_shares_of(page, report)],
        "elsewhere": [*page["cells"], *elsewhere(audited, policy, report, told)],
        "missingness": diagnosis["missingness"],
    }
    return [
        Export(whole, report),
        *(
            Export({"cells": [*_of_reading(each, exact[each["name"]])]}, exact[each["name"]])
            for each in diagnosis["reporters"]["readings"]
        ),
    ]


def _missingness(people: pd.DataFrame, policy: Policy) -> list[dict[str, Any]]:
    """Return the share of subjects who are unrecorded, as a diagnosis of so few people tells it."""
    rows = []
    for name, each in split_table(people, policy.grouping_pairs)[SUBJECTS].characteristics.items():
        blank = [is_unrecorded(group) for group in each.groups]
        share = float(np.array(blank, dtype=bool)[each.codes].mean())
        if not name.endswith("_group"):
            rows.append({"characteristic": name, "people": each.codes.size, "unrecorded": share})
    return rows


def _shares_of(page: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the share of unstated rows of which a page says a rounded one, as the report measured it."""
    said = {(gap["table"], gap["characteristic"]) for gap in page["not_assessable"] if _SHARE.search(gap["reason"])}
    return (each for each in report["characteristics"] if (each["table"], each["characteristic"]) in said)


def _of_reading(reading: Mapping[str, Any], exact: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the cells of a reading: with every count that its ratio tells, or bare."""
    names = ("table", "characteristic", "group")
    measured = {tuple(cell[n] for n in names): cell for cell in exact["cells"] if cell["metric"] == "missed_harm"}
    for row in reading["cells"]:
        cell = measured[tuple(row[name] for name in names)]
        told = {name: cell[name] for name in _TOLD_BY_A_RATIO} if row["low"] is not None else {}
        yield {**{name: row[name] for name in names}, "metric": "missed_harm", **told}
