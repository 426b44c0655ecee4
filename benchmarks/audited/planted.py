"""What the gate says of the planted worlds, seed by seed, and what it has to say.

Thresholds are part of this file: they were written before anything was judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.audited.planted_declared import WORLDS
from benchmarks.audited.planted_worlds import LISTS, People, audited_table, grow
from fairness import audit, load_policy, select_at_audit_depth
from fairness.sensitivity import RECORDS_CANNOT_SHOW, label_sensitivity

SEEDS_A_BLOCK: Final = 10
MOST_PASSES: Final = 0.05
"""Of the seeds of a world that must stop (`stop`), how many may pass."""
LEAST_PASSES: Final = 0.5
MOST_REFUSALS: Final = 0.05
"""Of the seeds of a world without a tilt (`pass`), how many must pass, and how many may be refused."""
LARGEST_REVERSING: Final = 2.0
"""Where the record cannot show the tilt (`unseen`): the ratio at which the cell would be refused is told in every seed
in which it passes, and is no larger than this; so is that no audit of recorded data can see it."""


def judged(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the gate says of ten draws of a world.

    Returns
    -------
    dict
        `audits`, `passed`, `refused`, `insufficient`; of the first tilted community `true_ratio` (of missed harm, over
        everybody and all that happened), `recorded_ratio` (as the audits see it), `cell_passed`; `reversing`: where its
        cell passes, the largest ratio at which under-recorded outcomes would make it a refusal (blank where it never
        passes, inf where no ratio does in some seed); `told`: audits that say what no record can show.
    """
    world, policy = WORLDS[row["world"]], load_policy()
    groups = list(policy.site.shares["ethnicity_group"])
    verdicts: list[str] = []
    truths, missed, reversing, told = [], [], [], 0
    for seed in range((row["block"] - 1) * SEEDS_A_BLOCK + 1, row["block"] * SEEDS_A_BLOCK + 1):
        rng = np.random.default_rng([seed, *world.name.encode()])
        people = grow(world, rng)
        table = select_at_audit_depth(audited_table(world, people, rng), policy)
        report = audit(table, policy, evidence="backtest")
        verdicts.append(report.verdict.value)
        told += RECORDS_CANNOT_SHOW in report.to_dict()["label_sensitivity_note"]
        if not world.tilts:
            continue
        truths.append(_true_counts(groups.index(world.tilts[0].group), people, table))
        (cell,) = [
            c for c in report.binding if (c.characteristic, c.group) == ("ethnicity_group", world.tilts[0].group)
        ]
        missed.append(cell.ratio or np.nan)
        if cell.verdict == "pass":
            reversing += [
                each.reverses_at or np.inf
                for each in label_sensitivity(report.cells, policy)
                if (each.characteristic, each.group) == (cell.characteristic, cell.group)
                and each.recorded == "too seldom"
            ]
    figures: dict[str, Any] = {"audits": len(verdicts)}
    figures |= {
        name: verdicts.count(verdict)
        for name, verdict in (("passed", "pass"), ("refused", "refuse"), ("insufficient", "insufficient"))
    }
    if world.tilts:
        own_missed, own, rest_missed, rest = np.sum(truths, axis=0)
        figures |= {
            "true_ratio": round((own_missed / own) / (rest_missed / rest), 3),
            "recorded_ratio": round(float(np.mean(missed)), 3),
            "cell_passed": len(reversing),
            "reversing": max(reversing) if reversing else "",
        }
    return figures | {"told": told}


def _true_counts(group: int, people: People, table: pd.DataFrame) -> tuple[int, int, int, int]:
    """Return missed and all outcomes that happened in a group, and among everybody else, on a list or not."""
    selected = np.zeros(people.harmed.shape, dtype=bool)
    chosen = table[table["selected"] == 1]
    selected[chosen["person_id"], chosen["split"].astype(int)] = True
    happened, missed = (of[:, list(LISTS)].sum(axis=1) for of in (people.harmed, people.harmed & ~selected))
    own = people.group == group
    return int(missed[own].sum()), int(happened[own].sum()), int(missed[~own].sum()), int(happened[~own].sum())


def holds(wanted: str, rows: Iterable[Mapping[str, Any]]) -> bool:
    """Say whether all blocks of a world together came out as they have to; figures may be text, from a table."""
    blocks = list(rows)
    audits, passed, refused, told = (
        sum(int(each[name]) for each in blocks) for name in ("audits", "passed", "refused", "told")
    )
    if wanted == "pass":
        return passed >= LEAST_PASSES * audits and refused <= MOST_REFUSALS * audits
    if wanted == "stop":
        return passed <= MOST_PASSES * audits
    if wanted == "unseen":
        largest = max((float(each["reversing"]) for each in blocks if each["reversing"] != ""), default=np.inf)
        return largest <= LARGEST_REVERSING and told == audits
    return True
