"""A reviewer's signature is good for one act on one list, once, for ten minutes, by a key that was registered."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from serving import Person, Role, Service
from serving.access.accounts import Accounts
from serving.errors import NotFound, NotPermitted, ReviewRefused, SignatureRefused, StoreError
from serving.keys import ReviewerKey
from serving.release import Act
from serving.release.signing import SignedReview, key_name, to_sign
from values import canonical_json

DATABASES = ("sqlite", "postgresql")
NAMES = ["subjects/ethnicity/mixed"]
PASSPHRASE = "a long made-up passphrase"
ANOTHER = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"  # RFC 8032, 7.1, test 1


@pytest.fixture
def key(service: Service, tmp_path: Path) -> ReviewerKey:
    made = ReviewerKey.make(tmp_path / "my.key", PASSPHRASE)
    for user in ("reviewer-1", "reviewer-2"):
        Accounts(service.stores).add(Person(user, "Made Up", Role.REVIEWER), "admin")
    service.register_key(made.public_key, "reviewer-1", "admin")
    return made


def signed(service: Service, key: ReviewerKey, run: str, verb: Act = Act.APPROVE, **facts: str) -> SignedReview:
    bound = {**service.to_review(run), **facts}
    text = to_sign(bound, key_name(key.public_key), verb, "Audit read", None, NAMES, service.now())
    return SignedReview(text, key.sign(text))


def tries(service: Service) -> list[tuple[str, str, str]]:
    return [
        (entry.actor, entry.action, entry.content["why"])
        for entry in service.ledger()
        if entry.action.startswith("refused.")
    ]


def test_a_signed_approval_releases_and_is_kept_with_what_was_signed(
    service: Service, made_up: Any, key: ReviewerKey
) -> None:
    run = made_up.into(service)
    approval = signed(service, key, run)
    assert service.review_signed(approval).state == "released"
    (review,) = service.run(run).reviews
    assert (review["reviewer"], review["act"], review["reason"]) == ("reviewer-1", "approve", "Audit read")
    acts = service.ledger(1)[0].content["acts"]
    assert [act["table"] for act in acts] == ["signed_reviews", "reviews", "releases"]
    service.publish(run)
    assert service.verify().ok


def test_a_replayed_approval_is_refused_and_in_the_ledger(
    service: Service, make: Callable[..., Any], key: ReviewerKey
) -> None:
    run = make(verdict="insufficient").into(service)
    waiver = signed(service, key, run, Act.WAIVE)
    service.review_signed(waiver)
    with pytest.raises(SignatureRefused, match="used before"):
        service.review_signed(waiver)
    assert tries(service) == [("reviewer-1", "refused.review.waive", "SignatureRefused")]


def test_an_approval_of_one_list_is_no_approval_of_another(
    service: Service, make: Callable[..., Any], key: ReviewerKey
) -> None:
    one, other = make().into(service), make(area="ashford").into(service)
    approval = signed(service, key, one)
    moved = SignedReview(canonical_json({**approval.content, "run": other}), approval.signature)
    with pytest.raises(SignatureRefused, match="not of this key"):
        service.review_signed(moved)
    with pytest.raises(SignatureRefused, match="another list"):
        service.review_signed(signed(service, key, other, list_hash=service.to_review(one)["list_hash"]))
    assert service.state(other) == "awaiting"
    assert {actor for actor, _, _ in tries(service)} == {"unknown", "reviewer-1"}


@pytest.mark.parametrize("name", ["list_hash", "audit_hash", "gate_hash"])
def test_a_forged_hash_is_refused(service: Service, made_up: Any, key: ReviewerKey, name: str) -> None:
    run = made_up.into(service)
    with pytest.raises(SignatureRefused, match="another list, audit or gate decision"):
        service.review_signed(signed(service, key, run, **{name: "0" * 64}))
    assert service.state(run) == "awaiting"
    assert tries(service) == [("reviewer-1", "refused.review.approve", "SignatureRefused")]


def test_a_signature_is_good_for_ten_minutes(service: Service, made_up: Any, key: ReviewerKey, clock: Any) -> None:
    run = made_up.into(service)
    early = signed(service, key, run)
    clock.forward(minutes=11)
    with pytest.raises(SignatureRefused, match="out of date"):
        service.review_signed(early)
    content = {**early.content, "at": (service.now() + timedelta(minutes=11)).isoformat()}
    late = canonical_json(content)
    with pytest.raises(SignatureRefused, match="out of date"):
        service.review_signed(SignedReview(late, key.sign(late)))


@pytest.mark.parametrize("change", [{"reason": "Another"}, {"act": "refuse"}, {"expires": "2026-05-30"}])
def test_nothing_of_what_was_signed_can_be_changed(
    service: Service, made_up: Any, key: ReviewerKey, change: dict[str, str]
) -> None:
    approval = signed(service, key, made_up.into(service))
    with pytest.raises(SignatureRefused, match="not of this key"):
        service.review_signed(SignedReview(canonical_json({**approval.content, **change}), approval.signature))


@pytest.mark.parametrize("document", ["{}", "[]", "no json", json.dumps({"key": "K-0"})])
def test_a_document_by_nobodys_key_is_refused(service: Service, key: ReviewerKey, document: str) -> None:
    with pytest.raises(SignatureRefused, match="Nobody registered"):
        service.review_signed(SignedReview(document, key.sign(document)))


@pytest.mark.parametrize(
    "change", [{"at": "soon"}, {"at": "2026-04-01T09:00:00"}, {"act": "publish"}, {"expires": "soon"}, {"nonce": None}]
)
def test_what_is_signed_but_is_no_act_of_review_is_refused(
    service: Service, made_up: Any, key: ReviewerKey, change: dict[str, Any]
) -> None:
    content = {**signed(service, key, made_up.into(service)).content, **change}
    text = canonical_json({name: item for name, item in content.items() if item is not None or name == "expires"})
    with pytest.raises(SignatureRefused, match="no act of review"):
        service.review_signed(SignedReview(text, key.sign(text)))


def test_a_revoked_key_signs_nothing_any_more(service: Service, made_up: Any, key: ReviewerKey) -> None:
    run, name = made_up.into(service), key_name(key.public_key)
    service.revoke_key(name, "admin", "Laptop lost")
    with pytest.raises(SignatureRefused, match="revoked"):
        service.review_signed(signed(service, key, run))
    with pytest.raises(SignatureRefused, match="revoked before"):
        service.revoke_key(name, "admin", "Again")
    assert [(each["key"], each["reviewer"], each["by"]) for each in service.reviewer_keys()] == [
        (name, "reviewer-1", "admin")
    ]
    assert service.reviewer_keys()[0]["revoked"] is not None


def test_two_keys_of_one_person_are_one_reviewer(
    service: Service, make: Callable[..., Any], key: ReviewerKey, tmp_path: Path
) -> None:
    run = make(verdict="insufficient").into(service)
    second = ReviewerKey.make(tmp_path / "second.key", PASSPHRASE)
    service.register_key(second.public_key, "reviewer-1", "admin")
    service.review_signed(signed(service, key, run, Act.WAIVE))
    with pytest.raises(ReviewRefused, match="waived this run already"):
        service.review_signed(signed(service, second, run, Act.WAIVE))


def test_a_signer_reviews_lists_of_the_areas_of_their_account_only(
    service: Service, made_up: Any, key: ReviewerKey
) -> None:
    run = made_up.into(service)
    Accounts(service.stores).change("reviewer-1", "admin", areas=["ashford"])
    with pytest.raises(NotFound):
        service.review_signed(signed(service, key, run))


def test_a_key_signs_nothing_while_its_holder_is_blocked_or_no_reviewer(
    service: Service, made_up: Any, key: ReviewerKey
) -> None:
    run, accounts = made_up.into(service), Accounts(service.stores)
    accounts.block("reviewer-1", "admin")
    with pytest.raises(SignatureRefused, match="no governance reviewer"):
        service.review_signed(signed(service, key, run))
    accounts.block("reviewer-1", "admin", active=True)
    accounts.change("reviewer-1", "admin", role=Role.DATA_SCIENTIST)
    with pytest.raises(SignatureRefused, match="no governance reviewer"):
        service.review_signed(signed(service, key, run))
    assert service.state(run) == "awaiting"
    accounts.change("reviewer-1", "admin", role=Role.REVIEWER)
    assert service.review_signed(signed(service, key, run)).state == "released"


def test_a_key_is_registered_once_by_somebody_else_for_a_reviewer(service: Service, key: ReviewerKey) -> None:
    with pytest.raises(SignatureRefused, match="registered before"):
        service.register_key(key.public_key, "reviewer-2", "admin")
    with pytest.raises(NotPermitted, match="for themselves"):
        service.register_key(ANOTHER, "reviewer-2", "command-line:Reviewer-2")
    with pytest.raises(SignatureRefused, match="no Ed25519"):
        service.register_key("what", "reviewer-2", "admin")
    Accounts(service.stores).add(Person("chair", "Made Up", Role.CHAIR), "admin")
    Accounts(service.stores).block("reviewer-2", "admin")
    for name in ("r.jones", "chair", "reviewer-2"):
        with pytest.raises(SignatureRefused, match="no governance reviewer"):
            service.register_key(ANOTHER, name, "admin")
    assert [each["reviewer"] for each in service.reviewer_keys()] == ["reviewer-1"]


def test_a_private_key_is_private_and_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    made = ReviewerKey.make(tmp_path / "my.key", PASSPHRASE)
    assert (tmp_path / "my.key").stat().st_mode & 0o777 == 0o600
    assert ReviewerKey.open(tmp_path / "my.key", PASSPHRASE).public_key == made.public_key
    with pytest.raises(StoreError, match="does not open"):
        ReviewerKey.open(tmp_path / "my.key", "another passphrase")
    with pytest.raises(StoreError, match="too short"):
        ReviewerKey.make(tmp_path / "other.key", "short")
    with pytest.raises(StoreError, match="cannot be written"):
        ReviewerKey.make(tmp_path / "my.key", PASSPHRASE)


def test_a_trainer_signs_no_release(service: Service, made_up: Any, key: ReviewerKey, reviewer: Person) -> None:
    run = made_up.but(trained_by="reviewer-1").into(service)
    with pytest.raises(ReviewRefused, match="trained this bundle"):
        service.review_signed(signed(service, key, run))
