"""Which parts of which groups of one characteristic are withheld.

Of the groups that withhold a part only the sum is known, so a count can lie anywhere between what the sum leaves it and
what the others can take from it. Groups are withheld until that is wide enough for every small count, and then given
back where it is wide enough without them. Where all of them are not enough, it is not told either which groups there
are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fairness.disclosure.counted import Counts
from fairness.disclosure.divided import Divided
from fairness.disclosure.parts import HARMED, SPLITS, WHOLES, Part

Flags = npt.NDArray[np.bool_]
Hidden = dict[Part, Flags]


class Flow(NamedTuple):
    """Counts that move among themselves: which groups keep somebody, being named, and which can get anybody."""

    counts: Counts
    keeps: Flags
    gets: Flags


@dataclass(frozen=True)
class View:
    """What an outsider can subtract, and which counts must then not be told.

    Parameters
    ----------
    moves
        Shape (groups, 6): the counts that can move against each other while everything published stays as it is.
    watched
        The counts that must not be told where they are small, each of the shape of `moves`.
    most
        How many a group can have at most, as far as others know; None where nothing says so.
    apart
        Lists of some of `moves`, each of other people, of which the total is known too: the people of each move among
        themselves, and so do the others.
    """

    moves: Counts
    watched: Sequence[Counts]
    most: Counts | None = None
    apart: Sequence[Counts] = ()

    @property
    def flows(self) -> list[Flow]:
        """Return the counts that move among themselves."""
        there = [np.asarray(counts.any(axis=1)) for counts in self.apart]
        nowhere = np.zeros(len(self.moves), dtype=bool)
        rest = self.moves - sum(self.apart)
        lists = [Flow(counts, groups, groups) for counts, groups in zip(self.apart, there, strict=True)]
        return [*lists, Flow(rest, ~np.logical_or.reduce([nowhere, *there]), ~nowhere)]

    def high(self, counts: Counts, state: int) -> Counts:
        """Return how many of a state each group can have at most of those who move among themselves."""
        total = np.full(len(counts), counts[:, state].sum())
        return total if self.most is None else np.minimum(total, self.most[:, state])


@dataclass
class Single:
    """One characteristic while it is being decided on.

    Attributes
    ----------
    smallest
        Counts from 1 to one less are small.
    people
        Shape (groups, 2): people, and people with the outcome.
    unknown_totals
        Parts whose totals are withheld too: nothing has to be moved to hide them.
    named
        Whether others are told which groups there are.
    together
        Wholes in lots, of which these people are one, or which they are.
    """

    views: Sequence[View]
    people: Counts
    smallest: int
    hidden: Hidden
    unknown_totals: frozenset[Part] = frozenset()
    named: bool = True
    together: Sequence[Divided] = ()
    _primary: Hidden = field(init=False)

    def __post_init__(self) -> None:
        for part, groups in self._few().items():
            self.hidden[part] = self.hidden[part] | groups
        self._follow()
        self._primary = {part: groups.copy() for part, groups in self.hidden.items()}

    def settle(self) -> Single:
        """Withhold further groups, in the end even which there are, until no small count is told."""
        while (gap := next(self._told(), None)) is not None:
            if not self._withhold(*gap):
                self.hidden = everything(len(self.people))
                break
        # Names are too much only where the list tells by itself: what bounds a group from outside is not told there.
        told = next(self._told(self.views[:1]), None) is not None
        self.named = self.named and not told
        if self.named and self.told_together():
            self.named = False
            self.named = self.told_together()  # where they are no help, names go on being told
        if self.named:
            self._give_back()
        return self

    def told_together(self) -> bool:
        """Say whether other lists together tell a small count, whatever is withheld here."""
        return next(self._told_together(), None) is not None

    def through_total(self) -> frozenset[Part]:
        """Return a part of which the total tells a small count that is withheld, or none."""
        for part, group in self._told():
            if self._at_stake(part)[group]:
                whole = SPLITS[part][0] if part in SPLITS else part
                return frozenset({whole if self.hidden[whole][group] else part})
        return frozenset()

    def _few(self) -> Hidden:
        """Return the parts that are small themselves: the primary rule."""
        few = {part: np.zeros(len(self.people), dtype=bool) for part in Part}
        for watched in (counts for view in self.views for counts in view.watched):
            for part, (_, no, yes) in SPLITS.items():
                few[part] |= self._small(watched[:, no]) | self._small(watched[:, yes])
            for part, pairs in WHOLES.items():
                for pair in pairs:
                    few[part] |= self._small(watched[:, pair].sum(axis=1))
        of_people, of_harmed = (self._small(count) for count in self.people.T)
        few[Part.OUTCOMES] |= of_people | of_harmed
        few[Part.UNKNOWN] |= of_people
        for part in self.unknown_totals:
            few[part][:] = True
        return few

    def _follow(self) -> None:
        """Withhold how many were selected of those of whom it is not told how many there are."""
        for part, (whole, _, _) in SPLITS.items():
            self.hidden[part] = self.hidden[part] | self.hidden[whole]

    def _small(self, counts: Counts) -> Flags:
        return (counts > 0) & (counts < self.smallest)

    def _told(self, views: Sequence[View] | None = None) -> Iterator[tuple[Part, int]]:
        """Return the parts of groups in which a small count can be narrowed down too far, in any view or some."""
        for part in Part:
            if part in self.unknown_totals:
                continue
            for view in self.views if views is None else views:
                yield from ((part, int(group)) for group in np.flatnonzero(self._narrow(part, view)))
        if views is None:
            yield from self._told_together()

    def _told_together(self) -> Iterator[tuple[Part, int]]:
        for each, part in product(self.together, Part):
            yield from ((part, int(group)) for group in np.flatnonzero(self._narrow_together(part, each)))

    def _narrow_together(self, part: Part, divided: Divided) -> Flags:
        """Say of which groups a small count is told; of all where it is of a group in which nobody is here."""
        narrow = divided.narrow(part, self.hidden, self.named, self.unknown_totals, self.smallest)
        own, others = np.split(narrow, [len(self.people)])
        return np.asarray(own | others.any())

    def _narrow(self, part: Part, view: View) -> Flags:
        """Say of which groups a small count of the part is told, or nearly."""
        if part in SPLITS:
            whole, *states = SPLITS[part]
            swapped = self._swapped(part, view)
            told = (
                self._any_small(view, (state,)) & (np.maximum(swapped, self._free(whole, state, view)) < self.smallest)
                for state in states
            )
            return np.logical_or(*told)
        wide = {
            pair: sum(self._free(whole, state, view) for state in pair)
            for whole, pairs in WHOLES.items()
            for pair in pairs
        }
        out = self._small(self.people[:, 0]) & (sum(wide.values()) < self.smallest)
        for pair in WHOLES[part]:
            few = self._any_small(view, pair)
            if pair == HARMED:
                few |= self._small(self.people[:, 1])
            out |= few & (wide[pair] < self.smallest)
        return out

    def _any_small(self, view: View, states: Iterable[int]) -> Flags:
        out = np.zeros(len(self.people), dtype=bool)
        for watched in view.watched:
            out |= self._small(watched[:, tuple(states)].sum(axis=1))
        return out

    def _free(self, whole: Part, state: int, view: View) -> Counts:
        """Return how far a count can move where it is not told how many there are either."""
        if whole in self.unknown_totals:
            return np.full(len(self.people), self.smallest)
        room = np.zeros(len(self.people), dtype=np.int64)
        for counts, keeps, gets in view.flows:
            # A group that is named has somebody in it: one of its largest count.
            stays = self.named & keeps & (counts.argmax(axis=1) == state)
            low = np.minimum(counts[:, state], stays)
            room += _room(counts[:, state], self.hidden[whole], low, gets * view.high(counts, state))
        return room

    def _swapped(self, part: Part, view: View) -> Counts:
        """Return how far a count can move where it is told how many there are, but not how many were selected."""
        _, no, yes = SPLITS[part]
        room = np.zeros(len(self.people), dtype=np.int64)
        for counts, _, _ in view.flows:
            there = counts[:, (no, yes)].sum(axis=1)
            low, high = np.zeros_like(there), there
            if view.most is not None:
                low, high = np.maximum(0, there - view.most[:, no]), np.minimum(there, view.most[:, yes])
            room += _room(counts[:, yes], self.hidden[part], low, high)
        return room

    def _withhold(self, part: Part, group: int) -> bool:
        """Withhold one part of one more group for the sake of `group`; False where nothing is left to withhold."""
        rest = np.flatnonzero(~self.hidden[part])
        if not rest.size and part in SPLITS:
            part = SPLITS[part][0]
            rest = np.flatnonzero(~self.hidden[part])
            if not self.hidden[part][group]:
                rest = np.array([group])
        if not rest.size:
            return False
        self.hidden[part] = self.hidden[part].copy()
        self.hidden[part][min(rest, key=lambda each: self._cost(part, int(each), group))] = True
        self._follow()
        return True

    def _cost(self, part: Part, group: int, sake: int) -> tuple[bool, int, int]:
        """Prefer the smallest group that is enough by itself; where none is, the largest."""
        lost = int(self._at_stake(part)[group])
        tried = {**self.hidden, part: self.hidden[part].copy()}
        tried[part][group] = True
        before, self.hidden = self.hidden, tried
        self._follow()
        enough = not any(self._narrow(part, view)[sake] for view in self.views)
        enough = enough and not any(self._narrow_together(part, each)[sake] for each in self.together)
        self.hidden = before
        return not enough, lost if enough else -lost, group

    def _at_stake(self, part: Part) -> Counts:
        states = SPLITS[part][1:] if part in SPLITS else [state for pair in WHOLES[part] for state in pair]
        return np.asarray(self.views[0].moves[:, list(states)].sum(axis=1))

    def _give_back(self) -> None:
        """Show again, the largest first, what turned out not to be needed."""
        for part in (*WHOLES, *SPLITS):
            spare = np.flatnonzero(self.hidden[part] & ~self._primary[part])
            for group in spare[np.argsort(-self._at_stake(part)[spare], kind="stable")]:
                before = {each: groups.copy() for each, groups in self.hidden.items()}
                self.hidden[part][group] = False
                self._follow()
                if next(self._told(), None) is not None:
                    self.hidden = before


def nothing(groups: int) -> Hidden:
    """Return that nothing is withheld of so many groups."""
    return {part: np.zeros(groups, dtype=bool) for part in Part}


def everything(groups: int) -> Hidden:
    """Return that everything is withheld of so many groups."""
    return {part: np.ones(groups, dtype=bool) for part in Part}


def small_totals(views: Sequence[View], smallest: int) -> frozenset[Part]:
    """Return the parts whose totals over all groups are small, so that they are withheld of everybody."""
    few: set[Part] = set()
    for watched in (counts for view in views for counts in view.watched):
        total = watched.sum(axis=0)
        sums: Mapping[Part, Iterable[int]] = {
            **{part: (total[no], total[yes]) for part, (_, no, yes) in SPLITS.items()},
            **{part: (total[list(pair)].sum() for pair in pairs) for part, pairs in WHOLES.items()},
        }
        few |= {part for part, counts in sums.items() if any(0 < count < smallest for count in counts)}
    return with_splits(few)


def with_splits(parts: Iterable[Part]) -> frozenset[Part]:
    """Return the parts and every split of one of them."""
    few = frozenset(parts)
    return few | {part for part, (whole, _, _) in SPLITS.items() if whole in few}


def _room(counts: Counts, hidden: Flags, low: Counts, high: Counts) -> Counts:
    """Return how far each withheld count can move while their sum stays, none below `low` or above `high`."""
    total = counts[hidden].sum()
    least = np.maximum(low, total - (high[hidden].sum() - high))
    most = np.minimum(high, total - (low[hidden].sum() - low))
    return np.where(hidden, most - least, 0)
