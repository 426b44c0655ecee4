# ruff: noqa: S608 - every name in the SQL comes from the contract, every path is a literal
"""Taking a person out of the record store: out of every delivery, snapshot, crosswalk and quarantine file.

What goes: every row that names the person in any column; incidents whose every party is erased; referrals of the
person; and what points to these. An incident with somebody else in it stays, without the person. The rule is the same
for suspects, victims and anybody else.

Each file is replaced whole, in an order that can be taken up again at any point: the journal says who goes, tombstones
keep them out, then files lose their rows. A snapshot gets a new hash; the journal remembers old → new until the ledger
holds it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from records.contract import TABLES
from records.erasing.crosswalk import keys_by_version, latest_version, rewrite_crosswalks
from records.erasing.rows import drop_lines, drop_rows, going
from records.erasing.snapshot import rewritten
from records.erasing.sought import NAMING, Sought, birth_dates
from records.erasing.tombstones import FOLDER, OWNERS, Tombstones, destroy, plain_id
from records.errors import ErasureUnfinished
from records.snapshot import Snapshot
from records.split import FOLDER as COMMUNITIES
from records.storage.database import literal, quoted, workbench
from records.storage.files import private_folder, write_private
from records.storage.locking import only_writer
from values import Hash, Progress, canonical_json, digest_bytes, silent

_JOURNAL, _LEFT = "underway.json", "left-"
_OF_PERSONS = NAMING | {"given_name", "family_name"}
_SHORTEST_NAME = 6
_SHORTEST_NUMBER = 8
_CARDS = ("delivery.json", "snapshot.json", "mapping/*")


@dataclass(frozen=True)
class Doomed:
    """Whose ids go, by the table that owns them.

    Parameters
    ----------
    persons
        The person's id and every record id that linkage joined with it.
    incidents, referrals
        What existed only because of the person.
    """

    persons: frozenset[str]
    incidents: frozenset[str] = frozenset()
    referrals: frozenset[str] = frozenset()

    def of(self, owner: str) -> frozenset[str]:
        """Return the ids that `owner` owns."""
        found: frozenset[str] = getattr(self, owner)
        return found


@dataclass
class Journal:
    """What an erasure still needs to know to be finished, in one file (0600) that goes at the end.

    Attributes
    ----------
    doomed, sought
        Whose ids go, and what would betray the person.
    notes
        What the front door wants to find again after a crash: who asked, why, pseudonyms.
    moved
        Old hash → new hash of each snapshot and crosswalk that was rewritten.
    crosswalk, keys
        The crosswalk version that counted, and for each version the keys that it gave the person's records: an older
        one may have made one person of the erased one and somebody else.
    """

    path: Path
    doomed: Doomed
    sought: Sought
    notes: dict[str, Any] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    crosswalk: str | None = None
    keys: dict[str, list[str]] = field(default_factory=dict)

    @property
    def ids(self) -> dict[str, frozenset[str]]:
        """The ids that go, by the table that owns them."""
        return {owner: self.doomed.of(owner) for owner in OWNERS}

    def write(self) -> None:
        """Keep it, whole."""
        private_folder(self.path.parent)
        content = {
            "doomed": {owner: sorted(ids) for owner, ids in self.ids.items()},
            "alone": sorted(self.sought.alone),
            "named": sorted(self.sought.named),
            "together": [[sorted(part) for part in group] for group in self.sought.together],
            "notes": self.notes,
            "moved": self.moved,
            "crosswalk": self.crosswalk,
            "keys": self.keys,
        }
        write_private(self.path, canonical_json(content).encode())

    @classmethod
    def find(cls, root: Path) -> Journal | None:
        """Return the erasure that was begun in the store at `root` and not finished, if there is one.

        Raises
        ------
        ErasureUnfinished
            If its journal cannot be read.
        """
        return cls._read(root / FOLDER / _JOURNAL)

    @classmethod
    def left(cls, root: Path) -> list[Journal]:
        """Return the erasures that are done but for traces that somebody has to remove by hand."""
        found = (cls._read(path) for path in sorted((root / FOLDER).glob(f"{_LEFT}*.json")))
        return [each for each in found if each is not None]

    @classmethod
    def _read(cls, path: Path) -> Journal | None:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise ErasureUnfinished(
                "The journal of an unfinished erasure cannot be read.", "Restore it, or erase the person again."
            ) from error
        together = tuple(tuple(frozenset(part) for part in group) for group in content["together"])
        doomed = Doomed(**{owner: frozenset(ids) for owner, ids in content["doomed"].items()})
        return cls(
            path,
            doomed,
            Sought(frozenset(content["alone"]), together, frozenset(content.get("named", ()))),
            content["notes"],
            content["moved"],
            content["crosswalk"],
            content["keys"],
        )

    def moves(self, old: str, new: str) -> None:
        """Remember, before the old one goes, what stands for it."""
        self.moved[old] = new
        self.write()

    def leave(self) -> None:
        """Set it apart: everything was done, something is left, and nothing else has to wait for it."""
        if self.path.name == _JOURNAL:
            name = f"{_LEFT}{digest_bytes(canonical_json(sorted(self.doomed.persons)).encode())[:16]}.json"
            self.path = self.path.replace(self.path.with_name(name))

    def close(self) -> None:
        """Overwrite and remove it."""
        destroy(self.path)


def begin(root: Path, person_id: str, notes: Mapping[str, Any]) -> Journal | None:
    """Find out what goes with a person and write it down; None where no file of the store names the person.

    Parameters
    ----------
    root
        The record store's folder.
    person_id
        The id of a person or of one of the records that linkage made one person of.
    notes
        Kept with the journal.
    """
    with only_writer(root):  # nobody else's journal may take its place
        if Journal.find(root) is not None:
            raise ErasureUnfinished("Another erasure is underway.", "Wait until it is done.")
        return _begun(root, person_id, notes)


def _begun(root: Path, person_id: str, notes: Mapping[str, Any]) -> Journal | None:
    persons = _records_of(root, person_id)
    with workbench(root) as db:
        db.execute("CREATE TEMP TABLE gone AS SELECT unnest(?::VARCHAR[]) AS id", [sorted(persons)])
        if not any(going(db, path, {"persons": persons}) for path in _tables(root)) and not _kept_out(root, persons):
            return None
        doomed = Doomed(persons, _left_alone(db, root), _ids(db, root, "referrals", "person_id", "referral_id"))
        journal = Journal(root / FOLDER / _JOURNAL, doomed, _sought(db, root, persons), dict(notes))
    journal.crosswalk, journal.keys = latest_version(root), keys_by_version(root, persons)
    journal.write()
    return journal


def carry_out(root: Path, journal: Journal, progress: Progress = silent) -> dict[str, int]:
    """Take the person out of every file of the store; again from the start after a crash, with the same end.

    Returns
    -------
    dict
        Files that were rewritten or removed, by kind.
    """
    with only_writer(root, progress):
        Tombstones(root).add(journal.ids)
        counts = _rewrite_files(root, journal, progress)
        counts["snapshots"] = _rewrite_snapshots(root, journal, progress, linked=False)
        counts["crosswalks"] = rewrite_crosswalks(
            root, journal.doomed.persons, journal.crosswalk, journal.moved, journal.moves
        )
        counts["snapshots"] += _rewrite_snapshots(root, journal, progress, linked=True)
    return counts


def _rewrite_files(root: Path, journal: Journal, progress: Progress) -> dict[str, int]:
    """Take the person out of everything but snapshots: deliveries, communities, crosswalks, quarantine."""
    counts, sought = {"tables": 0, "lines": 0}, betraying(journal)
    snapshots = root / "snapshots"
    with workbench(root) as db:
        apart = {snapshots, root / "crosswalk"}  # these verify what they hold, and are written anew as a whole
        files = [path for path in _tables(root) if apart.isdisjoint(path.parents)]
        for done, path in enumerate(files):
            counts["tables"] += drop_rows(db, path, journal.ids, sought)
            progress("erasing from deliveries", done + 1, len(files))
    for path in [*root.rglob("*.csv"), *root.rglob("*.jsonl")]:
        if snapshots not in path.parents:
            counts["lines"] += drop_lines(path, sought)
    return counts


def betraying(journal: Journal) -> Sought:
    """Return what takes a line of a quarantine file with it: the person's traces, and what went with the person."""
    ids = {each for each in journal.doomed.incidents | journal.doomed.referrals if _telling(each)}
    return Sought(journal.sought.alone | ids, journal.sought.together, journal.sought.named)


def _kept_out(root: Path, persons: frozenset[str]) -> bool:
    """Say whether a row that was kept out, as it was delivered, holds the person's id as one of its fields."""
    sought = Sought(frozenset(), (), frozenset(map(plain_id, persons)))
    files = [path for path in _tables(root) if path.parent.name == "quarantine" and "rows-" in path.name]
    return any(sought.betrayed_by_row(row) for path in files for row in pq.read_table(path).to_pylist())


def _telling(text: str) -> bool:
    """Say whether a string is an id wherever it stands: a word, or a number as short as a count, is not."""
    return any(each.isdigit() for each in text) and not (text.isdigit() and len(text) < _SHORTEST_NUMBER)


def _records_of(root: Path, person_id: str) -> frozenset[str]:
    """Return the ids of every record that linkage says is this person; the id alone where nothing is linked."""
    try:
        latest = Snapshot(root / "snapshots" / (root / "snapshots" / "latest").read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return frozenset({person_id})
    crosswalk = getattr(latest, "crosswalk", None)
    if crosswalk is None:
        return frozenset({person_id})
    keys = set(crosswalk.loc[crosswalk["record_id"] == person_id, "person_id"]) | {person_id}
    joined = crosswalk[crosswalk["person_id"].isin(keys)]
    return frozenset({person_id, *keys, *joined["record_id"]})


def _tables(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*.parquet") if not any(part.startswith(".") for part in path.parts))


def _every(root: Path, table: str) -> str:
    """Return the files of a table in deliveries and snapshots as one SQL list; blank where there are none."""
    found = [path for path in _tables(root) if path.stem == table and path.parent.name != "kept_out"]
    return f"[{', '.join(literal(str(path)) for path in found)}]" if found else ""


def _select(root: Path, table: str, columns: str) -> str:
    files = _every(root, table)
    return f"SELECT {columns} FROM read_parquet({files}, union_by_name = true)" if files else ""


def _left_alone(db: duckdb.DuckDBPyConnection, root: Path) -> frozenset[str]:
    """Return the incidents whose parties all go, whichever delivery told of them."""
    parties = [
        _select(root, "involvements", "incident_id, person_id AS party"),
        _select(root, "dyads", "incident_id, suspect_id AS party"),
        _select(root, "dyads", "incident_id, victim_id AS party"),
    ]
    every = " UNION ALL ".join(part for part in parties if part)
    if not every:
        return frozenset()
    found = db.execute(
        f"SELECT incident_id FROM ({every}) WHERE party IS NOT NULL GROUP BY incident_id "
        "HAVING bool_and(party IN (SELECT id FROM gone))"
    ).fetchall()
    return frozenset(incident for (incident,) in found)


def _ids(db: duckdb.DuckDBPyConnection, root: Path, table: str, person: str, own: str) -> frozenset[str]:
    rows = _select(root, table, f"{own}, {person}")
    found = db.execute(f"SELECT DISTINCT {own} FROM ({rows}) WHERE {person} IN (SELECT id FROM gone)") if rows else None
    return frozenset(each for (each,) in found.fetchall()) if found else frozenset()


def _sought(db: duckdb.DuckDBPyConnection, root: Path, persons: frozenset[str]) -> Sought:
    """Return what would betray the person, told apart by what somebody who stays shares."""
    rows = _select(
        root,
        "persons",
        "person_id, given_name, family_name, CAST(date_of_birth AS DATE) AS date_of_birth, pnc_id, cro_id",
    )
    if not rows:
        return Sought(
            _apart(db, root, {each for each in persons if _telling(each)}), (), frozenset(map(plain_id, persons))
        )
    db.execute(f"CREATE TEMP TABLE people AS SELECT DISTINCT * FROM ({rows})")
    mine = db.execute("SELECT * FROM people WHERE person_id IN (SELECT id FROM gone)").fetchall()
    others = "FROM people WHERE person_id NOT IN (SELECT id FROM gone)"
    alone, named = {each for each in persons if _telling(each)}, set(persons)
    together: set[tuple[frozenset[str], ...]] = set()
    for _, given, family, born, pnc, cro in mine:
        national = {each for each in (pnc, cro) if each}
        own = {each for each in national if not _shared(db, f"{others} AND ? IN (pnc_id, cro_id)", each)}
        alone, named = alone | {each for each in own if _telling(each)}, named | own
        if given and family:
            pair = (frozenset({given}), frozenset({family}))
            same = "lower(given_name) = lower(?) AND lower(family_name) = lower(?)"
            shared = _shared(db, f"{others} AND {same}", given, family)
            if not shared:
                together.add(pair)
            elif born:
                together.add((*pair, birth_dates(born)))
        long = family and len(family) >= _SHORTEST_NAME
        if long and not _shared(db, f"{others} AND lower(family_name) = lower(?)", family):
            alone.add(family)
        if born and not _a_day_of_others(db, root, born.isoformat()):
            alone |= birth_dates(born)
    groups = tuple(sorted(together, key=lambda group: [sorted(part) for part in group]))
    return Sought(_apart(db, root, alone), groups, frozenset(map(plain_id, named)))


def _shared(db: duckdb.DuckDBPyConnection, query: str, *values: str) -> bool:
    return db.execute(f"SELECT 1 {query} LIMIT 1", list(values)).fetchone() is not None


def _apart(db: duckdb.DuckDBPyConnection, root: Path, traces: Collection[str]) -> frozenset[str]:
    """Return the traces that name nothing else: an area may be called as somebody is, an incident numbered the same."""
    shared: set[str] = set()
    lowered = [each.lower() for each in traces]
    for table in TABLES.values():
        columns = [
            column.name
            for column in table.columns
            if column.kind in ("id", "text", "code") and column.name not in _OF_PERSONS
        ]
        files = _every(root, table.name)
        for column in columns if files else ():
            query = f"SELECT DISTINCT lower({quoted(column)}) FROM read_parquet({files}, union_by_name = true)"
            held = db.execute(f"{query} WHERE lower({quoted(column)}) IN (SELECT unnest(?::VARCHAR[]))", [lowered])
            shared |= {each for (each,) in held.fetchall()}
    words = _words(root)
    return frozenset(
        each for each in traces if each.lower() not in shared and not Sought(frozenset({each})).lone_in(words)
    )


def _words(root: Path) -> str:
    """Return what the store says of itself: names of files, manifests, mappings."""
    told = [path for name in _CARDS for path in root.rglob(name) if path.is_file()]
    names = (str(path.relative_to(root)) for path in root.rglob("*"))
    return "\n".join([*names, *(path.read_text(encoding="utf-8", errors="replace") for path in told)])


def _a_day_of_others(db: duckdb.DuckDBPyConnection, root: Path, day: str) -> bool:
    """Say whether a day stands anywhere in the records for anything but this person's birth."""
    for table in TABLES.values():
        files = _every(root, table.name)
        days = [f"{quoted(column.name)} = DATE '{day}'" for column in table.all_columns if column.kind == "date"]
        if files and days:
            mine = " AND person_id NOT IN (SELECT id FROM gone)" if table.name == "persons" else ""
            if _shared(db, f"FROM read_parquet({files}, union_by_name = true) WHERE ({' OR '.join(days)}){mine}"):
                return True
    return False


def _rewrite_snapshots(root: Path, journal: Journal, progress: Progress, linked: bool) -> int:
    """Give every snapshot that names the person a successor without; linked ones name their base and come after."""
    folder, done = root / "snapshots", 0
    olds = [Snapshot(path) for path in sorted(folder.glob("[0-9a-f]*")) if len(path.name) == 64]
    olds = [each for each in olds if (each.base is not None) == linked]
    for number, old in enumerate(olds):
        keys = journal.keys.get(old.card["linked"]["crosswalk"], ()) if linked else ()
        ids = {**journal.ids, "persons": journal.doomed.persons | set(keys)}
        with workbench(root) as db:
            files = sorted(old.path.glob("*.parquet"))
            losing = {path.stem: test for path in files if (test := going(db, path, ids))}
            new = rewritten(db, old.path, losing, journal.moved)
        progress("erasing from snapshots", number + 1, len(olds))
        if new.path != old.path:
            _move(root, journal, old.hash, new.hash)
            done += 1
    for old_name, new_name in list(journal.moved.items()):  # a crash may have left the old one standing
        if (folder / old_name).exists() or (root / COMMUNITIES / f"{old_name}.parquet").exists():
            _move(root, journal, Hash(old_name), Hash(new_name))
    return done


def _move(root: Path, journal: Journal, old: Hash, new: Hash) -> None:
    """Let the new snapshot stand for the old one: journal, communities, pointer; then it goes."""
    journal.moves(old, new)
    for suffix in (".parquet", ".json"):
        communities = root / COMMUNITIES / f"{old}{suffix}"
        if communities.exists():
            communities.replace(root / COMMUNITIES / f"{new}{suffix}")
    latest = root / "snapshots" / "latest"
    if latest.exists() and latest.read_text(encoding="utf-8").strip() == old:
        write_private(latest, new.encode())
    shutil.rmtree(root / "snapshots" / old, ignore_errors=True)
