"""The description of the API as a page: no script, no other host."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.web.access import SignedIn
from serving.web.problems import KINDS
from serving.web.render import page

router = APIRouter()


@router.get("/about/api")
def show(request: Request, session: SignedIn) -> HTMLResponse:
    """Show every operation with its parameters, answers and examples, and every kind of problem."""
    described = request.app.openapi()
    operations = [
        _operation(method, path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    return page(
        request, "api.html", {"operations": operations, "kinds": KINDS, "summary": described["info"]["description"]}
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    done = next(answer for status, answer in operation["responses"].items() if status in ("200", "201"))
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    example = done["content"].get("application/json", {}).get("example")
    return {
        "name": operation["operationId"],
        "title": f"{method.upper()} {path}",
        "text": operation.get("description", ""),
        "parameters": operation.get("parameters", []),
        "takes": body.get("$ref", "").rpartition("/")[2],
        "answers": sorted(operation["responses"]),
        "gives": sorted(done["content"]),
        "example": json.dumps(example, indent=1) if example is not None else "",
    }
