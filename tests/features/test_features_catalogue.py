"""The catalogue refuses what may not be read, and says what each number means."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from features import CATALOGUE, Catalogue, Indicator
from features.document import document
from features.errors import CatalogueError
from features.kinds import Flag, Kind
from features.measures import Count, Gap
from features.selection import Selection
from values import Window

DOCUMENT = Path(__file__).parents[2] / "docs" / "indicators.md"


def planted(*reads: str, name: str = "planted") -> Indicator:
    return Indicator(
        name,
        "How many?",
        "incidents",
        "frequency",
        Count(Selection(Kind.INCIDENT, flags=Flag.DOMESTIC), Window(365)),
        "none",
        "A test.",
        "A test",
        "Nothing.",
        reads=reads,
    )


@pytest.mark.parametrize(
    ("column", "why"),
    [
        ("dyads.relationship", "overwrite without a date"),
        ("incidents.risk_grade", "overwrite without a date"),
        ("custody.ends_on", "overwrite without a date"),
        ("communities.ethnicity_self", "protected characteristics are never an input"),
        ("persons.date_of_birth", "dates of birth and identifiers are never an input"),
        ("addresses.postcode", "never an input"),
        ("needs.need", "health needs are never an input"),
        ("incidents.area", "never an input"),
        ("incidents.outcome_code", "labels are never an input"),
        ("involvements.arrested_at", "labels are never an input"),
        ("interventions.decision", "never an input"),
        ("incidents.moon_phase", "does not have"),
        ("horoscopes.sign", "does not have"),
    ],
)
def test_a_forbidden_column_is_refused_by_name(column: str, why: str) -> None:
    with pytest.raises(CatalogueError, match=f"planted reads {column}.*{why}"):
        Catalogue([planted(column)])


def test_a_name_may_occur_only_once() -> None:
    with pytest.raises(CatalogueError, match="planted is declared 2 times"):
        Catalogue([planted(), planted()])


def test_a_malformed_name_and_an_unknown_group_are_refused() -> None:
    with pytest.raises(CatalogueError, match="'Bad Name' is no indicator name"):
        Catalogue([planted(name="Bad Name")])
    with pytest.raises(CatalogueError, match="unknown group 'luck'"):
        Catalogue([dataclasses.replace(planted(), group="luck")])


def test_an_unknown_indicator_is_refused_with_the_choices() -> None:
    with pytest.raises(CatalogueError, match=r"no indicator 'nope'.*days_since_last_domestic"):
        CATALOGUE["nope"]


def test_columns_follow_from_the_measure() -> None:
    assert "incidents.drugs" in CATALOGUE.reads_of("drugs_730")
    assert "incidents.offence_code" in CATALOGUE.reads_of("harm_730")
    assert "dyads.victim_id" in CATALOGUE.reads_of("new_victims_365")
    assert {"marac_hearings.referred_at", "dyads.victim_id"} <= set(CATALOGUE.reads_of("marac_repeat_current_730"))
    assert "incidents.drugs" not in {
        c for name in CATALOGUE.names if name != "drugs_730" for c in CATALOGUE.reads_of(name)
    }


def test_every_indicator_says_what_it_asks_why_and_what_absence_means() -> None:
    for indicator in CATALOGUE:
        assert indicator.question.endswith("?"), indicator.name
        assert indicator.why.endswith("."), indicator.name
        assert indicator.absence.endswith("."), indicator.name
        assert indicator.source, indicator.name
        assert indicator.unit, indicator.name


def test_pushes_follow_the_domain() -> None:
    assert CATALOGUE.monotone["days_since_last_domestic"] == -1
    assert CATALOGUE.monotone["domestic_incidents_365"] == 1
    assert CATALOGUE.monotone["counter_allegation_share"] == -1
    assert CATALOGUE.monotone["police_generated_730"] == 0


def test_the_version_follows_the_declaration() -> None:
    one = Catalogue([planted()])
    assert one.version == Catalogue([planted()]).version
    longer = dataclasses.replace(planted(), measure=Count(Selection(Kind.INCIDENT), Window(366)))
    pushed = dataclasses.replace(planted(), push="+")
    versions = {one.version, Catalogue([longer]).version, Catalogue([pushed]).version, CATALOGUE.version}
    assert len(versions) == 4


def test_a_part_of_the_catalogue_keeps_the_order_asked() -> None:
    assert CATALOGUE.only(["harm_730", "drugs_730"]).names == ("harm_730", "drugs_730")


def test_gaps_on_the_report_clock_are_refused() -> None:
    with pytest.raises(ValueError, match="days of occurrence"):
        Gap(Selection(Kind.INCIDENT), Window(365), clock="reported")


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run python -m features.document"
