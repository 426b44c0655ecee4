"""Cards of training in words and tables: what was decided and why, what was checked, what differs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from serving.documents import Document
from serving.storage.stores import in_london
from serving.web.words import day, words

FEW = "fewer than ten"
MEASURES = {
    "auc": (
        "Area under the curve (AUC)",
        "How often somebody whom harm followed stands above somebody whom it did not.",
    ),
    "precision_at_k": (
        "Precision at k",
        "Of the k places of an area, the share that went to people whom harm followed.",
    ),
    "recall_at_k": ("Recall at k", "Of the people whom harm followed, the share who had a place."),
    "mcc_at_k": ("MCC at k", "Correlation of having a place with harm having followed: 1 is perfect, 0 is chance."),
    "brier": ("Brier score", "Mean squared error of the expected grade; lower is better."),
}
"""Measure -> its name and what it means, in the order of the pages."""
_NAME = re.compile(r"\b(?:[a-z]+(?:_[a-z0-9]+)+|rfgv|v100|lightgbm|recency)\b")
_EXACT = re.compile(r"[+-]\d+\.\d+\b")
_HARM = "harm_found:"
_MORE_HARM = "finds more harm than "
_FAIRNESS = "missed harm by community"
_RULES = {
    "compared on at least three dates": "One good year is no better list.",
    "not too good to be true": "A result this good has meant a leak of what followed into what is read.",
    "promotion asked for": "The settings of a run may keep the simple list whatever the figures.",
    _FAIRNESS: "No community whose audit binds may have its harm missed more often than by the simple list.",
}


def rule_of(condition: Mapping[str, Any]) -> tuple[str, str]:
    """Return a rule of promotion as a sentence, and why there is such a rule."""
    name = str(condition["name"])
    if name.startswith(_MORE_HARM):
        why = "The whole interval of the difference lies above nought, under every set of harm weights."
        return f"Finds more harm than {words(name.removeprefix(_MORE_HARM))}", why
    return words(name), _RULES.get(name, "")


def sentence(text: str) -> str:
    """Return a sentence of a card with names in words, and harm days without decimals that nobody could tell apart.

    >>> sentence("Does not hold: finds more harm than rfgv; flat: -1498.0 harm days (+166.9 to +2034.9)")
    'Does not hold: finds more harm than RFGV; flat: -1,498 harm days (+167 to +2,035)'
    >>> sentence("sentence_severity: compared on 3 dates")
    'Sentence severity: compared on 3 dates'
    """
    named = _NAME.sub(lambda each: words(each[0]) if each.start() == 0 else _within_words(each[0]), text)
    return _EXACT.sub(lambda each: f"{float(each[0]):+,.0f}", named) if "harm days" in text else named


def _within_words(name: str) -> str:
    told = words(name)
    return told if told[:2].isupper() else _within(told)  # RFGV and V100 keep their letters


def communities(card: Document) -> str:
    """Return what the fairness rule found, in a sentence."""
    found = card["communities"]
    if found is None:
        return "Not looked at: no model held every other rule, so nothing was to change for any community."
    if not found["worse"]:
        return f"{found['compared']} communities were compared; no one’s harm would be missed more often."
    worse = "; ".join(
        f"{words(each['characteristic'])}: {words(each['group']).lower()} by about {each['change']:+.0%}"
        for each in found["worse"]
    )
    return f"Of {found['compared']} communities compared, harm would be missed more often for: {worse}."


def decided(card: Document) -> list[str]:
    """Return in plain sentences what a training run decided and why."""
    decision = card["decision"]
    champion, candidate = words(decision["champion"]), decision["candidate"]
    said = []
    if not card["for_panel"]:
        said.append("This was a rehearsal: its lists can never be released.")
    failed = [_within(rule_of(each)[0]) for each in decision["conditions"] if not each["holds"]]
    rules = len(decision["conditions"])
    if decision["promoted"]:
        said.append(f"{champion} was promoted: all {rules} rules of promotion hold.")
    elif candidate is None:
        said.append(f"The simple list {champion} stays: no model was among what was compared.")
    else:
        said.append(
            f"The simple list {champion} stays. {words(candidate)} was considered and does not hold "
            f"{len(failed)} of {rules} rules: {'; '.join(failed)}."
        )
        said.append(
            "A model takes the place of a simple list only where every rule holds; doubt keeps the simple list."
        )
    return [*said, against(card)]


def _within(sentence: str) -> str:
    """Return a sentence as it stands within another one: names that it holds keep their letters."""
    return sentence[:1].lower() + sentence[1:]


def against(card: Document) -> str:
    """Return in a sentence how many places would go to others than by the bundle that scored before."""
    live = card["live"]
    if live is None:
        return "No bundle scored before it, so nobody’s place changed by it."
    if live.get("same"):
        return "It came to the very bundle that scored before: nobody enters or leaves a list by it."
    if "not_compared" in live:
        return f"It was not compared with the bundle that scored before: {live['not_compared']}."
    before = "the bundle that scored before"
    if live.get("rehearsal"):
        before += (
            " (a rehearsal, of which no list could ever be released: nobody’s place before a panel changes by this)"
        )
    return (
        f"Against {before}, {count(live['enter'])} of {live['places']:,} places would go to "
        f"somebody else (all areas, as of {day(live['as_of'])}, before holds and referrals)."
    )


def count(number: int | None) -> str:
    """Return a count of people; one that is withheld is said to be small."""
    return FEW if number is None else f"{number:,}"


def measures(card: Document, ranker: str) -> list[dict[str, Any]]:
    """Return the measures of one ranker: metric, title, says, value, low, high; harm found by weight set last."""
    found = {each["metric"]: each for each in card["measures"] if each["name"] == ranker}
    rows = [
        {**found[metric], "title": title, "says": says} for metric, (title, says) in MEASURES.items() if metric in found
    ]
    for metric, each in found.items():
        if metric.startswith(_HARM):
            weights = words(metric.removeprefix(_HARM))
            says = "Harm days that followed for the people with a place, in one round of lists."
            rows.append({**each, "title": f"Harm found ({weights.lower()})", "says": says})
    return rows


def figure(row: Mapping[str, Any]) -> str:
    """Return a value with its interval.

    >>> figure({"value": 0.76632, "low": 0.758, "high": 0.775}), figure({"value": None})
    ('0.766 (0.758 to 0.775)', 'not available')
    """
    if row.get("value") is None:
        return "not available"
    form = ",.0f" if abs(row["value"]) >= 100 else ".3f"
    told = f"{row['value']:{form}}"
    if row.get("low") is None or row.get("high") is None:
        return told
    return f"{told} ({row['low']:{form}} to {row['high']:{form}})"


def ends_of(rows: Iterable[Mapping[str, Any]], with_nought: bool = False) -> tuple[float, float]:
    """Return the ends of a scale that holds every interval of some rows."""
    told = [row[name] for row in rows for name in ("value", "low", "high") if row.get(name) is not None]
    told += [0.0] * with_nought
    return (min(told), max(told)) if told else (0.0, 1.0)


def leak_checks(
    card: Document, proofs: Sequence[Document], told: Sequence[Document]
) -> list[tuple[str, str, bool | None]]:
    """Return what was done so that nothing of what followed reached what is read: check, finding, whether it holds.

    Parameters
    ----------
    proofs
        Cards of scoring runs that this bundle made.
    told
        Cards of time-travel proofs on the records that it was trained on.
    """
    gaps = [split["gap_days"] for split in card["splits"]]
    alarms = [alarm for alarm in card["alarms"] if alarm["kind"] == "too good"]
    aucs = [each["value"] for each in card["measures"] if each["metric"] == "auc" and each["value"] is not None]
    limits = card["limits"]
    rows: list[tuple[str, str, bool | None]] = [
        (
            "Every outcome that was trained on was known by its test date",
            f"The closest lies {min(gaps)} days before it." if gaps else "There was no test date.",
            min(gaps) >= 0 if gaps else None,
        ),
        (
            "No ranker is too good to be true",
            f"Highest AUC {max(aucs):.3f}, alarm at {limits['candidate_auc']:.2f}." if aucs else "Not measured.",
            not any(alarm["subject"].startswith("candidate") for alarm in alarms) if aucs else None,
        ),
        (
            "No single indicator is too good to be true",
            f"Highest AUC {card['highest_indicator_auc']:.3f}, alarm at {limits['indicator_auc']:.2f}.",
            not any(alarm["subject"].startswith("indicator") for alarm in alarms),
        ),
    ]
    rows.append(
        (
            "Scoring reads nothing learnt later",
            f"Proved before each of {len(proofs)} scoring runs on up to {proofs[0]['proof']['most_people']} people and "
            f"{proofs[0]['proof']['indicators']} indicators: what was not known yet was removed, then scrambled, and "
            "no number moved."
            if proofs
            else "Not available: no scoring run of your areas was made by it yet.",
            all(each["proof"]["holds"] for each in proofs) if proofs else None,
        )
    )
    for each in told[:1]:
        people = "few" if each["people"] is None else f"{each['people']:,}"
        moved = f" Moved: {', '.join(each['moved'] + each['cohorts_moved'])}." if not each["holds"] else ""
        text = f"As of {day(each['as_of'])}, {people} people and {each['checked']} indicators.{moved}"
        rows.append(("A time-travel proof of these records", text, each["holds"]))
    return rows


def what_it_is(card: Document, at: str) -> dict[str, str]:
    """Return what must be known to make the same bundle again, title -> value; two cards are compared by these."""
    splits, label, capacity = card["splits"], card["label"], card["capacity"]
    months = card["cohort"]["months"]
    return {
        "Ranks by": words(card["kind"]),
        "Date of training": day(in_london(at)),
        "Trained by": card["trained_by"],
        "Records up to": day(card["extract_date"]),
        "Records from": day(card["record"]["from"]),
        "Test dates": ", ".join(day(split["test"]) for split in splits),
        "Training dates, first to last": f"{day(splits[0]['train'][0])} to {day(splits[-1]['train'][-1])}",
        "People compared": f"{card['people_compared']:,}",
        "What counts as having followed": f"{words(label['kind'])}, within {label['horizon_days']} days",
        "Recording lag": f"{label['lag_days']} days",
        "Cohort": "ever" if months is None else f"suspects of the last {months} months",
        "Places compared (k)": str(capacity["k"]),
        "Seed": str(card["seed"]),
        "Draws of each interval": f"{card['bootstrap_draws']:,}",
        "Rankers compared": ", ".join(words(name) for name in (*card["candidates"], *card["incumbents"])),
        "Parameters": _parameters(card),
        "Backtest audit": words(card["backtest"]["all"]),
        "For panels": "Yes" if card["for_panel"] else "No, a rehearsal",
    }


def hashes(card: Document) -> dict[str, str]:
    """Return the hashes that bind a bundle to what it was made from."""
    titles = {
        "bundle": "Bundle",
        "snapshot": "Records",
        "catalogue": "Catalogue of indicators",
        "policy": "Fairness policy",
        "audit": "Backtest audit",
    }
    return {title: card["hashes"][name] for name, title in titles.items()}


def _parameters(card: Document) -> str:
    mine = next((each for each in card["rankers"] if each["name"] == card["champion"]), None)
    found = next(
        (each["found"] for each in card["tuning"] if each["name"] == card["champion"] and each["adopted"]), None
    )
    told = {**(mine["parameters"] if mine else {}), **(found or {})}
    return "; ".join(f"{words(name)} {words(value)}" for name, value in sorted(told.items())) or "as by default"
