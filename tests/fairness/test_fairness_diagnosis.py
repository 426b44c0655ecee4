"""The diagnosis finds what was planted, leaves out what is too small, and imputes nobody."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fairness import audit
from fairness.diagnosis import (
    Reading,
    error_drivers,
    missed_harm_bounds,
    missed_harm_cells,
    model_missing,
    read_again,
)
from fairness.diagnosis.readings import NONE_APART
from fairness.errors import TableError
from fairness.groups import from_labels, labels
from fairness.papers.diagnosis import diagnosis_sections


def characteristic(name: str, values: np.ndarray):
    return from_labels(name, labels(pd.Series(values, dtype=object)))


def test_the_cells_read_again_are_those_of_the_audit(people, shipped):
    table = people("sex", male=(2000, 800, 600, 300), female=(500, 200, 160, 62))
    audited = [c for c in audit(table, shipped).cells if c.binding]
    again = missed_harm_cells(table, shipped)
    assert [(c.key, c.n, c.ratio, c.ratio_low, c.ratio_high) for c in again] == [
        (c.key, c.n, c.ratio, c.ratio_low, c.ratio_high) for c in audited
    ]


def test_a_community_whose_ratio_depends_on_who_reported_is_named_and_a_small_one_tells_nothing(people, shipped):
    whole = people("sex", male=(2000, 800, 600, 300), female=(600, 240, 300, 150), other=(40, 9, 9, 5))
    police = whole.assign(outcome=whole["outcome"].where(~((whole["sex"] == "female") & (whole["selected"] == 1)), 0))
    found = read_again([Reading("audit", "all records", whole), Reading("police", "police only", police)], shipped)
    first, second = ({c["group"]: c for c in reading["cells"]} for reading in found["readings"])
    assert first["female"]["ratio"] == pytest.approx((150 / 300) / (304 / 609))
    assert second["female"]["ratio"] == pytest.approx(1.0 / (304 / 609))
    hidden = dict.fromkeys(("n", "ratio", "low", "high")) | {"counted": [9, 4]}
    assert first["other"] == {"table": "subjects", "characteristic": "sex", "group": "other", **hidden}
    assert [line.split(":")[0] for line in found["says"]] == ["sex 'female' (subjects)", "sex 'male' (subjects)"]
    same = read_again([Reading("audit", "all records", whole), Reading("again", "the same", whole)], shipped)
    assert same["says"] == [NONE_APART]


def test_bounds_hold_whoever_the_unrecorded_people_are(people, shipped):
    table = people("sex", male=(400, 160, 120, 60), female=(200, 80, 60, 24))
    blank = people("sex", nobody=(60, 24, 20, 8)).assign(sex=None)
    blank["person_id"] = "b" + blank["person_id"]
    whole = pd.concat([table, blank], ignore_index=True)
    found = {each["group"]: each for each in missed_harm_bounds(whole, shipped)}
    assert set(found) == {"male", "female"}
    female = found["female"]
    assert female["none"] == pytest.approx((36 / 60) / (72 / 140))
    assert female["all"] == pytest.approx((48 / 80) / (60 / 120))
    rng = np.random.default_rng(1)
    for _ in range(30):  # nobody's group is known, so every way to share them out must lie inside
        drawn = whole.assign(sex=whole["sex"].fillna(pd.Series(rng.choice(["male", "female"], len(whole)))))
        ratio = next(c.ratio for c in missed_harm_cells(drawn, shipped) if c.group == "female")
        assert female["least"] - 1e-12 <= ratio <= female["most"] + 1e-12
    extreme = whole["sex"].isna() & (whole["outcome"] == 1) & (whole["selected"] == 0)
    worst = whole.assign(sex=whole["sex"].mask(extreme, "female").fillna("male"))
    assert next(c.ratio for c in missed_harm_cells(worst, shipped) if c.group == "female") == pytest.approx(
        female["most"]
    )
    assert "whoever they are, between" in female["says"]


def test_nothing_is_bounded_where_hardly_anybody_is_unrecorded(people, shipped):
    assert missed_harm_bounds(people("sex", male=(400, 160, 120, 60), female=(200, 80, 60, 24)), shipped) == []


def explained(rows: int = 600, planted: float = 1.5) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(4)
    group = rng.choice(["north", "south"], rows)
    parts = pd.DataFrame(rng.normal(size=(rows, 3)), columns=["victims", "stops", "harm"])
    parts["stops"] += planted * (group == "north")
    people = pd.DataFrame({"person_id": [f"p{i % 400}" for i in range(rows)]})
    people["outcome"] = pd.array(rng.choice([0, 1], rows), dtype="Int8")
    people.loc[:9, "outcome"] = pd.NA
    people["selected"] = (parts.sum(axis=1) > 0.5).astype(int)
    return parts, people, group


def test_the_indicator_that_moves_a_community_apart_comes_first_and_the_parts_sum_to_the_gap():
    parts, people, group = explained()
    families = {"victims": "victims", "stops": "reporting", "harm": "harm"}
    found = error_drivers(parts, people, {"place": characteristic("place", group)}, families, shown=2)
    assert {each["side"] for each in found} == {"harmed", "missed", "wrongly_high"}
    for each in found:
        total = each["rest"] + sum(one["difference"] for one in each["indicators"])
        assert total == pytest.approx(each["gap"])
        assert sum(one["difference"] for one in each["families"]) == pytest.approx(each["gap"])
    north = next(each for each in found if (each["side"], each["group"]) == ("harmed", "north"))
    rows = (people["outcome"] == 1).fillna(False).to_numpy(bool)
    exact = parts["stops"][rows & (group == "north")].mean() - parts["stops"][rows & (group == "south")].mean()
    first = north["indicators"][0]
    assert (first["name"], first["family"]) == ("stops", "reporting")
    assert first["difference"] == pytest.approx(exact)
    assert first["low"] == pytest.approx(2 * exact - first["high"])
    assert first["low"] > 1.0


def test_rows_of_one_person_count_as_one_witness():
    parts, people, group = explained(300)
    places = {"place": characteristic("place", group)}
    once = error_drivers(parts, people, places, dict.fromkeys(parts, "all"))
    twice = error_drivers(
        pd.concat([parts, parts], ignore_index=True),
        pd.concat([people, people], ignore_index=True),
        {"place": characteristic("place", np.tile(group, 2))},
        dict.fromkeys(parts, "all"),
    )
    assert twice[0]["indicators"][0]["low"] == pytest.approx(once[0]["indicators"][0]["low"])
    assert (
        error_drivers(parts[:40], people[:40], {"place": characteristic("place", group[:40])}, dict.fromkeys(parts, ""))
        == []
    )
    with pytest.raises(TableError, match="not of the same rows"):
        error_drivers(parts, people[:20], places, dict.fromkeys(parts, ""))


def test_what_tells_the_unrecorded_apart_is_found_and_a_characteristic_lost_at_random_tells_nothing():
    rng = np.random.default_rng(6)
    indicators = pd.DataFrame(rng.normal(size=(1500, 4)), columns=["a", "b", "c", "known_to_police"])
    indicators.loc[rng.random(1500) < 0.3, "c"] = np.nan
    context = pd.DataFrame({"area": rng.choice(["east", "west"], 1500), "year": 2024})
    lost = rng.random(1500) < 1 / (1 + np.exp(2 + 2 * indicators["known_to_police"]))
    asked = characteristic("ethnicity", np.where(lost, None, "W1"))
    found = model_missing(indicators, context, asked)
    assert found["unrecorded"] == pytest.approx(lost.mean())
    assert found["low"] > 0.7
    assert found["drivers"][0]["name"] == "known_to_police"
    assert found["drivers"][0]["odds_ratio"] < 0.6
    chance = model_missing(
        indicators, context, characteristic("ethnicity", np.where(rng.random(1500) < 0.2, None, "W1"))
    )
    assert chance["low"] <= 0.5
    assert chance["says"].startswith("Nothing that was looked at tells people without a recorded ethnicity")


def test_declining_to_say_is_an_answer_and_few_unrecorded_people_are_not_modelled():
    indicators = pd.DataFrame({"a": np.arange(100.0)})
    context = pd.DataFrame({"area": ["east"] * 100})
    declined = characteristic("religion", np.array(["NS"] * 60 + ["C"] * 30 + [None] * 10, dtype=object))
    found = model_missing(indicators, context, declined)
    assert found == {
        "characteristic": "religion", "people": 100, "unrecorded": None,
        "not_modelled": "fewer than 30 people lack it",
    }  # fmt: skip


def test_the_sections_of_a_report_say_what_is_not_available(people, shipped):
    table = people("sex", male=(400, 160, 120, 60), female=(200, 80, 60, 24))
    readings = [Reading("audit", "all records", table), Reading("again", "the same", table)]
    found = {
        "reporters": {"available": False, "why": "the records do not hold who reported."},
        "drivers": [], "missingness": [], "bounds": [], "proxies": [],
    }  # fmt: skip
    reporters, drivers, _, proxies = diagnosis_sections(found, (0.8, 1.25))
    assert reporters["blocks"] == [{"kind": "text", "text": "Not available: the records do not hold who reported."}]
    assert (drivers["blocks"][0]["text"], proxies["blocks"][0]["text"]) == (
        "Too few people.",
        "No group is large enough.",
    )
    found["reporters"] = {"available": True, "recorded": 0.9, **read_again(readings, shipped)}
    shown = diagnosis_sections(found, (0.8, 1.25))[0]["blocks"][-1]
    assert shown["head"] == ["Community", "all records", "the same"]
    assert shown["rows"][0][0] == "people whose sex is recorded as female"
    plots = [block for block in diagnosis_sections(found, (0.8, 1.25))[0]["blocks"] if block["kind"] == "intervals"]
    assert [plot["title"] for plot in plots] == ["Missed harm: all records", "Missed harm: the same"]
    drawn = {row["label"]: (row["ratio"], row["low"], row["high"]) for row in plots[0]["rows"]}
    cells = {
        f"sex: {c['group']}": (c["ratio"], c["low"], c["high"]) for c in found["reporters"]["readings"][0]["cells"]
    }
    assert drawn == cells
    assert shown["rows"][0][1] in plots[0]["says"]
