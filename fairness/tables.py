"""The audited table: read, checked, and split into subjects (one row a person) and dyads.

Columns with a meaning of their own: `person_id`, `selected` (0/1), `outcome` (0/1/blank), and optionally `score`,
`victim_id`, `area` and `split` (which backtest list a row belongs to; a person may appear once in each). A
`victim_*` column is a characteristic of the victim, every other column one of the subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairness.errors import TableError
from fairness.groups import (
    NO_VICTIM,
    Characteristic,
    Codes,
    build_characteristics,
    from_labels,
    labels,
    plain,
    regroup,
    texts,
)
from fairness.metrics import OUTCOME_UNKNOWN
from fairness.reference_tables import code_groups
from fairness.standing import Standing, stand

RESERVED = ("person_id", "selected", "outcome", "score", "victim_id", "area", "split")
SUBJECTS, DYADS = "subjects", "dyads"
_FLAGS: Mapping[str, int] = {"0": 0, "1": 1, "false": 0, "true": 1}


@dataclass(frozen=True)
class AuditTable:
    """Rows of one kind, as the counts need them.

    Attributes
    ----------
    name
        ``subjects`` or ``dyads``.
    state
        Shape (rows,): ``outcome * 2 + selected``.
    person
        Shape (rows,): number of the row's person.
    characteristics
        By name; every one has a group for every row.
    area
        Where the rows lie; None where the table does not say.
    standing
        Where the rows' persons stand on their list; None where the table has no scores.
    lists
        How many lists were pooled.
    """

    name: str
    state: npt.NDArray[np.int64]
    person: Codes
    characteristics: Mapping[str, Characteristic]
    area: Characteristic | None = None
    standing: Standing | None = None
    lists: int = 1

    def __post_init__(self) -> None:
        if any(c.codes.size != self.rows for c in self.characteristics.values()) or self.person.size != self.rows:
            raise ValueError(f"The columns of {self.name} differ in length.")

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.state.size)

    @cached_property
    def clustered(self) -> bool:
        """True where some person gives more than one row."""
        return bool(np.unique(self.person).size < self.rows)


def read_table(path: Path) -> pd.DataFrame:
    """Read an audited table from CSV or Parquet; only empty fields are blank, so "None" stays a value.

    Raises
    ------
    TableError
        If the file does not exist or is not such a table.
    """
    remedy = "Give a CSV (UTF-8, with a header) or Parquet file."
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise TableError(f"{path.name} cannot be read ({type(error).__name__}).", remedy) from None


def split_table(
    table: pd.DataFrame, groupings: Mapping[str, tuple[str, str]], area: str | None = None
) -> dict[str, AuditTable]:
    """Check `table` and return its audit tables: ``subjects``, and ``dyads`` where it has a `victim_id`.

    Parameters
    ----------
    table
        As the module describes it.
    groupings
        Derived characteristic -> (the characteristic it is made of, reference table).
    area
        Keep only rows of this area.

    Raises
    ------
    TableError
        Naming the column, and the line where there is one (the header is line 1).
    """
    frame = _checked_columns(table)
    lines = np.arange(2, len(frame) + 2)
    if area is not None:
        frame, lines = _in_area(frame, lines, area)
    if frame.empty:
        raise TableError("The table has no rows.", "Give at least one person.")
    selected = _flag(frame["selected"], lines, blank_allowed=False)
    outcome = _flag(frame["outcome"], lines, blank_allowed=True)
    state = outcome * 2 + selected
    person = _identifiers(frame["person_id"], lines)
    split = _codes(frame["split"]) if "split" in frame else np.zeros(len(frame), dtype=np.int64)
    listed, lists = _pair(person, split), int(np.unique(split).size)
    score = _score(frame["score"], lines) if "score" in frame else None
    area_of = from_labels("area", labels(frame["area"]), most=len(frame)) if "area" in frame else None
    own = [c for c in frame.columns if c not in RESERVED and not c.startswith("victim_")]
    theirs = [c for c in frame.columns if c.startswith("victim_") and c != "victim_id"]
    subject = _with_groupings(build_characteristics(frame, own), groupings)
    if "victim_id" not in frame:
        _refuse_repeats(listed, lines, theirs, "split" in frame)
        standing = None if score is None else stand(score, selected == 1, split)
        return {SUBJECTS: AuditTable(SUBJECTS, state, person, subject, area_of, standing, lists)}
    scores = {} if score is None else {"score": np.unique(score, return_inverse=True)[1]}
    _, first, row = np.unique(listed, return_index=True, return_inverse=True)
    _refuse_contradictions(first[row], {"selected": selected, "outcome": outcome, **scores}, subject)
    victims = _with_groupings(_victims(frame, listed, theirs, lines), groupings)
    standing = None if score is None else stand(score[first], selected[first] == 1, split[first])
    own_area = None if area_of is None else area_of.take(first)
    return {
        SUBJECTS: AuditTable(
            SUBJECTS,
            state[first],
            person[first],
            {n: c.take(first) for n, c in subject.items()},
            own_area,
            standing,
            lists,
        ),
        DYADS: AuditTable(
            DYADS, state, person, victims, area_of, None if standing is None else standing.take(row), lists
        ),
    }


def _checked_columns(table: pd.DataFrame) -> pd.DataFrame:
    frame = table.set_axis([str(c).strip() for c in table.columns], axis="columns").reset_index(drop=True)
    repeated = sorted(set(frame.columns[frame.columns.duplicated()]))
    if repeated:
        raise TableError(f"Columns appear twice: {', '.join(repeated)}.", "Keep one of each.")
    missing = [c for c in ("person_id", "selected", "outcome") if c not in frame]
    if missing:
        raise TableError(
            f"The table lacks {', '.join(missing)}.",
            "Give person_id, selected (0/1) and outcome (0/1, blank where not known).",
        )
    if "victim_id" not in frame and any(str(c).startswith("victim_") for c in frame):
        raise TableError(
            "The table has victim_ columns but no victim_id.", "Add victim_id, one row a person and victim."
        )
    return frame


def _in_area(
    frame: pd.DataFrame, lines: npt.NDArray[np.int64], area: str
) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    if "area" not in frame:
        raise TableError("The table has no area column.", f"Add one, or do not ask for area {area!r}.")
    inside = texts(frame["area"]) == plain(area)
    if not inside.any():
        raise TableError(f"No row lies in area {area!r}.", "Check the name of the area.")
    return frame[inside].reset_index(drop=True), lines[inside]


def _flag(column: pd.Series, lines: npt.NDArray[np.int64], *, blank_allowed: bool) -> npt.NDArray[np.int64]:
    """Return 0, 1 or (blank) 2 for each row."""

    def read(value: Any) -> int:
        text = plain(value)
        if not text:
            return OUTCOME_UNKNOWN if blank_allowed else -1
        return _FLAGS.get(text.removesuffix(".0").lower(), -1)

    values = column.tolist()
    known = {key: read(value) for key, value in {(type(v), v): v for v in values}.items()}
    out = np.array([known[(type(v), v)] for v in values], dtype=np.int64)
    if (out < 0).any():
        line = int(lines[np.argmax(out < 0)])
        allowed = "0, 1 or blank" if blank_allowed else "0 or 1"
        raise TableError(f"Column {column.name!r}, line {line}, is not {allowed}.", "Correct the value.")
    return out


def _identifiers(column: pd.Series, lines: npt.NDArray[np.int64]) -> Codes:
    """Return a number for each row's identifier; -1 never occurs."""
    text = texts(column)
    if (text == "").any():
        line = int(lines[np.argmax(text == "")])
        raise TableError(f"Column {column.name!r}, line {line}, is blank.", "Give every row a person.")
    return pd.factorize(text)[0].astype(np.int64)


def _codes(column: pd.Series) -> Codes:
    return np.asarray(pd.factorize(texts(column))[0], dtype=np.int64)


def _score(column: pd.Series, lines: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return the scores, NaN where blank."""
    score = np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
    wrong = np.isnan(score)
    wrong[wrong] = texts(column[wrong]) != ""  # most scores are numbers, and reading each as text would take long
    if wrong.any():
        line = int(lines[np.argmax(wrong)])
        raise TableError(f"Column 'score', line {line}, is not a number.", "Correct the value, or leave it blank.")
    return score


def _pair(left: Codes, right: Codes) -> Codes:
    """Return one number for each different (left, right)."""
    pairs = left * (int(right.max(initial=0)) + 1) + right
    return np.asarray(np.unique(pairs, return_inverse=True)[1], dtype=np.int64)


def _refuse_repeats(listed: Codes, lines: npt.NDArray[np.int64], theirs: list[str], has_split: bool) -> None:
    repeated = pd.Series(listed).duplicated().to_numpy()
    if repeated.any():
        what = "person_id and split" if has_split else "person_id"
        raise TableError(
            f"{int(repeated.sum())} rows repeat a {what}, the first on line {int(lines[np.argmax(repeated)])}.",
            "Give one row a person, a split column for pooled backtest lists, or a victim_id for dyads.",
        )


def _refuse_contradictions(
    first: npt.NDArray[np.intp], flags: Mapping[str, npt.NDArray[np.int64]], subject: Mapping[str, Characteristic]
) -> None:
    """Refuse dyads in which a row says of a person something else than the `first` row of that person."""
    columns = {**flags, **{name: c.codes for name, c in subject.items()}}
    torn = [name for name, codes in columns.items() if (codes != codes[first]).any()]
    if torn:
        raise TableError(
            f"Some persons have different values of {', '.join(torn)} on different rows.",
            "Repeat a person's own values on each of the person's rows.",
        )


def _victims(
    frame: pd.DataFrame, listed: Codes, columns: list[str], lines: npt.NDArray[np.int64]
) -> dict[str, Characteristic]:
    """Return the victims' characteristics; a row without a victim is in the group of its own."""
    identifier = texts(frame["victim_id"])
    unknown = identifier == ""
    repeated = pd.Series(_pair(listed, pd.factorize(identifier)[0])).duplicated().to_numpy() & ~unknown
    if repeated.any():
        raise TableError(
            f"{int(repeated.sum())} rows repeat a person and victim, "
            f"the first on line {int(lines[np.argmax(repeated)])}.",
            "Give one row a person and victim.",
        )
    out = {}
    for name, characteristic in build_characteristics(frame, columns).items():
        rows = np.asarray(characteristic.groups, dtype=object)[characteristic.codes]
        out[name] = from_labels(name, np.where(unknown, NO_VICTIM, rows))
    return out


def _with_groupings(
    found: dict[str, Characteristic], groupings: Mapping[str, tuple[str, str]]
) -> dict[str, Characteristic]:
    """Add the policy's derived characteristics whose source is present."""
    out = dict(found)
    for name, (source, reference) in groupings.items():
        if source not in found:
            continue
        if name in found:
            raise TableError(f"Column {name!r} is also made from {source!r} by the policy.", f"Leave {name!r} out.")
        out[name] = regroup(found[source], name, code_groups(reference))
    return out
