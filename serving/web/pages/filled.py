"""A short form as it was filled in, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from fastapi import Form

from serving.errors import FilingConflict, FilingRefused
from serving.web.pages.dates import day_of
from serving.whereabouts import signs

SHORT, LONG = 200, 4000
Short = Annotated[str, Form(max_length=SHORT)]
Long = Annotated[str, Form(max_length=LONG)]
READ_AGAIN = "read_again"
"""Ticked by who read words again that may tell where somebody lives or stays, and found that they do not."""
_DIGITS = 9
_OF_ONE = re.compile(r"-\d+$")


def choices(kinds: Iterable[Any]) -> list[tuple[str, str, str]]:
    """Return what may be chosen, as value, label and hint; a kind without a hint has an empty one."""
    return [(each.value, each.label, getattr(each, "hint", "")) for each in kinds]


@dataclass
class Filled:
    """What was filled in, and what is wrong with it by field; `form` says which form of the page it was.

    Attributes
    ----------
    overtaken
        What somebody else put on file in the meantime; None where nobody did.
    stands
        Where on the page that is read.
    closed
        Where the page offers the form no more once it was overtaken: the field of which it then shows all that was
        typed.
    asks_again
        Whether words may tell where somebody lives or stays, so that the form offers to say that they do not.
    """

    form: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    overtaken: FilingConflict | None = None
    stands: str = ""
    closed: str = ""
    asks_again: bool = False

    @property
    def status(self) -> int:
        """Status of the page that shows the form again: 409 where somebody was there before, else 422."""
        return 409 if self.overtaken else 422

    @property
    def typed(self) -> list[tuple[str, str]]:
        """What was filled in, by field, without what was left empty."""
        told = {name: value for name, value in self.fields.items() if value and name != READ_AGAIN}
        return [(_OF_ONE.sub("", name).replace("-", " "), str(value)) for name, value in told.items()]

    def day(self, name: str, what: str) -> date:
        """Return a date from its three parts, or note which date is wrong; then it is not used.

        Parameters
        ----------
        what
            Which date it is, in words: a form can ask for several, and its summary of errors stands far from them.
        """
        try:
            return day_of(self.fields, name)
        except ValueError:
            self.errors[f"{name}-day"] = f"Enter {what} as a real date, such as 3 6 2027"
            return date.max

    def need(self, name: str, told: str, longest: int = LONG, given: bool = True) -> str:
        """Return words as they were typed, or note that there are none or too many; nothing that was typed is lost.

        Parameters
        ----------
        given
            Whether there must be some.
        """
        words = str(self.fields.get(name, ""))
        if given and not words.strip():
            self.errors[name] = told
        if len(words) > longest:
            self.errors[name] = f"Shorten this to {longest:,} characters; it has {len(words):,}"
        return words

    def read_again(self, *names: str, instead: str = "") -> None:
        """Note what in some fields may tell where somebody lives or stays, until its writer says that it does not.

        Every form whose words can leave in a file asks this, before it acts; its route takes `READ_AGAIN` as a field.

        Parameters
        ----------
        instead
            What else can be chosen, ending in a comma.
        """
        if self.fields.get(READ_AGAIN):
            return
        found = signs(" ".join(str(self.fields.get(name, "")) for name in names))
        if found:
            self.asks_again = True
            words = ", ".join(f"“{each}”" for each in found)
            choice = f"{instead} or" if instead else "or"
            self.errors[READ_AGAIN] = (
                f"This may tell where somebody lives or stays: {words}. Take it out, {choice} say that you have "
                "read it again"
            )

    def one_of(self, name: str, kinds: Iterable[str], told: str) -> str:
        """Return which of some was chosen, or note that none was."""
        if self.fields.get(name, "") not in tuple(kinds):
            self.errors[name] = told
        return str(self.fields.get(name, ""))

    def number(self, name: str, told: str = "Enter a whole number") -> int:
        """Return a whole number, or note in the words `told` that it is none."""
        text = self.fields[name].strip()
        if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
            self.errors[name] = told
            return 0
        return int(text)

    def carry_out(self, act: Callable[[], Any], told: str, stands: str = "", *, once: bool = False) -> Any:
        """Return what an act gives; what it refuses is an error of the field `told`, and nothing typed is lost.

        Parameters
        ----------
        stands
            Where on the page is read what somebody else put on file in the meantime.
        once
            Whether the page offers the form no more then.
        """
        if self.errors:
            return None
        try:
            return act()
        except FilingRefused as refused:
            self.errors[told] = f"{refused.message} {refused.remedy}"
            if isinstance(refused, FilingConflict):
                self.overtaken, self.stands, self.closed = refused, stands, told if once else ""
            return None
