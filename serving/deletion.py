"""Evidence that records are reviewed and people erased: how many, and when last, by the ledger. Nobody is named."""

from __future__ import annotations

from dataclasses import dataclass

from serving.ledger import ERASED
from serving.storage.stores import Stores

RETAINED = "retention.kept"


@dataclass(frozen=True)
class Acts:
    """How many people something was done about, and when last."""

    people: int
    last: str | None


@dataclass(frozen=True)
class Deletions:
    """What the ledger holds of erasures, and of decisions to keep somebody's records longer."""

    erased: Acts
    retained: Acts


def deletions(stores: Stores) -> Deletions:
    """Return what was done, over every area."""
    return Deletions(_acts(stores, ERASED), _acts(stores, RETAINED))


def _acts(stores: Stores, action: str) -> Acts:
    with stores.panel.read() as connection:
        entries = stores.ledger.of_action(connection, action)
    return Acts(len({entry.subject for entry in entries}), max((entry.at for entry in entries), default=None))
