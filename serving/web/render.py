"""Rendering pages: one Jinja environment, one place that gives every page what it needs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.access.unsent import RESENT
from serving.panel import kinds_of
from serving.panel.holds import ESCALATED_TO
from serving.people import Permission
from serving.service import Service
from serving.web import plots, words
from serving.web.completing import TURNS, Completed, typed
from serving.web.link_words import link_sentences, waiting
from serving.web.metrics import Metrics
from serving.web.navigation import groups_for
from serving.web.rates import Rates
from serving.web.record_words import not_known, recorded
from serving.web.sessions import Session, Sessions
from serving.web.settings import WebSettings
from serving.web.terms import terms


@dataclass(frozen=True)
class Web:
    """What the pages work with.

    Parameters
    ----------
    publisher
        Copies a released list to this process's database, from a process of its own; None where somebody
        publishes by hand.
    worker
        Has the batch side make what was asked for, and waits for nothing; None where a timer does.
    """

    service: Service
    settings: WebSettings
    sessions: Sessions
    templates: Environment
    publisher: Callable[[str], None] | None
    worker: Callable[[], None] | None
    metrics: Metrics
    rates: Rates


_OF_A_DICT = frozenset(dir(dict))


def in_order(value: Any) -> Any:
    r"""Return what a page prints, with a mark in place of each character that turns how all text after it is read.

    An element that keeps its own direction does not hold them in: what it holds may end it.

    >>> in_order("abc\u202edef")
    'abc\ufffddef'
    """
    if not isinstance(value, str) or value.isascii() or not TURNS.search(value):
        return value
    return type(value)(TURNS.sub("\ufffd", value))


class _Documents(Environment):
    """Finds a document's keys at once: Jinja looks for an attribute of that name first, and for the key in an error."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return what Jinja would."""
        if type(obj) is dict and attribute not in _OF_A_DICT:
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


@cache
def make_templates() -> Environment:
    """Return the environment of all pages, with autoescape on and GOV.UK's macros beside our templates."""
    templates = _Documents(
        loader=ChoiceLoader(
            [
                PackageLoader("serving.web", "templates"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=select_autoescape(("html",)),
        extensions=[Completed],
        finalize=in_order,
        auto_reload=False,  # templates come with the program
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        day=words.day,
        typed=typed,
        moment=words.moment,
        dated=words.dated,
        inside=words.inside,
        words=words.words,
        area=words.area_name,
        job=words.job_label,
        ordinal=words.ordinal,
        number=words.number,
        decision=words.decision_label,
        decision_reason=words.reason_label,
        elsewhere=words.elsewhere_label,
        leaning=words.leaning_label,
        offer=words.offer_label,
        override=words.override_label,
        opinion=words.opinion_label,
        links_waiting=waiting,
    )
    templates.globals.update(
        full_name=words.full_name,
        community=words.community,
        verdict_of=words.verdict,
        interval=plots.interval,
        terms=terms,
        kinds_of=kinds_of,
        not_known=not_known,
        recorded=recorded,
        link_sentences=link_sentences,
        escalated_to=ESCALATED_TO,
        May=Permission,
        navigation=groups_for,
    )
    return templates


def web_of(request: Request) -> Web:
    """Return what the application was made with."""
    web: Web = request.app.state.web
    return web


def looked(service: Service) -> str:
    """Return what makes the address of a page another one: a browser that is there already then asks for it again."""
    return f"{service.now():%H%M%S}"


def _csrf(request: Request, session: Session) -> str:
    """Return the token of the session, and a number of this page: a form that is sent twice does one thing.

    The page that tells what is wrong with words that were kept says that the form on it still holds them.
    """
    kept = f".{RESENT}" if getattr(request.state, "resent", None) else ""
    return f"{session.csrf}.{secrets.token_urlsafe(16)}{kept}"


def page(request: Request, template: str, context: Mapping[str, Any] | None = None, status: int = 200) -> HTMLResponse:
    """Render a page for whoever is signed in."""
    web = web_of(request)
    session: Session | None = getattr(request.state, "session", None)
    text = web.templates.get_template(template).render(
        {
            "me": session.person if session else None,
            "csrf": _csrf(request, session) if session else "",
            "settings": web.settings,
            "cspNonce": getattr(request.state, "nonce", ""),
            "path": request.url.path,
            "today": web.service.today(),
            **(context or {}),
        }
    )
    return HTMLResponse(text, status)
