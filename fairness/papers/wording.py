"""How reports name communities, measures and shares, so that a person without statistics can read them.

A group that nobody stated is named by what happened (nobody asked, somebody declined), never as if it were a community.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from fairness.groups import NO_VICTIM, NOT_RECORDED, NOT_STATED, OBSERVED_ONLY, UNMAPPED
from fairness.tables import DYADS

MEASURES: Mapping[str, str] = {
    "selection": "put above the cut-off",
    "outcome": "with later harm",
    "missed_harm": "with later harm, but below the cut-off (missed)",
    "found": "with later harm, and above the cut-off (found)",
    "precision": "above the cut-off, and with later harm",
    "fpr": "above the cut-off without later harm",
}
"""Metric -> what its events are, as words after a share."""
CASES: Mapping[str, str] = {
    "selection": "in all",
    "outcome": "whose outcome is known",
    "missed_harm": "with later harm",
    "found": "with later harm",
    "precision": "above the cut-off",
    "fpr": "without later harm",
}
"""Metric -> what its trials are, as words after a number of people."""
ENDED: Mapping[str, str] = {
    "selection": "were above the cut-off",
    "outcome": "had later harm",
    "missed_harm": "were missed",
    "found": "were found",
    "precision": "had later harm",
    "fpr": "were above the cut-off all the same",
}
"""Metric -> what happened to its events, as a verb."""
WITHHELD = "withheld"
REFUSED, PASSED, UNSETTLED = "Refused", "Passed", "Not settled"
VERDICTS: Mapping[str, str] = {
    "refuse": REFUSED,
    "pass": PASSED,
    "insufficient": UNSETTLED,
    "not_assessable": "Not assessable",
    "alert": "Look at it",
    "reported": "Reported only",
}
"""Verdict -> words; no verdict has a colour or a tick."""

COUNTED: Mapping[str, str] = {metric: ended.removeprefix("were ") for metric, ended in ENDED.items()} | dict.fromkeys(
    ("outcome", "precision"), "followed by later harm"
)
"""Metric -> what happened to its events, as words after "would be"."""


def name_of(characteristic: str) -> str:
    """Return a characteristic in words, without whose it is.

    >>> name_of("victim_ethnicity_group"), name_of("age_band")
    ('ethnicity', 'age band')
    """
    return characteristic.removeprefix("victim_").removesuffix("_group").replace("_", " ")


def heading(table: str, characteristic: str) -> str:
    """Return the title of a characteristic's tables.

    >>> heading("dyads", "victim_sex"), heading("subjects", "ethnicity_group")
    ("Victims' sex", "Subjects' ethnicity (grouped)")
    """
    whose = "Victims'" if table == DYADS else "Subjects'"
    return f"{whose} {name_of(characteristic)}{' (grouped)' if characteristic.endswith('_group') else ''}"


def whose(table: str, characteristic: str) -> str:
    """Return a characteristic in words, with whose it is where it is the victim's.

    >>> whose("dyads", "victim_sex"), whose("subjects", "ethnicity_group")
    ("victims' sex", 'ethnicity')
    """
    return f"victims' {name_of(characteristic)}" if table == DYADS else name_of(characteristic)


def whom(table: str, characteristic: str, group: str | None) -> str:
    """Return the people of a group in words.

    >>> whom("subjects", "sex", "female")
    'people whose sex is recorded as female'
    >>> whom("dyads", "victim_sex", "not recorded")
    'people with a victim whose sex nobody recorded'
    """
    people, name = ("people with a victim" if table == DYADS else "people"), name_of(characteristic)
    if group is None:
        return f"everybody, by {name} of {'victims' if table == DYADS else 'subjects'}"
    if group == NO_VICTIM:
        return "people with no identified victim"
    if group == NOT_STATED:
        asked = "who was asked for their" if table == DYADS else "who were asked for their"
        return f"{people} {asked} {name} and declined to say"
    if group == NOT_RECORDED:
        return f"{people} whose {name} nobody recorded"
    if group.startswith(OBSERVED_ONLY):
        code = group.removeprefix(OBSERVED_ONLY).removeprefix(": ")
        return f"{people} whose {name} only an officer noted" + (f" (as {code})" if code else "")
    if group.startswith(UNMAPPED):
        return f"{people} whose {name} is recorded in a code that no table explains ({group.partition(': ')[2]})"
    return f"{people} whose {name} is recorded as {group_in_words(group)}"


def group_in_words(group: str) -> str:
    """Return a group's own name in words.

    >>> group_in_words("18_24"), group_in_words("under_18"), group_in_words("not recorded"), group_in_words("black")
    ('18 to 24', 'under 18', 'not recorded', 'Black')
    """
    return _PROPER.get(group, _BAND.sub(r"\1 to \2", group).replace("_", " "))


def in_100(share: float | None) -> str:
    """Return a share as so many in a hundred; neither rounded to nobody nor to everybody.

    >>> [in_100(s) for s in (0.392, 0.0, 0.004, 0.998, None)]
    ['39 in 100', 'none', 'fewer than 1 in 100', 'more than 99 in 100', 'not known']
    """
    if share is None:
        return "not known"
    if share in (0.0, 1.0):
        return "none" if share == 0.0 else "all"
    if share < 0.01 or share > 0.99:
        return "fewer than 1 in 100" if share < 0.5 else "more than 99 in 100"
    return f"{100 * share:.0f} in 100"


def interval(cell: Mapping[str, Any]) -> str:
    """Return the interval of a cell's ratio; without an upper end it says so."""
    high = "no upper end" if cell["ratio_high"] is None else f"{cell['ratio_high']:.2f}"
    return f"{cell['ratio_low']:.2f} to {high}"


def sentence(text: str) -> str:
    """Return `text` with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def listed(items: list[str]) -> str:
    """Return items as words with commas.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def plain(value: Any) -> Any:
    r"""Return a document in which characters that show nothing, or turn words round, are written out.

    >>> plain({"area": "north\u202evale"})
    {'area': 'north‹U+202E›vale'}
    """
    if isinstance(value, str):
        return "".join(f"‹U+{ord(c):04X}›" if unicodedata.category(c) in _UNSEEN else c for c in value)
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def measure_title(metric: str) -> str:
    """Return a measure as the title of a table or plot."""
    return sentence(f"share {MEASURES[metric]}")


_PROPER: Mapping[str, str] = {
    "asian": "Asian", "black": "Black", "white": "White", "mixed": "Mixed",
    NOT_STATED: "asked but declined to say", OBSERVED_ONLY: "known only from an officer's view",
}  # fmt: skip
_BAND = re.compile(r"^(\d+)_(\d+)$")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
