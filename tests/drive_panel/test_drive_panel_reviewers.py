"""Outside a demonstration a list is reviewed on the command line with a reviewer's own key, and with nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmarks.made_up_lists import record
from drive_panel.cli import app
from drive_panel.workflows.access import operator
from drive_panel.workflows.release import batch_service
from drive_panel.workflows.train import trainer_of
from drive_panel.workspace import Workspace
from values import DrivePanelError

PASSPHRASE = "a long made-up passphrase"


class Site:
    """A live workspace with one list that awaits review."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.workspace = folder, Workspace.open(folder / "workspace")
        (folder / "words").write_text(PASSPHRASE + "\n", encoding="utf-8")
        with batch_service(self.workspace) as service:
            self.run = record(service, self.workspace.home, "castlebridge", "2026-03-31", 5)

    def __call__(self, *words: str, status: int = 0) -> dict[str, Any]:
        done = CliRunner().invoke(app, ["--home", str(self.workspace.home), *words, "--json"])
        assert done.exit_code == status, done.output
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def enrolled(self, name: str, area: str = "castlebridge") -> Path:
        self("users", "add", name, "--name", "Made Up", "--role", "governance_reviewer", "--area", area)
        key = self.folder / f"{name}.key"
        self("reviewer", "enrol", "--key", str(key), "--passphrase-file", str(self.folder / "words"))
        self("reviewer", "register", f"{key}.pub", "--reviewer", name)
        return key

    def approve(self, key: Path, status: int = 0) -> dict[str, Any]:
        words = ("--reason", "Audit read", "--key", str(key), "--passphrase-file", str(self.folder / "words"))
        return self("release", "approve", self.run, *words, status=status)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_reviewer_who_enrolled_releases_a_list_and_an_auditor_verifies_it(site: Site) -> None:
    key = site.enrolled("r.jones")
    released = site.approve(key)
    assert (released["state"], released["run"]) == ("released", site.run)
    assert len(site("list", site.run)["rows"]) == 5
    verified = site("ledger", "verify")
    exported = site("ledger", "export", str(site.folder / "export"))
    assert (verified["ok"], exported["key"], exported["entries"]) == (True, verified["key"], verified["entries"] + 1)
    script = site.folder / "export" / "verify_export.py"
    told = subprocess.run(
        [sys.executable, "-I", str(script), str(site.folder / "export"), "--key", verified["key"]],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.startswith(f"Whole: {exported['entries']} entries, 1 releases")


def test_a_name_that_is_typed_reviews_nothing(site: Site) -> None:
    refused = site("release", "approve", site.run, "--reason", "Read", "--reviewer", "reviewer-1", status=1)
    assert "made-up lists only" in refused["error"]["message"]
    assert site("runs")["runs"][0]["state"] == "awaiting"


def test_a_key_that_nobody_registered_or_that_was_revoked_reviews_nothing(site: Site) -> None:
    stranger = site.folder / "stranger.key"
    site("reviewer", "enrol", "--key", str(stranger), "--passphrase-file", str(site.folder / "words"))
    assert "Nobody registered" in site.approve(stranger, status=3)["error"]["message"]
    key = site.enrolled("r.jones")
    (kept,) = site("reviewer", "keys")["keys"]
    site("reviewer", "revoke", kept["key"], "--reason", "Laptop lost")
    assert "revoked" in site.approve(key, status=3)["error"]["message"]


def test_a_reviewer_of_another_area_does_not_find_the_list(site: Site) -> None:
    assert "no such run" in site.approve(site.enrolled("r.jones", "ashford"), status=1)["error"]["message"]


def test_a_wrong_passphrase_opens_no_key(site: Site) -> None:
    key = site.enrolled("r.jones")
    (site.folder / "words").write_text("another passphrase\n", encoding="utf-8")
    assert "does not open" in site.approve(key, status=1)["error"]["message"]


def test_a_key_stands_for_nobody_but_a_reviewer_of_the_service_and_keeps_who_registered_it(site: Site) -> None:
    key = site.enrolled("r.jones")
    site("users", "add", "r-jones", "--name", "Made Up", "--role", "chair", "--area", "castlebridge")
    for name in ("r-jones", "rjones"):
        refused = site("reviewer", "register", f"{key}.pub", "--reviewer", name, status=3)
        assert "no governance reviewer" in refused["error"]["message"]
    (kept,) = site("reviewer", "keys")["keys"]
    assert (kept["reviewer"], kept["areas"], kept["by"]) == ("r.jones", ["castlebridge"], operator())
    site("users", "block", "r.jones")
    assert "no governance reviewer" in site.approve(key, status=3)["error"]["message"]
    assert site("runs")["runs"][0]["state"] == "awaiting"


def test_who_trains_on_real_records_is_a_user_of_the_service(site: Site) -> None:
    with pytest.raises(DrivePanelError, match="needs to know who trains"):
        trainer_of(site.workspace, False, "")
    with pytest.raises(DrivePanelError, match="no user of this name"):
        trainer_of(site.workspace, False, "s.lee")
    site("users", "add", "s.lee", "--name", "Made Up", "--role", "data_scientist", "--area", "castlebridge")
    assert trainer_of(site.workspace, False, "s.lee") == "s.lee"
    assert f"command-line:{trainer_of(site.workspace, True, '')}" == operator()
    site("users", "block", "s.lee")
    for made_up in (False, True):
        with pytest.raises(DrivePanelError, match="no user of this name"):
            trainer_of(site.workspace, made_up, "s.lee")


def test_a_made_up_user_who_never_signed_in_trains_in_a_demonstration_alone(site: Site) -> None:
    with pytest.raises(DrivePanelError, match="no user of this name"):
        trainer_of(site.workspace, True, "scientist")
    (site.workspace.home / "mode").write_text("demo", encoding="utf-8")
    assert any(each["user"] == "scientist" for each in site("users", "list")["users"])
    assert trainer_of(site.workspace, True, "scientist") == "scientist"
    for made_up, name in ((True, "s.lee"), (False, "scientist")):
        with pytest.raises(DrivePanelError, match="no user of this name"):
            trainer_of(site.workspace, made_up, name)
