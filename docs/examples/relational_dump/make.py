"""Write normalised tables with keys and a MARAC coordinator's workbook (made up): python make.py [FOLDER]."""

from __future__ import annotations

import datetime
import sys
import zipfile
from pathlib import Path

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from made_up_events import BEATS, OFFENCES, Event, events, people, write  # noqa: E402

_FIRST_KEY = 900


def _key(event: Event) -> int:
    return _FIRST_KEY + 3 * event.number


def _crime(event: Event) -> tuple[object, ...]:
    began = f"{event.day.year}-02-31" if event.impossible else event.day.isoformat()
    return (
        *(_key(event), f"{event.year}/{event.number:04}", f"{began} {event.hour:02}:30:00", event.reported.isoformat()),
        *(list(BEATS).index(event.beat) + 1, list(OFFENCES).index(event.offence) + 1, event.risk, int(event.children)),
    )


def _links(event: Event) -> list[tuple[object, ...]]:
    links: list[tuple[object, ...]] = [
        (_key(event), event.suspect.number, 1, event.reported.isoformat() if event.arrested else "NULL")
    ]
    if event.victim is not None:
        links.append((_key(event), event.victim.number, 2, "NULL"))
    return links


def _workbook(path: Path, found: list[Event]) -> None:
    """Write the coordinator's sheet: high-risk cases, heard a fortnight after the report."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Cases"
    sheet.append(["Case", "Victim", "Perpetrator", "Date of MARAC", "Referred by", "Repeat?", "No. of children"])
    for number, event in enumerate((e for e in found if e.risk == "H" and e.victim is not None), 1):
        heard = event.reported + datetime.timedelta(days=14)
        people = f"N{event.victim.number:04}", f"N{event.suspect.number:04}"  # type: ignore[union-attr]
        sheet.append(
            [number, *people, heard, "IDVA" if number % 2 else "Police", "Yes" if number % 3 == 0 else "No", number % 4]
        )
    book.create_sheet("Notes").append(["All made up."])
    epoch = datetime.datetime(2024, 12, 31, tzinfo=datetime.UTC).replace(tzinfo=None)
    book.properties.created = book.properties.modified = epoch
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).write_data()


def make(folder: Path) -> None:
    """Write the tables and the workbook into `folder`."""
    found = events()
    crimes = ("crime_id", "crime_ref", "committed_from", "recorded", "beat_id", "offence_id", "risk", "children")
    write(folder / "crimes.csv", crimes, map(_crime, found))
    links = ("crime_id", "nominal_id", "role_id", "arrest_date")
    write(folder / "crime_nominals.csv", links, [link for event in found for link in _links(event)])
    nominals = ("nominal_id", "urn", "forename", "surname", "dob", "sex_code", "ethnicity")
    rows = [
        (p.number, f"N{p.number:04}", p.given, p.family, p.born.isoformat(), p.sex, p.ethnicity or "NULL")
        for p in people(found)
    ]
    write(folder / "nominals.csv", nominals, rows)
    pairs = ("crime_id", "suspect_id", "victim_id", "relationship_code")
    known = [(_key(e), e.suspect.number, e.victim.number, e.relationship) for e in found if e.victim is not None]
    write(folder / "relationships.csv", pairs, known)
    write(
        folder / "beats.csv", ("beat_id", "beat", "district"), [(n, *each) for n, each in enumerate(BEATS.items(), 1)]
    )
    offences = [(n, code, home or "NULL") for n, (code, home) in enumerate(OFFENCES.items(), 1)]
    write(folder / "offences.csv", ("offence_id", "code", "ho_code"), offences)
    _workbook(folder / "marac.xlsx", found)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")
