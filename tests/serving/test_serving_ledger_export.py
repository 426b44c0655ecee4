"""An export of the ledger is verified by its own script, in a process that has nothing but Python."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from serving import Person, Service
from serving.errors import StoreError
from serving.ledger.verify_export import Key
from values import canonical_json, digest


@pytest.fixture
def exported(service: Service, released: str, made_up: Any, chair: Person, tmp_path: Path) -> Path:
    service.decide(released, made_up.rows[0]["person"], chair, "not_suitable", "pattern", "Agreed")
    service.note("chair", "view.case", released, {"person": made_up.rows[0]["person"]})
    service.export_ledger("auditor", tmp_path / "export")
    return tmp_path / "export"


def verified(folder: Path, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-I", str(folder / "verify_export.py"), str(folder), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env={})
    found: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode == 0) == found["ok"]
    return found


def read(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


def write(folder: Path, name: str, items: list[dict[str, Any]]) -> None:
    (folder / name).write_text("".join(canonical_json(item) + "\n" for item in items), encoding="utf-8")


def test_a_good_export_is_whole_and_counts_what_the_ledger_counts(
    service: Service, exported: Path, released: str
) -> None:
    ours = service.verify()
    found = verified(exported, "--key", ours.key, "--against", ours.head)
    assert (found["ok"], found["entries"], found["head"], found["key"]) == (True, ours.entries, ours.head, ours.key)
    made = ("decisions", "filed", "published", "releases", "reviews", "runs", "views")  # filed: the particulars
    assert found["rows"] == dict.fromkeys(made, 1)
    assert (found["releases"], found["actions"]["view.batch"], found["heads"]) == (1, 1, ours.entries)


def _entry(change: Callable[[dict[str, Any]], Any], number: int) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        items = read(folder, "entries.jsonl")
        change(items[number - 1])
        write(folder, "entries.jsonl", items)

    return spoil


def _rehashed(entry: dict[str, Any]) -> None:
    entry["actor"] = "somebody"
    names = ("prev", "seq", "at", "actor", "action", "subject", "detail")
    entry["hash"] = digest([entry[name] for name in names])


def _row(table: str, change: Callable[[list[dict[str, Any]], dict[str, Any]], Any]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        items = read(folder, "acts.jsonl")
        change(items, next(item for item in items if item["table"] == table))
        write(folder, "acts.jsonl", items)

    return spoil


def _without(name: str, number: int) -> Callable[[Path], None]:
    return lambda folder: write(folder, name, [x for n, x in enumerate(read(folder, name), 1) if n != number])


@pytest.mark.parametrize(
    ("spoil", "broken", "why"),
    [
        (_entry(lambda e: e.update(actor="somebody"), 2), 2, "its content does not have its hash"),
        (_entry(_rehashed, 2), 2, "its signature is not of the key"),
        (_entry(lambda e: e.update(signature="00" * 64), 3), 3, "its signature is not of the key"),
        (_entry(lambda e: e.update(signature="zz"), 3), 3, "its signature is not of the key"),
        (_entry(lambda e: e.pop("actor"), 3), 3, "it is no entry"),
        (_without("entries.jsonl", 2), 2, "entry 2 is missing"),
        (_without("entries.jsonl", 6), None, "about.json names another head"),
        (_row("decisions", lambda _, i: i["row"].update(decision="defer")), 4, "the row of decisions that it made was"),
        (_row("reviews", lambda items, i: items.remove(i)), 2, "the row of reviews that it made is gone"),
        (_row("views", lambda items, i: items.append({**i, "key": "[1]"})), None, None),
        (
            _row("views", lambda items, i: items.append({**i, "key": "[1]", "row": {**i["row"], "actor": "x"}})),
            None,
            "a row of views was never entered",
        ),
        (
            _row("reviews", lambda items, i: items.append({**i, "key": "[9]"})),
            None,
            "a row of reviews was never entered",
        ),
        (lambda folder: (folder / "acts.jsonl").unlink(), None, "acts.jsonl is missing"),
        (lambda folder: (folder / "heads.jsonl").write_text("{", encoding="utf-8"), None, "heads.jsonl is damaged"),
        (lambda folder: (folder / "about.json").write_text("[]", encoding="utf-8"), None, "cannot be read"),
    ],
)
def test_a_tampered_export_is_broken_where_it_was_tampered_with(
    exported: Path, spoil: Callable[[Path], Any], broken: int | None, why: str | None
) -> None:
    spoil(exported)
    found = verified(exported)
    if why is None:  # a signed view that no entry lists yet is genuine
        assert found["ok"]
        return
    assert (found["ok"], found["first_broken"]) == (False, broken)
    assert why in found["why"]


def test_an_export_made_anew_with_another_key_is_found_by_the_key_that_was_noted(
    service: Service, exported: Path
) -> None:
    noted, forger = service.verify().key, Ed25519PrivateKey.generate()
    entries = read(exported, "entries.jsonl")
    for entry in entries:
        entry["signature"] = forger.sign(f"{entry['seq']}:{entry['hash']}".encode()).hex()
    write(exported, "entries.jsonl", entries)
    (about,) = read(exported, "about.json")
    raw = forger.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    write(exported, "about.json", [{**about, "key": raw.hex()}])
    (exported / "heads.jsonl").write_text("", encoding="utf-8")
    assert verified(exported, "--key", noted)["why"] == "the export names another key than the one given"


def test_a_head_noted_earlier_that_is_not_in_the_export_breaks_it(exported: Path) -> None:
    found = verified(exported, "--against", "2:" + "0" * 64)
    assert "the given head is not on the chain" in found["why"]


def test_an_export_goes_to_a_new_folder_only(service: Service, exported: Path) -> None:
    with pytest.raises(StoreError, match="there already"):
        service.export_ledger("auditor", exported)
    assert exported.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in exported.iterdir()} == {0o600}


def test_plain_python_and_the_library_agree_on_signatures() -> None:
    for number in range(8):
        private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        text, key = f"{number}:text", Key(raw.hex())
        signature = private.sign(text.encode())
        assert key.signed(text, signature.hex())
        assert not key.signed(text + "x", signature.hex())
        for place in (0, 31, 32, 63):
            spoilt = bytes(byte ^ (1 if at == place else 0) for at, byte in enumerate(signature))
            assert not key.signed(text, spoilt.hex())
