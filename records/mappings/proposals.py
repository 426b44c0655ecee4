"""What could make a column of the contract, found from the values of a source column; a person decides."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from records.declaration import Column
from records.mappings.date_forms import date_formats, fits, swapped
from records.mappings.vocabulary import CODES, MISSING, YES
from records.reading.parsing import FLAGS
from records.reference import load_reference

Proposal = tuple[str, str]
"""What makes a column as YAML (blank where nothing is proposed), and what a person should look at."""
NAMED = 5
"""Values that a draft names at most; none of a column that names or describes a person."""
MOST = 0.6
"""The share of a column's different values that must fit before it is taken for something."""
_LONGEST = 30
_HOME_OFFICE = r"[0-9]{1,3}/[0-9]{2}(?![0-9])"
_OUTCOME = r"^([0-9]{1,2}[A-Z]?)\b"
_NOT_KNOWN = frozenset(MISSING) | {"u", "unk"}


def proposal(column: Column, source: str, every: Sequence[str]) -> Proposal:
    """Propose what makes a column from a source column with these different values."""
    values = [value for value in every if value.lower() not in MISSING]
    if column.kind == "date":
        return _dates(column, source, values)
    if column.kind == "flag":
        return _flag(column, source, values)
    if column.name == "offence_code" and _mostly(values, _HOME_OFFICE):
        split = 'split: {sep: " ", part: 1}, ' if any(" " in value for value in values) else ""
        left = [value for value in values if not re.match(_HOME_OFFICE, value)]
        note = _told(column, left, "not written like 8/06") or "8/06 becomes 00806: see the unmapped codes"
        return f'{{column: {quote(source)}, replace: {{"/": ""}}, {split}pad: 5}}', note
    if column.name == "outcome_code" and (unnumbered := _not_numbered(values)) is not None:
        return f"{{column: {quote(source)}, extract: {quote(_OUTCOME)}}}", _told(
            column, unnumbered, "would become blank"
        )
    return _codes(column, source, values)


def recognised(values: Sequence[str]) -> str:
    """Return the column of the contract that values alone give away; blank for none."""
    held = [value for value in values if value.lower() not in MISSING]
    crime = {_code(value, CODES["is_crime"]) for value in held}
    if crime == {"true", "false"}:
        return "is_crime"
    related = [code for value in held if (code := _code(value, CODES["relationship"])) is not None]
    if len(set(related)) > 1 and len(related) >= MOST * len(held):
        return "relationship"
    worded = [value for value in held if re.match(rf"{_OUTCOME}\s*[-–:.]\s*[A-Za-z]", value)]
    if len(worded) > 1 and len(worded) >= MOST * len(held) and _not_numbered(worded) == []:
        return "outcome_code"
    return ""


def names(source: str, values: Sequence[str]) -> dict[str, Proposal]:
    """Propose family and given name from names in one piece."""
    column = quote(source)
    with_comma = [value for value in values if "," in value]
    if 2 * len(with_comma) >= len(values):
        left = len(values) - len(with_comma)
        note = f"{left} of {len(values)} names hold no comma: all of each becomes the family name" if left else ""
        return {
            "given_name": (f'{{column: {column}, split: {{sep: ",", part: 2}}}}', ""),
            "family_name": (f'{{column: {column}, split: {{sep: ",", part: 1}}}}', note),
        }
    return {
        "given_name": (f'{{column: {column}, split: {{sep: " ", part: 1}}}}', "is the first word the given name?"),
        "family_name": (f'{{column: {column}, split: {{sep: " ", part: -1}}}}', "is the last word the family name?"),
    }


def look_like_names(values: Sequence[str]) -> bool:
    """Say whether values look like names rather than numbers of persons."""
    held = [value for value in values if value.lower() not in MISSING]
    words = [value for value in held if re.fullmatch(r"[^\W\d_][^\d_]*[ ,][^\d_]+", value)]
    return bool(held) and 2 * len(words) >= len(held)


def quote(text: str) -> str:
    """Return a text as YAML: plain where it is a plain word, else in double quotes."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", text) and text.lower() not in _YAML_WORDS:
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


_YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def comment(text: str) -> str:
    """Return a text as it may stand in a comment: one line, nothing that cannot be printed."""
    return "".join(each if each.isprintable() else "?" for each in " ".join(text.split()))


def _told(column: Column, values: Collection[str], what: str) -> str:
    """Say which values are left; of a column that names or describes a person only how many."""
    if not values:
        return ""
    if column.sealed or column.protected or column.kind == "id" or column.name == "deceased_on":
        return f"{len(values)} different value{'s' if len(values) > 1 else ''}: {what}"
    shown = [quote(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…") for value in sorted(values)[:NAMED]]
    more = f" and {len(values) - NAMED} more" if len(values) > NAMED else ""
    return comment(f"{', '.join(shown)}{more}: {what}")


def _dates(column: Column, source: str, values: list[str]) -> Proposal:
    formats, left = date_formats(values)
    iso = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")
    odd = [value for value in values if not iso.match(value) and not any(fits(value, each) for each in formats)]
    note = _told(column, odd, "no known date format fits") if left else ""
    if not formats:
        return ("", f"{comment(source)}: {note}") if left else (quote(source), "")
    if any(swapped(each) != each and all(fits(v, swapped(each)) for v in values if fits(v, each)) for each in formats):
        note = note or "day first or month first? Both fit every value"
    listed = quote(formats[0]) if len(formats) == 1 else f"[{', '.join(map(quote, formats))}]"
    return f"{{column: {quote(source)}, date_format: {listed}}}", note


def _flag(column: Column, source: str, values: list[str]) -> Proposal:
    left = [value for value in values if value.lower() not in FLAGS]
    if not left:
        return quote(source), ""
    if len(left) < len(values) and all(value.lower() in _NOT_KNOWN for value in left):
        return f"{{column: {quote(source)}, missing: [{', '.join(map(quote, left))}]}}", ""
    if known := CODES.get(column.name):
        listed = {value: code for value in values if (code := _code(value, known)) is not None}
        if len(listed) == len(values):
            return _translated(source, listed), ""
    yes = sorted(value for value in values if re.split(r"\W", value.lower(), maxsplit=1)[0] in YES)
    if yes:
        told = f"{{flag: {{column: {quote(source)}, equals: [{', '.join(map(quote, yes))}]}}}}"
        others = _told(column, set(values) - set(yes), "these")
        return told, f"every other value means no ({others.removesuffix(': these')})" if others else ""
    told = _told(column, values, "neither yes nor no")
    return "", f'{comment(source)}: {told}: write codes: {{...: "true", ...: "false"}}'


def _codes(column: Column, source: str, values: list[str]) -> Proposal:
    known = column.codes if column.reference is None else _reference_codes(column.reference)
    if known is None or set(values) <= known:
        return quote(source), ""
    words = CODES.get(column.name, {})
    listed = {value: code for value in values if value not in known and (code := _code(value, words)) is not None}
    note = _told(column, set(values) - set(listed) - known, "not in the contract's list; kept as they are: add codes")
    return (_translated(source, listed) if listed else quote(source)), note


def _translated(source: str, codes: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{quote(value)}: {quote(code)}" for value, code in codes.items())
    return f"{{column: {quote(source)}, codes: {{{pairs}}}}}"


def _code(value: str, words: Mapping[str, Sequence[str]]) -> str | None:
    """Return the code that a value, or each of its parts between slashes, is a word for."""
    whole = _one(value, words)
    parts = {_one(part, words) for part in value.split("/")}
    return whole or (parts.pop() if len(parts) == 1 else None)


def _one(value: str, words: Mapping[str, Sequence[str]]) -> str | None:
    plain = re.sub(r"[\s_-]+", " ", value.strip().lower())
    return next((code for code, listed in words.items() if plain in (re.sub("-", " ", w) for w in listed)), None)


def _mostly(values: Sequence[str], pattern: str) -> bool:
    fitting = sum(re.match(pattern, value) is not None for value in values)
    return bool(fitting) and fitting >= MOST * len(values)


def _not_numbered(values: Sequence[str]) -> list[str] | None:
    """Return the values that do not begin with an outcome's number; None where few do, or none says more than it."""
    known = _reference_codes("outcomes")
    begins = {value: re.match(_OUTCOME, value) for value in values}
    fitting = [value for value, found in begins.items() if found is not None and found[0] in known]
    if not fitting or len(fitting) < MOST * len(values) or set(fitting) <= known:
        return None
    return [value for value in values if value not in fitting]


@cache
def _reference_codes(table: str) -> frozenset[str]:
    return frozenset(load_reference().codes(table))
