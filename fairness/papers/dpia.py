"""Annex to a data protection impact assessment: what a run can say for it. The assessment itself is a person's."""

from __future__ import annotations

from typing import Any

from fairness.papers.atrs import RISKS
from fairness.papers.entries import approved, made, part, said, seen
from fairness.papers.facts import RunFacts
from fairness.papers.governance import Governance

TITLE = "Annex to the data protection impact assessment"
SAYS = (
    "Facts for the assessment under section 64 of the Data Protection Act 2018, and under UK GDPR where a partner is "
    "no competent authority. It is no assessment, and nothing in it is legal advice.",
)


def parts(facts: RunFacts, governance: Governance) -> list[dict[str, Any]]:
    """Return the annex's parts."""
    return [_processing(facts, governance), _need(facts, governance), _rights(governance), _risks(facts, governance)]


def _processing(facts: RunFacts, governance: Governance) -> dict[str, Any]:
    unconfirmed = sorted({str(s["basis"]) for s in facts.sources if s["confirm"]})
    entries = [
        said(governance, "1", "Reference of the assessment", "dpia_reference"),
        approved(governance, "2", "The assessment itself", "dpia"),
        seen("3", "What records are used, by whose authority and for what",
             *[f"{s['table']}: controller {s['controller']}, basis {s['basis']}, to {s['purposes']}, kept "
               f"{s['retain_years']} years after the last entry" for s in facts.sources],
             otherwise="The data scientist ingests records; their sources are declared in sources.yaml."),
        seen("4", "Lawful bases that the data protection officer has yet to confirm",
             ", ".join(unconfirmed) + ": these are the shipped, illustrative declarations. Confirm or replace each in "
             "sources.yaml." if unconfirmed else "None: all are confirmed."),
        made("4a", "Whose records they are", "People recorded as suspect, as victim or as both. Role and status stand "
             "beside every event, and a person who may be the victim is held out of the order until somebody looked."),
        said(governance, "5", "Lawful basis and condition", "data.lawful_basis"),
        said(governance, "6", "Appropriate policy document", "data.appropriate_policy_document"),
        made("7", "Sensitive processing", "Protected characteristics are processed for the audit alone, in a store of "
             "their own. Health needs are shown to the panel and never scored. Immigration status is never read."),
    ]  # fmt: skip
    return part("processing", "The processing", entries)


def _need(facts: RunFacts, governance: Governance) -> dict[str, Any]:
    entries = [
        said(governance, "8", "Purpose and benefit", "use.benefit"),
        said(governance, "9", "Alternatives that intrude less", "use.alternatives"),
        seen("10", "How far it reaches", f"{facts.places} places at this meeting; at most {facts.list_length} people "
             "are listed. The scores of everybody else lie where the web process cannot read them."),
        made("11", "Accuracy, and fact told from opinion", "Every event shows its status (alleged, charged, convicted, "
             "no further action) and role. Unmapped codes are counted, never zero. What is not known is told as not "
             "known, with the places between which a person could stand if it were."),
        made("12", "Minimisation", "No name, age, address or characteristic is an input. A catalogue declares every "
             "column that an indicator reads, and a column that may not be used for ranking stops the run."),
    ]  # fmt: skip
    return part("need", "Necessity and proportionality", entries)


def _rights(governance: Governance) -> dict[str, Any]:
    entries = [
        said(governance, "13", "How people are told", "data.people_told"),
        said(governance, "14", "How people can challenge it", "use.appeals"),
        said(governance, "15", "Retention and review", "data.retention"),
        made("16", "Erasure", "A person can be erased from records, lists, indicators and training data, with a search "
             "that proves it. Decisions under a duty of retention are restricted."),
        made("17", "Solely automated decisions", "None: nothing happens to a person without a panel's decision with a "
             "reason. Whether that involvement is meaningful is measured, not assumed (see the page of metrics)."),
        made("18", "Logging", "Who saw and did what is in a signed ledger whose entries hang together by hashes."),
    ]  # fmt: skip
    return part("rights", "People's rights", entries)


def _risks(facts: RunFacts, governance: Governance) -> dict[str, Any]:
    entries = [
        made("19", "Risks to people in every run", *RISKS),
        seen("20", "What this run's audit says of communities", *facts.answer("verdict"), *facts.answer("people")),
        made("20a", "Measures against them", *MEASURES),
        said(governance, "21", "Where records are and who can reach them", "data.storage"),
        said(governance, "22", "Sharing agreements", "data.sharing_agreements"),
    ]
    return part("risks", "Risks and measures", entries)


MEASURES = (
    "No list reaches a panel before a fairness audit and a named reviewer let exactly that list through. A release "
    "ends, and can be withdrawn at once.",
    "The process that shows pages reaches released lists only. What another agency holds, a restricted case and a "
    "case with a conflict of interest are closed to whoever may not see them.",
    "Pages and exports carry their protective marking. Who saw what is in the ledger.",
    "A list that rests on something that changed (bundle, policy, governance file) is no longer shown.",
)
