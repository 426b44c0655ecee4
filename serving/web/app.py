"""The application factory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from serving.errors import DemoRefused
from serving.service import Service
from serving.web import api, health, problems
from serving.web.api.description import describe, name_of
from serving.web.health import readiness
from serving.web.limiting import SIGN_IN, WRITES
from serving.web.metrics import Metrics
from serving.web.observing import Observed
from serving.web.pages import api_description, audits, decisions, home, ledger, lists, signing_in
from serving.web.rates import Rates
from serving.web.render import Web, make_templates
from serving.web.security import Guard
from serving.web.sessions import Sessions
from serving.web.settings import WebSettings

STATIC = Path(__file__).parent / "static"


def create_app(service: Service, settings: WebSettings, publisher: Callable[[str], None] | None = None) -> FastAPI:
    """Return the application over `service`, which holds the panel's database only.

    Parameters
    ----------
    publisher
        Called with a run's name after its release; it starts a process that publishes the list.

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
        generate_unique_id_function=name_of,
    )
    metrics = Metrics(lambda: readiness(service))
    app.state.web = Web(
        service, settings, Sessions(service), make_templates(), publisher, metrics, Rates(settings.rates)
    )
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(Observed, metrics=metrics)
    problems.install(app)
    app.include_router(signing_in.router, include_in_schema=False, dependencies=[SIGN_IN])
    # Decisions come before cases, whose last part would take their address.
    for part in (home, decisions, lists, audits, ledger, api_description):
        app.include_router(part.router, include_in_schema=False, dependencies=[WRITES])
    for router in api.ROUTERS:
        app.include_router(router)
    app.include_router(health.router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    setattr(app, "openapi", partial(describe, app, settings.cookie))  # noqa: B010 - FastAPI's way to replace it
    return app
