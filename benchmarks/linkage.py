"""How right linkage is on a made-up force with duplicate records and look-alikes: pairs, and what panels count.

Usage: ``python -m benchmarks.linkage PERSONS SEED`` prints one row; ``python -m benchmarks.linkage weights`` learns the
weights that the package ships (from seed 1, never from the held seed).
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

HELD_SEED = 9091
WEIGHTS_FROM = {"persons": 20_000, "seed": 1}


def linkage_row(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Make a force of `persons` suspects by `seed`, link it, and compare with the truth.

    Returns
    -------
    dict
        Pairwise precision and recall of what stands under one key, the review queue's size and what it holds, merged
        look-alikes by kind, and the counts of serial and repeat suspects: true, after linkage, and without.
    """
    from records.linkage import LinkageSettings, apply, link
    from records.linkage.evaluation import accuracy, look_alikes_merged
    from records.storage.database import workbench

    with tempfile.TemporaryDirectory() as folder:
        truth, alike, base, root = _force(Path(folder), parameters)
        with workbench(root) as db:
            crosswalk = link(db, root, base, LinkageSettings())
            linked = apply(db, base, crosswalk).snapshot
        found = accuracy(crosswalk.persons, truth)
        merged = look_alikes_merged(crosswalk.persons, truth, alike)
        person = truth.set_index("record_id")["person"]
        counts = {
            "true": panel_counts(base, person),
            "linked": panel_counts(linked, None),
            "unlinked": panel_counts(base, None),
        }
        grey = crosswalk.grey
        right = (grey["record_l"].map(person) == grey["record_r"].map(person)).sum()
    figures: dict[str, Any] = {
        "records": len(truth),
        "people": found.true_persons,
        "people_found": found.persons,
        "precision": round(found.precision, 5),
        "recall": round(found.recall, 5),
        "grey_pairs": len(grey),
        "grey_right": int(right),
        **{f"merged_{kind}": count for kind, count in merged.items()},
    }
    for what in ("serial", "repeat"):
        for which, count in counts.items():
            figures[f"{what}_{which}"] = count[what]
    return figures


def panel_counts(snapshot: Any, person: pd.Series[Any] | None) -> dict[str, int]:
    """Return serial suspects (two or more victims) and repeat ones (one victim in two or more incidents).

    Parameters
    ----------
    snapshot
        Whose dyads to count.
    person
        The true person of each record; None to take the ids as they are.
    """
    dyads = snapshot.table("dyads", ["incident_id", "suspect_id", "victim_id"]).drop_duplicates()
    if person is not None:
        dyads = dyads.assign(suspect_id=dyads["suspect_id"].map(person), victim_id=dyads["victim_id"].map(person))
    dyads = dyads.drop_duplicates()
    victims = dyads.groupby("suspect_id")["victim_id"].nunique()
    incidents = dyads.groupby(["suspect_id", "victim_id"])["incident_id"].nunique()
    repeat = incidents[incidents > 1].reset_index()["suspect_id"].nunique()
    return {"serial": int((victims > 1).sum()), "repeat": int(repeat)}


def _force(folder: Path, parameters: Mapping[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame, Any, Path]:
    from records import RecordStore
    from synthetic import ForceSettings, Plant, make_force

    force, root = folder / "force", folder / "records"
    plants = (Plant.parse("duplicate_records"),)
    make_force(force, ForceSettings(persons=parameters["persons"], seed=parameters["seed"], plants=plants))
    store = RecordStore(root)
    store.ingest(force / "extract")
    truth = pd.read_parquet(force / "truth" / "person_records.parquet")
    return truth, pd.read_parquet(force / "truth" / "lookalikes.parquet"), store.latest(), root


def learn_weights() -> str:
    """Return the weights learnt from `WEIGHTS_FROM`, as the package ships them."""
    from records.linkage import LinkageSettings
    from records.linkage.person_records import gather
    from records.linkage.tables import evidence
    from records.linkage.training import learn
    from records.storage.database import workbench

    with tempfile.TemporaryDirectory() as folder:
        _, _, base, root = _force(Path(folder), WEIGHTS_FROM)
        with workbench(root) as db:
            weights = learn(db, gather(db, evidence(db, base)), LinkageSettings())
    document = {**weights.to_dict(), "origin": "shipped"}
    return json.dumps(document, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    """Print a row, or write the shipped weights."""
    if arguments == ["weights"]:
        target = Path(__file__).resolve().parent.parent / "records" / "linkage" / "weights.json"
        target.write_text(learn_weights(), encoding="utf-8")
        print(target.name)
        return 0
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    print(json.dumps(linkage_row({"persons": int(arguments[0]), "seed": int(arguments[1])}), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
