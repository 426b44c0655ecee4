"""Plant one error in a copy of the code and run there the one test that must see it."""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import os
import shutil
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.mutants.mutant import Mutant

ROOT = Path(__file__).resolve().parents[2]
_COPIED = ("values", "records", "features", "benchmarks/__init__.py", "benchmarks/oracle", "tests/features")
_ROOMS = frozenset({"values", "records", "features", "benchmarks", "drive_panel"})
_PATIENCE = 600  # seconds; an error may make a loop endless
_SEEN = ("AssertionError", "assert ", "Failed: DID NOT RAISE")


def planted(mutant: Mutant) -> dict[str, bool]:
    """Return whether the test passes without the error and fails, by an assertion of its own, with it.

    The copy runs without compiled code: machine code and plain Python give the same numbers, and another test
    holds them to it.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in _COPIED:
            _copy(ROOT / name, copy / name)
        shutil.copy(ROOT / "pyproject.toml", copy)
        before = outcome(copy, mutant.node)
        mutant.plant(copy)
        after = outcome(copy, mutant.node)
    return {"passes_without": before == "passed", "caught": after.startswith(_SEEN)}


def outcome(root: Path, node: str) -> str:
    """Return ``passed``, the first line of the failure of the one test, or why it did not run."""
    report = root / "report.xml"
    report.unlink(missing_ok=True)
    process = _forking().Process(target=_run, args=(root, node))
    process.start()
    process.join(_PATIENCE)
    if process.is_alive():
        process.kill()
        return "not run: it never ended"
    cases = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    if not cases or any(case.find("error") is not None for case in cases):
        return f"not run: {(root / 'output.txt').read_text(encoding='utf-8')[-1000:]}"
    failures = [failure.get("message", "") for case in cases for failure in case.iter("failure")]
    return failures[0] if failures else "passed"


@lru_cache(maxsize=1)
def _forking() -> multiprocessing.context.ForkServerContext:
    """Return what starts a process in which all libraries are loaded and nothing of the project is."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["numba", "pandas", "pyarrow.parquet", "scipy.stats", "hypothesis", "pytest"])
    return context


def _run(root: Path, node: str) -> None:
    """Run the test on the code under `root`, in this process."""
    import numba
    import pytest

    numba.config.DISABLE_JIT = True
    for name in [name for name in sys.modules if name.partition(".")[0] in _ROOMS]:
        del sys.modules[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.chdir(root)
    sys.path.insert(0, str(root))
    sys.dont_write_bytecode = True
    with (root / "output.txt").open("w", encoding="utf-8") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    pytest.main(["-q", "--junitxml=report.xml", node])


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)
