"""An extract becomes a snapshot; what could not be read says where, why and what to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from drive_panel import clock
from drive_panel.errors import NotDemo
from drive_panel.workspace import Workspace
from records import LoadReport, RecordStore
from records.errors import ManifestError
from records.intake.ingest import SHRINK_LIMIT
from records.mappings import load_mapping
from records.reading.manifest import Manifest, read_manifest
from values import Progress


def run(
    workspace: Workspace,
    extract: Path,
    mapping: Path | None,
    reference: Path | None,
    progress: Progress,
    shrink_limit: float = SHRINK_LIMIT,
    today: date | None = None,
) -> LoadReport:
    """Ingest `extract` into the workspace's record store.

    Raises
    ------
    NotDemo
        If the workspace is a demonstration and the extract is not marked as made up.
    ManifestError
        If it says it was taken after `today` (by default the day in London); a demonstration's date is made up.
    """
    if workspace.mode == "demo" and (mapping is not None or not read_manifest(extract / "manifest.yaml").synthetic):
        raise NotDemo(
            "This workspace is a demonstration, and the extract is not marked synthetic. Nothing was read.",
            "Ingest it into a workspace of its own (--home).",
        )
    if workspace.mode != "demo" and extract.is_dir():
        _refuse_future(_manifest(extract, mapping), today or clock.today())
    return RecordStore(workspace.records).ingest(extract, mapping, reference, progress, shrink_limit=shrink_limit)


def _manifest(extract: Path, mapping: Path | None) -> Manifest:
    own = extract / "manifest.yaml"
    said = None if mapping is None else load_mapping(mapping).manifest
    return said if said is not None and not own.is_file() else read_manifest(own)


def _refuse_future(manifest: Manifest, today: date) -> None:
    """Refuse a day that has not come: every later extract would count as older, and no date as in the future."""
    if manifest.extract_date > today:
        raise ManifestError(
            f"The extract says it was taken on {manifest.extract_date}, which is after today ({today}). "
            "Nothing was read.",
            "Correct extract_date, or this computer's date.",
        )


def describe(report: LoadReport) -> list[str]:
    """Return the load report in plain lines."""
    result = report.to_dict()
    lines = [
        f"Read {report.read:,} rows: {report.accepted:,} accepted, {report.quarantined:,} in quarantine.",
        f"Delivery {report.delivery}",
        f"Snapshot {report.snapshot}" if report.snapshot else "No new snapshot.",
    ]
    lines += [
        f"It WAITS: {name} would lose {found['withdrawn']:,} of {found['before']:,} rows of this source. Nothing has "
        f"changed. If that is right: drive-panel deliveries confirm {report.delivery}"
        for name, found in report.waiting.items()
    ]
    width = max((len(name) for name in result["tables"]), default=0)
    lines += [
        f"  {name:<{width}}  read {counts['read']:>9,}  accepted {counts['accepted']:>9,}"
        f"  quarantined {counts['quarantined']:>7,}"
        for name, counts in result["tables"].items()
    ]
    lines += [f"  {count:,} × {reason}" for reason, count in result["reasons"].items()]
    lines += [
        f"  {column}: {sum(codes.values()):,} values of {len(codes)} unmapped codes, kept as given"
        for column, codes in report.unmapped.items()
    ]
    lines += [f"Note: {text}" for text in report.notes]
    lines += [f"Quarantined rows: {place}" for place in report.quarantine_files]
    return lines
