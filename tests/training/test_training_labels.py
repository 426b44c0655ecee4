from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.building import build_stream
from training.definitions import describe_label
from training.errors import LabelNotMature, MissingRecords, TrainingError
from training.follow_up import FollowUp
from training.labels import LABELLERS, arrest_labels, grade_labels, label_spine
from training.settings import DEFAULT_WEIGHT_SETS, LabelSettings
from values import AsOf

T = "2023-01-31"  # T + 365 = 2024-01-31, + 90 = 2024-04-30
SETTINGS = LabelSettings()


def label(tables, people=("P",), settings=SETTINGS, as_of=T, weight_sets=(), labeller=grade_labels):
    for person in people:
        tables.incident("2022-06-01", person, "V0")
    if not tables.rows["persons"]:
        tables.add("persons", "2018-01-01", person_id="P", deceased_on=None)
    spine = pd.DataFrame({"person_id": list(people)})
    spine["as_of"] = np.datetime64(as_of, "s")
    labels = labeller(build_stream(tables), spine, settings, FollowUp.of(tables), weight_sets)
    assert labels["person_id"].tolist() == list(people)
    return labels


def one(tables, **options):
    return label(tables, **options).iloc[0]


@pytest.mark.parametrize(
    ("event", "grade"),
    [
        ({}, None),
        ({"victim": "V0", "crime": False}, 0),
        ({"victim": "V0"}, 1),
        ({"victim": "V0", "domestic": False}, 0),
        ({"victim": "V9", "crime": False}, 2),
        ({"victim": "V9", "domestic": False}, 0),
        ({"victim": "V0", "offence": "8N"}, 1),  # 365 harm days: not over the threshold
        ({"victim": "V0", "offence": "1"}, 3),
        ({"victim": "V0", "offence": "8R"}, 3),  # stalking with fear: 10 harm days, a floor all the same
        ({"victim": "V0", "offence": "8P"}, 3),  # coercive control: harm not known, a floor all the same
        ({"victim": "V0", "strangulation": True}, 3),
        ({"victim": "V9", "offence": "8R"}, 3),
    ],
)
def test_grade_of_one_event(tables, event, grade):
    if event:
        tables.incident("2023-06-01", "P", **event)
    row = one(tables)
    assert row["grade"] == (grade or 0)
    assert row["y"] == SETTINGS.grade_values[row["grade"]]
    assert row["outcome"] == int(row["grade"] >= 2)


@pytest.mark.parametrize(
    ("day", "grade"),
    [("2023-01-31", 0), ("2023-02-01", 1), ("2024-01-31", 1), ("2024-02-01", 0)],
)
def test_the_horizon_begins_the_day_after_t_and_ends_365_days_after_it(tables, day, grade):
    tables.incident(day, "P", "V0")
    assert one(tables)["grade"] == grade


@pytest.mark.parametrize(("known", "grade"), [("2024-04-30", 1), ("2024-05-01", 0)])
def test_an_event_recorded_after_horizon_and_lag_does_not_count(tables, known, grade):
    tables.incident("2023-06-01", "P", "V0", known=known)
    assert one(tables)["grade"] == grade


@pytest.mark.parametrize(("until", "grade"), [("2024-04-30", 0), ("2024-05-01", 1)])
def test_an_event_withdrawn_by_then_does_not_count(tables, until, grade):
    tables.incident("2023-06-01", "P", "V0", until=until)
    assert one(tables)["grade"] == grade


def test_an_event_as_corrected_by_then_counts(tables):
    tables.incident("2023-06-01", "P", "V0", name="X", until="2023-09-01")
    tables.incident("2023-06-01", "P", "V0", name="X", offence="8R", known="2023-09-01")
    assert one(tables)["grade"] == 3


def test_a_victim_of_an_old_incident_that_became_known_after_t_is_new(tables):
    tables.incident("2022-01-01", "P", "V9", known="2023-03-01")
    tables.incident("2023-06-01", "P", "V9", crime=False)
    assert one(tables)["new_victim"]


def test_a_victim_known_from_a_non_domestic_incident_is_not_new(tables):
    tables.incident("2022-01-01", "P", "V9", domestic=False)
    tables.incident("2023-06-01", "P", "V9", crime=False)
    assert one(tables)["grade"] == 0


def test_an_incident_as_victim_is_no_outcome(tables):
    tables.incident("2023-06-01", "Q", "P", offence="8R")
    assert one(tables)["grade"] == 0


def test_a_marac_hearing_as_perpetrator_is_grade_two(tables):
    hearing = {"hearing_id": "H1", "victim_id": "V0", "perpetrator_id": "P", "heard_at": "2023-06-01"}
    tables.add("marac_hearings", "2023-06-01", **hearing)
    row = one(tables)
    assert (row["grade"], row["marac"]) == (2, True)


def test_without_hearings_in_the_extract_marac_is_missing_not_false(tables):
    assert one(tables)["marac"] is pd.NA


def test_custody_before_any_qualifying_event_censors(tables):
    tables.add("custody", "2023-05-01", person_id="P", starts_on="2023-05-01")
    tables.incident("2023-06-01", "P", "V0", offence="8R")
    row = one(tables)
    assert (row["censored"], row["weight"], row["grade"]) == (True, 0.0, 3)


def test_an_event_counts_before_the_custody_of_the_same_day(tables):
    tables.add("custody", "2023-06-01", person_id="P", starts_on="2023-06-01")
    tables.incident("2023-06-01", "P", "V0", offence="8R")
    row = one(tables)
    assert (row["censored"], row["weight"]) == (False, 1.0)


def test_a_lesser_event_before_custody_leaves_the_outcome_unknown(tables):
    tables.incident("2023-04-01", "P", "V0")
    tables.add("custody", "2023-05-01", person_id="P", starts_on="2023-05-01")
    assert one(tables)["censored"]
    assert not one(tables, settings=LabelSettings(qualifying_grade=1))["censored"]


@pytest.mark.parametrize(
    ("starts", "known", "censored"),
    [
        ("2023-01-31", "2023-01-31", False),
        ("2023-02-01", "2023-02-01", True),
        ("2024-01-31", "2024-01-31", True),
        ("2024-02-01", "2024-02-01", False),
        ("2023-05-01", "2024-05-01", False),
    ],
)
def test_custody_counts_within_the_horizon_as_known_at_its_end(tables, starts, known, censored):
    tables.add("custody", known, person_id="P", starts_on=starts)
    assert one(tables)["censored"] == censored


def address(tables, area, since, known=None, person="P"):
    known = known or since
    tables.add("addresses", known, person_id=person, area=area, **{"from": since})


def test_a_move_away_from_every_area_before_any_qualifying_event_censors(tables):
    address(tables, "elsewhere", "2023-05-01")
    tables.incident("2023-06-01", "P", "V0", offence="8R")
    row = one(tables)
    assert (row["moved"], row["censored"], row["weight"], row["grade"]) == (True, False, 0.0, 3)


def test_a_move_to_another_area_of_the_records_is_followed(tables):
    address(tables, "south", "2023-05-01")
    tables.incident("2023-05-01", "Q", "V9", area="south")
    row = one(tables)
    assert (row["moved"], row["weight"]) == (False, 1.0)


@pytest.mark.parametrize("known", ["2023-05-02", "2025-06-01"])
def test_an_incident_elsewhere_that_became_known_after_the_move_changes_no_label(tables, known):
    address(tables, "elsewhere", "2023-05-01")
    tables.incident("2023-04-01", "Q", "V9", area="elsewhere", known=known)
    tables.incident("2023-06-01", "P", "V0", offence="8R")
    row = one(tables)
    assert (row["moved"], row["weight"]) == (True, 0.0)


@pytest.mark.parametrize("since", ["2023-05-01", None])
@pytest.mark.parametrize("area", ["elsewhere", "abroad"])
def test_whoever_was_away_at_t_has_not_moved_by_being_recorded_elsewhere_again(tables, area, since):
    tables.incident("2020-01-01", "P", "V0")
    address(tables, "north", "2020-01-01")
    address(tables, "elsewhere", None, "2022-12-01")
    address(tables, area, since, "2023-05-01")
    address(tables, area, None, "2023-08-01")
    assert (one(tables)["moved"], one(tables)["weight"]) == (False, 1.0)


def test_an_address_elsewhere_that_is_replaced_by_another_leaves_the_day_of_the_move(tables):
    address(tables, "elsewhere", None, "2023-05-01")
    tables.rows["addresses"][0]["known_to"] = "2023-09-01"
    tables.incident("2023-06-01", "P", "V0", offence="8R")
    assert not one(tables)["moved"]
    address(tables, "elsewhere", None, "2023-09-01")
    assert one(tables)["moved"]


def test_who_moves_away_and_back_before_the_event_is_lost_from_the_day_they_left(tables):
    address(tables, "north", "2022-06-01")
    address(tables, "elsewhere", "2023-03-01")
    address(tables, "north", "2023-05-01")
    tables.incident("2023-06-01", "P", "V0", offence="8R")
    assert (one(tables)["moved"], one(tables)["weight"]) == (True, 0.0)


@pytest.mark.parametrize(("back", "moved"), [("2022-12-01", True), ("2023-03-01", True), (None, False)])
def test_whoever_was_away_moves_again_only_after_coming_back(tables, back, moved):
    address(tables, "elsewhere", "2022-09-01")
    if back:
        address(tables, "north", back)
    address(tables, "elsewhere", "2023-05-01")
    assert one(tables)["moved"] == moved


def test_an_address_here_from_the_same_day_on_is_no_move(tables):
    address(tables, "elsewhere", None, "2023-05-01")
    address(tables, "north", None, "2023-05-01")
    assert not one(tables)["moved"]


def test_an_event_or_custody_before_the_move_counts_as_it_would(tables):
    address(tables, "elsewhere", "2023-06-01")
    tables.incident("2023-06-01", "P", "V0", offence="8R")
    assert (one(tables)["moved"], one(tables)["weight"]) == (False, 1.0)
    tables.add("custody", "2023-05-01", person_id="P", starts_on="2023-05-01")
    assert (one(tables)["moved"], one(tables)["censored"]) == (False, True)


@pytest.mark.parametrize(
    ("since", "known", "moved"),
    [
        ("2023-01-31", "2023-01-31", False),
        ("2023-02-01", "2023-02-01", True),
        ("2024-01-31", "2024-01-31", True),
        ("2024-02-01", "2024-02-01", False),
        ("2023-05-01", "2024-04-30", True),
        ("2023-05-01", "2024-05-01", False),
        (None, "2023-05-01", True),  # an address without a date counts from when it was known
    ],
)
def test_a_move_counts_within_the_horizon_as_known_at_its_end(tables, since, known, moved):
    address(tables, "elsewhere", since, known)
    assert one(tables)["moved"] == moved


def test_without_an_address_elsewhere_in_the_extract_moves_are_not_available(tables):
    tables.add("persons", "2018-01-01", person_id="P", deceased_on=None)
    tables.incident("2022-06-01", "P", "V0")
    assert "moves" in FollowUp.of(tables).missing
    for day in ("2020-01-01", "2023-01-01"):  # an extract whose addresses all lie in its areas tells of no move
        address(tables, "north", day)
        assert "moves" in FollowUp.of(tables).missing
    address(tables, "elsewhere", "2023-02-01")
    assert "moves" not in FollowUp.of(tables).missing


def test_those_who_stay_stand_for_those_who_moved_away(tables):
    address(tables, "elsewhere", "2023-03-01")
    labels = label(tables, people=("P", "Q", "R", "S"))
    assert labels["weight"].tolist() == pytest.approx([0.0, 4 / 3, 4 / 3, 4 / 3])


def test_death_is_a_competing_event_and_keeps_the_label_as_observed(tables):
    tables.add("persons", "2023-04-01", person_id="P", deceased_on="2023-04-01")
    tables.add("custody", "2023-05-01", person_id="P", starts_on="2023-05-01")
    row = one(tables)
    assert (row["censored"], row["weight"], row["grade"]) == (False, 1.0, 0)


@pytest.mark.parametrize(
    ("deceased", "known", "died"),
    [
        ("2023-01-31", "2023-01-31", True),
        ("2022-12-01", "2024-04-30", True),
        ("2022-12-01", "2024-05-01", False),  # nobody knew when the label was due
        ("2023-02-01", "2023-02-01", False),
    ],
)
def test_somebody_who_had_died_by_t_is_no_negative_whenever_that_became_known(tables, deceased, known, died):
    tables.add("persons", known, person_id="P", deceased_on=deceased)
    tables.add("custody", "2023-05-01", person_id="P", starts_on="2023-05-01")
    row = one(tables)
    assert row["died"] == died
    assert row["weight"] == (0.0 if died or known == "2024-05-01" else 1.0)
    assert row["censored"] == (known == "2024-05-01")


def test_the_dead_do_not_stand_for_those_in_custody(tables):
    people = ["P", "Q", "R"]
    tables.add("persons", "2023-03-01", person_id="Q", deceased_on="2023-01-01")
    tables.add("custody", "2023-05-01", person_id="P", starts_on="2023-05-01")
    assert label(tables, people)["weight"].tolist() == pytest.approx([0.0, 0.0, 2.0])


def test_on_one_day_the_event_comes_before_death_and_death_before_custody(tables):
    tables.add("persons", "2023-06-01", person_id="P", deceased_on="2023-06-01")
    tables.add("custody", "2023-06-01", person_id="P", starts_on="2023-06-01")
    assert (one(tables)["censored"], one(tables)["weight"]) == (False, 1.0)
    tables.incident("2023-06-01", "P", "V0", offence="8R")
    assert (one(tables)["censored"], one(tables)["grade"]) == (False, 3)


def test_every_part_of_the_grade_is_defined_in_words_with_the_declared_numbers():
    told = describe_label(LabelSettings(serious_harm_days=730.0, lag_days=30, smallest_probability=0.25))
    assert [(each["name"], each["grade"], each["value"]) for each in told["grades"]] == [
        ("serious", 3, 1.0), ("new_victim", 2, 0.5), ("marac", 2, 0.5), ("repeat_crime", 1, 0.2),
    ]  # fmt: skip
    assert "more than 730 harm days" in told["grades"][0]["says"]
    assert "coercive control" in told["grades"][0]["says"]
    says = {each["name"]: each["says"] for each in told["rules"]}
    assert "395 days after T (365 and a recording lag of 30)" in says["Known as at"]
    assert "more than 4 people" in says["Truncated weights"]
    assert [each["name"] for each in describe_label(ARREST)["grades"]] == ["arrest"]


@pytest.mark.parametrize(
    ("decision", "started", "treated"),
    [
        ("accept_direct", "2023-06-01", True),
        ("accept_direct", "2022-11-01", True),
        ("accept_disrupt", "2024-01-31", True),
        ("accept_direct", "2024-02-01", False),
        ("accept_direct", None, False),
        ("reject", "2023-06-01", False),
    ],
)
def test_people_whom_drive_took_on_before_the_horizon_ends_are_treated(tables, decision, started, treated):
    known = started or "2023-06-01"
    tables.add("referrals", known, referral_id="R1", person_id="P")
    tables.add("interventions", known, referral_id="R1", decision=decision, started_on=started)
    row = one(tables)
    assert row["treated"] == treated
    assert row["weight"] == (0.0 if treated else 1.0)


def test_people_who_stay_free_stand_for_those_in_custody(tables):
    people = ["P", "Q", "R", "S"]
    tables.add("custody", "2023-05-01", person_id="P", starts_on="2023-05-01")
    tables.incident("2023-03-01", "Q", "V0", offence="8R")  # settled before anybody went into custody
    labels = label(tables, people)
    # From 1 May three of P, R, S were at risk and one went into custody: R and S stand for 3/2 people each.
    assert labels["weight"].tolist() == pytest.approx([0.0, 1.0, 1.5, 1.5])


def test_harm_follows_under_every_weight_set_and_floors_stay(tables):
    tables.incident("2023-05-01", "P", "V0")  # violence without injury: 10 days
    tables.incident("2023-06-01", "P", "V0", offence="8R")  # 10 days by the index, 365 by the floor
    tables.incident("2023-07-01", "P", "V0", offence="8P")  # not known to the index, 365 by the floor
    tables.incident("2023-08-01", "P", "V0", crime=False)
    row = one(tables, weight_sets=DEFAULT_WEIGHT_SETS)
    assert row["harm:reference"] == row["harm:flat"] == 10.0 + 365.0 + 365.0
    assert row["harm:sentence_severity"] == 10.0 + 365.0 + 365.0


def test_each_date_and_person_gets_the_row_of_the_spine(tables):
    tables.incident("2023-06-01", "Q", "V0")
    for person in ("P", "Q"):
        tables.incident("2021-06-01", person, "V0")
    tables.add("persons", "2018-01-01", person_id="P", deceased_on=None)
    spine = pd.DataFrame({"person_id": ["Q", "P", "Q"]})
    spine["as_of"] = np.array(["2023-01-31", "2023-01-31", "2021-12-31"], dtype="datetime64[s]")
    labels = grade_labels(build_stream(tables), spine, SETTINGS, FollowUp.of(tables))
    assert labels["grade"].tolist() == [1, 0, 0]


def test_a_person_without_events_is_refused(tables):
    tables.incident("2022-06-01", "P", "V0")
    spine = pd.DataFrame({"person_id": ["nobody"], "as_of": np.array([T], dtype="datetime64[s]")})
    with pytest.raises(TrainingError, match="without any event"):
        grade_labels(build_stream(tables), spine, SETTINGS, FollowUp())


def test_labels_that_cannot_be_known_yet_are_refused(tables):
    tables.incident("2022-06-01", "P", "V0")
    spine = pd.DataFrame({"person_id": ["P"], "as_of": np.array(["2025-01-01"], dtype="datetime64[s]")})
    with pytest.raises(LabelNotMature, match="Labels after 2024-12-31 are not known"):
        label_spine(build_stream(tables), spine, SETTINGS, FollowUp(), (), AsOf(tables.extract_date))


ARREST = LabelSettings(kind="arrest", lag_days=0)


@pytest.mark.parametrize(
    ("arrested", "outcome"),
    [("2023-01-31", 0), ("2023-02-01", 1), ("2024-01-31", 1), ("2024-02-01", 0), (None, 0)],
)
def test_an_arrest_counts_within_the_horizon(tables, arrested, outcome):
    if arrested:
        tables.incident(arrested, "P", arrested=arrested, domestic=False)
    row = one(tables, settings=ARREST, labeller=arrest_labels, weight_sets=DEFAULT_WEIGHT_SETS[:1])
    assert (row["outcome"], row["y"], row["grade"], row["harm:flat"]) == (outcome, outcome, outcome, outcome)
    assert row["serious"] is pd.NA


def test_arrest_labels_need_arrests(tables):
    tables.incident("2022-06-01", "P", "V0")
    spine = pd.DataFrame({"person_id": ["P"], "as_of": np.array([T], dtype="datetime64[s]")})
    with pytest.raises(MissingRecords, match="reads arrests"):
        arrest_labels(build_stream(tables), spine, ARREST, FollowUp())


def test_the_registry_holds_both_labels():
    assert set(LABELLERS) == {"drive_grade", "arrest"}
