"""Indicators and labels of all dates, computed once, and the rows that a split trains and tests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from training.errors import NotEnoughOutcomes
from training.follow_up import Bools, days, effective_size
from training.labels import HARM
from training.lists import Floats, Ints, Lists
from values import AsOf
from values.as_of import number_day

LEAST_OUTCOMES = 20
"""Fewest people with, and without, the outcome that a ranker is trained on."""


@dataclass(frozen=True)
class Material:
    """One row a person and date, in canonical order (date, person): spine, indicators and labels side by side."""

    spine: pd.DataFrame
    indicators: pd.DataFrame
    labels: pd.DataFrame
    seed: int
    max_train_rows: int

    def rows(self, dates: Iterable[AsOf]) -> Ints:
        """Return the numbers of the rows of these dates."""
        wanted = [day.number for day in dates]
        return np.asarray(np.flatnonzero(np.isin(days(self.spine["as_of"]), wanted)), dtype=np.int64)

    def training_rows(self, dates: Iterable[AsOf]) -> tuple[Ints, Floats]:
        """Return the rows to train on and their weights: known outcome and not treated by Drive.

        Of more than `max_train_rows` rows, all that any grade followed are kept and the others drawn; those
        drawn carry the weight of all they stand for, so that little is lost where outcomes are rare.

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
        shares = self._sampling_shares(rows)
        generator = np.random.default_rng(self.seed)
        drawn = np.zeros(len(rows), dtype=np.bool_)
        for share in np.unique(shares):
            stratum = np.flatnonzero(shares == share)
            drawn[generator.choice(stratum, round(share * len(stratum)), replace=False)] = True
        return rows[drawn], (all_weights[rows] / shares)[drawn]

    def _sampling_shares(self, rows: Ints) -> Floats:
        """Return the share of rows like each one that is drawn: 1 where any grade followed, if that fits."""
        if len(rows) <= self.max_train_rows:
            return np.ones(len(rows))
        followed = self.labels["y"].to_numpy()[rows] > 0
        room = self.max_train_rows - int(followed.sum())
        if room < self.max_train_rows // 2:
            return np.full(len(rows), self.max_train_rows / len(rows))
        return np.where(followed, 1.0, room / int((~followed).sum()))

    def test_rows(self, date: AsOf) -> Ints:
        """Return the rows to compare on: everybody but people on Drive, who take no place in a list."""
        rows = self.rows([date])
        rows = rows[~self.labels["treated"].to_numpy(np.bool_)[rows]]
        if not self.labels["outcome"].to_numpy()[rows].any():
            raise NotEnoughOutcomes(
                f"Nobody of the {len(rows)} people at test date {date} has the outcome.",
                "Choose a date with outcomes, or check that the extract covers the following year.",
            )
        return np.asarray(rows, dtype=np.int64)

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
            "treated": int(treated.sum()),
            "effective_size": effective_size(weight),
            "rate": rate,
            "rate_low": rate * (1 - share),
            "rate_high": rate * (1 - share) + share,
        }
