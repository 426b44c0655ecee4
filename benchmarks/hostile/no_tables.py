"""Files that are no table, folders with other things in them, headers and quotation marks that are odd."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

from benchmarks.hostile.cells import MARK
from benchmarks.hostile.extracts import Expected, Extract
from benchmarks.hostile.small import PERSONS, ROWS, SOUND, cut, packed, persons_parquet, spoilt


def cut_off(rng: random.Random) -> Iterator[Extract]:
    """Yield files of which a part is missing."""
    whole, zipped = persons_parquet(), packed(PERSONS.encode() * 50)
    yield spoilt("truncated Parquet", "refuse", {"persons.csv": None, "persons.parquet": cut(whole, rng)})
    yield spoilt("Parquet without its end", "refuse", {"persons.csv": None, "persons.parquet": whole[:-4]})
    yield spoilt("Parquet without its head", "either", {"persons.csv": None, "persons.parquet": b"XXXX" + whole[4:]})
    yield spoilt("truncated gzip", "refuse", {"persons.csv": None, "persons.csv.gz": cut(zipped, rng)})
    bad_sum = zipped[:-8] + bytes([zipped[-8] ^ 1]) + zipped[-7:]
    yield spoilt("gzip with a wrong checksum", "refuse", {"persons.csv": None, "persons.csv.gz": bad_sum})
    yield spoilt("gzip with a wrong length", "refuse", {"persons.csv": None, "persons.csv.gz": zipped[:-1] + b"\xff"})
    yield spoilt("gzip with rubbish behind", "either", {"persons.csv": None, "persons.csv.gz": zipped + b"rubbish"})
    for name in SOUND:
        yield spoilt(f"no bytes in {name}", "refuse", {name: b""})
        yield spoilt(f"no {name}", "either", {name: None})  # it may come with another delivery
    yield spoilt("no bytes in a table that may be absent", "refuse", {"custody.csv": b""})
    yield spoilt("empty gzip", "refuse", {"persons.csv": None, "persons.csv.gz": packed(b"")})
    yield spoilt("only line ends", "refuse", {"persons.csv": b"\r\n\n\n\r\n"})
    yield spoilt("only a byte order mark", "refuse", {"persons.csv": b"\xef\xbb\xbf"})


def another_kind(rng: random.Random) -> Iterator[Extract]:
    """Yield files that are not what their name says."""
    noise = rng.randbytes(4000)
    for suffix, label in ((".csv", "noise as CSV"), (".csv.gz", "noise as gzip"), (".parquet", "noise as Parquet")):
        expected: Expected = "either" if suffix == ".csv" else "refuse"
        yield spoilt(label, expected, {"persons.csv": None, f"persons{suffix}": noise})
    yield spoilt("CSV as gzip", "refuse", {"persons.csv": None, "persons.csv.gz": PERSONS.encode()})
    yield spoilt("CSV as Parquet", "refuse", {"persons.csv": None, "persons.parquet": PERSONS.encode()})
    yield spoilt("Parquet as CSV", "refuse", {"persons.csv": persons_parquet()})
    yield spoilt("gzip as CSV", "refuse", {"persons.csv": packed(PERSONS.encode())})
    yield spoilt("gzip in gzip", "refuse", {"persons.csv": None, "persons.csv.gz": packed(packed(PERSONS.encode()))})
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        yield spoilt(f"{encoding} text", "refuse", {"persons.csv": PERSONS.encode(encoding)})
    yield spoilt("a web page", "refuse", {"persons.csv": b"<!DOCTYPE html><html><body>Please sign in</body></html>\n"})
    yield spoilt("semicolons", "refuse", {"persons.csv": PERSONS.replace(",", ";").encode()})
    yield spoilt("tabs", "refuse", {"persons.csv": PERSONS.replace(",", "\t").encode()})
    yield spoilt("zeros", "refuse", {"persons.csv": bytes(100_000)})
    yield spoilt("both CSV and Parquet", "refuse", {"persons.parquet": persons_parquet()})


def headers(rng: random.Random) -> Iterator[Extract]:
    """Yield headers that are missing, doubled, wider than anyone expects."""
    head, first, second = PERSONS.splitlines()

    def persons(name: str, expected: Expected, header: str, *lines: str, rows: int | None = None) -> Extract:
        return spoilt(name, expected, {"persons.csv": "\n".join((header, *lines)).encode()}, rows)

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
    yield spoilt("latin-1 in the header", "either", {"persons.csv": latin})
    nul = f"{head},a\x00b\n{first},x\n{second},x\n".encode()
    yield spoilt("NUL in the header", "either", {"persons.csv": nul})
    bidi = f"{head},\u202eeman\n{first},x\n{second},x\n".encode()
    yield spoilt("right-to-left override in the header", "load", {"persons.csv": bidi}, ROWS)
    hidden = f"\u200b{head}\n{first}\n{second}\n".encode()
    yield spoilt("zero-width space before the header", "refuse", {"persons.csv": hidden})
    marks = f"\ufeff\ufeff{head}\n{first}\n{second}\n".encode()
    yield spoilt("two byte order marks", "either", {"persons.csv": marks})
    quoted = f'\ufeff"person_id",source\n{MARK}P1,x\n{MARK}P2,x\n'.encode()
    yield spoilt("a byte order mark before a quotation", "load", {"persons.csv": quoted}, ROWS)
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


def folders(rng: random.Random) -> Iterator[Extract]:
    """Yield folders with other things in the place of files."""
    yield spoilt(
        "a folder as a table", "either", {"persons.csv": None}, arrange=lambda folder: (folder / "persons.csv").mkdir()
    )
    yield spoilt(
        "a link to nowhere",
        "either",
        {"persons.csv": None},
        arrange=lambda folder: (folder / "persons.csv").symlink_to("nowhere"),
    )
    yield spoilt(
        "a link to itself",
        "either",
        {"persons.csv": None},
        arrange=lambda folder: (folder / "persons.csv").symlink_to("persons.csv"),
    )
    yield spoilt(
        "a link to a file",
        "either",
        {},
        arrange=lambda folder: (
            (folder / "persons.csv").rename(folder / "p") and (folder / "persons.csv").symlink_to("p")
        ),
    )
    yield spoilt("a pipe as a table", "either", {}, arrange=lambda folder: os.mkfifo(folder / "custody.csv"))
    yield spoilt(
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
    yield spoilt("files nobody asked for", "load", litter, ROWS)
    yield spoilt("capitals in file names", "either", {"persons.csv": None, "PERSONS.CSV": PERSONS.encode()})
    yield Extract("an empty folder", [], 1, "refuse")
    del rng


def stray_quotes(rng: random.Random) -> Iterator[Extract]:
    """Yield rows with quotation marks inside fields that are not quoted: kept as they stand, or kept out."""
    for text in ('ab"c', 'x""y', ' "a b"', "6' 2\"", 'the "Duke" of', '"', '""', '"""', '""""', '"a', 'a"', "'a"):
        rows = f"person_id,given_name,source\n{MARK}P1,{text},niche\n{MARK}P2,x,niche\n"
        yield spoilt(f"quotation marks: {text}", "load", {"persons.csv": rows.encode()}, ROWS)
    for text in ("a\rb", "a\r", "\r", "a\r\rb", '"a\rb"'):
        rows = f"person_id,given_name,source\n{MARK}P1,{text},niche\n{MARK}P2,x,niche\n"
        yield spoilt(f"a lone carriage return: {text!r}", "load", {"persons.csv": rows.encode()}, ROWS)
    del rng
