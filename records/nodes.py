"""YAML that knows its own line numbers, so that a mistake in a mapping is named where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

from records.errors import MappingError

_DEEPEST = 12


class Node:
    """One value of a YAML file with its place. Scalars are text as written: ``on`` stays ``on``.

    Parameters
    ----------
    file
        Name of the YAML file.
    node
        The composed node.
    depth
        How deep it lies; a file that nests without end (an alias to itself) is refused.
    """

    def __init__(self, file: str, node: yaml.Node, depth: int = 0) -> None:
        self.file = file
        self._node = node
        self._depth = depth
        if depth > _DEEPEST:
            raise self.wrong("nests too deeply", "Write it out flat.")

    @classmethod
    def read(cls, path: Path) -> Node:
        """Compose a YAML file.

        Raises
        ------
        MappingError
            If it is missing, empty or not YAML.
        """
        try:
            node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
        except FileNotFoundError:
            raise MappingError(f"There is no mapping {path.name!r}.", "Check the path.") from None
        except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
            line = getattr(getattr(error, "problem_mark", None), "line", None)
            where = path.name if line is None else f"{path.name}, line {line + 1}"
            raise MappingError(f"{where} cannot be read as YAML.", "Mend its indentation or quotes.") from error
        if node is None:
            raise MappingError(f"{path.name} is empty.", "Write source, file and tables.")
        return cls(path.name, node)

    @property
    def line(self) -> int:
        """The line it starts on, from 1."""
        return int(self._node.start_mark.line) + 1

    @property
    def is_text(self) -> bool:
        """True for a plain value."""
        return isinstance(self._node, yaml.ScalarNode)

    @property
    def is_block(self) -> bool:
        """True for keys and values."""
        return isinstance(self._node, yaml.MappingNode)

    def wrong(self, what: str, remedy: str) -> MappingError:
        """Return the error that says what is wrong here."""
        return MappingError(f"{self.file}, line {self.line}: {what}.", remedy)

    def text(self) -> str:
        """Return a plain value as written."""
        if not isinstance(self._node, yaml.ScalarNode):
            raise self.wrong("a plain value is needed here", "Write one word or a quoted text.")
        return str(self._node.value)

    def texts(self) -> list[str]:
        """Return a list of plain values; one value counts as a list of one."""
        if isinstance(self._node, yaml.ScalarNode):
            return [self.text()]
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.wrong("a list is needed here", "Write it as [one, two].")
        return [Node(self.file, each, self._depth + 1).text() for each in self._node.value]

    def entries(self) -> dict[str, Node]:
        """Return the keys and values of a block."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.wrong("keys and values are needed here", "Write them as key: value.")
        found: dict[str, Node] = {}
        for key, value in self._node.value:
            name = Node(self.file, key, self._depth + 1).text()
            if name in found:
                at = Node(self.file, key, self._depth + 1)
                raise at.wrong(f"the key {name!r} appears twice", "Keep one of them.")
            found[name] = Node(self.file, value, self._depth + 1)
        return found

    def block(self, required: Iterable[str] = (), optional: Iterable[str] = ()) -> dict[str, Node]:
        """Return the keys and values of a block that must have `required` and may have `optional` keys."""
        found, needed = self.entries(), list(required)
        allowed = [*needed, *optional]
        for name, value in found.items():
            if name not in allowed:
                raise value.wrong(f"the key {name!r} is not known here", f"Use {', '.join(allowed)}.")
        for name in needed:
            if name not in found:
                raise self.wrong(f"the key {name!r} is missing", "Add it.")
        return found
