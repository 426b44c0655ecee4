"""What the engine has to hold, declared before it is measured, and how each figure is read from the results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.indicators.start import ASKED

Results = Mapping[str, Any]
FORCE, NATION = "2000000", "20000000"
BYTES_AN_EVENT, BYTES_BESIDE = 150, 1_000_000_000


@dataclass(frozen=True)
class Claim:
    """One figure and its bounds.

    Attributes
    ----------
    part
        The batch, or ``start``.
    read
        From the part to the figure.
    limit, stretch
        The figure must not exceed `limit`; `stretch` is what would be better still.
    """

    what: str
    part: str
    read: Callable[[Results], float]
    limit: float
    stretch: float | None = None

    def figure(self, results: Results) -> float | None:
        """Return the figure; None where the part was not measured."""
        return self.read(results[self.part]) if self.part in results else None


def _of(part: Results, entry: str, figure: str) -> float:
    value: float = part["entries"][entry][figure]
    return value


def _ratio(one: str, other: str, *figures: str) -> Callable[[Results], float]:
    """Return the ratio of two entries; of several figures the least favourable one."""

    def read(part: Results) -> float:
        ratios = [_of(part, one, figure) / _of(part, other, figure) for figure in figures]
        return max(ratios)

    return read


def _memory(*entries: str) -> Callable[[Results], float]:
    """Return the largest peak as a share of what is allowed for so many rows."""

    def read(part: Results) -> float:
        allowed = BYTES_AN_EVENT * part["input"]["rows"] + BYTES_BESIDE
        peaks = [_of(part, entry, "peak_bytes") for entry in entries]
        return max(peaks) / allowed

    return read


def _start(name: str) -> Callable[[Results], float]:
    return lambda part: part["starts"][name]["answer_seconds"]


def _without_system(one: str, other: str) -> Callable[[Results], float]:
    """Return the ratio of two entries' processor time without what the system took."""

    def read(part: Results) -> float:
        own, others = (_of(part, each, CPU) - _of(part, each, "system_seconds") for each in (one, other))
        return own / others

    return read


BOTH = ("seconds", "processor_seconds")
CPU = "processor_seconds"
_ALLOWED = f"Peak memory, as a share of {BYTES_AN_EVENT} bytes a row of the stream and 1 GB"
CLAIMS = (
    *(
        Claim(
            f"{size}, one date in batches: times the floor",
            part,
            _ratio("ours 1 in batches", "floor 1", *BOTH),
            2.5,
            1.5,
        )
        for size, part in (("2 million incidents", FORCE), ("20 million incidents", NATION))
    ),
    *(
        Claim(
            f"2 million incidents, 12 dates in batches: processor time as a share of {name}'s",
            FORCE,
            _ratio("ours 12 in batches", f"{engine} 12 in batches", CPU),
            limit,
            stretch,
        )
        for name, engine, limit, stretch in (
            ("DuckDB", "duckdb", 1 / 6, 1 / 12),
            ("polars", "polars", 1 / 3, 1 / 6),
            ("pandas", "pandas", 1 / 4, 1 / 10),
        )
    ),
    Claim(
        "2 million incidents: 24 dates, times 12 dates, in batches",
        FORCE,
        _ratio("ours 24 in batches", "ours 12 in batches", *BOTH),
        2.0,
    ),
    Claim(f"{_ALLOWED}; 2 million, 12 and 24 dates", FORCE, _memory("ours 12 to Parquet", "ours 24 to Parquet"), 1.0),
    Claim(
        "Peak memory of 24 dates to Parquet, times that of 12",
        FORCE,
        _ratio("ours 24 to Parquet", "ours 12 to Parquet", "peak_bytes"),
        1.15,
    ),
    Claim(f"{_ALLOWED}; 20 million, 12 dates", NATION, _memory("ours 12 to Parquet"), 1.0),
    *(
        Claim(f"First answer about {asked}, {what}, seconds", "start", _start(f"{name}, {asked}"), limit)
        for name, what, limit in (("cold", "no compiled code kept", 3.0), ("cached", "compiled code kept", 0.8))
        for asked in ASKED
    ),
)

_UNJUDGED = float("inf")
BESIDE = (
    Claim(
        "2 million incidents, one date held as one table: times the floor",
        FORCE,
        _ratio("ours 1", "floor 1", *BOTH),
        _UNJUDGED,
    ),
    *(
        Claim(
            f"2 million incidents, 12 dates held as one table: processor time as a share of {name}'s",
            FORCE,
            _ratio("ours 12", f"{engine} 12", CPU),
            _UNJUDGED,
        )
        for name, engine in (("DuckDB", "duckdb"), ("polars", "polars"))
    ),
    *(
        Claim(
            f"2 million incidents, 12 dates in batches: processor time without the system's as a share of {name}'s",
            FORCE,
            _without_system("ours 12 in batches", f"{engine} 12 in batches"),
            _UNJUDGED,
        )
        for name, engine in (("DuckDB", "duckdb"), ("polars", "polars"), ("pandas", "pandas"))
    ),
)
"""Other readings of the same batches, told and not judged."""
