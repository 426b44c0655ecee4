"""Why this ranker and not the others, what its places are worth, and whose place at the line rests on chance."""

from __future__ import annotations

from records.quality.blocks import Block, Section, Table, Text
from records.quality.words import words
from training import certificate
from training.report.figures import Document
from training.selection_words import tables

_WORDS_BEFORE = (3, 2, 3, 3)
"""How many columns of each table of the record are words."""


def selected(document: Document) -> Section:
    """Return the section on the selection record, the certificate and the ablations."""
    says = [
        "Promotion follows the conditions above and nothing else. This says what they mean for each ranker, and whose "
        "place at the line the same records could as well have given to somebody else.",
        *(line.strip() for line in certificate.lines(document["certificate"])),
    ]
    blocks: list[Block] = []
    for table, texts in zip(tables(document["selection"]), _WORDS_BEFORE, strict=True):
        rows = [[words(row[0]), *row[1:]] for row in table["rows"]]
        blocks.append(Table(table["title"], table["header"], rows, texts=texts))
        blocks += [Text(table["note"])] if table["note"] else []
    return Section("selection", "Why this ranker and not the others", says, [*blocks, *_ablations(document)])


def _ablations(document: Document) -> list[Block]:
    found = document["ablations"]
    if not found:
        return [Text("What the candidate is without parts of what it reads was not asked for (ablations: true).")]
    sets = [each["name"] for each in document["weight_sets"]]
    whole = found[0]
    rows = [
        [
            row["without"],
            str(row["indicators"]),
            _changed(row["auc"], whole["auc"], ".3f"),
            *(_changed(row["harm_found"][name], whole["harm_found"][name], ",.0f") for name in sets),
        ]
        for row in found
    ]
    head = ["Left out", "Indicators", "AUC", *(f"Harm days found, {words(name)}" for name in sets)]
    return [
        Table("The candidate fitted again without a part of what it reads, on the last split", head, rows),
        Text(
            "The first row leaves out nothing; brackets hold the change from it, which has no interval. A part that is "
            "worth nothing may be covered by others that say the same."
        ),
    ]


def _changed(value: float, whole: float, form: str) -> str:
    return f"{value:{form}}" if value == whole else f"{value:{form}} ({value - whole:+{form}})"
