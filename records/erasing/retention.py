"""When what is held about a person is due for review, and when for a decision to dispose of it.

Review, retain, dispose: police records are kept for a clear period after the last entry and reviewed at intervals
(the Police Information and Records Management code; at least six years for most). The periods stand in
``sources.yaml``, are illustrative there and a site's to set. Nothing is deleted by itself: a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from records.contract import TABLES
from records.erasing.tombstones import naming
from records.purposes import Sources
from values import AsOf

COLUMNS = ("table", "person_id", "last_entry", "due_on", "what")
REVIEW, DISPOSE = "review", "decide whether to dispose"


def due(
    tables: Mapping[str, pd.DataFrame], sources: Sources, as_of: AsOf, reviewed: Mapping[str, date] | None = None
) -> pd.DataFrame:
    """Return what is due at `as_of`, one row a person and table, the longest overdue first.

    Parameters
    ----------
    tables
        Tables of the contract, all versions.
    sources
        Periods by table (those of its key).
    as_of
        The day asked about; what was recorded later does not count.
    reviewed
        The day of the last decision to keep, by person.

    Returns
    -------
    DataFrame
        `COLUMNS`: `last_entry` is the day from which the last version that names the person was known, `what` is a
        review, or, after the clear period, a decision whether to dispose. A decision to keep restarts both clocks.
    """
    parts = [
        entries_due(name, _last_entries(name, tables, as_of), sources, as_of, reviewed or {}) for name in sorted(tables)
    ]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))
    return found.sort_values(["due_on", "table", "person_id"], ignore_index=True)


def _last_entries(name: str, tables: Mapping[str, pd.DataFrame], as_of: AsOf) -> pd.DataFrame:
    """Return person_id and last_entry of everybody whom the table names, itself or through a referral."""
    frame = tables[name]
    frame = frame[frame["known_from"] <= pd.Timestamp(as_of.day)]
    columns = naming(TABLES[name], "persons")
    if not columns and "referrals" in tables and naming(TABLES[name], "referrals"):
        people = tables["referrals"][["referral_id", "person_id"]].drop_duplicates()
        frame, columns = frame.merge(people, on="referral_id", how="inner", validate="many_to_many"), ("person_id",)
    named = [frame[[column, "known_from"]].rename(columns={column: "person_id"}) for column in columns]
    if not named:
        return pd.DataFrame({"person_id": pd.Series(dtype="str"), "last_entry": pd.Series(dtype="datetime64[s]")})
    together = pd.concat(named).dropna(subset=["person_id"])
    newest = together.rename(columns={"known_from": "last_entry"}).sort_values(["person_id", "last_entry"])
    return newest.drop_duplicates("person_id", keep="last")


def entries_due(
    name: str, entries: pd.DataFrame, sources: Sources, as_of: AsOf, reviewed: Mapping[str, date]
) -> pd.DataFrame:
    """Return what is due of last entries by the periods of a table, as `due` does.

    Parameters
    ----------
    entries
        One row a person: `person_id`, `last_entry` (datetime64[s]).
    """
    periods = sources.of(f"{name}.{TABLES[name].key[0]}")
    seen = pd.to_datetime(entries["person_id"].map(dict(reviewed))).astype("datetime64[s]")
    since = entries["last_entry"].where(~(seen > entries["last_entry"]), seen)
    day = pd.Timestamp(as_of.day)
    disposal = since + pd.DateOffset(years=periods.retain_years)
    review = since + pd.DateOffset(years=periods.review_years)
    over = disposal <= day
    found = entries.assign(table=name, due_on=review.where(~over, disposal), what=REVIEW)
    found["what"] = found["what"].mask(over, DISPOSE)
    return found.loc[over | (review <= day), list(COLUMNS)]
