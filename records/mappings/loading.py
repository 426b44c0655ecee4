"""Mappings: from a source's own files, columns and codes to the contract, declared in YAML and checked at load.

source: Northshire crime export
extract_date: 2024-03-31        # unless the folder holds a manifest.yaml
file: crimes.csv                # the file that tables are made from; a table may name another with `from`
missing: ["-", Unknown]         # what the source writes for nothing
tables:
  persons:
    unique: key                 # one row a person: the most frequent value wins, contradictions are counted
    columns: {person_id: nominal, source: {constant: northshire}}

The guide for people who write them is docs/guides/mapping.md.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from records.contract import MANDATORY, TABLES
from records.declaration import Table
from records.errors import MappingError
from records.mappings.declaration import Lookup, Part, SourceMapping, TableMapping
from records.mappings.expressions import Expression, Used
from records.mappings.grammar import read_condition, read_expression
from records.mappings.rewriting import MISSING
from records.mappings.sources import Source, read_source, read_sources
from records.mappings.voting import Rule
from records.reading.manifest import Manifest, manifest_from
from records.reading.nodes import Node
from records.reading.staged import Staged

_MANIFEST = ("source", "extract_date", "period", "synthetic", "kind", "revision")
_SETTLING = ("contradicted", "weakest")
_FREQUENT = "most_frequent"
_PART = ("from", "where", "lookup", "each", "each_value", "columns")


def load_mapping(path: Path) -> SourceMapping:
    """Read and check a mapping.

    Raises
    ------
    MappingError
        If anything in it cannot work, with file, line and column.
    """
    root = Node.read(path)
    keys = root.block(["source", "tables"], ["file", "files", "missing", *_MANIFEST[1:]])
    named = read_sources(keys["files"]) if "files" in keys else {}
    default = read_source(keys["file"], named, "file") if "file" in keys else None
    tables = _tables(keys["tables"], _Sources(named, default))
    missing = frozenset(keys["missing"].texts()) if "missing" in keys else frozenset()
    sources = _read_sources(tables)
    return SourceMapping(
        path.name,
        missing,
        tuple(each for each, _ in tables),
        _manifest(path.name, keys),
        sources,
        dict(root.origin.opened),
    )


@dataclass(frozen=True)
class _Sources:
    """What a table may be made from."""

    named: Mapping[str, Source]
    default: Source | None


_Read = list[tuple[TableMapping, list[Source]]]


def _read_sources(tables: _Read) -> dict[str, Source]:
    found: dict[str, Source] = {}
    for _, sources in tables:
        for source in sources:
            if found.setdefault(source.key, source) != source:
                raise MappingError(f"Two sources are called {source.key!r}.", "Give them names under files.")
    return found


def _tables(node: Node, sources: _Sources) -> _Read:
    named = node.entries()
    for name, each in named.items():
        if name not in TABLES:
            raise each.unknown(f"the contract has no table {name!r}", name, TABLES)
    if not named:
        raise node.wrong("no table is made", f"Add {', '.join(MANDATORY)}.")
    return [_table(TABLES[name], named[name], sources) for name in TABLES if name in named]


def _manifest(name: str, keys: Mapping[str, Node]) -> Manifest | None:
    if "extract_date" not in keys:
        return None
    content: dict[str, object] = {key: keys[key].text() for key in _MANIFEST if key in keys and keys[key].is_text}
    if "period" in keys and not keys["period"].is_text:
        content["period"] = keys["period"].texts()
    if "synthetic" in content:
        content["synthetic"] = {"true": True, "false": False}.get(str(content["synthetic"]), content["synthetic"])
    if str(content.get("revision", "")).isdecimal():
        content["revision"] = int(str(content["revision"]))
    return manifest_from(content, name)


def _table(table: Table, node: Node, sources: _Sources) -> tuple[TableMapping, list[Source]]:
    keys = node.block((), ["unique", *_SETTLING, "parts", *_PART])
    if "unique" in keys and keys["unique"].text() != "key":
        raise keys["unique"].wrong("unique can only be key", "Write unique: key.")
    if "parts" not in keys and "columns" not in keys:
        raise node.wrong("the key 'columns' is missing", "Add it.")
    shared = {name: each for name, each in keys.items() if name in _PART}
    written = [(each, each.block((), _PART)) for each in keys["parts"].members()] if "parts" in keys else [(node, {})]
    if not written:
        raise keys["parts"].wrong("parts is empty", "Write at least one.")
    parts: list[Part] = []
    read: list[Source] = []
    for at, own in written:
        for source in _sources_of(table, {**shared, **own}, at, sources):
            group = parts[-1].group + 1 if parts else 0
            for words in _each({**shared, **own}):
                part, looked_up = _part(table, _Written(at, shared, own, words), source, group, sources)
                parts.append(part)
                read += [source, *looked_up]
    return TableMapping(table, tuple(parts), "unique" in keys, _settling(keys)), read


def _settling(keys: Mapping[str, Node]) -> Rule:
    """Read how one value is settled on where a key has several."""
    for name in _SETTLING:
        if name in keys and "unique" not in keys:
            raise keys[name].wrong(f"{name} needs unique: key", "Add it, or drop this.")
    contradicted = keys["contradicted"].text() if "contradicted" in keys else _FREQUENT
    if contradicted not in (_FREQUENT, MISSING):
        known = (_FREQUENT, MISSING)
        raise keys["contradicted"].unknown(f"contradicted cannot be {contradicted!r}", contradicted, known)
    weakest = tuple(keys["weakest"].texts()) if "weakest" in keys else ()
    if not all(weakest):
        raise keys["weakest"].wrong("a blank is named as the weakest", "Name values; a blank never beats one.")
    return Rule(contradicted == MISSING, weakest)


def _sources_of(table: Table, keys: Mapping[str, Node], at: Node, sources: _Sources) -> list[Source]:
    """Return the sources of a part: one, or several files of the same columns."""
    if "from" in keys:
        return [read_source(each, sources.named, table.name) for each in keys["from"].members()]
    if sources.default is None:
        raise at.wrong(f"no file is named for {table.name}", "Add from, or file at the top.")
    return [sources.default]


def _each(keys: Mapping[str, Node]) -> list[dict[str, str]]:
    """Return what the words of `each` stand for in each variant: a list of blocks, or a block of lists (all pairs)."""
    if "each" not in keys:
        return [{}]
    node = keys["each"]
    if node.is_block:
        lists = {word: each.texts() for word, each in node.entries().items()}
        found = [dict(zip(lists, row, strict=True)) for row in itertools.product(*lists.values())]
    else:
        found = [{word: each.text() for word, each in member.entries().items()} for member in node.members()]
    if not found or not found[0]:
        raise node.wrong("each names nothing", "Write each: [{prefix: suspect_}, {prefix: victim_}].")
    for words in found:
        if set(words) != set(found[0]):
            raise node.wrong("each names other words in one variant than in another", "Give every variant all words.")
    return found


@dataclass(frozen=True)
class _Written:
    """What is written for one variant of a part: its own keys and those of the whole table."""

    at: Node
    shared: Mapping[str, Node]
    own: Mapping[str, Node]
    words: Mapping[str, str]

    def get(self, key: str) -> Node | None:
        """Return the part's own key, else the table's; its words filled in."""
        node = self.own.get(key, self.shared.get(key))
        return None if node is None else node.filled(self.words)

    def columns(self) -> dict[str, Node]:
        """Return the columns of the table and of the part, whose own win."""
        blocks = [keys["columns"].filled(self.words).entries() for keys in (self.shared, self.own) if "columns" in keys]
        return {name: each for block in blocks for name, each in block.items()}


def _part(table: Table, written: _Written, source: Source, group: int, sources: _Sources) -> tuple[Part, list[Source]]:
    where, each_value, lookup = written.get("where"), written.get("each_value"), written.get("lookup")
    lookups = _lookups(lookup, sources, table.name) if lookup is not None else []
    part = Part(
        source.key,
        _columns(table, written),
        read_condition(where) if where is not None else None,
        tuple(each for each, _ in lookups),
        _each_value(each_value) if each_value is not None else None,
        group,
        written.at,
    )
    for expression in (*part.columns.values(), *([part.where] if part.where is not None else [])):
        expression.sql(lambda _: "NULL")  # what nests too deeply is refused here, with its place
    return part, [found for _, found in lookups]


def _columns(table: Table, written: _Written) -> dict[str, Expression]:
    named = written.columns()
    known = [column.name for column in table.all_columns]
    for name, each in named.items():
        if name not in known:
            raise each.unknown(f"{table.name} has no column {name!r}", name, known)
    for column in table.columns:
        if column.required and column.name not in named:
            at = written.own.get("columns", written.shared.get("columns", written.at))
            raise at.wrong(f"{table.name} needs the column {column.name!r}", "Say where it comes from.")
    return {name: read_expression(each) for name, each in named.items()}


def _each_value(node: Node) -> tuple[Used, str]:
    keys = node.block(["column", "sep"])
    if not keys["sep"].text():
        raise keys["sep"].wrong("the separator is blank", 'Write what stands between two values, such as ";".')
    return Used(keys["column"].text(), keys["column"]), keys["sep"].text()


def _lookups(node: Node, sources: _Sources, used_for: str) -> list[tuple[Lookup, Source]]:
    found = [_lookup(each, sources, used_for) for each in node.members()]
    names = [lookup.name for lookup, _ in found]
    for lookup, _ in found:
        if names.count(lookup.name) > 1:
            raise lookup.at.wrong(f"two lookups are called {lookup.name!r}", "Name one of them with as.")
    return found


def _lookup(node: Node, sources: _Sources, used_for: str) -> tuple[Lookup, Source]:
    keys = node.block(["file", "on"], ["as"])
    source = read_source(keys["file"], sources.named, f"{used_for} lookup")
    on = keys["on"]
    if on.is_block:
        pairs = [(Used(own, theirs), Used(theirs.text(), theirs)) for own, theirs in on.entries().items()]
    else:
        pairs = [(Used(each.text(), each), Used(each.text(), each)) for each in on.members()]
    if not pairs:
        raise on.wrong("the lookup names no column", "Write on: {own_column: their_column}.")
    name = keys["as"].text() if "as" in keys else source.stem
    if not name or "." in name:
        raise node.wrong(f"a lookup cannot be called {name!r}", "Name it with as: a word without a full stop.")
    return Lookup(source.key, name, tuple(pairs), node), source


def check_columns(mapping: SourceMapping, sources: Mapping[str, Staged]) -> None:
    """Check that the files hold the columns that the mapping reads.

    Raises
    ------
    MappingError
        If one does not; names the place in the mapping and the columns that the file holds.
    """
    for table in mapping.tables:
        for part in table.parts:
            _check_names(part, sources[part.source])
            for key, used in part.used():
                held = sources[key].columns
                if used.column not in held:
                    raise used.at.unknown(f"{sources[key].file} has no column {used.column!r}", used.column, held)


def _check_names(part: Part, source: Staged) -> None:
    for lookup in part.lookups:
        for clash in filter(lookup.starts, source.columns):
            raise lookup.at.wrong(
                f"{clash!r} is a column of {source.file} and of the lookup {lookup.name!r}", "Name the lookup with as."
            )
