"""What the service itself keeps about people, and since when nothing was added: its own part of what falls due.

A list keeps sealed identities, cases and decisions after it ended; a thread on file (a meeting, what was asked about a
list, a referral) keeps words. Neither goes by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from serving.errors import ListChanged
from serving.filing import Filed
from serving.links import ANSWERED as LINK_ANSWER
from serving.panel.meetings import ACTION, ATTENDANCE, MEETING, MINUTES
from serving.panel.own_views import OWN_VIEW
from serving.panel.referrals import DECIDED, REFERRAL
from serving.panel.registers import CHALLENGE, INCIDENT
from serving.panel.requests import ANSWERED, ASKED, LINK
from serving.release.rules import State
from serving.release.runs import RunSummary
from serving.service import Service

LISTS, ON_FILE = "lists_ended", "documents_on_file"
_ABOUT_PEOPLE = (
    MEETING, ATTENDANCE, ACTION, MINUTES, ASKED, ANSWERED, LINK, LINK_ANSWER, OWN_VIEW, REFERRAL, DECIDED, INCIDENT,
    CHALLENGE,
)  # fmt: skip
_LONDON = ZoneInfo("Europe/London")


def left_behind(service: Service) -> dict[str, Mapping[str, date]]:
    """Return the last day of each list that ended, by run, and of each thread on file, by its subject."""
    return {LISTS: lists_ended(service), ON_FILE: on_file(service)}


def lists_ended(service: Service) -> dict[str, date]:
    """Return when each released list ended: the day of its withdrawal, or the last day of its release.

    A list whose rows were changed is left to `ledger verify`; one whose act of withdrawal was taken out counts from the
    last day of its release.
    """
    ended = {}
    for run in service.runs():
        day = _withdrawn(service, run) if run.state == State.WITHDRAWN else run.expires
        if run.state in (State.WITHDRAWN, State.EXPIRED) and day is not None:
            ended[run.run] = day
    return ended


def _withdrawn(service: Service, run: RunSummary) -> date | None:
    try:
        reviews = service.run(run.run).reviews
    except ListChanged:
        return None
    return max((_day(each["at"]) for each in reviews if each["act"] == "withdraw"), default=run.expires)


def on_file(service: Service) -> dict[str, date]:
    """Return the day of the newest document about people in each thread on file."""
    newest: dict[str, date] = {}
    for each in service.filed(_ABOUT_PEOPLE):
        thread = _thread(each)
        newest[thread] = max(_day(each.at), newest.get(thread, date.min))
    return newest


def _thread(document: Filed) -> str:
    """Return what a document belongs to: a meeting, a list, a pair of records; or an entry that stands for itself."""
    if document.kind == DECIDED:
        return f"{REFERRAL} {document.subject}"
    if document.kind in (REFERRAL, INCIDENT, CHALLENGE):  # their subject is a whole area
        return f"{document.kind} {document.replaces or document.number}"
    return document.subject


def _day(at: str) -> date:
    return datetime.fromisoformat(at).astimezone(_LONDON).date()
