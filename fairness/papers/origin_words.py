"""The sentences on where a gap may come from: through what, how surely, which way; never why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fairness.papers.wording import listed

SIDES: Mapping[str, str] = {"harmed": "with later harm", "missed": "with later harm, below the line"}
"""Side of `fairness.diagnosis.drivers` that speaks of missed harm -> its people in words."""
TITLE = "Where a gap may come from"
NOT_WHY = (
    "None of it says why. Harm, policing and recording can each set people apart, and the records do not tell which. "
    "The largest of many indicators are named, so some of them are large by chance. Nothing here decides."
)
NOTHING_APART = "Nothing that was looked at is shown to set these people apart."
_AUDIT, _UNPOLICED = "audit", "without_police"
_FEWEST = 30
Row = Mapping[str, Any]


def puts(indicator: Row) -> str:
    """Return which way an indicator puts a group: higher, lower, not shown; or, of a bare name, withheld."""
    if indicator.get("low") is None or indicator.get("high") is None:
        return "withheld"
    return "higher" if indicator["low"] > 0 else "lower" if indicator["high"] < 0 else "not shown"


def gap_in_words(side: str, driver: Row | None) -> str:
    """Return how far a group stands apart on one side, and whether that is shown."""
    people = f"people {SIDES[side]}"
    if driver is None:
        return f"Among {people}: too few people; at least {_FEWEST} of a group, and of others, have to be there."
    sure = "" if driver.get("low") is None else f" (95% interval {driver['low']:+.2f} to {driver['high']:+.2f})"
    way = puts(driver) if sure else "higher" if driver["gap"] > 0 else "lower"
    size = f"{driver['gap']:+.2f} on the ranking's own scale{sure}"
    if way == "not shown":
        return f"Among {people}, as a whole they are not shown to stand higher or lower than everybody else: {size}."
    return f"Among {people}, they stand {way} than everybody else: {size}."


def readings_in_words(readings: Sequence[Row], leaves: bool) -> list[str]:
    """Return the missed harm of one group in each reading, and which readings lie apart from the audit's."""
    if not readings:
        return []
    few = "too few people, or withheld" if leaves else "too few people"
    first, *others = readings
    told = "; ".join(f"with {each['title']} {_ratio(each) or few}" for each in others)
    says = f"By who reported: their harm is missed {_times(first) or few} with {first['title']}; {told}."
    apart = [f"‘{each['title']}’" for each in others if are_apart(first, each)]
    if apart:
        return [says, f"The gap depends on what is counted: with {listed(apart)} it lies apart from the audit's."]
    open_ = not leaves and first["low"] is not None
    return [says, "No reading is shown to lie apart from the audit's."] if open_ else [says]


def are_apart(one: Row, other: Row) -> bool:
    """Say whether two intervals do not meet; one that is not there meets every other."""
    if one["low"] is None or other["low"] is None:
        return False
    above = one["high"] is not None and other["low"] > one["high"]
    return bool(above or (other["high"] is not None and other["high"] < one["low"]))


def _ratio(reading: Row, words: str = "") -> str:
    """Return a ratio with its interval; nothing where it is not there."""
    if reading["low"] is None:
        return ""
    high = "no upper end" if reading["high"] is None else f"{reading['high']:.2f}"
    ratio = "no ratio" if reading["ratio"] is None else f"{reading['ratio']:.2f}{words}"
    return f"{ratio} ({reading['low']:.2f} to {high})"


def _times(reading: Row) -> str:
    return _ratio(reading, " times as often as everybody else's")


def bounds_in_words(bounds: Row) -> str:
    """Return what people whose group nobody recorded could hide."""
    return f"What people without a recorded group could hide: {bounds['says'].partition(': ')[2]}"


def recorded_wrongly(row: Row) -> str:
    """Return a sentence of `fairness.sensitivity` where its group is plain."""
    named = f"of {row['characteristic'].replace('_', ' ')} {row['group']!r} ({row['table']})"
    return f"Recorded wrongly: {row['text'].replace(named, 'of theirs')}"


def missing_in_words(characteristic: str, missingness: Sequence[Row], questions: Mapping[str, str]) -> list[str]:
    """Return who has a characteristic not recorded, for a group that is made of them."""
    told = [m for m in missingness if m["characteristic"] == characteristic.removesuffix("_group") and "says" in m]
    firsts = [each["drivers"][0]["name"] for each in told]
    return [
        each["says"].replace(f"by {one}:", f"by {quoted(one, questions)}:")
        for each, one in zip(told, firsts, strict=True)
    ]


def proxy_in_words(proxies: Sequence[Row], questions: Mapping[str, str]) -> list[str]:
    """Return which indicators alone tell a group from everybody else, where any is shown to."""
    told = [each for each in proxies if each["low"] > 0.5 or each["high"] < 0.5]
    rows = [
        f"{quoted(each['indicator'], questions)} is {'larger' if each['auc'] > 0.5 else 'smaller'} for them in "
        f"{max(each['auc'], 1 - each['auc']):.0%} of pairs"
        for each in told
    ]
    if not rows:
        return []
    return [f"Alone, and whether or not the ranking reads it (50% tells nothing): {'; '.join(rows)}."]


def quoted(name: str, questions: Mapping[str, str]) -> str:
    """Return an indicator by the question that it answers."""
    return f"“{questions.get(name, name.replace('_', ' '))}”"


def summary_of(who: str, parts: Sequence[Row]) -> list[str]:
    """Return in a sentence or two what is shown to set a group apart, the area's own first."""
    those = f"those {who.removeprefix('people ')}"
    says = [line for part in parts for line in _summary(those, part)]
    return says or [NOTHING_APART]


def _summary(those: str, part: Row) -> list[str]:
    where = "Over all areas" if part["area"] is None else "In this area's own past lists"
    harmed = [each for each in part["indicators"] if each["side"] == "harmed"]
    apart = [each for each in harmed if each["puts"] != "not shown"]
    says = []
    if apart:
        way = apart[0]["puts"]
        named = listed([f"“{each['question']}”" for each in apart if each["puts"] == way])
        stand = "stand apart" if way == "withheld" else f"are put {way} than everybody else"
        says.append(f"{where}, among people with later harm, {those} {stand} through {named}.")
    readings = {each["name"]: each for each in part["readings"]}
    if _UNPOLICED in readings and are_apart(readings[_AUDIT], readings[_UNPOLICED]):
        one, other = readings[_AUDIT], readings[_UNPOLICED]
        says.append(
            f"{where}, if the ranking did not know of incidents that the police generated, their harm would be missed "
            f"{_times(other)}, in place of {_ratio(one, ' times')}."
        )
    return says
