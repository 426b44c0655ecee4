"""Reports of audits, as the batch side drew them: files in the workspace, of which the ledger holds every hash.

A report is made of the stored audit alone, after small groups were withheld, so that whoever may see audits may read
it. What it says of a list depends on the list's state; a report that was made in another state is not given out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from serving.errors import NotFound
from serving.kept_files import read_as_made
from serving.storage.stores import Stores

KEPT = "report.kept"
FOLDER = ("reports", "audits")
KINDS: Mapping[str, tuple[str, str]] = {
    "html": ("Page", "text/html; charset=utf-8"),
    "pdf": ("PDF", "application/pdf"),
    "xlsx": ("Workbook, with every cell", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("CSV, with every cell", "text/csv; charset=utf-8"),
    "json": ("JSON, with every cell", "application/json"),
}
"""Kind of file -> what it is called, and its media type."""
_AGAIN = "Have it made again, on the audit's page, or with drive-panel audit RUN --keep"


@dataclass(frozen=True)
class Kept:
    """The newest report of a run.

    Parameters
    ----------
    at
        When it was made.
    state
        The state of the run that it speaks of.
    files
        Kind -> hash, in the order of `KINDS`.
    """

    at: str
    state: str
    files: Mapping[str, str]


class Reports:
    """The reports that are kept in a workspace."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def newest(self, run: str) -> Kept | None:
        """Return the newest report of a run that the ledger vouches for; None where nobody made one."""
        with self._stores.panel.read() as connection:
            entries = self._stores.ledger.genuine(connection, run, {KEPT})
        if not entries:
            return None
        noted = entries[-1].content
        files = {kind: noted["files"][kind] for kind in KINDS if kind in noted["files"]}
        return Kept(entries[-1].at, noted["state"], files)

    def read(self, run: str, state: str, kind: str) -> bytes:
        """Return a file of the newest report, as it was made.

        Raises
        ------
        NotFound
            If there is none of this kind, or it was made when the run was in another state than `state`.
        ListChanged
            If the file is not the one whose hash the ledger holds.
        """
        kept = self.newest(run)
        if kept is None or kept.state != state or kind not in kept.files:
            raise NotFound("There is no such report.", _AGAIN)
        return read_as_made(place_of(self._stores.workspace, run, kind), kept.files[kind], "report", _AGAIN)


def place_of(workspace: Path, run: str, kind: str) -> Path:
    """Return where a file of a run's report lies."""
    return workspace.joinpath(*FOLDER, f"{run}.{kind}")
