"""What the pages need to know about where they run and how people sign in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from serving.people import Person, Role, demo_people
from serving.web.rates import RateSettings

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Claims:
    """Where the provider's ID token says what this service wants to know; parts of a path are joined by full stops.

    Parameters
    ----------
    roles
        ``roles`` in Entra ID (app roles); ``realm_access.roles`` or ``groups`` in Keycloak.
    areas
        A list of areas; empty where this service's own table decides.
    area_prefix
        Only values that begin with it are areas, without it: for providers that send areas among the roles.
    staff_number
        A number that the organisation gives each of its people once; tells who has two accounts.
    """

    roles: str = "roles"
    areas: str = ""
    area_prefix: str = ""
    agency: str = ""
    login: str = "preferred_username"
    staff_number: str = ""


@dataclass(frozen=True)
class Provider:
    """The OpenID Connect provider that people sign in with.

    Parameters
    ----------
    issuer
        Exactly as its ID tokens name it; its metadata lie under ``/.well-known/openid-configuration``.
    tenant
        The ``tid`` that ID tokens must carry (Entra ID); empty where there are no tenants.
    roles
        Which claimed role is which of ours; empty where this service's own table decides.
    areas
        Which claimed value is which area, where they bear other names (ids of groups in Entra ID); else empty.
    address
        Where browsers reach this service, such as ``https://panel.example``.
    """

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    address: str
    tenant: str = ""
    scope: str = "openid profile"
    claims: Claims = field(default_factory=Claims)
    roles: Mapping[str, Role] = field(default_factory=dict)
    areas: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WebSettings:
    """Settings of the web process.

    Parameters
    ----------
    demo
        Made-up users, on loopback only, over runs of made-up people only.
    mark
        Handling mark printed on every page: ``OFFICIAL`` or ``OFFICIAL-SENSITIVE``.
    secure_cookies
        Whether browsers may send the session cookie over HTTPS only. Off in demo mode, which is plain HTTP
        on loopback.
    users
        Users that the sign-in page offers in demo mode.
    rates
        How often somebody may sign in, change something or call the API.
    provider
        How people sign in outside demo mode; None where nobody can.
    hosts
        Names that the service answers to; every name where empty.
    secret
        Signs the cookie of the ten minutes that a sign-in may take.
    idle, longest
        How long a session lasts without a request, and at most.
    mlflow
        Where browsers reach MLflow, such as ``https://mlflow.example``: pages link to it and show nothing of it. Empty
        where it is not configured.
    paper_seconds
        How long a paper may take to make; a proxy gives up on a page after a minute.
    """

    demo: bool
    mark: str = "OFFICIAL-SENSITIVE"
    secure_cookies: bool | None = None
    users: tuple[Person, ...] = field(default_factory=demo_people)
    rates: RateSettings = field(default_factory=RateSettings)
    provider: Provider | None = None
    hosts: frozenset[str] = frozenset()
    secret: str = field(default="", repr=False)
    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=8)
    mlflow: str = ""
    paper_seconds: float = 50

    @property
    def secure(self) -> bool:
        """Whether the cookie is marked Secure."""
        return not self.demo if self.secure_cookies is None else self.secure_cookies

    @property
    def cookie(self) -> str:
        """The name of the session cookie; a Secure one is bound to this host by its prefix."""
        return "__Host-panel" if self.secure else "panel"

    @property
    def transaction_cookie(self) -> str:
        """The name of the cookie that remembers a sign-in on its way."""
        return "__Host-signing-in" if self.secure else "signing-in"
