"""Writes ``docs/performance.md`` from the committed results: ``python -m benchmarks.indicators.report``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from benchmarks.indicators.claims import BESIDE, CLAIMS, Claim, Results
from benchmarks.indicators.inputs import DATES
from benchmarks.indicators.run import INSTALL
from benchmarks.indicators.speed import RESULT
from benchmarks.prove import RESULTS, ROOT

CLUSTER = RESULTS / "indicators_spark.json"
DOCUMENT = ROOT / "docs" / "performance.md"
_NAMES = {"floor": "floor", "ours": "drive-panel", "duckdb": "DuckDB", "polars": "polars", "pandas": "pandas"}
FIGURES = ("seconds", "processor_seconds", "system_seconds", "whole_seconds", "whole_processor_seconds")
_HEAD = (
    *("engine", "dates", "seconds inside", "processor inside", "of it system", "seconds whole", "processor whole"),
    "peak GB",
)
_INTRODUCTION = """\
# How fast indicators are computed

*Made by `python -m benchmarks.indicators.report` from `benchmarks/results/indicators_speed.json`
and `indicators_spark.json`; a test fails where they differ.*

The whole catalogue is computed for everybody with a domestic incident as suspect in the two years before a date; on
several dates, a quarter apart, as training needs it. Everything starts from the same file: the rows of the event
stream of a made-up force, in the order in which they were recorded.

- **floor**: the least that anything sorted by person has to do: read the rows, sort them by person, day and event,
  put every column into that order. Nothing is computed.
- **drive-panel**: read, sort, one fold over each person's events for all dates.
- **DuckDB, polars, pandas**: the same questions, read from the same declarations and written anew for each engine:
  one join for each kind of event, what a selection asks computed once a row, conditional counts (`CASE WHEN` in
  DuckDB), one grouping for all windows of different victims; in polars lazily on its streaming engine; in pandas date
  by date and window by window. Tests hold every cell of small made-up forces and of crowded histories drawn at random
  to ours (whole numbers equal, others within 0.00001); `benchmarks.indicators.equal` does so for a force of any size.

Each run is a process of its own with two threads. Answers end as one table held in memory, or *in batches*, each let
go when the next one comes, as one trains on them or sends them on, or written *to Parquet*. They are compared in
batches: held, those on twelve dates are six gigabytes, and to ask the system for so much memory for the first time
costs more here than to compute what goes into it, whoever computes it (*of it system* tells; the tables show both).
drive-panel writes every batch into the same room.
*Inside* is from the first byte read to the last answer, *whole* the entire process with its imports. Rounds run every
entry once; figures are medians of the rounds. The people are made up: shares of late records, events a person and
victims a person drive the figures, and a real extract's may differ.
"""
_AGAIN = f"""\
## Measure again

    {INSTALL}
    .venv/bin/python -m benchmarks.indicators.equal --incidents 200000      # every cell of every engine
    .venv/bin/python -m benchmarks.indicators.speed --incidents 2000000
    .venv/bin/python -m benchmarks.indicators.speed --incidents 20000000
    .venv/bin/python -m benchmarks.indicators.speed --start
    .venv/bin/python -m benchmarks.indicators.spark                         # the same numbers on a cluster
    .venv/bin/python -m benchmarks.indicators.report

The first line also installs polars, which nothing else here uses. Inputs are made once and kept in a temporary folder.
"""


def document(results: Results, cluster: Results) -> str:
    """Return the page."""
    parts = [part for part in sorted(results, key=len) if part != "start"]
    sections = ["\n".join(_judged(results)), *("\n".join(_batch(results[part])) for part in parts)]
    if "start" in results:
        sections.append("\n".join(_start(results["start"])))
    sections.append("\n".join(_cluster(cluster)))
    return "\n".join([_INTRODUCTION, *(f"{section}\n" for section in sections), _AGAIN])


def _judged(results: Results) -> Iterator[str]:
    yield "## What has to hold\n"
    yield "Of wall and processor time the less favourable ratio counts, unless only one is named.\n"
    yield "| figure | at most | aimed at | measured | held |"
    yield "|---|---|---|---|---|"
    for claim in CLAIMS:
        figure = claim.figure(results)
        cells = [claim.what, *map(_number, (claim.limit, claim.stretch, figure)), _held(claim, figure)]
        yield f"| {' | '.join(cells)} |"
    yield "\nOther readings of the same batches, less favourable to drive-panel where answers are held:\n"
    yield "| figure | measured |"
    yield "|---|---|"
    for claim in BESIDE:
        yield f"| {claim.what} | {_number(claim.figure(results))} |"


def _held(claim: Claim, figure: float | None) -> str:
    if figure is None:
        return "not measured"
    return "yes" if figure <= claim.limit else "**no**"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _batch(part: Results) -> Iterator[str]:
    about = part["input"]
    asked = ", ".join(f"{about['asked'][str(dates)]:,} on {dates}" for dates in DATES)
    yield f"## {about['incidents']:,} incidents\n"
    yield f"{about['rows']:,} rows of {about['people']:,} people; persons and dates asked: {asked}. {_stamp(part)}\n"
    yield f"| {' | '.join(_HEAD)} |"
    yield "|" + "---|" * len(_HEAD)
    for entry in part["entries"].values():
        dates = ", ".join(filter(None, [str(entry["dates"]), entry["answers"]]))
        cells = [_NAMES[entry["engine"]], dates, *(f"{entry[figure]:.2f}" for figure in FIGURES)]
        yield f"| {' | '.join(cells)} | {entry['peak_bytes'] / 1e9:.2f} |"


def _start(part: Results) -> Iterator[str]:
    yield "## A first answer\n"
    told = (
        "A fresh process that imports, reads a small stream and computes every indicator; *cold* with no compiled code"
    )
    yield f"{told} kept, *cached* with it; *until it ends* with the time Python takes to clear up."
    yield f"Ten people are few enough to be answered without compiled code. {_stamp(part)}"
    yield "\n| | seconds to the answer | seconds until it ends | processor seconds until it ends |"
    yield "|---|---|---|---|"
    for name, each in part["starts"].items():
        seconds = (each["answer_seconds"], each["whole_seconds"], each["whole_processor_seconds"])
        yield f"| {name} | {' | '.join(f'{one:.2f}' for one in seconds)} |"


def _cluster(told: Results) -> Iterator[str]:
    yield "## On a cluster\n"
    same = "the same content hash" if told["identical"] else "**different content hashes**"
    size = f"{told['rows']:,} rows of {told['columns']} indicators on {len(told['dates'])} dates"
    yield (
        f"{size}, from {told['incidents']:,} incidents, by the command on one machine and by a Spark master with "
        f"{told['spark']['workers']} workers on the same machine: {same} ({told['hash']['local'][:12]}), whatever else "
        f"the machine did meanwhile. With imports, hashing and compressed writing the command took "
        f"{told['local']['processor_seconds']:.0f} processor seconds. {_made(told)}, {told['java']}."
    )


def _stamp(part: Results) -> str:
    return f"{_made(part)}; medians of {_rounds(part)} rounds; load before a run at most {_load(part)}."


def _made(part: Results) -> str:
    machine = part["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in part["versions"].items())
    return (
        f"{part['indicators']} indicators, catalogue {part['catalogue'][:12]}, code {part['code'][:12]}; "
        f"{machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, Python {machine['python']}; "
        f"{versions}"
    )


def _every_round(part: Results) -> list[Any]:
    measured = part.get("entries") or part["starts"]
    return [each["rounds"] for each in measured.values()]


def _rounds(part: Results) -> int:
    return min(len(rounds) for rounds in _every_round(part))


def _load(part: Results) -> float:
    loads: list[float] = [each["load_before"] for rounds in _every_round(part) for each in rounds]
    return max(loads)


def main() -> None:
    """Write the page."""
    results, cluster = (json.loads(file.read_text(encoding="utf-8")) for file in (RESULT, CLUSTER))
    DOCUMENT.write_text(document(results, cluster), encoding="utf-8")


if __name__ == "__main__":
    main()
