"""Against whom people are recorded as suspects: the pairs that an audit by victims' communities counts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from features.cohort import months_before
from features.events import EventStream
from features.kinds import Flag, Kind, Role
from values import AsOf


def identified_victims(
    stream: EventStream, as_of: AsOf, person_ids: Iterable[str], months: int | None = 24
) -> pd.DataFrame:
    """Return each person's distinct victims of domestic incidents known at T that occurred in the last `months`.

    Returns
    -------
    DataFrame
        ``person_id, victim_id``, sorted; a person of whom no victim is identified has one row without one, so
        that nobody is lost from an audit.
    """
    asked = pd.DataFrame({"person_id": pd.array(sorted(set(person_ids)), dtype="str")})
    rows = stream.known_at(as_of) & (stream.kind == Kind.DYAD) & (stream.role == Role.SUSPECT)
    rows &= (stream.flags & int(Flag.DOMESTIC)) != 0
    rows &= stream.counterpart >= 0
    if months is not None:
        rows &= stream.occurred > months_before(as_of, months)
    pairs = np.unique(np.column_stack([stream.person[rows], stream.counterpart[rows]]), axis=0)
    victims = pd.DataFrame(
        {
            "person_id": pd.array(stream.person_ids[pairs[:, 0]], dtype="str"),
            "victim_id": pd.array(stream.person_ids[pairs[:, 1]], dtype="str"),
        }
    )
    found = asked.merge(victims, on="person_id", how="left", validate="one_to_many")
    return found.sort_values(["person_id", "victim_id"], ignore_index=True)
