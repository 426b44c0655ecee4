"""The text of a report's pages holds no figure that was withheld, whoever wrote the sentences."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from drive_panel.workflows.audit_report import content_of, of_table
from fairness import audit, read_policy
from fairness.disclosure import Register
from fairness.papers.telling import told


def people() -> pd.DataFrame:
    """Return people of whom two groups have a few missed, and one a few false alarms."""
    rng = np.random.default_rng(5)
    counts = {"male": (4311, 900, 1307, 655), "female": (1213, 411, 377, 371), "": (733, 219, 147, 101)}
    parts = []
    for sex, (count, selected, harmed, found) in counts.items():
        rows = np.arange(count)
        outcome = (rows < found) | ((rows >= selected) & (rows < selected + harmed - found))
        parts.append(
            pd.DataFrame({"selected": (rows < selected).astype(int), "outcome": outcome.astype(int), "sex": sex})
        )
    table = pd.concat(parts, ignore_index=True)
    return table.assign(person_id=range(len(table)), age_band=rng.choice(["18-34", "35 and over"], len(table)))


def test_no_sentence_row_or_plot_of_a_report_tells_a_withheld_figure() -> None:
    stored = audit(people(), read_policy()).to_dict()
    left = Register()
    report = of_table(stored, None, left, all_cells=True)
    (part,) = report["audits"]
    hidden = {(c["group"], c["metric"]) for c in part["cells"] if c.get("suppressed")}
    assert ("female", "missed_harm") in hidden
    page = re.sub(r"<[^>]+>", " ", str(content_of(report, ".html")))
    assert "377" in page  # how many had later harm is shown; how many of them were missed is not
    assert told(page, stored["cells"], part["cells"]) == []
    assert len(told(" ".join(stored["reasons"]), stored["cells"], part["cells"])) > 3
