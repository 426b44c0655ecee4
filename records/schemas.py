"""Pandera, without what it does to a process in which Spark is installed."""

from __future__ import annotations

import os
import sys
from functools import cache
from types import ModuleType

_LOOPBACK = "SPARK_LOCAL_IP"
_SPARK = ("pyspark", "pyspark.pandas")


@cache
def pandera() -> ModuleType:
    """Return Pandera for pandas; heavy, and only the tests of frames need it.

    On import it looks for Spark's pandas, which takes seconds, warns of our pandas, and ties every later Spark driver
    to this machine. Spark is hidden from it for that moment.
    """
    hidden, address = [name for name in _SPARK if name not in sys.modules], os.environ.get(_LOOPBACK)
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        import pandera.pandas as found
    finally:
        for name in hidden:
            del sys.modules[name]
        if address is None:
            os.environ.pop(_LOOPBACK, None)
    module: ModuleType = found
    return module
