"""Risk grades, as stated by T."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.oracle.person import NAN, Person, share
from benchmarks.oracle.world import Incident


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of this group."""
    dv, two_years = person.dv, person.last(730, person.dv)

    def among(incidents: Sequence[Incident], answer: Callable[[list[Incident]], float]) -> float:
        graded = [each for each in incidents if each.row["risk_grade"]]
        if "incidents.risk_grade" not in person.world.recorded or (incidents and not graded):
            return NAN
        return answer(graded)

    def count(incidents: Sequence[Incident], grade: str, tool: str | None = None) -> float:
        def counted(graded: list[Incident]) -> float:
            rows = [each.row for each in graded if tool is None or each.row["risk_tool"] == tool]
            return len([row for row in rows if row["risk_grade"] == grade])

        return (
            among(incidents, counted)
            if tool is None
            else person.if_recorded(among(incidents, counted), "incidents.risk_tool")
        )

    def since_high(graded: list[Incident]) -> float:
        return person.ago(each.on for each in graded if each.row["risk_grade"] == "high")

    return {
        "high_grade_730": count(two_years, "high"),
        "high_grade_ever": count(dv, "high"),
        "medium_grade_730": count(two_years, "medium"),
        "standard_grade_730": count(two_years, "standard"),
        "dash_high_730": count(two_years, "high", "dash"),
        "dara_high_730": count(two_years, "high", "dara"),
        "other_tool_high_730": count(two_years, "high", "other"),
        "days_since_last_high_grade": among(dv, since_high),
        "high_grade_share_730": share(count(two_years, "high"), among(two_years, len)),
    }
