"""Taking a list, or something of a meeting, as a file from the command line, as one account may see it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from drive_panel.errors import WorkspaceError
from drive_panel.web import build
from drive_panel.workflows.access import operator
from drive_panel.workflows.release import require_made_up
from drive_panel.workspace import Workspace
from serving import Person
from serving.access.accounts import Accounts
from serving.access.viewing import Viewing
from serving.errors import NotPermitted
from serving.people import Permission
from serving.web.exports.making import OF_LIST, OF_MEETING, take_list, take_meeting
from serving.web.render import Web
from values import digest_bytes

WHOLE_PANEL = "panel"
PAPER_SECONDS = 900
"""How long a paper may take here, where no browser waits for it."""
KINDS = (*OF_LIST, *OF_MEETING)


def run(workspace: Workspace, what: str, subject: str, out: Path, user: str, agency: str | None) -> dict[str, Any]:
    """Take a file with the rights of the web process, and enter in the ledger who took it as whom.

    Parameters
    ----------
    what
        One of `KINDS`.
    subject
        A run for files of a list, a meeting's name for the others.
    user
        The account whose eyes it is for.
    agency
        For whose members a chair's account takes it: ``panel`` for the whole panel, None for the account itself.

    Returns
    -------
    dict
        file, bytes, hash and for.

    Raises
    ------
    WorkspaceError
        If the file is there already.
    NotPermitted, NotFound, NoLiveRelease, FilingRefused, NoPaper
        As the pages refuse it.
    """
    require_made_up(workspace)
    if out.exists():
        raise WorkspaceError(f"{out.name} is there already.", "Name a new file.")
    web: Web = build(workspace, publishes=False).state.web
    try:
        person = _account(web, user)
        person.need(Permission.SEE_LIST)
        viewing = Viewing(web.service, person, web.settings.demo)
        readers = "" if agency == WHOLE_PANEL else agency
        take = take_list if what in OF_LIST else take_meeting
        patient = replace(web.settings, paper_seconds=PAPER_SECONDS)
        taken = take(replace(web, service=viewing, settings=patient), viewing, subject, what, readers, operator())
    finally:
        web.service.close()
    workspace.write_outside(out, taken.content)
    return {
        "file": str(out),
        "bytes": len(taken.content),
        "hash": str(digest_bytes(taken.content)),
        "for": taken.reader,
    }


def _account(web: Web, user: str) -> Person:
    """Return whom an account stands for; one that is blocked reads nothing."""
    made_up = {person.user: person for person in web.settings.users} if web.settings.demo else {}
    if user in made_up:
        return made_up[user]
    account = Accounts(web.service.stores).find(user)
    if not account.active:
        raise NotPermitted("This account is blocked.", "`drive-panel users list` shows those that are not.")
    return account.person
