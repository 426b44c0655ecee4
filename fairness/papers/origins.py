"""Where a gap may come from: what a diagnosis says of each community of which a check refused or is not settled.

It is told beside a verdict and decides nothing; none of it says why. Made of an audit and a diagnosis as they are it is
exact; made of what `fairness.papers.shown` left of both it may leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fairness.diagnosis.drivers import TOLD
from fairness.groups import is_stated
from fairness.papers.origin_words import (
    SIDES,
    bounds_in_words,
    gap_in_words,
    missing_in_words,
    proxy_in_words,
    puts,
    readings_in_words,
    recorded_wrongly,
    summary_of,
)
from fairness.papers.page_one.found import Cell, Found, Part
from fairness.papers.wording import whom
from fairness.tables import SUBJECTS

WITHHELD = "Withheld, because it would tell of few people; a reviewer reads it."
OTHER_LISTS = (
    "What was looked at are past lists over all areas, which the ranking was tried on. This gap is in other lists, and "
    "what sets people apart there may be another thing."
)
IN_THE_AREA = (
    "What was looked at are past lists over all areas. This gap is in the area's own past lists, and what sets people "
    "apart there may be another thing. Training looks at an area by itself where its own past lists refuse somebody, "
    "not where they settle nothing; of a bundle of earlier days it did not."
)
NAMES_ONLY = (
    "In this area's own past lists these people stand apart through the indicators named. Figures, and which way, are "
    "withheld; a reviewer reads them."
)
VICTIMS = "Indicators are of suspects: which of them move places is looked at by suspects' communities only."
Document = dict[str, Any]
Key = tuple[str, str, str]


def origins(found: Found, diagnosis: Mapping[str, Any], *, leaves: bool) -> list[Document]:
    """Return what may lie behind each community's gap, those refused first.

    Parameters
    ----------
    found
        The audits of a run: `Found.judged` says which checks are told of. Those of a list without outcomes are not.
    diagnosis
        As `drive_panel` gathered it, or what `shown_diagnosis` left of it. ``questions`` says what an indicator asks.
    leaves
        Whether both are what may leave.

    Returns
    -------
    list of dict
        table, characteristic, group, ``who`` in words; ``found`` (audit, verdict); ``parts``, one a scope that was
        looked at (``audit``, ``area``, ``withheld``, ``says``, ``indicators``: side, name, question, difference, low,
        high, puts); ``summary``: what may be said of it in a sentence or two.
    """
    cells: dict[Key, list[tuple[Part, Cell]]] = {}
    for verdict in ("refuse", "insufficient"):
        for part, cell in found.judged(verdict):
            if part["evidence"] != "list" and cell["metric"] == "missed_harm":
                cells.setdefault(_key(cell), []).append((part, cell))
    pooled = next((p for p in found.parts if p["evidence"] == "backtest" and p["area"] is None), None)
    return [_community(key, told, pooled, diagnosis, leaves) for key, told in cells.items() if pooled is not None]


def _community(
    key: Key, told: Sequence[tuple[Part, Cell]], pooled: Part, diagnosis: Mapping[str, Any], leaves: bool
) -> Document:
    table, characteristic, group = key
    in_area = diagnosis.get("areas", {})
    refused = [part for part, cell in told if cell["verdict"] == "refuse"]
    own = [part for part in refused if part["evidence"] == "backtest" and part["area"] in in_area]
    parts = [_of_area(key, part, in_area[part["area"]], diagnosis, leaves) for part in own]
    parts.append(_over_all(key, pooled, [part for part, _ in told if part not in own], diagnosis, leaves))
    who = whom(table, characteristic, group)
    return {
        **_where(key),
        "who": who,
        "found": [{"audit": part["name"], "verdict": cell["verdict"]} for part, cell in told],
        "parts": parts,
        "summary": summary_of(who, parts),
    }


def _over_all(key: Key, part: Part, elsewhere: Sequence[Part], diagnosis: Mapping[str, Any], leaves: bool) -> Document:
    """Return what the backtest over all areas says; `elsewhere` are the audits with the gap that were not looked at."""
    head: Document = {"audit": part["name"], "area": None, "withheld": False, "readings": []}
    others = [each for each in elsewhere if each is not part]
    scope = [IN_THE_AREA if each["evidence"] == "backtest" else OTHER_LISTS for each in others]
    cell = next((c for c in part["cells"] if _key(c) == key and c["metric"] == "missed_harm"), None)
    if cell is None or cell.get("suppressed"):
        return {**head, "withheld": True, "says": [*scope, WITHHELD], "indicators": []}
    reporters, questions = diagnosis.get("reporters", {}), diagnosis.get("questions", {})
    readings = list(_readings_of(key, reporters.get("readings", ())))
    says = [*scope, *_driven(key, diagnosis.get("drivers", ()))]
    says += readings_in_words(readings, leaves) or [f"By who reported: not available: {reporters.get('why', '')}"]
    if is_stated(key[2]):
        says += [bounds_in_words(each) for each in diagnosis.get("bounds", ()) if _key(each) == key]
    elif key[0] == SUBJECTS:
        says += missing_in_words(key[1], diagnosis.get("missingness", ()), questions)
    says += _wrongly_recorded(key, part)
    proxies = [p for p in diagnosis.get("proxies", ()) if (SUBJECTS, p["characteristic"], p["group"]) == key]
    says += proxy_in_words(proxies, questions)
    return {**head, "says": says, "indicators": list(_indicators(key, diagnosis, questions)), "readings": readings}


def _of_area(key: Key, part: Part, found: Mapping[str, Any], diagnosis: Mapping[str, Any], leaves: bool) -> Document:
    """Return what this area's own backtest says; of what may leave it is the names of indicators alone."""
    questions = diagnosis.get("questions", {})
    indicators = list(_indicators(key, found, questions))
    head: Document = {"audit": part["name"], "area": part["area"], "withheld": leaves, "readings": []}
    if leaves:
        return {**head, "says": [NAMES_ONLY if indicators else WITHHELD], "indicators": indicators}
    readings = list(_readings_of(key, found["readings"]))
    says = [*_driven(key, found["drivers"]), *readings_in_words(readings, leaves)]
    says += [bounds_in_words(each) for each in found["bounds"] if _key(each) == key and is_stated(key[2])]
    return {**head, "says": [*says, *_wrongly_recorded(key, part)], "indicators": indicators, "readings": readings}


def _driven(key: Key, drivers: Iterable[Mapping[str, Any]]) -> list[str]:
    if key[0] != SUBJECTS:
        return [VICTIMS]
    sides = {each["side"]: each for each in drivers if _of_subjects(each) == key}
    of = max((each["of"] for each in sides.values() if "of" in each), default=0)
    named = [f"The ranking reads {of} indicators; of each side the {TOLD} largest are named."] if of > TOLD else []
    return [*(gap_in_words(side, sides.get(side)) for side in SIDES), *named]


def _indicators(key: Key, found: Mapping[str, Any], questions: Mapping[str, str]) -> Iterator[Document]:
    for side in SIDES:
        for each in found.get("drivers", ()):
            if each["side"] == side and _of_subjects(each) == key:
                for one in each["indicators"][:TOLD]:
                    figures = {name: one.get(name) for name in ("difference", "low", "high")}
                    asked = questions.get(one["name"], one["name"].replace("_", " "))
                    yield {"side": side, "name": one["name"], "question": asked, **figures, "puts": puts(one)}


def _readings_of(key: Key, readings: Iterable[Mapping[str, Any]]) -> Iterator[Document]:
    """Yield each reading of one group: name, title, ratio, low and high."""
    for each in readings:
        for cell in each["cells"]:
            if _key(cell) == key:
                told = {name: cell[name] for name in ("ratio", "low", "high")}
                yield {"name": each["name"], "title": each["title"], **told}


def _wrongly_recorded(key: Key, part: Part) -> list[str]:
    rows = (row for row in part.get("label_sensitivity", ()) if row["metric"] == "missed_harm")
    return [recorded_wrongly(row) for row in rows if _key(row) == key]


def _key(of: Mapping[str, Any]) -> Key:
    return of["table"], of["characteristic"], of["group"]


def _of_subjects(driver: Mapping[str, Any]) -> Key:
    return SUBJECTS, driver["characteristic"], driver["group"]


def _where(key: Key) -> Document:
    return dict(zip(("table", "characteristic", "group"), key, strict=True))
