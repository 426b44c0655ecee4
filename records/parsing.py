"""Text into the contract's kinds, one column at a time and once for each distinct value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from records.declaration import Column, Kind
from records.quarantine import Faults
from records.reading import Text

LONDON = ZoneInfo("Europe/London")
EARLIEST = date(1900, 1, 1)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE_BREAK = re.compile(r"[\t\n\r]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}(?:\.0+)?", re.ASCII)
FLAGS = {"true": True, "t": True, "yes": True, "y": True, "1": True}
FLAGS |= {"false": False, "f": False, "no": False, "n": False, "0": False}
"""What a flag may be written as, whatever the case."""


class Refused(ValueError):
    """A value that is not of its kind; the argument is the reason."""


def london_day(text: str) -> date:
    """Return the day that an ISO date or date-time names in Europe/London.

    A time with an offset is converted; one without is taken as local time.

    >>> london_day("2024-06-30T23:30:00Z").isoformat()
    '2024-07-01'
    """
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
        elif _DAY.match(text) and len(text) > 10 and text[10] in "T ":
            moment = datetime.fromisoformat(text)
            day = (moment.astimezone(LONDON) if moment.tzinfo else moment).date()
        else:
            raise Refused("bad_date")
    except (ValueError, OverflowError):
        raise Refused("bad_date") from None
    if day < EARLIEST:
        raise Refused("bad_date")
    return day


def _date(text: str) -> np.datetime64:
    return np.datetime64(london_day(text), "s")


def _flag(text: str) -> bool:
    try:
        return FLAGS[text.lower()]
    except KeyError:
        raise Refused("bad_flag") from None


def _integer(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise Refused("bad_integer")
    return int(text.partition(".")[0])


def _text(text: str) -> str:
    return text


_READERS: dict[Kind, Callable[[str], Any]] = {
    "id": _text,
    "text": _text,
    "code": _text,
    "date": _date,
    "flag": _flag,
    "int": _integer,
}
_MISSING: dict[Kind, Any] = {"date": np.datetime64("NaT", "s"), "flag": None, "int": None}


def _read(text: str, kind: Kind) -> Any:
    """Return the value of a stripped text; None where it is blank."""
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise Refused("undecodable") from None
    if _CONTROL.search(text) or (kind != "text" and _LINE_BREAK.search(text)):
        raise Refused("control_character")
    return _READERS[kind](text) if text else _MISSING.get(kind)


@dataclass(frozen=True)
class Distinct:
    """The distinct values of a column, what each came to, and the reason where it came to nothing."""

    values: list[Any]
    reasons: list[str]


def _distinct(uniques: list[str], kind: Kind) -> Distinct:
    values: list[Any] = []
    reasons: list[str] = []
    for text in uniques:
        try:
            values.append(_read(text.strip(), kind))
            reasons.append("")
        except Refused as refused:
            values.append(_MISSING.get(kind))
            reasons.append(str(refused))
    return Distinct(values, reasons)


def parse(column: Column, text: Text, faults: Faults) -> pd.Series[Any]:
    """Return `text` as a series of the column's dtype; what is not of its kind, or required and missing, is a fault.

    Rows that are already faulty as a whole (too few fields) collect no further faults.
    """
    codes, uniques = pd.factorize(text)
    distinct = _distinct(list(uniques), column.kind)
    whole = ~_broken(faults)
    for reason in sorted(set(distinct.reasons) - {""}):
        refused = np.array([found == reason for found in distinct.reasons], dtype=bool)
        faults.add(refused[codes] & whole, column.name, reason)
    if column.required:
        blank = np.array([not value.strip() for value in uniques], dtype=bool)
        faults.add(blank[codes] & whole, column.name, "missing_required")
    return _series(distinct.values, column).take(codes).reset_index(drop=True).rename(column.name)


def _broken(faults: Faults) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Rows without usable fields."""
    broken = np.zeros(len(faults.bad), dtype=bool)
    for fault in faults.found:
        if not fault.column:
            broken[fault.rows] = True
    return broken


def _series(values: list[Any], column: Column) -> pd.Series[Any]:
    if column.kind == "date":
        return pd.Series(np.array(values, dtype="datetime64[s]"))
    return pd.Series(values, dtype=column.dtype)


def absent(column: Column, size: int) -> pd.Series[Any]:
    """Return a column that was not delivered: all missing."""
    return _series([_MISSING.get(column.kind)], column).take(np.zeros(size, dtype=int)).reset_index(drop=True)
