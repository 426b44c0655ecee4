"""Pages on paper, set by a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from serving.errors import ServingError

SECONDS = 50
"""How long a paper may take; a proxy gives up after a minute."""
_TYPESETTING = Path(__file__).with_name("typesetting.py")
_AT_ONCE = threading.BoundedSemaphore(2)
_WAIT = 15
# What the program needs of its surroundings: where fonts and libraries are; keys and addresses are not its business.
_NEEDED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "HOME")


class NoPaper(ServingError):
    """A paper could not be made now; nothing left and nothing is in the ledger."""


def printed(html: str) -> bytes:
    """Return a page as a tagged PDF.

    Raises
    ------
    NoPaper
        If others wait for theirs, it takes too long, or the libraries that draw it are not installed.
    """
    if not _AT_ONCE.acquire(timeout=_WAIT):
        raise NoPaper("Other papers are being made.", "Try again in a minute.")
    try:
        return _set(html)
    finally:
        _AT_ONCE.release()


def _set(html: str) -> bytes:
    command = [sys.executable, "-I", str(_TYPESETTING)]
    around = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    try:
        done = subprocess.run(
            command, input=html.encode("utf-8"), capture_output=True, timeout=SECONDS, check=False, env=around
        )
    except subprocess.TimeoutExpired:
        raise NoPaper("The paper took too long to make.", "Take the workbook, or print the page.") from None
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        raise NoPaper(
            "A PDF cannot be made on this machine.", "Take the workbook or print the page; tell the administrator."
        )
    return done.stdout
