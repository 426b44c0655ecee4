"""The ledger."""

from __future__ import annotations

from pydantic import BaseModel

from serving.web.api.bodies.fields import Page


class EntryOut(BaseModel):
    """One entry of the ledger, as it is chained and signed; to programs without the reasons that people wrote in it."""

    seq: int
    prev: str
    at: str
    actor: str
    action: str
    subject: str
    detail: str
    hash: str
    signature: str


class Entries(Page):
    """Entries of the ledger, newest first."""

    entries: list[EntryOut]
