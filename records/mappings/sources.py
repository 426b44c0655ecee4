"""Where a mapping's rows come from: a file of the extract, a sheet of a workbook, or a query of a record system."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from records.errors import ExtractError
from records.reading.nodes import Node

SUFFIXES = (".csv", ".csv.gz", ".parquet", ".xlsx")


@dataclass(frozen=True)
class Source:
    """One source of rows.

    Parameters
    ----------
    key
        What the mapping calls it: its name under `files`, else the file's.
    file, sheet, header_row
        The file of the extract, and of a workbook the sheet (None: the first) and the row that names the columns
        (from 1): coordinators write a title above it.
    sql, url_env
        The query, and the environment variable that holds the address of the record system. The address itself,
        with its password, never stands in a mapping.
    """

    key: str
    file: str | None = None
    sheet: str | None = None
    header_row: int = 1
    sql: str | None = None
    url_env: str | None = None

    @property
    def stem(self) -> str:
        """The key without folder and suffix: what a lookup is called where it is given no other name."""
        return self.key.partition(".")[0]

    def path(self, folder: Path) -> Path:
        """Return the file in the extract's folder.

        Raises
        ------
        ExtractError
            If it is not there.
        """
        path = folder / str(self.file)
        if not path.is_file():
            raise ExtractError(f"The extract lacks the file {self.file} that the mapping names.", "Deliver it.")
        return path

    def url(self, environment: Mapping[str, str]) -> str:
        """Return the address of the record system.

        Raises
        ------
        ExtractError
            If the environment variable is not set.
        """
        found = environment.get(str(self.url_env), "")
        if not found:
            raise ExtractError(
                f"{self.key}: the environment variable {self.url_env} is not set.",
                "Set it to the SQLAlchemy URL of the record system.",
            )
        return found


def read_sources(node: Node) -> dict[str, Source]:
    """Read the block `files`: names for sources."""
    return {name: _declared(name, each) for name, each in node.entries().items()}


def read_source(node: Node, named: Mapping[str, Source], used_for: str) -> Source:
    """Read one source: a name under `files`, a file's name, or a block.

    Parameters
    ----------
    node
        What is written.
    named
        The sources under `files`.
    used_for
        What a query that has no name of its own is called after.
    """
    if not node.is_text:
        return _declared(None, node, used_for)
    name = node.text()
    if name in named:
        return named[name]
    if not name.endswith(SUFFIXES) and named:
        raise node.unknown(f"{name!r} is neither a name under files nor a file name", name, named)
    return Source(_file_name(node), file=name)


def _declared(key: str | None, node: Node, used_for: str = "") -> Source:
    if node.is_text:
        return Source(key or node.text(), file=_file_name(node))
    if "sql" in node.entries():
        keys = node.block(["sql", "url_env"])
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", keys["url_env"].text()):
            raise keys["url_env"].wrong(
                "url_env is no name of an environment variable", "Name the variable; never write the address here."
            )
        return Source(key or f"query {used_for}", sql=keys["sql"].text(), url_env=keys["url_env"].text())
    return _of_file(key, node.block(["file"], ["sheet", "header_row"]))


def _of_file(key: str | None, keys: Mapping[str, Node]) -> Source:
    file, sheet = _file_name(keys["file"]), keys["sheet"].text() if "sheet" in keys else None
    if sheet is not None and not file.endswith(".xlsx"):
        raise keys["sheet"].wrong(f"{file!r} has no sheets", "Name a sheet of an .xlsx workbook only.")
    row = keys["header_row"].text() if "header_row" in keys else "1"
    if not re.fullmatch(r"[1-9][0-9]{0,6}", row):
        raise keys["header_row"].wrong(f"there is no row {row!r}", "Count rows from 1, as the workbook does.")
    if "header_row" in keys and not file.endswith(".xlsx"):
        raise keys["header_row"].wrong(f"{file!r} is no workbook", "Remove the lines above the header, or header_row.")
    called = (file if sheet is None else f"{file} [{sheet}]") + (f" from row {row}" if row != "1" else "")
    return Source(key or called, file=file, sheet=sheet, header_row=int(row))


def _file_name(node: Node) -> str:
    name = node.text()
    if Path(name).name != name or not name.endswith(SUFFIXES):
        raise node.wrong(f"{name!r} is no file name", f"Name a file of the folder that ends in {', '.join(SUFFIXES)}.")
    return name
