"""The linkage report: figures and charts, nobody's name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from records.linkage import charts
from records.linkage.crosswalk import Crosswalk
from records.linkage.evaluation import Accuracy
from records.linkage.model import COMPARISONS
from records.linkage.pairs import BARS


@dataclass(frozen=True)
class Report:
    """The report as a page and as the figures in it."""

    html: str
    figures: dict[str, Any]


def make_report(
    crosswalk: Crosswalk, found: Accuracy | None = None, points: pd.DataFrame | None = None, synthetic: bool = False
) -> Report:
    """Return the report of a crosswalk.

    Parameters
    ----------
    crosswalk
        The version.
    found
        How right it is, where the truth is known.
    points
        Threshold, precision, recall (see `records.linkage.evaluation.curve`), where the truth is known.
    synthetic
        Whether the records are made up.
    """
    card = crosswalk.card
    figures: dict[str, Any] = {
        "crosswalk": str(crosswalk.version),
        "inputs": card["inputs"],
        "counts": card["counts"],
        "model": card["model"],
        "weights": weight_rows(card["model"]),
        "changes": len(card["changes"]),
        "accuracy": found.to_dict() if found else None,
        "curve": points.to_dict("records") if points is not None else None,
        "synthetic": synthetic,
    }
    environment = Environment(
        loader=PackageLoader("records.linkage"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return Report(
        environment.get_template("report.html").render(**figures, charts=_charts(figures), bars=BARS), figures
    )


def weight_rows(model: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what, level, m, u and weight (log2 of m over u, before frequencies) of every level."""
    return [
        {
            "what": comparison.label,
            "level": entry["level"],
            "m": entry["m"],
            "u": entry["u"],
            "weight": round(math.log2(entry["m"] / entry["u"]), 2),
        }
        for comparison in COMPARISONS
        for entry in model["levels"][comparison.name]
    ]


def _charts(figures: Mapping[str, Any]) -> dict[str, str]:
    counts = figures["counts"]
    drawn: dict[str, str] = {
        "weights": charts.weights(
            "weights", [(f"{row['what']}: {row['level']}", row["weight"]) for row in figures["weights"]]
        ),
        "sizes": charts.counts(
            "sizes", "People by number of records", [(f"{size} records", n) for size, n in sized(counts)]
        ),
        "grey": charts.counts(
            "grey",
            "Pairs left for a person to decide",
            [(bar.replace("_", " ") or "between the thresholds", n) for bar, n in counts["grey_by_bar"].items()],
        ),
    }
    if figures["curve"]:
        rows = [(row["threshold"], row["precision"], row["recall"]) for row in figures["curve"]]
        drawn["curve"] = charts.curve("curve", rows)
    return drawn


def sized(counts: Mapping[str, Any], most: int = 12) -> list[tuple[str, int]]:
    """Return (records, people) in order of size, the largest sizes together."""
    sizes = sorted((int(size), int(count)) for size, count in counts["sizes"].items())
    rows = [(str(size), count) for size, count in sizes if size < most]
    rest = sum(count for size, count in sizes if size >= most)
    return [*rows, (f"{most} or more", rest)] if rest else rows
