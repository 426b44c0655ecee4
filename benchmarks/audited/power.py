"""How often the shipped policy refuses a gap that is there, and one that is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from fairness import check, load_policy
from fairness.policy import SiteCell
from fairness.power import decision_odds, rates_at
from fairness.verdict import outside_p_value

FAMILY = 15
AUDITS = 2000
EDGES = ("none", "all low", "all high", "small low", "small high")


def power(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return how often one cell of fifteen passes and is refused at its true rates, added up over all counts."""
    policy = load_policy()
    share = row["n"] / (row["n"] + row["others"])
    own, others = (float(p) for p in rates_at(row["rate"], share, row["ratio"]))
    found = decision_odds(
        row["n"], row["others"], own, others, margin=policy.margin.ends, alpha=policy.alpha, cells=FAMILY
    )
    return {"rate_of_group": round(own, 5), "p_pass": round(found.passes, 4), "p_refuse": round(found.refuses, 4)}


def family(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return how often a whole audit at the shipped site is refused although every ratio lies within the margin.

    At an edge, one group of each characteristic has a ratio at the very end of the margin: the largest of the smaller
    half of the groups (``all``), or the smallest that is judged (``small``).
    """
    policy = load_policy()
    rng = np.random.default_rng([EDGES.index(row["edge"]), row["block"]])
    lowest = np.ones((AUDITS, 0))
    for cells in _characteristics(check(policy).cells):
        judged = np.array([cell.assessable for cell in cells])
        n = np.array([cell.n for cell in cells])
        rates = np.full(n.size, cells[0].rate)
        if row["edge"] != "none":
            which, side = row["edge"].split()
            order = [int(at) for at in np.argsort(n) if judged[at]]
            at = order[0] if which == "small" else order[(len(order) - 1) // 2]
            end = policy.margin.low if side == "low" else policy.margin.high
            own, others = rates_at(cells[0].rate, n[at] / n.sum(), end)
            rates[:] = others
            rates[at] = own
        events = rng.binomial(n, rates, size=(AUDITS, n.size))
        rest = events.sum(axis=1, keepdims=True) - events
        p = outside_p_value(events, n, rest, n.sum() - n, policy.margin.ends)
        lowest = np.hstack([lowest, p[:, judged]])
    # Holm refuses something exactly where its first step does.
    refused = int((lowest.min(axis=1) <= policy.alpha / lowest.shape[1]).sum())
    held = bool(stats.binom.sf(refused - 1, AUDITS, policy.alpha) >= 0.01)
    return {"audits": AUDITS, "cells": lowest.shape[1], "refused": round(refused / AUDITS, 4), "held": held}


def _characteristics(cells: tuple[SiteCell, ...]) -> list[list[SiteCell]]:
    names = dict.fromkeys((cell.table, cell.characteristic) for cell in cells)
    return [[cell for cell in cells if (cell.table, cell.characteristic) == name] for name in names]
