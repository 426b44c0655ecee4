from __future__ import annotations

from typing import Any

from fairness.papers.over_time import NOT_GATHERED, over_time_section

FOUND: dict[str, Any] = {
    "as_of": "2026-03-31",
    "lists": [{"outcomes_known": True}, {"outcomes_known": False}],
    "alarms": {"rule": "At most 5%.", "rang": ["sex 'female' (subjects): more often than before"]},
    "audits": {"lists released so far": {"verdict": "insufficient"}},
    "policies": [
        {"at": "2026-01-02T10:00:00+00:00", "name": "first", "how": "found", "by": "", "reason": ""},
        {"at": "2026-02-03T10:00:00+00:00", "name": "second", "how": "set", "by": "r.reviewer", "reason": "Agreed"},
    ],
}


def said(section: dict[str, Any]) -> list[str]:
    return [block["text"] for block in section["blocks"] if block["kind"] == "text"]


def test_a_report_says_that_nobody_gathered_evidence_rather_than_nothing() -> None:
    assert said(over_time_section(None)) == [NOT_GATHERED]


def test_a_report_tells_alarms_the_rule_and_who_set_which_policy() -> None:
    section = over_time_section(FOUND)
    first, alarm, rule = said(section)
    assert first == "2 lists with records up to 2026-03-31; outcomes known of 1."
    assert (alarm, rule) == (FOUND["alarms"]["rang"][0], "At most 5%.")
    assert [block["rows"] for block in section["blocks"] if block["kind"] == "table"] == [
        [["lists released so far", "Not settled"]],
        [
            ["2026-01-02", "first", "nobody by name; found in the file", "not said"],
            ["2026-02-03", "second", "r.reviewer", "Agreed"],
        ],
    ]


def test_no_alarm_is_said_and_is_no_pass() -> None:
    section = over_time_section({**FOUND, "alarms": {"rule": "At most 5%.", "rang": []}})
    assert "No alarm rings." in said(section)
    assert "no alarm is no pass" in section["says"][0]
