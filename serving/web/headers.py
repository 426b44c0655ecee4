"""The headers of every answer."""

from __future__ import annotations

from urllib.parse import quote


def security_headers(nonce: str, path: str) -> dict[str, str]:
    """Return the headers of every answer; `nonce` admits the page template's one inline script."""
    policy = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cache-Control": "max-age=3600" if path.startswith("/static/") else "no-store",
    }


def attachment(name: str) -> dict[str, str]:
    """Return the header that gives a file its name, in letters of any alphabet (RFC 6266).

    >>> attachment("run-list.csv")["Content-Disposition"], attachment("tŷ.csv")["Content-Disposition"]
    ('attachment; filename="run-list.csv"', "attachment; filename*=UTF-8''t%C5%B7.csv")
    """
    written = quote(name, safe="")
    named = f'filename="{name}"' if written == name else f"filename*=UTF-8''{written}"
    return {"Content-Disposition": f"attachment; {named}"}
