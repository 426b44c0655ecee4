"""Audits of any table, of a stored run, and of a policy itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from drive_panel.errors import NotConfigured
from drive_panel.workflows.exported import register
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import Workspace
from fairness import SHIPPED, audit, break_down, check, load_policy, read_policy, read_table
from fairness.disclosure import EXACT, SUPPRESSED, exact_table, suppressed_table
from fairness.sensitivity import beside

_TERMS = (
    "Refused: the gap is settled, so that nobody can release the list.",
    "Stops the list: the gap is refused, or is not settled, so that the list does not pass. Where it is not settled, "
    "two reviewers together may still waive.",
    "Ratio: the group's rate of what the policy binds on, such as missed harm, divided by that of everyone else.",
)
"""What the words of a check mean, for whoever reads it without the documentation."""


def of_table(
    table: Path, policy: Path | None, out: Path | None = None, workspace: Workspace | None = None
) -> dict[str, Any]:
    """Audit the table in a file under a policy (the shipped one by default).

    Parameters
    ----------
    out
        Where to write every number by group, as CSV or Parquet, for whoever wants to recompute them.
    workspace
        Where it is kept what left before: what is written may then leave. Without one every number that was measured
        is written, and marked as not to leave.

    Raises
    ------
    NotConfigured
        If `out` is of another kind, or cannot be written.
    """
    if out is not None and out.suffix.lower() not in (".csv", ".parquet"):
        raise NotConfigured(f"{out.name} is neither CSV nor Parquet.", "Name a file that ends in .csv or .parquet.")
    people, rules = read_table(table), load_policy(policy or SHIPPED)
    result = audit(people, rules).to_dict()
    if out is None:
        return result
    found = break_down(people, rules)
    numbers = beside(found.table, result["label_sensitivity"])
    if workspace is None:
        numbers = exact_table(numbers)
        _write(numbers, out)
    else:
        with register(workspace) as left:
            numbers = suppressed_table(numbers, rules, left)
            _write(numbers, out)
    told = {"out_rows": len(numbers), "notes": list(found.notes), "marked": SUPPRESSED if workspace else EXACT}
    return result | {"out": str(out), **told}


def _write(numbers: pd.DataFrame, out: Path) -> None:
    try:
        if out.suffix.lower() == ".csv":
            numbers.to_csv(out, index=False)
        else:
            numbers.to_parquet(out, index=False)
    except OSError as problem:
        raise NotConfigured(
            f"{out.name} cannot be written ({type(problem).__name__}).", "Choose another file."
        ) from None


def of_run(workspace: Workspace, run: str) -> dict[str, Any]:
    """Return the audit that was stored with a scoring run."""
    with batch_service(workspace) as service:
        return dict(service.audit(run))


def check_policy(file: Path) -> dict[str, Any]:
    """Return how often each binding cell of a policy would pass and be refused at the site's numbers."""
    return check(read_policy(file)).to_dict()


def describe(result: dict[str, Any]) -> list[str]:
    """Return the verdict, why, and the binding cells in plain lines."""
    lines = [f"Verdict: {result['verdict']}", *(f"  {reason}" for reason in result["reasons"])]
    if "out" in result:
        lines += [f"  {note}" for note in result["notes"]] + [
            f"{result['out_rows']} numbers by group are in {result['out']} ({result['marked']})."
        ]
    cells = [cell for cell in result["cells"] if cell.get("binding")]
    if cells:
        lines += [
            "",
            f"{'table':<9} {'group':<34} {'metric':<12} {'n':>6} {'rate':>7} {'ratio':>6}  interval   verdict",
        ]
    audit_name = ""
    for cell in cells:
        group = f"{cell['characteristic']}: {cell['group']}"
        if cell.get("audit", audit_name) != audit_name:
            audit_name = cell["audit"]
            lines.append(f"{audit_name}:")
        rate = "—" if cell["value"] is None else f"{cell['value']:.1%}"
        ratio = "—" if cell["ratio"] is None else f"{cell['ratio']:.2f}"
        high = "∞" if cell["ratio_high"] is None else f"{cell['ratio_high']:.2f}"
        lines.append(
            f"{cell['table']:<9} {group:<34} {cell['metric']:<12} {cell['n']:>6} {rate:>7} {ratio:>6}  "
            f"{cell['ratio_low']:.2f}–{high}  {cell['verdict']}"
        )
    return lines + _if_recorded_wrongly(result)


def _if_recorded_wrongly(result: dict[str, Any]) -> list[str]:
    """Say how much wrong recording would turn the cells of each audit that rests on outcomes."""
    lines = []
    for name, part in result.get("audits", {"": result}).items():
        if part.get("label_sensitivity") and part["evidence"] != "list":
            lines += ["", f"{name}: {part['label_sensitivity_note']}".removeprefix(": ")]
            lines += [f"  {row['text']}" for row in part["label_sensitivity"]]
    return lines


def describe_policy(result: dict[str, Any]) -> list[str]:
    """Return the operating characteristics of a policy in plain lines."""
    lines = [
        "The policy loads." if result["loadable"] else "The policy does not load: a binding cell could not pass.",
        f"At the site's numbers a list without any gap passes {result['p_pass_no_gap']:.0%} of the time and is refused "
        f"{result['p_refuse_no_gap']:.1%}.",
        "Each binding cell, if it is the only one with a gap:",
    ]
    for cell in result["cells"]:
        powers = ", ".join(f"{ratio}: {power:.0%}" for ratio, power in cell["p_refuse"].items())
        name = f"{cell['characteristic']} {cell['group']}"
        if not cell["assessable"]:
            lines.append(f"  {name:<40} not assessable: under the floor, or too often unrecorded")
            continue
        note = "" if cell["required"] else f" (not required to pass; {_stops(cell)})"
        lines.append(f"  {name:<40} pass with no gap {cell['p_pass_no_gap']:.0%}; refused at a ratio of {powers}{note}")
    return [*lines, *_TERMS]


def _stops(cell: dict[str, Any]) -> str:
    """Say how often a cell that need not pass keeps the list from passing."""
    stops = ", ".join(f"{ratio}: {chance:.0%}" for ratio, chance in cell["p_stops"].items())
    return f"stops the list at a ratio of {stops}"
