"""Who changed sides when another bundle made an area's next list."""

from __future__ import annotations

import pandas as pd

from drive_panel.workflows.funnel import moved
from drive_panel.workflows.released_lists import Listed
from serving.release.past import PastList


def listed(area: str, as_of: str, bundle: str, above: str, everyone: str = "abcdef") -> Listed:
    """A list of people named by a letter, of whom those in `above` stand above the line."""
    header = {"hashes": {"bundle": bundle}}
    past = PastList(f"{as_of}-{area}", area, as_of, "released", "policy", as_of, header, (), 0)
    table = pd.DataFrame({"person_id": list(everyone), "selected": [int(each in above) for each in everyone]})
    return Listed(past, table.assign(as_of=pd.Timestamp(as_of)), 24, as_of, False, "", 0)


def test_who_entered_stayed_and_left_is_told_of_lists_that_different_bundles_made() -> None:
    lists = [
        listed("north", "2026-03-31", "b", "bcx", "abcdefx"),  # given out of order
        listed("north", "2026-01-31", "a", "ab"),
        listed("north", "2026-02-28", "a", "abd"),
        listed("south", "2026-02-28", "b", "f"),
    ]
    found = moved(lists)
    assert found is not None
    told = {name: "".join(sorted(found.loc[found[name] == 1, "person_id"])) for name in ("entered", "stayed", "left")}
    assert told == {"entered": "cx", "stayed": "b", "left": "ad"}
    assert "".join(sorted(found["person_id"])) == "abcdefx"
    assert set(found["split"]) == {"2026-03-31-north"}
    assert set(found["as_of"]) == {pd.Timestamp("2026-03-31")}


def test_nothing_is_told_where_one_bundle_made_every_list() -> None:
    assert moved([listed("north", "2026-01-31", "a", "ab"), listed("north", "2026-02-28", "a", "cd")]) is None
    assert moved([listed("north", "2026-01-31", "a", "ab"), listed("south", "2026-02-28", "b", "cd")]) is None
