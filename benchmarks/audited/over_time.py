"""How often alarms ring without and with a change, and how often the parts of a difference hold the truth.

The lists and panels simulated here know nothing of how a chart or a part is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from fairness.alarms import SPAN, Chart, Observed, run_chart, threshold_of
from fairness.decisions import LEVEL, decompose

CHARTS, ALPHA = 30, 0.05
"""Groups of the shipped policy's binding characteristics, each with selection and missed harm; its family alpha."""
FAMILIES, DRIFTS, PANELS = 400, 400, 2000
WARM = 12
"""Lists before those that are counted, so that charts have run for a while."""
_SIZES = ((30, 270, 0.2), (30, 270, 0.5), (100, 900, 0.2), (100, 900, 0.02), (1000, 9000, 0.004))
_RATIOS = (1.0, 1.5, 2.0, 3.0)


def alarm_rows() -> tuple[dict[str, Any], ...]:
    """Return the parameters of every row: new people a list in the group and beside it, their rate, the change."""
    return tuple(
        {"group": group, "others": others, "rate": rate, "ratio": ratio}
        for group, others, rate in _SIZES
        for ratio in _RATIOS
        if rate * ratio <= 1
    )


def alarmed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return how often something rings within `SPAN` lists after the change.

    Where the ratio is 1 nothing changes and the whole family is looked at: ``rang`` must not exceed `ALPHA` by more
    than chance (``held``). Else one group's rate is multiplied and its own chart is looked at; a ring before the change
    is no success.
    """
    rng = np.random.default_rng([row["group"], round(1000 * row["rate"]), round(10 * row["ratio"])])
    height = threshold_of(CHARTS, ALPHA)
    if row["ratio"] == 1.0:
        found = [any(_first_ring(_drawn(row, rng, height)) is not None for _ in range(CHARTS)) for _ in range(FAMILIES)]
        chance = float(stats.binom.sf(sum(found) - 1, FAMILIES, ALPHA))
        return {
            "runs": FAMILIES,
            "charts": CHARTS,
            "rang": round(sum(found) / FAMILIES, 4),
            "lists": "",
            "held": chance >= 0.01,
        }
    rings = [_first_ring(_drawn(row, rng, height)) for _ in range(DRIFTS)]
    after = [ring for ring in rings if ring is not None]
    lists = float(np.median(after)) if after else ""
    return {"runs": DRIFTS, "charts": 1, "rang": round(len(after) / DRIFTS, 4), "lists": lists, "held": ""}


def _drawn(row: Mapping[str, Any], rng: np.random.Generator, height: float) -> Chart:
    seen = []
    for number in range(WARM + SPAN + 1):  # the first is what the second is compared with
        base = row["rate"] * float(np.exp(rng.normal(0.0, 0.1)))  # rates differ between lists, ratios do not
        changed = row["ratio"] if number > WARM else 1.0
        events, others = (
            rng.binomial(row["group"], min(1.0, base * changed)),
            rng.binomial(row["others"], min(1.0, base)),
        )
        seen.append(Observed(str(number), float(events), float(row["group"]), float(others), float(row["others"])))
    return run_chart(seen, height)


def _first_ring(chart: Chart) -> int | None:
    """Return how many lists after the change it rang first; None where it did not."""
    return next((int(ring.at) - WARM for ring in chart.rings if int(ring.at) > WARM), None)


def part_rows() -> tuple[dict[str, Any], ...]:
    """Return the parameters of every row: people of the group, times as many others, share of them near the top."""
    return tuple(
        {"n": n, "times": times, "top": top}
        for n, tops in ((100, (0.5, 1.0)), (500, (0.1, 1.0)), (2000, (0.02, 0.1)))
        for times in (1, 10)
        for top in tops
    )


def parted(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return how often the intervals of placement and panel hold the truth, where there are intervals."""
    rng = np.random.default_rng([row["n"], row["times"], round(100 * row["top"])])
    top = row["top"]
    p1 = np.array([0.3 * top, 0.7 * top, 1 - top])
    p2 = np.array([0.5 * top, 0.5 * top, 1 - top])
    a1, a2 = np.array([0.5, 0.3, 0.0]), np.array([0.6, 0.4, 0.0])
    truth = float(((p1 - p2) * (a1 + a2) / 2).sum()), float(((a1 - a2) * (p1 + p2) / 2).sum())
    group = np.repeat([True, False], [row["n"], row["n"] * row["times"]])
    person, hits, told = np.arange(group.size), np.zeros(2, dtype=np.int64), 0
    for _ in range(PANELS):
        band = np.concatenate([rng.choice(3, int(side.sum()), p=p) for side, p in ((group, p1), (~group, p2))])
        found = decompose(group, band, rng.random(group.size) < np.where(group, a1[band], a2[band]), person)
        ends = (found.placement_low, found.placement_high, found.panel_low, found.panel_high)
        if None in ends:
            continue
        told += 1
        hits += [ends[0] <= truth[0] <= ends[1], ends[2] <= truth[1] <= ends[3]]  # type: ignore[operator]
    chances = [float(stats.binom.cdf(count, told, LEVEL)) for count in hits]
    placement, panel = (hits / max(told, 1)).round(4).tolist()
    return {
        "simulations": told,
        "placement": placement,
        "panel": panel,
        "placement_held": chances[0] >= 0.01,
        "panel_held": chances[1] >= 0.01,
        "may_bind": False,
    }
