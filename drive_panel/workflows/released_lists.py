"""Every list released so far beside what is known now: who could have been on it, what followed, what was decided.

Of a list only its rows were kept. Everybody else who could have been on it is found again as of its date (nothing known
later is read), so the tables of a list may differ a little from its audit then: people who were erased or whose records
were linked otherwise since are counted as they are now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from drive_panel.workflows.indicators import spine
from drive_panel.workspace import Workspace
from features import CATALOGUE, EventStream, compute, select_cohort
from models import Bundle
from records import Keyring, Snapshot
from serving import Service
from serving.panel import Decision, kinds_of
from serving.release.past import PastList
from training import FollowUp, label_spine
from training.settings import CohortSettings, LabelSettings
from values import AsOf, DrivePanelError, Hash

DECIDED, ACCEPTED, OTHERWISE = "decided", "accepted", "decided_otherwise"
DECISIONS = (
    (DECIDED, ACCEPTED, OTHERWISE),
    tuple(str(each) for each in Decision if each.accepts),
    tuple(str(each) for each in Decision if not each.accepts),
)
"""What may have been decided, as columns; those that add up together (`fairness.decisions.by_community`)."""
PLACES = (("above_the_line",), ("listed",), ("held",), ("referred",))
CLEARED = (("cleared", "cleared_by_the_deadline"),)
FLAGS = tuple(name for families in (PLACES, DECISIONS, CLEARED) for family in families for name in family)
NOT_LISTED = "not on the list"


@dataclass(frozen=True)
class Listed:
    """One list as a table, one row a person.

    Attributes
    ----------
    table
        person_id, as_of, area, split, selected (above the line), outcome (missing where not known, and everywhere
        before it can be), position (where the list put them), the 0/1 columns `FLAGS`, and, where outcomes are known
        and the bundle can still score as of then, score.
    months
        How far back the cohort, and so the victims, were looked for.
    known_from
        The day from which its outcomes are known.
    mature
        Whether the records reach that far.
    why_not
        Why it has no scores; empty where it has.
    decided
        How many people on it were decided on.
    """

    past: PastList
    table: pd.DataFrame
    months: int | None
    known_from: str
    mature: bool
    why_not: str
    decided: int


class ReleasedLists:
    """The lists of a workspace, found again in a snapshot.

    Parameters
    ----------
    stream
        The snapshot's events.
    """

    def __init__(self, workspace: Workspace, snapshot: Snapshot, stream: EventStream, service: Service) -> None:
        self._workspace, self._snapshot, self._stream = workspace, snapshot, stream
        self._bundles: dict[str, Bundle | str] = {}
        self._decided: dict[tuple[str, str], str] = {
            (row["run"], row["person"]): row["decision"] for row in service.decisions() if row["current"]
        }
        self._cleared: dict[tuple[str, str, str], str] = {
            (row["run"], row["person"], row["kind"]): row["at"] for row in service.clearances()
        }

    def read(self, past: PastList) -> Listed:
        """Return one list beside what is known now."""
        as_of, bundle = AsOf.parse(past.as_of), self._bundle(past.header["hashes"]["bundle"])
        card: Mapping[str, Any] = {} if isinstance(bundle, str) else bundle.card
        label = LabelSettings.model_validate(card.get("label", {}))
        known_from = as_of.day + timedelta(days=label.horizon_days + label.lag_days)
        mature = known_from <= self._snapshot.extract_date
        cohort = CohortSettings.model_validate(card.get("cohort", {}))
        people = self._could_be_listed(as_of, past.area, cohort)
        table = self._placed(past, people)
        table["as_of"] = pd.Timestamp(as_of.day).as_unit("s")
        table["outcome"] = pd.array([pd.NA] * len(table), dtype="Int8")
        if mature:
            table["outcome"] = self._outcomes(table, people, as_of, label)
        why = bundle if isinstance(bundle, str) else ""
        if mature and not isinstance(bundle, str):
            table["score"] = table["person_id"].map(self._scores(bundle, people, as_of))
        return Listed(past, table, cohort.months, known_from.isoformat(), mature, why, int(table[DECIDED].sum()))

    def _bundle(self, name: str) -> Bundle | str:
        """Return a bundle, or why it can score nothing any more."""
        if name not in self._bundles:
            try:
                bundle = Bundle.load(self._workspace.bundles / Hash(name))
                bundle.require_catalogue(CATALOGUE.version)
                self._bundles[name] = bundle
            except DrivePanelError as problem:
                self._bundles[name] = problem.message
        return self._bundles[name]

    def _could_be_listed(self, as_of: AsOf, area: str, cohort: CohortSettings) -> pd.DataFrame:
        people = select_cohort(self._stream, as_of, area, cohort.months, cohort.domestic_only)
        adults = self._snapshot.reading("audit").adult_at(as_of)
        minors = set(adults.loc[adults["adult"] == "no", "person_id"])
        gone = minors | self._follow_up.known_dead(as_of)
        return people[~people["person_id"].isin(gone)].reset_index(drop=True)

    def _placed(self, past: PastList, people: pd.DataFrame) -> pd.DataFrame:
        """Return everybody with where the list put them and what was decided."""
        known = [(self._persons[row["person"]], row) for row in past.rows if row["person"] in self._persons]
        # Who shares the place at the line is on either side of it by lot: the order in which the list has them.
        ranked = [row["person"] for row in past.rows if row["section"] == "ranked"]
        above = set(ranked[: past.header["places"]])
        told = [{"person_id": person, **self._told(past, row, row["person"] in above)} for person, row in known]
        listed = pd.DataFrame(told, columns=["person_id", "position", *FLAGS])
        everyone = pd.concat([people["person_id"], listed["person_id"]]).drop_duplicates()
        table = pd.DataFrame({"person_id": everyone}).merge(listed, on="person_id", how="left", validate="one_to_one")
        table["position"] = table["position"].fillna(NOT_LISTED)
        flags = list(FLAGS)
        table[flags] = table[flags].astype("float64").fillna(0.0).astype("int64")
        return table.assign(selected=table["above_the_line"], area=past.area, split=past.run)

    def _told(self, past: PastList, row: Mapping[str, Any], above: bool) -> dict[str, Any]:
        """Return where a list put one person, and what became of it."""
        decision, section = self._decided.get((past.run, row["person"])), row["section"]
        accepted = decision is not None and Decision(decision).accepts
        side = f"{row['band'] or 'not banded'}, {'above' if above else 'below'} the line"
        cleared = self._cleared_at(past.run, row) if section == "held" else None
        return {
            "position": side if section == "ranked" else section,
            "above_the_line": above,
            "listed": section == "ranked",
            "held": section == "held",
            "referred": row["referral"] is not None,
            **{str(each): decision == each for each in Decision},
            DECIDED: decision is not None,
            ACCEPTED: accepted,
            OTHERWISE: decision is not None and not accepted,
            "cleared": cleared is not None,
            "cleared_by_the_deadline": cleared is not None and cleared[:10] <= row["hold"]["deadline"],
        }

    def _cleared_at(self, run: str, row: Mapping[str, Any]) -> str | None:
        """Return when the last of a person's holds was cleared; None while one stands."""
        times = [self._cleared.get((run, row["person"], kind)) for kind in kinds_of(row["hold"])]
        return max((time for time in times if time), default=None) if all(times) else None

    def _outcomes(
        self, table: pd.DataFrame, people: pd.DataFrame, as_of: AsOf, settings: LabelSettings
    ) -> pd.Series[int]:
        dated = spine(people, as_of)
        extract = AsOf(self._snapshot.extract_date)
        labels = label_spine(self._stream, dated, settings, self._follow_up, (), extract)
        # As in the backtest: who left before anything happened has no known outcome.
        unknown = (labels["censored"] | labels["moved"] | labels["died"]) & (labels["outcome"] == 0)
        outcome = labels["outcome"].astype("Int8").mask(unknown, pd.NA)
        by_person = pd.Series(outcome.array, index=pd.Index(labels["person_id"]))
        return by_person.reindex(table["person_id"]).set_axis(table.index)

    def _scores(self, bundle: Bundle, people: pd.DataFrame, as_of: AsOf) -> dict[str, float]:
        indicators = compute(self._stream, spine(people, as_of))
        return dict(zip(indicators["person_id"], np.asarray(bundle.margin(indicators)), strict=True))

    @cached_property
    def _follow_up(self) -> FollowUp:
        return FollowUp.of(self._snapshot)

    @cached_property
    def _persons(self) -> dict[str, str]:
        people: Iterable[str] = self._snapshot.reading("audit").table("persons", ["person_id"])["person_id"]
        known = Keyring(self._workspace.keys / "pseudonyms.db").known(people)
        return {name: person for person, name in known.items()}
