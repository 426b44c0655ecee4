"""The record of a selection in words: lines for a terminal, tables for a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


def lines(record: Mapping[str, Any]) -> list[str]:
    """Return the record as plain English lines."""
    told = [f"Why {record['champion']}:", *(f"  {each}" for each in record["why"]), "Why not the others:"]
    told += [f"  {each['name']}: {' '.join(each['why'])}" for each in record["why_not"]]
    told.append("Harm not found because the best ranker of each date was not chosen, as a share of what it found:")
    told += [f"  {name}: {share}" for name, share in _by_ranker(record["regret"], _regret_words)]
    told.append("From one test date to the next:")
    told += [f"  {name}: {words}" for name, words in _by_ranker(record["over_time"], _kept_words)]
    return [*told, *_cost_words(record["costs"])]


def _by_ranker(rows: Sequence[Mapping[str, Any]], words: Callable[[Mapping[str, Any]], str]) -> list[tuple[str, str]]:
    names = dict.fromkeys(str(row["name"]) for row in rows)
    return [(name, "; ".join(words(row) for row in rows if row["name"] == name)) for name in names]


def _regret_words(row: Mapping[str, Any]) -> str:
    return f"{row['weights']} {percent(row['share'])}"


def _kept_words(row: Mapping[str, Any]) -> str:
    correlation = "no order to compare" if row["rank_correlation"] is None else f"rank {row['rank_correlation']:.2f}"
    return f"{row['later']} keeps {percent(row['kept'])} of {row['earlier']} ({correlation})"


def percent(share: float | None) -> str:
    """Return a share in words.

    >>> percent(0.256), percent(None)
    ('26%', 'not known')
    """
    return "not known" if share is None else f"{share:.0%}"


def _cost_words(costs: Mapping[str, Any]) -> list[str]:
    decided = f"decided by {costs['decided_by']}" if costs["decided_by"] else "illustrative: nobody has decided it"
    lines = [
        f"A place given to somebody without the outcome costs {costs['place_in_vain']:g}, a missed person costs "
        f"{costs['missed']:g} ({decided}). Against no list, {costs['k']} places an area are worth a round:"
    ]
    for benefit, worth in zip(costs["net_benefit"], costs["worth_it_from"], strict=True):
        from_ratio = "it found nobody" if worth["value"] is None else (
            f"worth it if a missed person costs {worth['value']:.1f}{_bounds(worth, '.1f')} places or more"
        )  # fmt: skip
        lines.append(f"  {benefit['name']}: {benefit['value']:+,.0f}{_bounds(benefit, '+,.0f')} places; {from_ratio}")
    return [
        *lines,
        "Costs say whether a list of this length is worth its places. Which ranker is best does not depend on them.",
    ]


def _bounds(row: Mapping[str, Any], form: str) -> str:
    if row["low"] is None:
        return ""
    high = "no upper bound" if row["high"] is None else format(row["high"], form)
    return f" ({format(row['low'], form)} to {high})"


def tables(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the record as tables of text for a report: title, header, rows, note."""
    reasons = [[record["champion"], "chosen", " ".join(record["why"])]]
    reasons += [[each["name"], "not chosen", " ".join(each["why"])] for each in record["why_not"]]
    costs = record["costs"]
    cost_words = _cost_words(costs)
    return [
        {
            "title": "Why this ranker and not the others",
            "header": ["Ranker", "Outcome", "Why"],
            "rows": reasons,
            "note": "",
        },
        {
            "title": "Harm days not found at each date because its best ranker was not chosen",
            "header": ["Ranker", "Harm weights", "By test date", "Largest", "Share of the best"],
            "rows": [
                [
                    row["name"],
                    row["weights"],
                    ", ".join(f"{each:,.0f}" for each in row["by_date"]),
                    f"{row['largest']:,.0f}",
                    percent(row["share"]),
                ]
                for row in record["regret"]
            ],
            "note": "Averaged over the declared list lengths. Zero at every date: always the best.",
        },
        {
            "title": "Lists from one test date to the next",
            "header": ["Ranker", "From", "To", "Places kept", "Jaccard", "Rank correlation"],
            "rows": [
                [
                    row["name"],
                    row["earlier"],
                    row["later"],
                    percent(row["kept"]),
                    percent(row["jaccard"]),
                    "none" if row["rank_correlation"] is None else f"{row['rank_correlation']:.2f}",
                ]
                for row in record["over_time"]
            ],
            "note": "A list should change as people do; one that changes more than those beside it changes by chance.",
        },
        {
            "title": "What the places are worth",
            "header": ["Ranker", "Net benefit, in places", "Worth it from a cost ratio of"],
            "rows": [
                [
                    benefit["name"],
                    f"{benefit['value']:+,.0f}{_bounds(benefit, '+,.0f')}",
                    "it found nobody" if worth["value"] is None else f"{worth['value']:.1f}{_bounds(worth, '.1f')}",
                ]
                for benefit, worth in zip(costs["net_benefit"], costs["worth_it_from"], strict=True)
            ],
            "note": f"{cost_words[0]} {cost_words[-1]}",
        },
    ]
