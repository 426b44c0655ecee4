"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import text
from starlette.responses import JSONResponse

from serving.errors import StoreError
from serving.web.access import Served

router = APIRouter(prefix="/health")


@router.get("/live")
def live() -> dict[str, str]:
    """Answer while the process runs."""
    return {"status": "live"}


@router.get("/ready")
def ready(web: Served) -> JSONResponse:
    """Answer 200 while the database can be read and the newest ledger entry is whole, 503 otherwise."""
    try:
        with web.service.stores.panel.read() as connection:
            connection.execute(text("SELECT 1"))
        newest = web.service.ledger(1)
        whole = all(entry.hash == entry.expected_hash for entry in newest)
    except StoreError:
        whole = False
    return JSONResponse({"status": "ready" if whole else "not ready"}, 200 if whole else 503)
