"""Cards of batch work: kept and read back as kept, by area, and shown on the pages about models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert

from benchmarks.sought import told_in
from serving import Service
from serving.access.viewing import Viewing
from serving.cards import CardKind
from serving.people import Person, Role
from serving.storage import tables
from serving.web.app import create_app
from serving.web.model_words import communities, decided, figure, leak_checks
from serving.web.settings import WebSettings

Make = Callable[..., dict[str, Any]]
BUNDLE, BEFORE = "b" * 64, "a" * 64
HOSTILE = "<script>alert(1)</script>{{ 7*7 }}\"' =cmd|' /C calc'!A0 \u202egnp.exe"


@pytest.fixture
def released(service: Service, made_up: Any, reviewer: Person) -> str:
    run = str(made_up.into(service))
    service.review(run, reviewer, "approve", "Audit read", acknowledged=made_up.gate["acknowledge"])
    service.publish(run)
    return run


def signed_in(service: Service, user: str, mlflow: str = "") -> TestClient:
    app = create_app(service, WebSettings(demo=True, mlflow=mlflow))
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
    client.post("/sign-in", data={"user": user})
    return client


def read(client: TestClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(answer.text.split())


def test_a_card_is_read_back_as_it_was_kept_and_the_same_one_is_not_kept_twice(service: Service, card: Make) -> None:
    first = service.keep_card(CardKind.TRAINING, BUNDLE, card(), "scientist")
    again = service.keep_card(CardKind.TRAINING, BUNDLE, card(), "scientist")
    other = service.keep_card(CardKind.TRAINING, BUNDLE, card(seed=7), "scientist")
    assert (first, again, other) == (1, 1, 2)
    found = service.cards(CardKind.TRAINING, subject=BUNDLE)
    assert [(each.number, each.document) for each in found] == [(2, card(seed=7)), (1, card())]
    assert service.cards(CardKind.QUALITY) == []
    assert [(entry.action, entry.actor) for entry in service.ledger()] == [("card.kept", "scientist")] * 2
    assert service.verify().ok


def test_a_card_that_no_act_made_does_not_exist(service: Service, card: Make) -> None:
    service.keep_card(CardKind.TRAINING, BUNDLE, card(), "scientist")
    forged = {"number": 2, "kind": "training", "subject": BUNDLE, "area": "*", "document": "{}", "at": "2026-04-01"}
    with service.stores.panel.write() as connection:
        connection.execute(insert(tables.cards).values(**forged))
    assert [each.number for each in service.cards(CardKind.TRAINING)] == [1]
    assert "a row of cards was never entered in the ledger" in service.verify().why


def test_who_looks_sees_cards_of_their_areas_only(
    service: Service, released: str, keep_cards: Callable[..., None]
) -> None:
    keep_cards(service, released)
    here, elsewhere = (
        Viewing(service, Person("s", "S", Role.DATA_SCIENTIST, frozenset({area}))) for area in ("castlebridge", "x")
    )
    for kind in (CardKind.SCORING, CardKind.SHADOW):
        assert [each.subject for each in here.cards(kind)] == [released]
        assert elsewhere.cards(kind) == []
    areas = [each.cards(CardKind.TRAINING)[0].document["backtest"]["areas"] for each in (here, elsewhere)]
    assert areas == [{"castlebridge": "refuse"}, {}]
    assert "ashford" not in str([each.document for kind in CardKind for each in here.cards(kind)])
    assert "ashford" in str(service.cards(CardKind.QUALITY))


def test_a_chair_reads_in_plain_words_why_the_simple_list_stayed_and_no_more(
    service: Service, released: str, keep_cards: Callable[..., None]
) -> None:
    keep_cards(service, released)
    client = signed_in(service, "chair")
    page = read(client, "/models")
    assert (
        "The simple list RFGV stays. Gradient boosting (LightGBM) was considered and does not hold 1 of 2 rules: "
        "finds more harm than RFGV." in page
    )
    assert "31 of 120 places would go to somebody else" in page
    assert "Training runs" not in page
    assert "Scoring runs" not in page
    told = client.get("/api/v1/models").json()
    assert (told["models"], told["next"], [each["area"] for each in told["ranks"]]) == ([], None, ["castlebridge"])
    compared = "/api/v1/models/compare?a=a&b=b"
    for address in ("/models/compare", f"/models/{BUNDLE}", "/data-quality", compared, "/api/v1/data-quality"):
        assert client.get(address).status_code == 403, address


def test_the_overview_says_what_ranks_which_area_and_where_the_runs_are(
    service: Service, released: str, made_up: Any, keep_cards: Callable[..., None]
) -> None:
    page = read(signed_in(service, "scientist"), "/models")
    assert f"Bundle {made_up.header['hashes']['bundle'][:12]}, of which nothing is on record here" in page
    assert "nobody has trained since these pages keep records" in page
    keep_cards(service, released)
    page = read(signed_in(service, "scientist"), "/models")
    assert f"(bundle {BUNDLE[:12]}), trained today." in page
    assert "Score: moderate movement; 1 indicator moved" in page
    assert "fewer than ten of 40 places to somebody else" in page
    assert "No address of MLflow is configured here, so there is no link." in page
    linked = read(signed_in(service, "scientist", "https://mlflow.example"), "/models")
    assert 'href="https://mlflow.example/#/runs/b574e2c04e944170acf5708ee48483d9" rel="noreferrer"' in linked


def test_the_page_of_a_bundle_holds_every_rule_the_leak_checks_and_how_to_make_it_again(
    service: Service, released: str, keep_cards: Callable[..., None]
) -> None:
    keep_cards(service, released)
    client = signed_in(service, "scientist")
    page = read(client, f"/models/{BUNDLE}")
    assert "flat: +167 harm days (-1,498 to +2,035)" in page
    assert 'aria-label="Gradient boosting (LightGBM) less RFGV, Flat: 166.9, interval -1,498 to 2,035."' in page
    assert "no model held every other rule" in page
    assert "The closest lies 2 days before it." in page
    assert "Moved: incidents_730, ashford, castlebridge." in page
    assert "13 people in 6 areas" in page
    assert "harm (22 people)" in page
    assert "0.0%, 12.0%" in page
    assert "How many incidents in the last 730 days?" in page
    assert "d" * 64 in page
    assert "has not been scored in the shadow" in page
    assert "0.66" in read(client, f"/models/{BEFORE}")
    missing = client.get(f"/models/{'0' * 64}")
    assert (missing.status_code, "Nothing is on record of such a bundle" in missing.text) == (404, True)


def test_two_bundles_stand_side_by_side_with_what_differs_and_who_was_counted_to_move(
    service: Service, released: str, keep_cards: Callable[..., None]
) -> None:
    keep_cards(service, released)
    client = signed_in(service, "scientist")
    page = read(client, f"/models/compare?a={BEFORE}&b={BUNDLE}")
    assert "31 of 120 places would go to somebody else" in page
    assert "In the list of Castlebridge as of 31 March 2026, fewer than ten of 40 places" in page
    assert "Both were judged on the same records, dates, places and outcomes." in page
    assert page.count(">Differs</td>") == 3  # what ranks, for panels, the hash of the bundle
    assert "1 indicator is read by both." in page
    assert "Both are the same bundle." in read(client, f"/models/compare?a={BUNDLE}&b={BUNDLE}")
    assert "No two bundles were chosen." in read(client, "/models/compare")
    service.keep_card(CardKind.TRAINING, "9" * 64, {**service.cards(CardKind.TRAINING)[0].document, "seed": 1}, "s")
    assert "never counted against each other" in read(client, f"/models/compare?a={BUNDLE}&b={'9' * 64}")


def test_the_page_of_data_quality_withholds_small_counts_and_says_where_nobody_looked(
    service: Service, released: str, keep_cards: Callable[..., None]
) -> None:
    client = signed_in(service, "scientist")
    assert "Not available yet: nobody has looked" in read(client, "/data-quality")
    keep_cards(service, released)
    page = read(client, "/data-quality")
    assert "Future date: 12; Orphan: fewer than ten" in page
    assert 'aria-label="Dyads: relationship recorded: 84.7%."' in page
    assert 'scope="row" class="govuk-table__header">Restricted</th>' in page
    assert "not delivered" in page
    assert "Months without a row: ashford April 2024." in page


def test_what_anybody_typed_is_shown_as_text(
    service: Service, released: str, card: Make, keep_cards: Callable[..., None]
) -> None:
    keep_cards(service, released)
    typed = iter(f"m{number}m {HOSTILE}" for number in range(20))
    rule = {"name": "x", "holds": False, "why": next(typed)}
    changed = card(
        trained_by=next(typed),
        why=[next(typed)],
        why_not=[{"name": "v100", "why": [next(typed)]}],
        findings=[{"level": "act", "section": "x", "text": next(typed), "do": next(typed)}],
        alarms=[{"kind": "too bad", "subject": "x", "message": next(typed)}],
        indicators=[{"name": next(typed), "question": next(typed), "group": next(typed)}],
        decision={**card()["decision"], "conditions": [rule]},
    )
    service.keep_card(CardKind.TRAINING, BUNDLE, changed, "scientist")
    looked = service.cards(CardKind.QUALITY)[0].document
    check = {**looked["checks"][0], "meaning": next(typed), "do": next(typed)}
    delivery = {**looked["deliveries"][0], "name": next(typed), "source": next(typed)}
    odd = {**looked, "source": next(typed), "checks": [check], "deliveries": [delivery]}
    service.keep_card(CardKind.QUALITY, "d" * 64, odd, "batch")
    client = signed_in(service, "scientist")
    told = "".join(
        read(client, address)
        for address in ("/models", f"/models/{BUNDLE}", f"/models/compare?a={BEFORE}&b={BUNDLE}", "/data-quality")
    )
    assert "<script>alert" not in told
    shown = {number for number in range(20) if f"m{number}m &lt;script&gt;alert(1)&lt;/script&gt;{{{{ 7*7 }}}}" in told}
    assert shown == set(range(15))


def test_no_page_about_models_tells_of_anybody(
    service: Service, released: str, made_up: Any, keep_cards: Callable[..., None]
) -> None:
    keep_cards(service, released)
    client = signed_in(service, "scientist")
    assert made_up.rows[0]["person"] in str(told_in(made_up.rows[0]["person"]))
    for address in ("/models", f"/models/{BUNDLE}", "/data-quality", "/api/v1/models", f"/api/v1/models/{BUNDLE}"):
        assert told_in(client.get(address).text) == [], address


def test_programs_read_the_same_cards_by_a_scope_of_their_own(
    service: Service, released: str, made_up: Any, card: Make, keep_cards: Callable[..., None]
) -> None:
    client = signed_in(service, "scientist")
    assert client.get("/api/v1/data-quality").json() == {"quality": None, "earlier": []}
    keep_cards(service, released)
    found = client.get("/api/v1/models").json()
    assert [(each["bundle"], each["for_panel"]) for each in found["models"]] == [(BUNDLE, True), (BEFORE, False)]
    assert found["ranks"] == [{"area": "castlebridge", "run": released, "bundle": made_up.header["hashes"]["bundle"]}]
    first = client.get("/api/v1/models?limit=1").json()
    rest = client.get(f"/api/v1/models?limit=1&cursor={first['next']}").json()
    assert [each["bundle"] for each in first["models"] + rest["models"]] == [BUNDLE, BEFORE]
    whole = client.get(f"/api/v1/models/{BUNDLE}")
    assert whole.json()["model"]["card"] == card()
    assert [each["subject"] for each in whole.json()["scored"]] == [released]
    again = client.get(f"/api/v1/models/{BUNDLE}", headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/api/v1/data-quality").json()["quality"]["card"]["source"] == "synthetic force"


def test_what_was_decided_is_told_for_each_way_a_training_can_end(card: Make) -> None:
    rules = [{"name": name, "holds": True, "why": "x"} for name in ("missed harm by community", "not too good")]
    decision = {"promoted": True, "champion": "lightgbm", "candidate": "lightgbm", "incumbent": "rfgv"}
    promoted = {**card(decision={**decision, "conditions": rules}), "live": {"live": BUNDLE, "same": True}}
    assert decided(promoted) == [
        "Gradient boosting (LightGBM) was promoted: all 2 rules of promotion hold.",
        "It came to the very bundle that scored before: nobody enters or leaves a list by it.",
    ]
    alone = {**decision, "promoted": False, "champion": "rfgv", "candidate": None, "conditions": []}
    elsewhere = {"live": BEFORE, "not_compared": "another cohort"}
    assert decided({**card(decision=alone, for_panel=False), "live": elsewhere}) == [
        "This was a rehearsal: its lists can never be released.",
        "The simple list RFGV stays: no model was among what was compared.",
        "It was not compared with the bundle that scored before: another cohort.",
    ]
    told = {"live": BEFORE, "rehearsal": True, "as_of": "2026-03-31", "places": 120, "enter": 109}
    assert decided({**card(decision=alone), "live": told})[-1].startswith(
        "Against the bundle that scored before (a rehearsal, of which no list could ever be released: nobody’s place "
        "before a panel changes by this), 109 of 120 places"
    )
    worse = [{"table": "subjects", "characteristic": "sex", "group": "female", "change": 0.03, "p": 0.01}]
    assert communities(card(communities={"compared": 7, "worse": worse})) == (
        "Of 7 communities compared, harm would be missed more often for: Sex: female by about +3%."
    )
    assert communities(card(communities={"compared": 7, "worse": []})).startswith("7 communities were compared; no one")


def test_a_leak_check_says_what_it_found_and_never_holds_unasked(card: Make) -> None:
    alarm = {"kind": "too good", "subject": "candidate lightgbm", "message": "Too good"}
    checks = leak_checks(card(alarms=[alarm], splits=[]), [], [])
    assert [holds for _, _, holds in checks] == [None, False, True, None]
    late = card()["splits"][0] | {"gap_days": -1}
    assert leak_checks(card(splits=[late]), [], [])[0][2] is False
    assert figure({"value": 12.0, "low": None, "high": 3.0}) == "12.000"
