"""The Splink model: what is compared, at which levels, and which pairs of records are compared at all.

The comparisons follow Fellegi and Sunter (1969) as Splink implements them: every level has a weight, the log2 of how
much likelier it is for one person's records (m) than for two people's (u).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from values import Hash, digest

VERSION = 1
SHIPPED = "shipped"
ONE_EDIT = "damerau_levenshtein({0}_l, {0}_r) <= 1 AND least(length({0}_l), length({0}_r)) >= 3"
_CROSSED = "(damerau_levenshtein({0}, {1}) <= 1 AND least(length({0}), length({1})) >= 4)"
SWAPPED = (
    f"({_CROSSED.format('given_l', 'family_r')} AND {_CROSSED.format('family_l', 'given_r')} AND given_l <> given_r)"
)
# A first syllable is a form of a name (Mar, Marie of Marben), unless both are names of their own (Ella, Ellie).
SHORT_FORM = (
    "(list_has_any(forms_l, forms_r) OR (NOT (given_listed_l AND given_listed_r) AND "
    "(starts_with(given_l, given_root_r) OR starts_with(given_r, given_root_l))))"
)
# Two names that are both in common use are two names, however alike they are spelt, for twins often have names alike.
# A slip of the pen is rare beside the name that it spoils.
BOTH_IN_USE = (
    "((given_listed_l AND given_listed_r) OR (least(given_count_l, given_count_r) >= 4 "
    "AND least(given_count_l, given_count_r) >= 0.03 * greatest(given_count_l, given_count_r)))"
)
SLIP_OF_NAME = f"({ONE_EDIT.format('given')} AND NOT {BOTH_IN_USE})"
ONE_DIGIT = "hamming(dob_l, dob_r) = 1"
NEAR_YEARS = "abs(born_year_l - born_year_r) < 10"


@dataclass(frozen=True)
class Level:
    """One level of a comparison: `name` in words, its SQL, and the column whose frequencies adjust its weight."""

    name: str
    condition: str
    frequency: str | None = None
    null: bool = False


@dataclass(frozen=True)
class Comparison:
    """What is compared: levels from the closest to the furthest, missing first."""

    name: str
    label: str
    levels: tuple[Level, ...]

    @property
    def weighed(self) -> tuple[Level, ...]:
        """The levels that carry a weight."""
        return tuple(level for level in self.levels if not level.null)


def _missing(*columns: str) -> Level:
    either = " OR ".join(f"{column}_l IS NULL OR {column}_r IS NULL" for column in columns)
    return Level("not recorded in one of them", either, null=True)


_ELSE = "ELSE"
COMPARISONS = (
    Comparison(
        "given",
        "given name",
        (
            _missing("given"),
            Level("same", "given_l = given_r", "given"),
            Level("given and family name swapped", SWAPPED),
            Level("short or other form", SHORT_FORM),
            Level("one slip", SLIP_OF_NAME),
            Level("different", _ELSE),
        ),
    ),
    Comparison(
        "family",
        "family name",
        (
            Level("counted with the given name", f"family_l IS NULL OR family_r IS NULL OR {SWAPPED}", null=True),
            Level("same", "family_l = family_r", "family"),
            Level("one slip", f"({ONE_EDIT.format('family')})"),
            Level("different", _ELSE),
        ),
    ),
    Comparison(
        "birth",
        "date of birth",
        (
            _missing("dob"),
            Level("same", "dob_l = dob_r", "dob"),
            Level("day and month swapped", "dob_l = dob_swapped_r"),
            Level("one digit differs", f"{ONE_DIGIT} AND {NEAR_YEARS}"),
            Level("one digit differs, ten years or more apart", ONE_DIGIT),
            Level("different", _ELSE),
        ),
    ),
    Comparison("pnc", "PNC id", (_missing("pnc"), Level("same", "pnc_l = pnc_r"), Level("different", _ELSE))),
    Comparison("cro", "CRO number", (_missing("cro"), Level("same", "cro_l = cro_r"), Level("different", _ELSE))),
    Comparison(
        "place",
        "postcode",
        (
            _missing("postcodes"),
            Level("one in common", "list_has_any(postcodes_l, postcodes_r)"),
            Level("same outward code", "left(postcode_l, -3) = left(postcode_r, -3)"),
            Level("none in common", _ELSE),
        ),
    ),
    Comparison(
        "company",
        "whom they appear with",
        (
            _missing("company"),
            Level("one in common", "list_has_any(company_l, company_r)"),
            Level("none in common", _ELSE),
        ),
    ),
)
COLUMNS = tuple(comparison.name for comparison in COMPARISONS)
BLOCKS = (
    "l.pnc = r.pnc",
    "l.cro = r.cro",
    "l.dob = r.dob AND l.given_initial = r.given_initial",
    "l.dob = r.dob AND l.family_initial = r.family_initial",
    "l.dob = r.dob AND l.given = r.family",
    "l.dob = r.dob AND l.family = r.given",
    "l.given_sound = r.given_sound AND l.family_sound = r.family_sound AND l.born_year = r.born_year",
    "l.given = r.given AND l.family = r.family AND l.born_day = r.born_day",
    "l.given = r.given AND l.postcode = r.postcode",
    "l.family_sound = r.family_sound AND l.postcode = r.postcode AND l.given_initial = r.given_initial",
    "l.given = r.family AND l.family = r.given AND l.postcode = r.postcode",
    "l.given = r.given AND l.family = r.family AND l.lacks_birth = r.has_birth",
    "l.given = r.given AND l.family = r.family AND r.lacks_birth = l.has_birth",
    "l.given = r.given AND l.family = r.family AND l.lacks_birth = r.lacks_birth",
)
COMPANY_BLOCK = "l.company = r.company"


@dataclass(frozen=True)
class Weights:
    """The learnt part: the chance that two records drawn at random are one person, and m and u of every level."""

    prior: float
    levels: Mapping[str, tuple[tuple[float, float], ...]]
    origin: str

    @property
    def counts_frequencies(self) -> bool:
        """Whether a rare name weighs more: only where there are enough records to say what is rare."""
        return self.origin != SHIPPED

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "version": VERSION,
            "origin": self.origin,
            "prior": self.prior,
            "levels": {
                comparison.name: [
                    {"level": level.name, "m": m, "u": u}
                    for level, (m, u) in zip(comparison.weighed, self.levels[comparison.name], strict=True)
                ]
                for comparison in COMPARISONS
            },
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Weights:
        """Read what `to_dict` wrote."""
        levels = {
            name: tuple((float(entry["m"]), float(entry["u"])) for entry in entries)
            for name, entries in document["levels"].items()
        }
        return cls(float(document["prior"]), levels, str(document["origin"]))

    @property
    def hash(self) -> Hash:
        """The hash over every number and every rule of the model."""
        rules = [[comparison.name, level.condition] for comparison in COMPARISONS for level in comparison.levels]
        return digest({**self.to_dict(), "rules": rules, "blocks": [*BLOCKS, COMPANY_BLOCK]})


def shipped() -> Weights:
    """Return the weights that come with the program: learnt from a made-up force, for sites with few records."""
    text = resources.files("records.linkage").joinpath("weights.json").read_text(encoding="utf-8")
    return Weights.from_dict(json.loads(text))


def splink_settings(weights: Weights | None) -> dict[str, Any]:
    """Return Splink's settings; without `weights` those of an untrained model."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_id",
        "comparisons": [_comparison(comparison, weights) for comparison in COMPARISONS],
        "blocking_rules_to_generate_predictions": [
            *({"blocking_rule": block} for block in BLOCKS),
            {"blocking_rule": COMPANY_BLOCK, "arrays_to_explode": ["company"]},
        ],
        "probability_two_random_records_match": weights.prior if weights else 1e-4,
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "additional_columns_to_retain": ["pnc", "dob", "given", "family"],
        "max_iterations": 40,
        "linker_uid": "drivepanel",
    }


def _comparison(comparison: Comparison, weights: Weights | None) -> dict[str, Any]:
    learnt = iter(weights.levels[comparison.name] if weights else ())
    counted = weights is None or weights.counts_frequencies
    levels = []
    for level in comparison.levels:
        entry: dict[str, Any] = {"sql_condition": level.condition, "label_for_charts": level.name}
        if level.null:
            entry["is_null_level"] = True
        elif weights:
            entry["m_probability"], entry["u_probability"] = next(learnt)
        if level.frequency and counted:
            entry |= {"tf_adjustment_column": level.frequency, "tf_adjustment_weight": 1.0}
        levels.append(entry)
    return {
        "output_column_name": comparison.name,
        "comparison_description": comparison.label,
        "comparison_levels": levels,
    }
