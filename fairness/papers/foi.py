"""A page of metrics such as freedom-of-information requests ask for: how right, how often used, how often overruled."""

from __future__ import annotations

from typing import Any

from fairness.papers.entries import made, part, said, seen
from fairness.papers.facts import RunFacts, against_order, counted
from fairness.papers.governance import Governance

TITLE = "Metrics for publication"
SAYS = (
    "Figures that are asked for under freedom of information. Counts of fewer than ten are not given. Measures are of "
    "lists made of past records, on which nobody had acted; each has its 95% interval where one can be given.",
)
MEASURES = (
    ("mcc_at_k", "Matthews correlation coefficient at the places", "1 is perfect, 0 is chance"),
    ("precision_at_k", "Precision at the places", "share of those listed who had a later outcome"),
    ("recall_at_k", "Recall at the places", "share of all later outcomes that were among those listed"),
    ("auc", "Area under the curve", "0.5 is chance, 1 is perfect"),
    ("brier", "Brier score", "0 is perfect"),
    ("calibration_slope:everybody", "Calibration slope", "1 needs no mending"),
)
_AGAIN = "The data scientist trains again; training leaves an evaluation."


def parts(facts: RunFacts, governance: Governance) -> list[dict[str, Any]]:
    """Return the page's parts."""
    return [_right(facts), _communities(facts), _used(facts), part("contact", "Questions", [
        said(governance, "4.1", "Where to ask", "organisation.contact_email"),
        said(governance, "4.2", "Where more is published", "organisation.website"),
    ])]  # fmt: skip


def _right(facts: RunFacts) -> dict[str, Any]:
    entries = [
        seen(f"1.{place}", f"{words} ({meaning})", facts.measure(metric), otherwise=_AGAIN)
        for place, (metric, words, meaning) in enumerate(MEASURES, 1)
    ]
    outcome = [f"{g['title']}: {g['says']}" for g in facts.evaluation.get("definitions", {}).get("grades", ())]
    entries.append(seen("1.7", "What counts as an outcome", *outcome, otherwise=_AGAIN))
    why = (
        "What follows is rare and often unrecorded. A list that finds twice what chance finds still lists people to "
        "whom "
        "nothing more is recorded."
    )
    entries.append(made("1.8", "Why precision is low at best", why))
    return part("right", "How right is it?", entries)


def _communities(facts: RunFacts) -> dict[str, Any]:
    entries = [
        seen("2.1", "Does it treat communities alike?", *facts.answer("verdict"), *facts.answer("whom")),
        seen("2.2", "Who could not be assessed?", *facts.answer("assessed")),
    ]
    return part("communities", "Communities", entries)


def _used(facts: RunFacts) -> dict[str, Any]:
    runs = [f"{state.replace('_', ' ')}: {count}" for state, count in sorted(facts.runs.items())]
    entries = [
        seen("3.1", "Lists so far, by state", *runs),
        seen("3.2", "Decisions of panels so far", *(counted(facts.decisions) or ["None recorded yet."])),
        seen(
            "3.3",
            "How often did panels decide against the order?",
            "A place for somebody below the line, or none for somebody above it, of the decisions that could have been "
            f"either: {against_order(facts.overrides, facts.ordered)}",
        ),
        seen(
            "3.4",
            "Is anything decided by the computer alone?",
            "No place on Drive is given, refused or ended by it: a panel decides on each person whom it meets, and may "
            "go against the order.",
            "Who is on a list at all is decided by the order alone: of everybody who could be ranked, the first "
            f"{facts.list_length} at this meeting, for {facts.places} places. Whoever stands further down is met by no "
            "panel unless an agency refers them, which any may do for anybody. Not being on a list does not mean low "
            "risk.",
        ),
    ]
    return part("used", "How is it used?", entries)
