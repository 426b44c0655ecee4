"""An immutable, hashed copy of one extract: the only way records reach other rooms."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.parquet

from records.contract import TABLES, Table
from records.errors import NoSnapshot, SnapshotCorrupt, TableNotAvailable
from records.history.content import column_hashes, hash_pieces, table_hash
from records.purposes import Reading, sources_of
from records.reference import Reference
from values import AsOf, Hash, canonical_json, digest, digest_bytes

FORMAT = 2
AGE_BANDS = ((18, "under_18"), (25, "18_24"), (35, "25_34"), (45, "35_44"), (55, "45_54"), (65, "55_64"))
OLDEST = "65_over"
CARD = "snapshot.json"
_REMEDY = "Restore the snapshot from backup, or ingest the extract again into a fresh store."


class Snapshot:
    """One extract as it was accepted. Reading a table verifies its file and its content.

    Parameters
    ----------
    path
        The snapshot's folder; its name is the snapshot's hash.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._card = _card(path)
        self._frames: dict[str, pd.DataFrame] = {}

    @property
    def hash(self) -> Hash:
        """The hash over table content, reference tables, extract date, period, source and kind."""
        return Hash(self.path.name)

    @property
    def extract_date(self) -> date:
        """The day the extract was taken."""
        return date.fromisoformat(self._card["manifest"]["extract_date"])

    @property
    def period(self) -> str:
        """The period it covers, in the deliverer's words."""
        return str(self._card["manifest"]["period"])

    @property
    def source(self) -> str:
        """The record system or systems."""
        return str(self._card["manifest"]["source"])

    @property
    def card(self) -> Mapping[str, Any]:
        """What ``snapshot.json`` says: manifest, deliveries, tables with their hashes, reference tables."""
        return MappingProxyType(self._card)

    @property
    def base(self) -> Hash | None:
        """The snapshot of person records that this linked one was made from; None where it is not linked."""
        linked = self._card.get("linked")
        return Hash(linked["base"]) if linked else None

    @property
    def crosswalk(self) -> pd.DataFrame | None:
        """Which record is which person, as `records.linkage.Crosswalk.persons`; None where it is not linked."""
        found = self._linkage()
        return found.persons if found else None

    @property
    def grey(self) -> pd.DataFrame | None:
        """Pairs of person keys that may be one person: person_l, person_r, match_probability; None if not linked."""
        found = self._linkage()
        return found.grey_persons if found else None

    def _linkage(self) -> Any:
        if "linked" not in self._card:
            return None
        from records.linkage.crosswalk import read_crosswalk  # linkage reads snapshots itself

        return read_crosswalk(self.path.parents[1], self._card["linked"]["crosswalk"])

    @property
    def synthetic(self) -> bool:
        """True where every row is made up."""
        return bool(self._card["manifest"]["synthetic"])

    @property
    def tables(self) -> frozenset[str]:
        """The tables that the extract held (communities live elsewhere)."""
        return frozenset(self._card["tables"])

    def reading(self, purpose: str) -> Reading:
        """Return the snapshot as one purpose may see it, under the site's declaration; see `records.purposes`."""
        return Reading(self, purpose, sources_of(self.path.parents[1]))

    def has(self, name: str) -> bool:
        """Say whether the extract held a table, or a column written ``table.column``."""
        table, _, column = name.partition(".")
        if table not in self.tables:
            return False
        return not column or column in self._card["tables"][table]["delivered"]

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table, or some of its columns, sorted by key and version.

        Ids and codes are ``str`` (missing NaN), dates ``datetime64[s]``, flags ``boolean``, counts ``Int64``. Names,
        dates of birth and national ids are left out; `identities`, `adult_at` and `age_band_at` are their doors.

        Raises
        ------
        TableNotAvailable
            If the extract held no such table, or a column is not declared or does not leave the room.
        SnapshotCorrupt
            If the stored file no longer holds what was stored.
        """
        if name not in self.tables:
            raise TableNotAvailable(
                f"The snapshot {self.hash.short} holds no table {name!r}.",
                "Deliver it, or treat what depends on it as not available.",
            )
        declared = TABLES[name]
        open_names = [each for each in declared.names if each not in _sealed(name)]
        for column in columns or ():
            if column not in open_names:
                raise TableNotAvailable(
                    f"{name} has no column {column!r} that leaves records.", f"Choose from {', '.join(open_names)}."
                )
        frame = self._read(name)[open_names if columns is None else list(columns)]
        return frame.copy(deep=False)

    @property
    def offences(self) -> pd.DataFrame:
        """The offence table used at ingest: offence_code, family, harm_days (NaN unknown), source, verified."""
        return self.reference.offences

    @property
    def reference(self) -> Reference:
        """The reference tables used at ingest."""
        return Reference({name: self._reference(name) for name in self._card["reference"]})

    @property
    def harm_illustrative(self) -> bool:
        """True when the harm weight of any offence in the incidents is known but not verified."""
        offences = self.offences
        weak = offences[~offences["verified"] & offences["harm_days"].notna()]
        used = self.table("incidents", ["offence_code"])["offence_code"]
        return bool(used.isin(weak["offence_code"]).any())

    def adult_at(self, as_of: AsOf, years: int = 18) -> pd.DataFrame:
        """Return person_id and adult (yes, no, unknown) at `as_of`, one row a person of the snapshot.

        Parameters
        ----------
        as_of
            The date asked about; a birth date counts once its row version was known.
        years
            Age from which a subject counts as adult: 18 for Drive, 16 under the Domestic Abuse Act 2021.
        """
        age = self._age_at(as_of)
        adult = np.where(age.isna(), "unknown", np.where(age.fillna(0) >= years, "yes", "no"))
        return pd.DataFrame({"person_id": age.index.to_numpy(), "adult": adult}).astype("str")

    def age_band_at(self, as_of: AsOf) -> pd.DataFrame:
        """Return person_id and age_band at `as_of` (for the audit), one row a person of the snapshot."""
        age = self._age_at(as_of)
        tests = [(age < limit).fillna(False).to_numpy(dtype=bool) for limit, _ in AGE_BANDS]
        band = np.select([age.isna().to_numpy(), *tests], ["unknown", *(name for _, name in AGE_BANDS)], default=OLDEST)
        return pd.DataFrame({"person_id": age.index.to_numpy(), "age_band": band}).astype("str")

    def identities(self, person_ids: Iterable[str]) -> pd.DataFrame:
        """Return person_id, given_name, family_name, date_of_birth as last known, for display only."""
        wanted = self._read("persons")[["person_id", "given_name", "family_name", "date_of_birth"]]
        latest = wanted.drop_duplicates("person_id", keep="last")
        return latest[latest["person_id"].isin(list(person_ids))].reset_index(drop=True)

    def _age_at(self, as_of: AsOf) -> pd.Series[Any]:
        """Return whole years of age by person id; missing where no birth date was known then."""
        persons = self._read("persons")[["person_id", "date_of_birth", "known_from", "known_to"]]
        moment = pd.Timestamp(as_of.day)
        known = (persons["known_from"] <= moment) & ~(persons["known_to"] <= moment)
        born = persons[known].set_index("person_id")["date_of_birth"]
        born = born.reindex(pd.Index(persons["person_id"].unique(), name="person_id"))
        before_birthday = (born.dt.month * 100 + born.dt.day) > as_of.day.month * 100 + as_of.day.day
        age: pd.Series[Any] = as_of.day.year - born.dt.year - before_birthday
        return age.where(born <= moment).astype("Int64")

    def _read(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            entry = self._card["tables"][name]
            content = _verified(self.path / f"{name}.parquet", entry["sha256"])
            try:
                table = pyarrow.parquet.read_table(pyarrow.BufferReader(content))
                columns, rows = hash_pieces([table], table.column_names)
            except (pyarrow.ArrowException, ValueError, TypeError, KeyError, OSError) as error:
                raise SnapshotCorrupt(f"{name}.parquet cannot be read.", _REMEDY) from error
            if (columns, rows) != (entry["columns"], entry["rows"]):
                raise SnapshotCorrupt(f"{name}.parquet does not hold what was stored.", _REMEDY)
            self._frames[name] = frame_of(table, TABLES[name])
        return self._frames[name]

    def _reference(self, name: str) -> pd.DataFrame:
        entry = self._card["reference"][name]
        content = _verified(self.path / "reference" / f"{name}.csv", entry["sha256"])
        frame = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False)
        if table_hash(column_hashes(frame), len(frame)) != entry["hash"]:
            raise SnapshotCorrupt(f"{name}.csv does not hold what was stored.", _REMEDY)
        return frame

    def __repr__(self) -> str:
        kind = "synthetic, " if self.synthetic else ""
        return f"Snapshot({self.hash.short}, {kind}{self.extract_date.isoformat()})"


def frame_of(table: pyarrow.Table, declared: Table) -> pd.DataFrame:
    """Return a stored table as the frame that other rooms see."""
    days = {name for name, dtype in declared.dtypes.items() if dtype.startswith("datetime64")}
    for place, name in enumerate(table.column_names):
        if name in days:
            table = table.set_column(place, name, table.column(place).cast(pyarrow.timestamp("s")))
    nullable = {pyarrow.bool_(): pd.BooleanDtype(), pyarrow.int64(): pd.Int64Dtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=nullable.get)
    return frame.astype(declared.dtypes)


def _sealed(name: str) -> frozenset[str]:
    return frozenset(column.name for column in TABLES[name].columns if column.sealed)


def _verified(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SnapshotCorrupt(f"{path.name} cannot be read ({type(error).__name__}).", _REMEDY) from error
    if digest_bytes(content) != sha256:
        raise SnapshotCorrupt(f"{path.name} does not hold what was stored.", _REMEDY)
    return content


def _card(path: Path) -> Any:
    try:
        card = json.loads((path / CARD).read_text(encoding="utf-8"))
        same = card["format"] == FORMAT and identity(card) == path.name
    except FileNotFoundError:
        raise NoSnapshot(f"There is no snapshot {path.name[:12]}.", "List the snapshots, or ingest one.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SnapshotCorrupt(f"{CARD} of {path.name[:12]} cannot be read.", _REMEDY) from error
    if not same:
        raise SnapshotCorrupt(f"{CARD} of {path.name[:12]} does not hold what was stored.", _REMEDY)
    return card


def identity(card: Mapping[str, Any]) -> Hash:
    """Return the snapshot's hash from its card: content only, no file bytes, names of deliveries or times."""
    linked = {"linked": card["linked"]} if "linked" in card else {}
    return digest(
        {
            **linked,
            "manifest": card["manifest"],
            "deliveries": sorted(
                ({key: value for key, value in each.items() if key != "name"} for each in card["deliveries"]),
                key=canonical_json,
            ),
            "tables": {
                name: {key: entry[key] for key in ("columns", "rows", "delivered")}
                for name, entry in card["tables"].items()
            },
            "reference": {name: entry["hash"] for name, entry in card["reference"].items()},
        }
    )
