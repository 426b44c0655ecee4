"""What an administrator should look at today: accounts, areas without places, jobs, retention, old lists, stops.

Everything is read through a `Viewing`, so that an administrator of one area is told of that area alone. No case is
named: of people on lists there are counts at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from serving.access.accounts import Account
from serving.access.accounts.account import DEMO
from serving.access.sites import Site
from serving.access.viewing import Viewing
from serving.errors import NotFound
from serving.filing import Filed
from serving.jobs import PAPERS, REPORT, SILENT, TRIES, Job, Jobs
from serving.panel.capacity import capacities
from serving.people import EVERYWHERE
from serving.release.runs import RunSummary
from serving.release.stopping import Stop
from values import Capacity

UNUSED = timedelta(days=90)
WAITS_LONG = timedelta(minutes=15)
_AUDIT = "a reviewer, on the audit's page"
_AGAIN = {
    REPORT: "a reviewer or a data scientist, on the audit's page",
    PAPERS: "a reviewer or a data scientist, on Transparency",
}
RETENTION = "retention_due"
"""The kind of document in which the batch side files what is due for review, as counts."""


@dataclass(frozen=True)
class Panel:
    """The panel of an area.

    Parameters
    ----------
    filed
        The places that an administrator put on file; None where nobody did.
    newest
        The newest scoring run; None where there is none.
    scored_with
        The places of that run, which come from ``panels.yaml`` where nothing is on file.
    age
        Days since that run.
    """

    area: str
    site: Site | None
    filed: Filed | None
    newest: RunSummary | None
    scored_with: Capacity | None
    age: int | None

    @property
    def is_known(self) -> bool:
        """Whether anybody said how many places there are, as far as this service can see."""
        return self.filed is not None or self.scored_with is not None


@dataclass(frozen=True)
class Work:
    """A job with what is wrong and what to do, in words; both are empty where nothing is."""

    job: Job
    why: str
    remedy: str


@dataclass(frozen=True)
class Attention:
    """What an administrator should look at."""

    unidentified: tuple[Account, ...]
    unused: tuple[Account, ...]
    without_places: tuple[str, ...]
    work: tuple[Work, ...]
    retention: Filed | None
    panels: tuple[Panel, ...]
    stops: tuple[Stop, ...]


def attention(seen: Viewing) -> Attention:
    """Return what needs attention in the areas of whoever asks."""
    accounts, found = seen.accounts(), panels(seen)
    return Attention(
        unidentified=tuple(filter(is_unidentified, accounts)),
        unused=tuple(each for each in accounts if is_unused(each, seen.now())),
        without_places=tuple(each.area for each in found if not each.is_known),
        work=tuple(each for each in work(seen) if each.why),
        retention=retention(seen),
        panels=found,
        stops=tuple(seen.stops()),
    )


def is_unidentified(account: Account) -> bool:
    """Say whether nothing tells an account's holder from other people; made-up users are nobody."""
    return account.active and not account.known_by and account.provider != DEMO


def is_unused(account: Account, now: datetime) -> bool:
    """Say whether nobody signed in with an account that may for 90 days."""
    last = datetime.fromisoformat(account.signed_in_at or account.added_at)
    return account.active and now - last > UNUSED


def panels(seen: Viewing) -> tuple[Panel, ...]:
    """Return the panel of every area that has a site, a list, or places on file."""
    newest: dict[str, RunSummary] = {}
    for run in seen.runs():
        if run.area not in newest or run.created_at > newest[run.area].created_at:
            newest[run.area] = run
    sites = {area: site for site in seen.sites() for area in site.areas}
    filed = capacities(seen)
    areas = sorted(newest.keys() | sites.keys() | filed.keys())
    return tuple(_panel(seen, area, sites.get(area), filed.get(area), newest.get(area)) for area in areas)


def panel_of(seen: Viewing, area: str) -> Panel:
    """Return the panel of one area; raises `NotFound`."""
    for each in panels(seen):
        if each.area == area:
            return each
    raise NotFound("There is no such area.", "Go back to the panels.")


def _panel(seen: Viewing, area: str, site: Site | None, filed: Filed | None, newest: RunSummary | None) -> Panel:
    if newest is None:
        return Panel(area, site, filed, None, None, None)
    age = (seen.now() - datetime.fromisoformat(newest.created_at)).days
    return Panel(area, site, filed, newest, Capacity(**seen.run(newest.run).record["capacity"]), age)


def retention(seen: Viewing) -> Filed | None:
    """Return the newest count of what is due for review; for those only who work in every area, as it is of all."""
    if EVERYWHERE - seen.person.areas:
        return None
    found = seen.filed([RETENTION])
    return found[-1] if found else None


def work(seen: Viewing) -> list[Work]:
    """Return the newest jobs about runs of the person's areas, newest first."""
    return [told(each, seen.now()) for each in _of_areas(seen, Jobs(seen.stores).all())]


def _of_areas(seen: Viewing, jobs: Iterable[Job]) -> list[Job]:
    mine = {run.run for run in seen.runs()}
    return [each for each in jobs if each.subject in mine]


def told(job: Job, now: datetime) -> Work:
    """Return a job with what is wrong and what to do."""
    silent = now - datetime.fromisoformat(job.seen_at)
    if job.state == "failed":
        return Work(job, job.told, f"Put right what it says, then ask for it again: {_AGAIN.get(job.kind, _AUDIT)}.")
    if job.state == "running" and silent > SILENT:
        why = f"Its worker gave no sign of life for {int(silent.total_seconds() // 60)} minutes (try {job.tries})."
        return Work(job, why, f"The next worker takes it up again, {TRIES} times at most: drive-panel work")
    if job.state == "waiting" and silent > WAITS_LONG:
        return Work(job, "No worker took it.", "Start one, or see to its timer: drive-panel work")
    return Work(job, "", "")
