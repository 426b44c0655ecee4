"""What the front door itself refuses.

DrivePanelError
└── WorkspaceError
├── NotConfigured        a panel, governance entry or file that the command needs is not there
├── NotDemo              an act that only a demonstration workspace allows
├── RestoreUnfinished    a backup was restored by half
├── ErasureWaits         an erasure was cut short, and only the owner of the tables may finish it
└── ReleaseBlocked       something outside the gate forbids a release (exit 3)
"""

from __future__ import annotations

from values import DrivePanelError


class WorkspaceError(DrivePanelError):
    """The workspace does not allow what was asked."""


class NotConfigured(WorkspaceError):
    """A setting that only people can give is missing."""


class NotDemo(WorkspaceError):
    """The act exists only where every person is made up."""


class ReleaseBlocked(WorkspaceError):
    """A release is forbidden whatever the gate says."""


class RestoreUnfinished(WorkspaceError):
    """A restore was cut short, and nothing may be read before it is finished."""


class ErasureWaits(WorkspaceError):
    """An erasure was cut short, and this process may neither finish it nor read what it has not removed."""
