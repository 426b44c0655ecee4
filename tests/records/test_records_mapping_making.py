from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from records.errors import ExtractError, MappingError
from records.mappings import Made, check_columns, load_mapping, make_table
from records.mappings.accounts import mapping_notes, source_tallies, unused_rows
from records.mappings.staging import stage_sources
from records.storage.database import literal, quoted, workbench

HEAD = "source: made up\nextract_date: 2024-03-31\nsynthetic: true\nfile: a.csv\nmissing: ['-']\ntables:\n"


@dataclass
class Outcome:
    """What a mapping made: rows by table, links, notes, counts."""

    rows: dict[str, list[dict[str, str]]]
    lines: dict[str, list[tuple[str, int]]]
    links: dict[str, set[tuple[str, int, int]]]
    faults: dict[str, list[tuple[Any, ...]]]
    made: dict[str, Made]
    notes: list[str]
    unused: dict[str, int]
    tallies: dict[str, tuple[int, int]]


@pytest.fixture
def run(tmp_path):
    """Make the tables that a mapping declares from files; `faulty` rows of made tables count as refused."""

    def make(
        tables: str,
        files: dict[str, str],
        head: str = HEAD,
        faulty: tuple[tuple[str, int], ...] = (),
        source_faults: tuple[tuple[str, int, str], ...] = (),
    ) -> Outcome:
        for name, content in files.items():
            (tmp_path / name).write_text(content, encoding="utf-8")
        (tmp_path / "m.yaml").write_text(head + tables, encoding="utf-8")
        mapping = load_mapping(tmp_path / "m.yaml")
        with workbench(tmp_path / "work") as db:
            sources = stage_sources(db, mapping, tmp_path)
            for key, row, column in source_faults:
                db.execute(
                    f"INSERT INTO {quoted(sources[key].faults)} VALUES "
                    f"({row}, {literal(key)}, {row + 2}, {literal(column)}, 'undecodable', '')"
                )
            check_columns(mapping, sources)
            made = {how.table.name: make_table(db, how, sources, mapping.missing) for how in mapping.tables}
            db.execute("CREATE TABLE faults (table_name VARCHAR, row BIGINT)")
            for table, row in faulty:
                db.execute("INSERT INTO faults VALUES (?, ?)", [table, row])
            return _outcome(db, mapping, sources, made)

    return make


def _outcome(db, mapping, sources, made):
    def frame(relation):
        return db.execute(f"SELECT * FROM {quoted(relation)} ORDER BY 1, 2, 3").fetchall()

    rows = {name: frame(each.staged.relation) for name, each in made.items()}
    return Outcome(
        {
            name: [dict(zip(made[name].staged.columns, row[3:], strict=True)) for row in each]
            for name, each in rows.items()
        },
        {name: [row[1:3] for row in each] for name, each in rows.items()},
        {name: set(frame(each.links)) for name, each in made.items()},
        {name: frame(each.staged.faults) for name, each in made.items()},
        made,
        mapping_notes(db, mapping, sources, made),
        unused_rows(db, mapping, sources, made),
        {key: (each.read, each.quarantined) for key, each in source_tallies(db, sources, made).items()},
    )


def _text_of(run, expression: str, content: str, **more: Any) -> list[str]:
    """Return what an expression makes of a file, in needs.agency."""
    table = f"  needs:\n    columns: {{person_id: id, need: {{constant: x}}, agency: {expression}}}\n"
    return [row["agency"] for row in run(table, {"a.csv": content}, **more).rows["needs"]]


EXPRESSIONS = [
    ("c", " east ", "east"),
    ("c", "-", ""),
    ("c", "\u00a0east\u2003", "east"),
    ("{column: c, split: {sep: '/', part: 2}}", "a/ b /c", "b"),
    ("{column: c, split: {sep: '/', part: -1}}", "a/b/c", "c"),
    ("{column: c, split: {sep: '/', part: 4}}", "a/b/c", ""),
    ("{column: c, split: {sep: '/', part: 1}}", " abc ", "abc"),
    ("{column: c, split: {sep: '/', part: -1}}", "abc", "abc"),
    ("{column: c, split: {sep: '/', part: 2}}", "abc", ""),
    ("{column: c, missing: [U, n/k]}", "U", ""),
    ("{column: c, missing: U, codes: {U: u}}", "U", ""),
    ("{column: c, missing: [U]}", "U2", "U2"),
    ("{value: {column: c, split: {sep: '/', part: 2}}, missing: U, if_missing: x}", "1/U", "x"),
    ("{column: c, pad: 5}", "806", "00806"),
    ("{column: c, pad: 5}", "105A", "105A"),
    ("{column: c, pad: 2}", "806", "806"),
    ("{column: c, pad: 5}", "-", ""),
    ("{column: c, replace: {'/': ''}, split: {sep: ' ', part: 1}, pad: 5}", "8/06 ABH", "00806"),
    ("{column: c, replace: {'/': ''}, split: {sep: ' ', part: 1}, pad: 5}", "105/01", "10501"),
    ("{column: c, replace: {'/': ''}, split: {sep: ' ', part: 1}, pad: 5}", "8N Assault", "8N"),
    ("{column: c, date_format: '%d-%b-%y'}", "03-jUL-24", "2024-07-03"),
    ("{column: c, positions: [1, 2]}", "22AB", "22"),
    ("{column: c, positions: [3, 9]}", "22AB", "AB"),
    ("{column: c, positions: [5, 9]}", "22AB", ""),
    ("{column: c, extract: '^[A-Z]+([0-9]+)'}", "AB123/4", "123"),
    ("{column: c, extract: '[0-9]+'}", "AB123/4", "123"),
    ("{column: c, extract: '(?:x|A)B'}", "AB123/4", "AB"),
    ("{column: c, extract: '^[0-9]+$'}", "AB123/4", ""),
    ("{column: c, replace: {'.': '', AB: CD}}", "A.B.1", "CD1"),
    ("{column: c, case: upper}", "née", "NÉE"),
    ("{column: c, case: lower, codes: {m: male}}", "M", "male"),
    ("{column: c, codes: {M: male}}", "X", "X"),
    ("{column: c, codes: {M: male}, otherwise: missing}", "X", ""),
    ("{column: c, codes: {M: male}, otherwise: other}", "X", "other"),
    ("{column: c, codes: {M: male}, otherwise: other}", "-", ""),
    ("{column: c, codes: {M: male}, otherwise: other, if_missing: unknown}", "-", "unknown"),
    ("{column: c, codes: {Male: male}, ignore_case: true}", "mALE", "male"),
    ("{column: c, codes: {M: ''}}", "M", ""),
    ("{first_of: [d, c]}", "x", "x"),
    ("{first_of: [d, {constant: y}]}", "x", "y"),
    ("{join: [c, id], sep: ''}", "x", "x1"),
    ("{join: [c, d]}", "x", ""),
    ("{join: [c, d, id], skip_missing: true}", "x", "x-1"),
    ("{join: [c, d], skip_missing: true}", "-", ""),
    ("{value: {column: c, split: {sep: ' ', part: 1}}, codes: {A: b}}", "A z", "b"),
    ("{first_of: [d, c], split: {sep: ' ', part: 2}, codes: {z: zed}}", "A z", "zed"),
    ("{when: c, then: {constant: yes}, otherwise: {constant: no}}", "x", "yes"),
    ("{when: {not: c}, then: {constant: yes}, otherwise: {constant: no}}", "x", "no"),
    ("{when: {column: c, present: false}, then: {constant: none}, otherwise: c}", "-", "none"),
    ("{flag: {column: c, equals: [x, y]}}", "y", "true"),
    ("{flag: {column: c, equals: [x, y]}}", "-", "false"),
    ("{flag: {not: {column: c, equals: [x, y]}}}", "-", "true"),
    ("{flag: {column: c, equals: YES, ignore_case: true}}", "yes", "true"),
    ("{flag: {column: c, matches: '^5[DE]'}}", "5D9", "true"),
    ("{flag: {column: c, contains: DV, unless: NON DV}}", "a DV, b", "true"),
    ("{flag: {column: c, contains: DV, unless: NON DV}}", "a NON DV b", "false"),
    ("{flag: {column: c, contains: DV}}", "éDV", "false"),
    ("{flag: {column: c, contains: dv, ignore_case: true}}", "DV", "true"),
    ("{flag: {and: [c, {column: id, equals: '1'}]}}", "x", "true"),
    ("{flag: {or: [d, {column: id, equals: '2'}]}}", "x", "false"),
    ("{flag: {same: [c, id]}}", "1", "true"),
    ("{flag: {same: [d, d]}}", "1", "false"),
    ("{flag: {column: c, before: 2023-06-01}}", "2023-05-31", "true"),
    ("{flag: {column: c, before: 2023-06-01}}", "2023-06-01", "false"),
    ("{flag: {value: {column: c, date_format: '%d/%m/%Y'}, before: 2023-06-01}}", "31/05/2023", "true"),
    ("{flag: {any_contains: {columns: [c, d], text: [DV, DA]}}}", "DA", "true"),
]
DATES = [
    ('"%d/%m/%Y"', "01/02/2023", "2023-02-01"),
    ('"%d/%m/%Y"', "1/2/2023", "2023-02-01"),
    ('"%d/%m/%Y"', "29/02/2023", "29/02/2023"),
    ('"%d/%m/%Y"', "29/02/2024", "2024-02-29"),
    ('"%d/%m/%Y"', "01/02/2023 x", "01/02/2023 x"),
    ('["%d/%m/%Y", "%d/%m/%y"]', "01/02/23", "2023-02-01"),
    ('["%d/%m/%Y", "%d-%b-%Y"]', "01-FEB-2023", "2023-02-01"),
    ('"%d/%m/%Y"', "01/02/23", "01/02/23"),
    ('"%d/%m/%Y %H:%M"', "01/02/2023 23:59", "2023-02-01"),
    ('"%d/%m/%Y %H:%M %z"', "30/06/2023 23:30 +0000", "2023-07-01"),
    ("excel", "45000", "2023-03-15"),
    ("excel", "45000.5", "2023-03-15"),
    ("excel", "2023", "2023"),
    ('"%d/%m/%Y"', "2023-02-01", "2023-02-01"),
    ('"%d/%m/%Y"', "-", ""),
]


@pytest.fixture(scope="module")
def by_number(tmp_path_factory):
    """Make every expression once, each from a row of its own: a hundred workbenches would take a minute."""
    folder = tmp_path_factory.mktemp("expressions")
    cases = [*EXPRESSIONS, *((f"{{column: c, date_format: {formats}}}", cell, made) for formats, cell, made in DATES)]
    rows = "".join(f'1,"{cell}",,{number}\n' for number, (_, cell, _) in enumerate(cases))
    (folder / "a.csv").write_text("id,c,d,number\n" + rows, encoding="utf-8")
    parts = "".join(
        f"      - where: {{column: number, equals: '{number}'}}\n        columns: {{agency: {expression}}}\n"
        for number, (expression, _, _) in enumerate(cases)
    )
    table = "  needs:\n    columns: {person_id: number, need: {constant: x}}\n    parts:\n"
    (folder / "m.yaml").write_text(HEAD + table + parts, encoding="utf-8")
    mapping = load_mapping(folder / "m.yaml")
    with workbench(folder / "work") as db:
        sources = stage_sources(db, mapping, folder)
        made = make_table(db, mapping.tables[0], sources, mapping.missing)
        found = db.execute(f"SELECT person_id, agency FROM {made.staged.relation}").fetchall()
    assert len(found) == len(cases)
    return dict(found)


@pytest.mark.parametrize(("number", "case"), list(enumerate(EXPRESSIONS)), ids=lambda each: str(each))
def test_each_expression_makes_what_the_guide_says(by_number, number, case):
    assert by_number[str(number)] == case[2]


@pytest.mark.parametrize(("number", "case"), list(enumerate(DATES, len(EXPRESSIONS))), ids=lambda each: str(each))
def test_dates_are_read_by_the_first_format_that_fits_and_never_guessed(by_number, number, case):
    assert by_number[str(number)] == case[2]


def test_a_date_and_a_time_in_two_columns_make_one_day(run):
    expression = '{join: [c, d], sep: " ", skip_missing: true, date_format: ["%d/%m/%Y %H:%M", "%d/%m/%Y"]}'
    content = "id,c,d\n1,01/02/2023,13:45\n2,02/02/2023,\n"
    assert _text_of(run, expression, content) == ["2023-02-01", "2023-02-02"]


def test_hostile_texts_in_a_mapping_and_a_file_are_data(run, tmp_path):
    evil = "x'); DROP TABLE staged_1; --"
    content = f'id,"c"" OR 1=1",row\n1,"{evil}",r\n2,other,r\n'
    expression = f'{{column: \'c" OR 1=1\', codes: {{"{evil}": "it\'s"}}, otherwise: \'"; --\'}}'
    assert _text_of(run, expression, content) == ["it's", '"; --']
    assert _text_of(run, "row", content) == ["r", "r"]
    where = f'  needs:\n    where: {{column: id, equals: "{evil}"}}\n'
    made = run(where + '    columns: {person_id: id, need: {constant: "\'"}}\n', {"a.csv": content})
    assert made.rows["needs"] == []


def test_codes_may_stand_in_a_table_beside_the_mapping(run, tmp_path):
    (tmp_path / "codes.csv").write_text("local,home\nA,1\n B , 2 \nA,1\n", encoding="utf-8")
    expression = (
        "{column: c, codes_from: {file: codes.csv, code: local, to: home}, codes: {Z: '26'}, otherwise: missing}"
    )
    assert _text_of(run, expression, "id,c\n1,A\n2,B\n3,Z\n4,Q\n") == ["1", "2", "26", ""]
    mapping = load_mapping(tmp_path / "m.yaml")
    assert mapping.code_tables == {"codes.csv": b"local,home\nA,1\n B , 2 \nA,1\n"}


ROLES = "ref,suspect_id,suspect_name,victim_id,victim_name\nC1,S1,Ann,V1,Bob\nC2,S1,Ann,,\nC3,,,V1,Rob\n"
INVOLVED = """\
  involvements:
    each: [{who: suspect, as: S}, {who: victim, as: V}]
    where: "{who}_id"
    columns: {incident_id: ref, person_id: "{who}_id", role: {constant: "{who}"}}
"""


def test_roles_spread_over_columns_become_rows_that_know_their_source_row(run):
    made = run(INVOLVED, {"a.csv": ROLES})
    assert [tuple(row.values()) for row in made.rows["involvements"]] == [
        ("C1", "S1", "suspect"),
        ("C1", "V1", "victim"),
        ("C2", "S1", "suspect"),
        ("C3", "V1", "victim"),
    ]
    assert made.lines["involvements"] == [("a.csv", 2), ("a.csv", 2), ("a.csv", 3), ("a.csv", 4)]
    assert made.links["involvements"] == {("a.csv", 0, 0), ("a.csv", 0, 1), ("a.csv", 1, 2), ("a.csv", 2, 5)}
    assert made.unused == {}


def test_each_over_lists_makes_all_pairs(run):
    table = """\
  dyads:
    each: {s: [s1, s2], v: [v1, v2]}
    where: {and: ["{s}", "{v}"]}
    columns: {incident_id: ref, suspect_id: "{s}", victim_id: "{v}"}
"""
    made = run(table, {"a.csv": "ref,s1,s2,v1,v2\nC1,A,B,X,Y\nC2,A,,X,\n"})
    pairs = [(row["incident_id"], row["suspect_id"], row["victim_id"]) for row in made.rows["dyads"]]
    assert pairs == [("C1", "A", "X"), ("C1", "A", "Y"), ("C1", "B", "X"), ("C1", "B", "Y"), ("C2", "A", "X")]


def test_several_values_in_one_cell_make_a_row_each(run):
    table = """\
  involvements:
    each_value: {column: who, sep: ";"}
    columns: {incident_id: ref, person_id: who, role: {constant: suspect}}
"""
    made = run(table, {"a.csv": "ref,who\nC1,A; B ;;C\nC2,\nC3,D\n"})
    people = [(row["incident_id"], row["person_id"]) for row in made.rows["involvements"]]
    assert people == [("C1", "A"), ("C1", "B"), ("C1", "C"), ("C2", ""), ("C3", "D")]
    assert ("a.csv", 0, 2) in made.links["involvements"]


def test_several_files_make_one_table_and_a_key_counts_across_them(run):
    table = """\
  persons:
    unique: key
    columns: {source: {constant: x}}
    parts:
      - {from: [s.csv, t.csv], columns: {person_id: id, given_name: name}}
      - {from: v.csv, columns: {person_id: nominal, family_name: last}}
"""
    made = run(
        table,
        {"s.csv": "id,name\nA,Ann\n", "t.csv": "id,name\nA,Ann\nA,Anna\n", "v.csv": "nominal,last\nA,Lee\nB,Lo\n"},
    )
    assert made.rows["persons"] == [
        {"person_id": "A", "given_name": "Ann", "family_name": "Lee", "source": "x"},
        {"person_id": "B", "given_name": "", "family_name": "Lo", "source": "x"},
    ]
    assert made.lines["persons"] == [("s.csv", 2), ("v.csv", 3)]
    assert made.links["persons"] == {
        ("s.csv", 0, 0),
        ("t.csv", 0, 0),
        ("t.csv", 1, 0),
        ("v.csv", 0, 0),
        ("v.csv", 1, 4),
    }
    assert made.made["persons"].contradictions == {"given_name": 1}


def test_a_variant_that_lacks_a_column_leaves_its_word_blank(run):
    table = """\
  persons:
    each: [{id: s1, born: s1_dob}, {id: s2, born: ""}]
    where: "{id}"
    columns:
      person_id: "{id}"
      date_of_birth: {column: "{born}", date_format: "%d/%m/%Y"}
      given_name: {when: "{born}", then: {constant: known}}
      source: {constant: x}
"""
    made = run(table, {"a.csv": "s1,s1_dob,s2\nA,01/02/1980,B\n"})
    assert [(row["person_id"], row["date_of_birth"], row["given_name"]) for row in made.rows["persons"]] == [
        ("A", "1980-02-01", "known"),
        ("B", "", ""),
    ]
    with pytest.raises(MappingError, match=r"a\.csv has no column ''"):
        run(table.replace('"{born}", date_format', '"", date_format'), {"a.csv": "s1,s1_dob,s2\nA,01/02/1980,B\n"})


VOTES = "id,name,own\nA,Ann,NS\nA,Anna,NS\nA,Ann,W1\nB,Bo,W1\nB,Bob,B1\nC,Cy,NS\nC,Cy,\n"
PEOPLE = "  persons:\n    unique: key\n{}    columns: {{person_id: id, given_name: name, source: {{constant: x}}}}\n"


@pytest.mark.parametrize(
    ("option", "names", "note"),
    [
        (
            "",
            ["Ann", "", "Cy"],
            "the most frequent value was taken; where several are as frequent the cell is left blank.",
        ),
        (
            "    contradicted: most_frequent\n",
            ["Ann", "", "Cy"],
            "the most frequent value was taken; where several are as frequent the cell is left blank.",
        ),
        ("    contradicted: missing\n", ["", "", "Cy"], "these cells are left blank."),
    ],
)
def test_an_exact_tie_is_not_recorded_and_whoever_asks_blanks_every_contradicted_cell(run, option, names, note):
    made = run(PEOPLE.format(option), {"a.csv": VOTES})
    assert [row["given_name"] for row in made.rows["persons"]] == names
    assert made.made["persons"].contradictions == {"given_name": 2}
    expected = f"persons.given_name: the source contradicts itself for 2 of 3 rows (1 of them an exact tie); {note}"
    assert expected in made.notes


@pytest.mark.parametrize("option", ["", "    contradicted: missing\n"])
def test_what_the_contract_requires_is_never_left_blank(run, option):
    table = f"  needs:\n    columns: {{person_id: id, need: own}}\n  persons:\n    unique: key\n{option}"
    made = run(table + "    columns: {person_id: id, source: own}\n", {"a.csv": VOTES})
    assert [row["source"] for row in made.rows["persons"]] == ["NS", "B1", "NS"]
    assert any(
        "exact tie); the most frequent value was taken, the first in the alphabet" in each for each in made.notes
    )


@pytest.mark.parametrize(
    ("option", "own", "contradicted"),
    [("", ["NS", "", "NS"], 2), ("    weakest: [NS]\n", ["W1", "", "NS"], 1)],
)
def test_a_refusal_to_answer_outvotes_no_answer_where_the_mapping_says_so(run, option, own, contradicted):
    table = f"  communities:\n    unique: key\n{option}    columns: {{person_id: id, ethnicity_self: own}}\n"
    made = run(table, {"a.csv": VOTES})
    assert [row["ethnicity_self"] for row in made.rows["communities"]] == own
    assert made.made["communities"].contradictions == {"ethnicity_self": contradicted}


def test_columns_of_another_file_are_found_by_key(run):
    table = """\
  incidents:
    lookup:
      - {file: beats.csv, on: {beat: code}}
      - {file: areas.csv, on: {beats.area: id}, as: place}
    columns:
      incident_id: ref
      force: {constant: x}
      area: place.name
      occurred_from: day
      is_crime: {constant: "true"}
      domestic: {flag: {column: beats.code}}
"""
    files = {
        "a.csv": "ref,beat,day\nC1,b1,2023-01-01\nC2,-,2023-01-01\nC3,b9,2023-01-01\nC4,b2,2023-01-01\n",
        "beats.csv": "code,area\nb1,1\nb1,1\nb2,2\nb2,1\nb2,2\n-,3\n",
        "areas.csv": "id,name\n1,East\n2,West\n3,Nowhere\n",
    }
    made = run(table, files)
    assert [(row["area"], row["domestic"]) for row in made.rows["incidents"]] == [
        ("East", "true"),
        ("", "false"),
        ("", "false"),
        ("West", "true"),
    ]
    assert made.made["incidents"].contradictions == {"lookup beats.area": 1}
    tied = run(table, {**files, "beats.csv": "code,area\nb1,1\nb2,2\nb2,1\n"})
    assert [row["area"] for row in tied.rows["incidents"]] == ["East", "", "", ""]
    assert made.tallies == {"a.csv": (4, 0), "beats.csv": (6, 0), "areas.csv": (3, 0)}
    assert made.unused == {}


def test_rows_that_make_nothing_are_accepted_and_reported(run):
    table = "  needs:\n    where: {column: need, equals: housing}\n    columns: {person_id: id, need: need}\n"
    made = run(table, {"a.csv": "id,need,more\nA,housing,x\nB,other,x\nC,other,x\n"})
    assert made.unused == {"a.csv": 2}
    assert made.tallies == {"a.csv": (3, 0)}
    assert made.notes == [
        "a.csv: columns that the mapping does not use were not read: more.",
        "a.csv: the mapping makes nothing from 2 of 3 rows.",
    ]


def test_a_source_row_is_refused_once_if_anything_made_from_it_was(run):
    made = run(
        INVOLVED, {"a.csv": ROLES + "C4\n"}, faulty=(("involvements", 0), ("involvements", 1), ("involvements", 5))
    )
    assert made.tallies == {"a.csv": (4, 3)}


def test_a_fault_of_a_source_column_reaches_the_rows_that_hold_its_value(run):
    table = INVOLVED + '  persons:\n    unique: key\n    columns: {source: {constant: x}, given_name: "{who}_name", '
    table += 'person_id: "{who}_id"}\n    each: [{who: suspect}, {who: victim}]\n    where: "{who}_id"\n'
    made = run(table, {"a.csv": ROLES}, source_faults=(("a.csv", 0, "victim_name"), ("a.csv", 2, "victim_id")))
    assert made.faults["involvements"] == [(5, "a.csv", 4, "person_id", "undecodable", "")]
    # Bob and Rob have a vote each: the cell is left blank, and the value that could not be read is in no row
    assert made.rows["persons"][1]["given_name"] == ""
    assert [fault[3] for fault in made.faults["persons"]] == ["person_id"]
    won = run(
        table,
        {"a.csv": ROLES + "C4,,,V1,Bob\n"},
        source_faults=(("a.csv", 0, "victim_name"), ("a.csv", 2, "victim_name")),
    )
    assert won.rows["persons"][1]["given_name"] == "Bob"
    assert won.faults["persons"] == [(1, "a.csv", 2, "given_name", "undecodable", "")]


@pytest.mark.parametrize("unique", ["", "    unique: key\n"])
def test_a_faulty_value_of_another_file_reaches_the_rows_that_look_it_up(run, unique):
    table = (
        "  needs:\n    lookup: {file: n.csv, on: {need: code}}\n    columns: {person_id: id, need: n.text}\n" + unique
    )
    files = {"a.csv": "id,need\nA,1\nB,2\nC,9\n", "n.csv": "code,text,other\n1,housing,x\n2,dr\\xffugs,x\n"}
    made = run(table, files, source_faults=(("n.csv", 1, "text"), ("n.csv", 0, "other")))
    assert [row["need"] for row in made.rows["needs"]] == ["housing", "dr\\xffugs", ""]
    assert made.faults["needs"] == [(1, "a.csv", 3, "", "undecodable", "")]
    assert made.made["needs"].contradictions == {}


def test_a_row_that_could_not_be_split_makes_nothing(run):
    made = run("  needs:\n    columns: {person_id: id, need: need}\n", {"a.csv": "id,need\nA\nB,x\n"})
    assert made.rows["needs"] == [{"person_id": "B", "need": "x"}]
    assert made.lines["needs"] == [("a.csv", 3)]
    assert made.links["needs"] == {("a.csv", 1, 1)}
    assert made.tallies == {"a.csv": (2, 1)}


def test_columns_whose_names_differ_in_case_only_are_told_apart(run):
    made = run("  needs:\n    columns: {person_id: ID, need: id, agency: line}\n", {"a.csv": "id,ID,line\nx,A,l\n"})
    assert made.rows["needs"] == [{"person_id": "A", "need": "x", "agency": "l"}]


def test_columns_for_communities_alone_are_withheld(run, tmp_path):
    table = "  communities:\n    unique: key\n    lookup: {file: e.csv, on: {eth: code}}\n"
    table += "    columns: {person_id: id, ethnicity_self: e.own, sex: s}\n"
    table += "  needs:\n    columns: {person_id: id, need: s}\n"
    run(table, {"a.csv": "id,eth,s\nA,1,F\n", "e.csv": "code,own\n1,W1\n"})
    mapping = load_mapping(tmp_path / "m.yaml")
    assert mapping.withheld("a.csv") == {"eth"}
    assert mapping.withheld("e.csv") == {"code", "own"}
    assert mapping.guarded == {"a.csv", "e.csv"}
    assert mapping.only_looked_up == {"e.csv"}


def test_a_missing_file_or_address_is_named_before_anything_is_read(run):
    with pytest.raises(ExtractError, match=r"lacks the file a\.csv"):
        run("  needs:\n    columns: {person_id: id, need: x}\n", {})
    head = HEAD.replace("file: a.csv", "file: {sql: SELECT 1, url_env: DRIVE_PANEL_NO_SUCH_ADDRESS}")
    with pytest.raises(ExtractError, match="the environment variable DRIVE_PANEL_NO_SUCH_ADDRESS is not set"):
        run("  needs:\n    columns: {person_id: id, need: x}\n", {}, head=head)


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ("  needs:\n    columns: {person_id: idd, need: need}\n", r"line 8, column 26: a\.csv has no column 'idd'"),
        (
            "  needs:\n    lookup: {file: a.csv, on: {id: no}, as: x}\n    columns: {person_id: id, need: need}\n",
            "no column 'no'",
        ),
        (
            "  needs:\n    lookup: {file: a.csv, on: id, as: x}\n    columns: {person_id: id, need: x.nee}\n",
            "no column 'nee'",
        ),
        ("  needs:\n    each: [{w: i}]\n    columns: {person_id: '{w}x', need: need}\n", "no column 'ix'"),
    ],
)
def test_a_column_that_a_file_lacks_is_named_and_the_nearest_proposed(run, tables, message):
    with pytest.raises(MappingError, match=message) as caught:
        run(tables, {"a.csv": "id,need\nA,x\n"})
    assert caught.value.remedy.endswith("Use id, need.")


def test_the_remedy_proposes_the_nearest_name(run, tmp_path):
    with pytest.raises(MappingError) as caught:
        run("  needs:\n    columns: {person_id: Id, need: ned}\n", {"a.csv": "id,need\nA,x\n"})
    assert caught.value.remedy == "Did you mean 'id'? Use id, need."


def test_what_is_made_does_not_depend_on_where_it_runs(run, tmp_path: Path):
    first = run(INVOLVED, {"a.csv": ROLES})
    assert first.rows == run(INVOLVED, {"a.csv": ROLES}).rows


def test_a_query_of_a_record_system_is_a_source_like_any_file(tmp_path):
    database = tmp_path / "rms.db"
    with closing(sqlite3.connect(database)) as rms:
        rms.executescript("CREATE TABLE n (id TEXT, need TEXT); INSERT INTO n VALUES ('A', 'housing'), ('B', NULL);")
    (tmp_path / "m.yaml").write_text(
        "source: x\nextract_date: 2024-03-31\nfiles:\n"
        '  needs: {sql: "SELECT id AS person_id, need FROM n ORDER BY id", '
        "url_env: RMS_URL}\ntables:\n  needs:\n    from: needs\n    columns: {person_id: person_id, need: need}\n"
    )
    mapping = load_mapping(tmp_path / "m.yaml")
    with workbench(tmp_path / "work") as db:
        sources = stage_sources(db, mapping, tmp_path, environment={"RMS_URL": f"sqlite:///{database}"})
        check_columns(mapping, sources)
        made = make_table(db, mapping.tables[0], sources, mapping.missing)
        found = db.execute(f"SELECT * FROM {made.staged.relation} ORDER BY row").fetchall()
    assert [row[2:] for row in found] == [(1, "A", "housing"), (2, "B", "")]
