"""Why a table or policy could not be audited.

    values.DrivePanelError
    └── FairnessError
        ├── TableError            the audited table is wrong: which column, which line, what to do
        ├── PolicyError           the policy file is wrong: which line and column
        │   ├── PolicyCannotPass  a binding cell could not pass at the site's numbers even with no gap
        │   └── PolicyCannotStop  a binding cell would let a gap of twice through at the site's numbers
        ├── GovernanceError       the governance file is wrong: which line and column
        ├── PolicyMismatch        a report was made under another policy than the gate's
        └── AuditChanged          a stored audit does not say what its own cells say

Messages name columns, lines and codes of communities; never a person's identifier.
"""

from __future__ import annotations

from values import DrivePanelError


class FairnessError(DrivePanelError):
    """The root of everything this room raises."""


class TableError(FairnessError):
    """The audited table breaks its contract; nothing was counted."""


class PolicyError(FairnessError):
    """The policy file cannot be read or breaks its schema."""


class PolicyCannotPass(PolicyError):
    """The policy could never pass at its own site's numbers, so it would only ever say no or not yet."""


class PolicyCannotStop(PolicyError):
    """The policy would let a gap of twice through at its own site's numbers, so its yes would say nothing."""


class GovernanceError(FairnessError):
    """The governance file cannot be read or breaks its schema."""


class PolicyMismatch(FairnessError):
    """Audit reports under different policies were put before one gate."""


class AuditChanged(FairnessError):
    """A stored audit's verdict is not the one its own cells give: it was changed, or made under other rules."""
