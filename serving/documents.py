"""The documents that are stored exactly as they were hashed: list headers, rows and cases.

A list's hash is taken over its header and its rows' hashes, so that an erased row can keep its hash and the
list still verifies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NotRequired, cast

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from serving.errors import RunRefused
from values import Hash, digest

Document = dict[str, Any]
SECTIONS = ("ranked", "held", "referred", "apart")
_IDENTIFYING = frozenset({"given_name", "family_name", "date_of_birth", "addresses", "postcode"})


class HashesDocument(TypedDict):
    """The hashes of what made a list."""

    bundle: str
    indicators: str
    cohort: str
    policy: str
    governance: str
    snapshot: str


class BundleFacts(TypedDict):
    """What ranked, and whether a panel may read it."""

    kind: str
    for_panel: bool


class LineBandDocument(TypedDict):
    """The places around the line between which the order is no finding, or why it is not known which those are."""

    from_place: NotRequired[int]
    to_place: NotRequired[int]
    beyond_list: NotRequired[bool]
    refits: NotRequired[int]
    why_not: NotRequired[str]


class HeaderDocument(TypedDict):
    """What a list is: its area, date, places and what made it."""

    area: str
    as_of: str
    places: int
    list_length: int
    hashes: HashesDocument
    bundle: BundleFacts
    synthetic: bool
    counts: dict[str, Any]
    notices: list[str]
    line_band: NotRequired[LineBandDocument]


class EventCited(TypedDict):
    """A record that a reason cites."""

    ref: str
    date: str | None


class Reason(TypedDict):
    """Why a person stands where they stand, in a sentence that cites records.

    `share` is its part of all that moves the person; `held_by` names the agencies whose records it rests on, where not
    everybody at a panel is shown them (`serving.redaction`).
    """

    text: str
    push: str
    group: str
    events: list[EventCited]
    more: int
    share: NotRequired[float]
    held_by: NotRequired[list[str]]


class Criterion(TypedDict):
    """A rule beside the score: met, not met or unknown; to some who read it, not shown."""

    name: str
    label: str
    state: Literal["met", "not met", "unknown", "not shown to you"]
    held_by: NotRequired[list[str]]


class HoldDocument(TypedDict):
    """What stops an acceptance, who owns it and until when."""

    kind: str
    why: str
    owner: str
    deadline: str
    kinds: NotRequired[list[str]]
    escalated: NotRequired[str]


class RowDocument(TypedDict):
    """One person on a list, by pseudonym."""

    section: Literal["ranked", "held", "referred", "apart"]
    place: int | None
    person: str
    band: str | None
    reasons: list[Reason]
    criteria: list[Criterion]
    incumbent_places: dict[str, int | None]
    hold: HoldDocument | None
    referral: dict[str, Any] | None
    missing: list[str]
    case: str
    above_line: bool
    tied: bool
    at_line: NotRequired[bool]
    links_waiting: NotRequired[int]
    note: NotRequired[str]
    held_by: NotRequired[dict[str, list[str]]]


class ProvisionalBound(TypedDict):
    """How far what is not known could move a person."""

    text: str
    depends_on: list[str]


class RecordSystem(TypedDict):
    """How many of a person's records come from one record system."""

    source: str
    records: NotRequired[int]
    held_by: NotRequired[list[str]]


class LeastSureLink(TypedDict):
    """What the least sure link between a person's records rests on; no probability where people's word stands."""

    how: Literal["model", "pnc", "clerical"]
    probability: float | None


class LinksDecided(TypedDict):
    """On how many pairs of records people decided, and when last; by whom is told nowhere."""

    pairs: int
    last: str


class LinkCertainty(TypedDict):
    """How sure it is that a person's records are one person's, as linkage left them when the list was made.

    Not `compared`: linkage did not look for other records of the person, and `waiting` is null. `linked_from` and
    `asked_from` are the match probabilities from which it links records without a person, and asks one. `records` is
    null where some of them are another agency's and not shown.
    """

    records: int | None
    sources: list[RecordSystem]
    compared: bool
    least_sure: LeastSureLink | None
    linked_from: float | None
    asked_from: float | None
    decided: LinksDecided | None
    waiting: int | None
    births_contradict: bool


class CaseDocument(TypedDict):
    """What the records show about one person, by pseudonym."""

    person: str
    facts: dict[str, Any]
    chronology: list[dict[str, Any]]
    criteria: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    contrast: list[Any]
    missing: list[Any]
    completeness: dict[str, Any]
    orders: list[dict[str, Any]]
    marac: list[dict[str, Any]]
    management: list[dict[str, Any]]
    safety: list[dict[str, Any]]
    needs: list[dict[str, Any]]
    provisional: NotRequired[ProvisionalBound | None]
    held_by: NotRequired[dict[str, list[str]]]
    link_certainty: NotRequired[LinkCertainty]


class LapseDocument(TypedDict):
    """Something that a release rests on, and the last day that it lasts."""

    what: str
    on: str


class GateDocument(TypedDict):
    """The gate's decision on a list."""

    verdict: Literal["pass", "refuse", "insufficient"]
    reasons: list[str]
    acknowledge: list[str]
    blocks: NotRequired[list[str]]
    lapses: NotRequired[list[LapseDocument]]


_HEADER, _ROWS, _CASE, _GATE = (
    TypeAdapter(HeaderDocument),
    TypeAdapter(list[RowDocument]),
    TypeAdapter(CaseDocument),
    TypeAdapter(GateDocument),
)


@dataclass(frozen=True)
class RunRecord:
    """Which run this is, who made it and with what.

    Parameters
    ----------
    run
        ``{as_of}-{area}-{first eight digits of the list hash}``; see `run_id`.
    capacity
        What the panel can take, as read from its settings (places, reserved, list_factor, disrupt_only).
    hashes
        The hashes of bundle, indicators, cohort, policy, governance and snapshot, as in the list's header.
    trained_by
        User who trained the bundle first; never a reviewer of its lists.
    trainers
        Further users who trained the same bundle; never reviewers of its lists either.
    """

    run: str
    area: str
    as_of: str
    capacity: Mapping[str, Any]
    hashes: Mapping[str, str]
    trained_by: str
    synthetic: bool
    created_by: str = "batch"
    trainers: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunDocuments:
    """Everything a run leaves to be reviewed and, once released, read."""

    header: Document
    rows: Sequence[Document]
    cases: Mapping[str, Document]
    identities: Mapping[str, Document]
    audit: Document
    gate: Document
    files: Mapping[str, Path] = field(default_factory=dict)


def list_hash(header: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Hash:
    """Return the hash of a list: its header and the hashes of its rows in order."""
    return hash_of_rows(header, [digest(dict(row)) for row in rows])


def hash_of_rows(header: Mapping[str, Any], row_hashes: Sequence[str]) -> Hash:
    """Return the hash of a list from its rows' hashes (an erased row has only its hash left)."""
    return digest({"header": dict(header), "rows": [str(item) for item in row_hashes]})


def run_id(header: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the name of a run, such as ``2026-03-31-castlebridge-1f0c9a3e``."""
    return f"{header['as_of']}-{header['area']}-{list_hash(header, rows)[:8]}"


def check_documents(record: RunRecord, documents: RunDocuments) -> None:
    """Refuse documents that are malformed, contradict each other or name people in the open.

    Raises
    ------
    RunRefused
        With the place of the first thing wrong, by position and never by content.
    """
    _check_shape("header", _HEADER, documents.header)
    _check_shape("rows", _ROWS, list(documents.rows))
    _check_shape("gate", _GATE, documents.gate)
    _check_same(record, documents.header)
    _check_people(documents)
    _check_order(documents.rows)
    _check_anonymous("header", documents.header)
    _check_anonymous("rows", list(documents.rows))
    for number, case in enumerate(documents.cases.values()):
        _check_shape(f"case {number}", _CASE, case)
        _check_anonymous(f"case {number}", case)
    expected = run_id(documents.header, documents.rows)
    if record.run != expected:
        raise RunRefused(f"The run is called {record.run} but its list makes it {expected}.", "Use `run_id`.")


def _check_shape(what: str, adapter: TypeAdapter[Any], document: Any) -> None:
    try:
        adapter.validate_python(document, strict=True)
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RunRefused(f"The {what} document is wrong at {where}: {first['msg']}.", "Correct it.") from None


def _check_same(record: RunRecord, header: Document) -> None:
    for name in ("area", "as_of", "synthetic"):
        if getattr(record, name) != header[name]:
            raise RunRefused(f"The run and its list's header differ in {name}.", "Record them from one source.")
    if dict(record.hashes) != header["hashes"]:
        raise RunRefused("The run and its list's header name different hashes.", "Record them from one source.")


def _check_people(documents: RunDocuments) -> None:
    people = [row["person"] for row in documents.rows]
    if len(set(people)) != len(people):
        raise RunRefused("A person is on the list twice.", "List each person once, in one section.")
    for number, row in enumerate(documents.rows):
        case = documents.cases.get(row["person"])
        if case is None or digest(case) != row["case"] or case["person"] != row["person"]:
            raise RunRefused(f"Row {number} has no case document with the hash it names.", "Rebuild the cases.")
    listed = set(people)
    if not set(documents.cases) <= listed or not set(documents.identities) <= listed:
        raise RunRefused("There is a case or identity of somebody who is not on the list.", "Leave it out.")


def _check_order(rows: Sequence[Document]) -> None:
    places = [row["place"] for row in rows if row["section"] == "ranked"]
    if any(place is None or place < 1 for place in places) or places != sorted(cast(list[int], places)):
        raise RunRefused("The ranked rows are not in the order of their places.", "Store the list as ranked.")
    order = [SECTIONS.index(row["section"]) for row in rows]
    if order != sorted(order):
        raise RunRefused("The list's sections are mixed.", f"Store them in the order {', '.join(SECTIONS)}.")


def _check_anonymous(what: str, document: Any) -> None:
    if isinstance(document, dict):
        named = _IDENTIFYING & document.keys()
        if named:
            raise RunRefused(f"The {what} document holds {sorted(named)[0]}.", "Keep it in the identity only.")
        for item in document.values():
            _check_anonymous(what, item)
    elif isinstance(document, list):
        for item in document:
            _check_anonymous(what, item)
