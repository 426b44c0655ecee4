"""One history delivered in several extracts: what each held, what later ones corrected, withdrew and added late.

The plant `deliveries`. The last delivery is the extract itself; the ones before it were taken at earlier quarter ends
and hold what the force had written down by then, apart from rows that came late, rows that were later withdrawn, and
values that were later corrected without a version of their own.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from synthetic import parameters
from synthetic.agencies import Tables
from synthetic.columns import codes, days, numbers_in, replaced, write_csv
from synthetic.people import Bools, Ints
from synthetic.person_records import scatter
from synthetic.settings import EXTRACT_DATE, ForceSettings, Plant
from values import day_number

_TOLD = ("incidents", "involvements", "dyads")
_DATED = {  # what a system wrote over, and the day it did
    "incidents": (("outcome_at", ("outcome_code", "outcome_at")),),
    "persons": (("deceased_on", ("deceased_on",)),),
    "custody": (("ends_on", ("ends_on",)),),
    "management": (("ends_on", ("ends_on",)),),
    "interventions": (("started_on", ("started_on",)), ("ended_on", ("ended_on", "completed"))),
}


def delivery_dates(count: int) -> list[date]:
    """Return the extract dates: quarter ends, the last of them the extract date.

    >>> [day.isoformat() for day in delivery_dates(3)]
    ['2025-09-30', '2025-12-31', '2026-03-31']
    """
    last = pd.Period(EXTRACT_DATE, freq="Q")
    return [(last - back).end_time.date() for back in range(count - 1, -1, -1)]


def as_delivered(name: str, content: pa.Table, day: date) -> pa.Table:
    """Return the rows written down by `day`, without what was written over later."""
    number = day_number(day)
    content = content.filter(pa.array(numbers_in(content["known_from"]) <= number))
    for dated_by, columns in _DATED.get(name, ()):
        later = pc.fill_null(pc.greater(content[dated_by], pa.scalar(day, pa.date32())), False)
        for column in columns:
            kept = pc.if_else(later, pa.scalar(None, content[column].type), content[column])
            content = replaced(content, column, kept)
    return content


def _draw(content: pa.Table, settings: ForceSettings, what: str) -> npt.NDArray[np.float64]:
    """Return a number in [0, 1) an incident, so that its versions and its rows in all tables share one fate."""
    incident = numbers_in(content["incident_id"])
    return scatter(settings.seed, f"delivery {what}", incident, np.zeros_like(incident))


def _between(draw: npt.NDArray[np.float64], share: float, part: int, parts: int) -> Bools:
    return np.asarray((draw >= share * part / parts) & (draw < share * (part + 1) / parts))


class _Story:
    """What happens to incidents between deliveries: late, or corrected; each to a known share."""

    def __init__(self, tables: Tables, dates: list[date], settings: ForceSettings) -> None:
        self.tables, self.dates, self.settings = tables, dates, settings
        self.notes: list[pd.DataFrame] = []

    def late(self, content: pa.Table, at: int) -> Bools:
        """Say which rows known by delivery `at` came with the next one only: some of the latest incidents."""
        draw = _draw(content, self.settings, f"late {at}")
        latest = self._incidents_since(day_number(self.dates[at]) - parameters.LATE_ROW_DAYS)
        return np.asarray((draw < parameters.LATE_ROWS) & np.isin(numbers_in(content["incident_id"]), latest))

    def _incidents_since(self, day: int) -> Ints:
        incidents = self.tables["incidents"]
        number, since = numbers_in(incidents["incident_id"]), numbers_in(incidents["known_from"])
        old = np.unique(number[since <= day])
        return np.setdiff1d(number, old)

    def corrected(self, content: pa.Table, at: int) -> Bools:
        """Say which incidents stood wrong up to delivery `at` and right from the next."""
        return _between(_draw(content, self.settings, "corrected"), parameters.CORRECTED_ROWS, at, len(self.dates) - 1)

    def note(self, change: str, table: str, key: pa.ChunkedArray, at: int) -> None:
        """Write down that rows differ between delivery `at` and the next."""
        self.notes.append(
            pd.DataFrame(
                {"change": change, "table": table, "key": key.to_pandas(), "until": self.dates[at].isoformat(),
                 "from": self.dates[at + 1].isoformat()}
            ).drop_duplicates()
        )  # fmt: skip

    def deliver(self, at: int) -> Tables:
        """Return what delivery `at` held."""
        delivered = {name: as_delivered(name, content, self.dates[at]) for name, content in self.tables.items()}
        known = pc.is_in(delivered["orders"]["person_id"], value_set=delivered["persons"]["person_id"].combine_chunks())
        delivered["orders"] = delivered["orders"].filter(known)  # an order may be older than its person's record
        if at == len(self.dates) - 1:
            return delivered
        for name in _TOLD:
            content = delivered[name]
            late = self.late(content, at)
            self.note("late", name, content["incident_id"].filter(pa.array(late)), at)
            delivered[name] = content.filter(pa.array(~late))
        delivered["incidents"] = self._uncorrected(delivered["incidents"], at)
        return self._with_withdrawn(delivered, at)

    def _uncorrected(self, incidents: pa.Table, at: int) -> pa.Table:
        wrong = np.zeros(len(incidents), dtype=bool)
        for later in range(at, len(self.dates) - 1):
            hit = self.corrected(incidents, later)
            wrong |= hit
            if later == at:
                self.note("corrected", "incidents", incidents["incident_id"].filter(pa.array(hit)), at)
        return replaced(incidents, "domestic", pc.xor(incidents["domestic"], pa.array(wrong)))

    def _with_withdrawn(self, delivered: Tables, at: int) -> Tables:
        """Add incidents that were written down by mistake and are in no later delivery."""
        incidents = delivered["incidents"]
        draw = _draw(incidents, self.settings, f"withdrawn {at}")
        first = pa.array(np.flatnonzero(draw < parameters.WITHDRAWN_ROWS))
        mistaken = incidents.take(first)
        mistaken = mistaken.filter(pa.array(~pd.Series(mistaken["incident_id"].to_pandas()).duplicated().to_numpy()))
        made = {"incidents": self._mistaken(mistaken, at)}
        for name in ("involvements", "dyads"):
            content = delivered[name]
            own = pc.is_in(content["incident_id"], value_set=mistaken["incident_id"].combine_chunks())
            found = content.filter(own)
            again = found.select(_key(found)).to_pandas().duplicated().to_numpy()
            made[name] = self._mistaken(found.filter(pa.array(~again)), at)
        for name, content in made.items():
            self.note("withdrawn", name, content["incident_id"], at)
        return delivered | {name: pa.concat_tables([delivered[name], content]) for name, content in made.items()}

    def _mistaken(self, content: pa.Table, at: int) -> pa.Table:
        """Return copies of rows under incident ids of their own, written down on the day of the delivery."""
        ids = pc.binary_join_element_wise(f"W{at}", pc.utf8_slice_codeunits(content["incident_id"], 1), "")
        content = replaced(content, "incident_id", ids)
        return replaced(content, "known_from", days(np.full(len(content), day_number(self.dates[at]))))


def _changes(content: pa.Table, before: pa.Table, day: date) -> pa.Table:
    """Return rows that are new or changed since the delivery before, and the gone ones with `known_to`."""
    now, then = _lines(content), _lines(before)
    new = content.filter(pc.invert(pc.is_in(now, value_set=then)))
    gone = before.filter(pc.invert(pc.is_in(_keys(before), value_set=_keys(content))))
    none, ended = pa.nulls(len(new), pa.date32()), days(np.full(len(gone), day_number(day)))
    return pa.concat_tables([new.append_column("known_to", none), gone.append_column("known_to", ended)])


def _lines(content: pa.Table) -> pa.Array:
    return _joined(content, content.column_names)


def _key(content: pa.Table) -> list[str]:
    """Return the columns that name a row in the three tables that rows are withdrawn from; the others lose none."""
    names = ("incident_id", "person_id", "role", "suspect_id", "victim_id")
    return [name for name in names if name in content.column_names] or content.column_names[:1]


def _keys(content: pa.Table) -> pa.Array:
    return _joined(content, _key(content))


def _joined(content: pa.Table, names: list[str]) -> pa.Array:
    texts = [pc.fill_null(pc.cast(content[name], pa.string()), "") for name in names]
    return pc.binary_join_element_wise(*texts, "|").combine_chunks()


def _state(content: pa.Table) -> pa.Table:
    """Return the last version of each row."""
    frame = content.to_pandas().sort_values("known_from", kind="stable").drop_duplicates(_key(content), keep="last")
    ordered = frame.sort_values(_key(content), kind="stable")
    return pa.Table.from_pandas(ordered, schema=content.schema, preserve_index=False)


def write_deliveries(tables: Tables, out: Path, plant: Plant, settings: ForceSettings, manifest: str) -> pa.Table:
    """Write ``deliveries/DATE/`` for each extract date, and ``truth/states/DATE/`` with what stood then.

    Parameters
    ----------
    tables
        The extract at the last date.
    out
        The force's folder.
    plant
        Options `n` (extracts, 3 unless given) and `kind` (``full``, or ``changes`` after the first).
    settings
        Size and seed.
    manifest
        The manifest of the last extract.

    Returns
    -------
    Table
        One row a change: `change` (late, corrected, withdrawn), `table`, `key`, `until` and `from` (extract dates
        between which it happened).
    """
    dates = delivery_dates(int(plant.options.get("n", parameters.DELIVERIES)))
    kind = plant.options.get("kind", "full")
    story = _Story(tables, dates, settings)
    before: Tables = {}
    for at, day in enumerate(dates):
        delivered = story.deliver(at)
        written = delivered
        if before and kind == "changes":
            written = {name: _changes(content, before[name], day) for name, content in delivered.items()}
        folder = out / "deliveries" / day.isoformat()
        folder.mkdir(parents=True)
        for name, content in written.items():
            write_csv(content, folder / f"{name}.csv")
        head = manifest.replace(EXTRACT_DATE.isoformat(), day.isoformat())
        own = kind if before else "full"
        (folder / "manifest.yaml").write_text(f"{head}kind: {own}\n", encoding="utf-8")
        states = out / "truth" / "states" / day.isoformat()
        states.mkdir(parents=True)
        for name in _TOLD:
            pq.write_table(_state(delivered[name]), states / f"{name}.parquet")
        before = delivered
    notes = pd.concat([_no_changes(), *story.notes], ignore_index=True)
    return pa.table({name: codes(notes[name]) for name in notes})


def _no_changes() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object) for name in ("change", "table", "key", "until", "from")})
