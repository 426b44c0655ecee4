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
from fairness.papers.equality import NINE
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
        overrides=12,
        ordered=48,
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
    assert found["3.3"]["answers"][0].endswith("could have been either: 25 in 100 of about 50 decisions.")
    few = papers(dataclasses.replace(facts, overrides=3), Governance(), TODAY)["foi-metrics"]
    assert entries(few)["3.3"]["answers"][0].endswith("Not given: it would tell of fewer than 10 decisions.")


def test_the_metrics_page_says_that_the_order_alone_decides_who_is_on_a_list(facts):
    answers = entries(papers(facts, Governance(), TODAY)["foi-metrics"])["3.4"]["answers"]
    assert answers[0].startswith("No place on Drive is given, refused or ended by it")
    assert (
        "the order alone: of everybody who could be ranked, the first 60 at this meeting, for 20 places." in answers[1]
    )
    assert "met by no panel unless an agency refers them" in answers[1]


def test_the_pack_holds_page_one_of_the_audit_and_what_is_open(facts):
    pack = json.dumps(papers(facts, Governance(), TODAY)["ethics-pack"])
    assert "Was it refused?" in pack
    assert "governance.yaml does not say: owner" in pack


@pytest.mark.parametrize(
    ("verdict", "state", "asked"),
    [
        ("insufficient", "awaiting", "May lists made with this bundle"),
        ("refuse", "refused", "Nothing to approve: the audit refused this list"),
        ("insufficient", "refused", "Nothing to approve: a reviewer refused this list"),
    ],
)
def test_the_pack_asks_for_no_approval_of_a_list_that_was_refused(facts, verdict, state, asked):
    asking = dataclasses.replace(facts, state=state, report={**facts.report, "verdict": verdict})
    assert entries(papers(asking, Governance(), TODAY)["ethics-pack"])["1"]["answers"][0].startswith(asked)


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


REQUIRED = {
    # Metadata, Tier 1, and the five sections of Tier 2 of the standard's template.
    "atrs": (
        "0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 0.10 1.1 1.2 1.3 1.4 2.1.1 2.1.2 2.1.3 2.1.4 2.1.4.1 2.1.4.2 2.1.4.3 "
        "2.1.4.4 2.1.4.5 2.2.1 2.2.2 2.2.3 2.2.4 2.2.5 2.3.1 2.3.2 2.3.3 2.3.4 2.3.5 2.3.6 2.4.1.1 2.4.1.2 2.4.1.3 "
        "2.4.1.4 2.4.2.1 2.4.2.2 2.4.2.3 2.4.2.4 2.4.2.5 2.4.2.6 2.4.2.7 2.4.2.8 2.4.2.9 2.4.3.1 2.4.3.2 2.4.3.3 "
        "2.4.3.4 2.4.3.5 2.4.3.6 2.4.3.7 2.4.3.8 2.4.3.9 2.4.3.10 2.4.3.11 2.5.1a 2.5.1b 2.5.1c 2.5.2"
    ),
    # Section 64(3): what is processed, the risks, the measures and safeguards; who is told, and logging (section 62).
    "dpia-annex": "1 2 3 4a 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 20a 21 22",
    "algo-care": "A.1 A.2 L.1 L.2 L.3 L.4 G.1 G.2 O.1 O.2 C.1 C.2 A.3 A.4 A.5 R.1 R.2 R.3 E.1",
    "npcc-covenant": "1.1 1.2 1.3 2.1 2.2 3.1 4.1 4.2 4.3 5.1 5.2 5.3 5.4 6.1 6.2",
    "foi-metrics": "1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 2.1 2.2 3.1 3.2 3.3 3.4 4.1 4.2",
    "ethics-pack": " ".join(str(number) for number in range(1, 24)),
}
PARTS = {
    "atrs": ["tier-1", "owner", "rationale", "decisions", "tool", "risks"],
    "dpia-annex": ["processing", "need", "rights", "risks"],
    "algo-care": [
        "advisory", "lawful", "granularity", "ownership", "challengeable", "accuracy", "responsible", "explainable",
    ],
    "npcc-covenant": ["lawful", "transparent", "explainable", "responsible", "accountable", "robust"],
    "foi-metrics": ["right", "communities", "used", "contact"],
    "ethics-pack": ["asked", "audit", "limits", "people"],
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_paper_has_every_field_that_its_scheme_requires_answered_or_with_who_answers(facts, name):
    sources = [
        {"table": "incidents", "controller": "Police", "basis": "DPA", "confirm": False, "purposes": "rank",
         "retain_years": 6}
    ]  # fmt: skip
    whole = dataclasses.replace(facts, sources=sources)
    for governance in (read_governance(EXAMPLE), Governance()):
        paper = papers(whole, governance, TODAY)[name]
        assert [part["id"] for part in paper["parts"]] == PARTS[name]
        held = entries(paper)
        assert [number for number in REQUIRED[name].split() if number not in held] == []
        assert [number for number, entry in held.items() if not entry["answers"] and not entry["missing"]] == []
        assert [number for number, entry in held.items() if entry["answers"] and entry["missing"]] == []


def test_the_day_of_the_public_record_is_asked_for_and_no_release_waits_for_it(facts, tmp_path):
    without = changed(tmp_path, ('completed: "2026-03-10"', "completed:"))
    assert open_points(without, TODAY, BUNDLE, POLICY) == []
    told = entries(papers(facts, without, TODAY)["atrs"])["0.8"]
    assert told["missing"].startswith("The owner writes it into governance.yaml as record.completed")
    assert entries(papers(facts, read_governance(EXAMPLE), TODAY)["atrs"])["0.8"]["answers"] == ["2026-03-10"]


def test_the_equality_annex_names_all_nine_characteristics_for_subjects_and_for_victims(people, shipped):
    report = audit_report(audit(people("sex", male=(2000, 800, 600, 300)), shipped).to_dict(), title="x")
    (annex,) = [each for each in report["sections"] if each["id"] == "equality"]
    rows = annex["blocks"][0]["rows"]
    assert list(NINE) == [
        "Age", "Disability", "Gender reassignment", "Marriage and civil partnership", "Pregnancy and maternity", "Race",
        "Religion or belief", "Sex", "Sexual orientation",
    ]  # fmt: skip
    whose = [(name, row[1]) for name in NINE for row in rows if row[0] == name or (name == "Sex" and "sex" in row[0])]
    both = [name for name, columns in NINE.items() if columns]
    assert {(name, side) for name in both for side in ("subjects", "victims")} <= set(whose)
    assert annex["blocks"][0]["head"][3:5] == ["Most missed", "Most listed without later harm"]
