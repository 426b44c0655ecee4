"""Ingests hostile extracts and lists everything that came out otherwise than it must."""

from __future__ import annotations

import csv
import functools
import signal
import stat
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pyarrow.parquet

from benchmarks.hostile.cells import MARK
from benchmarks.hostile.extracts import Extract
from benchmarks.hostile.files import File
from benchmarks.hostile.rows import Row
from records import LoadReport, RecordStore
from records.communities import CommunityStore
from records.contract import TABLES
from records.reading.spreadsheets import restored
from values import DrivePanelError, Hash, digest_file

LONGEST = 120
"""Seconds of processor time after which an ingest counts as hung: no time is measured, but none may take for ever."""
STILL = 1800
"""Seconds after which it counts as hung whatever it did; a busy machine lets it wait for minutes."""


@dataclass
class Outcome:
    """What came of one extract.

    Attributes
    ----------
    extract
        What it was.
    refused
        The message of the error, None where it was loaded.
    snapshot
        What it became.
    read, accepted, quarantined
        Rows, as the load report says.
    wrong
        Everything that is not as it must be.
    """

    extract: Extract
    refused: str | None = None
    snapshot: Hash | None = None
    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    wrong: list[str] = field(default_factory=list)


class Hung(BaseException):
    """An ingest took longer than any may."""


def _hang(signum: int, frame: FrameType | None) -> None:
    raise Hung


def judged(extracts: Iterable[Extract], folder: Path) -> list[Outcome]:
    """Ingest each extract and judge what came of it.

    What must be refused is sent to one store that already holds the first extract; it must stay as it is, and be
    usable still: the first extract, sent again, must end in the same snapshot. Everything else gets its own store.

    Parameters
    ----------
    folder
        An empty folder to work in; made where there is none.
    """
    folder.mkdir(exist_ok=True)
    shared, outcomes = RecordStore(folder / "shared"), []
    for number, extract in enumerate(extracts):
        place = folder / f"extract {number}"
        extract.write(place)
        if extract.mapping is not None:
            (folder / f"mapping {number}.yaml").write_bytes(extract.mapping)
        mapping = None if extract.mapping is None else folder / f"mapping {number}.yaml"
        first = number == 0
        store = shared if first or extract.expected == "refuse" else RecordStore(folder / f"store {number}")
        outcomes.append(_judged(extract, place, mapping, store))
        if first:
            send_again = functools.partial(store.ingest, place, mapping)
    if outcomes and outcomes[0].snapshot is not None and send_again().snapshot != outcomes[0].snapshot:
        outcomes[0].wrong.append("the first extract, sent again after the others, gave another snapshot")
    return outcomes


def _judged(extract: Extract, place: Path, mapping: Path | None, store: RecordStore) -> Outcome:
    outcome, before = Outcome(extract), listing(store.root)
    previous = {each: signal.signal(each, _hang) for each in (signal.SIGALRM, signal.SIGPROF)}
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    signal.alarm(STILL)
    try:
        report = store.ingest(place, mapping)
    except DrivePanelError as error:
        outcome.refused = error.message
        outcome.wrong += _of_error(error)
        if listing(store.root) != before:
            outcome.wrong.append("refused, but something in the store changed")
    except (Exception, Hung) as error:  # noqa: BLE001 - whatever comes out is what we are looking for
        outcome.wrong.append(f"raised {type(error).__name__}")
    else:
        outcome.read, outcome.accepted, outcome.quarantined = report.read, report.accepted, report.quarantined
        outcome.snapshot = report.snapshot
        outcome.wrong += of_report(extract, place, store, report)
    finally:
        signal.alarm(0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        for each, handler in previous.items():
            signal.signal(each, handler)
    outcome.wrong += _litter(store.root)
    if outcome.refused is not None and extract.expected == "load":
        outcome.wrong.append(f"refused: {outcome.refused}")
    if outcome.refused is None and extract.expected == "refuse" and not outcome.wrong:
        outcome.wrong.append(f"loaded ({outcome.accepted} of {outcome.read} rows), but must be refused")
    return outcome


def listing(root: Path) -> dict[str, str]:
    """Return everything that a store has published, with its content."""
    kept = ("snapshots", "communities", "quarantine", "deliveries")
    return {
        path.relative_to(root).as_posix(): digest_file(path)
        for name in kept
        for path in sorted((root / name).rglob("*"))
        if path.is_file()
    }


def _of_error(error: DrivePanelError) -> Iterator[str]:
    if not error.message or not error.remedy:
        yield "an error without a message or a remedy"
    if MARK in error.message or MARK in error.remedy:
        yield "an error that quotes a person's row"
    if len(error.message) > 2000:
        yield f"an error of {len(error.message)} characters"


def _litter(root: Path) -> Iterator[str]:
    """Yield what a finished ingest must not leave behind, and what others than the owner may read."""
    for path in sorted(root.rglob("*")) if root.exists() else ():
        if path.name.startswith((".draft-", ".work-")):
            yield f"left behind {path.name[:6]}"
        mode = stat.S_IMODE(path.lstat().st_mode)
        if mode != (0o700 if path.is_dir() else 0o600):
            yield f"{path.name[:20]} has the mode {mode:o}"


def of_report(extract: Extract, place: Path, store: RecordStore, report: LoadReport) -> list[str]:
    """Return what is wrong with a load report, the quarantine files and the snapshot."""
    wrong = list(_sums(report))
    if any(MARK in note for note in report.notes):
        wrong.append("a note that quotes a person's row")
    missing = [path for path in report.quarantine_files if not path.is_file()]
    wrong += [f"there is no quarantine file {path.name}" for path in missing]
    kept_out = list(_quarantined(report))
    wrong += _of_quarantine(kept_out, place)
    if len(kept_out) != sum(report.reasons.values()):
        wrong.append(f"{len(kept_out)} rows in quarantine files, {sum(report.reasons.values())} by reason")
    for name, tally in report.tables.items() if report.snapshot is not None else ():
        stored = len(stored_rows(store, report, name, ()))
        if stored != tally["accepted"]:
            wrong.append(f"{name}: {stored} rows stored, {tally['accepted']} accepted")
    if extract.rows is not None and report.read != extract.rows:
        wrong.append(f"{report.read} rows read, {extract.rows} delivered")
    for file in extract.files:
        if file.table is not None:
            found = [each for each in kept_out if each["file"].partition(" [")[0] == file.name]
            wrong += [f"{file.name[:40]}: {each}" for each in _of_file(file, report, found, store, extract)]
    return wrong


def _sums(report: LoadReport) -> Iterator[str]:
    for name, tally in (*report.by_table.items(), *report.by_file.items()):
        if tally.accepted + tally.quarantined != tally.read or min(tally.accepted, tally.quarantined) < 0:
            yield f"{name}: accepted and quarantined are not what was read"
    if report.accepted + report.quarantined != report.read:
        yield "accepted and quarantined are not what was read"


def _quarantined(report: LoadReport) -> Iterator[dict[str, str]]:
    csv.field_size_limit(sys.maxsize)
    for path in report.quarantine_files:
        if not path.is_file():
            continue
        with path.open(encoding="utf-8", newline="") as file:
            # text that a spreadsheet would run, the name of a file too, stands there with an apostrophe before it
            yield from ({name: restored(text) for name, text in row.items()} for row in csv.DictReader(file))


def _of_quarantine(rows: list[dict[str, str]], place: Path) -> Iterator[str]:
    files = {path.name for path in place.iterdir()}
    for row in rows:
        if row["file"].partition(" [")[0] not in files:
            yield f"a quarantined row of no file ({row['file'][:60]!r})"
        if not row["line"].isdigit() or int(row["line"]) < 1:
            yield f"a quarantined row on line {row['line'][:20]!r}"
        if not row["reason"] or not row["remedy"]:
            yield "a quarantined row without a reason or a remedy"


def _of_file(
    file: File, report: LoadReport, found: list[dict[str, str]], store: RecordStore, extract: Extract
) -> Iterator[str]:
    """Yield what is wrong with the rows of one file whose fate is known."""
    table = str(file.table)
    by_file = {name.partition(" [")[0]: tally for name, tally in report.by_file.items()}
    if file.name not in by_file:
        yield "the report does not name the file"
    elif by_file[file.name].read != len(file.rows):
        yield f"{by_file[file.name].read} rows read, {len(file.rows)} delivered"
    by_line = {int(each["line"]): each for each in found}
    if len(by_line) != len(found):
        yield "a line twice in quarantine"
    for row in file.rows:
        yield from _of_row(row, by_line.pop(row.line, None))
    for line in by_line:
        yield f"line {line} in quarantine is no row"
    yield from _lines(file)
    for copies in _groups(file.rows):
        if sum(row.line in {int(each["line"]) for each in found} for row in copies) != len(copies) - 1:
            yield f"of {len(copies)} copies not exactly one was accepted (line {copies[0].line})"
    if report.snapshot is not None:  # None: a mandatory table is still awaited
        yield from _content(file, table, report, store)


def _of_row(row: Row, kept_out: dict[str, str] | None) -> Iterator[str]:
    if row.fate == "accepted" and kept_out is not None:
        yield f"line {row.line}: sound, but kept out ({kept_out['column']}: {kept_out['reason']})"
    if row.fate == "kept out" and kept_out is None:
        yield f"line {row.line}: accepted, but must be kept out ({row.column}: {', '.join(row.reasons)})"
    if row.fate in ("kept out", "copy") and kept_out is not None:
        if row.reasons and kept_out["reason"] not in row.reasons:
            yield f"line {row.line}: kept out for {kept_out['reason']}, not {', '.join(row.reasons)} ({row.column})"
        if row.column is not None and kept_out["column"] != row.column:
            yield f"line {row.line}: {kept_out['column']!r} is blamed, not {row.column}"


def _lines(file: File) -> Iterator[str]:
    """Open the file as anyone would and look whether each row stands on the line that is named."""
    if not file.name.endswith(".csv"):
        return
    text = file.content.decode("utf-8", errors="surrogateescape").removeprefix("\ufeff")
    lines = text.split("\n") if "\n" in text else text.split("\r")
    for number, start in file.starts.items():
        if lines[number - 1].rstrip("\r") != start:
            yield f"line {number} is not what was planned"


def _groups(rows: Iterable[Row]) -> list[list[Row]]:
    groups: dict[int, list[Row]] = {}
    for row in rows:
        if row.fate == "copy":
            groups.setdefault(id(row.cells), []).append(row)
    return list(groups.values())


def _content(file: File, table: str, report: LoadReport, store: RecordStore) -> Iterator[str]:
    """Compare every stored row with what was written; a copy counts once."""
    declared = {column.name for column in TABLES[table].all_columns}
    columns = [name for name in file.columns if name in declared]
    stored = Counter(stored_rows(store, report, table, columns))
    certain = [row for row in file.rows if row.fate == "accepted"]
    certain += [copies[0] for copies in _groups(file.rows)]
    wanted = Counter(_plain(row.values(), columns) for row in certain)
    unsure = Counter(_plain(row.values(), columns) for row in file.rows if row.fate == "unsure")
    lost = wanted - stored
    made_up = stored - wanted - unsure
    for row in lost:
        near = min(made_up, key=lambda each: sum(a != b for a, b in zip(each, row, strict=True)), default=None)
        if near is None:
            yield f"{table}: an accepted row is not stored"
        else:
            changed = [
                f"{name}: {was!a:.60} became {now!a:.60}"
                for name, was, now in zip(columns, row, near, strict=True)
                if was != now
            ]
            yield f"{table}: a value was changed ({'; '.join(changed)})"
    if not lost and made_up:
        yield f"{table}: {made_up.total()} rows stored that nobody delivered"


def stored_rows(store: RecordStore, report: LoadReport, table: str, columns: Iterable[str]) -> list[tuple[Any, ...]]:
    """Return the rows of a table as they are stored, sealed columns included; one empty row each without columns."""
    names, snapshot = list(columns), Hash(str(report.snapshot))
    if table == "communities":
        frame = CommunityStore(store.root).read(snapshot)
        rows = [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False)]
        rows = [
            {name: None if value != value or value is None else value for name, value in row.items()} for row in rows
        ]
    else:
        rows = pyarrow.parquet.read_table(store.snapshot(snapshot).path / f"{table}.parquet").to_pylist()
    return [_plain(row, names) for row in rows]


def _plain(row: dict[str, Any], columns: Iterable[str]) -> tuple[Any, ...]:
    """Return values as they can be compared: texts without blanks around them and with one sort of line end."""
    return tuple(_value(row.get(name)) for name in columns)


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip().replace("\r\n", "\n").replace("\r", "\n") or None
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    return value
