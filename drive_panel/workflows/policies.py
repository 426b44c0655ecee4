"""Which fairness policy was in force when, who set it and why, and what each version changed.

A policy is a file of the workspace. `put_in_force` is how somebody sets one by name. A file that was edited by hand is
noticed when it is next used, and entered in the ledger as such: then nobody is named but those whom the file names.
"""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

from drive_panel.errors import NotConfigured, WorkspaceError
from drive_panel.workflows.release import batch_service, require_made_up
from drive_panel.workspace import Workspace
from fairness import Policy, load_policy, read_policy
from fairness.policy_changes import policy_changes
from serving import Service
from serving.access.accounts import Accounts
from serving.ledger import Entry
from values import digest_file

SET, FOUND = "policy.set", "policy.found"


def put_in_force(workspace: Workspace, file: Path, by: str, reason: str) -> dict[str, Any]:
    """Make a policy the one in force, and enter in the ledger who did so and why.

    Raises
    ------
    PolicyError
        If the file is wrong, could not pass at its own site, or would stop nothing there; nothing is changed.
    NotConfigured
        If no reason is given, or `by` is no user in force (in a demonstration anybody may be named).
    """
    require_made_up(workspace)
    policy = load_policy(file)
    if not reason.strip():
        raise NotConfigured("A policy is set for a reason.", "Say why: --reason TEXT.")
    with batch_service(workspace) as service:
        if workspace.mode != "demo" and not any(
            each.user == by and each.active for each in Accounts(service.stores).all()
        ):
            raise NotConfigured(
                "There is no user of this name whose account is in force.",
                "`drive-panel users list` shows all; `users add` adds one.",
            )
        note_in_force(workspace, service)  # what was there before is on record before it goes
        workspace.write(workspace.policy, file.read_bytes())
        _enter(workspace, service, policy, SET, by, reason.strip())
        return {"policy": policy.name, "hash": str(policy.hash), "by": by, "versions": history_of(workspace, service)}


def note_in_force(workspace: Workspace, service: Service) -> None:
    """Enter the policy in force in the ledger where the newest entry is of another one."""
    newest = next((entry for entry in service.ledger(None) if entry.action in (SET, FOUND)), None)
    policy = read_policy(workspace.policy)
    if newest is None or newest.subject != policy.hash:
        _enter(workspace, service, policy, FOUND, getpass.getuser(), "")


def history(workspace: Workspace) -> dict[str, Any]:
    """Return every version of the policy that was in force, oldest first; see `history_of`."""
    with batch_service(workspace) as service:
        note_in_force(workspace, service)
        return {"versions": history_of(workspace, service)}


def history_of(workspace: Workspace, service: Service) -> list[dict[str, Any]]:
    """Return every version by the ledger, oldest first.

    Returns
    -------
    list
        ``at``, ``how`` (set or found), ``by`` (empty where the file was only found), ``reason``, ``name``,
        ``chosen_by`` and ``why`` as the policy itself says, ``hash``, and ``changes`` from the version before: None for
        the first, and where a copy is not there or was changed (``copy`` says so).
    """
    versions: list[dict[str, Any]] = []
    before: Policy | None = None
    for entry in reversed([entry for entry in service.ledger(None) if entry.action in (SET, FOUND)]):
        policy = _copy(workspace, entry)
        told = entry.content
        versions.append(
            {
                "at": entry.at,
                "how": "set" if entry.action == SET else "found",
                "by": entry.actor if entry.action == SET else "",
                "reason": told["reason"],
                "name": told["name"],
                "chosen_by": told["chosen_by"],
                "why": told["why"],
                "hash": entry.subject,
                "copy": policy is not None,
                "changes": policy_changes(before, policy) if before is not None and policy is not None else None,
            }
        )
        before = policy
    return versions


def _enter(workspace: Workspace, service: Service, policy: Policy, action: str, by: str, reason: str) -> None:
    place = _place(workspace, str(policy.hash))
    workspace.write(place, workspace.policy.read_bytes())
    detail = {
        "name": policy.name,
        "chosen_by": policy.chosen_by,
        "why": policy.reason,
        "reason": reason,
        "copy": digest_file(place),
        "account": getpass.getuser(),
    }
    service.note(by, action, str(policy.hash), detail)


def _copy(workspace: Workspace, entry: Entry) -> Policy | None:
    """Return the policy of an entry, from the copy that it vouches for."""
    place = _place(workspace, entry.subject)
    if not place.exists() or digest_file(place) != entry.content["copy"]:
        return None
    return read_policy(place)


def _place(workspace: Workspace, name: str) -> Path:
    if not name.isalnum():
        raise WorkspaceError("The ledger names a policy that is no hash.", "Run `drive-panel ledger verify`.")
    return workspace.folder("policies") / f"{name}.yaml"


def describe(result: dict[str, Any]) -> list[str]:
    """Return the versions in plain lines, the newest last."""
    lines: list[str] = []
    for version in result["versions"]:
        by = (
            f"set by {version['by']}: {version['reason']}"
            if version["how"] == "set"
            else "found in the file; nobody set it by name"
        )
        lines += [f"{version['at'][:16].replace('T', ' ')}  {version['name']}  {version['hash'][:12]}  {by}"]
        lines.append(f"    chosen by {version['chosen_by']}")
        if version["changes"] is not None:
            lines += [f"    {each['field']}: {each['was']} -> {each['is']}" for each in version["changes"]]
        elif not version["copy"]:
            lines.append("    Its copy is not there, or was changed: what it said cannot be shown.")
    return lines
