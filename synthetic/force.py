"""Make a force: simulate, write down, plant, and put extract and truth in separate folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from synthetic.agencies import PersonIds, Tables
from synthetic.bad_rows import append_bad_rows
from synthetic.columns import numbers_in
from synthetic.deliveries import write_deliveries
from synthetic.errors import OutputError
from synthetic.extract import agency_tables, manifest_text, people_of, police_tables, write_extract
from synthetic.plants import plant_all
from synthetic.randomness import stream
from synthetic.recording import write_down
from synthetic.settings import ForceSettings
from synthetic.table_plants import plant_tables
from synthetic.targets import realised, risk_figures
from synthetic.truth import truth_tables, write_truth
from synthetic.world import make_world
from values import Progress, silent

_STEPS = ("simulate", "write down", "write the extract", "write the truth", "measure")


@dataclass(frozen=True)
class ForceSummary:
    """What was made.

    Attributes
    ----------
    folder
        Holds ``extract/`` and ``truth/``.
    rows
        Rows of each table of the extract.
    targets
        Realised targets by name (see `targets.TARGETS`).
    risk
        Cohort size, outcome share and AUC of the true risk; empty with less than four years of history.
    plants
        What was planted.
    """

    folder: Path
    rows: dict[str, int]
    targets: dict[str, float]
    risk: dict[str, float]
    plants: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "folder": str(self.folder),
            "extract": str(self.folder / "extract"),
            "truth": str(self.folder / "truth"),
            "rows": self.rows,
            "targets": self.targets,
            "risk": self.risk,
            "plants": list(self.plants),
            "synthetic": True,
        }


def make_force(out: Path, settings: ForceSettings, progress: Progress = silent) -> ForceSummary:
    """Make a force and write ``out/extract`` (CSV and manifest) and ``out/truth`` (Parquet).

    Parameters
    ----------
    out
        A new or empty folder.
    settings
        Size, span, seed, areas and planted defects; the same settings give byte-identical files.
    progress
        Told as each of five steps begins.

    Raises
    ------
    OutputError
        If `out` is a file or holds anything.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(f"{out.name} is not an empty folder.", "Name a new folder.")
    _tell(progress, 0)
    world = make_world(settings)
    _tell(progress, 1)
    base = write_down(world, settings)
    ids = PersonIds(len(world.suspects) + len(world.couples), stream(settings.seed, "ids"))
    others = agency_tables(world, base, ids, settings)
    planted = plant_all(base, world, settings, _referred(others["referrals"], ids))
    # Ids follow the order of recording, so that an id says no more than its row's date.
    rows = planted.rows.rename_axis("label").reset_index()
    rows = rows.sort_values(["recorded", "label"], kind="stable", ignore_index=True)
    _tell(progress, 2)
    tables = police_tables(world, base, rows, ids, settings, planted.in_place) | others
    tables, planted_truth = plant_tables(tables, world, people_of(world), ids, settings)
    write_extract(tables, out / "extract", settings)
    _tell(progress, 3)
    write_truth(truth_tables(world, planted, rows, ids, settings) | planted_truth, out / "truth")
    _tell(progress, 4)
    summary = ForceSummary(
        folder=out,
        rows={name: content.num_rows for name, content in tables.items()},
        targets=realised(out),
        risk=risk_figures(out) if settings.years >= 4 else {},
        plants=tuple(str(plant) for plant in settings.plants),
    )
    write_truth(_written_otherwise(tables, out, settings), out / "truth")  # damaged files cannot be measured
    progress("done", len(_STEPS), len(_STEPS))
    return summary


def _written_otherwise(tables: Tables, out: Path, settings: ForceSettings) -> Tables:
    """Plant what is wrong with the files rather than with the tables in them."""
    truth: Tables = {}
    for plant in settings.plants:
        if plant.name == "bad_rows":
            truth["bad_rows"] = append_bad_rows(tables, out / "extract")
        if plant.name == "deliveries":
            truth["delivery_changes"] = write_deliveries(tables, out, plant, settings, manifest_text(settings))
    return truth


def _referred(referrals: pa.Table, ids: PersonIds) -> pd.DataFrame:
    return pd.DataFrame(
        {"person": ids.people(referrals["person_id"]), "referred": numbers_in(referrals["referred_at"])}
    )


def _tell(progress: Progress, step: int) -> None:
    progress(_STEPS[step], step, len(_STEPS))
