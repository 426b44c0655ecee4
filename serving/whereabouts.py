"""Words that may tell where somebody lives or stays: what no file holds, and what its writer is asked to read again.

Nobody can tell from words alone whether they give a victim away. A postcode and a numbered street look like nothing
else and are left out of files. Everything else that often goes with a place (a refuge, an address, moving somewhere)
is as often harmless, so that its writer decides.
"""

from __future__ import annotations

import re
import unicodedata

LEFT_OUT = "[left out: it looks like where somebody lives]"
LONGEST = 90
"""Characters of the longest postcode or street that is recognised."""
_MOST_SIGNS = 3

# UK postcodes, however their halves are held apart: by a space of any width, a line break, a stroke, a dot, or what
# prints nothing. A pseudonym or a record's number, of which hyphens join further parts, is none.
_APART = r"[\s\u00ad\u200b-\u200d\u2010-\u2015\u2060\u2212\ufeff\ufffd._-]{0,3}"
_POSTCODE = rf"(?<![\w-])[A-Z]{{1,2}}\d[A-Z\d]?{_APART}\d[A-Z]{{2}}(?![\w-])"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b"
_KIND = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Close|Crescent|Drive(?! (?:place|case|panel|team|work)s?\b)|Terrace|Gardens|"
    r"Grove|Court|Place|Way|Walk|Mews|Square)\b"
)
# A number, one to three names that begin with capitals, and what kind of street it is.
_STREET = rf"(?<![\w-])\d{{1,4}}[A-Za-z]?,? (?!{_MONTH})(?:[A-Z][\w'’-]{{1,20}}\.? ){{1,3}}{_KIND}"
_FOR_CERTAIN = re.compile(rf"(?i:{_POSTCODE})|{_STREET}")
_SIGNS = re.compile(
    r"\b(?:refuge|safe ?house|hostel|shelter|postcode|(?:new|home|current|old|her|his|their) address|"
    r"address is|liv(?:es|ing) (?:at|in|with)|stay(?:s|ing) (?:at|in|with)|moved (?:to|in)\w*|"
    r"flat \d+|\d{1,4} (?:\w+ )?(?:street|road|avenue|lane|crescent|terrace|grove))\b",
    re.IGNORECASE,
)


def without(text: str) -> str:
    """Return a text without postcodes and numbered streets, whatever letters they are written in; else as it was.

    >>> without("Moved to ZZ99 9ZZ; 3 June Drive case"), without("12 Long Acre Road")
    ('Moved to [left out: it looks like where somebody lives]; 3 June Drive case', '[left out: it looks like where somebody lives]')
    """  # noqa: E501
    kept, after = [], 0
    for found in _FOR_CERTAIN.finditer(_plain(text)):
        kept += [text[after : found.start()], LEFT_OUT]
        after = found.end()
    return "".join([*kept, text[after:]])


def signs(text: str) -> list[str]:
    """Return what in a text may tell where somebody lives or stays, a few words each, the first few of them.

    >>> signs("She is in a refuge and stays with her sister."), signs("He has to address his behaviour.")
    (['refuge', 'stays with'], [])
    """
    plain = _plain(text)
    found = [each.group() for pattern in (_FOR_CERTAIN, _SIGNS) for each in pattern.finditer(plain)]
    return list(dict.fromkeys(found))[:_MOST_SIGNS]


def _plain(text: str) -> str:
    """Return a text of the same length, its full-width and other fancy letters and spaces as plain ones (NFKC)."""
    if text.isascii():
        return text
    folded = ((each, unicodedata.normalize("NFKC", each)) for each in text)
    return "".join(plain if len(plain) == 1 else each for each, plain in folded)
