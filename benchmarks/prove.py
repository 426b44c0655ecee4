"""Makes a table of `benchmarks.tables` in full, resumable, and stamps it with what it was made from.

Usage: ``python -m benchmarks.prove TABLE`` (through ``scripts/prove``).
"""

from __future__ import annotations

import csv
import json
import os
import platform
import random
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.tables import AWAITED, TABLES, Row, Table
from drive_panel.output import note, progress_bars
from values import Hash, canonical_json, digest, digest_file

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def code_hash(table: Table) -> Hash:
    """Return the hash of every source file that the table's figures depend on, and of the locked environment."""
    return code_of(table.rooms)


def code_of(rooms: Sequence[str]) -> Hash:
    """Return the hash of every source file in some folders and files, and of the locked environment."""
    files = [file for room in rooms for file in _files(ROOT / room) if _is_source(file)]
    files += [ROOT / "benchmarks" / "tables.py", ROOT / "requirements.lock"]
    return digest({file.relative_to(ROOT).as_posix(): digest_file(file) for file in files})


def _files(room: Path) -> list[Path]:
    return [room] if room.is_file() else sorted(room.rglob("*"))


def _is_source(file: Path) -> bool:
    return file.is_file() and file.suffix in {".py", ".csv", ".yaml", ".json"}


def machine() -> dict[str, str | int]:
    """Describe the machine without naming it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count() or 0,
        "memory_gib": round(memory),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def prove(table: Table) -> Path:
    """Compute every row that is not there yet, a row a core; a killed run goes on where it stopped."""
    RESULTS.mkdir(exist_ok=True)
    code = code_hash(table)
    partial = RESULTS / f".{table.name}-{code.short}.jsonl"
    done = _computed(partial)
    left = {key: row for row in table.rows if (key := canonical_json(dict(row))) not in done}
    workers = ProcessPoolExecutor(os.cpu_count(), get_context("spawn"))
    with progress_bars() as progress, partial.open("a", encoding="utf-8") as out, workers:
        asked = {workers.submit(table.compute, row): key for key, row in left.items()}
        for future in as_completed(asked):
            key = asked[future]
            done[key] = future.result()
            out.write(json.dumps([key, done[key]]) + "\n")
            out.flush()
            progress(table.name, len(done), len(table.rows))
    rows = [{**parameters, **done[canonical_json(dict(parameters))]} for parameters in table.rows]
    target = RESULTS / f"{table.name}.csv"
    write(target, rows)
    made = {"table": table.name, "question": table.question, "code": code, "machine": machine()}
    target.with_suffix(".json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    partial.unlink()
    return target


def _computed(partial: Path) -> dict[str, Row]:
    if not partial.exists():
        return {}
    lines = partial.read_text(encoding="utf-8").splitlines()
    return dict(json.loads(line) for line in lines if line.endswith("]"))


def write(target: Path, rows: list[Row]) -> None:
    """Write rows as CSV; a figure that a row does not have is empty."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def committed(table: Table) -> list[dict[str, str]]:
    """Return the committed table as text."""
    with (RESULTS / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def any_rows(table: Table, seed: int) -> list[tuple[dict[str, str], Row]]:
    """Return of each kind a committed row drawn by `seed` among the light ones, and the same row computed anew."""
    light: dict[str, list[int]] = {}
    for number, row in enumerate(table.rows):
        if table.light(row):
            light.setdefault(table.kind(row), []).append(number)
    draw, stored = random.Random(seed), committed(table)
    drawn = [draw.choice(numbers) for numbers in light.values()]
    return [(stored[number], {**table.rows[number], **table.compute(table.rows[number])}) for number in drawn]


def stamp(table: Table) -> dict[str, Any]:
    """Return what the committed table says of how it was made."""
    found: dict[str, Any] = json.loads((RESULTS / f"{table.name}.json").read_text(encoding="utf-8"))
    return found


def main(arguments: list[str]) -> int:
    """Make the table named on the command line."""
    tables = {**TABLES, **AWAITED}
    if len(arguments) != 1 or arguments[0] not in tables:
        note("Usage: scripts/prove TABLE, where TABLE is one of:")
        for table in tables.values():
            note(f"  {table.name:<12} {table.question} ({len(table.rows)} rows)")
        return 2
    print(prove(tables[arguments[0]]).relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
