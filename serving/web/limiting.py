"""Which requests are counted, and for whom: sign-ins for an address, everything else for the person."""

from __future__ import annotations

from fastapi import Depends
from starlette.requests import Request

from serving.web.access import SignedIn
from serving.web.oidc import BACK
from serving.web.rates import TooMany
from serving.web.render import web_of

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def _count(request: Request, kind: str, who: str) -> None:
    web = web_of(request)
    try:
        web.rates.count(kind, who)
    except TooMany:
        web.metrics.limited(kind)
        raise


async def _sign_in(request: Request) -> None:
    if request.method not in _READS or request.url.path == BACK:
        _count(request, "sign_in", request.client.host if request.client else "")


async def _writes(request: Request, session: SignedIn) -> None:
    if request.method not in _READS:
        _count(request, "writes", session.person.user)


async def _api(request: Request, session: SignedIn) -> None:
    _count(request, "api", session.person.user)


SIGN_IN = Depends(_sign_in)
WRITES = Depends(_writes)
API = Depends(_api)
