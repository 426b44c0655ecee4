"""Sign-in settings of a workspace, users and restricted cases on the command line, restrictions read from records."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient
from typer.testing import CliRunner

from drive_panel import sign_in, web
from drive_panel.cli import app
from drive_panel.errors import NotConfigured
from drive_panel.workflows import places
from drive_panel.workflows.release import batch_service
from drive_panel.workflows.restricted import restrictions
from drive_panel.workspace import Workspace
from records import RecordStore
from serving.access.cases import Restriction
from serving.panel.capacity import set_capacity
from serving.people import Person, Role
from values import Capacity

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "administrator.md"


def guided(number: int) -> dict[str, Any]:
    """Return the settings that the guide shows: Entra ID, its groups, Keycloak, its groups, what more there is."""
    shown = GUIDE.read_text(encoding="utf-8").split("```yaml\n")[1 + number].split("```")[0]
    return dict(yaml.safe_load(shown))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    found = Workspace.open(tmp_path / "workspace")
    found.write(found.home / "client-secret", "zxq-7\n")
    found.write(found.home / "panels.yaml", "panels: {}\n")
    return found


def settings(workspace: Workspace, content: dict[str, Any]) -> Any:
    workspace.write(workspace.home / sign_in.FILE, yaml.safe_dump(content))
    return sign_in.web_settings(workspace, sign_in.read(workspace))


def test_the_settings_that_the_guide_shows_are_read_as_it_says(workspace: Workspace) -> None:
    entra = settings(workspace, guided(0))
    assert entra.provider.tenant == "TENANT-ID"
    assert entra.provider.client_secret == "zxq-7"
    assert entra.provider.roles["DrivePanel.Reviewer"] is Role.REVIEWER
    assert (entra.provider.claims.areas, entra.provider.claims.area_prefix) == ("roles", "area.")
    assert entra.hosts == {"panel.force.example"}
    assert (entra.demo, entra.cookie, entra.mark) == (False, "__Host-panel", "OFFICIAL-SENSITIVE")
    assert (entra.idle, entra.longest) == (timedelta(minutes=30), timedelta(hours=8))
    keycloak = settings(workspace, guided(2))
    assert keycloak.provider.claims.roles == "realm_access.roles"
    assert set(keycloak.provider.roles.values()) == set(entra.provider.roles.values())
    further = settings(workspace, {**guided(2), **guided(4)})
    assert further.longest == timedelta(hours=8)
    by_id, by_path = (settings(workspace, {**guided(whole), **guided(whole + 1)}).provider for whole in (0, 2))
    assert list(by_id.areas.values()) == ["ashford"]
    assert (by_path.areas, by_path.claims.area_prefix) == ({}, "/areas/")
    assert list(by_id.roles.values()) == list(by_path.roles.values()) == [Role.CHAIR]


def test_a_secret_is_neither_printed_nor_readable_by_others(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = settings(workspace, guided(0))
    assert "zxq-7" not in repr(found)
    assert found.secret not in repr(found)
    assert found.secret == settings(workspace, guided(0)).secret
    (workspace.home / "client-secret").chmod(0o644)
    with pytest.raises(NotConfigured, match="Others can read client-secret"):
        settings(workspace, guided(0))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "panel-secret").write_text("from systemd")
    provider = {key: value for key, value in guided(0)["provider"].items() if key != "client_secret_file"}
    given = settings(workspace, {**guided(0), "provider": {**provider, "client_secret_credential": "panel-secret"}})
    assert given.provider.client_secret == "from systemd"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"address": "http://panel.force.example"}, "must begin with https"),
        ({"address": "https://panel.force.example/app"}, "wrong at address"),
        ({"trusted_proxies": ["*"]}, "names addresses"),
        ({"roles": {"x": "king"}}, "wrong at roles.x"),
        ({"roles": {"x": "service_account"}}, "roles are chair"),
        ({"areas": {"x": "ashford"}, "claims": {}}, "areas needs claims.areas"),
        ({"session": {"idle_minutes": 0}}, "wrong at session.idle_minutes"),
        ({"more": 1}, "wrong at more"),
        ({"provider": {"tenant": ""}}, "tenant is needed"),
        ({"provider": {"client_secret_file": "none"}}, "cannot be read from none"),
        ({"provider": {"client_secret_credential": "x"}}, "give either"),
        ({"provider": {"scope": "profile"}}, "must hold openid"),
    ],
)
def test_settings_that_are_wrong_say_where(workspace: Workspace, change: dict[str, Any], where: str) -> None:
    content = guided(0)
    provider = {**content["provider"], **change.pop("provider", {})}
    with pytest.raises(NotConfigured, match=where):
        settings(workspace, {**content, "provider": provider, **change})


def drive_panel(workspace: Workspace, *arguments: str) -> Any:
    return CliRunner().invoke(app, ["--home", str(workspace.home), *arguments])


def told(workspace: Workspace, *arguments: str) -> dict[str, Any]:
    done = drive_panel(workspace, *arguments, "--json")
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def test_a_real_workspace_is_served_once_sign_in_is_set_up(workspace: Workspace) -> None:
    refused = drive_panel(workspace, "serve")
    assert refused.exit_code == 1
    assert "there is no sign-in.yaml" in refused.output
    settings(workspace, guided(2))
    told(workspace, "users", "list")  # makes the databases, as every batch command does
    client = TestClient(web.build(workspace), base_url="https://panel.force.example", follow_redirects=False)
    assert "Sign in with Force account" in client.get("/sign-in").text
    assert client.get("/").headers["location"] == "/sign-in?next=/"
    assert client.post("/sign-in", data={"user": "chair"}).status_code == 403  # no made-up user
    assert client.get("/sign-in", headers={"host": "another.example"}).status_code == 400


def test_users_are_added_changed_and_blocked_and_the_ledger_says_by_whom(workspace: Workspace) -> None:
    add = ("users", "add", "jo", "--name", "Jo Field", "--role", "chair", "--area", "ashford")
    assert told(workspace, *add, "--login", "Jo@force.example")["login"] == "jo@force.example"
    assert "There is such a user already" in drive_panel(workspace, *add).output
    assert told(workspace, "users", "role", "jo", "panel_member")["role"] == "panel_member"
    assert told(workspace, "users", "areas", "jo", "--area", "millbrook")["areas"] == ["millbrook"]
    assert told(workspace, "users", "block", "jo")["active"] is False
    assert drive_panel(workspace, "users", "list").output.split() == [
        *("jo", "panel_member", "millbrook", "never", "signed", "in", "BLOCKED")
    ]
    assert told(workspace, "users", "block", "jo", "--undo")["active"] is True
    assert "not a person's" in drive_panel(workspace, "users", "role", "jo", "service_account").output
    with batch_service(workspace) as service:
        acts = [entry.action for entry in reversed(service.ledger())]
        assert {entry.actor.partition(":")[0] for entry in service.ledger()} == {"command-line"}
        assert service.verify().ok
    assert acts == ["user.added", "user.changed", "user.changed", "user.blocked", "user.unblocked"]


def test_sites_are_added_changed_and_closed_and_say_who_delivers(workspace: Workspace) -> None:
    add = ("sites", "add", "north-vale", "--area", "ashford", "--area", "millbrook", "--places", "40")
    assert told(workspace, *add)["areas"] == ["ashford", "millbrook"]
    assert "such a site already" in drive_panel(workspace, *add).output
    assert told(workspace, "sites", "change", "north-vale", "--places", "60")["places"] == 60
    refused = drive_panel(workspace, "sites", "deliver", "north-vale", "probation")
    assert "probation is an agency that sits at the panel" in refused.output
    told(workspace, "sites", "deliver", "north-vale", "cranfield", "--area", "ashford")
    assert drive_panel(workspace, "sites", "list").output.splitlines() == [
        "north-vale               ashford, millbrook; 60 places, 0 taken",
        "  cranfield              delivers in ashford",
    ]
    add = ("--name", "Lee Ward", "--role", "panel_member", "--area", "ashford", "--agency")
    for number, agency in enumerate(("Cranfield", "probation")):
        assert "notice" not in told(workspace, "users", "add", f"lee-{number}", *add, agency)
    misspelt = told(workspace, "users", "add", "lee-3", *add, "cranfeild")
    assert "cranfeild is no agency of the reference tables and no provider" in misspelt["notice"]
    assert told(workspace, "sites", "end-delivery", "north-vale", "cranfield")["providers"] == {}
    assert told(workspace, "sites", "close", "north-vale")["closed"] is True
    assert "There is no site." in drive_panel(workspace, "sites", "list").output
    with batch_service(workspace) as service:
        acts = [entry for entry in service.ledger() if entry.action == "site.set"]
        assert [entry.actor.partition(":")[0] for entry in acts] == ["command-line"] * 5
        assert service.verify().ok


def test_a_site_takes_areas_of_the_records_panels_or_lists_and_no_misspelt_one(
    workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "extract").mkdir()
    for name, content in TABLES.items():
        (tmp_path / "extract" / name).write_text(content, encoding="utf-8")
    RecordStore(workspace.records).ingest(tmp_path / "extract")
    workspace.write(workspace.home / "panels.yaml", "panels: {south: {places: 10}}\n")
    refused = drive_panel(workspace, "sites", "add", "vale", "--area", "north", "--area", "nroth", "--places", "40")
    assert "There is no such area: nroth." in refused.output
    assert "north, south" in refused.output
    assert told(workspace, "sites", "add", "vale", "--area", "north", "--places", "40")["areas"] == ["north"]
    assert "no such area: suoth" in drive_panel(workspace, "sites", "change", "vale", "--area", "suoth").output
    assert told(workspace, "sites", "change", "vale", "--area", "south")["areas"] == ["south"]


def test_the_places_on_file_hold_over_those_in_the_file(workspace: Workspace) -> None:
    workspace.write(workspace.home / "panels.yaml", "panels: {north: {places: 10}}\n")
    assert places.of(workspace, "north") == (Capacity(10), "panels.yaml")
    on_file = {"places": 12, "reserved": {"housing": 2}, "list_factor": 4}
    with batch_service(workspace) as service:
        admin = Person("admin", "Admin", Role.ADMINISTRATOR)
        number = set_capacity(service, admin, "north", on_file, "More staff")
        set_capacity(service, admin, "north", {**on_file, "places": 11}, "One left", number)
        day = service.today().isoformat()
    assert places.of(workspace, "north") == (Capacity(11, {"housing": 2}, 4), f"admin, {day}")
    workspace.write(workspace.home / "panels.yaml", "panels: {north: {disrupt_only: 0.5}}\n")
    assert places.of(workspace, "north")[0] == Capacity(11, {"housing": 2}, 4, disrupt_only=0.5)
    workspace.write(workspace.home / "panels.yaml", "panels: {north: {disrupt_only: 2}}\n")
    with pytest.raises(NotConfigured, match=r"disrupt_only of .north. in .* is wrong"):
        places.of(workspace, "north")
    with pytest.raises(NotConfigured, match="No panel is configured for area 'south'"):
        places.of(workspace, "south")


def test_a_service_account_is_made_listed_and_revoked(workspace: Workspace) -> None:
    make = ("users", "token", "report", "--scope", "read:runs", "--area", "*", "--expires")
    refused = drive_panel(workspace, *make, "2020-01-01")
    assert "must expire after today" in refused.output
    with batch_service(workspace) as service:
        until = (service.today() + timedelta(days=90)).isoformat()
    token = told(workspace, *make, until)["token"]
    assert token.startswith("dpt_")
    listed = told(workspace, "users", "tokens")["tokens"]
    assert [(row["name"], row["scopes"], row["revoked_at"]) for row in listed] == [("report", ["read:runs"], None)]
    assert token not in json.dumps(listed)
    told(workspace, "users", "revoke-token", "report")
    assert "REVOKED" in drive_panel(workspace, "users", "tokens").output


TABLES = {
    "manifest.yaml": "source: made up\nextract_date: 2024-03-31\nsynthetic: true\n",
    "persons.csv": "person_id,source\n" + "".join(f"P{number},rms\n" for number in range(1, 8)),
    "incidents.csv": "incident_id,force,area,occurred_from,reported_on,is_crime,domestic\n"
    "I1,F,north,2024-01-01,2024-01-01,true,true\nI2,F,north,2024-02-01,2024-02-01,true,true\n",
    "involvements.csv": "incident_id,person_id,role\nI1,P1,suspect\nI1,P2,victim\nI2,P3,suspect\nI2,P4,witness\n",
    "marac_hearings.csv": "hearing_id,victim_id,perpetrator_id,heard_at\nH1,P5,P3,2024-02-10\n",
    "restricted.csv": "person_id,reason,related_user\n"
    "P2,officer,\nP5,related,jo\nP1,user,kim\nP4,officer,\nP7,officer,\n",
}


def test_a_case_is_restricted_by_its_subject_and_its_victims(tmp_path: Path) -> None:
    (tmp_path / "extract").mkdir()
    for name, content in TABLES.items():
        (tmp_path / "extract" / name).write_text(content, encoding="utf-8")
    store = RecordStore(tmp_path / "records")
    store.ingest(tmp_path / "extract")
    found = restrictions(store.latest(), {"P1": "A", "P3": "B", "P6": "C"})
    assert set(found) == {
        Restriction("A", "user", "subject", "kim"),
        Restriction("A", "officer", "victim"),
        Restriction("B", "related", "victim", "jo"),
    }
