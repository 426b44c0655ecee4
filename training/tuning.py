"""Search for the parameters of every ranker that learns, on dates before those that are compared.

Trials are judged by log loss and not by harm found: at tens of places on two dates, harm found is decided by a
handful of people, and the best of many trials would be the luckiest (decision 21). Every trial depends on the seed, its
number and the trials before it alone, so that a search that was stopped is told its finished trials again and goes on
to the same end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.catalogue import Catalogue
from training.candidates import make_ranker
from training.evaluate import log_loss
from training.fitting import fit, margin
from training.material import Material
from training.settings import RankerSettings, TrainSettings
from training.splits import Split
from training.stages import Stages
from values import Progress, silent

if TYPE_CHECKING:
    import optuna

Parameters = Mapping[str, float | int]
_UNPRUNED = 5  # trials that are always seen through, before a median means anything
_DIGITS = 3


@dataclass(frozen=True)
class Range:
    """Values that one parameter may take, both ends included."""

    low: float
    high: float
    whole: bool = False
    log: bool = True

    def suggest(self, trial: optuna.Trial, name: str) -> float | int:
        """Return the value to try, to three digits: more would only look exact."""
        if self.whole:
            return int(trial.suggest_int(name, int(self.low), int(self.high), log=self.log))
        return float(f"{trial.suggest_float(name, self.low, self.high, log=self.log):.{_DIGITS}g}")


RANGES: Mapping[str, Mapping[str, Range]] = {
    "lightgbm": {
        "trees": Range(50, 400, whole=True),
        "learning_rate": Range(0.02, 0.2),
        "leaves": Range(4, 31, whole=True),
        "max_depth": Range(2, 6, whole=True, log=False),
        "min_people": Range(20, 300, whole=True),
        "l2": Range(0.1, 100),
    },
    # Under a weaker penalty its coefficients take minutes to settle.
    "elastic_net": {"alpha": Range(1e-3, 0.3), "l1_ratio": Range(0.1, 1.0, log=False)},
}
"""What is searched, by kind of ranker."""


@dataclass(frozen=True)
class Tuned:
    """What the search found for one ranker.

    Attributes
    ----------
    name
        The ranker.
    dates
        Test dates of the search.
    trials, pruned
        Sets of parameters tried beside the declared ones, and how many were given up after the first date.
    declared, declared_loss
        The parameters as declared and their log loss at each date.
    found, found_loss
        The best ones tried (least mean log loss); empty if every trial was given up.
    adopted
        Whether the best ones replace the declared ones: they must be better at every date.
    """

    name: str
    dates: tuple[str, ...]
    trials: int
    pruned: int
    declared: dict[str, float | int]
    declared_loss: tuple[float, ...]
    found: dict[str, float | int]
    found_loss: tuple[float, ...]
    adopted: bool

    def to_dict(self) -> dict[str, object]:
        """Return the record as plain JSON values, losses to six digits."""
        return {
            "name": self.name,
            "objective": "log loss",
            "dates": list(self.dates),
            "trials": self.trials,
            "pruned": self.pruned,
            "declared": dict(self.declared),
            "declared_loss": [float(f"{loss:.6g}") for loss in self.declared_loss],
            "found": dict(self.found),
            "found_loss": [float(f"{loss:.6g}") for loss in self.found_loss],
            "adopted": self.adopted,
        }


def tune(
    material: Material,
    settings: TrainSettings,
    splits: tuple[Split, ...],
    catalogue: Catalogue,
    stages: Stages,
    progress: Progress = silent,
) -> tuple[Tuned, ...]:
    """Search for the parameters of every declared ranker that learns and may be tuned, incumbents as candidates.

    Parameters
    ----------
    material
        Its use says which rows each date's trials are fitted and judged on.
    settings
        The rankers, the number of trials, the seed.
    splits
        The dates searched on, as `training.splits.earlier_splits` gives them.
    catalogue
        The indicators.
    stages
        Keeps the log loss of every trial at every date.
    """
    if not settings.tuning.trials or not splits:
        return ()
    dates = tuple(str(split.test) for split in splits)
    return tuple(
        _Search(material, settings, ranker, catalogue, stages).run(dates, progress)
        for ranker in settings.rankers
        if ranker.kind in RANGES and ranker.tune
    )


def adopted(settings: TrainSettings, tuned: tuple[Tuned, ...]) -> TrainSettings:
    """Return the settings with the parameters that the search found to be better."""
    replaced = {
        each.name: settings.ranker(each.name).model_copy(
            update={"parameters": {**settings.ranker(each.name).parameters, **each.found}}
        )
        for each in tuned
        if each.adopted
    }
    return settings.with_rankers(replaced)


class _Search:
    """The search for one ranker's parameters."""

    def __init__(
        self, material: Material, settings: TrainSettings, ranker: RankerSettings, catalogue: Catalogue, stages: Stages
    ) -> None:
        self._material, self._ranker, self._catalogue, self._stages = material, ranker, catalogue, stages
        self._trials, self._seed = settings.tuning.trials, settings.seed

    def run(self, dates: tuple[str, ...], progress: Progress) -> Tuned:
        """Try the declared parameters, then `trials` others."""
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        step = f"tune {self._ranker.name}"
        progress(step, 0, self._trials)
        declared = self._declared()
        declared_loss = tuple(self._loss(declared, date, "declared") for date in range(len(dates)))
        study = optuna.create_study(pruner=optuna.pruners.MedianPruner(n_startup_trials=_UNPRUNED))
        best: tuple[Parameters, tuple[float, ...]] = ({}, ())
        pruned = 0
        for number in range(self._trials):
            # A sampler of its own for each trial: what is tried next depends on no generator's past.
            study.sampler = optuna.samplers.TPESampler(seed=self._seed + number)
            trial = study.ask()
            parameters = {name: each.suggest(trial, name) for name, each in RANGES[self._ranker.kind].items()}
            losses = self._losses(trial, parameters, len(dates))
            if losses is None:
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                pruned += 1
            else:
                study.tell(trial, float(np.mean(losses)))
                if not best[1] or np.mean(losses) < np.mean(best[1]):
                    best = parameters, losses
            progress(step, number + 1, self._trials)
        better = bool(best[1]) and all(new < old for new, old in zip(best[1], declared_loss, strict=True))
        return Tuned(
            self._ranker.name, dates, self._trials, pruned, declared, declared_loss, dict(best[0]), best[1], better
        )

    def _declared(self) -> dict[str, float | int]:
        made = make_ranker(self._ranker, {}, self._seed).get_params(deep=False)
        return {name: made[name] for name in RANGES[self._ranker.kind]}

    def _losses(self, trial: optuna.Trial, parameters: Parameters, dates: int) -> tuple[float, ...] | None:
        """Return the trial's log loss at each date; None if it is given up as worse than most before the last."""
        losses: list[float] = []
        for date in range(dates):
            losses.append(self._loss(parameters, date, f"{trial.number:03d}"))
            if date + 1 < dates:
                trial.report(losses[-1], date)
                if trial.should_prune():
                    return None
        return tuple(losses)

    def _loss(self, parameters: Parameters, date: int, trial: str) -> float:
        return self._stages.value(
            f"tuning-{self._ranker.name}-{trial}-{date}", float, lambda: self._judged(parameters, date)
        )

    def _judged(self, parameters: Parameters, date: int) -> float:
        fitted, (rows, weight) = self._material.use.tried[date]
        ranker_settings = self._ranker.model_copy(update={"parameters": {**self._ranker.parameters, **parameters}})
        ranker = fit(self._material, ranker_settings, self._catalogue, self._seed, fitted)
        expected = 1.0 / (1.0 + np.exp(-np.clip(margin(self._material, ranker, rows), -35.0, 35.0)))
        return log_loss(expected, self._material.target(rows, self._ranker.target), weight)
