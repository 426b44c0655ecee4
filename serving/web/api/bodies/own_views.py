"""Chairs' own views of a case, formed before its place is seen."""

from __future__ import annotations

from pydantic import BaseModel

from serving.panel.own_views import Leaning
from serving.web.api.bodies.fields import Taken, Words
from serving.web.api.bodies.filed import FiledOut


class OwnViewIn(Taken):
    """What a chair would decide on the record of a case alone."""

    leaning: Leaning
    words: Words


class OwnViews(BaseModel):
    """Chairs' own views of a case, as far as the caller reads them; `place_seen` where the place had been opened."""

    own_views: list[FiledOut]


class OwnViewsOfList(BaseModel):
    """Who is up for a place, in no order of the list's, and of whom the caller's own view is on file."""

    people: list[str]
    mine: list[str]
