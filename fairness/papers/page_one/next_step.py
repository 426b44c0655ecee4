"""What the report does not show, what happens next, and who does it."""

from __future__ import annotations

from fairness.papers.page_one.found import MOST, Answer, Found

_MEANWHILE = (
    "The panel works without the list: from referrals and from the names of all who could be ranked, without rank or "
    "score."
)
_STEPS = {
    "refuse": (
        "A governance reviewer records the refusal.",
        _MEANWHILE + " Nobody is taken off a panel's table by this.",
        "A data scientist looks for the cause and trains again.",
    ),
    "insufficient": (
        "One governance reviewer refuses the list; or two different ones waive the missing evidence. Each of the two "
        "gives a reason and the day on which their waiver ends, and acknowledges each group that could not be "
        "assessed. The second waiver releases exactly this list, until the earlier of the two days.",
        "Whoever trained the ranking may do neither.",
        f"Until then: {_MEANWHILE[0].lower()}{_MEANWHILE[1:]} A data scientist audits further past lists as outcomes "
        "become known.",
    ),
    "pass": (
        "A governance reviewer reads this report, acknowledges each group that could not be assessed, and releases "
        "exactly this list until a day that they set; or refuses it.",
        "Whoever trained the ranking may do neither.",
    ),
}
DONE = {
    "released": (
        "Reviewers have released exactly this list, until its last day.",
        "Whoever finds a fault tells a governance reviewer, who withdraws it; every page of it then stops.",
    ),
    "refused": (
        "A governance reviewer has recorded a refusal, which is final for this list.",
        _MEANWHILE + " A data scientist looks for the cause.",
    ),
    "withdrawn": ("It was released and has been withdrawn; no page shows it. A new list needs a new audit.",),
    "expired": ("Its release has ended. A new list needs a new audit.",),
}
"""State of a run that is past review -> what follows."""
_OUTSIDE = ("Whoever answers for the table decides what follows, and says why.",)


def limits(found: Found) -> Answer:
    """Say what no audit of records can show."""
    says = (
        "Harm that nobody reported: not being on a list does not mean low risk. Whether each community is recorded and "
        "policed alike. Whether anything is lawful, which no number decides. Finding nothing does not prove that there "
        "is nothing.",
    )
    return Answer("limits", "What does this not show?", says)


def next_step(found: Found) -> Answer:
    """Say who does what now, beginning with what blocks a release."""
    points = [f"Release is blocked: {block}." for block in found.blocks[:MOST]]
    more = len(found.blocks) - len(points)
    points += [f"And {more} more blocks, in the run's gate decision."] if more > 0 else []
    if found.past_review in DONE:
        points, steps = [], DONE[found.past_review]
    else:
        steps = _STEPS[found.verdict] if found.gate else _OUTSIDE
    return Answer("next", "What happens next, and who does it?", (), (*points, *steps))
