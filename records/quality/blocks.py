"""The pieces that a page is made of: headings, paragraphs, plots and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from markupsafe import Markup


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    kind: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True)
class Plot:
    """A plot in a region that scrolls by itself."""

    kind: ClassVar[str] = "plot"
    title: str
    svg: Markup


@dataclass(frozen=True)
class Table:
    """A table; the first `texts` columns are words, the others numbers. A folded one opens on demand."""

    kind: ClassVar[str] = "table"
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    texts: int = 1
    folded: bool = False


Block = Heading | Text | Plot | Table


@dataclass(frozen=True)
class Section:
    """One section of the page."""

    id: str
    title: str
    says: Sequence[str]
    blocks: Sequence[Block] = field(default_factory=list)
