"""Made-up stories told by several deliveries, and whether the order in which they arrive leaves a trace."""

from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from records import RecordStore, Snapshot
from records.contract import TABLES
from records.errors import NoSnapshot
from records.knowledge import as_known
from values import AsOf

ORDERS = 3
"""Orders of arrival tried for one story, beside that of the dates."""
_START = date(2022, 1, 1)
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "persons": ("person_id", "given_name", "source", "deceased_on"),
    "incidents": ("incident_id", "force", "area", "occurred_from", "is_crime", "domestic", "risk_grade", "injury"),
    "involvements": ("incident_id", "person_id", "role", "status", "status_at"),
    "orders": ("order_id", "person_id", "kind", "starts_on", "ends_on"),
    "marac_hearings": ("hearing_id", "victim_id", "perpetrator_id", "heard_at", "criterion", "children_count"),
}
_CHANGEABLE: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "persons": (("given_name", ("Ada", "Bea", "", "O'Neil")), ("deceased_on", ("", "2022-01-03"))),
    "incidents": (
        ("area", ("east", "west")),
        ("risk_grade", ("", "high", "medium")),
        ("injury", ("true", "false", "")),
    ),
    "involvements": (("status", ("", "alleged", "charged")), ("status_at", ("", "2022-01-05"))),
    "orders": (("ends_on", ("", "2030-01-01", "2031-02-28")),),
    "marac_hearings": (("criterion", ("repeat", "visible_high_risk", "")), ("children_count", ("", "0", "3"))),
}
_OF = {"police": ("persons", "incidents", "involvements", "orders"), "marac": ("marac_hearings",)}
Record = dict[str, str]


@dataclass(frozen=True)
class Sent:
    """One delivery of a story."""

    name: str
    source: str
    extract_date: date
    kind: str
    tables: Mapping[str, Sequence[Record]]

    def write(self, folder: Path) -> Path:
        """Write it as an extract; return its folder."""
        place = folder / self.name
        place.mkdir(parents=True)
        for table, rows in self.tables.items():
            columns = list(dict.fromkeys((*_COLUMNS[table], *(name for row in rows for name in row))))
            lines = [",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in rows)]
            (place / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        manifest = f"source: {self.source}\nextract_date: {self.extract_date}\nkind: {self.kind}\nsynthetic: true\n"
        (place / "manifest.yaml").write_text(manifest, encoding="utf-8")
        return place


def story(seed: int) -> list[Sent]:
    """Return the deliveries of one made-up story, by date: rows that come, change, go and come back, some too late.

    The police send everything or only changes; a MARAC coordinator sends a table of their own, about people that the
    police may not have sent yet.
    """
    rng = random.Random(f"arrival {seed}")
    world = _World(rng)
    sent, day = [], _START
    for number in range(rng.randint(3, 5)):
        day += timedelta(days=rng.choice((0, 1, 20, 40)) if number else 0)
        world.move_on(day)
        source = "police" if number == 0 else rng.choice(("police", "police", "marac"))
        if any(each.source == source and each.extract_date == day for each in sent):
            day += timedelta(days=1)
        sent.append(world.send(f"{number} {source}", source, day))
    if not any(each.source == "marac" for each in sent):
        sent.append(world.send("last marac", "marac", day))
    return sent


class _World:
    """What is true at a moment, and what each source has noticed of it."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.rows: dict[str, dict[str, Record]] = {table: {} for table in _COLUMNS}
        self.told: dict[str, dict[str, Record]] = {table: {} for table in _COLUMNS}
        self.gone: list[tuple[str, str, Record]] = []
        self.number = 0
        self.dated = rng.random() < 0.5

    def move_on(self, day: date) -> None:
        """Let things happen until `day`."""
        for table in _COLUMNS:
            for _ in range(self.rng.randint(1, 6)):
                self._add(table, day)
            for key, row in list(self.rows[table].items()):
                if self.rng.random() < 0.2:
                    self._change(table, row, day)
                elif self.rng.random() < 0.1:
                    self.gone.append((table, key, self.rows[table].pop(key)))
        if self.gone and self.rng.random() < 0.5:
            table, key, row = self.gone.pop()
            self.rows[table].setdefault(key, row)

    def _add(self, table: str, day: date) -> None:
        self.number += 1
        someone, incident = [self.rng.choice(list(self.rows[each]) or ["nobody"]) for each in ("persons", "incidents")]
        first = day - timedelta(days=self.rng.randint(0, 30))
        row = {
            "persons": {"person_id": f"P{self.number}", "source": "niche"},
            "incidents": {"force": "f", "occurred_from": f"{first}", "is_crime": "true", "domestic": "true"},
            "involvements": {"incident_id": incident, "person_id": someone, "role": "suspect"},
            "orders": {"person_id": someone, "kind": "restraining", "starts_on": f"{first}"},
            "marac_hearings": {"victim_id": someone, "perpetrator_id": f"P{self.number - 4}", "heard_at": f"{first}"},
        }[table]
        own = TABLES[table].key[0]
        row.setdefault(own, f"{table[0].upper()}{self.number}")
        if self.dated:
            row["known_from"] = f"{first}"
        self._change(table, row, first)
        self.rows[table].setdefault("|".join(row[name] for name in TABLES[table].key), row)

    def _change(self, table: str, row: Record, day: date) -> None:
        for name, values in _CHANGEABLE[table]:
            row[name] = self.rng.choice(values)
        if self.dated:
            row["known_from"] = max(row["known_from"], f"{day - timedelta(days=self.rng.choice((0, 0, 3, 50)))}")

    def send(self, name: str, source: str, day: date) -> Sent:
        """Send what a source says today; with a delivery of changes only what is new or other than it said."""
        kind = self.rng.choice(("full", "full", "changes")) if any(self.told[each] for each in _OF[source]) else "full"
        tables = {}
        for table in _OF[source]:
            rows = {key: dict(row) for key, row in self.rows[table].items()}
            told = self.told[table]
            tables[table] = [row for key, row in rows.items() if kind == "full" or told.get(key) != row]
            if kind == "changes":
                gone = [row for key, row in told.items() if key not in rows]
                tables[table] += [{**row, "known_to": f"{day}"} for row in gone if row.get("known_from", "") < f"{day}"]
            self.told[table] = rows
        return Sent(name, source, day, kind, tables)


def compared(seed: int) -> dict[str, Any]:
    """Tell a story in several orders, some deliveries twice, and compare what each ends in and what was known when.

    Returns
    -------
    dict
        `deliveries` and `orders` tried; `snapshots` in which they ended (1 where order leaves no trace); `miscounted`
        reports in which accepted and quarantined are not what was read; `answers` compared as of earlier extract
        dates, and `changed` ones among them.
    """
    sent = story(seed)
    rng = random.Random(f"orders {seed}")
    every = list(itertools.permutations(range(len(sent))))
    orders = [tuple(range(len(sent))), *rng.sample(every, min(ORDERS, len(every)))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        places = [each.write(folder / "sent") for each in sent]
        ends, miscounted = set(), 0
        for number, order in enumerate(orders):
            again = [*order, *(rng.choices(order, k=1) if number else ())]
            if number % 2 == 0 and number:
                rng.shuffle(again)
            store = RecordStore(folder / f"store {number}")
            reports = [store.ingest(places[at]) for at in again]
            miscounted += sum(report.accepted + report.quarantined != report.read for report in reports)
            ends.add(store.latest().hash)
        answers, changed = _earlier_answers(sent, places, folder)
    return {
        "deliveries": len(sent),
        "orders": len(orders),
        "snapshots": len(ends),
        "miscounted": miscounted,
        "answers": answers,
        "changed": changed,
    }


def _earlier_answers(sent: Sequence[Sent], places: Sequence[Path], folder: Path) -> tuple[int, int]:
    """Compare what was known as of each extract date, once the deliveries until then were in and once all are.

    A table is compared on the days of its own source's extracts: what the source recorded between two of them is
    only told by the second. A row that was set aside then because what it points to had not come may stand there
    now: it is left out.
    """
    store, answers, changed, waiting = RecordStore(folder / "by date"), 0, 0, False
    then: list[tuple[str, date, pd.DataFrame, bool]] = []
    for at, each in enumerate(sent):
        waiting |= "orphan" in store.ingest(places[at]).reasons
        if at + 1 < len(sent) and sent[at + 1].extract_date == each.extract_date:
            continue  # the day is not over
        snapshot = _latest(store)
        if snapshot is not None:
            day = each.extract_date
            then += [(table, day, known(snapshot, table, day), waiting) for table in _OF[each.source]]
    whole = store.latest()
    for table, day, was, some_waited in then:
        now = known(whole, table, day)
        if some_waited:
            now = now[now["key"].isin(was["key"])].reset_index(drop=True)
        answers += 1
        changed += not was.equals(now)
    return answers, changed


def _latest(store: RecordStore) -> Snapshot | None:
    try:
        return store.latest()
    except NoSnapshot:
        return None


def known(snapshot: Snapshot, table: str, day: date) -> pd.DataFrame:
    """Return the rows of a table as known at the end of a day, as text, with their key; empty where there is none."""
    columns = [name for name in _COLUMNS[table] if not TABLES[table].column(name).sealed]
    if table not in snapshot.tables:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in (*columns, "key")})
    rows = as_known(snapshot, table, AsOf(day))[columns].astype("str").fillna("")
    rows["key"] = rows[list(TABLES[table].key)].agg("|".join, axis=1) if len(rows) else pd.Series(dtype="str")
    return rows.sort_values([*columns]).reset_index(drop=True)
