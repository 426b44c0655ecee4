"""Governance papers as the service gives them out, what releases rest on, and evidence of deletion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.accounts import Accounts
from serving.filing import Draft
from serving.web import WebSettings, create_app

DATABASES = ("sqlite", "postgresql")
REVIEWER = Person("reviewer-1", "R", Role.REVIEWER)


@pytest.fixture
def browse(service: Service) -> Callable[[Person], TestClient]:
    app = create_app(service, WebSettings(demo=False))

    def sign_in(person: Person) -> TestClient:
        Accounts(service.stores).make_up(person)
        token = app.state.web.sessions.start(person)
        return TestClient(app, base_url="https://panel.example", cookies={"__Host-panel": token})

    return sign_in


def test_papers_are_missing_then_given_out_and_not_once_they_are_stale(
    browse: Callable[[Person], TestClient],
    service: Service,
    released: str,
    keep_papers: Callable[..., dict[str, bytes]],
    tmp_path: Path,
) -> None:
    client = browse(REVIEWER)
    assert "Nobody has made them yet" in client.get("/papers").text
    (told,) = client.get("/api/v1/papers").json()["papers"]
    assert (told["run"], told["state"], told["files"]) == (released, "missing", {})
    assert client.get(f"/papers/{released}/pack.zip").status_code == 404
    files = keep_papers(service, tmp_path, released, "released")
    page = client.get("/papers").text
    assert client.get("/api/v1/papers").json()["papers"][0]["files"].keys() == files.keys()
    assert "Papers fresh" in page
    assert "2 answers are missing" in page
    given = client.get(f"/papers/{released}/atrs.pdf")
    assert (given.content, given.headers["content-type"]) == (files["atrs.pdf"], "application/pdf")
    assert given.headers["content-disposition"] == f'attachment; filename="{released}-atrs.pdf"'
    assert client.get(f"/papers/{released}/pack.zip").content == files["pack.zip"]
    assert client.get(f"/papers/{released}/..%2f..%2fgovernance.yaml").status_code == 404

    governance = tmp_path / "governance.yaml"
    before = governance.read_text(encoding="utf-8")
    governance.write_text("owner: somebody else\n", encoding="utf-8")
    assert "The governance file has changed since they were made." in client.get("/papers").text
    assert client.get(f"/papers/{released}/atrs.pdf").status_code == 404
    governance.write_text(before, encoding="utf-8")
    (tmp_path / "reports" / "papers" / released / "atrs.pdf").write_bytes(b"other")
    assert client.get(f"/papers/{released}/atrs.pdf").status_code == 409
    service.review(released, REVIEWER, "withdraw", "Wrong extract")
    page = client.get("/papers").text
    assert "The list was released when they were made, and is withdrawn now." in page
    assert "pack.zip" not in page


def test_nobody_elsewhere_learns_of_a_runs_papers(
    browse: Callable[[Person], TestClient],
    service: Service,
    released: str,
    keep_papers: Callable[..., dict[str, bytes]],
    tmp_path: Path,
) -> None:
    keep_papers(service, tmp_path, released, "released")
    elsewhere = browse(Person("reviewer-3", "R", Role.REVIEWER, frozenset({"ashford"})))
    page = elsewhere.get("/papers").text
    assert released not in page
    assert "Castlebridge" not in page
    assert "counted over all areas" in page
    assert elsewhere.get(f"/papers/{released}/pack.zip").status_code == 404


def test_the_page_tells_what_a_release_rests_on_and_how_many_were_erased(
    browse: Callable[[Person], TestClient], service: Service, released: str, made_up: Any, make: Callable[..., Any]
) -> None:
    other = make(area="ashford")
    lapses = [{"what": "governance.yaml approvals.ethics", "on": "2026-06-01"}]
    other.but(gate={**other.gate, "lapses": lapses, "blocks": ["governance.yaml does not say who owns it"]}).into(
        service
    )
    service.erase(made_up.rows[8]["person"], "admin")
    service.note("officer", "retention.kept", "P-0001", {"as_of": "2026-04-01", "reason": "Open case"})
    counts = {"as_of": "2026-03-31", "tables": {"incidents": {"due": 12, "dispose": 2}}}
    administrator = Person("admin", "A", Role.ADMINISTRATOR)
    service.file(administrator, Draft("retention_due", "retention", "*", counts))
    page = browse(REVIEWER).get("/papers").text
    assert "governance.yaml approvals.ethics ends on 1 June 2026" in page
    assert "Missing or over: governance.yaml does not say who owns it" in page
    assert "Its release ends on 6 May 2026" in page
    assert "1, the last on 1 April 2026" in page
    assert "12 entries as of 31 March 2026" in page
    assert made_up.rows[8]["person"] not in page
    chair = browse(Person("chair", "C", Role.CHAIR)).get("/papers").text
    assert "Retention and deletion" not in chair


def test_the_policy_is_shown_with_its_chances_and_its_history(
    browse: Callable[[Person], TestClient], service: Service, released: str, evidence: Callable[..., dict[str, Any]]
) -> None:
    client = browse(REVIEWER)
    assert "Not available yet" in client.get("/policy").text
    gathered = evidence(released)
    service.keep_evidence({name: part for name, part in gathered.items() if name != "policy_check"}, "batch")
    assert "gathered before it held this" in client.get("/policy").text
    service.keep_evidence(gathered, "batch")
    page = client.get("/policy").text
    assert "pass in 60% of lists and be refused in under 1%" in page
    assert "over 99%" in page
    assert "Not assessable: under the floor" in page
    assert "alpha: 0.05 before, 0.01 now" in page
    assert "r.reviewer" in page
    over_time = client.get("/evidence").text
    assert "What became of people who were referred" in over_time
    assert "no area has two released lists that different bundles made" in over_time
