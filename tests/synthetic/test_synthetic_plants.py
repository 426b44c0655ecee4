from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from records import RecordStore, contract
from synthetic import PLANTS, Plant
from synthetic.errors import OutputError
from synthetic.person_records import REFERENCES
from synthetic.targets import realised
from values import digest_file

AREA, COMMUNITY = "castlebridge", "black"


def _targets(made) -> set[str]:
    people = made.truth("persons").query("suspect and area == @AREA and community == @COMMUNITY")
    return set(people["person_id"])


@pytest.mark.parametrize(
    "plant",
    [
        "late_recording:area=eastmere",
        "retro_status",
        "counter_allegation:n=25",
        "over_policed:area=castlebridge,community=black",
        "under_recorded:area=castlebridge,community=black",
        "leaking_column",
        "feedback_loop:n=3",
        "charge_bias:community=black",
        "hidden_control:n=20",
        "regime_break",
        "it_cutover",
    ],
)
def test_a_plant_changes_the_records_and_not_what_happened(plant: str, make, null_force) -> None:
    made = make(plant)
    for name in ("risk", "persons"):
        same = digest_file(made.folder / "truth" / f"{name}.parquet")
        assert same == digest_file(null_force.folder / "truth" / f"{name}.parquet")
    kept = ["marac_hearings", "communities", "persons", "custody"]
    for name in kept:
        same = digest_file(made.folder / "extract" / f"{name}.csv")
        assert same == digest_file(null_force.folder / "extract" / f"{name}.csv")
    told = made.truth("plants")
    assert told["plant"].tolist() == [str(Plant.parse(plant))]
    assert told["description"].str.len().min() > 20
    assert len(made.truth("planted_rows")) > 0


def test_over_policing_multiplies_the_history_of_one_community_with_police_reports(make, null_force) -> None:
    made = make("over_policed:area=castlebridge,community=black")
    hit = _targets(made)
    before, after = null_force.suspects(), made.suspects()
    own = after["person_id"].isin(hit)
    true = before["person_id"].isin(hit).sum()
    assert 2.0 <= own.sum() / true <= 4.0
    assert (~own).sum() == (~before["person_id"].isin(hit)).sum()
    added = made.truth("planted_rows")
    assert set(added["person_id"]) <= hit
    rows = after[after["incident_id"].isin(added["incident_id"])]
    assert (rows["reported_by"] == "police").all()
    assert rows["offence_code"].dropna().isin(["12509"]).all()


def test_over_policing_brings_no_new_victim(make, null_force) -> None:
    made = make("over_policed:area=castlebridge,community=black")

    def pairs(force) -> set[tuple[str, str]]:
        dyads = force.extract("dyads")
        return set(zip(dyads["suspect_id"], dyads["victim_id"], strict=True))

    assert pairs(made) == pairs(null_force)


def test_under_recording_halves_a_history_and_leaves_serious_outcomes(make, null_force) -> None:
    made = make("under_recorded:area=castlebridge,community=black")
    hit = _targets(made)
    before, after = null_force.suspects(), made.suspects()
    share = after["person_id"].isin(hit).sum() / before["person_id"].isin(hit).sum()
    assert share == pytest.approx(0.5, abs=0.06)
    events = made.truth("events")
    outcomes = events[events["serious"] | events["new_victim"] | events["heard"]]
    assert outcomes["incident_id"].notna().all()
    lost = events[events["incident_id"].isna()]
    assert set(lost["person_id"]) <= hit


def test_late_recording_delays_one_area_only(make, null_force) -> None:
    made = make("late_recording:area=eastmere")
    delayed = made.truth("planted_rows")
    rows = made.extract("incidents").drop_duplicates("incident_id")
    touched = rows[rows["incident_id"].isin(delayed["incident_id"])]
    assert set(touched["area"]) == {"eastmere"}
    wait = (touched["known_from"] - touched["reported_on"]).dt.days
    assert wait.between(60, 310).all()
    there = rows[(rows["area"] == "eastmere") & rows["domestic"]]
    assert len(touched) / len(there) == pytest.approx(0.3, abs=0.06)


def test_retro_status_keeps_one_undated_row_where_there_were_versions(make) -> None:
    roles = make("retro_status").extract("involvements")
    assert not roles.duplicated(["incident_id", "person_id", "role"]).any()
    assert roles["status_at"].isna().all()
    assert {"nfa", "charged", "convicted"} <= set(roles["status"].dropna())


def test_counter_allegations_record_the_asked_number_of_victims_as_suspects(make, null_force) -> None:
    made = make("counter_allegation:n=25")
    roles = made.truth("roles").query("kind == 'planted_reversal'")
    assert roles["recorded_suspect"].nunique() == 25
    assert (roles["primary_perpetrator"] == roles["recorded_victim"]).all()
    assert len(made.truth("roles")) - len(null_force.truth("roles")) == len(roles)
    dyads = made.extract("dyads")
    planted = dyads[dyads["incident_id"].isin(roles["incident_id"])]
    assert set(planted["suspect_id"]) == set(roles["recorded_suspect"])


def test_the_leaking_column_tells_the_future_and_leaves_no_version(make, null_force) -> None:
    made = make("leaking_column")
    leak, honest = made.extract("incidents"), null_force.extract("incidents")
    pd.testing.assert_frame_equal(leak.drop(columns="drugs"), honest.drop(columns="drugs"))
    as_of = pd.Timestamp("2024-12-31")
    risk = made.truth("risk").query("as_of == @as_of").set_index("person_id")
    rows = made.suspects()
    rows = rows[(rows["occurred_from"] <= as_of) & (rows["occurred_from"] > as_of - pd.Timedelta(days=730))]
    ticked = rows.groupby("person_id")["drugs"].max().reindex(risk.index).fillna(value=False).astype(bool)
    share = risk["outcome"].astype(float).groupby(ticked).mean()
    assert share.loc[False] < 0.02
    assert share.loc[True] > 0.15


def test_a_feedback_loop_adds_police_reports_after_a_referral_only(make, null_force) -> None:
    made = make("feedback_loop:n=3")
    referred = made.extract("referrals").set_index("person_id")["referred_at"]
    added = made.truth("planted_rows")
    assert set(added["person_id"]) <= set(referred.index)
    assert 1.5 <= len(added) / added["person_id"].nunique() <= 3
    rows = made.extract("incidents").merge(added, on="incident_id")
    wait = (rows["occurred_from"] - rows["person_id"].map(referred)).dt.days
    assert wait.between(1, 365).all()
    assert (rows["reported_by"] == "police").all()
    assert len(made.suspects()) - len(null_force.suspects()) == len(added)


def test_charge_bias_charges_one_community_of_one_area_more(make, null_force) -> None:
    made = make("charge_bias:community=black")
    hit, planted = _targets(made), made.truth("planted_rows")

    def charged(force) -> pd.Series:
        rows = force.extract("involvements").query("role == 'suspect'")
        ever = rows["status"].isin(["charged", "convicted"])
        return ever.groupby([rows["incident_id"], rows["person_id"]]).max()

    before, after = charged(null_force), charged(made)
    changed = before.index[before != after.reindex(before.index)]
    assert set(changed) == set(zip(planted["incident_id"], planted["person_id"], strict=True))
    assert set(changed.get_level_values("person_id")) <= hit
    own = after.index.get_level_values("person_id").isin(hit)
    assert after[own].mean() > 3 * after[~own].mean()


def test_hidden_control_leaves_the_pattern_and_takes_the_grave_offences(make, null_force) -> None:
    made = make("hidden_control:n=20")
    planted, events = made.truth("planted_rows"), made.truth("events")
    assert planted["person_id"].nunique() <= 20
    rows = made.extract("incidents").drop_duplicates("incident_id", keep="last")
    rows = rows[rows["incident_id"].isin(planted["incident_id"])]
    assert set(rows["offence_code"].dropna()) == {"19594", "12509"}
    assert not rows["strangulation"].any()
    truly = events[events["incident_id"].isin(planted["incident_id"])].groupby("person_id")["family"]
    assert truly.apply(lambda families: "coercive_control" in set(families)).all()
    assert (truly.size() >= 2).all()
    before = null_force.extract("incidents").query("incident_id in @planted.incident_id")
    assert "00867" in set(before["offence_code"])
    assert set(made.extract("incidents")["incident_id"]) == set(null_force.extract("incidents")["incident_id"])


def test_the_regime_breaks_where_no_column_says_so(make, null_force) -> None:
    made = make("regime_break")
    rows = made.extract("incidents").drop_duplicates("incident_id", keep="last").query("domestic")
    was = null_force.extract("incidents").drop_duplicates("incident_id", keep="last").query("domestic")
    assert made.extract("incidents")[["counting_regime", "risk_tool", "risk_tool_version"]].isna().all(axis=None)
    after = rows["reported_on"] >= pd.Timestamp("2023-06-01")
    fall = rows["is_crime"].groupby(after).mean()
    usual = was["is_crime"].groupby(was["reported_on"] >= pd.Timestamp("2023-06-01")).mean()
    assert fall[False] == usual[False]
    assert usual[True] - fall[True] > 0.05
    late = rows["reported_on"] >= pd.Timestamp("2023-01-01")
    high = (rows["risk_grade"] != "standard").groupby(late).mean()
    assert high[True] - high[False] > 0.15


def test_an_it_cutover_blanks_four_months_and_leaves_the_rest(make, null_force) -> None:
    made = make("it_cutover")
    rows, was = (force.extract("incidents").drop_duplicates("incident_id") for force in (made, null_force))

    def months(frame: pd.DataFrame) -> pd.Series:
        return frame["known_from"].dt.to_period("M").value_counts().sort_index()

    lost = months(was).sub(months(rows), fill_value=0)
    gap = pd.period_range("2024-09", "2024-12", freq="M")
    assert not months(rows).index.intersection(gap).size
    assert (lost.drop(gap) == 0).all()
    assert lost[gap].sum() == len(made.truth("planted_rows"))


def test_people_known_to_partner_agencies_only_are_in_no_police_record(make, null_force) -> None:
    made = make("partner_agency_only:n=20")
    hearings, was = made.extract("marac_hearings"), null_force.extract("marac_hearings")
    assert (hearings.drop(columns="referring_agency") == was.drop(columns="referring_agency")).all(axis=None)
    named = set(made.extract("involvements")["person_id"]) | set(made.extract("custody")["person_id"])
    named |= set(made.extract("orders")["person_id"]) | set(made.extract("management")["person_id"])
    only = set(hearings["perpetrator_id"]) - named
    assert len(only) == 20
    ours = hearings[hearings["perpetrator_id"].isin(only)]
    assert not (ours["referring_agency"] == "police").any()
    persons = made.extract("persons").set_index("person_id")
    first = ours.groupby("perpetrator_id")["heard_at"].min()
    assert (persons["known_from"].reindex(first.index) == first).all()
    assert persons["pnc_id"].reindex(first.index).isna().all()
    assert set(persons.index) == set(null_force.extract("persons")["person_id"])


def test_wrong_merges_put_two_suspects_under_one_record(make, null_force) -> None:
    made = make("wrong_merges:n=15")
    merged = made.truth("wrong_merges")
    assert len(merged) == 15
    assert (merged["record_id"] == merged["person_a"]).all()
    gone = set(null_force.extract("persons")["person_id"]) - set(made.extract("persons")["person_id"])
    assert gone == set(merged["person_b"])
    one = dict(zip(merged["person_b"], merged["person_a"], strict=True))
    for reference in REFERENCES:
        was, now = null_force.extract(reference.table), made.extract(reference.table)
        for column in reference.columns:
            was[column] = was[column].replace(one)
        pd.testing.assert_frame_equal(was, now)
    people = made.truth("persons").set_index("person_id")
    a, b = (people.reindex(merged[side]).reset_index() for side in ("person_a", "person_b"))
    assert (a["area"] == b["area"]).all()
    assert (a["sex"] == b["sex"]).all()


def test_ethnicity_of_one_community_goes_blank_and_not_stated_apart(make, null_force) -> None:
    made = make("unrecorded_ethnicity:community=black")
    was, now = (force.extract("communities").set_index("person_id") for force in (null_force, made))
    changed = was.index[was["ethnicity_self"].fillna("") != now["ethnicity_self"].fillna("")]
    assert set(changed) <= _targets(made)
    noted = made.truth("planted_values")
    assert set(noted["key"]) == set(changed)
    assert (noted.set_index("key")["was"] == was["ethnicity_self"].reindex(noted["key"])).all()
    blank = now["ethnicity_self"].reindex(changed).isna()
    assert blank.sum() > 10
    assert set(now["ethnicity_self"].reindex(changed)[~blank]) == {"NS"}
    pd.testing.assert_frame_equal(was.drop(columns="ethnicity_self"), now.drop(columns="ethnicity_self"))


def test_relationships_go_missing_by_couple(make, null_force) -> None:
    made = make("relationship_missing")
    was, now = null_force.extract("dyads"), made.extract("dyads")
    lost = was["relationship"].notna() & now["relationship"].isna()
    known = was["relationship_source"] != "unknown"
    assert lost[known].mean() == pytest.approx(0.6, abs=0.04)
    assert (now.loc[lost, "relationship_source"] == "unknown").all()
    assert lost[known].groupby([was["suspect_id"], was["victim_id"]]).nunique().max() == 1
    pd.testing.assert_frame_equal(was[~lost], now[~lost])


def test_codes_that_no_list_holds_are_kept_counted_and_known_to_the_truth(make, tmp_path) -> None:
    made = make("unmapped_codes")
    report = RecordStore(tmp_path).ingest(made.folder / "extract")
    assert report.quarantined == 0
    noted = made.truth("planted_values")
    for (table, column, code), rows in noted.groupby(["table", "column", "became"]):
        assert report.unmapped[f"{table}.{column}"][code] == len(rows)
    assert len(noted.groupby(["table", "column"])) == 6


def test_agencies_flag_serial_perpetrators_by_definitions_that_disagree(make, null_force) -> None:
    """Robinson, Clancy and Hanks 2014: 4 % to 20 % by agency, at most 1 in 100 found by all."""
    made = make("serial_flags")
    truth = made.truth("serial_flags")
    agencies = ["police", "probation", "third_sector"]
    share = truth[agencies].mean()
    assert share.between(0.03, 0.21).all()
    assert share.max() > 2 * share.min()
    assert truth[agencies].all(axis=1).mean() <= 0.01
    assert 0.05 < truth["truly_serial"].mean() < 0.25
    management, was = made.extract("management"), null_force.extract("management")
    pd.testing.assert_frame_equal(management.iloc[: len(was)], was)
    added = management.iloc[len(was) :]
    for agency, scheme in zip(agencies, ["matac", "iom", "pdp"], strict=True):
        flagged = added.loc[added["scheme"] == scheme, "person_id"]
        assert set(flagged) == set(truth.loc[truth[agency], "person"])


def test_exactly_the_bad_rows_are_kept_out_and_for_the_reason_told(make, null_force, tmp_path) -> None:
    made = make("bad_rows")
    report = RecordStore(tmp_path).ingest(made.folder / "extract")
    bad = made.truth("bad_rows")
    assert report.quarantined == len(bad)
    assert report.accepted == sum(null_force.summary.rows.values())
    assert report.reasons == bad["reason"].value_counts().to_dict()
    found = []
    for path in sorted((tmp_path / "quarantine").rglob("*.csv")):
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        found += [(path.stem, *row) for row in rows[["line", "column", "reason"]].itertuples(index=False)]
    told = bad.astype({"line": str})[["table", "line", "column", "reason"]]
    assert sorted(found) == sorted(told.itertuples(index=False, name=None))


def test_damaged_files_cannot_be_measured_and_say_so(make) -> None:
    with pytest.raises(OutputError, match="nothing can be measured"):
        realised(make("bad_rows").folder)


@pytest.mark.parametrize("kind", ["full", "changes"])
def test_deliveries_tell_one_history_in_parts(kind: str, make, null_force, tmp_path) -> None:
    made = make(f"deliveries:n=3,kind={kind}")
    for name in contract.TABLES:
        same = digest_file(made.folder / "extract" / f"{name}.csv")
        assert same == digest_file(null_force.folder / "extract" / f"{name}.csv")
    dates = sorted(path.name for path in (made.folder / "deliveries").iterdir())
    assert dates == ["2025-09-30", "2025-12-31", "2026-03-31"]
    changes = made.truth("delivery_changes")
    assert set(changes["change"]) == {"late", "corrected", "withdrawn"}
    states = {day: _state(made.folder, day) for day in dates}
    for day, later in pairwise(dates):
        here, there = states[day], states[later]
        between = (
            changes[(changes["until"] == day) & (changes["table"] == "incidents")].groupby("change")["key"].agg(set)
        )
        gone = set(here.index) - set(there.index)
        assert gone == between["withdrawn"]
        late = there.index[(there["first"] <= pd.Timestamp(day)) & ~there.index.isin(here.index)]
        assert set(late) == between["late"]
        both = here.index.intersection(there.index)
        stayed = both[there["known_from"].reindex(both) <= pd.Timestamp(day)]
        flipped = stayed[here["domestic"].reindex(stayed) != there["domestic"].reindex(stayed)]
        assert set(flipped) == between["corrected"] & set(stayed)
    final = null_force.extract("incidents").drop_duplicates("incident_id", keep="last").set_index("incident_id")
    assert (states[dates[-1]]["domestic"] == final["domestic"].reindex(states[dates[-1]].index)).all()


def _state(folder: Path, day: str) -> pd.DataFrame:
    """The incidents that stood on a day, and since when each was known at all."""
    state = pq.read_table(folder / "truth" / "states" / day / "incidents.parquet").to_pandas(date_as_object=False)
    versions = pd.read_csv(folder / "extract" / "incidents.csv", usecols=["incident_id", "known_from"])
    first = pd.to_datetime(versions.groupby("incident_id")["known_from"].min())
    state = state.set_index("incident_id")
    return state.assign(first=first.reindex(state.index))


@pytest.mark.parametrize("number", [0, 1])
def test_each_earlier_full_delivery_is_an_extract_of_its_own(number: int, make, tmp_path) -> None:
    made = make("deliveries:n=3,kind=full")
    folder = sorted((made.folder / "deliveries").iterdir())[number]
    report = RecordStore(tmp_path).ingest(folder)
    assert report.quarantined == 0
    incidents = pd.read_csv(folder / "incidents.csv", parse_dates=["known_from", "outcome_at"])
    assert incidents[["known_from", "outcome_at"]].max().max() <= pd.Timestamp(folder.name)


def test_a_delivery_of_changes_holds_little_and_withdraws_by_known_to(make) -> None:
    made = make("deliveries:n=3,kind=changes")
    first, second, third = sorted((made.folder / "deliveries").iterdir())
    assert "kind: full" in (first / "manifest.yaml").read_text(encoding="utf-8")
    assert "kind: changes" in (second / "manifest.yaml").read_text(encoding="utf-8")
    whole, part = (pd.read_csv(folder / "incidents.csv") for folder in (first, third))
    assert 0 < len(part) < 0.2 * len(whole)
    ended = set(part.loc[part["known_to"].notna(), "incident_id"])
    changes = made.truth("delivery_changes").query("change == 'withdrawn' and table == 'incidents'")
    assert ended == set(changes.loc[changes["until"] == second.name, "key"])


def test_plants_of_every_kind_can_be_planted_together(make, tmp_path) -> None:
    names = [name for name in PLANTS if name not in ("deliveries", "bad_rows")]
    made = make(*names)
    report = RecordStore(tmp_path).ingest(made.folder / "extract")
    assert report.quarantined == 0
    assert made.truth("plants")["plant"].tolist() == names
