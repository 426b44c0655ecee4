from __future__ import annotations

import dataclasses
import re
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from features import CATALOGUE, build_stream, compute, compute_without
from models import (
    RFGV,
    Bands,
    Bundle,
    CatalogueMismatch,
    ElasticNetRanker,
    ModelsError,
    PriorCount,
    Recency,
    SuitabilityRanker,
    V100Sum,
    explain,
    fit_calibration,
    places,
)
from models.reasons import Reason, _checked
from models.sentences import DEFINITIONS, SENTENCES
from models.wording import not_known, provisional, sentence
from values import AsOf, digest

T = AsOf(date(2026, 3, 31))
COLUMNS = [
    "days_since_last_domestic",
    "domestic_incidents_365",
    "domestic_crimes_365",
    "harm_reported_365",
    "crimes_reported_365",
    "victims_1095",
    "same_victim_most_730",
    "coercive_control_730",
    "marac_hearings_365",
    "counter_allegation_share",
    "incidents_any_ever",
    "children_present_365",
]
KINDS = {
    "lightgbm": (lambda: SuitabilityRanker(CATALOGUE.only(COLUMNS).monotone, trees=60, min_people=10), COLUMNS),
    "elastic_net": (lambda: ElasticNetRanker(), COLUMNS),
    "v100": (V100Sum, ["harm_reported_365", "crimes_reported_365"]),
    "rfgv": (
        RFGV,
        ["days_since_last_domestic", "domestic_incidents_730", "harm_max_730", "harm_730", "victims_730"],
    ),
    "recency": (Recency, ["days_since_last_domestic"]),
    "prior_count": (PriorCount, ["incidents_any_ever"]),
}


@pytest.fixture(scope="module")
def world(make_source):
    """A made-up force of 300 people whose incidents follow a propensity of their own."""
    rng = np.random.default_rng(17)
    incidents = []
    for person in range(300):
        for _ in range(1 + rng.poisson(0.2 + 3.0 * rng.random() ** 3)):
            day = T.day - timedelta(days=int(rng.integers(1, 1000)))
            victim = f"V{person}" if rng.random() < 0.8 else f"V{person}-{rng.integers(3)}"
            incidents.append(
                {
                    "day": day.isoformat(),
                    "suspects": (f"S{person:03d}",),
                    "victims": (victim,) if rng.random() < 0.95 else (),
                    "code": str(rng.choice(["00105", "00521", "00867", "00858", "10411", "99999"])),
                    "crime": bool(rng.random() < 0.8),
                    "known_from": (day + timedelta(days=int(rng.integers(0, 20)))).isoformat(),
                }
            )
    hearings = [
        {
            "hearing_id": f"H{n}",
            "victim_id": f"V{person}",
            "perpetrator_id": f"S{person:03d}",
            "heard_at": (T.day - timedelta(days=int(rng.integers(1, 700)))).isoformat(),
            "referred_at": None,
            "area": "castlebridge",
        }
        for n, person in enumerate(rng.choice(300, 40, replace=False))
    ]
    stream = build_stream(make_source(incidents, marac_hearings=hearings))
    people = pd.DataFrame({"person_id": [f"S{n:03d}" for n in range(300)], "as_of": pd.Timestamp(T.day)})
    table = compute(stream, people)
    drift = -2 + table["domestic_incidents_365"] + 1.5 * table["coercive_control_730"]
    return stream, people, table, pd.Series(1 / (1 + np.exp(-drift)))


@pytest.fixture(scope="module", params=list(KINDS))
def explained(request, world, tmp_path_factory):
    stream, people, table, grades = world
    make, columns = KINDS[request.param]
    ranker = make().fit(table[columns], grades)
    margin = ranker.predict(table[columns])
    calibration = fit_calibration(margin, grades)
    bundle = Bundle.save(
        tmp_path_factory.mktemp("bundles"),
        ranker,
        catalogue_version=CATALOGUE.version,
        indicators=columns,
        monotone=CATALOGUE.only(columns).monotone,
        grade_values=(0.0, 1.0),
        calibration=calibration,
        bands=Bands.from_population(calibration.expected(margin)),
        card={},
        for_panel=True,
    )
    first = people.iloc[np.argsort(-margin, kind="stable")[:100]]
    return bundle, first, explain(bundle, stream, CATALOGUE, first, line_person=first["person_id"].iloc[20])


def test_every_person_is_explained_with_the_margin_they_have(explained, world):
    bundle, first, found = explained
    assert list(found) == first["person_id"].tolist()
    table = world[2].set_index("person_id")
    for person, told in found.items():
        assert told.margin == bundle.margin(table.loc[[person]])[0]


def test_groups_add_up_to_the_movement_of_the_margin(explained, world):
    bundle, _, found = explained
    parts = bundle.contributions(world[2].set_index("person_id"))
    for person, told in found.items():
        shown = {reason.group: reason.contribution for reason in told.reasons}
        for group, contribution in shown.items():
            names = [name for name in bundle.indicators if CATALOGUE[name].group == group]
            assert contribution == pytest.approx(parts.loc[person, names].sum(), abs=1e-9)
        assert sum(reason.share for reason in told.reasons) + told.suppressed_share <= 1.0 + 1e-9


def test_contrast_sums_to_the_difference_from_the_person_at_the_line(explained):
    _, first, found = explained
    line = found[first["person_id"].iloc[20]]
    assert line.contrast == ()
    for told in found.values():
        assert sum(c.difference for c in told.contrast) == pytest.approx(told.margin - line.margin, abs=1e-9)


def test_raising_reasons_cite_known_events_whose_removal_lowers_the_margin(explained, world):
    bundle, _, found = explained
    stream = world[0]
    cited = [(told, reason) for told in found.values() for reason in told.reasons if reason.events]
    assert len(cited) >= 15
    refs = [frozenset(fact.event_ref for fact in reason.events) for _, reason in cited]
    requests = [(told.person_id, T, ref) for (told, _), ref in zip(cited, refs, strict=True)]
    without = bundle.margin(compute_without(stream, requests))
    for (told, reason), margin in zip(cited, without, strict=True):
        assert reason.push == "raises"
        assert reason.removal_checked
        assert reason.margin_without == margin < told.margin
        days = [fact.occurred for fact in reason.events]
        assert days == sorted(days, reverse=True)
        assert max(days) <= T.day


def test_lowering_reasons_cite_nothing_and_claim_no_check(explained):
    for told in explained[2].values():
        for reason in told.reasons:
            if reason.push == "lowers":
                assert reason.rests_on_absence
                assert not reason.removal_checked
                assert reason.margin_without is None


@pytest.mark.parametrize(("push", "contribution", "shown"), [("raises", 0.4, False), ("lowers", -0.4, True)])
def test_what_raises_without_a_record_to_take_out_is_withheld(push, contribution, shown):
    reason = Reason("context", "Not known: the relationship.", push, contribution, 0.2, ("familial_ever",))
    assert _checked(reason, margin=1.0, without=None) == (reason, shown)


def test_bound_lies_around_the_margin_and_the_place(explained, world):
    bundle, _, _ = explained
    stream, people, table, _ = world
    margins = bundle.margin(table)
    ranked = dict(zip(people["person_id"], margins, strict=True))
    found = explain(bundle, stream, CATALOGUE, people, ranked=ranked)
    bounds = {person: told.provisional for person, told in found.items() if told.provisional}
    place = dict(zip(people["person_id"], places(margins).tolist(), strict=True))
    for person, bound in bounds.items():
        assert set(bound.indicators) <= set(bundle.indicators)
        # The hearings were known from long before T on, so nothing new is: they may be out of date.
        known = set(bound.indicators) - {"marac_hearings_365"}
        assert table.set_index("person_id").loc[person, sorted(known)].isna().all()
        assert bound.low <= found[person].margin <= bound.high
        assert 1 <= bound.best <= place[person] <= bound.worst <= len(people)
        if bundle.kind != "lightgbm":  # a sum has no end
            assert (bound.best, bound.worst, bound.high) == (1, len(people), np.inf)
    assert bool(bounds) == (bundle.kind in ("lightgbm", "elastic_net", "v100", "rfgv"))
    assert digest([told.to_dict() for told in found.values()])


def test_one_person_alone_is_told_what_they_are_told_in_the_list(explained, world):
    bundle, first, found = explained
    for row in (0, 7, 60):
        alone = explain(bundle, world[0], CATALOGUE, first.iloc[[row]])
        person = first["person_id"].iloc[row]
        assert alone == {person: dataclasses.replace(found[person], contrast=())}


def test_stored_form_names_no_other_person(explained):
    _, _, found = explained
    text = str([told.to_dict() for told in found.values()])
    assert not re.search(r"'V\d", text)
    assert not re.search(r"'S\d", text)
    assert digest([told.to_dict() for told in found.values()])


def _bundle(folder, table, ranker, columns):
    return Bundle.save(
        folder,
        ranker.fit(table[columns], np.linspace(0, 1, len(table))),
        catalogue_version=CATALOGUE.version,
        indicators=columns,
        monotone={},
        grade_values=(),
        calibration=None,
        bands=None,
        card={},
        for_panel=False,
    )


class _Backwards(PriorCount):
    """Ranks people with fewer incidents first: a reason to rank somebody early that its events contradict."""

    def predict(self, X):
        return -super().predict(X)

    def contributions(self, X):
        return super().contributions(X).abs()


def test_reason_contradicted_by_the_removal_of_its_events_is_withheld(world, tmp_path):
    stream, people, table, _ = world
    bundle = _bundle(tmp_path, table, PriorCount(), ["incidents_any_ever"])
    backwards = _Backwards().fit(table[["incidents_any_ever"]])
    object.__setattr__(bundle, "ranker", backwards)
    told = explain(bundle, stream, CATALOGUE, people.iloc[:5])
    for explanation in told.values():
        assert explanation.reasons == ()
        assert explanation.suppressed_share == 1.0


def test_what_is_not_available_is_said(world, make_source, tmp_path):
    table = world[2]
    bundle = _bundle(tmp_path, table, ElasticNetRanker(), ["marac_hearings_365", "domestic_incidents_365"])
    held = make_source([{"day": "2026-01-01", "suspects": ("S1",), "victims": ("V1",)}])
    people = pd.DataFrame({"person_id": ["S1"], "as_of": [pd.Timestamp(T.day)]})
    told = explain(bundle, build_stream(held), CATALOGUE, people)["S1"]
    assert told.missing == (
        "How many MARAC hearings in the last 365 days named the person as causing the harm? "
        "Not known: No MARAC records were delivered.",
    )


def test_questions_that_make_no_sense_are_refused(world, tmp_path):
    stream, people, table, _ = world
    bundle = _bundle(tmp_path, table, Recency(), ["days_since_last_domestic"])
    with pytest.raises(CatalogueMismatch, match="catalogue"):
        explain(bundle, stream, CATALOGUE.only(["days_since_last_domestic"]), people)
    with pytest.raises(ModelsError, match="asked for twice"):
        explain(bundle, stream, CATALOGUE, people.iloc[[0, 0]])
    with pytest.raises(ModelsError, match="at the line"):
        explain(bundle, stream, CATALOGUE, people.iloc[:3], line_person="S299")


def test_bound_is_told_in_places():
    others = "everybody else staying as they are."
    assert provisional(12, 31) == (
        f"Provisional: between place 12 and place 31 if what is not known were known, {others}"
    )
    assert provisional(4, 4) == f"Nothing that is not known could change this place, {others}"


BANNED = re.compile(
    r"\b(guilty|guilt|dangerous|danger|will|would|offender|perpetrator|perpetrated|abuser|committed|safe|certain|"
    r"likely|criminal)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", CATALOGUE.names)
@pytest.mark.parametrize("value", [0.0, 1.0, 0.5, 37.0, 1234.5, float("nan")])
def test_sentences_say_what_is_recorded_and_no_more(name, value):
    text = sentence(CATALOGUE[name], value)
    assert not BANNED.search(text)
    assert "{" not in text
    assert "nan" not in text
    assert text[0].isupper() or text[0].isdigit()
    assert not text.endswith(".")


def test_every_sentence_says_that_somebody_recorded_or_reported_it():
    told = [sentence(CATALOGUE[name], value) for name in CATALOGUE.names for value in (0.0, 1.0, 3.0)]
    bare = [text for text in told if not re.search(r"record|report", text, re.IGNORECASE)]
    assert all("MARAC hearing" in text for text in bare)  # a hearing names a person, and is told as that


@pytest.mark.parametrize("name", CATALOGUE.names)
def test_missing_values_are_told_without_blame(name):
    assert not BANNED.search(not_known(CATALOGUE[name]))


def test_every_indicator_has_a_sentence_and_no_sentence_is_left_behind():
    stems = {name.rpartition("_")[0] for name in CATALOGUE.names}
    assert set(SENTENCES) <= stems | set(CATALOGUE.names)
    assert set(DEFINITIONS) == {one.name for one in CATALOGUE if one.unit == "1 = met"}
    told = {name for name in CATALOGUE.names if sentence(CATALOGUE[name], 3.0).startswith(CATALOGUE[name].question)}
    assert told == set()


def test_new_indicator_is_told_by_its_question():
    new = dataclasses.replace(CATALOGUE["threats_730"], name="threats_of_1_year")
    assert sentence(new, 2.0) == f"{new.question} 2 incidents"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("domestic_incidents_365", 6, "Recorded as suspect in 6 domestic incidents in the last 12 months"),
        ("domestic_incidents_365", 1, "Recorded as suspect in 1 domestic incident in the last 12 months"),
        ("domestic_incidents_365", 0, "Recorded as suspect in no domestic incidents in the last 12 months"),
        (
            "days_since_last_domestic",
            1,
            "Last recorded as suspect in a domestic incident 1 day before the date of the list",
        ),
        ("days_since_last_domestic", 0, "Last recorded as suspect in a domestic incident on the date of the list"),
        ("harm_730", 2555.25, "Recorded domestic crimes in the last 2 years add up to 2,555 harm days"),
        ("counter_allegation_share", 0.4, "Recorded as victim in 40 % of the domestic incidents with recorded victims"),
        ("serial_northumbria", 1, "Records meet the Northumbria MATAC definition of serial"),
    ],
)
def test_sentences_read_as_a_panel_would_say_them(name, value, text):
    assert sentence(CATALOGUE[name], float(value)) == text
