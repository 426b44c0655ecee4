from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from synthetic.report import main
from synthetic.risk import area_under_curve
from synthetic.targets import TARGETS, Target, realised

if TYPE_CHECKING:
    from pathlib import Path


# Half the default size leaves about 470 hearings in the one small area: one standard error is 1.6 points.
SAMPLING = {"marac_repeat_low": 0.032, "partner_referred": 0.01}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_the_made_up_force_reaches_the_published_figure(target: Target, large_force) -> None:
    slack = SAMPLING.get(target.name, 0.0)
    assert target.low - slack <= large_force.summary.targets[target.name] <= target.high + slack


def test_the_targets_notice_a_force_that_misses_them(null_force, tmp_path: Path) -> None:
    extract = tmp_path / "extract"
    extract.mkdir()
    for name in ("incidents", "involvements", "dyads", "marac_hearings", "communities"):
        frame = null_force.extract(name)
        if name == "incidents":
            frame["is_crime"] = True
        frame.to_csv(extract / f"{name}.csv", index=False)
    missed = realised(tmp_path)
    outside = {t.name for t in TARGETS if not t.low <= missed[t.name] <= t.high}
    assert missed["crimed"] == 1.0
    assert {"crimed", "counting_rule", "arrests", "hearings_per_crime"} <= outside
    assert missed["serial"] == null_force.summary.targets["serial"]


def test_the_true_risk_is_calibrated_and_neither_trivial_nor_hopeless(large_force) -> None:
    risk = large_force.summary.risk
    assert 0.05 <= risk["outcome_share"] <= 0.09
    assert risk["outcome_share"] == pytest.approx(risk["expected_share"], abs=0.004)
    assert 0.65 <= risk["auc"] <= 0.90


def test_the_true_risk_is_calibrated_in_every_tenth_of_the_cohort(large_force) -> None:
    risk = large_force.truth("risk").dropna(subset=["outcome"])
    tenth = pd.qcut(risk["risk"], 10, labels=False)
    found = risk.groupby(tenth)["outcome"].mean()
    expected = risk.groupby(tenth)["risk"].mean()
    error = np.sqrt(expected * (1 - expected) / (len(risk) / 10 / 4))  # people come back at about four dates
    assert ((found - expected).abs() < 4 * error).all()


def test_recency_tells_more_than_frequency(large_force) -> None:
    """Turner, Brown and Medina-Ariza 2022: time since the last incident above all."""
    as_of = pd.Timestamp("2024-12-31")
    risk = large_force.truth("risk").query("as_of == @as_of").set_index("person_id")
    events = large_force.truth("events")
    past = events[(events["occurred"] <= as_of) & (events["occurred"] > as_of - pd.Timedelta(days=730))]
    past = past[past["person_id"].isin(risk.index)].groupby("person_id")["occurred"]
    outcome = risk["outcome"].astype(bool).to_numpy()
    recency = area_under_curve(past.max().reindex(risk.index).to_numpy().astype(float), outcome)
    frequency = area_under_curve(past.size().reindex(risk.index).to_numpy().astype(float), outcome)
    assert 0.62 < frequency < recency < 0.78


def test_risk_and_outcomes_do_not_depend_on_ethnicity_in_the_null_world(large_force) -> None:
    risk = large_force.truth("risk").dropna(subset=["outcome"])
    people = large_force.truth("persons").set_index("person_id")
    community = people["community"].reindex(risk["person_id"]).to_numpy()
    shares = risk.groupby(community)["risk"].agg(["mean", "size", "std"])
    error = shares["std"] / np.sqrt(shares["size"] / 5)
    assert ((shares["mean"] - risk["risk"].mean()).abs() < 4 * error).all()


def test_missing_ethnicity_depends_on_contact_and_not_on_ethnicity(large_force) -> None:
    people = large_force.truth("persons").query("suspect").set_index("person_id")
    recorded = large_force.extract("communities").set_index("person_id")["ethnicity_self"].notna()
    share = recorded.reindex(people.index).groupby(people["community"]).mean()
    assert share.max() - share.min() < 0.04


def test_the_report_prints_each_target_with_its_source(large_force, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(large_force.folder)]) == 0
    printed = capsys.readouterr().out
    assert all(f"| {target.name} |" in printed and target.source in printed for target in TARGETS)
    assert f"AUC {large_force.summary.risk['auc']:.3f}" in printed


def test_the_report_says_what_to_do_without_a_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    assert "Name a folder made by synth" in capsys.readouterr().err
    assert main([]) == 2
