"""A stream that only its key opens, in pieces: AES-256-GCM over each, none can be changed, moved, dropped or added.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway and Vizár, 2015), as in Tink and age: each nonce holds a random
prefix, the number of the piece, and whether it is the last one.
"""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from serving.errors import StoreError

MAGIC = b"drive-panel backup 1\n"
SHORTEST = 20
_SALT, _PREFIX, _PIECE, _TAG = 16, 7, 1 << 20, 16
_DAMAGED = "Use another backup."


def secret_of(path: Path) -> bytes:
    """Return the secret in a key file, without the blanks around it.

    Raises
    ------
    StoreError
        If it cannot be read, is short, or others may read it.
    """
    try:
        secret, mode = path.read_bytes().strip(), path.stat().st_mode
    except OSError as problem:
        raise StoreError(f"The key file {path.name} cannot be read.", "Check its place and mode.") from problem
    # systemd lets a unit's user read a credential by an access list, whose mask shows as the group's right to read.
    handed = path.parent == Path(os.environ.get("CREDENTIALS_DIRECTORY", ""))
    if mode & (0o037 if handed else 0o077):
        raise StoreError(f"Others may read the key file {path.name}.", f"chmod 600 {path.name}")
    if len(secret) < SHORTEST:
        raise StoreError(f"The key in {path.name} is too short.", f"Use {SHORTEST} characters or `drive-panel db key`.")
    return secret


def make_secret(path: Path) -> None:
    """Write a random key of 256 bits to a new file (0600); an existing one is never replaced."""
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(os.urandom(32).hex() + "\n")
    except OSError as problem:
        raise StoreError(f"{path.name} cannot be written: {problem.strerror}.", "Name a new file.") from problem


class Sealing(io.RawIOBase):
    """Encrypts what is written to it; without `close` the last piece is missing and nothing opens."""

    def __init__(self, file: IO[bytes], secret: bytes) -> None:
        salt, self._prefix = os.urandom(_SALT), os.urandom(_PREFIX)
        self._file, self._held, self._number = file, bytearray(), 0
        self._header = MAGIC + salt + self._prefix
        self._cipher = _cipher(secret, salt)
        file.write(self._header)

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Take `data`; whole pieces go on encrypted."""
        self._held += data
        while len(self._held) > _PIECE:  # the last piece waits for `close`, however full
            self._put(bytes(self._held[:_PIECE]), last=False)
            del self._held[:_PIECE]
        return len(data)

    def finish(self) -> None:
        """Write the last piece."""
        self._put(bytes(self._held), last=True)
        self._held.clear()

    def _put(self, piece: bytes, last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, last)
        self._file.write(self._cipher.encrypt(nonce, piece, self._header))
        self._number += 1


class Opening(io.RawIOBase):
    """Decrypts what is read from it, piece by piece; nothing of a piece that was changed is given out.

    Raises
    ------
    StoreError
        If it is no backup, another key made it, or something in it was changed or is missing.
    """

    def __init__(self, file: IO[bytes], secret: bytes) -> None:
        self._header = file.read(len(MAGIC) + _SALT + _PREFIX)
        if not self._header.startswith(MAGIC) or len(self._header) < len(MAGIC) + _SALT + _PREFIX:
            raise StoreError(
                "The file is no backup of drive-panel.", "Name the file that `drive-panel db backup` made."
            )
        self._prefix = self._header[-_PREFIX:]
        self._cipher = _cipher(secret, self._header[len(MAGIC) : -_PREFIX])
        self._file, self._number, self._last = file, 0, False
        self._ahead = file.read(_PIECE + _TAG)
        self._open = b""

    def readable(self) -> bool:
        """Say that it can be read from."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes; none at the end."""
        while (size < 0 or len(self._open) < size) and not self._last:
            self._open += self._next()
        size = len(self._open) if size < 0 else size
        given, self._open = self._open[:size], self._open[size:]
        return given

    def _next(self) -> bytes:
        piece, self._ahead = self._ahead, self._file.read(_PIECE + _TAG)
        self._last = not self._ahead
        try:
            opened = self._cipher.decrypt(_nonce(self._prefix, self._number, self._last), piece, self._header)
        except InvalidTag:
            why = "Another key made it, or it was changed." if self._number == 0 else "It was changed or cut short."
            raise StoreError(f"The backup cannot be opened. {why}", _DAMAGED) from None
        self._number += 1
        return opened


def _cipher(secret: bytes, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(secret))


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + struct.pack(">I?", number, last)
