"""One planted error: where, what it changes, and the test that names the behaviour it breaks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TESTS = "tests/features/test_features_"


@dataclass(frozen=True)
class Mutant:
    """One planted error.

    Parameters
    ----------
    name
        What is wrong, in a few words.
    file
        The source file, from the root of the project.
    text
        What stands there; exactly once.
    instead
        What is put in its place.
    seen_by
        The test that must fail, as ``behaviours::test_name`` for ``tests/features/test_features_behaviours.py``.
    """

    name: str
    file: str
    text: str
    instead: str
    seen_by: str

    @property
    def node(self) -> str:
        """The test as pytest names it."""
        module, _, test = self.seen_by.partition("::")
        return f"{TESTS}{module}.py::{test}"

    def plant(self, root: Path) -> None:
        """Change the file under `root`.

        Raises
        ------
        ValueError
            If the text does not stand there exactly once.
        """
        path = root / self.file
        source = path.read_text(encoding="utf-8")
        if source.count(self.text) != 1:
            raise ValueError(f"{self.name}: {self.file} holds the text {source.count(self.text)} times, not once.")
        path.write_text(source.replace(self.text, self.instead), encoding="utf-8")
