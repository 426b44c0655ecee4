"""The evaluation report that a training run leaves: private, about groups, logged, and written again at will."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REPORT = ("html", "json", "pdf")


def test_training_leaves_a_private_report_that_names_nobody_and_logs_it(small: Any):
    places = {kind: Path(small.trained["report"][kind]) for kind in REPORT}
    bundle = small.trained["bundle"]
    assert {place.name for place in places.values()} == {f"evaluation-{bundle[:12]}.{kind}" for kind in REPORT}
    assert all(place.stat().st_mode & 0o777 == 0o600 for place in places.values())
    document = json.loads(places["json"].read_text(encoding="utf-8"))
    assert (document["bundle"], document["synthetic"]) == (bundle, True)
    assert {each["group"] for each in document["reliability"]} == {"everybody", "ipv", "familial"}
    assert {each["kind"] for each in document["breakdowns"]} == {"abuse", "regime", "area"}
    persons = (small.extract / "persons.csv").read_text(encoding="utf-8").splitlines()
    place = persons[0].split(",").index("person_id")
    told = places["html"].read_text(encoding="utf-8") + places["json"].read_text(encoding="utf-8")
    assert not any(row.split(",")[place] in told for row in persons[1:])
    logged = {each.name for each in (small.home.path / "mlflow").rglob("evaluation/*")}
    assert logged >= {place.name for place in places.values()}  # others train in this workspace too


def test_the_report_is_written_again_from_what_training_left(small: Any, tmp_path: Path):
    first = Path(small.trained["report"]["html"]).read_bytes()
    again = small.home("evaluation", "--out", tmp_path / "again.html", "--json").json
    assert again["bundle"] == small.trained["bundle"]
    assert Path(again["html"]).read_bytes() == first
    assert Path(again["pdf"]).read_bytes().startswith(b"%PDF")
    none = small.home("evaluation", "--bundle", "0" * 64, status=1)
    assert "no evaluation of bundle 000000000000" in none.err
