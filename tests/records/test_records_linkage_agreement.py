from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.linkage.agreement import Name, all_agree, births_agree, names_agree, names_consistent, one_slip
from records.linkage.clusters import Described, Group, Link, gather_persons, weakest_holding

WORDS = st.text(alphabet="abc", min_size=3, max_size=6)
DB = duckdb.connect()
NOBODY: dict[str, set[str]] = {}


def name(given: str, family: str = "smith", records: int = 100, forms: tuple[str, ...] = ()) -> Name:
    root = given.removesuffix("ie").removesuffix("y") or given
    return Name(given, family, (*forms, given), root, records)


def link(left: str, right: str, weight: float = 10.0, how: str = "model") -> Link:
    return Link(left, right, weight, 1 - 2.0**-weight, how)


def keys(groups: list[Group]) -> list[list[str]]:
    return [sorted(group.records) for group in groups]


@given(WORDS, WORDS)
def test_one_slip_is_a_restricted_edit_distance_of_one(left: str, right: str) -> None:
    [(distance,)] = DB.execute("SELECT damerau_levenshtein(?, ?)", [left, right]).fetchall()
    assert one_slip(left, right) == (distance <= 1)


@pytest.mark.parametrize(
    ("left", "right", "agree"),
    [
        ("1980-02-03", "1980-02-03", True),
        ("1980-02-03", "1980-03-02", True),
        ("1980-02-03", "1980-02-08", True),
        ("1980-02-03", "1981-02-03", True),
        ("1960-02-03", "1980-02-03", False),  # a generation apart is not a slip of the pen
        ("1980-02-03", "1981-02-04", False),
    ],
)
def test_births_agree_but_for_one_slip(left: str, right: str, agree: bool) -> None:
    assert births_agree(left, right) is agree
    assert births_agree(right, left) is agree


def test_names_in_common_use_are_two_names_however_alike() -> None:
    assert not names_agree(name("jay"), name("ray"))
    ella, ellie = name("ella"), name("ellie")
    assert names_agree(ella, ellie)
    assert not names_agree(ella._replace(listed=True), ellie._replace(listed=True))
    assert names_agree(name("michael"), name("micheal", records=1))
    assert names_agree(name("william"), name("bill", forms=("william",)))
    assert names_agree(name("alan", "smith"), name("smith", "alan"))


def test_a_slip_does_not_bridge_the_names_of_twins() -> None:
    twins = [name("alada", records=900), name("galada", records=700)]
    bridge = name("glada", records=9)
    assert names_agree(bridge, twins[0])
    assert names_agree(bridge, twins[1])
    assert not names_consistent([*twins, bridge])
    assert names_consistent([twins[0], bridge])
    assert names_consistent([name("elizabeth", forms=("elizabeth",)), name("liz", forms=("elizabeth",))])


def test_a_third_value_explains_two_that_disagree() -> None:
    true, swapped, wrong = "1980-02-03", "1980-03-02", "1980-02-04"
    assert not births_agree(swapped, wrong)
    assert all_agree([true, swapped, wrong], births_agree)
    assert not all_agree([swapped, wrong], births_agree)


def test_father_and_son_are_split_at_the_weakest_link() -> None:
    described = {
        "f1": Described("1950-01-01", "", name("john")),
        "f2": Described("1950-01-01", "", name("john")),
        "x": Described("", "", name("john")),
        "s1": Described("1975-06-06", "", name("john")),
    }
    links = [link("f1", "f2", 20), link("f2", "x", 9), link("x", "s1", 8)]
    groups, left_off = gather_persons(described, links, NOBODY, NOBODY)
    assert keys(groups) == [["f1", "f2", "x"], ["s1"]]
    assert [each.pair for each in left_off] == [("s1", "x")]


def test_two_pnc_ids_never_share_a_person_but_one_pnc_id_outweighs_a_date_of_birth() -> None:
    described = {"a": Described("", "01/1"), "b": Described("", ""), "c": Described("", "02/2")}
    groups, _ = gather_persons(described, [link("a", "b", 9), link("b", "c", 12)], NOBODY, NOBODY)
    assert keys(groups) == [["a"], ["b", "c"]]
    described = {"a": Described("1950-01-01", "01/1"), "b": Described("1975-06-06", "01/1")}
    groups, _ = gather_persons(described, [link("a", "b")], NOBODY, NOBODY)
    assert keys(groups) == [["a", "b"]]


def test_parties_to_one_event_stay_apart_through_any_chain_unless_a_person_links_them() -> None:
    described = {each: Described() for each in "abc"}
    apart = {"a": {"c"}, "c": {"a"}}
    links = [link("a", "b", 12), link("b", "c", 9)]
    assert keys(gather_persons(described, links, apart, NOBODY)[0]) == [["a", "b"], ["c"]]
    clerical = [*links, link("a", "c", 0, "clerical")]
    assert keys(gather_persons(described, clerical, apart, NOBODY)[0]) == [["a", "b", "c"]]


def test_a_separation_holds_against_every_chain_and_a_clerical_link_comes_first() -> None:
    described = {each: Described("1950-01-01") for each in "abc"}
    separated = {"a": {"c"}, "c": {"a"}}
    links = [link("a", "b", 30), link("b", "c", 29), link("a", "c", 40), link("b", "c", 0, "clerical")]
    groups, left_off = gather_persons(described, links, NOBODY, separated)
    assert keys(groups) == [["a"], ["b", "c"]]
    assert {each.pair for each in left_off} == {("a", "b"), ("a", "c")}


@given(
    st.permutations(range(6)),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 30)), max_size=12),
)
def test_persons_do_not_depend_on_the_order_of_links_and_hold_no_contradiction(
    order: list[int], drawn: list[tuple[int, int, int]]
) -> None:
    births = ["1950-01-01", "1950-01-01", "1975-06-06", "1975-06-06", "", ""]
    described = {f"r{place}": Described(birth) for place, birth in enumerate(births)}
    links = [link(f"r{a}", f"r{b}", weight) for a, b, weight in drawn if a != b]
    groups, _ = gather_persons(described, links, NOBODY, NOBODY)
    again, _ = gather_persons(
        described, [links[place % len(links)] for place in order] + links if links else [], NOBODY, NOBODY
    )
    assert keys(groups) == keys(again)
    assert sorted(record for group in groups for record in group.records) == sorted(described)
    assert all(len(group.births) <= 1 for group in groups)


def test_a_record_is_as_sure_as_the_weakest_link_on_its_way_to_the_key() -> None:
    described = {each: Described() for each in "abcd"}
    groups, _ = gather_persons(described, [link("a", "b", 5), link("b", "c", 20), link("c", "d", 9)], NOBODY, NOBODY)
    held = weakest_holding(groups[0], "a")
    assert {record: each.weight for record, each in held.items()} == {"b": 5, "c": 5, "d": 5}
    assert weakest_holding(groups[0], "d")["c"].weight == 9
