"""The profile of an indicator snapshot, as a page to read and a file to compute with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from drive_panel.errors import WorkspaceError
from drive_panel.workspace import Workspace
from features import CATALOGUE
from features.profile import RuleChange, facts_of, page, profile
from features.snapshots import IndicatorSnapshot
from records import RecordStore
from records.errors import NoSnapshot
from records.quality.regimes import BREAKS, risk_tool
from records.quality.settings import QualitySettings
from records.quality.source import opened
from values import Progress

_AT_ONCE = 16  # columns read together: the file is read once for so many of them
_COUNTED = frozenset({"incidents.is_crime", "incidents.offence_code"})
_GRADED = frozenset({"incidents.risk_grade", "incidents.risk_tool"})
_DARA = "DASH to DARA"


def run(workspace: Workspace, file: str, out: Path | None, progress: Progress) -> dict[str, Any]:
    """Write the profile of a file that `drive-panel indicators` wrote, as HTML and JSON (0600), and return it.

    Parameters
    ----------
    workspace
        Where the page goes: ``reports/indicators-<hash>.html`` and ``.json``. Its records say when DARA replaced DASH.
    file
        The file.
    out
        Another place for the page; the JSON lies beside it.
    progress
        Told after each indicator.

    Raises
    ------
    SnapshotUnusable
        If the file is no indicator snapshot, or no longer holds what was written.
    WorkspaceError
        If the file has no row, or the page cannot be written.
    """
    snapshot = IndicatorSnapshot(file)
    if not snapshot.rows:
        raise WorkspaceError(f"{snapshot.place.name} holds nobody, so there is nothing to profile.", "Choose a date.")
    snapshot.verify(progress)
    lineage = {
        "file": snapshot.place.name,
        "hash": snapshot.hash,
        "snapshot": snapshot.lineage.snapshot,
        "catalogue": snapshot.catalogue,
        "synthetic": snapshot.lineage.synthetic,
        "area": snapshot.area,
    }
    changes = [*_announced(), _tool_change(workspace, snapshot.lineage.snapshot)]
    document = profile(_Columns(snapshot), facts_of(CATALOGUE), changes, lineage, progress=progress)
    place = out or workspace.folder("reports") / f"indicators-{snapshot.hash.short}.html"
    return {**document, **workspace.write_report(place, page(document), document)}


class _Columns:
    """A snapshot read some columns at a time, in the order of its columns."""

    def __init__(self, snapshot: IndicatorSnapshot) -> None:
        self._snapshot = snapshot
        self.names = snapshot.names
        days = [block["as_of"].to_numpy().astype("datetime64[D]").astype(np.int32) for block in snapshot.blocks([])]
        self.days: npt.NDArray[np.int32] = np.concatenate(days)
        self._held: Mapping[str, npt.NDArray[np.float64]] = {}

    def column(self, name: str) -> npt.NDArray[np.float64]:
        if name not in self._held:
            first = self.names.index(name)
            wanted = self.names[first : first + _AT_ONCE]
            table = self._snapshot.table(wanted)
            self._held = {each: table[each].to_numpy(dtype=np.float64) for each in wanted}
        return self._held[name]


def _announced() -> list[RuleChange]:
    """Return the known changes of what is counted as a crime."""
    return [
        RuleChange(each.name, each.says, each.source, date.fromisoformat(f"{each.month}-01"), _COUNTED)
        for each in BREAKS
    ]


def _tool_change(workspace: Workspace, name: str) -> RuleChange:
    """Return the change from DASH to DARA, which came force by force and is found in the records themselves."""
    says = "Another tool grades risk: from this month most graded incidents name DARA. Grades do not mean the same."
    try:
        snapshot = RecordStore(workspace.records).snapshot(name)
    except NoSnapshot:
        missing = f"not looked for: the records snapshot {name[:12]} is not in this workspace"
        return RuleChange(_DARA, says, missing, None, _GRADED)
    with opened(snapshot) as source:
        month = risk_tool(source, QualitySettings()).get("month")
    found = (
        "not found: the risk tool is not recorded, or it did not change" if month is None else "found in these records"
    )
    return RuleChange(_DARA, says, found, None if month is None else date.fromisoformat(f"{month}-01"), _GRADED)


def describe(result: dict[str, Any]) -> list[str]:
    """Return what to look at first in plain lines, and where the profile is."""
    dates = ", ".join(each["as_of"] for each in result["dates"])
    lines = [f"Profile of {len(result['indicators'])} indicators as of {dates}"]
    for level, title in (("act", "Act before you train or score"), ("know", "Know when you read results")):
        chosen = [each for each in result["findings"] if each["level"] == level]
        if chosen:
            lines.append(f"{title}:")
            lines += [f"  - {each['text']} {each['do']}" for each in chosen]
    return [*lines, f"Profile: {result['html']}", f"Numbers: {result['json']}"]
