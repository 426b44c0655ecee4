"""Plain documents of lists of people who do not exist, as a scoring run records them; for benchmarks of the service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from serving import RunRecord, Service, run_id
from values import digest, digest_file

PLACES = 3


def person(area: str, number: int) -> str:
    """Return the pseudonym of a made-up person."""
    return f"P-{area[:4].upper()}-MADE-{number:04d}"


def _case(name: str) -> dict[str, Any]:
    return {
        "person": name,
        "facts": {"incidents_24_months": 2},
        "chronology": [],
        "criteria": [],
        "reasons": [],
        "contrast": [],
        "missing": [],
        "completeness": {},
        "orders": [],
        "marac": [],
        "management": [],
        "safety": [{"counterpart": "Victim A", "status": "clear", "checked_on": "2026-03-01"}],
        "needs": [],
        "provisional": None,
    }


def _row(name: str, number: int, case: dict[str, Any]) -> dict[str, Any]:
    return {
        "section": "ranked",
        "place": number + 1,
        "person": name,
        "band": "high",
        "reasons": [],
        "criteria": [],
        "incumbent_places": {"v100": number + 1},
        "hold": None,
        "referral": None,
        "missing": [],
        "case": digest(case),
        "above_line": number < PLACES,
        "tied": False,
    }


def files_of(workspace: Path) -> dict[str, Path]:
    """Write a bundle, a policy and a governance file that runs can be pinned to."""
    bundle = workspace / "bundles" / "made-up"
    bundle.mkdir(parents=True, exist_ok=True)
    (bundle / "model.txt").write_text("made up", encoding="utf-8")
    listed = {"files": {"model.txt": digest_file(bundle / "model.txt")}}
    (bundle / "bundle.json").write_text(json.dumps(listed), encoding="utf-8")
    found = {"bundle": bundle, "policy": workspace / "policy.yaml", "governance": workspace / "governance.yaml"}
    for name in ("policy", "governance"):
        found[name].write_text(f"made_up: {name}\n", encoding="utf-8")
    return found


def record(service: Service, workspace: Path, area: str, as_of: str, people: int) -> str:
    """Record a run whose gate decision is pass, with people who have no name, and return its name."""
    files = files_of(workspace)
    names = [person(area, number) for number in range(people)]
    cases = {name: _case(name) for name in names}
    rows = [_row(name, number, cases[name]) for number, name in enumerate(names)]
    hashes = {
        "bundle": digest_file(files["bundle"] / "bundle.json"),
        "indicators": digest("indicators"),
        "cohort": digest(names),
        "policy": digest_file(files["policy"]),
        "governance": digest_file(files["governance"]),
        "snapshot": digest("snapshot"),
    }
    header = {
        "area": area,
        "as_of": as_of,
        "places": PLACES,
        "list_length": people,
        "hashes": hashes,
        "bundle": {"kind": "made_up", "for_panel": True},
        "synthetic": True,
        "counts": {"cohort": people},
        "notices": [],
    }
    made = RunRecord(
        run=run_id(header, rows),
        area=area,
        as_of=as_of,
        capacity={"places": PLACES, "reserved": {}, "list_factor": 3},
        hashes=hashes,
        trained_by="scientist",
        synthetic=True,
    )
    identities = {name: {"given_name": "Made", "family_name": f"Up {name[-4:]}"} for name in names}
    gate = {"verdict": "pass", "reasons": [], "acknowledge": []}
    service.record_run(made, header, rows, cases, identities, {"verdict": "pass", "cells": []}, gate, files)
    return made.run
