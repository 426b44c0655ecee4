"""Keys that lie outside the databases: one seals identities, one signs the ledger's heads, each reviewer's own."""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from serving.errors import StoreError
from values import canonical_json

SHORTEST_PASSPHRASE = 12
_WRITING, _BLOCK = 32, 64  # bytes: of the writing key, of a block of SHA-256


def _key_file(path: Path, fresh: bytes) -> bytes:
    """Return the key in `path`; write `fresh` there first if nobody has (two processes may try at once)."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    if not path.exists():
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(fresh)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    try:
        return path.read_bytes()
    except OSError as problem:
        raise StoreError(f"The key file {path.name} cannot be read.", "Check its owner and mode.") from problem


class Seal:
    """Encrypts who a person is, bound to the run and pseudonym, so that two identities cannot be swapped.

    In the same way it seals what somebody typed, bound to the page and to them (`serving.access.unsent`).
    """

    def __init__(self, keys: Path) -> None:
        self._fernet = Fernet(_key_file(keys / "identities.key", Fernet.generate_key()))

    def close(self, run: str, person: str, identity: dict[str, Any]) -> str:
        """Return the encrypted identity."""
        text = canonical_json({"run": run, "person": person, "identity": identity})
        return self._fernet.encrypt(text.encode("utf-8")).decode("ascii")

    def open(self, run: str, person: str, sealed: str) -> dict[str, Any]:
        """Return the identity.

        Raises
        ------
        StoreError
            If it was sealed with another key, altered, or belongs to another person or run.
        """
        try:
            content: dict[str, Any] = json.loads(self._fernet.decrypt(sealed.encode("ascii")))
        except InvalidToken:
            content = {}
        if content.get("run") != run or content.get("person") != person:
            raise StoreError(
                "An identity cannot be opened or belongs elsewhere.", "Restore identities.key or the backup."
            )
        identity: dict[str, Any] = content["identity"]
        return identity


class Signer:
    """Signs ledger heads with an Ed25519 key and knows a forged signature."""

    def __init__(self, keys: Path) -> None:
        fresh = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        key = serialization.load_pem_private_key(_key_file(keys / "ledger.key", fresh), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise StoreError("ledger.key is no Ed25519 key.", "Restore it from the backup.")
        self._key = key
        self._public = key.public_key()
        raw = key.private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )
        self._proving = hmac.digest(raw, b"drive-panel accounts and sessions", "sha256")

    @property
    def public_key(self) -> str:
        """The public key in hexadecimal digits."""
        raw = self._public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return raw.hex()

    def sign(self, text: str) -> str:
        """Return the signature of `text` in hexadecimal digits."""
        return self._key.sign(text.encode("utf-8")).hex()

    def prove(self, kind: str, content: Mapping[str, Any]) -> str:
        """Return what shows that a row which may change (an account, a session) was written by this service.

        Keyed with a secret of this key, so that nobody makes one from the database alone.
        """
        text = canonical_json({"kind": kind, "content": dict(content)})
        return hmac.digest(self._proving, text.encode("utf-8"), "sha256").hex()

    def proves(self, proof: str | None, kind: str, content: Mapping[str, Any]) -> bool:
        """Say whether `proof` is this key's for `content`, in constant time."""
        return hmac.compare_digest((proof or "").encode(), self.prove(kind, content).encode())

    def signed(self, text: str, signature: str) -> bool:
        """Say whether `signature` is this key's signature of `text`."""
        try:
            self._public.verify(bytes.fromhex(signature), text.encode("utf-8"))
        except (InvalidSignature, ValueError):
            return False
        return True


class WritingKey:
    """Shows a PostgreSQL database that a transaction is this service's; see `serving.storage.showing`."""

    def __init__(self, keys: Path) -> None:
        self._key = _key_file(keys / "writing.key", os.urandom(_WRITING))
        if len(self._key) != _WRITING:
            raise StoreError("writing.key is no key.", "Remove it, run `drive-panel db migrate`, and start again.")

    def shown(self, transaction: str) -> str:
        """Return what only who has the key can say of a transaction."""
        return hmac.digest(self._key, transaction.encode("ascii"), "sha256").hex()

    @property
    def paddings(self) -> tuple[bytes, bytes]:
        """The inner and the outer padding that HMAC-SHA256 makes of the key: all that computing it needs."""
        block = self._key.ljust(_BLOCK, b"\0")
        return bytes(each ^ 0x36 for each in block), bytes(each ^ 0x5C for each in block)


class ReviewerKey:
    """A reviewer's own signing key, in a file that only its passphrase opens; it never leaves that file."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def make(cls, path: Path, passphrase: str) -> ReviewerKey:
        """Make a key and write it to a new file (0600).

        Raises
        ------
        StoreError
            If the passphrase is short, or the file is there already or cannot be written.
        """
        if len(passphrase) < SHORTEST_PASSPHRASE:
            raise StoreError("The passphrase is too short.", f"Use at least {SHORTEST_PASSPHRASE} characters.")
        made = cls(Ed25519PrivateKey.generate())
        sealed = made._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase.encode("utf-8")),
        )
        try:
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(sealed)
        except OSError as problem:
            raise StoreError(f"{path.name} cannot be written: {problem.strerror}.", "Name a new file.") from problem
        return made

    @classmethod
    def open(cls, path: Path, passphrase: str) -> ReviewerKey:
        """Read a key.

        Raises
        ------
        StoreError
            If the file cannot be read, the passphrase does not open it, or it holds another kind of key.
        """
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), passphrase.encode("utf-8") or None)
        except OSError as problem:
            raise StoreError(f"{path.name} cannot be read: {problem.strerror}.", "Check its place.") from problem
        except (ValueError, TypeError):
            raise StoreError(f"The passphrase does not open {path.name}.", "Type it again.") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise StoreError(f"{path.name} is no Ed25519 key.", "Make one with `drive-panel reviewer enrol`.")
        return cls(key)

    @property
    def public_key(self) -> str:
        """The public key in hexadecimal digits."""
        public = self._key.public_key()
        return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()

    def sign(self, text: str) -> str:
        """Return the signature of `text` in hexadecimal digits."""
        return self._key.sign(text.encode("utf-8")).hex()
