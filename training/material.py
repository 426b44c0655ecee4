"""Who is compared at which date, what followed, and the rows that a run fits on and tests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from training.errors import NotEnoughOutcomes
from training.follow_up import Bools, days, effective_size
from training.labels import HARM
from training.lists import Floats, Ints, Lists
from training.splits import Split
from values import AsOf
from values.as_of import number_day

LEAST_OUTCOMES = 20
"""Fewest people with, and without, the outcome that a ranker is trained on."""
Drawn = tuple[Ints, Floats]
"""Numbers of rows, and the weight of each."""


@dataclass(frozen=True)
class Labelled:
    """Everybody at every date, in canonical order (date, person), and what followed; no indicators yet."""

    spine: pd.DataFrame
    labels: pd.DataFrame
    seed: int

    def rows(self, dates: Iterable[AsOf]) -> Ints:
        """Return the numbers of the rows of these dates."""
        wanted = [day.number for day in dates]
        return np.asarray(np.flatnonzero(np.isin(days(self.spine["as_of"]), wanted)), dtype=np.int64)

    def drawn(self, dates: Iterable[AsOf], at_most: int) -> Drawn:
        """Return the rows to train on and their weights: known outcome and not treated by Drive.

        Of more than `at_most` rows, all that any grade followed are kept and the others drawn; those drawn carry
        the weight of all they stand for, so that little is lost where outcomes are rare.

        Raises
        ------
        NotEnoughOutcomes
            If fewer than `LEAST_OUTCOMES` people have the outcome, or do not have it.
        """
        dates = tuple(dates)
        rows, all_weights = self.rows(dates), self.labels["weight"].to_numpy(np.float64)
        rows = rows[all_weights[rows] > 0]
        with_outcome = int((self.labels["outcome"].to_numpy()[rows] == 1).sum())
        if min(with_outcome, len(rows) - with_outcome) < LEAST_OUTCOMES:
            raise NotEnoughOutcomes(
                f"The training dates {dates[0]} to {dates[-1]} hold {len(rows)} people with a known outcome; "
                f"fewer than {LEAST_OUTCOMES} of them have it, or do not.",
                "Use more dates or areas, or a simple list (an incumbent), which needs no outcomes.",
            )
        shares = self._sampling_shares(rows, at_most)
        generator = np.random.default_rng(self.seed)
        drawn = np.zeros(len(rows), dtype=np.bool_)
        for share in np.unique(shares):
            stratum = np.flatnonzero(shares == share)
            drawn[generator.choice(stratum, round(share * len(stratum)), replace=False)] = True
        return rows[drawn], (all_weights[rows] / shares)[drawn]

    def _sampling_shares(self, rows: Ints, at_most: int) -> Floats:
        """Return the share of rows like each one that is drawn: 1 where any grade followed, if that fits."""
        if len(rows) <= at_most:
            return np.ones(len(rows))
        followed = self.labels["y"].to_numpy()[rows] > 0
        room = at_most - int(followed.sum())
        if room < at_most // 2:
            return np.full(len(rows), at_most / len(rows))
        return np.where(followed, 1.0, room / int((~followed).sum()))

    def tested(self, date: AsOf) -> Ints:
        """Return the rows to compare on: everybody but people on Drive, who take no place in a list.

        Raises
        ------
        NotEnoughOutcomes
            If nobody has the outcome.
        """
        rows = self.rows([date])
        rows = rows[~self.labels["treated"].to_numpy(np.bool_)[rows]]
        if not self.labels["outcome"].to_numpy()[rows].any():
            raise NotEnoughOutcomes(
                f"Nobody of the {len(rows)} people at test date {date} has the outcome.",
                "Choose a date with outcomes, or check that the extract covers the following year.",
            )
        return np.asarray(rows, dtype=np.int64)

    def report(self) -> list[dict[str, object]]:
        """Return, by date, how many people there are, how many outcomes, and what censoring cost.

        `rate_low` and `rate_high` bound the outcome rate if none, or all, of the people treated by Drive had
        had the outcome.
        """
        numbers = days(self.spine["as_of"])
        return [self._report_of(int(number), numbers == number) for number in np.unique(numbers)]

    def _report_of(self, number: int, here: Bools) -> dict[str, object]:
        labels = self.labels[here]
        treated = labels["treated"].to_numpy()
        weight, outcome = labels["weight"].to_numpy(), labels["outcome"].to_numpy(np.float64)
        rate = float(np.average(outcome, weights=weight)) if weight.any() else float("nan")
        share = float(treated.mean())
        return {
            "as_of": number_day(number).isoformat(),
            "people": len(labels),
            "outcomes": int(outcome[~treated].sum()),
            "censored": int(labels["censored"].sum()),
            "moved": int(labels["moved"].sum()),
            "treated": int(treated.sum()),
            "died": int(labels["died"].sum()),
            "effective_size": effective_size(weight),
            "rate": rate,
            "rate_low": rate * (1 - share),
            "rate_high": rate * (1 - share) + share,
        }


@dataclass(frozen=True)
class Use:
    """Which rows a run uses for what.

    Attributes
    ----------
    fitted, tested
        By split: the rows and weights fitted on, and the rows tested on.
    final
        The rows and weights of the final fit, over all dates.
    tried
        By date of the search for parameters: what a trial is fitted on, and what it is judged on.
    """

    fitted: tuple[Drawn, ...]
    tested: tuple[Ints, ...]
    final: Drawn
    tried: tuple[tuple[Drawn, Drawn], ...] = ()

    @classmethod
    def of(
        cls, everyone: Labelled, splits: Sequence[Split], searched: Sequence[Split], at_most: int, tried_rows: int
    ) -> Use:
        """Draw the rows for the `splits` to compare and the earlier ones to be `searched` on."""
        dates = sorted({day for split in splits for day in (split.test, *split.train)})
        return cls(
            fitted=tuple(everyone.drawn(split.train, at_most) for split in splits),
            tested=tuple(everyone.tested(split.test) for split in splits),
            final=everyone.drawn(dates, at_most),
            tried=tuple(
                (everyone.drawn(split.train, tried_rows), everyone.drawn([split.test], tried_rows))
                for split in searched
            ),
        )

    @property
    def rows(self) -> Ints:
        """Every row that is used for anything, ascending."""
        drawn = [*self.fitted, self.final, *(each for pair in self.tried for each in pair)]
        return np.unique(np.concatenate([*self.tested, *(rows for rows, _ in drawn)]))

    def among(self, kept: Ints) -> Use:
        """Return the same use, its rows numbered by their position in `kept`."""

        def place(drawn: Drawn) -> Drawn:
            return np.searchsorted(kept, drawn[0]), drawn[1]

        return Use(
            fitted=tuple(place(drawn) for drawn in self.fitted),
            tested=tuple(np.searchsorted(kept, rows) for rows in self.tested),
            final=place(self.final),
            tried=tuple((place(fitted), place(judged)) for fitted, judged in self.tried),
        )


@dataclass(frozen=True, eq=False)
class Material:
    """The rows that are used for anything, in canonical order: spine and labels, and beside them the indicators.

    Attributes
    ----------
    spine, labels
        One row a person and date. Not everybody: of those who are trained on, the ones drawn.
    names, values
        The indicators: their names, and their values, indicators x rows (on disk where the run is kept).
    use
        What each row is used for.
    """

    spine: pd.DataFrame
    labels: pd.DataFrame
    names: tuple[str, ...]
    values: Floats
    use: Use

    @classmethod
    def of(cls, everyone: Labelled, use: Use, names: Sequence[str], values: Floats) -> Material:
        """Cut everybody down to the rows in use; `values` are the indicators of ``use.rows``."""
        rows = use.rows
        spine, labels = (part.iloc[rows].reset_index(drop=True) for part in (everyone.spine, everyone.labels))
        return cls(spine, labels, tuple(names), values, use.among(rows))

    @property
    def indicators(self) -> pd.DataFrame:
        """The indicators as a table, one row a row of `spine`; a view, which copies nothing."""
        return pd.DataFrame(self.values.T, columns=list(self.names), copy=False)

    def table(self, rows: Ints, columns: Sequence[str]) -> pd.DataFrame:
        """Return some indicators of some rows."""
        place = {name: number for number, name in enumerate(self.names)}
        values = np.stack([self.values[place[name]][rows] for name in columns])
        return pd.DataFrame(values.T, columns=list(columns), copy=False)

    def target(self, rows: Ints, kind: str) -> Floats:
        """Return what a ranker is fitted on at these rows: the declared value of the grade, or the binary outcome."""
        column = {"grade": "y", "outcome": "outcome"}[kind]
        return self.labels[column].to_numpy(np.float64)[rows]

    def lists(self, rows: Ints, split: Ints) -> Lists:
        """Return the comparison table (without margins) of `rows`, which belong to the splits `split`."""
        spine, labels = self.spine.iloc[rows], self.labels.iloc[rows]
        return Lists(
            person=np.unique(spine["person_id"].to_numpy(object), return_inverse=True)[1].astype(np.int64),
            split=split,
            area=np.unique(spine["area"].to_numpy(object), return_inverse=True)[1].astype(np.int64),
            outcome=labels["outcome"].to_numpy(np.float64),
            weight=labels["weight"].to_numpy(np.float64),
            harm={
                name.removeprefix(HARM): labels[name].to_numpy(np.float64)
                for name in labels.columns
                if name.startswith(HARM)
            },
            margins={},
        )
