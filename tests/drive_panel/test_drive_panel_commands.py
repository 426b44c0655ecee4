"""The command line as a whole: every command explains itself, and none runs past an erasure that was cut short."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import duckdb
import pytest
import typer
from typer.testing import CliRunner

from drive_panel.cli import app
from drive_panel.command_reference import reference
from drive_panel.commands.shared import reports_errors
from drive_panel.output import INPUT_ERROR
from drive_panel.workspace import Workspace
from records import RecordStore
from records.erasing.erasure import begin

TABLES = {
    "manifest.yaml": "source: made up\nextract_date: 2024-03-31\nsynthetic: true\n",
    "persons.csv": "person_id,family_name,source\nPER-1001,Featherstone,rms\nPER-1002,Applewhite,rms\n",
    "incidents.csv": (
        "incident_id,force,area,occurred_from,is_crime,domestic\nINC-1,north,east,2023-01-01,true,true\n"
    ),
    "involvements.csv": "incident_id,person_id,role\nINC-1,PER-1001,suspect\nINC-1,PER-1002,victim\n",
}


def leaves(group: typer.main.TyperGroup, words: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], object]]:
    found = []
    for name, command in group.commands.items():
        below = getattr(command, "commands", None)
        found += leaves(command, (*words, name)) if below else []
        if not below or command.invoke_without_command:
            found.append(((*words, name), command))
    return found


COMMANDS = leaves(typer.main.get_command(app))


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[" ".join(words) for words, _ in COMMANDS])
def test_every_command_shows_an_example_of_itself_and_speaks_json(words: tuple[str, ...], command: object) -> None:
    told = CliRunner().invoke(app, [*words, "--help"])
    assert told.exit_code == 0
    assert "--json" in told.output
    if not command.hidden:  # type: ignore[attr-defined]
        assert f"drive-panel {' '.join(words)}" in " ".join(told.output.split()).replace("--home demo-workspace ", "")


def test_the_reference_of_commands_is_what_the_program_takes() -> None:
    page = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page == reference(), "Run scripts/commands."
    shown = [" ".join(words) for words, command in COMMANDS if not command.hidden]  # type: ignore[attr-defined]
    assert [each for each in shown if f"\n## {each}\n" not in page] == []


ASK = ("audit", "papers", "indicators")
"""Commands that need an argument although no single one is required."""
BEGIN = {"ingest", "demo", "db migrate", "db roles", "policy set", "users add", "users matrix", "sites add"}
"""Commands that may be the first one in a workspace, or need none."""
READING = [
    " ".join(words)
    for words, command in COMMANDS
    if not any(each.required for each in command.params)  # type: ignore[attr-defined]
]


@pytest.mark.parametrize("words", [each for each in READING if each not in (*BEGIN, *ASK)])
def test_a_command_that_needs_a_workspace_makes_none_and_says_what_to_do(words: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["--home", str(tmp_path / "none"), *words.split()])
    assert done.exit_code == INPUT_ERROR, done.output
    assert f"There is no workspace in {tmp_path / 'none'}." in done.stderr
    assert "drive-panel ingest" in done.stderr
    assert not (tmp_path / "none").exists()


def test_a_folder_of_something_else_is_no_workspace_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear all", encoding="utf-8")
    tmp_path.chmod(0o755)
    assert CliRunner().invoke(app, ["--home", str(tmp_path), "runs"]).exit_code == INPUT_ERROR
    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_command_first_finishes_an_erasure_that_was_cut_short(tmp_path: Path) -> None:
    extract = tmp_path / "extract"
    extract.mkdir()
    for name, content in TABLES.items():
        (extract / name).write_text(content, encoding="utf-8")
    workspace = Workspace.open(tmp_path / "workspace")
    store = RecordStore(workspace.records)
    store.ingest(extract)
    journal = begin(workspace.records, "PER-1001", {"asked": "PER-1001", "by": "officer", "reason": "Upheld"})
    assert journal is not None
    journal.notes["pseudonyms"] = []
    journal.write()
    assert workspace.erasure_underway
    done = CliRunner().invoke(app, ["--home", str(workspace.home), "deliveries", "list", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["deliveries"]
    assert not workspace.erasure_underway
    assert set(store.latest().table("persons")["person_id"]) == {"PER-1002"}


def test_a_database_out_of_memory_is_told_and_another_fault_is_not_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    @reports_errors
    def hungry(as_json: bool = False) -> None:
        with duckdb.connect(config={"memory_limit": "8MB", "max_temp_directory_size": "0MB"}) as db:
            db.execute("SELECT list(i::VARCHAR || repeat('x', 99)) FROM range(1000000) t(i)")

    @reports_errors
    def broken() -> None:
        raise ValueError("a fault of the program")

    with pytest.raises(typer.Exit) as told:
        hungry(as_json=True)
    assert told.value.exit_code == INPUT_ERROR
    assert "ran out of memory" in "".join(capsys.readouterr())
    with pytest.raises(ValueError, match="a fault of the program"):
        broken()
