"""Options of the whole suite, and the look at what it wrote once it is done."""

from __future__ import annotations

import pytest

from benchmarks.leaks import pytest_runtest_logreport, pytest_runtest_setup, pytest_sessionfinish

__all__ = ["pytest_runtest_logreport", "pytest_runtest_setup", "pytest_sessionfinish"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--api-examples", type=int, default=3, help="Requests drawn for each operation, role and mode.")
