"""Every list of an area stopped at once, by one person; let go on by a reviewer who is another human being."""

from __future__ import annotations

from typing import Any

import pytest

from serving import Person, Role, Service
from serving.access.viewing import Viewing
from serving.errors import FilingConflict, FilingRefused, NoLiveRelease, NotFound, NotPermitted

DATABASES = ("sqlite", "postgresql")
WHY = "A source was sent twice"


def a_reviewer(name: str, *areas: str) -> Person:
    return Person(name, name, Role.REVIEWER, frozenset(areas or ("*",)))


@pytest.mark.parametrize("area", ["castlebridge", "*"])
def test_a_stop_closes_every_way_to_a_released_list_at_once(
    service: Service, released: str, made_up: Any, chair: Person, area: str
) -> None:
    person = made_up.rows[0]["person"]
    service.released_list(released)
    service.stop(a_reviewer("first"), area, WHY)
    for reach in (
        lambda: service.released_list(released),
        lambda: service.case(released, person),
        lambda: service.decide(released, person, chair, "not_suitable", "pattern", "Agreed"),
        lambda: service.clear_hold(released, person, "identity", chair, "Asked"),
    ):
        with pytest.raises(NoLiveRelease, match=WHY):
            reach()
    assert service.decisions() == []
    assert service.verify().ok


def test_a_stop_elsewhere_stops_nothing_here(service: Service, released: str) -> None:
    service.stop(a_reviewer("first"), "ashford", WHY)
    assert service.released_list(released).run == released


def test_who_stopped_does_not_let_them_go_on_alone(service: Service, released: str) -> None:
    first, second = a_reviewer("first"), a_reviewer("second")
    administrator = Person("admin", "Admin", Role.ADMINISTRATOR)
    service.stop(first, "castlebridge", WHY)
    with pytest.raises(FilingRefused, match="yourself"):
        service.let_go_on(first, "castlebridge", "It was nothing")
    with pytest.raises(NotPermitted):
        service.let_go_on(administrator, "castlebridge", "It was nothing")
    service.let_go_on(second, "castlebridge", "The source was sent once")
    assert service.released_list(released).run == released
    assert [entry.action for entry in service.ledger(2)] == ["filed.stop", "filed.stop"]


def test_a_stop_needs_a_reason_and_is_made_once(service: Service, chair: Person) -> None:
    first = a_reviewer("first")
    with pytest.raises(FilingRefused, match="Say why"):
        service.stop(first, "castlebridge", " ")
    with pytest.raises(NotPermitted):
        service.stop(chair, "castlebridge", WHY)
    service.stop(first, "castlebridge", WHY)
    with pytest.raises(FilingConflict, match="stopped already"):
        service.stop(first, "castlebridge", WHY)
    with pytest.raises(FilingConflict, match="not stopped"):
        service.let_go_on(a_reviewer("second"), "ashford", "It was nothing")


def test_nobody_stops_beyond_their_areas_and_everybody_concerned_is_told(service: Service) -> None:
    near, far = a_reviewer("near", "castlebridge"), a_reviewer("far", "ashford")
    for area in ("ashford", "*"):
        with pytest.raises(NotFound):
            Viewing(service, near).stop(near, area, WHY)
    service.stop(a_reviewer("first"), "castlebridge", WHY)
    assert [each.area for each in Viewing(service, near).stops()] == ["castlebridge"]
    assert Viewing(service, far).stops() == []
    service.stop(a_reviewer("first"), "*", WHY)
    assert [each.area for each in Viewing(service, far).stops()] == ["*"]


def test_a_stop_that_sql_put_in_stops_nothing(service: Service, released: str, database: Any) -> None:
    database.sql(
        'INSERT INTO filed (number, kind, subject, area, agency, "by", document, at) VALUES '
        "(1, 'stop', 'stop castlebridge', 'castlebridge', '', 'first', '{\"reason\":\"x\",\"stopped\":true}', '2026')"
    )
    assert service.released_list(released).run == released


@pytest.mark.parametrize(
    "change", ['UPDATE filed SET document = \'{"reason":"x","stopped":false}\'', "DELETE FROM filed"]
)
def test_a_stop_stands_by_its_entry_whatever_happens_to_its_document(
    service: Service, released: str, database: Any, change: str
) -> None:
    service.stop(a_reviewer("first"), "castlebridge", WHY)
    database.sql("DROP TRIGGER filed_update", "DROP TRIGGER filed_delete", change)
    with pytest.raises(NoLiveRelease, match="its reason cannot be read"):
        service.released_list(released)
    assert [(each.area, each.reason) for each in service.stops()] == [("castlebridge", "")]
    service.let_go_on(a_reviewer("second"), "castlebridge", "Read in the ledger")
    assert service.released_list(released).run == released
