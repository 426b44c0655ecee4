"""Who clicks: sessions that open a list, cases, decisions, every other page of their role, the API, and think between.

A process of its own, pinned to one core, so that what it costs can be told apart from the service.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import httpx2

THINKS = (5.0, 10.0)
_REPLACES = re.compile(r'name="replaces" value="(\d*)"')
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_DONE = frozenset({200, 201, 303, 304})
# How often each is clicked: a panel reads cases, comes back to the list, decides now and then; one click in eight is on
# any page at all that the role may open.
_CLICKS = {"list": 26, "case": 34, "decide": 8, "audit": 5, "runs": 5, "api list": 5, "api case": 5, "api decide": 2}
_DECIDES = frozenset({"decide", "api decide"})
_ANY = "page"
_ANY_SHARE = 12
VIEWS = ("why", "criteria", "chronology", "missing")
Click = Callable[[], Awaitable[None]]


class Session:
    """One signed-in person; a chair with people of the list that nobody else decides on."""

    def __init__(self, client: httpx2.AsyncClient, plan: dict[str, Any], number: int, seen: list[Any]) -> None:
        self._client = client
        self._draw = Random(number)
        who = plan["sessions"][number]
        self._headers = {"Cookie": who["cookie"]}
        self._run = plan["run"]
        self._meeting = plan["meeting"]
        self._people = plan["people"]
        self._mine = plan["open"][number :: len(plan["sessions"])]
        self._pages = plan["pages"][who["role"]]
        self._clicks = _clicks_of(who)
        self._seen = seen

    async def go_on(self, until: float) -> None:
        """Click and think until the time is over."""
        names, weights = zip(*self._clicks.items(), strict=True)
        await self._think(share=self._draw.random())
        while time.monotonic() < until:
            click = self._draw.choices(names, weights)[0]
            await getattr(self, f"_{click.replace(' ', '_')}")()
            await self._think()

    async def _think(self, share: float = 1.0) -> None:
        await asyncio.sleep(self._draw.uniform(*THINKS) * share)

    async def _ask(self, kind: str, method: str, path: str, **options: Any) -> httpx2.Response | None:
        headers = {**self._headers, **options.pop("headers", {})}
        began = time.perf_counter()
        try:
            answer = await self._client.request(method, path, headers=headers, **options)
            status: int | str = answer.status_code
        except httpx2.HTTPError as problem:
            answer, status = None, type(problem).__name__
        self._seen.append((kind, round(1000 * (time.perf_counter() - began), 2), status))
        return answer if status in _DONE else None

    def _case_path(self, mine: bool = False) -> str:
        return f"/lists/{self._run}/cases/{self._draw.choice(self._mine if mine else self._people)}"

    async def _list(self) -> None:
        await self._ask("list", "GET", f"/lists/{self._run}")

    async def _case(self) -> None:
        await self._ask("case", "GET", self._case_path())

    async def _audit(self) -> None:
        await self._ask("audit", "GET", f"/audits/{self._run}")

    async def _page(self) -> None:
        address = self._draw.choice(self._pages)
        values = {"run": self._run, "person": self._draw.choice(self._people), "meeting": self._meeting}
        await self._ask(address, "GET", address.format(**values, view=self._draw.choice(VIEWS)))

    async def _runs(self) -> None:
        await self._ask("runs", "GET", "/")

    async def _decide(self) -> None:
        case = self._case_path(mine=True)
        form = await self._ask("decision form", "GET", f"{case}/decision")
        if form is None:
            return
        await self._think()
        replaces = _REPLACES.search(form.text)
        csrf = _CSRF.search(form.text)
        typed = {
            "csrf": csrf[1] if csrf else "",
            "replaces": replaces[1] if replaces else "",
            "decision": "not_suitable",
            "reason_code": "pattern",
            "reason": "Agreed by all agencies",
            "sensitive": "no",
        }
        done = await self._ask("decision", "POST", f"{case}/decision", data=typed)
        if done is not None:
            await self._ask("case", "GET", done.headers["location"])

    async def _api_list(self) -> None:
        await self._ask("api list", "GET", f"/api/v1/lists/{self._run}")

    async def _api_case(self) -> None:
        await self._ask("api case", "GET", f"/api/v1{self._case_path()}")

    async def _api_decide(self) -> None:
        case = f"/api/v1{self._case_path(mine=True)}"
        signed, read = (
            await self._ask("api session", "GET", "/api/v1/session"),
            await self._ask("api case", "GET", case),
        )
        if signed is None or read is None:
            return
        standing = [row["decision_id"] for row in read.json()["decisions"] if row["current"]]
        body = {
            "decision": "not_suitable",
            "reason_code": "pattern",
            "reason": "Agreed by all agencies",
            "sensitive": False,
            "replaces": standing[0] if standing else None,
        }
        headers = {
            "X-CSRF-Token": signed.json()["csrf"],
            "Idempotency-Key": f"{self._draw.getrandbits(128):032x}",
            "If-Match": read.headers["etag"],
        }
        await self._ask("api decision", "POST", f"{case}/decisions", json=body, headers=headers)


def _clicks_of(who: dict[str, Any]) -> dict[str, int]:
    """Return how often a role clicks what: without lists where it sees none, without decisions where it makes none."""
    if not who["lists"]:
        return {_ANY: 1}
    clicks = {name: weight for name, weight in _CLICKS.items() if who["decides"] or name not in _DECIDES}
    return {**clicks, _ANY: _ANY_SHARE}


async def click(plan: dict[str, Any]) -> list[tuple[str, float, int | str]]:
    """Let every session click for as long as the plan says; return (kind, milliseconds, status) of each request."""
    seen: list[tuple[str, float, int | str]] = []
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    transport = httpx2.AsyncHTTPTransport(uds=plan["socket"], limits=limits)
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}  # as the proxy does
    address = f"http://{plan['host']}"
    async with httpx2.AsyncClient(base_url=address, transport=transport, timeout=30, headers=said) as client:
        sessions = [Session(client, plan, number, seen) for number in range(len(plan["sessions"]))]
        until = time.monotonic() + plan["seconds"]
        await asyncio.gather(*(session.go_on(until) for session in sessions))
    return seen


def main() -> int:
    """Read the plan from standard input; print what was seen and what it cost."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    plan = json.load(sys.stdin)
    seen = asyncio.run(click(plan))
    used = resource.getrusage(resource.RUSAGE_SELF)
    json.dump({"seen": seen, "processor_seconds": used.ru_utime + used.ru_stime}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
