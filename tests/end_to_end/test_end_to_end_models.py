"""The demonstration fills the pages about models: two trainings, drift, a shadow, the data; and they tell of nobody."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from starlette.testclient import TestClient

from benchmarks.leaks import people_of
from benchmarks.sought import PSEUDONYM
from drive_panel import web
from drive_panel.workspace import Workspace
from serving.web.model_words import sentence


@contextmanager
def signed_in(home: Any, user: str) -> Iterator[TestClient]:
    app = web.build(Workspace.open(home.path), mlflow="https://mlflow.example/")
    client = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5), follow_redirects=False)
    with closing(app.state.web.service), client:  # copying a file that is still open here would drop SQLite's locks
        assert client.post("/sign-in", data={"user": user}).status_code == 303
        yield client


def test_the_demonstration_fills_the_pages_about_models_and_tells_of_nobody(demo: Any) -> None:
    trained, released = demo.result["train"]["bundle"], demo.run("released")
    with signed_in(demo.home, "scientist") as client:
        told = client.get("/api/v1/models").json()
        newest, rehearsed = told["models"]
        assert (newest["bundle"], newest["scores"], newest["promoted"]) == (
            trained,
            True,
            demo.result["train"]["promoted"],
        )
        assert (rehearsed["for_panel"], rehearsed["kind"]) == (False, "recency")
        assert {
            "area": re.sub(r"^\d{4}-\d\d-\d\d-|-[0-9a-f]{8}$", "", released),
            "run": released,
            "bundle": trained,
        } in (told["ranks"])
        whole = client.get(f"/api/v1/models/{trained}").json()
        assert [each["subject"] for each in whole["scored"]] != []
        shadow = client.get(f"/api/v1/models/{rehearsed['bundle']}").json()["shadows"]
        assert [each["card"]["live"] for each in shadow] == [trained]
        addresses = ["/models", f"/models/{trained}", f"/models/compare?a={rehearsed['bundle']}&b={trained}"]
        pages = {address: client.get(address).text for address in [*addresses, "/data-quality"]}
    assert f"https://mlflow.example/#/runs/{newest['mlflow_run']}" in pages["/models"]
    conditions = demo.result["train"]["conditions"]
    page = html.unescape(pages[f"/models/{trained}"])
    # what the fairness rule found is told in a sentence of its own
    told_why = [sentence(each["why"]) for each in conditions if each["name"] != "missed harm by community"]
    assert [why for why in told_why if why not in page] == []
    assert pages[f"/models/{trained}"].count("Does not hold") >= sum(not each["holds"] for each in conditions)
    assert "In the list of" in pages[addresses[2]]
    assert "places would go to somebody else" in pages[addresses[2]]
    assert "Act before you train or score" in pages["/data-quality"]
    people = people_of(tuple((demo.home.path / "records" / "snapshots").glob("*/persons.parquet")))
    assert people.told_in(next(iter(people.names))) != []
    assert [found for text in pages.values() for found in [*people.told_in(text), *PSEUDONYM.findall(text)]] == []
    assert demo.home("ledger", "verify", "--json").json["ok"]
