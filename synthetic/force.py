"""Make a force: simulate, write down, plant, and put extract and truth in separate folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthetic.errors import OutputError
from synthetic.extract import build_tables, write_extract
from synthetic.recording import write_down
from synthetic.settings import ForceSettings
from synthetic.world import make_world
from values import Progress, silent


@dataclass(frozen=True)
class ForceSummary:
    """What was made.

    Attributes
    ----------
    folder
        Holds ``extract/`` and ``truth/``.
    rows
        Rows of each table of the extract.
    """

    folder: Path
    rows: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"folder": str(self.folder), "rows": self.rows}


def make_force(out: Path, settings: ForceSettings, progress: Progress = silent) -> ForceSummary:
    """Make a force and write ``out/extract`` and ``out/truth``."""
    if out.exists() and any(out.iterdir()):
        raise OutputError(f"The folder {out.name} is not empty.", "Name a new folder.")
    progress("simulate", 0, 3)
    world = make_world(settings)
    base = write_down(world, settings)
    rows = base.sort_values("recorded", kind="stable", ignore_index=True)
    progress("write the extract", 1, 3)
    tables = build_tables(world, base, rows, settings)
    write_extract(tables, out / "extract", settings)
    progress("done", 3, 3)
    return ForceSummary(out, {name: content.num_rows for name, content in tables.items()})
