"""A bundle as an MLflow model: source code and the bundle's own text, no pickle, no person's value."""

from __future__ import annotations

import contextlib
import io
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models import Bundle
from records.contract import TABLES

_CODE = Path(__file__).with_name("registered_model.py")
_PACKAGES = ("lightgbm", "mlflow", "numpy", "pandas", "scikit-learn")
_IDENTIFYING = ("persons", "addresses", "communities", "needs", "restricted")
_FURTHER = (
    "person", "pseudonym", "id", "urn", "name", "full_name", "surname", "last_name", "first_name", "forename", "alias",
    "dob", "birth_date", "age", "age_band", "gender", "ethnicity", "nationality", "immigration_status", "nino",
    "ni_number", "national_insurance_number", "nhs_number", "nhs_no", "passport_number", "email", "email_address",
    "phone", "phone_number", "telephone", "mobile", "address",
)  # fmt: skip
_CASES = (str.lower, str.upper, str.capitalize, str.title)


def refused_columns() -> list[str]:
    """Return the columns by which a table says who somebody is or what community they belong to.

    MLflow drops what a signature does not name before a model sees it. So these are named, as columns that may be
    there, and the model refuses a table that has one. A signature knows no pattern: each is named in small letters,
    in capitals, and with a capital at the beginning of the name or of each word.
    """
    columns = [(name, column) for name, table in TABLES.items() for column in table.columns]
    ids = {column.name for _, column in columns if column.kind == "id" or column.protected}
    told = {column.name for table, column in columns if table in _IDENTIFYING}
    names = {*ids, *told, *(f"victim_{name}" for name in told), *_FURTHER}
    return sorted({case(name) for name in names for case in _CASES})


def input_example(bundle: Bundle) -> pd.DataFrame:
    """Return two rows that are about nobody: everything zero, and nothing known."""
    return pd.DataFrame({name: [0.0, np.nan] for name in bundle.indicators})


def log_model(mlflow: Any, bundle: Bundle) -> str:
    """Log the bundle as a model of the active run and return the model's id."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema
    from mlflow.types.schema import AnyType

    columns = [ColSpec("double", name) for name in bundle.indicators]
    refused = [name for name in refused_columns() if name not in bundle.indicators]
    columns += [ColSpec(AnyType(), name, required=False) for name in refused]
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):  # it prints what it does
        info = mlflow.pyfunc.log_model(
            name="ranker",
            python_model=str(_CODE),
            artifacts={"bundle": str(bundle.path)},
            signature=ModelSignature(inputs=Schema(columns), outputs=Schema([ColSpec("double")])),
            input_example=input_example(bundle),
            # Stated, because MLflow otherwise loads the model once more in a subprocess to guess them.
            pip_requirements=[f"{package}=={version(package)}" for package in _PACKAGES],
            tags={"bundle": str(bundle.hash)},
        )
    return str(info.model_id)
