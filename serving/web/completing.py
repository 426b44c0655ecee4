"""What every template needs and none has to say: put in when a template is read, once and for all pages alike."""

from __future__ import annotations

import re

from jinja2.ext import Extension
from markupsafe import Markup, escape

TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn how all text after them is read."""
_TABLE = re.compile(r"<(table|thead|tbody|tr|td)(?=[\s>])")
_ROLES = {"thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "td": "cell"}
_HEADER = re.compile(r'<th(?=[^<]*?\bscope="(col|row)")')
_SAYS = r"\{\{((?:(?!\}\}|\{\{).)*)\}\}"
_FIELD = re.compile(rf'(<input\b[^<]*?\bvalue="){_SAYS}(?=")|(<textarea\b[^<]*>){_SAYS}(?=</textarea>)')


def typed(value: object) -> Markup:
    r"""Return what a field holds so that a browser sends it back as it was typed.

    A character that turns text is written by its number: a field keeps its own direction, and what is printed outside
    of fields shows a mark in its place (`render.in_order`).

    >>> typed("abc\u202e<def>")
    Markup('abc&#8238;&lt;def&gt;')
    """
    return Markup(TURNS.sub(lambda turn: f"&#{ord(turn[0])};", escape(value)))  # noqa: S704


class Completed(Extension):
    """Gives tables their roles, and lets fields hold what was typed into them.

    A table of which each row stands as a block on a telephone is no table to some screen readers, unless it says so.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Complete the source of a template."""
        source = _HEADER.sub(lambda th: f'<th role="{"column" if th[1] == "col" else "row"}header"', source)
        source = _TABLE.sub(lambda tag: f'<{tag[1]} role="{_ROLES.get(tag[1], tag[1])}"', source)
        return _FIELD.sub(lambda field: f"{field[1] or field[3]}{{{{ ({field[2] or field[4]})|typed }}}}", source)
