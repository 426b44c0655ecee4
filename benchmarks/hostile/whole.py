"""Files that are hostile as a whole: cut off, of another kind, bombs, odd headers, odd types, hostile YAML."""

from __future__ import annotations

import gzip
import io
import os
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from benchmarks.hostile.cells import MARK, Cell
from benchmarks.hostile.extracts import MANIFEST, Expected, Extract
from benchmarks.hostile.files import File
from benchmarks.hostile.rows import Row

PERSONS = f"person_id,given_name,date_of_birth,source\n{MARK}P1,{MARK}Ada,1980-02-29,niche\n{MARK}P2,,,niche\n"
INCIDENTS = (
    "incident_id,force,area,occurred_from,reported_on,offence_code,is_crime,domestic\n"
    f"{MARK}I1,northshire,east,2023-01-01,2023-01-05,00806,true,true\n"
    f"{MARK}I2,northshire,west,2023-02-01,2023-02-01,,false,true\n"
)
INVOLVEMENTS = (
    f"incident_id,person_id,role\n{MARK}I1,{MARK}P1,suspect\n{MARK}I1,{MARK}P2,victim\n"
    f"{MARK}I2,{MARK}P1,suspect\n{MARK}I2,{MARK}P2,victim\n"
)
SOUND: Mapping[str, bytes] = {
    "persons.csv": PERSONS.encode(),
    "incidents.csv": INCIDENTS.encode(),
    "involvements.csv": INVOLVEMENTS.encode(),
}
ROWS = 8
FLAT = "person,name,day,crime,other\n" + "".join(f"{MARK}F{i},{MARK}n,2023-01-0{i},C{i},x\n" for i in range(1, 6))
FLAT_MAPPING = """\
source: hostile
extract_date: 2024-03-31
synthetic: true
file: flat.csv
tables:
  persons: {unique: key, columns: {person_id: person, given_name: name, source: {constant: x}}}
  incidents:
    columns:
      incident_id: crime
      force: {constant: f}
      area: {constant: a}
      occurred_from: day
      is_crime: {constant: "true"}
      domestic: {constant: "true"}
  involvements: {columns: {incident_id: crime, person_id: person, role: {constant: suspect}}}
"""
Make = Callable[[random.Random], Extract]


def _with(
    name: str,
    expected: Expected,
    changed: Mapping[str, bytes | None],
    rows: int | None = None,
    **more: Any,
) -> Extract:
    """Return the small sound extract with some files replaced, added or (None) left out."""
    files = {**SOUND, **changed}
    present = [File(each, content) for each, content in files.items() if content is not None]
    return Extract(name, present, 1, expected, rows=rows, **more)


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(1, len(content) - 1)]


def _packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _parquet(columns: Mapping[str, Any], **options: Any) -> bytes:
    import pyarrow
    import pyarrow.parquet

    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), buffer, **options)
    return buffer.getvalue()


def _persons_parquet() -> bytes:
    return _parquet({"person_id": [f"{MARK}P1", f"{MARK}P2"], "source": ["a", "b"]})


# ---- files that are no table


def cut_off(rng: random.Random) -> Iterator[Extract]:
    """Yield files of which a part is missing."""
    parquet, packed = _persons_parquet(), _packed(PERSONS.encode() * 50)
    yield _with("truncated Parquet", "refuse", {"persons.csv": None, "persons.parquet": _cut(parquet, rng)})
    yield _with("Parquet without its end", "refuse", {"persons.csv": None, "persons.parquet": parquet[:-4]})
    yield _with("Parquet without its head", "either", {"persons.csv": None, "persons.parquet": b"XXXX" + parquet[4:]})
    yield _with("truncated gzip", "refuse", {"persons.csv": None, "persons.csv.gz": _cut(packed, rng)})
    spoilt = packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:]
    yield _with("gzip with a wrong checksum", "refuse", {"persons.csv": None, "persons.csv.gz": spoilt})
    yield _with("gzip with a wrong length", "refuse", {"persons.csv": None, "persons.csv.gz": packed[:-1] + b"\xff"})
    yield _with("gzip with rubbish behind", "either", {"persons.csv": None, "persons.csv.gz": packed + b"rubbish"})
    for name in SOUND:
        yield _with(f"no bytes in {name}", "refuse", {name: b""})
        yield _with(f"no {name}", "refuse", {name: None})
    yield _with("no bytes in a table that may be absent", "refuse", {"custody.csv": b""})
    yield _with("empty gzip", "refuse", {"persons.csv": None, "persons.csv.gz": _packed(b"")})
    yield _with("only line ends", "refuse", {"persons.csv": b"\r\n\n\n\r\n"})
    yield _with("only a byte order mark", "refuse", {"persons.csv": b"\xef\xbb\xbf"})


def another_kind(rng: random.Random) -> Iterator[Extract]:
    """Yield files that are not what their name says."""
    noise = rng.randbytes(4000)
    for suffix, label in ((".csv", "noise as CSV"), (".csv.gz", "noise as gzip"), (".parquet", "noise as Parquet")):
        expected: Expected = "either" if suffix == ".csv" else "refuse"
        yield _with(label, expected, {"persons.csv": None, f"persons{suffix}": noise})
    yield _with("CSV as gzip", "refuse", {"persons.csv": None, "persons.csv.gz": PERSONS.encode()})
    yield _with("CSV as Parquet", "refuse", {"persons.csv": None, "persons.parquet": PERSONS.encode()})
    yield _with("Parquet as CSV", "refuse", {"persons.csv": _persons_parquet()})
    yield _with("gzip as CSV", "refuse", {"persons.csv": _packed(PERSONS.encode())})
    yield _with("gzip in gzip", "refuse", {"persons.csv": None, "persons.csv.gz": _packed(_packed(PERSONS.encode()))})
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        yield _with(f"{encoding} text", "refuse", {"persons.csv": PERSONS.encode(encoding)})
    yield _with("a web page", "refuse", {"persons.csv": b"<!DOCTYPE html><html><body>Please sign in</body></html>\n"})
    yield _with("semicolons", "refuse", {"persons.csv": PERSONS.replace(",", ";").encode()})
    yield _with("tabs", "refuse", {"persons.csv": PERSONS.replace(",", "\t").encode()})
    yield _with("zeros", "refuse", {"persons.csv": bytes(100_000)})
    yield _with("both CSV and Parquet", "refuse", {"persons.parquet": _persons_parquet()})


def headers(rng: random.Random) -> Iterator[Extract]:
    """Yield headers that are missing, doubled, wider than anyone expects."""
    head, first, second = PERSONS.splitlines()

    def persons(name: str, expected: Expected, header: str, *lines: str, rows: int | None = None) -> Extract:
        return _with(name, expected, {"persons.csv": "\n".join((header, *lines)).encode()}, rows)

    yield persons("a column twice", "refuse", head + ",source", first + ",x")
    yield persons("a column twice, once quoted", "refuse", head + ',"source"', first + ",x")
    yield persons(
        "a column twice but for its case", "load", head + ",SOURCE,Source", first + ",x,y", second + ",,", rows=ROWS
    )
    yield persons("a required column missing", "refuse", "person_id,given_name", f"{MARK},x")
    yield persons("no header but data", "refuse", first, second)
    yield persons("header only", "load", head, rows=ROWS - 2)
    yield persons("a broken quotation in the header", "refuse", 'person_id,"source', f"{MARK},x")
    yield persons("a line break in the header", "load", head + ',"two\nlines"', first + ",x", second + ",", rows=ROWS)
    yield persons(
        "a quoted header with spaces", "load", '" person_id "," source"', f"{MARK}P1,x", f"{MARK}P2,x", rows=ROWS
    )
    yield persons("blank names in the header", "either", head + ",,", first + ",x,y", second + ",,")
    yield persons("capitals in the header", "either", head.upper(), first, second)
    yield persons("not UTF-8 in the header", "either", head + ",caf\u00e9", first + ",x", second + ",x")
    latin = f"{head},caf\u00e9\n{first},x\n{second},x\n".encode("latin-1")
    yield _with("latin-1 in the header", "either", {"persons.csv": latin})
    nul = f"{head},a\x00b\n{first},x\n{second},x\n".encode()
    yield _with("NUL in the header", "either", {"persons.csv": nul})
    bidi = f"{head},\u202eeman\n{first},x\n{second},x\n".encode()
    yield _with("right-to-left override in the header", "load", {"persons.csv": bidi}, ROWS)
    hidden = f"\u200b{head}\n{first}\n{second}\n".encode()
    yield _with("zero-width space before the header", "refuse", {"persons.csv": hidden})
    marks = f"\ufeff\ufeff{head}\n{first}\n{second}\n".encode()
    yield _with("two byte order marks", "either", {"persons.csv": marks})
    quoted = f'\ufeff"person_id",source\n{MARK}P1,x\n{MARK}P2,x\n'.encode()
    yield _with("a byte order mark before a quotation", "load", {"persons.csv": quoted}, ROWS)
    wide = 3000
    many = ",".join(f"c{number}" for number in range(wide))
    yield persons("very many columns", "load", f"{head},{many}", first + "," * wide, second + "," * wide, rows=ROWS)
    yield persons(
        "a very long name in the header", "load", f"{head},{'n' * 100_000}", first + ",", second + ",", rows=ROWS
    )
    yield persons("semicolon declaration", "refuse", "sep=,", head, first)
    for sql in (
        '"',
        "'); DROP TABLE persons; --",
        "%s",
        "{0}",
        "a.b",
        "*",
        "rowid",
        "row",
        "file",
        "line",
        "COLUMNS(*)",
    ):
        column = '"' + sql.replace('"', '""') + '"'
        yield persons(f"{sql} in the header", "load", f"{head},{column}", first + ",x", second + ",x", rows=ROWS)
    del rng


# ---- odd types of Parquet


def parquet_types(rng: random.Random) -> Iterator[Extract]:
    """Yield Parquet files with every type in the place of a text, and what each must become."""
    import pyarrow as pa

    ids = [f"{MARK}P1", f"{MARK}P2", f"{MARK}P3"]
    days = [date(1980, 2, 29), None, date(1999, 12, 31)]

    def persons(name: str, column: str, values: Any, expected: list[Any] | None, outcome: Expected = "load") -> Extract:
        """Return an extract with this column in persons; `expected` None where each row may go either way."""
        held = {"person_id": pa.array(ids), "source": pa.array(["a", "b", "c"])} | {column: values}
        rows = []
        for at, each in enumerate(ids):
            row = {"person_id": Cell(each, each), "source": Cell("", ("a", "b", "c")[at])}
            wanted = expected[at] if expected is not None else None
            refused = expected is not None and isinstance(wanted, _KeptOut)
            row[column] = Cell("", None if refused else wanted)
            fate = "kept out" if refused else "unsure" if expected is None else "accepted"
            rows.append(Row(row, fate, (), column if refused else None, line=at + 1))
        file = File("persons.parquet", _parquet(held), "persons", tuple(held), rows)
        others = [File(each, b"incident_id," + b",".join(rest) + b"\n") for each, rest in _EMPTY.items()]
        return Extract(f"Parquet: {name}", [file, *others], 1, outcome, rows=3)

    born = "date_of_birth"
    yield persons("days", born, pa.array(days, pa.date32()), days)
    yield persons("days in milliseconds", born, pa.array(days, pa.date64()), days)
    for unit in ("s", "ms", "us", "ns"):
        moments = [datetime(1980, 2, 29, 23, 59), None, datetime(1999, 12, 31)]
        yield persons(f"moments ({unit})", born, pa.array(moments, pa.timestamp(unit)), days)
    late = datetime(1999, 6, 30, 23, 30, tzinfo=UTC)
    zoned = [late, None, datetime(1999, 12, 31, 23, 30, tzinfo=UTC)]
    summer = [date(1999, 7, 1), None, date(1999, 12, 31)]
    for zone in ("UTC", "America/New_York", "+05:30", "Europe/London"):
        yield persons(f"moments in {zone}", born, pa.array(zoned, pa.timestamp("us", zone)), summer)
    texts = pa.array(["1980-02-29", None, "1999-12-31"])
    yield persons("dictionary", born, texts.dictionary_encode(), days)
    yield persons("large texts", born, texts.cast(pa.large_string()), days)
    yield persons("text views", born, texts.cast(pa.string_view()), days)
    out = _KeptOut()
    yield persons("numbers as days", born, pa.array([45000, None, 1], pa.int32()), [out, None, out])
    yield persons("times as days", born, pa.array([1, None, 2], pa.time32("s")), [out, None, out])
    yield persons("spans as days", born, pa.array([1, None, 2], pa.duration("s")), [out, None, out])
    yield persons("days before 1900", born, pa.array([date(1899, 12, 31), None, date(1, 1, 1)]), [out, None, out])
    yield persons("switches as days", born, pa.array([True, None, False]), [out, None, out])
    yield persons("nothing but null", born, pa.nulls(3), [None, None, None])
    name = "given_name"
    for label, values in (
        ("lists", pa.array([["a"], None, []])),
        ("records", pa.array([{"a": 1}, None, {"a": 2}])),
        ("maps", pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int64()))),
    ):
        # a nested value is no text: the row or the file is refused, never a made-up spelling of it
        yield persons(label, name, values, [out, None, out], "either")
    yield persons("nested column nobody asked for", "extra", pa.array([["a"], None, []]), [None, None, None])
    yield persons("whole numbers", name, pa.array([7, None, 2**63 - 1]), ["7", None, str(2**63 - 1)])
    yield persons("unsigned numbers", name, pa.array([7, None, 2**64 - 1], pa.uint64()), ["7", None, str(2**64 - 1)])
    yield persons("whole floats", name, pa.array([7.0, None, float("nan")]), ["7", None, None])
    yield persons("decimals", name, pa.array([Decimal("7.50"), None, Decimal("-1.00")]), ["7.50", None, "-1.00"])
    yield persons("bytes", name, pa.array([b"Ada", None, b""], pa.binary()), ["Ada", None, None], "either")
    yield persons(
        "bytes that are no text", name, pa.array([b"\xff\xfe", None, b"Ada"], pa.binary()), [out, None, "Ada"], "either"
    )
    broken = pa.StringArray.from_buffers(
        3, pa.py_buffer(b"\0\0\0\0\2\0\0\0\2\0\0\0\5\0\0\0"), pa.py_buffer(b"\xff\xfeAda")
    )
    yield persons("texts that are no text", name, broken, [out, None, "Ada"], "either")
    nul = pa.array(["a\x00b", None, "Ada"])
    yield persons("NUL in a text", name, nul, [out, None, "Ada"])
    yield persons(
        "a text of a megabyte", name, pa.array(["x" * 1_000_000, None, "Ada"]), ["x" * 1_000_000, None, "Ada"]
    )
    del rng


class _KeptOut:
    """Stands where a value must be kept out."""


_EMPTY = {
    "incidents.csv": (b"force", b"area", b"occurred_from", b"is_crime", b"domestic"),
    "involvements.csv": (b"person_id", b"role"),
}


def parquet_shapes(rng: random.Random) -> Iterator[Extract]:
    """Yield Parquet files of odd shape."""
    import pyarrow as pa
    import pyarrow.parquet

    def persons(name: str, expected: Expected, content: bytes, rows: int | None = None) -> Extract:
        return _with(f"Parquet: {name}", expected, {"persons.csv": None, "persons.parquet": content}, rows)

    yield persons(
        "no rows",
        "load",
        _parquet({"person_id": pa.array([], pa.string()), "source": pa.array([], pa.string())}),
        ROWS - 2,
    )
    yield persons("no columns", "refuse", _parquet({}))
    yield persons("a required column missing", "refuse", _parquet({"person_id": ["a"]}))
    table = pa.Table.from_arrays([pa.array([f"{MARK}P1"])] * 3, names=["person_id", "source", "source"])
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer)
    yield persons("a column twice", "refuse", buffer.getvalue())
    ids = [f"{MARK}P1", f"{MARK}P2"]
    yield persons("names that differ in case", "load", _parquet({"person_id": ids, "source": ids, "SOURCE": ids}), ROWS)
    yield persons(
        "very many columns",
        "load",
        _parquet({"person_id": ids, "source": ids} | {f"c{n}": ids for n in range(500)}),
        ROWS,
    )
    for compression in ("gzip", "brotli", "lz4", "zstd", "none"):
        yield persons(compression, "load", _parquet({"person_id": ids, "source": ids}, compression=compression), ROWS)
    content = bytearray(_persons_parquet())
    content[rng.randrange(4, len(content) - 8)] ^= 1 << rng.randrange(8)
    yield persons("one bit turned", "either", bytes(content))


# ---- bombs and giants (rare: they cost time)


def gzip_bomb(rng: random.Random) -> Extract:
    """Return a few hundred kilobytes that unpack to 256 megabytes of one field."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        file.write(b"person_id,source\n")
        for _ in range(256):
            file.write(b"0" * 2**20)
    del rng
    return _with("gzip bomb", "either", {"persons.csv": None, "persons.csv.gz": packed.getvalue()})


def long_field(rng: random.Random) -> Extract:
    """Return a field of ten megabytes among sound rows."""
    text = rng.choice(("x", "é", '""')) * 10_000_000
    lines = PERSONS.splitlines()
    content = f'{lines[0]}\n{lines[1]}\n{MARK}P9,"{text}",,niche\n{lines[2]}\n'.encode()
    return _with("10 MB field", "load", {"persons.csv": content}, ROWS + 1)


def many_lines(rng: random.Random) -> Extract:
    """Return a quoted field of 100,000 lines among sound rows; whether it is one row or many is not settled."""
    lines = PERSONS.splitlines()
    content = f'{lines[0]}\n{lines[1]}\n{MARK}P9,"{"z" * 5}' + "\nq" * 100_000 + f'",,niche\n{lines[2]}\n'
    del rng
    return _with("100,000 lines in quotes", "load", {"persons.csv": content.encode()})


def open_quotation(rng: random.Random) -> Extract:
    """Return a quotation that never closes, before 20,000 sound rows: it costs its own row and no other."""
    rows = "".join(f"{MARK}P{number},x\n" for number in range(3, 20_003))
    content = f'person_id,source\n{MARK}P1,x\n{MARK}PX,"never\n{rows}{MARK}P2,x\n'
    del rng
    return _with("open quotation", "load", {"persons.csv": content.encode()}, ROWS + 20_001)


def xlsx_bomb(rng: random.Random) -> Extract:
    """Return a workbook whose sheet unpacks to 300 megabytes of nothing."""
    padding = rng.choice((b" ", b"<row/>", b"<!-- -->"))
    sheet = b"<sheetData>" + padding * (300_000_000 // len(padding))
    content = _book({"xl/worksheets/sheet1.xml": lambda text: text.replace(b"<sheetData>", sheet)})
    return _book_extract("xlsx bomb", "refuse", content)


# ---- workbooks


def _book(changes: Mapping[str, Callable[[bytes], bytes] | None], extra: Mapping[str, bytes] | None = None) -> bytes:
    """Return a sound workbook with some of its parts changed, left out (None) or added."""
    import openpyxl

    book = openpyxl.Workbook()
    for line in FLAT.splitlines():
        book.active.append(line.split(","))
    whole, out = io.BytesIO(), io.BytesIO()
    book.save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            change = changes.get(part, lambda text: text)
            if change is not None:
                new.writestr(part, change(old.read(part)))
        for part, content in (extra or {}).items():
            new.writestr(part, content)
    return out.getvalue()


def _book_extract(name: str, expected: Expected, content: bytes, rows: int | None = None) -> Extract:
    mapping = FLAT_MAPPING.replace("flat.csv", "flat.xlsx").encode()
    return Extract(name, [File("flat.xlsx", content)], 1, expected, mapping, None, rows)


def books(rng: random.Random) -> Iterator[Extract]:
    """Yield workbooks that are hostile as a whole."""
    sheet, sound = "xl/worksheets/sheet1.xml", _book({})
    yield _book_extract("sound xlsx", "load", sound, 5)
    yield _book_extract("truncated xlsx", "refuse", _cut(sound, rng))
    yield _book_extract("noise as xlsx", "refuse", rng.randbytes(3000))
    yield _book_extract("CSV as xlsx", "refuse", FLAT.encode())
    yield _book_extract("no bytes in xlsx", "refuse", b"")
    yield _book_extract("xlsx without a sheet", "refuse", _book({sheet: None}))
    yield _book_extract("xlsx without a workbook", "refuse", _book({"xl/workbook.xml": None}))
    yield _book_extract("broken XML in xlsx", "refuse", _book({sheet: lambda text: text[: len(text) // 2]}))
    laughs = (
        b'<!DOCTYPE x [<!ENTITY a "'
        + b"ha" * 50
        + b'">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, (b"&%c;" % (97 + n)) * 10) for n in range(8))
        + b"]>"
    )
    yield _book_extract(
        "billion laughs in xlsx",
        "refuse",
        _book(
            {
                sheet: lambda text: (
                    laughs
                    + text.replace(b"<sheetData>", b"<sheetData><row><c t='inlineStr'><is><t>&i;</t></is></c></row>")
                )
            }
        ),
    )
    outside = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    yield _book_extract("outside entity in xlsx", "refuse", _book({sheet: lambda text: outside + text}))
    yield _book_extract("part outside the folder in xlsx", "either", _book({}, {"../../evil.txt": b"evil"}))
    yield _book_extract("zip with a directory that lies", "refuse", _lying(sound))
    # the first row of the sheet is the header
    yield _book_extract(
        "no rows in xlsx",
        "refuse",
        _book({sheet: lambda text: text[: text.index(b"<sheetData>")] + b"<sheetData/></worksheet>"}),
    )
    yield _book_extract(
        "wrong size declared in xlsx",
        "either",
        _book({sheet: lambda text: text.replace(b'ref="A1:E6"', b'ref="A1:XFD1048576"')}),
    )


def _lying(content: bytes) -> bytes:
    """Return the workbook with sizes in its directory that are not those of its parts."""
    at = content.index(b"PK\x01\x02")
    return content[: at + 20] + b"\x05\0\0\0\x05\0\0\0" + content[at + 28 :]


# ---- manifests, mappings, folders


def manifests(rng: random.Random) -> Iterator[Extract]:
    """Yield manifests that are hostile."""

    def manifest(name: str, expected: Expected, content: bytes | str | None, rows: int | None = None) -> Extract:
        raw = content.encode() if isinstance(content, str) else content
        return _with(f"manifest: {name}", expected, {}, rows, manifest=raw)

    head = "source: x\nextract_date: 2024-03-31\n"
    bomb = "".join(f"  - &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(7))
    yield manifest(
        "bomb in the period",
        "refuse",
        head + "period:\n  - &a [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + bomb,
    )
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


def folders(rng: random.Random) -> Iterator[Extract]:
    """Yield folders with other things in the place of files."""
    yield _with(
        "a folder as a table", "refuse", {"persons.csv": None}, arrange=lambda folder: (folder / "persons.csv").mkdir()
    )
    yield _with(
        "a link to nowhere",
        "refuse",
        {"persons.csv": None},
        arrange=lambda folder: (folder / "persons.csv").symlink_to("nowhere"),
    )
    yield _with(
        "a link to itself",
        "refuse",
        {"persons.csv": None},
        arrange=lambda folder: (folder / "persons.csv").symlink_to("persons.csv"),
    )
    yield _with(
        "a link to a file",
        "either",
        {},
        arrange=lambda folder: (
            (folder / "persons.csv").rename(folder / "p") and (folder / "persons.csv").symlink_to("p")
        ),
    )
    yield _with("a pipe as a table", "either", {}, arrange=lambda folder: os.mkfifo(folder / "custody.csv"))
    yield _with(
        "the manifest a folder", "refuse", {}, manifest=None, arrange=lambda folder: (folder / "manifest.yaml").mkdir()
    )
    litter = {
        "Thumbs.db": b"\0" * 99,
        ".DS_Store": b"x",
        "~$persons.xlsx": b"",
        "persons.csv~": b"x",
        "README": b"\xff",
        "persons.xls": b"x",
    }
    yield _with("files nobody asked for", "load", litter, ROWS)
    yield _with("capitals in file names", "either", {"persons.csv": None, "PERSONS.CSV": PERSONS.encode()})
    yield Extract("an empty folder", [], 1, "refuse")
    del rng


def stray_quotes(rng: random.Random) -> Iterator[Extract]:
    """Yield rows with quotation marks inside fields that are not quoted: kept as they stand, or kept out."""
    for text in ('ab"c', 'x""y', ' "a b"', "6' 2\"", 'the "Duke" of', '"', '""', '"""', '""""', '"a', 'a"', "'a"):
        rows = f"person_id,given_name,source\n{MARK}P1,{text},niche\n{MARK}P2,x,niche\n"
        yield _with(f"quotation marks: {text}", "load", {"persons.csv": rows.encode()}, ROWS)
    for text in ("a\rb", "a\r", "\r", "a\r\rb", '"a\rb"'):
        rows = f"person_id,given_name,source\n{MARK}P1,{text},niche\n{MARK}P2,x,niche\n"
        yield _with(f"a lone carriage return: {text!r}", "load", {"persons.csv": rows.encode()}, ROWS)
    del rng


KINDS: tuple[Callable[[random.Random], Iterator[Extract]], ...] = (
    cut_off,
    another_kind,
    headers,
    parquet_types,
    parquet_shapes,
    books,
    manifests,
    mappings,
    folders,
    stray_quotes,
)
GIANTS: tuple[Make, ...] = (long_field, gzip_bomb, many_lines, xlsx_bomb, open_quotation)
