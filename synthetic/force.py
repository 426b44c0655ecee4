"""Make a force: simulate, write down, plant, and put extract and truth in separate folders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from synthetic.agencies import PersonIds, Tables
from synthetic.bad_rows import append_bad_rows
from synthetic.columns import numbers_in
from synthetic.deliveries import write_deliveries
from synthetic.errors import OutputError
from synthetic.extract import (
    agency_tables,
    incident_tables,
    manifest_text,
    people_of,
    person_tables,
    write_extract,
)
from synthetic.plants import plant_all
from synthetic.randomness import stream
from synthetic.recording import write_down
from synthetic.settings import ForceSettings
from synthetic.table_plants import NEEDING_ALL, plant_tables
from synthetic.targets import realised, risk_figures
from synthetic.truth import TOLD_OF_ROWS, truth_tables, write_truth
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
    rows = _write(out, settings, progress)  # which lets go of everything that measuring does not need
    _tell(progress, 4)
    summary = ForceSummary(
        folder=out,
        rows=rows,
        targets=realised(out),
        risk=risk_figures(out) if settings.years >= 4 else {},
        plants=tuple(str(plant) for plant in settings.plants),
    )
    if any(plant.name == "bad_rows" for plant in settings.plants):  # damaged files cannot be measured
        write_truth({"bad_rows": append_bad_rows(out / "extract", rows)}, out / "truth")
    progress("done", len(_STEPS), len(_STEPS))
    return summary


def _write(out: Path, settings: ForceSettings, progress: Progress) -> dict[str, int]:
    """Make and write the extract and the truth; return the rows of each table.

    The large tables are made one after another and let go of once written, unless a plant needs all of them.
    """
    _tell(progress, 0)
    world = make_world(settings)
    _tell(progress, 1)
    base = write_down(world, settings)
    ids = PersonIds(len(world.suspects) + len(world.couples), stream(settings.seed, "ids"))
    people, others = person_tables(world, base, ids, settings), agency_tables(world, base, ids, settings)
    planted = plant_all(base, world, settings, _referred(others["referrals"], ids))
    del base
    rows = _in_order(planted.rows)
    planted = replace(planted, rows=rows.iloc[:0])
    _tell(progress, 2)
    tables = chain(_let_go(people), incident_tables(world, rows, ids, settings, planted.in_place), _let_go(others))
    more: Tables = {}
    if any(plant.name in NEEDING_ALL for plant in settings.plants):
        whole, more = plant_tables(dict(tables), world, people_of(world), ids, settings)
        more |= _delivered(whole, out, settings)
        tables = chain(whole.items())
    counts = write_extract(tables, out / "extract", settings)
    rows = rows[list(TOLD_OF_ROWS)]
    _tell(progress, 3)
    write_truth(truth_tables(world, planted, rows, ids, settings) | more, out / "truth")
    return counts


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Put incidents in the order of recording, which ids follow: an id says no more than its row's date."""
    labelled = rows.rename_axis("label").reset_index()
    return labelled.sort_values(["recorded", "label"], kind="stable", ignore_index=True)


def _let_go(tables: Tables) -> Iterator[tuple[str, pa.Table]]:
    while tables:
        name = next(iter(tables))
        yield name, tables.pop(name)


def _delivered(tables: Tables, out: Path, settings: ForceSettings) -> Tables:
    asked = [plant for plant in settings.plants if plant.name == "deliveries"]
    if not asked:
        return {}
    return {"delivery_changes": write_deliveries(tables, out, asked[0], settings, manifest_text(settings))}


def _referred(referrals: pa.Table, ids: PersonIds) -> pd.DataFrame:
    return pd.DataFrame(
        {"person": ids.people(referrals["person_id"]), "referred": numbers_in(referrals["referred_at"])}
    )


def _tell(progress: Progress, step: int) -> None:
    progress(_STEPS[step], step, len(_STEPS))
