"""The reference of every command as Markdown, made from the parser itself: what it says is what the program takes.

``scripts/commands`` writes it to ``docs/commands.md``; a test holds the page to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from drive_panel.cli import app

_HEAD = """# Every command

Made by `scripts/commands` from the program itself; a test holds this page to it. `drive-panel COMMAND --help` says the
same. `--home DIR` (or `DRIVE_PANEL_HOME`) comes before the command and names the workspace; without it that is
`./workspace`. With `--json` a command prints one object on standard output and everything else on standard error.

| Exit status | Meaning |
|---|---|
| 0 | done |
| 1 | something is wrong with what was given; the message says what to do |
| 2 | the words of the call are wrong |
| 3 | refused by the gate, or a list without a live release |
"""
_WIDTH = 10_000  # the parser breaks no line


def reference() -> str:
    """Return the whole page."""
    found = list(_leaves(typer.main.get_command(app), ()))
    listed = [f"- [`drive-panel {words}`](#{words.replace(' ', '-')}): {_short(command)}" for words, command in found]
    return "\n".join([_HEAD, *listed, "", *(_section(words, command) for words, command in found)])


def _leaves(group: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        below = hasattr(command, "commands")
        if not command.hidden and (not below or command.invoke_without_command):
            yield " ".join((*words, name)), command
        if below:
            yield from _leaves(command, (*words, name))


def _section(words: str, command: Any) -> str:
    context = typer.Context(command, info_name=f"drive-panel {words}", max_content_width=_WIDTH, terminal_width=_WIDTH)
    usage = " ".join([f"drive-panel {words}", *command.collect_usage_pieces(context)])
    options = [record for each in command.get_params(context) if (record := each.get_help_record(context))]
    lines = [f"## {words}", "", _plain(command.help or ""), "", f"```\n{usage}\n```", ""]
    lines += [f"- `{names}`: {_plain(told)}" for names, told in options if names != "--help"]
    example, _, remark = (command.epilog or "").removeprefix("Example: ").partition("   ")
    return "\n".join([*lines, "", f"Example: `{example}` {remark}".rstrip() if example else "", ""])


def _short(command: Any) -> str:
    return _plain((command.help or "").partition("\n\n")[0])


def _plain(text: str) -> str:
    """Return text in one line a paragraph, with nothing that Markdown would take for a tag or a cell."""
    paragraphs = (" ".join(each.split()) for each in text.split("\n\n"))
    return "\n\n".join(paragraphs).replace("<", "&lt;").replace("|", "\\|")


if __name__ == "__main__":
    print(reference(), end="")
