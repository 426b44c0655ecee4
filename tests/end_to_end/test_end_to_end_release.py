"""No score is shown before a release, and one changed byte takes a released list away again."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pandas as pd
import pytest
from starlette.testclient import TestClient

from drive_panel import web
from drive_panel.workspace import Workspace
from records import Keyring

PSEUDONYM = re.compile(r"P-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
BANDS = ("very high", "high", "raised", "lower")


@contextmanager
def signed_in(home: Any, user: str) -> Iterator[TestClient]:
    """A browser session of a made-up user on the pages of a workspace."""
    app = web.build(Workspace.open(home.path))
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
    with closing(app.state.web.service), client:  # copying a file that is still open here would drop SQLite's locks
        assert client.post("/sign-in", data={"user": user}).status_code == 303
        yield client


def shows_nothing(text: str) -> bool:
    """Whether a text holds no person, band or margin of a list."""
    return not PSEUDONYM.search(text) and "margin" not in text and not any(f'"{band}"' in text for band in BANDS)


def test_the_demonstration_leaves_one_list_released_one_awaiting_one_refused(demo: Any):
    states = {run["state"]: run["verdict"] for run in demo.result["runs"]}
    assert set(states) == {"released", "awaiting", "refused"}
    assert states["refused"] == "refuse"
    assert states["released"] != "refuse"
    listed = demo.home("runs", "--json").json["runs"]
    assert {run["run"]: run["state"] for run in listed} == {run["run"]: run["state"] for run in demo.result["runs"]}


def test_the_demonstration_tells_both_trainings_apart_and_how_far_it_is(demo: Any):
    told = [line for line in demo.printed.splitlines() if line.startswith("… ")]
    phases = list(dict.fromkeys(line.split(":")[0] for line in told))
    areas = ("Eastmere", "Fernholt", "Castlebridge")
    names = ["made-up force", "ingest", "data quality", "rehearsal", "training"]
    names += [*(f"scoring {area}" for area in areas), "panel", "evidence"]
    assert phases == [f"… {number} of 10, {name}" for number, name in enumerate(names, 1)]
    assert {"… 4 of 10, rehearsal: log to MLflow", "… 5 of 10, training: fit"} < set(told)


def test_a_released_list_holds_what_a_chair_needs(demo: Any):
    run = demo.run("released")
    shown = demo.home("list", run, "--json").json
    places = [row["place"] for row in shown["rows"]]
    assert places == sorted(places)
    assert places[0] == 1
    assert shown["header"]["places"] < len(places) <= 3 * shown["header"]["places"]
    assert 0 < sum(row["above_line"] for row in shown["rows"]) <= shown["header"]["places"]
    top = shown["rows"][0]
    assert top["reasons"]
    assert all(event["ref"] and event["date"] for reason in top["reasons"] for event in reason["events"])
    assert {"v100", "recency"} <= set(top["incumbent_places"])
    assert all(row["hold"]["owner"] and row["hold"]["deadline"] for row in shown["held"])
    assert shown["notice"] == "Not listed does not mean low risk."


@pytest.mark.parametrize("state", ["awaiting", "refused"])
def test_without_a_live_release_there_is_no_list_anywhere(demo: Any, state: str):
    run = demo.run(state)
    refused = demo.home("list", run, "--json", status=3)
    assert shows_nothing(refused.out + refused.err)
    with signed_in(demo.home, "chair") as client:
        for address in (f"/lists/{run}", f"/api/v1/lists/{run}"):
            answer = client.get(address)
            assert answer.status_code == 409
            assert shows_nothing(answer.text)


def test_a_list_that_the_gate_refused_cannot_be_approved_or_waived(demo: Any):
    run = demo.run("refused")
    for act in ("approve", "waive"):
        refused = demo.home("release", act, run, "--reason", "Please", "--reviewer", "reviewer-1", status=None)
        assert refused.status == 3, refused.err


def test_what_an_area_refused_is_looked_at_in_that_area_and_nobody_elses_run_holds_it(demo: Any):
    audit = demo.home("audit", demo.run("refused"), "--json").json
    (area,) = audit["diagnosis"]["areas"]  # the only one that its own past lists refuse
    refused = [cell for cell in audit["audits"]["backtest of this area"]["cells"] if cell["verdict"] == "refuse"]
    read = audit["diagnosis"]["areas"][area]["readings"][0]["cells"]  # the first reading is the area's audit itself
    assert [(cell["group"], cell["n"], cell["ratio"], cell["high"]) for cell in read] == [
        (cell["group"], cell["n"], cell["ratio"], cell["ratio_high"]) for cell in refused if cell["binding"]
    ]
    first = next(cell for cell in refused if cell["group"] == "asian")  # planted: they are policed more
    told = audit["origins"]["exact"][0]
    assert (told["group"], [part["area"] for part in told["parts"]]) == ("asian", [area, None])
    unpoliced = next(each for each in told["parts"][0]["readings"] if each["name"] == "without_police")
    assert unpoliced["low"] > first["ratio_high"]  # what was planted: the gap goes with what the police generated
    assert "if the ranking did not know of incidents that the police generated" in told["summary"][1]
    assert told["parts"][0]["indicators"][0]["puts"] == "higher"
    assert "?" in told["parts"][0]["indicators"][0]["question"]
    left = audit["origins"]["shown"][0]["parts"][0]
    assert (left["withheld"], left["readings"], {one["difference"] for one in left["indicators"]}) == (True, [], {None})
    other = demo.home("audit", demo.run("awaiting"), "--json").json
    assert other["diagnosis"]["areas"] == {}


def test_the_trainer_cannot_review_their_own_list(demo: Any):
    run = demo.run("awaiting")
    refused = demo.home("release", "waive", run, "--reason", "Mine", "--reviewer", "scientist", status=None)
    assert refused.status in (1, 3)
    assert demo.home("list", run, status=3).out == ""


def rewrite_list(home: Any) -> None:
    with closing(sqlite3.connect(home.path / "panel.db")) as database:
        triggers = [name for (name,) in database.execute("select name from sqlite_master where type = 'trigger'")]
        for name in triggers:
            database.execute(f'drop trigger "{name}"')
        database.execute(
            "update published_rows set document = replace(document, '\"place\":1,', '\"place\":2,') where position = 0"
        )
        database.commit()


def rewrite_bundle(home: Any) -> None:
    bundle = json.loads((home.path / "champion.json").read_text())["bundle"]
    place = next(p for p in sorted((home.path / "bundles" / bundle).iterdir()) if p.name != "bundle.json")
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.write_bytes(content)


def rewrite_policy(home: Any) -> None:
    place = home.path / "policy.yaml"
    place.write_text(place.read_text().replace("low: 0.8", "low: 0.7"))


@pytest.mark.parametrize("tamper", [rewrite_list, rewrite_bundle, rewrite_policy])
def test_one_changed_byte_takes_the_list_away(demo: Any, copy_of: Callable[[], Any], tamper: Callable[[Any], None]):
    home, run = copy_of(demo.home), demo.run("released")
    assert home("list", run).status == 0
    tamper(home)
    refused = home("list", run, "--json", status=3)
    assert shows_nothing(refused.out + refused.err)
    with signed_in(home, "chair") as client:
        for address in (f"/lists/{run}", f"/api/v1/lists/{run}"):
            answer = client.get(address)
            assert answer.status_code == 409
            assert shows_nothing(answer.text)


def test_the_ledger_names_the_first_row_changed_behind_the_triggers_back(demo: Any, copy_of: Callable[[], Any]):
    home = copy_of(demo.home)
    assert home("ledger", "verify", "--json").json["ok"] is True
    with closing(sqlite3.connect(home.path / "panel.db")) as database:
        for (name,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            database.execute(f'drop trigger "{name}"')
        database.execute("update ledger set actor = 'somebody else' where seq = 2")
        database.commit()
    broken = home("ledger", "verify", "--json", status=1).json
    assert broken["ok"] is False
    assert broken["first_broken"] == 2


def test_rows_cannot_be_published_behind_the_services_back(demo: Any, copy_of: Callable[[], Any]):
    home, run = copy_of(demo.home), demo.run("awaiting")
    with closing(sqlite3.connect(home.path / "panel.db")) as database:
        columns = [row[1] for row in database.execute("pragma table_info(published_rows)")]
        values = dict.fromkeys(columns, 1) | {"run": run, "hash": "0" * 64, "document": "{}"}
        marks = ", ".join("?" for _ in columns)
        with pytest.raises(sqlite3.DatabaseError, match=r"release|FOREIGN KEY"):
            database.execute(f"insert into published_rows values ({marks})", [values[name] for name in columns])


def test_no_person_is_in_mlflow_or_in_what_the_demonstration_prints(demo: Any):
    content = b"".join(p.read_bytes() for p in (demo.home.path / "mlflow").rglob("*") if p.is_file())
    printed = json.dumps(demo.result).encode() + demo.printed.encode()
    shown = demo.home("list", demo.run("released"), "--json").json
    listed = [row["person"] for row in shown["rows"]]
    persons = pd.read_csv(demo.home.path / "force" / "extract" / "persons.csv", dtype=str)
    surnames = set(persons["family_name"].dropna()) - {""}
    words = [*listed, *persons["person_id"].iloc[::50], *surnames]
    assert len(words) > 1000
    assert [word for word in words if word.encode() in content + printed] == []


def test_nobody_known_to_be_dead_is_on_a_list(demo: Any):
    extract = demo.home.path / "force" / "extract"
    persons = pd.read_csv(extract / "persons.csv", dtype=str)
    dead = persons.loc[persons["deceased_on"] <= "2026-03-31", "person_id"]
    assert len(dead) > 10
    names = set(Keyring(demo.home.path / "keys" / "pseudonyms.db").pseudonyms(dead).values())
    with closing(sqlite3.connect(demo.home.path / "unreleased" / "scores.db")) as database:
        dump = "\n".join(database.iterdump())
    assert PSEUDONYM.search(dump)
    assert not any(name in dump for name in names)


def test_a_demonstration_can_be_made_again_in_its_place(new_home: Callable[[], Any]):
    home = new_home()
    first, second = (home("demo", "--no-serve", "--persons", "2500", "--json").json for _ in range(2))
    assert [(run["run"], run["state"]) for run in first["runs"]] == [
        (run["run"], run["state"]) for run in second["runs"]
    ]


def test_everything_in_a_workspace_is_the_owners_alone(demo: Any):
    loose = [place for place in demo.home.path.rglob("*") if place.stat().st_mode & 0o077 and not place.is_symlink()]
    assert loose == []
