"""What a header may mean: a column of the contract, of whom, and of the how manieth of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from records.contract import TABLES
from records.mappings.vocabulary import HEADERS, ROLES

PERSON, FULL_NAME = "person", "full_name"
"""Meanings beside the columns of the contract: a person in some form, and a name in one piece."""
_BARE = 3  # letters that a word needs to stand for a person by itself: S and V do not
_SPAN = re.compile(r"_(16|18)_1$")


def normal(name: str) -> str:
    """Return a name in lower case with underscores: ``Suspect DOB`` and ``suspectDob`` are ``suspect_dob``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    plain = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    return re.sub(r"(?<![a-z0-9])dt(?![a-z0-9])", "date", plain)


def kind_of_role(role: str) -> str:
    """Return the role of a numbered person: ``suspect`` for ``suspect_2``."""
    return role.partition("_")[0]


def meanings(header: str) -> list[tuple[str, str]]:
    """Return what a header may mean, the surest first: (role, column); the role is blank where it names none.

    >>> meanings("SUSPECT_2_DOB"), meanings("urn_v2"), meanings("Date of Birth")[0]
    ([('suspect_2', 'date_of_birth')], [('victim_2', 'person_id')], ('', 'date_of_birth'))
    """
    name = normal(header)
    found = [("", column) for column in _columns_called(name)]
    for role, words in ROLES.items():
        for word in words:
            found += [(_numbered(role, number), column) for number, column in _of_one(name, word)]
    return [each for each in dict.fromkeys(found) if each[1] != "incident_id" or not each[0]]


def _of_one(name: str, word: str) -> Iterator[tuple[str, str]]:
    """Yield number and column where a name holds the word for a role, before or after."""
    if before := re.fullmatch(rf"{word}_?(\d*)_(.+)", name):
        number, inner = before.groups()
        columns = _columns_called(inner)
        if not columns and not number and (after := re.fullmatch(r"(.+?)_?(\d+)", inner)):
            inner, number = after.groups()  # SUSPECT_URN_2
            columns = _columns_called(inner)
        yield from ((number, column) for column in columns)
    if behind := re.fullmatch(rf"(.+)_{word}_?(\d*)", name):
        yield from ((behind[2], column) for column in _columns_called(behind[1]))
    if len(word) >= _BARE and (bare := re.fullmatch(rf"{word}_?(\d*)", name)):
        yield bare[1], PERSON


def _numbered(role: str, number: str) -> str:
    return f"{role}_{int(number)}" if number and int(number) > 1 else role


def _columns_called(name: str) -> list[str]:
    plain = _SPAN.sub("", name)
    own = [plain] if any(plain == column.name for table in TABLES.values() for column in table.columns) else []
    return own + [column for column, others in HEADERS.items() if plain in others and column != plain]
