"""The report of the workbench as a page: drawings of harm found against disparity, and tables of the same numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from drive_panel.pages.exchange import Ends, Point, exchange, figure
from fairness.papers.wording import heading, whom
from records.quality.blocks import Block, Plot, Section, Table, Text
from records.quality.page import rendered
from records.quality.words import NOT_AVAILABLE, visible, words

Document = Mapping[str, Any]
Key = tuple[str, str, str]
CHAMPION, BASE = "champion", "as_trained"
WHY_NO_THRESHOLDS = (
    "No group has a line of its own here, and none can be declared. A line by group would need everybody's group at "
    "scoring, which Drive's lists never read; it would place people with the same record differently because of a "
    "protected characteristic, which section 13 of the Equality Act 2010 may call direct discrimination (take legal "
    "advice); it leaves the records as they are; and people whose group is not recorded would have no line at all."
)
READS = (
    "Alternatives that read a characteristic were given it while they were fitted, never after. Training never reads "
    "communities, so no bundle can be made of them: they are challengers, and show what another road would cost. A "
    "reduction holds together the share of harm found of a classifier drawn at random, above one line for all; its "
    "rankers' margins are averaged into an order, and for that nothing is promised."
)
CHANCE = (
    "Whoever picks the best of several on these dates picks some luck with it. Ratios have the audit's intervals for "
    "each alternative by itself, harm found has 95 % intervals over people drawn anew; the column less the champion's "
    "is paired. Train the chosen one, and let dates that nobody has looked at judge it."
)


def page(document: Document) -> str:
    """Return the page of a comparison that `drive_panel.workflows.mitigate` made."""
    lines = [{**each, "train": (each["train"] or "").splitlines()} for each in document["alternatives"]]
    shown = visible({**document, "alternatives": lines})
    return rendered("drive_panel.pages", "mitigation.html", shown, sections(shown), ())


def sections(document: Document) -> list[Section]:
    """Return the sections of the page in order."""
    return [_tried(document), _drawn(document), _numbers(document), _limits()]


def _tried(document: Document) -> Section:
    rows = [
        [f"{number}. {_name(each)}", _differs(each), "no: it reads " + words(each["reads"]) if each["reads"] else "yes"]
        for number, each in enumerate(document["alternatives"], 1)
    ]
    head = ("Alternative", "What is different", "Can be trained")
    return Section("tried", "What was tried", (READS,), [Table("What was tried", head, rows, 3)])


def _name(each: Document) -> str:
    if each["name"] == CHAMPION:
        return f"the champion ({words(each['kind'])})"
    return "the booster as trained" if each["name"] == BASE else words(each["name"])


def _differs(each: Document) -> str:
    told = []
    for what, value in each["differs"].items():
        if isinstance(value, Mapping):
            told.append(f"{what}: " + ", ".join(f"{name} {_plain(one)}" for name, one in value.items()))
        else:
            told.append(f"{what}: {_plain(value)}")
    return "; ".join(told) or "nothing"


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _drawn(document: Document) -> Section:
    says = (
        "Up: more harm found. The shade is the agreed range of the ratio of missed harm; 1 is no disparity. Each "
        "drawing shows the community of one characteristic whose ratio under the champion is furthest from 1; the "
        "tables hold all. Thin lines are intervals. The numbers are those of the table above.",
    )
    keys = shown_groups(document)
    blocks: list[Block] = []
    for place, key in enumerate(keys):
        for part, unit in (("at_places", _places(document)), ("at_depth", "share of harm days above the audit depth")):
            blocks.append(_plot(document, f"drawn-{place}-{part}", key, part, unit))
    return Section("drawn", "Harm found against disparity", says, blocks or [Text("No community is large enough.")])


def _places(document: Document) -> str:
    return f"harm days found in {document['places']} places of each area"


def shown_groups(document: Document) -> list[Key]:
    """Return, for each table and characteristic, the group whose ratio under the champion is furthest from 1."""
    champion = next(each for each in document["alternatives"] if each["name"] == CHAMPION)
    furthest: dict[tuple[str, str], tuple[float, Key]] = {}
    for cell in champion["cells"]:
        if cell["ratio"]:
            key = cell["table"], cell["characteristic"], cell["group"]
            distance = abs(math.log(cell["ratio"]))
            if distance > furthest.get(key[:2], (-1.0, key))[0]:
                furthest[key[:2]] = distance, key
    return [key for _, key in furthest.values()]


def _plot(document: Document, name: str, key: Key, part: str, unit: str) -> Plot:
    points, told = [], []
    for number, each in enumerate(document["alternatives"], 1):
        cell, harm = _cell(each, key), _harm(each, part)
        if cell["ratio"] is not None:
            ends: Ends = cell["ratio"], cell["low"], cell["high"]
            points.append(Point(str(number), ends, (harm["value"], harm["low"], harm["high"])))
            told.append(f"{number} {_name(each)}: {_ratio(cell)}, harm {_found(harm)}")
    title = f"{heading(key[0], key[1])}: {whom(*key)}, {unit}"
    low, high = document["margin"]
    return Plot(title, exchange(name, title, "; ".join(told) + ".", unit, (low, high), points))


def _cell(each: Document, key: Key) -> Document:
    cell: Document = next(c for c in each["cells"] if (c["table"], c["characteristic"], c["group"]) == key)
    return cell


def _harm(each: Document, part: str) -> Document:
    """Return the figure under the first weight set, which promotion is decided by first."""
    found: Document = next(iter(each["harm"][part].values()))
    return found


def _ratio(cell: Document) -> str:
    if cell["low"] is None:
        return "too few"
    high = "no upper end" if cell["high"] is None else f"{cell['high']:.2f}"
    return f"{'no ratio' if cell['ratio'] is None else format(cell['ratio'], '.2f')} ({cell['low']:.2f} to {high})"


def _found(harm: Document, write: Callable[[float], str] = figure) -> str:
    if harm["value"] is None:
        return NOT_AVAILABLE
    value = write(harm["value"])
    return value if harm["low"] is None else f"{value} ({write(harm['low'])} to {write(harm['high'])})"


def _signed(value: float) -> str:
    return f"+{figure(value)}" if value > 0 else figure(value)


def _numbers(document: Document) -> Section:
    alternatives = list(enumerate(document["alternatives"], 1))
    sets = list(document["alternatives"][0]["harm"]["at_places"])
    blocks: list[Block] = []
    for place, weights in enumerate(sets):
        rows = [
            [
                f"{number}. {_name(each)}",
                _found(each["harm"]["at_places"][weights]),
                _found(each["harm"]["against_champion"][weights], _signed),
                _found(each["harm"]["at_depth"][weights]),
                _worse(each["worse"]),
            ]
            for number, each in alternatives
        ]
        head = (
            "Alternative",
            _places(document),
            "less the champion's",
            "share at the audit depth",
            "missed more often",
        )
        blocks.append(Table(f"Harm found, weights {words(weights)}", head, rows, folded=place > 0))
    keys = [(c["table"], c["characteristic"], c["group"]) for c in document["alternatives"][0]["cells"]]
    rows = [[whom(*key), *(_ratio(_cell(each, key)) for _, each in alternatives)] for key in keys]
    groups = ("Community", *(f"{number}. {_name(each)}" for number, each in alternatives))
    blocks.append(Table("Ratio of missed harm to everybody else's at the audit depth", groups, rows))
    return Section("numbers", "The numbers", (CHANCE,), blocks)


def _worse(names: Sequence[str]) -> str:
    """Say for whom harm is missed more often than by the champion, beyond chance (Holm over communities)."""
    return "; ".join(words(name) for name in names) or "for nobody"


def _limits() -> Section:
    says = (
        WHY_NO_THRESHOLDS,
        "Harm that nobody reported or recorded is in none of these numbers: an alternative that looks even may only "
        "share an even blindness. Read the diagnosis and the label-bias sensitivity of the audit beside it.",
    )
    return Section("limits", "Why no group has a threshold, and what this cannot show", says)
