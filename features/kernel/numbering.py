"""Numbering distinct keys in the order in which they come."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from features.kernel.compiling import Compiled, array, compiled


def number(keys: Any, offset: int, table: Any, sample: Any, numbers: Any, found: int) -> int:
    """Give each key its number, going on from `found` distinct ones.

    Parameters
    ----------
    keys
        Not negative.
    offset
        Where in `numbers` the keys' numbers belong.
    table
        Open-addressed, a power of two of rows (key, number); -1 where free. Kept from call to call.
    sample
        For each number the place at which its key came first; as long as there may be numbers.
    numbers
        The result.
    found
        How many distinct keys came before.

    Returns
    -------
    int
        How many distinct keys there are now; -1 if they are more than `sample` has room for.
    """
    mask = len(table) - 1
    for i in range(len(keys)):
        key = keys[i]
        h = (((key ^ (key >> 31)) & 0x3FFFFFFF) * 0x4F1BBCDD >> 11) & mask
        while table[h, 1] >= 0 and table[h, 0] != key:
            h = (h + 1) & mask
        if table[h, 1] < 0:
            if found == len(sample):
                return -1
            table[h, 0], table[h, 1] = key, found
            sample[found] = offset + i
            found += 1
        numbers[offset + i] = table[h, 1]
    return found


@lru_cache(maxsize=1)
def compiled_numbering() -> Compiled:
    """Return `number` as machine code, or in plain Python where it cannot be compiled."""
    return compiled(number, _signature)


def _signature() -> Any:
    from numba import types

    changed = array(types.int64, changed=True)
    table = array(types.int64, 2, changed=True)
    return types.int64(array(types.int64), types.int64, table, changed, array(types.int32, changed=True), types.int64)
