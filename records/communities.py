"""The protected characteristics of the people in a snapshot, for the fairness audit only."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd

from records.contract import TABLES
from records.errors import CommunitiesUnreadable
from records.split import communities_file
from values import Hash, digest_bytes

_REMEDY = "Check the permissions of the communities folder, or ingest the extract again."


class CommunityStore:
    """Reads what ingest split off.

    Parameters
    ----------
    root
        The record store's folder (``workspace/records``).
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, snapshot: Hash) -> bool:
        """Say whether the extract behind `snapshot` delivered communities."""
        return communities_file(self.root, snapshot).is_file()

    def read(self, snapshot: Hash) -> pd.DataFrame:
        """Return one row a version of a person: `person_id`, the characteristics, and when each version was known.

        A missing value was not recorded; ``NS`` in `ethnicity_self` was not stated.

        Raises
        ------
        CommunitiesUnreadable
            If there are none, they may not be read, or the file is not what was stored.
        """
        path = communities_file(self.root, snapshot)
        try:
            content = path.read_bytes()
            stored = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["sha256"]
        except FileNotFoundError:
            raise CommunitiesUnreadable(
                f"There are no communities for snapshot {snapshot.short}.",
                "Deliver the table communities; without it nobody can be audited.",
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommunitiesUnreadable(
                f"The communities of snapshot {snapshot.short} cannot be read.", _REMEDY
            ) from error
        if digest_bytes(content) != stored:
            raise CommunitiesUnreadable(f"{path.name} does not hold what was stored.", _REMEDY)
        return pd.read_parquet(io.BytesIO(content)).astype(TABLES["communities"].dtypes)
