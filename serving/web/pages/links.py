"""Clerical review: two records side by side, whether they are one person's, and what a panel challenged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from serving.access import links as kept
from serving.access.links import Review, review_of, reviews
from serving.access.viewing import Viewing
from serving.links import Answer
from serving.web.access import FromForm, Seen, SignedIn
from serving.web.pages.filled import Filled, Long, Short
from serving.web.render import page

router = APIRouter(prefix="/links")
_DONE = {
    "answered": "Your answer is on file.",
    "recused": "You know one of them. Nothing about these people is asked of you or shown to you any more.",
    "closed": "The challenge is answered. The panel reads it on the case.",
}
_RECUSED = (
    "No reason is needed. Everything about these people is closed to you, and an answer that you gave here counts no "
    "more. An administrator can take it back."
)
WHY = {
    "queue": "Linkage left it open",
    "challenge": "A panel challenged a link",
    "contradiction": "Decisions contradict each other",
}


@dataclass(frozen=True)
class Compared:
    """One line of two records side by side.

    Parameters
    ----------
    mark
        Same, Alike, Different or Not recorded: the word beside the values.
    weight
        In bits, for (+) and against (-) one person; None where it was not kept.
    speaks
        The weight in words.
    """

    what: str
    left: str
    right: str
    compares: str
    mark: str
    weight: float | None
    speaks: str


def compared(row: Sequence[object]) -> Compared:
    """Return a line of a pair with its marks in words."""
    what, left, right, compares, weight = row
    bits = float(str(weight)) if weight is not None else None
    return Compared(str(what), str(left), str(right), str(compares), _mark(str(compares)), bits, _speaks(bits))


def _mark(compares: str) -> str:
    if compares in ("same", "one in common"):
        return "Same"
    if compares in ("different", "none in common") or compares.endswith("years or more apart"):
        return "Different"
    if compares.startswith(("not recorded", "counted with")):
        return "Not compared"
    return "Alike"


def _speaks(bits: float | None) -> str:
    if bits is None:
        return "not weighed"
    if abs(bits) < 1:
        return "says little"
    strength = "strongly " if abs(bits) >= 6 else ""
    return f"speaks {strength}{'for' if bits > 0 else 'against'} one person"


@router.get("")
def show(request: Request, seen: Seen, session: SignedIn) -> HTMLResponse:
    """Show what waits for review, without a name."""
    seen.note(session.person.user, "view.links", "links")
    return _queue(request, seen, Filled())


@router.post("/challenges/{number}")
def close(request: Request, seen: Seen, session: FromForm, number: int, outcome: Long = "") -> Response:
    """Answer a panel's challenge to a link."""
    filled = Filled(f"close-{number}", {"outcome": outcome})
    filled.carry_out(lambda: kept.close_challenge(seen, number, outcome), f"outcome-{number}", once=True)
    if filled.errors:
        return _queue(request, seen, filled, filled.status)
    return RedirectResponse("/links?done=closed", 303)


@router.get("/{pair}")
def show_pair(request: Request, seen: Seen, session: SignedIn, pair: str) -> HTMLResponse:
    """Show two records side by side; that somebody looked is noted."""
    found = review_of(seen, pair)
    seen.note(session.person.user, "view.link", pair)
    return _pair(request, found, Filled())


@router.post("/{pair}")
def answer(
    request: Request,
    seen: Seen,
    session: FromForm,
    pair: str,
    said: Short = "",
    reason: Long = "",
    number: Short = "",
) -> Response:
    """Say whether two records are one person's, or that one knows one of them."""
    if said == Answer.KNOWS and seen.is_done():  # the pair is closed by the first sending
        return RedirectResponse("/links?done=recused", 303)
    review_of(seen, pair)
    filled = Filled("answer", {"said": said, "reason": reason, "number": number})
    read = filled.number("number")
    if said not in tuple(Answer):
        filled.errors["said"] = "Choose what the two records are of"
    filled.carry_out(lambda: kept.answer(seen, pair, said, reason, read), "reason", "#side-by-side")
    if filled.errors:
        return _pair(request, review_of(seen, pair), filled, filled.status)
    return RedirectResponse("/links?done=recused" if said == Answer.KNOWS else f"/links/{pair}?done=answered", 303)


def _queue(request: Request, seen: Viewing, filled: Filled, status: int = 200) -> HTMLResponse:
    context = {
        "found": reviews(seen),
        "challenges": kept.challenges(seen),
        "why": WHY,
        "filled": filled,
        "done": _DONE.get(request.query_params.get("done", "")),
    }
    return page(request, "links.html", context, status)


def _pair(request: Request, found: Review, filled: Filled, status: int = 200) -> HTMLResponse:
    context = {
        "found": found,
        "rows": [compared(row) for row in kept.shown(found.pair)],
        "why": WHY,
        "answers": [(each.value, each.label, "" if each.is_said else _RECUSED) for each in Answer],
        "filled": filled,
        "done": _DONE.get(request.query_params.get("done", "")),
    }
    return page(request, "link.html", context, status)
