"""The pack for an ethics committee: what it is asked, the audit on one page, what nobody knows, what is open."""

from __future__ import annotations

from typing import Any

from fairness.papers.entries import RUN, Entry, approved, made, part, said, seen
from fairness.papers.facts import RunFacts
from fairness.papers.governance import Governance

TITLE = "Pack for the ethics committee"
SAYS = (
    "Read the first two parts. The other papers of the same run (transparency record, annexes, checklists) follow.",
)
_IDS = ("verdict", "checked", "whom", "sure", "people", "settle", "assessed", "unknown", "limits", "next")


def parts(facts: RunFacts, governance: Governance, open_points: list[str]) -> list[dict[str, Any]]:
    """Return the pack's parts; `open_points` is what is missing or stale in the governance file."""
    return [
        part("asked", "What the committee is asked", [
            made("1", "The question", _question(facts)),
            said(governance, "2", "What it is for", "use.scope"),
            said(governance, "3", "What is better with it", "use.benefit"),
            approved(governance, "4", "What the committee said before", "ethics"),
        ]),
        part("audit", "The audit on one page", [
            Entry(str(place), answer["question"], (*answer["says"], *answer["points"]), RUN)
            for place, answer in enumerate((a for a in facts.report["page_one"] if a["id"] in _IDS), 5)
        ]),
        part("limits", "What nobody knows", [
            seen("15", "What the evaluation says to know first",
                 *[f"{each['text']} {each['do']}" for each in facts.evaluation.get("findings", ())],
                 otherwise="The data scientist trains again; training leaves an evaluation."),
            seen("16", "What the records do not tell", *[str(each) for each in facts.bundle["card"]["limits"]]),
            made("17", "What no figure here shows", "Whether Drive helps the people whom a list puts before it; what "
                 "was never reported; whether recording means the same in every community."),
        ]),
        part("people", "People", [
            said(governance, "18", "How people are told", "data.people_told"),
            said(governance, "19", "How people can challenge it", "use.appeals"),
            said(governance, "20", "How panels are trained", "use.training"),
            made("21", "What brings it back to the committee", "By itself: another bundle or policy than was approved, "
                 "and the last day of the approval, stop every release until it is approved anew. A refusal by an "
                 "audit, or an alarm in the evidence over time, is for the owner to bring."),
            said(governance, "22", "Who answers for its use", "senior_responsible_owner"),
            seen("23", "What is open", *(open_points or ["Nothing that the governance file has to say is missing or "
                 "stale."])),
        ]),
    ]  # fmt: skip


def _question(facts: RunFacts) -> str:
    """Return what is asked: of a list that nobody can release there is nothing to approve."""
    if facts.report["verdict"] == "refuse" or facts.state == "refused":
        by = "the audit" if facts.report["verdict"] == "refuse" else "a reviewer"
        return (
            f"Nothing to approve: {by} refused this list, so that no panel sees it. Where should the cause be "
            "looked for, and on what conditions may lists of another bundle be put before panels?"
        )
    return (
        "May lists made with this bundle, under this policy, be put before panels until the day that is named, and on "
        "what conditions?"
    )
