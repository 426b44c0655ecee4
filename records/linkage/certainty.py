"""How sure it is that the records under one key are one person's: what linkage did, what people decided, what waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from records.linkage.crosswalk import Crosswalk, read_crosswalk
from records.linkage.decisions import LINK, Decision, Decisions
from records.linkage.settings import LinkageSettings
from records.linkage.tables import behind
from records.snapshot import Snapshot

CLERICAL = "clerical"

Pair = tuple[str, str]


@dataclass(frozen=True)
class Certainty:
    """How the records of one person were put together.

    Attributes
    ----------
    records
        How many person records there are.
    sources
        (record system, how many of the records are its), the most first; empty where it may not be shown.
    compared
        Whether linkage compared the records with all others. Where it did not, what follows is not known.
    how
        What the least sure link rests on: ``model`` (the weights), ``pnc`` (one PNC id beside them) or ``clerical``
        (people's word alone); None for a single record.
    probability
        The match probability of that link; None for a single record, and where people's word stands instead of one.
    upper, lower
        From where linkage linked records without a person, and from where it put them before one.
    decided
        How many pairs with one of these records people decided on, as one person's or as two people's, and it holds.
    decided_on
        The day of the last such decision; ISO 8601.
    waiting
        How many records that stand apart may be this person's too: each is in a pair that waits for people.
    births_contradict
        Whether as many of the records say one date of birth as another, so that none is taken.
    """

    records: int
    sources: tuple[tuple[str, int], ...]
    compared: bool = False
    how: str | None = None
    probability: float | None = None
    upper: float | None = None
    lower: float | None = None
    decided: int = 0
    decided_on: str | None = None
    waiting: int | None = None
    births_contradict: bool = False


def certainties(snapshot: Snapshot, persons: Collection[str]) -> dict[str, Certainty]:
    """Return how the records of some persons were put together, by person key.

    It tells of the linkage that the snapshot was made by, whole: what became known after a list's date counts too,
    since it decided who is one person on that list.

    Parameters
    ----------
    snapshot
        What a list is made from, linked or not.
    persons
        The keys to tell of.
    """
    wanted = set(persons)
    if snapshot.base is None:
        alone = _sources(snapshot, wanted)
        return {person: Certainty(1, _counted([alone.get(person)])) for person in wanted}
    root = snapshot.path.parents[1]
    crosswalk = read_crosswalk(root, snapshot.card["linked"]["crosswalk"])
    mine = crosswalk.persons[crosswalk.persons["person_id"].isin(wanted)]
    told = _Told(crosswalk, Decisions(root).current(), _sources(behind(snapshot), {*mine["record_id"], *wanted}))
    groups = dict(iter(mine.groupby("person_id")))
    return {person: told.of(person, groups.get(person)) for person in wanted}


class _Told:
    def __init__(self, crosswalk: Crosswalk, decided: Mapping[Pair, Decision], sources: Mapping[str, str]) -> None:
        self._sources, self._decisions, keys = sources, decided, crosswalk.keys
        settings = crosswalk.card.get("inputs", {}).get("settings", LinkageSettings().to_dict())
        self._upper, self._lower = float(settings["upper"]), float(settings["lower"])
        open_ = set(zip(crosswalk.grey["record_l"], crosswalk.grey["record_r"], strict=True))
        self._waiting = _by_person(open_, keys)
        held = [pair for pair, each in decided.items() if pair not in open_ and _holds(pair, each, keys)]
        self._decided = _by_person(held, keys)

    def of(self, person: str, group: pd.DataFrame | None) -> Certainty:
        if group is None:  # delivered since records were linked: it stands alone, and nobody compared it
            return Certainty(1, _counted([self._sources.get(person)]))
        own, decided = set(group["record_id"]), self._decided.get(person, set())
        how, probability = _least_sure(group)
        return Certainty(
            len(group),
            _counted(self._sources.get(record) for record in sorted(own)),
            True,
            how,
            probability,
            self._upper,
            self._lower,
            len(decided),
            max((self._decisions[pair].decided_on for pair in decided), default=None),
            len({record for pair in self._waiting.get(person, ()) for record in pair} - own),
            bool(group["birth_contradicts"].any()),
        )


def _least_sure(group: pd.DataFrame) -> tuple[str | None, float | None]:
    """Return what the least sure link rests on, and its probability; people's word has none."""
    if len(group) == 1:
        return None, None
    weighed = group[~group["how"].isin([CLERICAL, "single"])]
    if weighed.empty:
        return CLERICAL, None
    least = weighed.sort_values("match_probability").iloc[0]
    return str(least["how"]), float(least["match_probability"])


def _holds(pair: Pair, decision: Decision, keys: Mapping[str, str]) -> bool:
    one, other = keys.get(pair[0]), keys.get(pair[1])
    return one is not None and other is not None and (one == other) == (decision.decision == LINK)


def _by_person(pairs: Iterable[Pair], keys: Mapping[str, str]) -> dict[str, set[Pair]]:
    found: dict[str, set[Pair]] = {}
    for pair in pairs:
        for record in pair:
            found.setdefault(keys[record], set()).add(pair)
    return found


def _sources(snapshot: Snapshot, records: Collection[str]) -> dict[str, str]:
    """Return which record system each record comes from, as last known; nothing where that may not be shown."""
    shown = snapshot.reading("display")
    if not shown.has("persons.source"):
        return {}
    table = shown.table("persons", ["person_id", "source"])
    table = table[table["person_id"].isin(records) & table["source"].notna()]
    return dict(zip(table["person_id"], table["source"], strict=True))


def _counted(sources: Iterable[str | None]) -> tuple[tuple[str, int], ...]:
    counts = Counter(each for each in sources if each)
    return tuple(sorted(counts.items(), key=lambda told: (-told[1], told[0])))
