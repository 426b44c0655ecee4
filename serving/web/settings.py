"""What the pages need to know about where they run."""

from __future__ import annotations

from dataclasses import dataclass, field

from serving.people import Person, demo_people
from serving.web.rates import RateSettings

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


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
    """

    demo: bool
    mark: str = "OFFICIAL-SENSITIVE"
    secure_cookies: bool | None = None
    users: tuple[Person, ...] = field(default_factory=demo_people)
    rates: RateSettings = field(default_factory=RateSettings)

    @property
    def secure(self) -> bool:
        """Whether the cookie is marked Secure."""
        return not self.demo if self.secure_cookies is None else self.secure_cookies

    @property
    def cookie(self) -> str:
        """The name of the session cookie; a Secure one is bound to this host by its prefix."""
        return "__Host-panel" if self.secure else "panel"
