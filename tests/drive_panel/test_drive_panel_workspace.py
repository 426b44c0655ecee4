"""What only people can say, and what a demonstration must never touch."""

from __future__ import annotations

import stat
from datetime import date, timedelta
from pathlib import Path

import pytest

from drive_panel.errors import NotConfigured, NotDemo
from drive_panel.workflows import ingest
from drive_panel.workspace import GOVERNANCE, Workspace
from fairness.errors import GovernanceError
from records.errors import ManifestError
from values import silent

TODAY = date(2026, 11, 22)
BUNDLE = POLICY = "0" * 64
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "governance" / "governance.yaml"


def governed(tmp_path: Path, text: str) -> list[str]:
    workspace = Workspace.open(tmp_path)
    workspace.governance.write_text(text, encoding="utf-8")
    return workspace.missing_governance(TODAY, BUNDLE, POLICY)


def test_an_untouched_or_emptied_governance_file_says_nothing(tmp_path: Path):
    untouched = Workspace.open(tmp_path).missing_governance(TODAY, BUNDLE, POLICY)
    assert [line.split()[3] for line in untouched[: len(GOVERNANCE)]] == list(GOVERNANCE)
    assert governed(tmp_path, "{}") == untouched
    assert governed(tmp_path, "owner: A\n") == untouched[1:]


def test_an_approval_that_ran_out_is_missing(tmp_path: Path):
    lines = EXAMPLE.read_text(encoding="utf-8")
    assert governed(tmp_path, lines) == []
    (told,) = governed(tmp_path, lines.replace("expires: 2027-03-31", "expires: 2026-11-21"))
    assert told.startswith("expired on 2026-11-21")


def test_what_a_release_rests_on_ends_on_the_days_that_the_governance_file_names(tmp_path: Path):
    assert Workspace.open(tmp_path).lapses() == {}
    Workspace.open(tmp_path).governance.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    ends = Workspace.open(tmp_path).lapses()
    approvals = [f"governance.yaml approvals.{name}" for name in ("dpia", "equality", "ethics")]
    assert list(ends) == ["governance.yaml", *approvals]
    assert ends["governance.yaml"] == date(2027, 3, 31)


@pytest.mark.parametrize("text", ["owner: [", "- a list", "expires: soon"])
def test_a_governance_file_that_cannot_be_read_is_told(tmp_path: Path, text: str):
    with pytest.raises(GovernanceError, match=r"governance\.yaml"):
        governed(tmp_path, text)


@pytest.mark.parametrize("panel", ["{places: 0}", "{seats: 3}", "nothing", "{places: 5, reserved: {housing: 9}}"])
def test_a_panel_that_cannot_be_is_told_with_an_example(tmp_path: Path, panel: str):
    workspace = Workspace.open(tmp_path)
    (tmp_path / "panels.yaml").write_text(f"panels:\n  north: {panel}\n", encoding="utf-8")
    with pytest.raises(NotConfigured, match="panel") as caught:
        workspace.capacity("north")
    assert "north:" in caught.value.remedy


def test_the_workspace_is_the_owners_alone(tmp_path: Path):
    workspace = Workspace.open(tmp_path / "home")
    assert stat.S_IMODE(workspace.home.stat().st_mode) == 0o700
    assert stat.S_IMODE(workspace.policy.stat().st_mode) == 0o600
    assert stat.S_IMODE(workspace.governance.stat().st_mode) == 0o600


def test_a_demonstration_takes_no_extract_that_is_not_made_up(tmp_path: Path):
    workspace = Workspace.open(tmp_path / "home")
    workspace.write(workspace.home / "mode", "demo\n")
    extract = tmp_path / "extract"
    extract.mkdir()
    (extract / "manifest.yaml").write_text("source: real\nextract_date: 2026-03-31\nperiod: all\n", encoding="utf-8")
    with pytest.raises(NotDemo, match="not marked synthetic"):
        ingest.run(workspace, extract, None, None, silent)
    assert not (workspace.home / "records" / "snapshots").exists()


def test_a_home_that_is_a_file_is_told(tmp_path: Path):
    place = tmp_path / "home"
    place.write_text("", encoding="utf-8")
    for home in (place, place / "below"):
        with pytest.raises(NotConfigured, match=r"cannot use .* as a folder"):
            Workspace.open(home)
    (tmp_path / "records").write_text("", encoding="utf-8")
    with pytest.raises(NotConfigured, match=r"cannot use .*records as a folder"):
        _ = Workspace.open(tmp_path).records


@pytest.mark.parametrize("mapped", [False, True])
def test_an_extract_of_a_day_that_has_not_come_is_refused(tmp_path: Path, mapped: bool):
    workspace = Workspace.open(tmp_path / "home")
    extract = tmp_path / "extract"
    extract.mkdir()
    said = f"source: rms\nextract_date: {TODAY + timedelta(days=1)}\n"
    mapping = tmp_path / "mapping.yaml" if mapped else None
    if mapping:
        mapping.write_text(
            f"{said}file: p.csv\ntables:\n  persons:\n    columns: {{person_id: id, source: {{constant: rms}}}}\n",
            encoding="utf-8",
        )
        (extract / "p.csv").write_text("id\nP1\n", encoding="utf-8")
    else:
        (extract / "manifest.yaml").write_text(said, encoding="utf-8")
        (extract / "persons.csv").write_text("person_id,source\nP1,rms\n", encoding="utf-8")
    with pytest.raises(ManifestError, match="2026-11-23, which is after today"):
        ingest.run(workspace, extract, mapping, None, silent, today=TODAY)
    assert not list(workspace.home.rglob("*.parquet"))
    assert ingest.run(workspace, extract, mapping, None, silent, today=TODAY + timedelta(days=1)).read == 1
