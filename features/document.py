"""Write docs/indicators.md from the catalogue: ``python -m features.document > docs/indicators.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from features.catalogue import CATALOGUE, Catalogue
from features.indicator import GROUPS, Indicator
from features.prose import ADDING, HEAD, READING, WORDS
from features.specification import specification


def document(catalogue: Catalogue = CATALOGUE) -> str:
    """Return the document as Markdown."""
    head = HEAD.format(count=len(catalogue), version=catalogue.version.short)
    return "\n".join([head, *_contents(catalogue), READING, WORDS, *_groups(catalogue), ADDING])


def _by_group(catalogue: Catalogue) -> Iterator[tuple[str, list[Indicator]]]:
    for group in GROUPS:
        members = [indicator for indicator in catalogue if indicator.group == group]
        if members:
            yield _title(group), members


def _title(group: str) -> str:
    return group.replace("marac", "MARAC") if group == "marac" else group.capitalize()


def _contents(catalogue: Catalogue) -> Iterator[str]:
    yield "## Contents\n"
    yield "[How to read an entry](#how-to-read-an-entry), with [a worked example](#a-worked-example). [Words](#words)."
    yield "[Adding an indicator](#adding-an-indicator).\n"
    for title, members in _by_group(catalogue):
        names = ", ".join(f"[{one.name}](#{one.name})" for one in members)
        yield f"- **[{title}](#{title.lower().replace(' ', '-')})** ({len(members)}): {names}"
    yield ""


def _groups(catalogue: Catalogue) -> Iterator[str]:
    for title, members in _by_group(catalogue):
        yield f"## {title}\n"
        yield from (_entry(indicator) for indicator in members)


def _entry(indicator: Indicator) -> str:
    clock = "day of report" if indicator.clock == "reported" else "day of occurrence"
    days = indicator.window.days
    window = "all that is known" if days is None else f"last {days} days"
    lines = [
        f"### `{indicator.name}`\n",
        f"{indicator.question}\n",
        f"- Unit: {indicator.unit}. Window: {window}, by {clock}.",
        f"- Computed: {specification(indicator.measure)}.",
        f"- Push: {indicator.push}. {indicator.why}",
        f"- Source: {indicator.source}.",
        f"- Missing: {indicator.absence}",
        f"- Reads: {', '.join(f'`{column}`' for column in indicator.reads)}.\n",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(document())
