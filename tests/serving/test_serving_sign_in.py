"""Signing in with a real provider on this machine, and with one that forges what it sends."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.testclient import TestClient

from serving import Role, Service
from serving.access.accounts import Accounts
from serving.people import Person
from serving.web import WebSettings, create_app
from serving.web.settings import Claims, Provider

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib")
HERE = "https://panel.example"
PROVIDER = Provider(
    name="Force account",
    issuer="",
    client_id="drive-panel",
    client_secret="made up",
    address=HERE,
    roles={"dp-chair": Role.CHAIR, "dp-reviewer": Role.REVIEWER, "dp-admin": Role.ADMINISTRATOR},
    claims=Claims(areas="areas"),
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider that answers over HTTP as a real one does; it signs in whomever a test asks for."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        from oidc_provider_mock import run_server_in_thread

        with run_server_in_thread(require_nonce=True) as server:
            yield f"http://localhost:{server.server_port}"


@pytest.fixture
def site(service: Service) -> Callable[..., TestClient]:
    """Build the application for a provider and open a browser without cookies on it."""

    def make(issuer: str, **changes: Any) -> TestClient:
        settings = WebSettings(
            demo=False, provider=replace(PROVIDER, issuer=issuer, **changes), hosts=frozenset({"panel.example"})
        )
        return browser(create_app(service, settings))

    return make


def browser(app: Any) -> TestClient:
    return TestClient(app, base_url=HERE, follow_redirects=False)


def known(issuer: str, subject: str, **claims: Any) -> None:
    standard = {"preferred_username": f"{subject}@force.example", "name": f"{subject.title()} Field"}
    httpx2.put(f"{issuer}/users/{subject}", json={**standard, **claims}).raise_for_status()


def to_provider(client: TestClient, next: str = "/") -> str:
    answer = client.get("/sign-in/start", params={"next": next})
    assert answer.status_code == 302
    return str(answer.headers["location"])


def from_provider(address: str, subject: str) -> str:
    answer = httpx2.post(address, data={"sub": subject})
    assert answer.status_code == 302
    return str(answer.headers["location"]).removeprefix(HERE)


def sign_in(client: TestClient, subject: str, next: str = "/") -> Any:
    return client.get(from_provider(to_provider(client, next), subject))


def me(client: TestClient) -> dict[str, Any]:
    return dict(client.get("/api/v1/session").json())


def test_a_person_signs_in_with_the_role_and_areas_that_the_provider_claims(
    issuer: str, site: Callable[..., TestClient], service: Service, released: str
) -> None:
    known(issuer, "casey", roles=["other", "dp-chair"], areas=["castlebridge"])
    client = site(issuer)
    offer = client.get(f"/lists/{released}")
    assert (offer.status_code, offer.headers["location"]) == (303, f"/sign-in?next=/lists/{released}")
    assert "Sign in with Force account" in client.get("/sign-in").text
    back = sign_in(client, "casey", f"/lists/{released}")
    assert (back.status_code, back.headers["location"]) == (303, f"/lists/{released}")
    assert {key: me(client)[key] for key in ("user", "role", "areas")} == {
        "user": "casey",
        "role": "chair",
        "areas": ["castlebridge"],
    }
    assert client.get(f"/lists/{released}").status_code == 200
    assert Accounts(service.stores).find("casey").name == "Casey Field"
    assert [view["action"] for view in service.views(released)] == ["view.list"]
    assert service.ledger(1)[0].action == "session.started"


def test_the_way_to_the_provider_carries_state_nonce_and_a_challenge(
    issuer: str, site: Callable[..., TestClient]
) -> None:
    client = site(issuer)
    query = parse_qs(urlsplit(to_provider(client)).query)
    assert query["response_type"] == ["code"]
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == [f"{HERE}/sign-in/back"]
    assert min(len(query[name][0]) for name in ("state", "nonce", "code_challenge")) >= 20
    cookie = client.get("/sign-in/start").headers["set-cookie"]
    assert cookie.startswith("__Host-signing-in=")
    assert all(part in cookie.lower() for part in ("path=/", "max-age=600", "httponly", "samesite=lax", "secure"))


def test_the_session_cookie_is_bound_to_the_host_and_new_at_each_sign_in(
    issuer: str, site: Callable[..., TestClient]
) -> None:
    known(issuer, "casey", roles=["dp-chair"], areas=["castlebridge"])
    client = site(issuer)
    client.cookies.set("__Host-panel", "chosen-by-somebody-else")
    back = sign_in(client, "casey")
    cookie = next(value for value in back.headers.get_list("set-cookie") if value.startswith("__Host-panel="))
    assert "chosen-by-somebody-else" not in cookie
    assert all(part in cookie for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))
    first = browser(client.app)
    first.cookies.set("__Host-panel", cookie.partition("=")[2].partition(";")[0])
    assert me(first)["user"] == "casey"
    client.cookies.clear()
    client.cookies.set("__Host-panel", first.cookies["__Host-panel"])
    sign_in(client, "casey")
    assert first.get("/api/v1/session").status_code == 401  # the one that the browser came with has ended


def test_a_state_of_another_browser_or_used_before_is_refused_and_in_the_ledger(
    issuer: str, site: Callable[..., TestClient], service: Service
) -> None:
    known(issuer, "casey", roles=["dp-chair"], areas=["castlebridge"])
    client = site(issuer)
    back = from_provider(to_provider(client), "casey")
    kept = dict(client.cookies)
    victim = browser(client.app)
    assert victim.get(back).status_code == 403  # a link that an attacker sends signs nobody in as the attacker
    client = browser(client.app)
    again = from_provider(to_provider(client), "casey")
    cookies = dict(client.cookies)
    assert client.get(again).status_code == 303
    replayed = browser(client.app)
    for name, value in {**kept, **cookies}.items():
        replayed.cookies.set(name, value)
    assert replayed.get(again).status_code == 403
    assert replayed.get("/api/v1/session").status_code == 401
    refused = [(entry.actor, entry.subject) for entry in service.ledger() if entry.action == "sign_in.refused"]
    assert refused == [("nobody", "replay"), ("nobody", "state")]


def test_a_code_used_before_is_refused_by_the_provider(
    issuer: str, site: Callable[..., TestClient], service: Service
) -> None:
    known(issuer, "casey", roles=["dp-chair"], areas=["castlebridge"])
    client = site(issuer)
    spent = parse_qs(urlsplit(from_provider(to_provider(client), "casey")).query)["code"][0]
    first = parse_qs(urlsplit(to_provider(client)).query)["state"][0]
    assert client.get("/sign-in/back", params={"code": "made-up", "state": first}).status_code == 403
    state = parse_qs(urlsplit(to_provider(client)).query)["state"][0]
    assert client.get("/sign-in/back", params={"code": spent, "state": state}).status_code == 403  # another verifier
    assert {entry.subject for entry in service.ledger() if entry.action == "sign_in.refused"} <= {"code", "token"}


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"roles": ["something-else"]}, "gives you no role"),
        ({}, "gives you no role"),
        ({"roles": ["dp-chair", "dp-reviewer"]}, "more than one role"),
    ],
)
def test_who_has_no_role_or_two_is_not_signed_in(
    issuer: str, site: Callable[..., TestClient], claims: dict[str, Any], words: str
) -> None:
    known(issuer, "nobody", **claims)
    client = site(issuer)
    answer = sign_in(client, "nobody")
    assert answer.status_code == 403
    assert words in answer.text
    assert client.get("/api/v1/session").status_code == 401


CHAIRS, MEMBERS = "0f6a1c9e-1111-4a4a-9c9c-000000000001", "0f6a1c9e-1111-4a4a-9c9c-000000000002"
ASHFORD, OTHER = "0f6a1c9e-2222-4a4a-9c9c-000000000003", "0f6a1c9e-3333-4a4a-9c9c-000000000004"
# What each provider's ID token holds, as its documentation shows it, and what our settings make of that.
SHAPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Entra ID, app roles": (
        {"tid": "t", "oid": "o", "ver": "2.0", "roles": ["DrivePanel.Chair", "area.ashford"], "wids": [OTHER]},
        {
            "roles": {"DrivePanel.Chair": Role.CHAIR},
            "claims": Claims(areas="roles", area_prefix="area."),
            "tenant": "t",
        },
    ),
    "Entra ID, ids of groups": (
        {"tid": "t", "oid": "o", "ver": "2.0", "groups": [OTHER, CHAIRS, ASHFORD]},
        {
            "roles": {CHAIRS: Role.CHAIR, MEMBERS: Role.PANEL_MEMBER},
            "areas": {ASHFORD: "ashford"},
            "claims": Claims(roles="groups", areas="groups"),
        },
    ),
    "Keycloak, realm roles": (
        {
            "realm_access": {"roles": ["offline_access", "uma_authorization", "dp-chair"]},
            "resource_access": {"account": {"roles": ["view-profile"]}},
            "areas": ["ashford"],
        },
        {"roles": {"dp-chair": Role.CHAIR}, "claims": Claims(roles="realm_access.roles", areas="areas")},
    ),
    "Keycloak, roles of the client": (
        {
            "resource_access": {"drive-panel": {"roles": ["chair"]}, "account": {"roles": ["panel_member"]}},
            "areas": "ashford",
        },
        {
            "roles": {"chair": Role.CHAIR, "panel_member": Role.PANEL_MEMBER},
            "claims": Claims(roles="resource_access.drive-panel.roles", areas="areas"),
        },
    ),
    "Keycloak, groups with their path": (
        {"groups": ["/drive-panel/chairs", "/areas/ashford", "/other"]},
        {
            "roles": {"/drive-panel/chairs": Role.CHAIR, "/drive-panel/members": Role.PANEL_MEMBER},
            "claims": Claims(roles="groups", areas="groups", area_prefix="/areas/"),
        },
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_claims_of_either_provider_give_the_role_and_the_areas(
    issuer: str, site: Callable[..., TestClient], shape: str
) -> None:
    claims, settings = SHAPES[shape]
    known(issuer, "kim", **claims)
    client = site(issuer, **settings)
    sign_in(client, "kim")
    assert (me(client)["role"], me(client)["areas"]) == ("chair", ["ashford"])


@pytest.mark.parametrize(
    "left_out",
    [
        {
            "_claim_names": {"groups": "src1"},
            "_claim_sources": {"src1": {"endpoint": "https://graph.example/users/o/getMemberObjects"}},
        },
        {"hasgroups": "true"},
        {"hasgroups": True},
    ],
)
def test_groups_that_were_too_many_to_send_are_not_taken_for_none(
    issuer: str, site: Callable[..., TestClient], service: Service, left_out: dict[str, Any]
) -> None:
    known(issuer, "kim", roles=["dp-chair"], **left_out)
    by_group = site(issuer, claims=Claims(roles="groups", areas="groups"))
    answer = sign_in(by_group, "kim")
    assert answer.status_code == 403
    assert "more groups than your organisation" in answer.text
    assert service.ledger(1)[0].subject == "groups_left_out"
    # Where the areas alone come from groups, nobody is let in without any; where neither does, it does not matter.
    assert sign_in(site(issuer, claims=Claims(areas="groups")), "kim").status_code == 403
    assert sign_in(site(issuer, claims=Claims(areas="areas")), "kim").status_code == 303


@pytest.mark.parametrize(
    ("claims", "by"),
    [
        ({"email": "kim@force.example", "email_verified": True}, ("email",)),
        ({"email": "kim@force.example", "xms_edov": 1}, ("email",)),
        ({"email": "kim@force.example", "email_verified": False}, ()),
        ({"email": "kim@force.example"}, ()),
        ({"employeeid": "4711"}, ("staff_number",)),
        ({"birthdate": "1980-02-03", "given_name": "Kim", "family_name": "Field"}, ("born",)),
    ],
)
def test_who_somebody_is_comes_from_what_the_provider_vouches_for(
    issuer: str, site: Callable[..., TestClient], service: Service, claims: dict[str, Any], by: tuple[str, ...]
) -> None:
    for subject in ("kim", "lee"):
        known(issuer, subject, roles=["dp-chair"], areas=["ashford"], **claims)
    settings = {"claims": Claims(areas="areas", staff_number="employeeid"), "scope": "openid profile email"}
    assert sign_in(site(issuer, **settings), "kim").status_code == 303
    assert Accounts(service.stores).find("kim").known_by == by
    again = sign_in(site(issuer, **settings), "lee")
    assert again.status_code == (403 if by else 303)
    if by:
        assert "Another account of the same person is in force" in again.text
        assert [entry.subject for entry in service.ledger(2)] == ["TwoAccounts", "kim"]


def test_where_our_own_table_decides_only_who_was_added_comes_in(
    issuer: str, site: Callable[..., TestClient], service: Service
) -> None:
    known(issuer, "sam")
    client = site(issuer, roles={}, claims=Claims())
    assert "Nobody gave you a role" in sign_in(client, "sam").text
    accounts = Accounts(service.stores)
    accounts.add(Person("sam", "Sam", Role.CHAIR, frozenset({"ashford"})), "admin", login="Sam@force.example")
    sign_in(client, "sam")
    assert (me(client)["role"], me(client)["areas"]) == ("chair", ["ashford"])
    # The login is somebody else's now: their subject is another, and so they are not Sam.
    known(issuer, "other", preferred_username="sam@force.example")
    newcomer = browser(client.app)
    assert sign_in(newcomer, "other").status_code == 403


def test_a_blocked_user_is_out_at_the_next_click_and_stays_out(
    issuer: str, site: Callable[..., TestClient], service: Service
) -> None:
    known(issuer, "casey", roles=["dp-chair"], areas=["castlebridge"])
    client = site(issuer)
    sign_in(client, "casey")
    Accounts(service.stores).block("casey", "admin")
    assert client.get("/api/v1/session").status_code == 401
    assert "Your account is blocked" in sign_in(client, "casey").text
    Accounts(service.stores).block("casey", "admin", active=True)
    assert sign_in(client, "casey").status_code == 303


def test_another_role_at_the_provider_ends_the_sessions_of_the_one_before(
    issuer: str, site: Callable[..., TestClient], service: Service
) -> None:
    known(issuer, "casey", roles=["dp-chair"], areas=["castlebridge"])
    client = site(issuer)
    sign_in(client, "casey")
    known(issuer, "casey", roles=["dp-reviewer"], areas=["castlebridge"])
    second = browser(client.app)
    sign_in(second, "casey")
    assert me(second)["role"] == "governance_reviewer"
    assert client.get("/api/v1/session").status_code == 401
    changed = next(entry for entry in service.ledger() if entry.action == "user.changed")
    assert (changed.subject, changed.content["sessions_ended"]) == ("casey", 1)


def test_a_role_changed_behind_the_service_ends_the_session_too(
    issuer: str, site: Callable[..., TestClient], service: Service
) -> None:
    from sqlalchemy import update

    from serving.storage.tables import users

    known(issuer, "casey", roles=["dp-chair"], areas=["castlebridge"])
    client = site(issuer)
    sign_in(client, "casey")
    with service.stores.panel.write() as connection:
        connection.execute(update(users).where(users.c.user == "casey").values(role="administrator"))
    assert client.get("/api/v1/session").status_code == 401


def test_a_session_ends_idle_and_at_its_longest(issuer: str, site: Callable[..., TestClient], clock: Any) -> None:
    known(issuer, "casey", roles=["dp-chair"], areas=["castlebridge"])
    client = site(issuer)
    sign_in(client, "casey")
    for _ in range(16):
        clock.forward(minutes=29)
        assert client.get("/api/v1/session").status_code == 200
    clock.forward(minutes=29)
    assert client.get("/api/v1/session").status_code == 401  # eight hours
    sign_in(client, "casey")
    clock.forward(minutes=31)
    assert client.get("/api/v1/session").status_code == 401


def test_signing_out_ends_the_session_and_offers_to_end_the_providers(
    issuer: str, site: Callable[..., TestClient]
) -> None:
    known(issuer, "casey", roles=["dp-chair"], areas=["castlebridge"])
    client = site(issuer)
    sign_in(client, "casey")
    kept = client.cookies["__Host-panel"]
    answer = client.post("/sign-out", data={"csrf": me(client)["csrf"]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    client.cookies.set("__Host-panel", kept)
    assert client.get("/api/v1/session").status_code == 401
    assert f'href="{issuer}/oauth2/end_session?client_id=drive-panel' in client.get("/signed-out").text


def test_a_provider_that_does_not_answer_is_said_so(site: Callable[..., TestClient]) -> None:
    client = site("http://localhost:9")
    answer = client.get("/sign-in/start")
    assert answer.status_code == 503
    assert "The sign-in provider does not answer." in answer.text


def test_only_the_names_that_are_set_up_are_answered(issuer: str, site: Callable[..., TestClient]) -> None:
    client = site(issuer)
    for host in ("evil.example", "panel.example.evil.example", "evil.example:443", ""):
        assert client.get("/sign-in", headers={"host": host}).status_code == 400
    assert client.get("/sign-in", headers={"host": "panel.example:443"}).status_code == 200
    forwarded = client.get("/sign-in/start", headers={"x-forwarded-host": "evil.example"})
    assert parse_qs(urlsplit(forwarded.headers["location"]).query)["redirect_uri"] == [f"{HERE}/sign-in/back"]


class Forger(ThreadingHTTPServer):
    """A provider whose tokens say what a test wants."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one"}, private=True)
        self.issuer = f"http://localhost:{self.server_port}"
        self.token: str | None = None

    def good(self, nonce: str) -> dict[str, Any]:
        now = int(time.time())
        return {
            "iss": self.issuer,
            "aud": "drive-panel",
            "sub": "casey",
            "tid": "tenant-1",
            "iat": now,
            "exp": now + 60,
            "nonce": nonce,
            "preferred_username": "casey@force.example",
            "roles": ["dp-chair"],
            "areas": ["castlebridge"],
        }


class _Answers(BaseHTTPRequestHandler):
    server: Forger

    def do_GET(self) -> None:
        issuer = self.server.issuer
        self._send(
            {"keys": [self.server.key.as_dict(private=False)]}
            if self.path == "/jwks"
            else {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/jwks",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            }
        )

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        token = {} if self.server.token is None else {"id_token": self.server.token}
        self._send({"access_token": "x", "token_type": "Bearer", "expires_in": 60, **token})

    def _send(self, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def forger() -> Iterator[Forger]:
    server = Forger()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def other_key(forger: Forger, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048, private=True))


def unsigned(forger: Forger, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "none"}, claims, OctKey.generate_key(), algorithms=["none"])


def signed_with_the_public_key(forger: Forger, claims: dict[str, Any]) -> str:
    head, body = (_part(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": "one"}, claims))
    public = forger.key.as_pem(private=False)
    return f"{head}.{body}.{_part(hmac.digest(public, f'{head}.{body}'.encode(), 'sha256'))}"


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def but(**changes: Any) -> Callable[[Forger, dict[str, Any]], str]:
    def make(forger: Forger, claims: dict[str, Any]) -> str:
        changed = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "one"}, changed, forger.key)

    return make


FORGED: dict[str, Any] = {
    "no token at all": None,
    "another key": other_key,
    "no signature": unsigned,
    "the public key as a secret": signed_with_the_public_key,
    "another issuer": but(iss="https://evil.example"),
    "for another client": but(aud="another"),
    "expired": but(exp=int(time.time()) - 3600),
    "without an end": but(exp=None),
    "another nonce": but(nonce="another"),
    "no nonce": but(nonce=None),
    "another tenant": but(tid="tenant-2"),
    "no tenant": but(tid=None),
    "no subject": but(sub=None),
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("forgery", [*FORGED, "none of them"])
def test_a_forged_id_token_signs_nobody_in(
    forgery: str, forger: Forger, site: Callable[..., TestClient], service: Service
) -> None:
    client = site(forger.issuer, tenant="tenant-1")
    query = parse_qs(urlsplit(to_provider(client)).query)
    make = FORGED.get(forgery, but())
    forger.token = make and make(forger, forger.good(query["nonce"][0]))
    answer = client.get("/sign-in/back", params={"code": "any", "state": query["state"][0]})
    if forgery == "none of them":
        assert answer.status_code == 303
        assert me(client)["user"] == "casey"
        return
    assert answer.status_code == 403
    assert client.get("/api/v1/session").status_code == 401
    assert Accounts(service.stores).all() == []
    entry = service.ledger(1)[0]
    assert (entry.action, entry.subject) == ("sign_in.refused", "tenant" if "tenant" in forgery else "token")


def test_a_flood_of_refused_sign_ins_does_not_fill_the_ledger(
    issuer: str, site: Callable[..., TestClient], service: Service, clock: Any
) -> None:
    client = site(issuer)
    for number in range(20):
        assert client.get("/sign-in/back", params={"code": "x", "state": f"s{number}"}).status_code == 403
    assert len(service.ledger()) == 1
    clock.forward(minutes=11)
    client.get("/sign-in/back", params={"code": "x", "state": "later"})
    assert [entry.content for entry in service.ledger()] == [{"more_before": 19}, {}]
