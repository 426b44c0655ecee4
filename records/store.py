"""The record store: where deliveries become snapshots and where snapshots are found again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from records.contract import MANDATORY, TABLES
from records.errors import CommunitiesUnreadable, NoDelivery, NoSnapshot
from records.history.deliveries import Deliveries, Delivery, write_rows
from records.history.fold import ORPHANS, Folded, find_orphans, fold
from records.history.publishing import store_snapshot
from records.intake.ingest import SHRINK_LIMIT, Ingest
from records.intake.kept_out import KeptOut
from records.intake.replay import delivery_of, export, mended_extract, note_mended, only_new, refused_rows
from records.intake.report import LoadReport
from records.intake.standing import ERASED
from records.reading.extract import name_extract, read_extract
from records.reference import Reference, load_reference
from records.snapshot import Snapshot
from records.split import FOLDER as COMMUNITIES
from records.split import communities_file
from records.storage.database import quoted, workbench
from records.storage.files import private_folder, published, write_private
from records.storage.locking import only_writer
from values import Hash, Progress, canonical_json, digest, digest_file, silent

_LATEST, _FOLDED, _REFERENCE = "latest", "folded.json", "reference"
LOADED = "This delivery was loaded before; nothing changed."


@dataclass(frozen=True)
class Replayed:
    """What became of mended rows.

    Parameters
    ----------
    delivery, replay
        The delivery they belong to, and the name under which they are kept.
    before, still
        Rows of its files in quarantine before and after.
    snapshot
        The latest snapshot.
    refused
        What is still wrong with rows of the mended file: file and line as delivered, column, reason.
    """

    delivery: str
    replay: str
    before: int
    still: int
    snapshot: Hash | None
    refused: tuple[tuple[str, int, str, str], ...] = ()

    @property
    def accepted(self) -> int:
        """Rows that left quarantine."""
        return self.before - self.still


class RecordStore:
    """Deliveries, snapshots, communities and quarantine under one folder (0700; files 0600).

    Parameters
    ----------
    root
        The folder, such as ``workspace/records``; made on the first ingest.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def ingest(
        self,
        extract_dir: Path,
        mapping: Path | None = None,
        reference_dir: Path | None = None,
        progress: Progress = silent,
        *,
        shrink_limit: float = SHRINK_LIMIT,
    ) -> LoadReport:
        """Load a delivery and make what all deliveries come to the latest snapshot.

        The snapshot is a function of the set of deliveries: neither the order in which they arrive nor repeats
        matter. Until every mandatory table has come from somewhere there is no snapshot.

        Parameters
        ----------
        extract_dir
            Folder with one file a table and a manifest, or with the files that `mapping` names.
        mapping
            A mapping (YAML) from a source's own columns to the contract.
        reference_dir
            Folder with reference tables that replace the shipped ones.
        progress
            Told how far it is.
        shrink_limit
            A full delivery that would withdraw more than this share of a table of its source (and at least 20 rows)
            is stored, but waits to be confirmed.

        Raises
        ------
        RecordsError
            If the extract as a whole cannot be read; nothing is published then. A bad row is no error.
        """
        reference = load_reference(reference_dir)
        _, _, name = name_extract(extract_dir, mapping)
        with only_writer(self.root, progress):
            self._use_reference(reference, own=reference_dir is not None)
            if any(each.name == name for each in self.deliveries()):
                return self._loaded_before(str(name), reference, progress)
            with workbench(self.root) as db:
                extract = read_extract(db, extract_dir, mapping, progress)
                if any(each.name == extract.name for each in self.deliveries()):
                    return self._loaded_before(extract.name, reference, progress)
                settled: list[Snapshot | None] = []
                delivery = Ingest(db, self.root, extract, reference, shrink_limit).store(
                    lambda folded, counting: settled.append(self._settle(db, folded, counting, reference, progress)),
                    progress,
                )
                for snapshot in settled:
                    self._announce(db, snapshot, reference)
                return self._report(db, delivery)

    def deliveries(self) -> list[Delivery]:
        """Return every delivery, by name."""
        return Deliveries(self.root).all()

    def confirm(self, name: str, progress: Progress = silent) -> Snapshot | None:
        """Let a waiting delivery count; return the latest snapshot, None while tables are awaited.

        Raises
        ------
        NoDelivery
            If there is none of that name, or it does not wait.
        """
        with only_writer(self.root, progress):
            Deliveries(self.root).confirm(name)
            return self._rebuild(load_reference(self._own_reference()), progress)

    def rebuild(self, progress: Progress = silent) -> Snapshot | None:
        """Fold all deliveries that count again; return the latest snapshot, None while tables are awaited."""
        with only_writer(self.root, progress):
            return self._rebuild(load_reference(self._own_reference()), progress)

    def quarantine(self, name: str | None = None) -> list[dict[str, object]]:
        """Count what is in quarantine now, by delivery, table (or file) and reason.

        Rows of people who were erased are not there any more; the load report counts them as ``erased``.

        Parameters
        ----------
        name
            One delivery; all where None.

        Raises
        ------
        NoDelivery
            If there is none of that name.
        """
        return [
            {"delivery": each.name, "table": table, "reason": reason, "rows": rows}
            for each, kept in self._kept_out(name)
            for table, counted in kept.reasons_by_table().items()
            for reason, rows in counted.items()
            if reason != ERASED
        ]

    def export(self, name: str, file: str, path: Path) -> int:
        """Write the rows of a delivered file that are in quarantine, to be mended; return how many.

        Parameters
        ----------
        name
            The delivery.
        file
            The delivered file, or the table that it delivers.
        path
            Where to.

        Raises
        ------
        NoDelivery
            If there is no such delivery, or it had no such file.
        """
        for _, kept in self._kept_out(name):
            for source in kept.sources:
                if file in (source.key, source.file):
                    return export(kept, source, path)
            files = ", ".join(source.file for source in kept.sources)
            raise NoDelivery(f"The delivery {name} had no file {file!r}.", f"Name one of {files}.")
        raise NoDelivery(f"There is no delivery {name!r}.", "See `drive-panel deliveries list`.")

    def replay(self, path: Path, progress: Progress = silent) -> Replayed:
        """Take mended rows of an export into the delivery they come from.

        Raises
        ------
        ReplayError
            If the file does not fit what is in quarantine.
        NoDelivery
            If its delivery is gone.
        """
        reference = load_reference(self._own_reference())
        with only_writer(self.root, progress), workbench(self.root) as db:
            staged, name = delivery_of(db, path)
            delivery, counting = Deliveries(self.root).find(name), Deliveries(self.root).counting()
            find_orphans(db, counting if delivery in counting else [*counting, delivery])
            same = [each for each in self._replays(delivery) if each.card["bytes"] == digest_file(path)]
            kept = KeptOut(db, delivery, self._replays(delivery))
            before = sum(tally.quarantined for tally in kept.by_file().values())
            if same:
                return Replayed(
                    delivery.name, same[0].name, before, before, self._latest_hash(), refused_rows(db, same[0])
                )
            extract = mended_extract(db, kept, staged, path)
            settled: list[Snapshot | None] = []
            Ingest(
                db, self.root, extract, reference, replays=delivery, bytes=digest_file(path),
                amend=lambda table, relation: only_new(db, table, relation, delivery, self._replays(delivery)),
                finish=lambda draft: note_mended(db, extract, draft),
            ).store(
                lambda folded, now: settled.append(self._settle(db, folded, now, reference, progress)), progress
            )  # fmt: skip
            for snapshot in settled:
                self._announce(db, snapshot, reference)
            left = KeptOut(db, delivery, self._replays(delivery)).by_file().values()
            still = sum(tally.quarantined for tally in left)
            refused = refused_rows(db, Deliveries(self.root).find(extract.name))
            return Replayed(delivery.name, extract.name, before, still, self._latest_hash(), refused)

    def latest(self) -> Snapshot:
        """Return the latest snapshot.

        Raises
        ------
        NoSnapshot
            If there is none yet.
        """
        try:
            name = (self.root / "snapshots" / _LATEST).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise NoSnapshot("Nothing has been ingested yet.", "Run drive-panel ingest EXTRACT_DIR.") from None
        return self.snapshot(name)

    def snapshot(self, name: str) -> Snapshot:
        """Return the snapshot with the hash `name`.

        Raises
        ------
        NoSnapshot
            If there is none.
        """
        try:
            return Snapshot(self.root / "snapshots" / Hash(name))
        except ValueError:
            raise NoSnapshot(f"{name[:12]!r} is not a snapshot's hash.", "List the snapshots.") from None

    def snapshots(self) -> list[Snapshot]:
        """Return all snapshots, the earliest extract first."""
        folder = self.root / "snapshots"
        found = [Snapshot(path) for path in folder.glob("[0-9a-f]*") if path.is_dir()] if folder.is_dir() else []
        return sorted(found, key=lambda snapshot: (snapshot.extract_date, snapshot.hash))

    def awaited(self) -> list[str]:
        """Return the mandatory tables that no counting delivery has brought yet."""
        return _awaited(Deliveries(self.root).counting())

    def _latest_hash(self) -> Hash | None:
        return None if self.awaited() else self.latest().hash

    def _kept_out(self, name: str | None) -> Iterator[tuple[Delivery, KeptOut]]:
        every = [each for each in self.deliveries() if each.replays is None]
        wanted = every if name is None else [Deliveries(self.root).find(name)]
        counting = Deliveries(self.root).counting()
        with workbench(self.root) as db:
            find_orphans(db, [*counting, *(each for each in every if each not in counting)])
            for each in wanted:
                yield each, KeptOut(db, each, self._replays(each))

    def _loaded_before(self, name: str, reference: Reference, progress: Progress) -> LoadReport:
        """Report on a delivery that is there; finish what a killed run left undone."""
        if self._folded_from() != self._set(reference):
            self._rebuild(reference, progress)
        delivery = Deliveries(self.root).find(name)
        with workbench(self.root) as db:
            counting = Deliveries(self.root).counting()
            find_orphans(db, counting if delivery in counting else [*counting, delivery])
            return self._report(db, delivery, [LOADED])

    def _rebuild(self, reference: Reference, progress: Progress) -> Snapshot | None:
        counting = Deliveries(self.root).counting()
        with workbench(self.root) as db:
            snapshot = self._settle(db, fold(db, counting), counting, reference, progress)
            self._announce(db, snapshot, reference)
        return snapshot

    def _settle(
        self,
        db: duckdb.DuckDBPyConnection,
        folded: Folded,
        counting: list[Delivery],
        reference: Reference,
        progress: Progress,
    ) -> Snapshot | None:
        """Store what the deliveries come to; nothing points there yet."""
        if _awaited(counting):
            return None
        tables = {name: told for name, told in folded.tables.items() if name != COMMUNITIES}
        snapshot = store_snapshot(db, self.root / "snapshots", _cards(counting), tables, reference, progress)
        if COMMUNITIES in folded.tables:
            self._store_communities(db, snapshot.hash, folded.tables[COMMUNITIES][0])
        return self._linked(snapshot, progress)

    def _linked(self, snapshot: Snapshot, progress: Progress) -> Snapshot:
        """Return the snapshot under the latest crosswalk; itself where nothing was linked yet."""
        if not (self.root / "crosswalk").is_dir():
            return snapshot
        from records.linkage import apply, latest_crosswalk  # loads Splink: seconds, for those who link

        crosswalk = latest_crosswalk(self.root)
        if crosswalk is None:
            return snapshot
        with workbench(self.root) as db:
            return apply(db, snapshot, crosswalk, progress).snapshot

    def _announce(self, db: duckdb.DuckDBPyConnection, snapshot: Snapshot | None, reference: Reference) -> None:
        """Make a stored snapshot the latest, and say anew what is kept out of each delivery."""
        if snapshot is not None:
            write_private(self.root / "snapshots" / _LATEST, snapshot.hash.encode())
        for delivery in Deliveries(self.root).counting():
            if delivery.replays is None and not self._untouched(db, delivery):
                KeptOut(db, delivery, self._replays(delivery)).write_files(self.root)
        write_private(self.root / "deliveries" / _FOLDED, canonical_json(self._set(reference)).encode())

    def _untouched(self, db: duckdb.DuckDBPyConnection, delivery: Delivery) -> bool:
        """Say whether nothing was ever kept out of a delivery."""
        found = db.execute(
            f"SELECT 1 FROM {ORPHANS} WHERE delivery = ? LIMIT 1",  # noqa: S608 - a name of ours
            [delivery.name],
        ).fetchone()
        places = (self.root / "quarantine", self.root / COMMUNITIES / "quarantine")
        return not found and not delivery.card["faulty"] and not any((each / delivery.name).exists() for each in places)

    def _store_communities(self, db: duckdb.DuckDBPyConnection, snapshot: Hash, relation: str) -> None:
        table = TABLES[COMMUNITIES]
        order = ", ".join(quoted(name) for name in (*table.key, "known_from"))
        path = communities_file(self.root, snapshot)
        try:
            draft = private_folder(path.parent) / f".{path.name}.draft"
            write_rows(db, f"(SELECT * FROM {relation} ORDER BY {order})", draft)  # noqa: S608 - names of ours
            stored = digest_file(draft)
            draft.replace(path)
            write_private(path.with_suffix(".json"), canonical_json({"sha256": stored}).encode())
        except (OSError, duckdb.IOException) as error:
            raise CommunitiesUnreadable(
                "The communities cannot be written.", "Check the permissions of the communities folder."
            ) from error

    def _replays(self, delivery: Delivery) -> tuple[Delivery, ...]:
        return tuple(Deliveries(self.root).replays_of(delivery.name))

    def _report(self, db: duckdb.DuckDBPyConnection, delivery: Delivery, notes: list[str] | None = None) -> LoadReport:
        kept = KeptOut(db, delivery, self._replays(delivery))
        card, awaited = delivery.card, self.awaited()
        if awaited:
            missing = ", ".join(awaited)
            notes = [*(notes or []), f"There is no snapshot yet: no delivery has brought {missing}."]
        snapshots = self.root / "snapshots" / _LATEST
        return LoadReport(
            snapshot=self.latest().hash if snapshots.exists() and not awaited and not delivery.waiting else None,
            synthetic=delivery.manifest.synthetic,
            by_table=kept.by_table(),
            by_file=kept.by_file(),
            reasons=kept.reasons(),
            unmapped=card["unmapped"],
            contradictions=card["contradictions"],
            notes=[*(notes or []), *card["notes"]],
            quarantine_files=kept.write_files(self.root),
            delivery=delivery.name,
            waiting=delivery.shrinks if delivery.waiting else {},
            awaited=awaited,
        )

    def _set(self, reference: Reference) -> dict[str, object]:
        """Name what a snapshot is made from."""
        counting = sorted(each.name for each in Deliveries(self.root).counting())
        return {"deliveries": counting, "reference": digest(reference.hashes)}

    def _folded_from(self) -> object:
        try:
            return json.loads((self.root / "deliveries" / _FOLDED).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _own_reference(self) -> Path | None:
        current = self.root / _REFERENCE / _LATEST
        if not current.exists() or not (name := current.read_text(encoding="utf-8").strip()):
            return None
        return self.root / _REFERENCE / name

    def _use_reference(self, reference: Reference, own: bool) -> None:
        """Remember a site's own reference tables, which rule until another ingest names others."""
        if not own and self._own_reference() is None:
            return
        name = digest(reference.hashes) if own else ""
        if own and not (self.root / _REFERENCE / name).exists():
            with published(self.root / _REFERENCE / name) as draft:
                for table, frame in reference.tables.items():
                    content = frame.to_csv(index=False, lineterminator="\n")
                    write_private(draft / f"{table}.csv", content.encode("utf-8"))
        write_private(private_folder(self.root / _REFERENCE) / _LATEST, name.encode())


def _awaited(counting: list[Delivery]) -> list[str]:
    held = {name for each in counting for name in each.tables}
    return [name for name in MANDATORY if name not in held]


def _cards(counting: list[Delivery]) -> list[dict[str, object]]:
    """Describe the deliveries; those that say the same of themselves (the same extract sent twice) as one."""
    names: dict[str, list[str]] = {}
    for each in counting:
        if each.replays is None:
            card = {key: value for key, value in each.manifest.to_dict().items() if key != "revision"}
            names.setdefault(canonical_json(card), []).append(each.name)
    return [{**json.loads(card), "name": ", ".join(sorted(found))} for card, found in sorted(names.items())]
