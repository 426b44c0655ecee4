"""The API's description (OpenAPI): every answer it can give, with examples of people who do not exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from serving.web.api.examples import EXAMPLES
from serving.web.problems import KINDS, MEDIA_TYPE, Kind, Problem

_SUMMARY = (
    "Released lists, cases, audits, panel decisions, meetings, referrals, requests to agencies, registers, stops, "
    "oversight, evidence over time, the policy, models, files that leave, record links, who has access, administration "
    "and the ledger. Every answer is for the roles and areas of "
    "whoever asks; what lies outside them does not exist (404). A list is answered only while its release is live."
)
_FILE = {"type": "string", "format": "binary"}
_REFUSED: dict[int, str] = {
    400: "The body cannot be read.",
    401: "Nobody is signed in, or the session has ended.",
    403: "The caller's role does not include this, or the token is missing.",
    404: "There is no such thing, or it lies outside the caller's areas.",
    409: "The list has no live release, or somebody decided in the meantime.",
    412: "The case was changed since it was read.",
    413: "The request is too large.",
    411: "The request has no length.",
    422: "The request is not as described, or the service refuses the act.",
    429: "Too many requests came; wait as long as Retry-After says.",
    500: "There is a problem with the service.",
}


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: _refusal(status) for status in statuses}


def _refusal(status: int) -> dict[str, Any]:
    kinds = [kind for kind in KINDS if kind.status == status]
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {kind.name: {"value": _example(kind)} for kind in kinds},
    }
    described: dict[str, Any] = {"description": _REFUSED[status], "content": {MEDIA_TYPE: content}}
    if status == 429:
        described["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return described


def _example(kind: Kind) -> dict[str, Any]:
    number = "urn:request:6f1c7c0a-3f0e-4a39-9a36-0c1f6f6c2b11"
    return {"type": kind.type, "title": kind.title, "status": kind.status, "detail": kind.title, "instance": number}


READS = {304: {"description": "It is still what was read before."}, **_refusals(401, 403, 404, 409, 422, 429, 500)}
ACTS = _refusals(400, 401, 403, 404, 409, 411, 412, 413, 422, 429, 500)


def files_of(media_types: Iterable[str]) -> dict[str, Any]:
    """Return the description of an answer that is a file."""
    content = {media_type.partition(";")[0]: {"schema": _FILE} for media_type in media_types}
    return {"description": "The file.", "content": content}


def name_of(route: APIRoute) -> str:
    """Return what an operation is called in the description: the name of the function that answers."""
    return route.name


def describe(app: FastAPI, cookie: str) -> dict[str, Any]:
    """Return the description of `app`; made once and kept."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=_SUMMARY, routes=app.routes)
        parts = made.setdefault("components", {})
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        parts.setdefault("schemas", {}).update({**schema.pop("$defs", {}), "Problem": schema})
        parts["securitySchemes"] = {
            "session": {"type": "apiKey", "in": "cookie", "name": cookie, "description": "Set by signing in."}
        }
        made["security"] = [{"session": []}]
        for operations in made["paths"].values():
            for operation in operations.values():
                _complete(operation)
        app.openapi_schema = made
    return app.openapi_schema


def _complete(operation: dict[str, Any]) -> None:
    for status in ("200", "201"):
        answer = operation["responses"].get(status)
        if answer is None:
            continue
        if operation["operationId"] in EXAMPLES:  # a file has none
            answer["content"]["application/json"]["example"] = EXAMPLES[operation["operationId"]]
        if status == "200":
            answer["headers"] = {"ETag": {"description": "Names exactly this answer.", "schema": {"type": "string"}}}
