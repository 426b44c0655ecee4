"""Models: what ranks now and why, how a bundle was made and checked, two side by side; the data they were made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.cards import Card, CardKind
from serving.documents import Document
from serving.errors import NotFound
from serving.people import Permission
from serving.release.runs import RunSummary
from serving.storage.stores import in_london
from serving.web import model_words, plots
from serving.web.access import Served, SignedIn
from serving.web.model_tables import TABLES
from serving.web.render import Web, page
from serving.web.words import area_name, day, words

router = APIRouter()
MOST = 20
"""How many training runs, scoring runs and deliveries a page goes back."""
FAR = 200
"""How many cards of scoring a page looks through for those that it shows."""
Chosen = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Ranking:
    """What ranks one area now: its live list, where there is one, and the bundle that made it."""

    area: str
    run: RunSummary | None
    newest: RunSummary
    bundle: str
    trained: Card | None


@router.get("/models")
def overview(request: Request, web: Served, session: SignedIn) -> HTMLResponse:
    """Show what ranks each of the person's areas, and why; with runs and links for those who see how it was made."""
    session.person.need(Permission.SEE_AUDIT)
    web.service.note(session.person.user, "view.models", "models")
    trained = web.service.cards(CardKind.TRAINING, limit=MOST)
    runs = web.service.runs()
    detailed = session.person.may(Permission.SEE_MODELS)
    return page(
        request,
        "models.html",
        {
            "rankings": rankings(web, runs, {each.subject: each for each in reversed(trained)}),
            "trained": trained,
            "scores": next((each for each in trained if each.document["scores"]), None),
            "ages": {each.number: age(web, each) for each in trained},
            "scored": scored(web, runs) if detailed else [],
            "bundles": list({each.subject: each for each in reversed(trained)}.values())[::-1],
            "words_of": model_words,
        },
    )


@router.get("/models/compare")
def compare(request: Request, web: Served, session: SignedIn, a: Chosen = "", b: Chosen = "") -> HTMLResponse:
    """Show two bundles side by side; where none are named, say how to choose them."""
    session.person.need(Permission.SEE_MODELS)
    web.service.note(session.person.user, "view.models", "compare")
    if not (a and b):
        return page(request, "models_compare.html", {"pair": None})
    pair = (newest(web, a), newest(web, b))
    shown = {"pair": pair, "words_of": model_words, **TABLES, **side_by_side(web, pair)}
    return page(request, "models_compare.html", shown)


@router.get("/models/{bundle}")
def bundle(request: Request, web: Served, session: SignedIn, bundle: str) -> HTMLResponse:
    """Show how a bundle was made, why it was promoted or not, what was checked, and what it has scored since."""
    session.person.need(Permission.SEE_MODELS)
    card = newest(web, bundle)
    web.service.note(session.person.user, "view.models", card.subject)
    shown = {"card": card, "words_of": model_words, "span": span, **TABLES, **about(web, card)}
    return page(request, "model.html", shown)


@router.get("/data-quality")
def data_quality(request: Request, web: Served, session: SignedIn) -> HTMLResponse:
    """Show what the newest look at the records found, and what each delivery brought."""
    session.person.need(Permission.SEE_MODELS)
    web.service.note(session.person.user, "view.models", "data-quality")
    cards = web.service.cards(CardKind.QUALITY, limit=MOST)
    shown = {"cards": cards, "share_bar": plots.share_bar, **TABLES}
    return page(request, "data_quality.html", shown)


def newest(web: Web, bundle: str) -> Card:
    """Return the newest training card of a bundle.

    Raises
    ------
    NotFound
        If no training run told the service of such a bundle.
    """
    found = web.service.cards(CardKind.TRAINING, subject=bundle, limit=1)
    if not found:
        raise NotFound(
            "Nothing is on record of such a bundle.",
            "It was trained in another workspace, or before training kept a record for these pages.",
        )
    return found[0]


def rankings(web: Web, runs: list[RunSummary], trained: Mapping[str, Card]) -> list[Ranking]:
    """Return what ranks each area that has runs, by area."""
    found = []
    for area in sorted({run.area for run in runs}):
        here = [run for run in runs if run.area == area]
        live = next((run for run in here if run.state == "released"), None)
        made_by = web.service.run(live.run).record["hashes"]["bundle"] if live else ""
        found.append(Ranking(area, live, here[0], made_by, trained.get(made_by)))
    return found


def age(web: Web, card: Card) -> str:
    """Return how long ago a card was made, in days."""
    days = (web.service.today() - in_london(card.at)).days
    return "today" if days == 0 else f"{days} {'day' if days == 1 else 'days'} ago"


def scored(web: Web, runs: list[RunSummary]) -> list[tuple[RunSummary, Card | None, Card | None]]:
    """Return the newest scoring runs, each with its card and that of a bundle scored in its shadow."""
    cards = {each.subject: each for each in reversed(web.service.cards(CardKind.SCORING, limit=FAR))}
    shadows = {each.subject: each for each in reversed(web.service.cards(CardKind.SHADOW, limit=FAR))}
    return [(run, cards.get(run.run), shadows.get(run.run)) for run in runs[:MOST]]


def about(web: Web, card: Card) -> dict[str, Any]:
    """Return everything that the page of a bundle shows beside its card."""
    document = card.document
    runs = {run.run: run for run in web.service.runs()}
    made, shadows = (of_bundle(web, kind, card.subject) for kind in (CardKind.SCORING, CardKind.SHADOW))
    told = web.service.cards(CardKind.TIME_TRAVEL, subject=document["hashes"]["snapshot"])
    checks = model_words.leak_checks(document, [each.document for each in made], [each.document for each in told])
    rankers = {
        name: model_words.measures(document, name) for name in (*document["candidates"], *document["incumbents"])
    }
    return {
        "made": [(each, runs.get(each.subject)) for each in made],
        "shadows": [(each, runs.get(each.subject)) for each in shadows],
        "checks": checks,
        "age": age(web, card),
        "rankers": rankers,
        "aucs": [(name, row) for name, rows in rankers.items() for row in rows if row["metric"] == "auc"],
        "earlier": web.service.cards(CardKind.TRAINING, subject=card.subject)[1:],
    }


def of_bundle(web: Web, kind: CardKind, bundle: str) -> list[Card]:
    """Return the cards of a kind that are about what a bundle scored, newest first."""
    return [each for each in web.service.cards(kind, limit=FAR) if each.document["bundle"] == bundle]


def span(told: str, row: Mapping[str, Any], rows: list[Mapping[str, Any]], with_nought: bool = False) -> Any:
    """Draw a row on the scale of all rows."""
    return plots.span(told, row, model_words.ends_of(rows, with_nought))


def side_by_side(web: Web, pair: tuple[Card, Card]) -> dict[str, Any]:
    """Return what two bundles have and do not have in common."""
    first, second = (each.document for each in pair)
    facts = [model_words.what_it_is(each.document, each.at) for each in pair]
    bound = [model_words.hashes(each) for each in (first, second)]
    reads = [{each["name"]: each for each in document["indicators"]} for document in (first, second)]
    return {
        "facts": [(name, value, facts[1][name]) for name, value in facts[0].items()],
        "hashes": [(name, value, bound[1][name]) for name, value in bound[0].items()],
        "measures": _paired(first, second),
        "same_lists": all(
            first[name] == second[name] for name in ("splits", "capacity", "label", "cohort", "weight_sets")
        )
        and first["hashes"]["snapshot"] == second["hashes"]["snapshot"],
        "only": [[each for name, each in reads[here].items() if name not in reads[1 - here]] for here in (0, 1)],
        "both": sum(name in reads[1] for name in reads[0]),
        "moves": _moves(web, pair),
        "ends": model_words.ends_of,
        "span": plots.span,
    }


def _paired(first: Document, second: Document) -> list[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]:
    """Return the measures of both champions: title, what it says, and the row of each; {} where one has none."""
    rows = [
        {row["title"]: row for row in model_words.measures(document, document["champion"])}
        for document in (first, second)
    ]
    titles = dict.fromkeys([*rows[0], *rows[1]])
    return [
        (title, (rows[0].get(title) or rows[1][title])["says"], rows[0].get(title, {}), rows[1].get(title, {}))
        for title in titles
    ]


def _moves(web: Web, pair: tuple[Card, Card]) -> list[str]:
    """Return in sentences how many people would change sides between two bundles, as far as that was ever counted."""
    said = []
    for card, other in (pair, pair[::-1]):
        live = card.document["live"]
        if live is not None and live["live"] == other.subject:
            said.append(f"Counted when {card.subject[:12]} was trained. {model_words.against(card.document)}")
    names = {each.subject for each in pair}
    for each in web.service.cards(CardKind.SHADOW, limit=FAR):
        if {each.document["bundle"], each.document["live"]} == names:
            leave, places = model_words.count(each.document["leave"]), each.document["places"]
            said.append(
                f"In the list of {area_name(each.area)} as of {day(each.document['as_of'])}, {leave} of {places} "
                f"places would go to somebody else by {words(each.document['kind'])}, which was scored in the shadow."
            )
    return said
