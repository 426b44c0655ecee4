"""Bombs and giants: rare, because they cost time."""

from __future__ import annotations

import gzip
import io
import random

from benchmarks.hostile.cells import MARK
from benchmarks.hostile.extracts import Extract
from benchmarks.hostile.small import PERSONS, ROWS, spoilt


def gzip_bomb(rng: random.Random) -> Extract:
    """Return a few hundred kilobytes that unpack to 256 megabytes of one field."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        file.write(b"person_id,source\n")
        for _ in range(256):
            file.write(b"0" * 2**20)
    del rng
    return spoilt("gzip bomb", "either", {"persons.csv": None, "persons.csv.gz": packed.getvalue()})


def long_field(rng: random.Random) -> Extract:
    """Return a field of ten megabytes among sound rows."""
    text = rng.choice(("x", "é", '""')) * 10_000_000
    lines = PERSONS.splitlines()
    content = f'{lines[0]}\n{lines[1]}\n{MARK}P9,"{text}",,niche\n{lines[2]}\n'.encode()
    return spoilt("10 MB field", "load", {"persons.csv": content}, ROWS + 1)


def many_lines(rng: random.Random) -> Extract:
    """Return a quoted field of 100,000 lines among sound rows; whether it is one row or many is not settled."""
    lines = PERSONS.splitlines()
    content = f'{lines[0]}\n{lines[1]}\n{MARK}P9,"{"z" * 5}' + "\nq" * 100_000 + f'",,niche\n{lines[2]}\n'
    del rng
    return spoilt("100,000 lines in quotes", "load", {"persons.csv": content.encode()})


def open_quotation(rng: random.Random) -> Extract:
    """Return a quotation that never closes, before 20,000 sound rows: it costs its own row and no other."""
    rows = "".join(f"{MARK}P{number},x\n" for number in range(3, 20_003))
    content = f'person_id,source\n{MARK}P1,x\n{MARK}PX,"never\n{rows}{MARK}P2,x\n'
    del rng
    return spoilt("open quotation", "load", {"persons.csv": content.encode()}, ROWS + 20_001)
