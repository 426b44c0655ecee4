"""A mapping tried on an extract before anything is stored, and a first mapping proposed from the files themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from records.mappings.drafting import draft as _draft
from records.mappings.trial import try_mapping
from values import Progress, silent


def check(mapping: Path, extract: Path, progress: Progress = silent, reference: Path | None = None) -> dict[str, Any]:
    """Say what ingesting `extract` through `mapping` would do; nothing is stored.

    Raises
    ------
    RecordsError
        If the mapping cannot work, or the extract as a whole cannot be read.
    """
    return try_mapping(mapping, extract, reference, progress).to_dict()


def draft(extract: Path) -> str:
    """Propose a mapping (YAML) for the files of `extract`; every guess that a person must look at ends in ``# ?``.

    Raises
    ------
    ExtractError
        If the folder holds no file that can be read.
    """
    return _draft(extract)


def describe(trial: dict[str, Any]) -> list[str]:
    """Return what `check` found in plain lines."""
    lines = [f"{trial['mapping']}, extract of {trial['extract_date']}. Nothing was stored."]
    for kind in ("files", "tables"):
        lines.append(f"{kind.capitalize()}:")
        lines += [_counts(name, counts) for name, counts in trial[kind].items()]
    lines += [f"  {count:,} × {reason}" for reason, count in trial["reasons"].items()]
    for name, table in trial["tables"].items():
        lines += _rows(name, table)
    lines += [
        f"Unmapped: {column}: {', '.join(f'{code!r} ({count:,})' for code, count in codes.items())}"
        for column, codes in trial["unmapped"].items()
    ]
    lines += [f"Not made: {name}: {', '.join(table['not_made'])}" for name, table in trial["tables"].items()]
    lines += [f"Awaited from another delivery: {name}" for name in trial["awaited"]]
    return lines + [f"Note: {text}" for text in trial["notes"]]


def _counts(name: str, counts: dict[str, int]) -> str:
    return (
        f"  {name}: {counts['read']:,} rows, {counts['accepted']:,} would be accepted, "
        f"{counts['quarantined']:,} quarantined"
    )


def _rows(name: str, table: dict[str, Any]) -> list[str]:
    if not table["rows"]:
        return []
    shown = ["; ".join(f"{column} = {text}" for column, text in row.items() if text) for row in table["rows"]]
    return [f"{name}, first rows (what names a person is masked):", *(f"  {row}" for row in shown)]
