"""Rows that break the contract, at the end of otherwise sound files, with the truth of which and why.

Nothing else refers to them, so that exactly they must be kept out: a damaged row that others point to would take
those along as orphans.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from synthetic import parameters
from synthetic.agencies import Tables

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


def _people(tables: Tables) -> dict[str, str]:
    """Return ids that are on record, for rows that must point to somebody."""
    involvements, hearings = tables["involvements"], tables["marac_hearings"]
    return {
        "person_id": involvements["person_id"][0].as_py(),
        "incident_id": involvements["incident_id"][0].as_py(),
        "victim_id": hearings["victim_id"][0].as_py() if len(hearings) else "",
        "perpetrator_id": hearings["perpetrator_id"][0].as_py() if len(hearings) else "",
    }


class _Appended:
    """The lines to append to each file, and what the truth says of them."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.lines: dict[str, list[str]] = {}
        self.truth: dict[str, list[str | int]] = {name: [] for name in ("table", "line", "column", "reason")}

    def add(self, table: str, line: str, reason: str, column: str) -> None:
        lines = self.lines.setdefault(table, [])
        lines.append(line)
        number = self.tables[table].num_rows + 1 + len(lines)  # the header is line 1
        for name, value in (("table", table), ("line", number), ("column", column), ("reason", reason)):
            self.truth[name].append(value)

    def row(self, table: str, number: int, changes: Mapping[str, str]) -> str:
        values = {name: value for name, value in _people(self.tables).items() if name in self._columns(table)}
        own = {name: f"B{number:07d}" if value == "B" else value for name, value in _SOUND[table].items()}
        found = {**values, **own, **changes}
        return ",".join(found.get(name, "") for name in self._columns(table))

    def _columns(self, table: str) -> list[str]:
        return list(self.tables[table].column_names)


def append_bad_rows(tables: Tables, folder: Path) -> pa.Table:
    """Append the bad rows to the CSV files in `folder`.

    Parameters
    ----------
    tables
        The sound rows that the files hold.
    folder
        The extract.

    Returns
    -------
    Table
        One row a bad row: `table`, `line` in its file, `column` and `reason` under which it must be kept out.
    """
    appended = _Appended(tables)
    number = 0
    for table, reason, column, value in _BROKEN:
        if table == "marac_hearings" and not tables[table].num_rows:
            continue
        for _ in range(parameters.BAD_ROWS_EACH):
            number += 1
            wrong = f"{value}{number}" if reason == "orphan" else value  # each points to somebody else
            appended.add(table, appended.row(table, number, {column: wrong}), reason, column)
    for _ in range(parameters.BAD_ROWS_EACH):
        number += 1
        appended.add("incidents", f"B{number:07d},only,three", "too_few_fields", "")
        number += 1
        sound = appended.row("incidents", number, {})
        appended.add("incidents", sound + ",one,more", "too_many_fields", "")
        number += 1
        for name in ("Ada", "Bea"):  # one key and day, two contents
            rival = appended.row("persons", number, {"given_name": name})
            appended.add("persons", rival, "conflicting_duplicate", "person_id")
    for line in _first_lines(folder / "addresses.csv"):
        appended.add("addresses", line, "duplicate_row", "person_id")
    for table, lines in appended.lines.items():
        text = "".join(line + "\n" for line in lines)
        with (folder / f"{table}.csv").open("ab") as file:
            file.write(text.encode("utf-8", errors="surrogateescape"))
    return pa.table(appended.truth)


def _first_lines(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as file:
        next(file)
        return [next(file).rstrip("\n") for _ in range(parameters.BAD_ROWS_EACH)]
