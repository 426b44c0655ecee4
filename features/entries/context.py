"""What is recorded about the incidents: children, weapons, injury, alcohol, drugs."""

from __future__ import annotations

from features.entries.vocabulary import DOMESTIC, EVER, NOT_RECORDED, TWO_YEARS, YEAR, over, since
from features.indicator import Indicator, Push
from features.kinds import Flag, Kind
from features.measures import Count, Ratio
from features.selection import Selection
from values import Window

_CHILDREN = "Children are victims in their own right (Domestic Abuse Act 2021, section 3)."
_SUBSTANCE = "Recorded unevenly; no direction is imposed."
_GRAVE = "A weapon or an injury marks grave violence (PPIT item: weapons, violence)."


def _with(flag: Flag) -> Selection:
    return Selection(Kind.INCIDENT, flags=Flag.DOMESTIC | flag)


def _recorded(
    name: str, what: str, flag: Flag, windows: tuple[Window, ...], push: Push, why: str, group: str = "context"
) -> tuple[Indicator, ...]:
    return over(
        windows,
        name,
        f"How many domestic incidents {{when}} are recorded with {what}?",
        "incidents",
        group,
        lambda window: Count(_with(flag), window),
        push,
        why,
        "Incident record",
        NOT_RECORDED,
    )


def _share(name: str, what: str, flag: Flag, why: str, group: str = "context") -> tuple[Indicator, ...]:
    return over(
        (TWO_YEARS,),
        name,
        f"What share of the domestic incidents {{when}} is recorded with {what}?",
        "share",
        group,
        lambda window: Ratio(Count(_with(flag), window), (Count(DOMESTIC, window),)),
        "none",
        why,
        "Incident record",
        f"No domestic incident in 730 days, or {NOT_RECORDED[0].lower()}{NOT_RECORDED[1:]}",
    )


INDICATORS = (
    *_recorded("children_present", "children present", Flag.CHILDREN, (YEAR, TWO_YEARS), "+", _CHILDREN, "children"),
    *_share("children_share", "children present", Flag.CHILDREN, "The count says more than the share.", "children"),
    *_recorded("weapon", "a weapon", Flag.WEAPON, (TWO_YEARS, EVER), "+", _GRAVE),
    since(
        "weapon",
        "domestic incident with a weapon",
        _with(Flag.WEAPON),
        "Incident record",
        "context",
        absence="No such incident is known, or weapons are not recorded at all.",
    ),
    *_recorded("injury", "an injury", Flag.INJURY, (TWO_YEARS, EVER), "+", _GRAVE),
    *_share("injury_share", "an injury", Flag.INJURY, "The count says more than the share."),
    *_recorded("alcohol", "alcohol", Flag.ALCOHOL, (TWO_YEARS,), "none", _SUBSTANCE),
    *_share("alcohol_share", "alcohol", Flag.ALCOHOL, _SUBSTANCE),
    *_recorded("drugs", "drugs", Flag.DRUGS, (TWO_YEARS,), "none", _SUBSTANCE),
)
