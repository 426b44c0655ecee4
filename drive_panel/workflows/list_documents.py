"""The documents of one list: header, rows, cases and identities, exactly as they are hashed and stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

import numpy as np
import pandas as pd

from drive_panel.workflows.case_file import CaseFiles
from drive_panel.workflows.holders import Holders
from drive_panel.workflows.indicators import spine
from drive_panel.workflows.listing import INCUMBENTS, Standing
from features import CATALOGUE, EventFact, EventStream
from models import (
    Bundle,
    Contrast,
    Criterion,
    Explanation,
    PersonRecord,
    Provisional,
    Reason,
    assess,
    explain,
    gather_records,
)
from models.wording import provisional
from records import Snapshot
from records.linkage import Certainty, certainties
from serving.panel.holds import ESCALATED_TO
from values import AsOf, Hash, Progress, digest

NOTICES = (
    "Not listed does not mean low risk.",
    "This order is advice to a human decision. It is not evidence of guilt, and not a measure of a victim's risk.",
    "It rests on what was reported and recorded. Harm that nobody reported is not in it.",
)
HOLD_OWNERS = {
    "counter_allegation": "Police domestic abuse lead",
    "safety_concern": "Victim service (IDVA)",
    "identity": "Police records team",
}
HOLD_TIME = timedelta(days=28)
_ROW_REASONS, _ROW_EVENTS = 3, 3
_SIGNS = {"raises": "+", "lowers": "-"}


@dataclass(frozen=True, eq=False)
class Scoring:
    """What one run knows before anything is written down.

    Attributes
    ----------
    holds
        As `models.find_holds` returns them.
    apart
        Why somebody takes no place, by person.
    referrals
        Open referrals to this panel, by person.
    adult
        ``yes`` / ``no`` / ``unknown``, by person.
    pseudonyms
        By person, for everybody in the cohort or referred.
    deadlines
        The first deadline of each hold that an earlier released list showed, by pseudonym and kind.
    """

    snapshot: Snapshot
    stream: EventStream
    bundle: Bundle
    indicators: pd.DataFrame
    standing: Standing
    holds: pd.DataFrame
    apart: Mapping[str, str]
    referrals: Mapping[str, Mapping[str, str]]
    adult: Mapping[str, str]
    pseudonyms: Mapping[str, str]
    deadlines: Mapping[tuple[str, str], date]
    as_of: AsOf
    area: str


@dataclass(frozen=True)
class ListDocuments:
    """Everything that is stored about one list."""

    header: dict[str, Any]
    rows: list[dict[str, Any]]
    cases: dict[str, dict[str, Any]]
    identities: dict[str, dict[str, Any]]
    suppressed_share: float

    @classmethod
    def make(cls, scoring: Scoring, hashes: Mapping[str, Hash], progress: Progress) -> Self:
        """Explain, assess and write down everybody who is on the list in any section."""
        writer = _Writer(scoring)
        rows = writer.rows(progress)
        capacity = scoring.standing.capacity
        header = {
            "area": scoring.area,
            "as_of": str(scoring.as_of),
            "places": capacity.ranked_places,
            "list_length": capacity.list_length,
            "hashes": dict(hashes),
            "bundle": {"kind": scoring.bundle.kind, "for_panel": scoring.bundle.for_panel},
            "synthetic": scoring.snapshot.synthetic,
            "counts": scoring.standing.counts(),
            "notices": list(NOTICES),
            "line_band": _line_band(scoring),
        }
        return cls(header, rows, writer.cases, writer.identities(), writer.suppressed_share)


class _Writer:
    def __init__(self, scoring: Scoring) -> None:
        self.snapshot, self.bundle, self.standing = scoring.snapshot, scoring.bundle, scoring.standing
        self.apart, self.referrals, self.pseudonyms = scoring.apart, scoring.referrals, scoring.pseudonyms
        self.deadlines = scoring.deadlines
        self.as_of, self.area = scoring.as_of, scoring.area
        self.holds = dict(iter(scoring.holds.groupby("person_id"))) if len(scoring.holds) else {}
        self.cases: dict[str, dict[str, Any]] = {}
        self._sections = self._people()
        everyone = [person for _, person in self._sections]
        cohort = set(self.standing.table["person_id"])
        scored = pd.DataFrame({"person_id": [person for person in everyone if person in cohort]})
        self.explanations: dict[str, Explanation] = self._explained(scoring.stream, scored)
        self.records: dict[str, PersonRecord] = gather_records(
            scoring.stream, self.snapshot, everyone, self.as_of, scoring.adult
        )
        self.files = CaseFiles(self.snapshot, self.as_of, everyone)
        self._holders = Holders(self.files.snapshot.sources, self.bundle)
        self._agencies = self.snapshot.reference.codes("agencies")
        self._certainty = certainties(self.snapshot, everyone)
        self._standing_of = _by_person(self.standing.table)
        self._unscored = _unscored(self.bundle, scoring.indicators)
        self._values = _by_person(scoring.indicators)

    def _explained(self, stream: EventStream, scored: pd.DataFrame) -> dict[str, Explanation]:
        if scored.empty:
            return {}
        rows, line = self.standing.rows("ranked"), self.standing.line_person
        ranked = dict(zip(rows["person_id"], rows["margin"], strict=True))
        return explain(self.bundle, stream, CATALOGUE, spine(scored, self.as_of), line, ranked=ranked)

    @property
    def suppressed_share(self) -> float:
        """Mean share of movement whose reasons were withheld because removing their events did not lower the margin."""
        shares = [explanation.suppressed_share for explanation in self.explanations.values()]
        return round(float(np.mean(shares)), 6) if shares else 0.0

    def _people(self) -> list[tuple[str, str]]:
        """Return (section, person) of everybody on the list, in order, each person once."""
        sections: list[tuple[str, str]] = [("ranked", str(person)) for person in self.standing.listed["person_id"]]
        apart = self.standing.rows("apart")
        apart = apart[apart["place"] <= self.standing.capacity.list_length]
        placed = {person for _, person in sections}
        referred = sorted((p for p in self.referrals if p not in placed), key=lambda p: self.pseudonyms[p])
        # Somebody referred is always tabled; a hold or a decision in force goes before the referral.
        kept_apart = [*map(str, apart["person_id"]), *(p for p in referred if p in self.apart)]
        on_hold = [*map(str, self.standing.held["person_id"])]
        on_hold += [p for p in referred if p in self.holds and p not in self.apart]
        others = [p for p in referred if p not in self.apart and p not in self.holds]
        sections += [("held", person) for person in dict.fromkeys(on_hold)]
        sections += [("referred", person) for person in others]
        sections += [("apart", person) for person in dict.fromkeys(kept_apart)]
        return sections

    def rows(self, progress: Progress) -> list[dict[str, Any]]:
        """Return every row in order; fills `cases` on the way."""
        rows = []
        for number, (section, person) in enumerate(self._sections):
            criteria = assess(self.records[person], self.area)
            case = self._case(person, criteria)
            self.cases[self.pseudonyms[person]] = case
            rows.append(self._row(section, person, criteria, digest(case)))
            progress("writing case files", number + 1, len(self._sections))
        return rows

    def _row(self, section: str, person: str, criteria: Sequence[Criterion], case: Hash) -> dict[str, Any]:
        told = self.explanations.get(person)
        stand = self._standing_of.get(person)
        reasons = [self._reason(reason, _ROW_EVENTS) for reason in told.reasons[:_ROW_REASONS]] if told else []
        row = {
            "section": section,
            "place": None if stand is None else int(stand["place"]),
            "person": self.pseudonyms[person],
            "band": None if stand is None else self.bundle.band(float(stand["margin"])),
            "reasons": reasons,
            "criteria": [
                {"name": c.name, "label": c.label, "state": c.state, "held_by": self._holders.of_criterion(c.name)}
                for c in criteria
            ],
            "incumbent_places": self._incumbent_places(stand),
            "hold": self._hold(person) if person in self.holds else None,
            "referral": dict(self.referrals[person]) if person in self.referrals else None,
            "missing": list(told.missing) if told else [],
            "held_by": self._holders.of_those(told.missing if told else ()),
            "case": case,
            "above_line": section == "ranked" and self._reaches(stand, "last"),
            "at_line": section == "ranked" and self._reaches(stand, "place") and not self._reaches(stand, "last"),
            "tied": bool(stand is not None and stand["tied"]),
        }
        if waiting := self._certainty[person].waiting:
            row["links_waiting"] = waiting
        if section == "apart":
            row["note"] = self.apart[person]
        elif stand is not None and person in self._unscored:
            row |= {"place": None if section != "ranked" else row["place"], "band": None}
            row["note"] = "Not scored by this list, for want of data. This is not a low place."
        elif stand is None:
            row["note"] = "Not scored: no recent domestic incident as suspect is recorded. This is not a low place."
        return row

    def _reaches(self, stand: Mapping[str, Any] | None, end: str) -> bool:
        return stand is not None and int(stand[end]) <= self.standing.capacity.ranked_places

    def _incumbent_places(self, stand: Mapping[str, Any] | None) -> dict[str, int | None]:
        if stand is None:
            return dict.fromkeys(INCUMBENTS)
        named = {name: stand[f"place_{name}"] for name in INCUMBENTS}
        return {name: None if pd.isna(place) else int(place) for name, place in named.items()}

    def _hold(self, person: str) -> dict[str, Any]:
        rows = self.holds[person]
        kinds = list(dict.fromkeys(str(kind) for kind in rows["kind"]))
        # A later list gives no more time: the deadline runs from the first one that showed the hold.
        given = [self.deadlines.get((self.pseudonyms[person], kind), self.as_of.day + HOLD_TIME) for kind in kinds]
        deadline = min([self.as_of.day + HOLD_TIME, *given])
        escalated = {"escalated": ESCALATED_TO} if deadline < self.as_of.day else {}
        return {
            "kind": kinds[0],
            "kinds": kinds,
            "why": " ".join(dict.fromkeys(rows["why"])),
            "owner": " and ".join(HOLD_OWNERS[kind] for kind in kinds),
            "deadline": deadline.isoformat(),
            **escalated,
        }

    def _case(self, person: str, criteria: Sequence[Criterion]) -> dict[str, Any]:
        told = self.explanations.get(person)
        others = self.files.other_agencies(person)
        absent = [name.replace("_", " ") for name, rows in others.items() if rows is None]
        bound = None if told is None or person in self._unscored else _provisional(told.provisional)
        said = [*(told.missing if told else ()), *(bound["depends_on"] if bound else ())]
        return {
            "person": self.pseudonyms[person],
            "facts": self._facts(person),
            "chronology": self.files.chronology(person),
            "criteria": [{**_criterion(c), "held_by": self._holders.of_criterion(c.name)} for c in criteria],
            "reasons": [self._reason(reason, None) for reason in told.reasons] if told else [],
            "contrast": [self._contrast(c) for c in told.contrast] if told else [],
            "missing": [*(told.missing if told else ()), *(f"Not available: {name}." for name in absent)],
            "completeness": {
                "reasons_withheld": round(told.suppressed_share, 6) if told else None,
                "records_as_of": self.snapshot.extract_date.isoformat(),
            },
            "orders": [*(others["orders"] or []), *(others["custody"] or [])],
            "marac": others["marac_hearings"] or [],
            "management": others["management"] or [],
            "safety": others["safety_checks"] or [],
            "needs": others["needs"] or [],
            "provisional": bound,
            "held_by": {**self._holders.of_facts, **self._holders.of_those(said)} if told else {},
            "link_certainty": self._link_certainty(self._certainty[person]),
        }

    def _link_certainty(self, found: Certainty) -> dict[str, Any]:
        least = None
        if found.how is not None:
            rounded = None if found.probability is None else round(found.probability, 6)
            least = {"how": found.how, "probability": rounded}
        return {
            "records": found.records,
            "sources": [
                {
                    "source": source,
                    "records": records,
                    "held_by": self._holders.of_record_system(source, self._agencies),
                }
                for source, records in found.sources
            ],
            "compared": found.compared,
            "least_sure": least,
            "linked_from": found.upper,
            "asked_from": found.lower,
            "decided": {"pairs": found.decided, "last": found.decided_on} if found.decided else None,
            "waiting": found.waiting,
            "births_contradict": found.births_contradict,
        }

    def _reason(self, reason: Reason, most: int | None) -> dict[str, Any]:
        events = reason.events if most is None else reason.events[:most]
        return {
            "text": reason.text,
            "push": _SIGNS[reason.push],
            "share": round(reason.share, 6),
            "group": reason.group,
            "events": [_event(event) for event in events],
            "more": len(reason.events) - len(events),
            "held_by": self._holders.of_indicators(reason.indicators),
        }

    def _contrast(self, contrast: Contrast) -> dict[str, Any]:
        group = contrast.group.capitalize().replace("Marac", "MARAC")
        more = contrast.difference > 0
        return {
            "text": f"{group}: counts for {'more' if more else 'less'} than for the person at the line",
            "push": "+" if more else "-",
            "group": contrast.group,
            "difference": round(contrast.difference, 6),
            "held_by": self._holders.of_group(contrast.group),
        }

    def _facts(self, person: str) -> dict[str, Any]:
        values = self._values.get(person)
        if values is None:
            return {}
        facts = {}
        for name in CATALOGUE.names:
            value = float(values[name])
            facts[name] = None if np.isnan(value) else round(value, 2)
        return facts

    def identities(self) -> dict[str, dict[str, Any]]:
        """Return who the people on the list are; stored encrypted beside their cases."""
        people = [person for _, person in self._sections]
        known = self.files.snapshot.identities(people)
        return {
            self.pseudonyms[row["person_id"]]: {
                "given_name": _text(row["given_name"]),
                "family_name": _text(row["family_name"]),
                "date_of_birth": _text(row["date_of_birth"]),
                "addresses": self.files.addresses(row["person_id"]),
            }
            for row in known.to_dict("records")
        }


def _line_band(scoring: Scoring) -> dict[str, Any]:
    """Return the band at the line by what the bundle's certificate measured, or why there is none."""
    certificate = scoring.bundle.card.get("certificate", {})
    refits = sum(certificate.get(how, {}).get("refits", 0) for how in ("seeds", "bootstrap"))
    if not refits:
        return {"why_not": "This ranking learns nothing from the past: only people who share a place are alike to it."}
    if certificate.get("reach") is None:
        return {"why_not": "Too few people changed sides of the line in refits, or this bundle did not measure it."}
    band = scoring.standing.band(certificate["reach"])
    if band is None:
        return {"why_not": "Nobody stands below the line, or nobody above it."}
    return {
        "from_place": band.from_place,
        "to_place": band.to_place,
        "beyond_list": band.beyond,
        "refits": refits,
    }


def _unscored(bundle: Bundle, indicators: pd.DataFrame) -> frozenset[str]:
    """Return the people whom a simple list cannot score for want of data; a learned ranker scores everybody."""
    unscored = getattr(bundle.ranker, "unscored", None)
    return frozenset() if unscored is None else frozenset(indicators.loc[unscored(indicators), "person_id"])


def _by_person(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["person_id"]: row for row in table.to_dict("records")}  # type: ignore[misc]


def _provisional(bound: Provisional | None) -> dict[str, Any] | None:
    if bound is None or bound.best is None or bound.worst is None:
        return None
    questions = [CATALOGUE[name].question for name in bound.indicators]
    return {"text": provisional(bound.best, bound.worst), "depends_on": questions}


def _event(event: EventFact) -> dict[str, Any]:
    return {"ref": event.event_ref, "date": str(event.occurred)}


def _criterion(criterion: Criterion) -> dict[str, Any]:
    return {
        "name": criterion.name,
        "label": criterion.label,
        "definition": criterion.definition,
        "state": criterion.state,
        "effect": criterion.effect,
        "detail": criterion.detail,
        "events": [_event(event) for event in criterion.events],
    }


def _text(value: Any) -> str | None:
    if pd.isna(value):
        return None
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)
