"""One scoring run: order, reasons, criteria, holds, audit and gate decision, stored and shown to nobody yet."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from drive_panel.clock import LONDON
from drive_panel.errors import NotConfigured, WorkspaceError
from drive_panel.workflows import cards, gate, places, shadow
from drive_panel.workflows.indicators import frame_hash, spine
from drive_panel.workflows.known import require_known
from drive_panel.workflows.list_documents import ListDocuments, Scoring
from drive_panel.workflows.listing import Standing, stand
from drive_panel.workflows.release import batch_service, require_made_up
from drive_panel.workflows.restricted import restrictions
from drive_panel.workspace import Workspace
from features import CATALOGUE, EventStream, build_stream, compute, prove_time_travel, select_cohort
from models import Bundle, find_holds, find_identity_holds
from records import Keyring, RecordStore, Snapshot
from records.knowledge import as_known
from records.purposes import Reading, for_purpose
from serving import Batch, RunRecord, list_hash, run_id
from serving.access.cases import Cases
from serving.panel.decisions import Decision
from serving.panel.places import ACCEPTED, ON_DRIVE, decided_before, route_of
from serving.panel.referrals import REFERRAL
from serving.panel.since import latest
from training import drift
from values import AsOf, Capacity, DrivePanelError, Hash, Progress, digest, digest_file

COOL_OFF = timedelta(days=183)
REFERRALS_FOR = timedelta(days=92)
PROOF_SAMPLE = 200
GREY = ["person_l", "person_r", "match_probability"]


def run(
    workspace: Workspace,
    as_of: AsOf,
    area: str,
    progress: Progress,
    chosen: Hash | None = None,
    beside: Hash | None = None,
) -> dict[str, Any]:
    """Score the cohort of `area` as of a date and store the run, its audit and the gate's decision.

    Parameters
    ----------
    chosen
        Another bundle than the one that scores (a rehearsal).
    beside
        A bundle whose list is compared with this one and never stored (`shadow`).

    Raises
    ------
    DrivePanelError
        If records, bundle, capacity or communities do not allow it. Where the list was made before that, its hash
        is in the error's `details`.
    """
    require_made_up(workspace)
    snapshot = RecordStore(workspace.records).latest()
    capacity, said_by = places.of(workspace, area)
    bundle = Bundle.load(workspace.bundles / (chosen or workspace.champion))
    bundle.require_catalogue(CATALOGUE.version)
    other = None if beside is None else shadow.shadow_bundle(workspace, beside, bundle)
    stream = build_stream(snapshot, progress)
    people = _cohort(snapshot, stream, bundle, as_of, area)
    indicators = compute(stream, spine(people, as_of))
    proof = _prove(snapshot, as_of, area, people)
    moved = _drift(bundle, indicators)
    with batch_service(workspace) as service:
        service.escalate_holds()
        scored = _Scored(workspace, snapshot, stream, bundle, indicators, as_of, area, capacity, service)
        documents = scored.documents(progress)
        try:
            decision = gate.decide(workspace, snapshot, stream, bundle, scored.standing, as_of, area, service)
        except DrivePanelError as error:
            error.details |= {"list_hash": list_hash(documents.header, documents.rows)}
            raise
        record = RunRecord(
            run=run_id(documents.header, documents.rows),
            area=area,
            as_of=str(as_of),
            capacity={
                "places": capacity.places,
                "reserved": dict(capacity.reserved),
                "list_factor": capacity.list_factor,
                "disrupt_only": capacity.disrupt_only,
            },
            hashes=documents.header["hashes"],
            trained_by=decision.trained_by,
            trainers=decision.trainers,
            synthetic=snapshot.synthetic,
        )
        # Before the list: a case that only named people may see is closed before anybody can ask for it.
        listed = {person: name for person, name in scored.pseudonyms.items() if name in documents.cases}
        Cases(service.stores).restrict(restrictions(snapshot, listed))
        hashed = service.record_run(
            record,
            documents.header,
            documents.rows,
            documents.cases,
            documents.identities,
            decision.audit,
            decision.gate,
            {"bundle": bundle.path, "policy": workspace.policy, "governance": workspace.governance},
        )
        shadowed = (
            None
            if other is None
            else shadow.beside(workspace, service, record.run, other, scored.standing, scored.standing_of(other))
        )
        card = cards.scoring(bundle, snapshot.hash, str(as_of), moved, proof, decision.gate["verdict"])
        cards.keep_scoring(service, record.run, area, card, shadowed)
    return {
        "run": record.run,
        "list_hash": hashed,
        "cohort": len(people),
        "capacity": capacity.places,
        "capacity_from": said_by,
        "ranked": len(scored.standing.listed),
        "held": len(scored.standing.held),
        "referred": sum(row["section"] == "referred" for row in documents.rows),
        "verdict": decision.gate["verdict"],
        "reasons": decision.gate["reasons"],
        "acknowledge": decision.gate["acknowledge"],
        "blocks": decision.gate["blocks"],
        "bundle": bundle.hash,
        "suppressed_reasons": documents.suppressed_share,
        "drift": moved,
        "shadow": shadowed,
    }


def _drift(bundle: Bundle, indicators: pd.DataFrame) -> dict[str, Any] | None:
    """Return how far the area's people have moved from the bundle's frozen bins; None where it has none."""
    frozen = bundle.card.get("frozen")
    return None if frozen is None else drift.drift(frozen, indicators, bundle.margin(indicators))


def _cohort(snapshot: Snapshot, stream: EventStream, bundle: Bundle, as_of: AsOf, area: str) -> pd.DataFrame:
    require_known(as_of, ends=snapshot.extract_date)
    declared = bundle.card["cohort"]  # whom the bundle was made and audited for
    people = select_cohort(stream, as_of, area, declared["months"], declared["domestic_only"])
    if people.empty:
        areas = ", ".join(sorted(str(name) for name in stream.areas)[:20])
        raise NotConfigured(f"Nobody is in the cohort of '{area}' as of {as_of}.", f"Areas in the records: {areas}.")
    return people


def _prove(snapshot: Snapshot, as_of: AsOf, area: str, people: pd.DataFrame) -> dict[str, Any]:
    """Prove on a sample of every run, from its tables on, that nothing known later is read; return what was checked."""
    sample = people["person_id"].iloc[np.linspace(0, len(people) - 1, min(len(people), PROOF_SAMPLE)).astype(int)]
    report = prove_time_travel(snapshot, as_of, person_ids=sample, area=area)
    if not report.holds:
        raise WorkspaceError(
            f"What was not known as of {as_of} was read by: {', '.join(report.leaks)}.",
            "Nothing was scored. Repair the indicators, then run `drive-panel timetravel`.",
        )
    return {"indicators": report.checked, "most_people": PROOF_SAMPLE, "holds": report.holds}


_SHOWN = {
    "persons": ("person_id", "deceased_on"),
    "referrals": ("referral_id", "person_id", "area", "referred_at", "route"),
    "interventions": ("referral_id", "decision", "decided_at", "started_on", "ended_on"),
}


class _Scored:
    """One run's people, order and documents."""

    def __init__(
        self,
        workspace: Workspace,
        snapshot: Snapshot,
        stream: EventStream,
        bundle: Bundle,
        indicators: pd.DataFrame,
        as_of: AsOf,
        area: str,
        capacity: Capacity,
        service: Batch,
    ) -> None:
        self.workspace, self.snapshot, self.stream, self.bundle = workspace, snapshot, stream, bundle
        self.indicators, self.as_of, self.area, self.capacity = indicators, as_of, area, capacity
        shown: Reading = for_purpose(snapshot, "display", "The list", _SHOWN)
        self.referrals = _referrals(shown, as_of, area) | _filed(workspace, service, as_of, area)
        people = set(indicators["person_id"]) | set(self.referrals)
        self.pseudonyms = Keyring(workspace.keys / "pseudonyms.db").pseudonyms(sorted(people))
        self.persons = {name: person for person, name in self.pseudonyms.items()}
        adults = shown.adult_at(as_of)
        self.adult = dict(zip(adults["person_id"], adults["adult"], strict=True))
        self.dead = _dead(shown, as_of)
        for person in self.dead & set(self.referrals):
            del self.referrals[person]
        self.apart = _apart(shown, as_of, service, self.persons)
        found = find_holds(stream, snapshot, sorted(people), as_of)
        self.holds = _not_cleared(found, stream, snapshot, service, self.persons)
        open_identities = self._open_identities(self._stand(set(self.holds["person_id"])))
        self.holds = pd.concat([self.holds, open_identities], ignore_index=True)
        self.deadlines = service.hold_deadlines()
        self.standing = self._stand(set(self.holds["person_id"]), across=set(open_identities["person_id"]))

    def standing_of(self, bundle: Bundle) -> Standing:
        """Return the order that another bundle would give to the same people, the same ones held and apart."""
        return self._stand(set(self.holds["person_id"]), bundle=bundle)

    def _stand(self, held: set[str], across: Collection[str] = (), bundle: Bundle | None = None) -> Standing:
        return stand(
            bundle or self.bundle,
            self.indicators,
            self.pseudonyms,
            self.capacity,
            held=held,
            apart=set(self.apart),
            not_eligible={person for person, adult in self.adult.items() if adult == "no"} | self.dead,
            across=across,
        )

    def _open_identities(self, standing: Standing) -> pd.DataFrame:
        """Return the holds on people whom an undecided link would move across the line, as things stand without it."""
        ranked = standing.rows("ranked")
        margins = dict(zip(ranked["person_id"], ranked["margin"], strict=True))
        grey = self.snapshot.grey
        unresolved = pd.DataFrame(columns=GREY) if grey is None else grey
        return find_identity_holds(self.stream, unresolved, margins, self.bundle.margin, standing.line, self.as_of)

    def documents(self, progress: Progress) -> ListDocuments:
        """Return header, rows, cases and identities."""
        scoring = Scoring(
            snapshot=self.snapshot,
            stream=self.stream,
            bundle=self.bundle,
            indicators=self.indicators,
            standing=self.standing,
            holds=self.holds,
            apart=self.apart,
            referrals=self.referrals,
            adult=self.adult,
            pseudonyms=self.pseudonyms,
            deadlines=self.deadlines,
            as_of=self.as_of,
            area=self.area,
        )
        return ListDocuments.make(scoring, self._hashes(), progress)

    def _hashes(self) -> dict[str, Hash]:
        named = self.indicators.assign(person_id=self.indicators["person_id"].map(self.pseudonyms))
        return {
            "bundle": self.bundle.hash,
            "indicators": frame_hash(named, "person_id"),
            "cohort": digest(sorted(named["person_id"])),
            "policy": digest_file(self.workspace.policy),
            "governance": digest_file(self.workspace.governance),
            "snapshot": self.snapshot.hash,
        }


def _referrals(snapshot: Reading, as_of: AsOf, area: str) -> dict[str, dict[str, str]]:
    """Return the open referrals of the last three months to this panel, by person; the latest of each."""
    if not snapshot.has("referrals"):
        return {}
    known = as_known(snapshot, "referrals", as_of)
    since = pd.Timestamp(as_of.day - REFERRALS_FOR)
    fresh = known[(known["area"] == area) & (known["referred_at"] > since) & (known["route"] != "police_list")]
    if snapshot.has("interventions"):
        decided = as_known(snapshot, "interventions", as_of)
        fresh = fresh[~fresh["referral_id"].isin(decided["referral_id"])]
    fresh = fresh.sort_values(["referred_at", "referral_id"])
    return {
        row["person_id"]: {"route": row["route"], "referred_at": row["referred_at"].date().isoformat()}
        for row in fresh.to_dict("records")
    }


def _filed(workspace: Workspace, service: Batch, as_of: AsOf, area: str) -> dict[str, dict[str, str]]:
    """Return whom agencies referred in the service by number in the last three months, by person."""
    keyring, found = Keyring(workspace.keys / "pseudonyms.db"), {}
    for each in service.filed([REFERRAL], areas=[area]):
        day = datetime.fromisoformat(each.at).astimezone(LONDON).date()
        person = keyring.whose(str(each.person)) if as_of.day - REFERRALS_FOR < day <= as_of.day else None
        if person is not None:
            found[person] = {"route": route_of(str(each.document["agency"])), "referred_at": day.isoformat()}
    return found


def _dead(snapshot: Reading, as_of: AsOf) -> set[str]:
    """Return people whose death is known at T."""
    persons = as_known(snapshot, "persons", as_of)
    return set(persons.loc[persons["deceased_on"] <= pd.Timestamp(as_of.day), "person_id"])


_EVIDENCE = ["person_id", "kind", "counterpart", "event_refs", "latest"]


def _not_cleared(
    found: pd.DataFrame, stream: EventStream, snapshot: Snapshot, service: Batch, persons: Mapping[str, str]
) -> pd.DataFrame:
    """Return the holds that nobody has cleared on the evidence that is there now.

    A clearance is about what was known at its list's date. A later report or concern, or another victim, holds anew.
    """
    seen = set()
    for cleared in service.clearances():
        person = persons.get(cleared["person"])
        if person is not None:
            then = find_holds(stream, snapshot, [person], AsOf.parse(service.run(cleared["run"]).summary.as_of))
            seen |= set(then.loc[then["kind"] == cleared["kind"], _EVIDENCE].itertuples(index=False, name=None))
    kept = np.array([key not in seen for key in found[_EVIDENCE].itertuples(index=False, name=None)], dtype=np.bool_)
    return found.loc[kept].reset_index(drop=True)


def _apart(snapshot: Reading, as_of: AsOf, service: Batch, persons: Mapping[str, str]) -> dict[str, str]:
    """Return people who take no place, with why: on Drive, or decided on within the cool-off."""
    reasons: dict[str, str] = {}
    if snapshot.has("interventions") and snapshot.has("referrals"):
        referrals = as_known(snapshot, "referrals", as_of)[["referral_id", "person_id"]]
        decided = as_known(snapshot, "interventions", as_of).merge(referrals, on="referral_id", validate="one_to_one")
        decided = decided[decided["decided_at"] <= pd.Timestamp(as_of.day)].sort_values(["decided_at", "referral_id"])
        for row in decided.to_dict("records"):
            why = _on_drive(row, as_of) or _decided_elsewhere(row, as_of)
            if why:
                reasons[row["person_id"]] = why
    for pseudonym, why in _settled(service.decisions(), as_of).items():
        if pseudonym in persons:
            reasons[persons[pseudonym]] = why
    return reasons


def _settled(decisions: Iterable[Mapping[str, Any]], as_of: AsOf) -> dict[str, str]:
    """Return, by pseudonym, why the newest decision on somebody keeps them apart at a date.

    The newest counts whichever list it was made on. Who was escalated to MARAC is in the greatest danger, not settled:
    they stay on the list.
    """
    known = (row for row in decisions if _day(row) <= as_of)
    why = {person: _cooling_off(row, as_of) for person, row in latest(known).items()}
    return {person: told for person, told in why.items() if told}


def _on_drive(row: Mapping[Hashable, Any], as_of: AsOf) -> str:
    ended = pd.notna(row["ended_on"]) and row["ended_on"].date() <= as_of.day
    if row["decision"] != "accepted" or ended:
        return ""
    if pd.isna(row["started_on"]):
        return f"{ACCEPTED} {row['decided_at'].date().isoformat()}, not started yet"
    return f"{ON_DRIVE} {row['started_on'].date().isoformat()}"


def _decided_elsewhere(row: Mapping[Hashable, Any], as_of: AsOf) -> str:
    day = row["decided_at"].date()
    return f"{decided_before(str(row['decision']))} of {day.isoformat()}" if as_of.day < day + COOL_OFF else ""


def _cooling_off(decision: Mapping[str, Any], as_of: AsOf) -> str:
    if decision["decision"] == Decision.ESCALATE:
        return ""
    decided = _day(decision)
    until = AsOf.parse(str(decision["until"])) if decision["until"] else AsOf(decided.day + COOL_OFF)
    return f"{decided_before(str(decision['decision']))} of {decided}" if as_of < until else ""


def _day(decision: Mapping[str, Any]) -> AsOf:
    return AsOf(datetime.fromisoformat(str(decision["at"])).astimezone(LONDON).date())


def describe(result: dict[str, Any]) -> list[str]:
    """Return the run and the gate's decision in plain lines."""
    return [
        f"Run {result['run']}: {result['cohort']:,} people in the cohort, {result['capacity']} places "
        f"({result['capacity_from']}), {result['ranked']} ranked, {result['held']} held, "
        f"{result['referred']} referred.",
        f"Gate: {result['verdict']}",
        *(f"  {reason}" for reason in result["reasons"]),
        *(f"  Blocks a release: {reason}" for reason in result["blocks"]),
        *(f"  To be acknowledged by name: {name}" for name in result["acknowledge"]),
        *(drift.lines(result["drift"]) if result["drift"] else []),
        *shadow.describe(result["shadow"]),
        "Nothing is shown to a panel before a governance reviewer has released exactly this list.",
    ]
