"""How the report writes figures and names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from records.quality.words import NOT_AVAILABLE, words

Document = Mapping[str, Any]
Told = Mapping[str, Any]


def interval(found: Told | None, form: str = "{:,.3g}") -> str:
    """Write a value with its interval, where one is stated."""
    if found is None or found["value"] is None:
        return NOT_AVAILABLE
    value = form.format(found["value"])
    return value if found["low"] is None else f"{value} ({form.format(found['low'])} to {form.format(found['high'])})"


def role_of(name: str, document: Document) -> str:
    """Write a ranker's name, and whether it is champion or a candidate."""
    role = "champion" if name == document["champion"] else "candidate" if name in document["candidates"] else ""
    return f"{words(name)} ({role})" if role else words(name)
