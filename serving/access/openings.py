"""Who opened which case before deciding on it: the few views that the figures of oversight need, not all there are.

A list that was worked with has thousands of views, each with a signature of its own. Those that no decision asks about
are left out before any is verified.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from serving.access.viewing import Viewing
from serving.people import Permission
from serving.storage.tables import views as table

OPENED = "view.case"


def openings(seen: Viewing, run: str, decided: Collection[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return when those who decided on a case opened it (actor, at, detail), as far as this service wrote it.

    Parameters
    ----------
    decided
        Who decided on whom: user and pseudonym, of cases that are open to the person who asks.
    """
    seen.person.need(Permission.SEE_LEDGER)
    seen.area(run)
    people: dict[str, set[str]] = {}
    for user, person in decided:
        people.setdefault(user, set()).add(person)
    if not people:
        return []
    columns = table.c
    query = select(table).where(columns.subject == run, columns.action == OPENED, columns.actor.in_(sorted(people)))
    with seen.stores.panel.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    # Text that this service did not write is looked at, and not read, before its signature is found to be right.
    asked = [row for row in rows if any(person in row["detail"] for person in people[row["actor"]])]
    genuine = filter(seen.stores.ledger.is_waiting, asked)
    found = [{"actor": row["actor"], "at": row["at"], "detail": json.loads(row["detail"])} for row in genuine]
    return [each for each in found if each["detail"].get("person") in people[each["actor"]]]
