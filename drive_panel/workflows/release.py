"""Review, publication, withdrawal and reading of lists from the command line."""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from drive_panel.clock import now
from drive_panel.errors import NotDemo
from drive_panel.settings import Seat
from drive_panel.workflows import registry
from drive_panel.workspace import Workspace
from serving import Batch
from serving.access.viewing import Viewing
from serving.errors import ListChanged
from serving.keys import ReviewerKey
from serving.people import Person, Role, demo_reviewer
from serving.release import Act as ReviewAct
from serving.release.signing import SignedReview, key_name, to_sign

BATCH = Person("batch", "Batch work", Role.SERVICE)
"""Who puts on file what commands counted."""


@contextlib.contextmanager
def batch_service(workspace: Workspace, seat: Seat = "batch") -> Iterator[Batch]:
    """Yield the service with both databases, as only batch processes may open it."""
    panel, scores = workspace.panel_database(seat), workspace.scores_database(seat)
    # Batch units are not given the reviewer's address: only acts of review need it, and they ask for it first.
    reviewer: Seat = "reviewer" if seat == "batch" else seat
    reviewing = workspace.panel_database(reviewer) if workspace.databases.reaches(reviewer) else None
    service = Batch(panel, scores, workspace.keys, now, workspace.home, reviewing)
    try:
        yield service
    finally:
        service.close()


def require_made_up(workspace: Workspace) -> None:
    """Pass unless the workspace is a demonstration that holds records of real people.

    Raises
    ------
    NotDemo
        If it is one: made-up users and names typed on a command line must never meet real records.
    """
    if workspace.mode == "demo" and not workspace.all_made_up:
        raise NotDemo(
            "Demonstration mode refuses this workspace: it holds a snapshot that is not marked synthetic.",
            "Keep real records in a workspace of their own.",
        )


def _reviewer(workspace: Workspace, name: str | None) -> Person:
    """Return who acts. Outside a demonstration nobody acts under a name typed on a command line."""
    if workspace.mode != "demo":
        raise NotDemo(
            "A name typed on the command line reviews made-up lists only.",
            "Sign with your own key (--key FILE; see `drive-panel reviewer enrol`), or act through the pages.",
        )
    if not name:
        raise NotDemo("Nobody is named as the reviewer.", "Say who reviews, for example --reviewer reviewer-1.")
    return demo_reviewer(name)


def act(
    workspace: Workspace,
    run: str,
    verb: str,
    reason: str,
    expires: date | None,
    reviewer: str | None,
    acknowledged: Collection[str],
) -> dict[str, Any]:
    """Carry out one act of review; a release is published at once.

    Returns
    -------
    dict
        run, state, release, expires, needs.
    """
    require_made_up(workspace)
    person = _reviewer(workspace, reviewer)
    workspace.panel_database("reviewer")  # a clear error where this process has no such seat
    with batch_service(workspace) as service:
        result = service.review(run, person, verb, reason, expires, acknowledged)
        _carry_on(workspace, service, run, result.state)
        return result.to_dict()


def act_signed(
    workspace: Workspace,
    run: str,
    verb: str,
    reason: str,
    expires: date | None,
    key: ReviewerKey,
    acknowledged: Collection[str],
) -> dict[str, Any]:
    """Carry out one act of review that a reviewer's own key signs; a release is published at once.

    Returns
    -------
    dict
        As `act`.
    """
    workspace.panel_database("reviewer")  # a clear error where this process has no such seat
    with batch_service(workspace) as service:
        facts, name = service.to_review(run), key_name(key.public_key)
        text = to_sign(facts, name, ReviewAct(verb), reason, expires, acknowledged, now())
        result = service.review_signed(SignedReview(text, key.sign(text)))
        _carry_on(workspace, service, run, result.state)
        return result.to_dict()


def _carry_on(workspace: Workspace, service: Batch, run: str, state: str) -> None:
    """Publish a list that is released now, and mirror what changed."""
    if state == "released":
        service.publish(run)
    if state in ("released", "withdrawn"):
        registry.after_act(workspace, service)


def publish(workspace: Workspace, run: str) -> None:
    """Copy a released list into the database that the pages read."""
    require_made_up(workspace)
    with batch_service(workspace) as service:
        service.publish(run)
        registry.after_act(workspace, service)


def runs(workspace: Workspace) -> dict[str, Any]:
    """Return every scoring run and its state."""
    with batch_service(workspace) as service:
        return {"runs": [summary.to_dict() for summary in service.runs()]}


def released_list(workspace: Workspace, run: str) -> dict[str, Any]:
    """Return the released list of `run`; the read itself enters the ledger."""
    require_made_up(workspace)
    with batch_service(workspace) as service:
        # Whoever types commands is named for no restricted case.
        found = Viewing(service, Person("command-line", "Command line", Role.ADMINISTRATOR)).released_list(run)
        service.note("command-line", "view.list", run, {"release": found.release})
        return found.to_dict()


def verify_ledger(workspace: Workspace, against: str | None) -> dict[str, Any]:
    """Verify the whole ledger; views that a killed process left behind are entered first."""
    with batch_service(workspace) as service:
        with contextlib.suppress(ListChanged):  # where the newest entry is not genuine, verifying says so
            service.list_views()
        return service.verify(against).to_dict()


def export_ledger(workspace: Workspace, target: Path) -> dict[str, Any]:
    """Write the ledger and a verifier that needs nothing of this program to a new folder."""
    with batch_service(workspace) as service:
        return service.export_ledger(getpass.getuser(), target) | {"folder": str(target)}


def describe(result: dict[str, Any]) -> list[str]:
    """Return the outcome of an act of review in plain lines."""
    lines = [f"{result['run']}: {result['state']}"]
    if result.get("release") and result["state"] == "released":
        lines.append(f"Release {result['release']}, until {result['expires']}.")
    if result.get("needs"):
        lines.append(f"Still needed: {result['needs']}.")
    return lines


def _ranked_line(row: dict[str, Any]) -> str:
    marks = [row["band"] or "", "shares the place at the line" if row.get("at_line") else ""]
    marks.append(f"ON HOLD: {row['hold']['why']}" if row["hold"] else "")
    return f"{row['place']:>4}  {row['person']}  {'  '.join(mark for mark in marks if mark)}"


def describe_list(result: dict[str, Any]) -> list[str]:
    """Return a released list in plain lines; people appear as pseudonyms."""
    header = result["header"]
    lines = [
        f"{header['area']} as of {header['as_of']}: {header['places']} places, released until {result['expires']}",
        result["notice"],
        "",
    ]
    above = [row for row in result["rows"] if row["above_line"]]
    for section, rows in (("above", above), ("below", result["rows"][len(above) :])):
        if section == "below":
            lines.append("      " + "-" * 24 + " places end here")
        lines += [_ranked_line(row) for row in rows]
    if header["counts"].get("tied_beyond_list"):
        lines.append(f"      {header['counts']['tied_beyond_list']} people share the next place and are not listed.")
    for title, name in (("Held", "held"), ("Referred", "referred"), ("Apart", "apart")):
        if result[name]:
            lines += ["", f"{title}: {len(result[name])}"]
            lines += [f"      {row['person']}  {(row['hold'] or {}).get('why', '')}" for row in result[name]]
    return lines
