"""Was it refused, and what was looked at?"""

from __future__ import annotations

from collections.abc import Iterator

from fairness.papers.page_one.found import Answer, Found, Part, in_words
from fairness.papers.page_one.next_step import DONE
from fairness.papers.wording import in_100, sentence
from fairness.tables import SUBJECTS

_VERDICT = {
    "refuse": (
        "Refused. For at least one group of people the gap to everybody else is larger than was agreed, and chance is "
        "not a likely explanation."
    ),
    "insufficient": (
        "Not settled. It is neither refused nor passed: the evidence shows neither that every gap is within the agreed "
        "range nor that one is beyond it. This is not a pass."
    ),
    "pass": (
        "Passed. For every group that was large enough to be judged, a gap larger than was agreed is ruled out, as far "
        "as chance goes."
    ),
}
_MAY = {
    "refuse": "No panel can be shown this list: a refused list is never released, and nobody can override that.",
    "insufficient": (
        "A panel can be shown this list only if two different governance reviewers agree to go on without the missing "
        "evidence (a waiver)."
    ),
    "pass": "One governance reviewer may now release it to the panel, or refuse it. A pass releases nothing by itself.",
}
_REVIEWED = {
    "released": "Reviewers have released it until its last day: a panel can be shown this list.",
    "refused": "No panel can be shown this list: a reviewer has refused it, and that is final.",
    "withdrawn": "No panel can be shown this list any more: it was released and has been withdrawn.",
    "expired": "No panel can be shown this list any more: its release has ended.",
}
_SHALLOW = (
    "The list finds so few of those with later harm that it would have passed whatever it does: it misses nearly "
    "everybody of every group, and would show no gap."
)
_OUTSIDE = "No list is released or held back by this audit: it looks at a table from elsewhere."


def verdict(found: Found) -> Answer:
    """Say what the verdict is, and what may be done with the list."""
    may = _REVIEWED.get(found.past_review, _MAY[found.verdict])
    says = [_VERDICT[found.verdict], *([_SHALLOW] if found.shallow else []), may if found.gate else _OUTSIDE]
    if found.blocks and found.past_review not in DONE:
        says.append("Release is blocked besides, whatever this audit says (see the last question).")
    return Answer("verdict", "Was it refused?", tuple(says))


def checked(found: Found) -> Answer:
    """Say what was asked of which records, with every word that the page goes on to use."""
    backtest = next((part for part in found.required if part["tables"]), None)
    says = [
        *([_RANKED] if found.gate else []),
        _QUESTION,
        *(_past_lists(backtest, found) if found.gate and backtest else _table(found)),
    ]
    others = [part for part in found.parts if part not in found.required]
    says += [_only_refuses(part) for part in others]
    return Answer("checked", "What was checked?", tuple(says))


_QUESTION = "Is later harm missed more often, or less often, in one group of people than among everybody else?"
_RANKED = "drive-panel, a program, ranked people recorded as suspects of domestic abuse; victims are not ranked."
_HARM = (
    "a new victim, a MARAC hearing (a meeting of agencies about a victim at high risk) or serious harm, recorded after "
    "the date of the list"
)


def _past_lists(part: Part, found: Found) -> Iterator[str]:
    table = next(each for each in part["tables"] if each["table"] == SUBJECTS)
    lists = part.get("lists", 1)
    many = "one past list" if lists == 1 else f"{lists} past lists"
    people = "people" if table["rows"] is None else f"{table['rows']:,} people"
    harmed = "some" if table["outcomes"] is None else f"{table['outcomes']:,}"
    counted = "" if lists == 1 else " (counted once for each list)"
    yield (
        f"The ranking was tried on {many} for which we now know what happened: {people}{counted}, of whom {harmed} had "
        f"later harm. Later harm is {_HARM}."
    )
    first = "" if table["selected"] is None else f", after the first {table['selected']:,}"
    yield f"Somebody is missed if they had later harm but were ranked below the cut-off{first}. {_depth(found)}".strip()


def _depth(found: Found) -> str:
    share = found.policy.get("audit_depth_share")
    if share is None:
        return ""
    many = "half" if share == 0.5 else in_100(share)
    return (
        f"The policy sets it where {many} of all later harm has been found. A panel's own list ends far earlier: so "
        "short a list misses nearly everybody of every group, and would show no gap."
    )


def _table(found: Found) -> Iterator[str]:
    if found.gate:
        yield "There is no trial on past lists over all areas, and nothing else can pass."
        return
    yield (
        "Later harm is the outcome in the table. Somebody is missed if they had it but were not selected (below the "
        "cut-off). Whoever has several rows counts once for each."
    )


def _only_refuses(part: Part) -> str:
    """Say of an audit that is not required to pass what it can do, and whether it did."""
    refuses = part["verdict"] == "refuse"
    if part["evidence"] == "list":
        open_ = "What follows this new list itself is not known yet, so it"
        if not any(cell["binding"] and cell["verdict"] != "not_assessable" for cell in part["cells"]):
            return f"{open_} counts neither towards a pass nor towards a refusal."
        did = "did" if refuses else "did not"
        return (
            f"{open_} cannot count towards a pass. What is known of it was compared too, which can refuse a list: "
            f"it {did}."
        )
    did = "They did." if refuses else "They added none."
    if part["evidence"] == "cumulative":
        return f"{sentence(in_words(part))}: they can add a refusal, and cannot count towards a pass. {did}"
    return f"{sentence(in_words(part))} seldom hold enough people to have to pass, but can add a refusal. {did}"
