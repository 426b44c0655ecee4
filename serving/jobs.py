"""Long work that one process asks for and another carries out, with how far it is.

A job is claimed by one statement, so no two workers have the same one. A worker that dies leaves its job running
without a sign of life; after a while another takes it up again, three times at most. Work is written so that doing it
twice does no harm. A publication, for which somebody waits, comes before everything else.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, insert, or_, select, update

from serving.storage.stores import Stores
from serving.storage.tables import jobs
from values import DrivePanelError, Progress

SILENT = timedelta(minutes=2)
TRIES = 3
PUBLISH, REPORT, PAPERS = KINDS = ("publish", "report", "papers")
"""Publication of a released list; the full report of a run's audit; a run's governance papers."""
_DIED = "Its worker died three times."


@dataclass(frozen=True)
class Job:
    """One piece of long work.

    Parameters
    ----------
    subject
        What it is about, such as a run; never a person.
    state
        waiting, running, done or failed.
    step, done, total
        How far it is.
    told
        Why it failed, without personal data.
    """

    job: str
    kind: str
    subject: str
    state: str
    asked_by: str
    asked_at: str
    seen_at: str
    ended_at: str | None
    tries: int
    step: str
    done: int
    total: int
    told: str

    def to_dict(self) -> dict[str, Any]:
        """Return the keys that `jobs --json` prints."""
        return dict(self.__dict__)


Work = Callable[[Job, Progress], None]
"""Carries a job out: which, and whom to tell how far it is."""


class Jobs:
    """The jobs of one service."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def ask(self, kind: str, subject: str, by: str) -> str:
        """Ask for a job and return its name; one that waits for the same already is that job."""
        with self._stores.panel.write() as connection:
            return self.ask_in(connection, kind, subject, by, ("waiting",))[0]

    def ask_in(
        self, connection: Connection, kind: str, subject: str, by: str, same: Collection[str]
    ) -> tuple[str, bool]:
        """Ask for a job within a transaction that has its turn; return its name, and whether it is a new one.

        Parameters
        ----------
        same
            In which states a job about the same subject is that job.
        """
        alike = and_(jobs.c.kind == kind, jobs.c.subject == subject, jobs.c.state.in_(same))
        known: str | None = connection.execute(select(jobs.c.job).where(alike)).scalar()
        if known is not None:
            return known, False
        now = self._stores.now().isoformat()
        name = f"J-{secrets.token_hex(6)}"
        row = {"job": name, "kind": kind, "subject": subject, "asked_by": by, "asked_at": now, "seen_at": now}
        fresh = {"state": "waiting", "ended_at": None, "tries": 0, "step": "", "done": 0, "total": 0, "told": ""}
        connection.execute(insert(jobs).values(**row, **fresh))
        return name, True

    def claim(self, only: Collection[str] = ()) -> Job | None:
        """Take a job that waits, or whose worker gave no sign of life; None where there is none.

        Publications come first, then what has waited longest.

        Parameters
        ----------
        only
            The kinds to take; every one where none is named.
        """
        now = self._stores.now()
        mine = [jobs.c.kind.in_(only)] if only else []
        with self._stores.panel.write() as connection:
            connection.execute(
                update(jobs).where(_dead(now), jobs.c.tries >= TRIES).values(_ended("failed", now, _DIED))
            )
            free = or_(jobs.c.state == "waiting", _dead(now))
            order = (case((jobs.c.kind == PUBLISH, 0), else_=1), jobs.c.asked_at, jobs.c.job)
            first = select(jobs.c.job).where(free, *mine).order_by(*order).limit(1).with_for_update(skip_locked=True)
            change = update(jobs).where(jobs.c.job == first.scalar_subquery()).returning(*jobs.columns)
            taken = {"state": "running", "seen_at": now.isoformat(), "tries": jobs.c.tries + 1}
            row = connection.execute(change.values(taken)).mappings().first()
        return Job(**row) if row else None

    def work(self, kinds: Mapping[str, Work], only: Collection[str] = ()) -> Job | None:
        """Claim one job, of some kinds or of any, and carry it out; return it as it ended, None where there was none.

        What its work refuses is told by the job. Any other error is told by its kind only, and raised.
        """
        job = self.claim(only)
        if job is None:
            return None
        try:
            if job.kind not in kinds:
                raise DrivePanelError("This version does not know such work.", "Update the worker.")
            kinds[job.kind](job, lambda step, done, total: self._tell(job, step, done, total))
        except DrivePanelError as refused:
            self._end(job, "failed", f"{refused.message} {refused.remedy}".strip())
        except BaseException as problem:
            self._end(job, "failed", f"It broke: {type(problem).__name__}.")
            raise
        else:
            self._end(job, "done", "")
        return self.find(job.job)

    def find(self, name: str) -> Job | None:
        """Return a job."""
        return next((job for job in self.all(None) if job.job == name), None)

    def all(self, limit: int | None = 50) -> list[Job]:
        """Return the newest jobs, newest first."""
        query = select(jobs).order_by(jobs.c.asked_at.desc(), jobs.c.job).limit(limit)
        with self._stores.panel.read() as connection:
            return [Job(**row) for row in connection.execute(query).mappings()]

    def newest(self, kind: str, subjects: Iterable[str]) -> dict[str, Job]:
        """Return the job of a kind that was asked for last about each of some subjects that has one."""
        query = select(jobs).where(jobs.c.kind == kind, jobs.c.subject.in_(sorted(set(subjects))))
        with self._stores.panel.read() as connection:
            rows = connection.execute(query.order_by(jobs.c.asked_at, jobs.c.job)).mappings()
            return {row["subject"]: Job(**row) for row in rows}

    def _tell(self, job: Job, step: str, done: int, total: int) -> None:
        self._change(job, step=step, done=done, total=total, seen_at=self._stores.now().isoformat())

    def _end(self, job: Job, state: str, told: str) -> None:
        self._change(job, **_ended(state, self._stores.now(), told))

    def _change(self, job: Job, **values: Any) -> None:
        """Change a job that is still this worker's: whoever took it up again later has counted one try more."""
        mine = and_(jobs.c.job == job.job, jobs.c.state == "running", jobs.c.tries == job.tries)
        with self._stores.panel.write() as connection:
            connection.execute(update(jobs).where(mine).values(**values))


def _dead(now: datetime) -> ColumnElement[bool]:
    return and_(jobs.c.state == "running", jobs.c.seen_at < (now - SILENT).isoformat())


def _ended(state: str, now: datetime, told: str) -> dict[str, Any]:
    return {"state": state, "ended_at": now.isoformat(), "seen_at": now.isoformat(), "told": told}
