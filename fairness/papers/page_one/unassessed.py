"""Who could not be assessed, and for how many nobody knows the group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairness.cells import BEYOND_BY_CHANCE, ONLY_REFUSE, OTHERS_UNDER_FLOOR, UNDER_FLOOR
from fairness.groups import NO_VICTIM, NOT_RECORDED, NOT_STATED, OBSERVED_ONLY
from fairness.papers.page_one.found import MOST, Answer, Cell, Found, Part
from fairness.papers.page_one.next_step import DONE
from fairness.papers.wording import WITHHELD, in_100, listed, name_of, sentence, whom, whose

_KINDS = {
    NOT_RECORDED: "not recorded",
    NOT_STATED: "asked but declined to say",
    OBSERVED_ONLY: "known only from an officer's view",
    NO_VICTIM: "no identified victim",
}
_APART = "Nobody's group is guessed: each kind of not knowing is a group of its own."


def unassessed(found: Found) -> Answer:
    """Name who could not be assessed, with their numbers, and tell the kinds of not knowing apart."""
    points = list(_gaps(found))
    more = len(points) - 2 * MOST
    points = points[: 2 * MOST]
    if more > 0:
        points.append(f"And {more} more, in the section on what could not be assessed.")
    head = "Nobody whom the policy names."
    if points:
        acknowledge = " Before a release a reviewer acknowledges each of these groups." if _releasable(found) else ""
        head = f"They are in every total, but not judged, and that is not a pass.{acknowledge}"
    return Answer("assessed", "Who could not be assessed?", (head,), tuple(points))


def _releasable(found: Found) -> bool:
    return found.gate and found.verdict != "refuse" and found.state not in DONE


def unknown(found: Found) -> Answer:
    """Tell for how many the group is not known, by kind, for the characteristics that decide."""
    told = tuple(_unknown(found))
    return Answer("unknown", "Whose group is not known?", (_APART, *told) if told else ("The audit does not say.",))


def _gaps(found: Found) -> Iterator[str]:
    """Name those together whose reason is the same."""
    by_reason: dict[str, list[str]] = {}
    several = len(found.required) > 1
    for gap in found.gaps:
        place = f" ({gap['audit']})" if several and gap.get("audit") else ""
        named = whom(gap["table"], gap["characteristic"], gap["group"])
        by_reason.setdefault(f"{_why(gap['reason'], found)}{place}", []).append(f"{named}{_number(gap, found)}")
    for why, people in by_reason.items():
        yield f"{sentence('; '.join(people))}: {why}."


def _number(gap: Mapping[str, Any], found: Found) -> str:
    """Return how many people with later harm the group has, where that may be told."""
    key = tuple(gap[each] for each in ("table", "characteristic", "group", "metric"))
    for part in found.required:
        for cell in part["cells"]:
            same = tuple(cell[each] for each in ("table", "characteristic", "group", "metric")) == key
            if same and not cell.get("suppressed") and gap.get("audit") in (None, part["name"]):
                return f" ({cell['outcomes']:,} with later harm)"
    return ""


def _why(reason: str, found: Found) -> str:
    floor = found.policy.get("floor")
    small = "" if floor is None else f": fewer than {floor['people']} people, or {floor['outcomes']} with later harm"
    few = "too few" if found.enough is None else f"fewer than about {found.enough:,} with later harm"
    alone = f"{few}, so the list may pass without them"
    return {
        UNDER_FLOOR: f"too few to judge at all{small}",
        OTHERS_UNDER_FLOOR: f"too few of everybody else to judge at all{small}",
        ONLY_REFUSE: f"{alone}. Their interval reaches beyond the agreed range, so they have not passed by themselves; "
        "no gap is clear enough to stop the list",
        BEYOND_BY_CHANCE: f"{alone}. The gap seen is larger than was agreed, as chance alone can make it among so few",
    }.get(reason, reason)


def _unknown(found: Found) -> Iterator[str]:
    part = next((part for part in found.parts if part["characteristics"]), None)
    if part is None:
        return
    deciding = {(cell["table"], cell["characteristic"]) for cell in part["cells"] if cell["binding"]}
    deciding |= {(gap["table"], gap["characteristic"]) for gap in part["not_assessable"]}
    for each in part["characteristics"]:
        if (each["table"], each["characteristic"]) in deciding:
            yield sentence(f"{whose(each['table'], each['characteristic'])}: {_kinds(each, part)}.")


def _kinds(each: Mapping[str, Any], part: Part) -> str:
    share = each["unrecorded"]
    if share is None:
        return WITHHELD
    if not share:
        return "none"
    cells = _rows(each, part)
    total = sum(cell["rows"] or 0 for cell in cells if not cell.get("suppressed"))
    if any(cell.get("suppressed") for cell in cells) or not total:
        return f"{in_100(share)} (of which kind is {WITHHELD}: few people)"
    observed = [_KINDS[OBSERVED_ONLY]] if name_of(each["characteristic"]) == "ethnicity" else []
    kinds = dict.fromkeys(observed, 0)
    for cell in cells:
        kind = next((words for group, words in _KINDS.items() if cell["group"].startswith(group)), None)
        if kind is not None:
            kinds[kind] = kinds.get(kind, 0) + cell["rows"]
    if len(kinds) == 1:
        return f"{in_100(share)}, all {next(iter(kinds))}"
    told = sorted(kinds.items(), key=lambda kind: -kind[1])
    return f"{in_100(share)}, that is {listed([f'{in_100(rows / total)} {kind}' for kind, rows in told])}"


def _rows(each: Mapping[str, Any], part: Part) -> list[Cell]:
    """Return one cell a group of a characteristic: every measure counts the same rows."""
    own = [c for c in part["cells"] if (c["table"], c["characteristic"]) == (each["table"], each["characteristic"])]
    return [cell for cell in own if cell["metric"] == own[0]["metric"]]
