"""What a case on paper does not hold, and why, in words: nobody takes what is not shown for what is not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from serving import redaction
from serving.panel.requests import Request
from serving.web import words
from serving.web.exports.shown import in_words, shown
from serving.whereabouts import LEFT_OUT

SERVICES = "Which service supports victims or confirmed their safety: its name can tell where they are."
ALWAYS = (
    "Addresses of the person: a victim may live there too.",
    "The values behind the order, and the comparison with the person at the line: they stand in the service.",
)
"""What no paper holds of any case."""
_AGENCY = "the agency that holds them, the chair and reviewers read them"
_TOLD = {
    redaction.REASON: f"Reasons that rest on records of another agency: {_AGENCY}.",
    redaction.CRITERION: f"Criteria that records of another agency decide: {_AGENCY}.",
    redaction.RECORD: f"Orders, hearings, schemes, needs or person records that another agency recorded: {_AGENCY}.",
    redaction.SENTENCE: f"What is not known about records of another agency: {_AGENCY}.",
    redaction.WITHHELD: "The reason of a decision: it is marked as sensitive, so that chairs alone read it.",
}


def left_out(case: Mapping[str, Any], history: Iterable[Mapping[str, Any]], asked: Iterable[Request]) -> list[str]:
    """Return what is left out of a case beside `ALWAYS`, a sentence each.

    Parameters
    ----------
    case
        The document as the reader may see it.
    history, asked
        Decisions and requests as the reader may see them.
    """
    history, asked = list(history), list(asked)
    texts = [*in_words(dict(case)), *(made["reason"] for made in history)]
    texts += [each.asked.document["what"] for each in asked]
    texts += [each.answer.document["words"] for each in asked if each.answer]
    told = [sentence for marker, sentence in _TOLD.items() if marker in texts]
    kept = [words.words(each.asked.document["agency"]) for each in asked if each.answered and each.answer is None]
    told += [f"What {agency} answered: it keeps its answer to itself, the chair and reviewers." for agency in kept]
    if any(LEFT_OUT in shown(text) for text in texts):
        told.append("What looks like a postcode or a numbered street; other words may still tell where somebody is.")
    named = any(made["safety_confirmed"] or (made["particulars"] or {}).get("support") for made in history)
    return [*told, *([SERVICES] if named else [])]
