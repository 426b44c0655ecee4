"""The whole report as one document of plain values: every section, and what to look at first."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from records.quality.completeness import completeness, unmapped
from records.quality.consistency import copies, dates, links
from records.quality.findings import findings
from records.quality.groups import by_community
from records.quality.lag import recording_lag
from records.quality.loads import deliveries
from records.quality.people import people
from records.quality.regimes import regimes
from records.quality.settings import QualitySettings
from records.quality.source import Source, opened
from records.quality.undated import Reads, undated
from records.quality.volumes import volumes
from records.snapshot import Snapshot
from values import Progress, silent

VERSION = 1
_Section = Callable[[Source, QualitySettings], dict[str, Any]]


def assess(
    snapshot: Snapshot,
    *,
    communities: pd.DataFrame | None = None,
    indicators: Mapping[str, Reads] | None = None,
    cards: Sequence[Mapping[str, Any]] = (),
    linkage: Mapping[str, Any] | None = None,
    settings: QualitySettings | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Return the data-quality report of a snapshot.

    Parameters
    ----------
    snapshot
        What is looked at; every table is verified first.
    communities
        The communities of the people in it (one row a version), or None: then nothing is said by community.
    indicators
        What each indicator reads, by its name.
    cards
        The cards of the deliveries it was made from.
    linkage
        A summary of record linkage, where there is one.
    settings
        What counts as small, slow, changed or blank.
    progress
        Told of each section.

    Returns
    -------
    dict
        Plain values for JSON. A number that is not known is None, never zero; so is one that is withheld because it
        counts too few people.
    """
    settings = settings or QualitySettings()
    sections: dict[str, _Section] = {
        "completeness": completeness,
        "communities": partial(by_community, communities=communities),
        "lag": recording_lag,
        "unmapped": unmapped,
        "dates": dates,
        "copies": copies,
        "links": links,
        "regimes": regimes,
        "volumes": volumes,
        "undated": partial(undated, indicators=indicators or {}),
        "people": people,
    }
    document: dict[str, Any] = {
        "document": "data quality",
        "version": VERSION,
        "snapshot": str(snapshot.hash),
        "source": snapshot.source,
        "extract_date": snapshot.extract_date.isoformat(),
        "period": snapshot.period,
        "synthetic": snapshot.synthetic,
        "settings": settings.to_dict(),
        "deliveries": deliveries(cards),
        "linkage": {"available": linkage is not None, **(linkage or {})},
    }
    with opened(snapshot) as source:
        for done, (name, section) in enumerate(sections.items()):
            progress("quality", done, len(sections))
            document[name] = section(source, settings)
    progress("quality", len(sections), len(sections))
    document["findings"] = findings(document)
    plain: dict[str, Any] = _plain(document)
    return plain


def _plain(value: Any) -> Any:
    """Make numbers that JSON has no word for None."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
