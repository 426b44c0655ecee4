"""What followed a date, as far as it is known once it has had time to be recorded.

An event counts for a label at T if it occurred after T and within the horizon (``T < occurred <= T + 365``) and
was known at T + horizon + lag: what is recorded later, or was withdrawn by then, is not part of the label. Every
label carries a weight: 0 where the outcome is not known (custody or a move away came first), was changed by Drive
itself, or could not happen (the person had died by T, which became known later).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from features.events import EventStream
from features.kinds import FAMILIES, FAMILY_CODE, Flag, Kind, Role
from training.definitions import PARTS
from training.errors import LabelNotMature, TrainingError
from training.follow_up import (
    NEVER,
    Bools,
    FollowUp,
    custody_strata,
    days,
    first_after,
    observation_weights,
    require,
)
from training.lists import Floats, Ints
from training.settings import SERIOUS_FAMILIES, LabelSettings, WeightSet
from values import AsOf
from values.as_of import number_day

HARM = "harm:"
"""Prefix of the label columns that hold harm days by weight set."""
_FLOORS = np.array([name in SERIOUS_FAMILIES for name in FAMILIES])
_HUNDREDTHS = 100.0


class Labeller(Protocol):
    """Labels a spine; see `grade_labels` for the columns."""

    def __call__(
        self,
        stream: EventStream,
        spine: pd.DataFrame,
        settings: LabelSettings,
        follow_up: FollowUp,
        weight_sets: Sequence[WeightSet] = (),
    ) -> pd.DataFrame:
        """Return one labelled row for each row of `spine`, in its order."""
        ...


@dataclass(frozen=True)
class _Outcome:
    """What followed one date for every person of the stream (arrays by person index)."""

    serious: Bools
    new_victim: Bools
    marac: Bools
    repeat_crime: Bools
    settled: Ints  # first day on which the qualifying grade was reached
    harm: Mapping[str, Floats]


def grade_labels(
    stream: EventStream,
    spine: pd.DataFrame,
    settings: LabelSettings,
    follow_up: FollowUp,
    weight_sets: Sequence[WeightSet] = (),
    among: Bools | None = None,
) -> pd.DataFrame:
    """Grade what followed each (person, date): 3 serious harm, 2 new victim or MARAC, 1 repeat crime, 0 none.

    The parts are those of `training.definitions.PARTS`; the grade is that of the highest that happened.

    Parameters
    ----------
    stream
        All events, with what was known when.
    spine
        person_id, as_of (datetime64).
    settings
        Horizon, lag, threshold, grade values, censoring.
    follow_up
        Deaths, custody starts, moves away and Drive cases.
    weight_sets
        Adds a column ``harm:NAME`` of harm days that followed, for each.
    among
        Which rows of the stream can count as having followed; all by default. What was known at T stays whole.

    Returns
    -------
    DataFrame
        person_id, as_of, grade (0 to 3), y (its declared value), outcome (1 for grade 2 or 3), serious,
        new_victim, marac, repeat_crime, censored (custody before the qualifying grade), moved (away after T,
        before it and before any custody, even if they came back; see `training.moves`), treated (a Drive case
        started before the end of the horizon), died (on or before T, which became known later), weight (0 for all
        four; else the truncated inverse probability of staying observed among people with as much on record), and the
        harm columns. `marac` is missing where the extract holds no hearings. Death after T is a competing event: the
        label stays as observed.

    Raises
    ------
    TrainingError
        If a person of the spine has no event in the stream.
    """

    def label(day: AsOf, people: Ints) -> pd.DataFrame:
        followed = _what_followed(stream, day.number, settings, weight_sets, among)
        return _graded(stream, people, day, followed, settings, follow_up)

    return _by_date(stream, spine, label)


def arrest_labels(
    stream: EventStream,
    spine: pd.DataFrame,
    settings: LabelSettings,
    follow_up: FollowUp,
    weight_sets: Sequence[WeightSet] = (),
) -> pd.DataFrame:
    """Say whether each person was arrested as suspect within the horizon after T: for rehearsals only.

    An arrest measures policing as much as behaviour; no bundle for a panel is trained on it. The columns are
    those of `grade_labels` with grade, y and outcome 0 or 1 and the grade's parts missing. Harm is one day for
    each person arrested, under every weight set.

    Raises
    ------
    MissingRecords
        If arrests were not handed over in `follow_up`.
    """
    arrests = require(follow_up.arrests, "arrests")

    def label(day: AsOf, people: Ints) -> pd.DataFrame:
        known = day.number + settings.horizon_days + settings.lag_days
        first = first_after(arrests, "arrested_at", stream, people, day.number, known)
        arrested = first <= day.number + settings.horizon_days
        frame = pd.DataFrame({"grade": arrested.astype(np.int8), "y": arrested.astype(float)})
        frame["outcome"] = arrested.astype(np.int8)
        for part in PARTS:
            frame[part] = pd.array([pd.NA] * len(people), dtype="boolean")
        _follow(frame, stream, people, day, np.where(arrested, first, NEVER), settings, follow_up)
        for weights in weight_sets:
            frame[HARM + weights.name] = arrested.astype(float)
        return frame

    return _by_date(stream, spine, label)


LABELLERS: Mapping[str, Labeller] = {"drive_grade": grade_labels, "arrest": arrest_labels}
"""Labels by the `kind` that a training configuration names."""


def label_spine(
    stream: EventStream,
    spine: pd.DataFrame,
    settings: LabelSettings,
    follow_up: FollowUp,
    weight_sets: Sequence[WeightSet],
    extract_date: AsOf,
) -> pd.DataFrame:
    """Label `spine` with the declared kind of label, refusing dates whose outcomes cannot be known yet.

    Raises
    ------
    LabelNotMature
        If a date plus horizon plus lag lies after the extract date.
    """
    need = settings.horizon_days + settings.lag_days
    latest = days(spine["as_of"]).max(initial=0)
    if latest + need > extract_date.number:
        raise LabelNotMature(
            f"Labels after {extract_date.plus(-need)} are not known in an extract of {extract_date}.",
            f"Use dates at least {need} days before the extract.",
        )
    return LABELLERS[settings.kind](stream, spine, settings, follow_up, weight_sets)


def _by_date(stream: EventStream, spine: pd.DataFrame, label: Callable[[AsOf, Ints], pd.DataFrame]) -> pd.DataFrame:
    """Label date by date and put the rows back into the spine's order."""
    people = stream.persons(spine["person_id"])
    if (people < 0).any():
        raise TrainingError("The spine holds people without any event.", "Take the spine from select_cohort.")
    keys = spine[["person_id", "as_of"]].reset_index(drop=True)
    parts = []
    numbers = days(keys["as_of"])
    for number in np.unique(numbers):
        rows = np.flatnonzero(numbers == number)
        parts.append(label(AsOf(number_day(int(number))), people[rows]).set_index(rows))
    labels = pd.concat(parts).sort_index() if parts else pd.DataFrame()
    return pd.concat([keys, labels], axis=1)


def _what_followed(
    stream: EventStream,
    as_of: int,
    settings: LabelSettings,
    weight_sets: Sequence[WeightSet],
    among: Bools | None = None,
) -> _Outcome:
    end, size = as_of + settings.horizon_days, len(stream.person_ids)
    known = _known(stream, end + settings.lag_days)
    suspect = stream.role == Role.SUSPECT
    following = known & suspect & (stream.occurred > as_of) & (stream.occurred <= end)
    if among is not None:
        following &= among
    domestic = following & ((stream.flags & Flag.DOMESTIC) != 0)
    incident = domestic & (stream.kind == Kind.INCIDENT)
    parts = {
        "serious": incident & _serious(stream, settings.serious_harm_days),
        "new_victim": _new_pairs(stream, domestic & (stream.kind == Kind.DYAD), suspect, as_of),
        "marac": following & (stream.kind == Kind.HEARING),
        "repeat_crime": incident & ((stream.flags & Flag.CRIME) != 0),
    }
    settled = np.full(size, NEVER, dtype=np.int64)
    for part, events in parts.items():
        if PARTS[part].grade >= settings.qualifying_grade:
            np.minimum.at(settled, stream.person[events], stream.occurred[events])
    people = {part: _anyone(stream, events) for part, events in parts.items()}
    harm = {
        weights.name: np.bincount(
            stream.person[incident],
            harm_days(stream, incident, weights, settings.serious_harm_days),
            minlength=size,
        ).astype(np.float64)
        for weights in weight_sets
    }
    return _Outcome(**people, settled=settled, harm=harm)


def _known(stream: EventStream, day: int) -> Bools:
    return np.asarray((stream.known_from <= day) & (day < stream.known_to), dtype=np.bool_)


def _anyone(stream: EventStream, events: Bools) -> Bools:
    found = np.zeros(len(stream.person_ids), dtype=np.bool_)
    found[stream.person[events]] = True
    return found


def _floored(stream: EventStream) -> Bools:
    named = (stream.family >= 0) & _FLOORS[np.maximum(stream.family, 0)]
    return np.asarray(named | ((stream.flags & Flag.STRANGULATION) != 0), dtype=np.bool_)


def _serious(stream: EventStream, threshold_days: float) -> Bools:
    return np.asarray((stream.harm > threshold_days * _HUNDREDTHS) | _floored(stream), dtype=np.bool_)


def _new_pairs(stream: EventStream, pairs: Bools, suspect: Bools, as_of: int) -> Bools:
    """Keep the pairs whose victim is named in nothing that was known against the person at T."""
    key = stream.person.astype(np.int64) * (len(stream.person_ids) + 1) + stream.counterpart
    named = suspect & (stream.counterpart >= 0)
    before = key[named & _known(stream, as_of) & (stream.occurred <= as_of)]
    new = np.zeros(len(key), dtype=np.bool_)
    rows = np.flatnonzero(pairs & named)
    new[rows] = ~np.isin(key[rows], before)
    return new


def harm_days(stream: EventStream, rows: Bools, weights: WeightSet, floor: float) -> Floats:
    """Return the harm days of the chosen `rows` of the stream under one weight set.

    An event of a serious family counts at least `floor` days whatever the set says; an event whose offence is
    not known to the reference counts nothing in the reference set.
    """
    family = stream.family[rows].astype(np.int64)
    if isinstance(weights.days, str):
        found = np.maximum(stream.harm[rows], 0) / _HUNDREDTHS
    else:
        table = np.array([weights.days.get(name, weights.other) for name in FAMILIES] + [weights.other])
        table[FAMILY_CODE["non_crime"]] = weights.non_crime
        found = table[family]
    return np.where(_floored(stream)[rows], np.maximum(found, floor), found)


def _graded(
    stream: EventStream,
    people: Ints,
    day: AsOf,
    followed: _Outcome,
    settings: LabelSettings,
    follow_up: FollowUp,
) -> pd.DataFrame:
    serious, new_victim = followed.serious[people], followed.new_victim[people]
    marac, repeat = followed.marac[people], followed.repeat_crime[people]
    happened = {"serious": serious, "new_victim": new_victim, "marac": marac, "repeat_crime": repeat}
    grade = np.max([np.where(found, PARTS[part].grade, 0) for part, found in happened.items()], axis=0)
    frame = pd.DataFrame(
        {
            "grade": grade.astype(np.int8),
            "y": np.asarray(settings.grade_values)[grade],
            "outcome": (grade >= 2).astype(np.int8),
            "serious": pd.array(serious, dtype="boolean"),
            "new_victim": pd.array(new_victim, dtype="boolean"),
            "marac": pd.array(marac, dtype="boolean"),
            "repeat_crime": pd.array(repeat, dtype="boolean"),
        }
    )
    if "marac_hearings" not in stream.available:
        frame["marac"] = pd.array([pd.NA] * len(people), dtype="boolean")
    _follow(frame, stream, people, day, followed.settled[people], settings, follow_up)
    for name, found in followed.harm.items():
        frame[HARM + name] = found[people]
    return frame


def _follow(
    frame: pd.DataFrame,
    stream: EventStream,
    people: Ints,
    day: AsOf,
    settled: Ints,
    settings: LabelSettings,
    follow_up: FollowUp,
) -> None:
    """Add censored, moved, treated, died and weight; `settled` is the day of the qualifying event or `NEVER`."""
    start, horizon = day.number, settings.horizon_days
    known = start + horizon + settings.lag_days
    custody = first_after(follow_up.custody, "starts_on", stream, people, start, known)
    away = first_after(follow_up.moves, "moved_on", stream, people, start, known)
    death = first_after(follow_up.deaths, "deceased_on", stream, people, start, known)
    begun = first_after(follow_up.treatments, "started_on", stream, people, -NEVER, known)
    # At T nobody could tell, so they stay on the list; but they could do nothing after T, which is no good outcome.
    died = first_after(follow_up.deaths, "deceased_on", stream, people, -NEVER, known) <= start
    end = np.minimum(np.minimum(settled, death), start + horizon + 1)
    lost = np.minimum(custody, away)
    censored = (lost < end) & ~died  # on one day the event counts before the custody it led to
    treated = begun <= start + horizon
    weight = np.zeros(len(people))
    kept = ~(treated | died)
    weight[kept] = observation_weights(
        np.minimum(lost, end)[kept] - start,
        censored[kept],
        horizon,
        settings.smallest_probability,
        custody_strata(stream, people[kept], day),
    )
    moved = censored & (away < custody)
    frame["censored"], frame["moved"] = censored & ~moved, moved
    frame["treated"], frame["died"], frame["weight"] = treated, died, weight
