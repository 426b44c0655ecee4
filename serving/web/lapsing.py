"""A form that arrives after its session ended by itself: what was typed is kept, and nothing is done."""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from serving.access import unsent
from serving.access.unsent import RESENT, Fields
from serving.web.rates import TooMany
from serving.web.render import web_of

SHOWN_AT = "/unsent"
_FILLS_IN = re.compile(r"(/lists/[^/]+/cases/[^/]+)/(?:decision|hold)")
_NOT_KEPT = frozenset({"/sign-out", SHOWN_AT})


async def keep(request: Request) -> bool:
    """Keep what a form held, where it carries the token of a session that only time ended; say whether."""
    if request.url.path in _NOT_KEPT:
        return False
    form = [(name, value) for name, value in (await request.form()).multi_items() if isinstance(value, str)]
    return await run_in_threadpool(_keep, request, form)


def shown_at(path: str) -> str:
    """Return the page on which somebody finds a form again: that of a decision on a case fills its own in.

    >>> shown_at("/lists/r/cases/p/hold"), shown_at("/referrals/4/decision")
    ('/lists/r/cases/p/decision', '/unsent')
    """
    own = _FILLS_IN.fullmatch(path)
    return f"{own[1]}/decision" if own else SHOWN_AT


def _keep(request: Request, form: Fields) -> bool:
    web = web_of(request)
    cookie = request.cookies.get(web.settings.cookie)
    lapsed = web.sessions.lapsed(cookie) if cookie else None
    typed = [(name, value) for name, value in form if name not in ("csrf", RESENT)]
    if lapsed is None or not typed or not lapsed.matches(dict(form).get("csrf", "").partition(".")[0]):
        return False
    try:
        web.rates.count("writes", lapsed.person.user)
    except TooMany:
        return False
    unsent.keep(web.service.stores, lapsed.person.user, request.url.path, typed)
    return True
