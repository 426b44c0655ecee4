"""Every operation of the fold against its definition in plain words, in machine code and in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import kernel
from features.events import ROW_COLUMNS, ROW_TYPES, EventStream, Homes
from features.kernel import operations
from features.kernel.fold import COMPILED_WITH
from features.kinds import FAMILY_CODE, Flag, Kind, Role
from features.loaded import Loaded, signatures
from features.ordering import row_order
from features.plan import Plan, Told
from features.selection import Selection, Span
from values import Window, digest_bytes

NONE = kernel.NONE
Event = dict[str, int]
T = 1000

PAIR = Selection(Kind.DYAD, flags=Flag.DOMESTIC)
IPV = Selection(Kind.DYAD, flags=Flag.DOMESTIC | Flag.IPV)
CRIME = Selection(Kind.DYAD, flags=Flag.CRIME, harm="known")
AS_VICTIM = Selection(Kind.DYAD, Role.VICTIM)
LATE = Selection(Kind.DYAD, late_by=20)
THREATS = Selection(Kind.DYAD, families=("threats", "breach"))
SELECTIONS = (PAIR, IPV, CRIME, AS_VICTIM, LATE, THREATS)
SPANS = [
    Span(Window(days), clock, skip)  # type: ignore[arg-type]
    for days in (30, 100, None)
    for clock in ("occurred", "reported")
    for skip in (0, 30)
]


def stream_of(rows: list[Event]) -> EventStream:
    columns = {name: np.array([row[name] for row in rows], dtype=ROW_TYPES[name]) for name in ROW_COLUMNS}
    order = row_order(columns)
    none = np.empty(0, dtype=np.int32)
    return EventStream(
        **{name: np.ascontiguousarray(values[order]) for name, values in columns.items()},
        person_ids=np.array(["ann", "bob", "cat"]),
        event_refs=np.array([f"incident:{number}" for number in range(8)]),
        areas=np.array([], dtype=np.str_),
        homes=Homes(none, none.astype(np.int16), none, none, none, none),
        available=frozenset({"incidents"}),
        recorded={},
    )


def holds(selection: Selection, row: Event, day: int) -> bool:
    overwritten = int(Flag.IPV) if day < row["stated"] else 0
    asked = int(selection.flags)
    return (
        row["kind"] == selection.kind
        and row["role"] == selection.role
        and (row["flags"] & ~overwritten & asked) == asked
        and (selection.harm == "any" or row["harm"] >= 0)
        and (selection.late_by is None or row["reported"] - row["occurred"] > selection.late_by)
        and (not selection.families or row["family"] in FAMILY.values())
    )


FAMILY = {name: FAMILY_CODE[name] for name in ("threats", "breach")}


def age_of(row: Event, span: Span, day: int) -> int:
    return day - row[span.clock]


def counted(rows: list[Event], selection: Selection, span: Span, day: int) -> list[Event]:
    """Known rows of the selection in the span, in the order of the stream."""
    known = [row for row in rows if row["known_from"] <= day < row["known_to"] and row["occurred"] <= day]
    return [
        row
        for row in known
        if holds(selection, row, day)
        and span.low <= age_of(row, span, day) < (10**9 if span.high is None else span.high)
    ]


def steps(rows: list[Event], span: Span, day: int) -> list[int]:
    return [age_of(one, span, day) - age_of(two, span, day) for one, two in pairwise(rows)]


SIMPLE: dict[int, Callable[[list[Event], Span, int], int]] = {
    kernel.COUNT: lambda rows, span, day: len(rows),
    kernel.HARM_SUM: lambda rows, span, day: sum(row["harm"] for row in rows if row["harm"] >= 0),
    kernel.HARM_MAX: lambda rows, span, day: max((row["harm"] for row in rows), default=-1),
    kernel.NEAREST: lambda rows, span, day: min((age_of(row, span, day) for row in rows), default=NONE),
    kernel.FARTHEST: lambda rows, span, day: max((age_of(row, span, day) for row in rows), default=-1),
    kernel.AGE_SUM: lambda rows, span, day: sum(age_of(row, span, day) for row in rows if row["harm"] >= 0),
    kernel.AGE_SQUARES: lambda rows, span, day: sum(age_of(row, span, day) ** 2 for row in rows if row["harm"] >= 0),
    kernel.AGE_HARM: lambda rows, span, day: sum(
        age_of(row, span, day) * row["harm"] for row in rows if row["harm"] >= 0
    ),
    kernel.DELAY_SUM: lambda rows, span, day: sum(row["reported"] - row["occurred"] for row in rows),
    kernel.DELAY_MAX: lambda rows, span, day: max((row["reported"] - row["occurred"] for row in rows), default=-1),
}
GAPS: dict[int, Callable[[list[int]], int]] = {
    kernel.GAP_MIN: lambda gaps: min(gaps, default=NONE),
    kernel.GAP_MAX: lambda gaps: max(gaps, default=-1),
    kernel.GAP_LAST: lambda gaps: gaps[-1] if gaps else NONE,
    kernel.GAP_SQUARES: lambda gaps: sum(gap * gap for gap in gaps),
}
KEYS = {kernel.BY_COUNTERPART: "counterpart", kernel.BY_EVENT: "event_id", kernel.BY_FAMILY: "family"}


def grouped(rows: list[Event], key: int) -> Counter[int]:
    return Counter(row[KEYS[key]] for row in rows if row[KEYS[key]] >= 0)


def followed(rows: list[Event], anchors: list[Event], within: int) -> int:
    return sum(
        any(
            row["counterpart"] == anchor["counterpart"] >= 0 and 0 < row["occurred"] - anchor["reported"] <= within
            for anchor in anchors
        )
        for row in rows
    )


def asked_of(plan: Plan) -> dict[int, Callable[[list[Event], int], int]]:
    """Ask the plan for everything it knows; return what each slot should hold."""
    wanted: dict[int, Callable[[list[Event], int], int]] = {}

    def want(slot: int, answer: Callable[[list[Event], int], int]) -> None:
        wanted[slot] = answer

    for selection in SELECTIONS:
        for span in SPANS:
            for operation, simple in SIMPLE.items():
                want(
                    plan.slot(operation, selection, span),
                    lambda rows, day, s=selection, w=span, f=simple: f(counted(rows, s, w, day), w, day),
                )
            for operation, gap in GAPS.items() if span.clock == "occurred" else ():
                want(
                    plan.slot(operation, selection, span),
                    lambda rows, day, s=selection, w=span, f=gap: f(steps(counted(rows, s, w, day), w, day)),
                )
            for key in KEYS:
                want(
                    plan.distinct(selection, span, key),
                    lambda rows, day, s=selection, w=span, k=key: len(grouped(counted(rows, s, w, day), k)),
                )
                want(
                    plan.most(selection, span, key),
                    lambda rows, day, s=selection, w=span, k=key: max(
                        grouped(counted(rows, s, w, day), k).values(), default=0
                    ),
                )
                for least in (1, 2, 3):
                    want(
                        plan.at_least(selection, span, key, least),
                        lambda rows, day, s=selection, w=span, k=key, n=least: sum(
                            size >= n for size in grouped(counted(rows, s, w, day), k).values()
                        ),
                    )
            for other in (AS_VICTIM, PAIR):
                want(
                    plan.across(selection, other, span),
                    lambda rows, day, s=selection, o=other, w=span: sum(
                        size
                        for group, size in grouped(counted(rows, o, w, day), kernel.BY_COUNTERPART).items()
                        if group in grouped(counted(rows, s, w, day), kernel.BY_COUNTERPART)
                    ),
                )
            for anchor, within in ((IPV, 50), (AS_VICTIM, 400)):
                want(
                    plan.after(selection, anchor, span, within),
                    lambda rows, day, s=selection, a=anchor, w=span, n=within: followed(
                        counted(rows, s, w, day), counted(rows, a, Span(Window(None)), day), n
                    ),
                )
    return wanted


@st.composite
def histories(draw: Any) -> list[Event]:
    ages = st.sampled_from([0, 1, 10, 29, 30, 31, 59, 60, 99, 100, 129, 130, 200])
    rows = []
    for _ in range(draw(st.integers(0, 9))):
        occurred = T - draw(ages) + draw(st.sampled_from([0, 0, 0, 40]))
        known_from = occurred + draw(st.sampled_from([0, 0, 0, 25, 300]))
        rows.append(
            {
                "person": draw(st.sampled_from([0, 0, 0, 1])),
                "occurred": occurred,
                "event_id": draw(st.integers(0, 7)),
                "kind": int(draw(st.sampled_from([Kind.DYAD, Kind.DYAD, Kind.DYAD, Kind.INCIDENT]))),
                "role": int(draw(st.sampled_from([Role.SUSPECT, Role.SUSPECT, Role.VICTIM]))),
                "counterpart": draw(st.sampled_from([-1, 1, 2])),
                "known_from": known_from,
                "known_to": draw(st.sampled_from([2**31 - 1, 2**31 - 1, known_from + 30])),
                "reported": occurred + draw(st.sampled_from([0, 0, 5, 20, 21, 90])),
                "family": draw(st.sampled_from([-1, *FAMILY.values(), 7])),
                "harm": draw(st.sampled_from([-1, 0, 150, 36_500])),
                "flags": int(draw(st.sampled_from([Flag.DOMESTIC, Flag.DOMESTIC | Flag.IPV | Flag.CRIME, Flag.CRIME]))),
                "area": -1,
                "stated": known_from + draw(st.sampled_from([0, 0, 40])),
            }
        )
    return rows


def agree(rows: list[Event]) -> None:
    plan = Plan()
    wanted = asked_of(plan)
    stream = stream_of(rows)
    loaded = Loaded(plan.finish(), stream, stream.offsets)
    days = np.array([T, T - 31, T + 40, T], dtype=np.int64)
    blocks = np.array([0, 0, 0, 1], dtype=np.int64)
    told = loaded.run(blocks, days)
    ordered = [{name: int(getattr(stream, name)[i]) for name in ROW_COLUMNS} for i in range(len(stream))]
    by_person = defaultdict(list)
    for row in ordered:
        by_person[row["person"]].append(row)
    for n, (block, day) in enumerate(zip(blocks.tolist(), days.tolist(), strict=True)):
        for slot, answer in wanted.items():
            assert told[n, slot] == answer(by_person[block], day), (n, slot)


@settings(max_examples=40, deadline=None)
@given(rows=histories())
def test_every_operation_is_what_it_says(rows: list[Event]) -> None:
    agree(rows)


@settings(max_examples=5, deadline=None)
@given(rows=histories())
def test_plain_python_agrees_with_every_operation_too(rows: list[Event]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "fold_for", lambda steps: kernel.fold)
        agree(rows)


def test_kept_machine_code_is_made_anew_where_an_operation_was_renumbered() -> None:
    told = digest_bytes(Path(operations.__file__).read_bytes())
    assert told.startswith(COMPILED_WITH), f"write {told[:16]} into COMPILED_WITH of features/kernel/fold.py"


def test_every_number_of_delays_that_are_asked_for_is_told_apart() -> None:
    delays = range(40)
    row = dict.fromkeys(ROW_COLUMNS, 0) | {"kind": int(Kind.DYAD), "counterpart": 1, "known_to": 2**31 - 1}
    stream = stream_of([row | {"event_id": delay % 8, "reported": delay, "family": delay % 2} for delay in delays])
    selections = tuple(Selection(Kind.DYAD, late_by=days) for days in range(20))
    signature, held = signatures(stream, selections)
    for number, selection in enumerate(selections):
        assert held[2 * signature, number].tolist() == selection.rows(stream).tolist()


def test_what_is_told_is_asked_anew_for_every_run_and_thread():
    told = Told(0, 1)
    room = np.array([[0, 2], [3, 3], [0, 0]])  # a run writes where the run before it wrote
    first = room[:2]
    assert told(first).tolist() == [False, True]
    assert told(first) is told(first)
    room[0, 0] = 1
    assert told(room[:2]).tolist() == [True, True]
    with ThreadPoolExecutor(1) as other:
        assert other.submit(told, room[2:]).result().tolist() == [True]
    assert told(np.array([[0, 1]])).tolist() == [False]
