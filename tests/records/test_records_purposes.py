"""Every column says what it may be used for, and reading keeps to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from features import CATALOGUE, build_stream
from records import RecordStore
from records.contract import TABLES
from records.errors import PurposeBreach, SourcesError, TableNotAvailable
from records.purposes import PURPOSES, SHIPPED, for_purpose, load_sources
from values import AsOf


def site(tmp_path: Path, tables: dict[str, Any] | str) -> Path:
    """Write a site's own declaration where the store looks for it."""
    place = tmp_path / "workspace" / "sources.yaml"
    place.parent.mkdir(exist_ok=True)
    place.write_text(tables if isinstance(tables, str) else yaml.safe_dump({"tables": tables}), encoding="utf-8")
    return place


def test_the_shipped_file_states_everything_for_every_column():
    sources = load_sources()
    assert set(sources.columns) == {f"{t.name}.{c.name}" for t in TABLES.values() for c in t.columns}
    for source in sources.columns.values():
        assert source.controller
        assert source.basis_text
        assert source.purposes <= set(PURPOSES)
        assert source.retain_years > 0
        assert source.review_years > 0


def test_no_protected_characteristic_need_name_or_safety_check_ever_ranks_or_trains():
    sources = load_sources()
    for table in ("communities", "needs", "safety_checks", "restricted"):
        for purpose in ("rank", "train", "link"):
            assert sources.permitted(table, purpose) == ()
    for column in ("given_name", "family_name", "date_of_birth", "pnc_id", "cro_id"):
        assert not sources.of(f"persons.{column}").purposes & {"rank", "train"}


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"prisons": {}}, r"sources.yaml, line 2.*: the contract has no table 'prisons'"),
        ({"needs": {"columns": {"hobby": ["display"]}}}, r"line 5.*: needs has no column 'hobby'"),
        ({"needs": {"columns": {"need": ["gossip"]}}}, r"'gossip' is no purpose"),
        ({"needs": {"columns": {"need": ["display", "rank"]}}}, "never ranks and never trains"),
        ({"needs": {"columns": {"need": ["audit"]}}}, "a site takes purposes away and adds none"),
        ({"communities": {"columns": {"religion": ["audit", "display"]}}}, "for audit alone"),
        ({"persons": {"columns": {"family_name": ["train"]}}}, "never ranks and never trains"),
        ({"needs": {"retain_years": "long"}}, "'long' is no number of years"),
        ({"needs": {"retain_years": "²"}}, "'²' is no number of years"),
        ({"needs": {"retain_years": "9" * 5000}}, "is no number of years"),
        ({"needs": {"basis": "curiosity"}}, "no basis 'curiosity'"),
        ({"needs": {"colour": "red"}}, "the key 'colour' is not known here"),
        ({"incidents": {"columns": {"outcome_at": ["audit"]}}}, "without incidents.outcome_at, which says since when"),
        ("tables: [", r"line 1 cannot be read|cannot be read as YAML"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_line(tmp_path: Path, tables: Any, message: str):
    with pytest.raises(SourcesError, match=message):
        load_sources(site(tmp_path, tables))


@pytest.mark.parametrize("kind", ["a link to nowhere", "a folder"])
def test_a_declaration_that_is_there_but_no_file_is_never_passed_over(tmp_path: Path, kind: str):
    place = tmp_path / "sources.yaml"
    place.mkdir() if kind == "a folder" else place.symlink_to(tmp_path / "gone.yaml")
    with pytest.raises(SourcesError, match="no file that can be read"):
        load_sources(place)


def test_a_column_left_out_of_the_shipped_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from records import purposes

    shorter = tmp_path / "sources.yaml"
    shorter.write_text(SHIPPED.read_text(encoding="utf-8").replace("      postcode: [display, link]\n", ""))
    monkeypatch.setattr(purposes, "SHIPPED", shorter)
    with pytest.raises(SourcesError, match=r"line \d+.*: nothing is stated for addresses.postcode"):
        purposes._shipped.__wrapped__()


def test_a_site_changes_what_it_names_and_nothing_else(tmp_path: Path):
    place = site(
        tmp_path,
        {
            "safety_checks": {"controller": "north_idva", "columns": {"by_agency": ["audit"]}},
            "persons": {"columns": {"cro_id": {"purposes": [], "retain_years": 10}}},
        },
    )
    changed, shipped = load_sources(place), load_sources()
    assert changed.of("safety_checks.status").controller == "north_idva"
    assert changed.of("safety_checks.by_agency").purposes == {"audit"}
    assert changed.of("safety_checks.status").purposes == shipped.of("safety_checks.status").purposes
    assert (changed.of("persons.cro_id").purposes, changed.of("persons.cro_id").retain_years) == (frozenset(), 10)
    assert changed.of("incidents.area") == shipped.of("incidents.area")


def test_a_site_says_whose_records_every_member_of_a_panel_is_shown(tmp_path: Path):
    assert load_sources().shared == {"police"}
    assert load_sources(site(tmp_path, "tables: {custody: {controller: probation}}\n")).shared == {"police"}
    shared = "shared: [police, probation]\ntables: {custody: {controller: probation}}\n"
    assert load_sources(site(tmp_path, shared)).shared == {"police", "probation"}
    with pytest.raises(SourcesError, match=r"line 1.*: 'milk' answers for no table"):
        load_sources(site(tmp_path, "shared: [milk]\n"))


def test_a_column_named_for_a_purpose_that_it_does_not_serve_is_refused_by_name(store: RecordStore, extract: Any):
    store.ingest(extract())
    ranking = store.latest().reading("rank")
    with pytest.raises(PurposeBreach, match=r"incidents\.counting_regime.*'rank'"):
        ranking.table("incidents", ["incident_id", "counting_regime"])
    with pytest.raises(PurposeBreach, match="Identities are for display"):
        ranking.identities(["P1"])
    with pytest.raises(TableNotAvailable):
        ranking.table("orders")


def test_a_table_read_whole_leaves_out_what_the_purpose_may_not_see(store: RecordStore, extract: Any):
    store.ingest(extract())
    snapshot = store.latest()
    for purpose in PURPOSES:
        view = snapshot.reading(purpose)
        for table in view.tables:
            assert set(view.table(table)) <= set(view.sources.permitted(table, purpose))
    assert "counting_regime" not in snapshot.reading("rank").table("incidents")
    assert "counting_regime" in snapshot.reading("display").table("incidents")
    assert not snapshot.reading("link").has("incidents.offence_code")


def test_a_table_that_may_not_be_seen_at_all_is_refused_even_whole(store: RecordStore, extract: Any):
    store.ingest(extract({"needs.csv": "person_id,need\nP1,mental_health\n"}))
    ranking = store.latest().reading("rank")
    assert "needs" not in ranking.tables
    assert not ranking.has("needs")
    with pytest.raises(PurposeBreach, match=r"needs\.person_id"):
        ranking.table("needs")


def test_ages_and_names_follow_the_date_of_birth(store: RecordStore, extract: Any, tmp_path: Path):
    store.ingest(extract())
    snapshot, day = store.latest(), AsOf.parse("2024-03-31")
    assert snapshot.reading("display").adult_at(day)["adult"].tolist() == ["yes", "unknown"]
    assert snapshot.reading("rank").adult_at(day)["adult"].tolist() == ["unknown", "unknown"]
    site(tmp_path, {"persons": {"columns": {"date_of_birth": ["link"]}}})
    view = snapshot.reading("display")
    assert view.adult_at(day)["adult"].tolist() == ["unknown", "unknown"]
    assert snapshot.reading("audit").age_band_at(day)["age_band"].tolist() == ["unknown", "unknown"]
    shown = view.identities(["P1"])
    assert shown["date_of_birth"].isna().all()
    assert shown["given_name"].tolist() == ["Ada"]


def test_the_stream_reads_for_ranking_and_the_catalogue_compiles_against_the_site(
    store: RecordStore, extract: Any, tmp_path: Path
):
    store.ingest(extract())
    whole = build_stream(store.latest())
    assert len(build_stream(store.latest().reading("rank"))) == len(whole) > 0
    with pytest.raises(PurposeBreach, match="opened to show a case"):
        build_stream(store.latest().reading("display"))
    site(tmp_path, {"incidents": {"columns": {"alcohol": ["display"]}}})
    named = next(one.name for one in CATALOGUE if "incidents.alcohol" in one.reads)
    with pytest.raises(PurposeBreach, match=rf"The indicator {named} reads incidents\.alcohol"):
        build_stream(store.latest())


def test_what_a_reader_cannot_do_without_is_an_error_and_never_silence(
    store: RecordStore, extract: Any, tmp_path: Path
):
    checks = "person_id,victim_id,status,by_agency,checked_on\nP1,P2,concern,police,2023-03-01\n"
    store.ingest(extract({"safety_checks.csv": checks}))
    site(tmp_path, {"safety_checks": {"columns": {n: ["audit"] for n in ("status", "checked_on")}}})
    with pytest.raises(PurposeBreach, match=r"A hold reads safety_checks\.status"):
        for_purpose(store.latest(), "display", "A hold", {"safety_checks": ("status",)})
