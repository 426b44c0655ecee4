from __future__ import annotations

from pathlib import Path

import pytest

from records.errors import ManifestError, MappingError
from records.mappings import load_mapping

HEAD = "source: made up\nextract_date: 2024-03-31\nfile: a.csv\ntables:\n  needs:\n"
COLUMNS = "    columns: {person_id: id, need: need}\n"


@pytest.fixture
def load(tmp_path):
    def read(text: str):
        (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
        return load_mapping(tmp_path / "m.yaml")

    return read


def _agency(expression: str) -> str:
    return f"{HEAD}    columns:\n      person_id: id\n      need: need\n      agency: {expression}\n"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("{colum: c}", "line 9, column 15: this makes no column"),
        ("{column: c, constant: x}", "line 9, column 37: column and constant exclude each other"),
        ("{column: c, split: {sep: /}}", "line 9, column 34: the key 'part' is missing"),
        ("{column: c, split: {sep: '', part: 1}}", "the separator is blank"),
        ("{column: c, split: {sep: /, part: 0}}", "'0' is no place to count from"),
        ("{column: c, split: {sep: /, part: 1}, positions: [1, 2]}", "split and positions exclude each other"),
        ("{column: c, positions: [3, 2]}", "positions are a first and a last place"),
        ("{column: c, positions: [-2, -1]}", "positions are a first and a last place"),
        ("{column: c, positions: 4}", "positions are a first and a last place"),
        ("{column: c, extract: '(a'}", r"'\(a' is no regular expression \(missing \)"),
        ("{column: c, extract: '(?<!a)b'}", "is no regular expression"),
        ("{column: c, case: title}", "'title' is no case"),
        ("{column: c, pad: -2}", "'-2' is no width"),
        ("{column: c, pad: 41}", "'41' is no width"),
        ("{column: c, missing: []}", "a blank text is compared with"),
        ("{constant: c, missing: [c]}", "the key 'missing' is not known here"),
        ("{column: c, replace: {'': x}}", "a blank text cannot be replaced"),
        ("{column: c, date_format: '%d/%m'}", "'%d/%m' says no year"),
        ("{column: c, date_format: '%Y-%d'}", "'%Y-%d' says no month"),
        ("{column: c, date_format: '%d/%m/%Y %Q'}", "is no date format"),
        ("{column: c, date_format: ['%d/%m/%Y', '%m/%d/%Y']}", "read 03/04 as two different days"),
        ("{column: c, date_format: []}", "no date format is named"),
        ("{column: c, codes: {a: b}, date_format: '%d/%m/%Y'}", "codes and date_format exclude each other"),
        ("{column: c, ignore_case: true}", "ignore_case needs codes"),
        ("{column: c, codes: {a: b, A: c}, ignore_case: true}", "two codes differ in their case only"),
        ("{column: c, codes: {a: b}, ignore_case: maybe}", "'maybe' is neither true nor false"),
        ("{column: c, codes_from: {file: ../c.csv, code: a, to: b}}", r"'../c\.csv' is no file name"),
        ("{column: c, codes_from: {file: no.csv, code: a, to: b}}", r"no\.csv beside the mapping cannot be read"),
        ("{first_of: []}", "no column is named"),
        ("{join: {a: b}}", "a list is needed here"),
        ("{flag: {}}", "this asks nothing"),
        ("{flag: {and: []}}", "no condition is named"),
        ("{flag: {column: c, equals: x, contains: y}}", "equals and contains are two questions"),
        ("{flag: {column: c, unless: x}}", "unless needs contains"),
        ("{flag: {column: c, equals: []}}", "a blank text is compared with"),
        ("{flag: {column: c, equals: ''}}", "a blank text is compared with"),
        ("{flag: {column: c, before: 31/01/2024}}", "'31/01/2024' is no day"),
        ("{flag: {same: [a]}}", "same compares two"),
        ("{flag: {column: c}, if_missing: x}", "the key 'if_missing' is not known here"),
        ("{when: c, then: d, codes: {a: b}}", "the key 'codes' is not known here"),
        ('"a\\u0000b"', "the text holds a control character"),
    ],
)
def test_a_mistaken_expression_is_named_with_line_and_column(load, expression, message):
    with pytest.raises(MappingError, match=r"m\.yaml, .*" + message):
        load(_agency(expression))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("    each: {}\n" + COLUMNS, "each names nothing"),
        ("    each: []\n" + COLUMNS, "each names nothing"),
        ("    each: [{a: x}, {b: y}]\n" + COLUMNS, "each names other words in one variant than in another"),
        ("    each_value: {column: c, sep: ''}\n" + COLUMNS, "the separator is blank"),
        ("    parts: []\n" + COLUMNS, "parts is empty"),
        ("    parts: [{from: a.csv, unique: key}]\n" + COLUMNS, "the key 'unique' is not known here"),
        ("    parts: [{columns: {person_id: x}}, {columns: {need: y}}]\n", "needs needs the column 'need'"),
        ("    unique: key\n", "the key 'columns' is missing"),
        ("    weakest: [NS]\n" + COLUMNS, "weakest needs unique: key"),
        ("    contradicted: missing\n" + COLUMNS, "contradicted needs unique: key"),
        ("    unique: key\n    contradicted: blank\n" + COLUMNS, "contradicted cannot be 'blank'"),
        ("    unique: key\n    weakest: [NS, '']\n" + COLUMNS, "a blank is named as the weakest"),
        ("    from: a.txt\n" + COLUMNS, r"'a\.txt' is no file name"),
        ("    from: {file: a.csv, sheet: S}\n" + COLUMNS, r"'a\.csv' has no sheets"),
        ("    from: {file: a.csv, header_row: 2}\n" + COLUMNS, r"'a\.csv' is no workbook"),
        ("    from: {file: a.xlsx, header_row: 0}\n" + COLUMNS, "there is no row '0'"),
        ("    from: {file: a.xlsx, header_row: three}\n" + COLUMNS, "there is no row 'three'"),
        (
            "    from: {sql: SELECT 1, url_env: 'sqlite:///x'}\n" + COLUMNS,
            "url_env is no name of an environment variable",
        ),
        ("    from: {sql: SELECT 1}\n" + COLUMNS, "the key 'url_env' is missing"),
        ("    lookup: {file: b.csv, on: {}}\n" + COLUMNS, "the lookup names no column"),
        ("    lookup: {file: b.csv, on: x, as: a.b}\n" + COLUMNS, r"a lookup cannot be called 'a\.b'"),
        ("    lookup: [{file: b.csv, on: x}, {file: b.csv, on: y}]\n" + COLUMNS, "two lookups are called 'b'"),
        ("    wher: id\n" + COLUMNS, "the key 'wher' is not known here"),
        ("    columns: {person_id: id, need: need, agncy: x}\n", "needs has no column 'agncy'"),
    ],
)
def test_a_mistaken_table_is_named_with_line_and_column(load, table, message):
    with pytest.raises(MappingError, match=r"m\.yaml, .*" + message):
        load(HEAD + table)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        (HEAD + "    wher: id\n" + COLUMNS, "Did you mean 'where'?"),
        (HEAD + "    columns: {person_id: id, ned: x, need: y}\n", "Did you mean 'need'?"),
        (HEAD.replace("needs", "incident") + COLUMNS, "Did you mean 'incidents'?"),
        (_agency("{constnt: x}"), "Did you mean 'constant'?"),
        (
            HEAD.replace("file: a.csv", "files: {crimes: c.csv}") + "    from: crime\n" + COLUMNS,
            "Did you mean 'crimes'?",
        ),
    ],
)
def test_the_nearest_name_is_proposed(load, text, remedy):
    with pytest.raises(MappingError) as caught:
        load(text)
    assert caught.value.remedy.startswith(remedy)


def test_a_code_that_becomes_two_things_is_refused(load, tmp_path: Path):
    (tmp_path / "c.csv").write_text("a,b\n1,x\n1,y\n")
    with pytest.raises(MappingError, match=r"c\.csv, line 3: the code '1' becomes two things"):
        load(_agency("{column: c, codes_from: {file: c.csv, code: a, to: b}}"))
    with pytest.raises(MappingError, match=r"c\.csv has no column 'z'"):
        load(_agency("{column: c, codes_from: {file: c.csv, code: a, to: z}}"))
    (tmp_path / "c.csv").write_bytes(b"a,b\n1,\xff\n")
    with pytest.raises(MappingError, match=r"c\.csv is no CSV table"):
        load(_agency("{column: c, codes_from: {file: c.csv, code: a, to: b}}"))


def test_what_would_grow_without_end_is_refused(load):
    expression, formats = "c", ", ".join(f'"%d/%m/%Y{i}"' for i in range(30))
    for _ in range(6):
        expression = f"{{value: {expression}, date_format: [{formats}]}}"
    with pytest.raises(MappingError, match="this nests too deeply"):
        load(_agency(expression))


def test_the_manifest_keys_are_passed_on(load):
    mapping = load(
        HEAD.replace("tables", "kind: changes\nrevision: 2\nperiod: [2020, 2024]\nsynthetic: true\ntables") + COLUMNS
    )
    assert mapping.manifest is not None
    assert (mapping.manifest.kind, mapping.manifest.revision, mapping.manifest.synthetic) == ("changes", 2, True)
    assert mapping.manifest.period == "2020 to 2024"
    with pytest.raises(ManifestError, match="kind is neither full nor changes"):
        load(HEAD.replace("tables", "kind: some\ntables") + COLUMNS)


def test_a_mapping_may_make_some_tables_only(load):
    mapping = load(HEAD + COLUMNS)
    assert [table.table.name for table in mapping.tables] == ["needs"]
    assert mapping.files == ("a.csv",)
