from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from serving import Batch, Person, Role, Service
from serving.access.accounts import Accounts
from serving.errors import (
    GateRefused,
    ListChanged,
    NoLiveRelease,
    NotFound,
    NotPermitted,
    ReviewRefused,
    RunRefused,
    StoreError,
)

DATABASES = ("sqlite", "postgresql")
NAMES = ["subjects/ethnicity/mixed"]


def test_a_run_awaits_review_and_shows_nothing(service: Service, made_up: Any) -> None:
    run = made_up.into(service)
    assert run == f"2026-03-31-castlebridge-{service.run(run).list_hash[:8]}"
    assert service.state(run) == "awaiting"
    assert service.runs()[0].needs == "A governance reviewer to approve or refuse"
    with pytest.raises(NoLiveRelease, match="awaiting review"):
        service.released_list(run)
    with pytest.raises(NoLiveRelease):
        service.publish(run)


def test_an_approved_and_published_list_reads_back_as_recorded(
    service: Service, made_up: Any, reviewer: Person
) -> None:
    run = made_up.into(service)
    result = service.review(run, reviewer, "approve", "Audit read", acknowledged=NAMES)
    assert (result.state, result.expires) == ("released", date(2026, 5, 6))
    with pytest.raises(NoLiveRelease, match="not yet published"):
        service.released_list(run)
    service.publish(run)
    service.publish(run)
    found = service.released_list(run)
    assert list(found.rows) == made_up.rows
    assert found.header == made_up.header
    assert found.list_hash == service.run(run).list_hash
    person = made_up.rows[0]["person"]
    assert service.case(run, person).document == made_up.cases[person]
    assert service.identities(found)[person]["family_name"] == "Number0"


def test_recording_the_identical_run_again_does_nothing(service: Service, made_up: Any) -> None:
    assert made_up.into(service) == made_up.into(service)
    assert [entry.action for entry in service.ledger()] == ["run.recorded"]


def test_recording_the_run_with_another_audit_is_refused(service: Service, made_up: Any) -> None:
    made_up.into(service)
    with pytest.raises(RunRefused, match="recorded before"):
        made_up.but(audit={**made_up.audit, "alerts": []}).into(service)


@pytest.mark.parametrize(
    ("verdict", "for_panel", "blocks", "act", "error", "words"),
    [
        ("pass", True, [], "waive", ReviewRefused, "nothing to waive"),
        ("insufficient", True, [], "approve", GateRefused, "cannot be approved"),
        ("refuse", True, [], "approve", GateRefused, "cannot be waived"),
        ("refuse", True, [], "waive", GateRefused, "cannot be waived"),
        ("pass", False, [], "approve", GateRefused, "not promoted"),
        ("insufficient", False, [], "waive", GateRefused, "not promoted"),
        ("pass", True, ["no DPIA"], "approve", GateRefused, "no DPIA"),
    ],
)
def test_the_gate_allows_nothing_but_its_verdict(
    service: Service,
    make: Callable[..., Any],
    reviewer: Person,
    verdict: str,
    for_panel: bool,
    blocks: list[str],
    act: str,
    error: type[Exception],
    words: str,
) -> None:
    run = make(verdict=verdict)
    run.header["bundle"]["for_panel"] = for_panel
    run.gate["blocks"] = blocks
    name = run.into(service)
    with pytest.raises(error, match=words):
        service.review(name, reviewer, act, "Because", acknowledged=NAMES)
    assert service.state(name) == ("refused" if verdict == "refuse" else "awaiting")


def test_a_waiver_needs_two_different_reviewers_and_the_earlier_expiry_holds(
    service: Service, make: Callable[..., Any], reviewer: Person, second_reviewer: Person
) -> None:
    run = make(verdict="insufficient").into(service)
    first = service.review(run, reviewer, "waive", "Small area", date(2026, 4, 20), NAMES)
    assert (first.state, first.needs, first.release) == ("awaiting", "a second reviewer", None)
    with pytest.raises(ReviewRefused, match="waived this run already"):
        service.review(run, reviewer, "waive", "Again", acknowledged=NAMES)
    second = service.review(run, second_reviewer, "waive", "Agreed", date(2026, 5, 20), NAMES)
    assert (second.state, second.expires) == ("released", date(2026, 4, 20))


def test_a_list_of_real_people_whose_trainer_is_no_user_is_not_released(
    service: Service, made_up: Any, reviewer: Person
) -> None:
    run = made_up.but(header={**made_up.header, "synthetic": False}).into(service)
    for act in ("approve", "waive"):
        with pytest.raises(ReviewRefused, match="no user of this service"):
            service.review(run, reviewer, act, "Read", acknowledged=NAMES)
    for number, person in enumerate((Person("scientist", "S", Role.DATA_SCIENTIST), reviewer)):
        Accounts(service.stores).add(person, "admin", identity={"staff_number": f"{number}1"})
    assert service.review(run, reviewer, "approve", "Read", acknowledged=NAMES).state == "released"
    again = made_up.but(header={**made_up.header, "synthetic": False, "as_of": "2026-04-30"}, trained_by="root")
    refused = service.review(again.into(service), reviewer, "refuse", "Who is root?")
    assert refused.state == "refused"


def test_who_trained_the_bundle_reviews_none_of_its_lists(service: Service, made_up: Any) -> None:
    run = made_up.into(service)
    trainer = Person("scientist", "S", Role.REVIEWER)
    for act in ("approve", "refuse", "waive"):
        with pytest.raises(ReviewRefused, match="trained this bundle"):
            service.review(run, trainer, act, "Mine", acknowledged=NAMES)


@pytest.mark.parametrize("role", [Role.CHAIR, Role.PANEL_MEMBER, Role.DATA_SCIENTIST, Role.ADMINISTRATOR])
def test_only_reviewers_review(service: Service, made_up: Any, role: Role) -> None:
    run = made_up.into(service)
    with pytest.raises(NotPermitted):
        service.review(run, Person("x", "X", role), "approve", "r", acknowledged=NAMES)


def test_each_not_assessable_cell_is_acknowledged_by_name(service: Service, made_up: Any, reviewer: Person) -> None:
    run = made_up.into(service)
    with pytest.raises(ReviewRefused, match="subjects/ethnicity/mixed"):
        service.review(run, reviewer, "approve", "Read")
    with pytest.raises(ReviewRefused, match="needs a reason"):
        service.review(run, reviewer, "approve", "  ", acknowledged=NAMES)


@pytest.mark.parametrize("expires", [date(2026, 4, 1), date(2026, 3, 1), date(2026, 7, 1)])
def test_a_release_expires_after_today_and_within_ninety_days(
    service: Service, made_up: Any, reviewer: Person, expires: date
) -> None:
    run = made_up.into(service)
    with pytest.raises(ReviewRefused, match="within 90 days"):
        service.review(run, reviewer, "approve", "Read", expires, NAMES)


LAPSES = [
    {"what": "governance.yaml", "on": "2026-06-01"},
    {"what": "governance.yaml approvals.ethics", "on": "2026-04-20"},
]


def test_an_approval_that_ended_since_the_scoring_blocks_the_review(
    service: Service, make: Callable[..., Any], reviewer: Person, second_reviewer: Person, clock: Any
) -> None:
    made = make(verdict="insufficient")
    run = made.but(gate={**made.gate, "lapses": LAPSES}).into(service)
    assert service.run(run).summary.needs.startswith("Two governance reviewers")
    service.review(run, reviewer, "waive", "Small area", acknowledged=NAMES)
    clock.forward(days=19)
    with pytest.raises(GateRefused, match=r"approvals\.ethics ends today"):
        service.review(run, second_reviewer, "waive", "Agreed", acknowledged=NAMES)
    clock.forward(days=1)
    with pytest.raises(GateRefused, match=r"approvals\.ethics ended on 2026-04-20"):
        service.review(run, second_reviewer, "waive", "Agreed", acknowledged=NAMES)
    assert service.run(run).gate["blocks"] == ["governance.yaml approvals.ethics ended on 2026-04-20"]
    assert service.run(run).summary.needs.startswith("It cannot be released")
    assert service.ledger(1)[0].action == "refused.review.waive"


def test_no_release_outlasts_what_it_rests_on(service: Service, made_up: Any, reviewer: Person) -> None:
    run = made_up.but(gate={**made_up.gate, "lapses": LAPSES}).into(service)
    with pytest.raises(ReviewRefused, match=r"outlast governance\.yaml approvals\.ethics, which ends on 2026-04-20"):
        service.review(run, reviewer, "approve", "Read", date(2026, 4, 21), NAMES)
    assert service.review(run, reviewer, "approve", "Read", acknowledged=NAMES).expires == date(2026, 4, 20)


def test_a_refused_run_stays_refused(service: Service, made_up: Any, reviewer: Person) -> None:
    run = made_up.into(service)
    assert service.review(run, reviewer, "refuse", "Alert unexplained").state == "refused"
    with pytest.raises(ReviewRefused, match="is refused"):
        service.review(run, reviewer, "approve", "Changed my mind", acknowledged=NAMES)


def test_a_withdrawn_list_is_gone_at_once_and_for_good(service: Service, released: str, reviewer: Person) -> None:
    assert service.review(released, reviewer, "withdraw", "Wrong extract").state == "withdrawn"
    with pytest.raises(NoLiveRelease, match="withdrawn"):
        service.released_list(released)
    with pytest.raises(NoLiveRelease, match="withdrawn"):
        service.publish(released)


def test_a_release_lasts_through_its_last_london_day(service: Service, released: str, clock: Any) -> None:
    clock.now = clock.now.replace(month=5, day=6, hour=22)
    assert service.state(released) == "released"
    clock.forward(hours=1)  # midnight in London, British Summer Time
    assert service.state(released) == "expired"
    with pytest.raises(NoLiveRelease, match="expired"):
        service.released_list(released)


def test_two_reviewers_at_once_make_one_release(
    service: Service, made_up: Any, reviewer: Person, second_reviewer: Person
) -> None:
    run = made_up.into(service)
    results: list[str] = []

    def approve(person: Person) -> None:
        try:
            results.append(service.review(run, person, "approve", "Read", acknowledged=NAMES).state)
        except ReviewRefused:
            results.append("too late")

    threads = [threading.Thread(target=approve, args=(person,)) for person in (reviewer, second_reviewer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["released", "too late"]


def test_the_web_process_cannot_reach_unreleased_lists(tmp_path: Path, clock: Any, made_up: Any, database: Any) -> None:
    web = Batch(database.panel, None, tmp_path / "keys", clock)
    with pytest.raises(StoreError, match="does not open unreleased lists"):
        made_up.into(web)
    web.close()


def test_unreleased_rows_are_nowhere_in_the_panel_database(service: Service, made_up: Any, database: Any) -> None:
    made_up.into(service)
    content = database.content()
    assert service.runs()[0].run.encode() in content
    assert not any(row["person"].encode() in content for row in made_up.rows)


def test_names_are_encrypted_at_rest_and_files_are_private(
    service: Service, released: str, tmp_path: Path, database: Any
) -> None:
    heads = (tmp_path / "keys" / "heads.jsonl").read_bytes()
    for content in (database.content(), database.content(scores=True), heads):
        assert released.encode() in content or content is heads
        assert b"Number0" not in content
        assert b"Made Up Road" not in content
    for path in [*tmp_path.glob("*.db"), *(tmp_path / "keys").iterdir()]:
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET actor = 'x'",
        "DELETE FROM ledger",
        "UPDATE releases SET expires = '2099-01-01'",
        "DELETE FROM releases",
        "UPDATE reviews SET reviewer = 'x'",
        "UPDATE published SET header = '{}'",
        "UPDATE published_rows SET document = '{}'",
        "UPDATE published_rows SET document = NULL, person = NULL, hash = 'x'",
        "DELETE FROM published_rows",
        "UPDATE published_cases SET document = '{}'",
        "DELETE FROM published_cases",
        "UPDATE runs SET gate = '{}'",
        "INSERT INTO published_rows VALUES ('nowhere', 0, 'h', 'h', 'p', '{}')",
        "INSERT INTO published_cases VALUES ('nowhere', 'h', 'h', 'p', '{}')",
        "INSERT INTO published VALUES ('nowhere', 'R', 'h', '{}', '2026-04-01')",
    ],
)
def test_triggers_refuse_direct_sql(released: str, database: Any, statement: str) -> None:
    with pytest.raises(IntegrityError, match=r"never changed|never deleted|no live release|only erasure"):
        database.sql(statement)


def test_rows_for_another_list_hash_cannot_be_put_in(released: str, database: Any) -> None:
    with pytest.raises(IntegrityError, match="no live release"):
        database.sql(
            f"INSERT INTO published_rows VALUES ('{released}', 99, 'other', 'h', 'p', '{{}}')",
        )


def test_no_rows_can_be_put_in_after_withdrawal(
    service: Service, released: str, reviewer: Person, database: Any
) -> None:
    hashed = service.run(released).list_hash
    service.review(released, reviewer, "withdraw", "Wrong extract")
    with pytest.raises(IntegrityError, match="no live release"):
        database.sql(
            f"INSERT INTO published_rows VALUES ('{released}', 99, '{hashed}', 'h', 'p', '{{}}')",
        )


@pytest.mark.parametrize(
    ("trigger", "statement"),
    [
        (
            "published_rows_update",
            "UPDATE published_rows SET document = replace(document, 'raised', 'higher') WHERE position = 5",
        ),
        ("published_rows_delete", "DELETE FROM published_rows WHERE position = 8"),
        ("published_update", """UPDATE published SET header = replace(header, '"places":3', '"places":4')"""),
        ("releases_update", "UPDATE releases SET expires = '2026-06-01'"),
        ("releases_update", "UPDATE releases SET list_hash = 'x'"),
        ("runs_update", "UPDATE runs SET gate = replace(gate, 'pass', 'fail')"),
        ("reviews_update", "UPDATE reviews SET reviewer = 'somebody'"),
    ],
)
def test_any_change_behind_a_dropped_trigger_hides_the_list(
    service: Service, released: str, database: Any, trigger: str, statement: str
) -> None:
    service.released_list(released)
    database.sql(f"DROP TRIGGER {trigger}", statement)
    with pytest.raises(ListChanged):
        service.released_list(released)


def test_a_changed_case_hides_the_case(service: Service, released: str, made_up: Any, database: Any) -> None:
    database.sql(
        "DROP TRIGGER published_cases_update",
        "UPDATE published_cases SET document = replace(document, 'alleged', 'charged')",
    )
    with pytest.raises(ListChanged, match="changed after release"):
        service.case(released, made_up.rows[0]["person"])


def test_a_release_put_in_by_hand_is_not_a_release(service: Service, made_up: Any, database: Any) -> None:
    run = made_up.into(service)
    hashed = service.run(run).list_hash
    database.sql(
        f"INSERT INTO releases VALUES ('R-forged', '{run}', '{hashed}', '2026-04-01', '2026-06-01')",
    )
    with pytest.raises(ListChanged, match="does not vouch"):
        service.publish(run)
    assert service.runs()[0].state == "withdrawn"


def test_a_withdrawal_stands_when_its_row_is_removed(
    service: Service, released: str, reviewer: Person, database: Any
) -> None:
    service.review(released, reviewer, "withdraw", "Wrong extract")
    database.sql(
        "DROP TRIGGER withdrawals_delete",
        "DROP TRIGGER reviews_delete",
        "DELETE FROM withdrawals",
        "DELETE FROM reviews WHERE act = 'withdraw'",
    )
    assert service.state(released) == "withdrawn"


def test_identities_cannot_be_swapped(service: Service, released: str, made_up: Any, database: Any) -> None:
    first, second = made_up.rows[0]["person"], made_up.rows[1]["person"]
    database.sql(
        f"UPDATE identities SET sealed = (SELECT sealed FROM identities WHERE person = '{first}')"
        f" WHERE person = '{second}'",
    )
    with pytest.raises(StoreError, match="belongs elsewhere"):
        service.identities(service.released_list(released))


@pytest.mark.parametrize("name", ["bundle", "policy", "governance"])
def test_a_changed_file_hides_the_list_within_thirty_seconds(
    service: Service, released: str, made_up: Any, clock: Any, name: str
) -> None:
    service.released_list(released)
    path = made_up.files[name]
    path = path / "model.txt" if path.is_dir() else path
    before = path.read_bytes()
    path.write_bytes(before[:-1] + b"x")
    clock.forward(seconds=31)
    with pytest.raises(ListChanged, match=f"The {name} file"):
        service.released_list(released)
    path.write_bytes(before)
    clock.forward(seconds=31)
    assert service.released_list(released).rows


def test_an_extra_file_in_the_bundle_hides_the_list(service: Service, released: str, made_up: Any, clock: Any) -> None:
    (made_up.files["bundle"] / "extra.txt").write_text("x", encoding="utf-8")
    clock.forward(seconds=31)
    with pytest.raises(ListChanged, match="bundle"):
        service.released_list(released)


def test_a_scored_list_changed_before_release_is_not_published(
    service: Service, made_up: Any, reviewer: Person, database: Any
) -> None:
    run = made_up.into(service)
    service.review(run, reviewer, "approve", "Read", acknowledged=NAMES)
    database.sql(
        "DROP TRIGGER scored_rows_update",
        "UPDATE scored_rows SET document = replace(document, 'very high', 'high') WHERE position = 0",
        scores=True,
    )
    with pytest.raises(ListChanged, match="was changed"):
        service.publish(run)


def test_an_erased_person_leaves_a_hash_and_the_list_still_verifies(
    service: Service, released: str, made_up: Any
) -> None:
    person = made_up.rows[2]["person"]
    assert service.erase(person, "admin") == 6
    found = service.released_list(released)
    assert (found.not_shown, len(found.rows)) == (1, len(made_up.rows) - 1)
    with pytest.raises(NotFound):
        service.case(released, person)
    assert service.verify().ok


def test_a_row_that_somebody_blanked_is_no_erasure(
    service: Service, released: str, tmp_path: Path, database: Any
) -> None:
    database.sql("UPDATE published_rows SET document = NULL, person = NULL WHERE position = 1")
    with pytest.raises(ListChanged, match="blanked"):
        service.released_list(released)
    found = service.verify()
    assert not found.ok
    assert "row 1" in found.why


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda run: run.rows.reverse(), "order of their places|sections are mixed"),
        (lambda run: run.rows.append(run.rows[0]), "twice|mixed|order"),
        (lambda run: run.rows[0].pop("band"), "rows document is wrong at 0.band"),
        (lambda run: run.rows[0].update(given_name="X"), "holds given_name"),
        (lambda run: run.cases[run.rows[0]["person"]]["facts"].update(x=1), "no case document"),
        (lambda run: run.header["hashes"].update(policy="0" * 64), "policy file does not have the hash"),
        (lambda run: run.files["governance"].unlink(), "governance file of the run is missing"),
        (lambda run: (run.files["bundle"] / "model.txt").write_text("y"), "bundle's file model.txt was changed"),
    ],
)
def test_inconsistent_documents_are_refused(
    service: Service, made_up: Any, spoil: Callable[[Any], Any], words: str
) -> None:
    spoil(made_up)
    with pytest.raises(RunRefused, match=words):
        made_up.into(service)
    assert service.runs() == []
