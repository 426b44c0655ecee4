"""Answers about what is on file and what reviewers read, as the description shows them. Nobody in them exists."""

from __future__ import annotations

from typing import Any

_RUN, _PERSON, _MEETING = "2026-03-31-castlebridge-1f0c9a3e", "P-7KQ2-9XWM-4TRA-0C", "2026-04-14-castlebridge-7be1d0"
_AT = "2026-04-14T10:02:11+00:00"


def _filed(number: int, kind: str, subject: str, document: dict[str, Any], **other: Any) -> dict[str, Any]:
    thread = {"area": "castlebridge", "person": None, "agency": "", "by": "chair", "replaces": None}
    return {
        "number": number,
        "kind": kind,
        "subject": subject,
        **thread,
        "document": document,
        "at": _AT,
        "current": True,
        **other,
    }


_HELD = {
    "meeting": _MEETING,
    "area": "castlebridge",
    "day": "2026-04-14",
    "run": _RUN,
    "places": 12,
    "called_by": "chair",
    "newest": 31,
}
_ATTENDED = {"name": "A. Member", "agency": "probation", "present": True, "recused": [_PERSON]}
_ACTION = {"what": "Ask probation for the order", "owner": "Coordinator", "due": "2026-04-21", "done": ""}
_QUESTION = {"agency": "probation", "what": "Which order?", "due": "2026-04-21", "answered": True}
_ASKED = _filed(40, "request", _RUN, _QUESTION, person=_PERSON, replaces=38)
_INCIDENT = {"kind": "near_miss", "happened": "2026-04-13", "what": "A pack lay on a desk", "outcome": ""}
_CHALLENGE = {
    "arrived": "2026-04-02",
    "due": "2026-05-02",
    "who": "subject",
    "reference": "SAR-17",
    "about": "What is held",
    "outcome": "",
}
_FIGURES = {
    "decided": 12,
    "accepted_below": 1,
    "declined_above": 2,
    "ordered": 11,
    "marked": 9,
    "disagreed": 2,
    "unseen": 1,
    "own_first": 3,
    "own_kept": 2,
    "changed": 1,
    "opened": 11,
    "minutes": 7.5,
    "under_a_minute": 1,
    "repeated_words": 0,
}
_REFERRAL = {
    "number": 61,
    "area": "castlebridge",
    "person": "R-7KQ2-9XWM-4TRA",
    "unlisted": True,
    "agency": "housing",
    "by": "chair",
    "at": _AT,
    "given_name": "Synthetic",
    "family_name": "Example",
    "date_of_birth": "1980-01-01",
    "addresses": ["ZZ1 1ZZ"],
    "why": "Neighbours told us of shouting",
    "known": "",
    "decision": "defer",
    "until": "2026-05-12",
}
_REFERRAL_DECIDED = {
    "decision": "defer",
    "reason_code": "information_missing",
    "reason": "Ask the police for records of another spelling",
    "until": "2026-05-12",
    "sensitive": False,
    "safety_confirmed": "",
    "support": "",
    "run": _RUN,
    "by": "chair",
    "at": _AT,
    "number": 62,
    "current": True,
}
_DECIDED = {"run": _RUN, "person": _PERSON, "decision": "defer", "until": "2026-05-12", "by": "chair", "at": _AT}
_CLEARED = {"run": _RUN, "person": _PERSON, "kind": "counter_allegation", "by": "chair", "reason": "Asked", "at": _AT}
_MAKING = {
    "state": "waiting",
    "asked_by": "reviewer-1",
    "asked_at": _AT,
    "seen_at": _AT,
    "step": "",
    "done": 0,
    "total": 0,
    "why": "",
}
_NUMBER, _DONE = {"number": 41}, {"done": True}
EXAMPLES: dict[str, dict[str, Any]] = {
    "meetings": {"meetings": [_HELD], "next": None},
    "meeting": {
        "meeting": _HELD,
        "agenda": {
            "taken": 1,
            "disrupt_only": 0,
            "to_decide": [_PERSON],
            "at_line": [],
            "held": [],
            "cleared": [],
            "referred": [],
            "back": [],
            "tabled": [7],
        },
        "attendance": [_filed(32, "attendance", _MEETING, _ATTENDED)],
        "actions": [_filed(33, "action", _MEETING, _ACTION)],
        "minutes": [_filed(34, "minutes", _MEETING, {"note": "Agreed"})],
    },
    "call_meeting": {"meeting": _MEETING},
    "change_meeting": _DONE,
    "note_attendance": _NUMBER,
    "agree_action": _NUMBER,
    "close_action": _DONE,
    "sign_minutes": _NUMBER,
    "waiting_requests": {"agency": "probation", "waiting": [_ASKED | {"document": {**_QUESTION, "answered": False}}]},
    "information": {
        "requests": [
            {
                "asked": _ASKED,
                "answered": True,
                "answer": _filed(39, "answer", _RUN, {"to": 38, "words": "None in force"}, person=_PERSON),
            }
        ],
        "challenges": [],
    },
    "own_views": {
        "own_views": [
            _filed(
                40,
                "own_view",
                _RUN,
                {"leaning": "place", "words": "Two victims", "place_seen": False},
                person=_PERSON,
                agency="chairs and reviewers",
            )
        ]
    },
    "record_own_view": _NUMBER,
    "ask_agency": _NUMBER,
    "answer_request": _DONE,
    "challenge_link": _NUMBER,
    "referrals": {"referrals": [_REFERRAL]},
    "referral": {**_REFERRAL, "decisions": [_REFERRAL_DECIDED]},
    "refer_person": _NUMBER,
    "decide_referral": _NUMBER,
    "list_changes": {
        "before": "2026-02-28-castlebridge-9d2b41c7",
        "entered": [_PERSON],
        "left": [],
        "rose": [],
        "fell": [],
        "held": [],
        "decided": [_DECIDED],
        "due": [_DECIDED],
    },
    "history": {
        "decisions": [],
        "clearances": [_CLEARED],
        "referrals": [61],
        "before": "2026-02-28-castlebridge-9d2b41c7",
        "band": "high",
        "above_line": False,
    },
    "own_views_of_list": {"people": [_PERSON], "mine": [_PERSON]},
    "own_work": {
        "agency": "probation",
        "waiting": [],
        "actions": {"own": [_filed(33, "action", _MEETING, _ACTION)], "others": []},
        "meetings": [_HELD],
        "lists": [],
        "answered": [],
        "challenged": [],
    },
    "declare_conflict": _DONE,
    "recuse_from_referral": _DONE,
    "list_exports": {
        "files": [{"what": "list.csv", "called": "The list (CSV)"}],
        "readers": [{"reader": "agency:probation", "called": "Members of Probation"}],
    },
    "meeting_exports": {"files": [{"what": "minutes.pdf", "called": "Minutes (PDF)"}], "readers": []},
    "policy": {
        "gathered_at": _AT,
        "policy": {"name": "default", "hash": "1f0c9a3e" + "0" * 56},
        "check": None,
        "versions": [{"name": "default", "at": _AT, "by": "s.lee", "reason": "First policy", "changes": []}],
    },
    "registers": {
        "incidents": [_filed(51, "incident", "incidents castlebridge", _INCIDENT)],
        "challenges": [_filed(52, "challenge", "challenges castlebridge", _CHALLENGE, by="reviewer-1")],
    },
    "report_incident": _NUMBER,
    "enter_challenge": _NUMBER,
    "close_entry": _DONE,
    "oversight": {
        "lists": [
            {
                "run": _RUN,
                "area": "castlebridge",
                "as_of": "2026-03-31",
                "state": "released",
                "stopped": False,
                "figures": _FIGURES,
            }
        ],
        "total": {**_FIGURES, "minutes": None},
        "elsewhere": [
            {
                "actor": "chair",
                "action": "view.meeting",
                "subject": _MEETING,
                "at": _AT,
                "detail": {"area": "castlebridge"},
            }
        ],
    },
    "oversight_of_run": {
        "run": _RUN,
        "figures": _FIGURES,
        "views": [{"actor": "chair", "action": "view.case", "subject": _RUN, "at": _AT, "detail": {"person": _PERSON}}],
    },
    "stops": {"stops": [{"area": "castlebridge", "by": "admin", "at": _AT, "reason": "A source delivered twice"}]},
    "stop_lists": _DONE,
    "let_lists_go_on": _DONE,
    "evidence": {"evidence": {"as_of": "2026-03-31", "gathered_at": _AT, "lists": [], "audits": {}, "points": []}},
    "papers": {
        "papers": [
            {
                "run": _RUN,
                "area": "castlebridge",
                "as_of": "2026-03-31",
                "state": "fresh",
                "why": "",
                "at": _AT,
                "files": {"atrs.pdf": "1f0c9a3e" + "0" * 56},
                "making": None,
            }
        ],
        "rests": [
            {
                "run": _RUN,
                "area": "castlebridge",
                "expires": "2026-05-01",
                "lapses": [{"what": "The impact assessment", "on": "2026-12-31"}],
                "blocks": [],
            }
        ],
        "due": None,
        "deleted": {"erased": {"people": 2, "last": _AT}, "retained": {"people": 0, "last": None}},
    },
    "report": {
        "run": _RUN,
        "at": _AT,
        "state": "released",
        "holds": True,
        "files": {"html": "1f0c9a3e" + "0" * 56},
        "making": None,
    },
    "make_report": {"run": _RUN, "making": _MAKING},
    "make_papers": {"run": _RUN, "making": {**_MAKING, "state": "running", "step": "ALGO-CARE checklist", "done": 2}},
}
