"""The tables that `scripts/prove` makes: what each asks, its rows, and how one row is computed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.audited.coverage import interval_kind
from benchmarks.audited.coverage import rows as coverage_rows
from benchmarks.audited.over_time import alarm_rows, part_rows
from benchmarks.audited.planted_declared import BLOCKS
from benchmarks.audited.planted_declared import WORLDS as PLANTED
from benchmarks.audited.power import EDGES
from benchmarks.mutants.planted import MUTANTS
from benchmarks.worlds.declared import WORLDS

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """One committed table.

    Attributes
    ----------
    question
        What it answers, in one sentence.
    rows
        The parameters of each row, in order.
    compute
        Parameters of a row -> its figures, the same every time.
    rooms
        The folders and files whose code the figures depend on.
    light
        Which rows take seconds, not minutes: of these the suite computes one again.
    kind
        What kind of row it is: of each kind the suite computes one again.
    """

    name: str
    question: str
    rows: tuple[Row, ...]
    compute: Callable[[Row], Row]
    rooms: tuple[str, ...]
    light: Callable[[Row], bool] = lambda _: True
    kind: Callable[[Row], str] = lambda _: "row"


def _compared(parameters: Row) -> Row:
    """Make a force, ingest it, compare all rankers at three test dates; nothing is tuned."""
    from features import build_stream
    from records import RecordStore
    from synthetic import ForceSettings, Plant, make_force
    from training import TrainSettings, run_experiment

    plants = tuple(Plant.parse(text) for text in parameters["plants"].split() if text)
    with tempfile.TemporaryDirectory() as folder:
        force = Path(folder) / "force"
        make_force(force, ForceSettings(persons=parameters["persons"], seed=parameters["seed"], plants=plants))
        store = RecordStore(Path(folder) / "records")
        store.ingest(force / "extract")
        snapshot = store.latest()
        found = run_experiment(snapshot, build_stream(snapshot), TrainSettings(draws=200))
    figures: dict[str, Any] = {
        "people": found.comparison.people,
        "outcomes": int(found.lists.outcome.sum()),
        "promoted": found.decision.promoted,
        "stays": found.decision.champion,
        "alarm_columns": " ".join(sorted({alarm.columns[0] for alarm in found.alarms if alarm.columns})),
    }
    for measure in found.comparison.measures:
        if measure.metric == "auc":
            figures[f"auc_{measure.name}"] = _number(measure.interval.value)
    for difference in found.comparison.differences:
        if difference.name == "lightgbm" and difference.weights == "flat":
            interval = difference.interval
            bounds = zip(("value", "low", "high"), (interval.value, interval.low, interval.high), strict=True)
            figures |= {f"gain_on_{difference.other}_{bound}": _number(number) for bound, number in bounds}
    return figures


def _gate_odds(parameters: Row) -> Row:
    """Compute how often one binding cell of the shipped policy passes and is refused at a group's size and ratio."""
    from fairness import load_policy
    from fairness.power import decision_odds, rates_at

    policy = load_policy()
    outcomes, others = parameters["outcomes"], parameters["outcomes_of_others"]
    share = outcomes / (outcomes + others)
    rate, other_rate = (float(p) for p in rates_at(0.5, share, parameters["ratio"]))
    margin = (policy.margin.low, policy.margin.high)
    odds = decision_odds(outcomes, others, rate, other_rate, margin=margin, alpha=policy.alpha, cells=15)
    return {"p_pass": round(odds.passes, 4), "p_refuse": round(odds.refuses, 4)}


def _hostile(parameters: Row) -> Row:
    """Make one block of hostile files, ingest them and count what came out and what came out wrong."""
    from benchmarks.hostile.blocks import block
    from benchmarks.hostile.judge import judged

    with tempfile.TemporaryDirectory() as folder:
        outcomes = judged(block(parameters["block"]), Path(folder))
    return {
        "files": sum(each.extract.hostile for each in outcomes),
        "extracts": len(outcomes),
        "refused": sum(each.refused is not None for each in outcomes),
        "rows_read": sum(each.read for each in outcomes),
        "rows_accepted": sum(each.accepted for each in outcomes),
        "rows_quarantined": sum(each.quarantined for each in outcomes),
        "wrong": sum(len(each.wrong) for each in outcomes),
    }


def _arrival(parameters: Row) -> Row:
    """Tell one story of several deliveries in several orders of arrival."""
    from benchmarks.arrival import compared

    return compared(parameters["story"])


def _short_story(parameters: Row) -> bool:
    from benchmarks.arrival import story

    return len(story(parameters["story"])) <= 3


def _kills(parameters: Row) -> Row:
    """Kill a command at one moment, run it again, compare with an undisturbed run."""
    from benchmarks.kills import killed

    return killed(parameters["command"], parameters["moment"])


def _service_kills(parameters: Row) -> Row:
    """Kill a part of the service while people decide and release, and count what was lost or doubled."""
    from benchmarks.service_kills import killed

    return killed(parameters["database"], parameters["victim"], parameters["round"])


def _linkage(parameters: Row) -> Row:
    """Link a made-up force with duplicate records and look-alikes, and compare with the truth."""
    from benchmarks.linkage import linkage_row

    return linkage_row(parameters)


def _oracle(parameters: Row) -> Row:
    """Compute every indicator of forty made-up histories and answer each a second time."""
    from benchmarks.oracle.compare import compared

    return compared(parameters["block"])


def _mutants(parameters: Row) -> Row:
    """Plant one error in a copy of the code and run there the test that has to see it."""
    from benchmarks.mutants.run import planted

    return planted(next(each for each in MUTANTS if each.name == parameters["error"]))


def _world(parameters: Row) -> Row:
    """Grow one world with known risk, compare all rankers in it and judge them by the harm to be expected."""
    from benchmarks.worlds.judge import world_row

    return world_row(parameters)


def _censoring(parameters: Row) -> Row:
    """Count the intervals that hold the rate there would be without custody, in twenty worlds."""
    from benchmarks.censoring import censoring_row

    return censoring_row(parameters)


def _audit_equal(parameters: Row) -> Row:
    """Compare every number of five generated audits with fairlearn's and scikit-learn's."""
    from benchmarks.audited.equal import compared

    return compared(parameters["block"])


def _audit_coverage(parameters: Row) -> Row:
    """Count how often one kind of interval holds the truth at one size and rate."""
    from benchmarks.audited.coverage import covered

    return covered(parameters)


def _audit_power(parameters: Row) -> Row:
    """Add up how often one cell is refused at its true rates."""
    from benchmarks.audited.power import power

    return power(parameters)


def _audit_planted(parameters: Row) -> Row:
    """Draw one world with a tilted record ten times and audit each draw."""
    from benchmarks.audited.planted import judged

    return judged(parameters)


def _audit_alarms(parameters: Row) -> Row:
    """Count how often alarms over successive lists ring, without a change and with one."""
    from benchmarks.audited.over_time import alarmed

    return alarmed(parameters)


def _audit_parts(parameters: Row) -> Row:
    """Count how often the intervals of both parts of a difference in decisions hold the truth."""
    from benchmarks.audited.over_time import parted

    return parted(parameters)


def _audit_family(parameters: Row) -> Row:
    """Count the whole audits that are refused although every ratio lies within the margin."""
    from benchmarks.audited.power import family

    return family(parameters)


def _audit_disclosure(parameters: Row) -> Row:
    """Attack everything that leaves of a block of generated audits, alone or one after the other."""
    from benchmarks.audited.disclosed import disclosed

    return disclosed(parameters["exports"], parameters["block"])


def _audit_areas(parameters: Row) -> Row:
    """Attack everything that leaves of a force and its areas, one list after the other."""
    from benchmarks.audited.by_area import attacked

    return attacked(parameters["force"])


def _audit_readings(parameters: Row) -> Row:
    """Attack what leaves beside the cells of a report: the diagnosis of a backtest and the page of a run."""
    from benchmarks.audited.read_again import read_again_and_attacked

    return read_again_and_attacked(parameters["block"])


def _number(value: float) -> float:
    return float(f"{value:.6g}")


TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table(
            "rankers",
            "Does the boosted model find more harm at the panels' places than the simple lists, and is a leak caught?",
            tuple(
                {"world": world, "plants": plants, "persons": 5000, "seed": seed}
                for seed in range(1, 11)
                for world, plants in (("as committed", ""), ("leaking column", "leaking_column"))
            ),
            _compared,
            ("values", "records", "synthetic", "features", "models", "training"),
        ),
        Table(
            "gate_odds",
            "How often does one binding cell of the shipped policy (15 in the family) pass or get refused?",
            tuple(
                {"outcomes": outcomes, "outcomes_of_others": 4000, "ratio": ratio}
                for outcomes in (10, 30, 60, 100, 150, 300, 600, 1000)
                for ratio in (1.0, 1.25, 1.5, 2.0)
            ),
            _gate_odds,
            ("values", "fairness"),
        ),
        Table(
            "audit_power",
            "How often does the shipped policy refuse a gap of selection or of missed harm, one cell of fifteen?",
            (
                *(
                    {"metric": "selection", "rate": rate, "n": n, "others": 4 * n, "ratio": ratio}
                    for rate in (0.003, 0.01, 0.1)
                    for n in (1000, 5000, 20000)
                    for ratio in (1.5, 2.0, 3.0)
                ),
                *(
                    {"metric": "missed_harm", "rate": 0.5, "n": 1000, "others": others, "ratio": 1.5}
                    for others in (1000, 4000)
                ),
            ),
            _audit_power,
            ("values", "fairness", "benchmarks/audited"),
        ),
        Table(
            "audit_parts",
            "How often do the intervals of what is due to a place and what to a panel hold the truth?",
            part_rows(),
            _audit_parts,
            ("fairness/decisions.py", "benchmarks/audited/over_time.py"),
            light=lambda row: row["n"] * row["times"] <= 1000,
        ),
        Table(
            "audit_alarms",
            "How often does an alarm over successive lists ring within a year, with and without a change?",
            alarm_rows(),
            _audit_alarms,
            ("fairness/alarms.py", "fairness/intervals.py", "benchmarks/audited/over_time.py"),
            # A whole family without a change: only those that ring by rare events take ten seconds or less.
            light=lambda row: row["ratio"] > 1 or row["rate"] <= 0.02,
            kind=lambda row: "a change" if row["ratio"] > 1 else "no change",
        ),
        Table(
            "audit_family",
            "How often is a whole audit refused although every ratio lies within the margin?",
            tuple({"edge": edge, "block": block} for edge in EDGES for block in range(1, 6)),
            _audit_family,
            ("values", "fairness", "benchmarks/audited"),
        ),
        Table(
            "audit_equal",
            "Does every number of the audit that fairlearn or scikit-learn also knows equal theirs to 1e-12?",
            tuple({"block": number} for number in range(1, 201)),
            _audit_equal,
            ("values", "fairness", "benchmarks/audited"),
        ),
        Table(
            "audit_coverage",
            "How often does each interval of the audit hold the truth, and may a cell that decides rest on it?",
            coverage_rows(),
            _audit_coverage,
            ("values", "fairness", "benchmarks/audited"),
            light=lambda row: row["n"] + row["others"] <= 200,
            kind=lambda row: interval_kind(row["interval"]),
        ),
        Table(
            "audit_planted",
            "Is a list stopped where a community's record is tilted, and let through where nobody's is?",
            tuple(
                {"world": world.name, "block": block}
                for world in PLANTED.values()
                for block in range(1, BLOCKS[world.wanted] + 1)
            ),
            _audit_planted,
            ("values", "fairness", "models", "benchmarks/audited"),
        ),
        Table(
            "audit_disclosure",
            "Can a count of fewer than ten be worked out from what leaves of an audit?",
            tuple({"exports": "one", "block": block} for block in range(100)),
            _audit_disclosure,
            ("values", "fairness", "benchmarks/audited"),
        ),
        Table(
            "audit_pairs",
            "Can a count of fewer than ten be worked out from what leaves of two audits that share people?",
            tuple({"exports": "two", "block": block} for block in range(50)),
            _audit_disclosure,
            ("values", "fairness", "benchmarks/audited"),
            light=lambda row: row["block"] % 10 == 0,
        ),
        Table(
            "audit_areas",
            "Can a count of fewer than ten be worked out from what leaves of a force and its areas, list by list?",
            tuple({"force": number} for number in range(60)),
            _audit_areas,
            ("values", "fairness", "benchmarks/audited"),
            light=lambda row: row["force"] in (2, 6, 7, 9, 11, 17, 47),  # of others there is more to attack
        ),
        Table(
            "audit_readings",
            "Can a count of fewer than ten be worked out from a report beside its diagnosis and the page of the run?",
            tuple({"block": block} for block in range(100)),
            _audit_readings,
            (
                "values",
                "fairness",
                "benchmarks/audited",
                "drive_panel/workflows/diagnosis.py",
                "drive_panel/workflows/gate.py",
                "serving/release/disclosing.py",
            ),
        ),
        Table(
            "linkage",
            "How right is linkage on forces it never learnt from, and how wrong are the counts without it?",
            tuple({"persons": 3000, "seed": seed} for seed in range(9091, 9101)),
            _linkage,
            ("values", "records", "synthetic", "benchmarks/linkage.py"),
        ),
        Table(
            "oracle",
            "Does every indicator equal a second, slow reading of its question, cell by cell?",
            tuple({"block": number} for number in range(1, 51)),
            _oracle,
            ("values", "records", "features", "benchmarks/oracle"),
        ),
        Table(
            "hostile",
            "Is every row of ten thousand hostile files accepted unchanged or kept out with its place and reason?",
            tuple({"block": number} for number in range(1, 201)),
            _hostile,
            ("values", "records", "benchmarks/hostile"),
            light=lambda row: row["block"] % 2 == 1,  # the others hold a giant or a bomb
        ),
        Table(
            "mutants",
            "Is each error planted into catalogue, stream or fold seen by the test that names the behaviour?",
            tuple({"error": each.name, "file": each.file, "test": each.node} for each in MUTANTS),
            _mutants,
            ("values", "records", "features", "benchmarks/oracle", "benchmarks/mutants", "tests/features"),
        ),
        Table(
            "kills",
            "Does a command that was killed, run again, leave what an undisturbed one leaves?",
            tuple(
                {"command": command, "moment": moment}
                for command in ("ingest", "link", "erase")
                for moment in range(1, 21)
            ),
            _kills,
            ("values", "records", "synthetic", "serving", "drive_panel", "benchmarks/kills.py"),
            light=lambda row: row["command"] == "ingest",  # the others need it and more before they can be killed
        ),
        Table(
            "arrival",
            "Do deliveries end in one snapshot in any order of arrival, keeping every earlier answer?",
            tuple({"story": number} for number in range(1, 41)),
            _arrival,
            ("values", "records", "benchmarks/arrival.py"),
            light=_short_story,
        ),
        Table(
            "worlds",
            "Where everybody's risk is known, does the model find what there is to find, and only where there is some?",
            tuple({"world": name, "seed": seed} for seed in range(1, 11) for name in WORLDS),
            _world,
            ("values", "records", "features", "models", "training", "benchmarks/worlds"),
        ),
        Table(
            "censoring",
            "Where custody hides what would have followed, does the interval hold the rate there would be without it?",
            tuple({"custody": custody, "block": block} for block in range(1, 16) for custody in ("alike", "by_record")),
            _censoring,
            ("values", "records", "features", "models", "training", "benchmarks/worlds", "benchmarks/censoring.py"),
        ),
        Table(
            "service_kills",
            "Is an act that the service acknowledged there exactly once, whatever is killed while people decide?",
            tuple(
                {"database": database, "victim": victim, "round": number}
                for database, victim, rounds in (
                    ("postgresql", "web", 25),
                    ("postgresql", "batch", 20),
                    ("postgresql", "database", 25),
                    ("sqlite", "web", 15),
                    ("sqlite", "batch", 5),
                    ("sqlite", "database", 10),
                )
                for number in range(1, rounds + 1)
            ),
            _service_kills,
            (
                "values",
                "serving",
                "drive_panel",
                "benchmarks/service_kills.py",
                "benchmarks/made_up_lists.py",
                "benchmarks/postgresql.py",
            ),
            light=lambda row: row["victim"] != "database",
        ),
    )
}

AWAITED: Mapping[str, Table] = {}
"""Tables not proven yet: `scripts/prove` makes them; they join `TABLES` together with their first result."""
