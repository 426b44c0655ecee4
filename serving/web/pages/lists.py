"""The released list."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.panel import is_near, line_band
from serving.panel.places import Taken, taken
from serving.panel.referrals import Referral, given, referrals, tabled
from serving.panel.since import standing
from serving.people import Permission, Person
from serving.redaction import NOT_FOR_PROGRAMS, WITHHELD
from serving.release.reading import ReleasedList
from serving.web import words
from serving.web.access import Served, SignedIn, enter
from serving.web.pages.choice import TABS, Choice, counts, options, queue
from serving.web.pages.referrals import name_of
from serving.web.render import Web, page

router = APIRouter()
_DONE = {"conflict": "Your conflict of interest is recorded. The case is closed to you."}


@router.get("/lists/{run}")
def show_list(request: Request, web: Served, session: SignedIn, run: str) -> HTMLResponse:
    """Show a released list; the view is in the ledger before the page is sent."""
    me = session.person
    enter(web, me, run, Permission.SEE_LIST)
    found, choice = web.service.released_list(run), Choice.of(request.query_params)
    decided, clearances, known = current_decisions(web, run, me), cleared(web, run), names(web, found, me)
    queued = queue(found.rows, decided, clearances)
    chosen = choice.rows(queued, lambda: known_before(web, run))
    shown = replace(found, rows=tuple(each.row for each in chosen))
    referred = tabled(referrals(web.service, found.area), run, found.expires)
    asked = options(queued, lambda make: _still(web, found, me, make))
    detail = web.service.run(run)
    context = {
        "run": detail,
        "reserved": detail.record["capacity"].get("reserved", {}),
        "found": found,
        "shown": shown,
        "choice": choice,
        "tabs": TABS,
        "tab_counts": counts(queued),
        "options": asked,
        "tags": choice.tags(asked),
        "simple": list(found.rows[0]["incumbent_places"]) if found.rows else [],
        "in_table": choice.in_order(chosen) if choice.table else [],
        "known": known,
        "bands": _bands(shown),
        "line_band": line_band(found.header),
        "tied_at_line": _tied_at_line(found),
        "drawn_row": rows_drawn(web, found, me, decided, clearances, known),
        "taken": places_taken(web, run, decided, referred),
        "referred": referred,
        "name_of": name_of,
        "done": _DONE.get(request.query_params.get("done", "")),
    }
    web.service.note(me.user, "view.list", run, choice.told or None)
    return page(request, "list.html", context)


def _still(web: Web, found: ReleasedList, me: Person, make: Callable[[], Any]) -> Any:
    """Return what follows from the rows that a reader sees, or followed from the same rows a moment ago."""
    rows = f"{found.list_hash} {' '.join(row['person'] for row in found.rows)}"
    return web.service.stores.recent.made(("choice", found.run, me.role, me.agency), rows, lambda _: make())


def known_before(web: Web, run: str) -> frozenset[str]:
    """Return who was up for a place on the list that the panel had before this one."""
    before = web.service.list_before(run)
    return frozenset(standing(before.found.rows)) if before else frozenset()


def rows_drawn(
    web: Web,
    found: ReleasedList,
    me: Person,
    decided: Mapping[str, Mapping[str, Any]],
    clearances: Mapping[str, Mapping[str, Any]],
    known: Mapping[str, Mapping[str, Any]],
) -> Callable[[dict[str, Any], int | None, int], Markup]:
    """Return what draws a row of the list at a place, under a heading of a level.

    A list is long and its rows seldom change. A row of which all that it says is the same as a moment ago is not drawn
    anew; what it says was read and verified all the same, so that the list's hash and who reads it tell what it is.
    """
    template = web.templates.get_template("list_row.html")
    for_all = {
        "run": found.run,
        "today": web.service.today().isoformat(),
        "may_declare": me.may(Permission.DECLARE_CONFLICT),
    }

    def draw(row: dict[str, Any], place: int | None, level: int) -> Markup:
        person = row["person"]
        says = {
            **for_all,
            "place": place,
            "level": level,
            "name": words.full_name(known.get(person), person, found.header["synthetic"]),
            "made": decided.get(person),
            "cleared": clearances.get(person, {}),
        }
        key, text = (found.run, person, me.role, me.agency), json.dumps([found.list_hash, says])
        # Already escaped: it comes from a template of ours.
        return Markup(web.service.stores.recent.made(key, text, lambda _: template.render(says, row=row)))  # noqa: S704

    return draw


def names(web: Web, found: ReleasedList, me: Person) -> dict[str, dict[str, Any]]:
    """Return identities by pseudonym, for roles that may see them; nothing for others."""
    return web.service.identities(found) if me.may(Permission.SEE_IDENTITY) else {}


def redacted(row: dict[str, Any], me: Person) -> dict[str, Any]:
    """Return a decision with the panel's own words withheld where marked sensitive and the reader is no chair.

    No program reads any of them, nor which service supports victims: its name can tell where they are.
    """
    if me.scopes:
        return _without_words(row, NOT_FOR_PROGRAMS, services=True)
    if not row["sensitive"] or me.may(Permission.DECIDE):
        return row
    return _without_words(row, WITHHELD)


def _without_words(row: dict[str, Any], instead: str, services: bool = False) -> dict[str, Any]:
    told = row["particulars"]
    served = {"safety_confirmed": row["safety_confirmed"] and instead} if services else {}
    if told is not None:
        support, referred = told["support"], told["referred"]
        hidden = ("why", "service") if services else ("why",)
        told = {
            **told,
            "support": support and {**support, **{name: support[name] and instead for name in hidden}},
            "referred": referred and {**referred, "named": referred["named"] and instead},
        }
    return {**row, **served, "reason": instead, "particulars": told}


def current_decisions(web: Web, run: str, me: Person) -> dict[str, dict[str, Any]]:
    """Return the decision that stands for each pseudonym."""
    return {row["person"]: redacted(row, me) for row in web.service.decisions(run=run) if row["current"]}


def cleared(web: Web, run: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the hold clearances of each pseudonym by kind of hold."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in web.service.clearances(run):
        found.setdefault(row["person"], {})[row["kind"]] = row
    return found


def disrupt_only(web: Web, run: str) -> float:
    """Return how much of a place disruption only takes at the panel of a list, as it was scored with."""
    return float(web.service.run(run).record["capacity"].get("disrupt_only", 1))


def places_taken(web: Web, run: str, decided: Mapping[str, Mapping[str, Any]], referred: list[Referral]) -> Taken:
    """Return how many places the decisions so far take, on the list and on those referred to its panel."""
    made = [*(row["decision"] for row in decided.values()), *(each.decision for each in given(referred, run))]
    return taken(made, disrupt_only(web, run))


@dataclass
class Band:
    """Consecutive ranked rows of one band, with what is drawn before the row at each position and at the end."""

    name: str
    rows: list[dict[str, Any]]
    marks: dict[int, list[str]] = field(default_factory=dict)


def _bands(found: ReleasedList) -> list[Band]:
    """Group the ranked rows by band without changing their order, and place the capacity line once."""
    ranked = found.section("ranked")
    marks = _marks(ranked, found.header)
    bands: list[Band] = []
    for number, row in enumerate(ranked):
        name = row["band"] or "no band"
        if not bands or bands[-1].name != name:
            bands.append(Band(name, []))
        if number in marks:
            bands[-1].marks[len(bands[-1].rows)] = marks[number]
        bands[-1].rows.append(row)
    if bands and len(ranked) in marks:
        bands[-1].marks[len(bands[-1].rows)] = marks[len(ranked)]
    return bands


def _marks(ranked: list[dict[str, Any]], header: Mapping[str, Any]) -> dict[int, list[str]]:
    """Return what is drawn before which ranked row: the line, who ties at it, the band around it, and their ends."""
    marks: dict[int, list[str]] = {}
    last_above = max((number for number, row in enumerate(ranked) if row["above_line"]), default=-1)
    marks.setdefault(last_above + 1, []).append("line")
    at_line = [number for number, row in enumerate(ranked) if row.get("at_line")]
    if at_line:
        marks.setdefault(at_line[0], []).append("tied")
        if at_line[-1] + 1 < len(ranked):
            marks.setdefault(at_line[-1] + 1, []).append("below")
    near = [number for number, row in enumerate(ranked) if is_near(header, row)]
    if near:
        marks.setdefault(near[0], []).insert(0, "near")
        marks.setdefault(near[-1] + 1, []).append("far")
    return marks


def _tied_at_line(found: ReleasedList) -> dict[str, int] | None:
    """Return how many people share which place for how many places that are left; None where nobody does."""
    at_line = [row for row in found.section("ranked") if row.get("at_line")]
    if not at_line:
        return None
    place = int(at_line[0]["place"])
    # As many people stand before a shared place as its number says, whoever was erased since.
    return {"people": len(at_line), "place": place, "left": found.header["places"] - (place - 1)}
