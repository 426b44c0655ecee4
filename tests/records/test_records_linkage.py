"""Linkage from an extract to a linked snapshot, on small hand-made records and on a made-up force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from records import RecordStore, Snapshot
from records.communities import CommunityStore
from records.errors import LinkageError
from records.linkage import (
    LINK,
    SEPARATE,
    Crosswalk,
    Decision,
    Decisions,
    LinkageSettings,
    apply,
    export_queue,
    latest_crosswalk,
    link,
    merge,
    queue,
    read_crosswalk,
    read_queue,
    show,
    split,
)
from records.linkage.evaluation import accuracy, look_alikes_merged
from records.linkage.review import impact_of
from records.storage.database import workbench
from synthetic import ForceSettings, Plant, make_force

DAY = date(2026, 1, 2)
SETTINGS = LinkageSettings(sample_pairs=300_000)
MANIFEST = "source: made up\nextract_date: 2024-03-31\nperiod: 2020 to 2024\nsynthetic: true\n"
PNC, OTHER_PNC = "99/0000001G", "98/0000002T"
PERSONS = f"""person_id,given_name,family_name,date_of_birth,pnc_id,source,known_from
A1,Annabel,Quillfeather,1980-02-03,,niche,2020-01-01
A2,Annabel,Quillfeather,1980-03-02,,niche,2021-01-01
A3,Anabel,Quillfeather,1980-02-03,,niche,2022-01-01
T1,Jay,Otterbourne,1990-05-06,,niche,2020-01-01
T2,Ray,Otterbourne,1990-05-06,,niche,2020-01-01
F1,Montague,Applegarth,1950-07-08,,niche,2020-01-01
F2,Montague,Applegarth,1978-11-12,,niche,2020-01-01
F3,Montague,Applegarth,,,niche,2020-01-01
P1,Leopold,Wintersgill,1970-01-01,{PNC},niche,2020-01-01
P2,Leopold,Wintersgill,1970-01-01,{OTHER_PNC},niche,2020-01-01
E1,Cordelia,Hathersage,1985-09-10,,niche,2020-01-01
E2,Cordelia,Hathersage,1985-09-10,,niche,2020-01-01
V1,Rosamund,Thistlewood,1982-04-05,,niche,2020-01-01
B1,Ptolemy,Ravenscroft,1961-10-12,,niche,2020-01-01
B2,Ptolemy,Ravenscroft,1961-10-12,,niche,2020-01-01
"""
ADDRESSES = "person_id,area,postcode,from,known_from\n" + "".join(
    f"{record},east,{postcode},2020-01-01,2020-01-01\n"
    for record, postcode in {
        "A1": "ZZ1 1AA", "A2": "ZZ1 1AA", "A3": "ZZ1 1AA", "T1": "ZZ2 2BB", "T2": "ZZ2 2BB", "F1": "ZZ3 3CC",
        "F2": "ZZ3 3CC", "F3": "ZZ3 3CC", "P1": "ZZ4 4DD", "P2": "ZZ4 4DD", "E1": "ZZ5 5EE", "E2": "ZZ5 5EE",
    }.items()
)  # fmt: skip
INCIDENTS = "incident_id,force,area,occurred_from,reported_on,is_crime,domestic,known_from\n" + "".join(
    f"I{number},north,east,2023-0{number}-01,2023-0{number}-01,true,true,2023-0{number}-01\n" for number in range(1, 5)
)
INVOLVEMENTS = """incident_id,person_id,role,known_from
I1,A1,suspect,2023-01-01
I1,V1,victim,2023-01-01
I2,A2,suspect,2023-02-01
I2,V1,victim,2023-02-01
I3,E1,suspect,2023-03-01
I3,E2,victim,2023-03-01
I4,A3,victim,2023-04-01
"""
DYADS = "incident_id,suspect_id,victim_id,known_from\nI1,A1,V1,2023-01-01\nI2,A2,V1,2023-02-01\nI3,E1,E2,2023-03-01\n"
COMMUNITIES = (
    "person_id,sex,ethnicity_self,known_from\nA1,female,W1,2020-01-01\nA2,female,A1,2021-01-01\nA3,female,W1,2022-01-01\n"
    "V1,female,,2020-01-01\n"
)
FILES = {
    "manifest.yaml": MANIFEST,
    "persons.csv": PERSONS,
    "addresses.csv": ADDRESSES,
    "incidents.csv": INCIDENTS,
    "involvements.csv": INVOLVEMENTS,
    "dyads.csv": DYADS,
    "communities.csv": COMMUNITIES,
}


def ingested(folder: Path, files: dict[str, str] = FILES) -> RecordStore:
    extract = folder / "extract"
    extract.mkdir(parents=True)
    for name, content in files.items():
        (extract / name).write_text(content)
    store = RecordStore(folder / "workspace" / "records")
    report = store.ingest(extract)
    assert report.quarantined == 0, report.reasons
    return store


def linked(store: RecordStore, settings: LinkageSettings = SETTINGS) -> Crosswalk:
    with workbench(store.root) as db:
        return link(db, store.root, store.latest(), settings)


def applied(store: RecordStore, crosswalk: Crosswalk) -> Snapshot:
    with workbench(store.root) as db:
        return apply(db, store.latest(), crosswalk).snapshot


def persons_of(crosswalk: Crosswalk) -> set[str]:
    """The persons, each written as its records."""
    groups = crosswalk.persons.groupby("person_id")["record_id"].agg(sorted)
    return {"+".join(records) for records in groups}


def bars(crosswalk: Crosswalk) -> dict[str, str]:
    grey = crosswalk.grey
    return {f"{row.record_l}+{row.record_r}": row.bar for row in grey.itertuples()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> RecordStore:
    return ingested(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def force(tmp_path_factory: pytest.TempPathFactory) -> tuple[RecordStore, Path]:
    folder = tmp_path_factory.mktemp("force")
    make_force(
        folder / "force", ForceSettings(persons=600, years=5, seed=4, plants=(Plant.parse("duplicate_records"),))
    )
    store = RecordStore(folder / "records")
    store.ingest(folder / "force" / "extract")
    return store, folder / "force" / "truth"


def test_records_of_which_none_shares_a_pnc_id_teach_no_weights(small: RecordStore, tmp_path: Path) -> None:
    crosswalk = linked(ingested(tmp_path), replace(SETTINGS, fewest_records=1))  # its settings are in its version
    assert crosswalk.card["model"]["origin"] == "shipped"
    assert persons_of(crosswalk) == persons_of(linked(small))


def test_slips_are_linked_and_people_who_look_alike_are_not(small: RecordStore) -> None:
    crosswalk = linked(small)
    assert persons_of(crosswalk) == {"A1+A2+A3", "T1", "T2", "F1", "F2", "F3", "P1", "P2", "E1", "E2", "V1", "B1+B2"}
    assert crosswalk.card["model"]["origin"] == "shipped"
    found = bars(crosswalk)
    assert found["T1+T2"] == "given_differs"
    assert found["E1+E2"] == "same_event"
    assert {found[pair] for pair in ("F1+F3", "F2+F3")} == {"namesake"}
    assert not {"A1+A2", "A1+A3", "A2+A3"} & set(found)


def test_the_same_input_gives_the_same_version_and_changes_nothing(small: RecordStore, tmp_path: Path) -> None:
    first, again = linked(small), linked(small)
    elsewhere = linked(ingested(tmp_path))
    assert first.version == again.version == elsewhere.version
    latest = latest_crosswalk(small.root)
    assert latest is not None
    assert latest.version == first.version


def test_the_match_probability_is_carried_on(small: RecordStore) -> None:
    persons = linked(small).persons.set_index("record_id")
    assert set(persons.loc[["A1", "A2", "A3"], "how"]) == {"model"}
    assert SETTINGS.upper <= persons.loc["B2", "match_probability"] < persons.loc["A2", "match_probability"] <= 1
    assert (persons.loc["V1", "how"], persons.loc["V1", "match_probability"]) == ("single", 1)


def test_a_changed_byte_of_a_stored_crosswalk_is_found(tmp_path: Path) -> None:
    store = ingested(tmp_path)
    crosswalk = linked(store)
    file = store.root / "crosswalk" / crosswalk.version / "grey.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(LinkageError, match="does not hold what was stored"):
        read_crosswalk(store.root, crosswalk.version)


def test_a_linked_snapshot_names_persons_everywhere_and_keeps_one_history_each(small: RecordStore) -> None:
    crosswalk = linked(small)
    snapshot = applied(small, crosswalk)
    assert snapshot.base == small.latest().hash
    assert set(snapshot.table("dyads")["suspect_id"]) == {"A1", "E1"}
    assert set(snapshot.table("involvements")["person_id"]) == {"A1", "V1", "E1", "E2"}
    versions = snapshot.table("persons").query("person_id == 'A1'")
    assert versions["known_from"].dt.strftime("%Y-%m-%d").tolist() == ["2020-01-01", "2021-01-01", "2022-01-01"]
    assert versions["known_to"].isna().tolist() == [False, False, True]
    now = snapshot.identities(["A1"]).iloc[0]
    assert (now["given_name"], str(now["date_of_birth"].date())) == ("Annabel", "1980-02-03")
    assert len(snapshot.table("addresses").query("person_id == 'A1'")) == 1
    assert snapshot.crosswalk is not None
    assert snapshot.crosswalk.equals(crosswalk.persons)
    assert snapshot.grey is not None
    assert set(snapshot.grey.columns) == {"person_l", "person_r", "match_probability"}
    assert applied(small, crosswalk).hash == snapshot.hash


def test_a_tied_date_of_birth_is_missing_and_marked(small: RecordStore) -> None:
    snapshot = applied(small, linked(small))
    between = snapshot._read("persons").query("person_id == 'A1' and known_from == '2021-01-01'")
    assert between["date_of_birth"].isna().all()
    assert not snapshot.crosswalk.set_index("record_id").loc["A1", "birth_contradicts"]  # type: ignore[union-attr]


def test_communities_follow_the_persons(small: RecordStore) -> None:
    snapshot = applied(small, linked(small))
    found = CommunityStore(small.root).read(snapshot.hash)
    last = found[found["known_to"].isna()].set_index("person_id")
    assert set(last.index) == {"A1", "V1"}
    assert (last.loc["A1", "ethnicity_self"], last.loc["A1", "sex"]) == ("W1", "female")


def test_an_unlinked_snapshot_says_so(small: RecordStore) -> None:
    assert small.latest().base is None
    assert small.latest().crosswalk is None
    assert small.latest().grey is None


def test_decisions_win_over_the_model_survive_and_keep_keys(tmp_path: Path) -> None:
    store = ingested(tmp_path)
    first = linked(store)
    Decisions(store.root).add(
        [
            Decision.of(("F1", "F3"), LINK, "Reviewer", "custody record", DAY),
            Decision.of(("A1", "A3"), SEPARATE, "Reviewer", "sisters", DAY),
        ]
    )
    second = linked(store)
    assert {"F1+F3", "A1+A2", "A3"} <= persons_of(second) | {"A2+A3"}
    assert second.keys["A1"] != second.keys["A3"]
    assert second.keys["F3"] == "F1"
    assert second.persons.set_index("record_id").loc["F3", "how"] == "clerical"
    assert second.card["previous"] == first.version
    assert {(change["kind"], change["reason"]) for change in second.card["changes"]} == {
        ("merge", "a clerical decision"),
        ("split", "a clerical decision"),
    }
    assert "F1+F3" not in bars(second)
    assert linked(store).version == second.version


def test_a_dyad_of_a_person_with_themself_is_set_aside_and_counted(tmp_path: Path) -> None:
    store = ingested(tmp_path)
    linked(store)
    Decisions(store.root).add([Decision.of(("E1", "E2"), LINK, "Reviewer", "one person twice", DAY)])
    with workbench(store.root) as db:
        crosswalk = link(db, store.root, store.latest(), SETTINGS)
        result = apply(db, store.latest(), crosswalk)
    assert result.set_aside == {"dyads": 1}
    assert set(result.snapshot.table("dyads")["incident_id"]) == {"I1", "I2"}


def test_persons_keep_their_keys_when_records_arrive(tmp_path: Path) -> None:
    store = ingested(tmp_path)
    before = linked(store).keys
    more = PERSONS + "A0,Annabel,Quillfeather,1980-02-03,,niche,2020-06-01\n"
    later = MANIFEST.replace("2024-03-31", "2024-06-30")
    extract = tmp_path / "later"
    extract.mkdir()
    for name, content in {**FILES, "manifest.yaml": later, "persons.csv": more}.items():
        (extract / name).write_text(content.replace("A3,east,", "A0,east,ZZ1 1AA,2020-01-01,2020-01-01\nA3,east,"))
    store.ingest(extract)
    after = linked(store)
    assert {record: after.keys[record] for record in before} == before
    assert after.keys["A0"] == "A1"
    assert after.card["changes"] == []


def test_the_review_shows_what_speaks_for_and_against(small: RecordStore) -> None:
    crosswalk = linked(small)
    seen = show(small.latest(), crosswalk, "T2", "T1")
    text = "\n".join(seen.lines())
    assert "Jay" in text
    assert "given names plainly differ" in text
    assert sum(row[4] for row in seen.rows) + seen.start == pytest.approx(seen.weight)
    assert {row[3] for row in seen.rows if row[0] == "date of birth"} == {"same"}
    with pytest.raises(LinkageError, match="not in the review queue"):
        show(small.latest(), crosswalk, "T1", "V1")


def test_the_queue_puts_first_what_weighs_most_and_goes_out_and_in_as_csv(small: RecordStore, tmp_path: Path) -> None:
    crosswalk = linked(small)
    pairs = queue(crosswalk, {"T1": 3, "T2": 2, "F1": 9})
    assert (pairs.iloc[0]["record_l"], pairs.iloc[0]["impact"]) == ("T1", 2)
    assert pairs["impact"].is_monotonic_decreasing
    path = tmp_path / "queue.csv"
    assert export_queue(path, pairs) == len(pairs)
    assert path.stat().st_mode & 0o777 == 0o600
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    table.loc[0, ["decision", "reviewer", "reason"]] = ["separate", "Reviewer", "twins"]
    table.to_csv(path, index=False)
    assert read_queue(path, DAY, crosswalk.keys) == [
        Decision("T1", "T2", "separate", "Reviewer", "twins", "2026-01-02")
    ]
    table.loc[1, "decision"] = "perhaps"
    table.to_csv(path, index=False)
    with pytest.raises(LinkageError, match="line 3"):
        read_queue(path, DAY, crosswalk.keys)


def test_impact_counts_incidents_as_suspect(small: RecordStore) -> None:
    assert impact_of(small.latest()) == {"A1": 1, "A2": 1, "E1": 1}


def test_a_split_separates_every_pair_and_a_merge_links_the_first_records(small: RecordStore) -> None:
    crosswalk = linked(small)
    parted = split(crosswalk, "A1", ["A3"], "Reviewer", "sisters", DAY)
    assert {(each.record_l, each.record_r) for each in parted} == {("A1", "A3"), ("A2", "A3")}
    [joined] = merge(crosswalk, "F1", "F3", "Reviewer", "custody record", DAY)
    assert (joined.record_l, joined.record_r, joined.decision) == ("F1", "F3", LINK)
    with pytest.raises(LinkageError, match="not some of the 3 records"):
        split(crosswalk, "A1", ["A1", "A2", "A3"], "Reviewer", "why", DAY)
    with pytest.raises(LinkageError, match="no person"):
        merge(crosswalk, "F1", "nobody", "Reviewer", "why", DAY)


def test_a_made_up_force_is_linked_and_no_look_alike_is_merged(force: tuple[RecordStore, Path]) -> None:
    store, truth = force
    crosswalk = linked(store)
    records = pd.read_parquet(truth / "person_records.parquet")
    found = accuracy(crosswalk.persons, records)
    assert crosswalk.card["model"]["origin"] == "learnt"
    assert found.precision >= 0.99
    assert found.recall >= 0.94
    merged = look_alikes_merged(crosswalk.persons, records, pd.read_parquet(truth / "lookalikes.parquet"))
    assert (merged["twins"], merged["father_son"]) == (0, 0)
    assert crosswalk.card["counts"]["records"] == len(records)


def test_learning_leaves_no_trace_of_threads_or_of_the_order_of_pairs(
    force: tuple[RecordStore, Path], tmp_path: Path
) -> None:
    store, _ = force
    first = linked(store)
    with workbench(store.root, threads=1) as db:
        again = link(db, tmp_path, store.latest(), SETTINGS)
    assert again.card["model"] == first.card["model"]
    assert again.version == first.version


def test_accuracy_counts_a_wrong_merge_and_a_missed_one() -> None:
    persons = pd.DataFrame({"record_id": ["1", "2", "3", "4"], "person_id": ["a", "a", "a", "b"]})
    truth = pd.DataFrame({"record_id": ["1", "2", "3", "4"], "person": ["x", "x", "y", "y"]})
    found = accuracy(persons, truth)
    assert (found.found_pairs, found.right_pairs, found.true_pairs) == (3, 1, 2)
    assert (found.precision, found.recall) == (1 / 3, 1 / 2)
    alike = pd.DataFrame({"person_a": ["x"], "person_b": ["y"], "kind": ["twins"]})
    assert look_alikes_merged(persons, truth, alike) == {"twins": 1}
