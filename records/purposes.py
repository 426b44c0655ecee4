"""What each column may be used for: ``reference/sources.yaml``, checked against the contract, enforced on reading.

Every column states its controller, its lawful basis, its purposes and how long it is kept. A room that reads
records asks for a purpose and gets a view that holds nothing else: a column named outright is refused with its
name and the purpose, a table read whole comes without the columns that the purpose does not permit.

A site's own ``sources.yaml`` (in its workspace, beside the record store) names the tables and columns it changes. It
may take purposes away and replace controllers, bases and periods; it can never add a purpose.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

import pandas as pd

from records.contract import ASSUMED, KNOWN, TABLES
from records.errors import MappingError, PurposeBreach, SourcesError
from records.reading.nodes import Node
from records.reference import Reference
from values import AsOf, Hash

PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "rank": "choose and order who is put before a panel",
        "train": "label what followed, and compare candidates",
        "audit": "audit fairness and data quality",
        "display": "show a case to people who may see it, with criteria and holds",
        "link": "decide whether two records are one person",
    }
)
FILE = "sources.yaml"
SHIPPED = Path(__file__).parent / "reference" / FILE
_VERSIONS = frozenset({*(column.name for column in KNOWN), ASSUMED})
_NEVER_SCORED = frozenset({"communities", "needs", "restricted", "safety_checks"})
_HEAD = ("controller", "basis", "retain_years", "review_years")


@dataclass(frozen=True)
class Source:
    """What is stated for one column.

    Parameters
    ----------
    controller
        Who answers for it.
    basis, basis_text, confirm
        Its lawful basis by name and in words, and whether a data protection officer has yet to confirm it.
    purposes
        What it may be used for; a subset of `PURPOSES`.
    retain_years, review_years
        Years after the last entry about a person until disposal is decided, and between reviews before that.
    """

    controller: str
    basis: str
    basis_text: str
    confirm: bool
    purposes: frozenset[str]
    retain_years: int
    review_years: int


@dataclass(frozen=True)
class Sources:
    """The declaration for every column of the contract, by ``table.column``.

    `shared` names the controllers whose records every member of a panel is shown.
    """

    columns: Mapping[str, Source]
    shared: frozenset[str] = frozenset()

    def of(self, column: str) -> Source:
        """Return what is stated for ``table.column``; what says when a version was known follows its table.

        Raises
        ------
        KeyError
            If the contract has no such column.
        """
        table, _, name = column.partition(".")
        return self.columns[f"{table}.{TABLES[table].key[0]}" if name in _VERSIONS else column]

    def permits(self, column: str, purpose: str) -> bool:
        """Say whether ``table.column`` may be used for `purpose`."""
        table, _, name = column.partition(".")
        return name in self.permitted(table, purpose) if name in _VERSIONS else purpose in self.of(column).purposes

    def permitted(self, table: str, purpose: str) -> tuple[str, ...]:
        """Return the columns of `table` that `purpose` may use, in order; none where no own column is permitted."""
        own = [column.name for column in TABLES[table].columns if self.permits(f"{table}.{column.name}", purpose)]
        return tuple(name for name in TABLES[table].names if name in own or name in _VERSIONS) if own else ()

    def require(self, purpose: str, columns: Iterable[str], who: str = "This") -> None:
        """Pass if every ``table.column`` may be used for `purpose`.

        Raises
        ------
        PurposeBreach
            Naming the first column that may not.
        """
        for column in columns:
            if not self.permits(column, purpose):
                raise PurposeBreach(
                    f"{who} reads {column}, which may not be used to {PURPOSES[purpose]} (purpose {purpose!r}).",
                    f"Stop reading it, or have whoever answers for the data permit it in {FILE}.",
                )


class _Snapshot(Protocol):
    """What a view needs of a snapshot."""

    @property
    def hash(self) -> Hash: ...
    @property
    def extract_date(self) -> date: ...
    @property
    def tables(self) -> frozenset[str]: ...
    @property
    def offences(self) -> pd.DataFrame: ...
    @property
    def reference(self) -> Reference: ...
    def has(self, name: str) -> bool: ...
    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame: ...
    def adult_at(self, as_of: AsOf, years: int = 18) -> pd.DataFrame: ...
    def age_band_at(self, as_of: AsOf) -> pd.DataFrame: ...
    def identities(self, person_ids: Iterable[str]) -> pd.DataFrame: ...


class Reading:
    """A snapshot as one purpose may see it.

    Parameters
    ----------
    snapshot
        The snapshot.
    purpose
        One of `PURPOSES`.
    sources
        What is permitted.
    """

    def __init__(self, snapshot: _Snapshot, purpose: str, sources: Sources) -> None:
        if purpose not in PURPOSES:
            raise ValueError(f"{purpose!r} is no purpose.")
        self.snapshot, self.purpose, self.sources = snapshot, purpose, sources

    @property
    def hash(self) -> Hash:
        """The snapshot's hash."""
        return self.snapshot.hash

    @property
    def extract_date(self) -> date:
        """The day the extract was taken."""
        return self.snapshot.extract_date

    @property
    def tables(self) -> frozenset[str]:
        """The tables that were delivered and of which the purpose may see something."""
        return frozenset(name for name in self.snapshot.tables if self.sources.permitted(name, self.purpose))

    @property
    def offences(self) -> pd.DataFrame:
        """The offence reference table, which is about nobody."""
        return self.snapshot.offences

    @property
    def reference(self) -> Reference:
        """The reference tables, which are about nobody."""
        return self.snapshot.reference

    def has(self, name: str) -> bool:
        """Say whether a table, or a column written ``table.column``, was delivered and may be seen."""
        table, _, column = name.partition(".")
        if table not in self.tables or not self.snapshot.has(name):
            return False
        return not column or column in self.sources.permitted(table, self.purpose)

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table without what the purpose may not see, or exactly the named columns.

        Raises
        ------
        PurposeBreach
            If a named column, or the whole table, may not be used for the purpose.
        TableNotAvailable
            As `Snapshot.table`.
        """
        permitted = self.sources.permitted(name, self.purpose) if name in TABLES else ()
        if name in TABLES:
            self.sources.require(
                self.purpose, [f"{name}.{each}" for each in columns or () if each in TABLES[name].names]
            )
        if columns is None and name in self.snapshot.tables:
            if not permitted:
                self.sources.require(self.purpose, [f"{name}.{TABLES[name].key[0]}"])
            sealed = {column.name for column in TABLES[name].columns if column.sealed}
            return self.snapshot.table(name, [each for each in permitted if each not in sealed])
        return self.snapshot.table(name, columns)

    def adult_at(self, as_of: AsOf, years: int = 18) -> pd.DataFrame:
        """Return person_id and adult; unknown for everybody where a birth date may not be used for the purpose."""
        found = self.snapshot.adult_at(as_of, years)
        return found if self._born() else found.assign(adult="unknown").astype("str")

    def age_band_at(self, as_of: AsOf) -> pd.DataFrame:
        """Return person_id and age_band; unknown for everybody where a birth date may not be used for the purpose."""
        found = self.snapshot.age_band_at(as_of)
        return found if self._born() else found.assign(age_band="unknown").astype("str")

    def identities(self, person_ids: Iterable[str]) -> pd.DataFrame:
        """Return names and dates of birth for display; what may not be shown is missing.

        Raises
        ------
        PurposeBreach
            Unless the purpose is display.
        """
        if self.purpose != "display":
            raise PurposeBreach("Identities are for display.", "Read them for that purpose.")
        found = self.snapshot.identities(person_ids)
        for name in set(found.columns) - set(self.sources.permitted("persons", "display")):
            found[name] = found[name].mask(found[name].notna())
        return found

    def _born(self) -> bool:
        return self.sources.permits("persons.date_of_birth", self.purpose)

    def __repr__(self) -> str:
        return f"Reading({self.snapshot!r}, {self.purpose!r})"


@runtime_checkable
class _Readable(Protocol):
    def reading(self, purpose: str) -> Reading: ...


def for_purpose(source: Any, purpose: str, who: str, needs: Mapping[str, Sequence[str]] | None = None) -> Any:
    """Return `source` as `purpose` may see it; this is how a room reads records.

    Parameters
    ----------
    source
        A snapshot or a view of one. Tables that come from no snapshot (a proof's rewritten ones) are returned as
        they are.
    purpose
        One of `PURPOSES`.
    who
        Who reads, as the start of a sentence.
    needs
        For each table the columns without which the reader cannot use it. That a site forbade a delivered table is
        an error and never silence: a safety concern that nobody may read must not look like none.

    Raises
    ------
    PurposeBreach
        If the source was opened for another purpose, or a needed column may not be used.
    """
    view: Reading
    if isinstance(source, Reading):
        if source.purpose != purpose:
            raise PurposeBreach(
                f"{who} was given records opened to {PURPOSES[source.purpose]}, not to {PURPOSES[purpose]}.",
                "Open them for that purpose.",
            )
        view = source
    elif isinstance(source, _Readable):
        view = source.reading(purpose)
    else:
        return source
    for table, columns in (needs or {}).items():
        if table in view.snapshot.tables:
            view.sources.require(purpose, [f"{table}.{column}" for column in columns], who)
    return view


def load_sources(site: Path | None = None) -> Sources:
    """Load the shipped declaration, changed by a site's own file where there is one.

    Raises
    ------
    SourcesError
        If a column is left out of the shipped file, or either file names an unknown table, column, basis or purpose,
        permits what may never be, or the site's adds a purpose; names file and line. If what lies at `site` is no file.
    """
    shipped = _shipped()
    if site is None or not os.path.lexists(site):
        return shipped
    if not site.is_file():  # a link to nowhere or a folder: the site's restrictions must not silently vanish
        raise SourcesError(f"{site.name} of the workspace is no file that can be read.", "Put the file back.")
    try:
        return _Declared(Node.read(site), shipped).sources()
    except MappingError as error:
        raise SourcesError(error.message, error.remedy) from error


def sources_of(root: Path) -> Sources:
    """Return what is permitted in the record store at `root`: the site's file lies beside it, in the workspace."""
    return load_sources(root.parent / FILE)


@cache
def _shipped() -> Sources:
    try:
        return _Declared(Node.read(SHIPPED), None).sources()
    except MappingError as error:
        raise SourcesError(error.message, error.remedy) from error


class _Declared:
    """One file, read against the contract and, for a site's, against what is shipped."""

    def __init__(self, node: Node, shipped: Sources | None) -> None:
        self.shipped = shipped
        self.top = top = node.block((), ("bases", "tables", "shared"))
        self.node, self.tables = node, top["tables"].entries() if "tables" in top else {}
        self.bases = {
            source.basis: (source.basis_text, source.confirm)
            for source in (shipped.columns if shipped else {}).values()
        }
        for name, basis in (top["bases"].entries() if "bases" in top else {}).items():
            said = basis.block(("text", "confirm"))
            self.bases[name] = (said["text"].text(), _yes(said["confirm"]))

    def sources(self) -> Sources:
        found = dict(self.shipped.columns) if self.shipped else {}
        found = {name: self._with_basis(source, source.basis, self.node) for name, source in found.items()}
        for name, node in self.tables.items():
            if name not in TABLES:
                raise node.wrong(f"the contract has no table {name!r}", f"Use {', '.join(TABLES)}.")
            self._table(name, node, found)
        for table in TABLES.values():
            for column in table.columns:
                if f"{table.name}.{column.name}" not in found:
                    where = self.tables.get(table.name, self.node)
                    raise where.wrong(f"nothing is stated for {table.name}.{column.name}", "State its purposes.")
        for name, table in ((name, TABLES[name]) for name in TABLES):
            self._check_dates(name, {c.name: c.dated_by for c in table.columns if c.dated_by}, found)
        return Sources(MappingProxyType(found), self._shared({source.controller for source in found.values()}))

    def _shared(self, controllers: set[str]) -> frozenset[str]:
        if "shared" not in self.top:
            return self.shipped.shared if self.shipped else frozenset()
        shared = frozenset(self.top["shared"].texts())
        for name in sorted(shared - controllers):
            raise self.top["shared"].wrong(
                f"{name!r} answers for no table", f"Use {', '.join(sorted(controllers))}, or name it as a controller."
            )
        return shared

    def _table(self, name: str, node: Node, found: dict[str, Source]) -> None:
        needed = () if self.shipped else (*_HEAD, "columns")
        said = node.block(needed, (*_HEAD, "columns"))
        listed = said["columns"].entries() if "columns" in said else {}
        known = {column.name for column in TABLES[name].columns}
        for column, place in listed.items():
            if column not in known:
                raise place.wrong(f"{name} has no column {column!r}", f"Use {', '.join(sorted(known))}.")
        for column in [each.name for each in TABLES[name].columns]:
            before, at = found.get(f"{name}.{column}"), listed.get(column)
            if before is None and at is None:
                continue
            source = self._head(before, said, node)
            own = None if at is None or at.is_block else at
            if at is not None and at.is_block:
                inner = at.block((), (*_HEAD, "purposes"))
                source, own = self._head(source, inner, at), inner.get("purposes")
            if own is not None:
                source = replace(source, purposes=self._purposes(name, column, own, before))
            found[f"{name}.{column}"] = source

    def _head(self, before: Source | None, said: Mapping[str, Node], node: Node) -> Source:
        source = before or Source("", "", "", True, frozenset(), 0, 0)
        if "controller" in said:
            source = replace(source, controller=said["controller"].text())
        if "basis" in said:
            source = self._with_basis(source, said["basis"].text(), said["basis"])
        if "retain_years" in said:
            source = replace(source, retain_years=_years(said["retain_years"]))
        if "review_years" in said:
            source = replace(source, review_years=_years(said["review_years"]))
        return source

    def _with_basis(self, source: Source, basis: str, node: Node) -> Source:
        if basis not in self.bases:
            raise node.wrong(f"there is no basis {basis!r}", f"Use {', '.join(self.bases)}, or add it under bases.")
        text, confirm = self.bases[basis]
        return replace(source, basis=basis, basis_text=text, confirm=confirm)

    def _purposes(self, table: str, column: str, node: Node, before: Source | None) -> frozenset[str]:
        purposes = frozenset(node.texts())
        unknown = sorted(purposes - set(PURPOSES))
        if unknown:
            raise node.wrong(f"{unknown[0]!r} is no purpose", f"Use {', '.join(PURPOSES)}.")
        declared = TABLES[table].column(column)
        scores = purposes & {"rank", "train"}
        if declared.protected and purposes - {"audit"}:
            raise node.wrong(f"{table}.{column} is a protected characteristic and for audit alone", "Write [audit].")
        if scores and (table in _NEVER_SCORED or declared.sealed):
            raise node.wrong(f"{table}.{column} never ranks and never trains", "Take rank and train away.")
        added = sorted(purposes - before.purposes) if self.shipped and before else []
        if added:
            raise node.wrong(
                f"{table}.{column} may not be used for {added[0]!r}: a site takes purposes away and adds none",
                f"Keep to {', '.join(sorted(before.purposes)) if before else ''}.",
            )
        return purposes

    def _check_dates(self, table: str, dated: Mapping[str, str], found: Mapping[str, Source]) -> None:
        """Refuse a column without the day that dates it: what it said at T could no longer be told."""
        for column, by in dated.items():
            lacking = found[f"{table}.{column}"].purposes - found[f"{table}.{by}"].purposes
            if lacking:
                raise self.tables.get(table, self.node).wrong(
                    f"{table}.{column} is for {min(lacking)} without {table}.{by}, which says since when it holds",
                    "Permit both or neither.",
                )


def _years(node: Node) -> int:
    text = node.text()
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 0 < int(text) <= 100):
        raise node.wrong(f"{text!r} is no number of years", "Write a whole number from 1 to 100.")
    return int(text)


def _yes(node: Node) -> bool:
    text = node.text().lower()
    if text not in ("true", "false"):
        raise node.wrong("confirm is neither true nor false", "Write true until it has been confirmed.")
    return text == "true"
