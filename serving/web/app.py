"""The application factory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from serving.errors import DemoRefused
from serving.service import Service
from serving.web import api, health, problems
from serving.web.pages import audits, decisions, home, ledger, lists, signing_in
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
    app = FastAPI(title="drive-panel", docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json", version="1")
    app.state.web = Web(service, settings, Sessions(service), make_templates(), publisher)
    app.add_middleware(Guard, settings=settings)
    problems.install(app)
    # Decisions come before cases, whose last part would take their address.
    for part in (home, signing_in, decisions, lists, audits, ledger):
        app.include_router(part.router, include_in_schema=False)
    app.include_router(api.router)
    app.include_router(health.router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app
