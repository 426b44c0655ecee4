"""The Algorithmic Transparency Recording Standard: Tier 1, and the five sections of Tier 2. There is no third tier.

Numbers follow the standard's template, version 3. It is mandatory for central government and voluntary for police.
"""

from __future__ import annotations

from typing import Any

from fairness.papers.entries import approved, made, part, said, seen
from fairness.papers.facts import RunFacts
from fairness.papers.governance import OWNER, Asked, Governance

TITLE = "Algorithmic transparency record (ATRS)"
SAYS = ("For the public record. Tier 1 is for everybody; Tier 2 is for whoever wants to know more.",)


_COMPLETED = Asked("record.completed", OWNER, "the day on which the public record was completed, in quotes")


def parts(facts: RunFacts, governance: Governance) -> list[dict[str, Any]]:
    """Return the record's parts: metadata, Tier 1, and Tier 2 in five sections."""
    return [
        _tier_1(facts, governance),
        _owner(governance),
        _rationale(facts, governance),
        _decisions(facts, governance),
        _tool(facts, governance),
        _risks(facts, governance),
    ]


def _tier_1(facts: RunFacts, governance: Governance) -> dict[str, Any]:
    entries = [
        seen("0.1", "Identifier of this record", facts.run),
        made("0.2", "Version of the standard", "3.0"),
        said(governance, "0.3", "Organisation", "organisation.name"),
        said(governance, "0.4", "Phase", "use.phase"),
        made("0.5", "Function", "Policing: protection of victims of domestic abuse."),
        seen("0.6", "Region", facts.area),
        made("0.7", "Capability", "Putting people into an order by recorded harm expected, with reasons."),
        said(governance, "0.8", "Date of completion", _COMPLETED.path, _COMPLETED),
        said(governance, "0.9", "Date of the last change", "record.updated"),
        said(governance, "0.10", "Date of archiving", "record.archived"),
        made("1.1", "Name", "drive-panel"),
        made("1.2", "Description", (
            "It puts people recorded as suspects of domestic abuse into an order for a multi-agency panel, which "
            "decides who is offered to, or disrupted by, the Drive Project. It gives reasons that cite incidents, and "
            "no order "
            "reaches a panel before a fairness audit and a named reviewer have let exactly that list through. People "
            "decide."
        )),
        said(governance, "1.3", "Website", "organisation.website"),
        said(governance, "1.4", "Contact", "organisation.contact_email"),
    ]  # fmt: skip
    return part("tier-1", "Tier 1", entries)


def _owner(governance: Governance) -> dict[str, Any]:
    entries = [
        said(governance, "2.1.1", "Organisation", "organisation.name"),
        said(governance, "2.1.2", "Team", "organisation.team"),
        said(governance, "2.1.3", "Senior responsible owner", "senior_responsible_owner"),
        said(governance, "2.1.4", "Who else is involved ('none' where nobody is)", "supplier.name"),
        said(governance, "2.1.4.1", "Supplier", "supplier.name"),
        said(governance, "2.1.4.2", "Supplier's Companies House number", "supplier.companies_house"),
        said(governance, "2.1.4.3", "Supplier's role", "supplier.role"),
        said(governance, "2.1.4.4", "Procurement procedure", "supplier.procurement"),
        said(governance, "2.1.4.5", "Terms of the supplier's access to data", "supplier.data_access"),
    ]
    return part("owner", "Tier 2: owner and responsibility", entries)


def _rationale(facts: RunFacts, governance: Governance) -> dict[str, Any]:
    entries = [
        seen("2.2.1", "Detailed description", (
            f"For {facts.area} as of {facts.as_of}: {facts.bundle['kind']} orders everybody with a recorded domestic "
            f"incident as suspect in the cohort's window, for {facts.places} places of a panel. At most "
            f"{facts.list_length} "
            "people are listed; nobody else's order is shown to anybody."
        )),
        said(governance, "2.2.2", "Scope", "use.scope"),
        said(governance, "2.2.3", "Benefit", "use.benefit"),
        said(governance, "2.2.4", "Previous process", "use.previous_process"),
        said(governance, "2.2.5", "Alternatives considered", "use.alternatives"),
        made("2.2.5a", "Alternatives that every training compares",
             "Simple lists (sums of sentence days, recency, frequency and gravity, an elastic net) are compared with "
             "the model over several dates. Where the model does not find clearly more harm than every one, the list "
             "stays."),
    ]  # fmt: skip
    return part("rationale", "Tier 2: description and rationale", entries)


def _decisions(facts: RunFacts, governance: Governance) -> dict[str, Any]:
    entries = [
        said(governance, "2.3.1", "How it is part of the process", "use.integration"),
        made("2.3.2", "Information that it gives", (
            "A place, a band, reasons that cite incidents and their dates, criteria that are met, not met or not "
            "known, where simpler lists put the person, holds, and what is missing. No probability. Every event shows "
            "its "
            "status."
        )),
        seen("2.3.3", "How often and how widely it is used", f"{facts.places} places at this meeting. How many lists "
             "there have been, and what panels decided, is on the page of metrics."),
        made("2.3.4", "Human decisions and review", (
            "Audit, gate, review and release come before any page shows a list; who trained never reviews. The panel "
            "decides each case with its own reason, in either direction, and the list's order is never rewritten."
        )),
        said(governance, "2.3.5", "Training of those who use it", "use.training"),
        said(governance, "2.3.6", "Appeals and review", "use.appeals"),
    ]  # fmt: skip
    return part("decisions", "Tier 2: how it is used in decisions", entries)


def _tool(facts: RunFacts, governance: Governance) -> dict[str, Any]:
    card = facts.bundle["card"]
    found = [
        f"{words}: {value}"
        for words, metric in (
            ("Area under the curve", "auc"),
            ("Precision at the places", "precision_at_k"),
            ("Share of outcomes found at the places", "recall_at_k"),
            ("Matthews correlation at the places", "mcc_at_k"),
        )
        if (value := facts.measure(metric)) is not None
    ]
    entries = [
        made("2.4.1.1", "System architecture", "A batch process reads records, trains, scores and audits. A separate "
             "web process reads released lists only and holds no model. Everything stays with the organisation."),
        said(governance, "2.4.1.2", "Phase", "use.phase"),
        made("2.4.1.3", "Maintenance", "A changed bundle, policy or governance file takes every list away that rests "
             "on it. Each list is audited anew; a release ends on its last day."),
        seen("2.4.1.4", "Models", f"One: {facts.bundle['kind']}. Simple lists stand beside it on every case."),
        seen("2.4.2.1", "Model name", facts.bundle["kind"]),
        seen("2.4.2.2", "Model version", f"Bundle {facts.hashes['bundle']}"),
        made("2.4.2.3", "Task", "To order people by recorded harm expected in the twelve months after a date."),
        seen("2.4.2.4", "Input", f"{facts.bundle['indicators']} indicators, which read these columns: "
             f"{', '.join(facts.bundle['reads'])}." if facts.bundle["reads"] else None),
        made("2.4.2.5", "Output", "An order and bands. Bands are cut from expected grades, never from an area or a "
             "group."),
        seen("2.4.2.6", "Model architecture", f"{facts.bundle['kind']}. Its parameters are in files that can be read "
             "without running anything; its model card says how it was trained."),
        seen("2.4.2.7", "Performance", *found, otherwise="The data scientist trains again; training leaves an "
             "evaluation."),
        seen("2.4.2.8", "Data sets for training and testing", f"Records up to {card['extract_date']}; "
             f"{card['people_compared']:,} people compared at {len(card['splits'])} test dates, each after its "
             "training."),
        made("2.4.2.9", "Purposes of the data sets", "Earlier records train, later ones test, and the audit reads the "
             "test with communities beside it. Each test date lies after its training."),
        seen("2.4.3.1", "Source data", *[f"{s['table']} (controller: {s['controller']}; used to {s['purposes']})"
                                          for s in facts.sources]),
        made("2.4.3.2", "Modality", "Tables of dates, codes, numbers and short texts; no picture or sound."),
        seen("2.4.3.3", "Description", *[f"{s['table']}: basis {s['basis']}, kept {s['retain_years']} years after the "
                                          "last entry" for s in facts.sources],
             otherwise="The data scientist ingests records; their sources are declared in sources.yaml."),
        seen("2.4.3.4", "Quantities", f"{card['people_compared']:,} people compared at {len(card['splits'])} test "
             f"dates, by {facts.bundle['indicators']} indicators."),
        made("2.4.3.5", "Sensitive attributes", "Sex, ethnicity, disability, religion, sexual orientation and gender "
             "reassignment are in a store of their own that the audit alone reads. None is ever an input, nor are age, "
             "name, address, area statistics, health needs or nationality."),
        seen("2.4.3.6", "Completeness and representativeness", *facts.answer("unknown"), *facts.answer("assessed")),
        made("2.4.3.7", "Address of the source data", "None: they are records about people and are not published."),
        made("2.4.3.8", "How data were collected", "The police and partners of the panel recorded them in their own "
             "work. None was collected for this, so they hold what was reported and looked for."),
        made("2.4.3.9", "How data are cleaned", "Each delivery is held to a contract. A row that breaks it is set "
             "aside with the reason, codes that no table explains are counted, and later deliveries correct."),
        said(governance, "2.4.3.10", "Sharing agreements", "data.sharing_agreements"),
        said(governance, "2.4.3.11", "Access and storage", "data.storage"),
    ]  # fmt: skip
    return part("tool", "Tier 2: the tool", entries)


def _risks(facts: RunFacts, governance: Governance) -> dict[str, Any]:
    entries = [
        approved(governance, "2.5.1a", "Data protection impact assessment", "dpia"),
        approved(governance, "2.5.1b", "Equality impact assessment", "equality"),
        approved(governance, "2.5.1c", "Ethics approval", "ethics"),
        seen("2.5.2", "Risks that this run's audit found", *facts.answer("verdict"), *facts.answer("whom")),
        made("2.5.2a", "Risks that are there in every run", *RISKS),
    ]
    return part("risks", "Tier 2: risks, mitigations and impact assessments", entries)


RISKS = (
    "What was never reported is in no record, so a person who is not listed is not of low risk. Partners refer people "
    "outside the score, on equal footing.",
    "A person recorded as suspect may be the victim. Counter-allegations hold a person out of the order until somebody "
    "has looked.",
    "Closer policing makes longer records. Police-generated and victim-reported records are told apart, and "
    "communities are audited, with nobody left out whose group is not recorded.",
    "Whoever reads an order may follow it without thought. Decisions need a reason, and who differs is counted.",
)
