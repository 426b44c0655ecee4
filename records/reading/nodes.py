"""YAML that knows its own lines and columns, so that a mistake in a mapping is named where it stands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import yaml

from records.errors import MappingError

_DEEPEST = 16
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Origin:
    """The YAML file that nodes come from, and the files beside it that were read for them."""

    file: str
    folder: Path
    opened: dict[str, bytes] = field(default_factory=dict)


class Node:
    """One value of a YAML file with its place. Scalars are text as written: ``on`` stays ``on``.

    Parameters
    ----------
    origin
        The YAML file.
    node
        The composed node.
    depth
        How deep it lies; a file that nests without end (an alias to itself) is refused.
    words
        What stands in for ``{word}`` in its texts.
    """

    def __init__(self, origin: Origin, node: yaml.Node, depth: int = 0, words: Mapping[str, str] = _NOTHING) -> None:
        self.origin = origin
        self._node = node
        self._depth = depth
        self._words = words
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
            mark = getattr(error, "problem_mark", None)
            where = path.name if mark is None else f"{path.name}, line {mark.line + 1}, column {mark.column + 1}"
            raise MappingError(f"{where} cannot be read as YAML.", "Mend its indentation or quotes.") from error
        if node is None:
            raise MappingError(f"{path.name} is empty.", "Write source, file and tables.")
        return cls(Origin(path.name, path.parent), node)

    def filled(self, words: Mapping[str, str]) -> Node:
        """Return the same place with each ``{word}`` standing for its text."""
        return Node(self.origin, self._node, self._depth, MappingProxyType({**self._words, **words}))

    def _inner(self, node: yaml.Node) -> Node:
        return Node(self.origin, node, self._depth + 1, self._words)

    @property
    def file(self) -> str:
        """Name of the YAML file."""
        return self.origin.file

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

    @property
    def place(self) -> str:
        """The file, line and column it starts in, from 1."""
        return f"{self.origin.file}, line {self.line}, column {int(self._node.start_mark.column) + 1}"

    def wrong(self, what: str, remedy: str) -> MappingError:
        """Return the error that says what is wrong here."""
        return MappingError(f"{self.place}: {what}.", remedy)

    def unknown(self, what: str, name: str, allowed: Iterable[str]) -> MappingError:
        """Return the error for a name that is not among those allowed; it proposes the nearest."""
        known = list(allowed)
        near = difflib.get_close_matches(name.lower(), [each.lower() for each in known], n=1, cutoff=0.6)
        proposed = [each for each in known if near and each.lower() == near[0]]
        hint = f"Did you mean {proposed[0]!r}? " if proposed else ""
        return self.wrong(what, f"{hint}Use {', '.join(known) if known else 'nothing here'}.")

    def text(self) -> str:
        """Return a plain value as written, with its words filled in."""
        if not isinstance(self._node, yaml.ScalarNode):
            raise self.wrong("a plain value is needed here", "Write one word or a quoted text.")
        text = str(self._node.value)
        if _CONTROL.search(text):
            raise self.wrong("the text holds a control character", "Take it out.")
        for word, stands_for in self._words.items():
            text = text.replace("{" + word + "}", stands_for)
        return text

    @property
    def left_blank(self) -> bool:
        """True for a plain value that holds nothing but words that stand for nothing."""
        return isinstance(self._node, yaml.ScalarNode) and bool(self._node.value) and not self.text()

    def texts(self) -> list[str]:
        """Return a list of plain values; one value counts as a list of one."""
        if self.is_block:
            raise self.wrong("a list is needed here", "Write it as [one, two].")
        return [node.text() for node in self.members()]

    def members(self) -> list[Node]:
        """Return the members of a list; anything else counts as a list of one."""
        if not isinstance(self._node, yaml.SequenceNode):
            return [self]
        return [self._inner(each) for each in self._node.value]

    def truth(self) -> bool:
        """Return true or false."""
        if (text := self.text()) not in ("true", "false"):
            raise self.wrong(f"{text!r} is neither true nor false", "Write true or false.")
        return text == "true"

    def number(self) -> int:
        """Return a whole number other than zero."""
        text = self.text()
        if not re.fullmatch(r"-?[1-9][0-9]{0,5}", text):
            raise self.wrong(f"{text!r} is no place to count from", "Write 1 for the first, -1 for the last.")
        return int(text)

    def entries(self) -> dict[str, Node]:
        """Return the keys and values of a block."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.wrong("keys and values are needed here", "Write them as key: value.")
        found: dict[str, Node] = {}
        for key, value in self._node.value:
            at = self._inner(key)
            name = at.text()
            if name in found:
                raise at.wrong(f"the key {name!r} appears twice", "Keep one of them.")
            found[name] = self._inner(value)
        return found

    def block(self, required: Iterable[str] = (), optional: Iterable[str] = ()) -> dict[str, Node]:
        """Return the keys and values of a block that must have `required` and may have `optional` keys."""
        found, needed = self.entries(), list(required)
        allowed = [*needed, *optional]
        for name, value in found.items():
            if name not in allowed:
                raise value.unknown(f"the key {name!r} is not known here", name, allowed)
        for name in needed:
            if name not in found:
                raise self.wrong(f"the key {name!r} is missing", "Add it.")
        return found

    def beside(self) -> bytes:
        """Return the content of the file of this name that lies beside the YAML file."""
        name = self.text()
        if Path(name).name != name or name.startswith("."):
            raise self.wrong(f"{name!r} is no file name", "Name a file in the same folder as the mapping.")
        if name not in self.origin.opened:
            try:
                self.origin.opened[name] = (self.origin.folder / name).read_bytes()
            except OSError as error:
                why = type(error).__name__
                raise self.wrong(f"{name} beside the mapping cannot be read ({why})", "Put it there.") from error
        return self.origin.opened[name]
