"""A service on temporary databases, filled with plain made-up documents of people who do not exist."""

from __future__ import annotations

import contextlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from serving import Batch, Person, Role, RunRecord, Service, run_id
from serving.cards import CardKind
from serving.papers import KEPT as PAPERS_KEPT
from serving.papers import PACK, TITLES
from serving.papers import place_of as papers_place
from serving.reports import KEPT, KINDS, place_of
from serving.storage import PANEL, SCORES, Database
from serving.storage.engines import Address
from serving.web import WebSettings, create_app
from values import digest, digest_bytes, digest_file

UTC = timezone.utc  # noqa: UP017


class Clock:
    """A clock that tests move by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


LINKS: dict[str, Any] = {
    "records": 5,
    "sources": [
        {"source": "Niche", "records": 3, "held_by": []},
        {"source": "housing", "records": 2, "held_by": ["housing"]},
    ],
    "compared": True,
    "least_sure": {"how": "model", "probability": 0.934217},
    "linked_from": 0.9,
    "asked_from": 0.2,
    "decided": {"pairs": 1, "last": "2026-03-03"},
    "waiting": 2,
    "births_contradict": True,
}
"""How the records of the first person of every made-up list are linked; lists made before say it of nobody."""


def make_case(person: str, number: int) -> dict[str, Any]:
    case = _make_case(person, number)
    return {**case, "link_certainty": LINKS} if number == 0 else case


def _make_case(person: str, number: int) -> dict[str, Any]:
    return {
        "person": person,
        "facts": {"incidents_24_months": number + 2, "distinct_victims": 2, "children_linked": 1},
        "chronology": [
            {
                "date": "2026-02-03",
                "reported": "2026-02-04",
                "kind": "incident",
                "role": "suspect",
                "status": "alleged",
                "offence": "Violence with injury",
                "counterpart": "Victim A",
                "ref": f"INC{number:03d}",
                "note": "",
            },
            {
                "date": "2025-11-10",
                "reported": "2025-11-10",
                "kind": "hearing",
                "role": "suspect",
                "status": None,
                "offence": None,
                "counterpart": "Victim A",
                "ref": f"H{number:03d}",
                "note": "MARAC hearing",
            },
        ],
        "criteria": [
            {
                "name": "serial",
                "label": "Serial",
                "definition": "Two or more different victims in three years",
                "state": "met",
                "detail": "Two victims since March 2023",
                "events": [f"INC{number:03d}"],
            },
            {
                "name": "area",
                "label": "Lives in the area",
                "definition": "The person or a victim lives in the delivery area",
                "state": "unknown",
                "detail": "No address on record",
                "events": [],
            },
        ],
        "reasons": make_reasons(number),
        "contrast": [{"text": "More recent than the person at the line", "push": "+"}],
        "missing": ["Housing information is not available"],
        "completeness": {"tables_missing": ["custody"], "latest_record": "2026-03-30"},
        "orders": [{"kind": "non_molestation", "starts_on": "2026-01-05", "ends_on": None}],
        "marac": [{"heard_at": "2025-11-10", "repeat": True, "counterpart": "Victim A"}],
        "management": [],
        "safety": [{"counterpart": "Victim A", "status": "clear", "checked_on": "2026-03-01"}],
        "needs": [],
        "provisional": {
            "text": f"Provisional: between place {number + 1} and place {number + 4} if what is not known were known.",
            "depends_on": ["How many victims?", "How many domestic incidents against a former partner?"],
        },
    }


def make_reasons(number: int) -> list[dict[str, Any]]:
    return [
        {
            "text": f"{number + 2} domestic incidents as suspect in 12 months",
            "push": "+",
            "group": "frequency",
            "events": [{"ref": f"INC{number:03d}", "date": "2026-02-03"}],
            "more": number,
        },
        {
            "text": "A MARAC hearing in the last 12 months",
            "push": "+",
            "group": "marac",
            "events": [{"ref": f"H{number:03d}", "date": "2025-11-10"}],
            "more": 0,
        },
    ]


def make_row(person: str, number: int, case: dict[str, Any], section: str = "ranked") -> dict[str, Any]:
    row = _make_row(person, number, case, section)
    return {**row, "links_waiting": LINKS["waiting"]} if "link_certainty" in case else row


def _make_row(person: str, number: int, case: dict[str, Any], section: str) -> dict[str, Any]:
    ranked = section == "ranked"
    bands = ("very high", "high", "raised")
    return {
        "section": section,
        "place": number + 1 if ranked or section == "held" else None,
        "person": person,
        "band": bands[min(number // 2, 2)] if section in ("ranked", "held") else None,
        "reasons": make_reasons(number),
        "criteria": [{"name": "serial", "label": "Serial", "state": "met"}],
        "incumbent_places": {"v100": 2 * number + 3, "recency": number + 1},
        "hold": (
            {
                "kind": "counter_allegation",
                "why": "Recorded as victim of the same person",
                "owner": "Panel coordinator",
                "deadline": "2026-04-14",
            }
            if section == "held"
            else None
        ),
        "referral": (
            {"referral_id": "R77", "route": "probation", "referred_at": "2026-03-20", "scored": False}
            if section == "referred"
            else None
        ),
        "missing": [],
        "case": digest(case),
        "above_line": ranked and number < 3,
        "tied": False,
    }


@dataclass
class MadeUp:
    """The documents of one run."""

    header: dict[str, Any]
    rows: list[dict[str, Any]]
    cases: dict[str, dict[str, Any]]
    identities: dict[str, dict[str, Any]]
    audit: dict[str, Any]
    gate: dict[str, Any]
    files: dict[str, Path]
    trained_by: str = "scientist"
    made_by: str = field(default="batch")

    @property
    def record(self) -> RunRecord:
        return RunRecord(
            run=run_id(self.header, self.rows),
            area=self.header["area"],
            as_of=self.header["as_of"],
            capacity={"places": self.header["places"], "reserved": {}, "list_factor": 3},
            hashes=self.header["hashes"],
            trained_by=self.trained_by,
            synthetic=self.header["synthetic"],
            created_by=self.made_by,
        )

    def into(self, service: Service) -> str:
        record = self.record
        service.record_run(
            record, self.header, self.rows, self.cases, self.identities, self.audit, self.gate, self.files
        )
        return record.run

    def but(self, **changes: Any) -> MadeUp:
        return replace(self, **changes)


def make_files(workspace: Path) -> dict[str, Path]:
    bundle = workspace / "bundles" / "b1"
    bundle.mkdir(parents=True, exist_ok=True)
    (bundle / "model.txt").write_text("tree", encoding="utf-8")
    listed = {"files": {"model.txt": digest_file(bundle / "model.txt")}}
    (bundle / "bundle.json").write_text(json.dumps(listed), encoding="utf-8")
    policy, governance = workspace / "policy.yaml", workspace / "governance.yaml"
    policy.write_text("margin: 0.8\n", encoding="utf-8")
    governance.write_text("owner: nobody\n", encoding="utf-8")
    return {"bundle": bundle, "policy": policy, "governance": governance}


def make_audit(verdict: str = "pass") -> dict[str, Any]:
    cell = {
        "table": "subjects",
        "characteristic": "sex",
        "group": "female",
        "metric": "missed_harm_rate_ratio",
        "n": 412,
        "value": 0.41,
        "low": 0.33,
        "high": 0.49,
        "ratio": 1.02,
        "ratio_low": 0.86,
        "ratio_high": 1.19,
        "minimum_detectable_ratio": 1.31,
        "verdict": verdict,
    }
    small = {
        **cell,
        "characteristic": "ethnicity",
        "group": "mixed",
        "n": 12,
        "value": None,
        "low": None,
        "high": None,
        "ratio": None,
        "ratio_low": None,
        "ratio_high": None,
        "verdict": "not assessable",
    }
    return {
        "verdict": verdict,
        "margin": [0.8, 1.25],
        "cells": [cell, small],
        "origins": None if verdict == "pass" else make_origins(verdict),
        "alerts": ["Selection of the 18 to 24 band is above its base rate"],
        "not_assessable": [
            {
                "audit": "backtest over all areas",
                "table": "subjects",
                "characteristic": "ethnicity",
                "group": "mixed",
                "metric": "missed_harm",
                "reason": "under the floor",
            }
        ],
    }


def make_origins(verdict: str) -> dict[str, Any]:
    """Return where a gap may come from: exact, with what an area's own lists show, and what is shown of it."""
    who = "people whose sex is recorded as female"
    asked = {"side": "harmed", "name": "police_generated_730", "question": "How many did the police generate?"}
    figures = {"difference": 0.7312, "low": 0.5121, "high": 0.9503, "puts": "higher"}
    bare = {"difference": None, "low": None, "high": None, "puts": "withheld"}
    audit = "backtest of this area"
    whole = {"audit": "backtest over all areas", "area": None, "withheld": True, "readings": [], "indicators": []}
    whole["says"] = ["Withheld, because it would tell of few people; a reviewer reads it."]

    def told(line: str, indicator: dict[str, Any], withheld: bool) -> list[dict[str, Any]]:
        own = {"audit": audit, "area": "castlebridge", "withheld": withheld, "readings": []}
        own |= {"says": [line], "indicators": [{**asked, **indicator}]}
        where = {"table": "subjects", "characteristic": "sex", "group": "female", "who": who}
        found = [{"audit": audit, "verdict": verdict}]
        return [{**where, "found": found, "parts": [own, whole], "summary": [line]}]

    return {
        "exact": told("They are put higher by 0.73 through what the police generated.", figures, False),
        "shown": told("They stand apart through what the police generated.", bare, True),
    }


def make_run(workspace: Path, area: str = "castlebridge", people: int = 9, verdict: str = "pass") -> MadeUp:
    cases, rows, identities = {}, [], {}
    sections = ["ranked"] * (people - 3) + ["held", "referred", "apart"]
    for number, section in enumerate(sections):
        person = f"P-{area[:4].upper().replace('O', '0')}-TEST-{number:04d}"
        cases[person] = make_case(person, number)
        rows.append(make_row(person, number, cases[person], section))
        identities[person] = {
            "given_name": "Synthetic",
            "family_name": f"Number{number}",
            "date_of_birth": "1990-01-01",
            "addresses": ["1 Made Up Road"],
        }
    files = make_files(workspace)
    return MadeUp(
        header={
            "area": area,
            "as_of": "2026-03-31",
            "places": 3,
            "list_length": people - 3,
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
            "counts": {"cohort": 240, "not_listed": 231},
            "notices": [],
        },
        rows=rows,
        cases=cases,
        identities=identities,
        audit=make_audit(verdict),
        gate={"verdict": verdict, "reasons": [], "acknowledge": ["subjects/ethnicity/mixed"]},
        files=files,
    )


BUNDLE, BEFORE = "b" * 64, "a" * 64
"""Two bundles that were trained: one that scored before, and one that was trained after it."""


def make_card(bundle: str = BUNDLE, live: str | None = BEFORE, **changes: Any) -> dict[str, Any]:
    """Return the card of a training run in which a model was considered and the simple list stayed."""
    rules = [
        {"name": "compared on at least three dates", "holds": True, "why": "3 test dates"},
        {"name": "finds more harm than rfgv", "holds": False, "why": "flat: +166.9 harm days (-1498.0 to +2034.9)"},
    ]
    split = {"test": "2024-12-31", "train": ["2022-03-31", "2022-09-30"], "train_until": "2023-09-30"}
    split |= {"train_known": "2024-12-29", "gap_days": 2, "until": "2025-12-31", "known": "2026-03-31", "remarks": []}
    refits = {"refits": 0, "kept": None, "least_kept": None, "rank_correlation": None}
    ranker = {"kind": "rfgv", "target": "grade", "parameters": {}, "name": "rfgv"}
    moved = {"name": "incidents_730", "level": "large", "stability_index": 0.31, "delta": 0.5}
    moved |= {"missing_before": 0.0, "missing": 0.12}
    against = {"live": live, "as_of": "2026-03-31", "areas": 6, "places": 120, "enter": 31, "leave": 31}
    against |= {"groups": {"enters": {"harm": 22}, "leaves": {}}}
    against |= {"drift": {"since": "2024-12-31", "people": 2500, "score": "moderate", "moved": [moved]}}
    figure = {"value": 0.718, "low": 0.709, "high": 0.728}
    return {
        "synthetic": True,
        "champion": "rfgv",
        "kind": "rfgv",
        "for_panel": True,
        "scores": True,
        "trained_by": "scientist",
        "mlflow_run": "b574e2c04e944170acf5708ee48483d9",
        "people_compared": 45287,
        "splits": [split],
        "record": {"from": "2018-05-17", "longest_window": 1095, "short": [], "train": 9},
        "decision": {
            "promoted": False,
            "champion": "rfgv",
            "candidate": "lightgbm",
            "incumbent": "rfgv",
            "conditions": rules,
        },
        "why": ["rfgv stays: no model holds every condition."],
        "why_not": [{"name": "lightgbm", "why": ["Does not hold: finds more harm than rfgv."]}],
        "measures": [
            *({"name": name, "metric": "auc", **figure} for name in ("rfgv", "lightgbm")),
            {"name": "rfgv", "metric": "harm_found:flat", "value": 20046.0, "low": 16482.0, "high": 23741.0},
            {"name": "rfgv", "metric": "brier", "value": 0.024, "low": None, "high": None},
        ],
        "differences": [
            {"name": "lightgbm", "other": "rfgv", "weights": "flat", "value": 166.9, "low": -1498.0, "high": 2034.9}
        ],
        "weight_sets": [{"name": "flat", "source": "declared", "verified": True}],
        "alarms": [],
        "certificate": {
            "identical": True,
            "k": 20,
            "areas": 6,
            "interchangeable": 13,
            "from_place": 18,
            "to_place": 23,
            "bootstrap": refits,
            "seeds": refits,
        },
        "ablations": [],
        "findings": [
            {"level": "act", "section": "labels", "text": "The extract does not tell of: moves.", "do": "Ask."}
        ],
        "live": None if live is None else against,
        "extract_date": "2026-03-31",
        "not_available": ["moves"],
        "seed": 2026,
        "bootstrap_draws": 400,
        "promote": "auto",
        "cohort": {"months": 24, "domestic_only": True},
        "label": {"kind": "drive_grade", "horizon_days": 365, "lag_days": 90},
        "capacity": {"k": 20, "low": 10, "high": 50, "step": 10},
        "rankers": [ranker, {**ranker, "kind": "lightgbm", "name": "lightgbm"}],
        "tuning": [],
        "candidates": ["lightgbm"],
        "incumbents": ["rfgv"],
        "hashes": {
            "bundle": bundle,
            "snapshot": "d" * 64,
            "catalogue": "c" * 64,
            "policy": "e" * 64,
            "audit": "f" * 64,
        },
        "limits": {"candidate_auc": 0.9, "indicator_auc": 0.85},
        "highest_indicator_auc": 0.7032,
        "indicators": [
            {"name": "incidents_730", "question": "How many incidents in the last 730 days?", "group": "frequency"}
        ],
        "communities": None,
        "backtest": {"all": "insufficient", "areas": {"castlebridge": "refuse", "ashford": "pass"}},
        **changes,
    }


def make_quality_card() -> dict[str, Any]:
    """Return the card of a look at the records."""
    finding = {"level": "act", "section": "communities", "text": "Ethnicity is missing for 53%.", "do": "Record it."}
    blank = {"level": "act", "section": "volumes", "text": "Months without a row: ashford 2024-04.", "do": "Ask."}
    return {
        "synthetic": True,
        "extract_date": "2026-03-31",
        "period": "2018-03-31 to 2026-03-31",
        "source": "synthetic force",
        "deliveries": [
            {
                "name": "2026-03-31-d90cc5d5",
                "source": "synthetic force",
                "extract_date": "2026-03-31",
                "read": 1000,
                "accepted": 988,
                "quarantined": 12,
                "reasons": {"future_date": 12, "orphan": None},
            }
        ],
        "linked": False,
        "tables": [
            {"table": "persons", "meaning": "People in any role.", "delivered": True, "rows": 988},
            {"table": "restricted", "meaning": "Cases visible to named people only.", "delivered": True, "rows": None},
            {"table": "needs", "meaning": "Needs.", "delivered": False, "rows": 0},
        ],
        "least_recorded": [
            {"table": "dyads", "column": "relationship", "share": 0.847},
            {"table": "persons", "column": "pnc_id", "share": None},
        ],
        "findings": [{**finding, "names_areas": False}, {**blank, "names_areas": True}],
        "checks": [{"section": "dates", "meaning": "dates of birth on 1 January", "do": "Nothing.", "rows": 16}],
    }


def keep_cards(service: Service, run: str, area: str = "castlebridge") -> None:
    """Keep what two trainings, the scoring of a run with a shadow, a proof and a look at the records would leave."""
    service.keep_card(CardKind.TRAINING, BEFORE, make_card(BEFORE, None, for_panel=False, kind="recency"), "scientist")
    service.keep_card(CardKind.TRAINING, BUNDLE, make_card(), "scientist")
    proof = {"indicators": 205, "most_people": 200, "holds": True}
    about = {"snapshot": "d" * 64, "as_of": "2026-03-31", "drift": make_card()["live"]["drift"], "verdict": "pass"}
    scoring = {"bundle": BUNDLE, "kind": "rfgv", "proof": proof, **about}
    service.keep_card(CardKind.SCORING, run, scoring, "batch", area)
    shadow = {"run": run, "places": 40, "enter": 18, "leave": None, "rank_correlation": 0.66, "kind": "recency"}
    shadow |= {"bundle": BEFORE, "live": BUNDLE, "as_of": "2026-03-31"}
    service.keep_card(CardKind.SHADOW, run, shadow, "batch", area)
    service.keep_card(CardKind.QUALITY, "d" * 64, make_quality_card(), "batch")
    proved = {"checked": 205, "cohorts_checked": 7, "as_of": "2026-03-31", "seed": 0, "holds": False, "people": None}
    proved |= {"moved": ["incidents_730"], "cohorts_moved": ["ashford", "castlebridge"], "snapshot": "d" * 64}
    service.keep_card(CardKind.TIME_TRAVEL, "d" * 64, proved, "batch")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@dataclass(frozen=True)
class Databases:
    """The two fresh databases of one test, and a way around the service: plain SQL by whoever owns the tables."""

    panel: Address
    scores: Address

    @property
    def dialect(self) -> str:
        return "sqlite" if isinstance(self.panel, Path) else "postgresql"

    def content(self, scores: bool = False) -> bytes:
        """Return what a database holds: the bytes of a file and its log, every row of a schema."""
        place = self.scores if scores else self.panel
        if isinstance(place, Path):
            return b"".join(path.read_bytes() for path in place.parent.glob(f"{place.name}*"))
        return "\n".join(self.rows(scores)).encode()

    def rows(self, scores: bool = False) -> list[str]:
        """Return every row as text."""
        place, metadata = (self.scores, SCORES) if scores else (self.panel, PANEL)
        with contextlib.closing(Database(place, metadata)) as database, database.read() as connection:
            return [f"{table}: {row}" for table in metadata.sorted_tables for row in connection.execute(select(table))]

    def sql(self, *statements: str, scores: bool = False) -> None:
        """Run statements in one transaction; `DROP TRIGGER name` is written as for SQLite."""
        database = Database(self.scores, SCORES) if scores else Database(self.panel, PANEL)
        with contextlib.closing(database), database.engine.begin() as connection:
            for statement in statements:
                if self.dialect == "postgresql" and statement.startswith("DROP TRIGGER"):
                    statement += f" ON {statement.split()[-1].rpartition('_')[0]}"
                connection.exec_driver_sql(statement)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that touches a database on each of those that its module names in `DATABASES`."""
    wanted = getattr(metafunc.module, "DATABASES", None)
    chosen = any("database" in str(mark.args[:1]) for mark in metafunc.definition.iter_markers("parametrize"))
    if wanted and not chosen and "database" in metafunc.fixturenames:
        metafunc.parametrize("database", wanted, indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    """Fresh databases: SQLite; in a module with `DATABASES` each of those."""
    if getattr(request, "param", "sqlite") == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        for name in ("panel.db", "scores.db"):
            shutil.copy(template / name, tmp_path / name)
        yield Databases(tmp_path / "panel.db", tmp_path / "scores.db")
        return
    server = request.getfixturevalue("postgresql")
    name = f"test_{uuid.uuid4().hex}"
    server.sql(f"CREATE DATABASE {name} TEMPLATE template_panel")
    yield Databases(server.url(name), server.url(name))
    server.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def service(database: Databases, tmp_path: Path, clock: Clock) -> Iterator[Service]:
    made = Batch(database.panel, database.scores, tmp_path / "keys", clock)
    yield made
    made.close()


def make_evidence(run: str, area: str = "castlebridge", rang: bool = True) -> dict[str, Any]:
    """Return evidence over time about one released list, as a workflow would gather it."""
    cell = {"table": "subjects", "characteristic": "sex", "group": "female", "metric": "selection", "n": 240}
    cell |= {"events": 24, "value": 0.1, "ratio": 1.4, "ratio_low": 1.1, "ratio_high": None}
    hidden = {**dict.fromkeys(cell), "table": "subjects", "characteristic": "sex", "group": "male"}
    hidden |= {"metric": "selection", "suppressed": True}
    parts = {"difference": -0.05, "placement": -0.02, "placement_low": -0.04, "placement_high": 0.01}
    parts |= {"panel": -0.03, "panel_low": None, "panel_high": None}
    row = {**cell, "kind": "accepted", "parts": parts, "within": {"ratio": 0.8, "low": 0.5, "high": 1.2}}
    chart = {"characteristic": "sex", "group": "female", "ringing": rang}
    told = "sex 'female' (subjects): everyone in the group who was selected: more often than before"
    odds = {"table": "subjects", "characteristic": "sex", "metric": "missed_harm", "n": 2933, "p_pass_no_gap": 0.9999}
    odds |= {"p_refuse": {"1.5": 0.91, "2": 1.0, "3": 1.0}, "p_stops": {"1": 0.0001, "1.5": 0.97}}
    version = {"at": "2026-03-01T09:00:00+00:00", "how": "set", "by": "r.reviewer", "reason": "Agreed", "hash": "a1"}
    version |= {"name": "shipped default", "chosen_by": "the site", "why": "Missed harm", "copy": True}
    return {
        "as_of": "2026-03-31",
        "policy": {"name": "shipped default", "hash": "a1"},
        "lists": [
            {
                "run": run,
                "area": area,
                "as_of": "2026-03-31",
                "state": "released",
                "outcomes_known": False,
                "outcomes_known_from": "2027-06-29",
            }
        ],
        "not_available": [f"The outcomes of {run} are not known yet."],
        "audits": {
            "lists released so far": {
                "verdict": "insufficient",
                "cells": [{**cell, "binding": True, "verdict": "insufficient"}],
            }
        },
        "points": [
            {
                "label": run,
                "area": area,
                "as_of": "2026-03-31",
                "kind": "released",
                "line": "own line",
                "cells": [cell, hidden],
            }
        ],
        "alarms": {"rule": "An alarm rings by chance at most 5%.", "charts": [chart], "rang": [told] * rang},
        "placed": {"rows": [{**row, "kind": "listed"}], "left_out": []},
        "decisions": {"rows": [row, {**hidden, "kind": "accepted"}], "left_out": []},
        "holds": None,
        "changes": None,
        "funnel": {"rows": [{**row, "kind": "started"}], "left_out": []},
        "policy_check": {
            "loadable": True,
            "reasons": [],
            "p_pass_no_gap": 0.6,
            "p_refuse_no_gap": 0.0004,
            "cells": [
                {**odds, "group": "female", "assessable": True, "required": True},
                {**odds, "group": "not recorded", "assessable": False, "required": False},
            ],
        },
        "policies": [
            {**version, "changes": None},
            {**version, "hash": "b2", "changes": [{"field": "alpha", "was": "0.05", "is": "0.01"}]},
        ],
    }


def keep_report(service: Service, workspace: Path, run: str, state: str, said: str = "made") -> dict[str, bytes]:
    """Keep a report of a run as the batch side does, with words in place of the drawn files."""
    files = {kind: f"{said} {kind}".encode() for kind in KINDS}
    for kind, content in files.items():
        place = place_of(workspace, run, kind)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    hashes = {kind: str(digest_bytes(content)) for kind, content in files.items()}
    service.note("batch", KEPT, run, {"state": state, "files": hashes})
    return files


def make_pair(number: int = 0, *areas: str, together: bool = False, **changes: Any) -> tuple[dict[str, Any], str, str]:
    """Return two records of made-up people, as the batch side puts them up for review."""
    rows = [
        ["given name", f"Made{number}", f"Made{number}", "same", 7.0],
        ["family name", "Up", "Upp", "one slip", 4.5],
        ["date of birth", "1990-01-01", "1970-02-13", "different", -7.9],
        ["PNC id", "", "93/4927510D", "not recorded in one of them", 0.0],
        ["postcode", "ZZ5 6HL", "ZZ5 6HL", "one in common", 13.2],
        ["whom they appear with", "", "", "none in common", -0.3],
    ]
    content = {
        "record_l": f"R{number}1",
        "record_r": f"R{number}2",
        "areas": list(areas or ("castlebridge",)),
        "why": "queue",
        "rows": rows,
        "probability": 0.91,
        "weight": 6.5,
        "start": -10.0,
        "bar": "their dates of birth plainly differ",
        "impact": 3,
        "position": number,
        "synthetic": True,
    }
    person = f"P-PAIR-{number:04d}"
    return {**content, **changes}, f"{person}-L", f"{person}-L" if together else f"{person}-R"


@pytest.fixture(name="make_pair")
def make_pair_fixture() -> Callable[..., tuple[dict[str, Any], str, str]]:
    return make_pair


@pytest.fixture(name="make_origins")
def make_origins_fixture() -> Callable[[str], dict[str, Any]]:
    return make_origins


@pytest.fixture(name="keep_report")
def keep_report_fixture() -> Callable[..., dict[str, bytes]]:
    return keep_report


def keep_papers(service: Service, workspace: Path, run: str, state: str) -> dict[str, bytes]:
    """Keep papers of a run as the batch side does, with words in place of what is written."""
    files = {f"{name}.{kind}": f"made {name}.{kind}".encode() for name in TITLES for kind in ("pdf", "html")}
    files[PACK] = b"made all"
    for name, content in files.items():
        place = papers_place(workspace, run, name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    hashes = {name: str(digest_bytes(content)) for name, content in files.items()}
    governance = str(digest_file(workspace / "governance.yaml"))
    detail = {"state": state, "governance": governance, "missing": {"atrs": 2}, "files": hashes}
    service.note("batch", PAPERS_KEPT, run, detail)
    return files


@pytest.fixture(name="keep_papers")
def keep_papers_fixture() -> Callable[..., dict[str, bytes]]:
    return keep_papers


@pytest.fixture(name="keep_cards")
def keep_cards_fixture() -> Callable[..., None]:
    return keep_cards


@pytest.fixture
def card() -> Callable[..., dict[str, Any]]:
    """Make the card of a training run."""
    return make_card


@pytest.fixture
def evidence() -> Callable[..., dict[str, Any]]:
    """Make evidence over time about a run."""
    return make_evidence


@pytest.fixture
def made_up(tmp_path: Path) -> MadeUp:
    return make_run(tmp_path)


@pytest.fixture
def make_run_in() -> Callable[..., MadeUp]:
    """Make a run's documents with their files in any folder."""
    return make_run


@pytest.fixture(scope="session")
def documents() -> Callable[..., MadeUp]:
    """Return what makes the documents of a run, for fixtures that live longer than a test."""
    return make_run


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., MadeUp]:
    return lambda **settings: make_run(tmp_path, **settings)


@pytest.fixture
def reviewer() -> Person:
    return Person("reviewer-1", "Riley Reviewer", Role.REVIEWER)


@pytest.fixture
def chair_opens(service: Service, reviewer: Person) -> Callable[[Any], tuple[TestClient, str]]:
    """Return what releases a made-up list and signs a chair in to it: the client and the run."""

    def open_(made: Any) -> tuple[TestClient, str]:
        run = made.into(service)
        service.review(run, reviewer, "approve", "Audit read", acknowledged=made.gate["acknowledge"])
        service.publish(run)
        app = create_app(service, WebSettings(demo=True), service.publish)
        client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
        client.post("/sign-in", data={"user": "chair"})
        return client, run

    return open_


@pytest.fixture
def second_reviewer() -> Person:
    return Person("reviewer-2", "Robin Reviewer", Role.REVIEWER)


@pytest.fixture
def chair() -> Person:
    return Person("chair", "Casey Chair", Role.CHAIR)


@pytest.fixture
def another(database: Databases, tmp_path: Path, clock: Clock) -> Iterator[Callable[[], Service]]:
    """Return a maker of further processes on the same databases."""
    made: list[Service] = []

    def make() -> Service:
        made.append(Batch(database.panel, database.scores, tmp_path / "keys", clock))
        return made[-1]

    yield make
    for each in made:
        each.stores.close()


@pytest.fixture
def released(service: Service, made_up: MadeUp, reviewer: Person) -> str:
    """A run that is recorded, approved and published."""
    run = made_up.into(service)
    service.review(run, reviewer, "approve", "Audit read", acknowledged=made_up.gate["acknowledge"])
    service.publish(run)
    return run


@pytest.fixture
def call_as(service: Service) -> Callable[[Person], Callable[..., Any]]:
    """Return a program's way to call, in a session of its own; its whole answer."""
    from starlette.testclient import TestClient

    from serving.access.accounts import Accounts
    from serving.web import WebSettings, create_app
    from serving.web.rates import RateSettings

    often = RateSettings("100000/minute", "100000/minute", "100000/minute")
    app = create_app(service, WebSettings(demo=False, rates=often))

    def of(person: Person) -> Callable[..., Any]:
        Accounts(service.stores).make_up(person)
        token = app.state.web.sessions.start(person)
        client = TestClient(app, base_url="https://panel.example", cookies={"__Host-panel": token})
        csrf = {"X-CSRF-Token": app.state.web.sessions.find(token).csrf}

        def call(path: str, body: Any = None, key: str = "") -> Any:
            if body is None:
                return client.get(f"/api/v1{path}")
            headers = {**csrf, **({"Idempotency-Key": key} if key else {})}
            return client.post(f"/api/v1{path}", json=body, headers=headers)

        return call

    return of
