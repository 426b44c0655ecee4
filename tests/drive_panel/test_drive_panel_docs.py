"""What the documentation points at is there: links, headings, pictures, and commands that the command line takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer

from benchmarks.tables import AWAITED, TABLES
from drive_panel.cli import app
from serving.web.terms import TERMS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
GENERATED = {ROOT / "docs" / "commands.md"}  # made from the parser itself, usage lines and all
FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`(drive-panel [^`\n…]+)`")
LINK = re.compile(r"(?<!\\)\]\(([^)\s]+)\)")
LINE: Any = typer.main.get_command(app)


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def headings(page: Path) -> set[str]:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    titles = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", each) for each in re.findall(r"^#+ (.+)$", text, re.MULTILINE))
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in titles}


def commands(page: Path) -> Iterator[str]:
    """Yield every command that a page shows, without what a shell does around it."""
    text = page.read_text(encoding="utf-8")
    for line in "\n".join(FENCE.findall(text)).replace("\\\n", " ").splitlines():
        started = re.match(r"\s*(?:\$ |sudo )?(?:\.venv/bin/)?drive-panel( .+)", line)
        if started and "…" not in line:
            yield "drive-panel" + started[1]
    yield from SPAN.findall(FENCE.sub("", text))


def refused(command: str) -> str | None:
    """Return why the command line does not take these words, or None."""
    words = shlex.split(re.split(r" (?:[|>&#]|\d>)", command.replace("[", "").replace("]", ""))[0])[1:]
    part, context = LINE, typer.Context(LINE, info_name="drive-panel")
    while True:
        try:
            given, words, _ = part.make_parser(context).parse_args(words)
        except Exception as error:  # noqa: BLE001 - what the parser says is the answer
            return f"{command}: {error}"
        if not hasattr(part, "commands"):
            return f"{command}: {words} is too much" if words else None
        if not words:
            return None
        if words[0] not in part.commands:
            return f"{command}: there is no {words[0]}" if not part.invoke_without_command or not given else None
        part = part.commands[words[0]]
        context, words = typer.Context(part, parent=context, info_name=words[0]), words[1:]


def leads(page: Path, link: str) -> bool:
    """Say whether a link of a page leads somewhere; of other sites nothing is asked."""
    path, _, heading = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if link.startswith(("http:", "https:", "mailto:")):
        return True
    return target.exists() and (not heading or target.suffix != ".md" or heading in headings(target))


def test_what_pages_link_to_is_there() -> None:
    links = [(page, link) for page in PAGES for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8")))]
    assert len(links) > 400
    assert [f"{named(page)}: {link}" for page, link in links if not leads(page, link)] == []
    assert not leads(ROOT / "README.md", "docs/access.md#no-such-heading")


def test_the_command_line_takes_every_command_that_pages_show() -> None:
    shown = [(named(page), command) for page in PAGES if page not in GENERATED for command in commands(page)]
    assert len(shown) > 150
    assert [f"{page}: {said}" for page, command in shown if (said := refused(command))] == []


def test_a_command_that_is_not_there_is_found() -> None:
    assert refused("drive-panel score --as-of DATE --area AREA") is None
    assert "no such option" in str(refused("drive-panel score --date 2026-03-31")).lower()
    assert "there is no ledgers" in str(refused("drive-panel ledgers verify"))
    assert "is too much" in str(refused("drive-panel runs twice"))


WALKS = ("panel-chair", "panel-member", "governance-reviewer", "data-scientist", "record-links", "administrator")


def test_what_the_guides_call_a_words_of_the_pages_stands_on_a_page() -> None:
    shown = "".join(
        plain(each.read_text("utf-8")) for each in (ROOT / "serving").rglob("*") if each.suffix in {".html", ".py"}
    )
    guides = {name: (ROOT / "docs" / "guides" / f"{name}.md").read_text(encoding="utf-8") for name in WALKS}
    said = {
        (name, plain(words)) for name, text in guides.items() for words in re.findall(r"\*\*([^*]+)\*\*", steps(text))
    }
    assert len(said) > 150
    assert sorted(each for each in said if each[1].rstrip(".:") not in shown) == []


def steps(guide: str) -> str:
    """Return the part of a guide that walks through pages; what follows `More` is for looking up."""
    return FENCE.sub("", guide.partition("\n# More")[0])


def plain(text: str) -> str:
    """Return a text in small letters with one space between its words, and without tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", text).split()).lower()


def test_every_table_that_a_page_says_can_be_proved_is_declared() -> None:
    said = {name for page in PAGES for name in re.findall(r"scripts/prove (\w+)", page.read_text(encoding="utf-8"))}
    assert sorted(said - {*TABLES, *AWAITED, "TABLE"}) == []
    modules = {name for page in PAGES for name in re.findall(r"python -m (benchmarks[\w.]*)", page.read_text("utf-8"))}
    assert [each for each in sorted(modules) if not any(here(each))] == []


def here(module: str) -> Iterator[bool]:
    path = ROOT.joinpath(*module.split("."))
    yield path.with_suffix(".py").exists()
    yield (path / "__main__.py").exists()


def test_the_index_names_every_page_of_the_documentation_and_the_glossary_every_word_of_the_pages() -> None:
    docs = ROOT / "docs"
    index = (docs / "README.md").read_text(encoding="utf-8")
    pages = {each.relative_to(docs) for part in (".", "guides", "decisions") for each in (docs / part).glob("*.md")}
    assert sorted(str(each) for each in pages - {Path("README.md")} if f"({each})" not in index) == []
    glossary = (docs / "glossary.md").read_text(encoding="utf-8").lower()
    words = [word for name, _ in TERMS.values() for word in name.lower().split(", ")]
    assert [word for word in words if word not in glossary] == []


def test_every_picture_is_shown_somewhere() -> None:
    shown = " ".join(page.read_text(encoding="utf-8") for page in PAGES)
    kept = sorted((ROOT / "docs" / "screenshots").rglob("*.png"))
    assert [each.name for each in kept if each.name not in shown] == []
