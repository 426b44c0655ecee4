"""A first mapping, proposed from the headers and contents of an extract; a person decides about every ``# ?``."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from records.contract import MANDATORY, TABLES
from records.database import quoted, workbench
from records.declaration import Column
from records.errors import ExtractError
from records.mappings.date_forms import date_formats, fits, read_day, swapped
from records.mappings.sources import SUFFIXES
from records.mappings.vocabulary import CODES, HEADERS, MISSING, ROLES, YES
from records.reading import stage_file
from records.staged import Staged

_DISTINCT = 20_000
_PERSONS = ("given_name", "family_name", "date_of_birth", "pnc_id", "cro_id")
_COMMUNITIES = ("sex", "ethnicity_self", "ethnicity_observed")


@dataclass
class _File:
    """A file of the extract: its columns and the distinct values of each."""

    name: str
    values: dict[str, list[str]]
    repeating: set[str]
    """The columns in which some value comes more than once."""
    found: dict[tuple[str, str], str] = field(default_factory=dict)
    """(role, column of the contract) to the source column; the role is blank where none is named."""

    @property
    def roles(self) -> list[str]:
        """Roles whose person has an id of their own in this file."""
        return [role for role in ROLES if (role, "person_id") in self.found]

    @property
    def own_role(self) -> str:
        """The role that the whole file is about, by its name; blank where it is about none."""
        words = set(_normal(self.name.partition(".")[0]).split("_"))
        words |= {word.removesuffix("s") for word in words}
        return next((role for role, names in ROLES.items() if words & set(names)), "")

    def has(self, column: str, role: str = "") -> bool:
        """Say whether a source column stands for a column of the contract."""
        return (role, column) in self.found


def draft(folder: Path) -> str:
    """Propose a mapping for the files of a folder.

    Parameters
    ----------
    folder
        The extract. Nothing in it is changed, and no value that names a person is repeated.

    Returns
    -------
    A mapping in YAML. It loads if any table of the contract was found; what could not be found stands in comments.

    Raises
    ------
    ExtractError
        If the folder holds no file that can be read.
    """
    files = _read(folder)
    parts = {name: found for name, make in _MAKERS.items() if (found := [p for f in files for p in make(f)])}
    return "\n".join([*_head(folder, files), *_tables(parts), *_absent(parts, files)]) + "\n"


def _read(folder: Path) -> list[_File]:
    if not folder.is_dir():
        raise ExtractError(f"There is no extract folder {folder.name!r}.", "Check the path.")
    paths = sorted(path for path in folder.iterdir() if path.is_file() and path.name.endswith(SUFFIXES))
    if not paths:
        raise ExtractError(f"{folder.name} holds no file to map.", f"Deliver files that end in {', '.join(SUFFIXES)}.")
    files = []
    with tempfile.TemporaryDirectory(prefix="drive-panel-draft-") as work, workbench(Path(work)) as db:
        for path in paths:
            staged = stage_file(db, path)
            values = {
                column: [
                    str(value).strip()
                    for (value,) in db.execute(
                        f"SELECT DISTINCT {staged.identifier(column)} FROM {quoted(staged.relation)} "  # noqa: S608
                        f"WHERE {staged.identifier(column)} <> '' ORDER BY 1 LIMIT {_DISTINCT}"
                    ).fetchall()
                ]
                for column in staged.columns
            }
            file = _File(path.name, values, _repeating(db, staged))
            for column in staged.columns:
                for meaning in _meanings(column):
                    file.found.setdefault(meaning, column)
            files.append(file)
    return files


def _repeating(db: duckdb.DuckDBPyConnection, staged: Staged) -> set[str]:
    counts = ", ".join(f"count(DISTINCT {staged.identifier(column)})" for column in staged.columns)
    found = db.execute(f"SELECT {counts} FROM {quoted(staged.relation)}").fetchone() or ()  # noqa: S608
    return {column for column, count in zip(staged.columns, found, strict=True) if count < staged.rows}


def _normal(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


def _meanings(header: str) -> list[tuple[str, str]]:
    """Return what a header may mean: (role, column of the contract), the surest first."""
    name = _normal(header)
    found = [("", each) for each in _columns_called(name)]
    for role, words in ROLES.items():
        for word in words:
            for inner in (
                name.removeprefix(f"{word}_") if name.startswith(f"{word}_") else "",
                name.removesuffix(f"_{word}") if name.endswith(f"_{word}") else "",
            ):
                if inner:
                    found += [(role, each) for each in _columns_called(inner)]
    return found


def _columns_called(name: str) -> list[str]:
    own = [name] if any(name == column.name for table in TABLES.values() for column in table.columns) else []
    return own + [column for column, others in HEADERS.items() if name in others and column != name]


@dataclass(frozen=True)
class _Part:
    """Rows of one table from one file, as YAML: each column's expression and what to look at."""

    file: str
    columns: dict[str, tuple[str, str]]
    each: list[dict[str, str]] = field(default_factory=list)
    where: str = ""
    unique: bool = False


_Maker = Callable[[_File], list[_Part]]


def _incidents(file: _File) -> list[_Part]:
    if not (file.has("incident_id") and file.has("occurred_from")) or file.has("heard_at"):
        return []
    columns = {
        "incident_id": (_quote(file.found["", "incident_id"]), ""),
        "force": ('{constant: "unknown"}', "name the force"),
        "area": ('{constant: "unknown"}', "no column names the area"),
        "is_crime": ('{constant: "true"}', "no column tells crimes from non-crime incidents"),
        "domestic": ('{constant: "true"}', "no column says which incidents are domestic: is every row?"),
    }
    for column in TABLES["incidents"].columns[1:]:
        if file.has(column.name):
            expression, note = _expression(file, column, file.found["", column.name])
            if column.required and not expression:  # the table cannot be made without it: the check will say why
                expression = _quote(file.found["", column.name])
            columns[column.name] = (expression, note)
    return [_Part(file.name, columns, unique=file.found["", "incident_id"] in file.repeating)]


def _involvements(file: _File) -> list[_Part]:
    if not file.has("incident_id"):
        return []
    incident = (_quote(file.found["", "incident_id"]), "")
    if file.roles:
        each, name = _spread(file, "person_id")
        role = ('{constant: "{role}"}', "")
        return [_Part(file.name, {"incident_id": incident, "person_id": (name, ""), "role": role}, each, name, True)]
    if not file.has("person_id"):
        return []
    columns = {"incident_id": incident, "person_id": (_quote(file.found["", "person_id"]), "")}
    table = TABLES["involvements"]
    if file.has("role"):
        columns["role"] = _expression(file, table.column("role"), file.found["", "role"])
    else:
        note = "" if file.own_role else "no column says in what role"
        columns["role"] = (f"{{constant: {file.own_role or 'other'}}}", note)
    for column in table.columns[3:]:
        if file.has(column.name):
            columns[column.name] = _expression(file, column, file.found["", column.name])
    return [_Part(file.name, columns, unique=True)]


def _about_persons(table: str, wanted: Sequence[str]) -> _Maker:
    def make(file: _File) -> list[_Part]:
        parts = []
        for role in file.roles or [""]:
            if not file.has("person_id", role):
                continue
            key = _quote(file.found[role, "person_id"])
            columns = {"person_id": (key, "")}
            for each in wanted:
                if file.has(each, role):
                    columns[each] = _expression(file, TABLES[table].column(each), file.found[role, each])
            if table == "persons":
                columns["source"] = (f"{{constant: {_quote(_normal(file.name.partition('.')[0]))}}}", "")
            if table == "persons" or len(columns) > 1:
                parts.append(_Part(file.name, columns, where=key if role else "", unique=True))
        return parts

    return make


def _dyads(file: _File) -> list[_Part]:
    if not (file.has("incident_id") and {"suspect", "victim"} <= set(file.roles)):
        return []
    suspect, victim = (_quote(file.found[role, "person_id"]) for role in ("suspect", "victim"))
    columns = {
        "incident_id": (_quote(file.found["", "incident_id"]), ""),
        "suspect_id": (suspect, ""),
        "victim_id": (victim, ""),
    }
    for role in ("", "victim", "suspect"):
        if file.has("relationship", role):
            told = file.found[role, "relationship"]
            expression, note = _expression(file, TABLES["dyads"].column("relationship"), told)
            columns.setdefault(
                "relationship", (expression, note or "what the victim is to the suspect, not the reverse")
            )
    return [_Part(file.name, columns, where=f"{{and: [{suspect}, {victim}]}}", unique=True)]


def _hearings(file: _File) -> list[_Part]:
    if not file.has("heard_at") or not {"suspect", "victim"} <= set(file.roles):
        return []
    keys = {
        "hearing_id": file.found.get(("", "hearing_id")),
        "victim_id": file.found["victim", "person_id"],
        "perpetrator_id": file.found["suspect", "person_id"],
    }
    columns = {name: (_quote(column), "") for name, column in keys.items() if column is not None}
    if "hearing_id" not in columns:
        parts = ", ".join(_quote(file.found[each]) for each in (("", "heard_at"), ("victim", "person_id")))
        columns["hearing_id"] = (f"{{join: [{parts}]}}", "no column numbers the hearings")
    for column in TABLES["marac_hearings"].columns[3:]:
        if file.has(column.name):
            columns[column.name] = _expression(file, column, file.found["", column.name])
    return [_Part(file.name, columns, unique=True)]


def _spread(file: _File, column: str) -> tuple[list[dict[str, str]], str]:
    """Return the variants of `each` for roles spread over columns, and the column's name in their words."""
    names = {role: file.found[role, column] for role in file.roles}
    return [{"role": role, "id": name} for role, name in names.items()], '"{id}"'


_MAKERS: dict[str, _Maker] = {
    "persons": _about_persons("persons", _PERSONS),
    "incidents": _incidents,
    "involvements": _involvements,
    "dyads": _dyads,
    "communities": _about_persons("communities", _COMMUNITIES),
    "marac_hearings": _hearings,
}


def _expression(file: _File, column: Column, source: str) -> tuple[str, str]:
    """Return what makes a column, and what a person should look at."""
    values = [value for value in file.values[source] if value.lower() not in MISSING]
    name = _quote(source)
    if column.kind == "date":
        return _date_expression(name, values)
    if column.kind == "flag":
        return _flag_expression(name, values)
    known = CODES.get(column.name)
    if known is not None and not set(values) <= (column.codes or frozenset()):
        listed = {value: code for value in values for code, words in known.items() if value.lower() in words}
        if listed:
            left = len(set(values) - set(listed))
            note = f"{left} different other values are kept as they are" if left else ""
            pairs = ", ".join(f"{_quote(value)}: {code}" for value, code in listed.items())
            return f"{{column: {name}, codes: {{{pairs}}}}}", note
        return name, "other codes than the contract's: add codes"
    if column.codes is not None and values and not set(values) & column.codes:
        return name, "other codes than the contract's: add codes"
    return name, ""


def _flag_expression(name: str, values: list[str]) -> tuple[str, str]:
    lower = {value.lower() for value in values}
    if lower <= {"true", "t", "yes", "y", "1", "false", "f", "no", "n", "0"}:
        return name, ""
    yes = sorted(value for value in values if re.split(r"\W", value.lower(), maxsplit=1)[0] in YES)
    if yes:
        return f"{{flag: {{column: {name}, equals: [{', '.join(map(_quote, yes))}]}}}}", "every other value means no"
    return "", f"{name} is neither yes nor no: write {{flag: ...}}"


def _date_expression(name: str, values: list[str]) -> tuple[str, str]:
    formats, left = date_formats(values)
    note = f"{left} different values fit no known date format" if left else ""
    if not formats:
        return ("", f"{name}: no known date format fits") if left else (name, "")
    if any(swapped(each) != each and all(fits(v, swapped(each)) for v in values if fits(v, each)) for each in formats):
        note = note or "day first or month first? Both fit every value"
    listed = _quote(formats[0]) if len(formats) == 1 else f"[{', '.join(map(_quote, formats))}]"
    return f"{{column: {name}, date_format: {listed}}}", note


def _head(folder: Path, files: Sequence[_File]) -> list[str]:
    lines = [
        "# Proposed from headers and contents. Decide every line that ends in a question mark, then try it:",
        "#   drive-panel mapping check THIS_FILE EXTRACT",
        f"source: {_quote(_normal(folder.resolve().name) or 'extract')}  # ? name the record system",
    ]
    if not (folder / "manifest.yaml").is_file():
        if latest := _latest(files):
            lines.append(f"extract_date: {latest}  # ? the latest day in the files; write the day they were taken")
        else:
            lines.append("# extract_date: YYYY-MM-DD  # ? the day the files were taken")
    written = {value.lower(): value for file in files for values in file.values.values() for value in values}
    if missing := [written[each] for each in MISSING if each in written]:
        lines.append(f"missing: [{', '.join(map(_quote, missing))}]  # ? texts that mean nothing was written")
    return [*lines, "tables:"]


def _latest(files: Sequence[_File]) -> date | None:
    """Return the latest day on which anything in the files happened or was recorded."""
    days = []
    for file in files:
        for (_, column), source in file.found.items():
            if column in ("occurred_from", "reported_on", "outcome_at", "heard_at", "referred_at"):
                formats, _ = date_formats(file.values[source])
                for value in file.values[source]:
                    days += [day for each in ("%Y-%m-%d", *formats) if (day := read_day(value, each)) is not None]
    return max(days, default=None)


def _tables(parts: Mapping[str, list[_Part]]) -> list[str]:
    lines = []
    for name, written in parts.items():
        lines.append(f"  {name}:")
        if len(written) > 1 or any(part.unique for part in written):
            lines.append("    unique: key")
        if len(written) == 1:
            lines += _part(written[0], "    ")
            continue
        lines.append("    parts:")
        for part in written:
            first, *rest = _part(part, "        ")
            lines += [f"      - {first.strip()}", *rest]
    return lines


def _part(part: _Part, indent: str) -> list[str]:
    lines = [f"{indent}from: {_quote(part.file)}"]
    if part.each:
        variants = ", ".join(
            "{" + ", ".join(f"{word}: {_quote(text)}" for word, text in each.items()) + "}" for each in part.each
        )
        lines.append(f"{indent}each: [{variants}]")
    if part.where:
        lines.append(f"{indent}where: {part.where}")
    lines.append(f"{indent}columns:")
    for name, (expression, note) in part.columns.items():
        line = f"{name}: {expression}{f'  # ? {note}' if note else ''}" if expression else f"# {name}:  # ? {note}"
        lines.append(f"{indent}  {line}")
    return lines


def _absent(parts: Mapping[str, list[_Part]], files: Sequence[_File]) -> list[str]:
    """Say in comments which mandatory tables were not found, and which source columns nothing was made of."""
    lines = [
        f"# ? {name} was not found: no file has its required columns "
        f"({', '.join(column.name for column in TABLES[name].columns if column.required)})."
        for name in MANDATORY
        if name not in parts
    ]
    for file in files:
        known = set(file.found.values())
        if left := [column for column in file.values if column not in known]:
            lines.append(f"# {file.name}: not recognised: {', '.join(_comment(column) for column in left)}")
    return lines


def _comment(text: str) -> str:
    return " ".join(text.split())


def _quote(text: str) -> str:
    """Return a text as YAML: plain where it is a plain word, else in double quotes."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", text) and text.lower() not in _YAML_WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


_YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
