"""Stopping every list at once: nothing of an area's lists is shown or decided on until a reviewer lets them go on.

A withdrawal takes one list back for good. A stop is for the hour in which something may be wrong with all of them and
nobody knows yet with which: whoever may withdraw may stop, alone and at once; to go on needs a governance reviewer
other than who stopped.
"""

from __future__ import annotations

from sqlalchemy import Connection

from serving.access.accounts import humans
from serving.errors import FilingConflict, FilingRefused, NoLiveRelease
from serving.filing import Draft, Filed, file, found_in
from serving.ledger import Ledger
from serving.people import Permission, Person
from serving.storage.stores import Stores

STOP = "stop"
EVERYWHERE = "*"


def stop(stores: Stores, by: Person, area: str, reason: str) -> int:
    """Stop the lists of an area, or of every area (``*``), and return the number of the stop.

    Raises
    ------
    NotPermitted, NotFound, FilingRefused, FilingConflict
        The last where they are stopped already.
    """
    by.need(Permission.WITHDRAW)
    by.need_area(area)
    return _file(stores, by, area, reason, stopped=True)


def let_go_on(stores: Stores, by: Person, area: str, reason: str) -> int:
    """Let the lists of an area be shown again; raises as `stop`, and where who stopped them wants to lift it alone."""
    by.need(Permission.REVIEW)
    by.need_area(area)
    return _file(stores, by, area, reason, stopped=False)


def stops(ledger: Ledger, connection: Connection, area: str | None = None) -> list[Filed]:
    """Return the stops in force that hold for an area; for None those of every area."""
    areas = None if area is None else (area, EVERYWHERE)
    return [each for each in found_in(connection, ledger, [STOP], areas=areas) if each.current and _stops(each)]


def refuse_stopped(ledger: Ledger, connection: Connection, area: str) -> None:
    """Pass, or raise `NoLiveRelease` where the lists of an area are stopped."""
    for each in stops(ledger, connection, area):
        where = "every area" if each.area == EVERYWHERE else "this area"
        raise NoLiveRelease(
            f"The lists of {where} are stopped since {each.at[:10]}: {each.document['reason']}",
            "A governance reviewer other than who stopped them lets them go on.",
        )


def _file(stores: Stores, by: Person, area: str, reason: str, stopped: bool) -> int:
    if not reason.strip():
        raise FilingRefused("Say why.", "Write the reason in a sentence; name no person in it.")
    with stores.acting() as acting:
        known = [each for each in found_in(acting.connection, acting.ledger, [STOP], areas=[area]) if each.current]
        last = known[-1] if known else None
        if stopped == bool(last and _stops(last)):
            state = "stopped already" if stopped else "not stopped"
            raise FilingConflict(f"The lists are {state}.", "Read the page again.")
        known_as = humans(acting.connection, acting.ledger.signer).one_name
        if not stopped and last is not None and known_as(last.by) == known_as(by.user):
            raise FilingRefused("You stopped these lists yourself.", "Another governance reviewer lets them go on.")
        document = {"stopped": stopped, "reason": reason.strip()}
        draft = Draft(STOP, f"stop {area}", area, document, replaces=last.number if last else None)
        return file(acting, by, draft)


def _stops(found: Filed) -> bool:
    return bool(found.document["stopped"])
