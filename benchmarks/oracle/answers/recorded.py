"""What is recorded about the incidents: children, weapons, injuries, alcohol, drugs."""

from __future__ import annotations

from benchmarks.oracle.person import EVER, Person, share

COUNTED = {
    "children_present": ("children_present", (365, 730)),
    "weapon": ("weapon", (730, EVER)),
    "injury": ("injury", (730, EVER)),
    "alcohol": ("alcohol", (730,)),
    "drugs": ("drugs", (730,)),
}
SHARES = {"children_share": "children_present", "injury_share": "injury", "alcohol_share": "alcohol"}


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of these groups."""
    dv, last = person.dv, person.last
    told: dict[str, float] = {}
    for name, (column, windows) in COUNTED.items():
        for days in windows:
            flagged = len([each for each in last(days, dv) if each.row[column]])
            told[f"{name}_{days or 'ever'}"] = person.if_recorded(flagged, f"incidents.{column}")
    two_years = last(730, dv)
    for name, column in SHARES.items():
        flagged = len([each for each in two_years if each.row[column]])
        told[f"{name}_730"] = person.if_recorded(share(flagged, len(two_years)), f"incidents.{column}")
    armed = person.ago(each.on for each in dv if each.row["weapon"])
    return {**told, "days_since_last_weapon": person.if_recorded(armed, "incidents.weapon")}
