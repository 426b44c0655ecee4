"""The equality-impact annex: for each characteristic who is affected, how recorded, and which harm, both ways round.

It holds what the audit can say of the nine protected characteristics of the Equality Act 2010 (s149), for the
subjects' and the victims' communities, and says plainly where it can say nothing. It is no assessment: a person makes
that, and says so in ``governance.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fairness.papers.origin_words import TITLE
from fairness.papers.wording import VERDICTS, WITHHELD, heading, in_100, whom

NINE: Mapping[str, tuple[str, ...]] = {
    "Age": ("age_band",),
    "Disability": ("disability",),
    "Gender reassignment": ("gender_reassignment",),
    "Marriage and civil partnership": (),
    "Pregnancy and maternity": (),
    "Race": ("ethnicity_group", "ethnicity"),
    "Religion or belief": ("religion",),
    "Sex": ("sex",),
    "Sexual orientation": ("sexual_orientation",),
}
"""Protected characteristic -> the audit's own characteristics that speak of it, the one to show first."""
_HELD_BY_NOBODY = "Not held: the contract has no column for it, so nothing can be said"
Cell = Mapping[str, Any]


def equality(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the annex as one section."""
    part = document["audits"][0]
    says = (
        "Drive protects and intrudes. A community's victims are harmed where later harm is missed; its people are "
        "harmed where they are listed without later harm. Both are shown, for subjects and for victims.",
        "These are findings for whoever assesses equality impact. The assessment itself is a person's, and is named in "
        "governance.yaml.",
        *(
            (f"What sets a community apart is told under ‘{TITLE}’; it names no cause.",)
            if document["diagnosed"]
            else ()
        ),
    )
    rows = [row for name, columns in NINE.items() for row in _rows(name, columns, part)]
    head = ("Characteristic", "Whose", "Nobody stated it", "Most missed", "Most listed without later harm", "Verdict")
    block = {
        "kind": "table",
        "caption": f"What the audit says of the nine protected characteristics ({part['name']})",
        "head": list(head),
        "rows": rows,
        "texts": 6,
        "folded": False,
    }
    return {"id": "equality", "title": "Equality-impact annex", "says": list(says), "blocks": [block]}


def _rows(name: str, columns: Sequence[str], part: Mapping[str, Any]) -> list[list[str]]:
    if not columns:
        return [[name, "both", "not held", _HELD_BY_NOBODY, "", VERDICTS["not_assessable"]]]
    return [_row(name, columns, part, table) for table in ("subjects", "dyads")]


def _row(name: str, columns: Sequence[str], part: Mapping[str, Any], table: str) -> list[str]:
    whose, prefix = ("victims", "victim_") if table == "dyads" else ("subjects", "")
    held = {each["characteristic"]: each["unrecorded"] for each in part["characteristics"] if each["table"] == table}
    column = next((prefix + each for each in columns if prefix + each in held), None)
    if column is None:
        return [name, whose, "not in the table", "not assessable", "not assessable", VERDICTS["not_assessable"]]
    cells = [cell for cell in part["cells"] if (cell["table"], cell["characteristic"]) == (table, column)]
    return [
        heading(table, column),
        whose,
        WITHHELD if held[column] is None else in_100(held[column]),
        _worst([cell for cell in cells if cell["metric"] == "missed_harm"]),
        _worst([cell for cell in cells if cell["metric"] == "fpr"]),
        _verdict(cells),
    ]


def _worst(cells: Sequence[Cell]) -> str:
    """Return the group with the largest ratio whose interval holds it above no gap; without one say so."""
    told = [cell for cell in cells if cell["ratio"] is not None and not cell.get("suppressed")]
    if not told:
        return WITHHELD if any(cell.get("suppressed") for cell in cells) else "not assessable"
    above = [cell for cell in told if cell["ratio_low"] > 1]
    if not above:
        return "no group clearly more than everybody else"
    most = max(above, key=lambda cell: cell["ratio"])
    who = whom(most["table"], most["characteristic"], most["group"])
    high = "no upper end" if most["ratio_high"] is None else f"{most['ratio_high']:.2f}"
    return f"{who}: {most['ratio']:.2f} times ({most['ratio_low']:.2f} to {high})"


def _verdict(cells: Sequence[Cell]) -> str:
    found = {cell["verdict"] for cell in cells if cell["binding"]}
    if not found:
        return "Does not decide"
    for verdict in ("refuse", "insufficient", "pass"):
        if verdict in found:
            return VERDICTS[verdict]
    return VERDICTS["not_assessable"]
