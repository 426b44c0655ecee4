"""Making one file for one reader, and its entry in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from serving.access.agency import ForAgency, agencies, providers
from serving.access.humans import same_agency
from serving.access.viewing import Viewing
from serving.errors import FilingRefused, NotFound
from serving.panel import meetings, referrals, requests
from serving.panel.meetings import Meeting
from serving.people import Permission, Person
from serving.release.reading import ReleasedList
from serving.release.rules import State
from serving.release.stopping import refuse_stopped
from serving.service import Service
from serving.web import words
from serving.web.exports import tables
from serving.web.exports.files import comma_separated, workbook
from serving.web.exports.left_out import ALWAYS, left_out
from serving.web.exports.paper import printed
from serving.web.exports.shown import shown
from serving.web.exports.stamp import WHOLE_PANEL, Stamp
from serving.web.pages.agenda import agenda_of, beside_it, order_of
from serving.web.pages.cases import case_context
from serving.web.pages.lists import cleared, current_decisions, names, redacted
from serving.web.pages.meetings import list_of
from serving.web.pages.referrals import name_of
from serving.web.render import Web
from values import digest_bytes

MADE = "export.made"
PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
MEDIA = {"pdf": PDF, "xlsx": XLSX, "csv": CSV}
OF_LIST: Mapping[str, str] = {"list.xlsx": "The list (Excel)", "list.csv": "The list (CSV)"}
OF_MEETING: Mapping[str, str] = {
    "pack.pdf": "Paper pack: agenda, list and a brief of each case on the agenda (PDF)",
    "minutes.pdf": "Minutes (PDF)",
    "meeting.xlsx": "Decisions and actions (Excel)",
    "decisions.csv": "Decisions (CSV)",
    "actions.csv": "Actions (CSV)",
}
"""What can be taken from a meeting: the name of the file -> what it is called."""


@dataclass(frozen=True)
class Taken:
    """A file as it leaves, and whose eyes it is for."""

    name: str
    media_type: str
    content: bytes
    reader: str


@dataclass(frozen=True)
class _Made:
    title: str
    area: str
    synthetic: bool
    list_hash: str
    cases: int
    drawn: Callable[[Stamp], bytes]
    shows: str = ""  # the list whose places it shows


def reader_of(viewing: Viewing, area: str, agency: str | None) -> Viewing:
    """Return the service as a file's reader sees it.

    Parameters
    ----------
    agency
        Whose members will read it, empty for the whole panel: chairs may choose; None for who takes it.

    Raises
    ------
    NotPermitted, FilingRefused
        The last if the agency sends nobody to this panel, or a provider that delivers Drive sends some of the whole.
    """
    if agency is None:
        return viewing
    reader = ForAgency(viewing, agency)
    if agency and not any(same_agency(agency, each) for each in agencies(viewing, area)):
        raise FilingRefused("No such agency sends somebody to this panel.", "Take the file for the whole panel.")
    if not agency and providers(viewing, area):
        raise FilingRefused(
            "A provider sends members to this panel, who see none but the cases that are with it.",
            "Take the file for each agency.",
        )
    return reader


def take_list(web: Web, viewing: Viewing, run: str, what: str, agency: str | None = None, operator: str = "") -> Taken:
    """Return a released list as a file, once it is in the ledger.

    Parameters
    ----------
    agency
        See `reader_of`.
    operator
        Who takes it where that is not the person whose eyes it is for: who works at the command line.

    Raises
    ------
    FilingRefused, NotFound, NoLiveRelease, NotPermitted
        The first if there is no such file.
    """
    _known(OF_LIST, what)
    seen = replace(web, service=reader_of(viewing, viewing.area(run), agency))
    return _taken(web, viewing, seen.service, run, what, agency, operator, _list(seen, run, what))


def take_meeting(
    web: Web, viewing: Viewing, meeting: str, what: str, agency: str | None = None, operator: str = ""
) -> Taken:
    """Return something of a meeting as a file, once it is in the ledger; raises as `take_list`, and `NoPaper`."""
    _known(OF_MEETING, what)
    area = meetings.meeting_of(viewing, meeting).area
    seen = replace(web, service=reader_of(viewing, area, agency))
    known = meetings.meeting_of(seen.service, meeting)
    _refuse_taken_back(seen.service, known)
    make = {"pack.pdf": _pack, "minutes.pdf": _minutes}.get(what, _tables_of(what))
    return _taken(web, viewing, seen.service, meeting, what, agency, operator, make(seen, known))


def _refuse_taken_back(service: Service, known: Meeting) -> None:
    """Pass, or raise `NoLiveRelease` where the list of a meeting was withdrawn or changed, or its area is stopped.

    What was decided on a list that has expired since may still be taken, for the file.
    """
    if not known.run:
        return
    with service.stores.panel.read() as connection:
        refuse_stopped(service.stores.ledger, connection, known.area)
    if service.state(known.run) in (State.RELEASED, State.WITHDRAWN):
        service.released_list(known.run)


def _known(kinds: Mapping[str, str], what: str) -> None:
    if what not in kinds:
        raise FilingRefused("There is no such file.", f"Choose one of {', '.join(kinds)}.")


def _taken(
    web: Web, by: Viewing, reader: Any, subject: str, what: str, agency: str | None, operator: str, made: _Made
) -> Taken:
    """Stamp a file, draw it and enter it in the ledger with its hash; only then it may leave."""
    me = by.person
    with by.stores.panel.read() as connection:
        newest = by.stores.ledger.entries(connection, 1)
    stamp = Stamp(
        mark=web.settings.mark,
        synthetic=made.synthetic,
        title=made.title,
        by=f"{operator}, as {me.name} ({me.user})" if operator else f"{me.name} ({me.user})",
        at=by.now(),
        reader=_reader(reader.person, agency),
        head=newest[0].head if newest else "the ledger is empty",
        list_hash=made.list_hash,
    )
    by.stores.panel.let_go()  # nothing is kept open while pages are set
    content = made.drawn(stamp)
    if made.shows:  # among who saw which list, as a page would be
        whose = {"account": me.user} if operator else {}
        by.note(operator or me.user, "view.list", made.shows, {"view": what, **whose})
    told = {"what": what, "area": made.area, "for": stamp.reader, "cases": made.cases}
    by.note(operator or me.user, MADE, subject, {**told, "head": stamp.head, "hash": str(digest_bytes(content))})
    return Taken(f"{subject}-{what}", MEDIA[what.rpartition(".")[2]], content, stamp.reader)


def _reader(person: Person, agency: str | None) -> str:
    if agency == "":
        return WHOLE_PANEL
    if person.may(Permission.DECIDE) or person.may(Permission.REVIEW):
        return f"a {person.role.label.lower()}, who reads what every agency told"
    return words.words(person.agency) if person.agency else "a panel member whose agency nobody named"


def _list(web: Web, run: str, what: str) -> _Made:
    me, found = _me(web), web.service.released_list(run)
    table = tables.of_list(found, names(web, found, me), current_decisions(web, run, me), cleared(web, run))
    title = f"List of {words.area_name(found.area)}, as of {words.day(found.header['as_of'])}"

    def drawn(stamp: Stamp) -> bytes:
        return workbook(stamp, [table]) if what.endswith("xlsx") else comma_separated(stamp, table)

    return _Made(title, found.area, found.header["synthetic"], str(found.list_hash), len(found.rows), drawn, run)


def _tables_of(what: str) -> Callable[[Web, Meeting], _Made]:
    def make(web: Web, known: Meeting) -> _Made:
        found = list_of(web, known)
        told = tables.of_decisions(_decisions(web, known), _names(web, known, found))
        done = tables.of_actions(meetings.actions(web.service, known))

        def drawn(stamp: Stamp) -> bytes:
            if what.endswith("xlsx"):
                return workbook(stamp, [told, done])
            return comma_separated(stamp, told if what == "decisions.csv" else done)

        cases = len({row[0] for row in told.rows} | {row[3] for row in done.rows if row[3]})
        return _made(web, known, "Decisions and actions", found, cases, drawn)

    return make


def _minutes(web: Web, known: Meeting) -> _Made:
    found, made = list_of(web, known), _decisions(web, known)
    context = {
        "names": _names(web, known, found),
        "decisions": made,
        "attendance": meetings.attendance(web.service, known),
        "actions": meetings.actions(web.service, known),
        "minutes": meetings.minutes(web.service, known),
        "others": beside_it(known, meetings.meetings(web.service)) if known.run else (),
        "chairs": _me(web).may(Permission.DECIDE),
        "cleared": cleared(web, known.run) if known.run else {},
        "undecided": _undecided(web, known, found),
    }
    cases = len({row["person"] for row in made})
    return _made(web, known, "Minutes", found, cases, _on_paper(web, "paper/minutes.html", known, found, context))


def _undecided(web: Web, known: Meeting, found: ReleasedList | None) -> list[str] | None:
    """Return the cases of the agenda on which no decision stands; None where the list may not be read."""
    if found is None:
        return None
    order, back = order_of(web, found, known.day)
    settled = current_decisions(web, known.run, _me(web)).keys() - {row["person"] for row in back}
    return [person for person in order if person not in settled]


def _pack(web: Web, known: Meeting) -> _Made:
    """Return agenda, list and briefs; the agenda alone decides whose brief is in it."""
    found = list_of(web, known)
    if found is None:
        raise FilingRefused("The list of this meeting may not be read now.", "Ask the reviewer, then try again.")
    me, day = _me(web), agenda_of(web, _me(web), known, found)
    back = {row["person"] for row in day["back"]}
    due = {row["person"] for row in [*day["to_decide"], *day["at_line"]]} | back
    rows = [row for row in found.rows if row["section"] in ("held", "referred") or row["person"] in due]
    briefs = [_brief(web, me, known.run, row["person"]) for row in rows]
    criteria = [each for brief in briefs for each in brief["case"]["criteria"]]
    context = {
        "agenda": day,
        "referred_name": name_of,
        "earlier": meetings.open_actions(web.service, known.area),
        "briefs": briefs,
        "definitions": {each["label"]: each["definition"] for each in criteria if each.get("definition")},
        "always_left_out": ALWAYS,
    }
    made = _made(web, known, "Paper pack", found, len(rows), _on_paper(web, "paper/pack.html", known, found, context))
    return replace(made, shows=known.run)


def _brief(web: Web, me: Person, run: str, person: str) -> dict[str, Any]:
    context = case_context(web, me, web.service.case(run, person))
    asked = requests.requests(web.service, run, person)
    out = left_out(context["case"], context["history"], asked)
    return {**context, "requests": asked, "left_out": out}


def _on_paper(
    web: Web, template: str, known: Meeting, found: ReleasedList | None, context: Mapping[str, Any]
) -> Callable[[Stamp], bytes]:
    run = next((each for each in web.service.runs() if each.run == known.run), None)
    told = {"meeting": known, "run": run, "found": found, "today": web.service.today(), **context}

    def drawn(stamp: Stamp) -> bytes:
        # Whatever a template prints passes `shown`, also what nobody thought of.
        paper = web.templates.overlay(finalize=shown)
        return printed(paper.get_template(template).render({**told, "stamp": stamp}), web.settings.paper_seconds)

    return drawn


def _made(
    web: Web, known: Meeting, title: str, found: ReleasedList | None, cases: int, drawn: Callable[[Stamp], bytes]
) -> _Made:
    run = next((each for each in web.service.runs() if each.run == known.run), None)
    synthetic = web.settings.demo or (run is not None and run.synthetic)
    told = f"{title}, {words.area_name(known.area)}, meeting of {words.day(known.day)}"
    return _Made(told, known.area, synthetic, str(found.list_hash) if found else "", cases, drawn)


def _me(web: Web) -> Person:
    """Return whose eyes the service is narrowed to."""
    viewing = web.service
    if not isinstance(viewing, Viewing):
        raise NotFound("Nobody reads this.", "Sign in.")
    return viewing.person


def _names(web: Web, known: Meeting, found: ReleasedList | None) -> dict[str, str]:
    """Return names by pseudonym; of people on the list none where it may not be read now."""
    made = {each.person: name_of(each, web.settings.demo) for each in _unlisted(web, known)}
    if found is None:
        return made
    who, synthetic = names(web, found, _me(web)), found.header["synthetic"]
    people = [row["person"] for row in found.rows]
    return {**made, **{person: words.full_name(who.get(person), person, synthetic) for person in people}}


def _decisions(web: Web, known: Meeting) -> list[dict[str, Any]]:
    """Return the decisions on the list of a meeting and on people whom no list holds, oldest first."""
    if not known.run:
        return []
    me = _me(web)
    made = [redacted(row, me) for row in web.service.decisions(run=known.run)]
    for each in _unlisted(web, known):
        told = [row for row in referrals.decisions(web.service, each, me) if row["run"] == known.run]
        made += [{**row, "person": each.person, "particulars": None} for row in told]
    return sorted(made, key=lambda row: str(row["at"]))


def _unlisted(web: Web, known: Meeting) -> list[referrals.Referral]:
    return [each for each in referrals.referrals(web.service, known.area) if each.unlisted]
