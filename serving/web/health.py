"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from fastapi import APIRouter
from starlette.responses import JSONResponse

from serving import health
from serving.errors import StoreError
from serving.service import Service
from serving.storage.stores import Stores
from serving.web.access import Served

router = APIRouter(prefix="/health")
_log = structlog.get_logger("serving.web")


def readiness(service: Service) -> dict[str, bool]:
    """Return which parts of the service are ready.

    Returns
    -------
    dict
        ``database`` can be read; ``schema`` is the one this version works with; ``files``: bundle, policy and
        governance file of every live release are those that were reviewed; ``ledger``: its newest entry is whole
        and signed by this service's key.
    """
    return {name: _holds(check, service.stores) for name, check in _PARTS.items()}


def ringing(service: Service) -> int | None:
    """Return how many charts of the evidence over time ring; None where there is no evidence, or it cannot be read."""
    try:
        found = service.evidence()
    except StoreError as problem:
        _log.error("no evidence", kind=type(problem).__name__)
        return None
    return None if found is None else sum(chart["ringing"] for chart in found["alarms"]["charts"])


def _holds(check: Callable[[Stores], bool], stores: Stores) -> bool:
    try:
        return check(stores)
    except StoreError as problem:
        _log.error("not ready", kind=type(problem).__name__)
        return False


_PARTS: dict[str, Callable[[Stores], bool]] = {
    "database": health.reachable,
    "schema": health.schema_holds,
    "files": health.files_hold,
    "ledger": health.ledger_head_holds,
}


@router.get("/live")
def live() -> dict[str, str]:
    """Answer while the process runs."""
    return {"status": "live"}


@router.get("/ready")
def ready(web: Served) -> JSONResponse:
    """Answer 200 while every part is ready, 503 otherwise, and say which is not."""
    parts = readiness(web.service)
    whole = all(parts.values())
    return JSONResponse({"status": "ready" if whole else "not ready", "parts": parts}, 200 if whole else 503)
