"""The same records give the same bundle and list, whatever their order, and whether or not communities can be read."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any


def shuffled(extract: Path, target: Path) -> None:
    """Copy an extract with the rows of every table in another order."""
    target.mkdir()
    order = random.Random(5)
    for file in sorted(extract.iterdir()):
        if file.suffix != ".csv":
            shutil.copy(file, target / file.name)
            continue
        with file.open(encoding="utf-8", newline="") as source:
            header, *rows = list(csv.reader(source))
        order.shuffle(rows)
        with (target / file.name).open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows([header, *rows])


def test_shuffled_rows_give_the_same_bundle_and_the_same_list(
    small: Any, copy_of: Callable[[Any], Any], tmp_path: Path
):
    home = copy_of(small.home)
    shuffled(small.extract, tmp_path / "shuffled")
    assert home("ingest", tmp_path / "shuffled", "--json").json["snapshot"] == small.ingested["snapshot"]
    assert home("train", "--json").json["bundle"] == small.trained["bundle"]
    again = home("score", "--as-of", "2026-03-31", "--area", "castlebridge", "--json").json
    assert (again["run"], again["list_hash"]) == (small.scored["run"], small.scored["list_hash"])


def test_without_communities_hashes_stay_and_promotion_and_audit_stop(small: Any, copy_of: Callable[[Any], Any]):
    home = copy_of(small.home)
    before = home("indicators", "--as-of", "2025-03-31", "--out", home.path / "a.parquet", "--json").json["hash"]
    for place in (home.path / "records" / "communities").glob("*.parquet"):
        place.write_bytes(b"unreadable")
    after = home("indicators", "--as-of", "2025-03-31", "--out", home.path / "b.parquet", "--json").json["hash"]
    assert after == before
    trained = home("train", "--json", status=1).json
    assert trained["error"]["kind"] == "CommunitiesUnreadable"
    assert trained["bundle"] == small.trained["bundle"]
    scored = home("score", "--as-of", "2026-03-31", "--area", "castlebridge", "--json", status=1).json
    assert scored["error"]["kind"] == "CommunitiesUnreadable"
    assert scored["list_hash"] == small.scored["list_hash"]
