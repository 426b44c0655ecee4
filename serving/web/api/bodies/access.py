"""Who has access: conflicts of interest, alarms, accounts, tokens, sites."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from serving.people import Role
from serving.web.api.bodies.fields import TEXT, Agency, Name, Page, Taken, Words


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
