"""Signing in with an OpenID Connect provider: authorisation code with PKCE, state, nonce, a validated ID token.

Authlib does the protocol. This module pins what it may accept: one issuer, one tenant, signatures by a key of the
provider's own, and reads roles and areas from the claims as the settings say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx2
from authlib.integrations.starlette_client import OAuth, OAuthError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from serving.access.accounts import Arrival
from serving.errors import NotPermitted, ServingError
from serving.people import Role
from serving.web.settings import Claims, Provider

BACK = "/sign-in/back"
_SIGNED = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_SECONDS = 10
_LEEWAY = 60


class SignInRefused(NotPermitted):
    """A sign-in came back with something that is not accepted; `kind` names it for the ledger."""

    def __init__(self, kind: str, message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.kind = kind


class ProviderUnreachable(ServingError):
    """The sign-in provider does not answer, or not as one."""


class SignIn:
    """One provider, ready to send people to and to take them back."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._client = OAuth().register(
            "provider",
            server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            client_kwargs={"scope": provider.scope, "code_challenge_method": "S256", "timeout": _SECONDS},
        )

    async def leave(self, request: Request) -> Response:
        """Return the redirect to the provider; state, nonce and verifier stay in the ten-minute cookie."""
        await self._metadata()
        answer: Response = await self._client.authorize_redirect(request, f"{self._provider.address}{BACK}")
        return answer

    async def come_back(self, request: Request) -> Arrival:
        """Return who came back.

        Raises
        ------
        SignInRefused
            If the state is not this browser's, or the code or the ID token is not accepted.
        ProviderUnreachable
        """
        await self._metadata()
        try:
            token = await self._client.authorize_access_token(
                request,
                leeway=_LEEWAY,
                claims_options={"iss": {"essential": True, "value": self._provider.issuer}},
            )
        except httpx2.HTTPError as problem:
            raise _unreachable() from problem
        except OAuthError as problem:
            kind = "state" if problem.error == "mismatching_state" else "code"
            raise _again(kind) from problem
        except (JoseError, ValueError) as problem:
            raise _again("token") from problem
        claims = token.get("userinfo")
        if not claims:
            raise _again("token")
        return self._arrival(claims)

    async def goodbye(self) -> str:
        """Return the address at which the provider ends its own session; empty where it offers none."""
        try:
            metadata = await self._metadata()
        except ServingError:
            return ""
        address = metadata.get("end_session_endpoint")
        back = {"client_id": self._provider.client_id, "post_logout_redirect_uri": f"{self._provider.address}/sign-in"}
        return f"{address}?{urlencode(back)}" if address else ""

    async def _metadata(self) -> Mapping[str, Any]:
        """Return what the provider says of itself, as far as it is the pinned issuer."""
        try:
            metadata: dict[str, Any] = await self._client.load_server_metadata()
        except (httpx2.HTTPError, ValueError) as problem:
            raise _unreachable() from problem
        if metadata.get("issuer") != self._provider.issuer:
            raise SignInRefused(
                "issuer", "The sign-in provider is not the one that is set up.", "Tell the administrator."
            )
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in _SIGNED]
        return metadata

    def _arrival(self, claims: Mapping[str, Any]) -> Arrival:
        provider, wanted = self._provider, self._provider.claims
        if provider.tenant and claims.get("tid") != provider.tenant:
            raise SignInRefused("tenant", "This sign-in is of another organisation.", "Use your own account.")
        _refuse_left_out(claims, wanted)
        login = str(claim(claims, wanted.login) or claims["sub"])
        return Arrival(
            provider=provider.issuer,
            subject=str(claims["sub"]),
            login=login,
            name=str(claims.get("name") or login),
            role=role_of(claims, provider),
            areas=areas_of(claims, provider),
            agency=str(claim(claims, wanted.agency) or "") if wanted.agency else "",
            identity=identity_of(claims, wanted) or None,
        )


def claim(claims: Mapping[str, Any], path: str) -> Any:
    """Return the claim at a path such as ``realm_access.roles``; None where there is none."""
    if path in claims:  # a claim's own name may hold full stops
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def role_of(claims: Mapping[str, Any], provider: Provider) -> Role | None:
    """Return the one role that the claims give; None where none does, or where our own table decides.

    Raises
    ------
    SignInRefused
        If they give two: whoever reviews lists must not also chair the panel.
    """
    given = {provider.roles[name] for name in _listed(claim(claims, provider.claims.roles)) if name in provider.roles}
    if len(given) > 1:
        raise SignInRefused(
            "two_roles", "Your sign-in gives you more than one role here.", "Ask an administrator to leave one."
        )
    if provider.roles and not given:
        raise SignInRefused("no_role", "Your sign-in gives you no role in this service.", "Ask an administrator.")
    return next(iter(given), None)


def areas_of(claims: Mapping[str, Any], provider: Provider) -> frozenset[str] | None:
    """Return the areas that the claims give; None where our own table decides."""
    wanted = provider.claims
    if not wanted.areas:
        return None
    values, prefix = _listed(claim(claims, wanted.areas)), wanted.area_prefix
    if provider.areas:
        return frozenset(provider.areas[value] for value in values if value in provider.areas)
    return frozenset(value.removeprefix(prefix) for value in values if value.startswith(prefix))


def _refuse_left_out(claims: Mapping[str, Any], wanted: Claims) -> None:
    """Refuse claims of which a wanted one was left out as too long, which is not the same as holding nothing.

    Entra ID leaves groups out of a token of somebody with more than two hundred, and says where to ask for them.
    """
    elsewhere = claims.get("_claim_names")
    left_out = set(elsewhere) if isinstance(elsewhere, Mapping) else set()
    left_out |= {"groups"} if claims.get("hasgroups") in (True, "true") else set()
    if left_out & {wanted.roles, wanted.areas}:
        raise SignInRefused(
            "groups_left_out",
            "You are in more groups than your organisation's sign-in can send.",
            "Ask the administrator to give you an app role of this service instead of groups.",
        )


def identity_of(claims: Mapping[str, Any], wanted: Claims) -> dict[str, str]:
    """Return what the claims say of who somebody is.

    An address of e-mail counts only where the provider verified it (``email_verified``; Entra ID says ``xms_edov``):
    anybody could else claim somebody else's.
    """
    is_verified = any(claims.get(name) in (True, 1, "1", "true") for name in ("email_verified", "xms_edov"))
    found = {
        "given_name": claims.get("given_name"),
        "family_name": claims.get("family_name"),
        "date_of_birth": claims.get("birthdate"),
        "postcode": claim(claims, "address.postal_code"),
        "email": claims.get("email") if is_verified else None,
        "staff_number": claim(claims, wanted.staff_number) if wanted.staff_number else None,
    }
    return {name: str(value) for name, value in found.items() if value}


def _listed(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.split()
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _again(kind: str) -> SignInRefused:
    return SignInRefused(kind, "Your sign-in could not be completed.", "Start again from the sign-in page.")


def _unreachable() -> ProviderUnreachable:
    return ProviderUnreachable("The sign-in provider does not answer.", "Try again in a few minutes.")
