"""Workbooks that are hostile as a whole."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from benchmarks.hostile.extracts import Expected, Extract
from benchmarks.hostile.files import File, undated
from benchmarks.hostile.small import FLAT, FLAT_MAPPING, cut


def _book(changes: Mapping[str, Callable[[bytes], bytes] | None], extra: Mapping[str, bytes] | None = None) -> bytes:
    """Return a sound workbook with some of its parts changed, left out (None) or added."""
    import openpyxl

    book: Any = openpyxl.Workbook()
    for line in FLAT.splitlines():
        book.active.append(line.split(","))
    whole, out = io.BytesIO(), io.BytesIO()
    book.save(whole)
    with (
        zipfile.ZipFile(io.BytesIO(undated(whole.getvalue()))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            change = changes.get(part, lambda text: text)
            if change is not None:
                new.writestr(zipfile.ZipInfo(part), change(old.read(part)), zipfile.ZIP_DEFLATED)
        for part, content in (extra or {}).items():
            new.writestr(zipfile.ZipInfo(part), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _book_extract(name: str, expected: Expected, content: bytes, rows: int | None = None) -> Extract:
    mapping = FLAT_MAPPING.replace("flat.csv", "flat.xlsx").encode()
    return Extract(name, [File("flat.xlsx", content)], 1, expected, mapping, None, rows)


def books(rng: random.Random) -> Iterator[Extract]:
    """Yield workbooks that are hostile as a whole."""
    sheet, sound = "xl/worksheets/sheet1.xml", _book({})
    yield _book_extract("sound xlsx", "load", sound, 5)
    yield _book_extract("truncated xlsx", "refuse", cut(sound, rng))
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


def xlsx_bomb(rng: random.Random) -> Extract:
    """Return a workbook whose sheet unpacks to 300 megabytes of nothing."""
    padding = rng.choice((b" ", b"<row/>", b"<!-- -->"))
    sheet = b"<sheetData>" + padding * (300_000_000 // len(padding))
    content = _book({"xl/worksheets/sheet1.xml": lambda text: text.replace(b"<sheetData>", sheet)})
    return _book_extract("xlsx bomb", "refuse", content)
