"""Links of records as one reviewer may see them: in their areas, about nobody whose case is closed to them.

A reviewer answers before they read what others answered. Whoever reviews links sees no list: they cannot know whose
place an answer moves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from serving.access.cases import CLOSING, likeness
from serving.access.viewing import Viewing
from serving.errors import FilingConflict, FilingRefused, NotFound
from serving.filing import Draft, Filed, file, filed
from serving.ledger.access import DECLARED
from serving.links import ANSWERED, KNOWN, Answer, Answers, Outcome, RecordPair, open_pairs
from serving.panel.requests import LINK
from serving.people import Permission
from serving.repeats import done_before

_OF_ALL = "*"
_OTHERS = "whom they appear with"


@dataclass(frozen=True)
class Review:
    """A pair with how far its review is.

    Parameters
    ----------
    mine
        The reviewer's own answer that counts, under whatever account; None where there is none.
    others
        The answers of others, once the reviewer gave their own; empty before.
    answered
        How many people answered.
    """

    pair: RecordPair
    outcome: Outcome
    mine: Filed | None
    others: tuple[Filed, ...]
    answered: int


def reviews(seen: Viewing) -> list[Review]:
    """Return the pairs to review, those that wait for the reader first."""
    seen.person.need(Permission.REVIEW_LINKS)
    with seen.stores.panel.read() as connection:
        answers = Answers(seen.stores, connection)
    found = [_review(seen, answers, each) for each in open_to(seen)]
    return sorted(found, key=lambda each: (each.outcome.is_settled, each.mine is not None))


def open_to(seen: Viewing) -> list[RecordPair]:
    """Return the pairs up for review that are for the reader's eyes."""
    with seen.stores.panel.read() as connection:
        pairs = open_pairs(seen.stores, connection)
    return [each for each in pairs if _is_open(seen, each)]


def review_of(seen: Viewing, pair: str) -> Review:
    """Return one pair; raises `NotFound` where it is not there or not for the reader, in the same words."""
    for each in reviews(seen):
        if each.pair.pair == pair:
            return each
    raise NotFound("There is no such pair of records to review.", "Go back to the record links.")


def shown(pair: RecordPair) -> list[list[object]]:
    """Return the lines of two records side by side; other people in their incidents are compared and never shown."""
    return [[row[0], "", "", *row[3:]] if row[0] == _OTHERS else list(row) for row in pair.content["rows"]]


def answer(seen: Viewing, pair: str, said: str, reason: str, number: int) -> int:
    """Say whether two records are one person's, and return the answer's number.

    Who says that they know one of them answers nothing: their answer so far is taken back, and every pair and case of
    these people is closed to them, under whatever account, until an administrator lifts it.

    Parameters
    ----------
    number
        The round of what was read: records that were linked anew since are read again.

    Raises
    ------
    NotPermitted, NotFound, FilingRefused, FilingConflict
    """
    found = review_of(seen, pair)
    if said not in tuple(Answer):
        raise FilingRefused("There is no such answer.", "Choose one of these.")
    if found.pair.round != number:
        raise FilingConflict("The records were linked anew in the meantime.", "Read the pair again, then answer.")
    if said == Answer.KNOWS:
        return _recuse(seen, found.pair)
    if not reason.strip():
        raise FilingRefused("An answer needs a reason.", "Say what decides it; name nobody.")
    if found.outcome.is_settled and found.mine is None:
        raise FilingConflict(
            f"Others settled this in the meantime: {found.outcome}.", "The next linkage reads it back."
        )
    return seen.file(seen.person, _draft(seen, found.pair, said, reason))


def _draft(seen: Viewing, pair: RecordPair, said: str, reason: str = "") -> Draft:
    area = min(pair.areas) if len(pair.areas) == 1 else _OF_ALL
    if area == _OF_ALL and _OF_ALL not in seen.person.areas:
        area = min(pair.areas)
    document = {"answer": said, "reason": reason.strip(), "together": pair.together}
    return Draft(ANSWERED, pair.pair, area, document, told={"answer": said})


def _recuse(seen: Viewing, pair: RecordPair) -> int:
    """Take back what the reviewer answered, and close to them every pair and case of the pair's people."""
    with seen.stores.acting() as acting:
        if done_before(acting, seen.sent):
            return 0
        number = file(acting, seen.person, _draft(seen, pair, Answer.KNOWS))
        for person in sorted({pair.person_l, pair.person_r}):
            acting.enter(seen.person.user, DECLARED, KNOWN, {"person": person})
    return number


def challenges(seen: Viewing) -> list[Filed]:
    """Return the challenges to links that nobody has answered, oldest first."""
    seen.person.need(Permission.REVIEW_LINKS)
    return [each for each in _challenges(seen) if each.current and not each.document["outcome"]]


def _challenges(seen: Viewing) -> list[Filed]:
    """Return every challenge to links as it was made and as it was answered, as far as it is for the reader's eyes."""
    found = filed(seen.stores, [LINK])
    return [each for each in found if seen.person.covers(each.area) and not seen.closed.shuts(each.person)]


def close_challenge(seen: Viewing, number: int, outcome: str) -> None:
    """Say what came of a challenge, which the panel reads on the case.

    Raises
    ------
    NotPermitted, NotFound, FilingRefused, FilingConflict
    """
    seen.person.need(Permission.REVIEW_LINKS)
    made = _challenges(seen)
    found = next((each for each in made if each.number == number), None)
    if found is None:
        raise NotFound("There is no such challenge.", "Go back to the record links.")
    answered = next((each for each in made if each.replaces == number), None)
    if answered and not seen.is_done():
        said = answered.document["outcome"]
        raise FilingConflict("This challenge is answered already.", f"It says: {said}", answered.by, answered.at)
    if not outcome.strip():
        raise FilingRefused("Say what came of it.", "The panel reads it; name nobody.")
    draft = Draft(found.kind, found.subject, found.area, found.document, found.person, found.agency)
    told = {"outcome": outcome.strip(), "challenged_by": found.by, "challenged_at": found.at}
    document = {**found.document, **told}
    seen.file(seen.person, replace(draft, document=document, replaces=number))


def _is_open(seen: Viewing, pair: RecordPair) -> bool:
    """Say whether a pair is for the reader's eyes."""
    if any(map(seen.closed.shuts, (pair.person_l, pair.person_r))):
        return False
    if _OF_ALL not in seen.person.areas and not (pair.areas and pair.areas <= seen.person.areas):
        return False
    if seen.made_up_only and not pair.content["synthetic"]:
        return False
    return not any(likeness(seen.own, side) in CLOSING for side in _sides(pair))


def _sides(pair: RecordPair) -> list[dict[str, object]]:
    """Return each record as `likeness` compares identities."""
    names = {"given name": "given_name", "family name": "family_name", "date of birth": "date_of_birth"}
    sides: list[dict[str, object]] = []
    for place in (1, 2):
        said = {row[0]: row[place] for row in pair.content["rows"]}
        known: dict[str, object] = {ours: said.get(theirs, "") for theirs, ours in names.items()}
        sides.append(known | {"addresses": [each for each in said.get("postcode", "").split(", ") if each]})
    return sides


def _review(seen: Viewing, answers: Answers, pair: RecordPair) -> Review:
    given = answers.of(pair)
    me = answers.human(seen.person.user)
    said = {name: each for name, each in given.items() if Answer(each.document["answer"]).is_said}
    others = tuple(each for name, each in said.items() if name != me)
    return Review(pair, answers.outcome(pair), said.get(me), others if me in said else (), len(said))
