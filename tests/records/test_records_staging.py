"""What is read at Arrow's speed is what the exact reader of rows would have read."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from records.errors import ExtractError
from records.reading import blocks
from records.reading.delimited import stage_csv
from records.reading.limits import Limits
from records.reading.rows import LONGEST, rows_of
from records.reading.undecoded import carried, shown
from records.storage.database import workbench

PIECES = ["a", "7", ",", ",", ",", '"', '""', "\n", "\n", "\r\n", "\r", "é", " ", "\x00", '"x,y"', '"two\nlines"']
SOME_BYTES = st.lists(
    st.one_of(st.sampled_from(PIECES).map(str.encode), st.sampled_from([b"\xff", b"\xe9", b"\xed\xa0\x80"])),
    max_size=40,
).map(b"".join)


def staged(folder, content, name="file.csv", **limits):
    """Rows and faults as (line, fields or reason), in delivered order."""
    (folder / name).write_bytes(content)
    with workbench(folder / "work") as db:
        found = stage_csv(db, folder / name, **limits)
        rows = db.execute(f"SELECT * EXCLUDE (file) FROM {found.relation}").fetchall()
        faults = db.execute(f"SELECT row, line, reason FROM {found.faults}").fetchall()
    assert len(rows) + len(faults) == found.rows
    every = sorted([(row[0], row[1], row[2:]) for row in rows] + faults)
    assert [row[0] for row in every] == list(range(found.rows))
    return [row[1:] for row in every]


def exactly(content, width):
    """The same from the exact reader."""
    text = content.removeprefix(b"\xef\xbb\xbf").decode(errors="surrogateescape")
    rows = list(rows_of(text))[1:]
    return [(row.line, verdict(row.fields, width)) for row in rows]


def verdict(fields, width):
    if fields is None:
        return "bad_quoting"
    if len(fields) != width:
        return "too_many_fields" if len(fields) > width else "too_few_fields"
    return tuple(map(carried, fields))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(SOME_BYTES, st.sampled_from([1, 2, 3]), st.sampled_from([7, 40, 1 << 20]), st.sampled_from([3, 1 << 16]))
@example(b'1,"open\n2,x\n3,"y"\n', 2, 7, 1 << 16)
@example(b'"a\n\nb",1\n\n2,3', 2, 7, 1 << 16)
@example(b'x,"a\r\nb"\r\n"",""\r\n', 2, 7, 1 << 16)
@example(b"\xef\xbb\xbfAda,1\n2,\xef\xbb\xbf3\n", 2, 1 << 20, 1 << 16)
def test_any_bytes_are_read_as_the_exact_reader_reads_them(tmp_path, content, width, block, long):
    content = ",".join("abc"[:width]).encode() + b"\n" + content
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(blocks, "BLOCK", block)
        patched.setattr(blocks, "LONG_LINE", long)
        assert staged(tmp_path, content) == exactly(content, width)


def test_plain_lines_around_odd_ones_keep_their_lines_across_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 1000)
    lines = [f'{n},"a, {n}"' if n % 3 else f"{n},b" for n in range(2000)]
    lines[700] = '700,"open'
    lines[900] = '900,"two\nlines"'
    lines[1200] = ""
    content = ("n,t\n" + "\n".join(lines) + "\n").encode()
    found = staged(tmp_path, content)
    assert found == exactly(content, 2)
    assert found[700] == (702, "bad_quoting")
    assert found[900] == (902, ("900", "two\nlines"))
    assert found[901] == (904, ("901", "a, 901"))
    assert len(found) == 1999


def test_a_quotation_that_stays_open_over_several_blocks_costs_one_row(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 64)
    content = ('a,b\n1,"open\n' + "".join(f"{n},x\n" for n in range(3 * LONGEST))).encode()
    found = staged(tmp_path, content)
    assert found[0] == (2, "bad_quoting")
    assert len(found) == 3 * LONGEST + 1


def test_classic_mac_lines_a_byte_order_mark_and_gzip_make_no_difference(tmp_path):
    plain = staged(tmp_path, b"a,b\n1,2\n3,4\n")
    assert staged(tmp_path, b"a,b\r1,2\r3,4\r") == plain
    assert staged(tmp_path, b"\xef\xbb\xbfa,b\r\n1,2\r\n3,4") == plain
    assert staged(tmp_path, gzip.compress(b"a,b\n1,2\n3,4\n"), "file.csv.gz") == plain


def test_a_field_of_ten_megabytes_costs_its_row(tmp_path):
    content = b"a,b\n1,x\n2," + b"y" * 10_000_000 + b'\n3,"' + b"z" * 10_000_000 + b'"\n4,"' + b"w" * 200_000 + b'"\n'
    found = staged(tmp_path, content)
    assert [row for _, row in found[:3]] == [("1", "x"), "field_too_long", "field_too_long"]
    assert found[3] == (5, ("4", "w" * 200_000))


def test_a_line_that_never_ends_is_no_table(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "LONGEST_LINE", 1 << 10)
    monkeypatch.setattr(blocks, "BLOCK", 100)
    with pytest.raises(ExtractError, match=r"file\.csv has a line of more than"):
        staged(tmp_path, b"a,b\n" + b"1" * 3000)


def test_a_gzip_bomb_is_refused(tmp_path):
    bomb = gzip.compress(b"a,b\n" + b"1,2\n" * 500_000)
    small = Limits(largest=1 << 40, ratio=20, unsuspicious=1 << 18)
    with pytest.raises(ExtractError, match=r"file\.csv\.gz .* may be a bomb"):
        staged(tmp_path, bomb, "file.csv.gz", limits=small)
    with pytest.raises(ExtractError, match="may be a bomb"):
        staged(tmp_path, bomb, "file.csv.gz", limits=Limits(largest=1 << 20, ratio=10**6))
    assert not list((tmp_path / "work").iterdir())


def test_bytes_that_are_not_utf_8_are_carried_and_shown(tmp_path):
    assert staged(tmp_path, b"a,b\n1,Zo\xeb\n2,Zo\xc3\xab\n") == [(2, ("1", carried("Zo\udceb"))), (3, ("2", "Zoë"))]
    assert shown(carried("Zo\udceb")) == r"Zo\xeb"


def test_columns_without_a_name_are_left_out_and_names_that_differ_by_case_told_apart(tmp_path):
    (tmp_path / "file.csv").write_bytes(b'line,,"a ""b""",Line\n1,2,3,4\n')
    with workbench(tmp_path / "work") as db:
        found = stage_csv(db, tmp_path / "file.csv")
        assert found.columns == ("line", 'a "b"', "Line")
        named = ", ".join(map(found.identifier, found.columns))
        assert db.execute(f"SELECT line, {named} FROM {found.relation}").fetchall() == [(2, "1", "3", "4")]
