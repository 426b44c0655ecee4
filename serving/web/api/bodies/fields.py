"""Parts that the bodies of calls and answers are made of."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Query
from pydantic import BaseModel, ConfigDict, Field

TEXT = r"^[^\x00]*$"
"""No database keeps a NUL in a text."""
Words = Annotated[str, Field(min_length=1, max_length=4000, pattern=TEXT)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=TEXT)]
Limit = Annotated[int, Query(ge=1, le=200, description="How many to return at most.")]
ReadTag = Annotated[
    str | None,
    Header(alias="If-None-Match", max_length=200, description="The ETag of what was read before: 304 if it still is."),
]
WriteTag = Annotated[
    str | None,
    Header(alias="If-Match", max_length=200, description="The ETag of the case that was read: 412 if it changed."),
]
RepeatKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="A new key for each act, such as a UUID; a call sent again with it is not done twice.",
    ),
]


class Page(BaseModel):
    """Part of a longer series; `next` is the cursor of the following part, null at the end."""

    next: str | None


Note = Annotated[str, Field(max_length=4000, pattern=TEXT)]

Numbered = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Taken(BaseModel):
    """What a call sends: nothing but what is declared."""

    model_config = ConfigDict(extra="forbid")


Agency = Annotated[str, Field(max_length=200, pattern=TEXT)]
