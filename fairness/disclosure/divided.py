"""A whole that left and lists of different people inside it, held together: what each list tells of the others.

Whoever has the whole and all its lists but one has the last. So people are taken apart into lots: those of each list,
and those who are on none. While everything published stays as it is, two lots exchange people of the groups that both
withhold, and a lot moves people between groups that the whole withholds too. A small count is safe where it can change
enough so, whichever lots are subtracted from the whole: of a group, lots that exchange enough are taken as one, and
none may have few then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairness.disclosure.counted import Counts
from fairness.disclosure.parts import SPLITS, WHOLES, Part

Flags = npt.NDArray[np.bool_]
Hidden = dict[Part, Flags]


@dataclass(frozen=True)
class Lot:
    """The people of one list, or those of the whole whom no list names, and what is told of one characteristic.

    Attributes
    ----------
    counts
        Shape (groups, 6).
    hidden
        Of which groups a part is withheld.
    named
        Whether it is told that somebody is in each group that has somebody.
    loose
        The parts of which the total is withheld.
    listed
        False of those who are on no list.
    """

    counts: Counts
    hidden: Hidden
    named: bool
    loose: frozenset[Part]
    listed: bool = True

    @property
    def stays(self) -> Counts:
        """Shape (groups, 6): one in the largest count of each group that is named."""
        one = np.zeros_like(self.counts)
        if self.named:
            one[np.arange(len(one)), self.counts.argmax(axis=1)] = 1
        return np.minimum(one, self.counts)


@dataclass(frozen=True)
class Divided:
    """A whole in lots, seen from one of its lists, or from itself, of which it is being decided what it withholds.

    Attributes
    ----------
    lots
        The other lists, and whoever is left.
    whole
        What is told of the whole; None if the whole is being decided on.
    own
        The counts of what is being decided on. Its groups are the first of those of the lots.
    """

    lots: Sequence[Lot]
    whole: Lot | None
    own: Counts

    @property
    def loose(self) -> bool:
        """Whether the total of another list, or of the whole, is not told in full."""
        told = (lot.loose for lot in (*self.lots, self.whole) if lot is not None and lot.listed)
        return any(told)

    def narrow(self, part: Part, hidden: Hidden, named: bool, loose: frozenset[Part], smallest: int) -> Flags:
        """Say of which groups a small count of the part is told, or nearly, if `hidden` of its own are withheld."""
        there = np.asarray(self.own.any(axis=1))
        of_its_own = {each: np.pad(flags, (0, len(there) - len(flags))) & there for each, flags in hidden.items()}
        return self._with(Lot(self.own, of_its_own, named, loose)).narrow(part, smallest)

    def totals_told(self, loose: frozenset[Part], smallest: int) -> frozenset[Part]:
        """Return the parts of which a total would tell a small one of other lots."""
        parts = self._with(Lot(self.own, everywhere(self.own), False, loose)).in_total()
        return frozenset(part for part in Part if part not in loose and parts.narrow(part, smallest).any())

    def _with(self, own: Lot) -> _Lots:
        return _Lots(self.lots, own) if self.whole is None else _Lots([*self.lots, own], self.whole)


@dataclass(frozen=True)
class _Lots:
    """Lots, and the whole that they are."""

    lots: Sequence[Lot]
    whole: Lot

    def narrow(self, part: Part, smallest: int) -> Flags:
        """Say of which groups the lots that exchange enough are few together."""
        counts = np.array([lot.counts for lot in self.lots])
        out = np.zeros(counts.shape[1], dtype=bool)
        if part in SPLITS:
            of, *states = SPLITS[part]
            swapped = (self._exchanged_split(part) >= smallest) | self._all_exchange_split(part, smallest)
            for state in states:
                joined = swapped | (self._exchanged(of, state) >= smallest) | self._all_exchange(of, state, smallest)
                moved = np.maximum(np.add(*self._moved_split(part)), np.add(*self._moved(of, state)))
                out |= _few_together(counts[:, :, state], joined, moved, smallest)
            return out
        for pair in WHOLES[part]:
            joined = np.sum([self._exchanged(part, state) for state in pair], axis=0) >= smallest
            joined |= np.logical_or(*(self._all_exchange(part, state, smallest) for state in pair))
            moved = np.sum([np.add(*self._moved(part, state)) for state in pair], axis=0)
            out |= _few_together(counts[:, :, pair].sum(axis=2), joined, moved, smallest)
        return out

    def in_total(self) -> _Lots:
        """Return the same of all groups together."""
        return _Lots([_total(lot) for lot in self.lots], _total(self.whole))

    def _hidden(self, part: Part) -> Flags:
        return np.array([lot.hidden[part] for lot in self.lots])

    def _loose(self, part: Part) -> Flags:
        return np.array([part in lot.loose for lot in self.lots])

    def _exchanged(self, part: Part, state: int) -> Counts:
        """Shape (lots, lots, groups): how far a count of one can change against another's, sizes being withheld."""
        both, loose = _both(self._hidden(part)), _both(self._loose(part))
        spare = np.array([(lot.counts - lot.stays)[:, state] for lot in self.lots])[:, None] * both
        return np.add(*_moves(spare, spare.transpose(1, 0, 2), loose))

    def _exchanged_split(self, part: Part) -> Counts:
        """Return the same where each group's size is told, but not how many of it were selected."""
        _, no, yes = SPLITS[part]
        both, loose = _both(self._hidden(part)), _both(self._loose(part))
        counts = np.array([lot.counts for lot in self.lots])
        down = np.minimum(counts[:, None, :, yes], counts[None, :, :, no]) * both
        return np.add(*_moves(down, down.transpose(1, 0, 2), loose))

    def _all_exchange(self, part: Part, state: int, smallest: int) -> Flags:
        """Say which lots any of them together exchange enough with all the others, sizes being withheld.

        Where each has `smallest` elsewhere, in groups that all withhold, they can take from or give to each other
        whatever they have of a group; so any of them can have up to what all have. Where each has some more, all can
        first gain as many, as the whole withholds the group too.
        """
        hidden, (gain, _) = self._hidden(part), self._moved(part, state)
        spare = np.array([(lot.counts - lot.stays)[:, state] for lot in self.lots])
        elsewhere = spare @ _elsewhere(hidden, hidden).T
        out = np.zeros((len(spare), *spare.shape), dtype=bool)
        for more in _some_more(smallest):
            among = hidden & (elsewhere >= smallest + more)
            out |= _both(among & _has(spare, gain, among, smallest, more))
        return out

    def _all_exchange_split(self, part: Part, smallest: int) -> Flags:
        """Say the same where each group's size is told, but not how many of it were selected.

        Elsewhere each two have to be able to exchange as many either way: every one of them exchanged anywhere takes
        one at most from what two can. In the group each has as many of one state, and all together some of the other.
        """
        _, no, yes = SPLITS[part]
        hidden, counts = self._hidden(part), np.array([lot.counts for lot in self.lots])
        there = np.minimum(counts[:, None, :, yes], counts[None, :, :, no])
        out = np.zeros(there.shape, dtype=bool)
        for many, few, gain in zip((no, yes), (yes, no), self._moved_split(part), strict=True):
            for more in _some_more(smallest):
                among = hidden & (counts[:, :, many] >= smallest + more)
                elsewhere = _elsewhere(hidden, among).astype(np.int64)
                enough = np.einsum("ijh,gh->ijg", there, elsewhere) >= smallest + more
                among &= np.einsum("iig->ig", enough)
                mutual = enough & enough.transpose(1, 0, 2)
                among &= (mutual | ~among[None]).all(axis=1)
                out |= _both(among & _has(counts[:, :, few], gain, among, smallest, more))
        return out

    def _moved(self, part: Part, state: int) -> tuple[Counts, Counts]:
        """Shapes (lots, groups): how far a count can rise and fall within its lot, as the whole withholds it too."""
        both, loose = self._hidden(part) & self.whole.hidden[part], self._loose(part) & (part in self.whole.loose)
        stays = self.whole.stays
        spare = np.array([(lot.counts - np.minimum(lot.counts, lot.stays | stays))[:, state] for lot in self.lots])
        others = both.sum(axis=1, keepdims=True) > 1
        endless = np.full_like(spare, spare.sum() + 1)
        return _moves(spare * both, endless * (both & (others | loose[:, None])), loose)

    def _moved_split(self, part: Part) -> tuple[Counts, Counts]:
        """Return how far the selected of a group can rise and fall so."""
        _, no, yes = SPLITS[part]
        both, loose = self._hidden(part) & self.whole.hidden[part], self._loose(part) & (part in self.whole.loose)
        counts = np.array([lot.counts for lot in self.lots])
        return _moves(counts[:, :, yes] * both, counts[:, :, no] * both, loose)


def everywhere(counts: Counts) -> Hidden:
    """Return that every part is withheld of every group that has somebody."""
    return dict.fromkeys(Part, np.asarray(counts.any(axis=1)))


def _total(lot: Lot) -> Lot:
    total = lot.counts.sum(axis=0, keepdims=True)
    return Lot(total, {part: np.array([part in lot.loose]) for part in Part}, False, lot.loose)


def _both(each: Flags) -> Flags:
    return np.asarray(each[:, None] & each[None])


def _moves(down: Counts, up: Counts, loose: Flags) -> tuple[Counts, Counts]:
    """Return how far each count can rise and fall, if together they keep their sum or, where `loose`, need not."""
    rise = np.minimum(up, down.sum(axis=-1, keepdims=True) - down)
    fall = np.minimum(down, up.sum(axis=-1, keepdims=True) - up)
    return np.where(loose[..., None], up, rise), np.where(loose[..., None], down, fall)


def _some_more(smallest: int) -> tuple[int, ...]:
    return 0, smallest // 2, smallest


def _has(counts: Counts, gain: Counts, among: Flags, smallest: int, more: int) -> Flags:
    """Say of which groups lots have `smallest` together, if they gain so many more at most."""
    there, gained = ((each * among).sum(axis=0) for each in (counts, gain))
    return np.asarray(there + np.minimum(gained, more) >= smallest)


def _elsewhere(hidden: Flags, among: Flags) -> Flags:
    """Shape (groups, groups): of each group, which others do all withhold that are `among` those who matter to it."""
    out = ~(among.T.astype(np.int64) @ ~hidden).astype(bool)
    np.fill_diagonal(out, val=False)
    return np.asarray(out)


def _few_together(counts: Counts, joined: Flags, moved: Counts, smallest: int) -> Flags:
    """Say of which groups lots, those that exchange enough taken as one, have few that are not moved either.

    Parameters
    ----------
    counts, moved
        Shape (lots, groups).
    joined
        Shape (lots, lots, groups): which two exchange enough.
    """
    reached = joined.transpose(2, 0, 1) | np.eye(len(counts), dtype=bool)
    for _ in range(len(counts).bit_length()):
        reached = reached @ reached
    of_piece, moved_in_piece = (np.einsum("gij,jg->gi", reached, each) for each in (counts, moved))
    few = (of_piece > 0) & (of_piece < smallest) & (moved_in_piece < smallest)
    return np.asarray(few.any(axis=1))
