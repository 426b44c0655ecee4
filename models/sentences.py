"""The words for each indicator's number, by name without its window where only the window differs.

{n} is the number ("no" for zero), {s} the plural, {percent} the value as a percentage, {days} it in days, {ago} days
before the date of the list, {signed} with its sign; {when} the window ("in all" for everything known), {within} the
same but silent for everything known.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_IN = "Recorded as suspect in {n} domestic incident{s}"
_OF = "Recorded as suspect of {n} domestic crime{s}"
_ANY = "Recorded as suspect in {n} incident{s}"
_LAST = "Last recorded as suspect in a domestic incident"
_HEARING = "{n} MARAC hearing{s}"
_REPEAT = "recorded within 12 months of a MARAC referral of the same victim"
_PARTNER, _FAMILY = "a partner or former partner", "other family"

_HISTORY = {
    "days_since_last_domestic": _LAST + " {ago}",
    "days_since_last_domestic_crime": "Last recorded as suspect of a domestic crime {ago}",
    "days_since_last_incident_any": "Last recorded as suspect in an incident of any kind {ago}",
    "days_since_last_report": "The last domestic incident as suspect was reported {ago}",
    "days_since_last_violence": _LAST + " of violence {ago}",
    "days_since_first_domestic": "First recorded as suspect in a domestic incident {ago}",
    "domestic_incidents": _IN + "{when}",
    "domestic_crimes": _OF + "{when}",
    "domestic_non_crimes": _IN + " recorded as no crime{when}",
    "incidents_any": _ANY + " of any kind{when}",
    "other_incidents": _ANY + " not flagged as domestic{when}",
    "escalation_share_90": "Of recorded domestic incidents of the last 180 days {percent} fell in the last 90",
    "escalation_share_180": "Of recorded domestic incidents of the last 360 days {percent} fell in the last 180",
    "escalation_share_365": "Of recorded domestic incidents of the last 2 years {percent} fell in the last 12 months",
    "harm_escalation_share": "Of recorded harm days of the last 2 years {percent} fell in the last 12 months",
    "harm_max_change": "The most harmful recorded domestic crime of the last 12 months counts {signed} harm days "
    "against that of the 12 months before",
    "harm_slope": "Recorded domestic crimes{within} changed by {signed} harm days a year",
    "gap_mean": "On average {days} between recorded domestic incidents{within}",
    "gap_min": "The two closest recorded domestic incidents{within} lie {days} apart",
    "gap_max": "The longest break between recorded domestic incidents{within} is {days}",
    "gap_last": "The last two recorded domestic incidents{within} lie {days} apart",
    "gap_std": "The time between recorded domestic incidents varies by {days} (standard deviation)",
}
_HARM = {
    "harm_reported": "Domestic crimes reported{within} add up to {n} harm day{s}",
    "crimes_reported": _OF + " with an identified victim reported{when}",
    "harm": "Recorded domestic crimes{within} add up to {n} harm day{s}",
    "harm_max": "The most harmful recorded domestic crime{within} counts {n} harm day{s}",
    "harm_mean": "Recorded domestic crimes{within} count {n} harm day{s} on average",
    "harm_concentration": "Of all recorded harm days{within} {percent} come from one domestic crime",
}
_VICTIMS = {
    "victims": "Recorded domestic incidents{within} name {n} different victim{s}",
    "crime_victims": "Recorded domestic crimes{within} name {n} different victim{s}",
    "new_victims": "Recorded domestic incidents{within} name {n} victim{s} not recorded before",
    "new_victims_reported": "Reports{within} name {n} victim{s} of domestic incidents not reported before",
    "same_victim_most": _IN + " against the same victim{when}",
    "same_victim_crimes_most": _OF + " against the same victim{when}",
    "repeat_victims": "{n} victim{s} recorded in two or more domestic incidents{when}",
    "one_victim_share": "Counted by victim, {percent} of recorded domestic incidents{within} name the same victim",
    "counter_allegations": "Recorded {n} time{s}{within} as victim of a person against whom also recorded as suspect",
    "counter_allegation_crimes": "Recorded {n} time{s}{within} as victim of a crime by a person against whom also "
    "recorded as suspect of one",
    "counter_allegation_share": "Recorded as victim in {percent} of the domestic incidents with recorded victims",
    "counter_allegation_balance": "Recorded as victim in {percent} of the incidents with people recorded both ways",
    "victim_incidents": "Recorded as victim in {n} domestic incident{s}{when}",
    "victim_injured": "Recorded as victim in {n} domestic incident{s} with an injury{when}",
    "victim_share": "Of recorded parts in domestic incidents{within} {percent} are as victim",
    "marac_as_victim": _HEARING + " about the person as victim{when}",
}
_OFFENCES = {
    "coercive_control": "coercive control",
    "stalking_harassment": "stalking or harassment",
    "stalking": "stalking",
    "stalking_fear": "stalking with fear of violence or serious alarm",
    "harassment": "harassment",
    "sexual": "sexual offences",
    "rape": "rape",
    "homicide": "homicide or an attempt of it",
    "threats": "threats",
    "breach_offences": "breaching an order",
    "assault_injury": "assault with injury",
    "assault_no_injury": "assault without injury",
    "malicious_communications": "malicious communications",
    "damage": "damage to property or arson",
    "kidnap": "kidnap or false imprisonment",
    "child_cruelty": "cruelty to a child",
    "public_order": "public order offences",
    "robbery_burglary": "robbery or burglary",
    "emergency_worker": "assault on an emergency worker",
    "other_offences": "other offences",
}
_FAMILIES = {
    **{name: f"{_ANY} of {what}{{when}}" for name, what in _OFFENCES.items()},
    **{
        f"days_since_last_{name}": f"{_LAST} of {_OFFENCES[name]} {{ago}}"
        for name in ("coercive_control", "stalking_harassment", "sexual", "threats")
    },
    "days_since_last_breach_offence": _LAST + " of breaching an order {ago}",
    "days_since_last_strangulation": _LAST + " involving strangulation {ago}",
    "strangulation": _ANY + " involving strangulation{when}",
    "offence_families": "Different offence families of recorded domestic crimes{within}: {n}",
}
_PARTNERS = {
    f"{name}{what}": text.format(who=who, n="{n}", s="{s}", when="{when}", within="{within}", ago="{ago}")
    for name, who in (("ipv", _PARTNER), ("familial", _FAMILY))
    for what, text in {
        "_incidents": _IN + " against {who}{when}",
        "_crimes": _OF + " against {who}{when}",
        "_victims": "Recorded domestic incidents{within} name {n} different victim{s} who are {who}",
        "_harm_max": "The most harmful recorded domestic crime against {who} counts {n} harm day{s}",
    }.items()
} | {
    "days_since_last_ipv": f"{_LAST} against {_PARTNER} {{ago}}",
    "days_since_last_familial": f"{_LAST} against {_FAMILY} {{ago}}",
    "ex_partner_incidents": _IN + " against a former partner{when}",
    "ex_partner_stalking": _IN + " of stalking or harassment of a former partner{when}",
    "ipv_coercive_control": f"{_IN} of coercive control of {_PARTNER}{{when}}",
    "ipv_strangulation": f"{_IN} involving strangulation of {_PARTNER}{{when}}",
    "ipv_share": "Of recorded domestic incidents with a stated relationship{within} {percent} are against " + _PARTNER,
}
_AGENCIES = {
    "days_since_last_marac": "Last named at a MARAC hearing {ago}",
    "marac_hearings": "Named at " + _HEARING + "{when}",
    "marac_victims": "Named at MARAC hearings about {n} different victim{s}",
    "marac_victims_again": "Named at two or more MARAC hearings about the same victim: {n} such victim{s}",
    "marac_repeat_current": "{n} domestic incident{s} " + _REPEAT,
    "marac_repeat_older": "{n} domestic crime{s} " + _REPEAT,
    "marac_repeat_marked": _HEARING + " marked as a repeat by the coordinator{when}",
    "marac_visible_high_risk": _HEARING + " accepted for visible high risk{when}",
    "marac_professional_judgement": _HEARING + " accepted for professional judgement{when}",
    "marac_potential_escalation": _HEARING + " accepted for potential escalation{when}",
    "marac_by_police": _HEARING + " referred by the police{when}",
    "marac_by_partners": _HEARING + " referred by another agency than the police{when}",
    "order_breaches": "{n} recorded breach{es} of orders or bail conditions{when}",
    "days_since_last_order_breach": "Last recorded breach of an order or bail condition {ago}",
    "order_breach_share": "Of recorded orders and bail conditions {percent} are recorded as breached",
    "orders": "{n} recorded order{s} or bail condition{s} started{when}",
    "police_orders": "{n} recorded domestic abuse notice{s} or order{s} asked for by the police started{when}",
    "court_orders": "{n} recorded non-molestation, restraining or like order{s} started{when}",
    "bail_conditions": "{n} recorded set{s} of bail conditions started{when}",
    "days_since_last_order": "The last recorded order or bail condition started {ago}",
    "custody": "{n} recorded spell{s} in custody started{when}",
    "remands": "{n} recorded spell{s} on remand started{when}",
    "sentences": "{n} recorded spell{s} in prison by sentence or recall started{when}",
    "days_since_last_custody": "The last recorded spell in custody started {ago}",
}
_GRADES = {
    "high_grade": _IN + " graded high{when}",
    "medium_grade": _IN + " graded medium{when}",
    "standard_grade": _IN + " graded standard{when}",
    "dash_high": _IN + " graded high with DASH{when}",
    "dara_high": _IN + " graded high with DARA{when}",
    "other_tool_high": _IN + " graded high with another tool{when}",
    "days_since_last_high_grade": _LAST + " graded high {ago}",
    "high_grade_share": "Of recorded domestic incidents with a stated grade{within} {percent} were graded high",
}
_CONTEXT = {
    "children_present": _IN + " with children present{when}",
    "children_share": "Of recorded domestic incidents{within} {percent} are recorded with children present",
    "weapon": _IN + " recorded with a weapon{when}",
    "days_since_last_weapon": _LAST + " with a weapon {ago}",
    "injury": _IN + " recorded with an injury{when}",
    "injury_share": "Of recorded domestic incidents{within} {percent} are recorded with an injury",
    "alcohol": _IN + " recorded with alcohol{when}",
    "alcohol_share": "Of recorded domestic incidents{within} {percent} are recorded with alcohol",
    "drugs": _IN + " recorded with drugs{when}",
    "victim_reported": _IN + " reported by the victim{when}",
    "victim_reported_share": "Of domestic incidents of known reporter{within} {percent} were reported by the victim",
    "harm_victim_reported": "Domestic crimes reported by the victim{within} add up to {n} harm day{s}",
    "days_since_last_victim_reported": _LAST + " that the victim reported {ago}",
    "third_party_reported": _IN + " reported by somebody else{when}",
    "police_generated": _IN + " generated by the police{when}",
    "police_generated_share": "Of domestic incidents of known reporter{within} {percent} were generated by the police",
}
_KNOWLEDGE = {
    "newly_reported_non_recent": "{n} domestic incident{s} of over a year before reported{when}",
    "newly_reported_non_recent_crimes": "{n} domestic crime{s} of over a year before reported{when}",
    "incidents_reported": _IN + " reported{when}",
    "report_delay_mean": "Domestic incidents{within} were reported {days} after the conduct on average",
    "report_delay_max": "The most delayed report of a domestic incident came {days} after the conduct",
    "harm_unknown_share": "No harm weight is known for {percent} of recorded domestic crimes{when}",
    "offence_unknown_share": "No known offence code is recorded for {percent} of recorded domestic crimes{when}",
    "victim_unknown_share": "No victim is identified in {percent} of recorded domestic incidents{when}",
    "victim_derived_share": "The pair was derived, not recorded, for {percent} of identified pairs{when}",
    "report_day_unknown_share": "No day of report is recorded for {percent} of domestic incidents{when}",
    "reporter_unknown_share": "No reporter is recorded for {percent} of domestic incidents{when}",
    "relationship_unknown_share": "No relationship is stated for {percent} of recorded incidents of known victim{when}",
    "grade_unknown_share": "No risk grade is stated for {percent} of recorded domestic incidents{when}",
}
SENTENCES: Mapping[str, str] = MappingProxyType(
    _HISTORY | _HARM | _VICTIMS | _FAMILIES | _PARTNERS | _AGENCIES | _GRADES | _CONTEXT | _KNOWLEDGE
)
DEFINITIONS: Mapping[str, str] = MappingProxyType(
    {
        "serial_northumbria": "the Northumbria MATAC definition of serial",
        "serial_college": "the definition of serial by two or more victims of crimes in 3 years",
        "serial_bristol": "the Bristol evaluation's definition of serial by two or more victims",
        "serial_partners": "the definition of serial by two or more partners in 3 years",
        "named_twice_v100": "the V100's condition of two or more crimes with a named victim reported in 12 months",
        "repeat_bristol": "the Bristol evaluation's definition of repeat within 12 months",
        "potential_escalation": "the MARAC condition of three or more incidents with one victim in 12 months",
    }
)
"""Indicators that say whether a definition is met."""
