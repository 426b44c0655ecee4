"""Stopping every list at once: nothing of an area's lists is shown or decided on until a reviewer lets them go on.

A withdrawal takes one list back for good. A stop is for the hour in which something may be wrong with all of them and
nobody knows yet with which: whoever may withdraw may stop, alone and at once; to go on needs a governance reviewer
other than who stopped.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from serving.access.accounts.one_person import humans
from serving.errors import FilingConflict, FilingRefused, NoLiveRelease
from serving.filing import Draft, file, found_in
from serving.ledger import Ledger
from serving.people import Permission, Person
from serving.repeats import Repeat
from serving.storage.stores import Stores

STOP, ACTION = "stop", "filed.stop"
EVERYWHERE = "*"


@dataclass(frozen=True)
class Stop:
    """A stop in force; `reason` is empty where its document was changed or taken away behind the ledger's back."""

    area: str
    by: str
    at: str
    reason: str

    def holds_for(self, area: str) -> bool:
        """Say whether it stops the lists of an area."""
        return self.area in (EVERYWHERE, area)


def stop(stores: Stores, by: Person, area: str, reason: str, repeat: Repeat | None = None) -> None:
    """Stop the lists of an area, or of every area (``*``).

    Raises
    ------
    NotPermitted, NotFound, FilingRefused, FilingConflict
        The last where they are stopped already.
    """
    by.need(Permission.WITHDRAW)
    by.need_area(area)
    _file(stores, by, area, reason, True, repeat)


def let_go_on(stores: Stores, by: Person, area: str, reason: str, repeat: Repeat | None = None) -> None:
    """Let the lists of an area be shown again; raises as `stop`, and where who stopped them wants to lift it alone."""
    by.need(Permission.REVIEW)
    by.need_area(area)
    _file(stores, by, area, reason, False, repeat)


def stops(ledger: Ledger, connection: Connection, area: str | None = None) -> list[Stop]:
    """Return the stops in force that hold for an area; for None those of every area.

    A stop stands by its entry in the ledger, even where somebody removed or changed its document.
    """
    subjects = ledger.subjects(connection, ACTION) if area is None else {_subject(area), _subject(EVERYWHERE)}
    last = [
        entries[-1] for entries in (ledger.genuine(connection, each, [ACTION]) for each in sorted(subjects)) if entries
    ]
    standing = [entry for entry in last if entry.content["stopped"]]
    if not standing:
        return []
    said = {each.number: str(each.document["reason"]) for each in found_in(connection, ledger, [STOP])}
    return [
        Stop(entry.content["area"], entry.actor, entry.at, said.get(entry.content["number"], "")) for entry in standing
    ]


def refuse_stopped(ledger: Ledger, connection: Connection, area: str) -> None:
    """Pass, or raise `NoLiveRelease` where the lists of an area are stopped."""
    for each in stops(ledger, connection, area):
        where = "every area" if each.area == EVERYWHERE else "this area"
        raise NoLiveRelease(
            f"The lists of {where} are stopped since {each.at[:10]}: {each.reason or 'its reason cannot be read'}",
            "A governance reviewer other than who stopped them lets them go on.",
        )


def _file(stores: Stores, by: Person, area: str, reason: str, stopped: bool, repeat: Repeat | None) -> None:
    if not reason.strip():
        raise FilingRefused("Say why.", "Write the reason in a sentence; name no person in it.")
    with stores.acting() as acting:
        if repeat is not None and repeat.first_answer(acting.connection, acting.now) is not None:
            return
        last = next((each for each in stops(acting.ledger, acting.connection, area) if each.area == area), None)
        if stopped == (last is not None):
            state = "stopped already" if stopped else "not stopped"
            who, when = (last.by, last.at) if last else ("", "")
            raise FilingConflict(f"The lists are {state}.", "Read the page again.", who, when)
        known_as = humans(acting.connection, acting.ledger.signer).one_name
        if last is not None and known_as(last.by) == known_as(by.user):
            raise FilingRefused("You stopped these lists yourself.", "Another governance reviewer lets them go on.")
        told = {"stopped": stopped}
        file(acting, by, Draft(STOP, _subject(area), area, {**told, "reason": reason.strip()}, told=told))
        if repeat is not None:
            repeat.keep(acting.connection, acting.now, told)


def _subject(area: str) -> str:
    return f"stop {area}"
