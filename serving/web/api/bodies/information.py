"""What agencies are asked about a case, and challenges to its links."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from serving.web.api.bodies.fields import Name, Taken, Words
from serving.web.api.bodies.filed import FiledOut


class QuestionIn(Taken):
    """A question to an agency about a case."""

    agency: Name
    what: Words
    due: date


class AnswerIn(Taken):
    """An answer of the caller's own agency; `for_all` lets the whole panel read it."""

    words: Words
    for_all: bool


class WhyIn(Taken):
    """Why records are challenged."""

    why: Words


class RequestOut(BaseModel):
    """A question with its answer, where there is one for the caller."""

    asked: FiledOut
    answered: bool
    answer: FiledOut | None


class Information(BaseModel):
    """What was asked and answered about a case, and the challenges to its links."""

    requests: list[RequestOut]
    challenges: list[FiledOut]


class Waiting(BaseModel):
    """What the caller's agency was asked and has not answered."""

    agency: str
    waiting: list[FiledOut]
