"""Papers answer from the run or the governance file, say who answers what is missing, and notice what is stale."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path

import pytest

from fairness import audit
from fairness.errors import GovernanceError
from fairness.papers import RunFacts, audit_report, markdown, open_points, paper_hash, papers, read_governance
from fairness.papers.governance import APPROVALS, ASKED, Governance

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "governance" / "governance.yaml"
GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "governance.md").read_text(encoding="utf-8")
TODAY = date(2026, 6, 1)
BUNDLE, POLICY = "0" * 64, "0" * 12 + "f" * 52
NAMES = {"atrs", "dpia-annex", "algo-care", "npcc-covenant", "foi-metrics", "ethics-pack"}


@pytest.fixture
def facts(people, shipped) -> RunFacts:
    report = audit_report(audit(people("sex", male=(2000, 800, 600, 300)), shipped).to_dict(), title="made up")
    hashes = dict.fromkeys(("bundle", "indicators", "cohort", "policy", "governance", "snapshot"), BUNDLE)
    card = {
        "extract_date": "2026-03-31",
        "people_compared": 1234,
        "splits": [1, 2, 3],
        "limits": ["Moves are not told"],
    }
    return RunFacts(
        run="2026-03-31-north-00000000",
        area="North",
        as_of="31 March 2026",
        state="awaiting",
        synthetic=True,
        list_hash="a" * 64,
        hashes=hashes,
        report=report,
        places=20,
        list_length=60,
        bundle={"kind": "RFGV", "indicators": 5, "reads": ["incidents.area"], "card": card},
        evaluation={
            "champion": "rfgv",
            "measures": [{"name": "rfgv", "metric": "mcc_at_k", "value": 0.1834, "low": 0.16, "high": None}],
        },
        decisions={"accept_direct": 31, "defer": 4},
    )


def entries(paper):
    return {entry["number"]: entry for part in paper["parts"] for entry in part["entries"]}


def changed(tmp_path: Path, *pairs: tuple[str, str]) -> Governance:
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    place = tmp_path / "governance.yaml"
    place.write_text(text, encoding="utf-8")
    return read_governance(place)


def test_the_example_is_complete_and_answers_every_paper_but_what_a_run_would_tell(facts):
    governance = read_governance(EXAMPLE)
    assert open_points(governance, TODAY, BUNDLE, POLICY) == []
    made = papers(facts, governance, TODAY)
    assert set(made) == NAMES
    missing = [line for paper in made.values() for line in paper["missing"]]
    assert [line for line in missing if "governance.yaml" in line] == []


def test_an_empty_file_leaves_each_entry_missing_with_who_fills_it_in(facts):
    told = open_points(Governance(), TODAY, BUNDLE, POLICY)
    assert len(told) == len(ASKED) + len(APPROVALS)
    assert all("fills it in" in point or "renews it" in point for point in told)
    contact = entries(papers(facts, Governance(), TODAY)["atrs"])["1.4"]
    assert contact["answers"] == []
    assert contact["missing"].startswith("The owner writes it into governance.yaml as organisation.contact_email")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("expires: 2027-03-31", "expires: 2026-05-31", "expired on 2026-05-31"),
        ("expires: 2027-02-19", "expires: 2026-05-31", "approvals.equality expired on 2026-05-31"),
        ("dated: 2026-03-03", "dated: 2026-06-02", "approvals.ethics is dated 2026-06-02, which has not come yet"),
        ("phase: pilot", "phase: ' '", "does not say: use.phase"),
        ("by: Equality lead", "by:", "does not say: approvals.equality.by"),
    ],
)
def test_what_is_missing_or_ran_out_is_told(tmp_path, old, new, told):
    (point,) = open_points(changed(tmp_path, (old, new)), TODAY, BUNDLE, POLICY)
    assert told in point


def test_an_approval_for_another_bundle_or_policy_is_stale(tmp_path):
    governance = read_governance(EXAMPLE)
    assert len(open_points(governance, TODAY, "1" * 64, POLICY)) == 3
    assert len(open_points(governance, TODAY, BUNDLE, "1" * 64)) == 3
    both = changed(tmp_path, ('bundle: "000000000000"', "bundle: ['111111111111', '000000000000']"))
    assert open_points(both, TODAY, "1" * 64, POLICY) == []
    short = changed(tmp_path, ('bundle: "000000000000"', "bundle: '00'"))
    assert len(open_points(short, TODAY, BUNDLE, POLICY)) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("owner: [", "governance.yaml, line 1, column 9"),
        ("owner: A\nownr: B\n", "governance.yaml, line 2, column 7: ownr"),
        ("owner: A\nexpires: soon\n", "governance.yaml, line 2, column 10: expires"),
        ("owner: A\nowner: B\n", "governance.yaml, line 2, column 1: owner is given twice"),
        ("approvals:\n  dpia: {dated: 2026-02-31}\n", "governance.yaml"),
        ("- a list\n", "governance.yaml holds no fields"),
        ("supplier:\n  companies_house: 01234567\n", "line 2, column 20: supplier.companies_house: put it in quotes"),
        ("use: 3\n", "governance.yaml, line 1, column 6: use"),
    ],
)
def test_a_fault_is_told_with_file_line_and_column(tmp_path, text, told):
    place = tmp_path / "governance.yaml"
    place.write_text(text, encoding="utf-8")
    with pytest.raises(GovernanceError) as caught:
        read_governance(place)
    assert told in str(caught.value)


def test_tier_1_and_tier_2_have_the_standards_numbers_and_there_is_no_third(facts):
    numbers = set(entries(papers(facts, Governance(), TODAY)["atrs"]))
    assert {"1.1", "1.2", "1.3", "1.4", "2.1.1", "2.1.3", "2.1.4.5", "2.2.5", "2.3.6", "2.4.3.5", "2.5.2"} <= numbers
    assert not [number for number in numbers if number.startswith("3")]


def test_the_metrics_page_gives_what_was_measured_and_no_small_count(facts):
    paper = papers(facts, Governance(), TODAY)["foi-metrics"]
    found = entries(paper)
    assert found["1.1"]["answers"] == ["0.183"]
    assert found["1.2"]["missing"].startswith("The data scientist trains again")
    assert found["3.2"]["answers"] == ["accept direct: 31", "defer: fewer than 10"]


def test_the_pack_holds_page_one_of_the_audit_and_what_is_open(facts):
    pack = json.dumps(papers(facts, Governance(), TODAY)["ethics-pack"])
    assert "Was it refused?" in pack
    assert "governance.yaml does not say: owner" in pack


def test_a_paper_of_another_run_file_or_list_has_another_hash(facts):
    first = papers(facts, Governance(), TODAY)["atrs"]
    assert paper_hash(papers(facts, Governance(), date(2030, 1, 1))["atrs"]) == paper_hash(first)
    for other in (
        papers(dataclasses.replace(facts, list_hash="b" * 64), Governance(), TODAY),
        papers(facts, read_governance(EXAMPLE), TODAY),
    ):
        assert paper_hash(other["atrs"]) != paper_hash(first)


def test_hostile_text_stays_text_in_markdown_and_invisible_marks_are_written_out(tmp_path, facts):
    hostile = '"<img src=x onerror=alert(1)> [link](javascript:1) \\u202e"'
    governance = changed(tmp_path, ("phase: pilot", f"phase: {hostile}"))
    text = markdown(papers(facts, governance, TODAY)["atrs"])
    assert r"\<img src=x onerror=alert\(1\)\> \[link\]\(javascript\:1\) ‹U\+202E›" in text
    assert "\u202e" not in text


def test_no_paper_praises(facts):
    told = json.dumps(papers(facts, read_governance(EXAMPLE), TODAY)).lower()
    assert [word for word in ("unbiased", "debias", "bias-free", "is fair", "fair model", "✓") if word in told] == []


def test_every_entry_that_is_asked_for_is_explained_in_the_guide():
    leaves = {asked.path.rpartition(".")[2] for asked in ASKED}
    assert [leaf for leaf in sorted(leaves) if leaf not in GUIDE] == []
    assert [name for name in APPROVALS if name not in GUIDE] == []
