"""Pages on paper, set by a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from serving.errors import ServingError

_TYPESETTING = Path(__file__).with_name("typesetting.py")
_AT_ONCE = threading.BoundedSemaphore(2)
_WAIT = 15
# What the program needs of its surroundings: where fonts and libraries are; keys and addresses are not its business.
_NEEDED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "HOME")


class NoPaper(ServingError):
    """A paper could not be made now; nothing left and nothing is in the ledger."""


def printed(html: str, seconds: float = 50) -> bytes:
    """Return a page as a tagged PDF.

    Parameters
    ----------
    seconds
        How long it may take.

    Raises
    ------
    NoPaper
        If others wait for theirs, it takes too long, or the libraries that draw it are not installed.
    """
    if not _AT_ONCE.acquire(timeout=_WAIT):
        raise NoPaper("Other papers are being made.", "Try again in a minute.")
    try:
        return _set(html, seconds)
    finally:
        _AT_ONCE.release()


def _set(html: str, seconds: float) -> bytes:
    command = [sys.executable, "-I", str(_TYPESETTING)]
    around = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    try:
        done = subprocess.run(
            command, input=html.encode("utf-8"), capture_output=True, timeout=seconds, check=False, env=around
        )
    except subprocess.TimeoutExpired:
        raise NoPaper(
            f"The paper was not made within {seconds:g} seconds: the machine is busy. Nothing left, and nothing is in "
            "the ledger.",
            "Try again in a few minutes or take the workbook. Whoever runs the service can make it meanwhile: "
            "`drive-panel export` waits longer.",
        ) from None
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        raise NoPaper(
            "A PDF cannot be made on this machine.", "Take the workbook or print the page; tell the administrator."
        )
    return done.stdout
