"""How long ago: the last domestic incident, crime, report and violence, and the first."""

from __future__ import annotations

from features.entries.vocabulary import ANY, DOMESTIC, DOMESTIC_CRIME, EVER, NO_INCIDENT, since
from features.indicator import Indicator
from features.kinds import Flag, Kind
from features.measures import DaysSince
from features.selection import Selection

_VIOLENCE = ("homicide", "rape", "sexual", "violence_injury", "violence_no_injury", "strangulation")

INDICATORS = (
    since("domestic", "domestic incident", DOMESTIC, "MATAC RFG: recency"),
    since("domestic_crime", "domestic crime", DOMESTIC_CRIME, "MATAC RFG: recency, crimes only"),
    since("incident_any", "incident of any kind, domestic or not", ANY, "PPIT item: recent; any offending"),
    since(
        "report",
        "report of a domestic incident",
        DOMESTIC,
        "MATAC RFG: recency, by day of report",
        clock="reported",
    ),
    since(
        "violence",
        "domestic incident of violence (assault with or without injury, strangulation, a sexual offence, homicide)",
        Selection(Kind.INCIDENT, flags=Flag.DOMESTIC, families=_VIOLENCE),
        "PPIT item: recent; violence only",
        absence="No such incident is known, or offence codes are not recorded at all.",
    ),
    Indicator(
        "days_since_first_domestic",
        "How many days ago was the first domestic incident?",
        "days",
        "recency",
        DaysSince(DOMESTIC, EVER, which="first"),
        "none",
        "A long history can mean persistence or a long time without harm.",
        "Length of the recorded history",
        NO_INCIDENT,
    ),
)
