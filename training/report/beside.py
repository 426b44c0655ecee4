"""A bundle beside the one that scored when it was trained: who would change sides, and how far people have moved.

Counts of people from 1 to 9 are withheld, as everywhere in the report; who they are is in private files only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from records.quality.blocks import Block, Heading, Section, Table, Text
from records.quality.words import number, share, withheld, words
from training.card import SMALLEST_COUNT
from training.report.figures import Document

NO_LIVE = (
    "No bundle scored when this one was trained. So there is nothing to compare it with: neither who would enter or "
    "leave the lists, nor how far people have moved since."
)
NO_SHADOW = "It has not been scored in the shadow of another one (`drive-panel score --shadow BUNDLE`)."
_MOVES = {"enters": "enter", "leaves": "leave"}


def told_live(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what a comparison with the bundle that scores may say in a report, without small counts and places.

    Parameters
    ----------
    found
        As the front door has it: live and either same, not_compared, or rehearsal, as_of, areas, places, enter, leave,
        groups (by move) and drift (see `training.drift`). None where no bundle scored.
    """
    if found is None or "enter" not in found:
        return None if found is None else dict(found)
    kept = {name: found[name] for name in ("live", "as_of", "areas", "places", "drift")}
    kept["rehearsal"] = bool(found.get("rehearsal"))
    groups = {
        move: {group: count for group, count in counts.items() if count >= SMALLEST_COUNT}
        for move, counts in found["groups"].items()
    }
    return {**kept, **{name: _shown(found[name]) for name in ("enter", "leave")}, "groups": groups}


def told_shadows(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what lists in the shadow may say in a report: run, places, enter, leave, rank_correlation."""
    return [
        {
            **{name: each[name] for name in ("run", "places", "rank_correlation")},
            **{name: _shown(each[name]) for name in ("enter", "leave")},
        }
        for each in found
    ]


def _shown(count: int) -> int | None:
    return None if 0 < count < SMALLEST_COUNT else count


def beside(document: Document) -> Section:
    """Return the section on the bundle that scored, on drift from its frozen bins, and on lists in the shadow."""
    live = document["live"]
    blocks = [*([] if live is None else _drifted(live)), Heading("In the shadow"), *_shadows(document["shadow"])]
    return Section("beside", "Beside the bundle that scored before", _against(live), blocks)


def _against(live: Mapping[str, Any] | None) -> list[str]:
    if live is None:
        return [NO_LIVE]
    name = f"The bundle that scored when this one was trained is {live['live'][:12]}."
    if live.get("rehearsal"):
        name += " It was a rehearsal, of which no list could ever be released: nobody's place before a panel changes."
    if live.get("same"):
        return [name, "This one is the same: nobody enters or leaves a list."]
    if "not_compared" in live:
        return [name, f"The two were not compared: {live['not_compared']}."]
    says = [
        name,
        f"As of {live['as_of']}, of {number(live['places'])} places in {number(live['areas'])} areas "
        f"{_people(live['enter'])} would go to somebody else, by margin alone: holds, referrals and decisions come "
        "on top.",
    ]
    for move, verb in _MOVES.items():
        groups = ", ".join(f"{group} ({number(count)})" for group, count in live["groups"][move].items())
        more = "more" if move == "enters" else "less"
        says.append(f"What counts for {more} with those who {verb}: {groups or 'no group with ten people or more'}.")
    return says


def _people(count: int | None) -> str:
    return f"fewer than {SMALLEST_COUNT}" if count is None else number(count)


def _drifted(live: Mapping[str, Any]) -> list[Block]:
    drift = live.get("drift")
    blocks: list[Block] = [Heading("Drift since the frozen bins of the bundle that scored")]
    if drift is None:
        return [*blocks, Text("It was not measured: no bins were frozen with that bundle, or it was not compared.")]
    if drift["score"] == "not compared":
        return [*blocks, Text(f"Too few people to compare with {drift['since']}.")]
    blocks.append(
        Text(
            f"{number(drift['people'])} people are compared with those of {drift['since']}, by size of effect. "
            f"Movement of the score: {drift['score']}. A change of recording looks the same as a change of people."
        )
    )
    if not drift["moved"]:
        return [*blocks, Text("No indicator moved beyond what chance gives.")]
    rows = [
        [
            words(each["name"]),
            each["level"],
            f"{each['stability_index']:.3f}",
            "not compared" if each["delta"] is None else f"{each['delta']:+.3f}",
            f"{share(each['missing_before'])}, then {share(each['missing'])}",
        ]
        for each in drift["moved"]
    ]
    head = ["Indicator", "Movement", "Stability index", "Cliff's delta", "Missing"]
    return [*blocks, Table("Indicators that moved", head, rows, texts=2)]


def _shadows(shadows: list[dict[str, Any]]) -> list[Block]:
    if not shadows:
        return [Text(NO_SHADOW)]
    rows = [
        [
            each["run"],
            number(each["places"]),
            withheld(each["enter"]),
            withheld(each["leave"]),
            "none" if each["rank_correlation"] is None else f"{each['rank_correlation']:.2f}",
        ]
        for each in shadows
    ]
    head = ["Run that it was compared with", "Places", "Would enter", "Would leave", "Rank correlation"]
    return [Table("Lists that it would have given; none of them can be released", head, rows)]
