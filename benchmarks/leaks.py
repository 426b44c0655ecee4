"""Whether logs and MLflow stores that the tests wrote tell of a made-up person: looked at when the whole suite is done.

A plugin of pytest (`tests/conftest.py`). It reads every log line that a test printed, every ``*.log`` file and every
MLflow store below the tests' temporary folder, and fails the run where one of them holds a pseudonym, an identifier,
a name or a date of birth of the people of the workspace beside it. Pages and metrics are looked at by the test of a
hostile walk, `tests/serving/test_serving_leaks.py`.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from pyarrow import parquet

_PSEUDONYM = re.compile(r"\bP-(?:[0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}\b|\bP-[0-9A-Z]{4}-TEST-\d{4}\b")
_MADE_UP = re.compile(r"\bNumber\d+\b|Made Up Road|\b1990-01-01\b")  # the people of the tests of serving
_LOG_LINE = re.compile(r'^\{.*"event":|^\S+(?: \S+)? \[\w+\s*\] ')
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'/\-]*")
_IDENTIFIERS = ("person_id", "pnc_id", "cro_id")
_COUNT = re.compile(r"\d{1,6}")  # an identifier that is one is not to be told from a count or a day


@dataclass
class People:
    """What identifies the people of a workspace."""

    words: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def told_in(self, text: str) -> list[str]:
        """Return what a text tells of them: identifiers, dates of birth, given and family name side by side."""
        words = _WORD.findall(text)
        pairs = {f"{first} {second}".lower() for first, second in itertools.pairwise(words)}
        return sorted(self.words.intersection(words)) + sorted(self.names & pairs)


def told_in(text: str) -> list[str]:
    """Return the pseudonyms and the people of the serving tests that a text tells of."""
    return [found[0] for pattern in (_PSEUDONYM, _MADE_UP) for found in pattern.finditer(text)]


def leaks_in_output(text: str) -> list[str]:
    """Return what log lines among printed text tell of."""
    return [told for line in text.splitlines() if _LOG_LINE.match(line) for told in told_in(line)]


def leaks_in_files(base: Path) -> list[str]:
    """Return every leak below a folder, as the file and what it tells."""
    return [
        f"{place.relative_to(base)} tells {told!r}"
        for place, people in _places(base)
        for told in _told_by(place, people)
    ]


def _places(base: Path) -> Iterator[tuple[Path, People]]:
    for folder, folders, files in os.walk(base):
        here = Path(folder)
        for name in files:
            if name.endswith(".log"):
                yield here / name, People()
        if "mlflow" in folders:
            people = _people(tuple(sorted((here / "records" / "snapshots").glob("*/persons.parquet"))))
            for place in sorted(path for path in (here / "mlflow").rglob("*") if path.is_file()):
                yield place, people


def _told_by(place: Path, people: People) -> list[str]:
    text = place.read_bytes().decode("utf-8", errors="replace")
    return [*told_in(text), *people.told_in(text)]


@cache
def _people(snapshots: tuple[Path, ...]) -> People:
    people = People()
    for place in snapshots:
        for row in parquet.read_table(place).to_pylist():
            known = {str(row[name]) for name in _IDENTIFIERS if row.get(name)}
            people.words.update(word for word in known if not _COUNT.fullmatch(word))
            if row.get("date_of_birth"):
                people.words.add(str(row["date_of_birth"])[:10])
            if row.get("given_name") and row.get("family_name"):
                people.names.add(f"{row['given_name']} {row['family_name']}".lower())
    return people


_found: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Look at what a test printed."""
    for _, text in report.sections:
        _found.extend(f"{report.nodeid} logs {told!r}" for told in leaks_in_output(text))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Look at what all tests left, and fail the run where it tells of somebody."""
    if hasattr(session.config, "workerinput"):
        return
    found = [*_found, *leaks_in_files(session.config._tmp_path_factory.getbasetemp())]
    if found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        for line in ["", "What the tests wrote tells of people:", *found[:50]]:
            reporter.write_line(line, red=True)
