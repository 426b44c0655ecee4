"""Reads a policy from YAML, so that every fault is told with its line and column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from fairness.errors import PolicyError
from fairness.policy_schema import Policy

SHIPPED = Path(__file__).parent / "policy.yaml"
_SEE = "Correct it; docs/fairness.md explains every field."


def read_policy(path: Path = SHIPPED) -> Policy:
    """Return the policy in `path` without asking whether it could ever pass.

    Raises
    ------
    PolicyError
        With file, line and column, if the file is no YAML, repeats a key or breaks the schema.
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path.name} cannot be read ({type(error).__name__}).", "Give a YAML file.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = _where(path, mark) if mark else path.name
        raise PolicyError(f"{where}: {error.problem}.", "Correct the YAML.") from None
    if not isinstance(node, yaml.MappingNode):
        raise PolicyError(f"{path.name} holds no fields.", _SEE)
    _refuse_repeated_keys(path, node)
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the policy"
        where = _where(path, _locate(node, first["loc"]).start_mark)
        message = first["msg"].removeprefix("Value error, ")
        raise PolicyError(f"{where}: {field}: {message}.", _SEE) from None


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


def _refuse_repeated_keys(path: Path, node: yaml.Node) -> None:
    """Refuse a key given twice; YAML would silently keep the last."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(path, item)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise PolicyError(f"{_where(path, key.start_mark)}: {key.value} is given twice.", "Keep one.")
            seen.add(key.value)
            _refuse_repeated_keys(path, value)
