"""The section of a report on outcomes that may be recorded wrongly: how much of it would turn each deciding check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fairness.papers.wording import VERDICTS, whom

Row = Mapping[str, Any]
TITLE = "If outcomes are recorded wrongly"
HEAD = ("Who", "Recorded", "Verdict", "Would turn at", "To", "Would be reversed at")
EXPLAINED = (
    "Recorded too seldom, at 1.5: in truth there are one and a half times as many outcomes as are recorded, and those "
    "unrecorded all stand on the side of the line where they weigh most against the verdict. Too often, at 1.5: one "
    "and a half times as many are recorded as there are. Reversed: a pass or an excuse becomes a refusal, a refusal a "
    "pass."
)


def kept(report: Mapping[str, Any], cells: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return the rows of an audit about groups of which every count that they are computed from is shown."""
    shown = {_key(cell) for cell in cells if not cell.get("suppressed")}
    return [
        row
        for row in report.get("label_sensitivity", ())
        if {_key(row), *(_key({**row, "metric": metric}) for metric in _COMPUTED_FROM)} <= shown
    ]


_COMPUTED_FROM = ("found", "fpr")


def _key(of: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(of[name] for name in ("table", "characteristic", "group", "metric"))


def rows_of(part: Mapping[str, Any]) -> list[list[str]]:
    """Return the table of one audit in words, in the order of `HEAD`."""
    return [
        [
            whom(row["table"], row["characteristic"], row["group"]),
            row["recorded"],
            VERDICTS[row["verdict"]],
            _ratio(row["turns_at"]),
            VERDICTS[row["turns_to"]] if row["turns_to"] else "",
            _ratio(row["reverses_at"]),
        ]
        for row in part.get("label_sensitivity", ())
    ]


def _ratio(ratio: float | None) -> str:
    return "not up to 4" if ratio is None else f"{ratio:.2f}"
