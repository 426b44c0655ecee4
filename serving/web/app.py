"""The application factory."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware.sessions import SessionMiddleware
from starlette.staticfiles import StaticFiles

from serving.errors import DemoRefused
from serving.service import Service
from serving.web import api, health, problems
from serving.web.access import admit, let_go
from serving.web.api.description import describe, name_of
from serving.web.health import readiness, ringing
from serving.web.limiting import SIGN_IN, WRITES
from serving.web.metrics import Metrics
from serving.web.observing import Observed
from serving.web.oidc import SignIn
from serving.web.pages import (
    adding,
    administration,
    api_description,
    audits,
    cases,
    conflicts,
    decisions,
    evidence,
    exports,
    home,
    information,
    ledger,
    links,
    lists,
    meetings,
    models,
    oversight,
    own_views,
    own_work,
    papers,
    people,
    policy,
    referrals,
    registers,
    signing_in,
    since,
    stops,
    unsent,
)
from serving.web.rates import Rates
from serving.web.refusals import Refusals
from serving.web.render import Web, make_templates
from serving.web.rules import ruled
from serving.web.security import Guard
from serving.web.sessions import Sessions
from serving.web.settings import WebSettings

TRANSACTION_SECONDS = 600
STATIC = Path(__file__).parent / "static"
# Decisions, own views, conflicts and information come before cases, whose last part would take their address.
ROOMS = (
    home,
    own_work,
    meetings,
    exports,
    decisions,
    own_views,
    conflicts,
    information,
    since,
    cases,
    lists,
    audits,
    evidence,
    policy,
    papers,
    models,
    stops,
    registers,
    referrals,
    oversight,
    ledger,
    people,
    adding,
    administration,
    unsent,
    links,
    api_description,
)


def create_app(
    service: Service,
    settings: WebSettings,
    publisher: Callable[[str], None] | None = None,
    worker: Callable[[], None] | None = None,
) -> FastAPI:
    """Return the application over `service`, which holds the panel's database only.

    Parameters
    ----------
    publisher
        Called with a run's name after its release; it starts a process that publishes the list.
    worker
        Called when somebody asked for a report or papers; it starts a process that makes them, and waits for nothing.

    Raises
    ------
    DemoRefused
        If demo mode is asked for a workspace that holds a run of real people.
    """
    if settings.demo and not all(run.synthetic for run in service.runs()):
        raise DemoRefused("The workspace holds a run that is not made up.", "Serve it without demo mode.")
    app = FastAPI(
        title="drive-panel",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        version="1",
    )
    metrics = Metrics(lambda: readiness(service), lambda: ringing(service))
    sessions, rates = Sessions(service, settings), Rates(settings.rates)
    app.state.web = Web(service, settings, sessions, make_templates(), publisher, worker, metrics, rates)
    app.state.refusals = Refusals(service)
    app.state.sign_in = SignIn(settings.provider) if settings.provider else None
    # Remembers a sign-in on its way to the provider and back, and nothing else.
    app.add_middleware(
        SessionMiddleware,
        secret_key=settings.secret or secrets.token_urlsafe(32),
        session_cookie=settings.transaction_cookie,
        max_age=TRANSACTION_SECONDS,
        same_site="lax",
        https_only=settings.secure,
    )
    app.add_middleware(Guard, settings=settings, refusals=app.state.refusals)
    app.add_middleware(Observed, metrics=metrics)
    problems.install(app)
    app.router.routes.extend(_addresses().routes)
    app.state.ruled = ruled(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    setattr(app, "openapi", partial(describe, app, settings.cookie))  # noqa: B010 - FastAPI's way to replace it
    return app


@cache
def _addresses() -> APIRouter:
    """Return all that is answered: the same in every application, and to work it out takes longer than the rest."""
    every = APIRouter(
        generate_unique_id_function=name_of, dependencies=[Depends(let_go, scope="function"), Depends(admit)]
    )
    every.include_router(signing_in.router, include_in_schema=False, dependencies=[SIGN_IN])
    for part in ROOMS:
        every.include_router(part.router, include_in_schema=False, dependencies=[WRITES])
    for router in api.ROUTERS:
        every.include_router(router)
    every.include_router(health.router, include_in_schema=False)
    return every
