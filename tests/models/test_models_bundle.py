from __future__ import annotations

import json
import os
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import (
    Bands,
    Bundle,
    BundleCorrupt,
    Calibration,
    CatalogueMismatch,
    ElasticNetRanker,
    MissingIndicators,
    ModelsError,
    PriorCount,
    Recency,
    SuitabilityRanker,
    V100Sum,
    fit_calibration,
    places,
)
from values import canonical_json, digest

VERSION = digest("a catalogue")
RANKERS = [
    SuitabilityRanker({"crimes_reported_365": 1}, trees=12, min_people=15),
    ElasticNetRanker(),
    V100Sum(),
    Recency(),
    PriorCount(),
]
every_kind = pytest.mark.parametrize("ranker", RANKERS, ids=lambda ranker: ranker.kind)


def save(folder, ranker, X, y, **changes):
    names = ranker.columns() if hasattr(ranker, "columns") else list(X.columns)
    fitted = ranker.fit(X[names], y)
    calibration = fit_calibration(fitted.predict(X[names]), y)
    given_ = {
        "catalogue_version": VERSION,
        "indicators": names,
        "monotone": {"crimes_reported_365": 1},
        "grade_values": (0.0, 0.25, 0.6, 1.0),
        "calibration": calibration,
        "bands": Bands.from_population(calibration.expected(fitted.predict(X[names]))),
        "card": {"people": 900},
        "for_panel": False,
    }
    return Bundle.save(folder, fitted, **{**given_, **changes})


@every_kind
def test_what_is_saved_reads_back_with_the_same_scores(ranker, people, tmp_path):
    X, y = people
    bundle = save(tmp_path, ranker, X, y)
    again = Bundle.load(tmp_path / bundle.hash)
    assert (again.kind, again.hash) == (ranker.kind, bundle.hash)
    assert again.margin(X).tolist() == ranker.predict(X[list(again.indicators)]).tolist()
    np.testing.assert_allclose(again.contributions(X).sum(axis=1), again.margin(X), rtol=0, atol=1e-9)
    assert again.calibration == bundle.calibration
    assert again.grade_values == (0.0, 0.25, 0.6, 1.0)


@every_kind
def test_permuted_rows_give_the_same_hash(ranker, people, tmp_path):
    X, y = people
    order = np.random.default_rng(11).permutation(len(X))
    first = save(tmp_path, ranker, X, y)
    second = save(tmp_path, ranker, X.iloc[order], y.iloc[order])
    assert first.hash == second.hash


def test_number_of_threads_gives_the_same_hash(people, tmp_path):
    X, y = people
    one, two = (save(tmp_path, SuitabilityRanker(trees=12, min_people=15, threads=threads), X, y) for threads in (1, 2))
    assert one.hash == two.hash


def test_another_grade_or_setting_gives_another_hash(people, tmp_path):
    X, y = people
    first = save(tmp_path, ElasticNetRanker(), X, y)
    changed = y.copy()
    changed.iloc[0] = 1.0 - changed.iloc[0]
    assert save(tmp_path, ElasticNetRanker(), X, changed).hash != first.hash
    assert save(tmp_path, ElasticNetRanker(alpha=0.1), X, y).hash != first.hash
    assert save(tmp_path, ElasticNetRanker(), X, y, for_panel=True).hash != first.hash


@every_kind
def test_bundle_is_private_text_without_paths_or_peoples_extremes(ranker, people, tmp_path):
    X, y = people
    X = X.assign(harm_reported_365=X["harm_reported_365"].where(X["harm_reported_365"] < 1000, 987654.25))
    bundle = save(tmp_path, ranker, X, y)
    for file in bundle.path.iterdir():
        text = file.read_text("utf-8")
        assert "987654" not in text
        assert "P00001" not in text
        assert str(tmp_path) not in text
        assert file.stat().st_mode & 0o077 == 0
    assert bundle.path.stat().st_mode & 0o077 == 0


@every_kind
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_one_changed_byte_in_any_file_is_named(ranker, people, tmp_path, place):
    X, y = people
    bundle = save(tmp_path, ranker, X, y)
    for file in sorted(bundle.path.iterdir()):
        data = bytearray(file.read_bytes())
        at = {"first": 0, "middle": len(data) // 2, "last": len(data) - 1}[place]
        data[at] ^= 1
        original = file.read_bytes()
        file.write_bytes(bytes(data))
        with pytest.raises(BundleCorrupt, match=file.name):
            Bundle.load(bundle.path)
        with pytest.raises(BundleCorrupt, match=file.name):
            bundle.verify()
        file.write_bytes(original)
    bundle.verify()


def test_missing_added_and_linked_files_are_named(people, tmp_path):
    X, y = people
    bundle = save(tmp_path, V100Sum(), X, y)
    (bundle.path / "extra.txt").write_text("x")
    with pytest.raises(BundleCorrupt, match=r"extra\.txt"):
        Bundle.load(bundle.path)
    (bundle.path / "extra.txt").unlink()
    os.rename(bundle.path / "reference.json", tmp_path / "elsewhere.json")
    with pytest.raises(BundleCorrupt, match=r"reference\.json .* missing"):
        Bundle.load(bundle.path)
    (bundle.path / "reference.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(BundleCorrupt, match=r"reference\.json"):
        Bundle.load(bundle.path)


def test_rewritten_index_with_matching_hashes_does_not_match_the_folder(people, tmp_path):
    X, y = people
    bundle = save(tmp_path, V100Sum(), X, y)
    content = json.loads((bundle.path / "bundle.json").read_text())
    (bundle.path / "bundle.json").write_text(canonical_json({**content, "for_panel": True}))
    with pytest.raises(BundleCorrupt, match="folder's name"):
        Bundle.load(bundle.path)


def test_renamed_folder_and_unknown_kind_are_refused(people, tmp_path):
    X, y = people
    bundle = save(tmp_path, V100Sum(), X, y)
    shutil.copytree(bundle.path, tmp_path / "copy")
    with pytest.raises(BundleCorrupt, match="folder's name"):
        Bundle.load(tmp_path / "copy")
    content = {**json.loads((bundle.path / "bundle.json").read_text()), "kind": "oracle"}
    forged = tmp_path / digest(content)
    shutil.copytree(bundle.path, forged)
    (forged / "bundle.json").write_text(canonical_json(content))
    with pytest.raises(BundleCorrupt, match="kind of ranker"):
        Bundle.load(forged)


def test_scoring_needs_every_indicator_and_the_same_catalogue(people, tmp_path):
    X, y = people
    bundle = save(tmp_path, ElasticNetRanker(), X, y)
    with pytest.raises(MissingIndicators, match="victims_distinct_3y"):
        bundle.margin(X.drop(columns="victims_distinct_3y"))
    bundle.require_catalogue(VERSION)
    with pytest.raises(CatalogueMismatch, match=VERSION[:12]):
        bundle.require_catalogue(digest("another"))


def test_indicators_must_be_those_of_the_fit(people, tmp_path):
    X, y = people
    with pytest.raises(ModelsError, match="declared indicators"):
        save(tmp_path, ElasticNetRanker(), X, y, indicators=list(reversed(X.columns)))


def test_bands_follow_the_margin_and_need_a_calibration(people, tmp_path):
    X, y = people
    bundle = save(tmp_path, ElasticNetRanker(), X, y)
    margin = np.sort(bundle.margin(X))
    bands = [bundle.band(value) for value in margin]
    assert bands[0] == "lower"
    assert bands[-1] == "very high"
    assert bands.count("very high") == 9
    assert [bands.count(label) for label in ("high", "raised")] == [36, 135]
    bare = save(tmp_path, V100Sum(), X, y, calibration=None, bands=None)
    assert bare.band(1e9) == "not banded"
    with pytest.raises(ModelsError, match="no calibration"):
        bare.expected([1.0])
    with pytest.raises(ModelsError, match="come together"):
        save(tmp_path, V100Sum(), X, y, bands=None)


def test_golden_bundle_by_hand(people, tmp_path):
    """The whole content of the smallest bundle, so that a change of format cannot slip by."""
    X, _ = people
    bundle = Bundle.save(
        tmp_path,
        PriorCount().fit(X[["incidents_any_ever"]]),
        catalogue_version=VERSION,
        indicators=["incidents_any_ever"],
        monotone={"incidents_any_ever": 1},
        grade_values=(),
        calibration=Calibration(0.5, -2.0),
        bands=Bands((0.5, 0.3, 0.2)),
        card={},
        for_panel=True,
    )
    assert (bundle.path / "reference.json").read_text() == '{"base":0.0}'
    assert (bundle.path / "bundle.json").read_text() == (
        '{"bands":{"cuts":[0.5,0.3,0.2],"labels":["very high","high","raised","lower"]},'
        '"calibration":{"intercept":-2.0,"slope":0.5},"card":{},'
        f'"catalogue_version":"{VERSION}",'
        '"files":{"reference.json":"f3bc0d672e7dbdea147512eeaf59a52462bda08ab1b70f42b1eaa91a12246ca7"},'
        '"for_panel":true,"format":1,"grade_values":[],"indicators":["incidents_any_ever"],'
        '"kind":"prior_count","monotone":{"incidents_any_ever":1},'
        '"parameters":{"count":"incidents_any_ever"}}'
    )
    assert [bundle.band(margin) for margin in (4.0, 3.0, 2.0, 1.0)] == ["very high", "high", "raised", "lower"]


@given(st.lists(st.integers(-3, 3), max_size=40))
def test_a_place_is_one_more_than_the_people_above(margins):
    expected = [1 + sum(other > own for other in margins) for own in margins]
    assert places(np.array(margins, dtype=float)).tolist() == expected


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.randoms())
def test_places_belong_to_people_not_to_rows(margins, random):
    order = list(range(len(margins)))
    random.shuffle(order)
    straight, shuffled = places(margins), places([margins[i] for i in order])
    assert [straight[i] for i in order] == shuffled.tolist()
    assert straight.min() == 1


def test_nobody_without_a_margin_gets_a_place():
    with pytest.raises(ModelsError, match="not a number"):
        places([1.0, float("nan")])
