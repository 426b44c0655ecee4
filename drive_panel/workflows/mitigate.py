"""The workbench: alternatives beside the champion, harm found against disparity, on the lists that the audit judged.

For data scientists; its figures are exact and not to leave. Nothing is saved but the report, nothing is promoted, and
no alternative has a line of its own for any group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from drive_panel.errors import NotConfigured
from drive_panel.pages.mitigation import page
from drive_panel.workflows.audited import Communities
from drive_panel.workflows.release import batch_service, require_made_up
from drive_panel.workspace import Workspace
from fairness import Policy, load_policy, select_at_audit_depth
from fairness.cells import Cell
from fairness.diagnosis import missed_harm_cells
from fairness.diagnosis.readings import assessable
from fairness.disclosure import EXACT
from fairness.exchange import compare_missed_harm
from fairness.report import rounded
from fairness.tables import SUBJECTS, split_table
from features import CATALOGUE, EventStream, build_stream
from models import Bundle
from records import RecordStore, Snapshot
from records.communities import CommunityStore
from training.alternatives import CHAMPION, Alternative, WorkbenchSettings, load_alternatives, train_config
from training.backtest import depths, labelled_lists
from training.lists import Floats, Ints, Lists
from training.running import prepare
from training.settings import RankerSettings, TrainSettings, load_settings
from training.workbench import BASE, HarmFound, Workbench, harm_found
from values import Hash, Progress

COMPARED = "mitigation.compared"
_AUDITED = ["person_id", "as_of", "area", "split", "score", "outcome", "selected"]
_TRUST = 1e-6  # the stored audit keeps nine digits
Told = dict[str, Any]


@dataclass(frozen=True)
class _Champion:
    """The bundle that scores, what it was trained as, and the audit that is stored of it."""

    hash: Hash
    settings: TrainSettings
    own: RankerSettings
    base: RankerSettings
    audit: Told


def run(
    workspace: Workspace, config: Path | None, alternatives: Path | None, out: Path | None, progress: Progress
) -> Told:
    """Compare alternatives with the champion on its own test dates, write the report, and return it.

    Parameters
    ----------
    workspace
        Whose champion; the report goes to ``reports/mitigation-<bundle>.html`` and ``.json``.
    config
        The training settings that the champion was trained with; the defaults where None.
    alternatives
        What to try (YAML); where None, what the champion's diagnosis suggests.
    out
        Another place for the page; the JSON lies beside it.
    progress
        Told as each step moves on.

    Raises
    ------
    NotConfigured
        If records or settings are not those of the champion, so that its lists cannot be drawn up again.
    CommunitiesUnreadable
        If communities cannot be read; nothing is fitted then.
    """
    require_made_up(workspace)
    snapshot = RecordStore(workspace.records).latest()
    champion = _champion(workspace, load_settings(config), snapshot)
    policy = load_policy(workspace.policy)
    communities = Communities(CommunityStore(workspace.records), snapshot)
    stream = build_stream(snapshot, progress)
    ready = prepare(snapshot, stream, champion.settings, CATALOGUE, progress)
    groups = _Groups(communities, ready.material.spine, policy)
    bench = Workbench(ready.material, champion.settings, CATALOGUE, champion.own, champion.base, groups)
    chosen = load_alternatives(alternatives) if alternatives else suggested(champion.audit, policy, bench)
    _require_characteristics(chosen, groups)
    _note(workspace, champion.hash, chosen)  # before anything is fitted with communities
    lists, rows = bench.lists(chosen.alternatives, chosen.reductions, progress)
    progress("audit the alternatives", 0, 1)
    tables = _tables(bench, lists, rows, communities, stream, policy)
    cells = {name: missed_harm_cells(table, policy) for name, (table, _) in tables.items()}
    _require_the_audited_lists(cells[CHAMPION], champion.audit)
    settings = champion.settings
    above = {name: selected for name, (_, selected) in tables.items()}
    harm = harm_found(lists, above, settings.capacity.k, draws=settings.draws, seed=settings.seed)
    worse = {name: _worse(table, tables[CHAMPION][0], policy) for name, (table, _) in tables.items()}
    progress("audit the alternatives", 1, 1)
    declared = bench.declared(chosen.alternatives)
    document: Told = rounded(
        {
            "marked": EXACT,
            "bundle": champion.hash,
            "snapshot": str(snapshot.hash),
            "synthetic": snapshot.synthetic,
            "policy": {"name": policy.name, "hash": str(policy.hash)},
            "margin": list(policy.margin.ends),
            "ratio_level": 1 - 2 * policy.alpha,
            "places": settings.capacity.k,
            "splits": [str(split.test) for split in ready.splits],
            "base": champion.base.name,
            "alternatives": [
                {
                    **_told(name, chosen.alternatives, champion, declared, config),
                    "harm": _harm(harm[name]),
                    "cells": [_cell(cell, policy) for cell in cells[name]],
                    "worse": worse[name],
                }
                for name in lists.margins
            ],
        }
    )
    place = out or workspace.folder("reports") / f"mitigation-{champion.hash.short}.html"
    written = workspace.write_report(place, page(document), document)
    return {**document, **written}


def _note(workspace: Workspace, champion: Hash, chosen: WorkbenchSettings) -> None:
    names = [each.name for each in chosen.alternatives]
    reads = sorted({each.reads for each in chosen.alternatives if each.reads})
    with batch_service(workspace) as service:
        service.note("command-line", COMPARED, champion, {"alternatives": names, "fitted_with": reads})


def _champion(workspace: Workspace, settings: TrainSettings, snapshot: Snapshot) -> _Champion:
    bundle = Bundle.load(workspace.bundles / workspace.champion)
    bundle.require_catalogue(str(CATALOGUE.version))
    audit = workspace.read_audit(bundle.hash)
    if audit is None:
        raise NotConfigured(f"Bundle {bundle.hash.short} has no backtest audit.", "Run `drive-panel train` again.")
    if audit["snapshot"] != snapshot.hash:
        raise NotConfigured(
            f"Bundle {bundle.hash.short} was trained on other records than those that are there now.",
            "Train again, then compare: alternatives are judged on the lists that the champion's audit judged.",
        )
    rankers = {each["name"]: RankerSettings.model_validate(each) for each in bundle.card["rankers"]}
    own = rankers[bundle.card["decision"]["champion"]]
    boosters = [each for each in rankers.values() if each.kind == "lightgbm"]
    base = own if own.kind == "lightgbm" else next(iter(boosters), None)
    if base is None:
        raise NotConfigured(
            "The champion's training run compared simple lists only, so there is nothing to read otherwise.",
            "Train with a candidate of the kind lightgbm first.",
        )
    no_search = settings.tuning.model_copy(update={"trials": 0})  # its parameters are in the bundle's card
    return _Champion(bundle.hash, settings.model_copy(update={"tuning": no_search}), own, base, audit)


class _Groups:
    """Communities as numbers, for the rows of the material; see `training.workbench.Groups`."""

    def __init__(self, communities: Communities, spine: pd.DataFrame, policy: Policy) -> None:
        people = communities.of_subjects(spine[["person_id"]].drop_duplicates())
        table = people.assign(selected=0, outcome=0)
        self._characteristics = split_table(table, policy.grouping_pairs)[SUBJECTS].characteristics
        self._row = pd.Index(people["person_id"]).get_indexer(pd.Index(spine["person_id"]))

    def __call__(self, characteristic: str) -> Ints:
        return np.asarray(self._characteristics[characteristic].codes[self._row], dtype=np.int64)

    @property
    def names(self) -> list[str]:
        """The characteristics there are."""
        return list(self._characteristics)


def _require_characteristics(chosen: WorkbenchSettings, groups: _Groups) -> None:
    wanted = {each.reads for each in chosen.alternatives if each.reads}
    if unknown := sorted(wanted - set(groups.names)):
        raise NotConfigured(
            f"There is no characteristic {', '.join(unknown)} of subjects to fit with.",
            f"Known are {', '.join(groups.names)}.",
        )


def suggested(audit: Mapping[str, Any], policy: Policy, bench: Workbench) -> WorkbenchSettings:
    """Return what is tried where nobody declared anything: what the champion's diagnosis points at.

    Without what the police generate, and without it ever raising a place; without the indicators that follow a
    community, and those parted in three; outcomes reweighed, and a reduction, for each binding characteristic.
    """
    names = bench.material.names
    police = tuple(name for name in names if name.startswith("police_generated"))
    read = set(names) - set(bench.base.without)
    scanned = (audit.get("diagnosis") or {}).get("proxies", ())
    told = {each["indicator"] for each in scanned if not each["low"] <= 0.5 <= each["high"]}
    follow = tuple(name for name in names if name in told & read)
    cuts = {name: at for name in follow if (at := _thirds(bench, name))}
    alternatives = [
        Alternative(name="without_police_generated", without=police),
        Alternative(name="police_never_raises", directions=dict.fromkeys(police, -1)),
    ]
    if follow:
        alternatives.append(Alternative(name="without_what_follows", without=follow))
    if cuts:
        alternatives.append(Alternative(name="coarse_what_follows", cuts=cuts))
    for name in dict.fromkeys(each.characteristic for each in policy.binding if each.table == SUBJECTS):
        alternatives += [
            Alternative(name=f"reweighed_{name}", reweigh=name),
            Alternative(name=f"reduction_{name}", reduction=name),
        ]
    return WorkbenchSettings(alternatives=tuple(alternatives))


def _thirds(bench: Workbench, name: str) -> tuple[float, ...]:
    """Return the values that part people in three, to two digits, so that none is one person's own."""
    rows, _ = bench.material.use.final
    values = bench.material.values[bench.material.names.index(name)][rows]
    known = values[~np.isnan(values)]
    ends = np.quantile(known, [1 / 3, 2 / 3], method="higher") if known.size else []
    return tuple(sorted({float(f"{end:.2g}") for end in ends}))


def _tables(
    bench: Workbench, lists: Lists, rows: Ints, communities: Communities, stream: EventStream, policy: Policy
) -> dict[str, tuple[pd.DataFrame, Floats]]:
    """Return by ranker its audited table beside communities, and which tested rows lie above its audit depth."""
    depth = depths(bench.material, lists, rows, bench.settings.seed)
    people: dict[str, pd.DataFrame] = {}
    for name in lists.margins:
        told = labelled_lists(bench.material, lists, rows, name, bench.settings, depth[name])
        people[name] = select_at_audit_depth(told.assign(score=told["order"], row=range(len(told))), policy)
    first = people[CHAMPION]
    joined = communities.join(first[[*_AUDITED, "row"]], stream, bench.settings.cohort.months)
    at = joined["row"].to_numpy()
    out = {}
    for name, each in people.items():
        selected, score = each["selected"].to_numpy(), each["score"].to_numpy()
        table = joined.drop(columns="row").assign(selected=selected[at], score=score[at])
        out[name] = table, selected.astype(np.float64)
    return out


def _require_the_audited_lists(cells: list[Cell], audit: Mapping[str, Any]) -> None:
    """Refuse to plot a champion that is not, number for number, the one that its stored audit judged."""
    stored = {
        (c["table"], c["characteristic"], c["group"]): (c["n"], c["events"], c["ratio_low"])
        for c in audit["pooled"]["cells"]
        if c["binding"] and c["metric"] == "missed_harm"
    }
    again = {(c.table, c.characteristic, c.group): (c.n, c.events, c.ratio_low) for c in cells}
    if stored.keys() != again.keys() or not all(np.allclose(again[key], stored[key], rtol=_TRUST) for key in stored):
        raise NotConfigured(
            "With these settings the champion gives other lists than those that its audit judged.",
            "Name the configuration that it was trained with (--config FILE); or train again, then compare.",
        )


def _told(
    name: str,
    alternatives: tuple[Alternative, ...],
    champion: _Champion,
    declared: Mapping[str, RankerSettings],
    config: Path | None,
) -> Told:
    """Return what an alternative is, and the configuration by which `train` makes a bundle of it."""
    if name in (CHAMPION, BASE):
        what = champion.own if name == CHAMPION else champion.base
        return {"name": name, "kind": what.kind, "differs": {}, "reads": "", "train": None}
    chosen = next(each for each in alternatives if each.name == name)
    differs = chosen.model_dump(mode="json", exclude_defaults=True, exclude={"name"})
    if chosen.reads:
        return {"name": name, "kind": champion.base.kind, "differs": differs, "reads": chosen.reads, "train": None}
    written = yaml.safe_load(config.read_text(encoding="utf-8")) if config else None
    made = train_config(written or {}, declared[name])
    text = yaml.safe_dump(made, sort_keys=False, allow_unicode=True)
    return {"name": name, "kind": champion.base.kind, "differs": differs, "reads": "", "train": text}


def _worse(table: pd.DataFrame, champion: pd.DataFrame, policy: Policy) -> list[str]:
    """Return the communities whose harm is missed more often than by the champion, beyond chance."""
    exchanges = compare_missed_harm(table, champion, policy)
    return [f"{each.characteristic}: {each.group}" for each in exchanges if each.worse]


def _harm(found: HarmFound) -> Told:
    parts = {"at_places": found.at_places, "against_champion": found.against_champion, "at_depth": found.at_depth}
    return {
        part: {
            name: {"value": _number(i.value), "low": _number(i.low), "high": _number(i.high)} for name, i in of.items()
        }
        for part, of in parts.items()
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _cell(cell: Cell, policy: Policy) -> Told:
    told: Told = {"table": cell.table, "characteristic": cell.characteristic, "group": cell.group}
    if not assessable(cell, policy):
        return told | dict.fromkeys(("ratio", "low", "high"))
    return told | {"ratio": cell.ratio, "low": cell.ratio_low, "high": cell.ratio_high}


def describe(result: Told) -> list[str]:
    """Return harm found and the widest disparity of each alternative in plain lines, and where the report is."""
    lines = [
        f"Alternatives to bundle {result['bundle'][:12]} at {', '.join(result['splits'])}; nothing was promoted.",
        f"{'':<28} {'harm days found':>16}  less the champion's        widest ratio of missed harm",
    ]
    for each in result["alternatives"]:
        weights, found = next(iter(each["harm"]["at_places"].items()))
        apart = each["harm"]["against_champion"][weights]
        low, high = (apart["low"], apart["high"])
        sure = "" if low is None else f"({low:+,.0f} to {high:+,.0f})"
        lines.append(f"{each['name']:<28} {found['value']:>16,.0f}  {apart['value']:+,.0f} {sure:<18}  {_widest(each)}")
    return [*lines, f"Report: {result['html']}", f"Numbers: {result['json']}"]


def _widest(each: Told) -> str:
    told = [cell for cell in each["cells"] if cell["ratio"]]
    if not told:
        return "no community is large enough"
    cell = max(told, key=lambda cell: abs(np.log(cell["ratio"])))
    high = "no upper end" if cell["high"] is None else f"{cell['high']:.2f}"
    name = f"{cell['characteristic']} {cell['group']}".replace("_", " ")
    return f"{cell['ratio']:.2f} ({cell['low']:.2f} to {high}), {name}"
