"""The catalogue as one DuckDB query: rows joined with the persons and dates asked, then counted with CASE.

The shape is the best of those tried: one join for each kind of event, what a selection asks computed once a row before
the join, ``COUNT(CASE WHEN ...)`` in place of ``FILTER``, and different counterparts counted from the youngest event
with each, so that one grouping serves every window.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
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
    counts,
    folds_in,
    groups_by,
    kind_of,
    overwritten,
    selections_of,
)
from features.kinds import Kind
from features.selection import Selection, Span

THREADS = 2
MEMORY = "16GB"
_VALUES = {
    "age": "{age}",
    "age_squared": "{age} * {age}",
    "harm": "harm",
    "age_harm": "{age} * harm",
    "delay": "delay",
}


class Query(Rendering[str]):
    """Collects the folds of the questions and writes the query that answers them."""

    def __init__(self, questions: Mapping[str, Term]) -> None:
        self.questions = questions
        self.folds = {fold: f"f{number}" for number, fold in enumerate(folds_in(questions.values()))}
        self._selections: dict[Selection, str] = {}
        for fold in self.folds:
            for selection in selections_of(fold):
                self._selections.setdefault(selection, f"s{len(self._selections)}")

    def sql(self) -> str:
        """Return the query over ``rows`` and ``asked (asked, person, person_id, as_of, day)``."""
        self._with: dict[str, str] = {}
        answered = [name for kind in Kind for name in self._of_kind(kind)]
        answered += [self._followed(fold) for fold in self.folds if isinstance(fold, Followed)]
        columns = ", ".join(f"({self.render(term)})::DOUBLE AS {name}" for name, term in self.questions.items())
        parts = ", ".join(f"{name} AS {text}" for name, text in self._with.items())
        joins = " ".join(f"LEFT JOIN {name} USING (asked)" for name in answered)
        return f"WITH {parts} SELECT person_id, as_of, {columns} FROM asked {joins}"

    # ---- folds

    def _of_kind(self, kind: Kind) -> list[str]:
        mine = [fold for fold in self.folds if kind_of(fold) == kind]
        if not mine:
            return []
        joined = f"joined_{kind.name.lower()}"
        self._with[joined] = f"MATERIALIZED ({self._joined(kind, mine)})"
        named = []
        simple = [fold for fold in mine if isinstance(fold, Fold)]
        if simple:
            named.append(self._add(f"folds_{kind.name.lower()}", simple, joined))
        for key in KEYS:
            grouped = [fold for fold in mine if groups_by(fold, key)]
            if grouped:
                named.append(self._grouped(f"by_{key}_{kind.name.lower()}", key, grouped, joined))
        gaps: dict[Selection, list[Gaps]] = defaultdict(list)
        for fold in mine:
            if isinstance(fold, Gaps):
                gaps[fold.selection].append(fold)
        return named + [self._gaps(selection, folds, joined) for selection, folds in gaps.items()]

    def _joined(self, kind: Kind, folds: Iterable[Term]) -> str:
        """Return the rows of a kind that any fold needs, once for each date on which they are known."""
        held = {one: self._selections[one] for fold in folds for one in selections_of(fold) if one.kind == kind}
        needs = dict.fromkeys(["person", *_columns_needed(folds)])
        chosen = ", ".join(f"({_condition(selection)}) AS {name}" for selection, name in held.items())
        rows = (
            f"SELECT {', '.join(needs)}, occurred, reported, greatest(known_from, occurred) AS since, known_to,"
            f" stated, {chosen} FROM rows WHERE kind = {int(kind)}"
        )
        names = ", ".join(
            f"{name} AND stated <= day AS {name}" if overwritten(selection) else name
            for selection, name in held.items()
        )
        kept = ", ".join(name for name in needs if name != "person")
        return (
            f"SELECT asked, day - occurred AS age, day - reported AS age_reported, {names}{', ' + kept if kept else ''}"
            f" FROM asked JOIN ({rows}) AS r USING (person)"
            f" WHERE since <= day AND day < known_to AND ({' OR '.join('r.' + name for name in held.values())})"
        )

    def _add(self, name: str, folds: Iterable[Fold], joined: str) -> str:
        columns = ", ".join(f"{self._fold(fold)} AS {self.folds[fold]}" for fold in folds)
        self._with[name] = f"(SELECT asked, {columns} FROM {joined} GROUP BY asked)"
        return name

    def _fold(self, fold: Fold) -> str:
        held = self._in_span(fold.selection, fold.span)
        if fold.how == "count":
            return f"COUNT(CASE WHEN {held} THEN 1 END)"
        value = _VALUES[fold.of].format(age=_age(fold.span))
        value = f"({value})::DOUBLE" if fold.how == "sum" else value
        return f"{fold.how.upper()}(CASE WHEN {held} THEN {value} END)"

    def _in_span(self, selection: Selection, span: Span) -> str:
        return " AND ".join([self._selections[selection], *_limits(span)])

    def _grouped(self, name: str, key: str, folds: Iterable[Term], joined: str) -> str:
        """Group by person, date and key first, then by person and date."""
        inner: dict[str, str] = {}
        outer = [f"{self._over_groups(fold, inner)} AS {self.folds[fold]}" for fold in folds]
        columns = ", ".join(f"{text} AS g{number}" for number, text in enumerate(inner))
        there = f"{key} >= 0"
        groups = f"SELECT asked, {key}, {columns} FROM {joined} WHERE {there} GROUP BY asked, {key}"
        self._with[name] = f"(SELECT asked, {', '.join(outer)} FROM ({groups}) AS g GROUP BY asked)"
        return name

    def _over_groups(self, fold: Term, inner: dict[str, str]) -> str:
        def column(text: str) -> str:
            return inner.setdefault(text, f"g{len(inner)}")

        if isinstance(fold, Across):
            own, other = self._any(fold.selection, fold.span, column), self._rows(fold.other, fold.span, column)
            return f"SUM(CASE WHEN {own} THEN {other} END)"
        assert isinstance(fold, Groups)
        if fold.how == "most":
            return f"MAX({self._rows(fold.selection, fold.span, column)})"
        if fold.least > 1:
            many = f"{self._rows(fold.selection, fold.span, column)} >= {fold.least}"
            return f"COUNT(CASE WHEN {many} THEN 1 END)"
        return f"COUNT(CASE WHEN {self._any(fold.selection, fold.span, column)} THEN 1 END)"

    def _rows(self, selection: Selection, span: Span, column: Any) -> str:
        name: str = column(f"COUNT(CASE WHEN {self._in_span(selection, span)} THEN 1 END)")
        return name

    def _any(self, selection: Selection, span: Span, column: Any) -> str:
        """Say whether a group has a selected row in the span, from its youngest or oldest one where that tells."""
        age, held = _age(span), self._selections[selection]
        began = f" AND {age} >= 0" if span.clock == "reported" else ""
        if span.low == 0:
            youngest = column(f"MIN(CASE WHEN {held}{began} THEN {age} END)")
            return f"{youngest} < {span.high}" if span.high is not None else f"{youngest} IS NOT NULL"
        if span.high is None:
            return f"{column(f'MAX(CASE WHEN {held} THEN {age} END)')} >= {span.low}"
        return f"{self._rows(selection, span, column)} > 0"

    def _gaps(self, selection: Selection, folds: list[Gaps], joined: str) -> str:
        name = f"gaps_{self._selections[selection]}"
        oldest = [fold.span.high for fold in folds]
        limit = "" if None in oldest else f" AND age < {max(high for high in oldest if high is not None)}"
        steps = (
            f"SELECT asked, age, LAG(age) OVER (PARTITION BY asked ORDER BY age DESC) AS before"
            f" FROM {joined} WHERE {self._selections[selection]}{limit}"
        )
        columns = ", ".join(f"{_gap(fold)} AS {self.folds[fold]}" for fold in folds)
        self._with[name] = f"(SELECT asked, {columns} FROM ({steps}) AS g WHERE before IS NOT NULL GROUP BY asked)"
        return name

    def _followed(self, fold: Followed) -> str:
        """Pair rows with anchors once, without dates; a pair counts on the days on which both are known."""
        name = f"followed_{self.folds[fold]}"
        row, anchor = _condition(fold.selection, "r"), _condition(fold.anchor, "h")
        pairs = (
            f"SELECT r.person, r.number, r.occurred, r.reported,"
            f" greatest({', '.join(_since(fold.selection, 'r') + _since(fold.anchor, 'h'))}) AS since,"
            f" least(r.known_to, h.known_to) AS until"
            f" FROM (SELECT *, row_number() OVER () AS number FROM rows AS r"
            f" WHERE r.kind = {int(fold.selection.kind)} AND r.counterpart >= 0 AND {row}) AS r"
            f" JOIN (SELECT * FROM rows AS h WHERE h.kind = {int(fold.anchor.kind)} AND {anchor}) AS h"
            f" ON r.person = h.person AND r.counterpart = h.counterpart"
            f" AND r.occurred - h.reported BETWEEN 1 AND {fold.within}"
        )
        held = " AND ".join(["since <= day", "day < until", *_limits(fold.span, f"(day - {fold.span.clock})")])
        self._with[name] = (
            f"(SELECT asked, COUNT(DISTINCT number) AS {self.folds[fold]}"
            f" FROM asked JOIN ({pairs}) AS p USING (person) WHERE {held} GROUP BY asked)"
        )
        return name

    # ---- formulas

    def number(self, value: float | None) -> str:
        """Return a constant."""
        return "NULL" if value is None else f"{value}"

    def operation(self, sign: str, left: str, right: str) -> str:
        """Return two expressions joined."""
        if sign == "/":
            return f"({left} / NULLIF({right}, 0))"
        return f"({left} {({'==': '=', '&': 'AND', '|': 'OR'}).get(sign, sign)} {right})"

    def choose(self, condition: str, value: str, otherwise: str) -> str:
        """Return CASE."""
        return f"CASE WHEN {condition} THEN {value} ELSE {otherwise} END"

    def is_missing(self, value: str) -> str:
        """Say where an expression is NULL."""
        return f"({value} IS NULL)"

    def root(self, value: str) -> str:
        """Return the square root."""
        return f"SQRT({value})"

    def asked_on(self, days: tuple[int, ...]) -> str:
        """Say where the date asked is one of these days."""
        return f"day IN ({', '.join(map(str, days))})"

    def fold(self, term: Term) -> str:
        """Return a fold's column, from 0 where it counts."""
        return f"COALESCE({self.folds[term]}, 0)" if counts(term) else self.folds[term]


def _columns_needed(folds: Iterable[Term]) -> list[str]:
    needed = []
    for fold in folds:
        if isinstance(fold, Fold) and fold.of in ("harm", "age_harm"):
            needed.append("harm")
        if isinstance(fold, Fold) and fold.of == "delay":
            needed.append("reported - occurred AS delay")
        if isinstance(fold, Groups):
            needed.append(fold.key)
        if isinstance(fold, Across):
            needed.append("counterpart")
    return needed


def _condition(selection: Selection, table: str = "rows") -> str:
    asked = [f"{table}.role = {int(selection.role)}"]
    for what, value in conditions(selection):
        match what:
            case "flags":
                asked.append(f"({table}.flags & {value}) = {value}")
            case "family":
                asked.append(f"{table}.family IN ({', '.join(map(str, value))})")
            case "harm":
                asked.append(f"{table}.harm {'>=' if value else '<'} 0")
            case "late":
                asked.append(f"{table}.reported - {table}.occurred > {value}")
            case _:
                raise CannotExpress(f"DuckDB is not asked for {what}.")
    return " AND ".join(asked)


def _since(selection: Selection, table: str) -> list[str]:
    """Return the days of which the latest is the first on which a row counts."""
    names = ["known_from", "occurred", *(["stated"] if overwritten(selection) else [])]
    return [f"{table}.{name}" for name in names]


def _age(span: Span) -> str:
    return "age" if span.clock == "occurred" else "age_reported"


def _limits(span: Span, age: str | None = None) -> list[str]:
    age = age or _age(span)
    low = [f"{age} >= {span.low}"] if span.low or span.clock == "reported" else []
    return low + ([f"{age} < {span.high}"] if span.high is not None else [])


def _gap(fold: Gaps) -> str:
    held = " AND ".join([*_limits(fold.span), *(f"before < {high}" for high in [fold.span.high] if high is not None)])
    step = "(before - age)"
    if fold.how == "squares":
        return f"SUM(CASE WHEN {held} THEN ({step} * {step})::DOUBLE END)" if held else f"SUM({step} * {step})"
    if fold.how == "last":
        value = f"(age::BIGINT * {FAR} + {step})"
        return f"MIN(CASE WHEN {held} THEN {value} END) % {FAR}" if held else f"MIN({value}) % {FAR}"
    return f"{fold.how.upper()}(CASE WHEN {held} THEN {step} END)" if held else f"{fold.how.upper()}({step})"


def connected(spill: Path) -> duckdb.DuckDBPyConnection:
    """Return an in-memory database with two threads; what does not fit goes to a folder."""
    database = duckdb.connect()
    database.execute(f"SET threads = {THREADS}; SET memory_limit = '{MEMORY}'; SET preserve_insertion_order = false")
    database.execute(f"SET temp_directory = '{spill}'")
    return database


def ask(database: duckdb.DuckDBPyConnection, events: Events, dates: int) -> None:
    """Name the rows, and number the persons and dates asked."""
    database.execute(f"CREATE VIEW rows AS SELECT * FROM read_parquet('{events.rows}')")
    database.execute(
        "CREATE TABLE asked AS SELECT (row_number() OVER ())::INTEGER AS asked, person, person_id, as_of,"
        f" (as_of::DATE - DATE '1970-01-01')::INTEGER AS day FROM read_parquet('{events.spine(dates)}')"
    )


def compute(events: Events, dates: int, questions: Mapping[str, Term]) -> Any:
    """Return the answers as a table in memory."""
    database = connected(events.folder / "spill")
    ask(database, events, dates)
    database.execute(f"CREATE TABLE answers AS {Query(questions).sql()}")
    return database


def batches(events: Events, dates: int, questions: Mapping[str, Term]) -> Iterator[Any]:
    """Yield the answers batch by batch, as the engine finishes them."""
    database = connected(events.folder / "spill")
    ask(database, events, dates)
    yield from database.sql(Query(questions).sql()).to_arrow_reader()


def frame(answers: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the answers as a data frame."""
    return answers.sql("SELECT * FROM answers").df()
