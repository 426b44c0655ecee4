"""Compute the catalogue's indicators for persons and dates."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.catalogue import CATALOGUE, Catalogue
from features.errors import SpineError
from features.events import ROW_COLUMNS, ROW_TYPES, EventStream
from features.kinds import FOREVER, OVERWRITTEN
from features.loaded import Loaded
from values import AsOf, Progress, silent

_BLOCK = 8_192  # asked rows a pass: their slots stay in the processor's cache while the formulas read them

Numbers = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


def compute(
    stream: EventStream,
    spine: pd.DataFrame,
    catalogue: Catalogue = CATALOGUE,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Return every indicator of every asked person and date, as known at the end of that date.

    Parameters
    ----------
    stream
        The event stream.
    spine
        ``person_id`` and ``as_of`` (a date); other columns are ignored. People without events get counts of
        zero and NaN for days since.
    catalogue
        The indicators.
    progress
        Told after each block of rows.

    Returns
    -------
    DataFrame
        ``person_id``, ``as_of`` (``datetime64[s]``) and one float64 column an indicator, in the spine's order.
        NaN means not available or not known; each indicator says what its absence means.

    Raises
    ------
    SpineError
        If the spine lacks a column or a date.
    """
    people, days, frame = _spine(stream, spine)
    return _framed(frame, compute_numbers(stream, people, days, catalogue, progress), catalogue)


def compute_numbers(
    stream: EventStream,
    people: Numbers,
    days: Numbers,
    catalogue: Catalogue = CATALOGUE,
    progress: Progress = silent,
    out: Values | None = None,
) -> Values:
    """Return every indicator of people given by their index in the stream, on days given by number.

    Parameters
    ----------
    stream
        The event stream.
    people
        Index into ``stream.person_ids``; -1 for a person without events.
    days
        The day number of each row's T.
    catalogue
        The indicators.
    progress
        Told after each block of rows.
    out
        Indicators x rows to write into; a new array where None.

    Returns
    -------
    ndarray
        Indicators x rows. Fastest where the rows of one person follow one another.
    """
    loaded, blocks = _loaded(stream, people, catalogue)
    return values_of(stream, catalogue, loaded, blocks, days, progress, out)


def compute_blocks(
    stream: EventStream, spine: pd.DataFrame, rows: int, catalogue: Catalogue = CATALOGUE
) -> Iterator[pd.DataFrame]:
    """Yield what `compute` returns, so many rows at a time: memory does not grow with the rows asked."""
    people, days, frame = _spine(stream, spine)
    loaded, blocks = _loaded(stream, people, catalogue)
    for first in range(0, len(frame), rows):
        part = slice(first, first + rows)
        values = values_of(stream, catalogue, loaded, blocks[part], days[part])
        yield _framed(frame.iloc[part].reset_index(drop=True), values, catalogue)


def compute_without(
    stream: EventStream,
    requests: Sequence[tuple[str, AsOf, frozenset[str]]],
    catalogue: Catalogue = CATALOGUE,
) -> pd.DataFrame:
    """Return the indicators as they would be had some events never been recorded.

    Parameters
    ----------
    stream
        The event stream.
    requests
        Person, T, and the event references to leave out; one row is returned for each, in this order.
    catalogue
        The indicators.
    """
    asked = pd.DataFrame(
        {
            "person_id": [person for person, _, _ in requests],
            "as_of": pd.Series([as_of.day for _, as_of, _ in requests], dtype="datetime64[s]"),
        }
    )
    people, days, frame = _spine(stream, asked)
    rows, starts = _rows_of(stream, people)
    request = np.repeat(np.arange(len(people)), np.diff(starts))
    removed = _removed(stream, requests)
    kept = ~np.isin(request * len(stream.event_refs) + stream.event_id[rows], removed)
    starts = np.concatenate([[0], np.cumsum(np.bincount(request[kept], minlength=len(people)))])
    program, _ = catalogue.compiled
    loaded = Loaded(program, stream.take(rows[kept]), starts.astype(np.int64))
    return _framed(frame, values_of(stream, catalogue, loaded, np.arange(len(people)), days, silent), catalogue)


def compute_pooled(
    stream: EventStream,
    pairs: Sequence[tuple[str, str]],
    as_of: AsOf,
    catalogue: Catalogue = CATALOGUE,
) -> pd.DataFrame:
    """Return the indicators that each pair would have as of T if the two were one person.

    What both have on record (one event under two records) counts once; what the two have with each other not at all.

    Parameters
    ----------
    stream
        The event stream.
    pairs
        Two persons each; one row is returned for each pair, in this order.
    as_of
        T.
    catalogue
        The indicators.

    Returns
    -------
    DataFrame
        As `compute`; ``person_id`` is the first of the pair.
    """
    asked = pd.DataFrame({"person_id": [first for first, _ in pairs], "as_of": pd.Timestamp(as_of.day)})
    _, days, frame = _spine(stream, asked)
    people = stream.persons([person for pair in pairs for person in pair])
    rows, starts = _rows_of(stream, people)
    pair = np.repeat(np.arange(len(pairs)), starts[2::2] - starts[:-2:2])
    first, second = people[0::2][pair], people[1::2][pair]
    counterpart = stream.counterpart[rows]
    other = (counterpart < 0) | ((counterpart != first) & (counterpart != second))
    table = pd.DataFrame({name: getattr(stream, name)[rows[other]] for name in ROW_COLUMNS if name != "person"})
    table.insert(0, "pair", pair[other])
    table = _once(table, as_of)
    columns: dict[str, Any] = {name: table[name].to_numpy(ROW_TYPES[name]) for name in ROW_COLUMNS if name != "person"}
    pooled = dataclasses.replace(stream, person=table["pair"].to_numpy(np.int32), **columns)
    starts = np.searchsorted(pooled.person, np.arange(len(pairs) + 1)).astype(np.int64)
    program, _ = catalogue.compiled
    loaded = Loaded(program, pooled, starts)
    return _framed(frame, values_of(stream, catalogue, loaded, np.arange(len(pairs)), days, silent), catalogue)


def _once(table: pd.DataFrame, as_of: AsOf) -> pd.DataFrame:
    """Return what is known as of T, every event once, whenever and with whatever relationship each record has it."""
    day = as_of.number
    known = table[(table["known_from"] <= day) & (day < table["known_to"])]
    told = np.where(known["stated"] <= day, known["flags"], known["flags"] & ~int(OVERWRITTEN))
    known = known.assign(flags=told, known_from=day, known_to=FOREVER, stated=day)
    says = [str(name) for name in known if name != "flags"]
    known = known.sort_values(says, kind="stable")
    first = np.flatnonzero(~known.duplicated(says))
    once: pd.DataFrame = known.iloc[first].assign(flags=np.bitwise_or.reduceat(known["flags"].to_numpy(), first))
    return once


def _removed(stream: EventStream, requests: Sequence[tuple[str, AsOf, frozenset[str]]]) -> Numbers:
    """Return request number and event as one number, for every event to leave out."""
    refs = [(number, ref) for number, (_, _, removed) in enumerate(requests) for ref in removed]
    events = stream.events(ref for _, ref in refs)
    numbers = np.array([number for number, _ in refs], dtype=np.int64) * len(stream.event_refs)
    return (numbers + events)[events >= 0]


def _spine(stream: EventStream, spine: pd.DataFrame) -> tuple[Numbers, Numbers, pd.DataFrame]:
    for column in ("person_id", "as_of"):
        if column not in spine:
            raise SpineError(f"The table of persons and dates has no column {column}.", "Add it.")
        if spine[column].isna().any():
            row = int(np.flatnonzero(spine[column].isna())[0])
            raise SpineError(f"Row {row} of the table of persons and dates has no {column}.", "Fill it in.")
    as_of = pd.Series(pd.to_datetime(spine["as_of"]).to_numpy(dtype="datetime64[s]"))
    days = as_of.to_numpy().astype("datetime64[D]").astype(np.int64)
    person_id = spine["person_id"].reset_index(drop=True)
    frame = pd.DataFrame({"person_id": person_id.astype("str"), "as_of": as_of})
    return stream.persons(frame["person_id"]), days, frame


def _loaded(stream: EventStream, people: Numbers, catalogue: Catalogue) -> tuple[Loaded, Numbers]:
    """Return the program with the events of these people (of all, where that is simpler), and the block of each."""
    program, _ = catalogue.compiled
    asked = np.zeros(len(stream.person_ids) + 1, dtype=np.bool_)
    asked[people] = True  # -1 marks the one beyond the last
    if 2 * np.count_nonzero(asked) > len(asked):
        return Loaded(program, stream, stream.offsets), people
    those = np.flatnonzero(asked[:-1])
    blocks = np.where(people >= 0, np.searchsorted(those, people), -1)
    rows, starts = _rows_of(stream, those)
    return Loaded(program, stream.take(rows), starts), blocks


def _rows_of(stream: EventStream, people: Numbers) -> tuple[Numbers, Numbers]:
    """Return the stream's rows of these people one after another (-1 = none), and where each one starts."""
    known = np.maximum(people, 0)
    first = stream.offsets[known]
    length = np.where(people >= 0, stream.offsets[np.minimum(known + 1, len(stream.offsets) - 1)] - first, 0)
    starts = np.concatenate([[0], np.cumsum(length)])
    rows = np.repeat(first - starts[:-1], length) + np.arange(starts[-1])
    return rows.astype(np.int64), starts.astype(np.int64)


def _framed(frame: pd.DataFrame, values: Values, catalogue: Catalogue) -> pd.DataFrame:
    table = pd.DataFrame(values.T, columns=list(catalogue.names), copy=False)
    return pd.concat([frame, table], axis=1)


def values_of(
    stream: EventStream,
    catalogue: Catalogue,
    loaded: Loaded,
    blocks: Numbers,
    days: Numbers,
    progress: Progress = silent,
    out: Values | None = None,
) -> Values:
    """Return the indicators of the asked rows of loaded events; the fold runs part by part, a part a core.

    Parameters
    ----------
    stream
        Says what is available and recorded.
    catalogue
        The indicators.
    loaded
        The catalogue's program with the events of the stream, or of some of its people.
    blocks, days
        The block of the loaded events and the day number of each row; block -1 stands for a person without events.
    progress
        Told after each part.
    out
        Indicators x rows to write into; a new array where None.
    """
    _, formulas = catalogue.compiled
    missing = _missing(stream, catalogue, days)
    values = np.empty((len(catalogue), len(days)), dtype=np.float64) if out is None else out
    order = None if _in_order(blocks, days) else np.lexsort((days, blocks))

    def fill(start: int) -> None:
        part: Any = slice(start, min(start + _BLOCK, len(days)))
        at = part if order is None else order[part]
        slots: Any = loaded.run(blocks[at], days[at])
        for number, formula in enumerate(formulas):
            values[number, at] = formula(slots)

    starts = range(0, len(days), _BLOCK)
    with ThreadPoolExecutor(min(os.cpu_count() or 1, max(len(starts), 1))) as threads:
        for done, _ in enumerate(threads.map(fill, starts)):
            progress("indicators", done * _BLOCK, len(days))
    progress("indicators", len(days), len(days))
    for number, those in missing.items():
        values[number, those] = np.nan
    return values


def _in_order(blocks: Numbers, days: Numbers) -> bool:
    """Say whether the dates of a block follow one another, block after block; sorting what is sorted takes long."""
    further = np.diff(blocks)
    return bool(((further > 0) | ((further == 0) & (np.diff(days) >= 0))).all())


def _missing(stream: EventStream, catalogue: Catalogue, days: Numbers) -> dict[int, Any]:
    """Return for each indicator that is somewhere not available the rows in which it is not."""
    different = np.sort(pd.unique(days))
    row_day = np.searchsorted(different, days)
    missing: dict[int, Any] = {}
    for number, indicator in enumerate(catalogue):
        available = np.full(len(different), indicator.tables <= stream.available)
        for column in indicator.requires:
            available &= stream.is_recorded(column, different.astype(np.int32))
        if not available.all():
            missing[number] = ~available[row_day] if available.any() else slice(None)
    return missing
