"""Lists, decisions and actions as tables: the same rows in a workbook and in CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serving.filing import Filed
from serving.release.reading import ReleasedList
from serving.web import words
from serving.web.link_words import waiting

SECTIONS = {"ranked": "Ranked", "held": "On hold", "referred": "Referred", "apart": "Shown apart"}
NOT_LISTED = "Not listed does not mean low risk. A place is not evidence of guilt and no risk score for a victim."


@dataclass(frozen=True)
class Table:
    """Rows under their names.

    Parameters
    ----------
    says
        What has to be read before the rows, in a sentence.
    """

    name: str
    says: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


def of_list(
    found: ReleasedList,
    names: Mapping[str, Mapping[str, Any]],
    decided: Mapping[str, Mapping[str, Any]],
    cleared: Mapping[str, Mapping[str, Any]],
) -> Table:
    """Return a list with what was decided so far, in its order."""
    synthetic = found.header["synthetic"]
    simpler = list(dict.fromkeys(name for row in found.rows for name in row["incumbent_places"]))
    rows = [
        [
            SECTIONS[row["section"]],
            row["place"] if row["section"] != "apart" else None,
            row["person"],
            words.full_name(names.get(row["person"]), row["person"], synthetic),
            row["band"] or "no band",
            "yes" if row["above_line"] else "shares the place at it" if row.get("at_line") else "no",
            "yes" if row["tied"] else "no",
            _lines(reason["text"] + (" (moves down)" if reason["push"] == "-" else "") for reason in row["reasons"]),
            _lines(f"{each['label']}: {each['state']}" for each in row["criteria"]),
            _lines([*row["missing"], *([waiting(open_)] if (open_ := row.get("links_waiting")) else [])]),
            _hold(row["hold"], cleared.get(row["person"], {})),
            _referral(row["referral"]),
            row.get("note") or "",
            *(row["incumbent_places"].get(name) for name in simpler),
            *_decision(decided.get(row["person"])),
        ]
        for row in found.rows
    ]
    places = tuple(f"Place on: {words.words(name)}" for name in simpler)
    head = (*_OF_LIST, *places, *_DECIDED)
    left = f"{found.not_shown} of its cases are not in this file. " if found.not_shown else ""
    return Table("List", f"{left}{NOT_LISTED}", head, rows)


_OF_LIST = (
    "Section", "Place", "Case", "Name", "Band", "Above the line", "Shares its place", "Main reasons", "Criteria",
    "Not known", "Hold", "Referral", "Note",
)  # fmt: skip
_DECIDED = (
    "Decision", "Until", "Reason", "Reason in words", "Support for victims", "Referred to", "Against the order",
    "Decided by", "Decided",
)  # fmt: skip


def of_decisions(made: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Table:
    """Return decisions in the order in which they were made, also those that were replaced."""
    rows = [
        [row["person"], names.get(row["person"], row["person"]), *_decision(row), "yes" if row["current"] else "no"]
        for row in made
    ]
    says = "A decision that was replaced stands beside the one that stands. The panel decides; the order is advice."
    return Table("Decisions", says, ("Case", "Name", *_DECIDED, "Stands"), rows)


def of_actions(agreed: Sequence[Filed]) -> Table:
    """Return the actions of a meeting as they stand."""
    rows = [
        [
            each.document["what"],
            each.document["owner"],
            words.day(each.document["due"]),
            each.person or "",
            "closed" if each.document["done"] else "open",
            each.document["done"],
        ]
        for each in agreed
    ]
    head = ("Action", "Who does it", "Due", "Case", "State", "What came of it")
    return Table("Actions", "Actions of this meeting as they stand.", head, rows)


def _decision(made: Mapping[str, Any] | None) -> list[str]:
    if made is None:
        return ["To decide", *([""] * (len(_DECIDED) - 1))]
    until = words.day(made["until"]) if made["until"] else ""
    told = [words.decision_label(made["decision"]), until, words.reason_label(made["reason_code"]), made["reason"]]
    return [*told, *_particulars(made["particulars"] or {}), made["by"], words.moment(made["at"])]


def _particulars(told: Mapping[str, Any]) -> list[str]:
    """Return the offer of support, where to, and whether against the order; the service can tell where a victim is."""
    support, referred = told.get("support"), told.get("referred")
    place = words.elsewhere_label(referred["place"]) if referred else ""
    named = f": {referred['named']}" if referred and referred["named"] else ""
    against = words.override_label(told["against_order"]) if told.get("against_order") else "no"
    return [words.offer_label(support["offer"]) if support else "", place + named, against]


def _hold(hold: Mapping[str, Any] | None, cleared: Mapping[str, Any]) -> str:
    if hold is None:
        return ""
    kinds = dict.fromkeys([hold["kind"], *hold.get("kinds", [])])
    states = [f"{words.words(kind)}: {'cleared' if kind in cleared else 'stands'}" for kind in kinds]
    return _lines([*states, hold["why"], f"Owner: {hold['owner']}", f"Deadline: {words.day(hold['deadline'])}"])


def _referral(referral: Mapping[str, Any] | None) -> str:
    if referral is None:
        return ""
    route = words.words(referral["route"]) if referral.get("route") else "A partner"
    on = f", {words.day(referral['referred_at'])}" if referral.get("referred_at") else ""
    return f"{route}{on}{': ' + words.words(referral['reason']) if referral.get('reason') else ''}"


def _lines(texts: Any) -> str:
    return "\n".join(str(text) for text in texts)
