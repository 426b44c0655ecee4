"""Files from the command line: what one account may see, taken by whoever works at the machine."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from drive_panel.cli import app
from drive_panel.workflows.access import operator
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from serving import Person, Role
from serving.access.accounts import Accounts
from serving.panel.meetings import Action, agree_action, call_meeting, meeting_of
from serving.web.exports.making import MADE
from values import digest_bytes

AREA = "castlebridge"


def made_up_run(folder: Path) -> Any:
    """Return the documents that the service's own tests use, which lie in the next folder."""
    place = Path(__file__).parents[1] / "serving" / "conftest.py"
    spec = importlib.util.spec_from_file_location("serving_documents_for_export", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.make_run(folder, people=4)


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str, str]:
    """A demonstration with a released list and a meeting on it."""
    workspace = Workspace.open(tmp_path_factory.mktemp("export") / "workspace")
    workspace.write(workspace.home / "mode", "demo")
    made = made_up_run(workspace.home)
    reviewer, chair = Person("reviewer-1", "R", Role.REVIEWER), Person("chair", "C", Role.CHAIR)
    with batch_service(workspace) as service:
        run = made.into(service)
        service.review(run, reviewer, "approve", "Audit read", acknowledged=made.gate["acknowledge"])
        service.publish(run)
        Accounts(service.stores).make_up(Person("jo", "Jo", Role.PANEL_MEMBER, frozenset({AREA}), "housing"))
        Accounts(service.stores).make_up(Person("sam", "Sam", Role.DATA_SCIENTIST))
        Accounts(service.stores).make_up(chair)
        meeting = call_meeting(service, chair, AREA, service.today(), 3, run)
        agree_action(service, chair, meeting_of(service, meeting), Action("=1+1", "Housing", service.today()))
    return workspace, run, meeting


def export(workspace: Workspace, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(app, ["--home", str(workspace.home), "export", *arguments, "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_a_list_is_taken_as_an_account_sees_it_and_the_ledger_says_who_took_it(panel: Any, tmp_path: Path) -> None:
    workspace, run, _ = panel
    out = tmp_path / "list.csv"
    code, told = export(workspace, "list.csv", run, str(out), "--user", "jo")
    assert (code, told["for"], out.stat().st_mode & 0o777) == (0, "Housing", 0o600)
    lines = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    assert len(lines) == 4
    assert {line["Taken by"] for line in lines} == {f"{operator()}, as Jo (jo)"}
    with batch_service(workspace) as service:
        entry = next(each for each in service.ledger(None) if each.action == MADE)
        assert (entry.actor, entry.content["hash"]) == (operator(), str(digest_bytes(out.read_bytes())))
        assert service.verify(entry.content["head"]).ok
        (seen,) = [each for each in service.views(run) if each["action"] == "view.list"]
        assert (seen["actor"], seen["detail"]["account"]) == (operator(), "jo")  # who reads it, though another took it


def test_actions_are_taken_for_an_agency_by_a_chairs_account_only(panel: Any, tmp_path: Path) -> None:
    workspace, _, meeting = panel
    out = tmp_path / "actions.csv"
    code, told = export(workspace, "actions.csv", meeting, str(out), "--user", "chair", "--agency", "housing")
    assert (code, told["for"]) == (0, "Housing")
    assert '"\'=1+1"' in out.read_text(encoding="utf-8-sig")
    code, told = export(workspace, "actions.csv", meeting, str(tmp_path / "2"), "--user", "jo", "--agency", "panel")
    assert (code, told["error"]["message"]) == (1, "A panel member may not record decisions.")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("list.csv", "2026-01-01-none-00000000", "new", "--user", "jo"), "There is no such run."),
        (("list.doc", "{run}", "new", "--user", "jo"), "There is no such file."),
        (("list.csv", "{run}", "new", "--user", "sam"), "A data scientist may not see released lists."),
        (("list.csv", "{run}", "new", "--user", "who"), "There is no such user."),
        (("list.csv", "{run}", "there", "--user", "jo"), "there is there already."),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words_and_writes_nothing(
    panel: Any, tmp_path: Path, arguments: tuple[str, ...], error: str
) -> None:
    workspace, run, _ = panel
    (tmp_path / "there").write_text("kept", encoding="utf-8")
    given = [part.format(run=run) for part in arguments]
    given[2] = str(tmp_path / given[2])
    answered, told = export(workspace, *given)
    assert (answered, told["error"]["message"]) == (1, error)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert (tmp_path / "there").read_text(encoding="utf-8") == "kept"
