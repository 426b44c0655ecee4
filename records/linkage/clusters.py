"""From links to persons: the strongest links first, and never two people who cannot be one under one key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from records.linkage.agreement import Name, all_agree, births_agree, names_consistent

Pair = tuple[str, str]


@dataclass(frozen=True)
class Described:
    """What of a record can contradict another: missing values are empty, a name that few records have is a slip."""

    birth: str = ""
    pnc: str = ""
    name: Name | None = None


@dataclass(frozen=True)
class Link:
    """Two records that are taken to be one person; `clerical` where a person said so."""

    left: str
    right: str
    weight: float
    probability: float
    how: str

    @property
    def pair(self) -> Pair:
        """The two records in order."""
        return (self.left, self.right) if self.left < self.right else (self.right, self.left)


@dataclass
class Group:
    """The records taken together so far and what they say."""

    records: list[str]
    births: set[str]
    pncs: set[str]
    names: set[Name]
    links: list[Link] = field(default_factory=list)
    unquestioned: bool = False

    @classmethod
    def of(cls, record: str, described: Described) -> Group:
        """Return the group of one record."""
        return cls(
            [record],
            {described.birth} - {""},
            {described.pnc} - {""},
            {described.name} if described.name is not None and described.name.in_use else set(),
        )

    def agrees(self, other: Group) -> bool:
        """Say whether the two can be one person by PNC id, date of birth and given names."""
        births, pncs, names = self.births | other.births, self.pncs | other.pncs, self.names | other.names
        sure = len(self.pncs & other.pncs) == 1
        return (
            len(pncs) <= 1
            and (sure or len(births) <= 1 or all_agree(births, births_agree))
            and (len(names) <= 1 or names_consistent(names))
        )

    def take(self, other: Group, link: Link) -> None:
        """Add the records of `other`, joined by `link`."""
        self.records += other.records
        self.births |= other.births
        self.pncs |= other.pncs
        self.names |= other.names
        self.links += [*other.links, link]


def gather_persons(
    described: Mapping[str, Described],
    links: Iterable[Link],
    apart: Mapping[str, set[str]],
    separated: Mapping[str, set[str]],
) -> tuple[list[Group], list[Link]]:
    """Return the persons, and the links that were left off because they would join people who cannot be one.

    Links are taken from the strongest to the weakest, clerical ones first; a link that would bring a contradiction
    under one key is left off. So what gives way in a chain is its weakest link, whatever the order of the records.

    Parameters
    ----------
    described
        Every record that has a link.
    links
        The links to make.
    apart
        For a record those with which it appears in one event; only a clerical link overrules it.
    separated
        For a record those from which a person separated it; nothing overrules it.
    """
    groups: dict[str, Group] = {record: Group.of(record, each) for record, each in described.items()}
    left_off = []
    for link in sorted(links, key=lambda link: (link.how != "clerical", -link.weight, link.pair)):
        one, other = groups[link.left], groups[link.right]
        if one is other:
            continue
        if len(one.records) < len(other.records):
            one, other = other, one
        clerical = link.how == "clerical"
        if _any(one, other, separated) or not (clerical or (one.agrees(other) and not _any(one, other, apart))):
            left_off.append(link)
            continue
        one.take(other, link)
        for record in other.records:
            groups[record] = one
    return sorted(
        {id(group): group for group in groups.values()}.values(), key=lambda group: min(group.records)
    ), left_off


def _any(one: Group, other: Group, kept: Mapping[str, set[str]]) -> bool:
    """Say whether `kept` holds a pair between the two groups."""
    return any(not kept[record].isdisjoint(one.records) for record in other.records if record in kept)


def weakest_holding(group: Group, key: str) -> Mapping[str, Link]:
    """Return for every other record the weakest link on its way to the record `key` (or to the smallest)."""
    near: dict[str, list[tuple[str, Link]]] = {}
    for link in group.links:
        near.setdefault(link.left, []).append((link.right, link))
        near.setdefault(link.right, []).append((link.left, link))
    start = key if key in near else min(group.records)
    held: dict[str, Link] = {}
    reached: Sequence[str] = [start]
    seen = {start}
    while reached:
        following = []
        for record in reached:
            for other, link in near.get(record, ()):
                if other not in seen:
                    seen.add(other)
                    before = held.get(record)
                    held[other] = before if before is not None and before.probability < link.probability else link
                    following.append(other)
        reached = following
    return held
