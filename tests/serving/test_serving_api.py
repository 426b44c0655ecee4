"""The API: problems that repeat nothing, parts, tags, acts sent twice, and a description that the answers keep."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from serving import Person, Role, Service
from serving.access.accounts import Accounts
from serving.panel import meetings
from serving.web import WebSettings, create_app
from serving.web.api import ROUTERS
from serving.web.api.examples import EXAMPLES
from serving.web.exports import making
from serving.web.problems import KINDS
from serving.web.rates import RateSettings
from serving.web.rules import RULES

DATABASES = ("sqlite", "postgresql")
NEVER = "Zacharias-Quill-1987"  # what no answer may repeat
OFTEN = RateSettings("100000/minute", "100000/minute", "100000/minute")
PEOPLE = {role: Person(role.value, "Made Up", role) for role in Role}


class Caller:
    """A program with a session of its own."""

    def __init__(self, app: Any, person: Person) -> None:
        Accounts(app.state.web.service.stores).make_up(person)
        sessions = app.state.web.sessions
        token = sessions.start(person)
        self.headers = {
            "Cookie": f"{app.state.web.settings.cookie}={token}",
            "X-CSRF-Token": sessions.find(token).csrf,
        }
        self._client = TestClient(app, base_url="https://panel.example", follow_redirects=False)

    def get(self, path: str, **headers: str) -> Any:
        return self._client.get(f"/api/v1{path}", headers={**self.headers, **_named(headers)})

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self._client.post(f"/api/v1{path}", json=body, headers={**self.headers, **_named(headers)})

    def send(self, method: str, path: str, **options: Any) -> Any:
        headers = {**self.headers, **options.pop("headers", {})}
        return self._client.request(method, f"/api/v1{path}", headers=headers, **options)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def app(service: Service) -> Any:
    return create_app(service, WebSettings(demo=False, rates=OFTEN))


@pytest.fixture
def chair_calls(app: Any, released: str) -> Caller:
    return Caller(app, PEOPLE[Role.CHAIR])


def deferral(**changes: Any) -> dict[str, Any]:
    return {
        "decision": "not_suitable",
        "reason_code": "pattern",
        "reason": "Agreed by all agencies",
        "sensitive": False,
        **changes,
    }


def test_a_problem_says_what_is_wrong_and_repeats_nothing(
    app: Any, chair_calls: Caller, released: str, made_up: Any
) -> None:
    case = f"/lists/{released}/cases/{made_up.rows[0]['person']}"
    answers = [
        chair_calls.get(f"/lists/{NEVER}"),
        chair_calls.get(f"/{NEVER}"),
        chair_calls.get(f"/runs?limit={NEVER}&{NEVER}=1"),
        chair_calls.get(f"/runs?cursor={NEVER}"),
        chair_calls.get("/runs", If_None_Match=NEVER * 20),
        chair_calls.send("PUT", f"/lists/{NEVER}"),
        chair_calls.post(f"{case}/decisions", {**deferral(), NEVER: 1}),
        chair_calls.post(f"{case}/decisions", deferral(decision=NEVER, until=NEVER, replaces=NEVER)),
        chair_calls.post(f"{case}/decisions", deferral(), Idempotency_Key=f"{NEVER} with spaces"),
        chair_calls.send("POST", f"{case}/decisions", content=f"{{{NEVER}"),
        chair_calls.send("POST", f"{case}/decisions", data={"reason": NEVER}),
        chair_calls.post(f"{case}/decisions", deferral(reason=NEVER * 4000)),
        chair_calls.post(
            f"{case}/decisions", deferral(), Sec_Fetch_Site="cross-site", Origin=f"https://{NEVER}.example"
        ),
        chair_calls.post(f"{case}/decisions", deferral(), X_CSRF_Token=NEVER),
        TestClient(app, base_url="https://panel.example").get("/api/v1/runs", headers={"Cookie": f"panel={NEVER}"}),
    ]
    found = [(answer.status_code, answer.json()["type"].partition("#")[2]) for answer in answers]
    assert found == [
        (404, "not-found"),
        (404, "not-found"),
        (422, "not-valid"),
        (404, "not-found"),
        (422, "not-valid"),
        (405, "method-not-allowed"),
        (422, "not-valid"),
        (422, "not-valid"),
        (422, "not-valid"),
        (422, "not-valid"),
        (422, "not-valid"),
        (413, "too-large"),
        (403, "refused"),
        (403, "token-missing"),
        (401, "not-signed-in"),
    ]
    for answer in answers:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
        assert answer.json()["instance"] == f"urn:request:{answer.headers['x-request-id']}"
        assert NEVER not in answer.text + str(dict(answer.headers))
    assert answers[5].headers["allow"] == "GET"
    where = {error["where"] for error in answers[7].json()["errors"]}
    assert where == {"body.decision", "body.until", "body.replaces"}


def test_an_error_nobody_expected_is_a_problem_without_its_words(
    app: Any, chair_calls: Caller, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError(NEVER)

    monkeypatch.setattr(Service, "runs", fail)
    answer = chair_calls.get("/runs")
    assert (answer.status_code, answer.json()["type"]) == (500, "/about/api#unexpected")
    assert NEVER not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_runs_come_in_parts(app: Any, service: Service, make: Callable[..., Any]) -> None:
    areas = ["castlebridge", "ashford", "millbrook"]
    made = [make(area=area).into(service) for area in areas]
    caller = Caller(app, PEOPLE[Role.CHAIR])
    first = caller.get("/runs?limit=2").json()
    second = caller.get(f"/runs?limit=2&cursor={first['next']}").json()
    assert [run["run"] for run in first["runs"] + second["runs"]] == sorted(made)
    assert second["next"] is None
    assert caller.get("/runs?limit=0").status_code == 422
    assert caller.get("/runs?limit=201").status_code == 422


def test_decisions_and_the_ledger_come_in_parts(app: Any, chair_calls: Caller, released: str, made_up: Any) -> None:
    for row in made_up.rows[:3]:
        assert chair_calls.post(f"/lists/{released}/cases/{row['person']}/decisions", deferral()).status_code == 201
    first = chair_calls.get(f"/lists/{released}/decisions?limit=2").json()
    second = chair_calls.get(f"/lists/{released}/decisions?limit=2&cursor={first['next']}").json()
    assert [row["decision_id"] for row in first["decisions"] + second["decisions"]] == [1, 2, 3]
    reviewer = Caller(app, PEOPLE[Role.REVIEWER])
    numbers, cursor = [], ""
    while cursor is not None:
        found = reviewer.get(f"/ledger?limit=4{cursor and '&cursor='}{cursor}").json()
        numbers += [entry["seq"] for entry in found["entries"]]
        cursor = found["next"]
    assert numbers == list(range(numbers[0], 0, -1))


def test_what_was_read_before_is_not_sent_again_and_the_view_is_still_in_the_ledger(
    chair_calls: Caller, service: Service, released: str, made_up: Any
) -> None:
    case = f"/lists/{released}/cases/{made_up.rows[0]['person']}"
    tag = chair_calls.get(case).headers["etag"]
    again = chair_calls.get(case, If_None_Match=f'"other", W/{tag}')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert [view["action"] for view in service.views()] == ["view.case", "view.case"]
    chair_calls.post(f"{case}/decisions", deferral())
    assert chair_calls.get(case, If_None_Match=tag).status_code == 200


def test_a_decision_bound_to_what_was_read_is_refused_once_that_changed(
    chair_calls: Caller, service: Service, released: str, made_up: Any
) -> None:
    case = f"/lists/{released}/cases/{made_up.rows[0]['person']}"
    tag = chair_calls.get(case).headers["etag"]
    assert chair_calls.post(f"{case}/decisions", deferral(), If_Match='"other"').status_code == 412
    assert service.decisions() == []
    assert chair_calls.post(f"{case}/decisions", deferral(), If_Match=tag).status_code == 201
    late = chair_calls.post(f"{case}/decisions", deferral(replaces=1), If_Match=tag)
    assert (late.status_code, late.json()["type"]) == (412, "/about/api#not-as-read")
    assert len(service.decisions()) == 1


def test_a_call_sent_again_with_its_key_is_answered_and_not_done_twice(
    chair_calls: Caller, app: Any, service: Service, released: str, made_up: Any, clock: Any
) -> None:
    page = f"/lists/{released}/cases/{made_up.rows[0]['person']}"
    tag = chair_calls.get(page).headers["etag"]
    first = chair_calls.post(f"{page}/decisions", deferral(), Idempotency_Key="key-of-one-act", If_Match=tag)
    again = chair_calls.post(f"{page}/decisions", deferral(), Idempotency_Key="key-of-one-act", If_Match=tag)
    assert (first.status_code, first.json()["decision_id"]) == (201, 1)
    assert (again.status_code, again.content) == (201, first.content)
    other = chair_calls.post(f"{page}/decisions", deferral(reason="Other"), Idempotency_Key="key-of-one-act")
    assert (other.status_code, other.json()["type"]) == (422, "/about/api#key-reused")
    elsewhere = made_up.rows[1]["person"]
    moved = chair_calls.post(
        f"/lists/{released}/cases/{elsewhere}/decisions", deferral(), Idempotency_Key="key-of-one-act"
    )
    assert moved.status_code == 422
    somebody = Caller(app, Person("chair-2", "Made Up", Role.CHAIR))
    theirs = somebody.post(f"{page}/decisions", deferral(), Idempotency_Key="key-of-one-act")
    assert (theirs.status_code, theirs.json()["type"]) == (409, "/about/api#decided-meanwhile")
    assert len(service.decisions()) == 1
    clock.forward(hours=7)
    assert service.verify().ok


def test_a_key_is_forgotten_after_a_day(service: Service, released: str, made_up: Any, clock: Any) -> None:
    from serving.repeats import Repeat
    from values import digest

    repeat = Repeat("chair", digest("key"), digest("asked"), service.stores.ledger.signer)
    with service.stores.panel.write() as connection:
        repeat.keep(connection, clock(), {"decision_id": 7})
    assert service.answered(repeat)
    clock.forward(hours=24)
    assert not service.answered(repeat)


def test_the_same_call_twice_at_once_is_one_act(
    chair_calls: Caller, service: Service, released: str, made_up: Any
) -> None:
    page = f"/lists/{released}/cases/{made_up.rows[0]['person']}/decisions"
    answers: list[Any] = []

    def call() -> None:
        answers.append(chair_calls.post(page, deferral(), Idempotency_Key="key-of-one-act"))

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert len(service.decisions()) == 1


def test_a_hold_is_cleared_once_however_often_it_is_asked(
    chair_calls: Caller, service: Service, released: str, made_up: Any
) -> None:
    person = next(row["person"] for row in made_up.rows if row["section"] == "held")
    page, body = f"/lists/{released}/cases/{person}/clearances", {"kind": "counter_allegation", "reason": "Reviewed"}
    answers = [chair_calls.post(page, body, Idempotency_Key="key-of-one-act") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert [(row["person"], row["kind"]) for row in service.clearances()] == [(person, "counter_allegation")]
    assert chair_calls.post(page, body).status_code == 422


def test_a_failed_act_keeps_no_key(chair_calls: Caller, service: Service, released: str, made_up: Any) -> None:
    page = f"/lists/{released}/cases/{made_up.rows[0]['person']}/decisions"
    refused = chair_calls.post(page, deferral(decision="defer"), Idempotency_Key="key-of-one-act")
    assert refused.status_code == 422
    assert chair_calls.post(page, deferral(), Idempotency_Key="key-of-one-act").status_code == 201


FILES = {"take_of_list", "take_of_meeting", "report_file", "paper_file"}


def test_every_operation_declares_its_problems_and_shows_an_answer_that_is_one(app: Any) -> None:
    described = app.openapi()
    operations = {
        operation["operationId"]: operation for methods in described["paths"].values() for operation in methods.values()
    }
    assert set(operations) == set(EXAMPLES) | FILES
    models = {route.name: route.response_model for router in ROUTERS for route in router.routes}
    for name, operation in operations.items():
        if name not in FILES:
            models[name].model_validate_json(json.dumps(EXAMPLES[name]))
        writes = "201" in operation["responses"]
        declared = {"401", "403", "404", "409", "422", "429", "500"} | ({"411", "412", "413"} if writes else {"304"})
        assert declared < set(operation["responses"])
        assert "HTTPValidationError" not in json.dumps(operation)


def test_the_description_is_a_page_that_names_every_operation_and_problem(app: Any, chair_calls: Caller) -> None:
    client = TestClient(app, base_url="https://panel.example")
    page = client.get("/about/api", headers=chair_calls.headers).text
    assert [name for name in {*EXAMPLES, *FILES} if f'id="{name}"' not in page] == []
    assert [kind.name for kind in KINDS if f'id="{kind.name}"' not in page] == []
    assert page.count("<script") == client.get("/about", headers=chair_calls.headers).text.count("<script")


def call_as_described(operation: Any, mode: GenerationMode, caller: Caller, real: dict[str, str], many: int) -> None:
    """Send drawn requests, every other one about a person and list that exist, and hold the answers to the description.

    A decision may be as described and still be refused by the panel's rules: that one check is left out.
    """
    turn = itertools.count()

    @settings(
        max_examples=many, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: schemathesis.Case) -> None:
        if next(turn) % 2 == 0 and case.path_parameters and mode is GenerationMode.POSITIVE:
            case.path_parameters.update({name: real[name] for name in case.path_parameters if name in real})
        answer = case.call(headers=caller.headers)
        assert answer.status_code < 500
        case.validate_response(answer, excluded_checks=[positive_data_acceptance])

    call()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize(
    ("database", "role"),
    [("sqlite", role) for role in Role] + [("postgresql", role) for role in (Role.CHAIR, Role.REVIEWER)],
    ids=str,
    indirect=["database"],
)
def test_answers_to_drawn_requests_are_as_described(
    app: Any,
    service: Service,
    released: str,
    made_up: Any,
    keep_cards: Callable[..., None],
    role: Role,
    mode: GenerationMode,
    pytestconfig: pytest.Config,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Setting a paper takes a program of its own and seconds; the tests of exports set them.
    monkeypatch.setattr(making, "printed", lambda html, seconds: b"%PDF")
    caller, many = Caller(app, PEOPLE[role]), pytestconfig.getoption("--api-examples")
    chair = PEOPLE[Role.CHAIR]
    meeting = meetings.call_meeting(service, chair, "castlebridge", date(2026, 5, 1), 3, released)
    keep_cards(service, released)
    real = {"run": released, "person": made_up.rows[0]["person"], "meeting": meeting, "bundle": "b" * 64}
    # Who asks is told by the caller's own headers, so the cookie is not drawn.
    schema = schemathesis.openapi.from_dict({**app.openapi(), "security": []})
    schema.app = app
    operations = list(schema.get_all_operations())
    assert len(operations) == len(EXAMPLES) + len(FILES)
    for found in (each.ok() for each in operations):
        may = RULES[found.method.upper(), found.path].allows(PEOPLE[role])
        if may:
            call_as_described(found, mode, caller, real, many)
        elif mode is GenerationMode.POSITIVE:  # refused before anything of it is read, once is enough
            call_as_described(found, mode, caller, real, 1)
