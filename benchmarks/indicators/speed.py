"""The catalogue beside its rivals and beside the least work there is: one batch of fresh processes, one after another.

A round runs every entry once, A B C D, and the next round begins again at A, so that a slow moment of the machine hits
all. Each process is measured as a whole, by the system, and inside, from the first byte read to the last answer; the
load found before it stands beside it. Figures are medians over the rounds, and ratios those of medians of one batch.

    python -m benchmarks.indicators.speed --incidents 2000000                 # the batch of a force
    python -m benchmarks.indicators.speed --incidents 20000000                # ten times as many
    python -m benchmarks.indicators.speed --start                             # cold and cached start
    python -m benchmarks.indicators.speed --incidents 200000 --dates 12 --engines ours,duckdb --repeats 1

A batch that was stopped goes on where it stopped. Only whole batches of at least three rounds are kept in
``benchmarks/results/indicators_speed.json``; a part is printed.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.indicators.inputs import DATES, FOLDER, Events
from benchmarks.indicators.run import ENGINES, INSTALL, RIVALS, environment
from benchmarks.indicators.start import ASKED
from benchmarks.prove import RESULTS, ROOT, machine
from drive_panel.output import note, progress_bars
from values import digest, digest_file

RESULT = RESULTS / "indicators_speed.json"
ROUNDS = 3
_SMALL = 2_000  # incidents of the stream that a first answer is taken from
_WHOLE = "whole_"


HELD, IN_BATCHES, TO_PARQUET = "", "in batches", "to Parquet"


@dataclass(frozen=True)
class Entry:
    """One thing measured in a batch.

    Attributes
    ----------
    answers
        Where they end: held as one table in memory, taken in batches that are let go, or written to Parquet.
    """

    engine: str
    dates: int
    answers: str = HELD

    @property
    def name(self) -> str:
        """The entry's key in the results."""
        return f"{self.engine} {self.dates} {self.answers}".strip()


FLOOR = Entry("floor", 1)
SINGLE = tuple(Entry(engine, 1, IN_BATCHES) for engine in ENGINES if engine != "floor")
TRAINING = tuple(Entry(engine, 12, IN_BATCHES) for engine in ENGINES if engine != "floor")
WHOLE = (Entry("ours", 1), *(Entry(engine, 12) for engine in ("ours", "duckdb", "polars")))
STREAMED = (Entry("ours", 12, TO_PARQUET), Entry("ours", 24, TO_PARQUET))
BATCHES = {
    2_000_000: (FLOOR, *SINGLE, *TRAINING, Entry("ours", 24, IN_BATCHES), *WHOLE, *STREAMED),
    20_000_000: (FLOOR, Entry("ours", 1, IN_BATCHES), Entry("ours", 12, TO_PARQUET)),
}
"""What is measured at each size; any other size gets the batch of a force."""


def batch(events: Events, entries: Iterable[Entry], rounds: int, partial: Path) -> list[dict[str, Any]]:
    """Measure every entry once a round; what `partial` already holds is not measured again."""
    entries = tuple(entries)
    done = [json.loads(line) for line in _lines(partial)]
    there = {(each["round"], each["entry"]) for each in done}
    with partial.open("a", encoding="utf-8") as out:
        for number in range(rounds):
            for place, entry in enumerate(entries):
                if (number, entry.name) in there:
                    continue
                note(f"round {number + 1} of {rounds}, {place + 1} of {len(entries)}: {entry.name}")
                done.append({"round": number, "entry": entry.name, **once(events, entry)})
                out.write(json.dumps(done[-1]) + "\n")
                out.flush()
    return done


def _lines(partial: Path) -> list[str]:
    """Return what a stopped batch has finished; a line that was cut off in the middle is left out."""
    text = partial.read_text(encoding="utf-8") if partial.exists() else ""
    return [line for line in text.splitlines() if line.endswith("}")]


def once(events: Events, entry: Entry) -> dict[str, Any]:
    """Measure one entry in a process of its own."""
    command = ["-m", "benchmarks.indicators.run", entry.engine, "--dates", str(entry.dates)]
    command += ["--folder", str(events.folder.parent), "--incidents", events.folder.name]
    with tempfile.TemporaryDirectory(dir=events.folder) as away:
        if entry.answers == TO_PARQUET:
            command += ["--to", str(Path(away) / "answers.parquet")]
        if entry.answers == IN_BATCHES:
            command += ["--in-batches"]
        return process(command)


def process(command: list[str], **variables: str) -> dict[str, Any]:
    """Run Python in a process of its own; return what it told and what the system says it took."""
    load, began = os.getloadavg()[0], time.monotonic()  # a clock that all processes share
    with tempfile.TemporaryFile() as said:
        python = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=said, env={**environment(), **variables})
        _, status, used = os.wait4(python.pid, 0)
        seconds = time.monotonic() - began
        python.returncode = os.waitstatus_to_exitcode(status)
        if python.returncode:
            raise SystemExit(f"The measured process ended with {python.returncode}: python {' '.join(command)}")
        said.seek(0)
        told: dict[str, Any] = json.loads(said.read() or b"{}")
    if "answered_at" in told:
        told["answer_seconds"] = round(told.pop("answered_at") - began, 3)
    whole = {"seconds": round(seconds, 3), "processor_seconds": round(used.ru_utime + used.ru_stime, 3)}
    return {**told, **{_WHOLE + name: value for name, value in whole.items()}, "load_before": round(load, 2)}


def start(events: Events, rounds: int) -> dict[str, Any]:
    """Measure a first answer about few and about many with no compiled code kept, and with it."""
    found: dict[str, list[Any]] = defaultdict(list)
    for number in range(rounds):
        for asked in ASKED:
            note(f"round {number + 1} of {rounds}: cold and cached start, {asked}")
            with tempfile.TemporaryDirectory() as compiled:
                for name in ("cold", "cached"):
                    command = ["-m", "benchmarks.indicators.start", str(events.folder), asked]
                    found[f"{name}, {asked}"].append(process(command, NUMBA_CACHE_DIR=compiled))
    return {"starts": {name: {"rounds": each, **_medians(each)} for name, each in found.items()}}


def summary(events: Events, entries: Iterable[Entry], done: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one batch as it is kept: the input, each entry's medians, and every round."""
    told = {}
    for entry in entries:
        rounds = [each for each in done if each["entry"] == entry.name]
        told[entry.name] = {**asdict(entry), **_medians(rounds), "rounds": rounds}
    about = {name: events.about[name] for name in ("incidents", "copies", "rows", "people", "asked", "rows_hash")}
    return {"input": about, "entries": told}


def _medians(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    names = [name for name in rounds[0] if name.endswith(("seconds", "bytes"))]
    return {name: round(statistics.median(each[name] for each in rounds), 3) for name in names}


PACKAGES = ("duckdb", "polars", "pandas", "numba", "numpy", "pyarrow")


def stamp(packages: Iterable[str] = PACKAGES) -> dict[str, Any]:
    """Return what was measured with what on which machine."""
    from features.catalogue import CATALOGUE

    return {
        "indicators": len(CATALOGUE),
        "catalogue": CATALOGUE.version,
        "code": code(),
        "versions": {name: importlib.metadata.version(name) for name in packages if importlib.util.find_spec(name)},
        "machine": machine(),
    }


def code() -> str:
    """Return the hash of everything that the figures depend on."""
    files = [*(ROOT / "features").rglob("*.py"), *(ROOT / "benchmarks" / "indicators").glob("*.py")]
    files = [path for path in files if path.name not in ("claims.py", "equal.py", "report.py")]
    return digest({path.relative_to(ROOT).as_posix(): digest_file(path) for path in sorted(files)})


def keep(part: str, found: dict[str, Any]) -> None:
    """Put one part into the committed results beside the others."""
    told = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    told[part] = found
    RESULT.write_text(json.dumps(dict(sorted(told.items())), indent=1) + "\n", encoding="utf-8")
    note(f"Kept in {RESULT.relative_to(ROOT)}. Run: python -m benchmarks.indicators.report")


def chosen(incidents: int, dates: Iterable[int], engines: Iterable[str]) -> tuple[Entry, ...]:
    """Return the entries of a batch that were asked for."""
    entries = BATCHES.get(incidents, BATCHES[2_000_000])
    dates, engines = set(dates), set(engines)
    return tuple(entry for entry in entries if entry.dates in dates and entry.engine in engines)


def main(arguments: list[str] | None = None) -> None:
    """Measure what was asked for."""
    said = _parser().parse_args(arguments)
    engines = said.engines.split(",")
    absent = [name for name in engines if name in RIVALS and importlib.util.find_spec(name) is None]
    if absent and not said.start:
        raise SystemExit(f"{', '.join(absent)} is not installed. Run: {INSTALL}")
    from benchmarks.indicators.events import made

    with progress_bars() as progress:
        events = made(said.folder, _SMALL if said.start else said.incidents, progress)
    if said.start:
        _told("start", {**stamp(), **start(events, said.repeats)}, said.repeats >= ROUNDS)
        return
    entries = chosen(said.incidents, map(int, said.dates.split(",")), engines)
    asked_for = digest([code(), events.about["rows_hash"], [entry.name for entry in entries]])
    partial = events.folder / f"rounds-{asked_for[:12]}.jsonl"
    found = {**stamp(), **summary(events, entries, batch(events, entries, said.repeats, partial))}
    whole = said.repeats >= ROUNDS and entries == BATCHES.get(said.incidents)
    _told(str(said.incidents), found, whole)
    partial.unlink()


def _told(part: str, found: dict[str, Any], whole: bool) -> None:
    if whole:
        keep(part, found)
    for name, each in (found.get("entries") or found["starts"]).items():
        figures = ", ".join(f"{what} {each[what]}" for what in each if what.endswith(("seconds", "bytes")))
        print(f"{name}: {figures}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, default=2_000_000)
    parser.add_argument("--dates", default=",".join(map(str, DATES)), help="of 1, 12, 24")
    parser.add_argument("--engines", default=",".join(ENGINES), help=f"of {', '.join(ENGINES)}")
    parser.add_argument("--repeats", type=int, default=ROUNDS)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where inputs are kept between runs")
    parser.add_argument("--start", action="store_true", help="measure a cold and a cached start instead")
    return parser


if __name__ == "__main__":
    main()
