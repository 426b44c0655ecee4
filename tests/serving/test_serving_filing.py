"""Documents put on file beside decisions: kept as they were, in one thread, in the ledger, within areas."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from serving import Person, Role, Service
from serving.access.cases import Cases
from serving.access.viewing import Viewing
from serving.errors import FilingConflict, FilingRefused, NotFound, NotPermitted
from serving.filing import LONGEST, Draft

DATABASES = ("sqlite", "postgresql")
ACTION = Draft("action", "meeting-1", "ashford", {"what": "Ask probation for the order"})


def test_a_document_is_kept_with_who_and_when_and_is_in_the_ledger(service: Service, chair: Person) -> None:
    number = service.file(chair, ACTION)
    (found,) = service.filed(["action"], subject="meeting-1")
    assert found.to_dict() == {
        "number": number,
        "kind": "action",
        "subject": "meeting-1",
        "area": "ashford",
        "person": None,
        "agency": "",
        "by": "chair",
        "document": {"what": "Ask probation for the order"},
        "replaces": None,
        "at": "2026-04-01T09:00:00+00:00",
        "current": True,
    }
    (entry,) = service.ledger(1)
    assert (entry.action, entry.subject, entry.actor) == ("filed.action", "meeting-1", "chair")
    assert service.filed(["minutes"]) == service.filed(["action"], areas=["elsewhere"]) == []
    assert service.verify().ok


def test_a_replacement_goes_on_in_the_thread_and_the_second_one_is_told(service: Service, chair: Person) -> None:
    first = service.file(chair, ACTION)
    done = replace(ACTION, document={"what": "Asked", "done": True}, replaces=first)
    service.file(chair, done)
    with pytest.raises(FilingConflict, match="in the meantime"):
        service.file(chair, done)
    assert [(each.document["what"], each.current) for each in service.filed(["action"])] == [
        ("Ask probation for the order", False),
        ("Asked", True),
    ]
    for other in ({"subject": "meeting-2"}, {"kind": "minutes"}, {"agency": "police"}, {"area": "millbrook"}):
        with pytest.raises(FilingRefused, match="nothing here that this could replace"):
            service.file(chair, replace(done, **other))
    with pytest.raises(FilingConflict, match="in the meantime"):
        service.file(chair, replace(ACTION, first=True))


def test_of_two_who_replace_at_once_one_wins_and_one_is_told(service: Service, chair: Person) -> None:
    first, results = service.file(chair, ACTION), []

    def change(words: str) -> None:
        try:
            service.file(chair, replace(ACTION, document={"what": words}, replaces=first))
            results.append("filed")
        except FilingConflict:
            results.append("told")

    threads = [threading.Thread(target=change, args=(words,)) for words in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["filed", "told"]
    assert len(service.filed(["action"])) == 2


def test_a_row_put_in_by_sql_is_not_read_and_stands_in_nobodys_way(
    service: Service, chair: Person, database: Any
) -> None:
    first = service.file(chair, ACTION)
    database.sql(
        'INSERT INTO filed (number, kind, subject, area, agency, "by", document, replaces, at) '
        f"VALUES (77, 'action', 'meeting-1', 'ashford', '', 'chair', '{{}}', {first}, '2026-04-01T09:00:00+00:00')"
    )
    assert [each.number for each in service.filed(["action"])] == [first]
    service.file(chair, replace(ACTION, document={"what": "Asked"}, replaces=first))
    assert [each.document["what"] for each in service.filed(["action"]) if each.current] == ["Asked"]
    assert "a row of filed was never entered" in service.verify().why


@pytest.mark.parametrize("change", ["UPDATE filed SET document = '{}'", "DELETE FROM filed"])
def test_a_document_is_never_changed(service: Service, chair: Person, database: Any, change: str) -> None:
    service.file(chair, ACTION)
    with pytest.raises(DBAPIError, match="filed are never changed"):
        database.sql(change)
    assert [each.document for each in service.filed(["action"])] == [ACTION.document]


def test_too_long_a_document_is_refused_before_anything_is_kept(service: Service, chair: Person) -> None:
    with pytest.raises(FilingRefused, match=r"longer than 20,000 characters"):
        service.file(chair, replace(ACTION, document={"what": "x" * LONGEST}))
    assert service.filed(["action"]) == []


def test_nobody_reads_or_files_beyond_their_area_or_about_a_closed_case(
    service: Service, released: str, made_up: Any, chair: Person
) -> None:
    shut, area = made_up.rows[0]["person"], made_up.header["area"]
    about = replace(ACTION, subject=released, area=area, person=shut)
    service.file(chair, about)
    member = Person("member", "Member", Role.PANEL_MEMBER, frozenset({area}), "probation")
    far = Person("far", "Far", Role.PANEL_MEMBER, frozenset({"elsewhere"}), "probation")
    assert len(Viewing(service, member).filed(["action"])) == 1
    assert Viewing(service, far).filed(["action"]) == []
    with pytest.raises(NotFound):
        Viewing(service, far).file(far, about)
    with pytest.raises(NotPermitted):
        Viewing(service, member).file(chair, about)
    Cases(service.stores).declare(released, shut, member)
    assert Viewing(service, member).filed(["action"], areas=[area]) == []
    with pytest.raises(NotFound):
        Viewing(service, member).file(member, about)


def test_what_an_agency_keeps_to_itself_is_read_by_it_and_by_the_chair(service: Service, chair: Person) -> None:
    answer = replace(ACTION, kind="answer", agency="probation")
    service.file(chair, answer)
    areas = frozenset({"ashford"})
    readers = {
        agency: len(Viewing(service, Person("m", "M", Role.PANEL_MEMBER, areas, agency)).filed(["answer"]))
        for agency in ("probation", "police", "")
    }
    assert readers == {"probation": 1, "police": 0, "": 0}
    assert len(Viewing(service, chair).filed(["answer"])) == 1


def test_a_case_that_closes_while_somebody_writes_about_it_is_closed_to_what_they_wrote(
    service: Service, released: str, made_up: Any, chair: Person
) -> None:
    person, other = (row["person"] for row in made_up.rows[:2])
    writing = Viewing(service, chair)
    assert not writing.closed.shuts(person)  # read before the conflict was declared by a second tab
    Cases(service.stores).declare(released, person, chair)
    about = Draft("request", released, "castlebridge", {"what": "x"}, person)
    for draft, beside in ((about, []), (replace(about, person=other), [about])):
        with pytest.raises(NotPermitted, match="conflict of interest"):
            writing.file(chair, draft, beside=beside)
    assert service.filed(["request"]) == []
    assert writing.file(chair, replace(about, person=other))
