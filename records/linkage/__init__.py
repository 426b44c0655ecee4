"""One person is one person: person records are linked, with a match probability and a band for people to decide.

`link` makes a crosswalk from a snapshot, `apply` a linked snapshot from both. Decisions of people are kept by
`Decisions` and always win over the model. See ``docs/linkage.md``.
"""

from records.linkage.applying import Applied, apply
from records.linkage.certainty import Certainty, certainties
from records.linkage.crosswalk import Crosswalk, latest_crosswalk, read_crosswalk
from records.linkage.decisions import LINK, SEPARATE, Decision, Decisions, read_queue
from records.linkage.linking import link
from records.linkage.pairs import BARS
from records.linkage.review import Comparison, export_queue, merge, queue, show, split
from records.linkage.settings import LinkageSettings, load_settings

__all__ = [
    "BARS",
    "LINK",
    "SEPARATE",
    "Applied",
    "Certainty",
    "Comparison",
    "Crosswalk",
    "Decision",
    "Decisions",
    "LinkageSettings",
    "apply",
    "certainties",
    "export_queue",
    "latest_crosswalk",
    "link",
    "load_settings",
    "merge",
    "queue",
    "read_crosswalk",
    "read_queue",
    "show",
    "split",
]
