from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from records.mappings import load_mapping
from records.mappings.conditions import Contains
from records.mappings.expressions import Constant
from records.mappings.rewriting import trimmed
from records.mappings.voting import Contradicted, Rule, settle
from records.storage.database import literal, workbench
from values import DrivePanelError

EXAMPLES = int(os.environ.get("DRIVE_PANEL_MAPPING_EXAMPLES", "40"))
# no NUL: it is a fault before a mapping sees it; no lone surrogates: DuckDB holds UTF-8
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    with workbench(tmp_path_factory.mktemp("properties")) as database:
        yield database


@settings(max_examples=EXAMPLES * 2, deadline=None)
@given(text=TEXT)
def test_white_space_is_what_python_strips(db, text):
    (found,) = db.execute(f"SELECT {trimmed('t')} FROM (SELECT {literal(text)} AS t)").fetchone()
    assert found == text.strip()


@settings(max_examples=EXAMPLES * 2, deadline=None)
@given(
    text=st.text("DV aN0_é.²-\n", max_size=10),
    words=st.lists(st.text("DVaé.² -", min_size=1, max_size=3), min_size=1, max_size=3),
)
def test_whole_words_are_what_python_finds(db, text, words):
    expected = any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) for word in words)
    sql = Contains(Constant(text), tuple(words)).sql(lambda _: "")
    assert db.execute(f"SELECT {sql}").fetchone() == (expected if text else False,)


ROWS = st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(["", "x", "y", "é", "Z"])), min_size=1, max_size=14)
RULES = st.builds(
    Rule,
    blank=st.booleans(),
    weakest=st.sampled_from([(), ("x",), ("x", "Z")]),
    firm=st.sampled_from([frozenset(), frozenset({"v"})]),
)


def _settled(ballots: Counter[str], rule: Rule) -> tuple[str, int, int]:
    """Return the answer for one key, and whether it is a contradiction and an exact tie, by counting."""
    counted = {value: count for value, count in ballots.items() if value not in rule.weakest} or dict(ballots)
    if len(counted) < 2:
        return next(iter(counted), ""), 0, 0
    most = max(counted.values())
    winners = sorted(value for value, count in counted.items() if count == most)
    tie = len(winners) > 1
    return "" if "v" not in rule.firm and (rule.blank or tie) else winners[0], 1, int(tie)


@settings(max_examples=EXAMPLES * 3, deadline=None)
@given(rows=ROWS, rule=RULES)
def test_the_vote_is_what_counting_says_in_any_order(db, rows, rule):
    votes: dict[str, Counter[str]] = {key: Counter() for key, _ in rows}
    for key, value in rows:
        votes[key].update([value] if value else [])
    settled = {key: _settled(found, rule) for key, found in votes.items()}
    expected = Contradicted(*(sum(each[place] for each in settled.values()) for place in (1, 2)))
    for order in (rows, rows[::-1]):
        values = ", ".join(f"({number}, {literal(key)}, {literal(value)})" for number, (key, value) in enumerate(order))
        db.execute(f"CREATE OR REPLACE TABLE ballots AS SELECT * FROM (VALUES {values}) t(row, k, v)")
        contradicted = settle(db, "ballots", ["k"], ["v"], "chosen", rule)
        assert dict(db.execute("SELECT k, v FROM chosen").fetchall()) == {key: each[0] for key, each in settled.items()}
        assert contradicted.get("v", Contradicted(0, 0)) == expected
        firsts = dict(db.execute("SELECT k, first FROM chosen").fetchall())
        assert firsts == {key: next(n for n, (other, _) in enumerate(order) if other == key) for key in votes}


KEYS = st.sampled_from(
    ["column", "constant", "join", "first_of", "flag", "when", "then", "value", "codes", "split", "sep", "part"]
) | st.sampled_from(
    ["not", "and", "equals", "matches", "extract", "date_format", "otherwise", "positions", "any_contains", "same", "a"]
)
TREE = st.recursive(
    st.one_of(st.none(), st.integers(-3, 3), st.text("ab{}%d(*/", max_size=5), st.sampled_from(["%d/%m/%Y", "[a"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(tree=TREE)
def test_any_tree_is_an_expression_or_a_clear_error(tree):
    content = {
        "source": "x",
        "file": "a.csv",
        "tables": {"needs": {"where": tree, "columns": {"person_id": "a", "need": tree}}},
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.yaml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        found = None
        try:
            load_mapping(path)
        except DrivePanelError as error:
            found = error
    if found is not None:
        assert re.match(r"m\.yaml, line \d+, column \d+: ", str(found))
        assert found.remedy
