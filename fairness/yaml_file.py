"""A file that people write, read into its schema, so that every fault is told with its line and column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from fairness.errors import FairnessError

Model = TypeVar("Model", bound=BaseModel)


def read_model(path: Path, model: type[Model], error: type[FairnessError], see: str) -> Model:
    """Return what `path` holds.

    Parameters
    ----------
    model
        Its schema.
    error
        What is raised, with file, line and column, if the file is no YAML, repeats a key or breaks the schema.
    see
        Where the schema is explained.
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as problem:
        raise error(f"{path.name} cannot be read ({type(problem).__name__}).", "Give a YAML file.") from None
    except yaml.MarkedYAMLError as problem:
        where = _where(path, problem.problem_mark) if problem.problem_mark else path.name
        raise error(f"{where}: {problem.problem}.", "Correct the YAML.") from None
    except (yaml.YAMLError, ValueError) as problem:
        raise error(f"{path.name} is not YAML ({type(problem).__name__}).", "Correct the YAML.") from None
    if not isinstance(node, yaml.MappingNode):
        raise error(f"{path.name} holds no fields.", see)
    _refuse_repeated_keys(path, node, error)
    try:
        return model.model_validate(content)
    except ValidationError as problem:
        first = problem.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        where = _where(path, _locate(node, first["loc"]).start_mark)
        raise error(f"{where}: {field}: {first['msg'].removeprefix('Value error, ')}.", see) from None


def _where(path: Path, mark: yaml.Mark) -> str:
    return f"{path.name}, line {mark.line + 1}, column {mark.column + 1}"


def _locate(node: yaml.Node, location: Sequence[str | int]) -> yaml.Node:
    """Return the deepest node on the way to `location` that exists; a key's own node for unknown fields."""
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = [value for key, value in node.value if key.value == str(part)]
            if not found:
                return node
            node = found[0]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
    return node


def _refuse_repeated_keys(path: Path, node: yaml.Node, error: type[FairnessError]) -> None:
    """Refuse a key given twice; YAML would silently keep the last."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(path, item, error)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise error(f"{_where(path, key.start_mark)}: {key.value} is given twice.", "Keep one.")
            seen.add(key.value)
            _refuse_repeated_keys(path, value, error)
