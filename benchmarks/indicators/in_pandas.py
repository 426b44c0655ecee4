"""The catalogue in pandas, date by date and window by window: filter, group, reindex.

What a selection asks is computed once a row; a date's rows are taken once for all indicators, and a fold that several
indicators need is computed once.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.indicators.inputs import Events
from benchmarks.indicators.rendering import Rendering
from benchmarks.indicators.terms import (
    FAR,
    KEYS,
    Across,
    CannotExpress,
    Fold,
    Followed,
    Gaps,
    Groups,
    Term,
    conditions,
    folds_in,
    overwritten,
    selections_of,
)
from features.kinds import Kind
from features.selection import Selection, Span
from values import Window

Column = Any  # a Series, or a number where it is the same for everybody
_OPERATORS = {
    **{"+": operator.add, "-": operator.sub, "*": operator.mul, ">": operator.gt, ">=": operator.ge},
    **{"<": operator.lt, "==": operator.eq, "&": operator.and_, "|": operator.or_},
}


class Rows:
    """The rows of one kind that any fold needs, with one boolean column a selection."""

    def __init__(self, rows: pd.DataFrame, names: Mapping[Selection, str]) -> None:
        held = {name: _condition(rows, selection) for selection, name in names.items()}
        self.overwritten = [name for selection, name in names.items() if overwritten(selection)]
        columns = ["person", "occurred", "reported", "known_to", "stated", *KEYS, "harm"]
        table = rows[columns].assign(
            since=rows[["known_from", "occurred"]].max(axis=1), delay=rows["reported"] - rows["occurred"], **held
        )
        self.table = table[table[list(held)].any(axis=1)]

    def known(self, day: int, people: pd.Index) -> pd.DataFrame:
        """Return the rows known on a day of the people asked, with their place and the rows' ages."""
        known = self.table[(self.table["since"] <= day) & (day < self.table["known_to"])]
        known = known.assign(**{name: known[name] & (known["stated"] <= day) for name in self.overwritten})
        known = known.assign(asked=people.get_indexer(pd.Index(known["person"])))
        known = known[known["asked"] >= 0]
        return known.assign(age=day - known["occurred"], age_reported=day - known["reported"])


class Asked(Rendering[Column]):
    """The people asked on one date, and the folds over their rows."""

    def __init__(
        self,
        day: int,
        people: pd.Index,
        rows: Mapping[Kind, Rows],
        names: Mapping[Selection, str],
        pairs: Mapping[Followed, pd.DataFrame],
    ) -> None:
        self.day, self.people, self.names, self.pairs = day, people, names, pairs
        self.place = pd.RangeIndex(len(people))
        self.rows = {kind: table.known(day, people) for kind, table in rows.items()}
        self._folds: dict[Any, Column] = {}

    def fold(self, term: Term) -> Column:
        """Return a fold, computed once."""
        if term not in self._folds:
            self._folds[term] = self._folded(term)
        return self._folds[term]

    def _folded(self, term: Term) -> Column:
        match term:
            case Fold():
                return self._simple(term)
            case Groups():
                return self._grouped(term)
            case Across():
                return self._across(term)
            case Gaps():
                return self._gaps(term)
            case Followed():
                return self._followed(term)
        raise CannotExpress(f"pandas is not asked for {type(term).__name__}.")

    def _in(self, selection: Selection, span: Span) -> pd.DataFrame:
        rows = self.rows[selection.kind]
        age = rows[_age(span)]
        held = rows[self.names[selection]] & (age >= span.low)
        return rows[held if span.high is None else held & (age < span.high)]

    def _simple(self, fold: Fold) -> Column:
        rows = self._in(fold.selection, fold.span)
        if fold.how == "count":
            return self._placed(rows.groupby("asked").size(), 0)
        age = rows[_age(fold.span)].astype("int64")
        value = {"age": age, "age_squared": age * age, "age_harm": age * rows["harm"]}.get(fold.of)
        value = rows[fold.of] if value is None else value
        return self._placed(getattr(value.groupby(rows["asked"]), fold.how)())

    def _grouped(self, fold: Groups) -> Column:
        if fold.how == "distinct" and fold.least == 1:
            return self._placed(self._any(fold.selection, fold.span, fold.key).groupby("asked").sum(), 0)
        rows = self._sizes(fold.selection, fold.span, fold.key)
        if fold.how == "most":
            return self._placed(rows.groupby("asked").max(), 0)
        return self._placed((rows >= fold.least).groupby("asked").sum(), 0)

    def _sizes(self, selection: Selection, span: Span, key: str) -> pd.Series[Any]:
        rows = self._in(selection, span)
        return rows[rows[key] >= 0].groupby(["asked", key]).size()

    def _any(self, selection: Selection, span: Span, key: str) -> pd.Series[Any]:
        """Say for each group whether it has a row in the span, from its youngest or oldest one where that tells."""
        if span.low == 0:
            youngest = self._end("min", selection, span, key)
            return youngest >= 0 if span.high is None else youngest < span.high
        if span.high is None:
            return self._end("max", selection, span, key) >= span.low
        return self._sizes(selection, span, key) > 0

    def _end(self, which: str, selection: Selection, span: Span, key: str) -> pd.Series[Any]:
        known = (which, selection, span.clock, key)
        if known not in self._folds:
            rows = self._in(selection, _EVER[span.clock])
            ages = rows[rows[key] >= 0].groupby(["asked", key])[_age(span)]
            self._folds[known] = ages.min() if which == "min" else ages.max()
        return self._folds[known]

    def _across(self, fold: Across) -> Column:
        own = self._any(fold.selection, fold.span, "counterpart")
        other = self._sizes(fold.other, fold.span, "counterpart")
        return self._placed(other[other.index.isin(own.index[own])].groupby("asked").sum(), 0)

    def _gaps(self, fold: Gaps) -> Column:
        rows = self._in(fold.selection, fold.span)[["asked", "age"]].sort_values(["asked", "age"])
        rows = rows.assign(step=-rows.groupby("asked")["age"].diff(-1))
        rows = rows[rows["step"].notna()]
        step, asked = rows["step"].astype("int64"), rows["asked"]
        match fold.how:
            case "squares":
                return self._placed((step * step).groupby(asked).sum())
            case "last":
                return self._placed((rows["age"].astype("int64") * FAR + step).groupby(asked).min() % FAR)
            case "min":
                return self._placed(step.groupby(asked).min())
        return self._placed(step.groupby(asked).max())

    def _followed(self, fold: Followed) -> Column:
        pairs = self.pairs[fold]
        age = self.day - pairs[fold.span.clock]
        held = (pairs["since"] <= self.day) & (self.day < pairs["until"]) & (age >= fold.span.low)
        pairs = pairs[held if fold.span.high is None else held & (age < fold.span.high)].drop_duplicates("row")
        pairs = pairs.assign(asked=self.people.get_indexer(pd.Index(pairs["person"])))
        return self._placed(pairs[pairs["asked"] >= 0].groupby("asked").size(), 0)

    def _placed(self, values: pd.Series[Any], empty: float = np.nan) -> Column:
        return values.reindex(self.place, fill_value=empty)

    # ---- formulas

    def number(self, value: float | None) -> Column:
        """Return a constant."""
        return np.nan if value is None else value

    def operation(self, sign: str, left: Column, right: Column) -> Column:
        """Return two columns joined."""
        if sign == "/":
            return left / (right.where(right != 0) if isinstance(right, pd.Series) else right)
        return _OPERATORS[sign](left, right)

    def choose(self, condition: Column, value: Column, otherwise: Column) -> Column:
        """Return one column or the other."""
        if not isinstance(condition, pd.Series):
            return value if condition else otherwise
        return pd.Series(np.where(condition, value, otherwise), index=condition.index)

    def is_missing(self, value: Column) -> Column:
        """Say where a column is NaN."""
        return pd.isna(value)

    def root(self, value: Column) -> Column:
        """Return the square root."""
        return np.sqrt(value.where(value >= 0))

    def asked_on(self, days: tuple[int, ...]) -> Column:
        """Say whether the date asked is one of these days."""
        return self.day in days


_EVER = {clock: Span(Window(None), clock) for clock in ("occurred", "reported")}


def _condition(rows: pd.DataFrame, selection: Selection) -> pd.Series[bool]:
    held = rows["role"] == int(selection.role)
    for what, value in conditions(selection):
        match what:
            case "flags":
                held &= (rows["flags"] & value) == value
            case "family":
                held &= rows["family"].isin(value)
            case "harm":
                held &= (rows["harm"] >= 0) == value
            case "late":
                held &= rows["reported"] - rows["occurred"] > value
            case _:
                raise CannotExpress(f"pandas is not asked for {what}.")
    return held


def _since(selection: Selection) -> list[str]:
    """Return the days of which the latest is the first on which a row counts."""
    return ["known_from", "occurred", *(["stated"] if overwritten(selection) else [])]


def _age(span: Span) -> str:
    return "age" if span.clock == "occurred" else "age_reported"


def _rows_by_kind(rows: pd.DataFrame, folds: Iterable[Term], names: Mapping[Selection, str]) -> dict[Kind, Rows]:
    wanted: dict[Kind, dict[Selection, str]] = {}
    for fold in folds:
        for selection in selections_of(fold):
            wanted.setdefault(selection.kind, {})[selection] = names[selection]
    return {kind: Rows(rows[rows["kind"] == int(kind)], chosen) for kind, chosen in wanted.items()}


def _paired(rows: pd.DataFrame, fold: Followed) -> pd.DataFrame:
    """Pair rows with anchors once, without dates; a pair counts on the days on which both are known."""
    own = rows[(rows["kind"] == int(fold.selection.kind)) & (rows["counterpart"] >= 0)]
    own = own[_condition(own, fold.selection)]
    own = own.assign(row=np.arange(len(own)))
    anchors = rows[rows["kind"] == int(fold.anchor.kind)]
    anchors = anchors[_condition(anchors, fold.anchor)]
    pairs = own.merge(anchors, on=["person", "counterpart"], suffixes=("", "_anchor"))
    pairs = pairs[(pairs["occurred"] - pairs["reported_anchor"]).between(1, fold.within)]
    return pairs.assign(
        since=pairs[[*_since(fold.selection), *(f"{name}_anchor" for name in _since(fold.anchor))]].max(axis=1),
        until=pairs[["known_to", "known_to_anchor"]].min(axis=1),
    )[["row", "person", "occurred", "reported", "since", "until"]]


def compute(events: Events, dates: int, questions: Mapping[str, Term]) -> pd.DataFrame:
    """Return the answers as a table in memory."""
    return pd.concat(batches(events, dates, questions), ignore_index=True)


def batches(events: Events, dates: int, questions: Mapping[str, Term]) -> Iterator[pd.DataFrame]:
    """Yield the answers date by date."""
    spine = pd.read_parquet(events.spine(dates))
    rows = pd.read_parquet(events.rows)
    rows = rows[rows["person"].isin(spine["person"].unique())]
    folds = folds_in(questions.values())
    names = {one: f"s{number}" for number, one in enumerate(dict.fromkeys(s for f in folds for s in selections_of(f)))}
    by_kind = _rows_by_kind(rows, folds, names)
    pairs = {fold: _paired(rows, fold) for fold in folds if isinstance(fold, Followed)}
    for as_of in spine["as_of"].unique():
        people = spine[spine["as_of"] == as_of]
        day = (as_of - pd.Timestamp(0)).days
        asked = Asked(day, pd.Index(people["person"]), by_kind, names, pairs)
        columns = {name: asked.render(term) for name, term in questions.items()}
        told = pd.DataFrame(columns, index=asked.place).astype("float64")
        told.insert(0, "as_of", as_of)
        told.insert(0, "person_id", people["person_id"].to_numpy())
        yield told


def frame(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the answers, which are a data frame."""
    return answers
