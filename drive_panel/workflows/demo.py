"""The whole way on a made-up force: one list released, one awaiting review, one refused by the gate."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import yaml

from drive_panel.errors import NotDemo
from drive_panel.workflows import evidence, ingest, quality, release, score, train
from drive_panel.workspace import Workspace
from records import RecordStore
from serving.panel.meetings import Action, agree_action, call_meeting, meeting_of, meetings
from serving.panel.requests import Question, ask
from serving.people import demo_people
from synthetic import ForceSettings, Plant, make_force
from values import AsOf, Hash, Phases, Progress

COMMAND = "drive-panel demo"
PLACES = 20
PLANTED = "over_policed:area={area},community=asian,n=10"
# The plainest list there is, trained on least: what the real training is compared with, and a shadow to look at.
REHEARSAL = {
    "for_panel": False,
    "promote": "never",
    "splits": {"tests": 1, "years": 1},
    "candidates": [],
    "incumbents": [{"kind": "recency"}],
    "draws": 50,
    "certificate": {"bootstrap_refits": 0, "seed_refits": 0},
}
_BEFORE = ("made-up force", "ingest", "data quality", "rehearsal", "training")
_AFTER = ("panel", "evidence")
_UNTIL_PANEL = timedelta(days=7)
_REASON = "Demonstration on made-up people: the audit was read, its limits are printed on the list."


def run(workspace: Workspace, *, persons: int, years: int, seed: int, progress: Progress) -> dict[str, Any]:
    """Make a force, ingest it, look at its data, rehearse, train, score three areas, release one list.

    The largest area carries a planted defect: one community is policed so heavily that its people's recorded
    history is many times what they did. Nothing tells the model or the gate (ADR 5).

    Raises
    ------
    NotDemo
        If the workspace holds anything but a demonstration.
    """
    _claim(workspace)
    areas = list(ForceSettings().areas)
    planted, released, awaiting = areas[:3]
    force = workspace.home / "force"
    shutil.rmtree(force, ignore_errors=True)
    plants = (Plant.parse(PLANTED.format(area=planted)),)
    scored = {area: f"scoring {area.capitalize()}" for area in (released, awaiting, planted)}
    phases = Phases(progress, [*_BEFORE, *scored.values(), *_AFTER])
    settings = ForceSettings(persons=persons, years=years, seed=seed, plants=plants)
    make_force(force, settings, phases.begin("made-up force"))
    _configure_panels(workspace, areas)
    loaded = ingest.run(workspace, force / "extract", None, None, phases.begin("ingest"))
    quality.run(workspace, None, None, phases.begin("data quality"))
    rehearsed = _rehearse(workspace, phases.begin("rehearsal"))
    trained = train.run(workspace, None, phases.begin("training"), command=COMMAND)
    as_of = AsOf(RecordStore(workspace.records).latest().extract_date)
    beside = {awaiting: rehearsed}
    runs = {
        area: score.run(workspace, as_of, area, phases.begin(name), beside=beside.get(area))
        for area, name in scored.items()
    }
    panel = phases.begin("panel")
    panel("release a list and call a meeting", 0, 1)
    _release(workspace, runs[released])
    _call_panel(workspace, runs[released])
    panel("release a list and call a meeting", 1, 1)
    gathered = evidence.run(workspace, phases.begin("evidence"))
    states = {run["run"]: run["state"] for run in release.runs(workspace)["runs"]}
    return {
        "home": str(workspace.home),
        "ingest": loaded.to_dict(),
        "train": trained,
        "evidence": {"points": len(gathered["points"]), "not_available": gathered["not_available"]},
        "runs": [{**run, "area": area, "state": states[run["run"]]} for area, run in runs.items()],
    }


def _claim(workspace: Workspace) -> None:
    made_here = workspace.mode == "demo"
    if not made_here and any(workspace.home.iterdir()):
        raise NotDemo(
            f"The workspace {workspace.home.name} already holds something that is not a demonstration.",
            "Choose another folder: drive-panel --home DIR demo",
        )
    workspace.write(workspace.home / "mode", "demo\n")


def _configure_panels(workspace: Workspace, areas: list[str]) -> None:
    place = workspace.home / "panels.yaml"
    if not place.exists():
        panels = {area: {"places": PLACES, "reserved": {}, "list_factor": 3} for area in areas}
        workspace.write(place, yaml.safe_dump({"panels": panels}, sort_keys=False))


def _rehearse(workspace: Workspace, progress: Progress) -> Hash:
    """Train the rehearsal and return its bundle."""
    settings = workspace.home / "rehearsal.yaml"
    workspace.write(settings, yaml.safe_dump(REHEARSAL, sort_keys=False))
    return Hash(train.run(workspace, settings, progress, command=COMMAND)["bundle"])


def _release(workspace: Workspace, scored: Mapping[str, Any]) -> None:
    """Release as the gate allows: one approval after a pass, two waivers where evidence is insufficient."""
    if scored["verdict"] == "pass":
        acts = [("approve", "reviewer-1")]
    elif scored["verdict"] == "insufficient":
        acts = [("waive", "reviewer-1"), ("waive", "reviewer-2")]
    else:
        acts = []
    state = next(run["state"] for run in release.runs(workspace)["runs"] if run["run"] == scored["run"])
    for act, reviewer in acts if state == "awaiting" else []:  # a second demonstration finds its list released
        release.act(workspace, scored["run"], act, _REASON, None, reviewer, scored["acknowledge"])


def _call_panel(workspace: Workspace, scored: Mapping[str, Any]) -> None:
    """Call a meeting on a list that may be read, and leave the member's agency something to answer and to do."""
    users = {person.user: person for person in demo_people()}
    chair, agency = users["chair"], users["member"].agency
    with release.batch_service(workspace) as service:
        found, today = service.live_list(scored["run"]), service.today()
        if found is None or not found.rows or any(each.run == found.run for each in meetings(service)):
            return  # a second demonstration finds its meeting called
        day, person = min(today + _UNTIL_PANEL, found.expires), found.rows[0]["person"]
        meeting = call_meeting(service, chair, found.area, day, found.header["places"], found.run)
        ask(service, chair, found.run, person, Question(agency, "Is a tenancy at risk, and who holds it?", day))
        action = Action("Say at the meeting which landlords have been told of orders", agency.capitalize(), day)
        agree_action(service, chair, meeting_of(service, meeting), action)


def describe(result: dict[str, Any]) -> list[str]:
    """Return what the demonstration left behind, and what to try next."""
    lines = ["", "Every person below is made up.", *train.describe(result["train"]), ""]
    lines += [
        f"{run['area']:<16} {run['state']:<10} verdict {run['verdict']:<13} {run['run']}" for run in result["runs"]
    ]
    home = result["home"]
    released = next((run["run"] for run in result["runs"] if run["state"] == "released"), "RUN")
    lines += [
        "",
        "Next:",
        f"  drive-panel --home {home} list {released}",
        f"  drive-panel --home {home} runs",
        f"  drive-panel --home {home} ledger verify",
        f"  drive-panel --home {home} serve",
    ]
    return lines
