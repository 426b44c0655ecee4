"""What an operator may say in the environment, and what is told of a slip without repeating it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from drive_panel import web
from drive_panel.cli import app
from drive_panel.commands.shared import workspace_of
from drive_panel.errors import ErasureWaits, NotConfigured
from drive_panel.settings import read_settings
from drive_panel.workspace import Workspace

SECRET = "postgresql://panel:tulip-51@db/panel"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DRIVE_PANEL_DATABASE", SECRET, "Error: DRIVE_PANEL_DATABASE has a value that it may not have."),
        ("DRIVE_PANEL_MODE", "demonstration", "Error: DRIVE_PANEL_MODE has a value that it may not have."),
        ("DRIVE_PANEL_RATE_API", "tulip-51", "Error: DRIVE_PANEL_RATE_API has a value that it may not have."),
        ("DRIVE_PANEL_RATE_API", "0/minute", "Error: DRIVE_PANEL_RATE_API has a value that it may not have."),
        (
            "DRIVE_PANEL_MLFLOW_ADDRESS",
            "javascript:tulip",
            "Error: DRIVE_PANEL_MLFLOW_ADDRESS has a value that it may not have.",
        ),
        ("DRIVE_PANEL_DATABSE_URL", SECRET, "Error: There is no setting DRIVE_PANEL_DATABSE_URL."),
        ("DRIVE_PANEL_DATABASE_URL_OWNER", SECRET, "Error: There is no setting DRIVE_PANEL_DATABASE_URL_OWNER."),
        ("drive_panel_erasure", SECRET, "Error: There is no setting DRIVE_PANEL_ERASURE."),
    ],
)
def test_a_slip_in_a_setting_is_told_in_a_line_without_its_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    done = CliRunner().invoke(app, ["--home", str(tmp_path / "home"), "runs"])
    assert (done.exit_code, done.stderr.splitlines()[0]) == (1, told)
    assert len(done.stderr.splitlines()) == 2
    assert "tulip" not in done.output
    assert not (tmp_path / "home").exists()


def test_what_is_no_slip_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DRIVE_PANEL_PROVE", "DRIVE_PANEL_HOSTILE_BLOCKS", "DRIVE_PANEL_BACKUP_KEY"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("drive_panel_home", str(tmp_path))
    assert read_settings().home == tmp_path
    assert read_settings().rates == {}


def test_rates_of_the_environment_are_those_of_the_pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DRIVE_PANEL_RATE_SIGN_IN", "5/hour")
    workspace = Workspace.open(tmp_path / "home")
    (workspace.home / "mode").write_text("demo", encoding="utf-8")
    assert CliRunner().invoke(app, ["--home", str(workspace.home), "runs"]).exit_code == 0
    rates = web.build(workspace, rates=read_settings().rates).state.web.settings.rates
    assert (rates.sign_in, rates.writes, rates.api) == ("5/hour", "60/minute", "600/minute")


def test_a_site_of_real_people_opens_no_demonstration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DRIVE_PANEL_MODE", "live")
    (tmp_path / "mode").write_text("demo", encoding="utf-8")
    done = CliRunner().invoke(app, ["--home", str(tmp_path), "runs"])
    assert (done.exit_code, "is a demonstration" in done.stderr) == (1, True)


@pytest.fixture
def cut_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Context:
    """A site of PostgreSQL with an erasure that was cut short, as its batch work and its pages find it."""
    place = tmp_path / "records" / "erased" / "underway.json"
    place.parent.mkdir(parents=True)
    place.write_text("{}", encoding="utf-8")
    monkeypatch.setenv("DRIVE_PANEL_DATABASE_URL_BATCH", SECRET)
    context = typer.Context(typer.main.get_command(app))
    context.obj = tmp_path
    return context


def test_who_may_not_finish_an_erasure_reads_no_records_but_serves_what_is_published(cut_short: typer.Context) -> None:
    with pytest.raises(ErasureWaits, match="may not finish it") as caught:
        workspace_of(cut_short)
    assert "as-owner" in caught.value.remedy
    assert workspace_of(cut_short, reads_records=False).home == cut_short.obj


def test_pages_start_where_the_records_are_hidden_from_them(cut_short: typer.Context) -> None:
    records = cut_short.obj / "records"
    records.chmod(0)
    us = os.geteuid()
    if us == 0:
        os.seteuid(65534)
    try:
        home = Workspace(cut_short.obj)
        assert (home.erasure_underway, home.erasure_left_traces) == (False, False)
    finally:
        os.seteuid(us)
        records.chmod(0o700)


def test_an_unknown_rate_is_no_reason_to_repeat_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIVE_PANEL_RATE_WRITES", "tulip")
    with pytest.raises(NotConfigured) as caught:
        read_settings()
    assert caught.value.remedy == "Write a number a time, such as 30/minute."
    assert caught.value.__cause__ is None
