"""Lists released in the past are audited again once their outcomes are known, and answer at the gate of the next."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from typing import Any

import pytest
import yaml

from drive_panel.errors import NotConfigured
from drive_panel.workflows import evidence, policies, release, score
from drive_panel.workspace import Workspace
from fairness import load_policy
from features import build_stream
from models import Bundle
from records import RecordStore
from serving.panel import Offer, Particulars, Support
from serving.people import demo_people
from values import AsOf, Hash, silent

WHY = "Made up: the audit was read."


@pytest.fixture(scope="module")
def workspace(small: Any, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy of the small force as a demonstration, whose simple list may be scored for days gone by."""
    home = tmp_path_factory.mktemp("evidence") / "workspace"
    shutil.copytree(small.home.path, home, ignore=shutil.ignore_patterns("mlflow"))
    (home / "mode").write_text("demo\n", encoding="utf-8")
    return Workspace.open(home)


def released(workspace: Workspace, day: str) -> dict[str, Any]:
    """Score a day and release the list, as its verdict allows."""
    scored = score.run(workspace, AsOf.parse(day), "castlebridge", silent)
    for reviewer in ("reviewer-1", "reviewer-2"):
        release.act(workspace, scored["run"], "waive", WHY, None, reviewer, scored["acknowledge"])
    return scored


def decide(workspace: Workspace, run: str) -> int:
    """Let the chair accept who stands above the line and defer the others; return how many were accepted."""
    chair = next(each for each in demo_people() if each.user == "chair")
    accepted = 0
    with release.batch_service(workspace) as service:
        for row in service.released_list(run).section("ranked"):
            checks = service.case(run, row["person"]).document["safety"]
            accept = row["above_line"] and all(check["status"] == "clear" for check in checks)
            accepted += accept
            how = ("accept_direct", None) if accept else ("defer", service.today() + timedelta(days=90))
            told = Particulars(Support("IDVA service", Offer.OFFERED)) if accept else None
            service.decide(
                run, row["person"], chair, how[0], "pattern", WHY, how[1], safety_confirmed="IDVA", particulars=told
            )
    return accepted


def test_a_list_of_the_past_is_audited_with_its_outcomes_and_answers_at_the_next_gate(workspace: Workspace) -> None:
    nothing = evidence.run(workspace, silent)
    assert nothing["not_available"] == [evidence._NO_LIST]
    assert {point["kind"] for point in nothing["points"]} == {"backtest"}

    first = released(workspace, "2024-03-31")
    decide(workspace, first["run"])
    found = evidence.run(workspace, silent)
    assert [(each["run"], each["outcomes_known"]) for each in found["lists"]] == [(first["run"], True)]
    assert set(found["audits"]) == {evidence.SO_FAR, evidence.KNOWN}
    so_far, known = found["audits"][evidence.SO_FAR], found["audits"][evidence.KNOWN]
    with release.batch_service(workspace) as service:
        then = service.audit(first["run"])["audits"]["this list"]["tables"][0]
    # Of the cohort all but those under age; at the time those held or apart were left out too.
    assert then["people"] <= so_far["tables"][0]["people"] <= first["cohort"]
    assert so_far["tables"][0]["selected"] == then["selected"] == first["capacity"]
    assert {table["outcomes_unknown"] for table in so_far["tables"]} == {table["rows"] for table in so_far["tables"]}
    assert known["tables"][0]["outcomes"] > 0
    points = [(point["label"], point["line"]) for point in found["points"] if point["kind"] == "released"]
    assert points == [(first["run"], "own line"), (first["run"], "audit depth")]
    assert found["alarms"]["rang"] == []
    assert found["policy_check"]["loadable"]
    assert found["changes"] is None  # one bundle made both
    referrals = RecordStore(workspace.records).latest().table("referrals", ["known_to"])["known_to"].isna().sum()
    assert {row["kind"] for row in found["funnel"]["rows"]} == {"accepted", "disrupt_only", "started", "completed"}
    told = [row for row in found["funnel"]["rows"] if not row.get("suppressed")]
    assert all(10 <= row["n"] <= referrals for row in told)
    for row in found["decisions"]["rows"]:
        assert row.get("suppressed") or row["parts"]["placement"] + row["parts"]["panel"] == pytest.approx(
            row["parts"]["difference"], abs=1e-5
        )
    assert "P-" not in json.dumps({key: value for key, value in found.items() if key != "lists"})  # no pseudonym
    with release.batch_service(workspace) as service:
        assert service.evidence()["decisions"] == json.loads(json.dumps(found["decisions"]))  # type: ignore[index]
        assert service.ledger(1)[0].action == "evidence.gathered"

    second = score.run(workspace, AsOf.parse("2024-06-30"), "castlebridge", silent)
    with release.batch_service(workspace) as service:
        audits = service.audit(second["run"])["audits"]
        assert audits[evidence.KNOWN]["evidence"] == "cumulative"
        of = {name: {each["area"] for each in audits[name]["areas"]} for name in ("this list", evidence.SO_FAR)}
        assert of == {"this list": {"castlebridge"}, evidence.SO_FAR: {"castlebridge"}}
        assert audits[evidence.SO_FAR]["verdict"] in ("insufficient", "refuse")
        made = [entry for entry in service.ledger(None) if entry.action == evidence.CUMULATED]
    assert len(made) == 1


def test_cumulated_evidence_is_made_again_where_its_file_was_changed(workspace: Workspace) -> None:
    (place,) = (workspace.home / "evidence").glob("*.json")
    whole = place.read_bytes()
    place.write_bytes(whole.replace(b'"refuse"', b'"pass"') + b" ")
    score.run(workspace, AsOf.parse("2024-06-30"), "castlebridge", silent)
    assert place.read_bytes() == whole


def test_a_reworded_policy_forgets_no_released_list(workspace: Workspace) -> None:
    text = workspace.policy.read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    before = load_policy(workspace.policy).hash
    try:
        workspace.policy.write_text(yaml.safe_dump({**content, "reason": "Said otherwise."}), encoding="utf-8")
        policy = load_policy(workspace.policy)
        snapshot = RecordStore(workspace.records).latest()
        stream = build_stream(snapshot, silent)
        with release.batch_service(workspace) as service:
            (past,) = service.past_lists()
            bundle = Bundle.load(workspace.bundles / Hash(past.header["hashes"]["bundle"]))
            again = evidence.of_bundle(workspace, snapshot, stream, service, bundle, policy, date(2024, 6, 30))
    finally:
        workspace.policy.write_text(text, encoding="utf-8")
    assert past.policy == before != policy.hash
    assert {name: report.policy.hash for name, report in again.items()} == {
        evidence.SO_FAR: policy.hash,
        evidence.KNOWN: policy.hash,
    }


def test_who_set_which_policy_is_told_with_what_it_changed(workspace: Workspace) -> None:
    (found,) = policies.history(workspace)["versions"]
    assert (found["how"], found["by"], found["changes"]) == ("found", "", None)
    content = yaml.safe_load(workspace.policy.read_text(encoding="utf-8"))
    draft = workspace.home / "draft.yaml"
    draft.write_text(yaml.safe_dump({**content, "alpha": 0.04}, sort_keys=False), encoding="utf-8")
    with pytest.raises(NotConfigured, match="for a reason"):
        policies.put_in_force(workspace, draft, "r.reviewer", " ")
    policies.put_in_force(workspace, draft, "r.reviewer", "Agreed by the committee")
    assert load_policy(workspace.policy).alpha == 0.04
    workspace.policy.write_text(yaml.safe_dump({**content, "alpha": 0.03}, sort_keys=False), encoding="utf-8")
    _, second, third = policies.history(workspace)["versions"]
    assert (second["how"], second["by"], second["reason"]) == ("set", "r.reviewer", "Agreed by the committee")
    assert second["changes"] == [{"field": "alpha", "was": "0.05", "is": "0.04"}]
    assert (third["how"], third["by"], third["changes"]) == (
        "found",
        "",
        [{"field": "alpha", "was": "0.04", "is": "0.03"}],
    )
    (workspace.home / "policies" / f"{second['hash']}.yaml").write_text("alpha: 0.9\n", encoding="utf-8")
    changed = policies.history(workspace)["versions"]
    assert [version["copy"] for version in changed] == [True, False, True]
    assert "what it said cannot be shown" in "\n".join(policies.describe({"versions": changed}))
