"""MARAC hearings in which the person is named as causing the harm."""

from __future__ import annotations

from features.entries.vocabulary import EVER, HEARING, NO_MARAC, OPEN, PAIR, PAIR_CRIME, TWO_YEARS, YEAR, over, since
from features.indicator import Indicator, Push
from features.kinds import Flag, Kind
from features.measures import After, Count, Distinct, Repeated
from features.selection import Selection
from values import Window

_HEARD = "A hearing means that agencies saw a high risk of serious harm or murder."
_WENT_ON = "Abuse went on after agencies had acted."
_NO_PAIR = f"{NO_MARAC[:-1]}, or no victim of the person's incidents is identified."
_REPEATS = {
    "current": (
        PAIR,
        "incidents",
        "SafeLives, current definition: any instance of abuse within 12 months of a referral",
    ),
    "older": (PAIR_CRIME, "crimes", "SafeLives, older definition: a further crime within 12 months of a referral"),
}
_ROUTES = {
    "visible_high_risk": "visible high risk",
    "professional_judgement": "professional judgement",
    "potential_escalation": "potential escalation",
}


def _hearings(
    name: str, what: str, selection: Selection, windows: tuple[Window, ...], absence: str
) -> tuple[Indicator, ...]:
    push: Push = "+" if selection == HEARING else "none"
    return over(
        windows,
        name,
        f"How many MARAC hearings {{when}} {what}?",
        "hearings",
        "marac",
        lambda window: Count(selection, window),
        push,
        _HEARD if push == "+" else OPEN,
        "SafeLives MARAC",
        absence,
    )


def _repeats(definition: str) -> tuple[Indicator, ...]:
    selection, unit, source = _REPEATS[definition]
    return over(
        (TWO_YEARS,),
        f"marac_repeat_{definition}",
        f"How many domestic {unit} {{when}} followed a MARAC referral of that victim within 365 days?",
        unit,
        "marac",
        lambda window: After(selection, window, anchor=HEARING, within=365),
        "+",
        _WENT_ON,
        source,
        _NO_PAIR,
    )


INDICATORS = (
    since(
        "marac",
        "MARAC hearing",
        HEARING,
        "SafeLives MARAC",
        "marac",
        why=_HEARD,
        absence=f"No hearing is known. {NO_MARAC}",
    ),
    *_hearings("marac_hearings", "named the person as causing the harm", HEARING, (YEAR, TWO_YEARS, EVER), NO_MARAC),
    *over(
        (EVER,),
        "marac_victims",
        "How many different victims were heard at a MARAC {when}?",
        "victims",
        "marac",
        lambda window: Distinct(HEARING, window),
        "+",
        _HEARD,
        "SafeLives: a MARAC case is a victim and the person causing harm",
        NO_MARAC,
    ),
    *over(
        (EVER,),
        "marac_victims_again",
        "How many victims were heard at a MARAC two or more times {when}?",
        "victims",
        "marac",
        lambda window: Repeated(HEARING, window),
        "+",
        _WENT_ON,
        "SafeLives: the same victim and person heard again, whatever lay between",
        NO_MARAC,
    ),
    *_repeats("current"),
    *_repeats("older"),
    *_hearings(
        "marac_repeat_marked",
        "were marked as a repeat by the coordinator",
        Selection(Kind.HEARING, flags=Flag.REPEAT),
        (TWO_YEARS,),
        f"{NO_MARAC[:-1]}, or no hearing says whether it is a repeat; coordinators' definitions differ.",
    ),
    *(
        indicator
        for route, words in _ROUTES.items()
        for indicator in _hearings(
            f"marac_{route}",
            f"were accepted for {words}",
            Selection(Kind.HEARING, families=(route,)),
            (TWO_YEARS,),
            f"{NO_MARAC[:-1]}, or no route is recorded.",
        )
    ),
    *(
        indicator
        for agency, flag, words in (
            ("police", Flag.POLICE_REFERRED, "the police"),
            ("partners", Flag.PARTNER_REFERRED, "an agency other than the police"),
        )
        for indicator in _hearings(
            f"marac_by_{agency}",
            f"were referred by {words}",
            Selection(Kind.HEARING, flags=flag),
            (TWO_YEARS,),
            f"{NO_MARAC[:-1]}, or no referring agency is recorded (a code outside the list is another agency).",
        )
    ),
)
