"""How often the audit's intervals hold the truth: added up exactly where that can be done, else by simulation.

The simulated people are made here and know nothing of how an interval is formed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from fairness.axes import single
from fairness.clusters import design_effects
from fairness.groups import from_labels
from fairness.intervals import difference_interval, difference_score, exact_rate, ratio_interval, ratio_score
from fairness.metrics import METRICS
from fairness.ranks import FEWEST, rank_metrics
from fairness.standing import stand
from fairness.stratified import stratified_ratio
from fairness.tables import AuditTable

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SIMULATIONS = 2000
SIZES, RATES = (25, 100, 1000), (0.02, 0.1, 0.5)
OTHERS = (1, 10)
"""Everyone else, in multiples of the group; thousands beside tens of thousands are left to the exact sums."""
_SHARES = np.array([0.4, 0.25, 0.15, 0.1, 0.06, 0.04])


@dataclass(frozen=True)
class Interval:
    """One kind of interval.

    Attributes
    ----------
    hits
        (row's parameters, generator) -> of each simulation in which an interval is given, does it hold the truth.
    exact
        Parameters -> the coverage added up over all counts; None where that cannot be done.
    smallest
        Fewest people for which the audit gives the interval.
    binds
        Whether a cell that decides may rest on it.
    """

    hits: Callable[[Mapping[str, Any], np.random.Generator], npt.NDArray[np.bool_]]
    exact: Callable[[Mapping[str, Any]], float] | None = None
    smallest: int = 1
    binds: bool = False


def rows() -> tuple[dict[str, Any], ...]:
    """Return the parameters of every row of the table."""
    return tuple(
        {"interval": name, "level": level, "n": n, "others": n * times, "rate": rate}
        for name, interval in INTERVALS.items()
        for level in ((0.9, 0.95) if interval.binds else (0.95,))
        for n in SIZES
        if n >= interval.smallest
        for times in ((1,) if name == "rate" or (n == SIZES[-1] and interval.exact is None) else OTHERS)
        for rate in RATES
    )


def interval_kind(interval: str) -> str:
    """Return how an interval's rows are simulated: of the order, of dyads, or of counts."""
    if interval in ("rank gap", "exposure"):
        return "order"
    return "dyads" if interval.endswith("of dyads") else "counts"


def covered(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return how often one kind of interval holds the truth at one size and rate.

    Counted are the simulations in which it is given, a share ``given`` of all. ``held`` is false where so few hits
    among them would happen less than once in a hundred at the level it claims, and empty where it is never given.
    """
    interval = INTERVALS[row["interval"]]
    rng = np.random.default_rng([row["n"], row["others"], round(1000 * row["rate"]), round(100 * row["level"])])
    hits = interval.hits(row, rng)
    count = int(hits.sum())
    chance = float(stats.binom.cdf(count, hits.size, row["level"]))
    exact = None if interval.exact is None else round(interval.exact(row), 4)
    return {
        "simulations": SIMULATIONS,
        "given": round(hits.size / SIMULATIONS, 4),
        "coverage": round(count / hits.size, 4) if hits.size else "",
        "exact": "" if exact is None else exact,
        "excess": "" if exact is None else round(exact - row["level"], 4),
        "held": chance >= 0.01 and (exact is None or exact >= row["level"]) if hits.size else "",
        "may_bind": interval.binds,
    }


def _one_rate(row: Mapping[str, Any], rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    low, high = exact_rate(rng.binomial(row["n"], row["rate"], SIMULATIONS), row["n"], row["level"])
    return np.asarray((low <= row["rate"]) & (row["rate"] <= high))


def _one_rate_exactly(row: Mapping[str, Any]) -> float:
    x = np.arange(row["n"] + 1)
    low, high = exact_rate(x, row["n"], row["level"])
    return float(stats.binom.pmf(x, row["n"], row["rate"])[(low <= row["rate"]) & (row["rate"] <= high)].sum())


def _two_rates(of: str) -> Callable[[Mapping[str, Any], np.random.Generator], npt.NDArray[np.bool_]]:
    def hits(row: Mapping[str, Any], rng: np.random.Generator) -> npt.NDArray[np.bool_]:
        x1, x2 = (rng.binomial(n, row["rate"], SIMULATIONS) for n in (row["n"], row["others"]))
        interval, truth = (ratio_interval, 1.0) if of == "ratio" else (difference_interval, 0.0)
        low, high = interval(x1, row["n"], x2, row["others"], row["level"])
        return np.asarray((low <= truth) & (truth <= high))

    return hits


def _two_rates_exactly(of: str) -> Callable[[Mapping[str, Any]], float]:
    def exact(row: Mapping[str, Any]) -> float:
        (x1, w1), (x2, w2) = (_likely(n, row["rate"]) for n in (row["n"], row["others"]))
        counts = (x1[:, None], row["n"], x2[None, :], row["others"])
        score = ratio_score(*counts, 1.0) if of == "ratio" else difference_score(*counts, 0.0)
        inside = np.abs(score) <= stats.norm.ppf(0.5 + row["level"] / 2)
        return float((w1[:, None] * w2[None, :])[inside].sum())

    return exact


def _likely(n: int, rate: float) -> tuple[Floats, Floats]:
    low, high = stats.binom.ppf([1e-10, 1 - 1e-10], n, rate)
    x = np.arange(max(low, 0.0), high + 1)
    return x, np.asarray(stats.binom.pmf(x, n, rate), dtype=np.float64)


def _dyads(row: Mapping[str, Any], rng: np.random.Generator) -> AuditTable:
    """Return persons with one to five victims each, whose cases are as alike as two of one person's are (0.4).

    A fifth of the persons have victims in both groups.
    """
    persons = row["n"] + row["others"]
    cases = rng.integers(1, 6, persons)
    person = np.repeat(np.arange(persons), cases)
    like = 0.4
    strength = (1 - like) / like
    risk = rng.beta(row["rate"] * strength, (1 - row["rate"]) * strength, persons)
    selected = rng.random(person.size) < risk[person]
    member = (np.arange(persons) < row["n"])[person]
    mixed = (rng.random(persons) < 0.2)[person] & (rng.random(person.size) < 0.5)
    group = np.where(member ^ mixed & (rng.random(person.size) < row["n"] / row["others"]), "A", "B")
    found = from_labels("victim_sex", group.astype(object))
    return AuditTable("dyads", selected.astype(np.int64), person, {"victim_sex": found})


def _clustered(of: str) -> Callable[[Mapping[str, Any], np.random.Generator], npt.NDArray[np.bool_]]:
    def hits(row: Mapping[str, Any], rng: np.random.Generator) -> npt.NDArray[np.bool_]:
        out = np.zeros(SIMULATIONS, dtype=bool)
        for number in range(SIMULATIONS):
            table = _dyads(row, rng)
            groups = table.characteristics["victim_sex"]
            effect = design_effects(table, groups, METRICS["selection"])
            n = np.bincount(groups.codes, minlength=2).astype(np.float64)
            x = np.bincount(groups.codes, weights=table.state, minlength=2)
            if of == "rate":
                low, high = exact_rate(x[0] / effect.rate[0], n[0] / effect.rate[0], row["level"])
                out[number] = low <= row["rate"] <= high
            else:
                interval, truth = (ratio_interval, 1.0) if of == "ratio" else (difference_interval, 0.0)
                x, n = x / effect.ratio[0], n / effect.ratio[0]
                low, high = interval(x[0], n[0], x[1], n[1], row["level"])
                out[number] = low <= truth <= high
        return out

    return hits


def _in_strata(row: Mapping[str, Any], rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Simulate six areas of different size and rate, the group unevenly among them, one ratio of 1.25 in all."""
    rates = row["rate"] * np.array([0.5, 1.0, 1.5, 0.7, 1.2, 0.9])
    shape = (SIMULATIONS, _SHARES.size)
    n1, n2 = rng.multinomial(row["n"], _SHARES[::-1], SIMULATIONS), rng.multinomial(row["others"], _SHARES, SIMULATIONS)
    x1, x2 = rng.binomial(n1, np.broadcast_to(1.25 * rates, shape)), rng.binomial(n2, np.broadcast_to(rates, shape))
    _, low, high = stratified_ratio(x1, n1, x2, n2, row["level"])
    return np.asarray((low <= 1.25) & (high >= 1.25))


def _of_order(of: str) -> Callable[[Mapping[str, Any], np.random.Generator], npt.NDArray[np.bool_]]:
    """Return simulations of a list on which the group stands half a standard deviation further up, `rate` selected."""

    def draw(n: int, others: int, rate: float, rng: np.random.Generator) -> tuple[AuditTable, Any]:
        member = np.arange(n + others) < n
        score = rng.normal(size=member.size) + 0.5 * member
        selected = score >= np.quantile(score, 1 - rate)
        groups = from_labels("community", np.where(member, "A", "B").astype(object))
        standing = stand(score, selected, np.zeros(member.size, dtype=np.int64))
        person = np.arange(member.size)
        return AuditTable("subjects", selected.astype(np.int64), person, {"c": groups}, None, standing), single(groups)

    def hits(row: Mapping[str, Any], rng: np.random.Generator) -> npt.NDArray[np.bool_]:
        truth = stats.norm.cdf(-0.5 / np.sqrt(2)) - 0.5
        if of == "exposure":
            many = [rank_metrics(*draw(row["n"], row["others"], row["rate"], rng))[1]["value"] for _ in range(4000)]
            own, rest = np.mean(many, axis=0)
            truth = own / rest
        out = []
        name = "difference" if of == "rank_gap" else "ratio"
        for _ in range(SIMULATIONS):
            found = rank_metrics(*draw(row["n"], row["others"], row["rate"], rng))[of == "exposure"]
            low, high = (float(found[f"{name}_{end}"][0]) for end in ("low", "high"))  # type: ignore[index]
            if not np.isnan(low):
                out.append(low <= truth <= high)
        return np.array(out, dtype=bool)

    return hits


INTERVALS: Mapping[str, Interval] = {
    "rate": Interval(_one_rate, _one_rate_exactly),
    "ratio": Interval(_two_rates("ratio"), _two_rates_exactly("ratio"), binds=True),
    "difference": Interval(_two_rates("difference"), _two_rates_exactly("difference")),
    "rate of dyads": Interval(_clustered("rate")),
    "ratio of dyads": Interval(_clustered("ratio"), binds=True),
    "difference of dyads": Interval(_clustered("difference")),
    "ratio within areas": Interval(_in_strata),
    "rank gap": Interval(_of_order("rank_gap"), smallest=FEWEST),
    "exposure": Interval(_of_order("exposure"), smallest=FEWEST),
}
