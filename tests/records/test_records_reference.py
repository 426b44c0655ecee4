from __future__ import annotations

import math

import pytest

from records.codes import FAMILIES
from records.errors import ReferenceTableError
from records.reference import NAMES, load_reference

HEADER = "offence_code,offence_class,title,family,code_source,harm_days,harm_source,verified\n"
FLOOR = "non_crime,,Non-crime,non_crime,here,0,a floor,yes\n"


def test_every_offence_has_a_family_and_says_where_its_weight_comes_from():
    offences = load_reference().offences
    assert set(offences["family"]) <= set(FAMILIES) - {"unmapped"}
    assert (offences["source"].str.len() > 0).all()
    assert offences["offence_code"].is_unique


def test_no_harm_weight_is_claimed_as_verified_but_the_floor_of_non_crimes():
    offences = load_reference().offences
    assert offences[offences["verified"]]["offence_code"].tolist() == ["non_crime"]


@pytest.mark.parametrize(
    ("code", "family", "harm_days"),
    [
        ("00101", "homicide", 5475),
        ("00867", "coercive_control", 252),
        ("00877", "strangulation", 365),
        ("00865", "stalking_fear", 84),
        ("19512", "stalking", 10),
        ("10501", "violence_no_injury", 1),
        ("19C", "rape", 1825),
        ("20A", "sexual", 182.25),
        ("06639", "breach", 10),
        ("non_crime", "non_crime", 0),
    ],
)
def test_known_offences_have_their_family_and_weight(code, family, harm_days):
    offences = load_reference().offences.set_index("offence_code")
    assert offences.loc[code, ["family", "harm_days"]].tolist() == [family, harm_days]


def test_an_unknown_weight_is_missing_and_never_zero():
    offences = load_reference().offences.set_index("offence_code")
    assert math.isnan(offences.loc["03601", "harm_days"])
    assert offences.index[offences["harm_days"] == 0].tolist() == ["non_crime"]


@pytest.mark.parametrize("name", NAMES)
def test_every_line_says_whether_it_is_verified(name):
    assert set(load_reference().tables[name]["verified"]) <= {"yes", "no"}


def test_ethnicity_is_the_18_plus_1_list_and_not_stated_is_its_own_group():
    ethnicity = load_reference().tables["ethnicity"].set_index("code")
    assert len(ethnicity) == 19
    assert ethnicity.loc["NS", "group"] == "not_stated"
    assert ethnicity.loc["A4", "group"] == "asian"
    assert set(ethnicity["group"]) == {"white", "mixed", "asian", "black", "other", "not_stated"}


def test_a_site_replaces_one_table_and_the_snapshot_remembers_which_was_used(store, extract, tmp_path):
    own = tmp_path / "reference"
    own.mkdir()
    (own / "offences.csv").write_text(f"{HEADER}00806,8N,ABH,violence_injury,list,20,site choice,yes\n{FLOOR}")
    folder = extract()
    shipped = store.ingest(folder).snapshot
    site = store.ingest(folder, reference_dir=own).snapshot
    assert site != shipped
    offences = store.snapshot(site).offences
    assert offences["offence_code"].tolist() == ["00806", "non_crime"]
    assert offences["harm_days"].tolist() == [20, 0]
    assert store.snapshot(shipped).offences.shape[0] == load_reference().offences.shape[0]
    assert store.snapshot(shipped).harm_illustrative
    assert not store.snapshot(site).harm_illustrative


def test_weights_that_no_incident_uses_do_not_make_a_snapshot_illustrative(store, extract):
    incidents = (
        "incident_id,force,area,occurred_from,reported_on,offence_code,is_crime,domestic\n"
        "I1,f,a,2023-01-01,2023-01-05,,false,true\nI2,f,a,2023-01-01,2023-01-05,99999,true,true\n"
    )
    store.ingest(extract({"incidents.csv": incidents}))
    assert not store.latest().harm_illustrative


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (f"{FLOOR}1,1,x,murder,l,1,s,no\n", r"offences\.csv, line 3, column family: 'murder' is no offence family"),
        (f"{FLOOR}1,1,x,homicide,l,many,s,no\n", "line 3, column harm_days: not a number"),
        (f"{FLOOR}1,1,x,homicide,l,nan,s,no\n", "line 3, column harm_days: not a number"),
        (f"{FLOOR}1,1,x,homicide,l,-1,s,no\n", "line 3, column harm_days: not a number"),
        (f"{FLOOR}1,1,x,homicide,l,1,,no\n", "line 3, column harm_source: blank"),
        (f"{FLOOR}1,1,x,homicide,l,1,s,maybe\n", "line 3, column verified: neither yes nor no"),
        (f"{FLOOR}{FLOOR}", "line 3, column offence_code: blank or listed twice"),
        (f"{FLOOR}1,1\n", "line 3: too few fields"),
        (f"{FLOOR}1,1,x,homicide,l,1,s,no,more\n", "line 3: too many fields"),
        (f'{FLOOR}1,"open,x,homicide,l,1,s,no\n', "line 3: bad quoting"),
        ("1,1,x,homicide,l,1,s,no\n", "has no line for non_crime"),
    ],
)
def test_a_malformed_reference_table_is_named_by_line_and_column(tmp_path, rows, message):
    (tmp_path / "offences.csv").write_text(HEADER + rows)
    with pytest.raises(ReferenceTableError, match=message):
        load_reference(tmp_path)


def test_a_reference_table_that_is_no_text_is_named(tmp_path):
    for content, message in (
        (b"\xff\xfe\x00", r"offences\.csv cannot be read \(UnicodeDecodeError\)"),
        (b"", r"offences\.csv has no header line"),
        (b"a,a\n", "the column 'a' appears twice"),
    ):
        (tmp_path / "offences.csv").write_bytes(content)
        with pytest.raises(ReferenceTableError, match=message):
            load_reference(tmp_path)


def test_a_reference_folder_without_tables_is_refused(tmp_path):
    with pytest.raises(ReferenceTableError, match="holds no reference table"):
        load_reference(tmp_path)
    with pytest.raises(ReferenceTableError, match="no reference folder"):
        load_reference(tmp_path / "nowhere")
