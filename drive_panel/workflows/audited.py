"""Joins lists with communities: the tables that the auditor reads, and nothing else ever does."""

from __future__ import annotations

import pandas as pd

from features import EventStream
from features.victims import identified_victims
from records import Snapshot
from records.communities import CommunityStore
from values import AsOf

_KNOWN = ["known_from", "known_to", "known_from_assumed"]


class Communities:
    """The communities of everyone in a snapshot, as recorded by its extract date.

    Raises
    ------
    CommunitiesUnreadable
        If the store cannot be read: then nothing can be audited, and nothing is released.
    """

    def __init__(self, store: CommunityStore, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        reading = snapshot.reading("audit")
        reading.sources.require("audit", ["communities.person_id"], "The fairness audit")
        versions = store.read(snapshot.hash)[list(reading.sources.permitted("communities", "audit"))]
        current = versions[versions["known_to"].isna()].drop(columns=_KNOWN)
        bands = reading.age_band_at(AsOf(snapshot.extract_date))
        self._people = bands.merge(current, on="person_id", how="left", validate="one_to_one")

    def of_subjects(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return `rows` with the communities of the people that they are about."""
        return rows.merge(self._people, on="person_id", how="left", validate="many_to_one")

    def join(self, rows: pd.DataFrame, stream: EventStream, months: int | None) -> pd.DataFrame:
        """Return `rows` with the subjects' communities, one row a victim, with the victims' communities.

        Parameters
        ----------
        rows
            person_id, as_of, selected, outcome and further columns of an audited table.
        months
            How far back victims are looked up before each row's date.
        """
        subjects = self.of_subjects(rows)
        victims = self._people.add_prefix("victim_").rename(columns={"victim_person_id": "victim_id"})
        parts = []
        for day in subjects["as_of"].drop_duplicates().sort_values():
            at = subjects[subjects["as_of"] == day]
            pairs = identified_victims(stream, AsOf(day.date()), at["person_id"], months)
            parts.append(at.merge(pairs, on="person_id", how="left", validate="one_to_many"))
        everyone = pd.concat(parts, ignore_index=True).drop(columns=["as_of"])
        joined: pd.DataFrame = everyone.merge(victims, on="victim_id", how="left", validate="many_to_one")
        return joined
