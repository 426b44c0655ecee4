"""Reports and governance papers of a real run: written, bound to it, noticed when stale, and without a small figure."""

from __future__ import annotations

import io
import json
import shutil
import stat
import zipfile
from pathlib import Path
from typing import Any

from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from serving.papers import PACK, TITLES, Papers
from serving.reports import Reports

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


def test_a_kept_report_is_the_one_that_the_service_gives_out(demo: Any, tmp_path: Path):
    run, place = demo.run("refused"), tmp_path / "report.json"
    demo.home("audit", run, "--report", place)
    kept = demo.home("audit", run, "--keep", "--json").json["kept"]
    assert {"html", "xlsx", "csv", "json"} <= set(kept["files"])
    with batch_service(Workspace.open(demo.home.path)) as service:
        state = service.state(run)
        assert Reports(service.stores).read(run, state, "json") == place.read_bytes()
        assert kept["state"] == state
    assert {stat.S_IMODE(Path(file).stat().st_mode) for file in kept["files"].values()} == {0o600}


def test_kept_papers_are_those_that_the_service_gives_out_until_something_changes(demo: Any):
    run = demo.run("refused")
    told = demo.home("papers", run, "--keep", "--json").json
    assert set(told["papers"]) == NAMES == set(TITLES)
    with batch_service(Workspace.open(demo.home.path)) as service:
        papers, state = Papers(service.stores), service.state(run)
        pack = papers.newest(run)
        assert pack is not None
        assert papers.stale(pack, state) == ""
        assert pack.missing == {name: each["missing"] for name, each in told["papers"].items()}
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
