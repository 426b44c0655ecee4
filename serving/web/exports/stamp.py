"""What every page and sheet that leaves says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from serving.web.words import moment

WHOLE_PANEL = "the whole panel: nothing that one agency keeps to itself"


@dataclass(frozen=True)
class Stamp:
    """Who took what, when, for whom, and up to where the ledger went.

    Parameters
    ----------
    mark
        How it is to be handled, such as OFFICIAL-SENSITIVE.
    title
        What it is, such as ``Paper pack, Castlebridge, meeting of 3 June 2027``.
    reader
        Whose eyes it is for, in words.
    head
        The newest entry of the ledger, as `ledger verify --against` takes it.
    list_hash
        The hash of the list that it is from; empty where it is from none.
    """

    mark: str
    synthetic: bool
    title: str
    by: str
    at: datetime
    reader: str
    head: str
    list_hash: str = ""

    @property
    def heading(self) -> str:
        """The mark, and that everybody is made up where they are."""
        return f"{self.mark}: everybody here is made up" if self.synthetic else self.mark

    @property
    def line(self) -> str:
        """Who took it, when and for whom, in one line."""
        return f"Taken by {self.by}, {moment(self.at)}, for {self.reader}"

    def facts(self) -> list[tuple[str, str]]:
        """Return all of it as names and values."""
        told = [
            ("Mark", self.heading),
            ("What it is", self.title),
            ("Taken by", self.by),
            ("Taken", moment(self.at)),
            ("For", self.reader),
            ("Head of the ledger", self.head),
        ]
        return [*told, *([("Hash of the list", self.list_hash)] if self.list_hash else [])]
