"""Where linkage draws its lines: ``linkage.yaml`` of a workspace, or what is committed here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from records.errors import LinkageError


@dataclass(frozen=True)
class LinkageSettings:
    """The thresholds and the training of linkage.

    Attributes
    ----------
    upper
        Match probability from which two records are linked without a person (if no rule stands against it).
    lower
        Match probability from which a pair is put before a person; below it the records stay apart.
    margin
        Bits by which one person must fit better than another, where a record fits two who cannot be one.
    seed
        Seed of the sample that says how often records of different people agree.
    sample_pairs
        Pairs drawn for that sample.
    fewest_records
        Below this many records the shipped weights are used: too few pairs to learn from.
    """

    upper: float = 0.9
    lower: float = 0.2
    margin: float = 6.0
    seed: int = 1
    sample_pairs: int = 1_500_000
    fewest_records: int = 1_000

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def load_settings(path: Path | None) -> LinkageSettings:
    """Read ``linkage.yaml``; what it does not say stays as committed.

    Raises
    ------
    LinkageError
        If it is not YAML, names something unknown or gives a value out of range; the message names the line.
    """
    if path is None or not path.exists():
        return LinkageSettings()
    node = _node(path)
    known = {field.name: type(getattr(LinkageSettings(), field.name)) for field in fields(LinkageSettings)}
    values: dict[str, Any] = {}
    for key, value in node.value if node else ():
        where = f"{path.name}, line {key.start_mark.line + 1}"
        if key.value not in known:
            raise LinkageError(f"{where}: there is no setting {key.value!r}.", f"Choose from {', '.join(known)}.")
        try:
            values[key.value] = known[key.value](value.value)
        except (ValueError, TypeError):
            raise LinkageError(f"{where}: {key.value} is not a number.", "Write a number.") from None
    settings = LinkageSettings(**values)
    if not 0 < settings.lower <= settings.upper < 1 or min(settings.margin, settings.seed) < 0:
        raise LinkageError(f"{path.name}: the thresholds are out of order.", "Write 0 < lower <= upper < 1.")
    if settings.sample_pairs < 10_000:
        raise LinkageError(f"{path.name}: sample_pairs is too small.", "Write at least 10000.")
    return settings


def _node(path: Path) -> yaml.MappingNode | None:
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise LinkageError(f"{path.name}{where} is not YAML.", "Correct the file.") from None
    if node is not None and not isinstance(node, yaml.MappingNode):
        raise LinkageError(f"{path.name} does not hold names and values.", "Write 'name: value' lines.")
    return node
