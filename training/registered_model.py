"""What MLflow loads: the bundle's margin for a table of indicators without identities (models from code)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

from models import Bundle
from training.errors import TrainingError


class BundleModel(PythonModel):
    """Answers with one margin a row, and with nothing for a table that names people."""

    def load_context(self, context: Any) -> None:
        """Verify and load the bundle that was logged as an artifact."""
        self.bundle = Bundle.load(Path(context.artifacts["bundle"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> np.ndarray:
        """Return the margin of each row.

        Raises
        ------
        TrainingError
            If the table holds any column but the bundle's indicators.
        """
        if extra := sorted(set(model_input.columns) - set(self.bundle.indicators)):
            raise TrainingError(
                f"The table holds {len(extra)} column(s) that are no indicator of this bundle.",
                "Give indicators only: MLflow never sees who a row is about.",
            )
        return self.bundle.margin(model_input)


set_model(BundleModel())
