"""What people decided about pairs of records: an append-only file that always wins over the model."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from records.errors import LinkageError
from records.reading.spreadsheets import restored
from records.storage.files import private_folder
from values import Hash, canonical_json, digest

FOLDER = "crosswalk"
FILE = "decisions.jsonl"
LINK, SEPARATE = "link", "separate"
QUEUE = ("record_l", "record_r", "probability", "bar", "impact", "decision", "reviewer", "reason")


@dataclass(frozen=True)
class Decision:
    """One person's word on two records.

    Attributes
    ----------
    record_l, record_r
        Record ids, the smaller first.
    decision
        ``link`` (one person) or ``separate`` (two people).
    reviewer, reason, decided_on
        Who, why and when.
    """

    record_l: str
    record_r: str
    decision: str
    reviewer: str
    reason: str
    decided_on: str

    @classmethod
    def of(cls, records: tuple[str, str], decision: str, reviewer: str, reason: str, on: date) -> Decision:
        """Return a decision, checked.

        Raises
        ------
        LinkageError
            If it names one record twice, an unknown decision, or no reviewer or reason.
        """
        left, right = sorted(records)
        if left == right:
            raise LinkageError("A decision needs two different records.", "Name two record ids.")
        if decision not in (LINK, SEPARATE):
            raise LinkageError(f"{decision!r} is no decision.", f"Write {LINK} or {SEPARATE}.")
        if not reviewer.strip() or not reason.strip():
            raise LinkageError("A decision needs a reviewer and a reason.", "Say who decides, and why.")
        return cls(left, right, decision, reviewer.strip(), reason.strip(), on.isoformat())


class Decisions:
    """The decisions of one record store, in the order in which they were made; the last word on a pair holds.

    Parameters
    ----------
    root
        The record store's folder.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / FOLDER / FILE

    def all(self) -> list[Decision]:
        """Return every decision, the earliest first.

        Raises
        ------
        LinkageError
            If a line is not a decision (a line cut off at the end by a crash is dropped: it was never confirmed).
        """
        if not self.path.exists():
            return []
        *lines, _ = self.path.read_text(encoding="utf-8").split("\n")
        found = []
        for number, line in enumerate(lines, 1):
            try:
                found.append(Decision(**json.loads(line)))
            except (ValueError, TypeError):
                raise LinkageError(
                    f"{FILE}, line {number} is not a decision.", "Restore the file from backup; nothing was changed."
                ) from None
        return found

    def current(self) -> dict[tuple[str, str], Decision]:
        """Return the decision that holds for each pair."""
        return {(each.record_l, each.record_r): each for each in self.all()}

    @property
    def hash(self) -> Hash:
        """The hash over every decision that holds, whatever the order in which they were made."""
        return digest({"|".join(pair): each.decision for pair, each in sorted(self.current().items())})

    def add(self, decisions: Sequence[Decision]) -> None:
        """Append decisions; they are on disk when this returns."""
        if not decisions:
            return
        private_folder(self.path.parent)
        self._drop_torn_line()
        with open(self.path, "a", opener=lambda name, flags: os.open(name, flags, 0o600), encoding="utf-8") as file:
            file.writelines(canonical_json(asdict(each)) + "\n" for each in decisions)
            file.flush()
            os.fsync(file.fileno())

    def _drop_torn_line(self) -> None:
        if self.path.exists():
            content = self.path.read_bytes()
            if content and not content.endswith(b"\n"):
                os.truncate(self.path, content.rfind(b"\n") + 1)


def read_queue(path: Path, on: date, known: Iterable[str]) -> list[Decision]:
    """Read decisions from a review queue that was filled in (CSV); rows without a decision are left open.

    Raises
    ------
    LinkageError
        If a column is missing, or a row names an unknown record or decision; nothing is taken then.
    """
    records = set(known)
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LinkageError(f"{path.name} cannot be read.", "Name the CSV file that was exported.") from error
    found = []
    for number, row in enumerate(rows, 2):
        if not (row.get("decision") or "").strip():
            if "decision" not in row:
                raise LinkageError(f"{path.name} has no column decision.", f"Columns: {', '.join(QUEUE)}.")
            continue
        found.append(_row(path.name, number, row, on, records))
    return found


def _row(name: str, number: int, row: Mapping[str, str | None], on: date, records: set[str]) -> Decision:
    pair = (restored((row.get("record_l") or "").strip()), restored((row.get("record_r") or "").strip()))
    unknown = [each for each in pair if each not in records]
    if unknown:
        raise LinkageError(f"{name}, line {number}: there is no such record in the snapshot.", "Correct the record id.")
    try:
        return Decision.of(
            pair, (row["decision"] or "").strip(), row.get("reviewer") or "", row.get("reason") or "", on
        )
    except LinkageError as error:
        raise LinkageError(f"{name}, line {number}: {error.message}", error.remedy) from None
