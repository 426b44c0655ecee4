# ruff: noqa: S608 - every name in the SQL is one of ours
"""Candidate pairs: their weight, and the rules that keep a pair from being linked without a person."""

from __future__ import annotations

import duckdb

from records.linkage.model import (
    BOTH_IN_USE,
    COMPARISONS,
    NEAR_YEARS,
    ONE_DIGIT,
    SHORT_FORM,
    Comparison,
    Weights,
    splink_settings,
)
from records.linkage.person_records import APART, RECORDS
from records.linkage.settings import LinkageSettings
from records.linkage.training import quiet, splink_linker

PAIRS = "link_pairs"
BARS = {
    "same_event": "both take part in one incident or hearing, as two parties",
    "pnc_differs": "their PNC ids differ",
    "birth_differs": "their dates of birth plainly differ (father and son, or another relative of the name)",
    "given_differs": "their given names plainly differ (twins, or other relatives)",
    "namesake": "one has no date of birth, and two people of the other's name live at that address",
    "contested": "one fits two people who cannot be one, and neither much better",
    "chain": "linking them would put two people who cannot be one under one key",
}


def score(db: duckdb.DuckDBPyConnection, weights: Weights, settings: LinkageSettings) -> None:
    """Make the table `link_pairs`: every compared pair at or above the lower threshold.

    Columns: record_l < record_r, probability, weight (log2 odds), `weight_<comparison>`, `level_<comparison>` (place in
    the model's levels, NULL where missing), bar (a key of `BARS`, NULL where none).
    """
    with quiet():
        options = splink_settings(weights)
        options["additional_columns_to_retain"] = list(_CARRIED)
        linker = splink_linker(db, options)
        found = linker.inference.predict(threshold_match_probability=settings.lower, warning_mode="never")
        weighed = ", ".join(_weight(each, weights.counts_frequencies) for each in COMPARISONS)
        db.execute(_SELECT.format(scored=found.physical_name, weights=weighed))
        linker.table_management.delete_tables_created_by_splink_from_db()
    _contest(db, settings.margin)


_CARRIED = (
    "given", "family", "forms", "given_root", "given_count", "given_listed",
    "dob", "dob_swapped", "born_year", "pnc", "cro",
    "postcodes", "postcode", "company",
)  # fmt: skip


def _level(comparison: Comparison) -> str:
    cases = []
    for place, level in enumerate(comparison.levels):
        if level.condition == "ELSE":
            cases.append(f"ELSE {place}")
        else:
            cases.append(f"WHEN {level.condition} THEN {'NULL' if level.null else place}")
    return f"CAST(CASE {' '.join(cases)} END AS TINYINT) AS level_{comparison.name}"


def _weight(comparison: Comparison, counted: bool) -> str:
    parts = [f"mw_{comparison.name}"]
    if counted and any(level.frequency for level in comparison.levels):
        parts.append(f"mw_tf_adj_{comparison.name}")
    return f"CAST(round({' + '.join(parts)}, 3) AS DOUBLE) AS weight_{comparison.name}"


def _place(comparison: str, name: str) -> int:
    levels = next(each for each in COMPARISONS if each.name == comparison).levels
    return next(place for place, level in enumerate(levels) if level.name == name)


_TOLD = ("pnc", "dob", "dob_swapped", "born_year", "given", "given_root", "given_count", "given_listed", "forms")


def _suffixed(side: str) -> str:
    return ", ".join(f"{name} AS {name}_{side}" for name in _TOLD)


_NAMES_AGREE = (
    f"(coalesce(level_given, 99) < {_place('given', 'different')} "
    f"AND coalesce(level_family, 1) < {_place('family', 'different')})"
)
_SAME_PNC = f"(coalesce(level_pnc, 0) = {_place('pnc', 'same')})"
_BIRTH_DIFFERS = f"level_birth >= {_place('birth', 'one digit differs, ten years or more apart')}"
_SELECT = f"""
CREATE OR REPLACE TABLE {PAIRS} AS
WITH levelled AS (
    SELECT least(record_id_l, record_id_r) AS record_l, greatest(record_id_l, record_id_r) AS record_r,
           CAST(round(match_weight, 3) AS DOUBLE) AS weight, CAST(round(match_probability, 9) AS DOUBLE) AS probability,
           {{weights}},
           {", ".join(_level(comparison) for comparison in COMPARISONS)}
    FROM {{scored}}
)
SELECT levelled.*, CASE
    WHEN {APART}.record_l IS NOT NULL THEN 'same_event'
    WHEN level_pnc = {_place("pnc", "different")} THEN 'pnc_differs'
    WHEN {_BIRTH_DIFFERS} AND NOT ({_SAME_PNC} AND {_NAMES_AGREE}) THEN 'birth_differs'
    WHEN level_given = {_place("given", "different")} THEN 'given_differs'
    END AS bar
FROM levelled LEFT JOIN {APART} USING (record_l, record_r)
ORDER BY record_l, record_r
"""


def _contest(db: duckdb.DuckDBPyConnection, margin: float) -> None:
    """Bar the links of records that fit two people who cannot be one."""
    db.execute(_NAMESAKES)
    for among in ("link_namesakes", "link_unborn"):
        db.execute(
            f"UPDATE {PAIRS} SET bar = 'namesake' WHERE {_OPEN_BIRTH} "
            f"AND (record_l IN (FROM {among}) OR record_r IN (FROM {among}))"
        )
        db.execute(_UNBORN)
    db.execute(_ENDS)
    db.execute(_EXPLAINED)
    db.execute(_FACING)
    for name, query in (("link_rivals", _RIVALS), ("link_unresolved", _UNRESOLVED)):
        db.execute(query, {"margin": margin})
        db.execute(
            f"UPDATE {PAIRS} SET bar = 'contested' FROM {name} v WHERE bar IS NULL "
            f"AND {PAIRS}.record_l = v.record_l AND {PAIRS}.record_r = v.record_r"
        )


# Records of whom somebody else of their name, at their address, was plainly born on another day.
_NAMESAKES = f"""
CREATE OR REPLACE TEMP TABLE link_namesakes AS
WITH living AS (
    SELECT DISTINCT given, family, unnest(postcodes) AS postcode, record_id, dob, dob_swapped, born_year, pnc
    FROM {RECORDS} WHERE given IS NOT NULL AND family IS NOT NULL AND dob IS NOT NULL
), same AS (
    SELECT l.record_id AS record_l, r.record_id AS record_r
    FROM (SELECT given, family, postcode, record_id, dob AS dob_l, born_year AS born_year_l, pnc AS pnc_l FROM living) l
    JOIN (SELECT given, family, postcode, record_id, dob AS dob_r, dob_swapped AS dob_swapped_r,
                 born_year AS born_year_r, pnc AS pnc_r FROM living) r USING (given, family, postcode)
    WHERE dob_l <> dob_r AND coalesce(pnc_l <> pnc_r, true)
      AND NOT (coalesce(dob_l = dob_swapped_r, false) OR ({ONE_DIGIT} AND {NEAR_YEARS}))
), alike AS (
    SELECT record_l, record_r FROM {PAIRS}
    WHERE {_BIRTH_DIFFERS} AND NOT {_SAME_PNC} AND {_NAMES_AGREE} AND level_place = {_place("place", "one in common")}
    UNION ALL SELECT record_l, record_r FROM same
), flagged AS (SELECT DISTINCT unnest([record_l, record_r]) AS record_id FROM alike)
SELECT record_id FROM flagged
UNION SELECT other.record_id FROM flagged JOIN {RECORDS} one USING (record_id)
JOIN {RECORDS} other USING (given, family, dob)
"""
# One such neighbour is enough: whichever of the two people it is, a record without a date of birth cannot say.
_UNBORN = f"""
CREATE OR REPLACE TEMP TABLE link_unborn AS
SELECT DISTINCT unnest([record_l, record_r]) AS record_id FROM {PAIRS} WHERE bar = 'namesake'
"""
_OPEN_BIRTH = f"bar IS NULL AND level_birth IS NULL AND NOT {_SAME_PNC}"
# Fewer records than this give a name that may be a slip; it cannot show that there are two people.
_IN_USE = 4
_ENDS = f"""
CREATE OR REPLACE TEMP TABLE link_ends AS
WITH ends AS (
    SELECT record_l AS here, record_r AS there, weight FROM {PAIRS} WHERE bar IS NULL
    UNION ALL SELECT record_r, record_l, weight FROM {PAIRS} WHERE bar IS NULL
), described AS (
    SELECT here, there, weight, h.pnc IS NULL AS pnc_open, h.dob IS NULL AS birth_open, h.given AS here_given,
           h.given_root AS here_root, h.forms AS here_forms,
           h.given_listed AS here_listed, h.given_count AS here_count,
           {", ".join(f"t.{name}" for name in _TOLD)}
    FROM ends JOIN {RECORDS} h ON h.record_id = here JOIN {RECORDS} t ON t.record_id = there
), doubtful AS (
    SELECT here FROM described GROUP BY here
    HAVING (bool_or(pnc_open) AND count(DISTINCT pnc) > 1) OR (bool_or(birth_open) AND count(DISTINCT dob) > 1)
        OR count(DISTINCT given) FILTER (
            given <> here_given AND (given_listed OR given_count >= {_IN_USE})) > 1
    UNION SELECT a.here FROM ends a JOIN {APART} ON a.there = record_l
          JOIN ends b ON b.here = a.here AND b.there = record_r
)
SELECT described.* FROM described SEMI JOIN doubtful USING (here)
"""
_SLIP_OF_BIRTH = f"(dob_l = dob_r OR coalesce(dob_l = dob_swapped_r, false) OR ({ONE_DIGIT} AND {NEAR_YEARS}))"
# Two dates that disagree are one person's where a third neighbour's date is a slip away from both.
_EXPLAINED = f"""
CREATE OR REPLACE TEMP TABLE link_explained AS
WITH near AS (
    SELECT DISTINCT l.here, dob_l, dob_r
    FROM (SELECT here, dob AS dob_l, born_year AS born_year_l FROM link_ends WHERE birth_open) l
    JOIN (SELECT here, dob AS dob_r, dob_swapped AS dob_swapped_r, born_year AS born_year_r FROM link_ends) r
    USING (here)
    WHERE {_SLIP_OF_BIRTH}
)
SELECT DISTINCT a.here, a.dob_l, b.dob_r FROM near a JOIN near b ON a.here = b.here AND a.dob_r = b.dob_l
"""
# A short form, or a slip, can belong to either of two people of names in use.
_SLIP_OF_TWO = (
    f"(NOT here_listed AND here_given NOT IN (given_l, given_r) "
    f"AND (here_count < {_IN_USE} OR here_count < 0.03 * least(given_count_l, given_count_r)))"
)
_SHORT_OF = "(here_given <> {0} AND (starts_with({0}, here_root) OR list_contains(here_forms, {0})))"
_FACING = f"""
CREATE OR REPLACE TEMP TABLE link_facing AS
    SELECT a.here, a.there AS one, b.there AS other, a.weight AS weight_one, b.weight AS weight_other
    FROM (SELECT here, there, weight, pnc_open, birth_open, here_given, here_root, here_forms, here_listed, here_count,
                 {_suffixed("l")} FROM link_ends) a
    JOIN (SELECT here, there, weight, {_suffixed("r")} FROM link_ends) b USING (here)
    LEFT JOIN {APART} ON record_l = least(a.there, b.there) AND record_r = greatest(a.there, b.there)
    LEFT JOIN link_explained e ON e.here = a.here AND e.dob_l = a.dob_l AND e.dob_r = b.dob_r
    WHERE a.there <> b.there AND (
        (pnc_open AND pnc_l <> pnc_r)
        OR (birth_open AND a.dob_l <> b.dob_r AND coalesce(pnc_l <> pnc_r, true) AND e.here IS NULL)
        OR (({_SLIP_OF_TWO} OR ({_SHORT_OF.format("given_l")} AND {_SHORT_OF.format("given_r")}))
            AND given_l <> given_r AND {BOTH_IN_USE} AND NOT {SHORT_FORM})
        OR record_l IS NOT NULL)
"""
_RIVALS = """
CREATE OR REPLACE TEMP TABLE link_rivals AS
SELECT DISTINCT least(here, other) AS record_l, greatest(here, other) AS record_r FROM link_facing
WHERE weight_other < weight_one + $margin
"""
# Whoever cannot be told from either of two people is no bridge to a third record either, unless that fits far better.
_UNRESOLVED = f"""
CREATE OR REPLACE TEMP TABLE link_unresolved AS
WITH open AS (
    SELECT here, max(greatest(weight_one, weight_other)) AS most FROM link_facing
    WHERE abs(weight_one - weight_other) < $margin GROUP BY here
)
SELECT record_l, record_r FROM {PAIRS} JOIN open ON here = record_l
WHERE bar IS NULL AND NOT {_SAME_PNC} AND weight < most + $margin
UNION SELECT record_l, record_r FROM {PAIRS} JOIN open ON here = record_r
WHERE bar IS NULL AND NOT {_SAME_PNC} AND weight < most + $margin
"""
