"""Clerical review of links, as documents: pairs of records side by side, answers, challenges by panels."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from serving.access import links as kept
from serving.access.links import Review, review_of, reviews
from serving.web.access import Seen, SignedIn
from serving.web.api.answers import tagged
from serving.web.api.bodies.fields import ReadTag
from serving.web.api.bodies.filed import Carried, OutcomeIn
from serving.web.api.bodies.links import LinkAnswerIn, Links, PairSideBySide
from serving.web.api.description import ACTS, READS
from serving.web.api.sending import Sent
from serving.web.limiting import API, WRITES

reading = APIRouter(prefix="/api/v1/links", responses=READS, dependencies=[API])
acting = APIRouter(prefix="/api/v1/links", responses=ACTS, dependencies=[API, WRITES])
_LINE = ("what", "left", "right", "compares", "weight")
_TOLD = ("why", "probability", "weight", "start", "bar", "synthetic")


@reading.get("", response_model=Links)
def links(seen: Seen, session: SignedIn, known: ReadTag = None) -> Response:
    """Return what waits for review, without a name."""
    seen.note(session.person.user, "view.links", "links")
    told = {
        "pairs": [_pair(each) for each in reviews(seen)],
        "challenges": [each.to_dict() for each in kept.challenges(seen)],
    }
    return tagged(told, known)


@reading.get("/{pair}", response_model=PairSideBySide)
def link(seen: Seen, session: SignedIn, pair: str, known: ReadTag = None) -> Response:
    """Return two records side by side; what others answered only once the caller gave their own answer."""
    found = review_of(seen, pair)
    seen.note(session.person.user, "view.link", pair)
    content = found.pair.content
    told = {
        **_pair(found),
        "records": [content["record_l"], content["record_r"]],
        "rows": [dict(zip(_LINE, row, strict=True)) for row in kept.shown(found.pair)],
        "mine": found.mine.to_dict() if found.mine else None,
        "others": [each.to_dict() for each in found.others],
    }
    return tagged(told, known)


@acting.post("/challenges/{number}", status_code=201, response_model=Carried)
def close_link_challenge(asked: OutcomeIn, number: int, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Answer a panel's challenge to a link; the panel reads it on the case."""
    sent.once(asked)
    kept.close_challenge(seen, number, asked.outcome)
    return {"done": True}


@acting.post("/{pair}", status_code=201, response_model=Carried)
def answer_link(asked: LinkAnswerIn, pair: str, seen: Seen, sent: Sent) -> dict[str, Any]:
    """Say whether two records are one person's, or that one knows one of them, which closes the pair to the caller."""
    if not sent.once(asked):  # a pair that the first sending closed is not there for the second
        kept.answer(seen, pair, asked.answer, asked.reason, asked.round)
    return {"done": True}


def _pair(found: Review) -> dict[str, Any]:
    pair = found.pair
    return {
        "pair": pair.pair,
        "round": pair.round,
        "together": pair.together,
        "areas": sorted(pair.areas),
        **{name: pair.content[name] for name in _TOLD},
        "outcome": found.outcome.value,
        "answered": found.answered,
        "answered_by_me": found.mine is not None,
    }
