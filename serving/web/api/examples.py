"""Answers of the API as its description shows them. Nobody in them exists."""

from __future__ import annotations

from typing import Any

from serving.web.api import access_examples, filed_examples

_RUN, _PERSON, _RELEASE = "2026-03-31-castlebridge-1f0c9a3e", "P-7KQ2-9XWM-4TRA-0C", "R-5b1d2c9a77e0"
_HASH = "1f0c9a3e" + "0" * 56
_REASON = {
    "text": "4 domestic incidents as suspect in 12 months",
    "push": "+",
    "group": "frequency",
    "events": [{"ref": "INC-000123", "date": "2026-02-03"}],
    "more": 3,
}
_ROW: dict[str, Any] = {
    "section": "ranked",
    "place": 1,
    "person": _PERSON,
    "band": "very high",
    "reasons": [_REASON],
    "criteria": [{"name": "serial", "label": "Serial", "state": "met"}],
    "incumbent_places": {"v100": 3, "recency": 1},
    "hold": None,
    "referral": None,
    "missing": [],
    "case": _HASH,
    "above_line": True,
    "tied": False,
}
_ORIGIN: dict[str, Any] = {
    "table": "subjects",
    "characteristic": "sex",
    "group": "female",
    "who": "people whose sex is recorded as female",
    "found": [{"audit": "backtest over all areas", "verdict": "insufficient"}],
    "parts": [
        {
            "audit": "backtest over all areas",
            "area": None,
            "withheld": False,
            "says": [
                "Among people with later harm, they stand higher than everybody else: +0.73 on the ranking's own scale."
            ],
            "indicators": [
                {
                    "side": "harmed",
                    "name": "police_generated_730",
                    "question": "How many incidents in the last 730 days did the police generate?",
                    "difference": 0.51,
                    "low": 0.22,
                    "high": 0.8,
                    "puts": "higher",
                }
            ],
            "readings": [
                {"name": "audit", "title": "all records (the audit)", "ratio": 0.76, "low": 0.69, "high": 0.83}
            ],
        }
    ],
    "summary": ["Over all areas, among people with later harm, those whose sex is recorded as female are put higher."],
}
_CASE: dict[str, Any] = {
    "person": _PERSON,
    "facts": {"incidents_24_months": 6, "distinct_victims": 2},
    "chronology": [{"date": "2026-02-03", "kind": "incident", "role": "suspect", "ref": "INC-000123"}],
    "criteria": [{"name": "serial", "label": "Serial", "state": "met"}],
    "reasons": [_REASON],
    "contrast": [],
    "missing": ["Housing information is not available"],
    "completeness": {"tables_missing": ["custody"], "latest_record": "2026-03-30"},
    "orders": [],
    "marac": [],
    "management": [],
    "safety": [],
    "needs": [],
    "link_certainty": {
        "records": 3,
        "sources": [{"source": "Niche", "records": 3, "held_by": []}],
        "compared": True,
        "least_sure": {"how": "model", "probability": 0.934217},
        "linked_from": 0.9,
        "asked_from": 0.2,
        "decided": {"pairs": 1, "last": "2026-03-03"},
        "waiting": 2,
        "births_contradict": False,
    },
}
_HEADER: dict[str, Any] = {
    "area": "castlebridge",
    "as_of": "2026-03-31",
    "places": 12,
    "list_length": 36,
    "hashes": dict.fromkeys(("bundle", "indicators", "cohort", "policy", "governance", "snapshot"), _HASH),
    "bundle": {"kind": "lightgbm", "for_panel": True},
    "synthetic": True,
    "counts": {"cohort": 1840, "not_listed": 1800},
    "notices": [],
}
_DECISION: dict[str, Any] = {
    "decision_id": 17,
    "run": _RUN,
    "person": _PERSON,
    "by": "chair",
    "decision": "defer",
    "reason_code": "information_missing",
    "reason": "Probation reports next week",
    "until": "2026-05-12",
    "sensitive": False,
    "safety_confirmed": "",
    "replaces": None,
    "at": "2026-04-14T10:02:11+00:00",
    "current": True,
    "particulars": {
        "support": {"service": "IDVA service", "offer": "offered", "why": ""},
        "referred": None,
        "opinions": [{"reason": 1, "opinion": "agree"}],
        "against_order": None,
    },
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "session": {"user": "chair", "role": "chair", "areas": ["castlebridge"], "csrf": "token-of-the-session"},
    "runs": {
        "runs": [
            {
                "run": _RUN,
                "area": "castlebridge",
                "as_of": "2026-03-31",
                "state": "released",
                "verdict": "pass",
                "synthetic": True,
                "created_at": "2026-04-01T06:00:00+00:00",
                "release": _RELEASE,
                "expires": "2026-05-01",
                "published": True,
                "needs": "",
            }
        ],
        "next": None,
    },
    "audit": {
        "run": _RUN,
        "state": "released",
        "needs": "",
        "expires": "2026-05-01",
        "trained_by": ["s.lee"],
        "reviews": [
            {"reviewer": "reviewer-1", "act": "approve", "reason": "Read in full", "at": "2026-04-01T09:00:00+00:00"}
        ],
        "changed": None,
        "rang": [],
        "gate": {"verdict": "pass", "reasons": [], "acknowledge": ["subjects/ethnicity/mixed"]},
        "audit": {
            "verdict": "pass",
            "margin": [0.8, 1.25],
            "cells": [],
            "alerts": [],
            "not_assessable": [],
            "origins": {"shown": [_ORIGIN]},
        },
    },
    "released_list": {
        "run": _RUN,
        "release": _RELEASE,
        "list_hash": _HASH,
        "expires": "2026-05-01",
        "header": _HEADER,
        "rows": [_ROW],
        "held": [],
        "referred": [],
        "apart": [],
        "not_shown": 0,
        "notice": "Not listed does not mean low risk.",
        "decisions": {_PERSON: _DECISION},
    },
    "decisions": {"decisions": [_DECISION], "next": None},
    "case": {
        "run": _RUN,
        "release": _RELEASE,
        "list_hash": _HASH,
        "row": _ROW,
        "case": _CASE,
        "decisions": [_DECISION],
    },
    "trained": {
        "models": [
            {
                "number": 41,
                "at": "2026-04-01T05:10:00+00:00",
                "bundle": _HASH,
                "kind": "rfgv",
                "promoted": False,
                "for_panel": True,
                "scores": True,
                "trained_by": "s.lee",
                "extract_date": "2026-03-31",
                "verdict": "pass",
                "mlflow_run": "b574e2c04e944170acf5708ee48483d9",
            }
        ],
        "decided": ["The simple list stays."],
        "ranks": [{"area": "castlebridge", "run": _RUN, "bundle": _HASH}],
        "next": None,
    },
    "model": {
        "model": {
            "number": 41,
            "at": "2026-04-01T05:10:00+00:00",
            "subject": _HASH,
            "area": "*",
            "card": {"kind": "rfgv", "seed": 2026, "decision": {"promoted": False, "champion": "rfgv"}},
        },
        "scored": [],
        "shadows": [],
    },
    "data_quality": {
        "quality": {
            "number": 40,
            "at": "2026-04-01T04:00:00+00:00",
            "subject": _HASH,
            "area": "*",
            "card": {"extract_date": "2026-03-31", "source": "police records", "findings": []},
        },
        "earlier": [],
    },
    "compare_models": {
        "bundles": [_HASH, "2" * 64],
        "same_lists": True,
        "moves": [],
        "facts": [{"name": "Ranks by", "first": "RFGV", "second": "Boosted trees"}],
        "hashes": [{"name": "Bundle", "first": _HASH, "second": "2" * 64}],
        "measures": [
            {
                "title": "Area under the curve (AUC)",
                "says": "How often somebody whom harm followed stands above somebody whom it did not.",
                "first": {"value": 0.77, "low": 0.75, "high": 0.79},
                "second": None,
            }
        ],
        "only": [[], ["incidents_12_months"]],
        "both": 12,
    },
    "ledger": {
        "entries": [
            {
                "seq": 812,
                "prev": "0" * 64,
                "at": "2026-04-14T10:02:11+00:00",
                "actor": "chair",
                "action": "decision.made",
                "subject": _RUN,
                "detail": f'{{"decision":"defer","decision_id":17,"person":"{_PERSON}"}}',
                "hash": _HASH,
                "signature": "a4" * 64,
            }
        ],
        "next": "812",
    },
    "decide": {"run": _RUN, "person": _PERSON, "decision_id": 17},
    **filed_examples.EXAMPLES,
    **access_examples.EXAMPLES,
    "clear": {"run": _RUN, "person": _PERSON, "kind": "counter_allegation"},
}
