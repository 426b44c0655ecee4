"""Write one file a role (made up): incidents.csv, suspects.csv, victims.csv: python make.py [FOLDER]."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from made_up_events import BEATS, Event, Person, events, write  # noqa: E402

_PERSON = ("URN", "Name", "Date of Birth", "Sex", "SDE")
_OFFENCES = {"ABH": "ABH s47", "STRANG": "Strangulation s75A", "STALK": "Stalking s4A", "NC": "Non-crime DA"}


def _reference(event: Event) -> str:
    return f"NS-{event.year}/{event.number:04}-DA"


def _person(person: Person) -> tuple[object, ...]:
    return (
        f"n{person.number:04}",
        f"{person.family.upper()}, {person.given}",
        person.born.strftime("%d-%b-%Y"),
        {"M": "Male", "F": "Female"}[person.sex],
        person.ethnicity or "Not recorded",
    )


def _incident(event: Event) -> tuple[object, ...]:
    began = "31-Feb-2024" if event.impossible else event.day.strftime("%d-%b-%Y")
    return (
        *(_reference(event), began, event.reported.isoformat(), f"{BEATS[event.beat]} / {event.beat}"),
        *(
            _OFFENCES[event.offence],
            {"S": 1, "M": 2, "H": 3}[event.risk],
            "child on scene" if event.children else "none",
        ),
    )


def make(folder: Path) -> None:
    """Write the three files into `folder`."""
    found = events()
    header = ("Reference", "Began", "Recorded", "Place", "Offence", "Risk Level", "Remarks")
    write(folder / "incidents.csv", header, map(_incident, found))
    suspects = [
        (_reference(event), *_person(event.suspect), event.reported.isoformat() if event.arrested else "")
        for event in found
    ]
    write(folder / "suspects.csv", ("Reference", *_PERSON, "Arrested"), suspects)
    victims = [
        (_reference(event), *_person(event.victim), event.relationship) for event in found if event.victim is not None
    ]
    write(folder / "victims.csv", ("Reference", *_PERSON, "Relation to Suspect"), victims)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")
