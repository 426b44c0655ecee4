"""A mirror of training runs and of what is live in MLflow, where data scientists compare and load models.

It is not the record of what was live (that is the ledger), and nothing about any one person enters it. MLflow is
imported only when something is mirrored, with its telemetry switched off before.
"""

from training.tracking.experiment_log import log_experiment
from training.tracking.registry import MODEL, Change, mirror
from training.tracking.store import DATABASE, PATIENCE, mlflow_environment

__all__ = ["DATABASE", "MODEL", "PATIENCE", "Change", "log_experiment", "mirror", "mlflow_environment"]
