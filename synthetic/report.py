"""Print the realised targets of a made-up force: ``python -m synthetic.report OUT``."""

from __future__ import annotations

import sys
from pathlib import Path

from synthetic.targets import TARGETS, realised, risk_figures
from values import DrivePanelError


def table(folder: Path) -> str:
    """Return the realised targets as a Markdown table, and the figures of the true risk below it."""
    reached = realised(folder)
    lines = ["| target | allowed | realised | what | source |", "|---|---|---:|---|---|"]
    for target in (target for target in TARGETS if target.name in reached):
        value = reached[target.name]
        mark = "" if target.low <= value <= target.high else " (outside)"
        allowed = f"{target.low:g} to {target.high:g}"
        lines.append(f"| {target.name} | {allowed} | {value:.3f}{mark} | {target.question} | {target.source} |")
    risk = risk_figures(folder)
    lines += [
        "",
        f"True risk at the mature half-year dates: cohort {risk['cohort']:.0f} people, outcome share "
        f"{risk['outcome_share']:.3f} (expected {risk['expected_share']:.3f}), AUC {risk['auc']:.3f}.",
    ]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Print the table of the force in the folder named by the only argument."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: python -m synthetic.report OUT\n")
        return 2
    try:
        sys.stdout.write(table(Path(arguments[0])) + "\n")
    except DrivePanelError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
