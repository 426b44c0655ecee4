"""The report as one HTML file: no script, nothing fetched, readable on paper and on a telephone."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from records.quality import words
from records.quality.sections import sections


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("records.quality", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> tuple[str, str]:
    """Return the style sheet, and its hash for the content security policy."""
    text, *_ = _environment().loader.get_source(_environment(), "quality.css")  # type: ignore[union-attr]
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return text, f"sha256-{digest}"


def page(document: Mapping[str, Any]) -> str:
    """Return the page of a report.

    Parameters
    ----------
    document
        What `assess` returned.
    """
    shown = words.visible(dict(document))
    style, style_hash = _style()
    return (
        _environment()
        .get_template("quality.html")
        .render(
            document=shown,
            sections=sections(shown),
            style=Markup(style),  # noqa: S704 - our own file, and it must stay as hashed
            style_hash=style_hash,
            day=words.day,
        )
    )
