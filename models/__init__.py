"""Rankers, the incumbents they have to beat, suitability criteria and holds, reasons, bundles.

A ranker orders people by one margin; criteria and holds stand beside the score and are never mixed into it.
"""

from models.bundle import Bundle, places
from models.calibration import Bands, Calibration, fit_calibration
from models.elastic_net import ElasticNetRanker
from models.errors import (
    BundleCorrupt,
    CalibrationError,
    CatalogueMismatch,
    MissingIndicators,
    ModelsError,
    UnusableTable,
)
from models.incumbents import PriorCount, Recency, V100Sum
from models.ranker import SuitabilityRanker

__all__ = [
    "Bands",
    "Bundle",
    "BundleCorrupt",
    "Calibration",
    "CalibrationError",
    "CatalogueMismatch",
    "ElasticNetRanker",
    "MissingIndicators",
    "ModelsError",
    "PriorCount",
    "Recency",
    "SuitabilityRanker",
    "UnusableTable",
    "V100Sum",
    "fit_calibration",
    "places",
]
