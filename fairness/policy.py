"""Policies: read, asked whether they could ever pass and would stop a gap, and loaded only if so.

A gate that cannot pass is one that people learn to waive, and one that stops nothing is none. `check` therefore
computes, at the policy's own `site:` numbers, how often each binding cell would pass if there were no gap and how often
it would be refused if there were one. `load_policy` refuses a policy in which some cell that must pass would do so less
often than `minimum_p_pass` without a gap, or would stop a list less often than `minimum_p_stop` with one of twice,
whatever table is audited later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fairness.errors import PolicyCannotPass, PolicyCannotStop
from fairness.groups import is_stated
from fairness.metrics import METRICS
from fairness.policy_file import SHIPPED, read_policy
from fairness.policy_schema import Binding, Policy
from fairness.power import DecisionOdds, decision_odds, largest_ratio, minimum_detectable_ratio, rates_at
from fairness.tables import SUBJECTS
from fairness.verdict import inside, no_gap_p_value, outside_p_value

__all__ = ["SHIPPED", "Policy", "PolicyCheck", "SiteCell", "check", "load_policy", "read_policy"]

GAPS = (1.5, 2.0, 3.0)
STOPPED = 2.0
"""The gap that a cell which must pass has to stop; where none so large can exist, the largest that does."""
NEVER_PASSES = "could not pass at the policy's own site even with no gap"


@dataclass(frozen=True)
class SiteCell:
    """One binding cell at the site's numbers.

    Attributes
    ----------
    n
        Trials in the group, as independent draws (rows divided by the design effect).
    rate
        The metric's overall rate.
    assessable
        False under the floor or where the characteristic is too often unrecorded: such a cell neither passes nor
        is refused.
    required
        True where the cell must pass for the audit to pass; smaller assessable cells can refuse, or keep the audit
        from passing where they lean towards a gap.
    p_pass_no_gap
        Chance that the cell passes if the group's rate is everyone else's.
    p_refuse
        Gap (ratio, as text) -> chance that the cell is refused, if it is the only one with a gap.
    p_stops
        The same for: the cell keeps the audit from passing, refused or not settled; "1" is no gap.
    largest_possible_ratio
        No larger gap can exist at these numbers; larger ones in `p_refuse` are computed at this one.
    """

    table: str
    characteristic: str
    group: str
    metric: str
    n: int
    others: int
    rate: float
    assessable: bool
    required: bool
    p_pass_no_gap: float
    p_refuse: dict[str, float]
    p_stops: dict[str, float]
    largest_possible_ratio: float
    minimum_detectable_ratio: float | None
    can_pass: bool
    can_stop: bool
    reason: str


@dataclass(frozen=True)
class PolicyCheck:
    """What a policy could do at its site.

    Attributes
    ----------
    p_pass_no_gap, p_refuse_no_gap
        Chances that a whole audit passes, and refuses, if no group has a gap.
    """

    loadable: bool
    cells: tuple[SiteCell, ...]
    reasons: tuple[str, ...]
    p_pass_no_gap: float
    p_refuse_no_gap: float
    policy: str
    policy_hash: str

    def to_dict(self) -> dict[str, Any]:
        """Return the check as plain JSON values."""
        out = asdict(self)
        out["cells"] = [asdict(cell) for cell in self.cells]
        out["reasons"] = list(self.reasons)
        return out


def load_policy(path: Path = SHIPPED) -> Policy:
    """Return the policy in `path`.

    Raises
    ------
    PolicyError
        If the file is wrong; with line and column.
    PolicyCannotPass
        If some binding cell could not pass at the site's numbers even with no gap.
    PolicyCannotStop
        If some binding cell that must pass would let a gap of twice through at the site's numbers.
    """
    policy = read_policy(path)
    checked = check(policy)
    if any(cell.required and cell.can_pass and not cell.can_stop for cell in checked.cells):
        raise PolicyCannotStop(
            f"{path.name}: {' '.join(checked.reasons)}",
            "Narrow the margin, judge where a gap can show (audit_depth_share), or correct the site's numbers.",
        )
    if not checked.loadable:
        raise PolicyCannotPass(
            f"{path.name}: {' '.join(checked.reasons)}",
            "Bind on larger groups or more pooled lists, widen the margin, or correct the site's numbers.",
        )
    return policy


def check(policy: Policy, *, seed: int = 0, draws: int = 4000) -> PolicyCheck:
    """Compute what each binding cell, and the whole audit, would do at the site's numbers.

    Cells are added up exactly over all counts, with group sizes at their expected values. The whole audit is
    simulated (`draws` lists from `seed`), groups of one characteristic sharing their members, characteristics
    taken as independent.
    """
    sizes = {binding: _sizes(policy, binding) for binding in policy.binding}
    family = max(1, sum(size.assessable for groups in sizes.values() for size in groups.values()))
    small = sum(size.assessable and not size.required for groups in sizes.values() for size in groups.values())
    cells = tuple(
        _cell(policy, binding, group, groups[group], sum(size.n for size in groups.values()), (family, small))
        for binding, groups in sizes.items()
        for group in groups
    )
    reasons = [cell.reason for cell in cells if cell.required and not (cell.can_pass and cell.can_stop)]
    stated = Counter((c.table, c.characteristic, c.metric) for c in cells if c.required and is_stated(c.group))
    reasons += [
        f"{b.characteristic} ({b.table}, {b.metric}) {NEVER_PASSES}: fewer than two stated groups are large "
        "enough, or too many people are unrecorded."
        for b in policy.binding
        if stated[(b.table, b.characteristic, b.metric)] < 2
    ]
    passes, refuses = _whole_audit(policy, cells, (family, small), np.random.default_rng(seed), draws)
    return PolicyCheck(not reasons, cells, tuple(reasons), passes, refuses, policy.name, policy.hash)


@dataclass(frozen=True)
class _Size:
    n: int
    assessable: bool
    required: bool


def _sizes(policy: Policy, binding: Binding) -> dict[str, _Size]:
    """Return each group's independent trials, and whether it is above the floors."""
    site = policy.site
    subjects = binding.table == SUBJECTS
    persons = site.people * site.splits
    rows = persons * (1.0 if subjects else site.dyads_per_person)
    effect = site.design_effect.subjects if subjects else site.design_effect.dyads
    independent = rows / effect
    shares = site.shares[binding.characteristic]
    unstated = sum(share for group, share in shares.items() if not is_stated(group))
    recorded = unstated <= policy.unrecorded_max
    labelled = METRICS[binding.metric].labelled

    def above(share: float, outcomes: int) -> bool:
        enough = independent * share * site.outcome_rate >= outcomes or not labelled
        return recorded and independent * share >= policy.floor.people and enough

    return {
        group: _Size(
            n=round(independent * share * _trial_share(policy, binding.metric)),
            assessable=min(above(s, policy.floor.outcomes) for s in (share, 1 - share)),
            required=min(above(s, policy.floor.to_pass) for s in (share, 1 - share)),
        )
        for group, share in shares.items()
    }


def _trial_share(policy: Policy, metric: str) -> float:
    """Return the share of rows that are trials of `metric` at the site."""
    site = policy.site
    if metric in ("missed_harm", "found"):
        return site.outcome_rate
    return {"selection": 1.0, "precision": site.selected_share, "fpr": 1 - site.outcome_rate}[metric]


def _overall_rate(policy: Policy, metric: str) -> float:
    """Return the rate of `metric` over everybody at the site."""
    site, found = policy.site, policy.audit_depth_share
    hits = site.outcome_rate * found
    rates = {
        "missed_harm": 1 - found,
        "found": found,
        "selection": site.selected_share,
        "precision": hits / site.selected_share,
        "fpr": (site.selected_share - hits) / (1 - site.outcome_rate),
    }
    return float(np.clip(rates[metric], 0.001, 0.999))


def _cell(policy: Policy, binding: Binding, group: str, size: _Size, total: int, family: tuple[int, int]) -> SiteCell:
    n, others, rate = size.n, total - size.n, _overall_rate(policy, binding.metric)
    assessable = size.assessable and n > 0 and others > 0
    share = n / total if total else 0.0
    margin, alpha = policy.margin.ends, policy.alpha

    required = assessable and size.required
    judged, small = family

    def odds(ratio: float) -> DecisionOdds:
        if not assessable:
            return DecisionOdds(0.0, 0.0, 0.0)
        p1, p2 = (float(p) for p in rates_at(rate, share, ratio))
        excused_among = None if required else small
        return decision_odds(n, others, p1, p2, margin=margin, alpha=alpha, cells=judged, excused_among=excused_among)

    at = {ratio: odds(ratio) for ratio in (1.0, *GAPS)}
    passes = at[1.0].passes
    detectable = float(
        minimum_detectable_ratio(n, others, rate, margin=margin, alpha=alpha, cells=judged) if assessable else np.nan
    )
    name = f"{binding.characteristic} {group!r} ({binding.table}, {binding.metric})"
    return SiteCell(
        table=binding.table,
        characteristic=binding.characteristic,
        group=group,
        metric=binding.metric,
        n=n,
        others=others,
        rate=round(rate, 6),
        assessable=assessable,
        required=required,
        p_pass_no_gap=round(passes, 6),
        p_refuse={f"{ratio:g}": round(at[ratio].refuses, 6) for ratio in GAPS},
        p_stops={f"{ratio:g}": round(found.stops, 6) for ratio, found in at.items()},
        largest_possible_ratio=round(float(largest_ratio(rate, share)), 6),
        minimum_detectable_ratio=None if np.isnan(detectable) else round(detectable, 6),
        can_pass=passes >= policy.minimum_p_pass,
        can_stop=at[STOPPED].stops >= policy.minimum_p_stop,
        reason=_reason(name, (assessable, required), at, policy),
    )


def _reason(name: str, judged: tuple[bool, bool], at: Mapping[float, DecisionOdds], policy: Policy) -> str:
    assessable, required = judged
    passes, stops = at[1.0].passes, at[STOPPED].stops
    if not assessable:
        return f"{name} is not assessable at the site: under the floor, or too often unrecorded."
    if not required:
        return f"{name} can be refused, or stop a pass by leaning towards a gap, but is not required to pass."
    if passes < policy.minimum_p_pass:
        asked = f"and {policy.minimum_p_pass:.0%} is asked for."
        return f"{name} {NEVER_PASSES}: it would pass {passes:.1%} of the time, {asked}"
    if stops < policy.minimum_p_stop:
        asked = f"it would stop it {stops:.1%} of the time, and {policy.minimum_p_stop:.0%} is asked for."
        return f"{name} would let a gap of twice through at the policy's own site: {asked}"
    return ""


def _whole_audit(
    policy: Policy, cells: tuple[SiteCell, ...], family: tuple[int, int], rng: np.random.Generator, draws: int
) -> tuple[float, float]:
    """Return the chances that all binding cells pass, and that any is refused, without a gap."""
    passes, lowest = np.ones(draws, dtype=bool), np.ones(draws)
    judged_cells, small_cells = family
    for binding in policy.binding:
        own = [c for c in cells if (c.table, c.characteristic, c.metric) == _key(binding)]
        n = np.array([c.n for c in own])
        events = rng.binomial(n, own[0].rate, size=(draws, n.size))
        rest, others = events.sum(axis=1, keepdims=True) - events, n.sum() - n
        judged = np.array([c.assessable for c in own])
        within = inside(events, n, rest, others, policy.margin.ends, policy.alpha)
        # Holm stops the list exactly where its first step does.
        leans = no_gap_p_value(events, n, rest, others) <= 2 * policy.alpha / max(small_cells, 1)
        excused = ~np.array([c.required for c in own]) & ~(judged & leans)
        passes &= (within | excused).all(axis=1)
        p = np.where(judged, outside_p_value(events, n, rest, others, policy.margin.ends), 1.0)
        lowest = np.minimum(lowest, p.min(axis=1))
    if not any(c.required for c in cells):
        passes[:] = False
    return float(passes.mean()), float((lowest <= policy.alpha / judged_cells).mean())


def _key(binding: Binding) -> tuple[str, str, str]:
    return binding.table, binding.characteristic, binding.metric
