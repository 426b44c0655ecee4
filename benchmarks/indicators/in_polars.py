"""The catalogue as one polars query on its streaming engine, in the same shape as the DuckDB one.

polars is no dependency of the project; ``scripts/setup --tests`` installs it.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd
import polars as pl

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
    counts,
    folds_in,
    groups_by,
    kind_of,
    overwritten,
    selections_of,
)
from features.kinds import Kind
from features.selection import Selection, Span

_OPERATORS = {
    **{"+": operator.add, "-": operator.sub, "*": operator.mul, ">": operator.gt, ">=": operator.ge},
    **{"<": operator.lt, "==": operator.eq, "&": operator.and_, "|": operator.or_},
}
_VALUES = {
    "age": lambda age: age,
    "age_squared": lambda age: age.cast(pl.Int64) * age,
    "harm": lambda age: pl.col("harm"),
    "age_harm": lambda age: age * pl.col("harm"),
    "delay": lambda age: pl.col("delay"),
}


class Query(Rendering[pl.Expr]):
    """Collects the folds of the questions and builds the lazy query that answers them."""

    def __init__(self, questions: Mapping[str, Term], rows: pl.LazyFrame, asked: pl.LazyFrame) -> None:
        self.questions, self.rows, self.asked = questions, rows, asked
        self.folds = {fold: f"f{number}" for number, fold in enumerate(folds_in(questions.values()))}
        self._selections: dict[Selection, str] = {}
        for fold in self.folds:
            for selection in selections_of(fold):
                self._selections.setdefault(selection, f"s{len(self._selections)}")

    def lazy(self) -> pl.LazyFrame:
        """Return person_id, as_of and one column a question."""
        answered = [frame for kind in Kind for frame in self._of_kind(kind)]
        answered += [self._followed(fold) for fold in self.folds if isinstance(fold, Followed)]
        everything = self.asked
        for frame in answered:
            everything = everything.join(frame, on="asked", how="left")
        columns = [self.render(term).cast(pl.Float64).alias(name) for name, term in self.questions.items()]
        return everything.select("person_id", "as_of", *columns)

    # ---- folds

    def _of_kind(self, kind: Kind) -> list[pl.LazyFrame]:
        mine = [fold for fold in self.folds if kind_of(fold) == kind]
        if not mine:
            return []
        joined = self._joined(kind, mine)
        found = []
        simple = [self._fold(fold).alias(self.folds[fold]) for fold in mine if isinstance(fold, Fold)]
        if simple:
            found.append(joined.group_by("asked").agg(simple))
        for key in KEYS:
            grouped = [fold for fold in mine if groups_by(fold, key)]
            if grouped:
                found.append(self._grouped(key, grouped, joined))
        gaps: dict[Selection, list[Gaps]] = defaultdict(list)
        for fold in mine:
            if isinstance(fold, Gaps):
                gaps[fold.selection].append(fold)
        return found + [self._gaps(selection, folds, joined) for selection, folds in gaps.items()]

    def _joined(self, kind: Kind, folds: Iterable[Term]) -> pl.LazyFrame:
        """Return the rows of a kind that any fold needs, once for each date on which they are known."""
        held = {one: self._selections[one] for fold in folds for one in selections_of(fold)}
        rows = self.rows.filter(pl.col("kind") == int(kind)).select(
            *("person", "occurred", "reported", "known_to", "stated", "harm", *KEYS),
            pl.max_horizontal("known_from", "occurred").alias("since"),
            (pl.col("reported") - pl.col("occurred")).alias("delay"),
            *(_condition(selection).alias(name) for selection, name in held.items()),
        )
        stated = pl.col("stated") <= pl.col("day")
        names = [pl.col(name) & stated if overwritten(selection) else name for selection, name in held.items()]
        any_held = pl.any_horizontal(*held.values())
        known = (pl.col("since") <= pl.col("day")) & (pl.col("day") < pl.col("known_to"))
        return (
            self.asked.select("asked", "person", "day")
            .join(rows.filter(any_held), on="person")
            .filter(known)
            .select(
                *("asked", "harm", *KEYS, "delay", *names),
                (pl.col("day") - pl.col("occurred")).alias("age"),
                (pl.col("day") - pl.col("reported")).alias("age_reported"),
            )
        )

    def _fold(self, fold: Fold) -> pl.Expr:
        held = self._in_span(fold.selection, fold.span)
        if fold.how == "count":
            return held.sum()
        value = _VALUES[fold.of](_age(fold.span))
        if fold.how == "sum":
            return pl.when(held).then(value.cast(pl.Float64)).otherwise(0.0).sum()
        chosen = pl.when(held).then(value)
        return chosen.min() if fold.how == "min" else chosen.max()

    def _in_span(self, selection: Selection, span: Span) -> pl.Expr:
        return _all(pl.col(self._selections[selection]), *_limits(span))

    def _grouped(self, key: str, folds: Iterable[Term], joined: pl.LazyFrame) -> pl.LazyFrame:
        """Group by person, date and key first, then by person and date."""
        inner: dict[str, pl.Expr] = {}
        outer = [self._over_groups(fold, inner).alias(self.folds[fold]) for fold in folds]
        columns = [expression.alias(name) for name, expression in inner.items()]
        groups = joined.filter(pl.col(key) >= 0).group_by("asked", key).agg(columns)
        return groups.group_by("asked").agg(outer)

    def _over_groups(self, fold: Term, inner: dict[str, pl.Expr]) -> pl.Expr:
        if isinstance(fold, Across):
            own, other = self._any(fold.selection, fold.span, inner), self._rows(fold.other, fold.span, inner)
            return pl.when(own).then(other).otherwise(0).sum()
        assert isinstance(fold, Groups)
        if fold.how == "most":
            return self._rows(fold.selection, fold.span, inner).max()
        if fold.least > 1:
            return (self._rows(fold.selection, fold.span, inner) >= fold.least).sum()
        return self._any(fold.selection, fold.span, inner).sum()

    def _rows(self, selection: Selection, span: Span, inner: dict[str, pl.Expr]) -> pl.Expr:
        return _named(inner, f"rows {selection} {span}", self._in_span(selection, span).sum())

    def _any(self, selection: Selection, span: Span, inner: dict[str, pl.Expr]) -> pl.Expr:
        """Say whether a group has a selected row in the span, from its youngest or oldest one where that tells."""
        age, held = _age(span), pl.col(self._selections[selection])
        if span.low == 0:
            began = _all(held, *([age >= 0] if span.clock == "reported" else []))
            youngest = _named(inner, f"youngest {selection} {span.clock}", pl.when(began).then(age).min())
            return youngest.is_not_null() if span.high is None else youngest < span.high
        if span.high is None:
            oldest = _named(inner, f"oldest {selection} {span.clock}", pl.when(held).then(age).max())
            return oldest >= span.low
        return self._rows(selection, span, inner) > 0

    def _gaps(self, selection: Selection, folds: list[Gaps], joined: pl.LazyFrame) -> pl.LazyFrame:
        oldest = [fold.span.high for fold in folds]
        held = pl.col(self._selections[selection])
        if None not in oldest:
            held &= pl.col("age") < max(high for high in oldest if high is not None)
        rows = joined.filter(held).select("asked", "age").sort("asked", "age", descending=[False, True])
        same = pl.col("asked") == pl.col("asked").shift(1)
        steps = rows.with_columns(before=pl.when(same).then(pl.col("age").shift(1))).filter(
            pl.col("before").is_not_null()
        )
        return steps.group_by("asked").agg(_gap(fold).alias(self.folds[fold]) for fold in folds)

    def _followed(self, fold: Followed) -> pl.LazyFrame:
        """Pair rows with anchors once, without dates; a pair counts on the days on which both are known."""
        kind, anchor_kind = pl.col("kind") == int(fold.selection.kind), pl.col("kind") == int(fold.anchor.kind)
        rows = self.rows.filter(kind & (pl.col("counterpart") >= 0) & _condition(fold.selection)).with_row_index("row")
        names = ("person", "counterpart", "occurred", "reported", "known_from", "known_to", "stated")
        anchors = self.rows.filter(anchor_kind & _condition(fold.anchor)).select(names)
        since = pl.max_horizontal(*_since(fold.selection), *(f"{name}_anchor" for name in _since(fold.anchor)))
        until = pl.min_horizontal("known_to", "known_to_anchor")
        pairs = (
            rows.select("row", *names)
            .join(anchors, on=["person", "counterpart"], suffix="_anchor")
            .filter((pl.col("occurred") - pl.col("reported_anchor")).is_between(1, fold.within))
            .select(*("row", "person", "occurred", "reported"), since=since, until=until)
        )
        age = pl.col("day") - pl.col(fold.span.clock)
        held = _all(pl.col("since") <= pl.col("day"), pl.col("day") < pl.col("until"), *_limits(fold.span, age))
        dated = self.asked.select("asked", "person", "day").join(pairs, on="person").filter(held)
        return dated.group_by("asked").agg(pl.col("row").n_unique().alias(self.folds[fold]))

    # ---- formulas

    def number(self, value: float | None) -> pl.Expr:
        """Return a constant."""
        return pl.lit(value, pl.Float64)

    def operation(self, sign: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
        """Return two expressions joined."""
        if sign == "/":
            return left / pl.when(right != 0).then(right)
        joined: pl.Expr = _OPERATORS[sign](left, right)
        return joined

    def choose(self, condition: pl.Expr, value: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
        """Return when, then, otherwise."""
        return pl.when(condition).then(value).otherwise(otherwise)

    def is_missing(self, value: pl.Expr) -> pl.Expr:
        """Say where an expression is null."""
        return value.is_null()

    def root(self, value: pl.Expr) -> pl.Expr:
        """Return the square root."""
        return value.sqrt()

    def asked_on(self, days: tuple[int, ...]) -> pl.Expr:
        """Say where the date asked is one of these days."""
        return pl.col("day").is_in(list(days))

    def fold(self, term: Term) -> pl.Expr:
        """Return a fold's column, from 0 where it counts."""
        column = pl.col(self.folds[term]).cast(pl.Float64)
        return column.fill_null(0.0) if counts(term) else column


def _condition(selection: Selection) -> pl.Expr:
    asked = [pl.col("role") == int(selection.role)]
    for what, value in conditions(selection):
        match what:
            case "flags":
                asked.append((pl.col("flags") & value) == value)
            case "family":
                asked.append(pl.col("family").is_in(list(value)))
            case "harm":
                asked.append((pl.col("harm") >= 0) == value)
            case "late":
                asked.append(pl.col("reported") - pl.col("occurred") > value)
            case _:
                raise CannotExpress(f"polars is not asked for {what}.")
    return _all(*asked)


def _since(selection: Selection) -> list[str]:
    """Return the days of which the latest is the first on which a row counts."""
    return ["known_from", "occurred", *(["stated"] if overwritten(selection) else [])]


def _all(*conditions: pl.Expr) -> pl.Expr:
    first, *others = conditions
    for other in others:
        first = first & other
    return first


def _named(inner: dict[str, pl.Expr], what: str, expression: pl.Expr) -> pl.Expr:
    inner.setdefault(what, expression)
    return pl.col(what)


def _age(span: Span) -> pl.Expr:
    return pl.col("age" if span.clock == "occurred" else "age_reported")


def _limits(span: Span, age: pl.Expr | None = None) -> list[pl.Expr]:
    age = _age(span) if age is None else age
    low = [age >= span.low] if span.low or span.clock == "reported" else []
    return low + ([age < span.high] if span.high is not None else [])


def _gap(fold: Gaps) -> pl.Expr:
    step = (pl.col("before") - pl.col("age")).cast(pl.Int64)
    held = [*_limits(fold.span), *(pl.col("before") < high for high in [fold.span.high] if high is not None)]
    value = {"squares": step * step, "last": pl.col("age").cast(pl.Int64) * FAR + step}.get(fold.how, step)
    chosen = pl.when(_all(*held)).then(value) if held else value
    match fold.how:
        case "squares":
            return chosen.sum()
        case "last":
            return chosen.min() % FAR
        case "min":
            return chosen.min()
    return chosen.max()


def _asked(events: Events, dates: int, questions: Mapping[str, Term]) -> pl.LazyFrame:
    rows = pl.scan_parquet(events.rows)
    asked = (
        pl.scan_parquet(events.spine(dates))
        .with_row_index("asked")
        .with_columns(pl.col("as_of").cast(pl.Date).to_physical().alias("day"))
    )
    return Query(questions, rows, asked).lazy()


def compute(events: Events, dates: int, questions: Mapping[str, Term]) -> Any:
    """Return the answers as a table in memory."""
    return _asked(events, dates, questions).collect(engine="streaming")


def batches(events: Events, dates: int, questions: Mapping[str, Term]) -> Iterator[pl.DataFrame]:
    """Yield the answers batch by batch, as the engine finishes them."""
    yield from _asked(events, dates, questions).collect_batches(engine="streaming", maintain_order=False)


def frame(answers: pl.DataFrame) -> pd.DataFrame:
    """Return the answers as a data frame."""
    return answers.to_pandas()
