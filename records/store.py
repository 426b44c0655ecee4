"""The record store: where extracts become snapshots and where snapshots are found again."""

from __future__ import annotations

from pathlib import Path

from records.errors import NoSnapshot
from records.ingest import ingest_delivery, read_extract, read_mapped
from records.reference import load_reference
from records.report import LoadReport
from records.snapshot import Snapshot
from records.storage import private_folder, write_private
from values import Hash, Progress, silent

_LATEST = "latest"


class RecordStore:
    """Snapshots, communities and quarantine under one folder (0700; files 0600).

    Parameters
    ----------
    root
        The folder, such as ``workspace/records``; made on the first ingest.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def ingest(
        self,
        extract_dir: Path,
        mapping: Path | None = None,
        reference_dir: Path | None = None,
        progress: Progress = silent,
    ) -> LoadReport:
        """Load an extract and make it the latest snapshot.

        The same content gives the same snapshot and changes nothing.

        Parameters
        ----------
        extract_dir
            Folder with one file a table and a manifest, or with the files that `mapping` names.
        mapping
            A mapping (YAML) from a source's own columns to the contract.
        reference_dir
            Folder with reference tables that replace the shipped ones.
        progress
            Told how far it is.

        Raises
        ------
        RecordsError
            If the extract as a whole cannot be read; nothing is published then. A bad row is no error.
        """
        reference = load_reference(reference_dir)
        delivery = (
            read_extract(extract_dir, progress) if mapping is None else read_mapped(extract_dir, mapping, progress)
        )
        private_folder(self.root)
        report = ingest_delivery(self.root, delivery, reference, progress)
        write_private(self.root / "snapshots" / _LATEST, report.snapshot.encode())
        return report

    def latest(self) -> Snapshot:
        """Return the snapshot that was ingested last.

        Raises
        ------
        NoSnapshot
            If nothing has been ingested.
        """
        try:
            name = (self.root / "snapshots" / _LATEST).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise NoSnapshot("Nothing has been ingested yet.", "Run drive-panel ingest EXTRACT_DIR.") from None
        return self.snapshot(name)

    def snapshot(self, name: str) -> Snapshot:
        """Return the snapshot with the hash `name`.

        Raises
        ------
        NoSnapshot
            If there is none.
        """
        try:
            return Snapshot(self.root / "snapshots" / Hash(name))
        except ValueError:
            raise NoSnapshot(f"{name[:12]!r} is not a snapshot's hash.", "List the snapshots.") from None

    def snapshots(self) -> list[Snapshot]:
        """Return all snapshots, the earliest extract first."""
        folder = self.root / "snapshots"
        found = [Snapshot(path) for path in folder.glob("[0-9a-f]*") if path.is_dir()] if folder.is_dir() else []
        return sorted(found, key=lambda snapshot: (snapshot.extract_date, snapshot.hash))
