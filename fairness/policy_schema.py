"""What a fairness policy says: which gaps bind, how large they may be, and at what size of site.

Every field is explained in `docs/fairness.md`. A policy is a person's decision: `chosen_by` names who took it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from fairness.metrics import METRICS
from fairness.reference_tables import code_groups, reference_names
from fairness.tables import DYADS, RESERVED, SUBJECTS
from values import Hash, digest

Share = Annotated[float, Field(ge=0, le=1)]
OpenShare = Annotated[float, Field(gt=0, lt=1)]
Whole = Annotated[int, Field(ge=1)]
_SHARES_TOLERANCE = 0.005


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Margin(_Part):
    """Ratios to everyone else that count as no gap that matters: low < 1 < high."""

    low: Annotated[float, Field(gt=0, lt=1)]
    high: Annotated[float, Field(gt=1, le=10)]

    @property
    def ends(self) -> tuple[float, float]:
        """(low, high)."""
        return self.low, self.high


class Floor(_Part):
    """How many persons, and persons with the outcome, a group and everyone else need to be judged.

    Parameters
    ----------
    people, outcomes
        Below either the cell is not assessable.
    outcomes_to_pass
        Between `outcomes` and this a cell can be refused but is not required to pass; it is acknowledged by name
        like one below the floor. Counted are independent outcomes: rows of persons who recur count for less. Without it
        every cell above the floor is required to pass.
    """

    people: Whole = 30
    outcomes: Whole = 10
    outcomes_to_pass: Whole | None = None

    @property
    def to_pass(self) -> int:
        """Independent outcomes from which a cell is required to pass."""
        return self.outcomes if self.outcomes_to_pass is None else self.outcomes_to_pass

    @model_validator(mode="after")
    def _in_order(self) -> Floor:
        if self.to_pass < self.outcomes:
            raise ValueError("outcomes_to_pass is at least outcomes")
        return self


class Grouping(_Part):
    """A characteristic made from another one's codes by a reference table; all observed-only codes are one group."""

    of: str
    reference: str

    @field_validator("reference")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in reference_names():
            raise ValueError(f"there is no reference table {name!r}; there are: {', '.join(reference_names())}")
        return name


class Binding(_Part):
    """One characteristic whose every group is judged on one metric in one table."""

    table: Literal["subjects", "dyads"]
    characteristic: str
    metric: str

    @field_validator("metric")
    @classmethod
    def _known(cls, name: str) -> str:
        may_bind = [metric.name for metric in METRICS.values() if metric.of_the_list]
        if name not in may_bind:
            raise ValueError(f"there is no metric {name!r} to bind; there are: {', '.join(may_bind)}")
        return name

    @model_validator(mode="after")
    def _of_its_table(self) -> Binding:
        if (self.table == DYADS) != self.characteristic.startswith("victim_"):
            raise ValueError("dyads bind characteristics that begin with victim_, subjects all others")
        if self.characteristic in RESERVED:
            raise ValueError(f"{self.characteristic} is no characteristic")
        return self


class Alerts(_Part):
    """Points at which a cell that does not bind is pointed out.

    `selection_ratio` is the four-fifths convention of the US EEOC: a screening habit, not UK law.
    """

    selection_ratio: OpenShare = 0.8


class Disclosure(_Part):
    """What is too few to be told outside.

    `smallest` is the smallest count that may leave; zero always may. Ten is what safe research centres ask for, fewer
    than five is what official statistics withhold at the least (ONS, Ministry of Defence).
    """

    smallest: Annotated[int, Field(ge=5, le=1000)] = 10


class DesignEffect(_Part):
    """How many rows say as much as one independent row, because persons recur."""

    subjects: Annotated[float, Field(ge=1)] = 1.0
    dyads: Annotated[float, Field(ge=1)] = 1.0


class Site(_Part):
    """The numbers at which the policy is asked whether it could ever pass.

    Parameters
    ----------
    people
        Persons in one backtest list.
    splits
        Backtest lists pooled.
    outcome_rate
        Share of persons with the outcome.
    selected_share
        Share of persons above the line of the audit (the audit depth for missed harm).
    dyads_per_person
        Person-victim pairs a person.
    shares
        Characteristic -> group -> share of rows; needed for every binding characteristic.
    """

    name: str
    people: Whole
    splits: Whole = 1
    outcome_rate: OpenShare
    selected_share: OpenShare
    dyads_per_person: Annotated[float, Field(ge=1)] = 1.0
    design_effect: DesignEffect = DesignEffect()
    shares: Mapping[str, Mapping[str, Share]]

    @field_validator("shares")
    @classmethod
    def _sum_to_one(cls, shares: Mapping[str, Mapping[str, float]]) -> Mapping[str, Mapping[str, float]]:
        for name, groups in shares.items():
            if abs(sum(groups.values()) - 1) > _SHARES_TOLERANCE:
                raise ValueError(f"the shares of {name} sum to {sum(groups.values()):.3f}, not 1")
        return shares


class Policy(_Part):
    """A fairness policy; `hash` covers it and the reference tables it uses."""

    name: str
    chosen_by: str
    reason: str = ""
    margin: Margin
    alpha: Annotated[float, Field(gt=0, le=0.2)] = 0.05
    floor: Floor = Floor()
    unrecorded_max: Share = 0.5
    audit_depth_share: OpenShare = 0.5
    label_lag_months: Annotated[int, Field(ge=0)] = 3
    cool_off_months: Annotated[int, Field(ge=0)] = 6
    area_evidence: Literal["refuse_only", "must_pass"] = "refuse_only"
    minimum_p_pass: OpenShare = 0.1
    minimum_p_stop: Annotated[float, Field(ge=0.5, lt=1)] = 0.8
    alerts: Alerts = Alerts()
    disclosure: Disclosure = Disclosure()
    groupings: Mapping[str, Grouping] = {}
    binding: Annotated[tuple[Binding, ...], Field(min_length=1)]
    site: Site

    @model_validator(mode="after")
    def _hangs_together(self) -> Policy:
        bound = [(b.table, b.characteristic, b.metric) for b in self.binding]
        if len(set(bound)) < len(bound):
            raise ValueError("binding names the same characteristic and metric twice")
        missing = sorted({b.characteristic for b in self.binding} - set(self.site.shares))
        if missing:
            raise ValueError(f"site.shares lacks the binding characteristic {', '.join(missing)}")
        return self

    @cached_property
    def hash(self) -> Hash:
        """The hash of everything that can change a verdict."""
        tables = sorted({g.reference for g in self.groupings.values()})
        references = {name: dict(code_groups(name)) for name in tables}
        return digest({"policy": self.model_dump(mode="json"), "references": references})

    @property
    def summary(self) -> dict[str, Any]:
        """What an audit says of the policy it was made under: who chose it, and the numbers its report explains."""
        return {
            "name": self.name,
            "hash": str(self.hash),
            "chosen_by": self.chosen_by,
            "floor": {**self.floor.model_dump(), "outcomes_to_pass": self.floor.to_pass},
            "audit_depth_share": self.audit_depth_share,
            "area_evidence": self.area_evidence,
        }

    @property
    def grouping_pairs(self) -> dict[str, tuple[str, str]]:
        """Derived characteristic -> (source, reference table)."""
        return {name: (g.of, g.reference) for name, g in self.groupings.items()}

    def binds(self, table: str, characteristic: str, metric: str) -> bool:
        """Say whether cells of this table, characteristic and metric are binding."""
        return Binding.model_construct(table=table, characteristic=characteristic, metric=metric) in self.binding


__all__ = [
    "SUBJECTS",
    "Alerts",
    "Binding",
    "DesignEffect",
    "Disclosure",
    "Floor",
    "Grouping",
    "Margin",
    "Policy",
    "Site",
]
