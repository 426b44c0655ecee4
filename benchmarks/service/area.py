"""A made-up area with fifty thousand scored people, a year of released lists, and what was done with them since.

Documents are as large as those of a scoring run over a made-up force: an audit of a megabyte, rows of four kilobytes,
cases of twenty. Nobody in them exists.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from serving import Person, Role, RunRecord, Service, run_id
from values import digest, digest_file

AREA, COHORT = "castlebridge", 50_000
PLACES, FACTOR = 40, 3
SECTIONS = {"ranked": PLACES * FACTOR, "held": 20, "referred": 20, "apart": 60}
RUNS, DECISIONS_BEFORE = 12, 60
_BANDS = ("very high", "high", "raised")
_AUDIT_CELLS = 1600
_ACKNOWLEDGE = ["subjects/ethnicity/mixed"]
_SENTENCE = "Recorded as suspect in {} domestic incidents in the last {} days."
_NOT_KNOWN = "How many days ago was the last domestic incident of threats? Not known: no such incident is known."


@dataclass(frozen=True)
class Listed:
    """A released list and the pseudonyms on it that a decision is open for."""

    run: str
    open: tuple[str, ...]
    people: tuple[str, ...]


def build(service: Service, workspace: Path, today: date, told: Callable[[str], None]) -> Listed:
    """Store, release and publish a list a month; return the newest."""
    draw = Random(20260331)
    files = _files(workspace)
    newest = None
    for back in reversed(range(RUNS)):
        as_of = today - timedelta(days=1 + 30 * back)
        newest = _released(service, files, as_of, draw)
        told(f"list of {as_of}: {sum(SECTIONS.values())} people")
        _decide(service, newest, draw)
    assert newest is not None
    return newest


def _released(service: Service, files: dict[str, Path], as_of: date, draw: Random) -> Listed:
    cases, rows = {}, []
    for section, many in SECTIONS.items():
        for number in range(many):
            person = _pseudonym(draw)
            cases[person] = _case(person, draw)
            rows.append(_row(person, section, number, cases[person], draw))
    header = _header(as_of, files)
    record = RunRecord(
        run=run_id(header, rows),
        area=AREA,
        as_of=header["as_of"],
        capacity={"places": PLACES, "reserved": {}, "list_factor": FACTOR},
        hashes=header["hashes"],
        trained_by="scientist",
        synthetic=True,
    )
    gate = {"verdict": "pass", "reasons": [], "acknowledge": _ACKNOWLEDGE}
    identities = {person: _identity(draw) for person in cases}
    service.record_run(record, header, rows, cases, identities, _audit(draw), gate, files)
    reviewer = Person("reviewer-1", "Made Up", Role.REVIEWER)
    service.review(record.run, reviewer, "approve", "Audit read", acknowledged=_ACKNOWLEDGE)
    service.publish(record.run)
    people = tuple(row["person"] for row in rows)
    return Listed(record.run, tuple(row["person"] for row in rows if row["section"] == "ranked"), people)


def _decide(service: Service, listed: Listed, draw: Random) -> None:
    chair = Person("chair-before", "Made Up", Role.CHAIR)
    for person in draw.sample(listed.open, DECISIONS_BEFORE):
        service.decide(listed.run, person, chair, "not_suitable", "pattern", "Agreed by all agencies")


def _pseudonym(draw: Random) -> str:
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "P-" + "-".join("".join(draw.choices(letters, k=4)) for _ in range(3))


def _events(draw: Random, many: int) -> list[dict[str, Any]]:
    return [
        {
            "ref": f"incident:I{draw.randrange(10**7):07d}",
            "date": f"2026-0{draw.randint(1, 9)}-{draw.randint(10, 28)}",
        }
        for _ in range(many)
    ]


def _reasons(draw: Random) -> list[dict[str, Any]]:
    groups = ("frequency", "harm", "victims", "marac", "escalation", "offence families")
    return [
        {
            "text": " ".join(_SENTENCE.format(draw.randint(1, 20), days) for days in (30, 180)),
            "push": "+",
            "group": group,
            "events": _events(draw, 3),
            "more": draw.randint(0, 9),
        }
        for group in groups[: draw.randint(3, 6)]
    ]


def _criteria(draw: Random) -> list[dict[str, Any]]:
    return [
        {"name": f"criterion_{number}", "label": f"Criterion {number}", "state": draw.choice(("met", "not met"))}
        for number in range(13)
    ]


def _row(person: str, section: str, number: int, case: dict[str, Any], draw: Random) -> dict[str, Any]:
    hold = {
        "kind": "counter_allegation",
        "why": "Recorded as victim of the same person",
        "owner": "Panel coordinator",
        "deadline": "2027-12-31",
    }
    referral = {"referral_id": f"R{number}", "route": "probation", "referred_at": "2026-03-20", "scored": False}
    placed = section in ("ranked", "held")
    return {
        "section": section,
        "place": number + 1 if placed else None,
        "person": person,
        "band": _BANDS[min(number // PLACES, 2)] if placed else None,
        "reasons": case["reasons"][:3],
        "criteria": [{key: item[key] for key in ("name", "label", "state")} for item in case["criteria"]],
        "incumbent_places": {"v100": draw.randint(1, COHORT), "recency": draw.randint(1, COHORT)},
        "hold": hold if section == "held" else None,
        "referral": referral if section == "referred" else None,
        "missing": case["missing"],
        "case": digest(case),
        "above_line": section == "ranked" and number < PLACES,
        "tied": False,
    }


def _case(person: str, draw: Random) -> dict[str, Any]:
    chronology = [
        {
            "date": event["date"],
            "reported": event["date"],
            "kind": "incident",
            "role": draw.choice(("suspect", "suspect", "victim")),
            "status": "alleged",
            "offence": "Violence with injury",
            "counterpart": "Victim A",
            "ref": event["ref"],
            "note": "",
        }
        for event in _events(draw, draw.randint(5, 40))
    ]
    return {
        "person": person,
        "facts": {f"indicator_with_a_long_name_{number}": draw.randint(0, 99) for number in range(205)},
        "chronology": chronology,
        "criteria": [{**item, "definition": "As defined", "detail": "", "events": []} for item in _criteria(draw)],
        "reasons": _reasons(draw),
        "contrast": [{"text": "More recent than the person at the line", "push": "+"}] * 8,
        "missing": [_NOT_KNOWN] * draw.randint(0, 6),
        "completeness": {"tables_missing": ["custody"], "latest_record": "2026-03-30"},
        "orders": [{"kind": "non_molestation", "starts_on": "2026-01-05", "ends_on": None}],
        "marac": [{"heard_at": "2025-11-10", "repeat": True, "counterpart": "Victim A"}],
        "management": [],
        "safety": [{"counterpart": "Victim A", "status": "clear", "checked_on": "2026-03-01"}],
        "needs": [],
    }


def _identity(draw: Random) -> dict[str, Any]:
    return {
        "given_name": "Synthetic",
        "family_name": f"Number{draw.randrange(10**6)}",
        "date_of_birth": "1990-01-01",
        "addresses": ["1 Made Up Road"],
    }


def _header(as_of: date, files: dict[str, Path]) -> dict[str, Any]:
    listed = SECTIONS["ranked"]
    return {
        "area": AREA,
        "as_of": as_of.isoformat(),
        "places": PLACES,
        "list_length": listed,
        "hashes": {
            "bundle": digest_file(files["bundle"] / "bundle.json"),
            "indicators": digest("indicators"),
            "cohort": digest("cohort"),
            "policy": digest_file(files["policy"]),
            "governance": digest_file(files["governance"]),
            "snapshot": digest("snapshot"),
        },
        "bundle": {"kind": "lightgbm", "for_panel": True},
        "synthetic": True,
        "counts": {"cohort": COHORT, "not_listed": COHORT - sum(SECTIONS.values())},
        "notices": [],
    }


def _audit(draw: Random) -> dict[str, Any]:
    cells = [
        {
            "audit": "the mature backtest",
            "table": draw.choice(("subjects", "dyads")),
            "characteristic": "ethnicity",
            "group": f"group {number}",
            "metric": f"metric {number % 12}",
            "binding": number < 24,
            "n": draw.randint(30, 9000),
            **{key: round(draw.uniform(0.5, 1.5), 12) for key in ("value", "low", "high", "others_value")},
            **{key: round(draw.uniform(0.5, 1.5), 12) for key in ("ratio", "ratio_low", "ratio_high")},
            "minimum_detectable_ratio": 1.31,
            "why": "The whole interval of the ratio to everybody else lies within the margin of the policy.",
            "verdict": "pass",
        }
        for number in range(_AUDIT_CELLS)
    ]
    whole = {"margin": [0.8, 1.25], "alerts": [], "evidence": "backtest", "cells": cells}
    return {
        "verdict": "pass",
        "margin": [0.8, 1.25],
        "cells": cells[:120],
        "alerts": [],
        "not_assessable": [
            {
                "audit": "the mature backtest",
                "table": "subjects",
                "characteristic": "ethnicity",
                "group": "mixed",
                "metric": "missed_harm",
                "reason": "10 outcomes are needed",
            }
        ],
        "audits": {"the mature backtest": whole},
    }


def _files(workspace: Path) -> dict[str, Path]:
    bundle = workspace / "bundles" / "made-up"
    bundle.mkdir(parents=True)
    (bundle / "model.txt").write_bytes(b"tree\n" * 100_000)
    listed = {"files": {"model.txt": digest_file(bundle / "model.txt")}}
    (bundle / "bundle.json").write_text(json.dumps(listed), encoding="utf-8")
    policy, governance = workspace / "policy.yaml", workspace / "governance.yaml"
    policy.write_text("margin: 0.8\n", encoding="utf-8")
    governance.write_text("owner: nobody\n", encoding="utf-8")
    return {"bundle": bundle, "policy": policy, "governance": governance}


def now() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)
