"""What the API takes and gives of who has access, and of what whoever runs the service looks after."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from serving.people import Role
from serving.web.api.filed_models import FiledOut, Numbered, StopOut, Taken
from serving.web.api.models import TEXT, Name, Page, Run, Words

Agency = Annotated[str, Field(max_length=200, pattern=TEXT)]


class ConflictOut(BaseModel):
    """A conflict of interest that stands."""

    user: str
    person: str
    run: str
    declared_at: str


class AlarmOut(BaseModel):
    """Somebody who opened, or tried to open, a case that is not theirs to read."""

    user: str
    person: str
    kind: str
    run: str
    at: str


class AccountOut(BaseModel):
    """An account; `known_by` is what tells its holder from other people."""

    user: str
    name: str
    role: Role
    areas: list[str]
    agency: str
    active: bool
    login: str
    provider: str
    added_by: str
    added_at: str
    signed_in_at: str | None
    known_by: list[str]


class TokenOut(BaseModel):
    """A service account; its token is shown nowhere."""

    name: str
    scopes: list[str]
    areas: list[str]
    made_by: str
    made_at: str
    expires: date
    revoked_at: str | None


class SiteOut(BaseModel):
    """A site, and where in it each provider delivers Drive."""

    site: str
    areas: list[str]
    places: int
    providers: dict[str, list[str]]
    closed: bool


class Access(BaseModel):
    """Who has access; all but conflicts of interest is null where it is not for the caller."""

    conflicts: list[ConflictOut]
    alarms: list[AlarmOut] | None
    users: list[AccountOut] | None
    tokens: list[TokenOut] | None
    sites: list[SiteOut] | None


class BlockIn(Taken):
    """An account to block, or to let in again."""

    user: Name
    active: bool


class UserIn(Taken):
    """An account whose sessions end."""

    user: Name


class LiftIn(Taken):
    """A conflict of interest to lift, and why."""

    user: Name
    person: Name
    reason: Words


class CapacityOut(BaseModel):
    """Places for new cases at one meeting."""

    places: int
    reserved: dict[str, int]
    list_factor: int


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


class Accounts(Page):
    """Accounts of the caller's areas, by name."""

    users: list[AccountOut]


class SignInOut(BaseModel):
    """One session."""

    started_at: str
    seen_at: str
    ended_at: str | None


class AccountDetail(BaseModel):
    """An account; `newest` is what a change of it names, `said` what only the sign-in provider changes."""

    user: AccountOut
    newest: int
    said: list[str]
    conflicts: int = Field(description="How many cases a conflict of interest closes to them.")
    named: int = Field(description="For how many restricted cases they are named.")
    sign_ins: list[SignInOut]


class AccountIn(Taken):
    """What an account is to have from now on; `newest` is the change of it that was read."""

    role: Role
    areas: Annotated[list[Name], Field(min_length=1, max_length=200)]
    agency: Agency = ""
    newest: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


class NewAccountIn(Taken):
    """An account to add, before its holder first signs in as `login`."""

    user: Name
    name: Name
    login: Annotated[str, Field(max_length=200, pattern=TEXT)] = ""
    role: Role
    areas: Annotated[list[Name], Field(min_length=1, max_length=200)]
    agency: Agency = ""
