"""What a meeting takes up: its agenda, the order of its cases, and where one case stands among them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from starlette.requests import Request

from serving.panel import kinds_of
from serving.panel.meetings import Meeting, meetings
from serving.panel.referrals import referrals, tabled
from serving.panel.requests import unanswered
from serving.panel.since import falling_due
from serving.people import Person
from serving.release.reading import ReleasedList
from serving.web.pages.lists import cleared, current_decisions, names, places_taken
from serving.web.render import Web
from serving.web.words import full_name

Row = dict[str, Any]


@dataclass(frozen=True)
class Turn:
    """Where a case stands on the agenda of a meeting.

    Parameters
    ----------
    number
        Its place in the order of the agenda, from 1; None where it is not on it.
    cases
        How many cases are on the agenda.
    left
        How many of them are still to be decided, this one included.
    before, after
        The cases before and after it in that order; None at the ends and for a case that is not on it.
    next
        The next case to decide after this one, from the first again after the last; None where none is left but this.
    names
        What these three are called, for whoever may see names.
    others
        Other meetings that work on the same list, the first day first.
    """

    meeting: Meeting
    number: int | None
    cases: int
    left: int
    before: str | None
    after: str | None
    next: str | None
    names: Mapping[str, str] = field(default_factory=dict)
    others: tuple[Meeting, ...] = ()

    @property
    def carry(self) -> str:
        """What an address ends in so that the next page still knows which of several meetings it is opened for."""
        return f"?meeting={self.meeting.meeting}" if self.others else ""


def turn_of(web: Web, me: Person, run: str, person: str, wanted: str = "") -> Turn | None:
    """Return where a case stands on the agenda of its list's meeting; None where no meeting takes up the list.

    Parameters
    ----------
    wanted
        The meeting that a page was opened for; the next one where it is none of this list's.
    """
    of_list = [each for each in meetings(web.service) if each.run == run]
    known = next((each for each in of_list if each.meeting == wanted), None)
    known = known or next_meeting(of_list, web.service.today())
    found = web.service.live_list(run) if known else None
    if known is None or found is None:
        return None
    order, back = order_of(web, found, known.day)
    settled = current_decisions(web, run, me).keys() - {row["person"] for row in back}
    here = turn(known, order, settled, person)
    beside = (here.before, here.after, here.next)
    near = replace(found, rows=tuple(row for row in found.rows if row["person"] in beside))
    who, synthetic = names(web, near, me), found.header["synthetic"]
    called = {row["person"]: full_name(who.get(row["person"]), row["person"], synthetic) for row in near.rows}
    return replace(here, names=called, others=beside_it(known, of_list))


def opened_for(request: Request) -> str:
    """Return the meeting that a page was opened for; empty where its address names none."""
    return request.query_params.get("meeting", "")


def next_meeting(found: Sequence[Meeting], today: date) -> Meeting | None:
    """Return the first meeting from today on, else the last that was."""
    coming = [each for each in found if each.day >= today]
    return min(coming, key=lambda each: each.day) if coming else max(found, key=lambda each: each.day, default=None)


def beside_it(known: Meeting, of_list: Sequence[Meeting]) -> tuple[Meeting, ...]:
    """Return the other meetings that work on the same list, the first day first."""
    others = (each for each in of_list if each.run == known.run and each.meeting != known.meeting)
    return tuple(sorted(others, key=lambda each: each.day))


def turn(known: Meeting, order: Sequence[str], settled: Collection[str], person: str) -> Turn:
    """Return where a case stands in an order of cases of which some are settled."""
    here = order.index(person) if person in order else None
    following = order if here is None else [*order[here + 1 :], *order[:here]]
    return Turn(
        meeting=known,
        number=None if here is None else here + 1,
        cases=len(order),
        left=sum(each not in settled for each in order),
        before=order[here - 1] if here else None,
        after=order[here + 1] if here is not None and here + 1 < len(order) else None,
        next=next((each for each in following if each not in settled), None),
    )


def order_of(web: Web, found: ReleasedList, day: date) -> tuple[list[str], list[Row]]:
    """Return the cases of a list in the order in which a meeting takes them up, and the deferrals that end by its day.

    Ranked above the line, sharing the place at it, on hold, referred by partners, deferred until then: as the page of
    the meeting has them.
    """
    back = _back(web, found, day)
    ranked = [*_above_line(found), *_at_line(found)]
    rows = [*ranked, *(row for name in _SECTIONS for row in found.section(name)), *back]
    return list(dict.fromkeys(row["person"] for row in rows)), back


_SECTIONS = ("held", "referred")


def _sections(found: ReleasedList, gone: Mapping[str, Collection[str]]) -> list[tuple[str, list[Row]]]:
    """Return who is on hold, whose hold was cleared in all its parts, and who was referred."""
    lifted = [row for row in found.section("held") if set(kinds_of(row["hold"])) <= set(gone.get(row["person"], ()))]
    held = [row for row in found.section("held") if row not in lifted]
    return [("held", held), ("cleared", lifted), ("referred", found.section("referred"))]


def _above_line(found: ReleasedList) -> list[Row]:
    return [row for row in found.section("ranked") if row["above_line"]]


def _at_line(found: ReleasedList) -> list[Row]:
    """Return who shares the place at the line: more people than places are left there, and no order among them."""
    return [row for row in found.section("ranked") if row.get("at_line") and not row["above_line"]]


def _back(web: Web, found: ReleasedList, day: date) -> list[Row]:
    shown = {row["person"] for row in found.rows}
    # Of any list: a later one may have settled who was deferred on an earlier one.
    made = [row for person in web.service.deferred(day) & shown for row in web.service.decisions(person=person)]
    return [dict(row) for row in falling_due(made, day)]


def agenda_of(web: Web, me: Person, known: Meeting, found: ReleasedList) -> dict[str, Any]:
    """Return what a chair needs before the first case: what is to be decided, what waits, what is brought back."""
    decided = current_decisions(web, found.run, me)
    referred = tabled(referrals(web.service, known.area), found.run, max(known.day, web.service.today()))
    order, back = order_of(web, found, known.day)
    gone = cleared(web, found.run)
    return {
        "names": names(web, found, me),
        "decided": decided,
        "taken": places_taken(web, found.run, decided, referred),
        "referred": referred,
        "to_decide": _above_line(found),
        "at_line": _at_line(found),
        "sections": _sections(found, gone),
        "cleared": gone,
        "back": back,
        "asked": unanswered(web.service, found.run),
        "turn": replace(
            turn(known, order, decided.keys() - {row["person"] for row in back}, ""),
            others=beside_it(known, meetings(web.service)),
        ),
    }
