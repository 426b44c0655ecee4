"""Whom agencies refer in the service by number is tabled on the next list."""

from __future__ import annotations

from pathlib import Path

from drive_panel.clock import now
from drive_panel.workflows.release import batch_service
from drive_panel.workflows.score import _filed
from drive_panel.workspace import Workspace
from records import Keyring
from serving import Person, Role
from serving.filing import Draft
from values import AsOf


def test_a_referral_by_number_is_tabled_for_three_months_and_one_by_name_never(tmp_path: Path):
    workspace = Workspace.open(tmp_path / "workspace")
    number = Keyring(workspace.keys / "pseudonyms.db").pseudonyms(["PER-1"])["PER-1"]
    chair, today = Person("chair", "Chair", Role.CHAIR), now().date()
    with batch_service(workspace) as service:
        for person in (number, "R-1234-5678-9ABC"):
            service.file(chair, Draft("referral", "east", "east", {"agency": "Social Housing", "run": ""}, person))
        tabled = {"PER-1": {"route": "social_housing", "referred_at": today.isoformat()}}
        for later, expected in ((-1, {}), (0, tabled), (91, tabled), (92, {})):
            as_of = AsOf.parse(str(today.fromordinal(today.toordinal() + later)))
            assert _filed(workspace, service, as_of, "east") == expected, later
        assert _filed(workspace, service, AsOf.parse(str(today)), "west") == {}
