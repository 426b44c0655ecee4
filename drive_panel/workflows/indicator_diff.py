"""What changed between two indicator snapshots, and why."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from drive_panel.errors import WorkspaceError
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from features import CATALOGUE, Catalogue, build_stream
from features.changes import Counts, DatePair, DeclaredChange, Records, compare, date_pairs, declared_change
from features.lineage import Lineage
from features.snapshots import IndicatorSnapshot
from features.stored import StoredStream, clear_scratch, scratch_folder, write_stream
from records import RecordStore, Snapshot
from records.errors import NoSnapshot
from records.quality.words import visible
from records.reading.spreadsheets import neutral
from records.storage.files import private_file
from values import AsOf, Progress, canonical_json

_LISTED = ("person_id", "as_of", "indicator", "before", "after", "reasons")


def run(
    workspace: Workspace,
    files: tuple[str, str],
    named: tuple[AsOf | None, AsOf | None],
    people: bool,
    out: Path | None,
    progress: Progress,
) -> dict[str, Any]:
    """Compare two files that `drive-panel indicators` wrote.

    Parameters
    ----------
    workspace
        Whose records say why something changed.
    files
        The earlier and the later file.
    named
        The date of each to compare; None for the dates that both have, else the latest of each.
    people
        Whether to name the people: in ``people`` of the result, or in `out`. It is entered in the ledger.
    out
        A CSV file (0600) to write changed numbers to, one row each.

    Raises
    ------
    SnapshotUnusable
        If a file is no indicator snapshot, or no longer holds what was written.
    DatesUnmatched
        If a named date is not in its file.
    """
    before, after = (IndicatorSnapshot(file) for file in files)
    for file in (before, after):
        file.verify(progress)
    dates = date_pairs(before.dates, after.dates, *named)
    declared = declared_change(before.declarations, after.declarations)
    listed: list[dict[str, Any]] = []
    clear_scratch()
    with scratch_folder() as scratch, _listening(people, out, listed) as listen:
        records = _records(workspace, before, after, dates, scratch, progress)
        counts = compare(before, after, dates, declared, records, _computable(after), listen, progress)
    if people:
        with batch_service(workspace) as service:
            detail = {"before": before.hash, "after": after.hash, "rows": counts.changed}
            service.note("command-line", "export.indicator-changes", str(after.lineage.snapshot), detail)
    told = _told(before, after, dates, declared, counts)
    return {**told, **({"people": listed} if people and out is None else {}), "out": None if out is None else str(out)}


def _records(
    workspace: Workspace,
    before: IndicatorSnapshot,
    after: IndicatorSnapshot,
    dates: list[DatePair],
    scratch: Path,
    progress: Progress,
) -> Records:
    """Return the events behind both files, one snapshot of records in memory at a time, once where it is the same."""
    names = (before.lineage.snapshot, after.lineage.snapshot)
    if before.hash == after.hash and not any(pair.moved for pair in dates):
        return Records(None, None, "nothing can differ")  # one content: no events are needed
    store = RecordStore(workspace.records)
    found: dict[str, Snapshot] = {}
    for name in names:
        try:
            found[name] = store.snapshot(name)
        except NoSnapshot:
            return Records(None, None, f"not known: the records snapshot {name[:12]} is not in this workspace")
    stored: dict[str, StoredStream] = {}
    for name, snapshot in found.items():
        lineage = Lineage.of(snapshot)
        stored[name] = write_stream(build_stream(snapshot, progress), scratch / name, lineage, progress=progress)
    return Records(stored[names[0]], stored[names[1]])


def _computable(file: IndicatorSnapshot) -> Catalogue:
    """Return the indicators that this program measures as the file's catalogue does."""
    declared = {each["name"]: each["measure"] for each in file.declarations}
    ours = {each.name: json.loads(canonical_json(each.declaration()))["measure"] for each in CATALOGUE}
    return CATALOGUE.only(name for name in file.names if ours.get(name) == declared[name])


@contextmanager
def _listening(people: bool, out: Path | None, listed: list[dict[str, Any]]) -> Iterator[Any]:
    """Give what takes in changed numbers: nothing, a list, or a file that appears when all of them are in it."""
    if not people:
        yield None
    elif out is None:
        yield lambda frame: listed.extend(_rows(frame))
    else:
        try:
            with private_file(out) as file:
                file.write((",".join(_LISTED) + "\n").encode("utf-8"))
                yield lambda frame: file.write(_csv(frame))
        except OSError as error:
            raise WorkspaceError(f"{out.name} cannot be written: {error.strerror}.", "Choose another place.") from None


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _csv(frame: pd.DataFrame) -> bytes:
    safe = frame.assign(person_id=[neutral(person) for person in frame["person_id"]])
    text: str = safe[list(_LISTED)].to_csv(index=False, header=False, quoting=csv.QUOTE_MINIMAL)
    return text.encode("utf-8")


def _told(
    before: IndicatorSnapshot,
    after: IndicatorSnapshot,
    dates: list[DatePair],
    declared: DeclaredChange,
    counts: Counts,
) -> dict[str, Any]:
    return {
        "before": _file(before),
        "after": _file(after),
        "dates": [{"before": str(pair.before), "after": str(pair.after)} for pair in dates],
        "rows": {"both": counts.both, "changed": counts.changed, "left": counts.left, "entered": counts.entered},
        "reasons": {
            reason: {"rows": rows, "numbers": _numbers(counts, reason)}
            for reason, rows in counts.rows_by_reason.most_common()
            if rows
        },
        "left": dict(counts.left_by_reason.most_common()),
        "entered": dict(counts.entered_by_reason.most_common()),
        "indicators": [
            {"name": name, "rows": rows, "reasons": _reasons(counts, name)}
            for name, rows in counts.numbers.most_common()
        ],
        "catalogue": _catalogue(before, after, declared),
        "reasons_known": not any(
            rows and reason.startswith("not known") for reason, rows in counts.rows_by_reason.items()
        ),
    }


def _numbers(counts: Counts, reason: str) -> int:
    return sum(n for (_, each), n in counts.reasons.items() if each == reason)


def _reasons(counts: Counts, name: str) -> dict[str, int]:
    return dict(Counter({reason: n for (each, reason), n in counts.reasons.items() if each == name}).most_common())


def _file(file: IndicatorSnapshot) -> dict[str, Any]:
    return {
        "file": file.place.name,
        "hash": file.hash,
        "snapshot": file.lineage.snapshot,
        "catalogue": file.catalogue,
        "as_of": [str(day) for day in file.dates],
        "area": file.area,
        "rows": file.rows,
    }


def _catalogue(before: IndicatorSnapshot, after: IndicatorSnapshot, declared: DeclaredChange) -> dict[str, Any]:
    return {
        "same": before.catalogue == after.catalogue,
        "added": list(declared.added),
        "removed": list(declared.removed),
        "redeclared": [
            {
                "name": name,
                "numbers": name in declared.measured_anew,
                "fields": [{"field": each.name, "before": each.before, "after": each.after} for each in fields],
            }
            for name, fields in declared.redeclared.items()
        ],
        "events_mean_otherwise": before.catalogue != after.catalogue and not declared,
    }


def describe(result: dict[str, Any]) -> list[str]:
    """Return what changed in plain lines: reasons first, then indicators, then the catalogue."""
    rows = result["rows"]
    pairs = ", ".join(
        each["after"] if each["before"] == each["after"] else f"{each['before']} → {each['after']}"
        for each in result["dates"]
    )
    lines = [
        f"{rows['changed']} of {rows['both']} people and dates changed ({pairs}); {rows['left']} left, "
        f"{rows['entered']} entered."
    ]
    lines += [_reason(name, told["rows"], f"{told['numbers']} numbers") for name, told in result["reasons"].items()]
    for side in ("left", "entered"):
        lines += [f"  {side}: {n:>8}  {reason}" for reason, n in result[side].items()]
    for each in result["indicators"]:
        reasons = ", ".join(f"{reason} {n}" for reason, n in each["reasons"].items())
        lines.append(f"{each['name']:<40} {each['rows']:>8}  {reasons}")
    lines += list(_declared(result["catalogue"]))
    lines += [_listing(each) for each in result.get("people", [])]
    return lines if result["out"] is None else [*lines, f"People: {result['out']}"]


def _reason(name: str, rows: int, numbers: str) -> str:
    return f"  {rows:>8} for {name} ({numbers})"


def _declared(catalogue: dict[str, Any]) -> Iterator[str]:
    for word in ("added", "removed"):
        if catalogue[word]:
            yield f"Catalogue: {word} {', '.join(catalogue[word])}"
    for each in catalogue["redeclared"]:
        kind = "declared anew" if each["numbers"] else "worded anew"
        yield f"Catalogue: {each['name']} {kind}: {', '.join(field['field'] for field in each['fields'])}"
    if catalogue["events_mean_otherwise"]:
        yield "Catalogue: the indicators are declared alike, but events or measures came to mean something else."


def _listing(each: dict[str, Any]) -> str:
    each = visible(each)  # an id may hold what a terminal obeys
    if each["indicator"] in ("left", "entered"):
        return f"{each['person_id']} {each['as_of']} {each['indicator']}: {each['reasons']}"
    values = " → ".join("missing" if each[side] is None else f"{each[side]:g}" for side in ("before", "after"))
    return f"{each['person_id']} {each['as_of']} {each['indicator']} {values}: {each['reasons']}"
