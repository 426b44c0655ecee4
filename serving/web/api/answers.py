"""How the API answers: documents with a tag, parts of longer series, acts that may be sent again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from serving.errors import NotFound
from serving.people import Person
from serving.repeats import Repeat
from serving.web.headers import attachment
from serving.web.problems import NotAsRead
from serving.web.render import web_of
from values import digest, digest_bytes

Item = TypeVar("Item")


def tag_of(text: str) -> str:
    """Return the ETag of an answer: equal only where every byte of it is."""
    return f'"{digest_bytes(text.encode("utf-8"))[:32]}"'


def tagged(document: Mapping[str, Any], known: str | None) -> Response:
    """Answer with a document and its ETag, or with 304 where the caller has exactly this one."""
    text = _text(document)
    tag = tag_of(text)
    if _matches(known, tag):
        return Response(status_code=304, headers={"ETag": tag})
    return Response(text, media_type="application/json", headers={"ETag": tag})


def as_file(content: bytes, media_type: str, name: str, known: str | None = None, status: int = 200) -> Response:
    """Answer with a file and its ETag, or with 304 where the caller has exactly this one."""
    tag = f'"{digest_bytes(content)[:32]}"'
    if _matches(known, tag):
        return Response(status_code=304, headers={"ETag": tag})
    headers = {"ETag": tag, **attachment(name)}
    return Response(content, status, headers, media_type)


def need_read(document: Callable[[], Mapping[str, Any]], known: str | None) -> None:
    """Pass where the caller gives no ETag or read what there is now, or raise `NotAsRead`."""
    if known is not None and not _matches(known, tag_of(_text(document()))):
        raise NotAsRead("The case was changed since you read it.", "Read it again, then decide.")


def part(
    items: Sequence[Item], limit: int, cursor: str | None, key: Callable[[Item], str]
) -> tuple[Sequence[Item], str | None]:
    """Return the items that follow the one whose key is `cursor`, and the cursor of the next part.

    Raises
    ------
    NotFound
        If there is no item with that key.
    """
    start = 0
    if cursor is not None:
        before = [number for number, item in enumerate(items) if key(item) == cursor]
        if not before:
            raise NotFound("There is no such cursor.", "Use `next` of an earlier answer, or leave it out.")
        start = before[0] + 1
    found = items[start : start + limit]
    more = start + limit < len(items)
    return found, key(found[-1]) if more else None


def repeat_of(request: Request, me: Person, key: str | None, asked: BaseModel) -> Repeat | None:
    """Return how the ledger of repeated calls knows this one, where the caller gave a key."""
    if key is None:
        return None
    content = {"path": request.url.path, "body": asked.model_dump(mode="json")}
    return Repeat(me.user, digest(key), digest(content), web_of(request).service.stores.ledger.signer)


def _text(document: Mapping[str, Any]) -> str:
    """Write a document as its canonical text; its parts were read from JSON, so that nothing in it needs a check."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _matches(known: str | None, tag: str) -> bool:
    tags = [item.strip().removeprefix("W/") for item in (known or "").split(",")]
    return tag in tags or "*" in tags
