"""Who may use the service, from the command line of whoever runs it: users, sites, restricted cases."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from serving.access.accounts import Accounts
from serving.access.accounts.account import made_up_account
from serving.access.cases import Cases
from serving.access.humans import same_agency
from serving.access.sites import Site, Sites
from serving.access.tokens import Tokens
from serving.errors import NotPermitted
from serving.people import Person, Role, demo_people


def operator() -> str:
    """Return under which name the ledger keeps what is done here: the account of the machine that ran the command."""
    return f"command-line:{getpass.getuser()}"


def users(workspace: Workspace) -> dict[str, Any]:
    """Return every account; in a demonstration also the made-up users who have not signed in yet."""
    with batch_service(workspace, "owner") as service:
        known = Accounts(service.stores).all()
    there = {account.user for account in known}
    made_up = [made_up_account(each) for each in demo_people() if each.user not in there]
    return {"users": [each.to_dict() for each in (*known, *(made_up if workspace.mode == "demo" else ()))]}


def add(
    workspace: Workspace,
    user: str,
    name: str,
    role: Role,
    areas: Sequence[str],
    agency: str,
    login: str,
    identity: Mapping[str, str],
) -> dict[str, Any]:
    """Add somebody before they first sign in; `notice` says where their agency is one that nobody knows."""
    with batch_service(workspace, "owner") as service:
        person = Person(user, name, role, frozenset(areas), agency)
        added = Accounts(service.stores).add(person, operator(), login, identity).to_dict()
        sent = Person(user, name, Role.PANEL_MEMBER, agency=agency)  # whatever they are: chairs see every case
        delivers = Sites(service.stores).delivered_by(sent) is not None
    if not agency or delivers or any(same_agency(agency, each) for each in _agencies()):
        return added
    notice = f"{agency} is no agency of the reference tables and no provider: a member of a panel sees its whole list."
    return {**added, "notice": notice}


def identify(workspace: Workspace, user: str, identity: Mapping[str, str]) -> dict[str, Any]:
    """Say more of who somebody is."""
    with batch_service(workspace, "owner") as service:
        return Accounts(service.stores).identify(user, operator(), identity).to_dict()


def change(
    workspace: Workspace, user: str, role: Role | None = None, areas: Sequence[str] | None = None
) -> dict[str, Any]:
    """Give somebody another role or other areas; their sessions end."""
    with batch_service(workspace, "owner") as service:
        return Accounts(service.stores).change(user, operator(), role, areas).to_dict()


def block(workspace: Workspace, user: str, active: bool) -> dict[str, Any]:
    """Block somebody at once, or let them in again."""
    with batch_service(workspace, "owner") as service:
        return Accounts(service.stores).block(user, operator(), active).to_dict()


def make_token(
    workspace: Workspace, name: str, scopes: Sequence[str], areas: Sequence[str], expires: date
) -> dict[str, Any]:
    """Make a service account; its token is returned here and nowhere else."""
    with batch_service(workspace, "owner") as service:
        token = Tokens(service.stores).make(name, scopes, areas, expires, operator())
    return {"name": name, "token": token, "expires": expires.isoformat()}


def tokens(workspace: Workspace) -> dict[str, Any]:
    """Return every service account, without its token."""
    with batch_service(workspace, "owner") as service:
        return {"tokens": [token.to_dict() for token in Tokens(service.stores).all()]}


def revoke_token(workspace: Workspace, name: str) -> dict[str, Any]:
    """Revoke the token of a service account."""
    with batch_service(workspace, "owner") as service:
        Tokens(service.stores).revoke(name, operator())
    return {"name": name, "revoked": True}


def cases(workspace: Workspace) -> dict[str, Any]:
    """Return restricted cases with who is named for them, conflicts of interest and alarms."""
    with batch_service(workspace, "owner") as service:
        found = Cases(service.stores)
        return {"restricted": found.restricted(), "conflicts": found.conflicts(), "alarms": found.alarms()}


def grant(workspace: Workspace, person: str, user: str, reason: str, *, end: bool) -> dict[str, Any]:
    """Name a user for a restricted case, or take the name away again."""
    with batch_service(workspace, "owner") as service:
        found = Cases(service.stores)
        (found.end_grant if end else found.grant)(person, user, operator(), reason)
    return {"person": person, "user": user, "named": not end}


def relate(workspace: Workspace, person: str, user: str) -> dict[str, Any]:
    """Say that the subject of a case is related to a user."""
    with batch_service(workspace, "owner") as service:
        Cases(service.stores).relate(person, user, operator())
    return {"person": person, "related_user": user}


def lift(workspace: Workspace, person: str, reason: str) -> dict[str, Any]:
    """Lift every restriction of a case."""
    with batch_service(workspace, "owner") as service:
        Cases(service.stores).lift(person, operator(), reason)
    return {"person": person, "restricted": False}


def sites(workspace: Workspace) -> dict[str, Any]:
    """Return every site with its areas, places and providers, and how many people the panel accepted there."""
    with batch_service(workspace, "owner") as service:
        found = Sites(service.stores)
        return {"sites": [{**site.to_dict(), "taken": len(found.accepted(site.areas))} for site in found.all()]}


def need_known(workspace: Workspace, areas: Sequence[str]) -> None:
    """Pass if each area is one of the records', of ``panels.yaml`` or of a scored list.

    Raises
    ------
    NotPermitted
        If one is none of these: a misspelt area of a site would be nobody's. Where nothing tells of any area yet,
        every name passes.
    """
    known = _areas(workspace)
    unknown = sorted(set(areas) - known)
    if known and unknown:
        raise NotPermitted(
            f"There is no such area: {', '.join(unknown)}.",
            f"Areas in the records, panels and lists: {', '.join(sorted(known)[:20])}.",
        )


def _areas(workspace: Workspace) -> frozenset[str]:
    from records import RecordStore
    from records.errors import NoSnapshot

    with batch_service(workspace, "owner") as service:
        known = {run.area for run in service.runs()}
    known |= workspace.panels().keys()
    try:
        snapshot = RecordStore(workspace.records).latest()
    except NoSnapshot:
        return frozenset(known)
    tables = [name for name in ("incidents", "addresses") if snapshot.has(f"{name}.area")]
    return frozenset(known.union(*(snapshot.table(name, ["area"])["area"].dropna() for name in tables)))


def change_site(workspace: Workspace, change: Callable[[Sites, str], Site]) -> dict[str, Any]:
    """Make a change to the sites under the name of whoever runs the command, and return the site."""
    with batch_service(workspace, "owner") as service:
        return change(Sites(service.stores), operator()).to_dict()


def let_deliver(workspace: Workspace, site: str, provider: str, areas: Sequence[str]) -> dict[str, Any]:
    """Let a provider deliver Drive in a site.

    Raises
    ------
    NotPermitted
        If records are held under that name: whom the agency sends to the panel would see accepted cases only.
    """
    if provider in _agencies():
        raise NotPermitted(
            f"{provider} is an agency that sits at the panel and holds records.",
            "Give the provider a name of its own, such as its organisation's, in the accounts of those it sends too.",
        )
    return change_site(workspace, lambda found, by: found.let_deliver(site, provider, by, areas))


def _agencies() -> frozenset[str]:
    from records.reference import load_reference

    return load_reference().codes("agencies")


def describe_site(row: dict[str, Any]) -> list[str]:
    """Return one site as a line, and one for each provider."""
    taken = f", {row['taken']} taken" if "taken" in row else ""
    lines = [f"{row['site']:<24} {', '.join(row['areas'])}; {row['places']} places{taken}"]
    return lines + [f"  {name:<22} delivers in {', '.join(areas)}" for name, areas in row["providers"].items()]


def describe_user(row: dict[str, Any]) -> str:
    """Return one account as a line."""
    areas = ", ".join(row["areas"]) or "no area"
    state = "" if row["active"] else "  BLOCKED"
    last = f"signed in {row['signed_in_at'][:10]}" if row["signed_in_at"] else "never signed in"
    return f"{row['user']:<24} {row['role']:<20} {areas}  {last}{state}"


def describe_token(row: dict[str, Any]) -> str:
    """Return one service account as a line."""
    state = "  REVOKED" if row["revoked_at"] else ""
    return f"{row['name']:<24} {', '.join(row['scopes'])}  until {row['expires']}{state}"


def describe_cases(result: dict[str, Any]) -> list[str]:
    """Return restricted cases, conflicts and alarms in plain lines."""
    lines = [
        f"{row['person']}  {row['reason']} ({row['through']}); named: {', '.join(row['named']) or 'nobody'}"
        for row in result["restricted"]
    ] or ["No case is restricted."]
    lines += [f"{row['person']}  conflict of interest of {row['user']}" for row in result["conflicts"]]
    return [*lines, *(f"{row['person']}  ALARM {row['kind']}: {row['user']}, {row['at']}" for row in result["alarms"])]
