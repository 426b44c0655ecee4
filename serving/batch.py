"""What batch work does beside what the service does for pages: runs, publications, keys, evidence, erasure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from serving import cards, evidence
from serving.cards import CardKind
from serving.documents import Document, RunDocuments, RunRecord
from serving.errors import SignatureRefused
from serving.ledger.export import export
from serving.panel.holds import escalate, first_deadlines
from serving.release import recording, reviewing, signing
from serving.release.erasing import compact, decisions_of, erase
from serving.release.past import PastList, past_lists
from serving.release.reviewing import ReviewResult
from serving.release.signing import SignedReview, signer_of
from serving.service import Service
from values import Hash


class Batch(Service):
    """The service with what is done by commands alone: no page and no call of the API has it."""

    def record_run(
        self,
        run: RunRecord,
        header: Document,
        rows: Sequence[Document],
        cases: Mapping[str, Document],
        identities: Mapping[str, Document],
        audit: Document,
        gate: Document,
        files: Mapping[str, Path],
    ) -> Hash:
        """Store a run with its audit and gate decision, and return the hash of its list.

        Recording the identical run again does nothing.

        Raises
        ------
        RunRefused
            If the documents are inconsistent, or the run was recorded before with other content.
        """
        documents = RunDocuments(header, rows, cases, identities, audit, gate, files)
        return recording.record_run(self.stores, run, documents)

    def publish(self, run: str) -> None:
        """Copy the released list to the panel's database (batch side); see `recording.publish`."""
        with self._noting_refusals("batch", "publication", run):
            recording.publish(self.stores, run)

    def past_lists(self) -> tuple[PastList, ...]:
        """Return every list that was ever published, oldest first; see `serving.release.past`."""
        return past_lists(self.stores)

    def review_signed(self, signed: SignedReview) -> ReviewResult:
        """Carry out an act of review that its reviewer signed; see `reviewing.review_signed`."""
        content = signed.content
        with self.stores.panel.read() as connection:
            try:
                actor = signer_of(self.stores, connection, signed).user
            except SignatureRefused:
                actor = "unknown"
        with self._noting_refusals(actor, f"review.{content.get('act')}", str(content.get("run"))):
            return reviewing.review_signed(self.stores, signed)

    def register_key(self, public_key: str, reviewer: str, by: str) -> str:
        """Let a public key stand for a reviewer; return its name. See `signing.register`."""
        return signing.register(self.stores, public_key, reviewer, by)

    def revoke_key(self, key: str, by: str, reason: str) -> None:
        """Let a key sign nothing any more; see `signing.revoke`."""
        signing.revoke(self.stores, key, by, reason)

    def reviewer_keys(self) -> list[dict[str, Any]]:
        """Return every registered key of a reviewer, oldest first."""
        return signing.keys(self.stores)

    def hold_deadlines(self) -> dict[tuple[str, str], date]:
        """Return the first deadline of every hold that stands, by pseudonym and kind, for the next scoring run."""
        return first_deadlines(self.stores)

    def escalate_holds(self) -> int:
        """Enter holds whose deadline has passed in the ledger; see `serving.panel.holds.escalate`."""
        return escalate(self.stores)

    def keep_evidence(self, document: Document, by: str) -> Hash:
        """Keep what the lists so far show, and return its hash; see `serving.evidence`."""
        return evidence.keep(self.stores, document, by)

    def keep_card(self, kind: CardKind, subject: str, document: Document, by: str, area: str = cards.EVERYWHERE) -> int:
        """Keep what batch work says of itself, and return its number; see `serving.cards`."""
        return cards.keep(self.stores, kind, subject, document, by, area)

    def erase(self, person: str, by: str) -> int:
        """Remove a pseudonym's rows, cases and identities; return how many documents; hashes stay."""
        return erase(self.stores, person, by)

    def compact(self) -> None:
        """Rewrite both databases without the pages that held what was removed; see `erasing.compact`."""
        compact(self.stores)

    def retained(self, person: str) -> int:
        """Return how many decisions and clearances about a pseudonym are kept by duty, restricted."""
        return decisions_of(self.stores, person)

    def list_views(self) -> None:
        """Enter the views that wait in the ledger, also those that a killed process left behind."""
        self.stores.views.close()

    def export_ledger(self, by: str, target: Path) -> dict[str, Any]:
        """Write the ledger out for an outside auditor; see `serving.ledger.export`. The export is an entry itself."""
        self.list_views()
        self.note(by, "ledger.exported", "ledger")
        with self.stores.panel.read() as connection:
            return export(self.stores.ledger, connection, target)
