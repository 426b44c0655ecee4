"""What ends or changes a person's follow-up: custody, moving away, death, and being taken on by Drive.

Only the *start* of custody is used: record systems overwrite its end without saying when, so the end is not
known as of any past date. What a move away is stands in `training.moves`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.events import EventStream
from features.kinds import Flag, Kind, Role
from features.source import RecordSource
from records.purposes import for_purpose
from training.errors import MissingRecords
from training.lists import Floats, Ints
from training.moves import moves_away
from values import AsOf

Bools = npt.NDArray[np.bool_]
NEVER = 2**31 - 1
"""Day number of something that has not happened."""
LEAST_ALIKE = 100
"""Fewest people whose time to custody is estimated apart from that of others."""
_CRIME_BANDS = np.array([1, 2, 3, 6])
_RECENT_DAYS = 730
_DOMESTIC_CRIME = int(Flag.DOMESTIC | Flag.CRIME)


_LABELS_READ = {
    "incidents": (
        "incident_id",
        "occurred_from",
        "occurred_to",
        "offence_code",
        "is_crime",
        "domestic",
        "strangulation",
    ),
    "involvements": ("incident_id", "person_id", "role"),
    "dyads": ("incident_id", "suspect_id", "victim_id"),
    "marac_hearings": ("hearing_id", "perpetrator_id", "victim_id", "heard_at"),
}
"""What no label can do without; addresses and areas are optional (see `training.moves`)."""


@dataclass(frozen=True)
class FollowUp:
    """Dated facts about people beside their events; None where the extract has no such table.

    Parameters
    ----------
    deaths
        person_id, deceased_on, known_from, known_to.
    custody
        person_id, starts_on, known_from, known_to.
    moves
        person_id, moved_on, known_from, known_to, ours_from: addresses elsewhere (see `training.moves`).
    treatments
        person_id, started_on, known_from, known_to: accepted Drive cases that started.
    arrests
        person_id, arrested_at, known_from, known_to: involvements as suspect with an arrest.
    """

    deaths: pd.DataFrame | None = None
    custody: pd.DataFrame | None = None
    moves: pd.DataFrame | None = None
    treatments: pd.DataFrame | None = None
    arrests: pd.DataFrame | None = None

    @classmethod
    def of(cls, records: RecordSource) -> FollowUp:
        """Read what the snapshot holds.

        Raises
        ------
        PurposeBreach
            If a column that these facts or the labels read may not be used for training; moves are optional.
        """
        records = for_purpose(records, "train", "The label", _LABELS_READ)
        versions = ["known_from", "known_to"]
        persons = records.table("persons", ["person_id", "deceased_on", *versions])
        custody = records.table("custody", ["person_id", "starts_on", *versions]) if records.has("custody") else None
        involved = records.table("involvements", ["person_id", "role", "arrested_at", *versions])
        arrests = involved[(involved["role"] == "suspect") & involved["arrested_at"].notna()]
        return cls(
            deaths=persons[persons["deceased_on"].notna()],
            custody=custody,
            moves=moves_away(records),
            treatments=_treatments(records),
            arrests=arrests.drop(columns="role"),
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the facts that the extract does not tell of: moves too where every address lies in its areas."""
        held = {name: getattr(self, name) is not None for name in ("deaths", "custody", "moves", "treatments")}
        if self.moves is not None:
            held["moves"] = bool(self.moves["ours_from"].isna().any())
        return tuple(name for name, told in held.items() if not told)

    def known_dead(self, as_of: AsOf) -> frozenset[str]:
        """Return the people who had died by `as_of` according to what was known then; empty without deaths."""
        if self.deaths is None or self.deaths.empty:
            return frozenset()
        day = as_of.number
        known = (days(self.deaths["known_from"]) <= day) & (day < days(self.deaths["known_to"]))
        dead = known & (days(self.deaths["deceased_on"]) <= day)
        return frozenset(self.deaths.loc[dead, "person_id"])


def _treatments(records: RecordSource) -> pd.DataFrame | None:
    if not (records.has("interventions") and records.has("referrals")):
        return None
    started = records.table("interventions", ["referral_id", "decision", "started_on", "known_from", "known_to"])
    accepted = started[started["decision"].str.startswith("accept", na=False) & started["started_on"].notna()]
    referred = records.table("referrals", ["referral_id", "person_id"]).drop_duplicates("referral_id")
    joined = accepted.merge(referred, on="referral_id", how="inner", validate="many_to_one")
    return joined[["person_id", "started_on", "known_from", "known_to"]]


def days(dates: pd.Series) -> Ints:
    """Return day numbers since 1970-01-01; `NEVER` where there is no date."""
    numbers = dates.to_numpy("datetime64[D]").astype(np.int64)
    return np.where(dates.isna().to_numpy(), NEVER, numbers)


def first_after(
    frame: pd.DataFrame | None, column: str, stream: EventStream, people: Ints, after: int, known: int
) -> Ints:
    """Return for each of `people` the first day later than `after` in `column`, as known at `known`.

    Parameters
    ----------
    frame
        Facts with person_id, `column`, known_from and known_to; None gives `NEVER` for everybody.
    people
        Indexes into the stream's person ids.
    """
    first = np.full(len(stream.person_ids), NEVER, dtype=np.int64)
    if frame is not None and len(frame):
        day, index = days(frame[column]), stream.persons(frame["person_id"])
        here = (days(frame["known_from"]) <= known) & (known < days(frame["known_to"])) & (day > after)
        here &= index >= 0
        np.minimum.at(first, index[here], day[here])
    return first[people]


def require(frame: pd.DataFrame | None, name: str) -> pd.DataFrame:
    """Return `frame`.

    Raises
    ------
    MissingRecords
        If there is none.
    """
    if frame is None:
        raise MissingRecords(f"The label reads {name}, which were not handed over.", "Read them with FollowUp.of.")
    return frame


def custody_strata(stream: EventStream, people: Ints, as_of: AsOf) -> Ints:
    """Return a number for each of `people`: alike in what was known at T that goes before custody.

    Those with more on record are both taken into custody and come to harm more often; whoever stays at large must
    stand for people with as much on record, not for everybody. Strata are the domestic crimes of the last 730 days
    (none, 1, 2, 3 to 5, more) by whether any custody was known. Strata of fewer than `LEAST_ALIKE` are one together.

    Parameters
    ----------
    people
        Indexes into the stream's person ids.
    """
    size = len(stream.person_ids)
    known = stream.known_at(as_of) & (stream.role == Role.SUSPECT)
    crime = (stream.kind == Kind.INCIDENT) & ((stream.flags & _DOMESTIC_CRIME) == _DOMESTIC_CRIME)
    recent = known & crime & (stream.occurred > as_of.number - _RECENT_DAYS)
    crimes = np.bincount(stream.person[recent], minlength=size)
    taken = np.bincount(stream.person[known & (stream.kind == Kind.CUSTODY)], minlength=size) > 0
    strata = (2 * np.searchsorted(_CRIME_BANDS, crimes, side="right") + taken)[people]
    few = np.bincount(strata) < LEAST_ALIKE
    return np.where(few[strata], -1, strata) if len(strata) else strata


def observation_weights(
    end: Ints, censored: Bools, horizon: int, smallest: float, strata: Ints | None = None
) -> Floats:
    """Return truncated inverse-probability-of-censoring weights, 0 for the censored.

    The probability of not yet being in custody, or away, is the Kaplan-Meier estimate of the censoring time within
    the stratum; a person stands for all who were like them but were lost from sight first. On one day outcomes come
    before custody.

    Parameters
    ----------
    end
        Days after T at which each person's outcome was settled: the first qualifying event, death, custody or a
        move (then `censored`), or more than `horizon` if none of these.
    censored
        Whether custody or a move came first.
    horizon
        Length of the outcome window, days.
    smallest
        Probabilities below this are raised to it, so that no weight exceeds ``1 / smallest``.
    strata
        Who is like whom (see `custody_strata`); None takes all as one.
    """
    weights = np.zeros(len(end))
    strata = np.zeros(len(end), dtype=np.int64) if strata is None else strata
    for stratum in np.unique(strata):
        alike = strata == stratum
        weights[alike] = _stratum_weights(end[alike], censored[alike], horizon, smallest)
    return weights


def _stratum_weights(end: Ints, censored: Bools, horizon: int, smallest: float) -> Floats:
    end = np.minimum(end, horizon + 1)
    removed = np.bincount(end[censored], minlength=horizon + 2)
    settled = np.bincount(end[~censored], minlength=horizon + 2)
    gone_before = np.concatenate([[0], np.cumsum(removed + settled)[:-1]])
    at_risk = len(end) - gone_before - settled  # those whose outcome settles that day are no longer at risk
    stays = 1.0 - np.divide(removed, at_risk, out=np.zeros(horizon + 2), where=at_risk > 0)
    just_before = np.concatenate([[1.0], np.cumprod(stays)[:-1]])
    return np.where(censored, 0.0, 1.0 / np.maximum(just_before[end], smallest))


def effective_size(weight: Floats) -> float:
    """Return the number of equally weighted people that carry as much information as these weights.

    >>> effective_size(np.array([1.0, 1.0, 0.0]))
    2.0
    """
    square = float((weight**2).sum())
    return float(weight.sum()) ** 2 / square if square else 0.0
