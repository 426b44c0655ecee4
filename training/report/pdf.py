"""The evaluation report as a tagged PDF (PDF/UA), printed from its page.

WeasyPrint draws with Debian's Pango; a machine without it gets the page alone, which prints from any browser.
"""

from __future__ import annotations

import logging
import re
from typing import Any, NoReturn

from training.errors import PdfUnavailable

_PLOT_RULE = re.compile(r"^\.plot (.+)$", re.MULTILINE)
_DRAWN = re.compile(r'(<svg class="plot".*?</desc>)', re.DOTALL)
_TEXT = "text{font-size:14px;font-family:Arial,'Liberation Sans',sans-serif}"
_PRINTED = """
@page { size: A4 landscape; margin: 15mm; @bottom-right { content: counter(page) " of " counter(pages) } }
.wide { max-width: none } .lead { font-size: 12pt } .pane { overflow: visible } .plot { max-width: 100%; height: auto }
table { font-size: 8pt } th, td { padding: 4pt 6pt 4pt 0 } tbody th { min-width: 0; max-width: none }
td { max-width: none } td.number { white-space: normal } nav { display: none } li, tr { break-inside: avoid }
.phase p, .bottom { font-size: 9pt } h2, h3, .figure, caption { break-after: avoid }
"""


def pdf(html: str) -> bytes:
    """Print a report's page.

    Parameters
    ----------
    html
        What `page` returned; nothing outside it is read.

    Raises
    ------
    PdfUnavailable
        If the libraries that draw it are not installed.
    """
    try:
        from weasyprint import HTML
    except OSError:
        raise PdfUnavailable(
            "A PDF cannot be drawn: Pango is not installed on this machine.",
            "Run scripts/setup as root, or print the page from a browser.",
        ) from None
    for name in ("weasyprint", "fontTools"):  # they tell of every rule that is for browsers only
        logging.getLogger(name).setLevel(logging.ERROR)
    return bytes(HTML(string=_for_paper(html), url_fetcher=_nothing).write_pdf(pdf_variant="pdf/ua-1"))


def _for_paper(html: str) -> str:
    """Add rules for paper, and put those for plots into each plot, which here does not see the page's style sheet."""
    rules = "".join(_PLOT_RULE.findall(html[: html.index("</style>")])).replace(".plot ", "")
    html = html.replace("</style>", f"{_PRINTED}</style>", 1)
    return _DRAWN.sub(lambda found: f"{found.group(1)}<style>{rules}{_TEXT}</style>", html)


def _nothing(url: str, *_: Any, **__: Any) -> NoReturn:
    raise ValueError(f"A report fetches nothing, and this one names {url}.")
