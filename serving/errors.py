"""What the service refuses, and why.

    values.DrivePanelError
    └── ServingError
        ├── NotFound              no such run, case or release (HTTP 404)
        ├── NotPermitted          this role may not do that (403)
        ├── NoLiveRelease         nothing may be shown for this run (409, exit 3)
        │   ├── ListChanged       a stored document no longer has the hash that was released
        │   └── ClockBehind       the machine's clock lies before the newest entry of the ledger
        ├── RunRefused            a run's documents are inconsistent or were recorded differently before
        ├── ReviewRefused         an act of review is not open to this person, now (exit 3)
        │   ├── GateRefused       the gate's verdict does not allow a release
        │   └── SignatureRefused  a signed act is not genuine, not of now, or not about this list
        ├── DecisionRefused       a panel decision is incomplete or not open
        │   └── DecisionConflict  somebody decided in the meantime (409)
        ├── FilingRefused         what was to be put on file lacks something (422)
        │   └── FilingConflict    somebody changed it in the meantime (409)
        ├── NotDisowned           what was to be disowned is genuine, or is not there
        ├── KeyReused             an idempotency key came with another request before (422)
        ├── StoreError            a database or key file is missing, closed or unreadable
        └── DemoRefused           demo mode met something that is not made up

No message holds a name, a date of birth, a place on a list or a score.
"""

from __future__ import annotations

from values import DrivePanelError


class ServingError(DrivePanelError):
    """The service cannot do what was asked."""


class NotFound(ServingError):
    """There is no such run, case or release, or it lies outside the person's areas."""


class NotPermitted(ServingError):
    """The person's role does not include this act."""


class NoLiveRelease(ServingError):
    """The run has no released, unexpired, published list; nothing of it may be shown."""


class ListChanged(NoLiveRelease):
    """A stored document, bundle or policy differs from what was released."""


class ClockBehind(NoLiveRelease):
    """The clock lies before the newest entry of the ledger; what has expired would be live again."""


class RunRefused(ServingError):
    """The documents of a run are inconsistent, or the run was recorded before with other content."""


class ReviewRefused(ServingError):
    """The act of review is not open to this person at this time."""


class GateRefused(ReviewRefused):
    """The gate's verdict does not allow this list to be released."""


class SignatureRefused(ReviewRefused):
    """A signed act of review is forged, replayed, out of date, by a revoked key, or about another list."""


class DecisionRefused(ServingError):
    """A panel decision lacks something, or is not open for this person."""


class DecisionConflict(DecisionRefused):
    """Somebody recorded a decision on this person after the page was read."""


class FilingRefused(ServingError):
    """What was to be put on file lacks something, or is not open for this person."""


class FilingConflict(FilingRefused):
    """Somebody replaced the same document after the page was read.

    Parameters
    ----------
    by, at
        Who wrote what stands now, and when; empty where that was nobody, or is not for the reader.
    """

    def __init__(self, message: str, remedy: str = "", by: str = "", at: str = "") -> None:
        super().__init__(message, remedy)
        self.by, self.at = by, at


class NotDisowned(ServingError):
    """What was to be disowned is this service's own, is not there, or was disowned before."""


class KeyReused(ServingError):
    """An idempotency key came a second time with another request."""


class StoreError(ServingError):
    """A database or key file is missing, closed to this process or unreadable."""


class DemoRefused(ServingError):
    """Demo mode runs on loopback, on made-up people only."""
