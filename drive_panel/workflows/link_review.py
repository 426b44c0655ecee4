"""Pairs of records go up to the pages for people to review, and what they settled comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drive_panel.workflows.release import batch_service
from drive_panel.workflows.restricted import restrictions
from drive_panel.workspace import Workspace
from records import Keyring, Snapshot
from records.linkage import LINK, SEPARATE, Crosswalk, Decision, Decisions
from records.linkage.for_review import Asked, Pair, for_review
from records.storage.locking import only_writer
from serving.access.cases import Cases
from serving.links import Outcome, Settled, note_read, settled
from serving.links import publish as put_up
from serving.panel.requests import LINK as CHALLENGE
from serving.storage.stores import in_london

ASKED_AT_ONCE = 200
"""Pairs of the queue that are put up at once: what a round of review can decide, and no more names than that."""


def read_back(workspace: Workspace) -> int:
    """Keep what reviewers settled as decisions, which the next linkage holds to; return how many."""
    with batch_service(workspace) as service:
        found = settled(service.stores)
        if found:
            store = Decisions(workspace.records)
            with only_writer(workspace.records):
                current = store.current()
                decided = [_decision(each) for each in found]
                store.add([each for each in decided if not _holds(current, each)])
            note_read(service.stores, found)
    return len(found)


def _decision(found: Settled) -> Decision:
    content = found.pair.content
    newest = max(found.answers, key=lambda each: each.number)
    return Decision.of(
        (content["record_l"], content["record_r"]),
        LINK if found.outcome is Outcome.SAME else SEPARATE,
        ", ".join(sorted(each.by for each in found.answers)),
        " / ".join(each.document["reason"] for each in found.answers),
        in_london(newest.at),
    )


def _holds(current: Mapping[Pair, Decision], decided: Decision) -> bool:
    known = current.get((decided.record_l, decided.record_r))
    return known is not None and known.decision == decided.decision


def publish(workspace: Workspace, snapshot: Snapshot, crosswalk: Crosswalk, decided: Mapping[Pair, Decision]) -> int:
    """Put up the pairs that people are asked about now, sealed, and return how many.

    Cases that only named people may see are closed before.
    """
    keyring = Keyring(workspace.keys / "pseudonyms.db")
    with batch_service(workspace) as service:
        open_ = [each.person for each in service.filed([CHALLENGE]) if each.current and not each.document["outcome"]]
        challenged = {person for name in open_ if name and (person := keyring.whose(name))}
        asked = for_review(snapshot, crosswalk, decided, challenged, ASKED_AT_ONCE)
        names = keyring.pseudonyms(sorted({person for each in asked for person in (each.person_l, each.person_r)}))
        Cases(service.stores).restrict(restrictions(snapshot, names))
        return put_up(
            service.stores,
            [
                (_content(each, place, snapshot.synthetic), names[each.person_l], names[each.person_r])
                for place, each in enumerate(asked)
            ],
        )


def _content(asked: Asked, place: int, synthetic: bool) -> dict[str, Any]:
    told = {name: value for name, value in asked.__dict__.items() if not name.startswith("person_")}
    rows = [list(row) for row in asked.rows]
    return {**told, "rows": rows, "areas": list(asked.areas), "position": place, "synthetic": synthetic}
