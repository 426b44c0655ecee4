"""Words that may tell where somebody lives or stays: what files leave out, and what its writer is asked to read again.

Nobody can tell from words alone whether they give a victim away. What looks like a postcode or a numbered street is
left out of files, in small letters too where the words around it leave little doubt; other words may still tell: a
street without its number or of another kind, the name of a house, a town. Everything else that often goes with a place
(a refuge, an address, moving somewhere) is as often harmless, so that its writer decides.
"""

from __future__ import annotations

import re
import unicodedata

LEFT_OUT = "[left out: it looks like where somebody lives]"
LONGEST = 240
"""Characters of the longest postcode or street that is recognised."""
_MOST_SIGNS = 3

# What holds words apart: spaces of any width, line breaks, strokes, and what prints nothing.
_APART = r"\s\u00ad\u200b-\u200d\u2010-\u2015\u2060\u2212\ufeff\ufffd-"
_GAP = rf"[{_APART}]{{1,8}}"
# UK postcodes. A pseudonym or a record's number, of which hyphens join further parts, is none.
_POSTCODE = rf"(?<![\w-])[A-Z]{{1,2}}\d[A-Z\d]?[._{_APART}]{{0,3}}\d[A-Z]{{2}}(?![\w-])"

# A number or a range, one to three names that begin with capitals, and what kind of street it is; in Welsh the kind
# stands first. Kinds that are also other words count with a capital alone, and not where a day of a month may stand.
_HOUSE = r"\d{1,4}[A-Za-z]?"
_NUMBER = rf"(?<![\w-]){_HOUSE}(?:\s{{0,2}}(?:[-/&\u2010-\u2015\u2212]|to|and)\s{{0,2}}{_HOUSE})?,?{_GAP}"
_NAME = rf"[A-ZÀ-ÞŴŶ][\w'’-]{{0,19}}[\w'’]\.?{_GAP}"
_NAMES = (
    rf"(?:(?:de|la|le|y|yr){_GAP}){{0,2}}{_NAME}(?:(?:(?:de|la|le|of|on|the|upon|y|yr){_GAP}){{0,2}}{_NAME}){{0,2}}"
)
_KINDS = "Street|St|Road|Rd|Avenue|Ave|Lane|Crescent|Terrace|Gardens|Grove|Mews"
_WORDS = "Close|Court|Drive|Green|Hill|Parade|Place|Rise|Row|Square|View|Walk|Way"
_NO_STREET = rf"(?!(?i:(?<=drive){_GAP}(?:place|case|panel|team|work)s?\b))"
_WELSH = "Clos|Cwrt|Ffordd|Heol|L[oô]n|Maes|Rhodfa|Stryd"
_MONTH = (
    r"(?i:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\b"
)
_STREET = (
    rf"{_NUMBER}(?:{_NAMES}(?i:{_KINDS})\b|(?!{_MONTH}){_NAMES}(?:{_WORDS}|{_WORDS.upper()})\b{_NO_STREET}|"
    rf"(?i:{_WELSH}){_GAP}(?:(?i:yr?){_GAP})?\w[\w'’-]{{1,20}})"
)

# In small letters a number often counts something: calls from the road, a 30 mph road, 2 road checks, a 3 bed terrace.
# So a kind of street stands in the singular, no word before it joins, measures or describes, none after it goes on.
_JOINS = (
    "a|about|across|after|along|an|and|another|any|as|at|before|beyond|by|down|each|every|for|from|her|his|in|into|is|"
    "its|my|near|next|no|of|off|on|one|onto|or|our|out|outside|over|past|per|same|some|that|the|their|this|through|to|"
    "towards?|under|up|was|were|with|within|your"
)
_MEASURES = (
    "acres?|am|beds?|bedrooms?|cars?|days?|feet|foot|ft|hours?|hrs?|inch(?:es)?|km|kph|lanes?|metres?|miles?|mins?|"
    "minutes?|months?|mph|people|persons?|pm|points?|seconds?|storeys?|times?|tons?|tonnes?|vehicles?|ways?|weeks?|x|"
    "yards?|years?"
)
_DESCRIBES = "back|bus|cross|cycle|dead|dual|end|fast|front|left|mid|middle|right|side|single|slip|slow"
_NO_NAME = rf"(?!(?:{_JOINS}|{_MEASURES}|{_DESCRIBES}|{_MONTH})\b)"
_SMALL_NAMES = rf"{_NO_NAME}[a-zà-þŵŷ][\w'’-]{{1,19}}\.?{_GAP}(?:(?!(?:{_JOINS})\b)[a-zà-þŵŷ][\w'’-]{{1,19}}{_GAP})?"
_SMALL_KINDS = "street|st|road|rd|avenue|ave|lane|crescent|terrace|grove|mews"
_GOES_ON = (
    "after|again|and|are|as|at|because|before|behind|but|by|for|from|had|has|he|her|his|if|in|is|it|near|next|now|on|"
    "opposite|or|she|since|so|that|their|then|they|to|today|tonight|until|was|were|when|where|which|while|who|with"
)
_ENDS = rf"(?=\s*(?:$|[.,;:!?()\"'”’/\n])|{_GAP}(?:(?:{_GOES_ON})\b|[A-ZÀ-ÞŴŶ0-9]))"
_SMALL_STREET = rf"(?!1[\s,]){_NUMBER}{_SMALL_NAMES}(?:{_SMALL_KINDS})\b{_ENDS}"
_FOR_CERTAIN = re.compile(rf"(?i:{_POSTCODE})|{_STREET}|{_SMALL_STREET}")
_ASKED = rf"[\w'’.]+ (?:(?!(?:{_JOINS})\b)[\w'’]+ )?(?:{_KINDS})|[\w'’]+ (?:{_WORDS})\b{_NO_STREET}"
_SIGNS = re.compile(
    r"\b(?:refuge|safe ?house|hostel|shelter|postcode|(?:new|home|current|old|her|his|their) address|"
    r"address is|liv(?:es|ing) (?:at|in|with)|stay(?:s|ing) (?:at|in|with)|moved (?:to|in)\w*|"
    rf"flat \d+|\d{{1,4}}[a-z]?,? {_NO_NAME}(?:{_ASKED}))\b".replace(" ", _GAP),
    re.IGNORECASE,
)


def without(text: str) -> str:
    """Return a text without what looks like a postcode or a numbered street, whatever letters it is written in.

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
    found = [" ".join(each.group().split()) for way in (_FOR_CERTAIN, _SIGNS) for each in way.finditer(plain)]
    return list(dict.fromkeys(found))[:_MOST_SIGNS]


def _plain(text: str) -> str:
    """Return a text of the same length, its full-width and other fancy letters and spaces as plain ones (NFKC)."""
    if text.isascii():
        return text
    folded = ((each, unicodedata.normalize("NFKC", each)) for each in text)
    return "".join(plain if len(plain) == 1 else each for each, plain in folded)
