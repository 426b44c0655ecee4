"""Kills the web process, a batch process or the database with signal 9 while people decide and release.

One round: a workspace with a released list and two lists that await review is served; a chair records decisions through
the API, each call with a key and sent again until it is answered; a reviewer releases one list through the page, a
batch command releases the other. At a moment drawn by the round's number something of it is killed and started again.
At the end every act that was acknowledged must be there exactly once, nothing may be there twice or by half, and the
ledger must verify.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.made_up_lists import person, record
from benchmarks.postgresql import Cluster, cluster
from serving import Batch, Service, demo_reviewer
from values import DrivePanelError

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = 12
_CALM, _STORM = 0.4, 1.6
"""Seconds of undisturbed work, and further seconds over which kills are spread."""
_PATIENCE = 60.0
_DRAWS = 5
_WORKING = "decided"


@dataclass(frozen=True)
class Ground:
    """A workspace and its databases.

    Parameters
    ----------
    url
        Of PostgreSQL; None where the workspace's SQLite files are used.
    """

    home: Path
    url: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process of the round."""
        return {**os.environ, **({"DRIVE_PANEL_DATABASE_URL": self.url} if self.url else {})}

    @contextlib.contextmanager
    def service(self) -> Iterator[Service]:
        """Open the service as batch commands do."""
        panel = self.url or self.home / "panel.db"
        scores = self.url or self.home / "unreleased" / "scores.db"
        made = Batch(panel, scores, self.home / "keys", lambda: datetime.now(UTC), workspace=self.home)
        try:
            yield made
        finally:
            made.close()

    def command(self, *words: str) -> list[str]:
        """Return the command line of a command on this workspace."""
        return [sys.executable, "-m", "drive_panel", "--home", str(self.home), *words]

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command in a group of its own, so that all it started can be killed with it."""
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            self.command(*words), cwd=ROOT, env=self.environment, stdout=quiet, stderr=quiet, start_new_session=True
        )


@functools.cache
def _cluster() -> Cluster:
    """Start a server that hands what it commits to the system before it says so, once a process.

    It leaves out waiting for the disk (``fsync``): that is for power cuts, and here only processes die.
    """
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    server = stack.enter_context(cluster(durable=True))
    server.sql("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    return server


def _fill(ground: Ground) -> dict[str, str]:
    """Record the lists of a round; return their runs by what will be done with them."""
    (ground.home / "unreleased").mkdir(parents=True)
    (ground.home / "mode").write_text("demo\n", encoding="utf-8")
    with ground.service() as service:
        runs = {
            name: record(service, ground.home, name, "2026-03-31", PEOPLE) for name in (_WORKING, "by page", "by batch")
        }
        service.review(runs[_WORKING], demo_reviewer("reviewer-1"), "approve", "Made up")
        service.publish(runs[_WORKING])
    return runs


@functools.cache
def _template(database: str) -> tuple[Ground, dict[str, str]]:
    folder = Path(tempfile.mkdtemp(prefix="drive-panel-service-kills-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    url = None
    if database == "postgresql":
        _cluster().sql("CREATE DATABASE service_kills")
        url = _cluster().url("service_kills")
    ground = Ground(folder / "workspace", url)
    return ground, _fill(ground)


@contextlib.contextmanager
def _ground(database: str) -> Iterator[tuple[Ground, dict[str, str]]]:
    """Yield a fresh copy of the workspace that was filled once."""
    template, runs = _template(database)
    name = f"round_{uuid.uuid4().hex}"
    if template.url:
        _cluster().sql(f"CREATE DATABASE {name} TEMPLATE service_kills")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "workspace"
        shutil.copytree(template.home, home)
        yield Ground(home, _cluster().url(name) if template.url else None), runs
    if template.url:
        _cluster().sql(f"DROP DATABASE {name} WITH (FORCE)")


def kill_process(process: subprocess.Popen[bytes]) -> bool:
    """Kill a process and whatever it started with signal 9; say whether that is what it ended of."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def kill_database(server: Cluster) -> None:
    """Kill every process of a server with signal 9, and start it again."""
    note = server.folder / "data" / "postmaster.pid"
    first = int(note.read_text().split()[0])
    found = [first, *(pid for pid, (_, parent) in _processes().items() if parent == first)]
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    while any(_processes().get(pid, ("Z", 0))[0] != "Z" for pid in found):
        time.sleep(0.01)
    for left in (note, *server.folder.glob(".s.PGSQL.*.lock")):
        left.unlink()  # the dead may lie unburied for seconds, and would pass for another server
    server.start()


def _processes() -> dict[int, tuple[str, int]]:
    """Return the state and the parent of every process."""
    found = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = place.read_text().rpartition(")")[2].split()[:2]
            found[int(place.parent.name)] = state, int(parent)
    return found


@dataclass
class Web:
    """The web process, which is started again when it was killed."""

    ground: Ground
    port: int = field(default_factory=lambda: _free_port())
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = self.ground.start("serve", "--port", str(self.port))
        _until(lambda: httpx2.get(f"{self.address}/health/live").status_code == 200)

    def kill(self) -> bool:
        """Kill it and whatever it started with signal 9; say whether that ended it."""
        return self.process is not None and kill_process(self.process)

    def stop(self) -> None:
        """Let it end by itself."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _until(done: Callable[[], bool]) -> None:
    """Try until it is so; whatever is down meanwhile is tried again."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx2.HTTPError, DrivePanelError):
            if done():
                return
        time.sleep(0.05)
    raise TimeoutError("What was killed did not come back.")


class NobodyKilled(Exception):
    """A round in which nothing was killed shows nothing."""


class Visitor:
    """Somebody who is signed in, and signs in again whenever their session cannot be used."""

    def __init__(self, web: Web, user: str) -> None:
        self._web, self._user = web, user
        self._client = httpx2.Client(base_url=web.address, timeout=20)
        self._token = ""

    def send(self, address: str, headers: dict[str, str] | None = None, **body: Any) -> httpx2.Response:
        """Send a call or a form that changes something."""
        if not self._token:
            self._client.post("/sign-in", data={"user": self._user})
            self._token = self._client.get("/api/v1/session").raise_for_status().json()["csrf"]
        if "data" in body:
            body["data"] = {**body["data"], "csrf": self._token}
        return self._client.post(address, headers={"X-CSRF-Token": self._token, **(headers or {})}, **body)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


@dataclass
class Round:
    """What was asked and acknowledged in one round."""

    ground: Ground
    runs: dict[str, str]
    web: Web
    over: threading.Event = field(default_factory=threading.Event)
    decided: list[tuple[str, int]] = field(default_factory=list)
    released: list[str] = field(default_factory=list)

    def decide(self) -> None:
        """Record decisions on one person after the other, each call sent again until it is answered."""
        chair, run = Visitor(self.web, "chair"), self.runs[_WORKING]
        latest: dict[str, int] = {}
        number = 0
        while not self.over.is_set():
            name, number = person(_WORKING, number % PEOPLE), number + 1
            reason, key = f"act {uuid.uuid4()}", str(uuid.uuid4())
            body = {"decision": "not_suitable", "reason_code": "other", "reason": reason, "sensitive": False}
            body["replaces"] = latest.get(name)  # type: ignore[assignment]

            def sent(place: str = name, key: str = key, body: dict[str, Any] = body) -> bool:
                address = f"/api/v1/lists/{run}/cases/{place}/decisions"
                answer = chair.send(address, {"Idempotency-Key": key}, json=body)
                if answer.status_code == 201:
                    latest[place] = answer.json()["decision_id"]
                elif answer.status_code < 500:
                    raise AssertionError(f"a decision was answered with {answer.status_code}: {answer.text}")
                return answer.status_code == 201

            _until(sent)
            self.decided.append((reason, latest[name]))
            time.sleep(0.1)
        chair.close()

    def release_by_page(self) -> None:
        """Release one list through the page, as often as it takes to see it released."""
        reviewer, run = Visitor(self.web, "reviewer-1"), self.runs["by page"]

        def sent() -> bool:
            form = {"act": "approve", "reason": "Read"}
            answer = reviewer.send(f"/audits/{run}/review", data=form)
            if answer.status_code == 303:
                self.released.append(run)
            # 422: it was released the first time, and the answer was lost.
            return answer.status_code in (303, 422)

        _until(sent)
        _until(lambda: "done=released" in reviewer.send(f"/audits/{run}/publish", data={}).headers.get("location", ""))
        reviewer.close()

    def release_by_batch(self, started: Callable[[subprocess.Popen[bytes]], None]) -> None:
        """Release the other list by a command, as often as it takes."""
        run = self.runs["by batch"]

        def carried_out() -> bool:
            words = ("release", "approve", run, "--reason", "Read", "--reviewer", "reviewer-2")
            process = self.ground.start(*words)
            started(process)
            code = process.wait()
            if code == 0:
                self.released.append(run)
            elif code == 3:  # released, but killed before it was published
                return self.ground.start("publish", run).wait() == 0
            return code == 0

        _until(carried_out)


def killed(database: str, victim: str, number: int) -> dict[str, Any]:
    """Carry out one round and say what was lost, doubled or left by half; all figures should be 0 or True.

    Parameters
    ----------
    database
        ``sqlite`` or ``postgresql``.
    victim
        ``web``, ``batch`` or ``database``; on SQLite the latter is every process at once.
    number
        Seeds the moment. Where the victim had not begun or was done by then, another one is drawn.

    Raises
    ------
    NobodyKilled
        If no draw met a living victim.
    """
    draws = random.Random(f"{database} {victim} {number}")
    for _ in range(_DRAWS):
        hit, judged = _round(database, victim, _CALM + _STORM * draws.random())
        if hit:
            return judged
    raise NobodyKilled(f"{database} {victim} {number}: whoever was to be killed was never alive.")


def _round(database: str, victim: str, moment: float) -> tuple[bool, dict[str, Any]]:
    """Carry out one round; say whether somebody was killed, and how what is stored compares."""
    with _ground(database) as (ground, runs):
        web = Web(ground)
        acts = Round(ground, runs, web)
        batches: list[subprocess.Popen[bytes]] = []
        try:
            web.start()
            with ThreadPoolExecutor() as pool:
                deciding = pool.submit(acts.decide)
                _until(lambda: deciding.done() or bool(acts.decided))
                releasing = [pool.submit(acts.release_by_page)]
                if victim != "web":
                    releasing.append(pool.submit(acts.release_by_batch, batches.append))
                time.sleep(moment)
                hit = _kill(victim, ground, web, batches)
                before = len(acts.decided)
                for each in releasing:
                    each.result(_PATIENCE)
                _until(lambda: deciding.done() or len(acts.decided) > before + 1)
                acts.over.set()
                deciding.result(_PATIENCE)
        finally:
            acts.over.set()
            web.stop()
        return hit, _judged(acts)


def _kill(victim: str, ground: Ground, web: Web, batches: list[subprocess.Popen[bytes]]) -> bool:
    """Kill the victim; say whether every process that was meant was alive until then."""
    whole = victim == "database" and ground.url is None
    hits = []
    if victim == "database" and not whole:
        kill_database(_cluster())
        hits.append(True)  # else it would have raised: the note of a server that ended is gone
    if victim == "batch" or whole:
        hits.append(bool(batches) and kill_process(batches[-1]))
    if victim == "web" or whole:
        hits.append(web.kill())
        web.start()
    return all(hits)


def _judged(acts: Round) -> dict[str, Any]:
    """Compare what is stored with what was acknowledged."""
    with acts.ground.service() as service:
        stored = [(row["reason"], row["decision_id"]) for row in service.decisions()]
        reasons = [reason for reason, _ in stored]
        made = {run: [row["act"] for row in service.run(run).reviews] for run in acts.runs.values()}
        released = [run for run in made if run != acts.runs[_WORKING] and made[run]]
        whole = [run for run in released if len(service.released_list(run).rows) == PEOPLE]
        service.list_views()
        verified = service.verify()
        published = [entry.subject for entry in service.ledger(None) if entry.action == "list.published"]
    return {
        "decisions_lost": len(set(acts.decided) - set(stored)),
        "decisions_doubled": len(reasons) - len(set(reasons)),
        "releases_lost": len(set(acts.released) - set(released)),
        "releases_doubled": sum(len(done) - 1 for done in made.values() if done),
        "released_by_half": len(released) - len(whole),
        "published_twice": len(published) - len(set(published)),
        "ledger_verifies": verified.ok,
    }
