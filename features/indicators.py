"""Compute the catalogue's indicators for persons and dates."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.catalogue import CATALOGUE, Catalogue
from features.errors import SpineError
from features.events import ROW_COLUMNS, ROW_TYPES, EventStream
from features.plan import Column, Loaded
from values import AsOf, Progress, silent

_BLOCK = 32_768  # asked rows a pass: the slots of one block are all that is held besides the result

Numbers = npt.NDArray[np.int64]


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
    asked = np.unique(people[people >= 0])
    blocks = np.where(people >= 0, np.searchsorted(asked, people), -1)
    rows, starts = _rows_of(stream, asked)
    program, _ = catalogue.compiled
    loaded = program.load(stream.take(rows), starts)
    return _filled(frame, stream, catalogue, loaded, blocks, days, progress)


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
    loaded = program.load(stream.take(rows[kept]), starts.astype(np.int64))
    return _filled(frame, stream, catalogue, loaded, np.arange(len(people)), days, silent)


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
    table = table.sort_values(list(table.columns), kind="stable").drop_duplicates(ignore_index=True)
    columns: dict[str, Any] = {name: table[name].to_numpy(ROW_TYPES[name]) for name in ROW_COLUMNS if name != "person"}
    pooled = dataclasses.replace(stream, person=table["pair"].to_numpy(np.int32), **columns)
    starts = np.searchsorted(pooled.person, np.arange(len(pairs) + 1)).astype(np.int64)
    program, _ = catalogue.compiled
    loaded = program.load(pooled, starts)
    return _filled(frame, stream, catalogue, loaded, np.arange(len(pairs)), days, silent)


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


def _rows_of(stream: EventStream, people: Numbers) -> tuple[Numbers, Numbers]:
    """Return the stream's rows of these people one after another (-1 = none), and where each one starts."""
    known = np.maximum(people, 0)
    first = stream.offsets[known]
    length = np.where(people >= 0, stream.offsets[np.minimum(known + 1, len(stream.offsets) - 1)] - first, 0)
    starts = np.concatenate([[0], np.cumsum(length)])
    rows = np.repeat(first - starts[:-1], length) + np.arange(starts[-1])
    return rows.astype(np.int64), starts.astype(np.int64)


def _filled(
    frame: pd.DataFrame,
    stream: EventStream,
    catalogue: Catalogue,
    loaded: Loaded,
    blocks: Numbers,
    days: Numbers,
    progress: Progress,
) -> pd.DataFrame:
    """Run the fold block by block, sorted by person so that neighbouring rows share events."""
    values = np.empty((len(catalogue), len(days)), dtype=np.float64)
    order = np.argsort(blocks, kind="stable")
    for part in _parts(order, progress):
        for column, numbers in zip(values, _columns(stream, catalogue, loaded, blocks[part], days[part]), strict=True):
            column[part] = numbers
    table = pd.DataFrame(values.T, columns=list(catalogue.names), copy=False)
    return pd.concat([frame, table], axis=1)


def _parts(order: Numbers, progress: Progress) -> Iterator[Numbers]:
    for start in range(0, len(order), _BLOCK):
        progress("indicators", start, len(order))
        yield order[start : start + _BLOCK]
    progress("indicators", len(order), len(order))


def _columns(
    stream: EventStream, catalogue: Catalogue, loaded: Loaded, blocks: Numbers, days: Numbers
) -> Iterator[Column]:
    _, formulas = catalogue.compiled
    slots: Any = loaded.run(blocks, days)
    for indicator, formula in zip(catalogue, formulas, strict=True):
        if not indicator.tables <= stream.available:
            yield np.full(len(days), np.nan)
            continue
        available = np.ones(len(days), dtype=np.bool_)
        for column in indicator.requires:
            available &= stream.is_recorded(column, days.astype(np.int32))
        yield np.where(available, formula(slots), np.nan)
