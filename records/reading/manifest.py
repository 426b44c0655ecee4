"""Where an extract comes from and when it was taken: ``manifest.yaml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from records.errors import ManifestError

_REMEDY = "Write manifest.yaml with source, extract_date (YYYY-MM-DD), period and, if made up, synthetic: true."
_KEYS = frozenset({"source", "extract_date", "period", "synthetic", "kind", "revision"})
KINDS = ("full", "changes")
_REVISION = re.compile(r"[1-9][0-9]{0,2}")


class _Twice(yaml.MarkedYAMLError):
    """A key stands in the manifest twice."""


class _Loader(yaml.SafeLoader):
    """Plain values only, and each key once: of two dates YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise _Twice(problem=f"the key {key.value[:40]!r} appears twice", problem_mark=key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True)
class Manifest:
    """Source, date and kind of an extract.

    Parameters
    ----------
    source
        The record system or systems.
    extract_date
        The day it was taken; nothing in it can lie later.
    period
        The period it covers, in the deliverer's words (may be blank).
    synthetic
        True where every row is made up.
    kind
        ``full``: a row that the source delivered before and that is no longer there was withdrawn. ``changes``: only
        new, corrected and (by `known_to`) withdrawn rows are delivered; absence says nothing.
    revision
        Which extract of the same source and day this is; the highest governs.
    """

    source: str
    extract_date: date
    period: str = ""
    synthetic: bool = False
    kind: str = "full"
    revision: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the keys as plain values."""
        return {
            "source": self.source,
            "extract_date": self.extract_date.isoformat(),
            "period": self.period,
            "synthetic": self.synthetic,
            "kind": self.kind,
            "revision": self.revision,
        }


def read_manifest(path: Path) -> Manifest:
    """Read a manifest file.

    Raises
    ------
    ManifestError
        If it is missing, not YAML, or lacks a source or an extract date.
    """
    try:
        content = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 - a safe loader
    except FileNotFoundError:
        raise ManifestError(f"The extract has no {path.name}.", _REMEDY) from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = path.name if line is None else f"{path.name}, line {line + 1}"
        if isinstance(error, _Twice):
            raise ManifestError(f"{where}: {error.problem}.", "Keep one of them.") from None
        raise ManifestError(f"{where} cannot be read as YAML.", _REMEDY) from error
    if not isinstance(content, dict):
        raise ManifestError(f"{path.name} holds no keys.", _REMEDY)
    return manifest_from(content, path.name)


def manifest_from(content: dict[Any, Any], where: str) -> Manifest:
    """Check the keys of a manifest, or of a mapping that stands in for one.

    Raises
    ------
    ManifestError
        If a key is unknown, missing or of the wrong kind.
    """
    unknown = sorted(_text(key, where) for key in set(content) - _KEYS)
    if unknown:
        raise ManifestError(f"{where} has the unknown key {unknown[0]!r}.", _REMEDY)
    source, synthetic = content.get("source"), content.get("synthetic", False)
    if not isinstance(source, str) or not _text(source, where):
        raise ManifestError(f"{where} names no source.", _REMEDY)
    if not isinstance(synthetic, bool):
        raise ManifestError(f"{where}: synthetic is neither true nor false.", _REMEDY)
    return Manifest(
        source=source.strip(),
        extract_date=_day(content.get("extract_date"), where),
        period=_period(content.get("period"), where),
        synthetic=synthetic,
        kind=_kind(content.get("kind", "full"), where),
        revision=_revision(content.get("revision", 1), where),
    )


def _kind(value: Any, where: str) -> str:
    if value not in KINDS:
        raise ManifestError(f"{where}: kind is neither full nor changes.", "Write kind: full or kind: changes.")
    return str(value)


def _revision(value: Any, where: str) -> int:
    text = _text(value, where)
    if isinstance(value, bool) or not _REVISION.fullmatch(text):
        raise ManifestError(
            f"{where}: revision is not a whole number from 1 to 999.", "Write revision: 2, for example."
        )
    return int(text)


def _day(value: Any, where: str) -> date:
    if type(value) is date:  # a datetime is a date too, but says more than a day
        return value
    text = _text(value, where)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ManifestError(f"{where} has no extract_date that is a day.", _REMEDY) from None


def _period(value: Any, where: str) -> str:
    parts = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [value]
    if any(isinstance(part, (list, dict)) for part in parts):
        raise ManifestError(f"{where}: period is neither a text nor a first and a last day.", _REMEDY)
    return " to ".join(_text(part, where) for part in parts)


def _text(value: Any, where: str) -> str:
    """Return a plain value as text; of a list or a block nothing: YAML's aliases can make its text endless."""
    if value is None or isinstance(value, (list, dict, set)):
        return ""
    try:
        text = str(value).strip()
        text.encode()
    except ValueError:  # more digits than Python writes out, or half a surrogate pair
        raise ManifestError(
            f"{where} holds a number or a character that cannot be stored.", "Write it as plain text."
        ) from None
    return text
