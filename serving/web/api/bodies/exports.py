"""Files to take."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from serving.web.api.bodies.fields import TEXT, Taken
from serving.web.exports.making import OF_LIST, OF_MEETING


class FileOffered(BaseModel):
    """A file that can be taken."""

    what: str
    called: str


class ReaderOffered(BaseModel):
    """For whom a chair may take a file."""

    reader: str
    called: str


class Exports(BaseModel):
    """What can be taken as a file, and for whom; where `readers` is empty only for the caller."""

    files: list[FileOffered]
    readers: list[ReaderOffered]


Reader = Annotated[
    str,
    Field(
        max_length=200,
        pattern=TEXT,
        description="`own` for the caller; chairs may say `panel`, or `agency:` and a name, as `readers` lists them.",
    ),
]


class ListExportIn(Taken):
    """A file of a list."""

    what: Literal[tuple(OF_LIST)]  # type: ignore[valid-type]
    reader: Reader = "own"


class MeetingExportIn(Taken):
    """A file of a meeting."""

    what: Literal[tuple(OF_MEETING)]  # type: ignore[valid-type]
    reader: Reader = "own"
