"""A case page says what is counted, what is not available, how it stands to the line, and what earlier panels did."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from serving import Person, Role, Service
from serving.panel import Elsewhere, Offer, Particulars, Support
from serving.panel import Referred as ReferredTo
from serving.panel.meetings import call_meeting
from serving.panel.referrals import Referred, refer
from serving.web.pages.cases import absent, glance, statuses
from serving.web.terms import TERMS
from values import digest

CHAIR = Person("chair", "Chair", Role.CHAIR)


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def told(document: dict[str, Any]) -> dict[str, str]:
    return dict(glance(document))


def test_victims_and_children_are_counted_and_what_is_not_there_is_not_none(made_up: Any) -> None:
    document = next(iter(made_up.cases.values()))
    document["facts"] = {"victims_ever": 3.0}
    document["chronology"][0]["children_present"] = True
    document["marac"] = [
        {"heard_at": "2025-11-10", "children_count": "2"},
        {"heard_at": "2026-01-10", "children_count": "1"},
        {"heard_at": "2026-02-10", "children_count": None},
    ]
    found = told(document)
    assert found["Different victims identified"] == "3"
    assert found["Records with children present"] == "1; not recorded for 1"
    silent = [{**document["chronology"][0], "children_present": None}] * 2
    several = {**document, "chronology": [*document["chronology"], *silent]}
    assert told(several)["Records with children present"] == "1; not recorded for 3"
    assert told({**document, "chronology": silent})["Records with children present"] == "not recorded"
    assert found["Children named at the last MARAC hearing"] == "1"
    document |= {"facts": {}, "marac": [], "orders": [], "missing": ["Not available: marac hearings."]}
    assert absent(document) == {"marac hearings"}
    found = told(document)
    assert found["Different victims identified"] == "not available"
    assert found["MARAC hearings"] == "not available"
    assert found["Children named at the last MARAC hearing"] == "not available"
    assert found["Orders and custody"] == "0"
    document["missing"] = ["Not available: custody."]
    assert told(document)["Orders and custody"] == "0; custody not available"
    document["missing"].append("Not available: orders.")
    assert told(document)["Orders and custody"] == "not available"


def test_records_are_counted_by_what_became_of_them(made_up: Any) -> None:
    document = next(iter(made_up.cases.values()))
    suspect = document["chronology"][0]
    others = ("convicted", "alleged", None)
    document["chronology"] = [suspect, *({**suspect, "status": status} for status in others)]
    document["chronology"].append({**suspect, "role": "victim", "status": "charged"})
    assert statuses(document) == [("alleged", 2), ("convicted", 1), ("not recorded", 1)]


def test_a_case_says_how_old_it_is_where_simpler_lists_put_it_and_that_its_place_is_interchangeable(
    chair_opens: Any, made_up: Any
) -> None:
    made_up.header["line_band"] = {"from_place": 2, "to_place": 5, "beyond_list": False, "refits": 4}
    client, run = chair_opens(made_up)
    inside, outside = (text_of(client.get(f"/lists/{run}/cases/{made_up.rows[n]['person']}")) for n in (2, 0))
    assert "As known on 31 March 2026, 1 day ago" in inside
    assert "can be used until 6 May 2026" in inside
    assert "On simpler lists: Most recent first 3rd, V100 7th" in inside
    assert "Places 2 to 5 are interchangeable" in inside
    assert "Places 2 to 5 are interchangeable" not in outside
    assert "Provisional: between place 3 and place 6" in inside


def test_a_case_says_of_every_agency_whether_its_records_are_none_or_not_available(
    chair_opens: Any, made_up: Any
) -> None:
    person = made_up.rows[0]["person"]
    case = made_up.cases[person]
    case |= {"orders": [], "management": [], "needs": [], "marac": [], "safety": [], "provisional": None}
    case["missing"] = [f"Not available: {name}." for name in ("orders", "needs", "safety checks")]
    made_up.rows[0]["case"] = digest(case)
    client, run = chair_opens(made_up)
    text = text_of(client.get(f"/lists/{run}/cases/{person}"))
    assert "No order and no custody is on record. Records of orders are not available." in text
    assert "No other scheme is on record." in text
    assert text.count("Not available: no such records reached this service. That is not the same as none.") == 1
    assert "Not available: no safety checks reached this service." in text
    assert "Not available: the ranking gives no bound" in text
    for word, meaning in (TERMS[name] for name in ("marac", "mappa", "iom", "matac", "safety", "band", "rfgv")):
        assert word in text
        assert meaning.replace("'", "&#39;") in text


def test_a_decided_case_leads_on_along_the_agenda_and_back_to_the_meeting(
    service: Service, chair_opens: Any, made_up: Any
) -> None:
    first, second = (row["person"] for row in made_up.rows[:2])
    made_up.cases[first]["safety"] = []
    made_up.rows[0]["case"] = digest(made_up.cases[first])
    client, run = chair_opens(made_up)
    case = f"/lists/{run}/cases/{first}"
    assert 'aria-label="Agenda"' not in client.get(case).text  # no meeting takes up the list
    meeting = call_meeting(service, CHAIR, "castlebridge", service.today(), 3, run)
    before = text_of(client.get(case))
    assert "case 1 of 5, 5 to decide" in before
    assert "Ask the victim service before anybody makes contact" in before
    support = Particulars(Support("IDVA service", Offer.OFFERED))
    service.decide(
        run, first, CHAIR, "accept_direct", "pattern", "Agreed", safety_confirmed="Refuge line", particulars=support
    )
    after = client.get(f"{case}?done=decision")
    assert "The decision is recorded." in after.text
    assert "case 1 of 5, 4 to decide. Next to decide:" in text_of(after)
    assert f'href="/lists/{run}/cases/{second}"' in after.text
    assert f'href="/meetings/{meeting}"' in after.text
    assert "Refuge line confirmed the check, as chair recorded with the decision" in text_of(after)
    assert "Ask the victim service before anybody makes contact" not in text_of(after)
    agenda = client.get(f"/meetings/{meeting}")
    assert "4 of 5 cases of the list are still to be decided" in text_of(agenda)
    assert re.search(rf'role="button"[^>]*href="/lists/{run}/cases/{second}"', agenda.text)


def test_of_two_meetings_on_one_list_a_case_stays_with_the_one_that_it_was_opened_for(
    service: Service, chair_opens: Any, made_up: Any
) -> None:
    client, run = chair_opens(made_up)
    first = made_up.rows[0]["person"]
    case, today = f"/lists/{run}/cases/{first}", service.today()
    sooner = call_meeting(service, CHAIR, "castlebridge", today, 3, run)
    later = call_meeting(service, CHAIR, "castlebridge", today + timedelta(days=2), 2, run)
    agenda = client.get(f"/meetings/{later}").text
    assert f'href="{case}?meeting={later}"' in agenda
    assert f'<a class="govuk-link" href="/meetings/{sooner}">meeting of' in agenda
    opened = client.get(f"{case}?meeting={later}").text
    assert f'href="/meetings/{later}">Meeting of' in opened
    assert f'href="{case}/decision?meeting={later}"' in opened
    assert f'href="{case}?meeting={sooner}">open this case for it' in opened
    form = client.get(f"{case}/decision?meeting={later}").text
    assert f'action="{case}/decision?meeting={later}"' in form
    assert "<strong>2</strong>" in form  # the places of that meeting, not of the list
    for wrong in ("", "?meeting=2026-01-01-nowhere", "?meeting=%22%3E%3Cb%3E"):
        assert f'href="/meetings/{sooner}">Meeting of' in client.get(case + wrong).text
    sent = {
        "csrf": re.search(r'name="csrf" value="([^"]+)"', form)[1],
        "decision": "not_suitable", "reason_code": "pattern", "reason": "Read", "sensitive": "no",
    }  # fmt: skip
    answer = client.post(f"{case}/decision?meeting={later}", data=sent)
    assert answer.headers["location"] == f"{case}?done=decision&meeting={later}"


def test_the_history_of_a_case_spans_panels(
    service: Service, chair_opens: Any, make: Any, made_up: Any, clock: Any
) -> None:
    client, first = chair_opens(made_up)
    person = made_up.rows[1]["person"]
    told = Particulars(referred=ReferredTo(Elsewhere.IOM))
    service.decide(first, person, CHAIR, "refer_elsewhere", "pattern", "Agreed in spring", particulars=told)
    alone = text_of(client.get(f"/lists/{first}/cases/{person}/history"))
    assert "There is no earlier list" in alone
    assert "on this list" in alone
    clock.forward(days=20)
    later = make()
    later.header["as_of"] = "2026-04-20"
    client, second = chair_opens(later)
    refer(service, CHAIR, "castlebridge", Referred("probation", "On licence", "", person))
    text = text_of(client.get(f"/lists/{second}/cases/{person}/history"))
    assert "On the list as of 31 March 2026: ranked, very high, above the line." in text
    assert "Decisions of every panel (1)" in text
    assert "on the list as of 31 March 2026" in text
    assert "Agreed in spring" in text
    assert "Referred to: Integrated offender management (IOM)." in text
    assert "Referrals made on this service (1)" in text
    other = text_of(client.get(f"/lists/{second}/cases/{made_up.rows[3]['person']}/history"))
    assert "No panel has decided on this person." in other
