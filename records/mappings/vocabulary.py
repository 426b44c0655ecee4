"""What record systems call the things of the contract; the words stand in vocabulary.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import yaml

_WORDS = yaml.safe_load(Path(__file__).with_name("vocabulary.yaml").read_text(encoding="utf-8"))

ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType({role: tuple(words) for role, words in _WORDS["roles"].items()})
"""For each role the words for it in headers and file names."""

HEADERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: tuple(words) for name, words in _WORDS["headers"].items()}
)
"""For each column of the contract other headers, normalised to lower case with underscores."""

CODES: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        column: MappingProxyType({code: tuple(words) for code, words in codes.items()})
        for column, codes in _WORDS["codes"].items()
    }
)
"""For each column of codes what systems write for each code of the contract, in lower case."""

YES = ("y", "yes", "true", "t", "1", "da", "dv", "domestic", "crime")
# not "none": it may be an answer (no weapon), and an answer is not a gap
MISSING = (
    "-",
    "--",
    "n/a",
    "na",
    "null",
    "unknown",
    "not known",
    "n/k",
    "nk",
    "not recorded",
    "not stated",
    "?",
    "00/00/0000",
    "00.00.0000",
    "0000-00-00",
)

_DAYS = (
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %B %Y",
    "%d/%m/%y",
    "%d.%m.%y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%m/%d/%Y",
)
DATE_FORMATS = tuple(day + time for day in _DAYS for time in ("", " %H:%M", " %H:%M:%S"))
"""Tried in this order; where day first and month first both fit, the draft says so."""
