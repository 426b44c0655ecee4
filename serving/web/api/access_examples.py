"""Answers about who has access, administration and links, as the description shows them. Nobody in them exists."""

from __future__ import annotations

from typing import Any

_RUN, _PERSON, _AT = "2026-03-31-castlebridge-1f0c9a3e", "P-7KQ2-9XWM-4TRA-0C", "2026-04-14T10:02:11+00:00"
_ACCOUNT = {
    "user": "member",
    "name": "Morgan Member (made up)",
    "role": "panel_member",
    "areas": ["castlebridge"],
    "agency": "probation",
    "active": True,
    "login": "member@example.org",
    "provider": "https://sign-in.example",
    "added_by": "admin",
    "added_at": _AT,
    "signed_in_at": _AT,
    "known_by": ["staff_number"],
}
_SITE = {
    "site": "north-vale",
    "areas": ["castlebridge"],
    "places": 40,
    "providers": {"cranfield": ["castlebridge"]},
    "closed": False,
}
_PANEL = {
    "area": "castlebridge",
    "site": "north-vale",
    "filed": None,
    "newest": None,
    "scored_with": {"places": 12, "reserved": {"childrens_social_care": 1}, "list_factor": 3, "disrupt_only": 1},
    "age": 13,
}
_JOB = {
    "job": "J-1f0c9a3e5b1d",
    "kind": "publish",
    "subject": _RUN,
    "state": "waiting",
    "asked_by": "reviewer-1",
    "asked_at": _AT,
    "seen_at": _AT,
    "ended_at": None,
    "tries": 0,
    "step": "",
    "done": 0,
    "total": 0,
    "told": "",
    "why": "No worker took it.",
    "remedy": "Start one, or see to its timer: drive-panel work",
}
_HEALTH = {"database": True, "schema": True, "files": True, "ledger": True}
_PAIR = {
    "pair": "L-5b1d2c9a77e01f0c",
    "round": 1,
    "together": False,
    "areas": ["castlebridge"],
    "why": "queue",
    "probability": 0.91,
    "weight": 6.5,
    "start": -10.0,
    "bar": "their dates of birth plainly differ",
    "synthetic": True,
    "outcome": "open",
    "answered": 0,
    "answered_by_me": False,
}
_NUMBER, _DONE = {"number": 41}, {"done": True}
EXAMPLES: dict[str, dict[str, Any]] = {
    "access": {
        "conflicts": [{"user": "member", "person": _PERSON, "run": _RUN, "declared_at": _AT}],
        "alarms": [{"user": "member", "person": _PERSON, "kind": "own_name", "run": _RUN, "at": _AT}],
        "users": [_ACCOUNT],
        "tokens": [
            {
                "name": "dashboard",
                "scopes": ["read:runs"],
                "areas": ["castlebridge"],
                "made_by": "admin",
                "made_at": _AT,
                "expires": "2026-10-14",
                "revoked_at": None,
            }
        ],
        "sites": [_SITE],
    },
    "block_account": _DONE,
    "end_sessions": _DONE,
    "lift_conflict": _DONE,
    "attention": {
        "unidentified": [],
        "unused": ["member"],
        "without_places": [],
        "jobs": [_JOB],
        "retention": None,
        "panels": [_PANEL],
        "stops": [],
        "health": _HEALTH,
    },
    "accounts": {"users": [_ACCOUNT], "next": None},
    "account": {
        "user": _ACCOUNT,
        "newest": 812,
        "said": [],
        "conflicts": 1,
        "named": 0,
        "sign_ins": [{"started_at": _AT, "seen_at": _AT, "ended_at": None}],
    },
    "change_account": _DONE,
    "add_account": _DONE,
    "panels": {"panels": [_PANEL], "sites": [_SITE]},
    "change_places": _NUMBER,
    "retention": {"due": None},
    "jobs": {"jobs": [_JOB]},
    "health": {"parts": _HEALTH},
    "links": {"pairs": [_PAIR], "challenges": []},
    "link": {
        **_PAIR,
        "records": ["R01", "R02"],
        "rows": [{"what": "family name", "left": "Up", "right": "Upp", "compares": "one slip", "weight": 4.5}],
        "mine": None,
        "others": [],
    },
    "answer_link": _DONE,
    "close_link_challenge": _DONE,
}
