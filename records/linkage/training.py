# ruff: noqa: S608 - every name in the SQL is one of ours
"""Learning the weights: Splink's sampling and expectation maximisation, made to give the same numbers every time."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import duckdb

from records.linkage.model import COMPARISONS, Weights, shipped, splink_settings
from records.linkage.person_records import RECORDS
from records.linkage.settings import LinkageSettings
from values import Progress, silent

# Two records that agree on all of this are one person; how many of a person's pairs do is learnt as well.
CERTAIN = "l.given = r.given AND l.family = r.family AND l.dob = r.dob"
CERTAIN_LEVELS = ("given", "family", "birth")
FIRST_GUESS = 0.75
# Records of one area cannot teach how often a person moves to another; some do, so it speaks against them only so much.
LEAST_MOVES = 0.02
# Each learns what it does not block on.
LEARN_WITHIN = ("l.dob = r.dob", "l.given = r.given AND l.family = r.family", "l.pnc = r.pnc")
LEAST_M, LEAST_U, LEAST_PRIOR, DIGITS = 1e-4, 1e-7, 1e-12, 4
PAIRS_TO_LEARN_FROM = 2_000_000
# The shipped weights come from so many records: with fewer, a pair drawn at random is likelier to be one person.
SHIPPED_RECORDS, MOST_PRIOR = 128_644, 1e-3


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Splink from writing to the log: what it says may quote SQL, and nobody reads it there."""
    logger = logging.getLogger("splink")
    level, propagate = logger.level, logger.propagate
    logger.setLevel(logging.CRITICAL)
    logger.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
        logger.propagate = propagate


def splink_linker(db: duckdb.DuckDBPyConnection, settings: dict[str, Any]) -> Any:
    """Return a Splink linker over `link_records`."""
    from splink import DuckDBAPI, Linker

    return Linker(DuckDBAPI(connection=db).register(RECORDS), settings, log_level=None)


def learn(
    db: duckdb.DuckDBPyConnection, records: int, settings: LinkageSettings, progress: Progress = silent
) -> Weights:
    """Return the weights for these records: learnt from them, or the shipped ones where they cannot teach any.

    They cannot where they are too few, or where nobody has two records within a block that is learnt from.

    Levels that no pair shows (a force without CRO numbers) keep the shipped weight. Numbers are rounded to four
    digits, so that the order in which threads add up leaves no trace.
    """
    if records < settings.fewest_records or not _can_teach(db):
        known = shipped()
        return replace(
            known, prior=_rounded(min(MOST_PRIOR, known.prior * SHIPPED_RECORDS / max(records, 1)), LEAST_PRIOR)
        )
    with quiet():
        linker = splink_linker(db, splink_settings(None))
        training = linker.training
        progress("learn weights", 0, len(LEARN_WITHIN) + 1)
        training.estimate_probability_two_random_records_match([CERTAIN], recall=FIRST_GUESS)
        training.estimate_u_using_random_sampling(
            max_pairs=settings.sample_pairs, seed=settings.seed, min_count_per_level=None, num_chunks=1
        )
        for number, block in enumerate(LEARN_WITHIN):
            progress("learn weights", number + 1, len(LEARN_WITHIN) + 1)
            training.estimate_parameters_using_expectation_maximisation(
                block, estimate_without_term_frequencies=True, max_pairs=PAIRS_TO_LEARN_FROM
            )
        found = _read(linker)
        training.estimate_probability_two_random_records_match([CERTAIN], recall=_certain_share(db, found))
        prior = linker._settings_obj._probability_two_random_records_match
        found = replace(found, prior=_rounded(prior, LEAST_PRIOR))
        linker.table_management.delete_tables_created_by_splink_from_db()
    return found


def _can_teach(db: duckdb.DuckDBPyConnection) -> bool:
    """Say whether every block that is learnt from holds a pair."""
    return all(
        db.execute(
            f"SELECT 1 FROM {RECORDS} l JOIN {RECORDS} r ON {block} AND l.record_id < r.record_id LIMIT 1"
        ).fetchall()  # all of it: a result that is not read to its end keeps others from this connection
        for block in LEARN_WITHIN
    )


def _read(linker: Any) -> Weights:
    """Return the learnt numbers; where nothing could be learnt the shipped ones."""
    fallback = shipped().levels
    levels: dict[str, tuple[tuple[float, float], ...]] = {}
    for comparison, learnt in zip(COMPARISONS, linker._settings_obj.comparisons, strict=True):
        pairs = [(level._m_probability, level._u_probability) for level in learnt._comparison_levels_excluding_null]
        known = all(isinstance(m, float) for m, _ in pairs) and any(isinstance(u, float) for _, u in pairs)
        least = LEAST_MOVES if comparison.name == "place" else LEAST_M
        levels[comparison.name] = (
            tuple((_rounded(m, least), _rounded(u, LEAST_U)) for m, u in pairs) if known else fallback[comparison.name]
        )
    return Weights(0.0, levels, "learnt")


def _certain_share(db: duckdb.DuckDBPyConnection, weights: Weights) -> float:
    """Return the share of one person's pairs of records that agree on names and date of birth, from what was learnt."""
    shares = ", ".join(f"avg(CAST({name} IS NOT NULL AS INTEGER))" for name in ("given", "family", "dob"))
    [(given, family, birth)] = db.execute(f"SELECT {shares} FROM {RECORDS}").fetchall()
    recorded = float(given * family * birth)
    return recorded**2 * math.prod(weights.levels[name][0][0] for name in CERTAIN_LEVELS)


def _rounded(number: Any, least: float) -> float:
    return max(least, float(f"{number:.{DIGITS}g}")) if isinstance(number, float) else least
