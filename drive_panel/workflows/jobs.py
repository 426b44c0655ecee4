"""Long work that the web process asks for: carried out by whoever may, and listed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from drive_panel.errors import NotConfigured
from drive_panel.workflows.release import batch_service, require_made_up
from drive_panel.workspace import Workspace
from serving import Batch
from serving.jobs import KINDS, Job, Jobs, Work
from values import Progress


def _kinds(workspace: Workspace, service: Batch) -> dict[str, Work]:
    # What draws is loaded by the work that needs it: nobody who waits for a publication waits for that.
    def publish(job: Job, progress: Progress) -> None:
        progress("publishing", 0, 1)
        service.publish(job.subject)
        progress("publishing", 1, 1)

    def report(job: Job, progress: Progress) -> None:
        from drive_panel.workflows import audit, audit_report

        audit_report.keep(workspace, audit.of_run(workspace, job.subject), job.subject, job.asked_by, progress)

    def papers(job: Job, progress: Progress) -> None:
        from drive_panel.workflows import papers as governance

        governance.keep(workspace, job.subject, job.asked_by, progress)

    return dict(zip(KINDS, (publish, report, papers), strict=True))


def work(workspace: Workspace, only: Collection[str] = ()) -> dict[str, Any]:
    """Carry out the jobs that wait, one after the other, until none is left; publications first.

    Parameters
    ----------
    only
        The kinds to carry out; every one where none is named.

    Returns
    -------
    dict
        jobs, as they ended.

    Raises
    ------
    NotConfigured
        If there is no such kind.
    """
    require_made_up(workspace)
    for kind in only:
        if kind not in KINDS:
            raise NotConfigured(f"There is no work called {kind}.", f"Use {', '.join(KINDS)}.")
    ended: list[dict[str, Any]] = []
    broken: Exception | None = None
    with batch_service(workspace) as service:
        jobs, kinds = Jobs(service.stores), _kinds(workspace, service)
        while True:
            try:
                job = jobs.work(kinds, only)
            except Exception as problem:
                if broken is not None:
                    raise
                broken = problem  # whoever asked for the next one does not pay for this one
                continue
            if job is None:
                break
            ended.append(job.to_dict())
    if broken is not None:
        raise broken
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
