"""Questions of a paper with their answers, and where each answer comes from.

An answer comes from the run, from ``governance.yaml``, or from how the software is made. Where nobody gave one it is
missing, and says who gives it and where; nothing is ever filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fairness.papers.governance import APPROVALS, ASKED, Approval, Asked, Governance

RUN, SOFTWARE, FILE = "this run", "how drive-panel is made", "governance.yaml"
_WHO = {asked.path: asked for asked in ASKED}


@dataclass(frozen=True)
class Entry:
    """One question.

    Parameters
    ----------
    number
        Its number in the paper's own scheme.
    answers
        Paragraphs; none where it is missing.
    source
        Where the answer comes from, or would.
    missing
        Who gives the missing answer, and where; empty where it is there.
    """

    number: str
    question: str
    answers: tuple[str, ...]
    source: str
    missing: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as plain JSON values."""
        return {
            "number": self.number,
            "question": self.question,
            "answers": list(self.answers),
            "source": self.source,
            "missing": self.missing,
        }


def made(number: str, question: str, *answers: str) -> Entry:
    """Answer from how the software is made: true of every run."""
    return Entry(number, question, answers, SOFTWARE)


def seen(number: str, question: str, *answers: str | None, otherwise: str = "") -> Entry:
    """Answer from the run; what it does not hold is missing, and `otherwise` says who makes it."""
    told = tuple(answer for answer in answers if answer)
    return Entry(number, question, told, RUN, "" if told else otherwise or "The run does not hold it.")


def said(governance: Governance, number: str, question: str, path: str, needed: Asked | None = None) -> Entry:
    """Answer from the governance file; `needed` says who gives what the paper needs, though no release waits for it."""
    text = governance.says(path)
    source = f"{FILE}: {path}"
    if text is not None:
        return Entry(number, question, (text,), source)
    asked = needed or _WHO.get(path)
    if asked is None:
        return Entry(number, question, ("Not stated; nothing requires it.",), source)
    return Entry(number, question, (), source, f"{_capital(asked.who)} writes it into {FILE} as {path}: {asked.what}.")


def approved(governance: Governance, number: str, question: str, name: str) -> Entry:
    """Answer with an approval: what, by whom, when, until when."""
    approval: Approval = getattr(governance.approvals, name)
    who, what = APPROVALS[name]
    source = f"{FILE}: approvals.{name}"
    if approval.reference is None or approval.by is None or approval.dated is None:
        return Entry(
            number, question, (), source, f"{_capital(who)} writes the {what} into {FILE} as approvals.{name}."
        )
    until = f", until {approval.expires}" if approval.expires else ", without a last day"
    link = (f"It is at {approval.link}.",) if approval.link else ()
    return Entry(
        number, question, (f"{approval.reference}, by {approval.by} on {approval.dated}{until}.", *link), source
    )


def part(name: str, title: str, entries: Sequence[Entry]) -> dict[str, Any]:
    """Return one part of a paper as plain values."""
    return {"id": name, "title": title, "entries": [entry.to_dict() for entry in entries]}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
