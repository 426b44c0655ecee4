"""How people of a real workspace sign in: ``sign-in.yaml``, read and checked once."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from drive_panel.errors import NotConfigured
from drive_panel.workspace import Workspace
from serving.people import PEOPLE, Role
from serving.web.settings import LOOPBACK, Claims, Provider, WebSettings

FILE = "sign-in.yaml"
_CREDENTIALS = "CREDENTIALS_DIRECTORY"  # where systemd puts what LoadCredential= names


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ClaimSettings(_Strict):
    """Where an ID token says what; see `serving.web.settings.Claims`."""

    roles: str = "roles"
    areas: str = ""
    area_prefix: str = ""
    agency: str = ""
    login: str = "preferred_username"
    staff_number: str = ""


class ProviderSettings(_Strict):
    """The provider; the secret lies in a file or a systemd credential, never in this one."""

    name: str = "your organisation’s account"
    issuer: str = Field(pattern=r"^https?://[^\s?#]+$")
    tenant: str = ""
    client_id: str = Field(min_length=1)
    client_secret_file: str = ""
    client_secret_credential: str = ""
    scope: str = "openid profile"

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if bool(self.client_secret_file) == bool(self.client_secret_credential):
            raise ValueError("give either client_secret_file or client_secret_credential")
        if "openid" not in self.scope.split():
            raise ValueError("scope must hold openid")
        if "login.microsoftonline.com" in self.issuer and not self.tenant:
            raise ValueError("tenant is needed with Entra ID")
        return self


class SessionSettings(_Strict):
    """How long a session lasts."""

    idle_minutes: int = Field(default=30, ge=1, le=240)
    longest_hours: int = Field(default=8, ge=1, le=24)


class SignInSettings(_Strict):
    """The whole file."""

    address: str = Field(pattern=r"^https?://[^\s/?#]+$")
    provider: ProviderSettings
    claims: ClaimSettings = ClaimSettings()
    roles: dict[str, Role] = {}
    areas: dict[str, str] = {}
    session: SessionSettings = SessionSettings()
    trusted_proxies: list[str] = []

    @model_validator(mode="after")
    def _safe(self) -> Self:
        for place in (self.address, self.provider.issuer):
            if place.startswith("http://") and _host(place) not in LOOPBACK:
                raise ValueError("address and issuer must begin with https:// (http:// on this machine only)")
        if any(role not in PEOPLE for role in self.roles.values()):
            raise ValueError(f"roles are {', '.join(PEOPLE)}")
        if self.areas and not self.claims.areas:
            raise ValueError("areas needs claims.areas, which says where the names come from")
        if "*" in self.trusted_proxies:
            raise ValueError("trusted_proxies names addresses, not *")
        return self


def read(workspace: Workspace) -> SignInSettings:
    """Return how people sign in to the workspace.

    Raises
    ------
    NotConfigured
        If nobody has said so, or the file is wrong: by the place in it, never by its content.
    """
    place = workspace.home / FILE
    if not place.exists():
        raise NotConfigured(
            f"Nobody has said how people sign in: there is no {FILE} in the workspace.",
            "Write it as docs/guides/administrator.md shows, or try the pages on made-up people: "
            "drive-panel --home DIR demo",
        )
    try:
        return SignInSettings.model_validate(workspace.read_settings(place))
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise NotConfigured(f"{FILE} is wrong at {where}: {first['msg']}.", "Correct it.") from None


def web_settings(workspace: Workspace, found: SignInSettings) -> WebSettings:
    """Return what the web process needs, with the secret read from where it lies."""
    provider = found.provider
    secure = found.address.startswith("https://")
    return WebSettings(
        demo=False,
        secure_cookies=secure,
        provider=Provider(
            name=provider.name,
            issuer=provider.issuer,
            client_id=provider.client_id,
            client_secret=_secret(workspace, provider),
            address=found.address,
            tenant=provider.tenant,
            scope=provider.scope,
            claims=Claims(**found.claims.model_dump()),
            roles=found.roles,
            areas=found.areas,
        ),
        hosts=frozenset({_host(found.address)}),
        secret=workspace.secret("sign-in.key"),
        idle=timedelta(minutes=found.session.idle_minutes),
        longest=timedelta(hours=found.session.longest_hours),
    )


def _secret(workspace: Workspace, provider: ProviderSettings) -> str:
    if provider.client_secret_file:
        place = workspace.home / provider.client_secret_file
        if place.is_file() and stat.S_IMODE(place.stat().st_mode) & 0o077:
            raise NotConfigured(f"Others can read {place.name}.", f"chmod 600 {place.name}")
    else:
        place = Path(os.environ.get(_CREDENTIALS, ".")) / provider.client_secret_credential
    try:
        secret = place.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if not secret:
        raise NotConfigured(f"The client secret cannot be read from {place.name}.", f"{FILE} says where it lies.")
    return secret


def _host(address: str) -> str:
    host = address.partition("://")[2].partition("/")[0]
    return host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
