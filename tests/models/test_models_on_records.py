"""The whole room on a small made-up force that went through synthesis, ingest and the event stream."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from features import CATALOGUE, build_stream, compute, select_cohort
from models import (
    Bands,
    Bundle,
    PriorCount,
    Recency,
    SuitabilityRanker,
    V100Sum,
    assess,
    explain,
    find_holds,
    fit_calibration,
    gather_records,
    places,
)
from records import RecordStore
from synthetic import ForceSettings, make_force
from values import AsOf

T = AsOf(date(2026, 3, 31))
EARLIER = AsOf(date(2025, 3, 31))


@pytest.fixture(scope="module")
def force(tmp_path_factory):
    home = tmp_path_factory.mktemp("force")
    make_force(home, ForceSettings(persons=2500, years=5, seed=11))
    store = RecordStore(home / "records")
    store.ingest(home / "extract")
    snapshot = store.latest()
    return snapshot, build_stream(snapshot)


@pytest.fixture(scope="module")
def scored(force, tmp_path_factory):
    _, stream = force
    names = list(CATALOGUE.names)
    before = select_cohort(stream, EARLIER).assign(as_of=pd.Timestamp(EARLIER.day))
    later = compute(stream, before.assign(as_of=pd.Timestamp(T.day)))
    grades = later["domestic_incidents_365"].clip(upper=3) / 3
    X = compute(stream, before)
    ranker = SuitabilityRanker(CATALOGUE.monotone, min_people=20).fit(X[names], grades)
    margin = ranker.predict(X[names])
    calibration = fit_calibration(margin, grades)
    bundle = Bundle.save(
        tmp_path_factory.mktemp("bundles"),
        ranker,
        catalogue_version=CATALOGUE.version,
        indicators=names,
        monotone=CATALOGUE.monotone,
        grade_values=(0.0, 1 / 3, 2 / 3, 1.0),
        calibration=calibration,
        bands=Bands.from_population(calibration.expected(margin)),
        card={"people": len(X)},
        for_panel=True,
    )
    people = select_cohort(stream, T).assign(as_of=pd.Timestamp(T.day))
    table = compute(stream, people)
    return bundle, table, bundle.margin(table)


def test_people_at_the_top_have_more_on_record_than_the_rest(scored):
    bundle, table, margin = scored
    top = places(margin) <= 60
    assert 60 <= top.sum() < 120
    counts = table["domestic_incidents_365"]
    assert counts[top].mean() > 2 * counts[~top].mean()
    assert {bundle.band(value) for value in margin} == {"very high", "high", "raised", "lower"}


def test_reasons_cite_only_what_was_known_and_in_the_tables(force, scored):
    snapshot, stream = force
    bundle, table, margin = scored
    first = table.loc[np.argsort(-margin, kind="stable")[:60], ["person_id", "as_of"]]
    told = explain(bundle, stream, CATALOGUE, first, line_person=first["person_id"].iloc[19])
    incidents = snapshot.table("incidents")
    known = set("incident:" + incidents.loc[incidents["known_from"] <= pd.Timestamp(T.day), "incident_id"])
    cited = [fact for one in told.values() for reason in one.reasons for fact in reason.events]
    assert len(cited) > 300
    assert all(fact.event_ref in known for fact in cited if fact.kind in ("incident", "dyad"))
    assert all(fact.occurred <= T.day for fact in cited)
    assert all(one.reasons[0].removal_checked for one in told.values() if one.reasons[0].push == "raises")
    assert np.mean([one.suppressed_share for one in told.values()]) < 0.2


@pytest.mark.parametrize("ranker", [V100Sum(), Recency(), PriorCount()], ids=lambda ranker: ranker.kind)
def test_incumbents_read_the_catalogue_as_it_is(ranker, scored):
    _, table, _ = scored
    margin = ranker.fit(table).predict(table)
    assert np.unique(places(margin)).size > 10
    assert ranker.unscored(table).mean() < 0.05


def test_a_few_per_cent_are_held_not_half(force, scored):
    snapshot, stream = force
    _, table, _ = scored
    holds = find_holds(stream, snapshot, table["person_id"], T)
    held = holds.loc[holds["kind"] == "counter_allegation", "person_id"].nunique()
    assert 0.01 < held / len(table) < 0.10
    assert holds["why"].str.len().min() > 20
    assert find_holds(
        stream, snapshot, table["person_id"], T, set(zip(holds["person_id"], holds["kind"], strict=True))
    ).empty


def test_every_listed_person_gets_every_criterion(force, scored):
    snapshot, stream = force
    _, table, margin = scored
    listed = table.loc[np.argsort(-margin, kind="stable")[:300], "person_id"]
    adult = snapshot.adult_at(T).set_index("person_id")["adult"].to_dict()
    records = gather_records(stream, snapshot, listed, T, adult)
    criteria = {person: assess(record, str(stream.areas[0])) for person, record in records.items()}
    assert set(criteria) == set(listed)
    states = pd.DataFrame([{c.name: c.state for c in found} for found in criteria.values()])
    assert states.isin(["met", "not met", "unknown"]).all(axis=None)
    assert (states["serial_northumbria"] == "met").mean() > (states["serial_college"] == "met").mean() > 0
    assert (states["recent"] == "met").mean() > 0.5
    flagged = table.set_index("person_id").loc[list(records), "serial_northumbria"].to_numpy() == 1.0
    assert ((states["serial_northumbria"] == "met").to_numpy() == flagged).all()
