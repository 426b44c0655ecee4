"""Clerical review: the pairs that a person has to decide, side by side with what speaks for and against each."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from records.errors import LinkageError
from records.linkage.crosswalk import Crosswalk
from records.linkage.decisions import LINK, QUEUE, SEPARATE, Decision
from records.linkage.model import COMPARISONS
from records.linkage.pairs import BARS
from records.linkage.tables import behind
from records.reading.spreadsheets import neutral
from records.snapshot import Snapshot
from records.storage.files import private_folder, write_private

_SHOWN = {"given": "given_name", "family": "family_name", "birth": "date_of_birth", "pnc": "pnc_id", "cro": "cro_id"}
BAR_WIDTH = 20


@dataclass(frozen=True)
class Comparison:
    """Two records side by side.

    Attributes
    ----------
    record_l, record_r
        Their ids.
    rows
        (what, value of the first, value of the second, how they compare, weight in bits).
    probability, weight
        Match probability, and the sum of the weights with the starting weight.
    start
        The starting weight: how unlikely it is that two records drawn at random are one person.
    bar
        The rule that keeps them from being linked without a person, in words; empty where there is none.
    """

    record_l: str
    record_r: str
    rows: tuple[tuple[str, str, str, str, float], ...]
    probability: float
    weight: float
    start: float
    bar: str

    def lines(self) -> list[str]:
        """Return the comparison as text: each weight as a bar to the right (for) or to the left (against)."""
        wide = [max(len(str(row[place])) for row in self.rows) for place in range(4)]
        most = max(1.0, *(abs(row[4]) for row in self.rows))
        lines = [f"{self.record_l}  |  {self.record_r}   match probability {self.probability:.4f}"]
        if self.bar:
            lines.append(f"Not linked by itself: {self.bar}.")
        lines.append(f"{'starting weight':<{wide[0]}}  {self.start:+6.1f} bits")
        for what, left, right, level, weight in self.rows:
            filled = round(abs(weight) / most * BAR_WIDTH)
            drawn = f"{'':>{BAR_WIDTH}}|{'#' * filled}" if weight >= 0 else f"{'-' * filled:>{BAR_WIDTH}}|"
            lines.append(f"{what:<{wide[0]}}  {weight:+6.1f} bits  {drawn:<{2 * BAR_WIDTH + 1}}  {level}")
            lines.append(f"{'':<{wide[0]}}  {left or 'not recorded'}  |  {right or 'not recorded'}")
        lines.append(f"{'sum':<{wide[0]}}  {self.weight:+6.1f} bits")
        return lines


def queue(crosswalk: Crosswalk, impact: Mapping[str, int], bars: Collection[str] = ()) -> pd.DataFrame:
    """Return the pairs to decide: those that weigh most for somebody first, then the likeliest.

    Parameters
    ----------
    crosswalk
        The version to review.
    impact
        What a record weighs, by record id: the events it is a suspect in. A pair weighs what the smaller of the two
        would bring to the other.
    bars
        Only pairs with these bars (`BARS`; ``""`` for those without one); all where empty.

    Returns
    -------
    DataFrame
        record_l, record_r, probability, bar, impact.
    """
    pairs = crosswalk.grey[["record_l", "record_r", "probability", "bar"]].copy()
    if bars:
        pairs = pairs[pairs["bar"].isin(list(bars))]
    weights = pd.Series(dict(impact), dtype="int64")
    person = crosswalk.persons.set_index("record_id")["person_id"]
    of_person = weights.groupby(person.reindex(weights.index)).sum()
    sides = [
        person.reindex(pairs[side]).map(of_person).fillna(0).to_numpy(dtype="int64")
        for side in ("record_l", "record_r")
    ]
    pairs["impact"] = pd.DataFrame(sides).min(axis=0).to_numpy()
    return pairs.sort_values(
        ["impact", "probability", "record_l", "record_r"], ascending=[False, False, True, True], ignore_index=True
    )


def impact_of(snapshot: Snapshot) -> Mapping[str, int]:
    """Return the incidents that each record is a suspect in."""
    involved = behind(snapshot).reading("link").table("involvements", ["incident_id", "person_id", "role"])
    suspects = involved[involved["role"] == "suspect"].drop_duplicates(["incident_id", "person_id"])
    return {str(record): int(count) for record, count in suspects["person_id"].value_counts().items()}


def show(snapshot: Snapshot, crosswalk: Crosswalk, record_l: str, record_r: str) -> Comparison:
    """Return two records of the review queue side by side.

    Raises
    ------
    LinkageError
        If the pair is not in the queue.
    """
    snapshot = behind(snapshot)
    left, right = sorted((record_l, record_r))
    grey = crosswalk.grey
    found = grey[(grey["record_l"] == left) & (grey["record_r"] == right)]
    if found.empty:
        raise LinkageError("That pair is not in the review queue.", "List the queue with drive-panel link queue.")
    return weighed(found.iloc[0].to_dict(), Values(snapshot, (left, right)))


def weighed(pair: Mapping[Any, Any], values: Values) -> Comparison:
    """Return a pair of the queue side by side, with the weight of each comparison."""
    left, right = str(pair["record_l"]), str(pair["record_r"])
    rows = []
    for comparison in COMPARISONS:
        level = pair[f"level_{comparison.name}"]
        said = comparison.levels[0].name if pd.isna(level) else comparison.levels[int(level)].name
        shown = values.of(left, comparison.name), values.of(right, comparison.name)
        rows.append((comparison.label, *shown, said, float(pair[f"weight_{comparison.name}"])))
    start = float(pair["weight"]) - sum(row[4] for row in rows)
    bar = BARS.get(str(pair["bar"]), "")
    return Comparison(left, right, tuple(rows), float(pair["probability"]), float(pair["weight"]), start, bar)


class Values:
    """What records say of themselves, read once for those that are asked for, as far as linkage may read it.

    Parameters
    ----------
    snapshot
        A snapshot of person records.
    records
        Their ids.
    """

    def __init__(self, snapshot: Snapshot, records: Collection[str]) -> None:
        allowed = snapshot.reading("link")
        shown = {name: column for name, column in _SHOWN.items() if allowed.has(f"persons.{column}")}
        persons = snapshot._read("persons")
        mine = persons[persons["person_id"].isin(list(records))].drop_duplicates("person_id", keep="last")
        self._said = {
            str(row["person_id"]): {name: _text(row[column]) for name, column in shown.items()}
            for row in mine.to_dict("records")
        }
        if allowed.has("addresses.postcode"):
            addresses = snapshot._read("addresses")
            for record, found in addresses[addresses["person_id"].isin(list(records))].groupby("person_id"):
                lived = ", ".join(sorted(set(found["postcode"].dropna())))
                self._said.setdefault(str(record), {})["place"] = lived

    def of(self, record: str, comparison: str) -> str:
        """Return what a record says that a comparison compares; empty where it says nothing."""
        return self._said.get(record, {}).get(comparison, "")


def _text(value: Any) -> str:
    if value is None or pd.isna(value):
        return ""
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)


def export_queue(path: Path, pairs: pd.DataFrame) -> int:
    """Write pairs as CSV with empty columns for the decision, the reviewer and the reason; return the rows."""
    text = io.StringIO()
    writer = csv.DictWriter(text, QUEUE, lineterminator="\r\n")
    writer.writeheader()
    for row in pairs.to_dict("records"):
        values: dict[str, object] = {str(name): value for name, value in row.items()}
        ids = {name: neutral(str(values[name])) for name in ("record_l", "record_r")}
        writer.writerow({**values, **ids, "decision": "", "reviewer": "", "reason": ""})
    if not path.parent.exists():
        private_folder(path.parent)
    write_private(path, text.getvalue().encode("utf-8"))
    return len(pairs)


def split(
    crosswalk: Crosswalk, person: str, records: Collection[str], by: str, reason: str, on: date
) -> list[Decision]:
    """Return the decisions that take `records` out of `person`: each is separated from every record that stays.

    Raises
    ------
    LinkageError
        If there is no such person, or the records are not some, but not all, of theirs.
    """
    own = _records(crosswalk, person)
    leaving = set(records)
    if not leaving or not leaving < own:
        raise LinkageError(
            f"These are not some of the {len(own)} records of {person}.", "Name records of that person, but not all."
        )
    return [
        Decision.of((record, other), SEPARATE, by, reason, on)
        for record in sorted(leaving)
        for other in sorted(own - leaving)
    ]


def merge(crosswalk: Crosswalk, one: str, other: str, by: str, reason: str, on: date) -> list[Decision]:
    """Return the decision that makes two persons one: their first records are linked.

    Raises
    ------
    LinkageError
        If one of them is no person of the crosswalk, or both are the same.
    """
    return [Decision.of((min(_records(crosswalk, one)), min(_records(crosswalk, other))), LINK, by, reason, on)]


def _records(crosswalk: Crosswalk, person: str) -> set[str]:
    persons = crosswalk.persons
    found = set(persons.loc[persons["person_id"] == person, "record_id"])
    if not found:
        raise LinkageError(f"There is no person {person!r} in this crosswalk.", "Name a person key.")
    return found
