"""How fast the service answers: ``python -m benchmarks.service_load [--sessions N] [--seconds S]``.

A made-up area with 50,000 scored people on PostgreSQL; the web process as its unit starts it (`drive-panel serve` on a
socket, with the addresses of its own two roles and no other); a hundred signed-in people of every role who click, think
for five to ten seconds and click again, from a process pinned to one core. Told are the milliseconds until a whole page
was there, by kind of page, every status that was not expected, what each process cost, and the web process's start
and memory. ``--keep`` writes ``benchmarks/results/service_load.json`` and the page ``docs/service-load.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Formatter
from typing import Any

import httpx2
import psycopg

from benchmarks.postgresql import Cluster, cluster
from benchmarks.prove import RESULTS, ROOT, machine
from benchmarks.service import area
from serving import Batch, Person, Role
from serving.access.accounts import Accounts
from serving.panel.meetings import call_meeting
from serving.people import Permission
from serving.storage.database import Database
from serving.storage.migrating import migrate
from serving.storage.roles import script
from serving.storage.tables import PANEL, SCORES
from serving.web import WebSettings
from serving.web.rules import RULES
from serving.web.sessions import Sessions

LIMITS = {"list": 150, "case": 200, "start_seconds": 3, "memory_mb": 300}
RESULT, PAGE = RESULTS / "service_load.json", ROOT / "docs" / "service-load.md"
_EXPECTED = frozenset({200, 201, 303, 304})
_FORBIDDEN = ("mlflow", "shap", "numba", "llvmlite", "lightgbm", "sklearn", "pandas", "scipy", "pyarrow", "duckdb")
# Of twenty people: chairs decide, so most are chairs.
_ROLES = (
    (Role.CHAIR,) * 14
    + (Role.PANEL_MEMBER, Role.REVIEWER, Role.PANEL_MEMBER)
    + (
        Role.REVIEWER,
        Role.DATA_SCIENTIST,
        Role.ADMINISTRATOR,
    )
)
_FILLED = frozenset({"run", "person", "view", "meeting"})
_DATABASE = "panel_load"
_HOST = "panel.example"
_SIGN_IN = f"""address: https://{_HOST}
provider:
  issuer: https://issuer.example
  client_id: made-up
  client_secret_credential: drive_panel_client_secret
"""


def main(arguments: list[str]) -> int:
    """Measure and print; exit 1 where a limit is not held."""
    asked = _asked(arguments)
    with cluster(durable=True) as server, tempfile.TemporaryDirectory() as folder:
        found = measure(server, Path(folder), asked)
    text = json.dumps(found, indent=2) + "\n"
    if asked.keep:
        RESULT.write_text(text, encoding="utf-8")
        PAGE.write_text(page(found), encoding="utf-8")
    sys.stdout.write(text)
    return 0 if all(found["held"].values()) else 1


def measure(server: Cluster, folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Build the area, start the web process, let everybody click, and say what was seen."""
    server.sql(f"CREATE DATABASE {_DATABASE}")
    url = server.url(_DATABASE)
    listed, meeting, sessions = _built(server, folder, asked.sessions)
    pages = {role.value: _pages(role) for role in set(_ROLES)}
    with _web(server, folder) as (process, socket, start):
        plan = {
            "socket": str(socket),
            "host": _HOST,
            "run": listed.run,
            "people": listed.people,
            "open": listed.open,
            "meeting": meeting,
            "sessions": sessions,
            "pages": pages,
            "seconds": asked.seconds,
        }
        before = {"web": _processor(process.pid), "postgresql": _server_processor(server)}
        began = time.perf_counter()
        clicked = _clicked(plan)
        seconds = time.perf_counter() - began
        used = {
            "web": _processor(process.pid) - before["web"],
            "postgresql": _server_processor(server) - before["postgresql"],
            "clicking": clicked["processor_seconds"],
        }
        held = {"memory_mb": _memory(process.pid), "libraries": _libraries(process.pid)}
    return _told(clicked["seen"], asked, seconds, start, used, held) | {
        "not_clicked": sorted(set(_addresses()) - {address for found in pages.values() for address in found}),
        "area": {"cohort": area.COHORT, "runs": area.RUNS, **area.SECTIONS, **_ledger(url)},
        "postgresql": _version(url),
        "load_before": round(os.getloadavg()[0], 2),
        "machine": machine(),
    }


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service_load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--keep", action="store_true", help="Keep the figures among the results.")
    return parser.parse_args(arguments)


def _built(server: Cluster, folder: Path, sessions: int) -> tuple[area.Listed, str, list[dict[str, Any]]]:
    """Make the databases with their roles, the area and who is signed in; return the newest list and a meeting too."""
    url = server.url(_DATABASE)
    databases = [Database(url, metadata) for metadata in (PANEL, SCORES)]
    for database in databases:
        migrate(database)
    server.sql(*script(*databases), database=_DATABASE)
    for database in databases:
        database.close()
    service = Batch(url, url, folder / "keys", area.now)
    listed = area.build(service, folder, service.today(), lambda line: sys.stderr.write(f"{line}\n") and None)
    settings = WebSettings(demo=False)
    opened = Sessions(service, settings)
    accounts = Accounts(service.stores)
    people = [_person(_ROLES[number % len(_ROLES)], number) for number in range(sessions)]
    for person in people:
        accounts.add(person, "service_load")
    meeting = call_meeting(service, people[0], area.AREA, service.today(), area.PLACES, listed.run)
    signed_in = [
        {
            "role": person.role.value,
            "cookie": f"{settings.cookie}={opened.start(person)}",
            "lists": person.may(Permission.SEE_LIST),
            "decides": person.may(Permission.DECIDE),
        }
        for person in people
    ]
    service.close()
    return listed, meeting, signed_in


def _person(role: Role, number: int) -> Person:
    agency = "probation" if role is Role.PANEL_MEMBER else ""
    return Person(f"{role.value.replace('_', '-')}-{number}", "Made Up", role, agency=agency)


def _addresses() -> list[str]:
    """Return every page of the service, as the rules of access spell it, that needs somebody signed in."""
    pages = [path for (method, path), rule in RULES.items() if method == "GET" and not rule.public]
    return [path for path in pages if not path.startswith("/api/")]


def _pages(role: Role) -> list[str]:
    """Return the pages that a role may open and that name nothing but a run, a person, a view, a meeting."""
    who = Person("-", "-", role)
    open_to = [path for path in _addresses() if RULES["GET", path].allows(who)]
    return [path for path in open_to if {name for _, name, _, _ in Formatter().parse(path) if name} <= _FILLED]


@contextmanager
def _web(server: Cluster, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path, float]]:
    """Serve the workspace as `deploy/systemd/drive-panel-web.service` does, until the end of the block."""
    credentials, socket = folder / "credentials", folder / "web.sock"
    credentials.mkdir(mode=0o700)
    for seat in ("web", "reviewer"):
        (credentials / f"drive_panel_database_url_{seat}").write_text(server.url(_DATABASE, f"panel_{seat}"))
    (credentials / "drive_panel_client_secret").write_text("made up")
    (folder / "sign-in.yaml").write_text(_SIGN_IN, encoding="utf-8")
    command = [sys.executable, "-m", "drive_panel", "--home", str(folder), "serve", "--socket", str(socket)]
    settings = {
        "PATH": os.environ["PATH"],
        "CREDENTIALS_DIRECTORY": str(credentials),
        "DRIVE_PANEL_DATABASE": "postgresql",
        "DRIVE_PANEL_MODE": "live",
    }
    began = time.perf_counter()
    with (
        (folder / "web.log").open("wb") as log,
        subprocess.Popen([*command, "--no-publish"], stderr=log, cwd=ROOT, env=settings) as process,
    ):
        try:
            yield process, socket, _ready(process, socket, began)
        finally:
            process.terminate()


def _ready(process: subprocess.Popen[bytes], socket: Path, began: float) -> float:
    transport = httpx2.HTTPTransport(uds=str(socket))
    with httpx2.Client(transport=transport, base_url=f"http://{_HOST}") as client:
        while process.poll() is None and time.perf_counter() - began < 60:
            try:
                if client.get("/health/ready").status_code == 200:
                    return time.perf_counter() - began
            except httpx2.HTTPError:
                time.sleep(0.02)
    raise RuntimeError("The web process did not become ready.")


def _clicked(plan: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.service.clicking"]
    done = subprocess.run(command, input=json.dumps(plan), stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _told(
    seen: list[tuple[str, float, int | str]],
    asked: argparse.Namespace,
    seconds: float,
    start: float,
    used: dict[str, float],
    held: dict[str, Any],
) -> dict[str, Any]:
    kinds = {
        kind: _quantiles([taken for other, taken, _ in seen if other == kind])
        for kind in sorted({kind for kind, _, _ in seen})
    }
    wrong = Counter(f"{kind}: {status}" for kind, _, status in seen if status not in _EXPECTED)
    return {
        "sessions": asked.sessions,
        "seconds": round(seconds, 1),
        "requests": len(seen),
        "errors": dict(wrong),
        "milliseconds": kinds,
        "start_seconds": round(start, 2),
        "processor_seconds": {name: round(value, 1) for name, value in used.items()},
        **held,
        "limits": LIMITS,
        "held": {
            "no error": not wrong,
            "list page": kinds["list"]["p95"] < LIMITS["list"],
            "case page": kinds["case"]["p95"] < LIMITS["case"],
            "start-up": start < LIMITS["start_seconds"],
            "memory": held["memory_mb"]["rss"] < LIMITS["memory_mb"],
            "libraries": held["libraries"] == [],
        },
    }


def page(found: dict[str, Any]) -> str:
    """Return the page that tells what was measured."""
    on, place, used = found["machine"], found["area"], found["processor_seconds"]
    kinds = [
        f"| {kind} | {at['requests']} | {at['p50']:.0f} | {at['p95']:.0f} | {at['p99']:.0f} | {at['most']:.0f} |"
        for kind, at in found["milliseconds"].items()
    ]
    held = [f"| {name} | {'yes' if yes else '**no**'} |" for name, yes in found["held"].items()]
    return "\n".join(
        [
            "# How the service answers many people at once",
            "",
            "*Made by `python -m benchmarks.service_load --keep` from `benchmarks/results/service_load.json`.*",
            "",
            f"{found['sessions']} signed-in people for {found['seconds']:.0f} s, five to ten seconds between clicks, "
            f"over PostgreSQL {found['postgresql'].split()[0]}: an area with {place['cohort']:,} scored people, "
            f"{place['runs']} released lists, each of three people a place ({place['ranked']}) and of {place['held']} "
            f"held, {place['referred']} referred and {place['apart']} shown apart; of everybody else a list holds "
            f"counts. {place['ledger_entries']:,} entries in the ledger. The web process is started as its unit does: "
            "`drive-panel serve` on a socket, signed in to PostgreSQL as `panel_web` and, for acts of review, as "
            "`panel_reviewer`. Who clicks is a process pinned to one core; most are chairs, and one click in eight is "
            "on any page that the role may open. The people are made up.",
            "",
            f"{on['cores']} cores, {on['memory_gib']} GiB, {on['system']}, Python {on['python']}; load before "
            f"{found['load_before']}. {found['requests']:,} requests; not as expected: {found['errors'] or 'none'}.",
            "",
            "| page or call | requests | p50 ms | p95 ms | p99 ms | most ms |",
            "|---|---|---|---|---|---|",
            *kinds,
            "",
            f"Limits: list page p95 {LIMITS['list']} ms, case page p95 {LIMITS['case']} ms, "
            f"start {LIMITS['start_seconds']} s, memory {LIMITS['memory_mb']} MB, no error, "
            "none of the batch side's libraries mapped.",
            "",
            "| what has to hold | held |",
            "|---|---|",
            *held,
            "",
            f"Start {found['start_seconds']} s. Web process: {found['memory_mb']['rss']} MB resident "
            f"({found['memory_mb']['pss']} MB of its share). Processor seconds: web {used['web']}, PostgreSQL "
            f"{used['postgresql']}, who clicks {used['clicking']}; the web process took "
            f"{1000 * used['web'] / found['requests']:.1f} ms of its own a request.",
            "",
        ]
    )


def _quantiles(taken: list[float]) -> dict[str, float]:
    ordered = sorted(taken)
    at = {f"p{share}": ordered[min(len(ordered) - 1, len(ordered) * share // 100)] for share in (50, 95, 99)}
    return {"requests": len(ordered), **at, "most": ordered[-1]}


def _processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _server_processor(server: Cluster) -> float:
    """Return what the database server and its children cost so far, ended ones among them."""
    postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    ended = sum(map(int, Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()[13:15]))
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return _processor(postmaster) + ended / os.sysconf("SC_CLK_TCK") + sum(_processor(int(pid)) for pid in children)


def _memory(pid: int) -> dict[str, float]:
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return {name.lower(): round(int(told[name].split()[0]) / 1000, 1) for name in ("Rss", "Pss")}


def _libraries(pid: int) -> list[str]:
    """Return the libraries that a web process must not hold and that this one has mapped."""
    mapped = Path(f"/proc/{pid}/maps").read_text()
    return [name for name in _FORBIDDEN if f"/{name}" in mapped]


def _ledger(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        (entries,) = connection.execute("SELECT count(*) FROM panel.ledger").fetchone() or (0,)
    return {"ledger_entries": int(entries)}


def _version(url: str) -> str:
    with psycopg.connect(url) as connection:
        (version,) = connection.execute("SHOW server_version").fetchone() or ("",)
    return str(version)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
