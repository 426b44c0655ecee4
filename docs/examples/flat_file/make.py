"""Write one flat file, a row an incident with suspect and victim in columns (made up): python make.py [FOLDER]."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from made_up_events import BEATS, Event, Person, british, events, write  # noqa: E402

_PERSON = ("nominal", "forename", "surname", "dob", "gender", "ethnicity")
HEADER = (
    *("Year", "Serial", "Date From", "Time From", "Date Reported", "Area", "Offence", "DA Marker", "Risk"),
    *("Child Present", "Arrest"),
    *(f"{role}_{column}" for role in ("suspect", "victim") for column in _PERSON),
    "Relationship",
)


def _person(person: Person | None) -> tuple[object, ...]:
    if person is None:
        return ("-",) * len(_PERSON)
    number = f"N{person.number:04}"
    return number, person.given, person.family, british(person.born), person.sex, person.ethnicity or "-"


def _row(event: Event) -> tuple[object, ...]:
    return (
        *(event.year, f"{event.number:04}", british(event.day, event), f"{event.hour:02}:30", british(event.reported)),
        *(BEATS[event.beat].upper(), event.offence, "DA", {"S": "Std", "M": "Med", "H": "High"}[event.risk]),
        *("Y" if event.children else "N", british(event.reported) if event.arrested else "-"),
        *_person(event.suspect),
        *_person(event.victim),
        event.relationship if event.victim is not None else "-",
    )


def make(folder: Path) -> None:
    """Write crimes.csv into `folder`."""
    write(folder / "crimes.csv", HEADER, map(_row, events()))


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")
