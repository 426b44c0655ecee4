"""The section that says whether expected grades are borne out."""

from __future__ import annotations

from collections.abc import Sequence

from records.quality.blocks import Block, Heading, Plot, Section, Table, Text
from records.quality.words import day, number, withheld, words
from training.relationships import TITLES
from training.report import wording
from training.report.drawings import borne_out
from training.report.figures import Document, Told, interval
from training.report.findings import last_judged, verdict


def calibration(document: Document) -> Section:
    """Return the section: a plot and a table for each group on the last split, then every slope."""
    champion, last = document["champion"], document["splits"][-1]["test"]
    judged = last_judged(document)
    says = [wording.CALIBRATION]
    if not judged:
        says.append(f"{words(champion)} could not be judged: no earlier split was known, or it tells nobody apart.")
    blocks: list[Block] = []
    for each in judged:
        blocks += _judged(each, last)
    own = [each for each in document["reliability"] if each["ranker"] == champion]
    rest = [each for each in document["reliability"] if each["ranker"] != champion]
    blocks.append(Table(f"Calibration of {words(champion)}", _SLOPES, [_slope(each) for each in own], texts=3))
    if rest:
        rows = [[words(each["ranker"]), *_slope(each)] for each in rest]
        blocks.append(Table("Calibration of the other rankers", ["Ranker", *_SLOPES], rows, texts=4, folded=True))
    return Section("calibration", "Whether expected grades are borne out", says, blocks)


_SLOPES = ["Group", "Curve", "Judged on", "People", "Slope", "Holds 1", "Intercept", "Level"]


def _slope(each: Told) -> list[str]:
    holds = {True: "yes", False: "no", None: "not stated"}[each["holds"]]
    figures = [interval(each[name], "{:.2f}") for name in ("slope", "intercept", "level")]
    return [
        TITLES[each["group"]],
        each["curve"],
        each["when"],
        withheld(each["people"]),
        figures[0],
        holds,
        *figures[1:],
    ]


def _judged(each: Told, last: str) -> Sequence[Block]:
    title = f"Expected and followed, {TITLES[each['group']]}, split of {day(last)}"
    blocks: list[Block] = [
        Heading(TITLES[each["group"]].capitalize() if each["group"] == "everybody" else _upper(TITLES[each["group"]])),
        Text(f"On the split of {day(last)} expected grades are {verdict(each)}."),
    ]
    if each["bins"]:
        spoken = "; ".join(
            f"{part['people']} people: expected {part['expected']:.3f}, followed {part['observed']:.3f}"
            for part in each["bins"]
        )
        rows = [
            [f"{place}", number(part["people"]), f"{part['expected']:.3f}", _observed(part)]
            for place, part in enumerate(each["bins"], start=1)
        ]
        blocks += [
            Plot(title, borne_out(f"borne-out-{each['group']}", title, spoken, each["bins"])),
            Table(title, ["Bin", "People", "Mean expected grade", "Mean grade that followed"], rows),
        ]
    return blocks


def _upper(title: str) -> str:
    return title[0].upper() + title[1:]


def _observed(part: Told) -> str:
    return interval({"value": part["observed"], "low": part["low"], "high": part["high"]}, "{:.3f}")
