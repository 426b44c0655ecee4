"""Holds: people who take no ranked place until a named person has looked.

Two kinds are found from records: a **counter-allegation** (who is the primary perpetrator is open) and a **safety
concern** (a victim's agency said that contact is not safe). The third, an identity at the line, depends on who stands
where and is found by `models.identity`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pandas as pd

from features import EventStream, RecordSource
from features.kinds import Kind, Role
from models.criteria import number_of, once
from models.history import KnownEvent, known_events, known_rows
from records.purposes import for_purpose
from values import AsOf, Window

COUNTER_ALLEGATION = "counter_allegation"
SAFETY_CONCERN = "safety_concern"
EVER = Window(None)
COLUMNS = ("person_id", "kind", "counterpart", "why", "event_refs", "as_suspect", "as_victim", "latest")


@dataclass(frozen=True)
class HoldParameters:
    """When two people's accusations of each other hold a place.

    Attributes
    ----------
    victim_share
        A hold where the person is the recorded victim in at least this share of the recorded roles between the
        two (an incident in which both accuse each other counts once on each side).
    first_report
        A hold where the first report between the two named the other person as the only suspect.
    window
        Domestic incidents that count, by day of conduct; all of history by default, because who was reported
        first is the question.
    """

    victim_share: float = 0.5
    first_report: bool = True
    window: Window = EVER


_DEFAULT = HoldParameters()


def find_holds(
    stream: EventStream,
    source: RecordSource,
    person_ids: Iterable[str],
    as_of: AsOf,
    cleared: Collection[tuple[str, str]] = (),
    parameters: HoldParameters = _DEFAULT,
) -> pd.DataFrame:
    """Return the holds on these people as known at T.

    Parameters
    ----------
    stream, source
        The event stream and the snapshot it was built from.
    person_ids
        People who might be listed.
    as_of
        T.
    cleared
        ``(person_id, kind)`` of holds that a named decision has cleared and that are still cleared at T.
    parameters
        Thresholds of the counter-allegation.

    Returns
    -------
    DataFrame
        One row a person, kind and counterpart, sorted by these: ``person_id, kind, counterpart`` (the other
        person's id, for restricted eyes), ``why`` (a sentence), ``event_refs`` (tuple, latest first),
        ``as_suspect``, ``as_victim`` (incidents between the two), ``latest`` (ISO date).

    Notes
    -----
    Of women recorded as sole perpetrator in Hester's study of 96 cases most had one recorded incident: victims
    are recorded as suspects. `counter_allegation` asks who was reported first and how often each way.
    """
    people = sorted(set(person_ids))
    rows = [*_counter_allegations(stream, people, as_of, parameters), *_concerns(source, people, as_of)]
    kept = [row for row in rows if (row[0], row[1]) not in cleared]
    table = pd.DataFrame(kept, columns=list(COLUMNS))
    return table.sort_values(["person_id", "kind", "counterpart"], ignore_index=True)


Row = tuple[str, str, str, str, tuple[str, ...], int, int, str]


def _counter_allegations(stream: EventStream, people: list[str], as_of: AsOf, p: HoldParameters) -> Iterable[Row]:
    for person, events in known_events(stream, people, as_of).items():
        counted = [e for e in events if e.kind is Kind.DYAD and e.domestic and e.counterpart]
        counted = [e for e in counted if p.window.holds((as_of.day - e.occurred).days)]
        against = {e.counterpart for e in counted if e.role is Role.SUSPECT}
        by = {e.counterpart for e in counted if e.role is Role.VICTIM}
        for other in sorted(name for name in against & by if name):
            row = _between(person, other, [e for e in counted if e.counterpart == other], p)
            if row is not None:
                yield row


def _between(person: str, other: str, events: list[KnownEvent], p: HoldParameters) -> Row | None:
    """Return the hold between two people, None where records point one way clearly enough."""
    suspect = {e.event_ref for e in events if e.role is Role.SUSPECT}
    victim = {e.event_ref for e in events if e.role is Role.VICTIM}
    first = min((e.reported, e.event_ref) for e in events)
    reasons = []
    if len(victim) >= p.victim_share * (len(suspect) + len(victim)):
        reasons.append(f"recorded as the victim in {len(victim)} of {number_of(len(suspect | victim), 'incident')}")
    if p.first_report and first[1] in victim - suspect:
        reasons.append(f"the first report, of {first[0].isoformat()}, named the other person as suspect")
    if not reasons:
        return None
    why = f"This person and a victim accuse each other: {'; '.join(reasons)}. Primary perpetrator to be reviewed."
    listed = once(events)
    refs = tuple(e.event_ref for e in listed)
    latest = listed[0].occurred.isoformat()
    return person, COUNTER_ALLEGATION, other, why, refs, len(suspect), len(victim), latest


def _concerns(source: RecordSource, people: list[str], as_of: AsOf) -> Iterable[Row]:
    """Yield a row for each current concern; a concern of one agency is not lifted by another."""
    source = for_purpose(source, "display", "A hold", {"safety_checks": ("person_id", "victim_id", "status")})
    if not source.has("safety_checks"):
        return
    table = known_rows(source.table("safety_checks"), pd.Timestamp(as_of.day))
    table = table[table["person_id"].isin(people) & (table["status"] == "concern")]
    for row in table.to_dict("records"):
        checked = row.get("checked_on")
        on = checked.date().isoformat() if isinstance(checked, pd.Timestamp) and not pd.isna(checked) else ""
        if on > as_of.day.isoformat():
            continue
        agency = row.get("by_agency")
        who = str(agency).replace("_", " ") if isinstance(agency, str) else "an agency"
        why = f"A victim-safety check by {who}{' on ' + on if on else ''} found a concern."
        yield str(row["person_id"]), SAFETY_CONCERN, str(row["victim_id"]), why, (), 0, 0, on
