"""Pairs of records of which people are asked whether they are one person's, and what they answer.

The batch side puts the pairs there, sealed, and takes them out again; nobody changes one. A pair bears a name that only
this service can make of its two records, so that an answer names no record. Answers are acts on file. What they come
to is read back by the next linkage: saying that two records are one person's takes two people, and so does taking
apart what stands together; that two records which stand apart stay apart takes one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select

from serving.access.accounts.one_person import humans
from serving.access.humans import Humans
from serving.documents import Document
from serving.filing import Filed, found_in
from serving.ledger import Entry
from serving.ledger.access import DECLARED, LIFTED
from serving.storage.stores import Stores
from serving.storage.tables import record_pairs as table

ANSWERED = "link_answer"
KNOWN = "L-known"
"""What the entry of a recusal is about: the same for every pair, so that no entry joins a person with a pair."""
PUBLISHED, READ, SUBJECT = "links.published", "links.read", "links"
_PAIR, _NAME = "L-", 16  # how a pair's name begins, and characters that follow


class Answer(StrEnum):
    """What a reviewer says of two records."""

    SAME = "same"
    DIFFERENT = "different"
    CANNOT_TELL = "cannot_tell"
    KNOWS = "knows"

    @property
    def is_said(self) -> bool:
        """Whether it says anything of the records: who knows one of them answers nothing."""
        return self is not Answer.KNOWS

    @property
    def label(self) -> str:
        """The answer in words."""
        return _LABELS[self]


_LABELS = {
    Answer.SAME: "The same person",
    Answer.DIFFERENT: "Different people",
    Answer.CANNOT_TELL: "Cannot tell",
    Answer.KNOWS: "I know one of them, so I do not answer",
}


class Outcome(StrEnum):
    """What the answers to a pair come to."""

    OPEN = "open"
    SECOND = "waits for a second reviewer"
    SAME = "the same person"
    DIFFERENT = "different people"
    DISAGREED = "reviewers disagree"

    @property
    def is_settled(self) -> bool:
        """Whether the next linkage reads it back."""
        return self in (Outcome.SAME, Outcome.DIFFERENT)


@dataclass(frozen=True)
class RecordPair:
    """Two records as they were put up for review.

    Parameters
    ----------
    pair
        Its name.
    person_l, person_r
        Pseudonyms of the persons under whom the records stand; one and the same where they are linked.
    content
        record_l, record_r, areas, why, rows, probability, weight, start, bar, impact, synthetic.
    """

    pair: str
    round: int
    person_l: str
    person_r: str
    content: Document

    @property
    def together(self) -> bool:
        """Whether the records stand under one person now."""
        return self.person_l == self.person_r

    @property
    def areas(self) -> frozenset[str]:
        """Where the records have an address or are in an incident."""
        return frozenset(self.content["areas"])


@dataclass(frozen=True)
class Settled:
    """What reviewers agreed on, to be read back by the next linkage."""

    pair: RecordPair
    outcome: Outcome
    answers: tuple[Filed, ...]

    @property
    def number(self) -> int:
        """Number of the newest answer that counts."""
        return max(each.number for each in self.answers)


def outcome_of(
    answers: Mapping[str, Answer], together: bool, are_two: Callable[[str, str], bool] = lambda one, other: True
) -> Outcome:
    """Return what answers come to.

    Parameters
    ----------
    answers
        The newest answer of each human being.
    together
        Whether the records stand under one person now.
    are_two
        Says whether two names are known to be of two people.
    """
    same, different = (
        sorted(name for name, answer in answers.items() if answer is wanted)
        for wanted in (Answer.SAME, Answer.DIFFERENT)
    )
    if same and different:
        return Outcome.DISAGREED
    said, outcome = (same, Outcome.SAME) if same else (different, Outcome.DIFFERENT)
    if not said:
        return Outcome.OPEN
    by_two = any(are_two(one, other) for one, other in combinations(said, 2))
    return outcome if by_two or (outcome is Outcome.DIFFERENT and not together) else Outcome.SECOND


class Answers:
    """The answers that count: for each pair the newest of each human being since linkage last read one back."""

    def __init__(self, stores: Stores, connection: Connection) -> None:
        self._known: Humans = humans(connection, stores.ledger.signer)
        read: dict[str, int] = {}
        for entry in stores.ledger.genuine(connection, SUBJECT, [READ]):
            read |= entry.content["answers"]
        self._newest: dict[str, dict[str, Filed]] = {}
        for each in found_in(connection, stores.ledger, [ANSWERED]):
            if each.number > read.get(each.subject, 0):
                self._newest.setdefault(each.subject, {})[self.human(each.by)] = each

    def human(self, user: str) -> str:
        """Return the one name of whoever holds an account."""
        return self._known.one_name(user)

    def of(self, pair: RecordPair) -> dict[str, Filed]:
        """Return the answers to a pair by human being."""
        return self._newest.get(pair.pair, {})

    def outcome(self, pair: RecordPair) -> Outcome:
        """Return what the answers to a pair come to; of real people two count where their givers are told apart."""
        answers = self.of(pair)

        def are_two(one: str, other: str) -> bool:
            return bool(pair.content["synthetic"]) or self._known.tells_apart(answers[one].by, answers[other].by)

        return outcome_of(
            {name: Answer(each.document["answer"]) for name, each in answers.items()}, pair.together, are_two
        )


def publish(stores: Stores, contents: Sequence[tuple[Mapping[str, Any], str, str]]) -> int:
    """Put pairs up for review in place of those before, and return how many there are; the same ones again do nothing.

    A pair that reviewers settled while linkage ran stays until it is read back.

    Parameters
    ----------
    contents
        What is told of each pair (see `RecordPair.content`), and the pseudonyms of its two persons.
    """
    signer = stores.ledger.signer
    told = signer.prove("links", {"pairs": [list(each) for each in contents]})
    with stores.acting() as acting:
        newest = _newest(stores, acting.connection)
        rows = acting.connection.execute(select(func.count()).select_from(table)).scalar_one()
        if newest is not None and newest["content"] == told and rows >= len(contents):
            return len(contents)
        kept = {each.pair.pair for each in _settled(stores, acting.connection)}
        acting.connection.execute(delete(table).where(table.c.pair.not_in(kept)))
        number = 1 + (newest["round"] if newest else 0)
        for content, left, right in contents:
            name = name_of(stores, content["record_l"], content["record_r"])
            sealed = stores.seal.close(_group(number), name, {**content, "persons": [left, right]})
            row = {"round": number, "pair": name, "person_l": left, "person_r": right, "sealed": sealed}
            acting.connection.execute(insert(table).values(**row))
        acting.enter("batch", PUBLISHED, SUBJECT, {"round": number, "pairs": len(contents), "content": told})
    return len(contents)


def name_of(stores: Stores, record_l: str, record_r: str) -> str:
    """Return the name of a pair, from which nobody without the key finds its records."""
    left, right = sorted((record_l, record_r))
    return f"{_PAIR}{stores.ledger.signer.prove('record pair', {'l': left, 'r': right})[:_NAME]}"


def is_pair(subject: str) -> bool:
    """Say whether what an entry is about is a pair."""
    return subject.startswith(_PAIR)


def is_of_pair(entry: Entry) -> bool:
    """Say whether an entry tells that somebody knows one of two people whose records were put up, or no longer."""
    return entry.action in (DECLARED, LIFTED) and any(map(is_pair, (entry.subject, entry.content.get("run", ""))))


def open_pairs(stores: Stores, connection: Connection) -> list[RecordPair]:
    """Return the pairs of the newest round, as the batch side put them up."""
    newest = _newest(stores, connection)
    return [each for each in _all(stores, connection) if newest and each.round == newest["round"]]


def settled(stores: Stores) -> list[Settled]:
    """Return what reviewers agreed on and no linkage has read back."""
    with stores.panel.read() as connection:
        return _settled(stores, connection)


def note_read(stores: Stores, found: Iterable[Settled]) -> None:
    """Enter that linkage read answers back: they are done with, and a pair that comes up again is asked anew."""
    answers = {each.pair.pair: each.number for each in found}
    if answers:
        with stores.acting() as acting:
            acting.enter("batch", READ, SUBJECT, {"answers": answers})


def forget_pairs(connection: Connection, person: str) -> int:
    """Remove the pairs of somebody who is erased, and return how many."""
    theirs = or_(table.c.person_l == person, table.c.person_r == person)
    return connection.execute(delete(table).where(theirs)).rowcount


def _settled(stores: Stores, connection: Connection) -> list[Settled]:
    answers = Answers(stores, connection)
    newest = {each.pair: each for each in _all(stores, connection)}  # of one pair in two rounds the newer row counts
    found = [(each, answers.outcome(each)) for each in newest.values()]
    return [Settled(each, outcome, tuple(answers.of(each).values())) for each, outcome in found if outcome.is_settled]


def _all(stores: Stores, connection: Connection) -> list[RecordPair]:
    """Return every pair that is there, by round and as they were put up; a row that was swapped raises `StoreError`."""
    rows = connection.execute(select(table).order_by(table.c.round)).mappings().all()
    found = [_opened(stores, row) for row in rows]
    return sorted((each for each in found if each), key=lambda each: (each.round, each.content["position"]))


def _opened(stores: Stores, row: Mapping[Any, Any]) -> RecordPair | None:
    content = stores.seal.open(_group(row["round"]), row["pair"], row["sealed"])
    if content["persons"] != [row["person_l"], row["person_r"]]:
        return None  # whom it is about decides who may see it: SQL changed that
    return RecordPair(row["pair"], row["round"], row["person_l"], row["person_r"], content)


def _newest(stores: Stores, connection: Connection) -> Mapping[str, Any] | None:
    entries = stores.ledger.genuine(connection, SUBJECT, [PUBLISHED])
    return entries[-1].content if entries else None


def _group(number: int) -> str:
    return f"links {number}"
