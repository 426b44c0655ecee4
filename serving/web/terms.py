"""What the words on a chair's pages mean, for the places where they stand; one definition for each word."""

from __future__ import annotations

TERMS: dict[str, tuple[str, str]] = {
    "place": (
        "Place",
        "Where the ranking puts somebody among everybody in the area who could be ranked. It is advice: the panel "
        "decides.",
    ),
    "band": (
        "Band",
        "How grave the harm was, on average, that followed for people ranked like this in earlier years: very "
        "high, high, raised or lower. It is cut over everybody who could be ranked, so that most people on a list "
        "share the highest.",
    ),
    "line": ("Capacity line", "As many people stand above it as there are places for people from the ranking."),
    "hold": (
        "On hold",
        "Something must be settled by its owner before the panel may accept the person. A hold is never dropped by"
        " time.",
    ),
    "apart": (
        "Shown apart",
        "On Drive, deferred, or decided on within six months: they take no place. Who was escalated to MARAC is not"
        " shown apart.",
    ),
    "v100": ("V100", "A simple list: the harm days of domestic crimes in the last year, added up."),
    "rfgv": (
        "RFGV",
        "A simple list: points for recency, frequency, gravity and victims, as MATAC panels add them up. Its bands"
        " and weights here are illustrative until your force sets its own.",
    ),
    "recency": ("Most recent first", "A simple list: by the date of the last domestic incident."),
    "status": (
        "Alleged, charged, convicted, no further action",
        "What became of a record so far. Alleged: reported, nothing decided. Charged: before a court. Convicted: "
        "found guilty. No further action: closed without a charge, often for want of evidence, and no finding "
        "either way.",
    ),
    "marac": (
        "MARAC",
        "Multi-agency risk assessment conference: agencies plan the safety of victims at high risk of serious harm"
        " or murder.",
    ),
    "mappa": ("MAPPA", "Multi-agency public protection arrangements for convicted people who may cause serious harm."),
    "iom": ("IOM", "Integrated offender management: police and probation together manage people who offend often."),
    "matac": ("MATAC", "Multi-agency tasking and coordination: the police's panel for serial perpetrators."),
    "provisional": (
        "How far the place could move",
        "Between which places the person could stand if what is not known, or may be out of date, were known.",
    ),
    "safety": (
        "Victim safety check",
        "Whether the victim's service says that contact with the person may go on. Not asked is not clear.",
    ),
}


def terms(*names: str) -> list[tuple[str, str]]:
    """Return words and what they mean, in the order asked for."""
    return [TERMS[name] for name in names]
