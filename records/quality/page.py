"""A report as one HTML file: no script, nothing fetched, readable on paper and on a telephone."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from records.quality import words
from records.quality.blocks import Section
from records.quality.sections import sections

_HERE = "records.quality"
_LEVELS = (
    (
        "act",
        "Act before you train or score",
        "These can move people on a list, or keep a list from being audited.",
    ),
    ("know", "Know when you read results", "These limit what may be said."),
)


@cache
def _environment(package: str) -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader(each, "templates") for each in dict.fromkeys((package, _HERE))]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> tuple[str, str]:
    """Return the style sheet, and its hash for the content security policy."""
    environment = _environment(_HERE)
    text, *_ = environment.loader.get_source(environment, "quality.css")  # type: ignore[union-attr]
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return text, f"sha256-{digest}"


def page(document: Mapping[str, Any]) -> str:
    """Return the page of a report on data quality.

    Parameters
    ----------
    document
        What `assess` returned.
    """
    shown = words.visible(dict(document))
    return rendered(_HERE, "quality.html", shown, sections(shown))


def rendered(
    package: str,
    template: str,
    document: Mapping[str, Any],
    parts: Sequence[Section],
    levels: Sequence[tuple[str, str, str]] = _LEVELS,
) -> str:
    """Return a report that looks like the one on data quality.

    Parameters
    ----------
    package, template
        The package whose ``templates`` hold the template, which extends ``report.html``.
    document
        The report's ``findings`` and ``synthetic``, and whatever else the template shows; made visible by the caller.
    parts
        The sections in the order of the page.
    levels
        Name, title and meaning of each level of findings.
    """
    style, style_hash = _style()
    return (
        _environment(package)
        .get_template(template)
        .render(
            document=document,
            sections=parts,
            levels=levels,
            style=Markup(style),  # noqa: S704 - our own file, and it must stay as hashed
            style_hash=style_hash,
            day=words.day,
        )
    )
