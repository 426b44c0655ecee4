"""Who may call which address: one rule for each, declared here and enforced before anything else runs.

An application with a route that has no rule does not start. The matrix in docs/access.md and the tests of access are
made from this table and from the routes themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from serving.people import PEOPLE, SCOPES, Permission, Person, Role

_SAFE = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Rule:
    """Who may call an address.

    Parameters
    ----------
    permissions
        Any one of them is enough; none where every person who is signed in may call it.
    public
        Whether nobody needs to be signed in.
    people
        Whether no service account may call it: people write there freely, and bear names.
    """

    permissions: tuple[Permission, ...] = ()
    public: bool = False
    people: bool = False

    def allows(self, person: Person) -> bool:
        """Say whether the person's role, or a service account's scopes, are enough."""
        return self.public or not self.permissions or any(person.may(each) for each in self.permissions)

    def refuse(self, person: Person) -> None:
        """Pass, or raise `NotPermitted` with what is missing."""
        if not self.allows(person):
            person.need(self.permissions[0])


_P = Permission
PUBLIC = Rule(public=True)
SIGNED_IN = Rule()
_MODELS, _MAKE = Rule((_P.SEE_MODELS,)), Rule((_P.MAKE_PAPERS,))
_LIST, _AUDIT, _DECIDE = Rule((_P.SEE_LIST,)), Rule((_P.SEE_AUDIT,)), Rule((_P.DECIDE,))
_ADMINISTER, _LINKS = Rule((_P.MANAGE_ACCESS,)), Rule((_P.REVIEW_LINKS,))
_ROOM, _LEDGER = Rule((_P.SEE_LIST,), people=True), Rule((_P.SEE_LEDGER,))
_CASE = "/lists/{run}/cases/{person}"
_MEETING = "/meetings/{meeting}"

RULES: dict[tuple[str, str], Rule] = {
    ("GET", "/sign-in"): PUBLIC,
    ("POST", "/sign-in"): PUBLIC,
    ("GET", "/sign-in/start"): PUBLIC,
    ("GET", "/sign-in/back"): PUBLIC,
    ("GET", "/signed-out"): PUBLIC,
    ("POST", "/sign-out"): SIGNED_IN,
    ("GET", "/unsent"): SIGNED_IN,
    ("POST", "/unsent"): SIGNED_IN,
    ("GET", "/health/live"): PUBLIC,
    ("GET", "/health/ready"): PUBLIC,
    ("GET", "/about"): SIGNED_IN,
    ("GET", "/about/api"): SIGNED_IN,
    ("GET", "/"): Rule((_P.SEE_RUNS,)),
    ("GET", "/evidence"): _AUDIT,
    ("GET", "/policy"): _AUDIT,
    ("GET", "/papers"): _AUDIT,
    ("GET", "/papers/{run}/{name}"): _AUDIT,
    ("POST", "/papers/{run}"): _MAKE,
    ("GET", "/models"): _AUDIT,
    ("GET", "/models/compare"): _MODELS,
    ("GET", "/models/{bundle}"): _MODELS,
    ("GET", "/data-quality"): _MODELS,
    ("GET", "/ledger"): Rule((_P.SEE_LEDGER,)),
    ("GET", "/access"): Rule((_P.SEE_ACCESS, _P.LIFT_CONFLICT)),
    ("POST", "/access/block"): Rule((_P.MANAGE_ACCESS,)),
    ("POST", "/access/sign-out"): Rule((_P.MANAGE_ACCESS,)),
    ("POST", "/access/lift"): Rule((_P.LIFT_CONFLICT,)),
    ("GET", "/administration"): _ADMINISTER,
    ("GET", "/administration/users"): _ADMINISTER,
    ("GET", "/administration/add-account"): _ADMINISTER,
    ("POST", "/administration/add-account"): _ADMINISTER,
    ("GET", "/administration/users/{user}"): _ADMINISTER,
    ("POST", "/administration/users/{user}"): _ADMINISTER,
    ("GET", "/administration/panels"): _ADMINISTER,
    ("POST", "/administration/panels"): _ADMINISTER,
    ("GET", "/administration/retention"): _ADMINISTER,
    ("GET", "/administration/jobs"): _ADMINISTER,
    ("GET", "/administration/health"): _ADMINISTER,
    ("GET", "/links"): _LINKS,
    ("POST", "/links/challenges/{number}"): _LINKS,
    ("GET", "/links/{pair}"): _LINKS,
    ("POST", "/links/{pair}"): _LINKS,
    ("GET", "/audits/{run}"): _AUDIT,
    ("GET", "/audits/{run}/report/{kind}"): _AUDIT,
    ("POST", "/audits/{run}/report"): _MAKE,
    ("POST", "/audits/{run}/review"): Rule((_P.REVIEW, _P.WITHDRAW)),
    ("POST", "/audits/{run}/publish"): Rule((_P.REVIEW,)),
    ("GET", "/registers"): Rule((_P.SEE_RUNS,)),
    ("POST", "/registers/incidents"): Rule((_P.SEE_RUNS,)),
    ("POST", "/registers/challenges"): Rule((_P.SEE_LEDGER,)),
    ("POST", "/registers/{kind}/{number}"): Rule((_P.SEE_LEDGER,)),
    ("GET", "/oversight"): Rule((_P.SEE_LEDGER,)),
    ("GET", "/oversight/{run}"): Rule((_P.SEE_LEDGER,)),
    ("GET", "/stops"): Rule((_P.WITHDRAW, _P.SEE_LIST)),
    ("POST", "/stops"): Rule((_P.WITHDRAW,)),
    ("POST", "/stops/go-on"): Rule((_P.REVIEW,)),
    ("GET", "/meetings"): _LIST,
    ("POST", "/meetings"): _DECIDE,
    ("GET", _MEETING): _LIST,
    ("POST", _MEETING): _DECIDE,
    ("POST", f"{_MEETING}/attendance"): _DECIDE,
    ("POST", f"{_MEETING}/actions"): _DECIDE,
    ("POST", f"{_MEETING}/actions/{{number}}"): _DECIDE,
    ("POST", f"{_MEETING}/minutes"): _DECIDE,
    ("GET", f"{_MEETING}/exports"): _LIST,
    ("POST", f"{_MEETING}/exports"): _LIST,
    ("GET", "/lists/{run}"): _LIST,
    ("GET", "/lists/{run}/changes"): _LIST,
    ("GET", "/lists/{run}/exports"): _LIST,
    ("POST", "/lists/{run}/exports"): _LIST,
    ("GET", "/mine"): _LIST,
    ("GET", "/requests"): _LIST,
    ("GET", "/referrals"): _LIST,
    ("POST", "/referrals"): Rule((_P.SEE_IDENTITY,)),
    ("GET", "/referrals/{referral}"): _LIST,
    ("POST", "/referrals/{referral}/decision"): _DECIDE,
    ("POST", "/referrals/{referral}/conflict"): Rule((_P.DECLARE_CONFLICT,)),
    ("GET", f"{_CASE}/information"): _LIST,
    ("POST", f"{_CASE}/information"): _DECIDE,
    ("POST", f"{_CASE}/information/{{number}}"): _LIST,
    ("POST", f"{_CASE}/link"): _LIST,
    ("GET", _CASE): _LIST,
    ("GET", f"{_CASE}/{{view}}"): _LIST,
    ("GET", "/lists/{run}/own-views"): _DECIDE,
    ("GET", f"{_CASE}/own-view"): _DECIDE,
    ("POST", f"{_CASE}/own-view"): _DECIDE,
    ("GET", f"{_CASE}/decision"): _DECIDE,
    ("POST", f"{_CASE}/decision"): _DECIDE,
    ("POST", f"{_CASE}/hold"): _DECIDE,
    ("GET", f"{_CASE}/conflict"): Rule((_P.DECLARE_CONFLICT,)),
    ("POST", f"{_CASE}/conflict"): Rule((_P.DECLARE_CONFLICT,)),
    ("GET", "/api/v1/referrals"): _ROOM,
    ("GET", "/api/v1/referrals/{referral}"): _ROOM,
    ("POST", "/api/v1/referrals"): Rule((_P.SEE_IDENTITY,)),
    ("POST", "/api/v1/referrals/{referral}/decision"): _DECIDE,
    ("GET", "/api/v1/lists/{run}/changes"): _LIST,
    ("GET", "/api/v1/session"): SIGNED_IN,
    ("GET", "/api/v1/runs"): Rule((_P.SEE_RUNS,)),
    ("GET", "/api/v1/audits/{run}"): _AUDIT,
    ("GET", "/api/v1/models"): Rule((_P.SEE_MODELS, _P.SEE_AUDIT)),
    ("GET", "/api/v1/models/compare"): _MODELS,
    ("GET", "/api/v1/models/{bundle}"): _MODELS,
    ("GET", "/api/v1/data-quality"): _MODELS,
    ("GET", "/api/v1/lists/{run}"): _LIST,
    ("GET", "/api/v1/lists/{run}/decisions"): _LIST,
    ("GET", f"/api/v1{_CASE}"): _LIST,
    ("POST", f"/api/v1{_CASE}/clearances"): _DECIDE,
    ("GET", "/api/v1/ledger"): Rule((_P.SEE_LEDGER,)),
    ("POST", f"/api/v1{_CASE}/decisions"): _DECIDE,
    ("GET", "/api/v1/meetings"): _ROOM,
    ("POST", "/api/v1/meetings"): _DECIDE,
    ("GET", f"/api/v1{_MEETING}"): _ROOM,
    ("POST", f"/api/v1{_MEETING}"): _DECIDE,
    ("POST", f"/api/v1{_MEETING}/attendance"): _DECIDE,
    ("POST", f"/api/v1{_MEETING}/actions"): _DECIDE,
    ("POST", f"/api/v1{_MEETING}/actions/{{number}}"): _DECIDE,
    ("POST", f"/api/v1{_MEETING}/minutes"): _DECIDE,
    ("GET", "/api/v1/requests"): _ROOM,
    ("GET", f"/api/v1{_CASE}/information"): _ROOM,
    ("POST", f"/api/v1{_CASE}/information"): _DECIDE,
    ("POST", f"/api/v1{_CASE}/information/{{number}}"): _LIST,
    ("POST", f"/api/v1{_CASE}/link"): _LIST,
    ("GET", f"/api/v1{_CASE}/own-view"): _ROOM,
    ("POST", f"/api/v1{_CASE}/own-view"): _DECIDE,
    ("GET", "/api/v1/registers"): Rule((_P.SEE_LEDGER,), people=True),
    ("POST", "/api/v1/registers/incidents"): Rule((_P.SEE_RUNS,)),
    ("POST", "/api/v1/registers/challenges"): _LEDGER,
    ("POST", "/api/v1/registers/{kind}/{number}"): _LEDGER,
    ("GET", "/api/v1/oversight"): _LEDGER,
    ("GET", "/api/v1/oversight/{run}"): _LEDGER,
    ("GET", "/api/v1/stops"): Rule((_P.WITHDRAW, _P.SEE_LIST)),
    ("POST", "/api/v1/stops"): Rule((_P.WITHDRAW,)),
    ("POST", "/api/v1/stops/go-on"): Rule((_P.REVIEW,)),
    ("GET", "/api/v1/evidence"): _AUDIT,
    ("GET", "/api/v1/papers"): _AUDIT,
    ("GET", "/api/v1/audits/{run}/report"): _AUDIT,
    ("POST", "/api/v1/audits/{run}/report"): _MAKE,
    ("POST", "/api/v1/papers/{run}"): _MAKE,
    ("GET", "/api/v1/access"): Rule((_P.SEE_ACCESS, _P.LIFT_CONFLICT)),
    ("POST", "/api/v1/access/block"): _ADMINISTER,
    ("POST", "/api/v1/access/sign-out"): _ADMINISTER,
    ("POST", "/api/v1/access/lift"): Rule((_P.LIFT_CONFLICT,)),
    ("GET", "/api/v1/administration"): _ADMINISTER,
    ("GET", "/api/v1/administration/users"): _ADMINISTER,
    ("GET", "/api/v1/administration/users/{user}"): _ADMINISTER,
    ("POST", "/api/v1/administration/users/{user}"): _ADMINISTER,
    ("POST", "/api/v1/administration/add-account"): _ADMINISTER,
    ("GET", "/api/v1/administration/panels"): _ADMINISTER,
    ("POST", "/api/v1/administration/panels"): _ADMINISTER,
    ("GET", "/api/v1/administration/retention"): _ADMINISTER,
    ("GET", "/api/v1/administration/jobs"): _ADMINISTER,
    ("GET", "/api/v1/administration/health"): _ADMINISTER,
    ("GET", "/api/v1/links"): _LINKS,
    ("GET", "/api/v1/links/{pair}"): _LINKS,
    ("POST", "/api/v1/links/{pair}"): _LINKS,
    ("POST", "/api/v1/links/challenges/{number}"): _LINKS,
    ("GET", "/api/v1/lists/{run}/exports"): _ROOM,
    ("POST", "/api/v1/lists/{run}/exports"): _LIST,
    ("GET", f"/api/v1{_MEETING}/exports"): _ROOM,
    ("POST", f"/api/v1{_MEETING}/exports"): _LIST,
    ("GET", "/api/v1/audits/{run}/report/{kind}"): _AUDIT,
    ("GET", "/api/v1/papers/{run}/{name}"): _AUDIT,
    ("GET", "/api/v1/policy"): _AUDIT,
    ("GET", "/api/v1/mine"): _ROOM,
    ("GET", "/api/v1/lists/{run}/own-views"): _DECIDE,
    ("GET", f"/api/v1{_CASE}/history"): _ROOM,
    ("POST", f"/api/v1{_CASE}/conflict"): Rule((_P.DECLARE_CONFLICT,)),
    ("POST", "/api/v1/referrals/{referral}/conflict"): Rule((_P.DECLARE_CONFLICT,)),
}


@dataclass(frozen=True)
class Ruled:
    """One address with its rule."""

    method: str
    path: str
    rule: Rule

    @property
    def area_bound(self) -> bool:
        """Whether it is about one run, meeting or referral, which lies in an area."""
        return any(part in self.path for part in ("{run}", "{meeting}", "{referral}"))

    @property
    def for_tokens(self) -> bool:
        """Whether a service account may call it at all: reading from the API, by a scope that exists."""
        reads = self.method in _SAFE and self.path.startswith("/api/") and not (self.rule.public or self.rule.people)
        return reads and (not self.rule.permissions or bool(self.scopes))

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes of which a service account needs one."""
        needed = () if self.rule.people else self.rule.permissions
        return tuple(scope for scope, permission in SCOPES.items() if permission in needed)


def ruled(app: FastAPI) -> dict[Callable[..., Any], Ruled]:
    """Return every address of the application with its rule, by the function that answers it.

    Raises
    ------
    LookupError
        If a route has none: the application must not start.
    """
    found = {}
    for route in iter_route_contexts(app.routes):
        if route.endpoint is None or not route.path or getattr(route, "dependant", None) is None:
            continue  # files and the description of the API, which hold nothing about people
        for method in sorted(route.methods or ()):
            rule = RULES.get((method, route.path))
            if rule is None:
                raise LookupError(f"{method} {route.path} has no rule of access: declare it in serving/web/rules.py.")
            found[route.endpoint] = Ruled(method, route.path, rule)
    return found


def matrix() -> list[str]:
    """Return the table of roles and addresses as lines of Markdown."""
    roles = [role.label for role in PEOPLE]
    lines = [
        f"| | {' | '.join(roles)} | Service account | Only in own areas |",
        "|---" * (len(roles) + 3) + "|",
    ]
    addresses = [Ruled(method, path, rule) for (method, path), rule in RULES.items()]
    for address in sorted(addresses, key=lambda item: (item.path, item.method)):
        cells = [_cell(address, role) for role in PEOPLE]
        scopes = "–" if not address.for_tokens else ", ".join(f"`{scope}`" for scope in address.scopes) or "any"
        scopes = "anybody" if address.rule.public else scopes
        bound = "yes" if address.area_bound else "–"
        lines.append(f"| `{address.method} {address.path}` | {' | '.join(cells)} | {scopes} | {bound} |")
    return lines


def _cell(address: Ruled, role: Role) -> str:
    if address.rule.public:
        return "anybody"
    return "yes" if address.rule.allows(Person("-", "-", role)) else "–"
