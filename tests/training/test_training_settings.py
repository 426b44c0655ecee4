from __future__ import annotations

from pathlib import Path

import pytest

from features.kinds import FAMILIES
from training.candidates import make_ranker
from training.errors import SettingsError
from training.settings import DEFAULT_WEIGHT_SETS, SERIOUS_FAMILIES, RankerSettings, TrainSettings, load_settings


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "train.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold():
    settings = load_settings(None)
    assert settings.capacity.places == (10, 20, 30, 40, 50)
    assert [ranker.kind for ranker in settings.incumbents] == ["v100", "rfgv", "recency", "elastic_net"]
    assert len(settings.weight_sets) == 3


def test_the_rehearsal_on_real_stops_can_be_expressed():
    path = Path(__file__).parents[2] / "docs/examples/seattle_terry_stops/train.yaml"
    settings = load_settings(path)
    assert (settings.label.kind, settings.label.lag_days) == ("arrest", 0)
    assert (settings.cohort.months, settings.cohort.domestic_only) == (None, False)
    assert (settings.promote, settings.for_panel) == ("never", False)
    assert [str(day) for day in settings.splits.test_dates] == ["2021-12-31"]
    assert make_ranker(settings.incumbents[0], {}, 1).columns() == ["incidents_any_ever"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sead: 3", "sead"),
        ("label: {horizon_days: 0}", "label.horizon_days"),
        ("label: {kind: conviction}", "unknown label 'conviction'"),
        ("label: {grade_values: [0, 0.5, 0.4, 1]}", "rise strictly"),
        ("capacity: {low: 30, high: 10}", "from low to high"),
        ("incumbents: []", "at least one incumbent"),
        ("candidates: [{kind: v100}]", "named once"),
        ("weight_sets: [{name: flat, days: {}, source: x}]", "at least three harm-weight sets"),
        ("splits: {test_dates: [2022-12-31]}", "declare both"),
        ("label: [", "line 1, column 9 is not YAML"),
        ("- 1", "does not hold names and values"),
    ],
)
def test_a_wrong_configuration_names_the_field(tmp_path, text, message):
    with pytest.raises(SettingsError, match=message):
        load_settings(written(tmp_path, text))


def test_a_missing_configuration_is_named_without_its_folder(tmp_path):
    with pytest.raises(SettingsError, match=r"no configuration absent\.yaml"):
        load_settings(tmp_path / "absent.yaml")


def test_an_unknown_ranker_or_parameter_is_refused():
    with pytest.raises(SettingsError, match="no ranker 'forest'"):
        make_ranker(RankerSettings(kind="forest"), {}, 1)
    with pytest.raises(SettingsError, match="does not take these parameters: depth"):
        make_ranker(RankerSettings(kind="lightgbm", parameters={"depth": 3}), {}, 1)


def test_weight_sets_and_floors_name_offence_families_that_exist():
    assert set(FAMILIES) >= SERIOUS_FAMILIES
    for weights in DEFAULT_WEIGHT_SETS:
        if not isinstance(weights.days, str):
            assert set(weights.days) <= set(FAMILIES)


def test_settings_cannot_change_after_validation():
    with pytest.raises(ValueError, match="frozen"):
        TrainSettings().seed = 3  # type: ignore[misc]
