"""Options of the whole suite, its databases, and the look at what it wrote once it is done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.leaks import pytest_runtest_logreport, pytest_runtest_setup, pytest_sessionfinish

if TYPE_CHECKING:
    from benchmarks.postgresql import Cluster

__all__ = ["pytest_runtest_logreport", "pytest_runtest_setup", "pytest_sessionfinish"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--api-examples", type=int, default=3, help="Requests drawn for each operation, role and mode.")


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
