"""The section that says what counts as having followed, how often it did, and who could not be followed."""

from __future__ import annotations

from records.quality.blocks import Section, Table
from records.quality.words import NOT_AVAILABLE, WITHHELD, number, share, withheld
from training.label_report import OUTCOME
from training.relationships import TITLES
from training.report.figures import Document, Told

_GROUP = ["Outcomes recorded", "Group"]
_LOST = {"censored": "Custody first", "moved": "Moved first", "treated": "On Drive", "died": "Had died"}
_FOLLOWED = {"rows": "Rows", "people": "People", **_LOST, "truncated": "Largest weight"}


def labels(document: Document) -> Section:
    """Return the section: definitions, then counts, rates and bounds by regime and kind of abuse, then by date."""
    says = [
        "The grade is that of the highest thing that followed, and each grade has a declared value from 0 to 1 that a "
        "ranker learns to expect. Outcome means grade 2 or 3.",
    ]
    tables = [*_definitions(document), _counts(document), _rates(document), _bounds(document), _by_date(document)]
    return Section("labels", "What counts as having followed", says, tables)


def _definitions(document: Document) -> list[Table]:
    told = document["definitions"]
    grades = [[each["title"], str(each["grade"]), f"{each['value']:g}", each["says"]] for each in told["grades"]]
    rules = [[each["name"], each["says"]] for each in told["rules"]]
    return [
        Table("Grades", ["What followed", "Grade", "Value", "What counts"], grades, texts=4),
        Table("Rules", ["Rule", "What it says"], rules, texts=2),
    ]


def _counts(document: Document) -> Table:
    rows = [
        [
            *_group(each),
            number(each["dates"]),
            *(withheld(each[name]) for name in _FOLLOWED),
            withheld(each["effective_size"], _whole),
        ]
        for each in document["labels"]
    ]
    head = [*_GROUP, "Dates", *_FOLLOWED.values(), "Effective size"]
    return Table("Who was followed (a row is a person at a date)", head, rows, texts=2)


def _rates(document: Document) -> Table:
    titles = {OUTCOME: "Outcome", **{each["name"]: each["title"] for each in document["definitions"]["grades"]}}
    shown = [name for name in titles if any(name in each["parts"] for each in document["labels"])]
    rows = [[*_group(each), *(_rate(each["parts"][name]) for name in shown)] for each in document["labels"]]
    title = "How often it followed: rows with it, and the share with its interval"
    return Table(title, [*_GROUP, *(titles[name] for name in shown)], rows, texts=2)


def _bounds(document: Document) -> Table:
    rows = [
        [*_group(each), *(withheld(each[bound], share) for bound in ("treated_low", "treated_high"))]
        for each in document["labels"]
    ]
    title = "Bounds of the outcome's rate: if none, or all, of those on Drive had had it"
    return Table(title, [*_GROUP, "If none", "If all"], rows, texts=2)


def _by_date(document: Document) -> Table:
    rows = [
        [
            *(str(each[name]) for name in ("as_of", "people", "outcomes", *_LOST)),
            withheld(each["effective_size"], _whole),
        ]
        for each in document["dates"]
    ]
    head = ["As of", "People", "Outcomes", *_LOST.values(), "Effective size"]
    return Table("By date", head, rows, folded=True)


def _group(each: Told) -> list[str]:
    return [each["when"], TITLES[each["group"]]]


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _rate(part: Told | None) -> str:
    if part is None:
        return NOT_AVAILABLE
    if part["rows"] is None:
        return WITHHELD
    return f"{part['rows']:,}: {share(part['value'])} ({share(part['low'])} to {share(part['high'])})"
