"""Several records of one person: what is in them, and that the truth says whose they are."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from records import RecordStore
from synthetic import corruption, parameters
from synthetic.person_records import PNC_LETTERS, REFERENCES
from values import digest_file

PLANT = "duplicate_records"


@pytest.fixture(scope="module")
def split(make):
    return make(PLANT)


@pytest.fixture(scope="module")
def records(split) -> pd.DataFrame:
    """The truth of every record beside what is written in it and in its person's first record."""
    truth = split.truth("person_records")
    for name, columns in {"persons": None, "addresses": ["person_id", "area", "postcode"]}.items():
        table = split.extract(name)
        truth = truth.merge(table if columns is None else table[columns], left_on="record_id", right_on="person_id")
        truth = truth.drop(columns="person_id")
    first = truth[truth["place"] == 0].set_index("person")
    return truth.join(first.add_suffix("_first"), on="person")


def test_every_record_belongs_to_one_person_and_every_person_has_a_first(split, null_force, records) -> None:
    assert records["record_id"].is_unique
    assert set(records["record_id"]) == set(split.extract("persons")["person_id"])
    assert set(records["person"]) == set(null_force.extract("persons")["person_id"])
    assert (records.groupby("person")["place"].min() == 0).all()


def test_the_number_of_records_is_geometric(records) -> None:
    counts = records.groupby("person").size()
    assert counts.mean() == pytest.approx(parameters.RECORDS_A_PERSON, abs=0.1)
    share = 1 / parameters.RECORDS_A_PERSON
    assert (counts == 1).mean() == pytest.approx(share, abs=0.02)
    assert (counts == 2).mean() == pytest.approx(share * (1 - share), abs=0.02)


def test_every_event_stays_with_its_person(split, null_force, records) -> None:
    owner = records.set_index("record_id")["person"]
    for reference in REFERENCES:
        before, after = null_force.extract(reference.table), split.extract(reference.table)
        for column in reference.columns:
            after[column] = after[column].map(owner)
        pd.testing.assert_frame_equal(before, after)


def test_all_versions_and_tables_of_one_incident_name_a_person_by_one_record(split, records) -> None:
    owner = records.set_index("record_id")["person"]
    roles = split.extract("involvements")[["incident_id", "person_id"]]
    dyads = split.extract("dyads")
    sides = [dyads[["incident_id", side]].set_axis(roles.columns, axis=1) for side in ("suspect_id", "victim_id")]
    named = pd.concat([roles, *sides]).drop_duplicates()
    assert not named.assign(person=named["person_id"].map(owner)).duplicated(["incident_id", "person"]).any()


def test_a_record_is_made_by_its_first_event_and_some_have_none(split, records) -> None:
    roles = split.extract("involvements")
    first = roles.groupby("person_id")["known_from"].min()
    with_event = records.set_index("record_id")["known_from"].reindex(first.index)
    assert (with_event <= first).all()
    assert 0.4 < 1 - len(first) / len(records) < 0.7
    assert records["known_from"].max() <= pd.Timestamp("2026-03-31")
    assert (records["known_from"] > records["date_of_birth_first"]).all()


@pytest.mark.parametrize("name", [*parameters.CORRUPTION, "family_changed"])
def test_each_corruption_has_its_share_in_later_records_only(name: str, records) -> None:
    assert not records.loc[records["place"] == 0, name].any()
    later = records[records["place"] > 0]
    wanted = parameters.CORRUPTION.get(name, 0.055)
    assert later[name].mean() == pytest.approx(wanted, abs=4 * np.sqrt(wanted * (1 - wanted) / len(later)))


def test_the_truth_names_each_corruption_that_is_written(records) -> None:
    later = records[records["place"] > 0]
    swapped = later["names_swapped"]
    own, other = later[~swapped], later[swapped]
    differs = own["given_name"] != own["given_name_first"]
    assert (differs == (own["given_typo"] | own["given_short"])).mean() > 0.999  # two slips may cancel out
    differs = own["family_name"] != own["family_name_first"]
    assert (differs == (own["family_typo"] | own["family_changed"])).mean() > 0.999
    plain = other[~(other[["given_typo", "given_short", "family_typo", "family_changed"]].any(axis=1))]
    assert len(plain) > 50
    assert (plain["given_name"] == plain["family_name_first"]).all()
    born, first = later["date_of_birth"], later["date_of_birth_first"]
    assert (born.isna() == later["birth_missing"]).all()
    changed = born.notna() & (born != first)
    assert (changed == ((later["birth_swapped"] | later["birth_digit"]) & born.notna())).mean() > 0.999
    only = later[later["birth_swapped"] & ~later["birth_digit"] & born.notna()]
    assert (only["date_of_birth"].dt.day == only["date_of_birth_first"].dt.month).all()
    assert (later["postcode"].isna() == later["postcode_missing"]).all()
    moved = later["postcode"].notna() & (later["postcode"] != later["postcode_first"])
    assert (moved == (later["postcode_moved"] & ~later["postcode_missing"])).mean() > 0.999
    assert (later["area"] == later["area_first"]).all()


def test_pnc_ids_are_valid_and_of_one_person(records) -> None:
    held = records.dropna(subset=["pnc_id"])
    assert (held.groupby("pnc_id")["person"].nunique() == 1).all()
    assert (held.groupby("person")["pnc_id"].nunique() == 1).all()
    for pnc in held["pnc_id"].unique():
        found = re.fullmatch(r"(\d\d)/(\d{7})([A-Z])", pnc)
        assert found
        assert PNC_LETTERS[int(found[1] + found[2]) % 23] == found[3]


def test_protected_characteristics_go_missing_and_contradict_one_another(split, null_force, records) -> None:
    written = records[["record_id", "person", "place", "ethnicity_missing", "ethnicity_other", "sex_missing"]]
    written = written.merge(split.extract("communities"), left_on="record_id", right_on="person_id")
    first = null_force.extract("communities").set_index("person_id")
    known = written[written["person"].map(first["ethnicity_self"]).notna()]
    assert (known["ethnicity_self"].isna() == known["ethnicity_missing"]).all()
    differs = known["ethnicity_self"].notna() & (
        known["ethnicity_self"] != known["person"].map(first["ethnicity_self"])
    )
    assert (differs == (known["ethnicity_other"] & ~known["ethnicity_missing"])).all()
    assert known["sex"][known["sex_missing"]].isna().all()


def test_look_alikes_are_different_people_with_the_same_marks(split, records) -> None:
    pairs = split.truth("lookalikes")
    people = records["person"].nunique()
    first = records[records["place"] == 0].set_index("person")
    a, b = (first.reindex(pairs[side]).reset_index() for side in ("person_a", "person_b"))
    assert (pairs["person_a"] != pairs["person_b"]).all()
    assert pd.concat([pairs["person_a"], pairs["person_b"]]).is_unique
    for kind, share in parameters.LOOK_ALIKE.items():
        rows = (pairs["kind"] == kind).to_numpy()
        assert 2 * rows.sum() / people == pytest.approx(share, abs=0.001)
        assert (a[rows]["family_name"] == b[rows]["family_name"]).all()
        assert (a[rows]["postcode"] == b[rows]["postcode"]).all()
    twins, sons = ((pairs["kind"] == kind).to_numpy() for kind in ("twins", "father_son"))
    assert (a[twins]["date_of_birth"] == b[twins]["date_of_birth"]).all()
    assert (a[twins]["given_name"] != b[twins]["given_name"]).all()
    assert (a[sons]["given_name"] == b[sons]["given_name"]).all()
    gap = (b[sons]["date_of_birth"] - a[sons]["date_of_birth"]).dt.days / 365.25
    assert gap.between(18, 45).all()


def test_the_world_beneath_and_the_incidents_stay_the_same(split, null_force) -> None:
    for name in ("risk", "persons", "events", "roles"):
        here, there = (made.folder / "truth" / f"{name}.parquet" for made in (split, null_force))
        assert digest_file(here) == digest_file(there)
    here, there = (made.folder / "extract" / "incidents.csv" for made in (split, null_force))
    assert digest_file(here) == digest_file(there)


def test_the_contract_accepts_every_record(split, tmp_path) -> None:
    report = RecordStore(tmp_path).ingest(split.folder / "extract")
    assert report.quarantined == 0
    assert report.accepted == sum(split.summary.rows.values())


def test_wrong_dates_are_dates_and_wrong_by_one_digit() -> None:
    rng = np.random.default_rng(3)
    birth = np.datetime64("1950-01-01").astype(int) + rng.integers(0, 18_000, 3_000)
    birth[:2] = [np.datetime64(day).astype(int) for day in ("1988-02-29", "1990-12-31")]
    wrong = corruption.one_digit_wrong(birth, rng)
    was, now = (days.astype("datetime64[D]").astype(str) for days in (birth, wrong))
    assert all(sum(x != y for x, y in zip(a, b, strict=True)) == 1 for a, b in zip(was, now, strict=True))
    can = corruption.can_swap(birth)
    assert 0.3 < can.mean() < 0.42
    assert (corruption.swapped_dates(birth[can]) != birth[can]).all()


def test_a_typing_error_changes_a_name_a_little() -> None:
    names = ["Ashdale", "Al", "Bramcombeford"] * 300
    wrong = corruption.typing_errors(names, np.random.default_rng(4))
    assert np.mean([a != b for a, b in zip(names, wrong, strict=True)]) > 0.99
    assert all(abs(len(a) - len(b)) <= 1 for a, b in zip(names, wrong, strict=True))
    assert all(name[:1].isupper() for name in wrong)
