"""A ranker as a folder of plain text: what was approved, by hash, and nothing about any person.

    <hash>/
      bundle.json         canonical JSON: kind, catalogue version, indicators, settings, grades, bands, card, hashes
      booster.txt (and categories.json) | coefficients.json | reference.json     the ranker's own text

The hash of a bundle is the hash of the content of `bundle.json`, which holds the hash of every other file. No
time stamp, path, pickle or person's value is in it: the same data, settings and seed give the same hash. The card
holds aggregates only (counts of hundreds, metrics, intervals); whoever fills it answers for that.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.calibration import Bands, Calibration
from models.elastic_net import ElasticNetRanker
from models.errors import BundleCorrupt, CatalogueMismatch, ModelsError
from models.incumbents import PriorCount, Recency, V100Sum
from models.ranker import SuitabilityRanker
from models.rfgv import RFGV
from models.tables import Floats, require_columns
from models.trees import Mask
from values import Hash, canonical_json, digest, digest_bytes

FORMAT = 1
INDEX = "bundle.json"
UNBANDED = "not banded"
_MEMBERS = frozenset(
    (
        "format",
        "kind",
        "catalogue_version",
        "indicators",
        "monotone",
        "parameters",
        "grade_values",
        "calibration",
        "bands",
        "card",
        "for_panel",
        "files",
    )
)


class Ranker(Protocol):
    """What a bundle needs of a ranker: the estimator contract, contributions, and its own text."""

    kind: str
    n_features_in_: int

    def predict(self, X: Any) -> Floats:
        """Return one margin a row, higher = earlier."""

    def contributions(self, X: Any) -> pd.DataFrame:
        """Return parts that sum to the margin, the last column being ``base``."""

    def files(self) -> dict[str, str]:
        """Return the learned state as text, by file name."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the settings."""


KINDS: Mapping[str, Any] = {
    ranker.kind: ranker for ranker in (SuitabilityRanker, ElasticNetRanker, V100Sum, RFGV, Recency, PriorCount)
}


@dataclass(frozen=True)
class Bundle:
    """A ranker that was saved or loaded, with everything that its scores depend on.

    Attributes
    ----------
    hash
        Names the bundle; also the name of its folder.
    path
        The folder.
    kind
        ``lightgbm``, ``elastic_net``, ``v100``, ``rfgv``, ``recency`` or ``prior_count``.
    catalogue_version
        The catalogue that the indicators were computed with.
    indicators
        Names of the columns read, in order.
    monotone
        The direction in which each may push, by name.
    grade_values
        The value in [0, 1] of each ordered grade, lowest grade first; empty for a list that learns nothing.
    calibration, bands
        Curve and cut points, None for a ranker without labels to fit them on.
    card
        The model card: aggregates only.
    for_panel
        False for a candidate that was trained for comparison and may never be scored for a panel.
    """

    hash: Hash
    path: Path
    kind: str
    catalogue_version: str
    indicators: tuple[str, ...]
    monotone: Mapping[str, int]
    grade_values: tuple[float, ...]
    calibration: Calibration | None
    bands: Bands | None
    card: Mapping[str, Any]
    for_panel: bool
    ranker: Ranker

    @classmethod
    def save(
        cls,
        folder: Path,
        ranker: Ranker,
        *,
        catalogue_version: str,
        indicators: Sequence[str],
        monotone: Mapping[str, int],
        grade_values: Sequence[float],
        calibration: Calibration | None,
        bands: Bands | None,
        card: Mapping[str, Any],
        for_panel: bool,
    ) -> Self:
        """Write the bundle into a folder of its own inside `folder` and read it back.

        A bundle that is already there is verified and kept.

        Raises
        ------
        ModelsError
            If the ranker was fitted on other columns than `indicators`, or bands come without a calibration.
        BundleCorrupt
            If the folder of that hash exists with other content.
        """
        if list(getattr(ranker, "feature_names_in_", ())) != list(indicators):
            raise ModelsError(
                "The ranker was not fitted on exactly the declared indicators, in their order.",
                "Fit it on a data frame of these columns.",
            )
        if (calibration is None) != (bands is None):
            raise ModelsError("Bands and a calibration come together.", "Give both or neither.")
        files = ranker.files()
        content = {
            "format": FORMAT,
            "kind": ranker.kind,
            "catalogue_version": str(catalogue_version),
            "indicators": list(indicators),
            "monotone": {str(name): int(sign) for name, sign in monotone.items()},
            "parameters": _settings(ranker),
            "grade_values": [float(value) for value in grade_values],
            "calibration": calibration.to_dict() if calibration else None,
            "bands": bands.to_dict() if bands else None,
            "card": dict(card),
            "for_panel": bool(for_panel),
            "files": {name: str(digest_bytes(text.encode("utf-8"))) for name, text in files.items()},
        }
        target = folder / digest(content)
        if not target.exists():
            _write(target, {INDEX: canonical_json(content), **files})
        return cls.load(target)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a bundle and verify every byte of it.

        Raises
        ------
        BundleCorrupt
            If a file is missing, changed, added or of an unknown format; the message names it.
        """
        content, bundle_hash = _verified_index(path)
        files = _verified_files(path, content["files"])
        calibration, bands = content["calibration"], content["bands"]
        return cls(
            hash=bundle_hash,
            path=path,
            kind=content["kind"],
            catalogue_version=content["catalogue_version"],
            indicators=tuple(content["indicators"]),
            monotone=content["monotone"],
            grade_values=tuple(content["grade_values"]),
            calibration=Calibration(**calibration) if calibration else None,
            bands=Bands(tuple(bands["cuts"]), tuple(bands["labels"])) if bands else None,
            card=content["card"],
            for_panel=content["for_panel"],
            ranker=KINDS[content["kind"]].restore(content["parameters"], content["indicators"], files),
        )

    def verify(self) -> None:
        """Read the bundle's files again and compare.

        Raises
        ------
        BundleCorrupt
            If anything changed since it was loaded.
        """
        content, _ = _verified_index(self.path)
        _verified_files(self.path, content["files"])

    def require_catalogue(self, version: str) -> None:
        """Check that indicators come from the catalogue that the bundle was made with.

        Raises
        ------
        CatalogueMismatch
            If they do not.
        """
        if str(version) != self.catalogue_version:
            raise CatalogueMismatch(
                f"Bundle {self.hash.short} was made with catalogue {self.catalogue_version[:12]}, "
                f"the indicators with {str(version)[:12]}.",
                "Train a bundle with the present catalogue, or score with the release it was made with.",
            )

    def margin(self, X: pd.DataFrame) -> Floats:
        """Return the margin of each row of `X`, which may hold further columns in any order.

        Raises
        ------
        MissingIndicators
            If an indicator of the bundle is absent.
        """
        return self.ranker.predict(self._columns(X))

    def contributions(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return each indicator's part of each margin and the ``base``; a row sums to its margin."""
        return self.ranker.contributions(self._columns(X))

    def reachable(self, X: pd.DataFrame, unknown: Mask) -> tuple[Floats, Floats]:
        """Return the lowest and the highest margin of each row of `X` whose `unknown` indicators take any value.

        A ranker that is no booster sums its columns, which have no end: where it reads an unknown one, neither does
        its margin.

        Parameters
        ----------
        X
            As for `margin`.
        unknown
            Which values are open, shape (people, indicators of the bundle).
        """
        if isinstance(self.ranker, SuitabilityRanker):
            return self.ranker.reachable(self._columns(X), unknown)
        margin, is_open = self.margin(X), unknown.any(axis=1)
        return np.where(is_open, -np.inf, margin), np.where(is_open, np.inf, margin)

    def expected(self, margin: Any) -> Floats:
        """Return the expected grade in [0, 1] of each margin, for audit and never for a panel's page.

        Raises
        ------
        ModelsError
            If the bundle has no calibration.
        """
        if self.calibration is None:
            raise ModelsError(f"Bundle {self.hash.short} has no calibration.", "Show places without bands.")
        return self.calibration.expected(np.asarray(margin, dtype=np.float64))

    def band(self, margin: float) -> str:
        """Return the band of one margin; ``not banded`` where the bundle has no calibration."""
        if self.bands is None:
            return UNBANDED
        return self.bands.label(float(self.expected([margin])[0]))

    def _columns(self, X: pd.DataFrame) -> pd.DataFrame:
        require_columns(X, self.indicators)
        return X[list(self.indicators)]


def places(margin: Any) -> npt.NDArray[np.int64]:
    """Return each row's place, 1 = highest margin; ties share a place and the next place is left out.

    >>> places([3.0, 5.0, 3.0, 1.0]).tolist()
    [2, 1, 2, 4]

    Raises
    ------
    ModelsError
        If a margin is not a number: nobody is ranked by accident.
    """
    margin = np.asarray(margin, dtype=np.float64)
    if np.isnan(margin).any():
        raise ModelsError("A margin is not a number.", "List people without a score apart, unranked.")
    rising = np.sort(margin)
    above = len(margin) - np.searchsorted(rising, margin, side="right")
    return np.asarray(above + 1, dtype=np.int64)


def _settings(ranker: Ranker) -> dict[str, Any]:
    settings = dict(ranker.get_params(deep=False))
    settings.pop("threads", None)  # has no effect on the result, so it must have none on the hash
    if isinstance(settings.get("monotone"), Mapping):
        settings["monotone"] = dict(settings["monotone"])
    cuts = settings.pop("cuts", None)
    if cuts:  # left out where there are none, so that a ranker without any is the bundle that it was
        settings["cuts"] = {name: [float(cut) for cut in values] for name, values in cuts.items()}
    return settings


def _write(target: Path, files: Mapping[str, str]) -> None:
    """Write all files or none: into a folder beside the target, then renamed."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=target.parent))
    try:
        for name, text in files.items():
            (draft / name).write_bytes(text.encode("utf-8"))
            (draft / name).chmod(0o600)
        os.replace(draft, target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _verified_index(path: Path) -> tuple[dict[str, Any], Hash]:
    data = _bytes(path / INDEX)
    try:
        content = json.loads(data.decode("utf-8"))
        canonical = canonical_json(content).encode("utf-8")
    except (ValueError, TypeError):
        raise _corrupt(path / INDEX, "is not JSON") from None
    if canonical != data or digest_bytes(data) != path.name:
        raise _corrupt(path / INDEX, "is not what the folder's name says")
    if not isinstance(content, dict) or set(content) != _MEMBERS or content["format"] != FORMAT:
        raise _corrupt(path / INDEX, f"is not of bundle format {FORMAT}")
    if content["kind"] not in KINDS:
        raise _corrupt(path / INDEX, "names a kind of ranker that is not known")
    return content, digest_bytes(data)


def _verified_files(path: Path, declared: Mapping[str, str]) -> dict[str, str]:
    present = {entry.name for entry in path.iterdir()}
    if extra := sorted(present - set(declared) - {INDEX}):
        raise _corrupt(path / extra[0], "does not belong to the bundle")
    files = {}
    for name, expected in sorted(declared.items()):
        data = _bytes(path / name)
        if digest_bytes(data) != expected:
            raise _corrupt(path / name, "was changed after the bundle was saved")
        files[name] = data.decode("utf-8")
    return files


def _bytes(file: Path) -> bytes:
    if file.is_symlink() or not file.is_file():
        raise _corrupt(file, "is missing or not a plain file")
    return file.read_bytes()


def _corrupt(file: Path, what: str) -> BundleCorrupt:
    return BundleCorrupt(
        f"{file.name} of bundle {file.parent.name[:12]} {what}.", "Restore the bundle from a backup or train it again."
    )
