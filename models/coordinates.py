"""Coordinate descent on a small quadratic with a penalty, as machine code where it can be had.

Where columns are much alike, tens of thousands of sweeps may be needed: minutes in plain Python, under a second here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from models.tables import Floats

_SWEEPS = 1000


def settle(
    columns: npt.NDArray[np.intp],
    gram: Floats,
    residual: Floats,
    coefficients: Floats,
    absolute: Floats,
    square: Floats,
    precision: float,
) -> None:
    """Move coefficients to where no one of them can be moved to gain more than `precision`, in place.

    Sweeps over the coefficients that are not zero until they settle, then over all, until a sweep over all changes
    nothing by more than `precision`.

    Parameters
    ----------
    columns
        Which coefficients may move.
    gram, residual
        The quadratic: its matrix, and its slope at the coefficients given; the slope is kept up to date.
    coefficients
        Where to begin, and where the answer stands.
    absolute, square
        Penalty on the absolute value and on half the square of each coefficient.
    """
    _machine_code()(columns, gram, residual, coefficients, absolute, square, precision, _SWEEPS)


@cache
def _machine_code() -> Callable[..., None]:
    import numba

    options: dict[str, Any] = {"error_model": "numpy"}
    try:
        code: Callable[..., None] = numba.njit(cache=True, **options)(_settle)
    except RuntimeError:  # no folder in which machine code could be kept
        code = numba.njit(**options)(_settle)
    return code


def _settle(
    columns: Any, gram: Any, residual: Any, coefficients: Any, absolute: Any, square: Any, precision: Any, sweeps: Any
) -> None:
    inner = 0
    over_all = True
    outer = 0
    while outer < sweeps:
        largest = 0.0
        for j in columns:
            before = coefficients[j]
            if not over_all and before == 0.0:
                continue
            own = gram[j, j]
            partial = residual[j] + own * before
            size = abs(partial) - absolute[j]
            value = 0.0
            if size > 0.0:
                value = size / (own + square[j])
                if partial < 0.0:
                    value = -value
            change = value - before
            if change != 0.0:
                for i in range(len(residual)):
                    residual[i] -= gram[j, i] * change
                coefficients[j] = value
                largest = max(largest, abs(change))
        if over_all:
            if largest < precision:
                return
            outer += 1
            over_all, inner = False, 0
        else:
            inner += 1
            if largest < precision or inner == sweeps:
                over_all = True
