"""What words on the pages mean, for the places where they stand; one definition for each word."""

from __future__ import annotations

TERMS: dict[str, tuple[str, str]] = {
    "as_of": ("As of", "The last day whose records a list knows. Nothing that was recorded later is in it."),
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
    "interchangeable": (
        "Interchangeable",
        "So near to the capacity line that the ranking, made again on other people, put such people on its other side."
        " The order among them is no finding.",
    ),
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
    "elastic_net": ("Elastic net", "A simple list: a weighted sum whose weights are fitted on earlier years."),
    "recency": ("Most recent first", "A simple list: by the date of the last domestic incident."),
    "harm_days": (
        "Harm days",
        "How grave a crime is: the sentence at which a court would start for a first offender, in days. A non-crime"
        " incident has none.",
    ),
    "linkage": (
        "Linkage",
        "Deciding which person records are one person's, from names, dates of birth, numbers, addresses and whom they"
        " appear with. A match probability says how likely two records are one person's. What linkage should not"
        " decide waits for people, who review it without seeing a list.",
    ),
    "counter_allegation": (
        "Counter-allegation",
        "A hold: the person is also recorded as the victim of the same person. Who is the primary perpetrator must be"
        " reviewed.",
    ),
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
    "run": ("Run", "One scoring of an area as of a day: a list, its fairness audit, and what the gate decides of it."),
    "audit": (
        "Fairness audit",
        "Whether later harm to some community was missed more often than to others. Passed: the checks that decide lie"
        " within the agreed range. Insufficient evidence: it is settled neither way. Refused: a gap is settled, and"
        " nobody can release the list.",
    ),
    "release": (
        "Released",
        "A named governance reviewer lets exactly this list be read, until a day. It ends sooner if anything that it"
        " rests on changes.",
    ),
    "waived": (
        "Waived",
        "The audit settled it neither way, and two different reviewers let the list be read, each with a reason.",
    ),
    "not_assessable": (
        "Not assessable",
        "A group too small, or recorded too rarely, to say anything about. It never counts as passed.",
    ),
    "ledger": ("Ledger", "The record of who did and saw what. Entries cannot be changed without being noticed."),
    "withdrawn": ("Withdrawn", "A reviewer or an administrator took this one list back, for good."),
    "safety": (
        "Victim safety check",
        "Whether the victim's service says that contact with the person may go on. Not asked is not clear.",
    ),
}


def terms(*names: str) -> list[tuple[str, str]]:
    """Return words and what they mean, in the order asked for."""
    return [TERMS[name] for name in names]
