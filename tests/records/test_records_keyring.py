from __future__ import annotations

import pytest

from records import Keyring
from records.errors import KeyringUnreadable


def test_a_pseudonym_stays_the_same_across_openings(tmp_path):
    path = tmp_path / "keys" / "keyring.db"
    first = Keyring(path).pseudonyms(["P1", "P2"])
    assert list(first) == ["P1", "P2"]
    assert len(set(first.values())) == 2
    assert Keyring(path).pseudonyms(["P2", "P1", "P2"]) == first


def test_two_keyrings_give_one_person_two_pseudonyms(tmp_path):
    one, other = (Keyring(tmp_path / name).pseudonyms(["P1"])["P1"] for name in ("a.db", "b.db"))
    assert one != other


def test_a_destroyed_key_is_gone_from_the_file_and_never_comes_back(tmp_path):
    import sqlite3

    path = tmp_path / "keyring.db"
    keyring = Keyring(path)
    before = keyring.pseudonyms(["P1", "P2"])
    database = sqlite3.connect(path)
    key = database.execute("SELECT key FROM keys WHERE person_id = 'P1'").fetchone()[0]
    database.close()
    assert key in path.read_bytes()
    assert keyring.destroy("P1") is True
    assert key not in path.read_bytes()
    assert keyring.destroy("P1") is False
    after = keyring.pseudonyms(["P1", "P2"])
    assert after["P1"] != before["P1"]
    assert after["P2"] == before["P2"]


def test_many_people_are_read_in_one_call(tmp_path):
    people = [f"P{number}" for number in range(1_501)]
    keyring = Keyring(tmp_path / "keyring.db")
    first = keyring.pseudonyms(people)
    assert len(set(first.values())) == 1_501
    assert keyring.pseudonyms(people) == first


def test_only_the_owner_may_read_the_keys(tmp_path):
    path = tmp_path / "secret" / "keyring.db"
    Keyring(path).pseudonyms(["P1"])
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_that_is_no_keyring_is_refused(tmp_path):
    path = tmp_path / "keyring.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(KeyringUnreadable, match=r"keyring\.db cannot be used"):
        Keyring(path).pseudonyms(["P1"])
