"""Pandera, without what it does to a process in which Spark is installed."""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib import import_module
from types import ModuleType

_LOOPBACK = "SPARK_LOCAL_IP"
_SPARK = ("pyspark", "pyspark.pandas")


@cache
def pandera() -> ModuleType:
    """Return Pandera for pandas; heavy, and only the tests of frames need it.

    Once on import and once at the first frame it checks it looks for Spark's pandas, which takes seconds, warns of our
    pandas, and ties every later Spark driver to this machine. Both happen here, and Spark is hidden meanwhile.
    """
    loaded, address = {name: sys.modules[name] for name in _SPARK if name in sys.modules}, os.environ.get(_LOOPBACK)
    sys.modules.update(dict.fromkeys(_SPARK))  # type: ignore[arg-type]
    try:
        import_module("pandera.backends.pandas.builtin_checks")
        return import_module("pandera.pandas")
    finally:
        for name in _SPARK:
            del sys.modules[name]
        sys.modules.update(loaded)
        if address is None:
            os.environ.pop(_LOOPBACK, None)
