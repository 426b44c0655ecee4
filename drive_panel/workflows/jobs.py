"""Long work that the web process asks for: carried out by whoever may, and listed."""

from __future__ import annotations

from typing import Any

from drive_panel.workflows.release import batch_service, require_made_up
from drive_panel.workspace import Workspace
from serving import Batch
from serving.jobs import Jobs, Work
from values import Progress


def _kinds(service: Batch) -> dict[str, Work]:
    def publish(run: str, progress: Progress) -> None:
        progress("publishing", 0, 1)
        service.publish(run)
        progress("publishing", 1, 1)

    return {"publish": publish}


def work(workspace: Workspace) -> dict[str, Any]:
    """Carry out the jobs that wait, one after the other, until none is left.

    Returns
    -------
    dict
        jobs, as they ended.
    """
    require_made_up(workspace)
    ended = []
    with batch_service(workspace) as service:
        jobs, kinds = Jobs(service.stores), _kinds(service)
        while (job := jobs.work(kinds)) is not None:
            ended.append(job.to_dict())
    return {"jobs": ended}


def listed(workspace: Workspace) -> dict[str, Any]:
    """Return the newest jobs, newest first."""
    with batch_service(workspace) as service:
        return {"jobs": [job.to_dict() for job in Jobs(service.stores).all()]}


def describe(result: dict[str, Any]) -> list[str]:
    """Return each job in a plain line."""
    return [
        f"{job['job']}  {job['kind']} {job['subject']}  {job['state']}"
        + (f"  {job['step']} {job['done']}/{job['total']}" if job["state"] == "running" else "")
        + (f"  {job['told']}" if job["told"] else "")
        for job in result["jobs"]
    ] or ["There is no job."]
