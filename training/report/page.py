"""The evaluation report as one HTML file that looks like the report on data quality."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from records.quality.page import rendered
from records.quality.words import visible
from training.report.sections import sections

_LEVELS = (
    ("act", "Act before a panel sees a list", "These say that a list, or its bands, may not mean what they seem to."),
    ("know", "Know when you read results", "These limit what may be said."),
)


def page(document: Mapping[str, Any]) -> str:
    """Return the page of a report.

    Parameters
    ----------
    document
        What `evaluation` returned, or the JSON file that was written of it.
    """
    shown = visible(dict(document))
    return rendered("training.report", "evaluation.html", shown, sections(shown), _LEVELS)
