"""A first mapping, proposed from the headers and contents of an extract; a person decides about every ``# ?``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from records.contract import MANDATORY, TABLES
from records.errors import ExtractError
from records.mappings.date_forms import date_formats, read_day
from records.mappings.headers import FULL_NAME, PERSON, kind_of_role, meanings, normal
from records.mappings.proposals import Proposal, comment, look_like_names, names, proposal, quote, recognised
from records.mappings.sources import SUFFIXES
from records.mappings.vocabulary import MISSING, ROLES
from records.reading.files import stage_file
from records.reading.staged import Staged
from records.reading.workbooks import header_row
from records.storage.database import quoted, workbench

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
    header_row: int = 1
    found: dict[tuple[str, str], str] = field(default_factory=dict)
    """(role, column of the contract) to the source column; the role is blank where none is named, and numbered
    (``suspect_2``) where a row has several."""

    @property
    def source(self) -> str:
        """The file as a mapping names it."""
        plain = quote(self.name)
        return plain if self.header_row == 1 else f"{{file: {plain}, header_row: {self.header_row}}}"

    @property
    def roles(self) -> list[str]:
        """Roles whose person has an id of their own in this file."""
        found = {role for role, column in self.found if role and column == "person_id"}
        order = list(ROLES)
        return sorted(found, key=lambda role: (order.index(kind_of_role(role)), len(role), role))

    def of(self, kind: str) -> list[str]:
        """Return the roles of one kind, the first before the second."""
        return [role for role in self.roles if kind_of_role(role) == kind]

    @property
    def own_role(self) -> str:
        """The role that the whole file is about, by its name; blank where it is about none."""
        words = set(normal(self.name.partition(".")[0]).split("_"))
        words |= {word.removesuffix("s") for word in words}
        return next((role for role, names in ROLES.items() if words & set(names)), "")

    def has(self, column: str, role: str = "") -> bool:
        """Say whether a source column stands for a column of the contract."""
        return (role, column) in self.found

    def propose(self, table: str, column: str, role: str = "") -> Proposal:
        """Propose what makes a column of a table from the source column that stands for it."""
        source = self.found[role, column]
        return proposal(TABLES[table].column(column), source, self.values[source])


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
            row = header_row(path) if path.name.endswith(".xlsx") else 1
            staged = stage_file(db, path, header_row=row)
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
            file = _File(path.name, values, _repeating(db, staged), row)
            _recognise(file)
            files.append(file)
    return files


def _repeating(db: duckdb.DuckDBPyConnection, staged: Staged) -> set[str]:
    counts = ", ".join(f"count(DISTINCT {staged.identifier(column)})" for column in staged.columns)
    found = db.execute(f"SELECT {counts} FROM {quoted(staged.relation)}").fetchone() or ()  # noqa: S608
    return {column for column, count in zip(staged.columns, found, strict=True) if count < staged.rows}


def _recognise(file: _File) -> None:
    """Find what the columns stand for: by their headers, then by their values, then by the column beside them."""
    ranked = [(place, column, each) for column in file.values for place, each in enumerate(meanings(column))]
    for _, column, meaning in sorted(
        ranked, key=lambda each: each[0]
    ):  # what one surely means no other may perhaps mean
        file.found.setdefault(meaning, column)
    for (role, meant), column in list(file.found.items()):
        if meant == PERSON:
            del file.found[role, meant]
            named = look_like_names(file.values[column])
            file.found.setdefault((role, FULL_NAME if named else "person_id"), column)
    for column, values in file.values.items():
        if column not in file.found.values() and (meant := recognised(values)):
            file.found.setdefault(("", meant), column)
    if file.has("outcome_code") and not file.has("outcome_at"):
        wanted = f"{normal(file.found['', 'outcome_code'])}_date"
        for column in (each for each in file.values if normal(each) == wanted):
            file.found["", "outcome_at"] = column


@dataclass(frozen=True)
class _Part:
    """Rows of one table from one file, as YAML: each column's expression and what to look at."""

    source: str
    columns: dict[str, tuple[str, str]]
    each: list[dict[str, str]] = field(default_factory=list)
    where: str = ""
    unique: bool = False


_Maker = Callable[[_File], list[_Part]]


def _incidents(file: _File) -> list[_Part]:
    if not (file.has("incident_id") and file.has("occurred_from")) or file.has("heard_at"):
        return []
    columns = {
        "incident_id": (quote(file.found["", "incident_id"]), ""),
        "force": ('{constant: "unknown"}', "name the force"),
        "area": ('{constant: "unknown"}', "no column names the area"),
        "is_crime": ('{constant: "true"}', "no column tells crimes from non-crime incidents"),
        "domestic": ('{constant: "true"}', "no column says which incidents are domestic: is every row?"),
    }
    for column in TABLES["incidents"].columns[1:]:
        if file.has(column.name):
            expression, note = file.propose("incidents", column.name)
            if column.required and not expression:  # the table cannot be made without it: the check will say why
                expression = quote(file.found["", column.name])
            columns[column.name] = (expression, note)
    return [_Part(file.source, columns, unique=file.found["", "incident_id"] in file.repeating)]


def _involvements(file: _File) -> list[_Part]:
    if not file.has("incident_id"):
        return []
    incident = (quote(file.found["", "incident_id"]), "")
    if file.roles:
        each, name = _spread(file, "person_id")
        role = ('{constant: "{role}"}', "")
        return [_Part(file.source, {"incident_id": incident, "person_id": (name, ""), "role": role}, each, name, True)]
    if not file.has("person_id"):
        return []
    columns = {"incident_id": incident, "person_id": (quote(file.found["", "person_id"]), "")}
    table = TABLES["involvements"]
    if file.has("role"):
        columns["role"] = file.propose("involvements", "role")
    else:
        note = "" if file.own_role else "no column says in what role"
        columns["role"] = (f"{{constant: {file.own_role or 'other'}}}", note)
    for column in table.columns[3:]:
        if file.has(column.name):
            columns[column.name] = file.propose("involvements", column.name)
    return [_Part(file.source, columns, unique=True)]


def _about_persons(table: str, wanted: Sequence[str]) -> _Maker:
    def make(file: _File) -> list[_Part]:
        parts = []
        for role in file.roles or [""]:
            if not file.has("person_id", role):
                continue
            key = quote(file.found[role, "person_id"])
            columns = {"person_id": (key, "")}
            for each in wanted:
                if file.has(each, role):
                    columns[each] = file.propose(table, each, role)
            if table == "persons" and file.has(FULL_NAME, role) and not file.has("family_name", role):
                whole = file.found[role, FULL_NAME]
                columns |= names(whole, [value for value in file.values[whole] if value.lower() not in MISSING])
            if table == "persons":
                columns["source"] = (f"{{constant: {quote(normal(file.name.partition('.')[0]))}}}", "")
            if table == "persons" or len(columns) > 1:
                parts.append(_Part(file.source, columns, where=key if role else "", unique=True))
        return parts

    return make


def _dyads(file: _File) -> list[_Part]:
    if not file.has("incident_id"):
        return []
    parts = []
    pairs = [(suspect, victim) for suspect in file.of("suspect") for victim in file.of("victim")]
    for suspect, victim in pairs:
        ids = [quote(file.found[role, "person_id"]) for role in (suspect, victim)]
        columns = {
            "incident_id": (quote(file.found["", "incident_id"]), ""),
            "suspect_id": (ids[0], ""),
            "victim_id": (ids[1], ""),
        }
        for role in ("", victim, suspect) if (suspect, victim) == pairs[0] else (victim, suspect):
            if file.has("relationship", role):
                expression, note = file.propose("dyads", "relationship", role)
                whose = "what the victim is to the suspect, not the reverse"
                if not role and len(pairs) > 1:
                    whose += ", and of the first of them only"
                columns.setdefault("relationship", (expression, "; ".join(filter(None, (note, whose)))))
        parts.append(_Part(file.source, columns, where=f"{{and: [{ids[0]}, {ids[1]}]}}", unique=True))
    return parts


def _hearings(file: _File) -> list[_Part]:
    if not file.has("heard_at") or not file.of("victim"):
        return []
    victim = file.found["victim", "person_id"] if file.has("person_id", "victim") else ""
    parts = []
    for suspect in file.of("suspect") if victim else []:
        perpetrator = file.found[suspect, "person_id"]
        columns = {"victim_id": (quote(victim), ""), "perpetrator_id": (quote(perpetrator), "")}
        if file.has("hearing_id"):
            columns = {"hearing_id": (quote(file.found["", "hearing_id"]), ""), **columns}
        else:
            told = ", ".join(quote(each) for each in (file.found["", "heard_at"], victim))
            columns["hearing_id"] = (f"{{join: [{told}]}}", "no column numbers the hearings")
        for column in TABLES["marac_hearings"].columns[3:]:
            if file.has(column.name):
                columns[column.name] = file.propose("marac_hearings", column.name)
        where = quote(perpetrator) if len(file.of("suspect")) > 1 else ""
        parts.append(_Part(file.source, columns, where=where, unique=True))
    return parts


def _spread(file: _File, column: str) -> tuple[list[dict[str, str]], str]:
    """Return the variants of `each` for roles spread over columns, and the column's name in their words."""
    variants = [{"role": kind_of_role(role), "id": file.found[role, column]} for role in file.roles]
    return variants, '"{id}"'


_MAKERS: dict[str, _Maker] = {
    "persons": _about_persons("persons", _PERSONS),
    "incidents": _incidents,
    "involvements": _involvements,
    "dyads": _dyads,
    "communities": _about_persons("communities", _COMMUNITIES),
    "marac_hearings": _hearings,
}


def _head(folder: Path, files: Sequence[_File]) -> list[str]:
    lines = [
        "# Proposed from headers and contents. Decide every line that ends in a question mark, then try it:",
        "#   drive-panel mapping check THIS_FILE EXTRACT",
        f"source: {quote(normal(folder.resolve().name) or 'extract')}  # ? name the record system",
    ]
    if not (folder / "manifest.yaml").is_file():
        if latest := _latest(files):
            lines.append(f"extract_date: {latest}  # ? the latest day in the files; write the day they were taken")
        else:
            lines.append("# extract_date: YYYY-MM-DD  # ? the day the files were taken")
    written = {value.lower(): value for file in files for values in file.values.values() for value in values}
    if missing := [written[each] for each in MISSING if each in written]:
        lines.append(f"missing: [{', '.join(map(quote, missing))}]  # ? texts that mean nothing was written")
    lines += [
        f"# ? {comment(file.name)}: the columns seem to be named in row {file.header_row}; what is above is not read"
        for file in files
        if file.header_row > 1
    ]
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
    lines = [f"{indent}from: {part.source}"]
    if part.each:
        variants = ", ".join(
            "{" + ", ".join(f"{word}: {quote(text)}" for word, text in each.items()) + "}" for each in part.each
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
            lines.append(f"# {comment(file.name)}: not recognised: {', '.join(comment(column) for column in left)}")
        for role in sorted({role for role, _ in file.found if role} - set(file.roles)):
            told = ", ".join(comment(name) for (of, _), name in file.found.items() if of == role)
            lines.append(f"# ? {comment(file.name)}: no column numbers this {kind_of_role(role)}: {told}")
    return lines
