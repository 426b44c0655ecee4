"""Options of the whole suite."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--api-examples", type=int, default=6, help="Requests drawn for each operation, role and mode.")
