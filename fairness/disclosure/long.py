"""The long table of everything measured, as it may leave and as it may not, each marked as what it is."""

from __future__ import annotations

import pandas as pd

from fairness.disclosure.register import Register
from fairness.disclosure.withheld import EXACT, SUPPRESSED, withheld
from fairness.policy_schema import Policy


def suppressed_table(numbers: pd.DataFrame, policy: Policy, register: Register) -> pd.DataFrame:
    """Return what of `Breakdown.table` may leave, and enter it into `register`.

    Figures withheld are blank and their rows say so in ``withheld``; an axis of which nothing can be shown has no
    rows; ``marked`` says that the table is fit to be published.
    """
    cells = [{str(name): value for name, value in row.items()} for row in numbers.to_dict("records")]
    details = {name: source for name, (source, _) in policy.grouping_pairs.items()}
    pattern = register.pattern(cells, policy.disclosure.smallest, details=details)
    rows = withheld(cells, pattern)
    out = pd.DataFrame(rows, columns=[*numbers.columns, "suppressed"])
    for name, kind in numbers.dtypes.items():
        if pd.api.types.is_bool_dtype(kind):
            out[name] = out[name].astype("boolean")
        elif pd.api.types.is_numeric_dtype(kind):
            out[name] = out[name].astype("Int64" if pd.api.types.is_integer_dtype(kind) else "float64")
    out["withheld"] = out.pop("suppressed").notna()
    return out.assign(marked=SUPPRESSED)


def exact_table(numbers: pd.DataFrame) -> pd.DataFrame:
    """Return `Breakdown.table` with every row marked as one that is not to leave."""
    return numbers.assign(withheld=False, marked=EXACT)
