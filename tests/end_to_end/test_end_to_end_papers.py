"""Reports and governance papers of a real run: written, bound to it, noticed when stale, and without a small figure."""

from __future__ import annotations

import io
import json
import re
import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from drive_panel.web import build
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from serving.papers import PACK, TITLES, Papers
from serving.reports import KINDS, Reports
from values import digest_bytes

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "governance" / "governance.yaml"
NAMES = {"atrs", "dpia-annex", "algo-care", "npcc-covenant", "foi-metrics", "ethics-pack"}


def test_papers_are_written_bound_to_the_run_and_noticed_when_they_are_stale(demo: Any, tmp_path: Path):
    home, run = demo.home, demo.run("refused")
    told = home("papers", run, "--out", tmp_path / "papers", "--json").json
    assert set(told["papers"]) == NAMES
    assert any("approvals.dpia" in point for point in told["open"])
    assert (tmp_path / "papers" / "ethics-pack.pdf").read_bytes()[:5] == b"%PDF-"
    atrs = json.loads((tmp_path / "papers" / "atrs.json").read_text(encoding="utf-8"))
    bundle = demo.result["train"]["bundle"]
    assert (atrs["made_from"]["run"], atrs["made_from"]["bundle"]) == (run, bundle)
    assert "Matthews" in (tmp_path / "papers" / "foi-metrics.html").read_text(encoding="utf-8")
    assert home("papers", run, "--check", tmp_path / "papers", "--json").json["stale"] == {}

    page = tmp_path / "papers" / "dpia-annex.json"
    kept = page.read_text(encoding="utf-8")
    page.write_text(kept.replace('"synthetic":true', '"synthetic":false'), encoding="utf-8")
    stale = home("papers", run, "--check", tmp_path / "papers", "--json", status=1).json["stale"]
    assert stale == {"dpia-annex": "was changed after it was written, or was written elsewhere"}
    page.write_text(kept, encoding="utf-8")

    governance = home.path / "governance.yaml"
    before = governance.read_bytes()
    try:
        shutil.copyfile(EXAMPLE, governance)
        result = home("papers", run, "--check", tmp_path / "papers", "--json", status=1).json
        assert set(result["stale"]) == NAMES
        assert all("older" in why for why in result["stale"].values())
        assert not [point for point in result["open"] if "does not say" in point]
        assert any("given for another bundle" in point for point in result["open"])
        assert any("after this run was scored" in point for point in result["open"])
    finally:
        governance.write_bytes(before)


def test_the_report_of_a_refused_run_begins_with_for_whom(demo: Any, tmp_path: Path):
    place = tmp_path / "report.json"
    demo.home("audit", demo.run("refused"), "--report", place)
    first, _, whom, *_ = json.loads(place.read_text(encoding="utf-8"))["page_one"]
    assert first["says"][0].startswith("Refused.")
    assert "ethnicity is recorded as Asian" in whom["points"][0]  # the defect that the demonstration plants


@pytest.fixture(scope="module")
def asked_for(demo: Any) -> Iterator[Any]:
    """A refused run whose report and papers a reviewer had made from the pages, by a worker of the command line."""
    run, home = demo.run("refused"), Workspace.open(demo.home.path)
    app = build(home, publishes=False)
    with TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5)) as client:
        client.post("/sign-in", data={"user": "reviewer-1"})

        def press(path: str) -> str:
            csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/papers").text)
            assert csrf is not None
            return client.post(path, data={"csrf": csrf[1]}).text

        assert "Waiting</strong>" in press(f"/audits/{run}/report")
        assert "Waiting</strong>" in press(f"/papers/{run}")
        ended = demo.home("work", "--only", "report", "--only", "papers", "--json").json["jobs"]
        assert sorted((job["kind"], job["state"], job["asked_by"]) for job in ended) == [
            ("papers", "done", "reviewer-1"),
            ("report", "done", "reviewer-1"),
        ]
        yield client.get
    app.state.web.service.close()


def test_a_report_that_a_reviewer_asked_for_is_the_one_that_the_page_gives_out(
    demo: Any, asked_for: Any, tmp_path: Path
):
    run, place = demo.run("refused"), tmp_path / "report.json"
    demo.home("audit", run, "--report", place)
    page = asked_for(f"/audits/{run}")
    assert {kind for kind in KINDS if f"/audits/{run}/report/{kind}" in page.text} == set(KINDS)
    assert asked_for(f"/audits/{run}/report/pdf").content[:5] == b"%PDF-"
    assert asked_for(f"/audits/{run}/report/json").content == place.read_bytes()
    folder = demo.home.path / "reports" / "audits"
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir() if file.is_file()} == {0o600}
    with batch_service(Workspace.open(demo.home.path)) as service:
        told = {entry.action: entry.content for entry in service.ledger(None) if entry.subject == run}
        kept = Reports(service.stores).newest(run)
        assert kept is not None
        assert (told["report.kept"]["asked_by"], told["report.kept"]["files"]) == ("reviewer-1", dict(kept.files))
        assert kept.files["json"] == str(digest_bytes(place.read_bytes()))
        assert kept.state == service.state(run)


def test_papers_that_a_reviewer_asked_for_are_given_out_until_something_changes(demo: Any, asked_for: Any):
    run = demo.run("refused")
    assert set(TITLES) == NAMES
    assert "Papers fresh" in asked_for("/papers").text
    assert asked_for(f"/papers/{run}/ethics-pack.pdf").content[:5] == b"%PDF-"
    with batch_service(Workspace.open(demo.home.path)) as service:
        papers, state = Papers(service.stores), service.state(run)
        pack = papers.newest(run)
        assert pack is not None
        assert papers.stale(pack, state) == ""
        assert set(pack.missing) == NAMES
        noted = [entry for entry in service.ledger(None) if (entry.action, entry.subject) == ("papers.kept", run)]
        assert [entry.content["asked_by"] for entry in noted] == ["reviewer-1"]
        with zipfile.ZipFile(io.BytesIO(papers.read(run, state, PACK))) as archive:
            names = set(archive.namelist())
            assert names == set(pack.files) - {PACK}
            assert all(archive.read(name) == papers.read(run, state, name) for name in names)
        assert {f"{name}.html" for name in NAMES} <= names
        governance = demo.home.path / "governance.yaml"
        before = governance.read_bytes()
        try:
            governance.write_bytes(before + b"# looked at\n")
            assert papers.stale(pack, state) == "The governance file has changed since they were made."
        finally:
            governance.write_bytes(before)
    usage = demo.home("papers", run, status=2)
    assert "Give one of --out DIR, --check DIR and --keep." in usage.err
