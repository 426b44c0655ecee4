"""Whether somebody who was referred by name is on a list after all: then the panel decides on their case.

A case carries what a referral cannot: holds, the concerns of a victim-safety check, the hearings of a MARAC. Names are
compared as `serving.access.cases.likeness` does, on the lists that may be read now.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from serving.access.cases import likeness
from serving.errors import DecisionRefused, NoLiveRelease, NotFound, NotPermitted
from serving.release import reading
from serving.service import Service

_Known = tuple[str, Mapping[str, Mapping[str, Any]]]  # a run and who is on its list
_SAME = "own_record"  # the same name and date of birth


@dataclass(frozen=True)
class Namesake:
    """Somebody on a list who may be whom an agency referred by name.

    Parameters
    ----------
    same
        Whether the date of birth is the same too, or only the name.
    """

    run: str
    person: str
    same: bool


def namesakes(service: Service, area: str, who: Mapping[str, Any]) -> list[Namesake]:
    """Return who on the lists of an area may be a person, as far as their cases are open to the reader."""
    if not who.get("family_name"):
        return []
    lists = (service.live_list(run.run) for run in service.runs([area]) if run.published)
    return list(_alike(((found.run, service.identities(found)) for found in lists if found is not None), who))


def need_no_case(service: Service, area: str, who: Mapping[str, Any]) -> None:
    """Pass if nobody of the same name and date of birth has a case, whether or not it is open to the reader.

    Raises
    ------
    DecisionRefused
        In the same words whether or not the case is open to the reader. A chair who finds none named on the page can
        infer one that is closed to them (decision 36); an alarm is raised, as for any other access to such a case.
    """
    for each in _alike(_everybody(service, area), who):
        if not each.same:
            continue
        with contextlib.suppress(NotFound, NotPermitted):
            service.case(each.run, each.person)
        raise DecisionRefused(
            "Somebody of this name and date of birth has a case.",
            "Decide on the case, where holds and safety checks stand; if none is named above, ask an administrator.",
        )


def _everybody(service: Service, area: str) -> Iterator[_Known]:
    for run in service.runs([area]):
        try:
            found = reading.released_list(service.stores, run.run)
        except NoLiveRelease:
            continue
        yield found.run, reading.identities(service.stores, found)


def _alike(lists: Iterable[_Known], who: Mapping[str, Any]) -> Iterator[Namesake]:
    for run, known in lists:
        for person, theirs in known.items():
            found = likeness(who, theirs)
            if found:
                yield Namesake(run, person, found == _SAME)
