"""The reference tables: offences with family and harm days, outcomes, ethnicity, relationships, agencies.

Each value states its source and whether it is verified. A site replaces a whole table by a file of the same name.
Harm days are the Cambridge Crime Harm Index idea (starting-point sentence in days, first offender); the shipped
weights are illustrative, because the official spreadsheet has not been loaded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from records.codes import FAMILIES, NON_CRIME, UNMAPPED
from records.errors import ExtractError, ReferenceTableError
from records.history.content import column_hashes, table_hash
from records.reading.header import header_names
from records.reading.rows import rows_of
from values import Hash

NAMES = ("offences", "outcomes", "ethnicity", "ethnicity_observed", "relationships", "agencies")
SHIPPED = Path(__file__).parent / "reference"
_OFFENCE_COLUMNS = (
    "offence_code",
    "offence_class",
    "title",
    "family",
    "code_source",
    "harm_days",
    "harm_source",
    "verified",
)
_CODE_COLUMNS = ("code", "label", "group", "source", "verified")


@dataclass(frozen=True)
class Reference:
    """The reference tables used together.

    Parameters
    ----------
    tables
        Each table by name, text as written, sorted by code.
    """

    tables: Mapping[str, pd.DataFrame]

    def codes(self, name: str) -> frozenset[str]:
        """Return the codes that the table `name` lists."""
        return frozenset(self.tables[name].iloc[:, 0])

    @property
    def offences(self) -> pd.DataFrame:
        """Offence code, family, harm days (NaN where unknown), source of the harm days, and whether verified."""
        table = self.tables["offences"]
        return pd.DataFrame(
            {
                "offence_code": table["offence_code"],
                "family": table["family"],
                "harm_days": _harm_days(table["harm_days"].tolist()),
                "source": table["harm_source"],
                "verified": (table["verified"] == "yes").to_numpy(),
            }
        )

    @property
    def hashes(self) -> dict[str, Hash]:
        """The content hash of each table."""
        return {name: table_hash(column_hashes(table), len(table)) for name, table in sorted(self.tables.items())}


def _harm_days(texts: list[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([float(text) if text else math.nan for text in texts], dtype=np.float64)


def load_reference(folder: Path | None = None) -> Reference:
    """Load the shipped reference tables, each replaced by the file of its name in `folder` where there is one.

    Raises
    ------
    ReferenceTableError
        If the folder does not exist or a table is malformed; names file, line and column.
    """
    if folder is None:
        return _shipped()
    if not folder.is_dir():
        raise ReferenceTableError(f"There is no reference folder {folder.name!r}.", "Check the path.")
    own = {name: path for name in NAMES if (path := folder / f"{name}.csv").is_file()}
    if not own:
        raise ReferenceTableError(f"{folder.name} holds no reference table.", f"Name one {NAMES[0]}.csv.")
    return Reference(MappingProxyType({**_shipped().tables, **{n: _load(path) for n, path in own.items()}}))


@cache
def _shipped() -> Reference:
    return Reference(MappingProxyType({name: _load(SHIPPED / f"{name}.csv") for name in NAMES}))


def _load(path: Path) -> pd.DataFrame:
    offences = path.name == "offences.csv"
    wanted = _OFFENCE_COLUMNS if offences else _CODE_COLUMNS
    header, rows = _rows(path)
    missing = [name for name in wanted if name not in header]
    if missing:
        raise ReferenceTableError(
            f"{path.name}, line 1: no column {missing[0]!r}.", f"Its columns are {', '.join(wanted)}."
        )
    columns = {name: [row[header.index(name)].strip() for row in rows.values()] for name in wanted}
    lines = list(rows)
    _check_codes(path.name, lines, columns, wanted[0])
    if offences:
        _check_offences(path.name, lines, columns)
    return pd.DataFrame(columns, dtype="str").sort_values(wanted[0]).reset_index(drop=True)


def _rows(path: Path) -> tuple[tuple[str, ...], dict[int, list[str]]]:
    """Return the header of a small CSV file and its rows by their line."""
    try:
        found = list(rows_of(path.read_bytes().decode("utf-8-sig")))
        header = header_names(path.name, found[0].fields or ()) if found else header_names(path.name, ())
    except (OSError, UnicodeDecodeError) as error:
        why = type(error).__name__
        raise ReferenceTableError(f"{path.name} cannot be read ({why}).", "Save it as UTF-8 text.") from error
    except ExtractError as error:
        raise ReferenceTableError(error.message, error.remedy) from error
    rows = {}
    for row in found[1:]:
        if row.fields is None or len(row.fields) != len(header):
            few = row.fields is not None and len(row.fields) < len(header)
            what = "bad quoting" if row.fields is None else f"too {'few' if few else 'many'} fields"
            raise ReferenceTableError(f"{path.name}, line {row.line}: {what}.", "Mend the line.")
        rows[row.line] = row.fields
    return header, rows


def _check_codes(file: str, lines: list[int], columns: dict[str, list[str]], code_column: str) -> None:
    seen: set[str] = set()
    for line, code, verified in zip(lines, columns[code_column], columns["verified"], strict=True):
        if not code or code in seen:
            raise _wrong(file, line, code_column, "blank or listed twice", "Give each code one line.")
        if verified not in ("yes", "no"):
            raise _wrong(file, line, "verified", "neither yes nor no", "Write yes or no.")
        seen.add(code)


def _check_offences(file: str, lines: list[int], columns: dict[str, list[str]]) -> None:
    for line, family, harm, source in zip(
        lines, columns["family"], columns["harm_days"], columns["harm_source"], strict=True
    ):
        if family not in FAMILIES or family == UNMAPPED:
            known = ", ".join(name for name in FAMILIES if name != UNMAPPED)
            raise _wrong(file, line, "family", f"{family!r} is no offence family", f"Use one of {known}.")
        if harm and not _is_days(harm):
            raise _wrong(file, line, "harm_days", "not a number of days", "Write days, or leave it blank.")
        if not source:
            raise _wrong(file, line, "harm_source", "blank", "Say where the harm days come from.")
    if NON_CRIME not in columns["offence_code"]:
        raise ReferenceTableError(
            f"{file} has no line for {NON_CRIME}.", "State the harm days of a non-crime incident, such as 0."
        )


def _is_days(text: str) -> bool:
    try:
        return 0 <= float(text) < 1_000_000
    except ValueError:
        return False


def _wrong(file: str, line: int, column: str, what: str, remedy: str) -> ReferenceTableError:
    return ReferenceTableError(f"{file}, line {line}, column {column}: {what}.", remedy)
