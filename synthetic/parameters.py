"""Every number of the made-up world, with where it comes from.

*Sourced* numbers name the publication whose figure they are set to reach; *assumed* ones have no published
figure behind them. They were frozen before any ranker or gate of the project saw the data, and are not changed to
make one pass; docs/synthetic-force.md says what was looked at before. Changing one makes a different world, whose
realised targets must be measured again (``python -m synthetic.report OUT``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

YEAR: Final = 365.25

# --- How incidents arrive -------------------------------------------------------------------------------
# A self-exciting process: a first incident, then a background that fades, and after every incident a raised
# hazard that decays over months, so that time since the last incident is the strongest predictor (Turner,
# Brown and Medina-Ariza 2022). Set so that 75-78 % of perpetrators have one record in two years (Barnham et
# al. 2017; Bland and Ariel 2015) and 1-3 % have five or more.
BURN_IN_YEARS: Final = 4  # assumed: people whose history began before the extract's
FRAILTY_SIGMA: Final = 1.0  # assumed: lognormal, mean 1; the heavy tail of a few people with many incidents
FEMALE_FRAILTY: Final = 0.90  # assumed mild; Hester 2013: men far more often repeat
BACKGROUND_PER_YEAR: Final = 0.075  # assumed, set to the targets above
BACKGROUND_FADE_YEARS: Final = 5.0  # assumed: desistance
OFFSPRING: Final = 0.28  # assumed: further incidents set off by one, for frailty 1
OFFSPRING_EXPONENT: Final = 0.5  # assumed
OFFSPRING_MOST: Final = 0.75  # assumed; below 1, or histories would explode
DELAY_DAYS: Final = (55.0, 300.0)  # assumed: two exponential parts, weeks and most of a year
DELAY_SHARE: Final = (0.5, 0.5)  # assumed
DEATHS_PER_YEAR: Final = 0.003  # assumed
NON_DOMESTIC_PER_YEAR: Final = 0.05  # assumed: other recorded offending, times frailty

# --- How serious an incident is -------------------------------------------------------------------------
# Severity belongs to the person and does not rise with the number of incidents: no general escalation (Bland
# and Ariel 2015; Barnham et al. 2017).
SEVERITY_WITH_FRAILTY: Final = 0.2  # assumed: people with more incidents are a little more severe
SEVERITY_SIGMA: Final = 0.7  # assumed: lognormal factor on the odds of a serious offence, mean 1
SERIOUS_MOST: Final = 0.6  # assumed ceiling of one person's probability
CRIMED: Final = 0.605  # ONS YE March 2023: 61 % crimed; before June 2023
STRANGULATION_FROM: Final = date(2022, 6, 7)  # Domestic Abuse Act 2021 s70; before it recorded as assault
COUNTING_RULE_FROM: Final = date(2023, 6, 1)  # Home Office counting rules, June 2023
NO_LONGER_CRIMES: Final = 0.42  # malicious communications -42 % (Domestic Abuse Commissioner)


@dataclass(frozen=True)
class Offence:
    """One line of the offence mix.

    Attributes
    ----------
    code
        Home Office five-digit code, or the class code where no five-digit one is published.
    family
        Offence family of the project.
    share
        Share of domestic crimes before June 2023 (renormalised).
    harm_days
        Illustrative Cambridge CHI starting point, used only to check the harm targets.
    arrest
        Arrests per crime.
    charge
        Charges per crime.
    violence
        Counted as violence against the person.
    """

    code: str
    family: str
    share: float
    harm_days: float
    arrest: float
    charge: float
    violence: bool


# Shares assumed so that: violence against the person (with stalking, harassment and malicious communications)
# is 77-78 % (ONS 2015, 2016), coercive control 4.9 % (ONS YE March 2023). Arrest and charge shares assumed so
# that arrests are 42-45 and charges 6-9 per 100 crimes (ONS YE 2024, 2025; HMICFRS 2021). Harm days: Cambridge
# CHI starting points from memory, not verified.
OFFENCES: Final[tuple[Offence, ...]] = (
    Offence("10501", "violence_no_injury", 0.288, 1.0, 0.42, 0.045, True),
    Offence("00806", "violence_injury", 0.158, 15.0, 0.56, 0.085, True),
    Offence("00801", "violence_injury", 0.005, 182.0, 0.66, 0.16, True),
    Offence("00501", "violence_injury", 0.009, 1460.0, 0.82, 0.30, True),
    Offence("00200", "homicide", 0.0004, 3285.0, 0.95, 0.70, True),
    Offence("00101", "homicide", 0.0002, 5475.0, 0.97, 0.85, True),
    Offence("00301", "threats", 0.020, 10.0, 0.50, 0.07, True),
    Offence("00877", "strangulation", 0.030, 84.0, 0.74, 0.16, True),
    Offence("00867", "coercive_control", 0.042, 10.0, 0.46, 0.05, True),
    Offence("00865", "stalking_fear", 0.012, 84.0, 0.58, 0.13, True),
    Offence("00866", "stalking_fear", 0.006, 84.0, 0.58, 0.13, True),
    Offence("19512", "stalking", 0.030, 10.0, 0.42, 0.08, True),
    Offence("19594", "harassment", 0.060, 10.0, 0.30, 0.05, True),
    Offence("00872", "malicious_communications", 0.118, 10.0, 0.22, 0.025, True),
    Offence("12509", "public_order", 0.077, 3.0, 0.34, 0.05, False),
    Offence("06639", "breach", 0.022, 10.0, 0.70, 0.30, False),
    Offence("00831", "breach", 0.018, 10.0, 0.70, 0.32, False),
    Offence("14900", "damage", 0.079, 2.0, 0.42, 0.07, False),
    Offence("05601", "damage", 0.0012, 185.0, 0.60, 0.20, False),
    Offence("19C", "rape", 0.020, 1825.0, 0.50, 0.04, False),
    Offence("20A", "sexual", 0.008, 182.0, 0.42, 0.05, False),
    Offence("17A", "sexual", 0.001, 182.0, 0.40, 0.05, False),
    Offence("03603", "kidnap", 0.002, 182.0, 0.70, 0.15, False),
    Offence("01103", "child_cruelty", 0.003, 84.0, 0.40, 0.05, False),
    Offence("03401", "robbery_burglary", 0.0025, 365.0, 0.60, 0.18, False),
    Offence("00873", "emergency_worker", 0.004, 10.0, 0.95, 0.55, True),
    Offence("00871", "malicious_communications", 0.004, 10.0, 0.25, 0.05, True),
    Offence("99998", "unmapped", 0.003, 0.0, 0.30, 0.05, False),  # a code that no reference table holds
)
SERIOUS_FAMILIES: Final = frozenset({"strangulation", "stalking_fear", "coercive_control", "rape"})
SERIOUS_HARM_DAYS: Final = 365.0
NO_LONGER_COUNTED: Final = frozenset({"malicious_communications", "public_order"})
NON_DOMESTIC_MIX: Final[Mapping[str, float]] = {  # assumed
    "10501": 0.22, "00806": 0.14, "14900": 0.16, "12509": 0.20, "03401": 0.05, "00873": 0.06, "99998": 0.17
}  # fmt: skip

# --- Who ------------------------------------------------------------------------------------------------
MALE_SUSPECTS: Final = 0.785  # MOPAC 2022 (second hand) 78 %; target 75-80 %
FEMALE_VICTIM_OF_MAN: Final[Mapping[str, float]] = {"intimate": 0.970, "family": 0.65}  # assumed, so that
FEMALE_VICTIM_OF_WOMAN: Final[Mapping[str, float]] = {"intimate": 0.05, "family": 0.54}  # 72-74 % are women (ONS)
RELATIONSHIPS: Final[Mapping[str, float]] = {  # assumed; about three quarters intimate
    "partner": 0.37, "ex_partner": 0.38, "parent": 0.11, "child": 0.04, "sibling": 0.06, "other_family": 0.04
}  # fmt: skip
NEW_VICTIM_SHAPE: Final = (1.0, 3.0)  # assumed beta: how readily a person turns to a new victim; serial 4-20 %
LATEST_VICTIM: Final = 0.85  # assumed: an incident with a known victim is with the latest one
SHARED_VICTIM: Final = 0.10  # assumed: victims already known as another person's victim
AGE_GAMMA: Final = (2.3, 8.6)  # years above 16; median about 34 (from memory, not verified)
OLDEST: Final = 95  # assumed: years at the first incident
CHILDREN: Final = 0.38  # assumed share of incidents with children present

# Ethnicity: self-defined 18+1 codes of suspects in a diverse urban force (assumed; not a national figure).
ETHNICITY: Final[Mapping[str, float]] = {
    "W1": 0.530, "W2": 0.010, "W3": 0.006, "W9": 0.054,
    "M1": 0.025, "M2": 0.010, "M3": 0.012, "M9": 0.013,
    "A1": 0.035, "A2": 0.060, "A3": 0.030, "A4": 0.008, "A9": 0.027,
    "B1": 0.045, "B2": 0.055, "B9": 0.020,
    "O2": 0.020, "O9": 0.040,
}  # fmt: skip
COMMUNITY_OF_LETTER: Final[Mapping[str, str]] = {
    "W": "white", "M": "mixed", "A": "asian", "B": "black", "O": "other"
}  # fmt: skip
SAME_COMMUNITY: Final[Mapping[str, float]] = {"intimate": 0.78, "family": 0.96}  # assumed
NOT_STATED: Final = 0.04  # assumed share of the people asked
# Missing self-defined ethnicity: Dorset arrests 2024 4.6 %; 40-60 % elsewhere, more for one incident.
ETHNICITY_MISSING: Final[Mapping[str, float]] = {"arrested": 0.05, "several": 0.42, "one": 0.54}
ETHNICITY_MISSING_VICTIM: Final = 0.58  # HMICFRS 2023: 61 % of crimes with a victim
ETHNICITY_MISSING_MARAC_VICTIM: Final = 0.10  # assumed: MARAC asks
OBSERVED: Final[Mapping[str, float]] = {"arrested": 0.92, "other": 0.35, "victim": 0.20}  # assumed
OBSERVED_WRONG: Final = 0.06  # assumed: officers see another group than the person names
SEX_MISSING: Final[Mapping[str, float]] = {"suspect": 0.01, "victim": 0.04}  # assumed
DISABLED: Final[Mapping[str, float]] = {"suspect": 0.06, "victim": 0.095}  # SafeLives 9-10 % of MARAC victims
LGBT_VICTIM: Final = 0.016  # SafeLives, year to September 2024

# --- How incidents are recorded -------------------------------------------------------------------------
LATE_REPORT: Final = 0.03  # assumed: reported 10 to 700 days late
LATE_RAPE: Final = 0.20  # assumed: non-recent reports are commoner for rape
RECORDED_SAME_DAY: Final = 0.8  # assumed; the rest one to three days after the report
REPORTED_BY: Final[Mapping[str, float]] = {"victim": 0.62, "third_party": 0.29, "police": 0.09}  # assumed
FLAGS: Final[Mapping[str, float]] = {"alcohol": 0.32, "drugs": 0.14, "weapon": 0.05}  # assumed
WEAPON_WITH_INJURY: Final = 0.15  # assumed
INJURY: Final[Mapping[str, float]] = {"violence_injury": 0.96, "homicide": 1.0, "strangulation": 0.30}  # assumed
INJURY_OTHERWISE: Final = 0.04  # assumed
CORRECTED: Final = 0.03  # assumed: rows that get a later, corrected version
BOTH_ROLES: Final = 0.012  # assumed: both people recorded as suspect and victim of one incident
ROLE_REVERSED: Final = 0.010  # assumed: the victim is later recorded as suspect in an incident of its own
DARA_FROM: Final = date(2023, 1, 1)  # College of Policing 2022: DARA replaces DASH at first response
RISK_GRADES: Final[Mapping[str, tuple[float, float, float]]] = {  # standard, medium, high: assumed;
    "serious": (0.50, 0.35, 0.15),  # little better than random (Turner et al. 2019)
    "other": (0.64, 0.28, 0.08),
}
# Outcomes of crimes without a charge: 16 about 55 % of closed, 15 about 20 % (HMICFRS 2021).
OUTCOMES: Final[Mapping[str, float]] = {
    "16": 0.60, "15": 0.23, "14": 0.04, "18": 0.04, "8": 0.02, "10": 0.03, "21": 0.02, "22": 0.02
}  # fmt: skip
OUTCOME_DAYS: Final = (1.6, 45.0)  # assumed gamma; a few months
CONVICTED: Final = 0.75  # ONS YE March 2024, 2025

# --- Agencies -------------------------------------------------------------------------------------------
# MARAC: about one case to seven crimes, 31-33 % repeat within 12 months (SafeLives), 12-17 % in one area.
HEARING: Final = 0.060  # assumed, set to the targets: probability that an incident leads to a hearing
HEARING_SERIOUS: Final = 5.0  # assumed factor
HEARING_MALE_VICTIM: Final = 0.18  # assumed so that 6.2-6.5 % of MARAC victims are men
HEARING_AGAIN: Final = 0.48  # assumed: a further incident of a couple heard within 12 months
HEARING_DELAY: Final = (12, 40)  # assumed days from the incident to the meeting
REREFERRAL: Final = 0.23  # assumed: a partner agency brings the couple back within 12 months
REREFERRAL_LOW: Final = 0.11  # assumed, in the area with few repeats
REREFERRAL_DAYS: Final = (30, 350)
POLICE_REFERS: Final[Mapping[str, float]] = {"incident": 0.72, "rereferral": 0.30}  # 36 % partner agencies
PARTNER_AGENCIES: Final[Mapping[str, float]] = {  # assumed
    "idva": 0.40, "childrens_social_care": 0.17, "health": 0.16, "housing": 0.08, "probation": 0.05,
    "adult_social_care": 0.05, "mental_health": 0.05, "other": 0.04,
}  # fmt: skip
CHILDREN_A_CASE: Final = 1.24  # SafeLives, year to September 2024
CRITERIA: Final[Mapping[str, float]] = {  # assumed
    "professional_judgement": 0.36, "visible_high_risk": 0.44, "potential_escalation": 0.20
}  # fmt: skip
CUSTODY_AFTER_CHARGE: Final = 0.12  # assumed: remanded
CUSTODY_AFTER_CONVICTION: Final = 0.20  # assumed: sentenced
ORDER_AFTER_CRIME: Final = 0.03  # assumed
ORDER_KINDS: Final[Mapping[str, float]] = {  # assumed
    "dvpo": 0.35, "non_molestation": 0.25, "bail_conditions": 0.30, "restraining": 0.10
}  # fmt: skip
DAPO_FROM: Final = date(2024, 11, 27)  # DAPN/DAPO statutory guidance, pilot areas
NEEDS_RECORDED: Final = 0.45  # assumed
NEEDS: Final[Mapping[str, float]] = {  # assumed
    "alcohol": 0.28, "drugs": 0.22, "mental_health": 0.26, "housing": 0.16, "finance": 0.08
}  # fmt: skip
NEEDS_AGENCIES: Final[Mapping[str, float]] = {"police": 0.5, "probation": 0.3, "health": 0.2}  # assumed
SAFETY_CHECKED: Final = 0.25  # assumed
SAFETY: Final[Mapping[str, float]] = {  # assumed
    "not_asked": 0.10, "asked": 0.25, "clear": 0.60, "concern": 0.05
}  # fmt: skip
RESTRICTED: Final = 0.0004  # assumed
DRIVE_FROM: Final = date(2024, 1, 15)  # assumed start of the service in this force
REFERRED_AFTER_HEARING: Final = 0.08  # assumed; Drive takes hundreds where a force knows tens of thousands
DECISIONS: Final[Mapping[str, float]] = {  # assumed
    "accepted": 0.60, "deferred": 0.15, "not_suitable": 0.20, "withdrawn": 0.05
}  # fmt: skip
MODES: Final[Mapping[str, float]] = {"direct": 0.65, "disrupt_only": 0.35}  # assumed
ROUTES: Final[Mapping[str, float]] = {  # assumed
    "police": 0.55, "victim_service": 0.15, "childrens_social_care": 0.12, "probation": 0.10, "housing": 0.04,
    "health": 0.04,
}  # fmt: skip
ABUSE: Final = ("physical", "sexual", "harassment_stalking", "jealous_controlling")
GRID: Final[Mapping[str, Mapping[str, float]]] = {  # assumed
    "intake": {"none": 0.25, "standard": 0.20, "moderate": 0.30, "high": 0.25},
    "closure": {"none": 0.60, "standard": 0.20, "moderate": 0.13, "high": 0.07},
}
COHABITING: Final[Mapping[str, float]] = {  # assumed
    "partner": 0.70, "ex_partner": 0.08, "parent": 0.55, "child": 0.40, "sibling": 0.40, "other_family": 0.25
}  # fmt: skip
RELATIONSHIP_KNOWN: Final[Mapping[str, float]] = {  # assumed; badly recorded in practice
    "recorded": 0.75, "inferred": 0.10, "unknown": 0.15
}  # fmt: skip

# --- Planted defects ------------------------------------------------------------------------------------
LATE_SHARE: Final = 0.30  # of the area's domestic incidents
LATE_DAYS: Final = (60, 300)
COUNTER_ALLEGATIONS: Final = 50  # victims recorded as suspects, unless n says otherwise
COUNTER_ALLEGATION_INCIDENTS: Final = 2  # reversed incidents each
OVER_POLICED_EXTRA: Final = 3  # police-generated incidents for each true one
OVER_POLICED_DAYS: Final = (1, 540)  # days after the true one
UNDER_RECORDED_SHARE: Final = 0.5  # of the history that stays on record
LEAK_DAYS: Final = 1187  # three and a quarter years before the extract date
FEEDBACK_INCIDENTS: Final = 4  # police-generated, in the year after a referral
CHARGE_BIAS: Final = 0.30  # of the crimes closed without a charge
HIDDEN_COUPLES: Final = 40
HIDDEN_LEAST: Final = 3  # incidents of a couple whose coercive control is hidden
HIDDEN_AS: Final[Mapping[str, float]] = {"19594": 0.4, "12509": 0.2, "": 0.4}  # blank: no crime
HIDDEN_FAMILY: Final[Mapping[str, str]] = {"19594": "harassment", "12509": "public_order", "": "non_crime"}
PARTNERS_ONLY: Final = 50
BREAK_FAMILIES: Final = ("malicious_communications", "public_order", "harassment")
BREAK_DROPPED: Final = 0.6
BREAK_HIGHER: Final = 0.35  # of grades by the new tool, one step up
CUTOVER: Final = (date(2024, 9, 1), date(2024, 12, 31))
WRONG_MERGES: Final = 25  # pairs of people
UNRECORDED: Final[Mapping[str, float]] = {"blank": 0.4, "not_stated": 0.3}  # of the suspects' recorded ethnicities
RELATIONSHIP_MISSING: Final = 0.6  # of couples
UNMAPPED_SHARE: Final = 0.02
BAD_ROWS_EACH: Final = 3  # of each kind
DELIVERIES: Final = 3  # extracts, unless n says otherwise
LATE_ROWS: Final = 0.08  # of the incidents of the last LATE_ROW_DAYS before a delivery: in the next one only
LATE_ROW_DAYS: Final = 60
CORRECTED_ROWS: Final = 0.01  # of incidents: `domestic` stood wrong in the deliveries before one of them
WITHDRAWN_ROWS: Final = 0.002  # of a delivery's incidents: mistaken second copies, in no later delivery
SERIAL_POLICE: Final = (0.75, 0.01)  # share of the people recorded with two victims who are flagged; of the others
SERIAL_PROBATION: Final = (0.12, 0.035)  # of the truly serial; of the others
SERIAL_THIRD_SECTOR: Final = (0.28, 0.16)

# Person records with the plant `duplicate_records`: assumed, fixed before any linkage was run, and never
# changed to make linkage look better. Cleveland: 1,867,000 person records for under 600,000 residents, about 3.1 each.
RECORDS_A_PERSON: Final = 3.1  # mean of a geometric number, one at least
CORRUPTION: Final[Mapping[str, float]] = {  # of each record after a person's first, independently
    "given_typo": 0.08, "given_short": 0.06, "family_typo": 0.06, "names_swapped": 0.015,
    "birth_swapped": 0.02, "birth_digit": 0.03, "birth_missing": 0.04,
    "postcode_moved": 0.25, "postcode_missing": 0.10, "pnc_missing": 0.60,
    "sex_missing": 0.01, "ethnicity_missing": 0.30, "ethnicity_other": 0.05,
}  # fmt: skip
FAMILY_CHANGED: Final[Mapping[str, float]] = {"female": 0.10, "male": 0.01}
LOOK_ALIKE: Final[Mapping[str, float]] = {"relative": 0.03, "father_son": 0.005, "twins": 0.002}  # shares of people
YOUNGEST_ON_RECORD: Final = 10  # assumed age of the earliest contact
FATHER_AGE: Final = (18.0, 45.0)  # assumed years between father and son
