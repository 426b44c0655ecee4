"""Verifies an export of the ledger of drive-panel, by itself.

Usage: python3 verify_export.py FOLDER [--key HEX] [--against HEAD] [--json]

FOLDER is what ``drive-panel ledger export`` wrote. The script needs Python 3.9 or newer and its standard library,
nothing of drive-panel. It reads four files and computes everything anew:

about.json     the format, the number of entries, the newest head, the public key
entries.jsonl  one entry a line: seq, prev, at, actor, action, subject, detail, hash, signature
acts.jsonl     one row a line that an act made: table, key, row
heads.jsonl    the signed heads that the service keeps outside its database

It checks that entries are numbered without a gap, that each follows the one before it, that each has the hash of its
content, that no time goes backwards, that each hash is signed with the key, that every head kept outside (and the
head given with ``--against``) lies on the chain, that every row is the one that its entry names and every named row
is there, and that every release was allowed by the gate and by the right reviewers. What a signed entry disowns
(``ledger.disowned``), exactly as it was found, counts for nothing, and is told.

An export vouches only for what its key signed. Give the key that you noted on an earlier visit (``--key``): without
it, somebody could have made the whole export anew with a key of their own.

Exit: 0 whole, 1 broken, 2 wrong usage. The signature is Ed25519 (RFC 8032), verified here in plain Python; for a
second opinion, ``openssl pkeyutl -verify -rawin`` verifies the same bytes: the text SEQ:HASH in UTF-8.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

GENESIS = "0" * 64
FORMAT = 1
CONTENT = ("prev", "seq", "at", "actor", "action", "subject", "detail")

# Ed25519, RFC 8032 section 5.1: the field, the curve constant, the order of the base point, the base point.
P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def add(a: Point, b: Point) -> Point:
    """Add two points in extended coordinates (RFC 8032 section 5.1.4)."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return i * j % P, k * m % P, j * k % P, i * m % P


def table_of(point: Point) -> list[list[Point]]:
    """Return n·16^i·point for n below 16 and i below 64, so that a multiplication is 64 additions."""
    rows = []
    for _ in range(64):
        row: list[Point] = [(0, 1, 1, 0)]
        for _ in range(15):
            row.append(add(row[-1], point))
        rows.append(row)
        point = add(row[15], point)
    return rows


def multiple(table: list[list[Point]], number: int) -> Point:
    """Return number·point from the table of a point."""
    total: Point = (0, 1, 1, 0)
    for row in table:
        if number & 15:
            total = add(total, row[number & 15])
        number >>= 4
    return total


def unpacked(data: bytes) -> Point | None:
    """Return the point that 32 bytes stand for, None where they stand for none (RFC 8032 section 5.1.3)."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def equal(a: Point, b: Point) -> bool:
    """Say whether two points in extended coordinates are the same."""
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


class Key:
    """A public key that verifies signatures.

    Raises
    ------
    ValueError
        If the digits are not a public key.
    """

    def __init__(self, digits: str) -> None:
        self.raw = bytes.fromhex(digits)
        point = unpacked(self.raw) if len(self.raw) == 32 else None
        if point is None:
            raise ValueError("this is no Ed25519 public key")
        y = 4 * pow(5, P - 2, P) % P
        base = unpacked(y.to_bytes(32, "little"))
        assert base is not None
        self._base, self._point = table_of(base), table_of(point)

    def signed(self, text: str, signature: str) -> bool:
        """Say whether `signature` (hexadecimal digits) is this key's signature of `text`."""
        try:
            data = bytes.fromhex(signature)
        except ValueError:
            return False
        point = unpacked(data[:32]) if len(data) == 64 else None
        scalar = int.from_bytes(data[32:], "little")
        if point is None or scalar >= ORDER:
            return False
        digest = hashlib.sha512(data[:32] + self.raw + text.encode("utf-8")).digest()
        challenge = int.from_bytes(digest, "little") % ORDER
        return equal(multiple(self._base, scalar), add(point, multiple(self._point, challenge)))


def canonical(value: Any) -> str:
    """Return the one text that a value is hashed as: sorted keys, no white space, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256(value: Any) -> str:
    """Return the hash of a value's canonical text."""
    return hashlib.sha256(canonical(value).encode("utf-8")).hexdigest()


class Broken(Exception):
    """The export is not whole; the number of the first entry that is wrong, where one is, and why."""

    def __init__(self, seq: int | None, why: str) -> None:
        super().__init__(why)
        self.seq, self.why = seq, why


def lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each line of a file with its number."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                item = json.loads(line)
                if not isinstance(item, dict):
                    raise ValueError
                yield number, item
    except FileNotFoundError:
        raise Broken(None, f"{path.name} is missing") from None
    except ValueError:
        raise Broken(None, f"a line of {path.name} is damaged") from None


def disowned(folder: Path, key: Key) -> dict[Any, str]:
    """Return the hash of what signed entries disown and left as it was: by number, or by table and key of a row."""
    found: dict[Any, str] = {}
    for _, entry in lines(folder / "entries.jsonl"):
        hashed = sha256([entry.get(name) for name in CONTENT])
        if entry.get("action") == "ledger.disowned" and key.signed(f"{entry.get('seq')}:{hashed}", entry["signature"]):
            content = json.loads(entry["detail"])
            if not content["removed"]:
                found.update({each["seq"]: each["found"] for each in content.get("entries", ())})
                found.update({(each["table"], each["key"]): each["found"] for each in content.get("rows", ())})
    return found


def chain(folder: Path, key: Key, known: dict[Any, str]) -> list[dict[str, Any]]:
    """Return every entry, or raise `Broken` at the first that is wrong and that none disowned (`known`)."""
    entries: list[dict[str, Any]] = []
    prev, at = GENESIS, ""
    for number, entry in lines(folder / "entries.jsonl"):
        seq = entry.get("seq")
        if seq == number and sha256(entry) == known.get(
            seq
        ):  # it counts for nothing; the next one says what it follows
            entries.append({**entry, "content": {}})
            prev = ""
            continue
        try:
            content = [entry[name] for name in CONTENT]
            hashed, signature, moment = str(entry["hash"]), str(entry["signature"]), datetime.fromisoformat(entry["at"])
            entry["content"] = json.loads(entry["detail"])
        except (KeyError, TypeError, ValueError):
            raise Broken(number, "it is no entry") from None
        if seq != number:
            raise Broken(number, f"entry {number} is missing")
        if prev and entry["prev"] != prev:
            raise Broken(seq, "it does not follow the entry before it")
        if sha256(content) != hashed:
            raise Broken(seq, "its content does not have its hash")
        if not key.signed(f"{seq}:{hashed}", signature):
            raise Broken(seq, "its signature is not of the key")
        if at and moment < datetime.fromisoformat(at):
            raise Broken(seq, "its time lies before that of the entry before it")
        prev, at = hashed, entry["at"]
        entries.append(entry)
    return entries


def heads(folder: Path, entries: list[dict[str, Any]], key: Key, against: str | None, disowned: dict[Any, str]) -> int:
    """Return how many heads kept outside lie on the chain, or raise `Broken` where one does not."""
    known = {entry["seq"]: entry["hash"] for entry in entries}
    if against:
        number, _, hashed = against.strip().rpartition(":")
        if not number.isdigit() or known.get(int(number)) != hashed:
            raise Broken(None, "the given head is not on the chain: it was rewritten or cut")
    count = 0
    for _, head in lines(folder / "heads.jsonl"):
        seq, kept = head.get("seq"), head.get("hash")
        if known.get(seq) == kept:  # its entry is signed by the key, as was verified before
            count += 1
        elif seq not in disowned and key.signed(f"{seq}:{kept}", str(head.get("signature"))):
            raise Broken(seq, "a head kept outside the database is not on the chain: it was rewritten or cut")
    return count


def acts(
    folder: Path, entries: list[dict[str, Any]], key: Key, disowned: dict[Any, str]
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows that acts made by table, or raise `Broken` where a row and its entry differ and none said so."""
    named = {
        (act["table"], act["key"]): (e["seq"], act["row"]) for e in entries for act in e["content"].get("acts", ())
    }
    rows: dict[str, list[dict[str, Any]]] = {}
    for _, act in lines(folder / "acts.jsonl"):
        table, row = str(act.get("table")), act.get("row")
        seq, hashed = named.pop((table, str(act.get("key"))), (None, ""))
        if disowned.get((table, str(act.get("key")))) == sha256(row):
            continue
        if seq is None and not (table == "views" and isinstance(row, dict) and waiting(row, key)):
            raise Broken(None, f"a row of {table} was never entered in the ledger")
        if seq is not None and sha256(row) != hashed:
            raise Broken(seq, f"the row of {table} that it made was changed")
        rows.setdefault(table, []).append(dict(row or {}))
    gone = [item for item in named.items() if disowned.get(item[0]) != ""]
    for (table, _), (seq, _) in sorted(gone, key=lambda item: int(item[1][0])):
        raise Broken(seq, f"the row of {table} that it made is gone")
    return rows


def waiting(row: dict[str, Any], key: Key) -> bool:
    """Say whether a view is signed that no entry lists yet."""
    told = {name: item for name, item in row.items() if name != "signature"}
    return key.signed("view:" + sha256(told), str(row.get("signature")))


def releases(rows: dict[str, list[dict[str, Any]]], entries: list[dict[str, Any]]) -> int:
    """Return how many releases there are, or raise `Broken` at one that the rules do not allow."""
    runs = {row["run"]: row for row in rows.get("runs", ())}
    made = {act["key"]: e for e in entries for act in e["content"].get("acts", ()) if act["table"] == "releases"}
    for release in rows.get("releases", ()):
        entry = made[canonical([release["release"]])]
        run = runs.get(release["run"])
        if run is None or run["list_hash"] != release["list_hash"]:
            raise Broken(entry["seq"], "it released another list than the one that was scored and audited")
        record, gate = json.loads(run["record"]), json.loads(run["gate"])
        reviews = [row for row in rows.get("reviews", ()) if row["run"] == release["run"]]
        allowed = {"pass": ("approve", 1), "insufficient": ("waive", 2)}.get(gate["verdict"])
        who = {row["reviewer"] for row in reviews if allowed and row["act"] == allowed[0]}
        lapsed = [each for each in gate.get("lapses", ()) if release["released_at"][:10] > each["on"]]
        barred = gate.get("blocks") or lapsed or not record["bundle"]["for_panel"]
        if allowed is None or len(who) < allowed[1] or barred:
            raise Broken(entry["seq"], "it released a list that the gate or its reviewers did not allow")
        trained = (e for e in entries[: entry["seq"]] if e["action"] == "bundle.audited")
        since = {e["actor"] for e in trained if e["subject"] == record["hashes"]["bundle"]}
        if who & {record["trained_by"], *record.get("trainers", ()), *since}:
            raise Broken(entry["seq"], "it was released by somebody who trained the bundle")
    return len(rows.get("releases", ()))


def verified(folder: Path, digits: str | None, against: str | None) -> dict[str, Any]:
    """Return what was found in an export."""
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        if about["format"] != FORMAT:
            raise Broken(None, f"this script reads format {FORMAT}, the export is of another")
        if digits and about["key"] != digits.lower():
            raise Broken(None, "the export names another key than the one given")
        key = Key(digits or about["key"])
        known = disowned(folder, key)
        entries = chain(folder, key, known)
        newest = f"{entries[-1]['seq']}:{entries[-1]['hash']}" if entries else f"0:{GENESIS}"
        if (about["entries"], about["head"]) != (len(entries), newest):
            raise Broken(None, "about.json names another head: entries at the end are missing, or were added")
        outside = heads(folder, entries, key, against, known)
        rows = acts(folder, entries, key, known)
        count = releases(rows, entries)
    except Broken as broken:
        return {"ok": False, "first_broken": broken.seq, "why": broken.why}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        return {"ok": False, "first_broken": None, "why": f"the export cannot be read ({type(problem).__name__})"}
    return {
        "ok": True,
        "first_broken": None,
        "why": "",
        "entries": len(entries),
        "head": newest,
        "key": about["key"],
        "heads": outside,
        "rows": {table: len(found) for table, found in sorted(rows.items())},
        "releases": count,
        "disowned": sum(
            len(e["content"].get("entries", ())) + len(e["content"].get("rows", ()))
            for e in entries
            if e["action"] == "ledger.disowned"
        ),
        "actions": dict(sorted(Counter(entry["action"] for entry in entries).items())),
    }


def main(arguments: list[str]) -> int:
    """Verify the export named on the command line."""
    parser = argparse.ArgumentParser(description="Verify an export of the ledger of drive-panel.")
    parser.add_argument("folder", type=Path, help="what `drive-panel ledger export` wrote")
    parser.add_argument("--key", metavar="HEX", help="the public key that you noted earlier")
    parser.add_argument("--against", metavar="HEAD", help="a head that you noted earlier, NUMBER:HASH")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args(arguments)
    found = verified(asked.folder, asked.key, asked.against)
    if asked.json:
        print(json.dumps(found))
    elif found["ok"]:
        print(f"Whole: {found['entries']} entries, {found['releases']} releases, {found['heads']} heads kept outside.")
        if found["disowned"]:
            print(f"Disowned: {found['disowned']} entries and rows; read the entries ledger.disowned.")
        print(f"Head {found['head']}")
        print(f"Key  {found['key']}" + ("" if asked.key else "  (as the export names it; compare it with your note)"))
    else:
        where = "" if found["first_broken"] is None else f" at entry {found['first_broken']}"
        print(f"BROKEN{where}: {found['why']}")
    return 0 if found["ok"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
