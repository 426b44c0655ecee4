"""The diagnosis of a backtest as sections of its report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fairness.diagnosis.drivers import SIDES
from fairness.papers import origin_words
from fairness.papers.origin_words import NOT_WHY, TITLE
from fairness.papers.sections import section, table
from fairness.papers.wording import VERDICTS, WITHHELD, group_in_words, sentence, whom, whose

Document = Mapping[str, Any]
_SIDE_WORDS = {**origin_words.SIDES, "wrongly_high": "above the line without later harm"}


def diagnosis_sections(found: Document, margin: Sequence[float]) -> list[dict[str, Any]]:
    """Return the sections of the diagnosis that training stored with a backtest audit.

    Parameters
    ----------
    found
        ``reporters``, ``drivers``, ``missingness``, ``bounds`` and ``proxies``, as `drive_panel` gathered them.
    margin
        The ends of the agreed range, shaded in the plots.
    """
    return [_reporters(found, margin), _drivers(found), _missing(found), _proxies(found)]


def origins_section(told: Sequence[Document]) -> dict[str, Any]:
    """Return the section on where each gap may come from, of what `fairness.papers.origins` tells."""
    blocks = [block for each in told for block in _origin(each)]
    nothing = [_text("No check that decides was refused or is not settled, so there is no gap to tell of.")]
    return section("origins", TITLE, (NOT_WHY,), blocks or nothing)


def _origin(told: Document) -> Iterator[dict[str, Any]]:
    found = "; ".join(f"{VERDICTS[each['verdict']].lower()} in {each['audit']}" for each in told["found"])
    yield _text(f"{sentence(told['who'])}: {found}.")
    for part in told["parts"]:
        yield from (_text(f"{sentence(part['audit'])}: {says}") for says in part["says"])
        rows = [
            [_SIDE_WORDS[one["side"]], one["question"], one["puts"], _difference(one)] for one in part["indicators"]
        ]
        if rows and not part["withheld"]:
            yield table(f"{sentence(told['who'])}: {part['audit']}", _ORIGIN_HEAD, rows, 3)


_ORIGIN_HEAD = ("People", "Indicator", "Puts them", "Difference (interval)")


def _difference(one: Document) -> str:
    return WITHHELD if one["low"] is None else f"{one['difference']:+.2f} ({one['low']:+.2f} to {one['high']:+.2f})"


def _reporters(found: Document, margin: Sequence[float]) -> dict[str, Any]:
    says = (
        "What the police generate follows where the police look; what victims report follows whom victims trust. "
        "Neither is the truth. Each column is the ratio of missed harm to everyone else's with its interval.",
    )
    told = found["reporters"]
    if not told["available"]:
        return section("reporters", "By who reported", says, [_text(f"Not available: {told['why']}")])
    readings = told["readings"]
    rows = [
        [whom(first["table"], first["characteristic"], first["group"]), *(_ratio(r["cells"], first) for r in readings)]
        for first in readings[0]["cells"]
    ]
    head = ("Community", *(reading["title"] for reading in readings))
    blocks = [_text(f"Of the incidents that count, who reported is recorded for {told['recorded']:.0%}.")]
    blocks += [_text(line) for line in told["says"]]
    blocks += [_drawn(reading, margin) for reading in readings]
    return section("reporters", "By who reported", says, [*blocks, table("Missed harm in each reading", head, rows)])


def _drawn(reading: Document, margin: Sequence[float]) -> dict[str, Any]:
    """Return the intervals of one reading as a plot; the table that follows holds the same numbers."""
    rows = [
        {
            "label": f"{whose(cell['table'], cell['characteristic'])}: {group_in_words(cell['group'])}",
            "ratio": cell["ratio"],
            "low": cell["low"],
            "high": cell["high"],
            "verdict": "",
            "withheld": False,
        }
        for cell in reading["cells"]
    ]
    told = "; ".join(
        f"{row['label']}: {_ratio([cell], cell)}" for row, cell in zip(rows, reading["cells"], strict=True)
    )
    title = f"Missed harm: {reading['title']}"
    says = f"Ratio to everybody else with its interval; agreed range {margin[0]:g} to {margin[1]:g}. {told}."
    return {"kind": "intervals", "title": title, "says": says, "margin": list(margin), "rows": rows}


def _ratio(cells: Sequence[Document], first: Document) -> str:
    keys = ("table", "characteristic", "group")
    cell = next((each for each in cells if all(each[key] == first[key] for key in keys)), None)
    if cell is None or cell["low"] is None:
        return "too few"
    high = "no upper end" if cell["high"] is None else f"{cell['high']:.2f}"
    return f"{'no ratio' if cell['ratio'] is None else format(cell['ratio'], '.2f')} ({cell['low']:.2f} to {high})"


def _drivers(found: Document) -> dict[str, Any]:
    says = (
        "A place is the sum of what each indicator adds. The figures are differences of mean contributions to the "
        "margin between a community and everyone else, with 95 % intervals; the largest are named of all that there "
        "are, so some are large by chance. They say through what people are placed, not why their records differ.",
        *(f"{_SIDE_WORDS[side].capitalize()}: {what}." for side, what in SIDES.items()),
    )
    rows = [
        [
            whom("subjects", each["characteristic"], each["group"]),
            _SIDE_WORDS[each["side"]],
            one["name"].replace("_", " "),
            f"{each['gap']:+.2f}",
            f"{one['difference']:+.2f} ({one['low']:+.2f} to {one['high']:+.2f})",
        ]
        for each in found["drivers"]
        for one in each["indicators"]
    ]
    head = ("Community", "People", "Indicator", "Whole difference", "Of which this indicator")
    blocks = [table("What moves errors apart", head, rows, 3, folded=True)] if rows else [_text("Too few people.")]
    return section("drivers", "What drives errors", says, blocks)


def _missing(found: Document) -> dict[str, Any]:
    says = ("Nobody's group was filled in. The first table says who is unrecorded, the second what that could hide.",)
    rows = [
        [
            each["characteristic"].replace("_", " "),
            WITHHELD if each["unrecorded"] is None else f"{each['unrecorded']:.0%}",
            each.get("not_modelled") or f"{each['auc']:.2f} ({each['low']:.2f} to {each['high']:.2f})",
            ", ".join(
                f"{one['name'].replace('_', ' ')} ({one['odds_ratio']:.2f})" for one in each.get("drivers", ())[:5]
            ),
        ]
        for each in found["missingness"]
    ]
    head = (
        "Characteristic",
        "Unrecorded",
        "Told apart (0.50: not at all)",
        "Most by (odds ratio a standard deviation)",
    )
    blocks = [table("Who has it not recorded", head, rows)]
    blocks += [_text(each["says"]) for each in (*found["missingness"], *found["bounds"]) if "says" in each]
    return section("missing", "What is not recorded", says, blocks)


def _proxies(found: Document) -> dict[str, Any]:
    says = (
        "How well one indicator alone tells a community from everyone else. It is no verdict: an indicator can differ "
        "because harm does, or because policing or recording does, and it can put people higher or lower.",
    )
    blocks = [_text(each["says"]) for each in found["proxies"]]
    return section(
        "proxies", "Indicators that follow a community", says, blocks or [_text("No group is large enough.")]
    )


def _text(text: str) -> dict[str, Any]:
    return {"kind": "text", "text": text}
