"""What a run was trained and judged on, by hash: no row of it enters MLflow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from training.experiment import Experiment
from training.lists import Floats
from values import Hash

_SHORT = 36  # the longest digest that MLflow takes for a dataset; the whole hash stands in the run's tags


def dataset_hashes(experiment: Experiment, snapshot: str) -> dict[str, str]:
    """Return the hashes of the records, of the labels and of the indicators of the rows in use.

    Labels and indicators are hashed with their people and dates, in canonical order, to the bit, with one NaN.
    """
    material = experiment.material
    spine = [_text(material.spine["person_id"]), _days(material.spine["as_of"])]
    labels = material.labels.drop(columns=["person_id", "as_of"], errors="ignore")
    return {
        "records_hash": snapshot,
        "labels_hash": _hash([str(name) for name in labels], [*spine, *(_column(labels[name]) for name in labels)]),
        "indicators_hash": _hash(list(material.names), [*spine, *(_numbers(row) for row in material.values)]),
    }


def log_datasets(mlflow: Any, experiment: Experiment, hashes: Mapping[str, str]) -> None:
    """Link the active run to its datasets, each a name, a digest and, for indicators, the names of columns."""
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.types import ColSpec, Schema

    indicators = Schema([ColSpec("double", name) for name in experiment.material.names])
    source = CodeDatasetSource({"made_by": "drive-panel train"})  # a path would name the machine
    for name, digest in hashes.items():
        kind = name.removesuffix("_hash")
        schema = indicators if kind == "indicators" else None
        mlflow.log_input(MetaDataset(source, kind, digest[:_SHORT], schema), context="training")


def _hash(names: list[str], parts: Iterable[bytes]) -> Hash:
    found = hashlib.sha256("\n".join(names).encode("utf-8"))
    for part in parts:
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
    return Hash(found.hexdigest())


def _column(column: pd.Series[Any]) -> bytes:
    if pd.api.types.is_datetime64_any_dtype(column):
        return _days(column)
    if pd.api.types.is_numeric_dtype(column):
        return _numbers(column.to_numpy(np.float64, na_value=np.nan))
    return _text(column)


def _numbers(values: Floats) -> bytes:
    return np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes()


def _days(column: pd.Series[Any]) -> bytes:
    return column.to_numpy().astype("datetime64[D]").astype("<i8").tobytes()


def _text(column: pd.Series[Any]) -> bytes:
    return "".join(f"{len(text)}:{text}" for text in map(str, column)).encode("utf-8")
