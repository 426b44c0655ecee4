from __future__ import annotations

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from records.reading.rows import LONGEST, rows_of


def lines_and_fields(text):
    return [(row.line, row.fields) for row in rows_of(text)]


def test_rows_carry_true_line_numbers_after_a_quoted_line_break():
    text = 'a,b\n1,"two\nlines, and a comma"\n\n3,x\n'
    assert lines_and_fields(text) == [
        (1, ["a", "b"]),
        (2, ["1", "two\nlines, and a comma"]),
        (5, ["3", "x"]),
    ]


def test_crlf_and_classic_mac_line_ends_are_line_ends():
    assert lines_and_fields("a,b\r\n1,2\r\n") == [(1, ["a", "b"]), (2, ["1", "2"])]
    assert lines_and_fields("a,b\r1,2\r") == [(1, ["a", "b"]), (2, ["1", "2"])]


def test_a_quotation_that_never_closes_costs_one_row_only():
    assert lines_and_fields('1,"open\n2,x\n3,"y"\n') == [(1, None), (2, ["2", "x"]), (3, ["3", "y"])]


def test_a_quotation_open_for_too_long_costs_one_row_only():
    filler = "".join(f"{n},x\n" for n in range(LONGEST))
    rows = lines_and_fields(f'1,"open\n{filler}9,"closes"\n')
    assert rows[0] == (1, None)
    assert len(rows) == LONGEST + 2


def test_text_after_a_closing_quotation_mark_is_malformed():
    assert lines_and_fields('1,"a"b\n2,c\n') == [(1, None), (2, ["2", "c"])]


def test_a_quotation_mark_inside_an_unquoted_value_is_just_a_character():
    assert lines_and_fields('1,5" knife\n2,c\n') == [(1, ["1", '5" knife']), (2, ["2", "c"])]


def test_doubled_quotation_marks_are_one():
    assert lines_and_fields('1,"say ""no"""\n') == [(1, ["1", 'say "no"'])]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.text(alphabet='ab,"\n é', max_size=6), min_size=2, max_size=3), min_size=1, max_size=6))
def test_what_the_csv_module_writes_is_read_back(table):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    assert [row.fields for row in rows_of(text.getvalue())] == table


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='a,"\n\r\x00', max_size=40))
def test_every_line_of_any_text_belongs_to_exactly_one_row(text):
    rows = list(rows_of(text))
    first_lines = [row.line for row in rows]
    assert first_lines == sorted(set(first_lines))
    if "\r" not in text:
        assert "\n".join(row.text for row in rows).replace("\n", "") == text.replace("\n", "")
