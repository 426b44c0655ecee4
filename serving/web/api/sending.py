"""A call that puts something on file: who sends it, and the key with which it may come again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel
from starlette.requests import Request

from serving.access.viewing import Viewing
from serving.people import Person
from serving.web.access import FromCall, Seen
from serving.web.api.answers import repeat_of
from serving.web.api.bodies.fields import RepeatKey


@dataclass(frozen=True)
class Sending:
    """Who sends a call, and with which key."""

    request: Request
    seen: Viewing
    me: Person
    key: str | None

    def once(self, asked: BaseModel) -> bool:
        """Let what is asked be done once, however often the call comes; say whether it was answered before."""
        self.seen.sent = repeat_of(self.request, self.me, self.key, asked)
        return self.seen.sent is not None and self.seen.answered(self.seen.sent)


def sending(request: Request, seen: Seen, session: FromCall, key: RepeatKey = None) -> Sending:
    """Return who sends a call that carries the session's token; raises `FormRefused`."""
    return Sending(request, seen, session.person, key)


Sent = Annotated[Sending, Depends(sending)]
