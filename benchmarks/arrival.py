"""Made-up stories told by several deliveries, and whether the order in which they arrive leaves a trace."""

from __future__ import annotations

import csv
import itertools
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from records import RecordStore, Snapshot
from records.contract import TABLES
from records.errors import NoSnapshot
from records.knowledge import as_known
from values import AsOf

ORDERS = 2
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
_SPOILABLE: Mapping[str, tuple[str, ...]] = {
    "persons": ("person_id", "deceased_on"),
    "incidents": ("incident_id", "occurred_from", "is_crime"),
    "involvements": ("status_at",),
    "orders": ("starts_on",),
    "marac_hearings": ("heard_at",),
}
_UNREADABLE = "so\u200bon"  # no day, no flag, and no id either: it holds a character that cannot be seen
_MANY = 30  # rows of which more may go than a delivery may withdraw unasked
_OF = {"police": ("persons", "incidents", "involvements", "orders"), "marac": ("marac_hearings",)}
Record = dict[str, str]


@dataclass(frozen=True)
class Sent:
    """One delivery of a story.

    Attributes
    ----------
    tables
        What it says, by table.
    spoilt
        By table and number of the row the column that cannot be read, until the row is mended and replayed.
    """

    name: str
    source: str
    extract_date: date
    kind: str
    tables: Mapping[str, Sequence[Record]]
    spoilt: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """Write it as an extract; return its folder."""
        place = folder / self.name
        place.mkdir(parents=True)
        for table, rows in self.tables.items():
            columns = list(dict.fromkeys((*_COLUMNS[table], *(name for row in rows for name in row))))
            spoilt = self.spoilt.get(table, {})
            told = [{**row, spoilt[at]: _UNREADABLE} if at in spoilt else row for at, row in enumerate(rows)]
            lines = [",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in told)]
            (place / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        manifest = f"source: {self.source}\nextract_date: {self.extract_date}\nkind: {self.kind}\nsynthetic: true\n"
        (place / "manifest.yaml").write_text(manifest, encoding="utf-8")
        return place


def story(seed: int) -> list[Sent]:
    """Return the deliveries of one made-up story, by date: rows that come, change, go and come back, some too late.

    The police send everything or only changes; a MARAC coordinator sends a table of their own, about people that the
    police may not have sent yet. Some rows cannot be read until somebody mends them; in some stories most incidents
    are gone from one delivery on.
    """
    rng = random.Random(f"arrival {seed}")
    world = _World(rng)
    sent, day = [], _START
    shrinks_at = rng.choice((None, 1, 1, 2))
    for number in range(rng.randint(3, 4)):
        day += timedelta(days=rng.choice((0, 1, 20, 40)) if number else 0)
        if shrinks_at is not None and number == 0:
            world.fill(day)
        if number == shrinks_at:
            world.empty()
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

    def fill(self, day: date) -> None:
        """Let many incidents happen."""
        for _ in range(_MANY):
            self._add("incidents", day)

    def empty(self) -> None:
        """Let most incidents go: the next full delivery waits to be confirmed, in whatever order it arrives."""
        for key in list(self.rows["incidents"])[: _MANY - 2]:
            del self.rows["incidents"][key]

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
        return Sent(name, source, day, kind, tables, self._spoilt(tables) if self.rng.random() < 0.3 else {})

    def _spoilt(self, tables: Mapping[str, Sequence[Record]]) -> dict[str, dict[int, str]]:
        """Choose a few cells that go wrong on the way."""
        found: dict[str, dict[int, str]] = {}
        held = [name for name, rows in tables.items() if rows]
        for table in self.rng.sample(held, min(2, len(held))):
            for _ in range(self.rng.randint(1, 2)):
                found.setdefault(table, {})[self.rng.randrange(len(tables[table]))] = self.rng.choice(_SPOILABLE[table])
        return found


def compared(seed: int) -> dict[str, Any]:
    """Tell a story in several orders, some deliveries twice, and compare what each ends in and what was known when.

    Spoilt rows are mended and replayed, waiting deliveries confirmed, at some moment after they arrived.

    Returns
    -------
    dict
        `deliveries` and `orders` tried; `replays` and `waited` in all of them; `snapshots` in which they ended (1 where
        order leaves no trace); `miscounted` reports in which accepted and quarantined are not what was read; `apart`
        tables that are not what sound deliveries come to; `answers` compared as of earlier extract dates, and
        `changed` ones among them.
    """
    sent = story(seed)
    rng = random.Random(f"orders {seed}")
    every = list(itertools.permutations(range(len(sent))))
    with tempfile.TemporaryDirectory() as name:
        by_date = Telling(sent, Path(name) / "by date", None)
        then = list(_answers(by_date))
        told = [by_date]
        for order in rng.sample(every, min(ORDERS, len(every))):
            again = [*order, *rng.choices(order, k=1)]
            if len(told) % 2 == 0:
                rng.shuffle(again)
            told.append(Telling(sent, Path(name) / f"told {len(told)}", rng))
            told[-1].tell(again)
        ended = by_date.store.latest()
        return {
            "deliveries": len(sent),
            "orders": len(told),
            "replays": sum(each.replays for each in told),
            "waited": sum(each.waited for each in told),
            "snapshots": len({each.store.latest().hash for each in told}),
            "miscounted": sum(each.miscounted for each in told),
            "apart": _apart(sent, ended, Path(name) / "sound"),
            "answers": len(then),
            "changed": sum(not each.still(ended) for each in then),
        }


def _apart(sent: Sequence[Sent], ended: Snapshot, folder: Path) -> int:
    """Count the tables that are not what the same deliveries come to if nothing in them was ever spoilt."""
    if not any(each.spoilt for each in sent):
        return 0
    sound = Telling([replace(each, spoilt={}) for each in sent], folder, None)
    sound.tell(range(len(sent)))
    wanted = sound.store.latest()
    return sum(not ended.table(each).equals(wanted.table(each)) for each in wanted.tables)


class Telling:
    """A store to which a story is told in some order.

    Parameters
    ----------
    sent
        The deliveries.
    folder
        Where the store and what is delivered lie.
    rng
        Says when rows are mended and deliveries confirmed; at once where there is none.
    """

    def __init__(self, sent: Sequence[Sent], folder: Path, rng: random.Random | None) -> None:
        self.sent, self.folder, self.rng = sent, folder, rng
        self.places = [each.write(folder / "sent") for each in sent]
        self.store = RecordStore(folder / "records")
        self.names: dict[int, str] = {}
        self.mended: set[int] = set()
        self.replays = self.waited = self.miscounted = 0

    def tell(self, order: Sequence[int]) -> None:
        """Deliver in this order, mend and confirm meanwhile, and what is left at the end."""
        for at in order:
            self.arrive(at)
            for each in list(self.names):
                if self.rng is None or self.rng.random() < 0.4:
                    self.settle(each)
        for each in list(self.names):
            self.settle(each)

    def arrive(self, at: int) -> None:
        """Deliver one."""
        report = self.store.ingest(self.places[at])
        self.miscounted += report.accepted + report.quarantined != report.read
        self.waited += bool(report.waiting) and at not in self.names
        self.names[at] = report.delivery

    def settle(self, at: int) -> None:
        """Mend the spoilt rows of a delivery and let it count, if that was not done before."""
        (delivery,) = [each for each in self.store.deliveries() if each.name == self.names[at]]
        if delivery.waiting:
            self.store.confirm(delivery.name)
        if at not in self.mended:
            self.mended.add(at)
            for table, spoilt in self.sent[at].spoilt.items():
                self._replay(delivery.name, table, {each + 2: self.sent[at].tables[table][each] for each in spoilt})

    def _replay(self, name: str, table: str, rows: Mapping[int, Record]) -> None:
        path = self.folder / f"{name} {table}.csv"
        self.store.export(name, table, path)
        with path.open(encoding="utf-8", newline="") as file:
            exported = [row for row in csv.DictReader(file) if int(row["_line"]) in rows]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(exported[0]))
            writer.writeheader()
            writer.writerows({**row, **rows[int(row["_line"])]} for row in exported)
        self.store.replay(path)
        self.replays += 1


@dataclass(frozen=True)
class _Answer:
    """What was known of a table at the end of a day, once the deliveries until then were in.

    Attributes
    ----------
    orphans
        Whether rows were set aside because what they point to had not come: they may stand there later.
    """

    table: str
    day: date
    rows: pd.DataFrame
    orphans: bool

    def still(self, snapshot: Snapshot) -> bool:
        """Say whether a later snapshot answers the same."""
        now = known(snapshot, self.table, self.day)
        if self.orphans:
            now = now[now["key"].isin(self.rows["key"])].reset_index(drop=True)
        return self.rows.equals(now)


def _answers(telling: Telling) -> Iterator[_Answer]:
    """Tell a story by date; yield what was known as of each extract date, of the tables of the extract's source.

    What the source recorded between two of its extracts is only told by the second.
    """
    sent, orphans = telling.sent, False
    for at, each in enumerate(sent):
        telling.arrive(at)
        telling.settle(at)
        orphans |= any(kept["reason"] == "orphan" for kept in telling.store.quarantine())
        if at + 1 < len(sent) and sent[at + 1].extract_date == each.extract_date:
            continue  # the day is not over
        snapshot = _latest(telling.store)
        if snapshot is None:
            continue
        for table in _OF[each.source]:
            yield _Answer(table, each.extract_date, known(snapshot, table, each.extract_date), orphans)


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
