"""Write crimes_2025.csv: a flat export of a shape that the mapping guide does not show. Everybody in it is made up.

Usage: python docs/examples/fresh_reader/make.py
"""

from __future__ import annotations

import csv
import random
from datetime import date, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEADER = [
    "CrimeNo",
    "Linked Log",
    "Committed From",
    "Committed To",
    "Rptd Date",
    "Rptd Time",
    "HO Offence",
    "Recorded As",
    "DV Marker",
    "LPA",
    "Caller",
    "Weapon Used",
    "Kids in house",
    "S_URN",
    "S_Name",
    "S_DOB",
    "S_Eth(16+1)",
    "S_Gender",
    "S2_URN",
    "S2_Name",
    "S2_DOB",
    "V_URN",
    "V_Name",
    "V_DOB",
    "V_Gender",
    "V is S's",
    "Result",
    "Result Dt",
    "DASH",
    "Notes",
]
SURNAMES = ("ASHDOWN", "BRAMLEY", "COTTERELL", "DUNMORE", "ELLERBY", "FENWICK", "GARSIDE", "HOLROYD")
FORENAMES = ("Alex", "Bo", "Casey", "Drew", "Eden", "Frankie", "Georgie", "Harper", "Indy", "Jules")
OFFENCES = ("105/01 Common assault", "8/06 ABH", "195/94 Harassment", "8/67 Coercive control", "")
RESULTS = ("16 - VICTIM DECLINES", "15 - EVIDENTIAL DIFFICULTIES", "1 - CHARGED", "OPEN")
RELATIONS = ("Ex-Partner", "Spouse/Partner", "Mother/Father", "Son/Daughter", "Bro/Sis", "Not known")


def person(draw: random.Random, number: int) -> tuple[str, str, str]:
    """Return a made-up person's number, name and date of birth as this export writes them."""
    born = date(1960, 1, 1) + timedelta(days=draw.randrange(15_000))
    name = f"{draw.choice(SURNAMES)}, {draw.choice(FORENAMES)}"
    return f"N/{number:06d}", name, born.strftime("%d.%m.%Y") if draw.random() < 0.9 else "00.00.0000"


def row(draw: random.Random, number: int, people: list[tuple[str, str, str]]) -> list[str]:
    """Return one crime or incident."""
    start = datetime(2024, 4, 1) + timedelta(minutes=draw.randrange(600_000))
    reported = start + timedelta(hours=draw.randrange(400))
    suspect, second, victim = draw.sample(people, 3)
    has_second, has_victim = draw.random() < 0.2, draw.random() < 0.9
    offence, result = draw.choice(OFFENCES), draw.choice(RESULTS)
    closed = "" if result == "OPEN" or not offence else (reported + timedelta(days=30)).strftime("%d-%b-%y").upper()
    return [
        f"42/{number:05d}/25",
        f"LOG-{number // 2:04d}",
        start.strftime("%d-%b-%y %H:%M").upper(),
        (start + timedelta(hours=1)).strftime("%d-%b-%y %H:%M").upper(),
        reported.strftime("%d-%b-%y").upper(),
        reported.strftime("%H%M"),
        offence,
        "CRIME" if offence else "NON-CRIME",
        draw.choice(["DV", "DV", "DV/CHILD", "HATE", "-"]),
        draw.choice(["North LPA", "South LPA"]),
        draw.choice(["VIC", "3RD PTY", "OFFICER", "-"]),
        draw.choice(["KNIFE", "BLUNT", "NONE", "-"]),
        draw.choice(["Y", "N", "U"]),
        *suspect,
        draw.choice(["W1", "A2", "B1", "M1", "NS", ""]),
        draw.choice(["M", "F", "U"]),
        *(second if has_second else ("", "", "")),
        *(victim if has_victim else ("", "", "")),
        draw.choice(["M", "F"]) if has_victim else "",
        draw.choice(RELATIONS) if has_victim else "",
        result if offence else "",
        closed,
        draw.choice(["HIGH", "MED", "STD", "-"]),
        "SYNTHETIC: everybody in this file is made up",
    ]


def main() -> None:
    """Write the file."""
    draw = random.Random(4242)
    people = [person(draw, number) for number in range(1, 31)]
    with (HERE / "crimes_2025.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(HEADER)
        writer.writerows(row(draw, number, people) for number in range(1, 61))


if __name__ == "__main__":
    main()
