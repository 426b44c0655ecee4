"""Every table an extract may hold, declared once.

Everything else derives from this declaration: parsing, quarantine, the Pandera schemas, the catalogue's checks
and the data contract document. Tables stand in the order in which ingest checks them: a table only points to
tables above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from records import codes
from records.declaration import ASSUMED, DTYPES, KNOWN, Column, Table

__all__ = ["ASSUMED", "DTYPES", "KNOWN", "MANDATORY", "TABLES", "Column", "Table"]


def _person(name: str, meaning: str, required: bool = True) -> Column:
    return Column(name, "id", required=required, points_to="persons", meaning=meaning)


def _incident() -> Column:
    return Column("incident_id", "id", required=True, points_to="incidents", meaning="The incident.")


def _flag(name: str, meaning: str) -> Column:
    return Column(name, "flag", meaning=meaning)


def _agency(name: str, meaning: str) -> Column:
    return Column(name, "code", reference="agencies", meaning=meaning)


def _severity(name: str, meaning: str) -> Column:
    return Column(name, "code", codes=codes.SEVERITIES, meaning=meaning)


_PERSONS = Table(
    "persons",
    (
        Column("person_id", "id", required=True, meaning="The local nominal, one person."),
        Column("given_name", "text", sealed=True, overwritten=True, meaning="Given names, for display only."),
        Column("family_name", "text", sealed=True, overwritten=True, meaning="Family name, for display only."),
        Column(
            "date_of_birth",
            "date",
            sealed=True,
            meaning="Date of birth; leaves records only as adult yes/no/unknown, an age band and for display.",
        ),
        Column("pnc_id", "text", sealed=True, meaning="Police National Computer id, YY/NNNNNNNC."),
        Column("cro_id", "text", sealed=True, meaning="Criminal Records Office number, NNNNNN/YYC."),
        Column("deceased_on", "date", dated_by="deceased_on", meaning="Day of death."),
        Column("source", "text", required=True, meaning="The record system the person comes from."),
    ),
    key=("person_id",),
    mandatory=True,
    recorded_with="involvements",
    recorded_on="person_id",
    in_order=(("date_of_birth", "deceased_on"),),
    meaning="People in any role.",
)
_ADDRESSES = Table(
    "addresses",
    (
        _person("person_id", "Who lives there."),
        Column("area", "text", required=True, meaning="The panel area the address lies in; elsewhere, another name."),
        Column("postcode", "text", meaning="Postcode."),
        Column("from", "date", meaning="First day at the address."),
        Column("to", "date", overwritten=True, meaning="Last day at the address."),
    ),
    key=("person_id", "area", "postcode", "from"),
    in_order=(("from", "to"),),
    meaning="Where people live. Without known_from an address counts from the extract date only.",
)
_COMMUNITIES = Table(
    "communities",
    (
        _person("person_id", "Whose characteristics these are."),
        Column("sex", "code", codes=codes.SEXES, protected=True, meaning="Sex."),
        Column(
            "ethnicity_self",
            "code",
            reference="ethnicity",
            protected=True,
            meaning="Self-defined ethnicity, 18+1 code; NS is not stated, blank is not recorded.",
        ),
        Column(
            "ethnicity_observed",
            "code",
            reference="ethnicity_observed",
            protected=True,
            meaning="Ethnicity as an officer saw it, IC code; never merged with ethnicity_self.",
        ),
        Column("disability", "code", codes=codes.YES_NO, protected=True, meaning="Disability."),
        Column("sexual_orientation", "text", protected=True, meaning="Sexual orientation."),
        Column("religion", "text", protected=True, meaning="Religion or belief."),
        Column("gender_reassignment", "code", codes=codes.YES_NO, protected=True, meaning="Gender reassignment."),
    ),
    key=("person_id",),
    recorded_with="involvements",
    recorded_on="person_id",
    meaning=(
        "Protected characteristics and nothing else; split off at ingest into a store of its own. "
        "Nationality and immigration status are never read."
    ),
)
_INCIDENTS = Table(
    "incidents",
    (
        Column("incident_id", "id", required=True, meaning="One crime, or one non-crime domestic incident."),
        Column("event_group", "id", meaning="What several incidents of one event share."),
        Column("force", "text", required=True, meaning="The police force."),
        Column("area", "text", required=True, meaning="The panel area where it happened."),
        Column("occurred_from", "date", required=True, meaning="The day it happened or began."),
        Column("occurred_to", "date", meaning="The day it ended, where it lasted."),
        Column("reported_on", "date", meaning="The day it was reported; may lie inside a lasting offence."),
        Column(
            "offence_code",
            "code",
            reference="offences",
            meaning="Home Office five-digit code (or class code where there is none).",
        ),
        Column("is_crime", "flag", required=True, meaning="A recorded crime; else a non-crime domestic incident."),
        Column("domestic", "flag", required=True, meaning="Flagged as domestic abuse."),
        Column(
            "outcome_code",
            "code",
            reference="outcomes",
            overwritten=True,
            dated_by="outcome_at",
            meaning="Home Office outcome type; non-crime incidents have none.",
        ),
        Column("outcome_at", "date", dated_by="outcome_at", meaning="The day of the outcome."),
        Column("risk_tool", "code", codes=codes.RISK_TOOLS, overwritten=True, meaning="The risk tool that was used."),
        Column("risk_tool_version", "text", overwritten=True, meaning="Its version."),
        Column(
            "risk_grade",
            "code",
            codes=codes.RISK_GRADES,
            overwritten=True,
            meaning="The officer's grade; not comparable across tools.",
        ),
        _flag("weapon", "A weapon was used or shown."),
        _flag("injury", "Someone was injured."),
        _flag("strangulation", "Strangulation or suffocation."),
        _flag("children_present", "Children were present."),
        _flag("alcohol", "Alcohol was involved."),
        _flag("drugs", "Drugs were involved."),
        Column("reported_by", "code", codes=codes.REPORTERS, meaning="Who reported it."),
        Column(
            "counting_regime",
            "code",
            codes=codes.COUNTING_REGIMES,
            meaning="The Home Office counting rules it was recorded under (changed June 2023).",
        ),
    ),
    key=("incident_id",),
    recorded_by="reported_on",
    mandatory=True,
    in_order=(
        ("occurred_from", "occurred_to"),
        ("occurred_from", "reported_on"),
        ("occurred_from", "outcome_at"),
        ("occurred_from", "known_from"),
    ),
    meaning="One row a crime, or a non-crime domestic abuse incident.",
)
_INVOLVEMENTS = Table(
    "involvements",
    (
        _incident(),
        _person("person_id", "Who was involved."),
        Column("role", "code", required=True, codes=codes.ROLES, meaning="In what role."),
        Column(
            "status",
            "code",
            codes=codes.STATUSES,
            overwritten=True,
            dated_by="status_at",
            meaning="What was established: suspicion is not guilt.",
        ),
        Column("status_at", "date", dated_by="status_at", meaning="Since when the status holds."),
        Column("arrested_at", "date", dated_by="arrested_at", meaning="The day of an arrest for it."),
    ),
    key=("incident_id", "person_id", "role"),
    mandatory=True,
    recorded_with="incidents",
    recorded_on="incident_id",
    meaning="Who was involved in what. Several roles per person and incident are legal.",
)
_DYADS = Table(
    "dyads",
    (
        _incident(),
        _person("suspect_id", "The suspect."),
        _person("victim_id", "The victim."),
        Column(
            "relationship",
            "code",
            codes=codes.RELATIONSHIPS,
            overwritten=True,
            meaning="What the victim is to the suspect.",
        ),
        Column(
            "relationship_source",
            "code",
            codes=codes.RELATIONSHIP_SOURCES,
            overwritten=True,
            meaning="How the relationship is known.",
        ),
        Column("cohabiting", "flag", overwritten=True, meaning="They live together."),
        Column("separated_on", "date", overwritten=True, meaning="The day they separated."),
    ),
    key=("incident_id", "suspect_id", "victim_id"),
    recorded_with="incidents",
    recorded_on="incident_id",
    meaning="Which suspect acted against which victim; the only source of it.",
)
_MARAC_HEARINGS = Table(
    "marac_hearings",
    (
        Column("hearing_id", "id", required=True, meaning="One case at one meeting."),
        _person("victim_id", "The victim."),
        _person("perpetrator_id", "The perpetrator; a case with two has two rows."),
        Column("referred_at", "date", meaning="The day of the referral."),
        Column("heard_at", "date", required=True, meaning="The day of the meeting."),
        _agency("referring_agency", "Who referred."),
        Column("criterion", "code", codes=codes.CRITERIA, meaning="The threshold route."),
        _flag("repeat", "Recorded as a repeat by the coordinator; definitions differ."),
        Column("children_count", "int", meaning="Children in the household."),
        Column("area", "text", meaning="The MARAC area."),
    ),
    key=("hearing_id", "victim_id", "perpetrator_id"),
    recorded_by="heard_at",
    in_order=(("referred_at", "heard_at"),),
    meaning="Cases heard at a multi-agency risk assessment conference.",
)
_ORDERS = Table(
    "orders",
    (
        Column("order_id", "id", required=True, meaning="One order or set of conditions."),
        _person("person_id", "Who is bound by it."),
        Column("kind", "code", required=True, codes=codes.ORDERS, meaning="What kind of order."),
        Column("starts_on", "date", required=True, meaning="First day."),
        Column("ends_on", "date", overwritten=True, may_be_future=True, meaning="Last day."),
        Column("breached_at", "date", dated_by="breached_at", meaning="The day of a breach."),
    ),
    key=("order_id",),
    recorded_by="starts_on",
    in_order=(("starts_on", "ends_on"), ("starts_on", "breached_at")),
    meaning="Protective orders and bail conditions.",
)
_CUSTODY = Table(
    "custody",
    (
        _person("person_id", "Who is held."),
        Column("starts_on", "date", required=True, meaning="First day."),
        Column("ends_on", "date", overwritten=True, may_be_future=True, meaning="Last day."),
        Column("expected_release", "date", overwritten=True, may_be_future=True, meaning="Expected day of release."),
        Column("kind", "code", codes=codes.CUSTODIES, meaning="What kind of custody."),
    ),
    key=("person_id", "starts_on", "kind"),
    recorded_by="starts_on",
    in_order=(("starts_on", "ends_on"), ("starts_on", "expected_release")),
    meaning="Time in custody: defers a place, never excludes.",
)
_MANAGEMENT = Table(
    "management",
    (
        _person("person_id", "Who is managed."),
        Column("scheme", "code", required=True, codes=codes.SCHEMES, meaning="MAPPA, IOM, MATAC or PDP."),
        Column("starts_on", "date", required=True, meaning="First day."),
        Column("ends_on", "date", overwritten=True, may_be_future=True, meaning="Last day."),
    ),
    key=("person_id", "scheme", "starts_on"),
    recorded_by="starts_on",
    in_order=(("starts_on", "ends_on"),),
    meaning="Other schemes that already manage the person: shown, the panel decides.",
)
_NEEDS = Table(
    "needs",
    (
        _person("person_id", "Whose need."),
        Column("need", "code", required=True, codes=codes.NEEDS, meaning="The need; health is never scored."),
        _agency("agency", "Who recorded it."),
    ),
    key=("person_id", "need", "agency"),
    meaning="Needs, shown to the panel.",
)
_SAFETY_CHECKS = Table(
    "safety_checks",
    (
        _person("person_id", "The subject."),
        _person("victim_id", "Whose safety was asked about."),
        Column(
            "status",
            "code",
            required=True,
            codes=codes.SAFETY,
            overwritten=True,
            dated_by="checked_on",
            meaning="What the check found; a concern of one agency is not lifted by another.",
        ),
        _agency("by_agency", "Who asked."),
        Column("checked_on", "date", dated_by="checked_on", meaning="When."),
    ),
    key=("person_id", "victim_id", "by_agency"),
    recorded_by="checked_on",
    meaning="Victim-safety checks.",
)
_RESTRICTED = Table(
    "restricted",
    (
        _person("person_id", "Whose case is restricted."),
        Column("reason", "code", required=True, codes=codes.RESTRICTIONS, meaning="Why."),
        Column("related_user", "text", meaning="The user they are related to."),
    ),
    key=("person_id", "reason", "related_user"),
    meaning="Cases visible to named people only.",
)
_REFERRALS = Table(
    "referrals",
    (
        Column("referral_id", "id", required=True, meaning="One referral to the panel."),
        _person("person_id", "Who is referred."),
        Column("area", "text", required=True, meaning="To which panel."),
        Column("referred_at", "date", required=True, meaning="When."),
        Column("route", "code", required=True, codes=codes.ROUTES, meaning="By which route."),
        Column("reason", "text", meaning="Why."),
    ),
    key=("referral_id",),
    recorded_by="referred_at",
    meaning="Referrals by any route, tabled on equal footing with the ranking.",
)
_INTERVENTIONS = Table(
    "interventions",
    (
        Column("referral_id", "id", required=True, points_to="referrals", meaning="The referral decided on."),
        Column("decision", "code", required=True, codes=codes.DECISIONS, meaning="What the panel decided."),
        Column("decided_at", "date", required=True, meaning="When."),
        Column("mode", "code", codes=codes.MODES, meaning="Direct work or disruption only."),
        Column("started_on", "date", dated_by="started_on", meaning="First day of the intervention."),
        Column("ended_on", "date", dated_by="ended_on", meaning="Last day of the intervention."),
        Column("completed", "flag", overwritten=True, dated_by="ended_on", meaning="It ran its course."),
    ),
    key=("referral_id",),
    recorded_by="decided_at",
    in_order=(("started_on", "ended_on"),),
    meaning="What was done about a referral.",
)
_ABUSE_ASSESSMENTS = Table(
    "abuse_assessments",
    (
        Column("referral_id", "id", required=True, points_to="referrals", meaning="The referral."),
        _person("victim_id", "The victim."),
        Column("stage", "code", required=True, codes=codes.STAGES, meaning="At intake or closure."),
        _severity("physical", "Physical abuse."),
        _severity("sexual", "Sexual abuse."),
        _severity("harassment_stalking", "Harassment and stalking."),
        _severity("jealous_controlling", "Jealous, controlling behaviour."),
        Column("idva_risk_change", "code", codes=codes.RISK_CHANGES, meaning="The IDVA's view of the change."),
        Column("assessed_on", "date", required=True, meaning="When."),
    ),
    key=("referral_id", "victim_id", "stage"),
    recorded_by="assessed_on",
    meaning="Severity of Abuse Grid, by the victim's IDVA.",
)

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            _PERSONS,
            _INCIDENTS,
            _INVOLVEMENTS,
            _DYADS,
            _ADDRESSES,
            _COMMUNITIES,
            _MARAC_HEARINGS,
            _ORDERS,
            _CUSTODY,
            _MANAGEMENT,
            _NEEDS,
            _SAFETY_CHECKS,
            _RESTRICTED,
            _REFERRALS,
            _INTERVENTIONS,
            _ABUSE_ASSESSMENTS,
        )
    }
)
MANDATORY = tuple(table.name for table in TABLES.values() if table.mandatory)
