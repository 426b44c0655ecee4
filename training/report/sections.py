"""What every section of the evaluation report says: its words, plots and tables, from the document's figures."""

from __future__ import annotations

from typing import Any

from records.quality.blocks import Block, Heading, Plot, Section, Table, Text
from records.quality.regimes import BREAKS
from records.quality.words import WITHHELD, number, withheld, words
from training.relationships import TITLES
from training.report import wording
from training.report.beside import beside
from training.report.calibrated import calibration
from training.report.drawings import timeline
from training.report.figures import Document, Told, interval, role_of
from training.report.followed import labels
from training.report.selected import selected

_MEASURES = {
    "auc": "AUC",
    "precision_at_k": "Precision at k",
    "recall_at_k": "Recall at k",
    "mcc_at_k": "MCC at k",
    "brier": "Brier score",
    "log_loss": "Log loss",
}
_FIGURES = {"auc": "AUC", "precision": "Precision at k", "recall": "Recall at k", "mcc": "MCC at k"}


def sections(document: Document) -> list[Section]:
    """Return the sections in the order of the page."""
    return [
        _use(document),
        _decision(document),
        selected(document),
        beside(document),
        _splits(document),
        labels(document),
        _rankers(document),
        _within(document, "abuse", "kinds", "Partners and family apart", wording.ABUSE),
        _within(document, "regime", "regimes", "By regime of counting rules", wording.REGIME),
        _within(document, "area", "areas", "By area", wording.AREA),
        calibration(document),
        _limits(document),
        _method(document),
    ]


def _use(document: Document) -> Section:
    places = document["capacity"]
    return Section(
        "use",
        "What it is for, and what not",
        [
            "It ranks people who are recorded as suspects of recent domestic abuse, so that a panel looks first at "
            f"those whose records say that most harm may follow within {document['label']['horizon_days']} days. "
            f"People decide; a list has {places['k']} places an area here, and figures over a range are from "
            f"{places['low']} to {places['high']}.",
            *wording.USE,
        ],
    )


def _decision(document: Document) -> Section:
    decision = document["decision"]
    says = [
        f"Champion: {words(decision['champion'])}. "
        + ("The model is promoted." if decision["promoted"] else "No model is promoted: the simple list stays."),
        "A model takes the simple list's place only if every condition holds.",
    ]
    rows = [[each["name"], "yes" if each["holds"] else "no", each["why"]] for each in decision["conditions"]]
    blocks: list[Block] = [Table("Conditions of promotion", ["Condition", "Holds", "Figures"], rows, texts=3)]
    blocks += [Heading("Alarms"), *(Text(each["message"]) for each in document["alarms"])]
    if not document["alarms"]:
        blocks.append(
            Text("By the declared limits no result is too good to be true or too bad to be left unexplained.")
        )
    return Section("decision", "Who ranks, and why", says, blocks)


def _splits(document: Document) -> Section:
    splits = document["splits"]
    label = document["label"]
    says = [
        f"Each split trains on dates whose outcomes ({label['horizon_days']} days) and recording lag "
        f"({label['lag_days']} days) ended by its test date, and is judged on what followed that date. Cohort: people "
        + _cohort(document["cohort"])
        + f" Compared: {number(document['people_compared'])} people.",
    ]
    title = "Splits over time"
    spoken = " ".join(
        f"Split {each['test']}: training outcomes from {each['train'][0]} to {each['train_until']}, known by "
        f"{each['train_known']}; tested at {each['test']}, outcomes to {each['until']}, known by {each['known']}."
        for each in splits
    )
    marks = {f"{each.month}-01": chr(ord("A") + place) for place, each in enumerate(BREAKS)}
    legend = (
        "Pale: outcomes of the training dates (a stroke each). Hatched: the lag in which outcomes become known. Dot: "
        "the test date. Dark: the outcomes that it is judged on. Changes of recording rules: "
        + "; ".join(f"{chr(ord('A') + place)} {each.name} ({each.month})" for place, each in enumerate(BREAKS))
        + "."
    )
    head = [
        "Test date", "Training dates", "Their outcomes end", "Known by", "Days to the test date", "Test outcomes end",
        "Known by", "Counting rules",
    ]  # fmt: skip
    rows = [
        [
            each["test"],
            f"{len(each['train'])} from {each['train'][0]} to {each['train'][-1]}",
            each["train_until"],
            each["train_known"],
            number(each["gap_days"]),
            each["until"],
            each["known"],
            each["regime"],
        ]
        for each in splits
    ]
    remarks = [[each["test"], remark] for each in splits for remark in each["remarks"]]
    drawn = timeline("splits-drawn", title, spoken, splits, marks, document["extract_date"])
    blocks: list[Block] = [
        Plot(title, drawn),
        Text(legend),
        Table("Splits", head, rows, texts=8),
        Table("Changes of recording rules that a split mixes", ["Test date", "What is mixed"], remarks, texts=2),
        Text(
            "Indicators look further back than outcomes, so those of a date soon after a change still count events by "
            "the old rules."
        ),
    ]
    return Section("splits", "Data and splits", says, blocks)


def _cohort(cohort: Told) -> str:
    what = "a domestic incident" if cohort["domestic_only"] else "an incident"
    months = cohort["months"]
    span = "month" if months == 1 else f"{months} months"
    when = "at any time before" if months is None else f"in the {span} before"
    return f"with {what} as suspect {when}, without those then known to have died."


def _rankers(document: Document) -> Section:
    k = document["capacity"]["k"]
    says = [
        f"Every ranker on the same lists and the same {document['bootstrap_draws']} draws of people. k is {k} places "
        "an area. Brackets hold 95% intervals, in which a person brings all their rows. MCC is the correlation of "
        "being on the list with the outcome: 1 is perfect, 0 is chance; with few places it is small for the best of "
        "lists.",
    ]
    found = {(each["name"], each["metric"]): each for each in document["measures"]}
    names = [*document["candidates"], *document["incumbents"]]
    present = [metric for metric in _MEASURES if any((name, metric) in found for name in names)]
    rows = [[role_of(name, document), *(interval(found.get((name, metric))) for metric in present)] for name in names]
    blocks: list[Block] = [Table("Measures", ["Ranker", *(_MEASURES[metric] for metric in present)], rows)]
    sets = [each["name"] for each in document["weight_sets"]]
    harm = [
        [role_of(name, document), *(interval(found.get((name, f"{what}:{each}"))) for each in sets)]
        for what in ("harm_found",)
        for name in names
    ]
    shares = [
        [role_of(name, document), *(interval(found.get((name, f"harm_share:{each}"))) for each in sets)]
        for name in names
    ]
    head = ["Ranker", *(words(each) for each in sets)]
    pairs = [
        [f"{words(each['name'])} less {words(each['other'])}", words(each["weights"]), interval(each, "{:+,.0f}")]
        for each in document["differences"]
        if each["name"] in document["candidates"] and each["other"] in document["incumbents"]
    ]
    blocks += [
        Table("Harm found: harm days that followed, in one round of lists, by set of harm weights", head, harm),
        Table("Share of all harm that the lists hold", head, shares),
        Table("Candidates against simple lists: harm days", ["Pair", "Harm weights", "Difference"], pairs, texts=2),
        Table(
            "Harm weights",
            ["Set", "Checked", "Source"],
            [
                [words(each["name"]), "yes" if each["verified"] else "no", each["source"]]
                for each in document["weight_sets"]
            ],
            texts=3,
        ),
    ]
    return Section("rankers", "How well each ranker does", says, blocks)


def _within(document: Document, kind: str, name: str, title: str, says: str) -> Section:
    told = [each for each in document["breakdowns"] if each["kind"] == kind]
    names = [*document["candidates"], *document["incumbents"]]
    groups = list(dict.fromkeys(each["group"] for each in told))
    order = sorted(told, key=lambda each: (groups.index(each["group"]), names.index(each["ranker"])))
    rows = [
        [
            TITLES.get(each["group"], each["group"]),
            role_of(each["ranker"], document),
            withheld(each["people"]),
            withheld(each["outcomes"]),
            *(WITHHELD if each[figure] is None else interval(each[figure]) for figure in _FIGURES),
        ]
        for each in order
    ]
    head = ["Group", "Ranker", "People", "Outcomes", *_FIGURES.values()]
    return Section(name, title, [says], [Table(title, head, rows, texts=2)])


def _limits(document: Document) -> Section:
    return Section("limits", "Limits, and what is not known", wording.LIMITS)


def _method(document: Document) -> Section:
    settings = {
        "seed": document["seed"],
        "bootstrap draws": document["bootstrap_draws"],
        "promote": document["promote"],
        **{f"label: {words(name)}": value for name, value in sorted(document["label"].items())},
        **{f"cohort: {words(name)}": value for name, value in sorted(document["cohort"].items())},
        **{f"places: {words(name)}": value for name, value in sorted(document["capacity"].items())},
        **{f"audit depth of {words(name)}": value for name, value in sorted(document["audit_depth"].items())},
        "indicators offered": document["indicators"],
    }
    rows = [[name, _setting(value)] for name, value in settings.items()]
    says = [
        "Counts of people and of outcomes from 1 to 9 are withheld, and further ones until they cannot be worked "
        "out. A bin holds at least ten people. The same records, settings and seed give the same report.",
    ]
    made = [
        [words(each["name"]), words(each["kind"]), each["target"], _parameters(each["parameters"])]
        for each in document["rankers"]
    ]
    searched = [
        [
            words(each["name"]),
            ", ".join(each["dates"]),
            number(each["trials"]),
            _parameters(each["found"]) if each["found"] else "every trial was given up",
            "yes" if each["adopted"] else "no",
        ]
        for each in document["tuning"]
    ]
    blocks: list[Block] = [
        Table("Settings", ["Setting", "Value"], rows, texts=2),
        Table("What each ranker is made with", ["Ranker", "Kind", "Fitted on", "Parameters"], made, texts=4),
    ]
    if searched:
        head = ["Ranker", "Dates", "Trials", "Best found", "Adopted"]
        blocks.append(Table("Search for parameters, on dates before those compared", head, searched, texts=5))
    return Section("method", "How this was made", says, blocks)


def _parameters(parameters: Told) -> str:
    told = "; ".join(f"{words(name)} {value}" for name, value in sorted(parameters.items()))
    return told or "as by default"


def _setting(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "no limit"}[value]
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
