"""What somebody typed before their session ended: shown to them alone, to send it or to throw it away."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.access import unsent as kept
from serving.access.unsent import RESENT, Unsent
from serving.web.access import FromForm, Seen, SignedIn
from serving.web.lapsing import SHOWN_AT, shown_at
from serving.web.pages.filled import Filled
from serving.web.render import page

router = APIRouter(prefix=SHOWN_AT)
_PART = re.compile(r"-(day|month|year)$")


@router.get("")
def show(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show what is kept, as it was typed."""
    found = [_told(each) for each in kept.unsent(seen.stores, session.person.user)]
    return page(request, "unsent.html", {"kept": found})


@router.post("")
def throw_away(seen: Seen, session: FromForm, page: Annotated[str, Form()] = "") -> Response:
    """Remove what is kept for one page."""
    kept.let_go(seen.stores, session.person.user, page)
    return RedirectResponse(SHOWN_AT, 303)


def filled_again(seen: Any, user: str, path: str, form: str) -> Filled:
    """Return a form as it was kept for somebody and an address; an empty one where nothing was."""
    found = next((each for each in kept.unsent(seen.stores, user) if each.page == path), None)
    return Filled() if found is None else Filled(form, {**dict(found.fields), RESENT: "yes"})


def _told(each: Unsent) -> dict[str, Any]:
    """Return what a page says of a form: its fields in words, and its own page where that fills it in."""
    own = shown_at(each.page)
    shown = [(_PART.sub(r" (\1)", name), value) for name, value in each.fields if value]
    return {**each.__dict__, "shown": shown, "own": own if own != SHOWN_AT else ""}
