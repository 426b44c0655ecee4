"""A mapping tried on an extract before anything is stored, and a first mapping proposed from the files themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from records.mappings.drafting import draft as _draft
from records.mappings.trial import PLACES_SHOWN, try_mapping
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
    for problem in trial["problems"]:
        lines += _problem(problem)
    for name, table in trial["tables"].items():
        lines += _codes(name, table["codes"]) if "codes" in table else _rows(name, table["rows"])
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


def _problem(problem: dict[str, Any]) -> list[str]:
    where = f"{problem['table']}.{problem['column']}" if problem["column"] else problem["table"]
    lines: dict[str, list[str]] = {}
    for place in problem["places"]:
        lines.setdefault(place["file"], []).append(str(place["line"]))
    places = "; ".join(f"{file} line {', '.join(each)}" for file, each in lines.items())
    more = ", …" if problem["rows"] > len(problem["places"]) == PLACES_SHOWN else ""
    return [f"  {problem['rows']:,} × {problem['reason']} in {where} ({places}{more})", f"      {problem['remedy']}"]


def _rows(name: str, rows: list[dict[str, str]]) -> list[str]:
    if not rows:
        return []
    shown = ["; ".join(f"{column} = {text or '-'}" for column, text in row.items()) for row in rows]
    return [
        f"{name}, rows that differ, as they will be read (- is blank; what is in brackets is masked):",
        *(f"  {row}" for row in shown),
    ]


def _codes(name: str, columns: dict[str, dict[str, int | str]]) -> list[str]:
    shown = (
        f"  {column}: {', '.join(f'{code} {count}' for code, count in codes.items())}"
        for column, codes in columns.items()
    )
    return [f"{name}, how many people have which code:", *shown]
