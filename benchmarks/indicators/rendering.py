"""Formulas over folds in the words of one engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from benchmarks.indicators.terms import AskedOn, Choose, IsMissing, Number, Operation, Root, Sign, Term

E = TypeVar("E")


class Rendering(ABC, Generic[E]):
    """Turns a term into an engine's expression; what each kind of term is called there is left to subclasses."""

    def render(self, term: Term) -> E:
        """Return the expression of a term."""
        match term:
            case Number(value):
                return self.number(value)
            case Operation(sign, left, right):
                return self.operation(sign, self.render(left), self.render(right))
            case Choose(condition, value, otherwise):
                return self.choose(self.render(condition), self.render(value), self.render(otherwise))
            case IsMissing(value):
                return self.is_missing(self.render(value))
            case Root(value):
                return self.root(self.render(value))
            case AskedOn(days):
                return self.asked_on(days)
        return self.fold(term)

    @abstractmethod
    def number(self, value: float | None) -> E:
        """Return a constant; None is missing."""

    @abstractmethod
    def operation(self, sign: Sign, left: Any, right: Any) -> E:
        """Return two expressions joined."""

    @abstractmethod
    def choose(self, condition: Any, value: Any, otherwise: Any) -> E:
        """Return `value` where the condition holds, `otherwise` where it does not or is missing."""

    @abstractmethod
    def is_missing(self, value: Any) -> E:
        """Say where an expression is missing."""

    @abstractmethod
    def root(self, value: Any) -> E:
        """Return the square root."""

    @abstractmethod
    def asked_on(self, days: tuple[int, ...]) -> E:
        """Say where the date asked is one of these days."""

    @abstractmethod
    def fold(self, term: Term) -> E:
        """Return the column of a fold; 0 where a count found no row."""
