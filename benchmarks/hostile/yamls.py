"""Manifests and mappings that are hostile."""

from __future__ import annotations

import random
from collections.abc import Iterator

from benchmarks.hostile.extracts import MANIFEST, Expected, Extract
from benchmarks.hostile.files import File
from benchmarks.hostile.small import FLAT, FLAT_MAPPING, ROWS, spoilt


def manifests(rng: random.Random) -> Iterator[Extract]:
    """Yield manifests that are hostile."""

    def manifest(name: str, expected: Expected, content: bytes | str | None, rows: int | None = None) -> Extract:
        raw = content.encode() if isinstance(content, str) else content
        return spoilt(f"manifest: {name}", expected, {}, rows, manifest=raw)

    head = "source: x\nextract_date: 2024-03-31\n"
    bomb = "".join(f"  - &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(7))
    yield manifest(
        "bomb in the period",
        "refuse",
        head + "period:\n  - &a [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + bomb,
    )
    for key in ("extract_date", "revision", "kind", "source", "synthetic"):
        sound = "".join(line for line in (head + "period: x\n").splitlines(keepends=True) if not line.startswith(key))
        laughs = f"{key}:\n  - &a [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        yield manifest(f"bomb in {key}", "refuse", sound + laughs + bomb)
    yield manifest("endless revision", "refuse", head + f"revision: '{'9' * 5000}'\n")
    yield manifest("none", "refuse", None)
    for content in (
        "",
        "x",
        "- a\n- b\n",
        "\t",
        "a: b: c",
        "[" * 5000,
        "{" * 5000,
        "\x00",
        "source: x\n",
        "---\n---\n",
        "!!binary x",
    ):
        yield manifest(f"{content[:8]!r}", "refuse", content)
    for code in ("!!python/object/apply:os.system ['true']", "!!python/name:os.system", "!!python/object/new:list []"):
        yield manifest("code", "refuse", f"source: {code}\nextract_date: 2024-03-31\n")
    for day in ("2024-02-30", "soon", "", "[2024-03-31]", "{a: 1}", "true", "1e5", "20240331T", "99999-01-01", "~"):
        yield manifest(f"extract_date {day}", "refuse", f"source: x\nextract_date: {day}\n")
    yield manifest("a moment as the date", "either", "source: x\nextract_date: 2024-03-31T10:00:00Z\n")
    yield manifest("unknown key", "refuse", head + "colour: red\n")
    yield manifest("synthetic neither", "refuse", head + "synthetic: perhaps\n")
    yield manifest("source blank", "refuse", "source: ' '\nextract_date: 2024-03-31\n")
    yield manifest("source a list", "refuse", "source: [a, b]\nextract_date: 2024-03-31\n")
    yield manifest("holds itself", "either", head + "period: &a [*a]\n")
    yield manifest("deep", "either", head + "period: " + "[" * 90 + "]" * 90 + "\n")
    yield manifest("noise", "refuse", rng.randbytes(500))
    yield manifest("a key twice", "either", head + "source: y\n")
    yield manifest(
        "odd source", "load", MANIFEST.decode().replace("hostile", '"\'); DROP TABLE x; -- ../../é\\u202E"'), ROWS
    )
    yield manifest("the first day", "either", "source: x\nextract_date: 0001-01-01\n")
    yield manifest("the last day", "either", "source: x\nextract_date: 9999-12-31\n")
    yield manifest("a long period", "either", head + "period: " + "x" * 1_000_000 + "\n")
    yield manifest("byte order mark", "either", b"\xef\xbb\xbf" + MANIFEST)
    yield manifest("UTF-16", "either", MANIFEST.decode().encode("utf-16"))
    yield manifest("latin-1", "refuse", "source: caf\u00e9\nextract_date: 2024-03-31\n".encode("latin-1"))


def mappings(rng: random.Random) -> Iterator[Extract]:
    """Yield mappings that are hostile."""

    def mapping(name: str, expected: Expected, content: bytes | str, rows: int | None = None) -> Extract:
        raw = content.encode() if isinstance(content, str) else content
        return Extract(f"mapping: {name}", [File("flat.csv", FLAT.encode())], 1, expected, raw, None, rows)

    yield mapping("sound", "load", FLAT_MAPPING, 5)
    for content in (
        "",
        "x",
        "- a\n",
        "[" * 5000,
        "\x00",
        "tables: {}\n",
        "source: x\ntables: {}\n",
        "&a [*a]",
        "&a {b: *a}",
    ):
        yield mapping(f"{content[:8]!r}", "refuse", content)
    for path in (
        "../flat.csv",
        "/etc/passwd",
        "sub/flat.csv",
        "..",
        ".",
        "flat.txt",
        "flat.CSV.exe",
        "missing.csv",
        "http://x/y.csv",
    ):
        yield mapping(f"reads {path}", "refuse", FLAT_MAPPING.replace("flat.csv", path))
    for sql in (
        "'); DROP TABLE persons; --",
        '"; DROP TABLE x; --',
        "{{7*7}}",
        "\\",
        "%s",
        "{0}",
        "NULL",
        "$1",
        "\u202ex",
    ):
        quoted = '"' + sql.replace("\\", "\\\\").replace('"', '\\"') + '"'
        text = FLAT_MAPPING.replace("source: {constant: x}", f"source: {{constant: {quoted}}}")
        yield mapping(f"constant {sql}", "load", text, 5)
        yield mapping(f"column {sql}", "refuse", FLAT_MAPPING.replace("person_id: person", f"person_id: {quoted}"))
        yield mapping(f"table {sql}", "refuse", FLAT_MAPPING.replace("persons:", f"{quoted}:"))
        codes = f"given_name: {{column: name, codes: {{{quoted}: {quoted}}}}}"
        yield mapping(f"code {sql}", "load", FLAT_MAPPING.replace("given_name: name", codes), 5)
    laughs = "x: &a [l, l]\n" + "".join(
        f"{chr(98 + n)}x: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(9)
    )
    yield mapping("bomb", "refuse", laughs + FLAT_MAPPING)
    yield mapping("bomb in missing", "refuse", FLAT_MAPPING + "missing: &a [*a, *a]\n")
    yield mapping("noise", "refuse", rng.randbytes(500))
    yield mapping("a key twice", "refuse", FLAT_MAPPING + "file: flat.csv\n")
    yield mapping("code", "refuse", FLAT_MAPPING.replace("{constant: f}", "!!python/object/apply:os.system [true]"))
    yield mapping("not UTF-8", "refuse", FLAT_MAPPING.encode() + b"# \xff\n")
    odd = "%Y-%m-%d%d%Y"
    yield mapping(
        "odd date format",
        "either",
        FLAT_MAPPING.replace("occurred_from: day", f'occurred_from: {{column: day, date_format: "{odd}"}}'),
    )
