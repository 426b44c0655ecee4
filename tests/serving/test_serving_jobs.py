"""A job is carried out once, survives its worker, and says how it ended without naming anybody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drive_panel.clock import now
from drive_panel.errors import NotConfigured
from drive_panel.settings import DatabaseURLs, Settings
from drive_panel.workflows import jobs as workflow
from drive_panel.workspace import Workspace
from serving import Batch, Person, Service
from serving.errors import NoLiveRelease
from serving.jobs import SILENT, TRIES, Job, Jobs

DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def jobs(service: Service) -> Jobs:
    return Jobs(service.stores)


def test_several_workers_carry_every_job_out_once(jobs: Jobs) -> None:
    for number in range(24):
        jobs.ask("count", f"run-{number}", "web")
    done: list[str] = []

    def work() -> None:
        while jobs.work({"count": lambda job, _: done.append(job.subject)}) is not None:
            pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == sorted(f"run-{number}" for number in range(24))
    assert {(job.state, job.tries) for job in jobs.all()} == {("done", 1)}


def test_a_job_that_waits_already_is_not_asked_for_twice(jobs: Jobs, clock: Any) -> None:
    first = jobs.ask("publish", "run-1", "web")
    assert jobs.ask("publish", "run-1", "web") == first
    jobs.work({"publish": lambda *_: None})
    assert jobs.ask("publish", "run-1", "web") != first


def test_jobs_are_taken_in_the_order_they_were_asked_for_and_tell_how_far_they_are(jobs: Jobs, clock: Any) -> None:
    for number in range(3):
        jobs.ask("count", f"run-{number}", "web")
        clock.forward(seconds=1)
    seen = []

    def count(job: Job, progress: Any) -> None:
        progress("counting", 2, 5)
        (running,) = [each for each in jobs.all() if each.state == "running"]
        seen.append((job.subject, running.step, running.done, running.total))

    for _ in range(3):
        jobs.work({"count": count})
    assert seen == [(f"run-{number}", "counting", 2, 5) for number in range(3)]


def test_a_job_outlives_its_worker_three_times_and_a_slow_worker_changes_nothing_any_more(
    jobs: Jobs, clock: Any
) -> None:
    jobs.ask("count", "run-1", "web")
    first = jobs.claim()
    assert first is not None
    assert jobs.claim() is None  # it gives signs of life
    clock.forward(seconds=SILENT.total_seconds() + 1)
    second = jobs.claim()
    assert second is not None
    assert (second.job, second.tries) == (first.job, 2)
    jobs._end(first, "done", "")
    found = jobs.find(first.job)
    assert found is not None
    assert found.state == "running"
    for _ in range(TRIES - 1):
        clock.forward(seconds=SILENT.total_seconds() + 1)
        jobs.claim()
    ended = jobs.find(first.job)
    assert ended is not None
    assert (ended.state, ended.tries, ended.told) == ("failed", 3, "Its worker died three times.")


def test_a_job_says_why_it_failed_and_nothing_of_what_broke_in_it(jobs: Jobs) -> None:
    def refuse(*_: Any) -> None:
        raise NoLiveRelease("This list is not released.", "Ask a reviewer.")

    def fall(*_: Any) -> None:
        raise KeyError("Synthetic Number0, born 1990-01-01")

    jobs.ask("refused", "run-1", "web")
    refused = jobs.work({"refused": refuse})
    assert refused is not None
    assert (refused.state, refused.told) == ("failed", "This list is not released. Ask a reviewer.")
    name = jobs.ask("broken", "run-1", "web")
    with pytest.raises(KeyError):
        jobs.work({"broken": fall})
    broken = jobs.find(name)
    assert broken is not None
    assert (broken.state, broken.told) == ("failed", "It broke: KeyError.")
    jobs.ask("new", "run-1", "web")
    unknown = jobs.work({})
    assert unknown is not None
    assert unknown.told == "This version does not know such work. Update the worker."


def test_a_publication_asked_for_by_the_web_process_is_carried_out_by_a_worker(
    service: Service, database: Any, reviewer: Person, make_run_in: Callable[..., Any], tmp_path: Path, clock: Any
) -> None:
    clock.now = now()  # the worker reads the clock
    if database.dialect == "sqlite":
        (tmp_path / "unreleased").mkdir()
        service.close()
        (tmp_path / "scores.db").rename(tmp_path / "unreleased" / "scores.db")
        service = Batch(tmp_path / "panel.db", tmp_path / "unreleased" / "scores.db", tmp_path / "keys", clock)
    urls = DatabaseURLs(owner=database.panel) if database.dialect == "postgresql" else DatabaseURLs()
    made = make_run_in(tmp_path)
    run = made.into(service)
    Jobs(service.stores).ask("publish", run, "web")
    workspace = Workspace.open(tmp_path, urls)
    ended = workflow.work(workspace)["jobs"]
    assert [(job["state"], job["subject"]) for job in ended] == [("failed", run)]
    assert "not released" in ended[0]["told"]
    service.review(run, reviewer, "approve", "Audit read", acknowledged=made.gate["acknowledge"])
    Jobs(service.stores).ask("publish", run, "web")
    lines = workflow.describe(workflow.work(workspace))
    assert lines[0].endswith(f"publish {run}  done")
    assert service.run(run).summary.published
    assert workflow.work(workspace)["jobs"] == []
    assert len(workflow.listed(workspace)["jobs"]) == 2
    service.close()


def test_an_address_comes_from_a_credential_where_the_environment_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seat in ("web", "batch"):
        (tmp_path / f"drive_panel_database_url_{seat}").write_text(f"postgresql://{seat}@/x\n", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("DRIVE_PANEL_DATABASE_URL_BATCH", "postgresql://another@/x")
    found = Settings().databases
    assert found == DatabaseURLs(web="postgresql://web@/x", batch="postgresql://another@/x")


def test_a_process_that_is_told_of_postgresql_never_falls_back_to_files(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "home", DatabaseURLs(web="postgresql:///x"))
    assert workspace.panel_database("web") == "postgresql:///x"
    assert not workspace.databases.reaches("batch")
    with pytest.raises(NotConfigured, match="how the batch reaches"):
        workspace.scores_database("batch")
