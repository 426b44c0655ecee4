"""Parquet files with every type in the place of a text, and of odd shape."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from benchmarks.hostile.cells import MARK, Cell
from benchmarks.hostile.extracts import Expected, Extract
from benchmarks.hostile.files import File
from benchmarks.hostile.rows import Fate, Row
from benchmarks.hostile.small import ROWS, parquet, persons_parquet, spoilt


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
            fate: Fate = "kept out" if refused else "unsure" if expected is None else "accepted"
            rows.append(Row(row, fate, (), column if refused else None, line=at + 1))
        file = File("persons.parquet", parquet(held), "persons", tuple(held), rows)
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
        return spoilt(f"Parquet: {name}", expected, {"persons.csv": None, "persons.parquet": content}, rows)

    yield persons(
        "no rows",
        "load",
        parquet({"person_id": pa.array([], pa.string()), "source": pa.array([], pa.string())}),
        ROWS - 2,
    )
    yield persons("no columns", "refuse", parquet({}))
    yield persons("a required column missing", "refuse", parquet({"person_id": ["a"]}))
    table = pa.Table.from_arrays([pa.array([f"{MARK}P1"])] * 3, names=["person_id", "source", "source"])
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer)
    yield persons("a column twice", "refuse", buffer.getvalue())
    ids = [f"{MARK}P1", f"{MARK}P2"]
    yield persons("names that differ in case", "load", parquet({"person_id": ids, "source": ids, "SOURCE": ids}), ROWS)
    yield persons(
        "very many columns",
        "load",
        parquet({"person_id": ids, "source": ids} | {f"c{n}": ids for n in range(500)}),
        ROWS,
    )
    for compression in ("gzip", "brotli", "lz4", "zstd", "none"):
        yield persons(compression, "load", parquet({"person_id": ids, "source": ids}, compression=compression), ROWS)
    content = bytearray(persons_parquet())
    content[rng.randrange(4, len(content) - 8)] ^= 1 << rng.randrange(8)
    yield persons("one bit turned", "either", bytes(content))
