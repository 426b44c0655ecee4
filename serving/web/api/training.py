"""How models were made, compared and used, and the data they were made of, as documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from serving.cards import Card, CardKind
from serving.people import Permission
from serving.web import model_words
from serving.web.access import Served, SignedIn
from serving.web.api.answers import part, tagged
from serving.web.api.bodies.fields import Limit, ReadTag
from serving.web.api.bodies.training import Comparison, DataQuality, Model, ModelRuns
from serving.web.api.description import READS
from serving.web.api.reading import Number
from serving.web.limiting import API
from serving.web.pages.models import MOST, newest, of_bundle, rankings, side_by_side

reading = APIRouter(prefix="/api/v1", responses=READS, dependencies=[API])
Chosen = Annotated[str, Query(min_length=1, max_length=200, description="The hash of a bundle.")]


@reading.get("/models", response_model=ModelRuns)
def trained(
    web: Served, session: SignedIn, limit: Limit = 50, cursor: Number = None, known: ReadTag = None
) -> Response:
    """Return what ranks the caller's areas and what became of the last training; the runs to who sees models."""
    web.service.note(session.person.user, "view.models", "models")
    cards = web.service.cards(CardKind.TRAINING)
    decided = model_words.decided(cards[0].document) if cards else []
    shown = cards if session.person.may(Permission.SEE_MODELS) else []
    known_cursor = str(cursor) if cursor is not None else None
    found, following = part(shown, limit, known_cursor, lambda card: str(card.number))
    ranks = [
        {"area": each.area, "run": each.run.run if each.run else None, "bundle": each.bundle or None}
        for each in rankings(web, web.service.runs(), {})
    ]
    told = {"models": [_trained(card) for card in found], "decided": decided, "ranks": ranks, "next": following}
    return tagged(told, known)


@reading.get("/models/compare", response_model=Comparison)
def compare_models(web: Served, session: SignedIn, a: Chosen, b: Chosen, known: ReadTag = None) -> Response:
    """Return two bundles side by side."""
    session.person.need(Permission.SEE_MODELS)
    pair = (newest(web, a), newest(web, b))
    web.service.note(session.person.user, "view.models", "compare")
    found = side_by_side(web, pair)
    told = {
        "bundles": [each.subject for each in pair],
        **{name: found[name] for name in ("same_lists", "moves", "both")},
        **{name: [_faced(*row) for row in found[name]] for name in ("facts", "hashes")},
        "measures": [
            {"title": title, "says": says, "first": _figure(first), "second": _figure(second)}
            for title, says, first, second in found["measures"]
        ],
        "only": [[each["name"] for each in reads] for reads in found["only"]],
    }
    return tagged(told, known)


@reading.get("/models/{bundle}", response_model=Model)
def model(web: Served, session: SignedIn, bundle: str, known: ReadTag = None) -> Response:
    """Return how a bundle was made and why, what it scored in the caller's areas, and its lists in the shadow."""
    session.person.need(Permission.SEE_MODELS)
    card = newest(web, bundle)
    web.service.note(session.person.user, "view.models", card.subject)
    scored, shadows = (
        [each.to_dict() for each in of_bundle(web, kind, card.subject)] for kind in (CardKind.SCORING, CardKind.SHADOW)
    )
    return tagged({"model": card.to_dict(), "scored": scored, "shadows": shadows}, known)


@reading.get("/data-quality", response_model=DataQuality)
def data_quality(web: Served, session: SignedIn, known: ReadTag = None) -> Response:
    """Return what the newest look at the records found, and those before it."""
    session.person.need(Permission.SEE_MODELS)
    web.service.note(session.person.user, "view.models", "data-quality")
    cards = [each.to_dict() for each in web.service.cards(CardKind.QUALITY, limit=MOST)]
    return tagged({"quality": cards[0] if cards else None, "earlier": cards[1:]}, known)


def _faced(name: str, first: str, second: str) -> dict[str, str]:
    return {"name": name, "first": first, "second": second}


def _figure(row: Mapping[str, Any]) -> dict[str, Any] | None:
    return {name: row.get(name) for name in ("value", "low", "high")} if row else None


def _trained(card: Card) -> dict[str, Any]:
    document = card.document
    told = ("kind", "for_panel", "scores", "trained_by", "extract_date", "mlflow_run")
    return {
        "number": card.number,
        "at": card.at,
        "bundle": card.subject,
        "promoted": document["decision"]["promoted"],
        "verdict": document["backtest"]["all"],
        **{name: document[name] for name in told},
    }
