from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from records import codes, contract
from records.document import document
from records.reference import NAMES, load_reference
from records.schemas import pandera

COLUMNS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}")
    for table in contract.TABLES.values()
    for column in table.columns
]


def test_the_contract_holds_every_table_of_the_design():
    assert set(contract.TABLES) == {
        *("persons", "addresses", "communities", "incidents", "involvements", "dyads", "marac_hearings"),
        *("orders", "custody", "management", "needs", "safety_checks", "restricted", "referrals"),
        *("interventions", "abuse_assessments"),
    }
    assert contract.MANDATORY == ("persons", "incidents", "involvements")


def test_a_table_points_only_to_tables_that_are_checked_before_it():
    seen = []
    for table in contract.TABLES.values():
        for column in table.columns:
            assert column.points_to is None or column.points_to in seen
        seen.append(table.name)


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_declaration_is_consistent(table, column):
    assert column.meaning.endswith(".")
    assert column.name not in ("known_from", "known_to", contract.ASSUMED)
    if column.dated_by is not None:
        assert table.column(column.dated_by).kind == "date"
    if column.kind == "code":
        assert (column.codes is None) != (column.reference is None)
    if column.reference is not None:
        assert column.reference in NAMES
    assert not (column.protected and table.name != "communities")


@pytest.mark.parametrize("table", contract.TABLES.values(), ids=list(contract.TABLES))
def test_keys_orders_and_stand_ins_name_columns_of_the_table(table):
    for name in (*table.key, *(name for pair in table.in_order for name in pair)):
        table.column(name)
    if table.recorded_by:
        assert table.column(table.recorded_by).kind == "date"
    if table.recorded_with:
        contract.TABLES[table.recorded_with].column(table.recorded_on)


def test_what_record_systems_overwrite_is_declared():
    overwritten = {
        f"{table.name}.{column.name}": column.dated_by
        for table in contract.TABLES.values()
        for column in table.columns
        if column.overwritten
    }
    assert overwritten["involvements.status"] == "status_at"
    assert overwritten["incidents.outcome_code"] == "outcome_at"
    for undated in ("incidents.risk_grade", "dyads.relationship", "dyads.cohabiting", "custody.ends_on"):
        assert overwritten[undated] is None
    for defining in ("incidents.domestic", "incidents.offence_code", "persons.deceased_on"):
        assert defining not in overwritten


def test_nationality_and_immigration_status_are_nowhere():
    names = {column.name for table in contract.TABLES.values() for column in table.columns}
    assert not {name for name in names if "national" in name or "immigra" in name or "citizen" in name}


def test_an_unknown_column_is_a_key_error_that_names_it():
    with pytest.raises(KeyError, match="incidents has no column 'weather'"):
        contract.TABLES["incidents"].column("weather")


def test_declarations_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        contract.TABLES["persons"].mandatory = False
    with pytest.raises(TypeError):
        contract.TABLES["persons"] = contract.TABLES["orders"]


def test_the_schema_refuses_a_missing_required_value_a_wrong_type_and_a_double_key():
    table = contract.TABLES["needs"]
    good = pd.DataFrame(
        {
            "person_id": ["P1", "P2"],
            "need": ["housing", "alcohol"],
            "agency": ["police", None],
            "known_from": pd.to_datetime(["2024-01-01", "2024-01-01"]),
            "known_to": pd.to_datetime([None, None]),
            contract.ASSUMED: [True, False],
        }
    ).astype(table.dtypes)
    table.schema().validate(good)
    for bad in (
        good.assign(need=pd.Series([None, "x"], dtype="str")),
        good.assign(known_from=["2024-01-01", "2024-01-01"]),
        pd.concat([good, good], ignore_index=True),
        good.drop(columns="agency"),
    ):
        with pytest.raises(pandera().errors.SchemaError):
            table.schema().validate(bad)


def test_the_data_contract_document_is_current():
    written = (Path(__file__).parents[2] / "docs" / "data-contract.md").read_text(encoding="utf-8")
    assert written == document(), "Run python -m records.document > docs/data-contract.md"


def test_the_document_lists_every_code_of_every_reference_table_that_a_column_names():
    text, reference = document(), load_reference()
    named = {column.reference for table in contract.TABLES.values() for column in table.columns if column.reference}
    assert named == {"offences", "outcomes", "ethnicity", "ethnicity_observed", "agencies"}
    for name in named:
        part = text[text.index(f"\n## {name.replace('_', ' ').capitalize()}\n") :].split("\n## ")[1]
        assert {line.split(" ")[1] for line in part.splitlines() if line.startswith("| ")} - {"code"} == set(
            reference.codes(name)
        )


def test_relationships_are_the_same_in_the_contract_and_in_the_reference():
    assert load_reference().codes("relationships") == codes.RELATIONSHIPS


@pytest.mark.parametrize(("before", "between"), [(False, False), (True, False), (False, True)])
def test_pandera_neither_binds_spark_to_this_machine_nor_imports_its_pandas(before: bool, between: bool):
    spark = "import pyspark"
    asked = f"""
import os, sys
import pandas as pd
{spark if before else ""}
from records.contract import TABLES
table = TABLES["needs"]
schema = table.schema()
{spark if between else ""}
schema.validate(pd.DataFrame(columns=list(table.dtypes)).astype(table.dtypes))
print(os.environ.get("SPARK_LOCAL_IP"), "pyspark" in sys.modules, "pyspark.pandas" in sys.modules)
"""
    told = subprocess.run([sys.executable, "-W", "error", "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["None", str(before or between), "False"]
