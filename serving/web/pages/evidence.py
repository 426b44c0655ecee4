"""Evidence over time: lists so far, trend and alarms, panels' decisions by community, policy history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.documents import Document
from serving.people import Permission
from serving.web.access import Served, SignedIn
from serving.web.render import page
from serving.web.words import community, words

router = APIRouter()
NONE_YET = "Nobody has gathered it yet. A data scientist, or a timer, does so with `drive-panel evidence`."
_TREND = (
    ("missed_harm", "audit depth", "Missed harm, at the audit depth"),
    ("selection", "own line", "Selection, at the list’s own line"),
)


@router.get("/evidence")
def show(request: Request, web: Served, session: SignedIn) -> HTMLResponse:
    """Show the newest evidence; of single lists only those of the person's areas."""
    session.person.need(Permission.SEE_AUDIT)
    found = web.service.evidence()
    web.service.note(session.person.user, "view.evidence", "evidence")
    if found is None:
        return page(request, "evidence.html", {"found": None, "none_yet": NONE_YET})
    return page(
        request,
        "evidence.html",
        {
            "found": found,
            "trend": trend_of(found),
            "ringing": [chart for chart in found["alarms"]["charts"] if chart["ringing"]],
            "placed": by_kind(found["placed"]),
            "decisions": by_kind(found["decisions"]),
            "holds": by_kind(found["holds"]),
            # Evidence that was gathered before it held these has neither.
            "changes": by_kind(found.get("changes")),
            "funnel": by_kind(found.get("funnel")),
            "totals": {name: cells_of(report) for name, report in found["audits"].items()},
        },
    )


@dataclass(frozen=True)
class Shown:
    """One table: its rows with figures, and whose rows are withheld."""

    title: str
    rows: list[dict[str, Any]]
    withheld: list[str]


def _table(title: str, rows: Iterable[dict[str, Any]]) -> Shown:
    told = list(rows)
    withheld = dict.fromkeys(_group(row) for row in told if row.get("suppressed"))
    return Shown(title, [row for row in told if not row.get("suppressed")], list(withheld))


def _group(row: Mapping[str, Any]) -> str:
    return community(row["characteristic"], row["group"])


def trend_of(found: Document) -> list[tuple[str, list[Shown], list[str]]]:
    """Return for each measure shown: its title, a table of points in the order of time for each group, and the groups
    of which no point has a figure.
    """
    out = []
    for metric, line, title in _TREND:
        groups: dict[str, list[dict[str, Any]]] = {}
        for point in sorted(found["points"], key=lambda each: (each["as_of"], each["label"])):
            for cell in point["cells"] if point["line"] == line else []:
                if cell["metric"] == metric:
                    told = {key: point[key] for key in ("as_of", "area", "kind")}
                    groups.setdefault(_group(cell), []).append({**cell, **told})
        tables = [_table(name, cells) for name, cells in groups.items()]
        if tables:
            out.append(
                (title, [each for each in tables if each.rows], [each.title for each in tables if not each.rows])
            )
    return out


def by_kind(part: Document | None) -> tuple[list[Shown], list[str]] | None:
    """Return a table for each thing that happened, by community, and the things of which no group has a figure; None
    for an absent part.
    """
    if part is None:
        return None
    kinds: dict[str, list[dict[str, Any]]] = {}
    for row in part["rows"]:
        kinds.setdefault(row["kind"], []).append(row)
    tables = [_table(words(kind), rows) for kind, rows in kinds.items()]
    return [each for each in tables if each.rows], [each.title for each in tables if not each.rows]


def cells_of(report: Document) -> Shown:
    """Return the checks of an audit over several lists that a reader needs: those that bind, and their selection."""
    bound = {(cell["table"], cell["characteristic"]) for cell in report["cells"] if cell["binding"]}
    wanted = (
        cell
        for cell in report["cells"]
        if (cell["table"], cell["characteristic"]) in bound and (cell["binding"] or cell["metric"] == "selection")
    )
    return _table("", wanted)
