"""What waits for one member of a panel: questions to their agency, actions, and what came of what they said.

Everything here is on file (`serving.panel.requests`, `serving.panel.meetings`) and read as the member may see it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from serving.access.humans import same_agency
from serving.filing import Filed
from serving.panel.meetings import ACTION, Meeting, meetings
from serving.panel.requests import ANSWERED, ASKED, LINK, waiting_for
from serving.people import Person
from serving.release.runs import RunSummary
from serving.service import Service

_MOST = 20
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Answered:
    """A question to the member's agency that it answered, and its answer."""

    asked: Filed
    answer: Filed


@dataclass(frozen=True)
class Actions:
    """Open actions of the panels of a member's areas, the first due first: their own, and those of others."""

    own: Sequence[Filed]
    others: Sequence[Filed]


@dataclass(frozen=True)
class OwnWork:
    """What waits for one person; meetings to come, the next first, and lists that may be read."""

    waiting: Sequence[Filed]
    actions: Actions
    meetings: Sequence[Meeting]
    lists: Sequence[RunSummary]
    answered: Sequence[Answered]
    challenged: Sequence[Filed]


def own_work(service: Service, person: Person) -> OwnWork:
    """Return everything that waits for the person, and what came of what they said."""
    to_come = [each for each in meetings(service) if each.day >= service.today()]
    return OwnWork(
        waiting=waiting_for(service, person.agency) if person.agency else [],
        actions=actions(service, person),
        meetings=sorted(to_come, key=lambda each: each.day),
        lists=[run for run in service.runs() if run.state == "released" and run.published],
        answered=answered(service, person),
        challenged=challenged(service, person),
    )


def answered(service: Service, person: Person) -> list[Answered]:
    """Return what the person's agency answered on lists that may be read now, the newest first."""
    if not person.agency:
        return []
    found = service.filed([ASKED, ANSWERED])
    answers = {each.document["to"]: each for each in found if each.kind == ANSWERED}
    asked = [each for each in found if each.kind == ASKED and each.current and each.document["answered"]]
    mine = [each for each in asked if same_agency(each.document["agency"], person.agency) and each.replaces in answers]
    made = [Answered(each, answers[each.replaces or 0]) for each in _live(service, mine)]
    return sorted(made, key=lambda each: each.answer.number, reverse=True)[:_MOST]


def challenged(service: Service, person: Person) -> list[Filed]:
    """Return the links that the person, or somebody of their agency, challenged on lists that may be read now."""
    found = [each for each in service.filed([LINK]) if each.current]
    mine = [each for each in found if each.by == person.user or same_agency(each.agency, person.agency)]
    return _live(service, mine)[::-1][:_MOST]


def actions(service: Service, person: Person) -> Actions:
    """Return the open actions that the person may know of."""
    found = [each for each in service.filed([ACTION]) if each.current and not each.document["done"]]
    found.sort(key=lambda each: (each.document["due"], each.number))
    own = [each for each in found if _names(each.document["owner"], person)]
    return Actions(own, [each for each in found if each not in own])


def _names(owner: str, person: Person) -> bool:
    """Say whether an owner, as a chair wrote it, names the person or their agency as whole words."""
    said = _words(owner)
    return any(f" {name.strip()} " in said for name in (_words(person.name), _words(person.agency)) if name.strip())


def _words(text: str) -> str:
    """Return a text's words in small letters, each between blanks."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def _live(service: Service, found: list[Filed]) -> list[Filed]:
    live = {run for run in {each.subject for each in found} if service.live_list(run) is not None}
    return [each for each in found if each.subject in live]
