"""The whole way of a link: `drive-panel link` puts pairs up, people answer, the next `link` holds to what they said."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drive_panel.settings import DatabaseURLs
from drive_panel.workflows import link as linking
from drive_panel.workflows import link_review
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from records import Keyring, RecordStore
from records.linkage import Decisions
from serving import Person, Role
from serving.access.links import answer, close_challenge, reviews
from serving.access.viewing import Viewing
from serving.filing import Draft
from serving.panel.requests import LINK
from synthetic import ForceSettings, Plant, make_force

on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
DAY = date(2026, 1, 2)
FIRST, SECOND = (Person(name, name, Role.DATA_SCIENTIST) for name in ("first", "second"))


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the records of a small made-up force, several records a person."""
    folder = tmp_path_factory.mktemp("made")
    settings = ForceSettings(persons=150, years=3, seed=6, plants=(Plant.parse("duplicate_records"),))
    make_force(folder / "force", settings)
    place = Workspace.open(folder / "home")
    place.write(place.home / "linkage.yaml", "fewest_records: 100000")  # the shipped weights: nothing is learnt
    RecordStore(place.records).ingest(folder / "force" / "extract")
    return place.home


@pytest.fixture
def workspace(ingested: Path, tmp_path: Path, database: Any) -> Workspace:
    shutil.copytree(ingested, tmp_path / "home")
    if database.dialect == "postgresql":
        return Workspace.open(tmp_path / "home", DatabaseURLs(owner=database.panel))
    return Workspace.open(tmp_path / "home")


def pairs_of(workspace: Workspace) -> list[Any]:
    with batch_service(workspace) as service:
        return [each.pair for each in reviews(Viewing(service, FIRST))]


def say(workspace: Workspace, pair: Any, said: str, *people: Person) -> None:
    with batch_service(workspace) as service:
        for person in people:
            answer(Viewing(service, person), pair.pair, said, "The custody photographs", pair.round)


def disjoint(pairs: list[Any]) -> list[Any]:
    """Return the first pair of each two persons, none of whom is in an earlier one."""
    found, met = [], set[str]()
    for pair in pairs:
        persons = {pair.person_l, pair.person_r}
        if not persons & met:
            found.append(pair)
        met |= persons
    return found


@on_both
def test_what_reviewers_settle_holds_from_the_next_linkage_on(workspace: Workspace) -> None:
    before = linking.run(workspace)
    found = pairs_of(workspace)
    assert len(found) == before.to_dict()["grey"] == before.asked > 5
    merged, apart, unsure, alone = disjoint(found)[:4]
    say(workspace, merged, "same", FIRST, SECOND)
    say(workspace, apart, "different", FIRST)
    say(workspace, unsure, "cannot_tell", FIRST, SECOND)
    say(workspace, alone, "same", FIRST)  # one person's word merges nobody
    after = linking.run(workspace)
    keys = after.crosswalk.keys

    def is_one(pair: Any, of: dict[str, str] = keys) -> bool:
        return of[pair.content["record_l"]] == of[pair.content["record_r"]]

    assert [is_one(each, before.crosswalk.keys) for each in (merged, apart, unsure, alone)] == [False] * 4
    assert [is_one(each) for each in (merged, apart, unsure, alone)] == [True, False, False, False]
    assert (after.read_back, after.contradictions) == (2, ())
    names = {each.pair for each in pairs_of(workspace)}
    assert names & {merged.pair, apart.pair} == set()
    assert names >= {unsure.pair, alone.pair}
    assert link_review.read_back(workspace) == 0  # once is enough
    by = {(each.record_l, each.record_r): each.reviewer for each in Decisions(workspace.records).all()}
    assert by[merged.content["record_l"], merged.content["record_r"]] == "first, second"
    with batch_service(workspace) as service:
        assert service.verify().ok


def test_a_challenged_link_is_taken_apart_by_two_and_contradicting_decisions_are_told(workspace: Workspace) -> None:
    linked = linking.run(workspace)
    sizes = linked.crosswalk.persons.groupby("person_id").size()
    person = str(sizes[sizes == 3].index[0])
    name = Keyring(workspace.keys / "pseudonyms.db").pseudonyms([person])[person]
    with batch_service(workspace) as service:
        draft = Draft(LINK, "a-run", "castlebridge", {"why": "Two men", "outcome": ""}, name)
        number = service.file(Person("chair", "Chair", Role.CHAIR), draft)
    linking.run(workspace)
    challenged = [each for each in pairs_of(workspace) if each.content["why"] == "challenge" and each.together]
    assert [len(challenged), {each.person_l for each in challenged}] == [2, {name}]
    one, other = challenged
    assert one.content["probability"] is None
    say(workspace, one, "different", FIRST)
    assert link_review.read_back(workspace) == 0  # taking a person apart takes two
    say(workspace, one, "different", SECOND)
    split = linking.run(workspace)
    keys, records = split.crosswalk.keys, (one.content["record_l"], one.content["record_r"])
    assert keys[records[0]] != keys[records[1]]
    # A third record is said to be both of them: that cannot be, and nobody resolves it silently.
    (third,) = {other.content["record_l"], other.content["record_r"]} - set(records)
    for record in records:
        linking.review_decide(workspace, third, record, "link", by="R", reason="One man", on=DAY)
    told = linking.run(workspace)
    assert len(told.contradictions) == told.to_dict()["contradictions"] == 1
    assert told.crosswalk.keys[records[0]] != told.crosswalk.keys[records[1]]  # the word that they are two stands
    assert any("Decisions contradict each other" in line for line in linking.describe(told))
    queue = [each for each in pairs_of(workspace) if each.content["why"] == "contradiction"]
    assert [(each.content["record_l"], each.content["record_r"]) for each in queue] == list(told.contradictions)
    with batch_service(workspace) as service:
        close_challenge(Viewing(service, FIRST), number, "Two men; taken apart")
    link_review.publish(workspace, told.snapshot, told.crosswalk, Decisions(workspace.records).current())
    assert [each for each in pairs_of(workspace) if each.content["why"] == "challenge"] == []
