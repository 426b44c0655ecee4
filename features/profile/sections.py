"""What every section of the page says: its words, plots and tables, from the document's numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from records.quality import plots
from records.quality.blocks import Block, Heading, Plot, Section, Table, Text
from records.quality.words import NOT_AVAILABLE, day, number, ratio, share, withheld

Document = Mapping[str, Any]
Told = Mapping[str, Any]


def sections(document: Document) -> list[Section]:
    """Return the sections in the order of the page."""
    return [
        _people(document),
        _missing(document),
        _drift(document),
        _rules(document),
        _clusters(document),
        *_groups(document),
        _method(document),
    ]


def _people(document: Document) -> Section:
    says = ["Everything below is about these people as of these dates. Bins are those of the first date."]
    rows = [[day(each["as_of"]), withheld(each["people"])] for each in document["dates"]]
    return Section("people", "Dates and people", says, [Table("People by date", ["As of", "People"], rows)])


def _missing(document: Document) -> Section:
    says = [
        "A missing number means that it is not available or not known, never zero. The list of indicators says for "
        "each what its absence means.",
    ]
    blocks: list[Block] = []
    for group, told in _by_group(document):
        rows, bars = [], []
        for each in told:
            shares = [one["share_missing"] for one in each["dates"]]
            rows.append([each["name"], *(withheld(value, share) for value in shares), each["standing"] or ""])
            bars.append((each["name"], shares[-1], 0.0, withheld(shares[-1], share)))
        title = f"Share missing on the latest date: {group}"
        spoken = "; ".join(f"{label}: {words}" for label, _, _, words in bars)
        blocks.append(Plot(title, plots.bars(f"missing-{_slug(group)}", title, spoken, bars)))
        head = ["Indicator", *(day(each["as_of"]) for each in document["dates"]), "Note"]
        blocks.append(Table(f"Share missing: {group}", head, rows, folded=True))
    return Section("missing", "What is missing", says, blocks)


def _drift(document: Document) -> Section:
    settings = document["settings"]
    says = [
        "How far each indicator moved from the first date, by size of effect. The stability index compares shares by "
        f"bin, missing included: moderate from {settings['psi_moderate']:g}, large from {settings['psi_large']:g}, "
        "and only where it is more than chance could give. Cliff's delta is the chance that somebody on the later "
        "date has a higher number than somebody on the first, less the chance of a lower one: moderate from "
        f"{settings['delta_moderate']:g}, large from {settings['delta_large']:g}.",
    ]
    if len(document["dates"]) < 2:
        return Section("drift", "Drift between dates", [*says, "There is one date only: nothing can be compared."])
    furthest = [(each["name"], max(each["drift"], key=_size)) for each in document["indicators"]]
    rows = [[name, day(later["as_of"]), later["level"], *_effects(later)] for name, later in furthest]
    head = ["Indicator", "As of", "Level", "Stability index", "Chance could give", "Cliff's delta", "Change missing"]
    blocks: list[Block] = [
        Table(
            "What moved by a moderate or large effect, on the date on which it was furthest from the first",
            head,
            [row for row in rows if row[2] in ("moderate", "large")],
            texts=3,
        ),
        Table("Every indicator, on the date on which it was furthest from the first", head, rows, texts=3, folded=True),
    ]
    return Section("drift", "Drift between dates", says, blocks)


def _size(later: Told) -> tuple[int, float]:
    levels = ("not known", "none", "moderate", "large")
    return levels.index(later["level"]), later["psi"] or 0.0


def _effects(later: Told) -> list[str]:
    missing = later["missing"]
    change = "withheld" if missing is None else f"{100 * missing:+.1f} points"
    return [withheld(later[key], _signed) for key in ("psi", "chance", "delta")] + [change]


def _signed(value: float) -> str:
    return f"{value:.2f}"


def _rules(document: Document) -> Section:
    says = [
        "A number that counts the last 365 days knows one rule only on dates before a change, or 365 days or more "
        "after it. In between it mixes both, and where all of history counts it mixes them ever after. A difference "
        "between the two sides is no proof that the rule made it.",
    ]
    blocks: list[Block] = []
    for change in document["rule_changes"]:
        blocks += [Heading(change["name"]), Text(f"{change['says']} Source: {change['source']}.")]
        if change["first"] is None:
            blocks.append(Text("The day from which it holds here is not known, so dates cannot be split."))
        else:
            blocks += _around(change, document)
    return Section("rules", "Changes of recording rules", says, blocks)


def _around(change: Told, document: Document) -> list[Block]:
    rows = []
    for each in document["indicators"]:
        told = each["rule_changes"].get(change["name"])
        if told is not None:
            sides = ["none" if told[side] is None else day(told[side]) for side in ("before", "after")]
            both = told["before"] is not None and told["after"] is not None
            compared = withheld(told["delta"], _signed) if both else NOT_AVAILABLE
            rows.append([each["name"], *sides, number(told["mixed"]), compared])
    if not rows:
        side = "after" if change["dates_after"] else "before"
        return [Text(f"All dates lie {side} it ({day(change['first'])}), and no indicator with a window mixes both.")]
    head = ["Indicator", "Last date before", "First date wholly after", "Dates that mix both", "Cliff's delta"]
    return [Table(f"Before and from {day(change['first'])}: {change['name']}", head, rows, texts=3)]


def _clusters(document: Document) -> Section:
    part, settings = document["clusters"], document["settings"]
    says = [
        "Indicators of which every two order people much alike: absolute rank correlation (Spearman) of "
        f"{settings['rho']:g} or more, between {withheld(part['people'])} people of the latest date for whom both are "
        "known.",
    ]
    rows = [[", ".join(each["indicators"]), ratio(each["lowest"])] for each in part["found"]]
    table = Table("Clusters", ["Indicators", "Lowest correlation in it"], rows)
    return Section("clusters", "Indicators that say much the same", says, [table])


def _groups(document: Document) -> Iterator[Section]:
    for group, told in _by_group(document):
        blocks: list[Block] = []
        for each in told:
            blocks += [Heading(each["name"]), Text(_sentence(each)), *_distribution(each)]
        yield Section(f"group-{_slug(group)}", f"Distributions: {group}", [], blocks)


def _sentence(each: Told) -> str:
    unit = f" Unit: {each['unit']}." if each["unit"] else ""
    standing = {
        None: "",
        "constant": " Everybody who has a number has the same one.",
        "always missing": " Nobody has a number.",
    }[each["standing"]]
    latest = each["dates"][-1]
    median = "" if latest["median"] is None else f" The median lies in the bin “{each['bins'][latest['median']]}”."
    return f"{each['question']}{unit}{standing}{median}"


def _distribution(each: Told) -> list[Block]:
    if each["standing"] == "always missing":
        return []
    latest = each["dates"][-1]
    bars = [
        (label, None, 0.0, "withheld")
        if count is None
        else (label, count / latest["people"], 0.0, _part(count, latest))
        for label, count in zip([*each["bins"], "missing"], [*latest["counts"], latest["missing"]], strict=True)
    ]
    title = f"{each['name']} as of {day(latest['as_of'])}"
    spoken = "; ".join(f"{label}: {words}" for label, _, _, words in bars)
    head = [f"Bin ({each['unit']})" if each["unit"] else "Bin", *(day(one["as_of"]) for one in each["dates"])]
    rows = [
        [label, *(withheld(one["counts"][place]) for one in each["dates"])] for place, label in enumerate(each["bins"])
    ]
    rows.append(["missing", *(withheld(one["missing"]) for one in each["dates"])])
    return [
        Plot(title, plots.bars(f"spread-{each['name']}", title, spoken, bars)),
        Table(f"People by bin: {each['name']}", head, rows, folded=True),
    ]


def _part(count: int, latest: Told) -> str:
    return f"{number(count)} ({share(count / latest['people'])})"


def _method(document: Document) -> Section:
    fewest = document["settings"]["smallest_cell"]
    says = [
        "Bins are cut at the round numbers nearest to the quantiles of the first date and then kept; a bin that "
        f"holds fewer than {fewest} people on every date is joined with its neighbour. On every date a count below "
        f"{fewest} is withheld, and so are further ones until it cannot be worked out from the rest. No mean, least "
        "or largest value is given anywhere, here or in the JSON file of the same name.",
        "The same indicators give the same profile.",
    ]
    rows = [[name.replace("_", " "), str(value)] for name, value in document["settings"].items()]
    return Section("method", "How this was made", says, [Table("Settings", ["Setting", "Value"], rows)])


def _by_group(document: Document) -> list[tuple[str, list[Told]]]:
    """Return the indicators by group, in the order in which groups first occur."""
    groups: dict[str, list[Told]] = {}
    for each in document["indicators"]:
        groups.setdefault(each["group"], []).append(each)
    return list(groups.items())


def _slug(group: str) -> str:
    return "-".join(group.split())
