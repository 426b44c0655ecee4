"""The profile as one HTML file that looks like the report on data quality."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.profile.sections import sections
from records.quality.page import rendered
from records.quality.words import visible


def page(document: Mapping[str, Any]) -> str:
    """Return the page of a profile.

    Parameters
    ----------
    document
        What `profile` returned, with the lineage ``file``, ``hash``, ``snapshot``, ``catalogue`` and ``synthetic``.
    """
    shown = visible(dict(document))
    return rendered("features.profile", "profile.html", shown, sections(shown))
