"""The governance papers of a run: written, entered in the ledger by their hashes, and checked for being stale."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drive_panel.clock import today
from drive_panel.errors import NotConfigured
from drive_panel.pages.page import paper_page
from drive_panel.workflows.audit_report import of_run
from drive_panel.workflows.exported import read, register
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from fairness.disclosure import Register
from fairness.papers import RunFacts, markdown, open_points, paper_hash, papers
from features import CATALOGUE
from models import Bundle
from records.purposes import sources_of
from serving import Batch
from serving.panel.involvement import Involvement, involvement, together
from serving.papers import KEPT, PACK, TITLES, place_of
from serving.web.words import area_name, day, words
from training.errors import PdfUnavailable
from training.report.pdf import pdf
from values import Hash, Progress, canonical_json, digest_bytes, digest_file, silent

WRITTEN = "papers.written"
MANIFEST = "papers.json"


def write(workspace: Workspace, run: str, folder: Path) -> dict[str, Any]:
    """Write every paper of a run (0600) as a page, a PDF, Markdown and JSON, and note their hashes in the ledger.

    Returns
    -------
    dict
        ``run``, ``folder``, ``papers`` (name to hash and answers missing) and ``open``, what is missing or stale in the
        governance file.

    Raises
    ------
    DrivePanelError
        If there is no such run, its bundle is gone, the governance file cannot be read, or a file cannot be written.
    """
    with batch_service(workspace) as service, register(workspace) as left:
        made, still_open = _papers(workspace, service, run, left)
        for name, paper in made.items():
            shown = paper_page(paper)
            for kind, content in ((".html", shown), (".md", markdown(paper)), (".json", canonical_json(paper))):
                workspace.write_outside(folder / f"{name}{kind}", content)
            workspace.write_outside(folder / f"{name}.pdf", pdf(shown))
        hashes = _hashes(made)
        workspace.write_outside(folder / MANIFEST, canonical_json({"run": run, "papers": hashes}))
        service.note("command-line", WRITTEN, run, {"papers": hashes})
    told = {name: {"hash": hashes[name], "missing": len(paper["missing"])} for name, paper in made.items()}
    return {"run": run, "folder": str(folder), "papers": told, "open": still_open}


def keep(workspace: Workspace, run: str, asked_by: str = "", progress: Progress = silent) -> dict[str, Any]:
    """Make every paper of a run, keep it in the workspace for its page, and note the hashes in the ledger.

    Where a PDF cannot be drawn on this machine, it is left out.

    Parameters
    ----------
    asked_by
        Who asked for them on a page, which the ledger then says; empty where that was the command's user.

    Returns
    -------
    dict
        As `write`.

    Raises
    ------
    DrivePanelError
        As `write`.
    """
    with batch_service(workspace) as service, register(workspace) as left:
        state = service.state(run)
        progress("the run", 0, len(TITLES))
        made, still_open = _papers(workspace, service, run, left)
        files = _files(made, progress)
        files[PACK] = _packed(files)
        for name, content in files.items():
            workspace.write(place_of(workspace.home, run, name), content)
        missing = {name: len(paper["missing"]) for name, paper in made.items()}
        detail = {
            "state": state,
            "governance": str(digest_file(workspace.governance)),
            "missing": missing,
            "files": {name: str(digest_bytes(content)) for name, content in files.items()},
            **({"asked_by": asked_by} if asked_by else {}),
        }
        service.note("command-line", KEPT, run, detail)
    hashes = _hashes(made)
    told = {name: {"hash": hashes[name], "missing": count} for name, count in missing.items()}
    folder = place_of(workspace.home, run, PACK).parent
    return {"run": run, "folder": str(folder), "papers": told, "open": still_open}


def _files(made: Mapping[str, dict[str, Any]], progress: Progress) -> dict[str, bytes]:
    """Return every paper in every kind that can be drawn here, by the file's name."""
    files: dict[str, bytes] = {}
    for done, (name, paper) in enumerate(made.items()):
        progress(TITLES[name], done, len(made))
        shown = paper_page(paper)
        for kind, text in (("html", shown), ("md", markdown(paper)), ("json", canonical_json(paper))):
            files[f"{name}.{kind}"] = text.encode("utf-8")
        with contextlib.suppress(PdfUnavailable):
            files[f"{name}.pdf"] = pdf(shown)
    return files


def _packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as one archive; the same files make the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def check(workspace: Workspace, run: str, folder: Path) -> dict[str, Any]:
    """Say which papers in a folder are not those that would be made of the run now, and why.

    Returns
    -------
    dict
        ``run``, ``stale`` (name to why) and ``open``.

    Raises
    ------
    NotConfigured
        If the folder holds no papers of this run.
    """
    manifest = _manifest(folder, run)
    with batch_service(workspace) as service:
        now, still_open = _papers(workspace, service, run, read(workspace))
        noted = [json.loads(entry.detail) for entry in service.ledger(None) if _notes(entry, run)]
    known = {(name, hashed) for note in noted for name, hashed in note["papers"].items()}
    stale: dict[str, str] = {}
    for name, hashed in _hashes(now).items():
        place = folder / f"{name}.json"
        if not place.exists():
            stale[name] = "is not there"
        elif (held := _held(place)) != manifest.get(name) or (name, held) not in known:
            stale[name] = "was changed after it was written, or was written elsewhere"
        elif held != hashed:
            stale[name] = "answers for something older: the run, the governance file or the audit has changed since"
    return {"run": run, "stale": stale, "open": still_open}


def describe(result: dict[str, Any]) -> list[str]:
    """Return what was written, or what is stale, and what to do, in plain lines."""
    if "stale" in result:
        lines = [f"{name} {why}." for name, why in result["stale"].items()]
        lines = [*lines, "Write them again: drive-panel papers RUN --out DIR"] if lines else ["No paper is stale."]
    else:
        lines = [f"{name:<14} {_missing(each['missing'])}" for name, each in result["papers"].items()]
        lines.append(f"Papers of {result['run']}: {result['folder']}")
    if result["open"]:
        lines += ["", "Outside a demonstration no list is released until governance.yaml is complete. It:"]
        lines += [f"  - {point}" for point in result["open"]]
    return lines


def _missing(count: int) -> str:
    return "no answer missing" if count == 0 else f"{count} answer{'' if count == 1 else 's'} missing"


def _papers(
    workspace: Workspace, service: Batch, run: str, left: Register
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    facts, governance, day_now = _facts(workspace, service, run, left), workspace.read_governance(), today()
    policy = str(facts.report["policy"]["hash"])
    still_open = open_points(governance, day_now, facts.hashes["bundle"], policy)
    if facts.hashes["governance"] != service.run(run).record["hashes"]["governance"]:
        still_open.append("was changed after this run was scored, so the run answers for an older one; score again")
    return papers(facts, governance, day_now), still_open


def _facts(workspace: Workspace, service: Batch, run: str, left: Register) -> RunFacts:
    detail, audit = service.run(run), service.audit(run)
    summary, record = detail.summary, detail.record
    bundle = _bundle(workspace, Hash(record["hashes"]["bundle"]))
    capacity, involved = record["capacity"], _involved(service)
    return RunFacts(
        run=run,
        area=area_name(summary.area),
        as_of=day(summary.as_of),
        state=summary.state,
        synthetic=record["synthetic"],
        list_hash=str(detail.list_hash),
        hashes={**record["hashes"], "governance": str(digest_file(workspace.governance))},
        report=of_run(workspace, run, audit, left),
        places=capacity["places"],
        list_length=capacity["places"] * capacity["list_factor"],
        bundle=bundle,
        evaluation=_evaluation(workspace, record["hashes"]["bundle"]),
        sources=_sources(workspace),
        runs=Counter(str(each.state) for each in service.runs()),
        decisions=Counter(str(each["decision"]) for each in service.decisions() if each["current"]),
        overrides=involved.overrides if involved else 0,
        ordered=involved.ordered if involved else 0,
    )


def _involved(service: Batch) -> Involvement | None:
    """Return how panels decided beside the order of every list so far; None where there was none."""
    return together(
        involvement(each.header, each.rows, service.decisions(run=each.run), [], None) for each in service.past_lists()
    )


def _bundle(workspace: Workspace, name: Hash) -> dict[str, Any]:
    bundle = Bundle.load(workspace.bundles / name)
    reads = sorted({column for each in bundle.indicators for column in CATALOGUE.reads_of(each)})
    kind = words(bundle.kind)
    return {"kind": kind, "indicators": len(bundle.indicators), "reads": reads, "card": bundle.card}


def _evaluation(workspace: Workspace, bundle: str) -> dict[str, Any]:
    place = workspace.folder("reports") / f"evaluation-{Hash(bundle).short}.json"
    document: dict[str, Any] = json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}
    return document


def _sources(workspace: Workspace) -> list[dict[str, Any]]:
    """Return what is declared of each table of records; its columns' purposes together."""
    tables: dict[str, dict[str, Any]] = {}
    for column, source in sources_of(workspace.records).columns.items():
        table = column.partition(".")[0]
        entry = tables.setdefault(
            table,
            {
                "table": table.replace("_", " "),
                "controller": words(source.controller),
                "basis": source.basis,
                "confirm": source.confirm,
                "retain_years": source.retain_years,
                "uses": set(),
            },
        )
        entry["uses"] |= set(source.purposes)
    return [{**entry, "purposes": ", ".join(sorted(entry.pop("uses"))) or "nothing"} for entry in tables.values()]


def _hashes(made: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: str(paper_hash(paper)) for name, paper in made.items()}


def _held(place: Path) -> str:
    try:
        return str(paper_hash(json.loads(place.read_text(encoding="utf-8"))))
    except (ValueError, OSError):
        return ""


def _manifest(folder: Path, run: str) -> dict[str, str]:
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        found, hashes = content["run"], dict(content["papers"])
    except (OSError, ValueError, KeyError, TypeError):
        found, hashes = None, {}
    if found != run:
        raise NotConfigured(f"{folder.name} holds no papers of {run}.", "Write them: drive-panel papers RUN --out DIR")
    return hashes


def _notes(entry: Any, run: str) -> bool:
    return bool(entry.action == WRITTEN and entry.subject == run)
