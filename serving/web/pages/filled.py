"""A short form as it was filled in, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from fastapi import Form

from serving.errors import FilingConflict, FilingRefused
from serving.web.pages.dates import day_of

Short = Annotated[str, Form(max_length=200)]
Long = Annotated[str, Form(max_length=4000)]
_DIGITS = 9


@dataclass
class Filled:
    """What was filled in, and what is wrong with it by field; `form` says which form of the page it was."""

    form: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def day(self, name: str) -> date:
        """Return a date from its three parts, or note what is wrong; then it is not used."""
        try:
            return day_of(self.fields, name)
        except ValueError:
            self.errors[f"{name}-day"] = "Enter a real date, such as 3 6 2027"
            return date.max

    def number(self, name: str) -> int:
        """Return a whole number, or note that it is none."""
        text = self.fields[name].strip()
        if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
            self.errors[name] = "Enter a whole number"
            return 0
        return int(text)

    def carry_out(self, act: Callable[[], Any], told: str) -> Any:
        """Return what an act gives; what it refuses is an error of the field `told`."""
        if self.errors:
            return None
        try:
            return act()
        except FilingConflict:
            raise
        except FilingRefused as refused:
            self.errors[told] = f"{refused.message} {refused.remedy}"
            return None
