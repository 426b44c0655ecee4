"""Sets one document on paper: HTML from standard input, a tagged PDF to standard output.

It is run as a program of its own (`paper`), so that what draws pages is never loaded where pages are served, sees no
key and no database, and gives its memory back when it ends. It fetches nothing.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, NoReturn


def _nothing(url: str, *_: Any, **__: Any) -> NoReturn:
    raise ValueError(f"A paper fetches nothing, and this one names {url}.")


def main() -> None:
    """Read, set, write."""
    from weasyprint import HTML

    for name in ("weasyprint", "fontTools"):  # they tell of every rule that is for screens only
        logging.getLogger(name).setLevel(logging.ERROR)
    html = sys.stdin.buffer.read().decode("utf-8")
    sys.stdout.buffer.write(HTML(string=html, url_fetcher=_nothing).write_pdf(pdf_variant="pdf/ua-1"))


if __name__ == "__main__":
    main()
