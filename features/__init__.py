"""Numbers about a person as of a date, from what was known then: stream, cohort, catalogue, proof."""

from features.building import build_stream
from features.catalogue import CATALOGUE, Catalogue
from features.cohort import select_cohort
from features.events import EventStream
from features.evidence import EventFact, PersonEvents, events_behind
from features.indicator import Indicator
from features.indicators import compute, compute_pooled, compute_without
from features.source import RecordSource
from features.timetravel import TimeTravelReport, prove_time_travel
from features.victims import identified_victims

__all__ = [
    "CATALOGUE",
    "Catalogue",
    "EventFact",
    "EventStream",
    "Indicator",
    "PersonEvents",
    "RecordSource",
    "TimeTravelReport",
    "build_stream",
    "compute",
    "compute_pooled",
    "compute_without",
    "events_behind",
    "identified_victims",
    "prove_time_travel",
    "select_cohort",
]
