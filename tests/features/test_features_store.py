"""The same numbers from records that went through ingest as from frames in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features import CATALOGUE, build_stream, compute, prove_time_travel
from records import RecordStore, Snapshot, contract
from values import AsOf

EXTRACT_DATE = pd.Timestamp("2026-03-31")


def deliverable(world: Any) -> dict[str, pd.DataFrame]:
    """Leave out what would lie after the extract date."""
    tables = {name: world.table(name) for name in world.tables}
    late = {
        key
        for table in tables.values()
        if "incident_id" in table
        for key in table.loc[table["known_from"] > EXTRACT_DATE, "incident_id"]
    }
    for name, table in tables.items():
        kept = table[table["known_from"] <= EXTRACT_DATE].copy()
        if "incident_id" in kept:
            kept = kept[~kept["incident_id"].isin(late)]
        kept["known_to"] = kept["known_to"].mask(kept["known_to"] > EXTRACT_DATE)
        tables[name] = kept.assign(**{contract.ASSUMED: False})  # a delivered date is none that was assumed
    people = {p for name in ("involvements",) for p in tables[name]["person_id"]}
    tables["persons"] = pd.DataFrame({"person_id": sorted(people), "source": "made up", "known_from": "2020-01-01"})
    tables["incidents"]["force"] = "made_up"
    return tables


@pytest.fixture(scope="module")
def snapshot(world: Any, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("extract")
    for name, table in deliverable(world).items():
        table.drop(columns=contract.ASSUMED, errors="ignore").to_csv(folder / f"{name}.csv", index=False)
    (folder / "manifest.yaml").write_text(
        "source: made up\nextract_date: 2026-03-31\nperiod: {from: 2020-01-01, to: 2026-03-31}\nsynthetic: true\n"
    )
    store = RecordStore(Path(tmp_path_factory.mktemp("workspace")) / "records")
    report = store.ingest(folder)
    assert report.quarantined == 0, report.reasons
    return store.latest()


def test_ingested_records_give_the_numbers_of_the_frames(
    snapshot: Snapshot, world: Any, source_of: Any, spine_of: Any
) -> None:
    frames = deliverable(world)
    del frames["persons"]
    source = source_of({name: table.to_dict("records") for name, table in frames.items()}, snapshot.offences)
    stream = build_stream(snapshot)
    spine = spine_of(stream)
    one, two = compute(stream, spine), compute(build_stream(source), spine)
    assert one["domestic_incidents_ever"].sum() > 0
    for name in CATALOGUE.names:
        np.testing.assert_array_equal(one[name].to_numpy(), two[name].to_numpy(), err_msg=name)


def test_time_travel_holds_on_a_snapshot_and_on_a_sample_of_it(snapshot: Snapshot) -> None:
    whole = prove_time_travel(snapshot, AsOf.parse("2023-06-30"), seed=2)
    part = prove_time_travel(snapshot, AsOf.parse("2023-06-30"), person_ids=["P01", "P05"], seed=2)
    assert (whole.moved, part.moved) == ([], [])
    assert (whole.rows, part.rows) == (9, 2)
