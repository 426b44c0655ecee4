"""Reviewers' own signing keys: who holds one reviews from the command line as himself and nobody else.

A signed act names the run, the hashes of its list, audit and gate decision, the act with its reason, a nonce and the
time. So it is good for one act on one list, once, for a few minutes.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Table, select

from serving.access.accounts.proofs import is_proved
from serving.errors import NotPermitted, SignatureRefused
from serving.ledger import Entry, act
from serving.people import Person, Role
from serving.release.rules import Act, Review
from serving.storage import tables
from serving.storage.stores import Stores
from values import canonical_json, digest, digest_bytes

FRESH = timedelta(minutes=10)
_ASK = "Sign again with `drive-panel release … --key FILE`, after reading the run again."


@dataclass(frozen=True)
class SignedReview:
    """An act of review as it was signed.

    Parameters
    ----------
    document
        What was signed, as canonical JSON; see `to_sign`.
    signature
        Ed25519, in hexadecimal digits, over the document's UTF-8 bytes.
    """

    document: str
    signature: str

    @property
    def content(self) -> dict[str, Any]:
        """The document as it was given, or nothing where it is none."""
        try:
            content = json.loads(self.document)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}


def to_sign(
    facts: Mapping[str, str],
    key: str,
    verb: Act,
    reason: str,
    expires: date | None,
    acknowledged: Collection[str],
    at: datetime,
) -> str:
    """Return the text that a reviewer signs.

    Parameters
    ----------
    facts
        What is reviewed: ``run``, ``list_hash``, ``audit_hash``, ``gate_hash``; see `facts_of`.
    key
        Name of the key; see `key_name`.
    """
    return canonical_json(
        {
            **facts,
            "key": key,
            "act": verb.value,
            "reason": reason,
            "expires": expires,
            "acknowledged": sorted(acknowledged),
            "nonce": secrets.token_hex(16),
            "at": at.isoformat(),
        }
    )


def facts_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what of a run a signature is bound to."""
    audit, gate = (digest_bytes(row[name].encode("utf-8")) for name in ("audit", "gate"))
    return {"run": row["run"], "list_hash": row["list_hash"], "audit_hash": audit, "gate_hash": gate}


def key_name(public_key: str) -> str:
    """Return the short name of a public key given in hexadecimal digits."""
    return f"K-{digest(public_key)[:12]}"


def register(stores: Stores, public_key: str, reviewer: str, by: str) -> str:
    """Let a public key stand for a reviewer of this service from now on, and return its name.

    Parameters
    ----------
    reviewer
        An account in force whose role is governance reviewer.
    by
        Who is signed in to the machine, such as ``command-line:a.khan``.

    Raises
    ------
    SignatureRefused
        If it is no key, was registered before, or nobody of that name reviews.
    NotPermitted
        If somebody registers a key for themselves.
    """
    _public(public_key)
    name = key_name(public_key)
    with stores.acting() as acting:
        account = _account(stores, acting.connection, reviewer)
        if by.rpartition(":")[2].casefold() in {reviewer.casefold(), (account["login"] or reviewer).casefold()}:
            raise NotPermitted("Nobody registers a key for themselves.", "Ask another administrator.")
        if _row(acting.connection, tables.reviewer_keys, name) is not None:
            raise SignatureRefused("This key was registered before.", "Enrol with a new key.")
        row = {"key": name, "reviewer": reviewer, "public_key": public_key, "areas": account["areas"], "by": by}
        made = {**row, "at": acting.now.isoformat()}
        detail = {"reviewer": reviewer, "areas": json.loads(account["areas"])}
        acting.enter(by, "key.registered", name, detail, [(tables.reviewer_keys, made)])
    return name


def revoke(stores: Stores, key: str, by: str, reason: str) -> None:
    """Let a key sign nothing any more; what it signed before stands.

    Raises
    ------
    SignatureRefused
        If there is no such key, it was revoked before, or no reason is given.
    """
    if not reason.strip() or not by.strip():
        raise SignatureRefused("Revoking a key needs somebody who does it and a reason.", "Give both.")
    with stores.acting() as acting:
        if _row(acting.connection, tables.reviewer_keys, key) is None:
            raise SignatureRefused("There is no such key.", "`drive-panel reviewer keys` prints all of them.")
        if _row(acting.connection, tables.revoked_keys, key) is not None:
            raise SignatureRefused("This key was revoked before.", "Nothing is left to do.")
        made = {"key": key, "by": by, "reason": reason.strip(), "at": acting.now.isoformat()}
        acting.enter(by, "key.revoked", key, {"reason": made["reason"]}, [(tables.revoked_keys, made)])


def keys(stores: Stores) -> list[dict[str, Any]]:
    """Return every registered key (key, reviewer, areas, by, at, revoked), oldest first."""
    query = (
        select(tables.reviewer_keys, tables.revoked_keys.c.at.label("revoked"))
        .outerjoin(tables.revoked_keys, tables.revoked_keys.c.key == tables.reviewer_keys.c.key)
        .order_by(tables.reviewer_keys.c.at)
    )
    with stores.panel.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    return [{**row, "areas": json.loads(row["areas"])} for row in rows]


def signer_of(stores: Stores, connection: Connection, signed: SignedReview) -> Person:
    """Return the reviewer who signed, by a key that the ledger vouches for, with the areas of their account today.

    Raises
    ------
    SignatureRefused
        If the key is unknown, was put in by hand or is revoked, the signature is not its own, or its holder's account
        is blocked or no longer a reviewer's.
    """
    name = str(signed.content.get("key"))
    row = _row(connection, tables.reviewer_keys, name)
    entries = stores.ledger.genuine(connection, name)
    if row is None or act(tables.reviewer_keys, row) not in _acts(entries):
        raise SignatureRefused("Nobody registered this key.", "Ask an administrator to register it.")
    if any(entry.action == "key.revoked" for entry in entries):
        raise SignatureRefused("This key was revoked.", "Enrol with a new key.")
    try:
        _public(row["public_key"]).verify(bytes.fromhex(signed.signature), signed.document.encode("utf-8"))
    except (InvalidSignature, ValueError):
        raise SignatureRefused("The signature is not of this key.", _ASK) from None
    account = _account(stores, connection, row["reviewer"])
    return Person(account["user"], account["name"], Role.REVIEWER, frozenset(json.loads(account["areas"])))


def checked(stores: Stores, connection: Connection, signed: SignedReview, row: Mapping[str, Any]) -> Review:
    """Return the act that was signed, if it is about this run as it is now, of now, and new.

    Raises
    ------
    SignatureRefused
        If it is no act of review, is about another list, audit or gate decision, out of date, or was used before.
    """
    content = signed.content
    try:
        at, nonce = datetime.fromisoformat(content["at"]), content["nonce"]
        expires = date.fromisoformat(content["expires"]) if content["expires"] else None
        asked = Review("", Act(content["act"]), str(content["reason"]), expires, frozenset(content["acknowledged"]))
        is_fresh = abs(stores.now() - at) <= FRESH
    except (KeyError, TypeError, ValueError):
        raise SignatureRefused("What was signed is no act of review.", _ASK) from None
    if any(content.get(name) != fact for name, fact in facts_of(row).items()):
        raise SignatureRefused("The signature is for another list, audit or gate decision.", _ASK)
    if not is_fresh:
        raise SignatureRefused("The signature is out of date.", _ASK)
    used = {each["key"] for each in _acts(stores.ledger.genuine(connection, row["run"]))}
    if canonical_json([nonce]) in used or _row(connection, tables.signed_reviews, nonce) is not None:
        raise SignatureRefused("This signature was used before.", _ASK)
    return asked


def signed_row(signed: SignedReview, at: datetime) -> tuple[Table, dict[str, Any]]:
    """Return the row that keeps what was signed."""
    content = signed.content
    row = {name: content[name] for name in ("nonce", "run", "key")}
    return tables.signed_reviews, {
        **row,
        "document": signed.document,
        "signature": signed.signature,
        "at": at.isoformat(),
    }


def _acts(entries: Collection[Entry]) -> list[dict[str, str]]:
    return [made for entry in entries for made in entry.content.get("acts", [])]


def _account(stores: Stores, connection: Connection, user: str) -> dict[str, Any]:
    """Return the account of a reviewer in force: a key is no second way in for who may not sign in."""
    found = _row(connection, tables.users, user)
    vouched = found is not None and is_proved(connection, stores.ledger.signer, found)
    if found is None or not vouched or not found["active"] or found["role"] != Role.REVIEWER.value:
        raise SignatureRefused(
            "There is no governance reviewer of this name whose account is in force.",
            "`drive-panel users list` shows all accounts; add or change one there.",
        )
    return found


def _row(connection: Connection, table: Table, key: str) -> dict[str, Any] | None:
    (column,) = table.primary_key
    found = connection.execute(select(table).where(column == key)).mappings().first()
    return None if found is None else dict(found)


def _public(digits: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(digits))
    except ValueError:
        raise SignatureRefused("This is no Ed25519 public key.", "Give the .pub file that enrolling made.") from None
