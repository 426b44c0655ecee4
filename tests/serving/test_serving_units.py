"""Batch units do their work with what systemd hands them, and with nothing else."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drive_panel.errors import NotConfigured
from drive_panel.settings import DatabaseURLs, Settings
from drive_panel.workflows import databases, release
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from records import RecordStore
from serving import Person, Role
from serving.jobs import Jobs
from serving.storage.sealed import make_secret

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "deploy" / "systemd"
# Every unit that works by itself: not the pages, which another test serves, nor what calls whoever is on call.
BATCH = sorted(
    {place.name for place in UNITS.glob("drive-panel-*.service")}
    - {"drive-panel-web.service", "drive-panel-alert@.service", "drive-panel-score@.service"}
    - {"drive-panel-evidence.service"}
)
EXTRACT = {
    "manifest.yaml": "source: made up\nextract_date: 2024-03-31\nsynthetic: true\n",
    "persons.csv": "person_id,family_name,source\nPER-1001,Featherstone,rms\n",
    "incidents.csv": "incident_id,force,area,occurred_from,is_crime,domestic\nI1,north,east,2023-01-01,true,true\n",
    "involvements.csv": "incident_id,person_id,role\nI1,PER-1001,suspect\n",
}


class Site:
    """A machine on which the units would run: their files lie below a folder, their commands are run as written."""

    def __init__(self, folder: Path) -> None:
        self._places = {
            "/opt/drive-panel/.venv/bin": str(Path(sys.executable).parent),
            "/etc/drive-panel/credentials": str(folder / "safe"),
            "/var/lib/drive-panel-erasures": str(folder / "erasures"),
            "/var/lib/drive-panel": str(folder / "home"),
            "/var/backups/drive-panel": str(folder / "backups"),
        }
        self.folder = folder
        for name in ("safe", "erasures", "home", "backups"):
            (folder / name).mkdir()

    def here(self, text: str) -> str:
        for written, here in self._places.items():
            text = text.replace(written, here)
        return text

    def environment(self) -> dict[str, str]:
        text = self.here((UNITS / "environment.example").read_text(encoding="utf-8"))
        return dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))

    def run(self, unit: str, instance: str = "") -> subprocess.CompletedProcess[str]:
        text = self.here((UNITS / unit).read_text(encoding="utf-8"))
        credentials = self.folder / f"handed-{unit}"
        credentials.mkdir(exist_ok=True)
        for name, source in re.findall(r"^LoadCredential=(\w+):(.+)$", text, re.M):
            (credentials / name).unlink(missing_ok=True)
            (credentials / name).write_bytes(Path(source).read_bytes())
            (credentials / name).chmod(0o440)  # as it shows where the right of the unit's user is an access list
        (written,) = re.findall(r"^ExecStart=(.+)$", text, re.M)
        meant = {"%%": "%", "%i": instance, "%d": str(credentials)}
        words = [re.sub("%[%id]", lambda found: meant[found[0]], word) for word in shlex.split(written)]
        return subprocess.run(
            words,
            env={"PATH": os.environ["PATH"], "CREDENTIALS_DIRECTORY": str(credentials), **self.environment()},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def site(postgresql: Any, tmp_path: Path) -> Site:
    made = Site(tmp_path)
    name = f"units_{os.urandom(6).hex()}"
    postgresql.sql(f"CREATE DATABASE {name}")
    for seat in ("", "_web", "_batch", "_reviewer"):
        user = f"panel{seat}" if seat else "postgres"
        (tmp_path / "safe" / f"database_url{seat}").write_text(postgresql.url(name, user), encoding="utf-8")
    make_secret(tmp_path / "safe" / "backup_key")
    return made


def test_batch_units_work_with_their_own_credentials_only(
    site: Site, postgresql: Any, make_run_in: Callable[..., Any]
) -> None:
    assert "PostgreSQL" not in site.run("drive-panel-migrate.service").stderr
    url = {seat: (site.folder / "safe" / f"database_url{seat}").read_text() for seat in ("", "_batch", "_reviewer")}
    urls = DatabaseURLs(owner=url[""], batch=url["_batch"], reviewer=url["_reviewer"])
    home = Workspace.open(site.folder / "home", urls)
    name = url[""].partition("@/")[2].partition("?")[0]
    postgresql.sql(*databases.roles(home, apply=False)["statements"], database=name)
    with batch_service(home) as service:
        made = make_run_in(home.home)
        run = made.into(service)
        reviewer = Person("reviewer-1", "R", Role.REVIEWER)
        service.review(run, reviewer, "approve", "Audit read", acknowledged=made.gate["acknowledge"])
        Jobs(service.stores).ask("publish", run, "web")
    extract = site.folder / "extract"
    extract.mkdir()
    for file, content in EXTRACT.items():
        (extract / file).write_text(content, encoding="utf-8")
    RecordStore(home.records).ingest(extract)

    assert {"drive-panel-aliases.service", "drive-panel-publish.service"} <= set(BATCH)
    for unit in (*BATCH, "drive-panel-backup.service"):
        done = site.run(unit)
        assert (unit, done.returncode) == (unit, 0), done.stderr
    with batch_service(home) as service:
        assert service.runs()[0].published
    assert len(list((site.folder / "backups").glob("*.backup"))) == 2
    # No model was trained here: the unit comes as far as the area's places, which nobody has set.
    score = site.run("drive-panel-score@.service", "castlebridge")
    assert (score.returncode, "panels.yaml" in score.stderr) == (1, True), score.stderr
    # Nor is there a real policy: the unit comes past the database as far as reading it.
    evidence = site.run("drive-panel-evidence.service")
    assert (evidence.returncode, "policy.yaml" in evidence.stderr) == (1, True), evidence.stderr
    assert not (home.home / "panel.db").exists()


def test_a_process_without_the_reviewers_address_is_told_so_when_it_is_to_review(tmp_path: Path) -> None:
    home = Workspace.open(tmp_path / "home", DatabaseURLs(batch="postgresql:///nowhere"))
    (home.home / "mode").write_text("demo", encoding="utf-8")
    with pytest.raises(NotConfigured, match="how the reviewer reaches the database"):
        release.act(home, "RUN", "approve", "Read", None, "reviewer-1", ())


def test_a_site_of_postgresql_never_falls_back_to_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIVE_PANEL_DATABASE", "postgresql")
    home = Workspace.open(tmp_path / "home", Settings().databases)
    with pytest.raises(NotConfigured, match="how the owner reaches the database"):
        databases.migrate(home)
    assert list(home.home.iterdir()) == []
