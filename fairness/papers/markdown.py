"""A paper as Markdown, in which every text stays text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&:@])")


def markdown(paper: Mapping[str, Any]) -> str:
    """Return a paper as Markdown."""
    lines = [f"# {text(paper['title'])}", "", text(paper["about"]), ""]
    lines += ["Synthetic data: everybody in these records is made up\\.", ""] if paper["synthetic"] else []
    for each in paper["says"]:
        lines += [text(each), ""]
    for part in paper["parts"]:
        lines += [f"## {text(part['title'])}", ""]
        for entry in part["entries"]:
            lines += [f"### {text(entry['number'])} {text(entry['question'])}", ""]
            lines += [line for answer in entry["answers"] for line in (text(answer), "")]
            lines += [f"**Missing\\.** {text(entry['missing'])}", ""] if entry["missing"] else []
            lines += [f"Source: {text(entry['source'])}", ""]
    lines += ["## Made from", "", *[f"- {text(name)}: {text(value)}" for name, value in paper["made_from"].items()], ""]
    return "\n".join(lines)


def text(value: Any) -> str:
    r"""Return a value with every mark of Markdown and HTML taken for itself.

    >>> text("<b> *x*")
    '\\<b\\> \\*x\\*'
    """
    return _MARKS.sub(r"\\\1", " ".join(str(value).split()))
