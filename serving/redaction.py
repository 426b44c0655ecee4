"""What a member of a panel is shown of records that another agency holds: that there is something, and no more.

Documents say with ``held_by`` whose records a line rests on, where not everybody at the panel is shown them. A line
that its reader may not see stays in its place with its share and its push, so that lines still add up and nobody
takes what is not shown for something that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from serving.access.humans import same_agency
from serving.people import Permission, Person

REASON = "A reason resting on records of another agency is not shown to you."
CONTRAST = "A comparison resting on records of another agency is not shown to you."
CRITERION = "Records of another agency decide this criterion; they are not shown to you."
SENTENCE = "Something that only another agency's records would tell: not shown to you."
RECORD = "Held by another agency: not shown to you"
NOT_SHOWN = "not shown to you"
WITHHELD = "Withheld: marked as sensitive."
NOT_FOR_PROGRAMS = "Not given to programs: people read it on the pages."
_SECTIONS = ("orders", "marac", "management", "safety", "needs")
Document = Mapping[str, Any]


def for_reader(document: Document, reader: Person) -> dict[str, Any]:
    """Return a row or a case of a list as `reader` may see it.

    Chairs and reviewers see all of it. Anybody else sees what rests on records shared with the whole panel and on
    those of their own agency.

    Parameters
    ----------
    document
        A row or a case, as it was stored; one stored before documents said whose records they rest on is left whole.
    """
    if _sees_all(reader):
        return dict(document)
    return _Reader(reader.agency).document(document)


def may_read(agency: str, reader: Person) -> bool:
    """Say whether `reader` may read words that an agency keeps to itself and to the chair; empty is for everybody."""
    return not agency or same_agency(agency, reader.agency) or _sees_all(reader)


def _sees_all(reader: Person) -> bool:
    return reader.may(Permission.DECIDE) or reader.may(Permission.REVIEW)


class _Reader:
    def __init__(self, agency: str) -> None:
        self._agency = agency

    def may_see(self, line: Document) -> bool:
        return self._holds(line.get("held_by", ()))

    def _holds(self, agencies: Iterable[str]) -> bool:
        return all(same_agency(each, self._agency) for each in agencies)

    def document(self, document: Document) -> dict[str, Any]:
        held = {told for told, agencies in document.get("held_by", {}).items() if not self._holds(agencies)}
        shown = {**document, **({"held_by": {}} if held else {})}
        shown["reasons"] = [self._reason(each) for each in document["reasons"]]
        shown["criteria"] = [self._criterion(each) for each in document["criteria"]]
        shown["missing"] = _sentences(document["missing"], held)
        if "contrast" in document:
            shown["contrast"] = [self._contrast(each) for each in document["contrast"]]
        if "facts" in document:
            shown["facts"] = {name: NOT_SHOWN if name in held else value for name, value in document["facts"].items()}
        if document.get("provisional"):
            questions = _sentences(document["provisional"]["depends_on"], held)
            shown["provisional"] = {**document["provisional"], "depends_on": questions}
        if "link_certainty" in document:
            shown["link_certainty"] = self._link_certainty(document["link_certainty"])
        for section in _SECTIONS:
            if section in document:
                shown[section] = self._records(document[section])
        return shown

    def _reason(self, reason: Document) -> Document:
        if self.may_see(reason):
            return reason
        return {**reason, "text": REASON, "group": NOT_SHOWN, "events": [], "more": 0, "held_by": []}

    def _contrast(self, contrast: Any) -> Any:
        if not isinstance(contrast, Mapping) or self.may_see(contrast):
            return contrast
        return {**contrast, "text": CONTRAST, "group": NOT_SHOWN, "held_by": []}

    def _criterion(self, criterion: Document) -> Document:
        if self.may_see(criterion):
            return criterion
        hidden = {"state": NOT_SHOWN, "held_by": []}
        return {**criterion, **hidden, **({"detail": CRITERION, "events": []} if "detail" in criterion else {})}

    def _link_certainty(self, told: Document) -> Document:
        seen = [each for each in told["sources"] if self.may_see(each)]
        return (
            told
            if len(seen) == len(told["sources"])
            else {**told, "records": None, "sources": [*seen, {"source": RECORD}]}
        )

    def _records(self, records: list[Document]) -> list[Document]:
        """Return the records that may be seen; of the others only that there are some, not how many."""
        seen = [each for each in records if self.may_see(each)]
        return seen if len(seen) == len(records) else [*seen, {"kind": RECORD}]


def _sentences(told: list[Any], held: set[str]) -> list[Any]:
    seen = [each for each in told if each not in held]
    return seen if len(seen) == len(told) else [*seen, SENTENCE]
