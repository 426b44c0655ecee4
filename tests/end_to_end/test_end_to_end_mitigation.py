"""The workbench on a small force: the champion it plots is the audited one, and it leaves nothing but a report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ALTERNATIVES = """\
alternatives:
  - {name: without_police, parameters: {trees: 10}, without: [police_generated_730, police_generated_share_730]}
  - {name: even, parameters: {trees: 10}, reweigh: ethnicity_group}
  - {name: held_together, reduction: sex}
reductions: {iterations: 2, rows: 1000, trees: 5}
"""


@dataclass(frozen=True)
class Compared:
    """A workspace before and after the comparison, and what it printed."""

    home: Any
    before: set[str]
    champion: str
    result: dict[str, Any]


def bundles(home: Any) -> set[str]:
    return {str(place.relative_to(home.path)) for place in (home.path / "bundles").rglob("*")}


@pytest.fixture(scope="module")
def compared(small: Any, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    import shutil

    home = type(small.home)(tmp_path_factory.mktemp("mitigation") / "workspace")
    shutil.copytree(small.home.path, home.path, ignore=shutil.ignore_patterns("mlflow"))
    (home.path / "alternatives.yaml").write_text(ALTERNATIVES, encoding="utf-8")
    before, champion = bundles(home), (home.path / "champion.json").read_text(encoding="utf-8")
    result = home("mitigate", "--alternatives", home.path / "alternatives.yaml", "--json").json
    return Compared(home, before, champion, result)


def test_the_champion_that_is_plotted_is_the_one_that_the_audit_judged(compared: Compared, small: Any):
    place = compared.home.path / "audits" / f"{small.trained['bundle']}.json"
    audit = json.loads(place.read_text(encoding="utf-8"))["pooled"]
    audited = {(c["table"], c["characteristic"], c["group"]): c for c in audit["cells"] if c["binding"]}
    first = compared.result["alternatives"][0]
    assert (first["name"], first["kind"]) == ("champion", small.trained["kind"])
    plotted = {(c["table"], c["characteristic"], c["group"]): c for c in first["cells"]}
    assert set(plotted) == set(audited)
    told = [key for key, cell in plotted.items() if cell["low"] is not None]
    assert len(told) >= 8
    for key in told:
        assert plotted[key]["ratio"] == audited[key]["ratio"]
        assert (plotted[key]["low"], plotted[key]["high"]) == (audited[key]["ratio_low"], audited[key]["ratio_high"])
    assert first["harm"]["against_champion"]["flat"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_only_what_reads_no_community_can_be_trained_and_nothing_was_promoted(compared: Compared):
    found = {each["name"]: each for each in compared.result["alternatives"]}
    assert set(found) == {"champion", "as_trained", "without_police", "even", "held_together"}
    assert {name: each["reads"] for name, each in found.items() if each["reads"]} == {
        "even": "ethnicity_group", "held_together": "sex",
    }  # fmt: skip
    assert [name for name, each in found.items() if each["train"]] == ["without_police"]
    assert "without:\n  - police_generated_730" in found["without_police"]["train"]
    assert bundles(compared.home) == compared.before
    assert (compared.home.path / "champion.json").read_text(encoding="utf-8") == compared.champion


def test_the_page_says_why_no_group_has_a_threshold_and_names_nobody(compared: Compared):
    place = Path(compared.result["html"])
    page, numbers = place.read_text(encoding="utf-8"), place.with_suffix(".json").read_text(encoding="utf-8")
    assert place.stat().st_mode & 0o777 == 0o600
    assert "No group has a line of its own here, and none can be declared." in page
    assert page.count("<svg") == 6
    assert "SYNTHETIC" not in page + numbers


def test_what_was_read_while_fitting_is_in_the_ledger(compared: Compared):
    from drive_panel.workflows.mitigate import COMPARED
    from drive_panel.workflows.release import batch_service
    from drive_panel.workspace import Workspace

    with batch_service(Workspace(compared.home.path)) as service:
        (entry,) = [each for each in service.ledger(None) if each.action == COMPARED]
    assert json.loads(entry.detail) == {
        "alternatives": ["without_police", "even", "held_together"], "fitted_with": ["ethnicity_group", "sex"],
    }  # fmt: skip


def test_communities_that_cannot_be_read_stop_it_before_anything_is_fitted(compared: Compared):
    (place,) = (compared.home.path / "records" / "communities").glob("*.parquet")
    whole = place.read_bytes()
    place.write_bytes(whole[:-1])
    try:
        done = compared.home("mitigate", status=1)
    finally:
        place.write_bytes(whole)
    assert "communities" in done.err
    assert "fit" not in done.err.replace("fitted", "")
