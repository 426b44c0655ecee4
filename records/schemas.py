"""Pandera, without what it does to a process in which Spark is installed."""

from __future__ import annotations

import os
import sys
from functools import cache
from types import ModuleType

_LOOPBACK = "SPARK_LOCAL_IP"


@cache
def pandera() -> ModuleType:
    """Return Pandera for pandas; heavy, and only the tests of frames need it.

    On import it looks for Spark's pandas, which takes seconds, warns of our pandas, and ties every later Spark driver
    to this machine. Spark is hidden from it for that moment.
    """
    hidden, address = "pyspark" not in sys.modules, os.environ.get(_LOOPBACK)
    if hidden:
        sys.modules["pyspark"] = None  # type: ignore[assignment]
    try:
        import pandera.pandas as found
    finally:
        if hidden:
            del sys.modules["pyspark"]
        if address is None:
            os.environ.pop(_LOOPBACK, None)
    module: ModuleType = found
    return module
