"""The hold for an identity at the line: two records that may be one person, where that would decide a place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import EventStream, compute_pooled
from models.holds import COLUMNS
from values import AsOf

IDENTITY = "identity"

Margin = Callable[[pd.DataFrame], npt.NDArray[np.float64]]


def find_identity_holds(
    stream: EventStream,
    unresolved: pd.DataFrame,
    margins: Mapping[str, float],
    margin: Margin,
    line: float,
    as_of: AsOf,
) -> pd.DataFrame:
    """Return the holds on people whom an unresolved link would move across the line.

    The score itself never counts the other record's events: a link that nobody has confirmed raises nobody.

    Parameters
    ----------
    stream
        The event stream.
    unresolved
        One row a pair in the grey band: ``person_l``, ``person_r``, ``match_probability``.
    margins
        The margin of everybody who is ranked, by person id; a person who is not ranked has none.
    margin
        Turns indicators into margins (a bundle's).
    line
        The margin of the last person who has a place.
    as_of
        T.

    Returns
    -------
    DataFrame
        As `models.find_holds`; ``counterpart`` is the other person key.
    """
    ranked = unresolved[unresolved["person_l"].isin(margins.keys()) | unresolved["person_r"].isin(margins.keys())]
    pairs = list(zip(ranked["person_l"].astype(str), ranked["person_r"].astype(str), strict=True))
    if not pairs:
        return pd.DataFrame(columns=list(COLUMNS))
    pooled = margin(compute_pooled(stream, pairs, as_of))
    rows = []
    for pair, probability, together in zip(pairs, ranked["match_probability"], pooled, strict=True):
        own = [margins[person] for person in pair if person in margins]
        if (max(own) >= line) != (together >= line):
            rows += [_row(person, pair, float(probability), together >= line) for person in pair if person in margins]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["person_id", "counterpart"], ignore_index=True)


def _row(
    person: str, pair: tuple[str, str], probability: float, above: bool
) -> tuple[str, str, str, str, tuple[str, ...], int, int, str]:
    other = pair[1] if person == pair[0] else pair[0]
    side = "above" if above else "below"
    why = (
        f"Another person on record may be the same person (match probability {probability:.2f}, not decided). "
        f"Taken together they would stand {side} the line. The place shown counts this record alone."
    )
    return person, IDENTITY, other, why, (), 0, 0, ""
