"""Governance papers of runs, as the batch side made them: files in the workspace, of which the ledger holds every hash.

A paper answers for one state of its run and one governance file. Where either changed since, it is stale and is not
given out: nobody publishes an answer that is no longer so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from serving.errors import NotFound
from serving.kept_files import read_as_made
from serving.storage.stores import Stores
from values import digest_file

KEPT = "papers.kept"
FOLDER = ("reports", "papers")
PACK = "pack.zip"
"""Every paper of a run in every kind, in one file."""
TITLES: Mapping[str, str] = {
    "atrs": "Algorithmic transparency record (ATRS, tiers 1 and 2)",
    "dpia-annex": "Annex to the data protection impact assessment",
    "algo-care": "ALGO-CARE checklist",
    "npcc-covenant": "Covenant for using artificial intelligence in policing",
    "foi-metrics": "Metrics that freedom-of-information requests ask for",
    "ethics-pack": "Pack for an ethics committee",
}
"""Paper -> what it is called."""
KINDS: Mapping[str, tuple[str, str]] = {
    "pdf": ("PDF", "application/pdf"),
    "html": ("Page", "text/html; charset=utf-8"),
    "md": ("Markdown", "text/markdown; charset=utf-8"),
    "json": ("JSON", "application/json"),
    "zip": ("All of them", "application/zip"),
}
"""Kind of file -> what it is called, and its media type."""
_AGAIN = "Have them made again, on the page Transparency, or with drive-panel papers RUN --keep"


@dataclass(frozen=True)
class Pack:
    """The newest papers of a run.

    Parameters
    ----------
    state
        The state of the run that they answer for.
    governance
        Hash of the governance file that they answer from.
    missing
        Paper -> how many of its answers are missing.
    files
        Name of each file -> hash.
    """

    at: str
    state: str
    governance: str
    missing: Mapping[str, int]
    files: Mapping[str, str]

    def kinds(self, paper: str) -> list[str]:
        """Return in which kinds a paper is there."""
        return [kind for kind in KINDS if f"{paper}.{kind}" in self.files]


class Papers:
    """The papers that are kept in a workspace."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def newest(self, run: str) -> Pack | None:
        """Return the newest papers of a run that the ledger vouches for; None where nobody made any."""
        with self._stores.panel.read() as connection:
            entries = self._stores.ledger.genuine(connection, run, {KEPT})
        if not entries:
            return None
        noted = entries[-1].content
        return Pack(entries[-1].at, noted["state"], noted["governance"], noted["missing"], noted["files"])

    def stale(self, pack: Pack, state: str) -> str:
        """Return in words why papers are not to be used any more; empty where they are fresh.

        Parameters
        ----------
        state
            Where the run stands now.
        """
        if pack.state != state:
            return f"The list was {pack.state} when they were made, and is {state} now."
        try:
            now = str(digest_file(self._stores.workspace / "governance.yaml"))
        except OSError:
            return "The governance file is not there any more."
        return "" if now == pack.governance else "The governance file has changed since they were made."

    def read(self, run: str, state: str, name: str) -> bytes:
        """Return a file of the newest papers, as it was made.

        Raises
        ------
        NotFound
            If there is none of this name, or it is stale.
        ListChanged
            If the file is not the one whose hash the ledger holds.
        """
        pack = self.newest(run)
        if pack is None or name not in pack.files or self.stale(pack, state):
            raise NotFound("There is no such paper.", _AGAIN)
        return read_as_made(place_of(self._stores.workspace, run, name), pack.files[name], "paper", _AGAIN)


def place_of(workspace: Path, run: str, name: str) -> Path:
    """Return where a file of a run's papers lies."""
    return workspace.joinpath(*FOLDER, run, name)
