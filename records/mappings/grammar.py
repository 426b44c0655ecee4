"""What may be written where a mapping makes a column or asks a question; everything is checked as it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

import duckdb

from records.mappings.codes import codes_from
from records.mappings.conditions import Before, Both, Condition, Contains, Equals, Matches, Not, Present, Same
from records.mappings.expressions import Constant, Expression, FirstOf, Flag, Join, Rewritten, Take, Used, When
from records.mappings.rewriting import (
    EXCEL,
    KEEP,
    Absent,
    Case,
    Codes,
    Dates,
    Extract,
    IfMissing,
    Pad,
    Positions,
    Replace,
    Split,
    Step,
)
from records.reading.nodes import Node

STEPS = (
    "missing",
    "replace",
    "split",
    "positions",
    "extract",
    "case",
    "pad",
    "codes",
    "codes_from",
    "otherwise",
    "ignore_case",
    "date_format",
    "if_missing",
)


def read_expression(node: Node) -> Expression:
    """Read what makes one column: a source column's name, or a block with one of the heads and any steps.

    Raises
    ------
    MappingError
        If it is none; names the place.
    """
    if node.is_text:
        return _take(node)
    keys = node.entries()
    heads = [name for name in _HEADS if name in keys]
    if not heads:
        raise node.unknown("this makes no column", next(iter(keys), ""), _HEADS)
    if len(heads) > 1:
        raise keys[heads[1]].wrong(f"{heads[0]} and {heads[1]} exclude each other", "Keep one of them.")
    required, optional, read = _HEADS[heads[0]]
    own = {"otherwise"} if heads[0] == "when" else set()
    steps = () if heads[0] in ("when", "any_contains", "flag", "constant") else STEPS
    node.block(required, [*optional, *steps])
    made = read(keys)
    changes = _steps({name: each for name, each in keys.items() if name in STEPS and name not in own}, node)
    return Rewritten(made, changes, node) if changes else made


def _take(node: Node) -> Expression:
    """Read a column's name; a word of `each` that stands for nothing names none: that variant has no such column."""
    return Constant("") if node.left_blank else Take(Used(node.text(), node))


def read_condition(node: Node) -> Condition:
    """Read a question about a source row; a bare column name asks whether the column is there.

    Raises
    ------
    MappingError
        If it is none; names the place.
    """
    if node.is_text:
        return Present(read_expression(node))
    keys = node.entries()
    for word in ("and", "or"):
        if word in keys:
            members = node.block([word])[word].members()
            if not members:
                raise node.wrong("no condition is named", "Name at least one.")
            return Both(tuple(read_condition(each) for each in members), word)
    if "not" in keys:
        return Not(read_condition(node.block(["not"])["not"]))
    if "any_contains" in keys:
        return _any_contains(node.block(["any_contains"])["any_contains"])
    if "same" in keys:
        pair = node.block(["same"])["same"].members()
        if len(pair) != 2:
            raise node.wrong("same compares two", "Write same: [one, other].")
        return Same(read_expression(pair[0]), read_expression(pair[1]))
    return _test(node, keys)


_TESTS = ("equals", "matches", "contains", "before", "present")


def _test(node: Node, keys: Mapping[str, Node]) -> Condition:
    head = next((name for name in ("column", "value") if name in keys), None)
    if head is None:
        allowed = ("column", "value", "and", "or", "not", "any_contains", "same")
        raise node.unknown("this asks nothing", next(iter(keys), ""), allowed)
    node.block([head], [*_TESTS, "unless", "ignore_case"])
    subject = read_expression(keys[head])
    tests = [name for name in _TESTS if name in keys]
    if len(tests) > 1:
        raise keys[tests[1]].wrong(f"{tests[0]} and {tests[1]} are two questions", "Join them with and.")
    test = tests[0] if tests else "present"
    for option, goes_with in (("unless", ("contains",)), ("ignore_case", ("equals", "matches", "contains"))):
        if option in keys and test not in goes_with:
            raise keys[option].wrong(f"{option} needs {' or '.join(goes_with)}", "Add it, or drop this.")
    ignore_case = keys["ignore_case"].truth() if "ignore_case" in keys else False
    if test == "equals":
        return Equals(subject, _some_texts(keys["equals"]), ignore_case)
    if test == "matches":
        return Matches(subject, _pattern(keys["matches"])[0], ignore_case)
    if test == "contains":
        unless = _some_texts(keys["unless"]) if "unless" in keys else ()
        return Contains(subject, _some_texts(keys["contains"]), unless, ignore_case)
    if test == "before":
        return Before(subject, _iso_day(keys["before"]))
    wanted = keys["present"].truth() if "present" in keys else True
    return Present(subject) if wanted else Not(Present(subject))


def _any_contains(node: Node) -> Condition:
    keys = node.block(["columns", "text"], ["unless", "ignore_case"])
    unless = _some_texts(keys["unless"]) if "unless" in keys else ()
    ignore_case = keys["ignore_case"].truth() if "ignore_case" in keys else False
    texts = _some_texts(keys["text"])
    each = (Contains(part, texts, unless, ignore_case) for part in _many(keys["columns"]))
    return Both(tuple(each), "or")


def _many(node: Node) -> tuple[Expression, ...]:
    if node.is_block:
        raise node.wrong("a list is needed here", "Write it as [one, two].")
    found = tuple(read_expression(each) for each in node.members())
    if not found:
        raise node.wrong("no column is named", "Name at least one.")
    return found


def _some_texts(node: Node) -> tuple[str, ...]:
    texts = tuple(node.texts())
    if not all(texts) or not texts:
        raise node.wrong("a blank text is compared with", "Ask for present: false, or write the text.")
    return texts


def _join(keys: Mapping[str, Node]) -> Expression:
    skip = keys["skip_missing"].truth() if "skip_missing" in keys else False
    return Join(_many(keys["join"]), keys["sep"].text() if "sep" in keys else "-", skip)


def _when(keys: Mapping[str, Node]) -> Expression:
    otherwise = read_expression(keys["otherwise"]) if "otherwise" in keys else Constant("")
    return When(read_condition(keys["when"]), read_expression(keys["then"]), otherwise)


_Head = tuple[tuple[str, ...], tuple[str, ...], Callable[[Mapping[str, Node]], Expression]]
_HEADS: dict[str, _Head] = {
    "column": (("column",), (), lambda keys: _take(keys["column"])),
    "value": (("value",), (), lambda keys: read_expression(keys["value"])),
    "constant": (("constant",), (), lambda keys: Constant(keys["constant"].text())),
    "join": (("join",), ("sep", "skip_missing"), _join),
    "first_of": (("first_of",), (), lambda keys: FirstOf(_many(keys["first_of"]))),
    "when": (("when", "then"), ("otherwise",), _when),
    "flag": (("flag",), (), lambda keys: Flag(read_condition(keys["flag"]))),
    "any_contains": (("any_contains",), (), lambda keys: Flag(_any_contains(keys["any_contains"]))),
}
HEADS = tuple(_HEADS)


def _steps(keys: Mapping[str, Node], node: Node) -> tuple[Step, ...]:
    """Read the steps, in the order in which they always apply, whatever the order in which they are written."""
    _exclude(keys, node, ("split", "positions", "extract"))
    _exclude(keys, node, ("codes", "date_format"))
    _exclude(keys, node, ("codes_from", "date_format"))
    for option in ("otherwise", "ignore_case"):
        if option in keys and not {"codes", "codes_from"} & set(keys):
            raise keys[option].wrong(f"{option} needs codes", "Add codes, or drop it.")
    steps: list[Step] = [read(keys[name]) for name, read in _FIRST.items() if name in keys]
    if "codes" in keys or "codes_from" in keys:
        steps.append(_codes(keys))
    if "date_format" in keys:
        steps.append(_dates(keys["date_format"]))
    if "if_missing" in keys:
        steps.append(IfMissing(keys["if_missing"].text()))
    return tuple(steps)


def _exclude(keys: Mapping[str, Node], node: Node, rivals: tuple[str, ...]) -> None:
    found = [name for name in rivals if name in keys]
    if len(found) > 1:
        raise node.wrong(
            f"{found[0]} and {found[1]} exclude each other", "Keep one, or do the first inside value: {...}."
        )


def _replace(node: Node) -> Step:
    pairs = {old: new.text() for old, new in node.entries().items()}
    if not all(pairs):
        raise node.wrong("a blank text cannot be replaced", "Use if_missing.")
    return Replace(pairs)


def _split(node: Node) -> Step:
    keys = node.block(["sep", "part"])
    if not keys["sep"].text():
        raise keys["sep"].wrong("the separator is blank", "Use positions for fixed widths.")
    return Split(keys["sep"].text(), keys["part"].number())


def _positions(node: Node) -> Step:
    places = [each.number() for each in node.members()]
    if len(places) != 2 or not 1 <= places[0] <= places[1]:
        raise node.wrong("positions are a first and a last place", "Write positions: [1, 4].")
    return Positions(*places)


def _pattern(node: Node) -> tuple[str, int]:
    """Return a regular expression and its number of groups; DuckDB itself says whether it can use it."""
    pattern = node.text()
    try:
        duckdb.execute("SELECT regexp_extract('', ?, 0)", [pattern]).fetchall()
    except duckdb.Error as error:
        why = str(error).splitlines()[0].partition(": ")[2] or "not readable"
        remedy = "Write it for RE2: no look-around and no back-references."
        raise node.wrong(f"{pattern!r} is no regular expression ({why})", remedy) from error
    return pattern, len(re.findall(r"(?<!\\)\((?!\?[^P<])", pattern))


def _extract(node: Node) -> Step:
    pattern, groups = _pattern(node)
    return Extract(pattern, min(groups, 1))


def _case(node: Node) -> Step:
    if node.text() not in ("lower", "upper"):
        raise node.wrong(f"{node.text()!r} is no case", "Write lower or upper.")
    return Case(node.text())


_WIDEST = 40


def _pad(node: Node) -> Step:
    if not 1 <= node.number() <= _WIDEST:
        raise node.wrong(f"{node.text()!r} is no width", f"Write a number of digits from 1 to {_WIDEST}.")
    return Pad(node.number())


_FIRST: dict[str, Callable[[Node], Step]] = {
    "missing": lambda node: Absent(_some_texts(node)),
    "replace": _replace,
    "split": _split,
    "positions": _positions,
    "extract": _extract,
    "case": _case,
    "pad": _pad,
}


def _codes(keys: Mapping[str, Node]) -> Step:
    codes = codes_from(keys["codes_from"]) if "codes_from" in keys else {}
    if "codes" in keys:
        codes |= {code: to.text() for code, to in keys["codes"].entries().items()}
    ignore_case = keys["ignore_case"].truth() if "ignore_case" in keys else False
    if ignore_case and len({code.lower() for code in codes}) < len(codes):
        raise keys["ignore_case"].wrong("two codes differ in their case only", "Keep one of them.")
    return Codes(codes, keys["otherwise"].text() if "otherwise" in keys else KEEP, ignore_case)


_DIRECTIVES = (("year", ("%Y", "%y")), ("month", ("%m", "%b", "%B")), ("day", ("%d",)))


def _dates(node: Node) -> Step:
    formats = tuple(node.texts())
    if not formats:
        raise node.wrong("no date format is named", 'Write one, such as "%d/%m/%Y".')
    for each in formats:
        if each != EXCEL:
            _check_format(each, node)
        if each != (swapped := _swapped(each)) and swapped in formats:
            raise node.wrong(
                f"{each!r} and {swapped!r} read 03/04 as two different days", "Keep the one that the source writes."
            )
    return Dates(formats)


def _swapped(date_format: str) -> str:
    return date_format.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def _check_format(date_format: str, node: Node) -> None:
    for part, directives in _DIRECTIVES:
        if not any(directive in date_format for directive in directives):
            raise node.wrong(f"{date_format!r} says no {part}", f"Write {directives[0]} where the {part} stands.")
    try:
        duckdb.execute("SELECT CAST(try_strptime('', ?) AS VARCHAR)", [date_format]).fetchall()
    except duckdb.Error as error:
        raise node.wrong(f"{date_format!r} is no date format", 'Write it like "%d/%m/%Y %H:%M".') from error


def _iso_day(node: Node) -> str:
    try:
        return date.fromisoformat(node.text()).isoformat()
    except ValueError:
        raise node.wrong(f"{node.text()!r} is no day", "Write it as YYYY-MM-DD.") from None
