"""Looks for withheld figures in the text of a page, however its sentences were made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Cell = Mapping[str, Any]
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?%?")
_RATIOS = ("ratio", "ratio_low", "ratio_high", "minimum_detectable_ratio")
_SHARES = ("value", "low", "high", "others_value")
_COUNTS = ("rows", "people", "outcomes", "n", "events", "others_n", "outcomes_to_settle")
_LEAST = 100  # a smaller number stands in a text for many things


def told(text: str, exact: Iterable[Cell], shown: Iterable[Cell]) -> list[str]:
    """Return the figures in `text` that only a withheld cell can have given.

    Parameters
    ----------
    text
        Of a page, without its mark-up.
    exact, shown
        The cells of an audit, and those of what was made of it to leave.

    Examples
    --------
    >>> cell = {"table": "subjects", "characteristic": "sex", "group": "A", "metric": "found", "n": 1240, "value": 0.25}
    >>> told("Of 1,240 cases 25.0% were found.", [cell], [{**cell, "n": None, "value": None}])
    ['1,240', '25.0%']
    """
    kept = {figure for cell in shown for figure in _written(cell)}
    gone = {figure for cell in exact for figure in _written(cell)} - kept
    return sorted(gone & {number.rstrip(",") for number in _NUMBER.findall(text)})


def _written(cell: Cell) -> Iterator[str]:
    """Return the figures of a cell as reports write them."""
    for names, form in ((_RATIOS, ".2f"), (_SHARES, ".1%"), (_COUNTS, ",")):
        for name in names:
            figure = cell.get(name)
            if figure is not None and (form != "," or figure >= _LEAST):
                yield format(figure, form)
