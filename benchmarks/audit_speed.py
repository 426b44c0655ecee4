"""What a whole audit costs, beside fairlearn's bootstrap: ``python -m benchmarks.audit_speed [PEOPLE [BOOTSTRAPS]]``.

Six characteristics and every pair of them, all metrics that are counts, every interval. fairlearn's ``MetricFrame`` is
asked for the same five metrics on the same axes of the same table, in the same run; of its bootstraps a few are timed
and a thousand reckoned from them (each is one more pass over the same table). Counted are processor seconds of this
process, and its peak memory before fairlearn begins. With 0 BOOTSTRAPS fairlearn is left out.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.prove import RESULTS, machine
from fairness import break_down, load_policy

PEOPLE, BOOTSTRAPS, SEED = 20_000, 2, 7
GROUPS = {
    "sex": ["male", "female", "not recorded"],
    "ethnicity": ["W1", "W9", "A2", "B2", "M1", "O9", "NS", ""],
    "religion": ["none", "christian", "muslim", "other", ""],
    "disability": ["yes", "no", ""],
    "sexual_orientation": ["heterosexual", "gay or lesbian", "bisexual", ""],
    "age_band": ["18-24", "25-34", "35-44", "45-54", "55+"],
}


def made_up(people: int) -> pd.DataFrame:
    """Return made-up people with six characteristics, selected and harmed by chance."""
    rng = np.random.default_rng(SEED)
    columns = {name: rng.choice(groups, people) for name, groups in GROUPS.items()}
    chosen = {"selected": rng.integers(0, 2, people), "outcome": rng.integers(0, 2, people)}
    return pd.DataFrame({"person_id": np.arange(people), **chosen, **columns})


def main(arguments: list[str]) -> int:
    """Time the audit, then fairlearn, and write both down."""
    people = int(arguments[0]) if arguments else PEOPLE
    bootstraps = int(arguments[1]) if len(arguments) > 1 else BOOTSTRAPS
    table = made_up(people)
    policy = load_policy()
    measured: list[pd.DataFrame] = []
    clock = time.perf_counter()
    spent = _spent(lambda: measured.append(break_down(table, policy).table))
    result: dict[str, Any] = {
        "people": people,
        "characteristics": len(GROUPS),
        "cells": len(measured[0]),
        "processor_seconds": round(spent, 3),
        "seconds": round(time.perf_counter() - clock, 3),
        "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
    }
    if bootstraps:
        plain, more = (_spent(lambda n=n: _fairlearn(table, n)) for n in (0, bootstraps))  # type: ignore[misc]
        each = (more - plain) / bootstraps
        result["fairlearn"] = {
            "processor_seconds_without_intervals": round(plain, 2),
            "bootstraps_timed": bootstraps,
            "processor_seconds_a_bootstrap": round(each, 2),
            "a_thousand_by_the_whole_audit": round(1000 * each / spent),
        }
    target = RESULTS / f"audit_speed-{people}.json"
    target.write_text(json.dumps({**result, "machine": machine()}, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))
    return 0


def _spent(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def _fairlearn(table: pd.DataFrame, bootstraps: int) -> None:
    from fairlearn.metrics import MetricFrame

    from benchmarks.audited.equal import ON_EVERYBODY, ON_KNOWN

    more = {"n_boot": bootstraps, "ci_quantiles": [0.025, 0.975], "random_state": SEED} if bootstraps else {}
    for names in [*((name,) for name in GROUPS), *combinations(GROUPS, 2)]:
        MetricFrame(
            metrics=ON_EVERYBODY | ON_KNOWN,
            y_true=table["outcome"],
            y_pred=table["selected"],
            sensitive_features=table[list(names)],
            **more,
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
