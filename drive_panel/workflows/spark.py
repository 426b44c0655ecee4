"""A Spark session for one command."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from features.errors import ClusterFailed

_JAVA = 17
_MASTERS = ("spark://", "yarn", "k8s://", "local")
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "FATAL",  # a failure is told in one sentence, not in Java's words
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
_LOOPBACK = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


def require_spark(master: str | None) -> None:
    """Pass if Spark can be started here.

    Raises
    ------
    ClusterFailed
        If pyspark or a Java that it runs on is missing, or `master` names no cluster.
    """
    if master is not None and not master.startswith(_MASTERS):
        raise ClusterFailed(f"{master!r} is no Spark master.", "Write spark://HOST:7077, yarn, k8s://URL or local[2].")
    if importlib.util.find_spec("pyspark") is None:
        raise ClusterFailed(
            "Spark is not installed.",
            "Install the extra: `scripts/setup --spark` in drive-panel's folder, or "
            "`pip install --require-hashes -r requirements-spark.lock` into its environment.",
        )
    if _java_version() < _JAVA:
        raise ClusterFailed(
            f"Spark needs Java {_JAVA} or newer.",
            f"On Debian: apt-get install openjdk-{_JAVA}-jre-headless. Elsewhere set JAVA_HOME.",
        )


def _java_version() -> int:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or not Path(java).exists():
        return 0
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    return int(found[1]) if found else 0


@contextlib.contextmanager
def spark_session(master: str | None) -> Iterator[Any]:
    """Give a Spark session; one that this block started ends with it, one that a cluster gave is left alone.

    Parameters
    ----------
    master
        Where to compute, such as ``spark://host:7077``; None for the cluster that started this program, else for
        this machine.

    Raises
    ------
    ClusterFailed
        If the cluster cannot be reached.
    """
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)  # none is used
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    given = SparkSession.getActiveSession()
    if given is not None:
        yield given
        return
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        session = _builder(SparkSession, master).getOrCreate()
    except (Py4JError, PySparkException) as failure:
        raise ClusterFailed(f"Spark did not start: {type(failure).__name__}.", "Check --spark-master.") from None
    try:
        yield session
    finally:
        session.stop()


def _builder(sessions: Any, master: str | None) -> Any:
    if master is None and "PYSPARK_GATEWAY_PORT" not in os.environ:  # not started by spark-submit
        master = "local[*]"
    settings = _SETTINGS
    if master is not None and (master.startswith("local") or "//127.0.0.1:" in master):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        settings = settings | _LOOPBACK
    builder = sessions.builder.appName("drive-panel indicators")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.master(master) if master is not None else builder
