"""Whose records are due for review, and the decision to keep them; nothing is deleted by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd

from drive_panel.clock import LONDON
from drive_panel.errors import WorkspaceError
from drive_panel.workflows.release import BATCH, batch_service
from drive_panel.workspace import Workspace
from records import Keyring, RecordStore
from records.communities import CommunityStore
from records.erasing.retention import DISPOSE, entries_due
from records.erasing.retention import due as due_at
from records.purposes import sources_of
from serving.access.attention import RETENTION
from serving.deletion import RETAINED as KEPT
from serving.filing import Draft
from serving.panel.left_behind import left_behind
from serving.panel.referrals import referrals
from values import AsOf

LISTED = "export.retention"
REFERRED = "referred_by_name"


def due(workspace: Workspace, as_of: AsOf, with_ids: bool = False) -> dict[str, Any]:
    """Return what is due for review at `as_of`: counts by table, and the people by pseudonym; file the counts.

    Parameters
    ----------
    with_ids
        Also name the ids that the record systems use; the reading then enters the ledger.
    """
    snapshot = RecordStore(workspace.records).latest()
    tables = {name: snapshot.table(name) for name in snapshot.tables}
    communities = CommunityStore(workspace.records)
    if communities.has(snapshot.hash):
        tables["communities"] = communities.read(snapshot.hash)
    sources, kept = sources_of(workspace.records), _kept(workspace, as_of)
    found = due_at(tables, sources, as_of, kept)
    names = Keyring(workspace.keys / "pseudonyms.db").pseudonyms(found["person_id"])
    for table, days in _of_the_service(workspace).items():
        overdue = entries_due("referrals", _entries(days, as_of), sources, as_of, kept).assign(table=table)
        names |= {each: each for each in overdue["person_id"]}
        found = pd.concat([found, overdue]) if len(overdue) else found
    found = found.sort_values(["due_on", "table", "person_id"], ignore_index=True)
    if with_ids:
        with batch_service(workspace) as service:
            service.note("command-line", LISTED, str(snapshot.hash), {"as_of": str(as_of), "rows": len(found)})
    people = [
        {
            "person": names[row["person_id"]],
            **({"person_id": row["person_id"]} if with_ids else {}),
            "table": row["table"],
            "last_entry": row["last_entry"].date().isoformat(),
            "due_on": row["due_on"].date().isoformat(),
            "what": row["what"],
        }
        for row in found.to_dict("records")
    ]
    counts = {
        str(table): {
            "due": len(rows),
            "dispose": int((rows["what"] == DISPOSE).sum()),
            "since": rows["due_on"].min().date().isoformat(),
            "until": rows["due_on"].max().date().isoformat(),
        }
        for table, rows in found.groupby("table")
    }
    _file(workspace, {"as_of": str(as_of), "tables": counts})
    return {"as_of": str(as_of), "snapshot": snapshot.hash, "tables": counts, "people": people}


def _of_the_service(workspace: Workspace) -> dict[str, Mapping[str, date]]:
    """Return the last entry of what the service itself keeps: names referred, lists that ended, threads on file.

    A name that an agency referred and that is still kept counts by number, from a panel's last decision or else from
    the referral.
    """
    with batch_service(workspace) as service:
        named = [each for each in referrals(service) if each.unlisted and each.who.get("family_name")]
        of_lists = left_behind(service)
    days = {
        str(each.person): datetime.fromisoformat((each.decision or each.filed).at).astimezone(LONDON).date()
        for each in named
    }
    return {REFERRED: days, **of_lists}


def _entries(days: Mapping[str, date], as_of: AsOf) -> pd.DataFrame:
    """Return last entries up to a day as `entries_due` takes them."""
    entries = pd.DataFrame(
        {"person_id": pd.Series(list(days), dtype="str"), "last_entry": pd.to_datetime(list(days.values()))}
    ).astype({"last_entry": "datetime64[s]"})
    return entries[entries["last_entry"] <= pd.Timestamp(as_of.day)]


def _file(workspace: Workspace, counts: dict[str, Any]) -> None:
    """Put the counts on file, for administrators to see; the same ones are not filed twice."""
    with batch_service(workspace) as service:
        known = service.filed([RETENTION])
        if not known or known[-1].document != counts:
            service.file(BATCH, Draft(RETENTION, "retention", "*", counts))


def keep(workspace: Workspace, person: str, *, by: str, reason: str, as_of: AsOf) -> dict[str, Any]:
    """Record the decision of a named person to keep somebody's records, which restarts the clock.

    Parameters
    ----------
    person
        A pseudonym, the number of a referral, a list or a thread on file as `due` gives it, or an id.

    Raises
    ------
    WorkspaceError
        If nobody decides, no reason is given, or nobody has that pseudonym or id.
    """
    if not by.strip() or not reason.strip():
        raise WorkspaceError("A decision to keep needs somebody who decides it and a reason.", "Give both.")
    keyring = Keyring(workspace.keys / "pseudonyms.db")
    name = person if keyring.whose(person) else keyring.known([person]).get(person)
    if any(person in days for days in _of_the_service(workspace).values()):
        name = person
    if name is None:
        raise WorkspaceError("Nobody due for review has this pseudonym or id.", "List what is due first.")
    with batch_service(workspace) as service:
        service.note(by, KEPT, name, {"as_of": str(as_of), "reason": reason})
    return {"person": name, "kept_on": str(as_of)}


def _kept(workspace: Workspace, as_of: AsOf) -> dict[str, date]:
    """Return the day of the last decision to keep, by person id, referral, list or thread, as of a date."""
    keyring = Keyring(workspace.keys / "pseudonyms.db")
    with batch_service(workspace) as service:
        entries = [entry for entry in service.ledger(None) if entry.action == KEPT]
    kept: dict[str, date] = {}
    for entry in entries:
        day = date.fromisoformat(entry.content["as_of"])
        person = keyring.whose(entry.subject) or entry.subject  # what the service keeps bears its own name
        if day <= as_of.day:
            kept[person] = max(day, kept.get(person, day))
    return kept


def describe(result: dict[str, Any]) -> list[str]:
    """Return what is due in plain lines."""
    if "kept_on" in result:
        return [f"{result['person']}: kept, decided on {result['kept_on']}."]
    lines = [
        f"Due for review as of {result['as_of']}: {len(result['people']):,} entries. Nothing is deleted by itself."
    ]
    lines += [
        f"  {table:<18} {counts['due']:>8,} due, {counts['dispose']:,} of them past the clear period"
        for table, counts in result["tables"].items()
    ]
    lines += [
        f"  {row['due_on']}  {row['person']}  {row.get('person_id', '')}  {row['table']}: {row['what']}".rstrip()
        for row in result["people"][:50]
    ]
    more = len(result["people"]) - 50
    return [*lines, f"  and {more:,} more (--json lists all)."] if more > 0 else lines
