"""Machine code from the kernel's plain functions, or the functions themselves where that cannot be had."""

from __future__ import annotations

import logging
import pickle
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from features.kernel.fold import fold

_log = logging.getLogger("features.kernel")

Compiled = Callable[..., Any]


@lru_cache(maxsize=1)
def compiled_fold() -> Compiled:
    """Return the fold as machine code, or in plain Python where it cannot be compiled."""
    return compiled(fold, _fold_signature)


_STEPS_BEFORE_COMPILING = 20_000
_steps = [0]
_compiling = threading.Lock()  # two threads that ask at once would both compile


def fold_for(steps: int) -> Compiled:
    """Return the fold for a run of so many steps: plain Python while a process has asked for little, then machine code.

    Loading numba and the kept machine code takes half a second, compiling it two; a few people are answered sooner
    than that. The numbers are the same.

    Parameters
    ----------
    steps
        Events to be looked at, and one for every twenty registers of each asked row.
    """
    _steps[0] += steps
    if _steps[0] < _STEPS_BEFORE_COMPILING and not compiled_fold.cache_info().currsize:
        return fold
    with _compiling:
        return compiled_fold()


def compiled(function: Compiled, signature: Callable[[], Any]) -> Compiled:
    """Return a function as machine code, or itself where numba cannot compile it.

    numba keeps the machine code beside the function's file, or in the user's cache folder where that one is
    read-only; where neither can be written the function is compiled anew in each process. Both losses are logged.

    Parameters
    ----------
    function
        Of arrays and integers.
    signature
        Its types, asked for once numba is there.
    """
    try:
        import numba
    except ImportError as missing:
        return _plain(function, missing)
    options = {"nogil": True, "error_model": "numpy"}
    code: Compiled
    try:
        code = numba.njit(signature(), cache=True, **options)(function)
        return code
    except (RuntimeError, OSError, EOFError, pickle.UnpicklingError) as unwritable:  # the last two: a damaged file
        _log.warning(
            "The compiled %s cannot be kept (%s); it is compiled again in each process, which takes "
            "seconds. Set NUMBA_CACHE_DIR to a folder that can be written.",
            function.__name__,
            unwritable,
        )
    except numba.errors.NumbaError as failure:
        return _plain(function, failure)
    try:
        code = numba.njit(signature(), **options)(function)
        return code
    except numba.errors.NumbaError as failure:
        return _plain(function, failure)


def _plain(function: Compiled, reason: Exception) -> Compiled:
    _log.warning(
        "numba cannot compile the %s (%s); indicators are computed in plain Python: the same numbers, "
        "about a hundred times slower. Reinstall the locked numba and llvmlite.",
        function.__name__,
        type(reason).__name__,
    )
    return function


def array(kind: Any, dimensions: int = 1, *, changed: bool = False) -> Any:
    """Return the type of an array; one that is not `changed` may be read-only."""
    from numba import types

    return types.Array(kind, dimensions, "C", readonly=not changed)


def _fold_signature() -> Any:
    from numba import types

    days, small, long = array(types.int32), array(types.int8), array(types.int64)
    table, flags = array(types.int32, 2), array(types.boolean, 2)
    events = (days,) * 5 + (long, small, days, days, days)
    lists = (long, days, long, table, flags)
    cells = array(types.uint64)
    slots = (cells, cells, cells)
    room = (array(types.int64, changed=True),) * 9
    return types.void(
        *events, long, long, long, days, days, *lists, long, *(types.int64,) * 5, *slots, *room,
        array(types.int64, 2, changed=True),
    )  # fmt: skip
