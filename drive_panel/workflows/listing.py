"""Who stands where: the order of one list, who is held, referred or shown apart, before anything is explained."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models import RFGV, Bundle, Recency, V100Sum, places
from values import Capacity

INCUMBENTS = {"v100": V100Sum, "rfgv": RFGV, "recency": Recency}
SUPPRESS_BELOW = 10


@dataclass(frozen=True)
class LineBand:
    """The first and the last place of a list between which the order is no finding.

    Attributes
    ----------
    beyond
        Whether people who are not listed are in it too.
    """

    from_place: int
    to_place: int
    beyond: bool


@dataclass(frozen=True)
class Standing:
    """The order of one list.

    Attributes
    ----------
    table
        One row a person of the cohort, in canonical order (margin, then pseudonym): person_id, pseudonym, margin,
        section (``ranked``, ``held``, ``apart``, ``not_eligible``), place (the place that they have, or, held or
        apart, would have among the ranked), last (the place of the last person who shares it), tied, and each
        incumbent's place under ``place_NAME``
        (missing where that list cannot score the person), across (an open identity would move them across the line).
    capacity
        The panel's places.
    """

    table: pd.DataFrame
    capacity: Capacity

    def rows(self, section: str) -> pd.DataFrame:
        """Return the people of one section, in order."""
        return self.table[self.table["section"] == section]

    @property
    def listed(self) -> pd.DataFrame:
        """The ranked people within the list's length; who shares a place that reaches beyond it is left off.

        To the ranking such people are interchangeable, so listing some of them would be a choice that nobody made.
        """
        ranked = self.rows("ranked")
        return ranked[ranked["last"] <= self.capacity.list_length]

    @property
    def tied_beyond(self) -> int:
        """How many people share the place at which the list ends and are left off."""
        ranked, end = self.rows("ranked"), self.capacity.list_length
        return int(((ranked["place"] <= end) & (ranked["last"] > end)).sum())

    @property
    def held(self) -> pd.DataFrame:
        """Held people who would stand on the list, or whom what holds them would move across the line."""
        held = self.rows("held")
        return held[(held["place"] <= self.capacity.list_length) | held["across"]]

    @property
    def line_person(self) -> str | None:
        """The last listed person with a place; None if nobody has one."""
        above = self._above
        return None if above.empty else str(above["person_id"].iloc[-1])

    @property
    def line(self) -> float:
        """The margin of the last listed person with a place; below every margin if nobody has one."""
        return float(self._above["margin"].min()) if len(self._above) else -np.inf

    def band(self, reach: float | None) -> LineBand | None:
        """Return the places around the line whose people the ranking cannot tell apart; None where that is not known.

        Parameters
        ----------
        reach
            The distance in margin from the line within which refits of the ranking moved people across a line; None
            where nobody measured it.
        """
        ranked = self.rows("ranked")
        if reach is None or self._above.empty or ranked["place"].max() <= self.capacity.ranked_places:
            return None
        near = ranked.loc[(ranked["margin"] - self.line).abs() <= reach]
        end = self.capacity.list_length
        return LineBand(int(near["place"].min()), min(int(near["last"].max()), end), bool(near["last"].max() > end))

    @property
    def _above(self) -> pd.DataFrame:
        return self.listed[self.listed["place"] <= self.capacity.ranked_places]

    @property
    def selected(self) -> pd.Series[bool]:
        """For everybody ranked: whether one of the places is theirs; who ties at the line is drawn by lot.

        The lot is the order of pseudonyms, which are random and fixed.
        """
        ranked = self.rows("ranked")
        return pd.Series(np.arange(len(ranked)) < self.capacity.ranked_places, index=ranked.index)

    def counts(self) -> dict[str, int | str]:
        """Return how many people stand where; small numbers are suppressed."""
        sections = self.table["section"].value_counts()
        named = {"cohort": len(self.table), **{name: int(sections.get(name, 0)) for name in _SECTIONS}}
        named["tied_beyond_list"] = self.tied_beyond
        return {name: _suppressed(count) for name, count in named.items()}


_SECTIONS = ("ranked", "held", "apart", "not_eligible")


def stand(
    bundle: Bundle,
    indicators: pd.DataFrame,
    pseudonyms: Mapping[str, str],
    capacity: Capacity,
    *,
    held: Collection[str],
    apart: Collection[str],
    not_eligible: Collection[str],
    across: Collection[str] = (),
) -> Standing:
    """Order the cohort by the bundle's margin.

    Parameters
    ----------
    indicators
        One row a person: person_id, as_of and the indicators.
    held, apart, not_eligible
        People who take no ranked place: on hold; on Drive, deferred or decided; under age or dead.
    across
        The held people whom an unresolved identity would move across the line.
    """
    table = pd.DataFrame({"person_id": indicators["person_id"], "margin": bundle.margin(indicators)})
    table["pseudonym"] = table["person_id"].map(pseudonyms)
    table["section"] = np.select(
        [table["person_id"].isin(set(people)) for people in (not_eligible, apart, held)],
        ["not_eligible", "apart", "held"],
        default="ranked",
    )
    ranked = table["section"] == "ranked"
    table["place"] = _places_among(table["margin"], ranked)
    sharing = table["place"].where(ranked).map(table.loc[ranked, "place"].value_counts()).fillna(1).astype("int64")
    table["last"] = table["place"] + sharing - 1
    for name, incumbent in INCUMBENTS.items():
        simple = incumbent().fit(indicators)
        place = _places_among(pd.Series(simple.predict(indicators), index=table.index), ranked)
        # Whom a list cannot score for want of data it leaves out; that is no low place.
        table[f"place_{name}"] = place.astype("Int64").mask(simple.unscored(indicators))
    table["tied"] = sharing > 1
    table["across"] = table["person_id"].isin(set(across))
    ordered = table.sort_values(["margin", "pseudonym"], ascending=[False, True], ignore_index=True)
    return Standing(ordered, capacity)


def _places_among(margin: pd.Series[float], ranked: pd.Series[bool]) -> pd.Series[int]:
    """Return each person's place among the ranked; for the others the place that they would have."""
    place = pd.Series(0, index=margin.index, dtype="int64")
    place[ranked] = places(margin[ranked].to_numpy())
    above = np.sort(-margin[ranked].to_numpy())
    place[~ranked] = 1 + np.searchsorted(above, -margin[~ranked].to_numpy(), side="left")
    return place


def _suppressed(count: int) -> int | str:
    return count if count == 0 or count >= SUPPRESS_BELOW else f"fewer than {SUPPRESS_BELOW}"
