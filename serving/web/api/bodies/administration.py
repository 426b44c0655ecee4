"""What whoever runs the service looks after: panels, long work, deletion, health."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from serving.web.api.bodies.access import SiteOut
from serving.web.api.bodies.fields import Name, Numbered, Taken, Words
from serving.web.api.bodies.filed import FiledOut
from serving.web.api.bodies.runs import Run
from serving.web.api.bodies.stops import StopOut


class CapacityOut(BaseModel):
    """Places for new cases at one meeting; `disrupt_only` is how much of one disruption only takes."""

    places: int
    reserved: dict[str, int]
    list_factor: int
    disrupt_only: int | float


class PanelOut(BaseModel):
    """The panel of an area: its places on file (null where `panels.yaml` says them), its newest run and its age."""

    area: str
    site: str | None
    filed: FiledOut | None
    newest: Run | None
    scored_with: CapacityOut | None
    age: int | None = Field(description="Days since the newest run.")


class Panels(BaseModel):
    """The panel of each area, and the sites."""

    panels: list[PanelOut]
    sites: list[SiteOut]


class PlacesIn(Taken):
    """Places of an area's panel; `newest` is the number of what they replace."""

    area: Name
    places: int = Field(ge=1, le=500)
    reserved: dict[Name, Annotated[int, Field(ge=0, le=500)]] = Field(default={}, max_length=50)
    list_factor: int = Field(ge=1, le=100)
    reason: Words
    newest: Numbered | None = None


class WorkOut(BaseModel):
    """Long work; `why` and `remedy` are empty where nothing is wrong with it."""

    job: str
    kind: str
    subject: str
    state: str
    asked_by: str
    asked_at: str
    seen_at: str
    ended_at: str | None
    tries: int
    step: str
    done: int
    total: int
    told: str
    why: str
    remedy: str


class Jobs(BaseModel):
    """Long work of the caller's areas, newest first."""

    jobs: list[WorkOut]


class Retention(BaseModel):
    """How much is due for review, as counts; null where nobody counted, or the caller does not work everywhere."""

    due: FiledOut | None


class Health(BaseModel):
    """Which parts of the service are ready."""

    parts: dict[str, bool]


class Attention(BaseModel):
    """What to look at today."""

    unidentified: list[str]
    unused: list[str]
    without_places: list[str]
    jobs: list[WorkOut]
    retention: FiledOut | None
    panels: list[PanelOut]
    stops: list[StopOut]
    health: dict[str, bool]
