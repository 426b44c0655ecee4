"""The ledger: an append-only chain of acts, written in the same transaction as the act itself."""

from serving.ledger.chain import SKEW, Ledger
from serving.ledger.entries import (
    ACT_TABLES,
    CLOCK_BEHIND,
    ERASED,
    GENESIS,
    TRAINED,
    VIEWED,
    Entry,
    Verification,
    act,
    row_key,
)

__all__ = [
    "ACT_TABLES",
    "CLOCK_BEHIND",
    "ERASED",
    "GENESIS",
    "SKEW",
    "TRAINED",
    "VIEWED",
    "Entry",
    "Ledger",
    "Verification",
    "act",
    "row_key",
]
