"""One pass over each person's sorted events for every date asked: the fold.

The fold knows no indicator. Events that the same selections hold share a *signature*, and a signature lists the
registers that such an event feeds. Registers are kept by band of age (`operations`), so that an event is looked at once
for all windows; at the end the bands are added up and every *slot* that was asked for is one of the sums.

Everything is an integer, so the result does not depend on the order of additions and is the same bit for bit in machine
code and in plain Python.
"""

# ruff: noqa: SIM108, SIM109 -- plain branches: numba compiles them in half the time
from __future__ import annotations

from typing import Any

from features.kernel.operations import (
    ACROSS_ONE,
    ACROSS_OTHER,
    AFTER,
    AGE_HARM,
    AGE_SQUARES,
    AGE_SUM,
    BY_COUNTERPART,
    BY_FAMILY,
    DELAY_MAX,
    DELAY_SUM,
    DISTINCT,
    FARTHEST,
    FIRST_GAP,
    FIRST_GROUPED,
    GAP_LAST,
    GAP_SQUARES,
    HARM_MAX,
    HARM_SUM,
    LAST_GAP,
    LAST_GROUPED,
    MOST,
    NEAREST,
    NONE,
    ON_OCCURRED,
    TILE,
)

COMPILED_WITH = "49a1afefac5d147c"
"""The digest of `operations`, whose values are compiled in: numba keeps machine code until *this* file changes."""


def fold(
    occurred: Any,
    reported: Any,
    known_from: Any,
    known_to: Any,
    stated: Any,
    harm: Any,
    family: Any,
    counterpart: Any,
    event: Any,
    signature: Any,
    row_from: Any,
    row_to: Any,
    days: Any,
    band_occurred: Any,
    band_reported: Any,
    count_from: Any,
    counts: Any,
    entry_from: Any,
    entries: Any,
    is_anchor: Any,
    first: Any,
    bands: int,
    sums: int,
    smallest: int,
    largest: int,
    lanes: int,
    slot_at: Any,
    differences: Any,
    slot_less: Any,
    register: Any,
    memory: Any,
    stamp: Any,
    tally: Any,
    codes: Any,
    place: Any,
    holds: Any,
    anchor_rows: Any,
    tile: Any,
    out: Any,
) -> None:
    """Fill `out`, one column an asked row, one row a slot.

    Parameters
    ----------
    occurred, reported, known_from, known_to, stated, harm, family, counterpart, event
        As in the stream, sorted by person and day of occurrence.
    signature
        Of each event. Its lists are found under twice its number, and one more from the day on which the overwritten
        flags of the event were stated.
    row_from, row_to, days
        For each asked row the events of its person and the day number T. Rows of one person follow one another.
    band_occurred, band_reported
        The band of each age; ages beyond the last one are in its band.
    count_from, counts
        For list s the registers ``counts[count_from[s]:count_from[s + 1]]`` that count on the day of occurrence.
    entry_from, entries
        For list s its other rows of (operation, clock, first cell, first band, band that is too old, lane, key, extra,
        second extra, cells to the next band): the anchor and the days within for `AFTER`, the least number for
        `AT_LEAST`.
    is_anchor
        List x anchor selection: whether events of that list are held by it.
    first
        The starting value of every cell: those of the registers that add up, band after band; then those of which the
        smallest value counts; then those of which the largest counts.
    bands, sums, smallest, largest
        How many bands there are, and how many registers of each of the three sorts.
    lanes
        How many things must be remembered from event to event.
    slot_at
        The cell of each slot.
    differences, slot_less
        The slots from which another cell is subtracted, and those cells.
    register, memory, stamp, tally, codes, place, holds, anchor_rows, tile
        Room to work in: as long as `first`; twice the lanes; lanes x the largest code (twice, `stamp` at -1); twice the
        events of the busiest person; a power of two of at least that (twice); its events; `TILE` x slots.
    out
        Slots x rows, 64-bit integers.
    """
    oldest_occurred, oldest_reported = len(band_occurred) - 1, len(band_reported) - 1
    anchors = is_anchor.shape[1]
    slots = len(slot_at)
    adds = register[: bands * sums]
    least = register[bands * sums : bands * (sums + smallest)]
    most = register[bands * (sums + smallest) :]
    longest = len(codes) // 2
    anchor_count = 0
    current = -1
    for row in range(len(days)):
        day, start, stop = days[row], row_from[row], row_to[row]
        if start != current and stop > start:
            # A person's counterparts and events become 0, 1, ...; place[h] is the code and one of the value holds[h].
            current = start
            size = 2
            while size < 2 * (stop - start):
                size *= 2
            for which in range(2):
                values = counterpart if which == BY_COUNTERPART else event
                for h in range(size):
                    place[h] = 0
                number = 0
                for i in range(start, stop):
                    value = values[i]
                    h = 0
                    if value >= 0:
                        h = (value ^ (value >> 11)) & (size - 1)
                        while place[h] != 0 and holds[h] != value:
                            h = (h + 1) & (size - 1)
                        if place[h] == 0:
                            number += 1
                            place[h] = number
                            holds[h] = value
                    codes[which * longest + i - start] = place[h] - 1 if value >= 0 else -1
            anchor_count = 0
            for i in range(start, stop):
                for a in range(anchors):
                    if is_anchor[2 * signature[i], a] or is_anchor[2 * signature[i] + 1, a]:
                        anchor_rows[anchor_count] = i
                        anchor_count += 1
                        break
        for r in range(len(register)):
            register[r] = first[r]
        for r in range(len(memory)):
            memory[r] = -1
        for i in range(start, stop):
            if occurred[i] > day:
                break
            if known_from[i] > day or known_to[i] <= day:
                continue
            listed = 2 * signature[i]
            if day >= stated[i]:
                listed += 1
            age = day - occurred[i]
            band = band_occurred[age if age < oldest_occurred else oldest_occurred]
            for k in range(count_from[listed], count_from[listed + 1]):
                register[band * sums + counts[k]] += 1
            for k in range(entry_from[listed], entry_from[listed + 1]):
                op, at = entries[k, 0], entries[k, 2]
                a, b = age, band
                if entries[k, 1] != ON_OCCURRED:
                    a = day - reported[i]
                    if a < 0:
                        continue
                    b = band_reported[a if a < oldest_reported else oldest_reported]
                if b < entries[k, 3] or b >= entries[k, 4]:
                    continue
                value = 1
                if op == HARM_SUM or op == HARM_MAX:
                    value = harm[i]
                    if value < 0:
                        continue
                elif op == NEAREST or op == FARTHEST:
                    value = a
                elif op <= LAST_GROUPED and op >= FIRST_GROUPED:
                    code = -1
                    if entries[k, 6] == BY_FAMILY:
                        code = int(family[i])
                    else:
                        code = codes[entries[k, 6] * longest + i - start]
                    if code < 0:
                        continue
                    group = code * lanes + entries[k, 5]
                    if stamp[group] != row:
                        stamp[group] = row
                        tally[group] = 0
                    seen = tally[group]
                    if op == DISTINCT:  # a group counts in the youngest band in which it occurs; its tally is band + 1
                        if seen > 0:
                            if b + 1 >= seen:
                                continue
                            register[at + (seen - 1) * entries[k, 9]] -= 1
                        tally[group] = b + 1
                    elif op == ACROSS_ONE:  # an odd tally: the group has been seen
                        b = 0
                        value = (seen >> 1) if seen & 1 == 0 else 0
                        tally[group] = seen | 1
                    elif op == ACROSS_OTHER:
                        b = 0
                        value = seen & 1
                        tally[group] = seen + 2
                    else:
                        b = 0
                        tally[group] = seen + 1
                        if op == MOST:
                            value = seen + 1
                        elif seen + 1 != entries[k, 7]:
                            continue
                elif op <= LAST_GAP and op >= FIRST_GAP:
                    lane = entries[k, 5]
                    older = memory[lane]
                    memory[lane] = a
                    if older < 0:
                        continue
                    value = older - a
                    b = band_occurred[older if older < oldest_occurred else oldest_occurred]  # a window holds both
                    if op == GAP_SQUARES:
                        value *= value
                    elif op == GAP_LAST:
                        if memory[lanes + lane] >= 0:
                            register[memory[lanes + lane]] = NONE
                        memory[lanes + lane] = at + b * entries[k, 9]
                elif op == AFTER:
                    value = 0
                    for n in range(anchor_count):
                        j = anchor_rows[n]
                        if counterpart[j] != counterpart[i] or counterpart[i] < 0 or occurred[j] > day:
                            continue
                        if known_from[j] > day or known_to[j] <= day:
                            continue
                        other = 2 * signature[j]
                        if day >= stated[j]:
                            other += 1
                        if is_anchor[other, entries[k, 7]]:
                            since = occurred[i] - reported[j]
                            if since > 0 and since <= entries[k, 8]:
                                value = 1
                elif op == DELAY_SUM or op == DELAY_MAX:
                    value = reported[i] - occurred[i]
                elif op == AGE_SUM or op == AGE_SQUARES or op == AGE_HARM:
                    if harm[i] < 0:
                        continue
                    value = a
                    if op == AGE_SQUARES:
                        value *= a
                    elif op == AGE_HARM:
                        value *= harm[i]
                to = at + b * entries[k, 9]
                if at < len(adds):
                    register[to] += value
                elif (at < len(adds) + len(least)) == (value < register[to]):
                    register[to] = value
        # Views, so that these loops become vector instructions: numba knows that their indices are not negative.
        for band in range(1, bands):
            before, here = adds[(band - 1) * sums : band * sums], adds[band * sums : (band + 1) * sums]
            for r in range(sums):
                here[r] += before[r]
            before, here = (
                least[(band - 1) * smallest : band * smallest],
                least[band * smallest : (band + 1) * smallest],
            )
            for r in range(smallest):
                here[r] = before[r] if before[r] < here[r] else here[r]
            before, here = most[(band - 1) * largest : band * largest], most[band * largest : (band + 1) * largest]
            for r in range(largest):
                here[r] = before[r] if before[r] > here[r] else here[r]
        # Slots go to `out` a few rows at a time: each one lies in a page of memory of its own.
        line = tile[row % TILE * slots : (row % TILE + 1) * slots]
        for s in range(slots):
            line[s] = register[slot_at[s]]
        for s in range(len(differences)):
            line[differences[s]] -= register[slot_less[s]]
        if row % TILE == TILE - 1 or row == len(days) - 1:
            for s in range(slots):
                for r in range(row % TILE + 1):
                    out[s, row - row % TILE + r] = tile[r * slots + s]
