"""Options of the whole suite, which tests go together, its databases, and the look at what it wrote once it is done."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadFileScheduling

from benchmarks.leaks import pytest_runtest_logreport, pytest_runtest_setup, pytest_sessionfinish

if TYPE_CHECKING:
    from benchmarks.postgresql import Cluster

TOGETHER = ("/test_end_to_end_(models|papers|release)", "/test_end_to_end_", "/test_browser_", "/test_training_")
"""Files that share what takes long to make (the demonstration, a small force, a browser, worlds) and is made once a
process. They begin: short files at the end let all processes finish together."""

__all__ = ["pytest_runtest_logreport", "pytest_runtest_setup", "pytest_sessionfinish"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--api-examples", type=int, default=3, help="Requests drawn for each operation, role and mode.")


def _place(nodeid: str) -> int:
    return next((place for place, files in enumerate(TOGETHER) if re.search(files, nodeid)), len(TOGETHER))


class Together(LoadFileScheduling):
    """Gives a file to one process, as xdist does, and with it all files that share with it."""

    def _split_scope(self, nodeid: str) -> str:
        place = _place(nodeid)
        return TOGETHER[place] if place < len(TOGETHER) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return half as many processes again as cores: tests wait for disks, browsers, and processes to end."""
    cores = len(os.sched_getaffinity(0))
    return cores + cores // 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together | None:
    return Together(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _place(item.nodeid))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Databases that were migrated once; a test copies them."""
    from serving.storage import PANEL, SCORES, Database
    from serving.storage.migrating import migrate

    folder = tmp_path_factory.mktemp("template")
    for name, metadata in (("panel.db", PANEL), ("scores.db", SCORES)):
        database = Database(folder / name, metadata)
        migrate(database)
        database.close()
    return folder


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL server with a template database that was migrated once."""
    from benchmarks.postgresql import cluster
    from serving.storage import PANEL, SCORES, Database
    from serving.storage.migrating import migrate

    with cluster() as server:
        server.sql("CREATE DATABASE template_panel")
        for metadata in (PANEL, SCORES):
            database = Database(server.url("template_panel"), metadata)
            migrate(database)
            database.close()
        yield server
