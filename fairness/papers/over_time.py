"""Evidence over time as a section of a report: what all lists so far show, and whether anything has moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairness.papers.sections import Block, section, table
from fairness.papers.wording import VERDICTS

NOT_GATHERED = "Not available: nobody has gathered it yet under this policy (`drive-panel evidence`)."


def over_time_section(found: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the section.

    Parameters
    ----------
    found
        Evidence over time as `drive_panel` gathered it, without small numbers; None where there is none.
    """
    says = (
        "Lists released under this policy, taken together. An alarm says that a community's ratio has moved between "
        "lists by more than chance; no alarm is no pass.",
    )
    if found is None:
        return section("over_time", "Evidence over time", says, [_text(NOT_GATHERED)])
    known = sum(each["outcomes_known"] for each in found["lists"])
    blocks = [_text(f"{len(found['lists'])} lists with records up to {found['as_of']}; outcomes known of {known}.")]
    blocks += [_text(line) for line in found["alarms"]["rang"]] or [_text("No alarm rings.")]
    blocks.append(_text(found["alarms"]["rule"]))
    rows = [[name, VERDICTS[report["verdict"]]] for name, report in found["audits"].items()]
    if rows:
        blocks.append(table("Lists taken together", ("Lists", "Verdict"), rows, 2))
    versions = [[each["at"][:10], each["name"], _by(each), each["reason"] or "not said"] for each in found["policies"]]
    blocks.append(table("Policies in force", ("From", "Policy", "Set by", "Why"), versions, 4))
    return section("over_time", "Evidence over time", says, blocks)


def _by(version: Mapping[str, Any]) -> str:
    return str(version["by"]) if version["how"] == "set" else "nobody by name; found in the file"


def _text(text: str) -> Block:
    return {"kind": "text", "text": text}
