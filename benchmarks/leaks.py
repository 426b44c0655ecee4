"""Whether logs, metrics, error pages and MLflow stores tell of a made-up person: looked at after the whole suite.

A plugin of pytest (`tests/conftest.py`). It reads every log line that a test printed, every ``*.log`` file and every
MLflow store below the tests' temporary folder, every error page and metric that a process of tests made, and fails the
run where one of them holds a pseudonym, an identifier, a name, a date of birth or a score. Which people there are is
read from the workspace beside a store; which scores, wherever one is given (`benchmarks.watched`). What cannot be told
apart from other numbers is said in `benchmarks.sought`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from benchmarks import watched
from benchmarks.sought import IN_STORES, People, Scores, all_told
from benchmarks.watched import SCORES

_LOG_LINE = re.compile(r'^\{.*"event":|^\S+(?: \S+)? \[\w+\s*\] ')
_IDENTIFIERS = ("person_id", "pnc_id", "cro_id")
_FOUND, _SCORED = "leaks-found.txt", "leaks-scores.npy"


def leaks_in_output(text: str, scores: Scores | None = None) -> list[str]:
    """Return what log lines among printed text tell of."""
    return [told for line in text.splitlines() if _LOG_LINE.match(line) for told in all_told(line, scores or SCORES)]


def leaks_in_files(base: Path, scores: Scores | None = None) -> list[str]:
    """Return every leak below a folder, as the file and what it tells."""
    return [
        f"{place.relative_to(base)} tells {told!r}"
        for place, people in _places(base)
        for told in _told_by(place, people, scores or SCORES)
    ]


def _places(base: Path) -> Iterator[tuple[Path, People]]:
    for folder, folders, files in os.walk(base):
        here = Path(folder)
        for name in files:
            if name.endswith(".log"):
                yield here / name, People()
        if "mlflow" in folders:
            people = people_of(tuple(sorted((here / "records" / "snapshots").glob("*/persons.parquet"))))
            for place in sorted(path for path in (here / "mlflow").rglob("*") if path.is_file()):
                yield place, people


def _told_by(place: Path, people: People, scores: Scores) -> list[str]:
    data = place.read_bytes()
    text = data.decode("utf-8", errors="replace")
    if place.suffix == ".log":
        return all_told(text, scores, [people])
    return [*all_told(text, scores, [people], IN_STORES), *scores.told_in_bytes(data)]


@cache
def people_of(snapshots: tuple[Path, ...]) -> People:
    """Return what identifies the people of some snapshots, from their tables of persons."""
    people = People()
    for place in snapshots:
        for row in parquet.read_table(place).to_pylist():
            for name in _IDENTIFIERS:
                if row.get(name):
                    people.identified_by(str(row[name]))
            if row.get("date_of_birth"):
                people.words.add(str(row["date_of_birth"])[:10])
            if row.get("given_name") and row.get("family_name"):
                people.names.add(f"{row['given_name']} {row['family_name']}".lower())
    return people


_found: list[str] = []


def pytest_runtest_setup() -> None:
    """Watch what tests have loaded by now."""
    watched.watch()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Look at what a test printed."""
    for _, text in report.sections:
        _found.extend(f"{report.nodeid} logs {told!r}" for told in leaks_in_output(text))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Look at what all tests left, and fail the run where it tells of somebody."""
    base: Path = session.config._tmp_path_factory.getbasetemp()
    found = [*_found, *watched.told()]
    if hasattr(session.config, "workerinput"):  # whoever waits for all workers looks at what each has found
        (base / _FOUND).write_text("\n".join(found), encoding="utf-8")
        np.save(base / _SCORED, SCORES.values)
        return
    for place in base.glob(f"*/{_SCORED}"):
        SCORES.add(np.load(place).tolist())
    for place in base.glob(f"*/{_FOUND}"):
        found += place.read_text(encoding="utf-8").splitlines()
    found += leaks_in_files(base)
    if found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        for line in ["", "What the tests wrote tells of people:", *sorted(set(found))[:50]]:
            reporter.write_line(line, red=True)
