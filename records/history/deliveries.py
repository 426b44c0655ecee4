# ruff: noqa: S608 - every name in the SQL comes from the contract, every path is a literal
"""What was delivered, kept as it was accepted: one folder a delivery, written once.

``deliveries/<name>/`` holds ``delivery.json``, a Parquet file a table (the accepted rows, whether or not what they
point to has arrived) and, under ``kept_out/``, the keys of the rows that went to quarantine. Communities lie in
``communities/deliveries/``, under their own permission. A delivery counts once it lies there, unless it waits for a
person to confirm it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from records.contract import TABLES
from records.errors import DeliveryUnreadable, NoDelivery
from records.reading.manifest import Manifest
from records.split import FOLDER as COMMUNITIES
from records.storage.database import quoted
from records.storage.files import private_folder, published, write_private
from records.storage.parquet import write_query
from values import Hash, canonical_json, digest_bytes

FOLDER = "deliveries"
KEPT_OUT = "kept_out"
FORMAT = 1
_CARD, _CONFIRMED = "delivery.json", "confirmed.json"
_REMEDY = "Restore the folder from backup, or ingest the extract again into a fresh store."


@dataclass(frozen=True)
class Delivery:
    """One delivery in the store.

    Parameters
    ----------
    path
        Its folder; the folder's name is the delivery's.
    """

    path: Path

    @property
    def name(self) -> str:
        """Extract date and a short hash of the delivered bytes."""
        return self.path.name

    @cached_property
    def card(self) -> dict[str, Any]:
        """What is known of it beside its rows.

        Raises
        ------
        DeliveryUnreadable
            If it cannot be read.
        """
        try:
            card: dict[str, Any] = json.loads((self.path / _CARD).read_text(encoding="utf-8"))
            if card["format"] != FORMAT:
                raise ValueError(card["format"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DeliveryUnreadable(f"{_CARD} of the delivery {self.name} cannot be read.", _REMEDY) from error
        return card

    @cached_property
    def manifest(self) -> Manifest:
        """Where it comes from."""
        card = self.card["manifest"]
        return Manifest(**{**card, "extract_date": date.fromisoformat(card["extract_date"])})

    @cached_property
    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """Its tables with the contract's columns that were delivered."""
        return {name: tuple(columns) for name, columns in self.card["tables"].items()}

    @property
    def replays(self) -> str | None:
        """The delivery whose rows were mended in it."""
        name: str | None = self.card["replays"]
        return name

    @property
    def turn(self) -> int:
        """Of a replay: how many replays of the same delivery were there before it."""
        return int(self.card.get("turn", 0))

    @property
    def merged(self) -> frozenset[str]:
        """Tables in which one row was made from several delivered ones."""
        return frozenset(self.card.get("merged", ()))

    @property
    def shrinks(self) -> dict[str, dict[str, int]]:
        """For each table that it would shrink too much the rows withdrawn and the rows before."""
        found: dict[str, dict[str, int]] = self.card["shrinks"]
        return found

    @property
    def waiting(self) -> bool:
        """Whether it shrinks a table too much and nobody has confirmed it."""
        return bool(self.shrinks) and not (self.path / _CONFIRMED).exists()

    @property
    def guarded(self) -> Path:
        """The folder of the communities of all deliveries."""
        return self.path.parent.parent / COMMUNITIES / FOLDER

    def file(self, table: str) -> Path:
        """Return the Parquet file with the accepted rows of a table."""
        return self.guarded / f"{self.name}.parquet" if table == COMMUNITIES else self.path / f"{table}.parquet"

    def kept_out(self, table: str) -> Path | None:
        """Return the Parquet file with the keys of the rows of a table in quarantine; None where there are none."""
        path = self.guarded / KEPT_OUT / f"{self.name}.parquet" if table == COMMUNITIES else _kept_out(self.path, table)
        return path if path.exists() else None


def _kept_out(folder: Path, table: str) -> Path:
    return folder / KEPT_OUT / f"{table}.parquet"


class Deliveries:
    """The deliveries of one record store.

    Parameters
    ----------
    root
        The record store's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / FOLDER

    def all(self) -> list[Delivery]:
        """Return every delivery, by name."""
        found = self.folder.glob("[0-9]*") if self.folder.is_dir() else ()
        return [Delivery(path) for path in sorted(found) if (path / _CARD).is_file()]

    def counting(self) -> list[Delivery]:
        """Return those that count: not waiting, nor a replay of one that waits."""
        every = {each.name: each for each in self.all()}
        return [
            each for each in every.values() if not each.waiting and not (each.replays and every[each.replays].waiting)
        ]

    def replays_of(self, name: str) -> list[Delivery]:
        """Return the deliveries that mended rows of the one called `name`."""
        return [each for each in self.all() if each.replays == name]

    def find(self, name: str) -> Delivery:
        """Return the delivery called `name`.

        Raises
        ------
        NoDelivery
            If there is none.
        """
        for each in self.all():
            if each.name == name:
                return each
        raise NoDelivery(f"There is no delivery {name!r}.", "See `drive-panel deliveries list`.")

    def confirm(self, name: str) -> Delivery:
        """Let a waiting delivery count.

        Raises
        ------
        NoDelivery
            If there is none of that name, or it does not wait.
        """
        delivery = self.find(name)
        if not delivery.shrinks:
            raise NoDelivery(f"The delivery {name} does not wait for anything.", "See `drive-panel deliveries list`.")
        write_private(delivery.path / _CONFIRMED, canonical_json({"confirmed": True}).encode())
        return delivery

    def write(
        self,
        db: duckdb.DuckDBPyConnection,
        name: str,
        manifest: Manifest,
        tables: Mapping[str, tuple[str, Sequence[str]]],
        *,
        files: Mapping[str, Path] | None = None,
        kept_out: Mapping[str, str] | None = None,
        replays: str | None = None,
        shrinks: Callable[[Delivery], Mapping[str, Mapping[str, int]]] | None = None,
        complete: Callable[[Delivery], Mapping[str, Any]] | None = None,
    ) -> Delivery:
        """Publish a delivery whole; one of the same name is kept as it is.

        Parameters
        ----------
        db
            The workbench that holds the relations.
        name
            Its name.
        manifest
            Where it comes from.
        tables
            For each table the relation with the accepted rows (``row``, ``file``, ``line`` and the contract's
            columns), and the columns that were delivered.
        files
            For tables whose rows already lie in one Parquet file in a delivery's form: that file, on the same disk.
        kept_out
            For tables with rows in quarantine the relation with their keys.
        replays
            The delivery that it mends.
        shrinks
            Says, once its rows are written, what it shrinks too much.
        complete
            Says, once its rows are written, what else belongs on its card; may write further files into it.
        """
        path = self.folder / name
        if path.exists():
            return Delivery(path)
        card: dict[str, Any] = {
            "format": FORMAT,
            "manifest": manifest.to_dict(),
            "tables": {each: sorted(set(delivered)) for each, (_, delivered) in tables.items()},
            "replays": replays,
            "shrinks": {},
        }
        # communities first: they lie elsewhere, and the delivery must not appear before they do
        self._write_communities(db, name, tables.get(COMMUNITIES), (kept_out or {}).get(COMMUNITIES))
        with published(path) as draft:
            for table, (relation, _) in tables.items():
                if table != COMMUNITIES:
                    self._write_table(db, table, relation, (files or {}).get(table), draft / f"{table}.parquet")
            for table, relation in (kept_out or {}).items():
                if table != COMMUNITIES:
                    private_folder(draft / KEPT_OUT)
                    write_rows(db, relation, _kept_out(draft, table))
            drafted = _Draft(draft, name, card, self.root)
            card["shrinks"] = {each: dict(found) for each, found in (shrinks(drafted) if shrinks else {}).items()}
            card |= complete(drafted) if complete else {}
            write_private(draft / _CARD, canonical_json(card).encode())
        return Delivery(path)

    def _write_table(
        self, db: duckdb.DuckDBPyConnection, table: str, relation: str, file: Path | None, path: Path
    ) -> None:
        if file is None:
            write_rows(db, _rows(table, relation), path)
        else:
            _take_over(file, path)

    def _write_communities(
        self, db: duckdb.DuckDBPyConnection, name: str, table: tuple[str, Sequence[str]] | None, kept_out: str | None
    ) -> None:
        guarded = private_folder(private_folder(self.root / COMMUNITIES) / FOLDER)
        if kept_out is not None:
            private_folder(guarded / KEPT_OUT)
            _replace(db, kept_out, guarded / KEPT_OUT / f"{name}.parquet")
        if table is not None:
            stored = _replace(db, _rows(COMMUNITIES, table[0]), guarded / f"{name}.parquet")
            write_private(guarded / f"{name}.json", canonical_json({"sha256": stored}).encode())


@dataclass(frozen=True)
class _Draft(Delivery):
    """A delivery that has its rows but not yet its place."""

    called: str
    said: dict[str, Any]
    root: Path

    @property
    def name(self) -> str:
        return self.called

    @property
    def card(self) -> dict[str, Any]:
        return self.said


def _rows(table: str, relation: str) -> str:
    names = ", ".join(quoted(name) for name in TABLES[table].names)
    return f"(SELECT row, file, line, {names} FROM {relation})"


def write_rows(db: duckdb.DuckDBPyConnection, relation: str, path: Path) -> None:
    """Write a relation as Parquet that only the owner may read, and see it onto the disk."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    write_query(db, f"SELECT * FROM {relation}", path)
    _keep(path)


def _take_over(file: Path, path: Path) -> None:
    """Give a written file a second name, or a copy where the file system knows no links, and see it onto the disk."""
    try:
        path.hardlink_to(file)
    except OSError:
        shutil.copyfile(file, path)
    _keep(path)


def _keep(path: Path) -> None:
    path.chmod(0o600)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _replace(db: duckdb.DuckDBPyConnection, relation: str, path: Path) -> Hash:
    draft = path.with_name(f".draft-{os.getpid()}-{path.name}")
    write_rows(db, relation, draft)
    content = digest_bytes(draft.read_bytes())
    draft.replace(path)
    return content
