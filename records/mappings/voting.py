"""One row for each key out of many: what each column then holds is put to the vote, and every contradiction counted."""

# ruff: noqa: S608 - names enter through quoted(), values through literal()
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from records.storage.database import literal, quoted


@dataclass(frozen=True)
class Rule:
    """How one value is settled on where a key has several.

    The most frequent value is taken. Where several are as frequent nobody can tell, and the cell is left blank: not
    recorded. A blank never counts as a value.

    Parameters
    ----------
    blank
        True to leave every contradicted cell blank, however clear the vote.
    weakest
        Values that give way to any other, however frequent: a person who once refused to answer (``NS``) and once
        answered has answered. Beside one other value they contradict nothing.
    firm
        Columns that must hold something (the contract requires them): the most frequent value is always taken, of
        several as frequent the first in the alphabet, so that the order of the rows decides nothing.
    """

    blank: bool = False
    weakest: tuple[str, ...] = ()
    firm: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Contradicted:
    """How often a column had several values for a key: the keys, and those of them that were an exact tie."""

    keys: int
    ties: int


def settle(
    db: duckdb.DuckDBPyConnection,
    rows: str,
    keys: Sequence[str],
    columns: Sequence[str],
    into: str,
    rule: Rule = Rule(),
) -> dict[str, Contradicted]:
    """Make the table `into`: one row a key, with what each column was settled on.

    Parameters
    ----------
    db
        Where it happens.
    rows
        A relation with `row`, the keys and the columns as text, ``''`` where missing.
    keys, columns
        The columns that say which rows belong together, and the others.
    into
        Name of the new table: `first` (the lowest `row` of the key), the keys, the columns.
    rule
        How one value is settled on.

    Returns
    -------
    For each column with contradictions how many there are.
    """
    return _Vote(db, rows, tuple(keys), tuple(columns), into, rule).settle()


@dataclass(frozen=True)
class _Vote:
    """One table on its way; columns are known by their places."""

    db: duckdb.DuckDBPyConnection
    rows: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    into: str
    rule: Rule

    @property
    def key(self) -> str:
        return ", ".join(map(quoted, self.keys))

    @property
    def span(self) -> str:
        return quoted(f"{self.into}_span")

    def weak(self, value: str) -> str:
        """Return the SQL of whether a value gives way to any other."""
        listed = ", ".join(map(literal, self.rule.weakest))
        return f"{value} IN ({listed})" if listed else "false"

    def settle(self) -> dict[str, Contradicted]:
        limits = "".join(self._limits(place, name) for place, name in enumerate(self.columns))
        self.db.execute(
            f"CREATE OR REPLACE TABLE {self.span} AS "
            f"SELECT {self.key}, min(row) AS first{limits} FROM {quoted(self.rows)} GROUP BY {self.key}"
        )
        votes = {place: self._vote(place) for place in self._differing()}
        joins = "".join(f" LEFT JOIN {vote} v{place} USING (first)" for place, vote in votes.items())
        chosen = "".join(
            f", coalesce({f'v{place}.answer, ' if place in votes else ''}s.low{place}, '') AS {quoted(name)}"
            for place, name in enumerate(self.columns)
        )
        own = ", ".join(f"s.{quoted(each)}" for each in self.keys)
        self.db.execute(
            f"CREATE OR REPLACE TABLE {quoted(self.into)} AS SELECT first, {own}{chosen} FROM {self.span} s{joins}"
        )
        found = {self.columns[place]: self._count(vote) for place, vote in votes.items()}
        for table in (self.span, *votes.values()):
            self.db.execute(f"DROP TABLE {table}")
        return found

    def _limits(self, place: int, name: str) -> str:
        """Return the least and the greatest value that counts; equal where the rows agree."""
        value = f"nullif({quoted(name)}, '')"
        if not self.rule.weakest:
            return f", min({value}) AS low{place}, max({value}) AS high{place}"
        strong = f"FILTER (NOT coalesce({self.weak(quoted(name))}, false))"
        return "".join(
            f", coalesce({which}({value}) {strong}, {which}({value})) AS {side}{place}"
            for which, side in (("min", "low"), ("max", "high"))
        )

    def _differing(self) -> list[int]:
        if not self.columns:
            return []
        tests = ", ".join(f"bool_or(low{place} <> high{place})" for place in range(len(self.columns)))
        found = self.db.execute(f"SELECT {tests} FROM {self.span}").fetchone() or ()
        return [place for place, differs in enumerate(found) if differs]

    def _vote(self, place: int) -> str:
        """Make the table of answers for the keys that differ about a column: `first`, `answer`, `tie`."""
        name, table = self.columns[place], quoted(f"{self.into}_vote{place}")
        firm = name in self.rule.firm
        left_blank = "false" if firm else "true" if self.rule.blank else "tie"
        value = f"r.{quoted(name)}"
        counts = f"({value} <> '' AND (NOT {self.weak(value)} OR {self.weak(f's.low{place}')}))"
        self.db.execute(
            f"CREATE OR REPLACE TABLE {table} AS SELECT first, tie, CASE WHEN {left_blank} THEN '' ELSE winner END "
            "AS answer FROM (SELECT first, max(votes, 2)[1] = max(votes, 2)[2] AS tie, "
            "min_by(value, struct_pack(fewer := -votes, alphabet := value)) AS winner FROM ("
            f"SELECT s.first, {value} AS value, count(*) AS votes FROM {quoted(self.rows)} r "
            f"JOIN {self.span} s USING ({self.key}) WHERE s.low{place} <> s.high{place} AND {counts} "
            "GROUP BY s.first, value) GROUP BY first)"
        )
        return table

    def _count(self, vote: str) -> Contradicted:
        keys, ties = self.db.execute(f"SELECT count(*), count(*) FILTER (tie) FROM {vote}").fetchone() or (0, 0)
        return Contradicted(int(keys), int(ties))
