"""What reasons cost and whether they hold, on a made-up force: ``python -m benchmarks.reasons [--check]``.

Without ``--check`` it measures, in processor time and median of several rounds side by side, the reasons of a list of
500 people, the contributions of 10,000 beside `shap.TreeExplainer` and LightGBM on the same model, and the fit beside
plain LightGBM with equal parameters. With it, it checks for 1,000 people that contributions sum to the margin, that
every shown reason cites records known at T and loses its push without them, and that simulated completions of what is
not known stay inside the bound. Both write what they found to ``benchmarks/results`` and fail where a limit is passed.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd

from benchmarks.prove import RESULTS, code_of, machine
from features import CATALOGUE, EventStream, build_stream, compute, select_cohort
from models import Bundle, Explanation, SuitabilityRanker, explain
from models.bound import cells
from models.contributions import look_up
from models.trees import read_trees
from models.unknown import not_known
from records import RecordStore, Snapshot
from synthetic import ForceSettings, make_force
from values import AsOf

PERSONS, SEED, ROUNDS, FITS = 12_000, 5, 3, 7
ROOMS = ("values", "records", "features", "models", "synthetic", "benchmarks/reasons.py")
LISTED, COMPARED, CHECKED, DRAWS = 500, 10_000, 1_000, 200
LIMITS = {
    "list_seconds": 10.0,
    "contributions_differ": 1e-9,
    "sums_differ": 1e-9,
    "fit_ratio": 1.15,
    "withheld_share": 0.10,
    "bound_width_ratio": 2.0,
}
NAMES = list(CATALOGUE.names)


@dataclass(frozen=True, eq=False)
class World:
    """A made-up force, a bundle that learned from its past, and its cohort at the end, highest margin first."""

    snapshot: Snapshot
    stream: EventStream
    bundle: Bundle
    past: pd.DataFrame
    grades: pd.Series
    now: pd.DataFrame
    as_of: AsOf


def make_world(folder: Path, persons: int, seed: int, **settings: Any) -> World:
    """Make a force, ingest it, and fit a ranker at four dates on the domestic crimes of the year after each."""
    make_force(folder, ForceSettings(persons=persons, seed=seed))
    store = RecordStore(folder / "records")
    store.ingest(folder / "extract")
    snapshot = store.latest()
    stream, as_of = build_stream(snapshot), AsOf(snapshot.extract_date)
    parts = [_dated(stream, as_of.plus(-days), as_of.plus(365 - days)) for days in (365, 548, 730, 912)]
    past, grades = (pd.concat(side, ignore_index=True) for side in zip(*parts, strict=True))
    ranker = SuitabilityRanker(CATALOGUE.monotone, **settings).fit(past[NAMES], grades)
    bundle = Bundle.save(
        folder / "bundles",
        ranker,
        catalogue_version=CATALOGUE.version,
        indicators=NAMES,
        monotone=CATALOGUE.monotone,
        grade_values=(0.0, 1.0),
        calibration=None,
        bands=None,
        card={},
        for_panel=False,
    )
    now = compute(stream, select_cohort(stream, as_of).assign(as_of=pd.Timestamp(as_of.day)))
    order = np.argsort(-bundle.margin(now), kind="stable")
    return World(snapshot, stream, bundle, past, grades, now.iloc[order].reset_index(drop=True), as_of)


def _dated(stream: EventStream, day: AsOf, later: AsOf) -> tuple[pd.DataFrame, pd.Series]:
    people = select_cohort(stream, day).assign(as_of=pd.Timestamp(day.day))
    crimes = CATALOGUE.only(["domestic_crimes_365"])
    followed = compute(stream, people.assign(as_of=pd.Timestamp(later.day)), crimes)["domestic_crimes_365"]
    return compute(stream, people), followed.clip(upper=3) / 3


def explained(world: World, people: int) -> dict[str, Explanation]:
    """Return what is told of the first `people` of the list, every reason."""
    asked = world.now.loc[: people - 1, ["person_id", "as_of"]]
    ranked = dict(zip(world.now["person_id"], world.bundle.margin(world.now), strict=True))
    line = asked["person_id"].iloc[len(asked) // 3]
    return explain(world.bundle, world.stream, CATALOGUE, asked, line, ranked=ranked, most=len(NAMES))


def measured(world: World) -> dict[str, Any]:
    """Return what reasons, contributions and the fit cost."""
    return {
        "list": _of_a_list(world),
        "contributions": _contributions(world),
        "fit": _fit(world),
        "people_fitted_on": len(world.past),
        "cohort": len(world.now),
        "indicators": len(NAMES),
        "trees": world.bundle.ranker.get_params()["trees"],  # type: ignore[attr-defined]
    }


def _of_a_list(world: World) -> dict[str, Any]:
    seconds = [_seconds(lambda: explained(world, LISTED), forget=True) for _ in range(ROUNDS)]
    return {"people": LISTED, "seconds": seconds, "median": statistics.median(seconds), "first": seconds[0]}


def _contributions(world: World) -> dict[str, Any]:
    with warnings.catch_warnings():  # shap's plots use a matplotlib function that is to go
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        import shap
    ranker: Any = world.bundle.ranker
    X = world.past[NAMES].iloc[:COMPARED]
    explainer = shap.TreeExplainer(ranker.booster_)
    ways: dict[str, Callable[[], Any]] = {
        "tables": lambda: ranker.contributions(X),
        "shap": lambda: explainer.shap_values(X),
        "lightgbm": lambda: ranker.booster_.predict(X.to_numpy(), pred_contrib=True, num_threads=1),
    }
    rounds = [{name: _seconds(way, forget=True) for name, way in ways.items()} for _ in range(ROUNDS)]
    parts = ranker.contributions(X).to_numpy()
    return {
        "people": len(X),
        "seconds": rounds,
        **{name: statistics.median(each[name] for each in rounds) for name in ways},
        "times_as_fast_as_shap": round(statistics.median(each["shap"] / each["tables"] for each in rounds), 1),
        "differ_from_shap": float(np.abs(parts[:, :-1] - explainer.shap_values(X)).max()),
        "differ_from_lightgbm": float(np.abs(parts - ways["lightgbm"]()).max()),
        "sums_differ": float(np.abs(parts.sum(axis=1) - ranker.predict(X)).max()),
    }


def _fit(world: World) -> dict[str, Any]:
    """Fit the same table with and without us around it: the same parameters, one thread, no weights given."""
    X, y = world.past[NAMES], world.grades
    ranker = SuitabilityRanker(CATALOGUE.monotone).fit(X, y)
    parameters = ranker._lightgbm_parameters(1.0, {})

    def plain() -> None:
        lightgbm.train(parameters, lightgbm.Dataset(X, y), num_boost_round=ranker.trees)

    rounds = [{"ranker": _seconds(lambda: ranker.fit(X, y)), "lightgbm": _seconds(plain)} for _ in range(FITS)]
    return {
        "people": len(X),
        "seconds": rounds,
        "ratio": round(statistics.median(each["ranker"] / each["lightgbm"] for each in rounds), 3),
    }


def _seconds(work: Callable[[], Any], forget: bool = False) -> float:
    """Return the processor seconds of some work; `forget` what was kept from before."""
    if forget:
        look_up.cache_clear()
        read_trees.cache_clear()
    began = time.process_time()
    work()
    return round(time.process_time() - began, 3)


def checked(world: World, people: int, draws: int, every: int = 1) -> dict[str, Any]:
    """Return what holds of the reasons and bounds of the first `people`; removal is tried again for `every` nth reason.

    The second trial does not go by the way of the first: it makes the person's stream without the records.
    """
    told = explained(world, people)
    parts = world.bundle.contributions(world.now.iloc[:people])
    margin = np.array([each.margin for each in told.values()])
    shown = [(person, reason) for person, each in told.items() for reason in each.reasons]
    citing = [(person, reason) for person, reason in shown if reason.events]
    withheld = sum(each.withheld for each in told.values())
    known = _known_references(world)
    return {
        "people": len(told),
        "sums_differ": float(np.abs(parts.sum(axis=1).to_numpy() - margin).max()),
        "reasons_shown": len(shown),
        "reasons_citing_records": len(citing),
        "raising_without_a_record": sum(reason.push == "raises" and not reason.events for _, reason in shown),
        "records_cited": sum(len(reason.events) for _, reason in citing),
        "cited_but_not_known": sum(fact.event_ref not in known for _, reason in citing for fact in reason.events),
        "removals_tried_again": len(citing[::every]),
        "failed_removal": _failed_removal(world, told, citing[::every]),
        "withheld": withheld,
        "withheld_share": round(withheld / max(withheld + len(citing), 1), 4),
        "people_with_one_withheld": sum(each.withheld > 0 for each in told.values()),
        "suppressed_movement": round(float(np.mean([each.suppressed_share for each in told.values()])), 4),
        "bound": {
            "not known": _bounded(world, not_known(CATALOGUE, _values(world, people)), draws),
            "every missing number": _bounded(world, np.isnan(_values(world, people)), draws),
        },
    }


def _values(world: World, people: int) -> np.ndarray:
    return world.now[NAMES].iloc[:people].to_numpy()


def _known_references(world: World) -> set[str]:
    """Return what may be cited, from the tables themselves: every row version known at T."""
    day, found = pd.Timestamp(world.as_of.day), set()
    keys = {"incident": ("incidents", "incident_id"), "hearing": ("marac_hearings", "hearing_id")}
    for prefix, (name, key) in {**keys, "order": ("orders", "order_id")}.items():
        table = world.snapshot.table(name)
        found |= set(f"{prefix}:" + table.loc[table["known_from"] <= day, key])
    table = world.snapshot.table("custody")
    table = table[table["known_from"] <= day]
    return found | set("custody:" + table["person_id"] + ":" + table["starts_on"].dt.strftime("%Y-%m-%d"))


def _failed_removal(world: World, told: dict[str, Explanation], citing: Sequence[tuple[str, Any]]) -> int:
    """Count reasons whose person does not fall when the stream is made without the cited records, one by one."""
    failed = 0
    for person, reason in citing:
        own = world.stream.subset([person]).without({fact.event_ref for fact in reason.events})
        spine = pd.DataFrame({"person_id": [person], "as_of": pd.Timestamp(world.as_of.day)})
        failed += not float(world.bundle.margin(compute(own, spine))[0]) < told[person].margin - 1e-9
    return failed


def _bounded(world: World, unknown: np.ndarray, draws: int) -> dict[str, Any]:
    """Draw completions of what is unknown and compare them with the bound."""
    ranker: Any = world.bundle.ranker
    splits = [split for tree in read_trees(ranker.files()["booster.txt"]) for split in tree.splits]
    asked = np.isin(np.arange(len(NAMES)), [split.feature for split in splits])
    rows = np.flatnonzero((unknown & asked).any(axis=1))
    unknown, values = unknown[rows], _values(world, len(unknown))[rows]
    if not len(rows):
        return {"people": 0, "outside": 0}
    low, high = ranker.reachable(pd.DataFrame(values, columns=NAMES), unknown)
    ways, rng = [cells(splits, column) for column in range(len(NAMES))], np.random.default_rng(SEED)
    margin = np.empty((len(rows), draws))
    for at, (row, is_open) in enumerate(zip(values, unknown & asked, strict=True)):
        drawn = np.repeat(row[None], draws, axis=0)
        for column in np.flatnonzero(is_open):
            drawn[:, column] = rng.choice(ways[column], draws)
        margin[at] = ranker.booster_.predict(drawn, raw_score=True, num_threads=1)
    width, simulated = high - low, np.ptp(margin, axis=1)
    return {
        "people": len(rows),
        "median_unknown": float(np.median((unknown & asked).sum(axis=1))),
        "draws": draws,
        "outside": int((margin < low[:, None]).sum() + (margin > high[:, None]).sum()),
        "median_width": round(float(np.median(width)), 4),
        "median_simulated": round(float(np.median(simulated)), 4),
        "width_ratio": round(float(np.median(width) / max(np.median(simulated), 1e-12)), 3),
    }


def broken(found: dict[str, Any]) -> list[str]:
    """Name every limit that a measurement or a check has passed."""
    faults = []
    if "list" in found:
        parts = found["contributions"]
        differ = max(parts["differ_from_shap"], parts["differ_from_lightgbm"])
        faults += ["list_seconds"] * (found["list"]["first"] > LIMITS["list_seconds"])
        faults += ["contributions_differ"] * (differ > LIMITS["contributions_differ"])
        faults += ["sums_differ"] * (parts["sums_differ"] > LIMITS["sums_differ"])
        faults += ["fit_ratio"] * (found["fit"]["ratio"] > LIMITS["fit_ratio"])
    else:
        faults += ["sums_differ"] * (found["sums_differ"] > LIMITS["sums_differ"])
        faults += ["withheld_share"] * (found["withheld_share"] > LIMITS["withheld_share"])
        faults += [name for name in ("cited_but_not_known", "failed_removal") if found[name]]
        for bound in found["bound"].values():
            faults += ["outside"] * (bound["outside"] > 0)
            faults += ["bound_width_ratio"] * (bound.get("width_ratio", 0.0) > LIMITS["bound_width_ratio"])
    return faults


def main(arguments: list[str]) -> int:
    """Measure or check, keep what was found, and say what does not hold."""
    check = arguments == ["--check"]
    if arguments and not check:
        sys.stderr.write("Usage: python -m benchmarks.reasons [--check]\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        world = make_world(Path(folder), PERSONS, SEED)
        found = checked(world, CHECKED, DRAWS) if check else measured(world)
    about = {"persons": PERSONS, "seed": SEED, "limits": LIMITS, "code": code_of(ROOMS), "machine": machine()}
    faults = broken(found)
    text = json.dumps({**found, "broken": faults, **about}, indent=2) + "\n"
    (RESULTS / ("reasons_check.json" if check else "reasons.json")).write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
