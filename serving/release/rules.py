"""The rules of release: verdict, two reviewers, acknowledgement, expiry.

`approve` needs the verdict pass; insufficient evidence needs `waive` by two different reviewers; a refusal by
the gate cannot be waived. Nobody reviews a list of a bundle that they trained.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from serving.errors import GateRefused, ReviewRefused
from serving.people import Permission, Person

DEFAULT_DAYS = 35
MAXIMUM_DAYS = 90


class Act(StrEnum):
    """What a reviewer can do with a run."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WAIVE = "waive"
    WITHDRAW = "withdraw"


class State(StrEnum):
    """Where a run stands."""

    AWAITING = "awaiting"
    RELEASED = "released"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True)
class RunFacts:
    """What the rules need to know of a run.

    Parameters
    ----------
    trainers
        Everybody who ever trained its bundle.
    unknown_trainers
        Those of them who are no users of this service, so that nobody can tell whether they review the list; empty
        for made-up lists.
    lapses
        What the gate passed by and the last day of each, such as an approval of ethics; no release outlasts them.
    """

    run: str
    verdict: str
    trainers: frozenset[str]
    for_panel: bool
    acknowledge: frozenset[str] = frozenset()
    blocks: tuple[str, ...] = ()
    unknown_trainers: frozenset[str] = frozenset()
    lapses: tuple[tuple[str, date], ...] = ()


@dataclass(frozen=True)
class Review:
    """One act of review, made or asked for."""

    reviewer: str
    act: Act
    reason: str
    expires: date | None = None
    acknowledged: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """What an act leads to: the new state, the expiry of a release it makes, and what is still needed."""

    state: State
    releases: bool = False
    expires: date | None = None
    needs: str = ""


def state_of(past: Sequence[Review], expires: date | None, today: date, verdict: str = "") -> State:
    """Return where a run stands.

    Parameters
    ----------
    past
        All acts so far, oldest first.
    expires
        Last day of its release, if it was ever released.
    verdict
        The gate's; ``refuse`` refuses the run without any act of a person.
    """
    acts = {review.act for review in past}
    if Act.WITHDRAW in acts:
        return State.WITHDRAWN
    if expires is not None:
        return State.RELEASED if today <= expires else State.EXPIRED
    return State.REFUSED if verdict == "refuse" or Act.REFUSE in acts else State.AWAITING


def unrecorded(state: State, past: Sequence[Review]) -> bool:
    """Say whether a run is refused by the gate alone: no reviewer has recorded the refusal yet."""
    return state is State.REFUSED and all(review.act is not Act.REFUSE for review in past)


def judge(facts: RunFacts, state: State, past: Sequence[Review], new: Review, reviewer: Person, today: date) -> Outcome:
    """Return what the act `new` leads to.

    Raises
    ------
    NotPermitted
        If the person's role does not include the act.
    GateRefused
        If the verdict, the bundle or an unmet condition forbids the release.
    ReviewRefused
        If the act is not open to this person now, or lacks a reason, an acknowledgement or a legal expiry.
    """
    reviewer.need(Permission.WITHDRAW if new.act is Act.WITHDRAW else Permission.REVIEW)
    if not new.reason.strip():
        raise ReviewRefused("A review needs a reason.", "Say in a sentence why.")
    if new.act is Act.WITHDRAW:
        return _withdraw(state)
    if reviewer.user in facts.trainers:
        raise ReviewRefused("A person who trained this bundle may not review its lists.", "Ask another reviewer.")
    if state is not State.AWAITING and not unrecorded(state, past):
        raise ReviewRefused(f"This run is {state.value}.", "Only a run that awaits review can be reviewed.")
    if new.act is Act.REFUSE:
        return Outcome(State.REFUSED)
    if facts.unknown_trainers:
        raise ReviewRefused(
            "Who trained this bundle is no user of this service, so nobody can tell whether they review it.",
            "Train again with `drive-panel train --by USER`, and score again.",
        )
    _gate_allows(facts, new.act)
    _acknowledged(facts.acknowledge, new.acknowledged)
    expires = _legal_expiry(new.expires, today, facts.lapses)
    if new.act is Act.APPROVE:
        return Outcome(State.RELEASED, releases=True, expires=expires)
    return _waive(past, new, expires, today)


def _withdraw(state: State) -> Outcome:
    if state is not State.RELEASED:
        raise ReviewRefused(f"This run is {state.value}.", "Only a released list can be withdrawn.")
    return Outcome(State.WITHDRAWN)


def _gate_allows(facts: RunFacts, act: Act) -> None:
    if not facts.for_panel:
        raise GateRefused("This bundle was not promoted for panels.", "Score with a promoted bundle or an incumbent.")
    if facts.verdict == "refuse":
        raise GateRefused(
            "The fairness audit refused this list; a refusal cannot be waived.",
            "Use the unranked roster, or retrain and score again.",
        )
    if facts.blocks:
        raise GateRefused(f"The release is blocked: {facts.blocks[0]}.", "Remove the cause and score again.")
    if act is Act.APPROVE and facts.verdict != "pass":
        raise GateRefused(
            "The evidence is insufficient, so this list cannot be approved.",
            "Two different reviewers may waive, each with a reason and an expiry.",
        )
    if act is Act.WAIVE and facts.verdict == "pass":
        raise ReviewRefused("There is nothing to waive: the audit passed.", "Approve or refuse.")


def _acknowledged(needed: Collection[str], given: Collection[str]) -> None:
    missing = sorted(set(needed) - set(given))
    if missing:
        raise ReviewRefused(
            f"{len(missing)} not assessable: {'; '.join(missing)}.", "Acknowledge each of them by name."
        )


def _legal_expiry(asked: date | None, today: date, lapses: Collection[tuple[str, date]]) -> date:
    what, first = min(lapses, key=lambda lapse: lapse[1], default=("", date.max))
    latest = min(today + timedelta(days=MAXIMUM_DAYS), first)
    if latest <= today:
        raise GateRefused(f"The release is blocked: {what} ends today.", "Have it renewed, and score again.")
    expires = asked or min(today + timedelta(days=DEFAULT_DAYS), latest)
    if today < expires <= latest:
        return expires
    if latest == first and today < expires:
        raise ReviewRefused(
            f"The release would outlast {what}, which ends on {first}.", f"Choose a date up to {latest}."
        )
    raise ReviewRefused(
        "The release must expire after today and within 90 days.", f"Choose a date after today, up to {latest}."
    )


def _waive(past: Sequence[Review], new: Review, expires: date, today: date) -> Outcome:
    waivers = [review for review in past if review.act is Act.WAIVE]
    if any(review.reviewer == new.reviewer for review in waivers):
        raise ReviewRefused("You have waived this run already.", "The second waiver needs another reviewer.")
    standing = [review.expires for review in waivers if review.expires is not None and review.expires > today]
    if not standing:
        return Outcome(State.AWAITING, expires=expires, needs="a second reviewer")
    return Outcome(State.RELEASED, releases=True, expires=min([expires, *standing]))
