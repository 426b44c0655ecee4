"""How sure it is that the records of a case are one person's, in sentences: the same on pages and on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serving.redaction import RECORD
from serving.web.words import day

BEFORE = "Not available: this list was made before lists told how records were put together."


def link_sentences(case: Mapping[str, Any]) -> list[str]:
    """Return what a case says of the links between its person records, a sentence each.

    >>> link_sentences({})
    ['Not available: this list was made before lists told how records were put together.']
    """
    told = case.get("link_certainty")
    if told is None:
        return [BEFORE]
    said = [_put_together(told), _least_sure(told), _decided(told), _waiting(told)]
    if told["births_contradict"]:
        said.append("As many of the records say one date of birth as another, so that none is taken.")
    return [each for each in said if each]


def waiting(records: int) -> str:
    """Return how many records may be this person's too and wait for people to review them.

    >>> waiting(1), waiting(2)
    ('1 possible further record waits for review', '2 possible further records wait for review')
    """
    return f"{records:,} possible further {'record waits' if records == 1 else 'records wait'} for review"


def _put_together(told: Mapping[str, Any]) -> str:
    shown = [each for each in told["sources"] if each["source"] != RECORD]
    hidden = len(shown) < len(told["sources"])
    parts = [f"{each['records']:,} from {each['source']}" for each in shown]
    if hidden:
        return f"Person records: {'; '.join([*parts, 'others held by another agency, not shown to you'])}."
    if told["records"] == 1:
        source = f", from {shown[0]['source']}" if shown else ""
        return f"Built on one person record only{source}: nothing was put together."
    systems = f": {', '.join(parts)}" if parts else ". Which record systems they come from is not available"
    return f"{told['records']:,} person records are put together{systems}."


def _least_sure(told: Mapping[str, Any]) -> str:
    least = told["least_sure"]
    if least is None:
        return ""
    if least["how"] == "clerical":
        return "They stand together because people decided so, not by a match probability."
    rests = "one PNC id in common, and the weights" if least["how"] == "pnc" else "the weights of linkage"
    return (
        f"The least sure link among them rests on {rests}: match probability {_per_cent(least['probability'])} "
        f"(records are linked without a person from {_per_cent(told['linked_from'])}, put before one from "
        f"{_per_cent(told['asked_from'])})."
    )


def _decided(told: Mapping[str, Any]) -> str:
    decided = told["decided"]
    if decided is None:
        return "No person has reviewed a link of theirs." if told["compared"] and told["least_sure"] else ""
    pairs = f"{decided['pairs']:,} {'pair' if decided['pairs'] == 1 else 'pairs'}"
    return f"Reviewers of record links decided on {pairs} with one of these records, last on {day(decided['last'])}."


def _waiting(told: Mapping[str, Any]) -> str:
    if not told["compared"]:
        return (
            "Linkage did not compare this record with others: further records of this person may stand apart, "
            "on this list or on none."
        )
    if not told["waiting"]:
        return "No further record waits for review."
    return f"{waiting(told['waiting'])}: more or less may belong to this person. None of it raises the place."


def _per_cent(value: float) -> str:
    """Write a probability so that one short of certain does not read as certain.

    >>> _per_cent(0.9), _per_cent(0.934217), _per_cent(0.99998)
    ('90 %', '93.4 %', 'over 99.9 %')
    """
    return "over 99.9 %" if value > 0.999 else f"{100 * value:.1f}".rstrip("0").rstrip(".") + " %"
