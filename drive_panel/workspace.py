"""Where a site keeps its records, bundles, audits, keys and configuration."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml

from drive_panel.errors import NotConfigured, WorkspaceError
from drive_panel.settings import SQLITE, DatabaseURLs, Seat
from values import Capacity, Hash, canonical_json

if TYPE_CHECKING:
    from fairness.papers import Governance

Mode = Literal["live", "demo"]
_DEFAULT_POLICY = Path(__file__).resolve().parent.parent / "fairness" / "policy.yaml"
RESTORING = "restoring"  # no hidden name: an erasure passes those by
PANELS = "panels.yaml"
# Any one of these shows that a folder is a workspace; others may be hidden from a process, or not be there yet.
_SETTINGS = (PANELS, "governance.yaml", "policy.yaml", "sign-in.yaml")
_MARKS = ("keys", "records", "panel.db", "mode", RESTORING, *_SETTINGS)
GOVERNANCE = ("owner", "senior_responsible_owner", "dpia_reference", "ethics_approval", "expires")
_PAGES = (".html", ".htm")
_PANEL_EXAMPLE = """\
panels:
  AREA:
    places: 12
    reserved: {childrens_social_care: 1}
    list_factor: 3
    disrupt_only: 1"""


@dataclass(frozen=True)
class Workspace:
    """One site's folder; everything in it is readable by its owner alone (0700 / 0600)."""

    home: Path
    databases: DatabaseURLs = SQLITE
    erasures: Path | None = None

    @staticmethod
    def need(home: Path) -> None:
        """Pass where a workspace was begun, or raise `NotConfigured`: to read one never makes one."""
        if not any(os.path.exists(home / mark) for mark in _MARKS):
            raise NotConfigured(
                f"There is no workspace in {home.absolute()}.",
                "Name the one that you mean: `drive-panel --home DIR …`, or DRIVE_PANEL_HOME. "
                "`drive-panel ingest EXTRACT_DIR` begins one with records, `drive-panel demo` with a made-up force.",
            )

    @classmethod
    def open(cls, home: Path, databases: DatabaseURLs = SQLITE, erasures: Path | None = None) -> Workspace:
        """Return the workspace at `home`, making the folder if it is not there yet.

        Parameters
        ----------
        databases
            Where PostgreSQL is; by default the service's databases are SQLite files of the workspace.
        erasures
            The register of erased people, best on another disk; by default a file of the workspace.

        Raises
        ------
        NotConfigured
            If a file lies there, or the folder cannot be made or made private.
        """
        home = home.absolute()
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            home.chmod(0o700)
        except OSError as error:
            raise _no_folder(home, error) from error
        return cls(home, databases, erasures)

    def folder(self, *parts: str) -> Path:
        """Return a folder of the workspace, making it (0700) where needed.

        Raises
        ------
        NotConfigured
            If a file lies there, or the folder cannot be made.
        """
        place = self.home
        for part in parts:
            place = place / part
            try:
                place.mkdir(exist_ok=True, mode=0o700)
            except OSError as error:
                raise _no_folder(place, error) from error
        return place

    @property
    def records(self) -> Path:
        """The folder of the records store."""
        return self.folder("records")

    @property
    def keys(self) -> Path:
        """The folder of pseudonym, signing and encryption keys."""
        return self.folder("keys")

    @property
    def bundles(self) -> Path:
        """The folder of model bundles, one folder a bundle, named by its hash."""
        return self.folder("bundles")

    @property
    def mlflow(self) -> Path:
        """The folder of MLflow's store; there once something was trained."""
        return self.home / "mlflow"

    @property
    def unfinished(self) -> Path:
        """The folder of training runs that are not finished; there only while one is not."""
        return self.home / "unfinished"

    def panel_database(self, seat: Seat) -> Path | str:
        """Return the database that the web process opens, as `seat` reaches it: published lists only."""
        return self._url(seat) or self.home / "panel.db"

    def scores_database(self, seat: Seat) -> Path | str:
        """Return the database of unreleased scores, which the web process never opens."""
        return self._url(seat) or self.folder("unreleased") / "scores.db"

    def _url(self, seat: Seat) -> str | None:
        """Return a seat's URL; None for SQLite, which is never used beside PostgreSQL."""
        if not self.databases.reaches(seat):
            raise NotConfigured(
                f"This process is not told how the {seat} reaches the database.",
                f"Set DRIVE_PANEL_DATABASE_URL{'' if seat == 'owner' else '_' + seat.upper()}.",
            )
        return self.databases.of(seat)

    @property
    def erasure_register(self) -> Path:
        """The register of erased people, which no backup holds."""
        return self.erasures or self.home / "erasures.jsonl"

    @property
    def restore_underway(self) -> bool:
        """Whether a backup was being restored here and the restore was cut short."""
        return (self.home / RESTORING).exists()

    @property
    def policy(self) -> Path:
        """The fairness policy in force; the shipped one is copied here on first use."""
        place = self.home / "policy.yaml"
        if not place.exists():
            shutil.copyfile(_DEFAULT_POLICY, place)
            place.chmod(0o600)
        return place

    @property
    def governance(self) -> Path:
        """What no run can know: owner, senior responsible owner, DPIA reference, ethics approval, expiry."""
        place = self.home / "governance.yaml"
        if not place.exists():
            empty = dict.fromkeys(GOVERNANCE)
            self.write(place, yaml.safe_dump(empty, sort_keys=False))
        return place

    def read_governance(self) -> Governance:
        """Return what the governance file says.

        Raises
        ------
        GovernanceError
            With file, line and column, if it is not what `docs/guides/governance.md` describes.
        """
        from fairness.papers import read_governance  # the web process opens a workspace too, and stays light

        return read_governance(self.governance)

    def missing_governance(self, today: date, bundle: str, policy: str) -> list[str]:
        """Return what the governance file does not say, or no longer says, for a bundle under a policy, in words.

        Parameters
        ----------
        bundle, policy
            The hashes of the bundle and of the policy of the audit, which approvals name.

        Raises
        ------
        GovernanceError
            As `read_governance`.
        """
        from fairness.papers import open_points

        return open_points(self.read_governance(), today, bundle, policy)

    def lapses(self) -> dict[str, date]:
        """Return the last day of each authorisation and approval in the governance file that has one.

        Raises
        ------
        GovernanceError
            As `read_governance`.
        """
        governance = self.read_governance()
        ends = {"governance.yaml": governance.expires}
        ends |= {f"governance.yaml approvals.{name}": approval.expires for name, approval in governance.approvals}
        return {what: day for what, day in ends.items() if day is not None}

    def read_settings(self, place: Path) -> dict[str, Any]:
        """Return the names and values of a settings file.

        Raises
        ------
        NotConfigured
            If it is not YAML, or does not hold names and values.
        """
        try:
            content = yaml.safe_load(place.read_text(encoding="utf-8")) or {}
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
            raise NotConfigured(f"{place.name}{where} is not YAML.", "Correct the file.") from None
        if not isinstance(content, dict):
            raise NotConfigured(f"{place.name} does not hold names and values.", "Write 'name: value' lines.")
        return content

    def write(self, place: Path, content: str | bytes) -> None:
        """Write a file (0600; text as UTF-8) so that a reader sees the old or the new one, never half of it."""
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = place.with_name(f".{place.name}.{os.getpid()}")
        with open(draft, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)

    def secret(self, name: str) -> str:
        """Return a random secret that is kept among the keys, made on first use."""
        place = self.keys / name
        if not place.exists():
            self.write(place, secrets.token_urlsafe(48))
        return place.read_text(encoding="utf-8")

    def panels(self) -> dict[str, Any]:
        """Return what ``panels.yaml`` says of each area's panel; nothing where it is not there."""
        place = self.home / PANELS
        panels = self.read_settings(place).get("panels") if place.exists() else None
        return panels if isinstance(panels, dict) else {}

    def capacity(self, area: str) -> Capacity:
        """Return the places of the panel of `area`, from ``panels.yaml``.

        Raises
        ------
        NotConfigured
            If nobody has said how many places the panel has.
        """
        place, panels = self.home / PANELS, self.panels()
        example = (
            f"Put its places on file (page Administration), or write them into {place.name}, for example:\n"
            f"{_PANEL_EXAMPLE.replace('AREA', area)}"
        )
        if area not in panels:
            raise NotConfigured(f"No panel is configured for area '{area}'.", example)
        try:
            return Capacity(**panels[area])
        except (TypeError, ValueError) as error:
            raise NotConfigured(f"The panel of '{area}' in {place.name} is wrong: {error}", example) from None

    def disrupt_only(self, area: str) -> float:
        """Return how much of a place of an area's panel disruption only takes; a whole one where nobody said."""
        said = self.panels().get(area)
        return said.get("disrupt_only", 1) if isinstance(said, dict) else 1

    @property
    def mode(self) -> Mode:
        """Live unless the workspace was made by the demonstration."""
        place = self.home / "mode"
        return "demo" if place.exists() and place.read_text(encoding="utf-8").strip() == "demo" else "live"

    @property
    def all_made_up(self) -> bool:
        """Whether every snapshot is marked synthetic; read from their cards, so that the web process stays light."""
        cards = (self.records / "snapshots").glob("*/snapshot.json")
        return all(json.loads(card.read_text(encoding="utf-8"))["manifest"]["synthetic"] is True for card in cards)

    @property
    def erasure_underway(self) -> bool:
        """Whether an erasure was begun and not finished; asked by path, so that the web process stays light.

        A process from which the records are hidden does not see one, and reads none of what it would find.
        """
        return os.path.isfile(self.home / "records" / "erased" / "underway.json")

    @property
    def erasure_left_traces(self) -> bool:
        """Whether an erasure found something that it could not remove; asked by path, as `erasure_underway`."""
        try:
            names = os.listdir(self.home / "records" / "erased")
        except OSError:
            return False
        return any(fnmatch(name, "left-*.json") for name in names)

    def audit_file(self, bundle: Hash) -> Path:
        """Return where the mature backtest audit bound to `bundle` is kept."""
        return self.folder("audits") / f"{bundle}.json"

    def read_audit(self, bundle: Hash) -> dict[str, Any] | None:
        """Return the backtest audit bound to `bundle`, if there is one."""
        place = self.audit_file(bundle)
        document: dict[str, Any] | None = json.loads(place.read_text(encoding="utf-8")) if place.exists() else None
        return document

    def write_document(self, place: Path, document: dict[str, Any]) -> None:
        """Write a document as canonical JSON."""
        self.write(place, canonical_json(document))

    def write_report(self, place: Path, page: str, document: dict[str, Any]) -> dict[str, str]:
        """Write a page and, beside it as ``.json``, the document that it shows; return both places.

        Raises
        ------
        WorkspaceError
            If the page is not named as one, or cannot be written.
        """
        if place.suffix not in _PAGES:
            raise WorkspaceError(f"{place.name} is no name for a page.", "Write NAME.html; NAME.json comes beside it.")
        numbers = place.with_suffix(".json")
        self.write_outside(place, page)
        self.write_outside(numbers, canonical_json(document))
        return {"html": str(place), "json": str(numbers)}

    def write_outside(self, place: Path, content: str | bytes) -> None:
        """Write a file that somebody named (0600); raises `WorkspaceError` where it cannot be written."""
        try:
            self.write(place, content)
        except OSError as error:
            raise WorkspaceError(
                f"{place.name} cannot be written: {error.strerror}.", "Choose another place."
            ) from None

    @property
    def champion(self) -> Hash:
        """The bundle that scores: the promoted model, or the simple list that stayed.

        Raises
        ------
        NotConfigured
            If nothing has been trained yet.
        """
        place = self.home / "champion.json"
        if not place.exists():
            raise NotConfigured("There is no bundle to score with.", "Run `drive-panel train` first.")
        return Hash(json.loads(place.read_text(encoding="utf-8"))["bundle"])

    @property
    def has_champion(self) -> bool:
        """Whether some bundle scores."""
        return (self.home / "champion.json").exists()

    def crown(self, bundle: Hash) -> None:
        """Make `bundle` the one that scores."""
        self.write_document(self.home / "champion.json", {"bundle": bundle})


def _no_folder(place: Path, error: OSError) -> NotConfigured:
    return NotConfigured(
        f"The workspace cannot use {place.name} as a folder of its own ({type(error).__name__}).",
        "Name a folder that you own, or one that can be made (--home).",
    )
