# ruff: noqa: S608 - every name in the SQL comes from the contract
"""What keeps an erased person out: keyed hashes of erased ids, checked whenever an extract is read.

A tombstone is an HMAC-SHA-256 of an id under a secret of this store. It answers "was this id erased?" and cannot be
read backwards without the secret; with the secret one can only ask about ids one already has. Nothing else about the
person is kept. Another id for the same person is a new person to this test: a tombstone holds ids, not names.
"""

from __future__ import annotations

import hmac
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from records.contract import TABLES
from records.declaration import Table
from records.errors import TombstonesUnreadable
from records.storage.database import literal, quoted
from records.storage.files import private_folder, write_private
from values import new_key

FOLDER = "erased"
OWNERS = ("persons", "incidents", "referrals")
"""The tables whose ids are tombstoned: a person, and what existed only because of that person."""

_SEPARATORS = re.compile(r"[,;|\x22\x27\t\r\n\[\]]")
_SECRET, _LIST = "secret", "tombstones.txt"
_REMEDY = "Restore the folder records/erased from backup; without it erased people could come back."


def naming(table: Table, owner: str) -> tuple[str, ...]:
    """Return the columns of `table` that name a row of `owner`, its own key included.

    >>> naming(TABLES["dyads"], "persons")
    ('suspect_id', 'victim_id')
    >>> naming(TABLES["persons"], "persons")
    ('person_id',)
    """
    own = table.key[:1] if table.name == owner else ()
    return own + tuple(column.name for column in table.columns if column.points_to == owner)


def plain_id(text: str) -> str:
    r"""Return an id without characters that cannot be seen, and without blanks around it: what it is compared by.

    >>> plain_id("\tP\u200b1\u00a0")
    'P1'
    """
    return "".join(each for each in text if unicodedata.category(each) not in ("Cc", "Cf")).strip()


def sql_plain_id(column: str) -> str:
    """Return `plain_id` as SQL."""
    unseen = r"\p{Cc}\p{Cf}"
    around = rf"[\p{{Z}}{unseen}]+"
    return f"regexp_replace({column}, '^{around}|{around}$|[{unseen}]', '', 'g')"


def fields_of(text: str) -> set[str]:
    r"""Return what may be an id in a row that could not be split: each part between separators, as `plain_id`.

    >>> sorted(fields_of('P1,"Ann\tXu'))
    ['Ann', 'P1', 'Xu']
    """
    return {each for part in _SEPARATORS.split(text) if (each := plain_id(part))}


class Tombstones:
    """The erased ids of one record store.

    Parameters
    ----------
    root
        The record store's folder. Nothing is written before the first erasure.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / FOLDER

    def add(self, ids: Mapping[str, Iterable[str]]) -> None:
        """Tombstone ids by the table that owns them (`OWNERS`); written whole, and before anything is removed.

        Raises
        ------
        TombstonesUnreadable
            If tombstones exist that may not or cannot be read.
        """
        secret = self._secret() or self._make_secret()
        lines = self._lines() | {_line(secret, owner, plain_id(each)) for owner, some in ids.items() for each in some}
        write_private(self.folder / _LIST, "".join(f"{line}\n" for line in sorted(lines)).encode())

    def erased(self, ids: Sequence[str], owner: str = "persons") -> set[str]:
        """Return those of `ids` that were erased."""
        lines, secret = self._lines(), self._secret()
        if not lines or secret is None:
            return set()
        return {each for each in ids if _line(secret, owner, plain_id(each)) in lines}

    @property
    def lines(self) -> set[str]:
        """Every tombstone, as a register outside the store keeps it."""
        return self._lines()

    def take_over(self, lines: Iterable[str]) -> None:
        """Add tombstones that a register kept of this store, which had the same secret.

        Raises
        ------
        TombstonesUnreadable
            If tombstones exist that may not or cannot be read.
        """
        self.add({})
        content = "".join(f"{line}\n" for line in sorted(self._lines() | set(lines)))
        write_private(self.folder / _LIST, content.encode())

    @property
    def secret(self) -> Path:
        """The file with the key of the hashes."""
        return self.folder / _SECRET

    @property
    def any(self) -> bool:
        """Whether anybody was ever erased."""
        return bool(self._lines())

    def rows(self, db: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> dict[str, str]:
        """Find the rows of an extract that name an erased person, incident or referral.

        Parameters
        ----------
        db
            The workbench.
        tables
            For each table of the contract its relation, with the contract's columns and ``row``.

        Returns
        -------
        dict
            For each table with such rows the name of a DuckDB table ``erased_<table>`` (row BIGINT) that lists them;
            empty where nothing was ever erased, at no cost.
        """
        lines, secret = self._lines(), self._secret()
        if not lines or secret is None:
            return {}
        db.execute("CREATE OR REPLACE TEMP TABLE erased_macs (owner VARCHAR, mac VARCHAR)")
        db.executemany("INSERT INTO erased_macs VALUES (?, ?)", [line.split(" ") for line in sorted(lines)])
        for owner in OWNERS:
            _ids(db, owner, tables, secret)
        found = {}
        for name, relation in tables.items():
            tests = [
                f"{quoted(column)} IN (SELECT id FROM erased_ids_{owner})"
                for owner in OWNERS
                for column in naming(TABLES[name], owner)
            ]
            target = f"erased_{name}"
            where = " OR ".join(tests)
            db.execute(f"CREATE OR REPLACE TEMP TABLE {target} AS SELECT row FROM {relation} WHERE {where}")
            if db.execute(f"SELECT count(*) FROM {target}").fetchone() != (0,):
                found[name] = target
        return found

    def _secret(self) -> bytes | None:
        try:
            secret = self.secret.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise TombstonesUnreadable("The secret of the erased people cannot be read.", _REMEDY) from error
        if len(secret) != 32:
            raise TombstonesUnreadable("The secret of the erased people is damaged.", _REMEDY)
        return secret

    def _make_secret(self) -> bytes:
        private_folder(self.folder)
        if (self.folder / _LIST).exists():
            raise TombstonesUnreadable("The secret of the erased people is missing.", _REMEDY)
        write_private(self.folder / _SECRET, new_key())
        return (self.folder / _SECRET).read_bytes()

    def _lines(self) -> set[str]:
        try:
            text = (self.folder / _LIST).read_text(encoding="ascii")
        except FileNotFoundError:
            return set()
        except (OSError, ValueError) as error:
            raise TombstonesUnreadable("The list of the erased people cannot be read.", _REMEDY) from error
        if not (self.folder / _SECRET).exists():
            raise TombstonesUnreadable("The secret of the erased people is missing.", _REMEDY)
        return set(text.splitlines())


def _line(secret: bytes, owner: str, each: str) -> str:
    return f"{owner} {hmac.digest(secret, each.encode('utf-8'), 'sha256').hex()}"


def _ids(db: duckdb.DuckDBPyConnection, owner: str, tables: Mapping[str, str], secret: bytes) -> None:
    """Make the table of the erased ids of `owner` that occur anywhere; each distinct id is hashed once."""
    named = [
        f"SELECT {quoted(column)} AS id FROM {relation}"
        for name, relation in tables.items()
        for column in naming(TABLES[name], owner)
    ]
    every = " UNION ".join(named) or "SELECT NULL::VARCHAR AS id"
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE erased_ids_{owner} AS SELECT id FROM ({every}) WHERE id IS NOT NULL AND "
        f"{_mac(secret, sql_plain_id('id'))} IN (SELECT mac FROM erased_macs WHERE owner = {literal(owner)})"
    )


def _mac(secret: bytes, column: str) -> str:
    """Return HMAC-SHA-256 (RFC 2104) as SQL: DuckDB hashes but knows no keys."""
    block = secret.ljust(64, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in block).hex() for pad in (0x36, 0x5C))
    once = f"sha256(unhex('{inner}') || encode({column}))"
    return f"sha256(unhex('{outer}') || unhex({once}))"


def destroy(path: Path) -> None:
    """Overwrite a file with zeros and remove it; a file that is gone is fine.

    On flash memory and copy-on-write file systems old blocks may outlive this; encrypt the disk.
    """
    try:
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
