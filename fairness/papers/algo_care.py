"""The ALGO-CARE checklist (Oswald, Grace, Urwin and Barnes 2018): eight questions to a police algorithm."""

from __future__ import annotations

from typing import Any

from fairness.papers.entries import approved, made, part, said, seen
from fairness.papers.facts import RunFacts
from fairness.papers.governance import Governance

TITLE = "ALGO-CARE checklist"
SAYS = ("What a run can answer is answered. The rest is for the people named; an empty answer is no yes.",)


def parts(facts: RunFacts, governance: Governance) -> list[dict[str, Any]]:
    """Return one part a letter."""
    return [
        part("advisory", "Advisory", [
            made("A.1", "Does a person decide?", "Yes. A list is advice; nothing happens without a panel's own "
                 "decision."),
            said(governance, "A.2", "How is it made sure that people decide?", "algo_care.advisory"),
        ]),
        part("lawful", "Lawful", [
            said(governance, "L.1", "Why is it lawful, necessary and proportionate?", "algo_care.lawful"),
            said(governance, "L.2", "On what basis is data processed?", "data.lawful_basis"),
            approved(governance, "L.3", "Was the impact on data protection assessed?", "dpia"),
            said(governance, "L.4", "Until when may it be used, before that is decided anew?", "expires"),
        ]),
        part("granularity", "Granularity", [
            seen("G.1", "Is there detail enough about the individual?", f"{facts.bundle['indicators']} indicators of "
                 "each person's own records. No area, group or average of others is one of them."),
            seen("G.2", "What is not known or missing?", *facts.answer("assessed")),
        ]),
        part("ownership", "Ownership", [
            said(governance, "O.1", "Who owns it, and who may inspect it?", "algo_care.ownership"),
            made("O.2", "Can it be inspected?", "Yes. The source is open (MIT licence), and models are kept in "
                 "formats that can be read without running anything."),
        ]),
        part("challengeable", "Challengeable", [
            said(governance, "C.1", "How do people learn of it and challenge it?", "algo_care.challengeable"),
            made("C.2", "Can an answer be traced?", "Yes: every reason cites incidents, every list has one hash, and "
                 "the ledger says who released it and who saw it."),
        ]),
        part("accuracy", "Accuracy", [
            seen("A.3", "How right is it?", _measure(facts, "precision_at_k", "Precision at the places"),
                 _measure(facts, "recall_at_k", "Share of outcomes found at the places"),
                 otherwise="The data scientist trains again; training leaves an evaluation."),
            seen("A.4", "For whom is it less right?", *facts.answer("whom")),
            made("A.5", "Is it looked at again?", "Every list is audited. A release ends on its last day, and drift is "
                 "measured against bins frozen with the bundle."),
        ]),
        part("responsible", "Responsible", [
            said(governance, "R.1", "Who weighed the public interest?", "algo_care.responsible"),
            approved(governance, "R.2", "What did the ethics committee say?", "ethics"),
            approved(governance, "R.3", "Was the impact on equality assessed?", "equality"),
        ]),
        part("explainable", "Explainable", [
            made("E.1", "Can each place be explained?", "A reason that cites incidents is shown only if taking them "
                 "out moves the place the stated way. What it rests on is in plain English with dates."),
        ]),
    ]  # fmt: skip


def _measure(facts: RunFacts, metric: str, words: str) -> str | None:
    value = facts.measure(metric)
    return None if value is None else f"{words}: {value}."
