"""Later deliveries add, correct and withdraw; what was known at an earlier date stays what it was."""

from __future__ import annotations

import itertools
import os
import random
from datetime import date, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.contract import ASSUMED, TABLES
from records.history.deliveries import Deliveries
from records.history.fold import arranged, fold, shrinkage
from records.knowledge import as_known
from records.reading.manifest import Manifest
from records.storage.database import quoted, workbench
from values import AsOf, digest

SQL_TYPES = {"id": "VARCHAR", "text": "VARCHAR", "code": "VARCHAR", "date": "DATE", "flag": "BOOLEAN", "int": "BIGINT"}
DAY = date(2024, 1, 1)


def day(number):
    return DAY + timedelta(days=number)


@pytest.fixture
def bench(tmp_path):
    with workbench(tmp_path / "bench") as db:
        yield db


class Store:
    """Deliveries made of a few written-down rows."""

    def __init__(self, root, db):
        self.deliveries = Deliveries(root)
        self.db = db

    def deliver(self, taken, tables, source="police", kind="full", kept_out=None, replays=None, tag=""):
        manifest = Manifest(source, taken, kind=kind, synthetic=True)
        relations = {}
        for name, rows in tables.items():
            relations[name] = (f"made_{name}", self._make(name, rows))
        out = {}
        for name, keys in (kept_out or {}).items():
            columns = ", ".join(f"{quoted(each)} VARCHAR" for each in TABLES[name].key)
            self.db.execute(f"CREATE OR REPLACE TABLE out_{name} ({columns})")
            for key in keys:
                self.db.execute(f"INSERT INTO out_{name} VALUES ({', '.join('?' * len(key))})", list(key))
            out[name] = f"out_{name}"
        told = digest([str(sorted(map(str, tables.items()))), source, kind, str(replays), tag, str(kept_out)])
        name = f"{taken.isoformat()}-{told.short}"
        return self.deliveries.write(self.db, name, manifest, relations, kept_out=out, replays=replays)

    def _make(self, name, rows):
        table = TABLES[name]
        columns = {each.name: SQL_TYPES[each.kind] for each in table.all_columns} | {ASSUMED: "BOOLEAN"}
        declared = ", ".join(f"{quoted(each)} {kind}" for each, kind in columns.items())
        self.db.execute(f"CREATE OR REPLACE TABLE made_{name} (row BIGINT, file VARCHAR, line BIGINT, {declared})")
        for position, row in enumerate(rows):
            values = {"file": f"{name}.csv", "line": position + 2, ASSUMED: False, **row, "row": position}
            listed = ", ".join(quoted(each) for each in values)
            marks = ", ".join("?" * len(values))
            self.db.execute(f"INSERT INTO made_{name} ({listed}) VALUES ({marks})", list(values.values()))
        return sorted({each for row in rows for each in row} - {ASSUMED, "line", "file"})

    def folded(self, deliveries, table="orders"):
        relation, _ = fold(self.db, deliveries).tables[table]
        return frame(self.db, relation, table)


def frame(db, relation, table):
    names = ", ".join(quoted(each) for each in TABLES[table].names)
    found = db.execute(f"SELECT {names} FROM {relation}").df()
    for column in TABLES[table].all_columns:
        if column.kind == "date":
            found[column.name] = found[column.name].astype("datetime64[s]")
    return found.astype(TABLES[table].dtypes)


def content(found, table="orders"):
    rows = found.drop(columns=["known_from", "known_to", ASSUMED])
    return sorted(tuple("" if pd.isna(value) else str(value) for value in row) for row in rows.to_numpy().tolist())


def versions(found, *columns):
    def show(value):
        return None if pd.isna(value) else value.date() if isinstance(value, pd.Timestamp) else value

    order = found.sort_values([*found.columns[:1], "known_from"])
    return [tuple(show(value) for value in row) for row in order[list(columns)].itertuples(index=False)]


@pytest.fixture
def store(tmp_path, bench):
    return Store(tmp_path / "records", bench)


def order(key, kind="restraining", known_from=None, known_to=None, assumed=False, **more):
    return {
        "order_id": key, "person_id": "P1", "kind": kind, "starts_on": DAY,
        "known_from": known_from or DAY, "known_to": known_to, ASSUMED: assumed, **more,
    }  # fmt: skip


COLUMNS = ("order_id", "kind", "known_from", "known_to")


def test_the_fold_of_one_delivery_is_that_delivery(store):
    first = store.deliver(day(10), {"orders": [order("O1"), order("O2", known_from=day(3), assumed=True)]})
    found = store.folded([first])
    assert versions(found, *COLUMNS) == [("O1", "restraining", day(0), None), ("O2", "restraining", day(3), None)]
    assert found[ASSUMED].tolist() == [False, True]


def test_a_correction_is_known_from_the_extract_that_brought_it_or_from_its_own_later_day(store):
    first = store.deliver(day(10), {"orders": [order("O1"), order("O2")]})
    second = store.deliver(
        day(20), {"orders": [order("O1", "stalking"), order("O2", "stalking", known_from=day(15)), order("O3")]}
    )
    assert versions(store.folded([second, first]), *COLUMNS) == [
        ("O1", "restraining", day(0), day(20)),
        ("O1", "stalking", day(20), None),
        ("O2", "restraining", day(0), day(15)),
        ("O2", "stalking", day(15), None),
        ("O3", "restraining", day(20), None),  # it dates itself before we could have known it
    ]


def test_what_is_delivered_again_unchanged_adds_nothing(store):
    first = store.deliver(day(10), {"orders": [order("O1", known_from=day(2))]})
    second = store.deliver(day(20), {"orders": [order("O1", known_from=day(12))]})
    third = store.deliver(day(30), {"orders": [order("O1", known_from=day(2))]})
    assert versions(store.folded([third, first, second]), *COLUMNS) == [("O1", "restraining", day(2), None)]


def test_a_row_that_a_full_delivery_lacks_was_withdrawn_and_may_come_back(store):
    first = store.deliver(day(10), {"orders": [order("O1"), order("O2")]})
    second = store.deliver(day(20), {"orders": [order("O1")]})
    third = store.deliver(day(30), {"orders": [order("O1"), order("O2")]})
    assert versions(store.folded([first, second]), *COLUMNS)[1] == ("O2", "restraining", day(0), day(20))
    assert versions(store.folded([third, second, first]), *COLUMNS) == [
        ("O1", "restraining", day(0), None),
        ("O2", "restraining", day(0), day(20)),
        ("O2", "restraining", day(30), None),
    ]


def test_a_row_in_quarantine_was_not_withdrawn(store):
    first = store.deliver(day(10), {"orders": [order("O1"), order("O2")]})
    second = store.deliver(day(20), {"orders": [order("O1")]}, kept_out={"orders": [("O2",)]})
    assert versions(store.folded([first, second]), *COLUMNS)[1] == ("O2", "restraining", day(0), None)


def test_a_delivery_of_changes_withdraws_only_what_it_says(store):
    first = store.deliver(day(10), {"orders": [order("O1"), order("O2"), order("O3")]})
    second = store.deliver(
        day(20),
        {"orders": [order("O2", known_to=day(14)), order("O3", known_to=day(4))]},
        kind="changes",
    )
    assert versions(store.folded([first, second]), *COLUMNS) == [
        ("O1", "restraining", day(0), None),
        ("O2", "restraining", day(0), day(14)),
        ("O3", "restraining", day(0), day(20)),  # withdrawn before the first extract, but learnt only now
    ]


def test_only_the_state_at_the_previous_extract_counts_of_older_versions(store):
    first = store.deliver(day(10), {"orders": [order("O1")]})
    second = store.deliver(
        day(20),
        {
            "orders": [
                order("O1", "a", known_from=day(1), known_to=day(5)),
                order("O1", "b", known_from=day(5), known_to=day(12)),
                order("O1", "c", known_from=day(12)),
            ]
        },
    )
    assert versions(store.folded([first, second]), *COLUMNS) == [
        ("O1", "restraining", day(0), day(12)),
        ("O1", "c", day(12), None),
    ]


def test_an_undated_value_counts_from_the_extract_that_first_brought_it(store):
    first = store.deliver(day(10), {"orders": [order("O1", assumed=True, ends_on=day(90))]})
    second = store.deliver(day(20), {"orders": [order("O1", assumed=True, ends_on=day(90))]})
    found = store.folded([first, second])
    assert versions(found, "order_id", "known_from", "known_to", ASSUMED) == [
        ("O1", day(0), day(10), True),
        ("O1", day(10), None, False),
    ]
    shown = [as_known(taken(found, 20), "orders", AsOf(day(at)))["ends_on"].tolist() for at in (9, 10, 20)]
    assert pd.isna(shown[0][0])
    assert shown[1] == shown[2] == [pd.Timestamp(day(90))]


def taken(found, number):
    return SimpleNamespace(extract_date=day(number), table=lambda name: found)


def test_two_sources_do_not_withdraw_each_others_rows(store):
    police = store.deliver(day(10), {"orders": [order("O1"), order("O2")]})
    court = store.deliver(day(12), {"orders": [order("O2", "stalking", known_from=day(11)), order("O3")]}, "court")
    again = store.deliver(day(20), {"orders": [order("O1"), order("O2")]})
    ended = store.deliver(day(30), {"orders": [order("O3")]}, "court")
    assert versions(store.folded([police, court, again]), *COLUMNS) == [
        ("O1", "restraining", day(0), None),
        ("O2", "restraining", day(0), day(11)),
        ("O2", "stalking", day(11), None),  # the police repeat what they said before: nothing new
        ("O3", "restraining", day(0), None),
    ]
    assert versions(store.folded([ended, police, court, again]), *COLUMNS) == [
        ("O1", "restraining", day(0), None),
        ("O2", "restraining", day(0), day(11)),
        ("O2", "stalking", day(11), day(30)),
        ("O2", "restraining", day(30), None),  # the court withdrew it; the police still hold it
        ("O3", "restraining", day(0), None),
    ]


def person(key):
    return {"person_id": key, "source": "n", "known_from": DAY}


def test_an_orphan_comes_in_by_itself_when_its_target_arrives(store, bench):
    orders = {"orders": [order("O1"), order("O2", person_id="P2")]}
    first = store.deliver(day(10), {"persons": [person("P1")], **orders})
    assert versions(store.folded([first]), *COLUMNS) == [("O1", "restraining", day(0), None)]
    found = fold(bench, [first]).orphans
    assert bench.execute(f"SELECT delivery, table_name, line, column_name FROM {found}").fetchall() == [
        (first.name, "orders", 3, "person_id")
    ]
    later = store.deliver(day(20), {"persons": [person("P2")]}, "marac")
    assert store.folded([later, first])["order_id"].tolist() == ["O1", "O2"]
    assert bench.execute(f"SELECT count(*) FROM {found}").fetchall() == [(0,)]


def test_a_row_that_points_to_an_orphan_is_an_orphan(store, bench):
    referrals = [
        {"referral_id": key, "person_id": who, "area": "a", "referred_at": DAY, "route": "police", "known_from": DAY}
        for key, who in (("R1", "P1"), ("R2", "P9"))
    ]
    decisions = [
        {"referral_id": key, "decision": "accepted", "decided_at": DAY, "known_from": DAY} for key in ("R1", "R2")
    ]
    one = store.deliver(day(10), {"persons": [person("P1")], "referrals": referrals, "interventions": decisions})
    assert store.folded([one], "interventions")["referral_id"].tolist() == ["R1"]
    listed = bench.execute("SELECT table_name, line FROM orphans ORDER BY ALL").fetchall()
    assert listed == [("interventions", 3), ("referrals", 3)]


def test_a_version_goes_on_where_the_next_is_an_orphan(store):
    rows = [order("O1", known_to=day(5)), order("O1", known_from=day(5), person_id="P9")]
    one = store.deliver(day(10), {"persons": [person("P1")], "orders": rows})
    assert versions(store.folded([one]), *COLUMNS) == [("O1", "restraining", day(0), None)]


def test_a_replay_replaces_the_row_it_mends_and_counts_as_delivered_with_it(store):
    first = store.deliver(day(10), {"orders": [order("O1", line=2)]})
    second = store.deliver(day(20), {"orders": [order("O1", line=2), order("O9", known_from=day(15), line=3)]})
    mended = store.deliver(
        day(20), {"orders": [order("O2", known_from=day(15), line=3), order("O4", known_from=day(16), line=4)]},
        kind="changes", replays=second.name,
    )  # fmt: skip
    assert versions(store.folded([mended, second, first]), *COLUMNS) == [
        ("O1", "restraining", day(0), None),
        ("O2", "restraining", day(15), None),
        ("O4", "restraining", day(16), None),
    ]
    assert [len(unit.parts) for unit in arranged([mended, second, first])] == [1, 2]


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_table_of_the_contract_folds(store, table):
    named = {each.name: "x" for each in TABLES[table].columns if each.required and each.kind in ("id", "text", "code")}
    dated = {each.name: DAY for each in TABLES[table].columns if each.required and each.kind == "date"}
    flags = {each.name: True for each in TABLES[table].columns if each.required and each.kind == "flag"}
    row = {**named, **dated, **flags, "known_from": DAY}
    every = [
        store.deliver(day(10 * number), {table: [row] if number != 2 else []}, source)
        for number in (1, 2, 3)
        for source in ("police", "court")
    ]
    assert versions(store.folded(every, table), "known_from", "known_to") == [(DAY, day(20)), (day(30), None)]


def test_a_shrinking_delivery_is_measured_against_what_its_source_held(store, bench):
    first = store.deliver(day(10), {"orders": [order(f"O{number}") for number in range(100)]})
    other = store.deliver(day(11), {"orders": [order(f"X{number}") for number in range(100)]}, "court")
    second = store.deliver(
        day(20), {"orders": [order(f"O{number}") for number in range(70)]}, kept_out={"orders": [("O70",)]}
    )
    found = shrinkage(bench, [first, other], second)["orders"]
    assert (found.withdrawn, found.before) == (29, 100)
    assert found.exceeds(0.05, 20)
    assert not found.exceeds(0.3, 20)
    assert not found.exceeds(0.05, 30)
    assert shrinkage(bench, [first], store.deliver(day(20), {"orders": []}, kind="changes")) == {}


# Anything at all may be delivered: the past stays, and the order of arrival leaves no trace.

STATES = st.tuples(st.sampled_from(["O1", "O2", "O3"]), st.sampled_from(["a", "b"]), st.integers(0, 40), st.booleans())


@st.composite
def stories(draw, sources=("police",)):
    told = []
    for _ in range(draw(st.integers(2, 4))):
        at = draw(st.integers(1, 4)) * 10
        chosen = draw(st.lists(STATES, max_size=7))
        rows = {}
        for key, kind, known, assumed in chosen:
            if known <= at:
                rows[key, known] = order(
                    key, kind, day(known), assumed=assumed, ends_on=draw(st.sampled_from([None, day(50), day(60)]))
                )
        ended = draw(st.lists(st.tuples(st.sampled_from(["O1", "O2", "O3"]), st.integers(1, 9)), max_size=2))
        for key in ("O1", "O2", "O3"):  # as checking leaves them: every version ends where the next begins
            own = sorted(known for each, known in rows if each == key)
            for known, following in itertools.pairwise(own):
                rows[key, known]["known_to"] = day(following)
            for each, length in ended:
                if each == key and own and own[-1] + length <= at:
                    rows[key, own[-1]]["known_to"] = day(own[-1] + length)
        kept_out = [(key,) for key in draw(st.sets(st.sampled_from(["O1", "O2", "O3"]), max_size=1))]
        told.append(
            {
                "taken": day(at), "tables": {"orders": list(rows.values())}, "kept_out": {"orders": kept_out},
                "source": draw(st.sampled_from(sources)), "kind": draw(st.sampled_from(["full", "changes"])),
            }
        )  # fmt: skip
    return told


SLOW = settings(
    max_examples=int(os.environ.get("HISTORY_EXAMPLES", "20")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def known(found, latest, at):
    shown = as_known(SimpleNamespace(extract_date=latest, table=lambda name: found), "orders", AsOf(at))
    assert not shown.duplicated("order_id").any()
    return content(shown)


@SLOW
@given(told=stories())
def test_no_later_delivery_changes_what_was_known_at_an_earlier_extract(store, told):
    every = [store.deliver(**each) for each in told]
    whole = store.folded(every)
    dates = sorted({each["taken"] for each in told})
    for number, until in enumerate(dates):
        then = [each for each in every if each.manifest.extract_date <= until]
        earlier = store.folded(then)
        since = dates[number - 1] if number else DAY - timedelta(days=1)
        for at in range((until - since).days):
            moment = until - timedelta(days=at)
            assert known(whole, dates[-1], moment) == known(earlier, until, moment), moment


@SLOW
@given(told=stories(sources=("police", "court")), seed=st.integers(0, 99))
def test_neither_the_order_of_arrival_nor_repeats_leave_a_trace(store, told, seed):
    every = [store.deliver(**each) for each in told]
    shuffled = [store.deliver(**each) for each in random.Random(seed).sample(told, len(told))]
    one, other = store.folded(every), store.folded(list({each.name: each for each in shuffled}.values()))
    columns = list(one.columns)
    assert one.sort_values(columns).to_csv() == other.sort_values(columns).to_csv() or (
        one.sort_values(columns).reset_index(drop=True).equals(other.sort_values(columns).reset_index(drop=True))
    )


@SLOW
@given(told=stories(sources=("police", "court")))
def test_versions_of_a_row_never_overlap_and_only_delivered_content_appears(store, told):
    found = store.folded([store.deliver(**each) for each in told])
    delivered = {(row["order_id"], row["kind"]) for each in told for row in each["tables"]["orders"]}
    assert {(row.order_id, row.kind) for row in found.itertuples()} <= delivered
    ordered = found.sort_values(["order_id", "known_from"])
    following = ordered.groupby("order_id")["known_from"].shift(-1)
    assert (ordered["known_to"].isna() | (ordered["known_to"] > ordered["known_from"])).all()
    assert (following.isna() | (ordered["known_to"] <= following)).all()
