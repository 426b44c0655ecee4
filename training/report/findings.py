"""What to look at first: sentences made from the figures, each with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from training.relationships import TITLES

Document = Mapping[str, Any]
Finding = dict[str, str]


def findings(document: Document) -> list[Finding]:
    """Return what a reader should act on or know, each with ``level``, ``section``, ``text`` and ``do``."""
    rules = (
        _alarms, _slopes, _levels, _unjudged, _stays, _drifted, _rules_changed, _short_record, _missing, _illustrative,
    )  # fmt: skip
    return [finding for rule in rules for finding in rule(document)]


def last_judged(document: Document) -> list[Mapping[str, Any]]:
    """Return how the champion's expected grades are borne out on the last split, in each group, by the common "
    "curve.
    """
    last = document["splits"][-1]["test"]
    return [
        each
        for each in document["reliability"]
        if (each["ranker"], each["when"], each["curve"]) == (document["champion"], last, "common")
    ]


def verdict(each: Mapping[str, Any]) -> str:
    """Say in words what a slope means.

    >>> verdict({"holds": False, "slope": {"value": 0.5, "low": 0.4, "high": 0.6}})
    'too extreme: the slope is 0.50 (0.40 to 0.60), and the interval does not hold 1'
    """
    slope = each["slope"]
    if each["holds"] is None:
        return "not stated: too few people, or everybody's grade was the same"
    figures = f"the slope is {slope['value']:.2f} ({slope['low']:.2f} to {slope['high']:.2f})"
    if each["holds"]:
        return f"borne out: {figures}, and the interval holds 1"
    how = "too extreme" if slope["high"] < 1 else "too much alike"
    return f"{how}: {figures}, and the interval does not hold 1"


def _finding(level: str, section: str, text: str, do: str) -> Finding:
    return {"level": level, "section": section, "text": text, "do": do}


def _alarms(document: Document) -> Iterator[Finding]:
    for alarm in document["alarms"]:
        if alarm["kind"] == "too good":
            do = "No model is promoted while this stands. Find when the columns named become known, and train again."
        else:
            do = "It stops nothing by itself: such a ranker is not promoted. Something broke; lists may rest on it too."
        yield _finding("act", "decision", alarm["message"], do)


def _slopes(document: Document) -> Iterator[Finding]:
    for each in last_judged(document):
        if each["holds"] is False:
            text = f"On the last split, expected grades of {TITLES[each['group']]} are {verdict(each)}."
            do = (
                "Bands of this group may not mean what they did. Look for what changed between the splits (records, "
                "rules or people) before a list is shown. The order of the list does not rest on the curve."
            )
            yield _finding("act", "calibration", text, do)


def _levels(document: Document) -> Iterator[Finding]:
    for each in last_judged(document):
        level = each["level"]
        if level["low"] is not None and not level["low"] <= 1.0 <= level["high"]:
            more = "More" if level["low"] > 1.0 else "Less"
            text = (
                f"{more} followed than expected on the last split among {TITLES[each['group']]}: "
                f"{level['value']:.2f} times ({level['low']:.2f} to {level['high']:.2f})."
            )
            yield _finding("know", "calibration", text, "Bands are cut anew on the last split; read them as an order.")


def _unjudged(document: Document) -> Iterator[Finding]:
    if not any(each["group"] == "everybody" and each["holds"] is not None for each in last_judged(document)):
        text = f"Calibration of {document['champion']} could not be judged on the last split."
        do = "It needs an earlier split whose labels were known by then, 100 people, and margins that differ."
        yield _finding("know", "calibration", text, do)


def _stays(document: Document) -> Iterator[Finding]:
    failed = [each["name"] for each in document["decision"]["conditions"] if not each["holds"]]
    if failed:
        text = f"No model was promoted. Conditions that do not hold: {'; '.join(failed)}."
        yield _finding("know", "decision", text, "The simple list stays, and goes through the same audit and gate.")


def _drifted(document: Document) -> Iterator[Finding]:
    drift = (document.get("live") or {}).get("drift")
    if drift is None or drift["score"] == "not compared":
        return
    large = [each["name"] for each in drift["moved"] if each["level"] == "large"]
    if large or drift["score"] == "large":
        text = (
            f"Since {drift['since']} people have moved from what the bundle that scored was frozen on: its score "
            f"{drift['score']}, and {len(large)} indicators by a large effect."
        )
        yield _finding("know", "beside", text, "See what moved. A change of recording looks the same as one of people.")


def _rules_changed(document: Document) -> Iterator[Finding]:
    mixed = [split["test"] for split in document["splits"] if split["remarks"]]
    if mixed:
        text = f"Recording rules changed within, or between, what these splits train and test on: {', '.join(mixed)}."
        yield _finding("know", "splits", text, "Read figures by regime; a gain may be one of recording.")


def _short_record(document: Document) -> Iterator[Finding]:
    record = document.get("record")
    if record and record["short"]:
        text = (
            f"At {len(record['short'])} of {record['train']} training dates less than {record['longest_window']} days "
            f"are on record (from {record['from']}): the longest windows hold all there is, as 'ever' does, and nobody "
            "can learn at these dates which of them counts."
        )
        do = (
            "Read reasons over long windows with care. `splits: {warm_up_days: "
            f"{record['longest_window']}}}` leaves such dates out; compare what that costs in people to learn from."
        )
        yield _finding("know", "splits", text, do)


def _missing(document: Document) -> Iterator[Finding]:
    if document["not_available"]:
        text = f"The extract does not tell of: {', '.join(document['not_available'])}."
        yield _finding(
            "know", "labels", text, "Somebody who died, moved away or was in custody may count as free of outcomes."
        )


def _illustrative(document: Document) -> Iterator[Finding]:
    loose = [each["name"] for each in document["weight_sets"] if not each["verified"]]
    if loose:
        text = f"Harm weights that nobody has checked against their source: {', '.join(loose)}."
        yield _finding("know", "rankers", text, "Figures in harm days under them are illustrative.")
