"""Getting data in: a made-up force, an extract, what was kept out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drive_panel.commands.shared import Json, reports_errors, workspace_of
from drive_panel.output import emit, progress_bars

app = typer.Typer()
mapping_app = typer.Typer(help="Say how a source's files become the contract's tables.", no_args_is_help=True)
app.add_typer(mapping_app, name="mapping")


@app.command(epilog="Example: drive-panel synth force --persons 20000 --years 8 --seed 1 --plant leaking_column")
@reports_errors
def synth(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder; gets extract/ and, apart from it, truth/.")],
    persons: Annotated[int, typer.Option(min=100, help="People ever suspected.")] = 80_000,
    years: Annotated[int, typer.Option(min=3, max=20, help="Years of history.")] = 8,
    seed: Annotated[int, typer.Option(help="Same settings and seed, same files.")] = 2026,
    plant: Annotated[
        list[str] | None,
        typer.Option(metavar="DEFECT", help="A defect to plant (docs/synthetic-force.md); may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a made-up police force with known truth, to the data contract."""
    from synthetic import ForceSettings, Plant, make_force

    plants = tuple(Plant.parse(text) for text in plant or ())
    with progress_bars() as progress:
        summary = make_force(out, ForceSettings(persons=persons, years=years, seed=seed, plants=plants), progress)
    lines = [f"Made a synthetic force in {out}: every person in it is made up."]
    lines += [f"  {name}: {value}" for name, value in summary.to_dict().items() if not isinstance(value, dict)]
    lines.append(f"Next: drive-panel ingest {out / 'extract'}")
    emit(summary.to_dict(), lines, as_json)


@app.command(epilog="Example: drive-panel ingest extract/ --mapping docs/examples/seattle_terry_stops/mapping.yaml")
@reports_errors
def ingest(
    context: typer.Context,
    extract_dir: Annotated[
        Path, typer.Argument(metavar="EXTRACT_DIR", help="Folder with one file a table and a manifest.")
    ],
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="How the source's columns become the contract's.")
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Reference tables that replace the shipped ones.")
    ] = None,
    shrink_limit: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of a table that a full delivery may withdraw without confirmation."),
    ] = 0.05,
    as_json: Json = False,
) -> None:
    """Read an extract: accepted rows become a snapshot, every other row goes to quarantine with its reason."""
    from drive_panel.workflows import ingest as workflow

    with progress_bars() as progress:
        report = workflow.run(
            workspace_of(context, begins=True), extract_dir, mapping, reference, progress, shrink_limit
        )
    emit(report.to_dict(), workflow.describe(report), as_json)


@mapping_app.command("check", epilog="Example: drive-panel mapping check mapping.yaml extract/")
@reports_errors
def mapping_check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The mapping (YAML).")],
    extract_dir: Annotated[Path, typer.Argument(metavar="EXTRACT", help="Folder with the source's own files.")],
    reference: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Reference tables that replace the shipped ones.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what ingesting an extract through a mapping would do; nothing is stored."""
    from drive_panel.workflows import mapping as workflow

    with progress_bars() as progress:
        result = workflow.check(file, extract_dir, progress, reference)
    emit(result, workflow.describe(result), as_json)


@mapping_app.command("draft", epilog="Example: drive-panel mapping draft extract/ > mapping.yaml")
@reports_errors
def mapping_draft(
    extract_dir: Annotated[Path, typer.Argument(metavar="EXTRACT", help="Folder with the source's own files.")],
    as_json: Json = False,
) -> None:
    """Propose a mapping from the files themselves; each guess that a person must look at ends in '# ?'."""
    from drive_panel.workflows import mapping as workflow

    text = workflow.draft(extract_dir)
    emit({"mapping": text}, [text.rstrip()], as_json)


@app.command(epilog="Example: drive-panel quality --out quality.html")
@reports_errors
def quality(
    context: typer.Context,
    snapshot: Annotated[str | None, typer.Option(metavar="HASH", help="A snapshot (default: the latest).")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the page goes; JSON beside it.")] = None,
    as_json: Json = False,
) -> None:
    """Report what is recorded, for whom, how late, and where levels moved, as a page and as JSON."""
    from drive_panel.workflows import quality as workflow

    with progress_bars() as progress:
        result = workflow.run(workspace_of(context), snapshot, out, progress)
    emit(result, workflow.describe(result), as_json)
