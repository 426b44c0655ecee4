"""How many places the panel of an area has: what is on file in the service, else ``panels.yaml``."""

from __future__ import annotations

from dataclasses import replace

from drive_panel.errors import NotConfigured
from drive_panel.workflows.release import batch_service
from drive_panel.workspace import PANELS, Workspace
from serving.panel.capacity import capacities, capacity_in
from values import Capacity


def of(workspace: Workspace, area: str) -> tuple[Capacity, str]:
    """Return the places of an area's panel, and who said so.

    What an administrator put on file holds: ``panels.yaml`` counts only where nobody did, and always for how much of
    a place disruption only takes.

    Raises
    ------
    NotConfigured
        If nobody said how many there are, or what was said cannot be.
    """
    with batch_service(workspace) as service:
        filed = capacities(service).get(area)
    if filed is None:
        return workspace.capacity(area), PANELS
    try:
        found = replace(capacity_in(filed.document), disrupt_only=workspace.disrupt_only(area))
    except (TypeError, ValueError) as error:
        raise NotConfigured(f"disrupt_only of '{area}' in {PANELS} is wrong: {error}", "Write 0 to 1.") from None
    return found, f"{filed.by}, {filed.at[:10]}"
