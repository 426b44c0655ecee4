"""Rankers, the incumbents they have to beat, suitability criteria and holds, reasons, bundles.

A ranker orders people by one margin; criteria and holds stand beside the score and are never mixed into it.
"""

from models.bundle import Bundle, places
from models.calibration import Bands, Calibration, fit_calibration
from models.criteria import Criterion, SuitabilityParameters
from models.elastic_net import ElasticNetRanker
from models.errors import (
    BundleCorrupt,
    CalibrationError,
    CatalogueMismatch,
    MissingIndicators,
    ModelsError,
    UnusableTable,
)
from models.history import PersonRecord, gather_records
from models.holds import HoldParameters, find_holds
from models.identity import find_identity_holds
from models.incumbents import PriorCount, Recency, V100Sum
from models.ranker import SuitabilityRanker
from models.reasons import Contrast, Explanation, Provisional, Reason, explain
from models.rfgv import RFGV
from models.suitability import assess

__all__ = [
    "RFGV",
    "Bands",
    "Bundle",
    "BundleCorrupt",
    "Calibration",
    "CalibrationError",
    "CatalogueMismatch",
    "Contrast",
    "Criterion",
    "ElasticNetRanker",
    "Explanation",
    "HoldParameters",
    "MissingIndicators",
    "ModelsError",
    "PersonRecord",
    "PriorCount",
    "Provisional",
    "Reason",
    "Recency",
    "SuitabilityParameters",
    "SuitabilityRanker",
    "UnusableTable",
    "V100Sum",
    "assess",
    "explain",
    "find_holds",
    "find_identity_holds",
    "fit_calibration",
    "gather_records",
    "places",
]
