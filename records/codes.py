"""The closed code lists of the contract: lower snake case; an unknown code is kept and counted, never dropped."""

from __future__ import annotations

ROLES = frozenset({"suspect", "victim", "witness", "other"})
STATUSES = frozenset({"alleged", "charged", "convicted", "nfa"})
RELATIONSHIPS = frozenset({"partner", "ex_partner", "parent", "child", "sibling", "other_family"})
RELATIONSHIP_SOURCES = frozenset({"recorded", "inferred", "unknown"})
REPORTERS = frozenset({"victim", "third_party", "police"})
RISK_TOOLS = frozenset({"dash", "dara", "other"})
RISK_GRADES = frozenset({"standard", "medium", "high"})
COUNTING_REGIMES = frozenset({"before_2023_06", "from_2023_06"})
CRITERIA = frozenset({"visible_high_risk", "professional_judgement", "potential_escalation", "repeat"})
ORDERS = frozenset(
    {
        "dvpn",
        "dvpo",
        "dapn",
        "dapo",
        "non_molestation",
        "occupation",
        "restraining",
        "sexual_harm_prevention",
        "stalking_protection",
        "bail_conditions",
        "other",
    }
)
CUSTODIES = frozenset({"police", "remand", "sentence", "recall", "other"})
SCHEMES = frozenset({"mappa", "iom", "matac", "pdp"})
NEEDS = frozenset(
    {"alcohol", "drugs", "mental_health", "physical_health", "housing", "employment", "finance", "parenting"}
)
SAFETY = frozenset({"not_asked", "asked", "clear", "concern"})
RESTRICTIONS = frozenset({"officer", "panel_member", "user", "related"})
ROUTES = frozenset(
    {
        "police_list",
        "police",
        "childrens_social_care",
        "adult_social_care",
        "housing",
        "health",
        "probation",
        "victim_service",
        "other",
    }
)
MODES = frozenset({"direct", "disrupt_only"})
DECISIONS = frozenset({"accepted", "deferred", "not_suitable", "withdrawn"})
STAGES = frozenset({"intake", "closure"})
SEVERITIES = frozenset({"none", "standard", "moderate", "high"})
RISK_CHANGES = frozenset({"reduced", "unchanged", "increased", "unknown"})
SEXES = frozenset({"female", "male", "other"})
YES_NO = frozenset({"yes", "no"})

FAMILIES = (
    "homicide",
    "rape",
    "sexual",
    "violence_injury",
    "violence_no_injury",
    "strangulation",
    "stalking_fear",
    "stalking",
    "harassment",
    "coercive_control",
    "threats",
    "breach",
    "malicious_communications",
    "damage",
    "kidnap",
    "child_cruelty",
    "public_order",
    "robbery_burglary",
    "emergency_worker",
    "other",
    "non_crime",
    "unmapped",
)
NON_CRIME = "non_crime"
UNMAPPED = "unmapped"
