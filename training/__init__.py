"""Labels, time splits, comparison with the incumbents, promotion, and a mirror of each run in MLflow.

`run_experiment` does a whole run; `training.tracking.log_experiment` (imported on its own, because MLflow and
matplotlib are heavy) mirrors it. No page, decision of a panel or protected characteristic is known here.
"""

from training.compare import Comparison, Difference, Measure, compare
from training.errors import (
    LabelNotMature,
    MissingRecords,
    NotEnoughHistory,
    NotEnoughOutcomes,
    SettingsError,
    TrainingError,
)
from training.evaluate import Interval
from training.experiment import Experiment, Fitted
from training.follow_up import FollowUp
from training.labels import LABELLERS, arrest_labels, grade_labels, label_spine
from training.promotion import Alarm, Condition, PromotionDecision, decide
from training.running import run_experiment
from training.settings import LabelSettings, TrainSettings, WeightSet, load_settings
from training.splits import Split, declared_splits, time_splits

__all__ = [
    "LABELLERS",
    "Alarm",
    "Comparison",
    "Condition",
    "Difference",
    "Experiment",
    "Fitted",
    "FollowUp",
    "Interval",
    "LabelNotMature",
    "LabelSettings",
    "Measure",
    "MissingRecords",
    "NotEnoughHistory",
    "NotEnoughOutcomes",
    "PromotionDecision",
    "SettingsError",
    "Split",
    "TrainSettings",
    "TrainingError",
    "WeightSet",
    "arrest_labels",
    "compare",
    "decide",
    "declared_splits",
    "grade_labels",
    "label_spine",
    "load_settings",
    "run_experiment",
    "time_splits",
]
