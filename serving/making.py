"""Reports and papers that somebody asks for: the batch side makes them, and the page tells how far they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from serving.access.attention import told
from serving.access.viewing import Viewing
from serving.jobs import PAPERS, REPORT, Job, Jobs
from serving.people import Permission
from serving.repeats import done_before
from serving.service import Service

_ASK = "Whoever may ask for it reads why."  # a message of the batch side is for those who can do something about it
ASKED = {REPORT: "report.asked", PAPERS: "papers.asked"}
"""Kind of job -> the act by which somebody asks for it."""


@dataclass(frozen=True)
class Making:
    """What was asked for last of a run and is not made: it waits, is being made, or failed.

    Parameters
    ----------
    why
        Why nobody is at work on it; empty where it only takes its time.
    """

    job: Job
    why: str

    @property
    def is_open(self) -> bool:
        """Whether nobody needs to ask again."""
        return not self.why


def ask(seen: Viewing, kind: str, run: str) -> None:
    """Ask for the report or the papers of a run of the person's areas; what is being made already is not made twice.

    Raises
    ------
    NotFound, NotPermitted
    """
    seen.person.need(Permission.MAKE_PAPERS)
    seen.area(run)
    with seen.stores.acting() as acting:
        if done_before(acting, seen.sent):
            return
        jobs = Jobs(seen.stores)
        name, is_new = jobs.ask_in(acting.connection, kind, run, seen.person.user, ("waiting", "running"))
        if is_new:
            acting.enter(seen.person.user, ASKED[kind], run, {"job": name})


def making(service: Service, kind: str, made: Iterable[tuple[str, str]]) -> dict[str, Making]:
    """Return what is being made, by run; nothing of a run whose files were made after that was asked for.

    Parameters
    ----------
    made
        Each run, and when its newest files were made; empty where there are none.
    """
    at = dict(made)
    newest, now = Jobs(service.stores).newest(kind, at), service.now()
    reads = not isinstance(service, Viewing) or service.person.may(Permission.MAKE_PAPERS)
    return {
        run: Making(job, told(job, now).why if reads or job.state != "failed" else _ASK)
        for run, job in newest.items()
        if job.state != "done" and not (job.state == "failed" and at[run] > job.asked_at)
    }
