"""Rows that break the contract, at the end of otherwise sound files, with the truth of which and why.

Nothing else refers to them, so that exactly they must be kept out: a damaged row that others point to would take
those along as orphans.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count, islice
from pathlib import Path

import pyarrow as pa

from synthetic import parameters

_LATER = "2027-02-28"
_NOWHERE = "P9999999"
_SOUND: Mapping[str, Mapping[str, str]] = {
    "persons": {"person_id": "B", "source": "synthetic force", "known_from": "2024-01-01"},
    "addresses": {"area": "castlebridge", "from": "2024-01-01", "known_from": "2024-01-01"},
    "incidents": {
        "incident_id": "B", "force": "synthetic_force", "area": "castlebridge", "occurred_from": "2024-01-02",
        "occurred_to": "2024-01-02", "reported_on": "2024-01-03", "is_crime": "false", "domestic": "true",
        "known_from": "2024-01-03",
    },
    "involvements": {"role": "witness", "known_from": "2024-01-03"},
    "orders": {"order_id": "B", "kind": "dvpo", "starts_on": "2024-01-02", "known_from": "2024-01-02"},
    "marac_hearings": {"hearing_id": "B", "heard_at": "2024-01-02", "known_from": "2024-01-02"},
}  # fmt: skip
_BROKEN: tuple[tuple[str, str, str, str], ...] = (
    ("incidents", "missing_required", "area", ""),
    ("incidents", "bad_date", "occurred_from", "31/02/2024"),
    ("incidents", "bad_flag", "domestic", "perhaps"),
    ("incidents", "future_date", "reported_on", _LATER),
    ("incidents", "impossible_order", "occurred_to", "2023-12-31"),
    ("involvements", "orphan", "person_id", _NOWHERE),
    ("marac_hearings", "bad_integer", "children_count", "two"),
    ("orders", "control_character", "kind", "dv\x01po"),
    ("persons", "undecodable", "given_name", "Zo\udceb"),  # a byte of another encoding
)


class _Extract:
    """The files as they are, the lines to append to each, and what the truth says of those."""

    def __init__(self, folder: Path, rows: Mapping[str, int]) -> None:
        self.folder, self.rows = folder, rows
        self.lines: dict[str, list[str]] = {}
        self.truth: dict[str, list[str | int]] = {name: [] for name in ("table", "line", "column", "reason")}
        self.pointers = self._pointers()

    def head(self, table: str, count: int) -> list[str]:
        """Return the first lines of a file; the header is the first of them."""
        with (self.folder / f"{table}.csv").open(encoding="utf-8") as file:
            return [line.rstrip("\n") for line in islice(file, count)]

    def _pointers(self) -> dict[str, str]:
        """Return ids that are on record, for rows that must point to somebody."""
        pointers: dict[str, str] = {}
        for table, columns in (
            ("involvements", ("person_id", "incident_id")),
            ("marac_hearings", ("victim_id", "perpetrator_id")),
        ):
            names, *first = (line.split(",") for line in self.head(table, 2))
            pointers |= {name: first[0][names.index(name)] for name in columns if first}
        return pointers

    def row(self, table: str, number: int, changes: Mapping[str, str]) -> str:
        """Return a sound row of its own, changed."""
        columns = self.head(table, 1)[0].split(",")
        own = {name: f"B{number:07d}" if value == "B" else value for name, value in _SOUND[table].items()}
        found = {**self.pointers, **own, **changes}
        return ",".join(found.get(name, "") for name in columns)

    def add(self, table: str, line: str, reason: str, column: str) -> None:
        """Note a line to append, and why it must be kept out."""
        lines = self.lines.setdefault(table, [])
        lines.append(line)
        number = self.rows[table] + 1 + len(lines)
        for name, value in (("table", table), ("line", number), ("column", column), ("reason", reason)):
            self.truth[name].append(value)

    def append(self) -> None:
        """Write the lines."""
        for table, lines in self.lines.items():
            text = "".join(line + "\n" for line in lines)
            with (self.folder / f"{table}.csv").open("ab") as file:
                file.write(text.encode("utf-8", errors="surrogateescape"))


def append_bad_rows(folder: Path, rows: Mapping[str, int]) -> pa.Table:
    """Append the bad rows to the CSV files in `folder`.

    Parameters
    ----------
    folder
        The extract.
    rows
        Sound rows of each table.

    Returns
    -------
    Table
        One row a bad row: `table`, `line` in its file, `column` and `reason` under which it must be kept out.
    """
    extract = _Extract(folder, rows)
    number = count(1)
    for table, reason, column, value in _BROKEN:
        for _ in range(parameters.BAD_ROWS_EACH if rows[table] else 0):
            own = next(number)
            wrong = f"{value}{own}" if reason == "orphan" else value  # each points to somebody else
            extract.add(table, extract.row(table, own, {column: wrong}), reason, column)
    for line in extract.head("addresses", 1 + parameters.BAD_ROWS_EACH)[1:]:
        extract.add("addresses", line, "duplicate_row", "person_id")
        extract.add("incidents", f"B{next(number):07d},only,three", "too_few_fields", "")
        extract.add("incidents", extract.row("incidents", next(number), {}) + ",one,more", "too_many_fields", "")
        own = next(number)
        for name in ("Ada", "Bea"):  # one key and day, two contents
            rival = extract.row("persons", own, {"given_name": name})
            extract.add("persons", rival, "conflicting_duplicate", "person_id")
    extract.append()
    return pa.table(extract.truth)
