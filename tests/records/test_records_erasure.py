"""Tombstones keep erased people out; erasing removes a person from every file of the record store."""

from __future__ import annotations

import doctest
import os
import subprocess
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import RecordStore
from records.contract import TABLES
from records.erasing import tombstones
from records.erasing.rows import drop_rows
from records.erasing.search import search
from records.erasing.sought import Sought
from records.erasing.tombstones import Tombstones, naming
from records.errors import TombstonesUnreadable
from records.storage.database import workbench
from records.storage.locking import only_writer


def test_documentation_examples_hold() -> None:
    assert doctest.testmod(tombstones).failed == 0


def test_every_id_of_the_contract_that_points_to_a_person_is_found() -> None:
    assert naming(TABLES["marac_hearings"], "persons") == ("victim_id", "perpetrator_id")
    assert naming(TABLES["incidents"], "incidents") == ("incident_id",)
    assert naming(TABLES["interventions"], "referrals") == ("referral_id",)
    assert all(naming(table, owner) for table in TABLES.values() for owner in [_owner(table.name)])


def _owner(table: str) -> str:
    return {"incidents": "incidents", "interventions": "referrals"}.get(table, "persons")


def test_nothing_is_erased_before_the_first_erasure(tmp_path: Path) -> None:
    assert Tombstones(tmp_path).erased(["p1"]) == set()
    assert not (tmp_path / "erased").exists()


def test_an_erased_id_is_recognised_and_not_stored(tmp_path: Path) -> None:
    Tombstones(tmp_path).add({"persons": ["nominal-4711"], "incidents": ["crime-8"]})
    again = Tombstones(tmp_path)
    assert again.erased(["nominal-4711", "nominal-4712"]) == {"nominal-4711"}
    assert again.erased(["crime-8"]) == set()
    assert again.erased(["crime-8"], "incidents") == {"crime-8"}
    for path in (tmp_path / "erased").iterdir():
        assert b"4711" not in path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_lost_secret_is_an_error_and_never_a_way_back(tmp_path: Path) -> None:
    Tombstones(tmp_path).add({"persons": ["p1"]})
    (tmp_path / "erased" / "secret").unlink()
    with pytest.raises(TombstonesUnreadable, match="missing"):
        Tombstones(tmp_path).erased(["p1"])
    with pytest.raises(TombstonesUnreadable, match="missing"):
        Tombstones(tmp_path).add({"persons": ["p2"]})


def test_rows_are_taken_out_by_way_of_one_draft_only(tmp_path: Path) -> None:
    path = tmp_path / "persons.parquet"
    pd.DataFrame({"person_id": ["P1", "P2"]}).to_parquet(path)
    (tmp_path / f"tmp_.persons.parquet.{os.getpid()}").mkdir()  # where DuckDB would write first of itself
    with workbench(tmp_path / "work") as db:
        assert drop_rows(db, path, {"persons": {"P1"}}, Sought(frozenset()))
    assert pd.read_parquet(path)["person_id"].tolist() == ["P2"]


def test_drafts_of_killed_writers_are_cleared_under_whatever_name(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    names = [f".persons.parquet.{dead.pid}", f"tmp_.persons.parquet.{dead.pid}", f".draft-{dead.pid}-x"]
    kept = [f".persons.parquet.{os.getpid()}", "persons.parquet"]
    for name in (*names, *kept):
        (tmp_path / name).write_bytes(b"x")
    with only_writer(tmp_path):
        assert not any((tmp_path / name).exists() for name in names)
        assert all((tmp_path / name).exists() for name in kept)


def test_rows_that_name_an_erased_person_in_any_column_are_listed(tmp_path: Path) -> None:
    Tombstones(tmp_path).add({"persons": ["p1"], "incidents": ["i9"]})
    with workbench(tmp_path) as db:
        db.execute("CREATE TABLE made_dyads (row BIGINT, incident_id VARCHAR, suspect_id VARCHAR, victim_id VARCHAR)")
        db.execute(
            "INSERT INTO made_dyads VALUES (0, 'i1', 'p1', 'p2'), (1, 'i2', 'p2', 'p3'), (2, 'i3', 'p3', 'p1'),"
            " (3, 'i9', 'p4', NULL), (4, 'p1', 'p4', 'i9')"
        )
        found = Tombstones(tmp_path).rows(db, {"dyads": "made_dyads"})
        assert list(found) == ["dyads"]
        assert db.execute(f"SELECT row FROM {found['dyads']} ORDER BY row").fetchall() == [(0,), (2,), (3,)]


@given(key=st.binary(min_size=32, max_size=32), name=st.text(min_size=1).filter(lambda t: "\0" not in t))
def test_sql_and_python_agree_on_the_keyed_hash(key: bytes, name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    (found,) = duckdb.execute(f"SELECT {tombstones._mac(key, '?::VARCHAR')}", [name]).fetchone() or ("",)
    assert f"persons {found}" == tombstones._line(key, "persons", name)


EXTRACT = {
    "manifest.yaml": "source: made up\nextract_date: 2024-01-31\nsynthetic: true\n",
    "persons.csv": "person_id,given_name,source\nP1{after},Zebedee,rms{more}\nP2,Ada,rms\n",
    "incidents.csv": "incident_id,force,area,occurred_from,is_crime,domestic\nI1,north,east,2023-01-01,true,true\n",
    "involvements.csv": "incident_id,person_id,role\nI1,P1{after},suspect\nI1,P2,victim\n",
}


@pytest.mark.parametrize(
    ("after", "more"), [("\t", ""), ("\u00a0", ""), ("\u200b", ""), ("\x00", ""), ("", ",one too many"), ("", ',"')]
)
def test_an_erased_person_stays_out_however_the_id_is_written(tmp_path: Path, after: str, more: str) -> None:
    extract = tmp_path / "extract"
    extract.mkdir()
    for name, content in EXTRACT.items():
        (extract / name).write_text(content.replace("{after}", after).replace("{more}", more), encoding="utf-8")
    root = tmp_path / "records"
    Tombstones(root).add({"persons": ["P1"]})
    report = RecordStore(root).ingest(extract)
    assert report.reasons["erased"] == 2
    assert set(RecordStore(root).latest().table("persons")["person_id"]) <= {"P2"}
    assert RecordStore(root).latest().table("involvements")["person_id"].isin(["P2"]).all()
    assert search(root, Sought(frozenset({"P1", "Zebedee"}))).found == []
