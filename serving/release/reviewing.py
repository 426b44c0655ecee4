"""Reviewing a run: the act, the release or withdrawal that it makes, and their entry in the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Table, func, select

from serving.access.accounts.one_person import humans
from serving.access.humans import Humans
from serving.errors import ReviewRefused
from serving.people import Person
from serving.release.rules import Act, Outcome, Review, State, judge
from serving.release.signing import SignedReview, checked, signed_row, signer_of
from serving.release.standing import Standing, run_row, standing
from serving.repeats import Repeat
from serving.storage import tables
from serving.storage.stores import Acting, Stores
from values import canonical_json, digest


@dataclass(frozen=True)
class ReviewResult:
    """Where the run stands after an act of review.

    Parameters
    ----------
    release
        Name of the release, where there is or was one.
    needs
        What is still missing for a release, such as "a second reviewer".
    """

    run: str
    state: str
    release: str | None
    expires: date | None
    needs: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the keys that `release --json` prints."""
        expires = self.expires.isoformat() if self.expires else None
        return {
            "run": self.run,
            "state": self.state,
            "release": self.release,
            "expires": expires,
            "needs": self.needs,
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> ReviewResult:
        """Return the result that `to_dict` told."""
        expires = date.fromisoformat(told["expires"]) if told["expires"] else None
        return cls(**{**told, "expires": expires})


def review(stores: Stores, run: str, reviewer: Person, asked: Review, repeat: Repeat | None = None) -> ReviewResult:
    """Record one act of review, and the release or withdrawal that follows from it, in one transaction.

    Parameters
    ----------
    repeat
        The call that asks, where its sender may send it again; a repeated one gets the first answer.

    Raises
    ------
    NotFound, NotPermitted, GateRefused, ReviewRefused
        See `serving.release.rules.judge`.
    """
    with stores.acting(stores.reviewing) as acting:
        first = repeat and repeat.first_answer(acting.connection, acting.now)
        if first:
            return ReviewResult.from_dict(first)
        result = _reviewed(stores, acting, run_row(acting.connection, run), reviewer, asked)
        if repeat:
            repeat.keep(acting.connection, acting.now, result.to_dict())
        return result


def review_signed(stores: Stores, signed: SignedReview) -> ReviewResult:
    """Record one act of review that its reviewer signed, and keep what was signed.

    Raises
    ------
    SignatureRefused
        If it is forged, replayed, out of date, by an unknown or revoked key, or about another list.
    NotFound, NotPermitted, GateRefused, ReviewRefused
        As `review`.
    """
    with stores.acting(stores.reviewing) as acting:
        reviewer = signer_of(stores, acting.connection, signed)
        row = run_row(acting.connection, str(signed.content.get("run")))
        asked = replace(checked(stores, acting.connection, signed, row), reviewer=reviewer.user)
        return _reviewed(stores, acting, row, reviewer, asked, [signed_row(signed, acting.now)])


def _reviewed(
    stores: Stores,
    acting: Acting,
    row: Mapping[str, Any],
    reviewer: Person,
    asked: Review,
    beside: Sequence[tuple[Table, dict[str, Any]]] = (),
) -> ReviewResult:
    reviewer.need_area(row["area"])
    found = standing(stores, acting.connection, row)
    known = humans(acting.connection, acting.ledger.signer)
    outcome = _judged(known, found, asked, reviewer, stores.today())
    if asked.act in (Act.APPROVE, Act.WAIVE) and not json.loads(row["record"])["synthetic"]:
        _tell_apart(known, found, asked)
    return _store(acting, found, asked, outcome, beside)


def _judged(known: Humans, found: Standing, asked: Review, reviewer: Person, today: date) -> Outcome:
    """Return what the act leads to by the rules, which count human beings: every account of one bears one name."""
    facts = replace(found.facts, trainers=frozenset(map(known.one_name, found.trainers)))
    past = [replace(each, reviewer=known.one_name(each.reviewer)) for each in found.past]
    name = known.one_name(reviewer.user)
    return judge(facts, found.state, past, replace(asked, reviewer=name), replace(reviewer, user=name), today)


def _tell_apart(known: Humans, found: Standing, asked: Review) -> None:
    """Pass if the reviewer is known to be neither a trainer nor an earlier waiver under another account."""
    others = found.trainers | {each.reviewer for each in found.past if each.act is Act.WAIVE}
    unsure = sorted(other for other in others if not known.tells_apart(asked.reviewer, other))
    if unsure:
        raise ReviewRefused(
            f"Nothing tells whether {asked.reviewer} and {unsure[0]} are two people.",
            "An administrator says who both are: `drive-panel users identify USER --staff-number NUMBER`.",
        )


def _store(
    acting: Acting,
    found: Standing,
    asked: Review,
    outcome: Outcome,
    beside: Sequence[tuple[Table, dict[str, Any]]],
) -> ReviewResult:
    run = found.row["run"]
    made = [*beside, (tables.reviews, _review_row(acting, run, asked, outcome))]
    release = found.release["release"] if found.release else None
    expires = date.fromisoformat(found.release["expires"]) if found.release else outcome.expires
    if outcome.releases and outcome.expires is not None:
        row = _release_row(acting, found, outcome.expires)
        made.append((tables.releases, row))
        release, expires = row["release"], outcome.expires
    if outcome.state is State.WITHDRAWN:
        withdrawal = {
            "release": release,
            "by": asked.reviewer,
            "reason": asked.reason,
            "at": acting.now.isoformat(),
        }
        made.append((tables.withdrawals, withdrawal))
    detail = {"state": outcome.state.value, "list_hash": found.row["list_hash"], "release": release}
    acting.enter(asked.reviewer, f"review.{asked.act.value}", run, detail, made)
    shown = None if outcome.state is State.REFUSED else expires
    return ReviewResult(run, outcome.state.value, release, shown, outcome.needs)


def _review_row(acting: Acting, run: str, asked: Review, outcome: Outcome) -> dict[str, Any]:
    last = acting.connection.execute(select(func.max(tables.reviews.c.review))).scalar()
    asks_expiry = asked.act in (Act.APPROVE, Act.WAIVE)
    expires = asked.expires or outcome.expires if asks_expiry else None
    return {
        "review": (last or 0) + 1,
        "run": run,
        "reviewer": asked.reviewer,
        "act": asked.act.value,
        "reason": asked.reason.strip(),
        "expires": expires.isoformat() if expires else None,
        "acknowledged": canonical_json(sorted(asked.acknowledged)),
        "at": acting.now.isoformat(),
    }


def _release_row(acting: Acting, found: Standing, expires: date) -> dict[str, Any]:
    at = acting.now.isoformat()
    named = digest({"run": found.row["run"], "list_hash": found.row["list_hash"], "at": at})
    return {
        "release": f"R-{named[:12]}",
        "run": found.row["run"],
        "list_hash": found.row["list_hash"],
        "released_at": at,
        "expires": expires.isoformat(),
    }
