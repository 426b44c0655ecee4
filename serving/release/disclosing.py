"""What of a run's audit somebody may read who does not review lists: no list before its release, no small cell.

The audit of the list itself says how many people of which group stand above the line, so before a live release
it is the list, told by group. Small cells say it of single people. Only a reviewer needs both to decide.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from serving.documents import Document

LIST_AUDIT = "this list"
SMALLEST = 10
_WITHHELD = f"{LIST_AUDIT}: withheld; only reviewers read it before a release"
_FEW = f"Withheld: what is about fewer than {SMALLEST} people; a reviewer reads it"
_OUT_OF = re.compile(r"\b\d+ of (\d+)\b")  # how a sentence gives the events and trials of its cell
# Everything else of a cell is a figure, so that a new figure is withheld without anybody thinking of it.
_SIZES = ("rows", "people", "outcomes")  # withheld of a run of earlier days, which does not say which of them are
_SHARE = re.compile(r" \(\d+% of rows\)")  # how many are unrecorded: in a small table it tells a count that is withheld
_NO_FIGURES = ("audit", "table", "characteristic", "group", "metric", "binding", "required", "verdict", "withheld")


def disclosed_audit(audit: Mapping[str, Any], live: bool) -> Document:
    """Return the audit document for people who do not review lists.

    Parameters
    ----------
    live
        Whether the run has a live release; without one nothing of the audit of the list itself is returned.

    Returns
    -------
    Document
        The verdict, margin, checks, alerts and names of what could not be assessed; never the full reports
        (``audits``). ``withheld`` names the audits left out; a small cell is marked ``suppressed``.
    """
    reports: Mapping[str, Any] = audit.get("audits", {})
    lists = {LIST_AUDIT} | {name for name, report in reports.items() if report.get("evidence") == "list"}
    hidden = set() if live else lists
    kept = ("verdict", "policy", "margin")
    document = {key: audit[key] for key in kept if key in audit}
    document["not_assessable"] = [
        {**gap, "reason": _SHARE.sub("", gap["reason"])} for gap in audit.get("not_assessable", [])
    ]
    # What the reports alone would tell the page is carried up before they are left out.
    margins = [report["margin"] for report in reports.values() if report.get("margin")]
    if margins:
        document.setdefault("margin", margins[0])
    document["alerts"] = list(audit.get("alerts", [])) + [
        [name, *alert] if isinstance(alert, list) else f"{name}: {alert}"
        for name, report in reports.items()
        if name not in hidden
        for alert in report.get("alerts", [])
    ]
    document["reasons"] = disclosed_reasons(audit.get("reasons", []), hidden, audit.get("cells", []))
    document["binding"] = [check for check in audit.get("binding", []) if check.get("audit") not in hidden]
    document["cells"] = _cells(audit.get("cells", []), hidden)
    # Where gaps may come from is stored twice: as it is, and as far as it may leave.
    document["origins"] = {"shown": audit["origins"]["shown"]} if audit.get("origins") else None
    document["withheld"] = sorted(hidden & ({cell.get("audit") for cell in audit.get("cells", [])} | set(reports)))
    if live and "incumbents" in audit:
        document["incumbents"] = {name: _count(number) for name, number in audit["incumbents"].items()}
    return document


def disclosed_gate(gate: Mapping[str, Any], live: bool, audit: Mapping[str, Any]) -> Document:
    """Return the gate's decision without the sentences that give figures of an unreleased list, or withheld ones."""
    reasons = disclosed_reasons(gate["reasons"], set() if live else {LIST_AUDIT}, audit.get("cells", []))
    return {**gate, "reasons": reasons}


def disclosed_reasons(
    reasons: Collection[str], hidden: Collection[str], cells: Collection[Mapping[str, Any]] = ()
) -> list[str]:
    """Return the sentences that are neither of a hidden audit nor of few people, and say that there are more.

    A sentence is of few people too where it names a group of which `cells` withhold the figures.
    """
    few = [(f"{cell['audit']}:", _named(cell)) for cell in cells if cell.get("withheld")]
    hidden_heads = tuple(f"{name}:" for name in hidden)
    open_ = [reason for reason in reasons if not reason.startswith(hidden_heads)]
    shown = [
        reason
        for reason in open_
        if all(int(total) >= SMALLEST for total in _OUT_OF.findall(reason))
        and not any(reason.startswith(head) and name in reason for head, name in few)
    ]
    notes = [_WITHHELD] * (len(open_) < len(reasons)) + [_FEW] * (len(shown) < len(open_))
    return [*(_SHARE.sub("", reason) for reason in shown), *notes]


def _named(cell: Mapping[str, Any]) -> str:
    """Return how a sentence of an audit names the group of a cell."""
    return f"{cell['characteristic'].replace('_', ' ')} {cell['group']!r} ({cell['table']})"


def _cells(cells: Collection[Mapping[str, Any]], hidden: Collection[str]) -> list[Document]:
    shown = [cell for cell in cells if cell.get("audit") not in hidden]
    beside = {_partition(cell) for cell in shown if _is_small(cell)}
    return [_cell(cell, _partition(cell) in beside) for cell in shown]


def _cell(cell: Mapping[str, Any], beside_small: bool) -> Document:
    if _is_small(cell):
        return {key: item if key in _NO_FIGURES else None for key, item in cell.items()} | {"suppressed": True}
    # The others of a group's neighbours are the group: two groups would give each other away.
    others = [key for key in cell if beside_small and key.startswith("others_")]
    return {**cell, **dict.fromkeys([*others, *cell.get("withheld_figures", _SIZES)])}


def _partition(cell: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(cell.get(key) for key in ("audit", "table", "characteristic", "metric"))


def _is_small(cell: Mapping[str, Any]) -> bool:
    """Say whether a cell is withheld, or of fewer than ten; a count that is not a number was suppressed before."""
    if cell.get("withheld"):
        return True
    counts = [cell[key] for key in ("n", "rows") if cell.get(key) is not None]
    return any(isinstance(count, str) or count < SMALLEST for count in counts)


def _count(number: int) -> int | str:
    return number if number == 0 or number >= SMALLEST else f"fewer than {SMALLEST}"
