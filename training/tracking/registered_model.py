"""What MLflow loads: the bundle's margin for a table of indicators without identities (models from code)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

from models import Bundle
from training.errors import PersonInTable

# Where a table does not fit the signature, MLflow would otherwise print the table.
os.environ.setdefault("MLFLOW_DISABLE_SCHEMA_DETAILS", "true")


class BundleModel(PythonModel):
    """Answers with one raw margin a row, and with nothing for a table that says who its rows are about."""

    def load_context(self, context: Any) -> None:
        """Verify and load the bundle that was logged as an artifact."""
        self.bundle = Bundle.load(Path(context.artifacts["bundle"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> np.ndarray:
        """Return the margin of each row, as the bundle gives it.

        Raises
        ------
        PersonInTable
            If the table holds any column but the bundle's indicators, or an index that could say whose a row is.
        """
        if extra := sorted(map(str, set(model_input.columns) - set(self.bundle.indicators))):
            raise PersonInTable(
                f"The table holds columns that are no indicator of this bundle: {', '.join(extra)}.",
                "Give indicators only, without anything that says who a row is about or what community they belong to.",
            )
        index = model_input.index
        if not isinstance(index, pd.RangeIndex) or index.name is not None:
            raise PersonInTable(
                "The rows of the table are named, which could say who they are about.",
                "Give rows that are only counted: `table.reset_index(drop=True)`.",
            )
        return self.bundle.margin(model_input)


set_model(BundleModel())
