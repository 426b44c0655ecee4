"""The principles of the NPCC covenant for using artificial intelligence in policing (28 September 2023)."""

from __future__ import annotations

from typing import Any

from fairness.papers.entries import approved, made, part, said, seen
from fairness.papers.facts import RunFacts
from fairness.papers.governance import Governance

TITLE = "NPCC covenant checklist"
SAYS = ("One part a principle. What a run can show is shown; the rest is for the people named.",)


def parts(facts: RunFacts, governance: Governance) -> list[dict[str, Any]]:
    """Return one part a principle."""
    return [
        part("lawful", "Lawful", [
            said(governance, "1.1", "Which law was considered, and what is open?", "covenant.lawful"),
            approved(governance, "1.2", "Data protection impact assessment", "dpia"),
            approved(governance, "1.3", "Equality impact assessment", "equality"),
        ]),
        part("transparent", "Transparent", [
            said(governance, "2.1", "What is published, where and how often?", "covenant.transparent"),
            made("2.2", "What can be published", "The transparency record and the page of metrics are made of each "
                 "run, and hold no figure of fewer than ten."),
        ]),
        part("explainable", "Explainable", [
            made("3.1", "Can it be explained?", "Reasons cite incidents and are checked by taking them out."),
        ]),
        part("responsible", "Responsible", [
            said(governance, "4.1", "How is harm to people looked for and put right?", "covenant.responsible"),
            seen("4.2", "What this run's audit found", *facts.answer("verdict"), *facts.answer("whom")),
            made("4.3", "Can it be stopped?", "Yes: a reviewer withdraws a list, and every page and copy of it stops."),
        ]),
        part("accountable", "Accountable", [
            said(governance, "5.1", "Who answers, and who scrutinises?", "covenant.accountable"),
            said(governance, "5.2", "Senior responsible owner", "senior_responsible_owner"),
            approved(governance, "5.3", "Independent scrutiny", "ethics"),
            made("5.4", "Who did what", "Every act is in a signed ledger whose head is printed on every pack."),
        ]),
        part("robust", "Robust", [
            made("6.1", "Does it hold?", "The order is the same whatever the order of rows or number of threads, or "
                 "there is no bundle. People who chance alone puts above or below the line are shown as a band. A "
                 "proof removes "
                 "everything learnt after a list's date and demands the same numbers."),
            seen("6.2", "What this list rests on", f"Bundle {facts.hashes['bundle']}; records "
                 f"{facts.hashes['snapshot']}."),
        ]),
    ]  # fmt: skip
