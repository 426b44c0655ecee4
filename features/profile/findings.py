"""What to look at first: sentences made from the numbers, each with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]
Finding = dict[str, str]
_MOSTLY = 0.5


def findings(document: Document) -> list[Finding]:
    """Return what a reader should act on or know, in the order of the sections.

    Each has ``level`` (``act``: it can change a ranking; ``know``: it limits what may be said), ``section``, ``text``
    and ``do``.
    """
    rules = (_silent, _mostly_missing, _drifting, _rule_changes, _alike, _withheld)
    return [finding for rule in rules for finding in rule(document)]


def _finding(level: str, section: str, text: str, do: str) -> Finding:
    return {"level": level, "section": section, "text": text, "do": do}


def _listed(names: Sequence[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _named(document: Document, standing: str) -> list[str]:
    return [each["name"] for each in document["indicators"] if each["standing"] == standing]


def _silent(document: Document) -> Iterator[Finding]:
    missing, constant = _named(document, "always missing"), _named(document, "constant")
    if missing:
        yield _finding(
            "act",
            "missing",
            f"Missing for everybody on every date: {_listed(missing)}.",
            "A table or column that they read was not delivered, or was not known yet; docs/indicators.md says which.",
        )
    if constant:
        yield _finding(
            "act",
            "missing",
            f"The same number for everybody who has one: {_listed(constant)}.",
            "They cannot tell people apart. Check whether what they read is recorded at all; drive-panel quality "
            "says so.",
        )


def _mostly_missing(document: Document) -> Iterator[Finding]:
    names = [
        each["name"]
        for each in document["indicators"]
        if each["standing"] is None and (each["dates"][-1]["share_missing"] or 0.0) > _MOSTLY
    ]
    if names:
        text = f"Missing for more than half of the people on the latest date: {_listed(names)}."
        yield _finding("know", "missing", text, "Missing is not zero: read what its absence means.")


def _drifting(document: Document) -> Iterator[Finding]:
    large = [
        each["name"] for each in document["indicators"] if any(later["level"] == "large" for later in each["drift"])
    ]
    if large:
        text = f"Moved by a large effect since the first date: {_listed(large)}."
        do = "Find the reason before training on one date and scoring on another: records, rules or people."
        yield _finding("act", "drift", text, do)


def _rule_changes(document: Document) -> Iterator[Finding]:
    for change in document["rule_changes"]:
        name = change["name"]
        mixed = [
            each["name"] for each in document["indicators"] if each["rule_changes"].get(name, {}).get("mixed", 0) > 0
        ]
        if mixed:
            text = f"{name}: {len(mixed)} indicators mix both rules on some dates, among them {_listed(mixed, 4)}."
            yield _finding("know", "rules", text, "Compare dates that lie on one side.")


def _alike(document: Document) -> Iterator[Finding]:
    found = document["clusters"]["found"]
    if found:
        several = sum(len(each["indicators"]) for each in found)
        text = f"{several} indicators fall into {len(found)} clusters that order people much alike."
        do = "Read the reasons of one as those of its cluster; a model may use any of them for the others."
        yield _finding("know", "clusters", text, do)


def _withheld(document: Document) -> Iterator[Finding]:
    small = [each["as_of"] for each in document["dates"] if each["people"] is None]
    if small:
        fewest = document["settings"]["smallest_cell"]
        text = f"Dates with fewer than {fewest} people, of which nothing is shown: {_listed(small)}."
        yield _finding("know", "people", text, "Profile a larger group.")
