# ruff: noqa: S608 - names enter through quoted(), values through literal()
"""From a staged extract to a delivery in the store: check, keep out what breaks the contract, keep the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from records.contract import TABLES
from records.erasing.tombstones import OWNERS, Tombstones, fields_of, naming
from records.history.deliveries import Deliveries, Delivery, write_rows
from records.history.fold import ORPHANS, UNTOLD, Folded, fold, shrinkage
from records.intake.checking import Checked, check
from records.intake.kept_out import ERASED_TEXT, store_kept_out
from records.intake.kinds import SQL_TYPES, read_columns
from records.intake.remarks import cost_of_undated, unmapped
from records.intake.standing import ERASED, ERASED_POSITION
from records.reading.extract import Extract
from records.reading.staged import Staged, column_names
from records.reference import Reference
from records.storage.database import literal, quoted
from records.storage.files import private_folder, write_private
from values import Progress

SHRINK_LIMIT = 0.05
"""The share of a source's table that a full delivery may withdraw without being confirmed."""
LEAST_WITHDRAWN = 20
"""Rows that may always go."""
MAPPING = "mapping"
CELLS = Path("quarantine", "cells.parquet")
"""In a delivery: the cells that could not be read (``source``, ``row``, ``column_name``, ``reason``)."""


@dataclass
class Ingest:
    """One delivery on its way into the store.

    Parameters
    ----------
    db
        The workbench in which it is staged.
    root
        The record store's folder.
    extract
        What was delivered.
    reference
        The reference tables whose codes count as known.
    shrink_limit
        See `SHRINK_LIMIT`.
    replays
        The delivery whose rows were mended in this one.
    amend
        Turns the relation with a table's accepted rows into the one that is stored.
    finish
        Called with the draft before it appears.
    bytes
        The hash of the mended file.
    """

    db: duckdb.DuckDBPyConnection
    root: Path
    extract: Extract
    reference: Reference
    shrink_limit: float = SHRINK_LIMIT
    replays: Delivery | None = None
    amend: Callable[[str, str], str] | None = None
    finish: Callable[[Delivery], None] | None = None
    bytes: str | None = None

    def store(self, settle: Callable[[Folded, list[Delivery]], None], progress: Progress) -> Delivery:
        """Check the rows and publish the delivery.

        Parameters
        ----------
        settle
            Called before it appears with what all deliveries come to that then count, unless it waits.
        progress
            Told how far it is.
        """
        progress("check", 0, 1)
        checked = check(self.db, self.extract.tables, self.extract.manifest.extract_date)
        progress("check", 1, 1)
        accepted = self._accepted(checked)
        if self.amend is not None:
            accepted = {name: self.amend(name, relation) for name, relation in accepted.items()}
        deliveries = Deliveries(self.root)
        counting = deliveries.counting()
        return deliveries.write(
            self.db,
            self.extract.name,
            self.extract.manifest,
            {name: (relation, checked.delivered[name]) for name, relation in accepted.items()},
            files={name: file for name, file in checked.files.items() if accepted[name] == checked.relations[name]},
            kept_out=self._keys(),
            replays=None if self.replays is None else self.replays.name,
            shrinks=lambda draft: self._shrinks(counting, draft),
            complete=lambda draft: self._complete([*counting, draft], accepted, checked, settle),
        )

    def _accepted(self, checked: Checked) -> dict[str, str]:
        """Leave out the rows that name erased people, sound or not; nothing of them is kept."""
        named = {}
        for name, staged in self.extract.tables.items():
            columns = dict.fromkeys(each for owner in OWNERS for each in naming(TABLES[name], owner))
            named_by = "".join(f", {staged.identifier(each)} AS {quoted(each)}" for each in columns)
            self.db.execute(
                f"CREATE OR REPLACE TEMP VIEW naming_{name} AS SELECT row, file, line{named_by} "
                f"FROM {quoted(staged.relation)}"
            )
            named[name] = f"naming_{name}"
        accepted = dict(checked.relations)
        self._unsplit()
        for name, erased in Tombstones(self.root).rows(self.db, named).items():
            rows = f"row IN (SELECT row FROM {erased})"
            self.db.execute(f"DELETE FROM faults WHERE table_name = {literal(name)} AND {rows}")
            self.db.execute(
                f"INSERT INTO faults SELECT {literal(name)}, row, file, line, '', {literal(ERASED)}, {ERASED_POSITION} "
                f"FROM naming_{name} SEMI JOIN {erased} USING (row)"
            )
            accepted[name] = f"remaining_{name}"
            self.db.execute(
                f"CREATE OR REPLACE TEMP VIEW remaining_{name} AS SELECT * FROM {quoted(checked.relations[name])} "
                f"ANTI JOIN {erased} USING (row)"
            )
        return accepted

    def _unsplit(self) -> None:
        """List the rows that could not be split and hold the id of an erased person: their text is not kept."""
        self.db.execute(f"CREATE OR REPLACE TEMP TABLE {ERASED_TEXT} (source VARCHAR, row BIGINT)")
        tombstones = Tombstones(self.root)
        for key, source in self.extract.sources.items() if tombstones.any else ():
            unsplit = f"{quoted(source.faults)} WHERE column_name = '' AND text IS NOT NULL"
            rows = [
                (row, fields_of(text)) for row, text in self.db.execute(f"SELECT row, text FROM {unsplit}").fetchall()
            ]
            erased = tombstones.erased(sorted({each for _, fields in rows for each in fields}))
            found = sorted({row for row, fields in rows if not fields.isdisjoint(erased)})
            self.db.execute(f"INSERT INTO {ERASED_TEXT} SELECT ?, unnest(?::BIGINT[])", [key, found])
            if self.extract.mapping is None:
                self.db.execute(
                    f"UPDATE faults SET reason = {literal(ERASED)}, column_name = '', position = {ERASED_POSITION} "
                    f"WHERE table_name = ? AND row IN (SELECT row FROM {ERASED_TEXT} WHERE source = ?)",
                    [key, key],
                )

    def _keys(self) -> dict[str, str]:
        """Return for each table with rows kept out the relation of their keys: what is kept out is not withdrawn.

        Beside it the table ``untold`` comes to hold the rows whose key cannot be read: any row may be behind them.
        """
        self.db.execute("CREATE OR REPLACE TEMP TABLE untold (table_name VARCHAR, source VARCHAR, row BIGINT)")
        found = {}
        for (name,) in self.db.execute("SELECT DISTINCT table_name FROM faults WHERE reason <> 'erased'").fetchall():
            found[name] = self._keys_of(name, self.extract.tables[name])
        for how in () if self.extract.mapping is None else self.extract.mapping.tables:
            for key in dict.fromkeys(part.source for part in how.parts):
                self.db.execute(
                    f"INSERT INTO untold SELECT DISTINCT {literal(how.table.name)}, {literal(key)}, row "
                    f"FROM {quoted(self.extract.sources[key].faults)} WHERE column_name = ''"
                )
        return found

    def _keys_of(self, name: str, staged: Staged) -> str:
        """Read the keys of the rows of a table that are kept out, as checking reads them."""
        out, faulty = f"out_{name}", f"FROM faults WHERE table_name = {literal(name)} AND reason <> 'erased'"
        self.db.execute(
            f"CREATE OR REPLACE TEMP TABLE {out} AS SELECT * FROM {quoted(staged.relation)} "
            f"SEMI JOIN (SELECT row {faulty}) USING (row)"
        )
        table, names = TABLES[name], dict(zip(staged.columns, column_names(staged.columns), strict=True))
        reads = read_columns(self.db, out, {names[each]: table.column(each) for each in table.key if each in names})
        values = {read.column.name: f"CASE WHEN ({read.reason}) IS NULL THEN {read.value} END" for read in reads}
        every = {each: values.get(each, f"NULL::{SQL_TYPES[table.column(each).kind]}") for each in table.key}
        columns = ", ".join(f"{value} AS {quoted(each)}" for each, value in every.items())
        rows = f"FROM {out} t {' '.join(read.join for read in reads if read.join)}"
        self.db.execute(f"CREATE OR REPLACE TEMP VIEW keys_{name} AS SELECT DISTINCT {columns} {rows}")
        unread = " OR ".join(f"({read.reason}) IS NOT NULL" for read in reads) or "false"
        said = " OR ".join(f"t.{quoted(each)} <> ''" for each in names.values())
        of_key = ", ".join(map(literal, table.key))
        untold = (
            f"SELECT t.row {rows} WHERE ({said}) AND ({unread} OR t.row IN "
            f"(SELECT row FROM {quoted(staged.faults)} WHERE column_name IN ({of_key}))) "
            f"UNION SELECT row {faulty} AND row NOT IN (SELECT row FROM {out})"
        )
        made = self.extract.made.get(name)
        source = literal(name) if made is None else "l.file"
        row = "u.row" if made is None else "l.source_row"
        links = "" if made is None else f"JOIN {quoted(made.links)} l ON l.row = u.row"
        self.db.execute(
            f"INSERT INTO untold SELECT DISTINCT {literal(name)}, {source}, {row} FROM ({untold}) u {links}"
        )
        return f"keys_{name}"

    def _untold_notes(self) -> list[str]:
        if self.extract.manifest.kind != "full":
            return []
        found = self.db.execute("SELECT table_name, count(*) FROM untold GROUP BY 1 ORDER BY 1").fetchall()
        return [
            f"{name}: {rows} rows are in quarantine whose key cannot be read, so nobody can tell which rows this "
            "delivery no longer holds; it withdraws none of this table until they are mended and replayed."
            for name, rows in found
        ]

    def _shrinks(self, counting: list[Delivery], draft: Delivery) -> dict[str, dict[str, int]]:
        found = shrinkage(self.db, counting, draft)
        return {
            name: {"withdrawn": each.withdrawn, "before": each.before}
            for name, each in found.items()
            if each.exceeds(self.shrink_limit, LEAST_WITHDRAWN)
        }

    def _complete(
        self,
        counting: list[Delivery],
        accepted: Mapping[str, str],
        checked: Checked,
        settle: Callable[[Folded, list[Delivery]], None],
    ) -> dict[str, Any]:
        """Fold the draft with what counts, and keep what is kept out of it."""
        draft = counting[-1]
        if self.db.execute("SELECT 1 FROM untold LIMIT 1").fetchone():
            private_folder((draft.path / UNTOLD).parent)
            write_rows(self.db, "untold", draft.path / UNTOLD)
        folded = fold(self.db, counting)
        for name, text in self.extract.texts.items():
            write_private(private_folder(draft.path / MAPPING) / name, text)
        good = {name: self._without_orphans(name, relation, draft.name) for name, relation in accepted.items()}
        kept = store_kept_out(self.db, self.extract, draft)
        self._keep_cells(draft)
        if self.finish is not None:
            self.finish(draft)
            folded = fold(self.db, counting)  # what is mended now may tell what is withdrawn
        if not draft.shrinks:
            settle(folded, counting)
        day, mapping = self.extract.manifest.extract_date, self.extract.mapping
        return {
            **kept,
            "unmapped": unmapped(self.db, good, self.reference),
            "notes": [*self.extract.notes, *checked.notes, *self._untold_notes(), *cost_of_undated(self.db, good, day)],
            "bytes": self.bytes,
            "turn": 0 if self.replays is None else len(Deliveries(self.root).replays_of(self.replays.name)),
            "mapping": None if mapping is None else mapping.name,
            "merged": [] if mapping is None else [each.table.name for each in mapping.tables if each.unique],
        }

    def _keep_cells(self, draft: Delivery) -> None:
        """Write down which cells could not be read: an export shows them as text, which is not what they held."""
        cells = " UNION ALL ".join(
            f"SELECT {literal(key)} AS source, row, column_name, reason FROM {quoted(source.faults)} "
            "WHERE column_name <> ''"
            for key, source in self.extract.sources.items()
        )
        if self.db.execute(f"SELECT 1 FROM ({cells}) LIMIT 1").fetchone():
            write_rows(self.db, f"({cells})", draft.path / CELLS)

    def _without_orphans(self, name: str, relation: str, delivery: str) -> str:
        lost = f"table_name = {literal(name)} AND delivery = {literal(delivery)}"
        if not self.db.execute(f"SELECT 1 FROM {ORPHANS} WHERE {lost} LIMIT 1").fetchone():
            return relation
        self.db.execute(
            f"CREATE OR REPLACE TEMP VIEW pointing_{name} AS SELECT * FROM {relation} "
            f"ANTI JOIN (SELECT row FROM {ORPHANS} WHERE {lost}) USING (row)"
        )
        return f"pointing_{name}"
