"""Everything a data scientist declares about a training run, validated once, read from one YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from training.errors import SettingsError

Family = str
Settings = TypeVar("Settings", bound=BaseModel)
SERIOUS_FAMILIES: frozenset[Family] = frozenset(
    {"strangulation", "stalking_fear", "coercive_control", "rape", "homicide"}
)
"""Floors that no weight set removes: harm indices give these few days although they precede homicide."""


class Declared(BaseModel):
    """What somebody declares: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WeightSet(Declared):
    """Harm days of one event by offence family: one of several that a promotion must hold under.

    Parameters
    ----------
    name
        Short name used in results, such as ``flat``.
    days
        Harm days by offence family; ``reference`` takes each event's own harm days from the offence table
        stored with the snapshot.
    other
        Harm days of a family that `days` does not name; non-crime incidents count `non_crime` days.
    source, verified
        Where the numbers come from, and whether somebody has checked them against it.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    days: Mapping[Family, Annotated[float, Field(ge=0)]] | Literal["reference"]
    other: Annotated[float, Field(ge=0)] = 0.0
    non_crime: Annotated[float, Field(ge=0)] = 0.0
    source: str
    verified: bool = False


# Verified in the domain sources: homicide 7,979 (ONS Crime Severity Score). All other figures of the ONS-like
# set are illustrative orders of magnitude, to be replaced by the ONS data tool.
DEFAULT_WEIGHT_SETS: tuple[WeightSet, ...] = (
    WeightSet(
        name="flat",
        days={},
        other=10.0,
        source="every domestic crime counts alike; the floors count as serious harm",
        verified=True,
    ),
    WeightSet(
        name="reference",
        days="reference",
        source="offence table stored with the snapshot (sentencing starting points)",
    ),
    WeightSet(
        name="sentence_severity",
        days={
            "homicide": 7979.0,
            "rape": 3000.0,
            "sexual": 900.0,
            "kidnap": 1000.0,
            "robbery_burglary": 500.0,
            "violence_injury": 180.0,
            "child_cruelty": 300.0,
            "strangulation": 365.0,
            "stalking_fear": 365.0,
            "coercive_control": 365.0,
            "stalking": 60.0,
            "threats": 60.0,
            "harassment": 20.0,
            "violence_no_injury": 10.0,
            "emergency_worker": 15.0,
            "malicious_communications": 10.0,
            "breach": 20.0,
            "damage": 8.0,
            "public_order": 5.0,
        },
        other=10.0,
        source="illustrative, in the manner of the ONS Crime Severity Score (only homicide is its figure)",
    ),
)


class LabelSettings(Declared):
    """What counts as the outcome and how long after T one must wait to know it.

    `grade_values` are the declared values of grades 0 to 3 that the score is trained to expect.
    A person taken into custody before a grade of `qualifying_grade` is censored; weights of the others are
    inverse probabilities, none below `smallest_probability` (truncation).
    """

    kind: str = "drive_grade"
    horizon_days: Annotated[int, Field(ge=1)] = 365
    lag_days: Annotated[int, Field(ge=0)] = 90
    serious_harm_days: Annotated[float, Field(gt=0)] = 365.0
    grade_values: tuple[float, float, float, float] = (0.0, 0.2, 0.5, 1.0)
    qualifying_grade: Annotated[int, Field(ge=1, le=3)] = 2
    smallest_probability: Annotated[float, Field(gt=0, le=1)] = 0.2

    @field_validator("grade_values")
    @classmethod
    def _ordered(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if list(values) != sorted(set(values)) or values[0] < 0 or values[-1] > 1:
            raise ValueError("grade values rise strictly from grade 0 to grade 3 within [0, 1]")
        return values

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        if kind not in ("drive_grade", "arrest"):
            raise ValueError(f"unknown label {kind!r}; known are drive_grade and arrest")
        return kind


class CohortSettings(Declared):
    """Who is ranked: `months` of history that must hold an incident (null: ever), domestic or any."""

    months: Annotated[int, Field(ge=1)] | None = 24
    domestic_only: bool = True


class CapacitySettings(Declared):
    """Places in each area's list over which harm found is averaged, and the one shown (`k`)."""

    low: Annotated[int, Field(ge=1)] = 10
    high: Annotated[int, Field(ge=1)] = 50
    step: Annotated[int, Field(ge=1)] = 10
    k: Annotated[int, Field(ge=1)] = 20

    @model_validator(mode="after")
    def _ordered(self) -> CapacitySettings:
        if self.high < self.low:
            raise ValueError("the range of places runs from low to high")
        return self

    @property
    def places(self) -> tuple[int, ...]:
        """Every declared number of places."""
        return tuple(range(self.low, self.high + 1, self.step))


class SplitSettings(Declared):
    """Declared dates, or how to choose them: see `training.splits.time_splits`."""

    test_dates: tuple[date, ...] = ()
    train_dates: tuple[date, ...] = ()
    tests: Annotated[int, Field(ge=1)] = 3
    apart_months: Annotated[int, Field(ge=1)] = 12
    step_months: Annotated[int, Field(ge=1)] = 6
    years: Annotated[int, Field(ge=1)] = 3
    warm_up_days: Annotated[int, Field(ge=0)] = 365

    @model_validator(mode="after")
    def _both(self) -> SplitSettings:
        if bool(self.test_dates) != bool(self.train_dates):
            raise ValueError("declare both test_dates and train_dates, or neither")
        return self


class AlarmLimits(Declared):
    """When a result is too good to be true, which stops promotion, or too bad to be left unexplained.

    Too good: an area under the curve above `candidate_auc`, or of one indicator above `indicator_auc`. Too bad: on
    any test date more than `too_bad` below one half (chance), or below the best incumbent.
    """

    candidate_auc: Annotated[float, Field(gt=0.5, le=1)] = 0.90
    indicator_auc: Annotated[float, Field(gt=0.5, le=1)] = 0.85
    too_bad: Annotated[float, Field(ge=0, le=0.5)] = 0.05


class CostSettings(Declared):
    """A policy, not a fact: what a place given to somebody without the outcome costs, and a missed person.

    Only the ratio counts. `decided_by` says who decided it; blank marks it as illustrative wherever it is shown.
    """

    place_in_vain: Annotated[float, Field(gt=0)] = 1.0
    missed: Annotated[float, Field(gt=0)] = 10.0
    decided_by: str = ""

    @property
    def ratio(self) -> float:
        """What one missed person costs, in places given in vain."""
        return self.missed / self.place_in_vain


class CertificateSettings(Declared):
    """How often the champion is fitted again, to say whose place at the line rests on chance."""

    bootstrap_refits: Annotated[int, Field(ge=0, le=200)] = 3
    seed_refits: Annotated[int, Field(ge=0, le=50)] = 1


def _rising(cuts: Mapping[str, tuple[float, ...]]) -> Mapping[str, tuple[float, ...]]:
    if wrong := sorted(name for name, at in cuts.items() if not at or list(at) != sorted(set(at))):
        raise ValueError(f"the cuts of {', '.join(wrong)} are not rising numbers")
    return cuts


Cuts = Annotated[Mapping[str, tuple[float, ...]], AfterValidator(_rising)]
"""For some indicators the values at which they are parted."""


class RankerSettings(Declared):
    """One ranker that a run compares.

    Parameters
    ----------
    kind
        Which one (`models.bundle.KINDS`).
    name
        What it is called in results; its kind where nothing is said.
    target
        What one that learns is fitted on: the declared value of the ``grade`` that followed, or the binary
        ``outcome`` (1 for grade 2 or 3).
    parameters
        What it is made with.
    without
        Indicators that it is not given.
    cuts
        For some indicators the values at which they are parted; nothing finer is read of them (lightgbm only).
    directions
        For some indicators the direction in which they may push, in place of the catalogue's: -1, 0 or 1 (lightgbm
        only).
    tune
        Whether its parameters are searched for, where `TuningSettings` asks for trials: false keeps one as declared
        beside one that is tuned.
    """

    kind: str
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = ""
    target: Literal["grade", "outcome"] = "grade"
    parameters: Mapping[str, bool | int | float | str | tuple[float, ...]] = Field(default_factory=dict)
    without: tuple[str, ...] = ()
    cuts: Cuts = Field(default_factory=dict)
    directions: Mapping[str, Literal[-1, 0, 1]] = Field(default_factory=dict)
    tune: bool = True

    @model_validator(mode="before")
    @classmethod
    def _named(cls, declared: Any) -> Any:
        if isinstance(declared, Mapping) and "kind" in declared:
            return {"name": declared["kind"], **declared}
        return declared


def _rankers(*kinds: str) -> tuple[RankerSettings, ...]:
    return tuple(RankerSettings(kind=kind) for kind in kinds)


class TuningSettings(Declared):
    """How long parameters are searched for, on dates before those that are compared (decision 21).

    Parameters
    ----------
    trials
        Sets of parameters tried for each ranker that learns; 0 leaves all as declared.
    rows
        Most person-dates that a trial is fitted on, and most that it is judged on, at each date.
    """

    trials: Annotated[int, Field(ge=0, le=500)] = 0
    rows: Annotated[int, Field(ge=1000)] = 20_000


class TrainSettings(Declared):
    """A training run. `incumbents` are in declared order: the first stays unless another clearly beats it.

    `ablations` fits the candidate again without each group of indicators (on the last test date; a fit a group).
    """

    seed: int = 2026
    label: LabelSettings = LabelSettings()
    cohort: CohortSettings = CohortSettings()
    splits: SplitSettings = SplitSettings()
    capacity: CapacitySettings = CapacitySettings()
    weight_sets: tuple[WeightSet, ...] = DEFAULT_WEIGHT_SETS
    candidates: tuple[RankerSettings, ...] = (
        RankerSettings(kind="lightgbm"),
        RankerSettings(kind="lightgbm", name="lightgbm_outcome", target="outcome"),
    )
    incumbents: tuple[RankerSettings, ...] = _rankers("v100", "rfgv", "recency", "elastic_net")
    tuning: TuningSettings = TuningSettings()
    alarms: AlarmLimits = AlarmLimits()
    costs: CostSettings = CostSettings()
    certificate: CertificateSettings = CertificateSettings()
    ablations: bool = False
    draws: Annotated[int, Field(ge=50)] = 400
    max_train_rows: Annotated[int, Field(ge=100)] = 60_000
    for_panel: bool = True
    promote: Literal["auto", "never"] = "auto"

    @model_validator(mode="after")
    def _consistent(self) -> TrainSettings:
        called = [ranker.name for ranker in self.rankers]
        if len(set(called)) != len(called):
            raise ValueError("each ranker is named once, as a candidate or as an incumbent; give one a name of its own")
        if not self.incumbents:
            raise ValueError("declare at least one incumbent: a model is only ever compared with a simple list")
        names = [weights.name for weights in self.weight_sets]
        if len(set(names)) != len(names):
            raise ValueError("each weight set has a name of its own")
        if self.promote == "auto" and len(names) < 3:
            raise ValueError("promotion needs at least three harm-weight sets; add some or set promote: never")
        return self

    @property
    def rankers(self) -> tuple[RankerSettings, ...]:
        """Candidates, then incumbents."""
        return (*self.candidates, *self.incumbents)

    def ranker(self, name: str) -> RankerSettings:
        """Return the ranker of that name."""
        return next(ranker for ranker in self.rankers if ranker.name == name)

    def with_rankers(self, rankers: Mapping[str, RankerSettings]) -> TrainSettings:
        """Return the settings with some rankers replaced, by name."""
        return self.model_copy(
            update={
                group: tuple(rankers.get(ranker.name, ranker) for ranker in getattr(self, group))
                for group in ("candidates", "incumbents")
            }
        )


def load_settings(path: Path | None) -> TrainSettings:
    """Read a training configuration; None gives the defaults.

    Raises
    ------
    SettingsError
        If the file is missing, is not YAML, or a field is unknown or out of range (the field is named).
    """
    return TrainSettings() if path is None else load_declared(path, TrainSettings)


def load_declared(path: Path, kind: type[Settings]) -> Settings:
    """Read what `kind` declares from a YAML file; raises `SettingsError`, naming the field."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"There is no configuration {path.name}.", "Check the path.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SettingsError(f"{path.name}{where} is not YAML.", "Correct the file.") from None
    if content is not None and not isinstance(content, dict):
        raise SettingsError(f"{path.name} does not hold names and values.", "Write 'name: value' lines.")
    try:
        return kind.model_validate(content or {})
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'file'}: {fault['msg']}" for fault in error.errors()
        )
        raise SettingsError(f"{path.name}: {faults}.", "Correct these fields.") from None
