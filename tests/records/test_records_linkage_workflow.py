"""The command's workflow: link, report, review, link again; killed in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from drive_panel.workflows import link as linking
from drive_panel.workspace import Workspace
from records import RecordStore, Snapshot
from records.errors import LinkageError
from records.linkage import Certainty, Decisions, certainties
from synthetic import ForceSettings, Plant, make_force

DAY = date(2026, 1, 2)


@pytest.fixture(scope="module")
def force(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "force"
    make_force(folder, ForceSettings(persons=150, years=3, seed=6, plants=(Plant.parse("duplicate_records"),)))
    return folder


def workspace(folder: Path, force: Path) -> Workspace:
    place = Workspace.open(folder / "home")
    (place.home / "linkage.yaml").write_text("sample_pairs: 60000\n")
    RecordStore(place.records).ingest(force / "extract")
    return place


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory, force: Path) -> tuple[Workspace, linking.Linked]:
    place = workspace(tmp_path_factory.mktemp("linked"), force)
    truth = pd.read_parquet(force / "truth" / "person_records.parquet")
    return place, linking.run(place, truth=truth)


def test_the_linked_snapshot_becomes_the_latest(linked: tuple[Workspace, linking.Linked]) -> None:
    place, result = linked
    latest = RecordStore(place.records).latest()
    assert latest.hash == result.snapshot.hash
    assert latest.base is not None
    found = result.to_dict()
    assert found["persons"] < found["records"] == len(result.crosswalk.persons)
    assert any(f"{found['persons']:,} people" in line for line in linking.describe(result))


def test_the_report_has_every_chart_with_its_table_and_names_nobody(
    linked: tuple[Workspace, linking.Linked], force: Path
) -> None:
    _, result = linked
    page = result.report.read_text(encoding="utf-8")
    figures = json.loads(result.report.with_suffix(".json").read_text(encoding="utf-8"))
    assert page.count('<svg role="img"') == 4
    assert page.count("<svg") == page.count("<desc ")
    assert page.count("<table>") == 4
    assert "http:" not in page
    assert "https:" not in page
    assert "<script" not in page
    assert f"{figures['accuracy']['precision'] * 100:.2f} %" in page
    assert {row["threshold"] for row in figures["curve"]} >= {0.2, 0.9, 0.99}
    persons = pd.read_csv(force / "extract" / "persons.csv", dtype="str")
    names = set(persons["family_name"].dropna()) | set(persons["person_id"]) | set(persons["date_of_birth"].dropna())
    assert not [name for name in names if f">{name}<" in page or f" {name} " in page]
    assert result.report.stat().st_mode & 0o777 == 0o600
    assert figures["counts"] == json.loads(json.dumps(result.crosswalk.card["counts"]))


def test_linking_again_changes_nothing_and_keeps_the_report(linked: tuple[Workspace, linking.Linked]) -> None:
    place, result = linked
    page = result.report.read_bytes()
    again = linking.run(place)
    assert (again.crosswalk.version, again.snapshot.hash) == (result.crosswalk.version, result.snapshot.hash)
    assert again.report.read_bytes() == page


def test_a_person_is_told_to_be_as_sure_as_their_least_sure_link_and_what_waits_for_people(
    linked: tuple[Workspace, linking.Linked],
) -> None:
    place, result = linked
    table, grey = result.crosswalk.persons, result.crosswalk.grey
    told = certainties(RecordStore(place.records).latest(), set(table["person_id"]))
    assert sum(each.records for each in told.values()) == len(table)
    for person, rows in table.groupby("person_id"):
        found, own = told[person], set(rows["record_id"])
        open_ = grey[grey["record_l"].isin(own) | grey["record_r"].isin(own)]
        assert found.records == len(own)
        assert found.waiting == len({*open_["record_l"], *open_["record_r"]} - own)
        assert found.probability == (rows["match_probability"].min() if len(own) > 1 else None)
        assert (found.compared, found.upper, found.lower, found.decided) == (True, 0.9, 0.2, 0)
    several = [each for each in told.values() if each.records > 1]
    assert {each.how for each in several} == {"model", "pnc"}
    assert min(each.probability or 0 for each in several) >= 0.9
    assert sum(each.waiting or 0 for each in told.values()) > 0
    assert {each.sources for each in several} >= {(("synthetic force", 2),), (("synthetic force", 3),)}


def test_records_that_linkage_never_saw_are_told_not_to_be_compared(
    linked: tuple[Workspace, linking.Linked],
) -> None:
    place, result = linked
    assert result.snapshot.base is not None
    unlinked = Snapshot(result.snapshot.path.parent / result.snapshot.base)
    record = str(result.crosswalk.persons["record_id"].iloc[0])
    alone = Certainty(1, (("synthetic force", 1),))
    assert certainties(unlinked, [record]) == {record: alone}
    assert alone.waiting is None
    assert not alone.compared
    assert certainties(RecordStore(place.records).latest(), ["new"]) == {"new": Certainty(1, ())}


def test_a_review_by_csv_and_by_command_holds_from_the_next_linkage_on(tmp_path: Path, force: Path) -> None:
    place = workspace(tmp_path, force)
    with pytest.raises(LinkageError, match="Nothing has been linked"):
        linking.review_queue(place)
    before = linking.run(place)
    path = tmp_path / "queue.csv"
    pairs = linking.review_export(place, path)
    assert pairs == before.to_dict()["grey"] > 3
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    one, other = table.loc[0, "record_l"], table.loc[0, "record_r"]
    assert linking.review_show(place, one, other).lines()[0].startswith(min(one, other))
    table.loc[0, ["decision", "reviewer", "reason"]] = ["link", "Reviewer", "same custody photograph"]
    table.loc[1, ["decision", "reviewer", "reason"]] = ["separate", "Reviewer", "cousins"]
    table.to_csv(path, index=False)
    assert len(linking.review_import(place, path, DAY)) == 2
    whole = before.crosswalk.persons.groupby("person_id")["record_id"].agg(list)
    person = next(key for key, records in whole.items() if len(records) > 2 and not {one, other} & set(records))
    linking.review_split(place, person, [max(whole[person])], by="Reviewer", reason="two men", on=DAY)
    after = linking.run(place)
    keys = after.crosswalk.keys
    assert keys[one] == keys[other]
    assert keys[table.loc[1, "record_l"]] != keys[table.loc[1, "record_r"]]
    assert keys[max(whole[person])] != keys[min(whole[person])]
    assert after.to_dict()["changes"] >= 2
    told = certainties(after.snapshot, set(keys.values()))
    touching = [pair for pair in Decisions(place.records).current() if keys[one] in (keys[pair[0]], keys[pair[1]])]
    assert (one, other) in touching
    assert (told[keys[one]].decided, told[keys[one]].decided_on) == (len(touching), "2026-01-02")
    assert told[keys[max(whole[person])]].decided == len(whole[person]) - 1
    assert told[keys[one]].records >= 2
    linking.review_merge(place, keys[max(whole[person])], keys[min(whole[person])], by="R", reason="one man", on=DAY)
    assert Decisions(place.records).current()[min(whole[person]), max(whole[person])].decision == "link"
    with pytest.raises(LinkageError, match="no such record"):
        linking.review_decide(place, one, "nobody", "link", by="R", reason="why", on=DAY)


@pytest.mark.parametrize("share", [0.2, 0.4, 0.95])
def test_a_killed_linkage_run_again_ends_with_the_same_hashes(
    linked: tuple[Workspace, linking.Linked], tmp_path: Path, force: Path, share: float
) -> None:
    _, undisturbed = linked
    place = workspace(tmp_path, force)
    program = (
        "import sys; from pathlib import Path; from drive_panel.workspace import Workspace; "
        "from drive_panel.workflows import link; "
        "link.run(Workspace.open(Path(sys.argv[1])), lambda *told: print(*told, flush=True))"
    )
    stages = 36  # progress lines of a run: the kill comes after a share of them
    with subprocess.Popen([sys.executable, "-c", program, str(place.home)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for number, _ in enumerate(child.stdout):
            if number >= share * stages:
                break
        time.sleep(0.02)
        os.kill(child.pid, signal.SIGKILL)
    result = linking.run(place)
    assert result.crosswalk.version == undisturbed.crosswalk.version
    assert result.snapshot.hash == undisturbed.snapshot.hash
    assert not [path for path in place.records.rglob(".*") if path.name.startswith((".draft", ".work"))]
