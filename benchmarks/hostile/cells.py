"""What may stand in one cell: the text as delivered, and what it must become or why it must be kept out."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

EXTRACT_DATE = date(2024, 3, 31)
MARK = "QZV"
"""Stands in names and ids; no error message and no note may hold it."""


class Cell(NamedTuple):
    """A text as delivered and what it must become (None = missing)."""

    text: str
    value: Any


# As delivered, and the day in London that it names: worked out by hand from the history of British time.
LONDON_DAYS: Mapping[str, date] = {
    "1900-01-01": date(1900, 1, 1),
    "1904-02-29": date(1904, 2, 29),
    "2000-02-29": date(2000, 2, 29),
    "1996-02-29T23:59:59Z": date(1996, 2, 29),
    "1969-12-31T23:30:00Z": date(1970, 1, 1),  # the clocks stood an hour ahead all year from 1968 to 1971
    "1970-01-15T22:59:00+00:00": date(1970, 1, 15),
    "1941-07-01T22:30:00Z": date(1941, 7, 2),  # double summer time
    "1973-06-30T23:30:00Z": date(1973, 7, 1),
    "1973-06-30T23:30:00+01:00": date(1973, 6, 30),
    "1973-12-31T23:30:00Z": date(1973, 12, 31),
    "1980-01-01T00:30:00+01:00": date(1979, 12, 31),
    "1980-01-01 00:30:00-05:00": date(1980, 1, 1),
    "1980-01-01T12:00": date(1980, 1, 1),
    "1999-10-31T00:30:00+01:00": date(1999, 10, 31),  # the night the clocks went back
    "1999-10-30T23:30:00Z": date(1999, 10, 31),
    "1999-10-31T23:30:00Z": date(1999, 10, 31),
    "1999-03-27T23:59:59Z": date(1999, 3, 27),
    "1999-03-28T23:00:00Z": date(1999, 3, 29),
    "1985-05-05T10:11:12.123456+00:00": date(1985, 5, 5),
    "1985-05-05T23:59:59.999999": date(1985, 5, 5),
    "1990-08-31T13:30:00-10:00": date(1990, 9, 1),
    "1990-01-01T13:30:00+14:00": date(1989, 12, 31),
    " 1990-01-01 ": date(1990, 1, 1),
}
NO_DAYS = (
    *("1900-02-29", "2023-02-29", "2024-02-30", "2023-04-31", "2023-13-01", "2023-00-10", "2023-01-00", "1899-12-31"),
    *("0001-01-01", "0000-01-01", "-2023-01-01", "01/05/2023", "2023/01/05", "20230501", "2023-5-1", "2023-W05-1"),
    *("2023-121", "2023-01-01T", "2023-01-01T25:00:00", "2023-01-01T12:60:00", "2023-01-01t12:00:00", "today", "now"),
    *(
        "２０２３-０１-０１",
        "2023-01-01X",
        "2023-01-01 noon",
        "45000",
        "45000.0",
        "1e3",
        "NULL",
        "nan",
        "NaT",
        "N/A",
        "\\N",
    ),
    *("99999-01-01", "2023-01-01; DROP TABLE persons", "epoch", "infinity", "-infinity", "yesterday", "2023-01-01+00"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2023‐01‐01", "2023-01-01,5", "0", "2023-01", "2023"),
)
FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "TRUE", "True", "t", "T", "yes", "Yes", "y", "Y", "1", " true ", "tRuE"), True),
    **dict.fromkeys(("false", "FALSE", "False", "f", "F", "no", "No", "n", "N", "0", " 0 "), False),
}
NO_FLAGS = (
    *("2", "-1", "10", "01", "1.0", "0.0", "on", "off", "ja", "tru", "truee", "nil", "NULL", "None", "nan", "\\N", "✓"),
    *("ＹＥＳ", "ｔrue", "falſe", "yes please", "1'; --", "=TRUE()", "y/n", "#N/A", "-", "?"),
)
COUNTS: Mapping[str, int] = {
    "0": 0,
    "3": 3,
    "3.0": 3,
    "3.000": 3,
    "007": 7,
    " 12 ": 12,
    "999999999": 999_999_999,
}
NO_COUNTS = (
    *("-1", "+1", "1.5", "1e3", "1E0", "1,000", "1_000", "0x10", "3.", ".5", "３", "²", "NaN", "inf", "nan", "NULL"),
    *("1000000000", "99999999999999999999", "18446744073709551616", "two", "1 2", "0b1", "1.0.0", "--1", "=1+1", "1L"),
)
TEXTS = (
    *("=1+1", '=HYPERLINK("http://evil.example","x")', "+44 7700 900000", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0"),
    *(
        "'); DROP TABLE persons; --",
        "' OR '1'='1",
        "Robert'); DELETE FROM incidents;--",
        "$$; SELECT 1",
        "%s %d {0} {x}",
    ),
    *("../../etc/passwd", "C:\\Windows\\System32", "file:///etc/passwd", "\\\\server\\share", "~/.ssh/id", "/dev/null"),
    *(
        "NULL",
        "null",
        "None",
        "nan",
        "NaN",
        "NA",
        "N/A",
        "#N/A",
        "\\N",
        "inf",
        "-inf",
        "true",
        "FALSE",
        "undefined",
        "-",
    ),
    *("007", "1e5", "1.0", "1E400", "0x1F", "1_000", "00000000000000000000000001", "9" * 40, "-0", "1,5", "1/2", "5%"),
    *("2023-01-01", "01/02/03", "12:30", "MAR1", "SEPT2", "1-2-3", "3-Mar", "2e3", "1E2", "ﬁ", "ǅ", "ß", "İ", "ſ", "K"),
    *("Zoë", "Zoë", "O'Brien", 'the "Duke"', '"', '""', '"quoted"', ",", "a,b", ",,,", "a;b|c", "'", "`id`", "$(id)"),
    *(
        "🚔🦊",
        "𝔘𝔫𝔦",
        "中文",
        "שלום",
        "مرحبا",
        "Ünïcödé",
        "e" + "\u0301" * 30,
        "<script>alert(1)</script>",
        "&amp;",
        "<![CDATA[",
    ),
    *(
        "{{7*7}}",
        "${jndi:ldap://x}",
        "%00",
        "\\x00",
        "\\u0000",
        "\\",
        "\\\\",
        "a\\,b",
        "a\\",
        "#",
        "#comment",
        "--",
        "/*",
        "*/",
    ),
    *(
        "x" * 5000,
        "long " * 400,
        "select",
        "SELECT * FROM persons",
        "row",
        "line",
        "file",
        "rowid",
        "known_from",
        "a\u00a0b",
    ),
)
"""Legal in any text, id or code: kept exactly as given."""
BIDI_TEXTS = (
    "👩‍👩‍👧‍👦",
    "\u202eevil\u202c",
    "a\u200bb",
    "\u200fשלום\u200f",
    "\u2066x\u2069",
    "Ada\u200e",
    "\ufeffAda",
    "a\u2060b",
    "a\u2028b",
)
MULTI_LINE = (
    "one\ntwo",
    'one\n"two"\nthree',
    "a,\n,b",
    "\n\nx\n\n",
    "x\n" * 40 + "end",
    "tab\there",
    'x",\n"y',
    "one\r\ntwo",
)
INVISIBLE = ("\u200b", "\u200e", "\u200f", "\u202e", "\u2066", "\ufeff", "\u2060", "\u061c")
CONTROLS = ("\x00", "\x01", "\x07", "\x08", "\x0b", "\x0c", "\x0e", "\x1a", "\x1b[31m", "\x1f", "\x7f")
BYTES = (
    b"\xe9",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xc0\xaf",
    b"\x80",
    b"\xa3\x35",
    b"\xf4\x90\x80\x80",
)
"""Byte sequences that are not UTF-8: latin-1 letters, halves, a surrogate, overlong forms, beyond Unicode."""


def undecodable(raw: bytes) -> str:
    """Return bytes that are not UTF-8 as text that encodes to them again (surrogateescape)."""
    return raw.decode("utf-8", errors="surrogateescape")


def _last_sunday(year: int, month: int) -> date:
    day = date(year, month, 31)  # March and October both have 31 days
    return day - timedelta(days=(day.weekday() + 1) % 7)


def dressed(day: date, rng: random.Random) -> str:
    """Write `day` with a time of day and an offset that name the same day in London (1996 to 2037).

    The rule of the clocks is written out here: an hour ahead from the last Sunday of March, 01:00 UTC, to the last
    Sunday of October, 01:00 UTC.
    """
    moment = datetime(day.year, day.month, day.day) + timedelta(minutes=rng.choice((5, 180, 700, 1020, 1435)))
    starts = datetime.combine(_last_sunday(day.year, 3), datetime.min.time()) + timedelta(hours=1)
    ends = datetime.combine(_last_sunday(day.year, 10), datetime.min.time()) + timedelta(hours=1)
    utc = moment - timedelta(hours=1) if starts <= moment - timedelta(hours=1) < ends else moment
    minutes = rng.choice((0, 0, 60, -300, 330, 345, -720, 840, 120, -210))
    there = utc + timedelta(minutes=minutes)
    sign = "-" if minutes < 0 else "+"
    offset = "Z" if minutes == 0 and rng.random() < 0.5 else f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return there.isoformat(sep=rng.choice("T "), timespec=rng.choice(("minutes", "seconds", "milliseconds"))) + offset
