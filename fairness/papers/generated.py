"""All papers of a run, each with the hashes that it answers for, so that a stale one is noticed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from fairness.papers import algo_care, atrs, covenant, dpia, ethics, foi
from fairness.papers.facts import RunFacts
from fairness.papers.governance import Governance, open_points
from fairness.papers.wording import plain
from values import Hash, digest

VERSION = 1
_PAPERS = {"atrs": atrs, "dpia-annex": dpia, "algo-care": algo_care, "npcc-covenant": covenant, "foi-metrics": foi}


def papers(facts: RunFacts, governance: Governance, today: date) -> dict[str, dict[str, Any]]:
    """Return every paper of a run by name, as plain values.

    Parameters
    ----------
    today
        The day on which approvals are looked at; no paper but the ethics committee's pack depends on it.
    """
    policy = str(facts.report["policy"]["hash"])
    still_open = open_points(governance, today, facts.hashes["bundle"], policy)
    made = {name: _paper(name, each.TITLE, each.SAYS, each.parts(facts, governance), facts)
            for name, each in _PAPERS.items()}  # fmt: skip
    pack = ethics.parts(facts, governance, [f"governance.yaml {point}" for point in still_open])
    return {**made, "ethics-pack": _paper("ethics-pack", ethics.TITLE, ethics.SAYS, pack, facts)}


def _paper(
    name: str, title: str, says: tuple[str, ...], parts: list[dict[str, Any]], facts: RunFacts
) -> dict[str, Any]:
    entries = [entry for part in parts for entry in part["entries"]]
    document: dict[str, Any] = {
        "document": "governance paper",
        "version": VERSION,
        "name": name,
        "title": title,
        "about": f"{facts.area}, list as of {facts.as_of}",
        "says": list(says),
        "synthetic": facts.synthetic,
        "made_from": facts.made_from,
        "missing": [
            f"{entry['number']} {entry['question']}: {entry['missing']}" for entry in entries if entry["missing"]
        ],
        "parts": parts,
    }
    shown: dict[str, Any] = plain(document)
    return shown


def paper_hash(paper: Mapping[str, Any]) -> Hash:
    """Return the hash of a paper's content."""
    return digest(dict(paper))
