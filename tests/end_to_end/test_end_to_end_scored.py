"""Nothing that was changed beside a list moves anybody on it: not an edited audit, not a link that nobody confirmed."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pandas as pd

from records import Keyring, RecordStore
from records.linkage.crosswalk import store_crosswalk


def test_an_edited_backtest_audit_is_not_believed(small: Any, copy_of: Callable[[Any], Any]):
    home = copy_of(small.home)
    place = home.path / "audits" / f"{small.trained['bundle']}.json"
    document = json.loads(place.read_text())
    document["pooled"] |= {"verdict": "pass", "not_assessable": []}
    place.write_text(json.dumps(document | {"areas": {}}))
    refused = home("score", "--as-of", "2026-03-31", "--area", "castlebridge", "--json", status=1).json
    assert "not the one that training made" in refused["error"]["message"]


def scored_rows(home: Any, run: str) -> list[dict[str, Any]]:
    """The rows of a stored list, released or not, with the person behind each pseudonym."""
    with closing(sqlite3.connect(home.path / "unreleased" / "scores.db")) as database:
        rows = [json.loads(row) for (row,) in database.execute(
            "SELECT document FROM scored_rows WHERE run = ? ORDER BY position", (run,)
        )]  # fmt: skip
    keyring = Keyring(home.path / "keys" / "pseudonyms.db")
    return [{**row, "person_id": keyring.whose(row["person"])} for row in rows]


def test_whom_an_undecided_link_would_move_across_the_line_is_held_and_nobody_else_moves(
    small: Any, copy_of: Callable[[Any], Any]
):
    home = copy_of(small.home)
    before = scored_rows(home, small.scored["run"])
    below = [row["person_id"] for row in before if row["section"] == "ranked" and not row["above_line"]][:8]
    store = RecordStore(home.path / "records")
    people = sorted(store.latest().table("persons")["person_id"].astype("str").unique())
    alone = pd.DataFrame({"record_id": people, "person_id": people, "match_probability": 1.0, "how": "single"})
    pairs = list(itertools.combinations(sorted(below), 2))
    grey = pd.DataFrame(pairs, columns=["record_l", "record_r"]).assign(probability=0.7)
    store_crosswalk(store.root, alone.assign(birth_contradicts=False), grey, {})
    assert store.rebuild().base is not None
    scored = home("score", "--as-of", "2026-03-31", "--area", "castlebridge", "--json").json
    after = scored_rows(home, scored["run"])
    held = {row["person_id"]: row for row in after if row["section"] == "held"}
    moved = [person for person in below if person in held and held[person]["hold"]["kind"] == "identity"]
    assert moved
    assert scored["held"] == small.scored["held"] + len(moved)
    assert all(held[person]["hold"]["owner"] and held[person]["hold"]["deadline"] for person in moved)
    assert all("match probability 0.70, not decided" in held[person]["hold"]["why"] for person in moved)
    assert {row["links_waiting"] for row in after if row["person_id"] in below} == {len(below) - 1}
    assert not [row for row in after if "links_waiting" in row and row["person_id"] not in below]
    # the score of nobody rises by a link that nobody has confirmed: who has a place keeps it
    above = [row["person_id"] for row in before if row["above_line"]]
    assert [row["person_id"] for row in after if row["above_line"]] == above
