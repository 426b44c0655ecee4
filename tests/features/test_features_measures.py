"""Measures on a few events that can be counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from features import Catalogue, EventStream, Indicator, build_stream, compute, events_behind
from features.kinds import NO_FLAG, Flag, Kind, Role
from features.measures import Count, Delay, Difference, Distinct, Gap, Measure, Repeated, Reversed
from features.selection import Selection
from values import AsOf, Window

EVER = Window(None)
DOMESTIC = Selection(Kind.INCIDENT, flags=Flag.DOMESTIC)
PAIR = Selection(Kind.DYAD, flags=Flag.DOMESTIC)
OPPOSED = Selection(Kind.DYAD, Role.VICTIM, flags=Flag.DOMESTIC)
T = "2024-12-31"


@pytest.fixture
def stream(source_of: Any, an_incident: Any, an_involvement: Any) -> EventStream:
    """Against vi three times, wu once; vi against ann once, wu once; the second was reported ten days late."""
    parties = {
        "I1": ("2024-01-01", "ann", "vi", {}),
        "I2": ("2024-01-11", "ann", "vi", {"reported_on": "2024-01-21", "offence_code": "00301"}),
        "I3": ("2024-01-11", "ann", "wu", {"reported_on": None, "offence_code": "no_such"}),
        "I4": ("2024-04-20", "ann", "vi", {"is_crime": False}),
        "I5": ("2024-04-25", "vi", "ann", {}),
        "I6": ("2024-04-26", "wu", "ann", {}),
    }
    return build_stream(
        source_of(
            {
                "incidents": [
                    an_incident(key, day, **{"known_from": day, **more}) for key, (day, _, _, more) in parties.items()
                ],
                "involvements": [
                    an_involvement(key, person, role, day)
                    for key, (day, suspect, victim, _) in parties.items()
                    for person, role in ((suspect, "suspect"), (victim, "victim"))
                ],
                "orders": [
                    {"order_id": "O1", "person_id": "ann", "kind": "dvpn", "starts_on": T, "known_from": T},
                    {"order_id": "O2", "person_id": "ann", "kind": "other", "starts_on": T, "known_from": T},
                ],
                "custody": [
                    {"person_id": "ann", "kind": kind, "starts_on": day, "known_from": day}
                    for day, kind in (("2024-05-01", "remand"), ("2024-06-01", "sentence"), ("2024-07-01", "odd"))
                ],
                "marac_hearings": [
                    {
                        "hearing_id": "H1",
                        "victim_id": "vi",
                        "perpetrator_id": "ann",
                        "heard_at": T,
                        "known_from": T,
                        "criterion": "visible_high_risk",
                        "referring_agency": "idva",
                    }
                ],
            }
        )
    )


def one(measure: Measure) -> Indicator:
    return Indicator("planted", "What?", "n", "context", measure, "none", "A test.", "A test", "Nothing.")


def answer(stream: EventStream, measure: Measure, person: str = "ann", day: str = T) -> float:
    spine = pd.DataFrame({"person_id": [person], "as_of": pd.to_datetime([day])})
    return float(compute(stream, spine, Catalogue([one(measure)]))["planted"].item())


def behind(stream: EventStream, measure: Measure) -> list[str]:
    return [fact.event_ref.split(":")[1] for fact in events_behind(stream, one(measure), "ann", AsOf.parse(T))]


@pytest.mark.parametrize(("how", "days"), [("min", 0), ("max", 100), ("last", 100), ("mean", 110 / 3)])
def test_gaps_between_neighbouring_incidents(stream: EventStream, how: Any, days: float) -> None:
    assert answer(stream, Gap(DOMESTIC, EVER, how=how)) == pytest.approx(days)


def test_the_last_gap_is_that_of_the_two_latest_events_known(stream: EventStream) -> None:
    assert answer(stream, Gap(DOMESTIC, EVER, how="last"), day="2024-01-31") == 0
    assert np.isnan(answer(stream, Gap(DOMESTIC, EVER, how="last"), day="2024-01-05"))


def test_delay_counts_incidents_with_a_recorded_day_of_report_only(stream: EventStream) -> None:
    assert answer(stream, Delay(DOMESTIC, EVER, how="max")) == 10
    assert answer(stream, Delay(DOMESTIC, EVER)) == pytest.approx(10 / 3)
    assert behind(stream, Delay(DOMESTIC, EVER, how="max")) == ["I2"]
    assert behind(stream, Delay(DOMESTIC, EVER)) == ["I1", "I2", "I4"]
    assert np.isnan(answer(stream, Delay(DOMESTIC, EVER), person="zoe"))


def test_repeated_counts_victims_and_not_incidents(stream: EventStream) -> None:
    assert [answer(stream, Repeated(PAIR, EVER, least=n)) for n in (1, 2, 3, 4)] == [2, 1, 1, 0]
    assert behind(stream, Repeated(PAIR, EVER)) == ["I1", "I2", "I4"]


def test_families_are_counted_once_and_unmapped_ones_only_if_asked(stream: EventStream) -> None:
    named = Selection(Kind.INCIDENT, flags=Flag.DOMESTIC, families=("threats", "violence_no_injury"))
    assert answer(stream, Distinct(named, EVER, of="family")) == 2
    assert answer(stream, Distinct(DOMESTIC, EVER, of="family")) == 4
    other = Selection(Kind.INCIDENT, flags=Flag.DOMESTIC, families=("rape",))
    assert np.isnan(answer(stream, Distinct(other, EVER, of="family")))
    assert answer(stream, Distinct(other, EVER, of="family"), person="zoe") == 0


def test_the_balance_looks_only_at_pairs_recorded_both_ways(stream: EventStream) -> None:
    earlier = Reversed(PAIR, EVER, other=OPPOSED, how="balance")
    assert answer(stream, earlier) == pytest.approx(2 / 6)
    assert behind(stream, earlier) == ["I1", "I2", "I3", "I4", "I5", "I6"]
    assert answer(stream, earlier, day="2024-04-25") == pytest.approx(1 / 4)
    assert answer(stream, Reversed(PAIR, EVER, other=OPPOSED), day="2024-04-25") == pytest.approx(1 / 5)
    assert np.isnan(answer(stream, earlier, day="2024-04-24"))


def test_a_difference_may_be_negative(stream: EventStream) -> None:
    measure = Difference(Count(DOMESTIC, Window(256)), Count(DOMESTIC, Window(256), skip=256))
    assert answer(stream, measure) == -2
    assert behind(stream, measure) == ["I1", "I2", "I3", "I4"]


def test_orders_custody_and_hearings_are_told_apart_by_their_kind(stream: EventStream) -> None:
    def count(kind: Kind, *families: str, flags: Flag = NO_FLAG) -> float:
        return answer(stream, Count(Selection(kind, families=families, flags=flags), EVER))

    assert [count(Kind.ORDER), count(Kind.ORDER, "dvpn"), count(Kind.ORDER, "other")] == [2, 1, 1]
    assert [count(Kind.CUSTODY), count(Kind.CUSTODY, "remand"), count(Kind.CUSTODY, "other")] == [3, 1, 0]
    assert [count(Kind.HEARING, "visible_high_risk"), count(Kind.HEARING, "repeat")] == [1, 0]
    assert count(Kind.HEARING, flags=Flag.PARTNER_REFERRED) == 1
    assert count(Kind.HEARING, flags=Flag.POLICE_REFERRED) == 0
    assert np.isnan(count(Kind.HEARING, flags=Flag.REPEAT))  # no hearing says whether it is one


def test_a_non_crime_needs_no_offence_code(source_of: Any, an_incident: Any, an_involvement: Any) -> None:
    rows = {
        "incidents": [an_incident("I1", "2024-01-01", is_crime=False, offence_code=None)],
        "involvements": [an_involvement("I1", "ann", "suspect", "2024-01-01")],
    }
    asked = Selection(Kind.INCIDENT, flags=Flag.DOMESTIC, families=("non_crime",))
    assert answer(build_stream(source_of(rows)), Count(asked, EVER)) == 1
