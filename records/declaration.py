"""How a table of the contract is declared: columns, key, where it points, what must come before what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from records.schemas import pandera

Kind = Literal["id", "text", "date", "code", "flag", "int"]

DTYPES: dict[str, str] = {
    "id": "str",
    "text": "str",
    "code": "str",
    "date": "datetime64[s]",
    "flag": "boolean",
    "int": "Int64",
}


@dataclass(frozen=True)
class Column:
    """One column of the contract.

    Parameters
    ----------
    name
        Its name in the extract and in every frame.
    kind
        ``id`` and ``text`` are kept as given, ``code`` comes from a list, ``date`` is a day in Europe/London,
        ``flag`` is yes or no, ``int`` a count.
    required
        A row without it goes to quarantine.
    codes
        The closed list of codes; others are kept, counted and reported as unmapped.
    reference
        The reference table that lists the codes instead of `codes`.
    overwritten
        Record systems overwrite it in place: in a first bulk load it is known only from the extract date,
        unless `dated_by` says since when.
    dated_by
        The column with the day from which the value is known. A date dated by itself (an arrest, a death) is
        known from the day it names, whenever the rest of its row was known.
    sealed
        It identifies a person and leaves the room only through the snapshot's named doors.
    protected
        A protected characteristic; communities only.
    may_be_future
        A day after the extract date is legal (an order's end).
    points_to
        The table whose key column of the same meaning this id names.
    meaning
        One plain sentence.
    """

    name: str
    kind: Kind
    required: bool = False
    codes: frozenset[str] | None = None
    overwritten: bool = False
    dated_by: str | None = None
    meaning: str = ""
    reference: str | None = None
    sealed: bool = False
    protected: bool = False
    may_be_future: bool = False
    points_to: str | None = None

    @property
    def dtype(self) -> str:
        """The pandas dtype of the column in every frame."""
        return DTYPES[self.kind]


KNOWN = (
    Column(
        "known_from",
        "date",
        meaning="The day from which this version of the row was in the record system; assumed where not given.",
    ),
    Column(
        "known_to",
        "date",
        meaning="The day from which this version no longer held; missing while it is current.",
    ),
)
ASSUMED = "known_from_assumed"


@dataclass(frozen=True)
class Table:
    """One table of the contract: one file of an extract.

    Parameters
    ----------
    name, columns
        The table and its columns, without `known_from` and `known_to`, which every table has.
    key
        The columns that say which thing a row is about; a later `known_from` under the same key is a new
        version of it.
    recorded_by
        The own column whose date stands in for a missing `known_from`.
    recorded_with
        The table that stands in instead: the earliest `known_from` of the rows that share `recorded_on`.
    recorded_on
        The column shared with `recorded_with`.
    mandatory
        An extract without it is refused.
    in_order
        Pairs of date columns (earlier, later); a later one before its earlier one is impossible.
    meaning
        One plain sentence.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    recorded_by: str | None = None
    mandatory: bool = False
    recorded_with: str | None = None
    recorded_on: str | None = None
    in_order: tuple[tuple[str, str], ...] = ()
    meaning: str = ""

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The declared columns and the two that say when a version was known."""
        return self.columns + KNOWN

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the table's frames, in order."""
        return (*(column.name for column in self.all_columns), ASSUMED)

    @property
    def dtypes(self) -> dict[str, str]:
        """The pandas dtype of each column of the table's frames."""
        return {**{column.name: column.dtype for column in self.all_columns}, ASSUMED: "bool"}

    def column(self, name: str) -> Column:
        """Return the column called `name`.

        Raises
        ------
        KeyError
            If the table declares no such column.
        """
        for column in self.all_columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")

    def schema(self) -> Any:
        """Return the strict Pandera schema of the table's frames, derived from the declaration."""
        pandas_schemas = pandera()

        nullable = {column.name: not column.required for column in self.columns}
        nullable |= {"known_from": False, "known_to": True, ASSUMED: False}
        return pandas_schemas.DataFrameSchema(
            {name: pandas_schemas.Column(dtype, nullable=nullable[name]) for name, dtype in self.dtypes.items()},
            strict=True,
            ordered=True,
            unique=[*self.key, "known_from"],
            name=self.name,
        )
