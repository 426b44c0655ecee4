"""What MLflow's aliases have to say, by the workspace and the ledger, and putting them right.

The mirror never decides anything: a list is live or not by its release alone, and nothing here can stop one.
"""

from __future__ import annotations

import json
import re
from typing import Any

from drive_panel.output import note
from drive_panel.workspace import Workspace
from serving import Service
from serving.errors import ServingError
from values import digest, digest_file

_HURRIED = 20.0  # seconds that an act of review waits for a training run that is being logged
_NO_ALIAS = re.compile(r"[^a-zA-Z0-9_-]+")
_CHANGED = "changed after it was made"


def live_aliases(workspace: Workspace, service: Service) -> dict[str, str]:
    """Return each alias and the bundle behind it: ``champion`` scores, ``released-AREA`` made the area's live list.

    A list counts as live if it can be read now: released, published, in time, not withdrawn and unchanged. Of several
    in one area the latest date counts.
    """
    aliases = {"champion": str(workspace.champion)} if workspace.has_champion else {}
    for run in reversed(service.runs()):  # the latest date last
        if run.state == "released":
            try:
                header = service.released_list(run.run).header
            except ServingError:  # what a panel cannot read is not live
                continue
            aliases[_alias(run.area)] = header["hashes"]["bundle"]
    return aliases


def _alias(area: str) -> str:
    """Return the alias of an area, in the letters that MLflow takes; two areas never share one."""
    plain = _NO_ALIAS.sub("-", area)
    return f"released-{plain}" if plain == area else f"released-{plain}-{digest(area)[:6]}"


def fairness_states(workspace: Workspace, service: Service) -> dict[str, str]:
    """Return, by bundle, its backtest audit's verdict, or that the audit is not the one that the ledger vouches for."""
    from drive_panel.workflows.gate import AUDITED

    vouched = {
        (entry.subject, json.loads(entry.detail).get("audit"))
        for entry in service.ledger(None)
        if entry.action == AUDITED
    }
    states = {}
    for place in sorted(workspace.folder("audits").glob("[!.]*.json")):
        known = (place.stem, digest_file(place)) in vouched
        states[place.stem] = json.loads(place.read_text("utf-8"))["pooled"]["verdict"] if known else _CHANGED
    return states


def sync(
    workspace: Workspace, service: Service, *, audits: bool = True, patience: float | None = None
) -> dict[str, Any]:
    """Put MLflow's aliases and, with `audits`, fairness states right.

    Parameters
    ----------
    audits
        Whether to look at the backtest audits too, which only training changes.
    patience
        Seconds to wait for a training run that is being logged; by default until it is done.

    Returns
    -------
    dict
        aliases (bundle by alias, as they now have to be), changed (alias, was, now).

    Raises
    ------
    MirrorFailed
        If the store cannot be read or written.
    """
    from training.tracking import PATIENCE, mirror

    aliases = live_aliases(workspace, service)
    states = fairness_states(workspace, service) if audits else {}
    changed = mirror(workspace.mlflow, aliases, states, PATIENCE if patience is None else patience)
    return {"aliases": aliases, "changed": [change.to_dict() for change in changed]}


def after_act(workspace: Workspace, service: Service, *, audits: bool = False) -> None:
    """Mirror what an act changed; a mirror that fails is told and stops nothing."""
    if not (workspace.mlflow / "mlflow.db").exists():
        return
    try:
        sync(workspace, service, audits=audits, patience=_HURRIED)
    except Exception as error:  # noqa: BLE001 - the act stands, whatever a mirror of it does
        note(f"MLflow does not show this yet ({type(error).__name__}). Run `drive-panel mlflow sync`.")


def told(change: dict[str, Any]) -> str:
    """Return what was put right in a plain line."""
    return f"Put right in MLflow: {change['alias']} was {_short(change['was'])}, now {_short(change['now'])}."


def describe(result: dict[str, Any]) -> list[str]:
    """Return what was put right, and what the aliases say, in plain lines."""
    lines = [told(change) for change in result["changed"]]
    lines += [f"{alias}: bundle {_short(bundle)}" for alias, bundle in sorted(result["aliases"].items())]
    return lines or ["Nothing scores and nothing is released."]


def _short(bundle: str | None) -> str:
    return "not there" if bundle is None else bundle[:12]
